"""`tocsin freeze` and `tocsin incident hold`: laid, listed and lifted in a terminal."""

import json

import pytest

from tests.cli.conftest import Type
from tests.cli.deliveries import firing

pytestmark = pytest.mark.usefixtures("slack")


@pytest.fixture
def fired(typed: Type) -> Type:
    """The same, with INC-1 open about churn."""
    typed("migrate")
    typed("replay", "-", "--connection", "prom", "--json", given=firing())
    return typed


def test_a_freeze_from_its_declaration_to_its_end(fired: Type) -> None:
    assert fired("freeze", "list").stdout == "No freeze is in force or planned.\n"
    made = fired("freeze", "add", "--entity", "retail", "--for", "2h", "--why", "year end", "--as", "cy")
    assert made.stdout.startswith("No change of retail from ")
    (listed,) = json.loads(fired("freeze", "list", "--json").stdout)
    assert (listed["id"], listed["entity"], listed["by"], listed["why"]) == ("FRZ-1", "retail", "person:cy", "year end")
    assert fired("freeze", "list").stdout.splitlines()[1].split()[:2] == ["FRZ-1", "retail"]
    assert "Only leads of teams" in fired("freeze", "lift", "1", "--as", "ada", code=1).stdout
    assert fired("freeze", "lift", "1", "--as", "cy").stdout == "FRZ-1 is lifted by cy: changes may be made again.\n"
    assert fired("freeze", "lift", "frz-1", "--as", "cy").stdout == "FRZ-1 is over already.\n"
    assert fired("freeze", "list").stdout == "No freeze is in force or planned.\n"
    assert "FRZ-1" in fired("freeze", "list", "--all").stdout
    assert "every chain is whole" in fired("audit", "verify").stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--for", "2h"), 2, "A freeze needs a reason."),
        (("--why", "x"), 2, "A freeze needs an end."),
        (("--why", "x", "--for", "91d"), 2, "90 days at most."),
        (("--why", "x", "--until", "2020-01-01 10:00"), 2, "over before it begins"),
        (("--why", "x", "--for", "1h", "--until", "2199-01-01 10:00"), 2, "say two ends"),
        (("--why", "x", "--for", "1h", "--entity", "retial"), 2, "Did you mean 'retail'?"),
    ],
)
def test_what_cannot_be_gets_a_clear_answer(fired: Type, words: tuple[str, ...], code: int, said: str) -> None:
    assert said in fired("freeze", "add", *words, "--as", "cy", code=code).output
    assert fired("freeze", "list", "--all").stdout == "No freeze.\n"


def test_a_legal_hold_from_its_laying_to_its_end(fired: Type) -> None:
    laid = fired("incident", "hold", "INC-1", "--why", "the auditors asked", "--as", "cy")
    assert laid.stdout.startswith("INC-1 is under legal hold: nothing it is about may be changed")
    shown = fired("incident", "show", "1").stdout
    assert "  hold:    legal, since " in shown
    assert "by cy: the auditors asked" in shown
    said = json.loads(fired("incident", "hold", "1", "--why", "twice", "--as", "cy", "--json").stdout)
    assert (said["verdict"], said["hold"]["why"]) == ("ALREADY", "the auditors asked")
    assert "Only leads of teams" in fired("incident", "release-hold", "1", "--why", "x", "--as", "bo", code=1).stdout
    assert "needs a reason" in fired("incident", "release-hold", "1", "--as", "cy", code=2).output
    released = fired("incident", "release-hold", "1", "--why", "they are done", "--as", "cy")
    assert released.stdout == "INC-1 is under no legal hold any more.\n"
    assert "hold:    legal" not in fired("incident", "show", "1").stdout
    assert "There is no incident INC-9." in fired("incident", "hold", "9", "--why", "x", "--as", "cy", code=1).stderr
