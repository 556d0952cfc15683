"""Reads YAML and checks its form, so that every complaint has a file, a line and a cure (the home of ruamel.yaml)."""

import difflib
import io
import re
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from bot.errors import BadConfig, BadInput

LARGEST = 1_048_576  #: bytes of one file
MOST_NODES = 100_000  #: values of one file once every alias is written out
DEEPEST = 50  #: levels of nesting
PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp", "merge")}

Path_ = tuple[str | int, ...]


class BadConfigs(BadConfig):
    """Everything that is wrong, at once: one line for each of its `complaints`."""

    def __init__(self, complaints: Iterable[BadConfig]) -> None:
        """`complaints` are kept in the order they were found in."""
        self.complaints = tuple(complaints)
        super().__init__("\n".join(str(complaint) for complaint in self.complaints))


@dataclass(frozen=True)
class Document:
    """Plain data and where each value of it stands."""

    file: str
    data: Any = field(repr=False)
    lines: Mapping[Path_, int] = field(default_factory=dict, repr=False)

    def line(self, *path: str | int) -> int:
        """The line, counted from 1, of the value at `path`, or of what is nearest above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def wrong(self, what: str, do: str, *path: str | int) -> BadConfig:
        """A complaint about the value at `path`."""
        return BadConfig(what, do, file=self.file, line=self.line(*path))


def each(error: BadConfig) -> tuple[BadConfig, ...]:
    """The single complaints an error holds."""
    return error.complaints if isinstance(error, BadConfigs) else (error,)


def read(path: Path) -> Document:
    """The YAML of a file; BadConfig when it cannot be read, is too large, or is not plain YAML with unique keys."""
    return parse(text(path), str(path))


def text(path: Path) -> str:
    """The text of a file of the operator; BadConfig when there is none, or it is too large or not UTF-8."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise BadConfig(f"The file is over {LARGEST} bytes.", "Split it, or see what got into it.", file=path)
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise BadConfig("There is no such file.", "`tocsin init` writes one.", file=path) from None
    except OSError as error:
        raise BadConfig(f"The file cannot be read: {error.strerror}.", "Check its rights.", file=path) from None
    except UnicodeDecodeError as error:
        raise BadConfig(f"Byte {error.start} is not UTF-8.", "Save the file as UTF-8.", file=path) from None


def parse(yaml: str, file: str, first_line: int = 1) -> Document:
    """The YAML of a text whose first line is line `first_line` of `file`; BadConfig or BadConfigs as for `read`."""
    reader = YAML(typ="safe", pure=True)
    try:
        root = reader.compose(_flow_quoted(yaml))
        walk = _Walk(file, first_line, reader.constructor.construct_object)
        data = walk.plain(root, (), 1) if root is not None else {}
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = f"This is not YAML: {(error.problem or error.context or '').removeprefix('but ')}."
        do = "Indent with spaces, never with tabs." if "\\t" in what else "Check the indents, quotes and brackets here."
        raise BadConfig(what, do, file=file, line=first_line + (mark.line if mark else 0)) from None
    except ReaderError as error:
        line = first_line + yaml.count("\n", 0, error.position)
        raise BadConfig("A control character stands here.", "Remove it.", file=file, line=line) from None
    except (YAMLError, RecursionError):
        raise BadConfig("This is no readable YAML.", "Nest it less deeply.", file=file, line=first_line) from None
    if walk.complaints:
        raise walk.complaints[0] if len(walk.complaints) == 1 else BadConfigs(walk.complaints)
    return Document(file, data, walk.lines)


_BARE = re.compile(
    r"""
    "(?:[^"\\\n]|\\.)*" | '[^'\n]*' | (?<!\S)\#.*   # quoted text and comments stay as they are
    | (?P<lead>[:,\[][ \t]+ | \[) (?P<value>\$\{[^}'"\n]*\} (?: \$\{[^}'"\n]*\} | [^\s,\[\]{}'"#] )*)
    """,
    re.VERBOSE,
)
_NAMES = re.compile(r"\$\{[^}\n]*\}")


