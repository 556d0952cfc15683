"""Templates of documents, such as a postmortem: a team writes them, facts fill them in, and facts are only ever text.

The language is that of runbooks with loops added: no calls, no arithmetic, a few filters. Whatever a fact says, it can
forge no heading, list, table, link, picture, mark, mention or HTML.
"""

import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot import documents
from bot.errors import BadConfig

SHIPPED = Path(__file__).resolve().parents[1] / "templates" / "postmortem.md.j2"
FILTERS = ("default", "first", "join", "last", "length", "link", "lower", "round", "title", "trim", "truncate", "upper")
TESTS = ("defined", "none", "number", "string")
LONGEST = 400_000  #: characters of a document that a template may make
LONGEST_VALUE = 3_000  #: characters of one fact
DEEPEST = 3  #: loops within loops
LARGEST_NUMBER = 10_000
UNKNOWN = "unknown"
_FAULTS = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, RecursionError)

_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.CondExpr, nodes.Name, nodes.Getattr),
    *(nodes.Getitem, nodes.Const, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand),
    *(nodes.And, nodes.Or, nodes.Not, nodes.For, nodes.Assign, nodes.Keyword),
)
_UNSEEN = re.compile(r"[\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_BLANKS = re.compile(r"[\x00-\x20\u2028\u2029]+")


class _Own(str):
    """Markdown of our own making, shown as it is."""

    __slots__ = ()


class _Facts:
    """Values reached by name and by nothing else, so that none can shadow or be shadowed by a method."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> object:
        return _held(self._values[name])

    def __bool__(self) -> bool:
        return bool(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True, slots=True)
class Made:
    """A document as a template made it; `fault` says why it is the shipped template's and not their own."""

    text: str
    fault: str = ""


def make(own: Path | None, facts: Mapping[str, Any]) -> Made:
    """Fill in the team's own template; where that cannot be done, the one that comes with Tocsin, with file and line.

    Never raises for what a team wrote: nothing waits for a template that is wrong. The shipped one is given the reason
    as `document.fault`.
    """
    fault = ""
    if own is not None:
        try:
            return Made(render(documents.text(own), str(own), facts))
        except BadConfig as error:
            fault = f"{error} The template that comes with Tocsin was used in its place."
    facts = {**facts, "document": {**facts["document"], "fault": fault}}
    return Made(render(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name, facts), fault)


def render(text: str, file: str, facts: Mapping[str, Any]) -> str:
    """The template filled in; BadConfig with file and line where it is wrong, or makes more than LONGEST characters."""
    for what, line in _static(text):
        raise BadConfig(what, "Mend the template; `tocsin check` tells when it is right.", file=file, line=line)
    parts, size = [], 0
    try:
        for part in _template(text).generate({name: _held(value) for name, value in facts.items()}):
            parts.append(part)
            size += len(part)
            if size > LONGEST:
                raise BadConfig(f"It makes over {LONGEST} characters.", "Show less of the lists.", file=file, line=1)
    except _FAULTS as error:
        what = f"The template fails: {_one_line(error)}."
        raise BadConfig(what, "Mend this line; see docs/postmortem.md.", file=file, line=_line(error)) from None
    return "".join(parts)


def faults(text: str, *samples: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """What is wrong with a template, filled in from each of `samples`, and in which of its lines, counted from 1."""
    for sample in samples:
        try:
            render(text, "", sample)
        except BadConfig as error:
            yield error.what, error.line
            return


def escaped(value: str) -> str:
    """A text on one line, so written that Markdown takes all of it for text."""
    plain = _BLANKS.sub(" ", _UNSEEN.sub("", value)).strip()
    plain = plain if len(plain) <= LONGEST_VALUE else f"{plain[: LONGEST_VALUE - 1]}…"
    said = re.sub(r"[\\`*\[\]|$]|<(?=[A-Za-z/!?@#])|~(?=\S)", r"\\\g<0>", plain)
    said = re.sub(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", r"\\_", said)
    said = re.sub(r"&(?=#?\w+;)", r"\\&", said)
    said = re.sub(r"(?<=-)>|^>", r"\\>", said)
    said = re.sub(r"(?<=[A-Za-z]):(?=//)", r"\\:", said)  # an address alone would become a link
    said = re.sub(r"\b(www)\.", r"\1\\.", said, flags=re.IGNORECASE)
    said = re.sub(r"(?<!\w)@(?=\w)", "@\u2060", said)  # nobody is called by it
    return re.sub(r"^(\d{0,9})([.)](?=\s|$)|[-+](?=[-+\s]|$)|[#=])", r"\1\\\2", said)


def shown(value: object) -> str:
    """A fact as it stands in the document."""
    if isinstance(value, _Own):
        return value
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    return escaped(str(value))


def _link(url: object, text: object = "") -> str:
    """`[text](url)` where it is an address of the web, else the text."""
    said = str(url or "")
    words = str(text or said)
    if not re.fullmatch(r"https?://[^\s<>\"\x00-\x1f]{1,2000}", said):
        return _Own(escaped(words))
    safe = said.replace("\\", "%5C").replace("|", "%7C").replace("`", "%60").replace("(", "%28").replace(")", "%29")
    return _Own(f"[{escaped(words)}](<{safe}>)")


_ENV = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, finalize=shown, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
)
_ENV.filters = {name: _ENV.filters[name] for name in FILTERS if name in _ENV.filters} | {"link": _link}
_template = lru_cache(maxsize=16)(_ENV.from_string)


def _held(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _Facts(value)
    if isinstance(value, list | tuple):
        return tuple(_held(one) for one in value)
    return value


def _static(text: str) -> Iterator[tuple[str, int]]:
    try:
        tree = _ENV.parse(text)
    except TemplateSyntaxError as error:
        yield f"The template is wrong: {error.message}", error.lineno
        return
    yield from _refused(tree, 0)


def _refused(node: nodes.Node, depth: int) -> Iterator[tuple[str, int]]:
    if not isinstance(node, _ALLOWED):
        yield f"A template here has no {type(node).__name__.lower()}.", node.lineno
    elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
        yield f"There is no filter '{node.name}' here, only {', '.join(FILTERS)}.", node.lineno
    elif isinstance(node, nodes.Test) and node.name not in TESTS:
        yield f"There is no test '{node.name}' here, only {', '.join(TESTS)}.", node.lineno
    elif isinstance(node, nodes.Const) and _large(node.value):
        yield f"Numbers here end at {LARGEST_NUMBER}.", node.lineno
    depth += isinstance(node, nodes.For)
    if isinstance(node, nodes.For) and (node.recursive or depth > DEEPEST):
        yield f"Loops here are {DEEPEST} deep at most.", node.lineno
    for child in node.iter_child_nodes():
        yield from _refused(child, depth)


def _large(value: object) -> bool:
    return isinstance(value, int | float) and not abs(value) <= LARGEST_NUMBER


def _line(error: Exception) -> int:
    """The line of the template in which it failed."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == "<template>"), 1)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")[:300] or type(error).__name__
