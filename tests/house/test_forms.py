"""The forms of the house: short files and functions, honest names, one clock, few broad excepts, promises kept."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import source

FILE_LINES, FUNCTION_LINES, ARGUMENTS = 400, 60, 6
CLOCK = "bot/clock.py"

# The only places that may catch everything, and why. An except that ends in a bare `raise` needs no place here.
BROAD: dict[str, str] = {
    "bot/contract/guard.py": "around every call to a plugin",
    "bot/registry/found.py": "around the import of a plugin",
    "bot/registry/linking.py": "around the building of a plugin's parts",
    "bot/store/database.py": "one work's failure belongs to whoever asked for it, not to the works committed with it",
    "bot/engine/gathered.py": "one question's failure belongs to whoever asked it, not to those answered with it",
    "bot/engine/work.py": "a door: a handler that fails in any way leaves the worker and the other jobs alone",
    "bot/engine/inbox.py": "a door: a sender never waits for ever, and a plugin's bug becomes a dead letter",
    "bot/app.py": "the last door: one part that fails to close does not keep the others open",
    "bot/slack/gate.py": "a door: Slack gets an answer it understands, the log has the trace",
    "bot/slack/runner.py": "a door: the listener of one event may not end the connection",
    "bot/web/pages.py": "a door, and a plugin behind it: a channel is asked to say it again",
    "bot/web/alertmanager.py": "a door: amtool and its like get an answer they can show",
    "bot/web/calendars.py": "a door: a calendar gets an answer, and the key stays out of the log",
    "bot/web/heartbeats.py": "a door: as the one below",
    "bot/web/counters.py": "a door: as the one below, at the vendors' own addresses",
    "bot/web/door.py": "a door: what nobody foresaw becomes an answer and a log line, never a stack on the wire",
}

VAGUE = {"util", "utils", "helper", "helpers", "manager", "managers", "service", "services", "misc", "common"}
VAGUE_CLASS = re.compile(r"(?:^|(?<=[a-z0-9]))(?:Utils?|Helpers?|Managers?|Services?)$")
CLOCKS = {
    *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
    "datetime.date.today",
    *(f"time.{name}{unit}" for name in ("time", "monotonic", "perf_counter") for unit in ("", "_ns")),
}
CATCH_ALL = {"Exception", "BaseException"}
# A class that only has these above it inherits no promises for its methods.
BARE_BASES = {"Protocol", "ABC", "Generic", "Enum", "StrEnum", "IntEnum", "NamedTuple", "TypedDict", "BaseModel"}


def functions(module: source.Module) -> Iterator[tuple[str, source.Function]]:
    """Every function of a module, nested ones and methods too, with its dotted name."""

    def below(node: ast.AST, name: str) -> Iterator[tuple[str, source.Function]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, source.Function):
                yield f"{name}.{child.name}", child
            named = isinstance(child, source.Function | ast.ClassDef)
            yield from below(child, f"{name}.{child.name}" if named else name)

    yield from below(module.tree, module.name)


def too_long(root: Path) -> list[str]:
    """Files and functions over their length."""
    found = []
    for module in source.modules(root, source.EVERYTHING):
        lines = len(module.text.splitlines())
        if lines > FILE_LINES:
            found.append(f"{module.path} has {lines} lines; {FILE_LINES} are enough for one concept.")
        for name, function in functions(module):
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > FUNCTION_LINES and source.MIGRATIONS not in module.path:
                found.append(f"{module.path}:{function.lineno} {name} has {lines} lines; {FUNCTION_LINES} are enough.")
    return found


def too_many_arguments(root: Path) -> list[str]:
    """Functions of ours with more arguments than a reader holds; self, cls and a command's options do not count."""
    found = []
    for module in source.modules(root):
        for name, function in functions(module):
            given = function.args
            names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
            count = len([n for n in names if n not in ("self", "cls")])
            if count > ARGUMENTS and not is_command(function):
                found.append(f"{module.path}:{function.lineno} {name} takes {count} arguments; {ARGUMENTS} are enough.")
    return found


def is_command(function: source.Function) -> bool:
    """True where the arguments are a command's options: what a person types, not what a caller passes."""
    calls = [d.func if isinstance(d, ast.Call) else d for d in function.decorator_list]
    return any(isinstance(call, ast.Attribute) and call.attr in ("command", "callback") for call in calls)