def _flow_quoted(yaml: str) -> str:
    """The text with quotes around a bare `${NAME}` between flow brackets, whose brace YAML would take for its own."""
    lines = yaml.split("\n")
    for number, line in enumerate(lines):
        if "${" in line and re.search(r"[{\[]", _NAMES.sub("", line)):
            lines[number] = _BARE.sub(lambda m: f"{m['lead']}'{m['value']}'" if m["value"] else m[0], line)
    return "\n".join(lines)


def head(markdown: str, file: str) -> tuple[Document, str]:
    """The YAML head between two lines of `---`, and the body below it; BadConfig when there is no head."""
    found = re.match(r"---[ \t]*\n(.*?)(?:^|\n)---[ \t]*(?:\n|\Z)", markdown, re.DOTALL | re.MULTILINE)
    if not found:
        do = "Begin the file with a line of `---`, the keys, and another line of `---`."
        raise BadConfig("There is no YAML head.", do, file=file, line=1)
    return parse(found[1], file, 2), markdown[found.end() :]


def write(data: Mapping[str, Any]) -> str:
    """Plain data as YAML that `parse` reads back: the innermost lists and mappings on a line of their own."""
    writer: Any = YAML(typ="safe", pure=True)  # its own types know less than it does
    writer.default_flow_style, writer.width, writer.allow_unicode = None, 120, True
    writer.sort_base_mapping_type_on_output = False
    made = io.StringIO()
    writer.dump(dict(data), made)
    return made.getvalue()


class _Walk:
    """Turns nodes into plain data and remembers the lines; aliases are written out, up to a limit."""

    def __init__(self, file: str, first_line: int, construct: Callable[[Node], Any]) -> None:
        self.file, self.first_line, self.construct = file, first_line, construct
        self.lines: dict[Path_, int] = {}
        self.complaints: list[BadConfig] = []
        self.nodes = 0

    def plain(self, node: Node, path: Path_, depth: int) -> Any:
        self.nodes += 1
        self.lines.setdefault(path, self.line(node))
        if self.nodes > MOST_NODES or depth > DEEPEST:
            what = f"There are more than {MOST_NODES} values or {DEEPEST} levels here."
            raise self.wrong(what, "Write it without aliases of aliases.", node)
        if isinstance(node, MappingNode):
            return self.mapping(node, path, depth)
        if isinstance(node, SequenceNode):
            return [self.plain(item, (*path, index), depth + 1) for index, item in enumerate(node.value)]
        return self.scalar(node)

    def mapping(self, node: MappingNode, path: Path_, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                raise self.wrong("A key must be one word.", "Put the list or mapping behind a key.", key_node)
            key = key_node.value
            if key in found:
                first = self.lines[(*path, key)]
                self.complaints.append(
                    self.wrong(f"The key '{key}' stands in line {first} already.", "Keep one of the two.", key_node)
                )
                continue
            self.lines[(*path, key)] = self.line(key_node)
            found[key] = self.plain(value_node, (*path, key), depth + 1)
        return found

    def scalar(self, node: Node) -> Any:
        tag = str(node.tag)
        if tag not in PLAIN:
            raise self.wrong(f"The tag {tag.rpartition(':')[2]} is not read here.", "Write a plain value.", node)
        if tag.endswith(":merge"):
            return node.value
        try:
            return self.construct(node)
        except ValueError:
            kind = tag.rpartition(":")[2]
            raise self.wrong(f"This is no {kind}.", "Quote it if it is meant as text.", node) from None

    def line(self, node: Node) -> int:
        return int(node.start_mark.line) + self.first_line

    def wrong(self, what: str, do: str, node: Node) -> BadConfig:
        return BadConfig(what, do, file=self.file, line=self.line(node))


class Form(BaseModel):
    """The shape of a piece of configuration: unknown keys and values of another type are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Wrong(ValueError):
    """What a validator of a form raises; `what` reads on from the key, as in "`start` " + "is no time."."""

    def __init__(self, what: str, do: str = "") -> None:
        """Neither shows the value, which may be a secret."""
        super().__init__(what)
        self.what, self.do = what, do


F = TypeVar("F", bound=BaseModel)


def fit(form: type[F], value: Any, document: Document, *path: str | int) -> tuple[F | None, list[BadConfig]]:
    """`value`, which stands at `path`, as a `form`; or None and every complaint about it, which never shows a value."""
    try:
        return form.model_validate(value), []
    except ValidationError as error:
        return None, [_complaint(form, detail, document, path) for detail in error.errors(include_url=False)]


def _complaint(form: type[BaseModel], detail: Mapping[str, Any], document: Document, path: Path_) -> BadConfig:
    loc = tuple(part for part in detail["loc"] if part != "[key]")
    where, last = (*path, *loc), str(loc[-1]) if loc else ""
    kind, ctx = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        known = _keys(form, loc[:-1])
        do = closest(last, known) or f"Known here: {', '.join(known)}."
        return document.wrong(f"There is no setting `{dotted(where)}`.", do, *where)
    if kind == "missing":
        return document.wrong(f"`{dotted(where)}` is missing.", "Add it.", *where)
    if isinstance(error := ctx.get("error"), Wrong):
        return document.wrong(f"`{dotted(where)}` {error.what}", error.do, *where)
    what = re.sub(r"^Input should be", "must be", detail["msg"]).removesuffix(".")
    choices = re.findall(r"'([^']*)'", str(ctx.get("expected", "")))
    do = closest(detail["input"], choices) if isinstance(detail["input"], str) else ""
    return document.wrong(f"`{dotted(where)}` {what}.", do, *where)


def dotted(path: Sequence[str | int]) -> str:
    """How people write a path: people[2].notify.high."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def closest(word: str, choices: Iterable[str]) -> str:
    """The question whether one of `choices` was meant, or nothing when none looks like `word`."""
    lower = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=0.6)
    return f"Did you mean '{lower[near[0]]}'?" if near else ""


