"""The small checks that the tables of `validate` are written in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

Surface = Literal["message", "modal", "home"]
_NUMERAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,8})?")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing Slack would refuse: where (a JSON pointer into the payload) and which rule it breaks."""

    pointer: str
    rule: str


@dataclass
class Walk:
    """What one reading of a payload has seen so far; `no` notes a fault and the reading goes on."""

    surface: Surface
    faults: list[Fault] = field(default_factory=list)
    characters: int = 0
    markdown: int = 0
    tables: int = 0
    focused: int = 0
    inputs: int = 0
    block_ids: set[str] = field(default_factory=set)
    action_ids: set[str] = field(default_factory=set)  # of the block being read

    def no(self, pointer: str, rule: str) -> None:
        """Notes that the payload breaks `rule` at `pointer`."""
        self.faults.append(Fault(pointer, rule))


Check = Callable[[Walk, object, str], None]
Table = Mapping[str, Check]
Cross = Callable[[Walk, Mapping[str, object], str], None]


def string(most: int, *, least: int = 1, counted: bool = False) -> Check:
    """A string of `least` to `most` characters; `counted` ones are part of the cumulative text budget."""

    def check(walk: Walk, value: object, at: str) -> None:
        if not isinstance(value, str):
            walk.no(at, "must be a string")
        elif not whole(value):
            walk.no(at, "must not hold half a character")
        elif len(value) < least:
            walk.no(at, "must not be empty")
        elif len(value) > most:
            walk.no(at, f"at most {most} characters")
        if counted and isinstance(value, str):
            walk.characters += len(value)

    return check