def vague_names(root: Path) -> list[str]:
    """Modules and classes named after nothing."""
    found = []
    for module in source.modules(root, source.EVERYTHING):
        words = {word for part in module.name.split(".") for word in part.split("_")}
        if words & VAGUE:
            found.append(f"{module.path}: {', '.join(sorted(words & VAGUE))} says nothing; name the concept.")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and VAGUE_CLASS.search(node.name):
                found.append(f"{module.path}:{node.lineno} {node.name} says nothing; name the concept.")
    return found


def clocks_read(root: Path) -> list[str]:
    """Readings of the system clock outside its one reader, named without being called too (as a default factory)."""
    found = []
    for module in source.modules(root):
        if module.path == CLOCK:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute | ast.Name) and (name := module.dotted(node)) in CLOCKS:
                found.append(
                    f"{module.path}:{node.lineno} reads {name}; time is an argument, and bot.clock alone reads it."
                )
    return found


def broad_excepts(root: Path) -> list[tuple[str, int]]:
    """The path and line of every handler that catches everything and lets it go no further."""
    found = []
    for module in source.modules(root):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ExceptHandler) and catches_all(node.type) and not passes_on(node):
                found.append((module.path, node.lineno))
            if isinstance(node, ast.Call) and module.dotted(node.func) == "contextlib.suppress":
                found += [(module.path, node.lineno) for argument in node.args if catches_all(argument)]
    return found


def catches_all(caught: ast.expr | None) -> bool:
    """True for a bare except, Exception, BaseException, or a tuple with one of them."""
    if caught is None:
        return True
    each = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(isinstance(one, ast.Name) and one.id in CATCH_ALL for one in each)


