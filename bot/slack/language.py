"""In which language somebody is written to: their own, else the workspace's."""

from bot import words
from bot.engine.desk import Desk
from bot.words import Words


def channels(desk: Desk) -> Words:
    """The words of what everybody reads."""
    return words.of(desk.settings.slack.language)


def person(desk: Desk, name: str) -> Words:
    """The words of what this person alone reads."""
    known = desk.settings.people.persons.get(name)
    return words.of((known.language if known else None) or desk.settings.slack.language)