def whole(text: str) -> bool:
    """Whether the text can be sent at all: a surrogate that stands alone cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def match(pattern: str, what: str, most: int = 3000) -> Check:
    """A string that fits `pattern` as a whole; `what` says it in words."""
    compiled = re.compile(pattern)

    def check(walk: Walk, value: object, at: str) -> None:
        if not isinstance(value, str) or not compiled.fullmatch(value) or not whole(value):
            walk.no(at, f"must be {what}")
        elif len(value) > most:
            walk.no(at, f"at most {most} characters")

    return check


def choice(*choices: str) -> Check:
    """One of these words."""

    def check(walk: Walk, value: object, at: str) -> None:
        if value not in choices:
            walk.no(at, f"must be one of {', '.join(choices)}")

    return check


def number(low: int, high: int) -> Check:
    """A whole number in a range."""

    def check(walk: Walk, value: object, at: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            walk.no(at, "must be a whole number")
        elif not low <= value <= high:
            walk.no(at, f"must be between {low} and {high}")

    return check


def flag(walk: Walk, value: object, at: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        walk.no(at, "must be true or false")


def focus(walk: Walk, value: object, at: str) -> None:
    """True or false, and true only once in a payload."""
    flag(walk, value, at)
    walk.focused += value is True
    if walk.focused == 2:
        walk.no(at, "only one element may have focus_on_load")


def action_id(walk: Walk, value: object, at: str) -> None:
    """An action_id, unique within its block."""
    string(255)(walk, value, at)
    if isinstance(value, str):
        if value in walk.action_ids:
            walk.no(at, "duplicate action_id in one block")
        walk.action_ids.add(value)


def block_id(walk: Walk, value: object, at: str) -> None:
    """A block_id, unique within the payload."""
    string(255)(walk, value, at)
    if isinstance(value, str):
        if value in walk.block_ids:
            walk.no(at, "duplicate block_id")
        walk.block_ids.add(value)


def each(check: Check, most: int, least: int = 1) -> Check:
    """A list of `least` to `most` items, each judged by `check`."""

    def checks(walk: Walk, value: object, at: str) -> None:
        if not isinstance(value, list):
            walk.no(at, "must be a list")
            return
        if len(value) < least:
            walk.no(at, f"at least {least} items")
        if len(value) > most:
            walk.no(at, f"at most {most} items")
        for place, item in enumerate(value):
            check(walk, item, f"{at}/{place}")

    return checks


def text(most: int, *, plain: bool = False, least: int = 1) -> Check:
    """A text object; `plain` where Slack takes no formatting."""
    length = string(most, least=least, counted=True)
    kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")

    def check(walk: Walk, value: object, at: str) -> None:
        if not isinstance(value, Mapping):
            walk.no(at, "must be a text object")
            return
        kind = value.get("type")
        if kind not in kinds:
            walk.no(f"{at}/type", "must be plain_text" if plain else "must be plain_text or mrkdwn")
            return
        extra = "emoji" if kind == "plain_text" else "verbatim"
        for key in value:
            if key not in ("type", "text", extra):
                walk.no(f"{at}/{key}", "unknown key")
        if extra in value:
            flag(walk, value[extra], f"{at}/{extra}")
        length(walk, value.get("text"), f"{at}/text")

    return check


@dataclass(frozen=True)
class Shape:
    """What an object may hold: keys that must be there, keys that may, and a rule across them."""

    must: Table = field(default_factory=dict)
    may: Table = field(default_factory=dict)
    cross: Cross | None = None
    typed: bool = False  # whether "type" is one of its keys (the caller has read it already)

    def __call__(self, walk: Walk, value: object, at: str) -> None:
        if not isinstance(value, Mapping):
            walk.no(at, "must be an object")
            return
        for key in self.must:
            if key not in value:
                walk.no(f"{at}/{key}", "required")
        for key, item in value.items():
            check = self.must.get(key) or self.may.get(key)
            if check is not None:
                check(walk, item, f"{at}/{key}")
            elif not (self.typed and key == "type"):
                walk.no(f"{at}/{key}", "unknown key")
        if self.cross:
            self.cross(walk, value, at)


def kind_of(walk: Walk, value: object, at: str, known: Mapping[str, object], noun: str) -> str | None:
    """The `type` of an object when it is a known one; otherwise the fault is noted and None comes back."""
    if not isinstance(value, Mapping):
        walk.no(at, "must be an object")
        return None
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in known:
        walk.no(f"{at}/type", f"unknown {noun} type" if "type" in value else "required")
        return None
    return kind


def one_of(*keys: str) -> Cross:
    """Exactly one of these keys stands in the object."""

    def cross(walk: Walk, value: Mapping[str, object], at: str) -> None:
        if sum(key in value for key in keys) != 1:
            walk.no(at, f"exactly one of {', '.join(keys)}")

    return cross


def low_high(low: str, high: str) -> Cross:
    """The number under `low`, written as one or as a numeral, is not above the one under `high`."""

    def cross(walk: Walk, value: Mapping[str, object], at: str) -> None:
        least, most = _real(value.get(low)), _real(value.get(high))
        if least is not None and most is not None and least > most:
            walk.no(at, f"{low} is above {high}")

    return cross


def _real(value: object) -> Decimal | None:
    written = str(value) if isinstance(value, int) else value
    return Decimal(written) if isinstance(written, str) and _NUMERAL.fullmatch(written) else None


def day(walk: Walk, value: object, at: str) -> None:
    """A day of the calendar as YYYY-MM-DD."""
    try:
        good = isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        good = False
    if not good:
        walk.no(at, "must be a day as YYYY-MM-DD")


def element(may: Table, must: Table | None = None, cross: Cross | None = None) -> Shape:
    """An object whose `type` has been read already: the keys that may stand in it and those that must."""
    return Shape(must=must or {}, may=may, cross=cross, typed=True)


def items(value: object) -> list[object]:
    """The value when it is a list, otherwise an empty list: for rules that look across what the checks have judged."""
    return value if isinstance(value, list) else []


#: a number written as a string
NUMERAL = match(_NUMERAL.pattern, "a number in quotes", 40)
LINK = match(r"(https?|slack|tel)://\S+|mailto:\S+", "a link")
IDS = match(r"[A-Z][A-Z0-9]{2,}", "an id of Slack", 255)