def passes_on(handler: ast.ExceptHandler) -> bool:
    """True where the handler tidies up and raises the very same error again."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def unpromised(root: Path) -> list[str]:
    """Public modules, classes and functions of ours without a docstring, and any module at all without one."""
    found = []
    for module in source.modules(root, source.EVERYTHING):
        if module.text.strip() and not ast.get_docstring(module.tree):
            found.append(f"{module.path}: the first line of a module says what it is.")
        if module.path.split("/")[0] in source.OURS:
            found += [
                f"{module.path}:{line} {name} promises nothing: give it a docstring." for name, line in bare(module)
            ]
    return found


def bare(module: source.Module) -> Iterator[tuple[str, int]]:
    """The public names of a module that lack a docstring; a method of a subclass inherits its promise."""
    for node in module.tree.body:
        if isinstance(node, source.Function | ast.ClassDef) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                yield node.name, node.lineno
            if isinstance(node, ast.ClassDef) and not inherits(module, node):
                yield from (
                    (f"{node.name}.{method.name}", method.lineno)
                    for method in node.body
                    if isinstance(method, source.Function)
                    and not method.name.startswith("_")
                    and not ast.get_docstring(method)
                )


def inherits(module: source.Module, node: ast.ClassDef) -> bool:
    """True where a class has a base that may carry the promises of its methods."""
    bases = [base.value if isinstance(base, ast.Subscript) else base for base in node.bases]
    return any((module.dotted(base) or "").rpartition(".")[2] not in BARE_BASES for base in bases)


def unfinished(root: Path) -> list[str]:
    """Marks of work left for later in our own code."""
    marks = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|HA" + r"CK)\b")
    found = []
    for module in source.modules(root, source.EVERYTHING):
        found += [
            f"{module.path}:{number} leaves work for later; do it, or say it in an issue."
            for number, line in enumerate(module.text.splitlines(), 1)
            if marks.search(line)
        ]
        if module.path.split("/")[0] in source.OURS:
            found += [
                f"{module.path}:{node.lineno} raises NotImplementedError; build it, or leave it out."
                for node in ast.walk(module.tree)
                if isinstance(node, ast.Name) and node.id == "NotImplementedError"
            ]
    return found


RULES = [too_long, too_many_arguments, vague_names, clocks_read, unpromised, unfinished]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_its_forms(rule) -> None:
    found = rule(source.ROOT)
    assert not found, "\n".join(found)


def test_broad_excepts_stand_only_where_they_have_a_reason() -> None:
    away = [f"{path}:{line} catches everything" for path, line in broad_excepts(source.ROOT) if path not in BROAD]
    assert away == [], (
        "Catch what you expect; only a call to a plugin and a door catch everything (BROAD, with the reason)."
    )


def test_no_place_for_a_broad_except_is_kept_unused() -> None:
    used = {path for path, _ in broad_excepts(source.ROOT)}
    assert [path for path in BROAD if (source.ROOT / path).exists() and path not in used] == []


LONG = "def f():\n" + "    x = 1\n" * 60
BITES = [
    (too_long, "x = 1\n" * 401, "bot/a.py has 401 lines"),
    (too_long, LONG, "bot/a.py:1 bot.a.f has 61 lines"),
    (too_many_arguments, "class A:\n    def f(self, a, b, c, *, d, e, f, g): ...\n", "bot.a.A.f takes 7 arguments"),
    (vague_names, "class PageManager: ...\n", "PageManager says nothing"),
    (vague_names, "class Service: ...\n", "Service says nothing"),
    (clocks_read, "import datetime as dt\nx = dt.datetime.now(dt.UTC)\n", "reads datetime.datetime.now"),
    (clocks_read, "from datetime import datetime\nf(factory=datetime.utcnow)\n", "reads datetime.datetime.utcnow"),
    (clocks_read, "from time import monotonic as m\nx = m()\n", "reads time.monotonic"),
    (clocks_read, "def f():\n    import time\n    return time.time_ns()\n", "reads time.time_ns"),
    (unpromised, "x = 1\n", "bot/a.py: the first line"),
    (unpromised, '"""A."""\ndef f(): ...\n', "f promises nothing"),
    (unpromised, '"""A."""\nclass A:\n    """A."""\n    async def f(self): ...\n', "A.f promises nothing"),
    (unfinished, "x = 1  # TO" + "DO later\n", "leaves work for later"),
    (unfinished, "def f():\n    raise NotImplementedError\n", "raises NotImplementedError"),
]


@pytest.mark.parametrize(("rule", "text", "complaint"), BITES)
def test_a_form_that_is_not_kept_is_named(tmp_path: Path, rule, text: str, complaint: str) -> None:
    found = rule(source.plant(tmp_path, {"bot/a.py": text}))
    assert len(found) == 1
    assert complaint in found[0]


GOOD = '''"""A."""
import datetime
from enum import StrEnum
from typing import Protocol


class Alertmanager(Protocol):
    """A source."""

    def parse(self, a, b, c, d, e, f):
        """Reads a delivery."""


class Ours(Alertmanager):
    """Ours."""

    def parse(self, a, b, c, d, e, f): ...
    def _own(self): ...


@app.command()
def serve(a, b, c, d, e, f, g):
    """Runs."""
    return datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
'''


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_good_forms_are_left_alone(tmp_path: Path, rule) -> None:
    assert (
        rule(
            source.plant(
                tmp_path, {"bot/alertmanager.py": GOOD, "bot/clock.py": '"""C."""\nimport time\nx = time.time()\n'}
            )
        )
        == []
    )


def test_a_vague_file_is_named(tmp_path: Path) -> None:
    assert vague_names(source.plant(tmp_path, {"bot/slack/page_utils.py": ""})) == [
        "bot/slack/page_utils.py: utils says nothing; name the concept."
    ]


@pytest.mark.parametrize(
    ("handler", "lines"),
    [
        ("except:\n    pass\n", [3]),
        ("except Exception as error:\n    log(error)\n", [3]),
        ("except (KeyError, BaseException):\n    raise Other from None\n", [3]),
        ("except Exception:\n    roll_back()\n    raise\n", []),
        ("except ValueError:\n    pass\n", []),
    ],
)
def test_a_broad_except_is_found(tmp_path: Path, handler: str, lines: list[int]) -> None:
    source.plant(tmp_path, {"bot/a.py": f"try:\n    f()\n{handler}"})
    assert broad_excepts(tmp_path) == [("bot/a.py", line) for line in lines]


def test_a_broad_suppress_is_found(tmp_path: Path) -> None:
    text = "from contextlib import suppress\nwith suppress(Exception):\n    f()\nwith suppress(KeyError):\n    f()\n"
    assert broad_excepts(source.plant(tmp_path, {"bot/a.py": text})) == [("bot/a.py", 2)]
