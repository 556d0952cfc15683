"""`tocsin silence`: made, shown, listed and ended in a terminal."""

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


def test_from_a_preview_to_the_end(fired: Type) -> None:
    seen = fired("silence", "preview", "model = churn", "--as", "ada").stdout
    assert "Fires now: 1 alerts in 1 open incidents." in seen
    assert "  INC-1  " in seen
    assert fired("silence", "list").stdout == "No silence holds or is planned.\n"
    made = fired("silence", "add", "model=churn", "kind = drift", "--for", "2h", "--why", "backfill", "--as", "ada")
    assert made.stdout.startswith("SIL-1 holds until ")
    (listed,) = json.loads(fired("silence", "list", "--json").stdout)
    assert listed["matchers"][0] == {"field": "model", "op": "=", "value": "churn"}
    assert (listed["by"], listed["why"], listed["shadow"]) == ("person:ada", "backfill", False)
    row = fired("silence", "list").stdout.splitlines()[1]
    assert row.split()[:2] == ["SIL-1", "silence"]
    assert "model = churn, kind = drift" in row
    assert fired("silence", "end", "1", "--as", "bo").stdout.startswith("SIL-1 is ended.")
    assert "SIL-1 was ended already, by bo." in fired("silence", "end", "sil-1", "--as", "ada").stdout
    assert fired("silence", "list").stdout == "No silence holds or is planned.\n"
    assert "SIL-1" in fired("silence", "list", "--all").stdout
    kinds = [e["entry"]["kind"] for e in json.loads(fired("incident", "show", "1", "--json").stdout)["timeline"]]
    assert "incident.silenced" not in kinds  # it was not made from the incident
    assert "every chain is whole" in fired("audit", "verify").stdout


def test_it_is_made_from_an_incident_in_shadow_and_as_planned_work(fired: Type) -> None:
    moments = ("--from", "2199-12-01 02:00", "--until", "2199-12-01T06:00+03:00")
    flags = ("--shadow", "--maintenance", "--incident", "1", "--why", "move", "--as", "ada", "--json")
    answer = json.loads(fired("silence", "add", *moments, *flags).stdout)
    made = answer["silence"]
    assert (answer["verdict"], made["maintenance"], made["shadow"], made["incident"]) == ("GO", True, True, "INC-1")
    assert (made["starts_at"], made["ends_at"]) == ("2199-12-01T02:00:00+00:00", "2199-12-01T03:00:00+00:00")
    assert {m["field"] for m in made["matchers"]} >= {"model", "kind"}
    assert answer["hits"]["firing_total"] == 1


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("model=churn", "--why", "x"), 2, "A silence needs an end."),
        (("model=churn", "--for", "2h"), 2, "A silence needs a comment."),
        (("model=churn", "--for", "31d", "--why", "x"), 2, "30 days at most"),
        (("model=churn", "--until", "2020-01-01 10:00", "--why", "x"), 2, "That end lies in the past."),
        (("model=churn", "--from", "2020-01-01 10:00", "--for", "1d", "--why", "x"), 2, "lies in the past."),
        (("model=churn", "--for", "2h", "--until", "2199-01-01 10:00", "--why", "x"), 2, "say two ends"),
        (("nonsense=1", "--for", "2h", "--why", "x"), 2, "There is no field 'nonsense'."),
        (("title=~(a+)+b", "--for", "2h", "--why", "x"), 2, "could run away"),
        (("--for", "2h", "--why", "x"), 2, "it would hit everything"),
        (("--incident", "9", "--for", "2h", "--why", "x"), 1, "There is no incident INC-9."),
        (("kind=~.*", "--for", "2h", "--why", "x"), 1, "only the admins"),
    ],
)
def test_what_cannot_be_gets_a_clear_answer(fired: Type, words: tuple[str, ...], code: int, said: str) -> None:
    result = fired("silence", "add", *words, "--as", "ada", code=code)
    assert said in result.output
    assert fired("silence", "list", "--all").stdout == "No silence.\n"


def test_a_stranger_is_refused(fired: Type) -> None:
    said = fired("silence", "add", "model=churn", "--for", "2h", "--why", "x", "--as", "zoe", code=2).stderr
    assert "Nobody called 'zoe' is in people.yaml." in said
    assert "There is no silence 'SIL-7'." in fired("silence", "end", "7", "--as", "ada", code=1).stderr
