"""Takes metric, comparison and threshold out of the rule that a generatorURL carries."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`')
_BRACES = re.compile(r"\{[^{}]*\}")
_RANGE = re.compile(r"\[([0-9a-z]+)[^\[\]]*\]")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)")
_SET = re.compile(r"\b(?:and|or|unless)\b")
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_AFTER = re.compile(rf"(.+?)\s*(>=|<=|==|!=|>|<)\s*(?:bool\b\s*)?({_NUMBER})")
_BEFORE = re.compile(rf"({_NUMBER})\s*(>=|<=|==|!=|>|<)\s*(?:bool\b\s*)?(.+)")
_NAME = re.compile(r"(?<![0-9A-Za-z_:.])[A-Za-z_:][0-9A-Za-z_:]*(?!\s*\(|[0-9A-Za-z_:])")
_MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}
_NO_METRIC = {"offset", "bool", "inf", "nan", "by", "without"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What one comparison asks: `metric op threshold`; None for what the rule does not say plainly."""

    metric: str | None = None
    op: str | None = None
    threshold: float | None = None
    window: str | None = None


@lru_cache(1024)
def of(generator: str) -> Rule:
    """The rule in `g0.expr` of a generatorURL, as far as it is one metric compared with one number.

    Answers are kept: hand it short texts only.
    """
    if "g0.expr=" not in generator:
        return Rule()
    try:
        asked = parse_qs(urlsplit(generator).query, max_num_fields=50).get("g0.expr", [""])[0]
    except ValueError:
        return Rule()
    return read(asked)


def read(expression: str) -> Rule:
    """The rule of a PromQL text; an `and` adds a condition to the first comparison, an `or` makes it unclear."""
    plain = _BRACES.sub("", _QUOTED.sub("", expression))
    windows = set(_RANGE.findall(plain))
    plain = _GROUPING.sub("", _RANGE.sub("", plain))
    joints = _SET.findall(plain)
    if "or" in joints:
        return Rule()
    plain = _bare(_SET.split(plain)[0])
    if match := _AFTER.fullmatch(plain):
        left, op, bound = match[1], match[2], match[3]
    elif match := _BEFORE.fullmatch(plain):
        left, op, bound = match[3], _MIRRORED[match[2]], match[1]
    else:
        return Rule()
    if any(sign in left for sign in "<>=!"):
        return Rule()
    metrics = {name for name in _NAME.findall(left) if name.lower() not in _NO_METRIC}
    window = windows.pop() if len(windows) == 1 else None
    return Rule(metrics.pop() if len(metrics) == 1 else None, op, float(bound), window)


def _bare(text: str) -> str:
    """The text without the parentheses, ten at most, around all of it."""
    for _ in range(10):
        text = text.strip()
        if not (text.startswith("(") and text.endswith(")") and _closes_last(text)):
            break
        text = text[1:-1]
    return text.strip()


def _closes_last(text: str) -> bool:
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place == len(text) - 1
    return False
