"""Which language is spoken to whom, and who sees to the bot itself."""

from pathlib import Path

import pytest

from bot import settings
from bot.errors import BadConfig
from bot.model.people import People

PEOPLE = """people:
  - {name: ada, slack: U01ADA, language: tr}
  - {name: bo, slack: U02BO}
  - {name: cy, slack: U03CY}
teams:
  - {name: one, entity: retail, members: [ada, bo], lead: cy}
  - {name: two, entity: retail, members: [bo], lead: ada}
  - {name: three, entity: retail, members: [ada], lead: cy}
"""


def load(folder: Path, people: str) -> People:
    """The people of a configuration that has nothing else."""
    files = {
        "tocsin": "slack: {mode: off}",
        "people": people,
        "estate": "entities: [{name: retail}]",
        "rotas": "rotas: []",
    }
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return settings.load(folder, {}).people


def test_a_person_has_the_language_they_were_given_or_none(tmp_path: Path) -> None:
    people = load(tmp_path, PEOPLE)
    assert [person.language for person in people.persons.values()] == ["tr", None, None]


def test_admins_are_those_named_each_once(tmp_path: Path) -> None:
    assert load(tmp_path, f"{PEOPLE}admins: [bo, ada, bo]").admins == ("bo", "ada")


def test_without_any_named_the_leads_see_to_it(tmp_path: Path) -> None:
    assert load(tmp_path, PEOPLE).admins == ("cy", "ada")


def test_a_person_is_led_by_the_leads_of_their_teams(tmp_path: Path) -> None:
    people = load(tmp_path, PEOPLE)
    assert [people.leads(name) for name in ("ada", "bo", "cy", "nobody")] == [("cy", "ada"), ("cy", "ada"), ("cy",), ()]


@pytest.mark.parametrize(
    ("people", "line", "fault"),
    [
        (PEOPLE.replace("language: tr", "language: klingon"), 2, "no language the bot speaks. Known: en, tr"),
        (f"{PEOPLE}admins: [adda]", 9, "no person 'adda'. Did you mean 'ada'"),
        (f"{PEOPLE}admins: []", 9, "must name at least one person"),
        (f"{PEOPLE}admins: ada", 9, "must name at least one person"),
    ],
)
def test_what_leads_nowhere_is_refused_with_its_line(tmp_path: Path, people: str, line: int, fault: str) -> None:
    with pytest.raises(BadConfig, match=fault) as refused:
        load(tmp_path, people)
    assert f"people.yaml:{line}:" in str(refused.value)
