"""Who a target is: rotas, persons, teams and leads, and the reason when it is nobody."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.model.people import People, Person, Team
from bot.model.rota import Amendment, Every, Layer, Override, Rota, Unit
from bot.rules import reach

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def weekly(name: str, member: str | None) -> Rota:
    return Rota(name, "UTC", (Layer("weekly", NOW.replace(tzinfo=None), Every(1, Unit.WEEK), (member,)),))


ROTAS = {"first-line": weekly("first-line", "ada"), "empty": weekly("empty", None)}
PEOPLE = People(
    {name: Person(name) for name in ("ada", "bo", "cy")},
    {"churn-ml": Team("churn-ml", "retail", ("ada", "bo"), "cy"), "new": Team("new", "retail", ())},
)


@pytest.mark.parametrize(
    ("target", "persons", "why"),
    [
        ("rota:first-line", ("ada",), "It is ada's turn in layer weekly of first-line until Mon 9 Nov 2026 09:00 UTC."),
        ("person:bo", ("bo",), "bo is named directly."),
        ("team:churn-ml", ("ada", "bo"), "Everybody in team churn-ml."),
        ("lead:churn-ml", ("cy",), "cy leads team churn-ml."),
        ("rota:empty", (), "Nobody is on call for empty: the seat in layer weekly is vacant."),
        ("rota:gone", (), "There is no rota 'gone'."),
        ("person:zoe", (), "zoe is named directly. Nobody called zoe is in config/people.yaml."),
        ("team:gone", (), "There is no team 'gone'."),
        ("team:new", (), "Team new has no members."),
        ("lead:gone", (), "There is no team 'gone', so it has no lead."),
        ("lead:new", (), "Team new has no lead."),
        ("ada", (), "'ada' is no target; write one of rota:NAME, person:NAME, team:NAME, lead:NAME."),
        ("", (), "'' is no target; write one of rota:NAME, person:NAME, team:NAME, lead:NAME."),
    ],
)
def test_a_target_is_people_with_a_reason(target: str, persons: tuple[str, ...], why: str) -> None:
    assert reach.people(target, ROTAS, PEOPLE, (), NOW) == reach.Reached(persons, why)


def test_a_change_by_hand_counts_and_a_person_who_has_left_is_not_paged() -> None:
    span = (NOW, NOW + timedelta(hours=1))
    stranger = Override("1", "first-line", Amendment.COVER, *span, "zoe")
    cover = Override("2", "first-line", Amendment.COVER, *span, "bo")
    found = reach.people("rota:first-line", ROTAS, PEOPLE, [stranger, cover], NOW)
    assert found.persons == ("ada", "bo")
    assert found.why.endswith("Nobody called zoe is in config/people.yaml.")
