"""The rows of the doctor's page: what each says, and how it is printed."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import typer

from bot.cli import say

if TYPE_CHECKING:
    from bot.slack.examine import Row

Page = Mapping[str, "list[Row]"]
MARKS = {"ok": ("ok     ", "green"), "missing": ("MISSING", "red"), "unknown": ("unknown", "yellow")}
#: How an optional row that lacks something is called: of Slack it is a thing without which the rest works.
LACKS = {"Slack": "without"}
LOOK = "look   "


def row(what: str, health: str, found: str = "", do: str = "", *, required: bool = True) -> "Row":
    """One thing that is needed: how it stands, what was found, what to do."""
    from bot.contract.plugin import Health
    from bot.slack.examine import Row

    return Row(what, Health(health), found, do, required)


def look(what: str, found: str, do: str) -> "Row":
    """Something a person should look at, without which the bot works all the same."""
    return row(what, "missing", found, do, required=False)


def red(one: "Row") -> bool:
    """Whether the bot cannot do what it is for while this is so."""
    return one.health.value == "missing" and one.required


def show(part: str, rows: "Iterable[Row]") -> None:
    """One part of the page; a row's mark alone is coloured, and says by its word what the colour says."""
    say.line(part)
    for one in rows:
        mark, colour = MARKS[one.health.value]
        if one.health.value == "missing" and not one.required:
            mark, colour = LACKS.get(part, LOOK), "yellow"
        said = say.harmless(" ".join(f"{one.what}: {one.found}".split()) if one.found else one.what)
        typer.echo(f"  {typer.style(mark, fg=colour)}  {said}")
        if one.do and one.health.value != "ok":
            typer.echo(f"           do: {say.harmless(' '.join(one.do.split()))}")


def summary(page: Page) -> str:
    """The last line: how many of each kind."""
    every = [(part, one) for part, rows in page.items() for one in rows]
    lost = [part for part, one in every if one.health.value == "missing" and not one.required]
    without = sum(part in LACKS for part in lost)
    counts = {
        "required and missing": sum(red(one) for _, one in every),
        "optional and missing": without,
        "to look at": len(lost) - without,
        "unknown": sum(one.health.value == "unknown" for _, one in every),
    }
    told = [f"{count} {what}" for what, count in counts.items() if count]
    return f"{'; '.join(told)}." if told else "Everything is there."
