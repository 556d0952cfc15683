"""No circle of imports, of any kind: not between modules, not between the rooms and folders they lie in."""

from pathlib import Path

from tests.house import source

Arrows = dict[str, set[str]]


def rings(arrows: Arrows) -> list[list[str]]:
    """The groups of names that reach each other, in alphabetical order (Tarjan's strongly connected components)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        number[name] = low[name] = len(number)
        stack.append(name)
        for target in sorted(arrows.get(name, ())):
            if target not in number:
                visit(target)
            if target in stack:
                low[name] = min(low[name], low[target])
        if low[name] == number[name]:
            ring = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(ring) > 1:
                found.append(sorted(ring))

    for name in sorted(arrows):
        if name not in number:
            visit(name)
    return sorted(found)


def between_folders(arrows: Arrows, folder: str) -> Arrows:
    """The same arrows seen from a folder: each of its files and folders is one name, the rest is left out."""
    inside = f"{folder}."

    def child(name: str) -> str | None:
        return inside + name.removeprefix(inside).split(".")[0] if name.startswith(inside) else None

    seen: Arrows = {}
    for name, targets in arrows.items():
        if (here := child(name)) is not None:
            seen.setdefault(here, set()).update(
                there for target in targets if (there := child(target)) and there != here
            )
    return seen


def circles(root: Path) -> list[str]:
    """Every circle below root, between modules first, then between the rooms of each folder."""
    arrows = source.arrows(source.modules(root))
    folders = {name.rpartition(".")[0] for name in arrows} - {""}
    found = rings(arrows)
    for folder in sorted(folders):
        found += [ring for ring in rings(between_folders(arrows, folder)) if ring not in found]
    return [f"{', '.join(ring)} import each other in a circle." for ring in found]


def test_no_import_goes_round() -> None:
    found = circles(source.ROOT)
    assert not found, "\n".join(found)


def test_two_modules_that_name_each_other_are_found(tmp_path: Path) -> None:
    source.plant(
        tmp_path,
        {
            "bot/store/jobs.py": "from bot.store import log\n",
            "bot/store/log.py": "import typing\nif typing.TYPE_CHECKING:\n    from bot.store.jobs import Job\n",
        },
    )
    assert circles(tmp_path) == ["bot.store.jobs, bot.store.log import each other in a circle."]


def test_a_circle_through_a_room_and_a_function_is_found(tmp_path: Path) -> None:
    source.plant(
        tmp_path,
        {
            "bot/sandbox/__init__.py": "from bot.sandbox.estate import build\n",
            "bot/sandbox/estate.py": "def build():\n    from bot.sandbox import start\n",
        },
    )
    assert circles(tmp_path) == ["bot.sandbox, bot.sandbox.estate import each other in a circle."]


def test_a_circle_between_folders_is_found_where_no_module_is_in_one(tmp_path: Path) -> None:
    source.plant(
        tmp_path,
        {
            "bot/slack/a.py": "import bot.web.x\n",
            "bot/slack/b.py": "",
            "bot/web/x.py": "",
            "bot/web/y.py": "import bot.slack.b\n",
        },
    )
    assert circles(tmp_path) == ["bot.slack, bot.web import each other in a circle."]


def test_a_room_that_shows_its_parts_is_no_circle(tmp_path: Path) -> None:
    source.plant(
        tmp_path,
        {
            "bot/contract/__init__.py": "from bot.contract import guard, source\n",
            "bot/contract/guard.py": "from bot.contract import source\n",
            "bot/contract/source.py": "",
        },
    )
    assert circles(tmp_path) == []