def _keys(form: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """The keys of the form at `loc` below `form`."""
    here: Any = form
    for part in loc:
        inner = next(_forms(here), None)
        if inner is None:
            return []
        fields = {info.alias or name: info.annotation for name, info in inner.model_fields.items()}
        # an index or the key of a mapping stays with the form that is the item
        here = fields.get(str(part), here)
    inner = next(_forms(here), None)
    return [info.alias or name for name, info in inner.model_fields.items()] if inner else []


def _forms(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        if issubclass(annotation, BaseModel):
            yield annotation
        return
    for inner in typing.get_args(annotation):
        yield from _forms(inner)


UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_LENGTH = re.compile(r"(\d{1,6}) ?(weeks?|w|days?|d|hours?|h|minutes?|min|m|seconds?|sec|s)(?![a-z])(?:,? and |,? )?")


def duration(words: str) -> timedelta:
    """How long `45s`, `10m`, `1h30m`, `2 hours` or `1 week` is; BadInput for anything else."""
    position, last, seconds = 0, 10_000_000, 0
    while position < len(words):
        found = _LENGTH.match(words, position)
        unit = UNITS[found[2][0]] if found else 0
        if not found or unit >= last:
            break
        seconds += int(found[1]) * unit
        position, last = found.end(), unit
    if not words or position < len(words) or words[-1] in " ,":
        raise BadInput("is no length of time.", "Write 45s, 10m, 1h30m, 2 hours or 1 week.")
    return timedelta(seconds=seconds)


def written(length: timedelta) -> str:
    """The length as `duration` reads it: 45s, 10m, 1h30m, 1w; parts of a second are left out."""
    rest, parts = int(length.total_seconds()), []
    for unit, seconds in UNITS.items():
        count, rest = divmod(rest, seconds)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def _wait(value: Any) -> timedelta:
    if not isinstance(value, str):
        raise Wrong("needs a unit.", "Write 45s, 10m, 1h30m, 2 hours or 1 week.")
    try:
        return duration(value.strip())
    except BadInput as error:
        raise Wrong(error.what, error.do) from None


def _never(value: Any) -> Any:
    return "0s" if value in ("off", False, 0) else value


def _duration(value: Any) -> timedelta:
    length = _wait(value)
    if not length:
        raise Wrong("must be longer than nothing.", "Write 45s, 10m, 1h30m, 2 hours or 1 week.")
    return length


Duration = Annotated[timedelta, BeforeValidator(_duration)]  #: longer than nothing
Wait = Annotated[timedelta, BeforeValidator(_wait)]  #: nothing included, as 0s
Pause = Annotated[Wait, BeforeValidator(_never)]  #: nothing is never, and may be written as off
