"""Which record of an act each entry is: every kind that the bot writes has its place, and each act its name."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import bot
from bot.model import acts
from bot.model.entry import Entry, Step

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
KIND = re.compile(r"[a-z_]+\.[a-z_]+")
WRITERS = ("engine", "store", "model")  #: and the few of slack that write entries of their own
SLACK = ("install", "groups", "topics", "changing")
#: Texts of that form that are no kinds: settings, labels, columns, methods of Slack and lines of telemetry.
OTHER = re.compile(
    r"(act|drift|label|incidents|changes|auth|conversations|usergroups|slack|open|play|alembic|model\.(kind|team)$|\w+\.(html|jsonl?|md|zip|yaml|db|png)$).*"
)


def written() -> set[str]:
    """Every text in the code that has the form of a kind."""
    home = Path(bot.__file__).parent
    files = [file for room in WRITERS for file in (home / room).rglob("*.py") if "migrations" not in file.parts]
    files += [home / "slack" / f"{name}.py" for name in SLACK]
    texts = {
        node.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and KIND.fullmatch(node.value)
    }
    return {one for one in texts if not OTHER.fullmatch(one)}


def test_every_kind_that_the_bot_writes_has_its_place() -> None:
    missing = written() - set(acts.STEPS)
    assert not missing, f"Put them into bot/model/acts.py: {sorted(missing)}"


def test_no_kind_is_listed_twice() -> None:
    lists = (acts._REQUESTS, acts._DECISIONS, acts._RESULTS, acts._FACTS)
    every = [kind for one in lists for kind in one.split()]
    assert len(every) == len(set(every))
    assert set(acts.PRESSES) <= set(every)


@pytest.mark.parametrize(
    ("kind", "subject", "after", "step", "action"),
    [
        ("change.proposed", "CHG-7", {}, Step.REQUEST, "CHG-7"),
        ("change.agreed", "CHG-7", {}, Step.DECISION, "CHG-7"),
        ("change.done", "CHG-7", {}, Step.RESULT, "CHG-7"),
        ("incident.acknowledged", "INC-3", {}, Step.DECISION, "INC-3/acknowledge"),
        ("press.refused", "INC-3", {"verb": "acknowledge"}, Step.DECISION, "INC-3/acknowledge"),
        ("evidence.frozen", "INC-3", {"change": "CHG-7"}, Step.RESULT, "CHG-7"),
        ("page.sent", "INC-3", {}, Step.RESULT, ""),
        ("alerts.received", "INC-3", {}, Step.FACT, ""),
        ("nobody.knows", "INC-3", {}, Step.FACT, ""),
    ],
)
def test_the_records_of_an_act_share_its_name(
    kind: str, subject: str, after: dict[str, Any], step: Step, action: str
) -> None:
    assert acts.step(kind) is step
    assert acts.action(Entry("retail", kind, AT, "tocsin", subject, after=after), step) == action
