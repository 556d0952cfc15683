"""Everybody is spoken to in their own language, a channel in that of the workspace."""

from dataclasses import replace

from tests.slack.room import Room, alert


def speak(room: Room, channels: str, ada: str | None) -> None:
    """The configuration's language, and Ada's."""
    settings = room.desk.settings
    persons = {**settings.people.persons, "ada": replace(settings.people.persons["ada"], language=ada)}
    slack, people = replace(settings.slack, language=channels), replace(settings.people, persons=persons)
    room.desk.settings = replace(settings, slack=slack, people=people)


async def test_a_page_speaks_its_persons_language(room: Room) -> None:
    speak(room, "en", "tr")
    await room.book(alert())
    (page,) = room.ws.dms("ada")
    assert list(page.buttons) == ["Üstlen", "Yükselt", "Devret", "Ertele"]
    assert "Üstlenmek için: /incident ack INC-1" in page.text
    assert "Waiting for L1" in room.ws.messages("#ml-retail")[0].shown
    await room.ws.press(page, "Üstlen", by="ada")
    await room.settle()
    (page,) = room.ws.dms("ada")
    assert not page.buttons
    assert "Yanıtlayan: ada" in page.shown


async def test_channels_and_whoever_has_said_nothing_get_the_workspaces(room: Room) -> None:
    speak(room, "tr", None)
    await room.book(alert())
    card, evidence = room.ws.messages("#ml-retail")
    assert "Beklenen (L1): @U01ADA" in card.shown
    assert evidence.text.startswith("Kanıtlar: INC-1")
    assert "L1 olarak çağrıldınız" in room.ws.dms("ada")[0].shown


async def test_a_notice_to_a_channel_that_is_gone_is_said_to_everybody(room: Room) -> None:
    await room.say("channel:#gone", "Nobody is left to be paged.")
    assert [message.text for message in room.ws.messages("#ml-oncall")] == ["Nobody is left to be paged."]
