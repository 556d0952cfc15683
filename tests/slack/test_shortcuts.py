"""Shortcuts, over both transports: an incident declared or opened from a message, a message kept in the timeline."""

import dataclasses
from typing import Any

from bot.engine import annotate
from bot.sandbox.workspace import Message, View
from bot.slack import validate
from bot.store import alerts, incidents, log
from tests.slack.room import Room, alert


def top(room: Room, by: str = "ada") -> View:
    """The modal this person sees."""
    view = room.ws.view(by)
    assert view is not None, "No modal is open."
    assert validate.validate(view.content, "modal") == []
    return view


def standing(view: View, field: str) -> Any:
    """What stands in a field of words."""
    block = next(block for block in view.content["blocks"] if block.get("block_id") == field)
    return block["element"].get("initial_value")


async def use(room: Room, name: str, message: Message | None = None, by: str = "ada") -> list[Message]:
    """Uses a shortcut and lets what follows happen; what is whispered in answer."""
    reply = await room.ws.shortcut(name, by=by, message=message)
    assert reply.acked, reply.error
    await room.settle()
    return reply.responses


async def noted(room: Room, number: int = 1) -> list[dict[str, Any]]:
    """The notes in an incident's timeline."""
    sealed = await room.desk.store.read(lambda tx: annotate.timeline(log.of(tx.sql, f"INC-{number}")))
    return [dict(each.entry.after) for each in sealed if each.entry.kind == "note.added"]


def card(room: Room) -> Message:
    """The card of the incident."""
    return next(m for m in room.ws.messages("#ml-retail") if m.buttons and m.thread_ts is None)


async def test_the_form_that_declares_opens_anywhere(either: Room) -> None:
    assert await use(either, "declare") == []
    assert top(either).title == "Declare an incident"


async def test_an_incident_is_opened_from_a_message_that_it_links_to(either: Room) -> None:
    said = await either.ws.say("#ml-retail", "Scores of churn are off &lt;0.2\nsince the deploy, ask <@U01BO>", by="bo")
    await use(either, "open_from", said)
    view = top(either)
    assert view.title == "Open an incident"
    assert standing(view, "title") == "Scores of churn are off <0.2"
    assert standing(view, "details") == "Scores of churn are off <0.2\nsince the deploy, ask @U01BO"
    await either.ws.submit(view, {"model": "churn"}, by="ada")
    await either.settle()
    assert "INC-1" in top(either).shown
    (kept,) = await either.desk.store.read(lambda tx: alerts.of(tx, "INC-1"))
    (link,) = kept.alert.links
    assert said.ts.replace(".", "") in link
    assert kept.alert.title == "Scores of churn are off <0.2"


async def test_a_long_message_fits_the_form(either: Room) -> None:
    said = await either.ws.say("#ml-retail", "🔥" * 3_000 + "<!channel> x" * 90, by="bo")
    await use(either, "open_from", said)
    view = top(either)
    assert len(standing(view, "details")) == 3_000
    assert len(standing(view, "title")) <= 200


async def test_a_message_of_blocks_only_is_read_from_them(either: Room) -> None:
    said = await either.ws.say("#ml-retail", "x", by="bo")
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "From another app"}}]
    await use(either, "open_from", dataclasses.replace(said, text="", blocks=blocks))
    assert standing(top(either), "title") == "From another app"


async def test_a_message_in_the_thread_of_a_card_is_kept_at_once(either: Room) -> None:
    await either.book(alert())
    said = await either.ws.say("#ml-retail", "The feed was late.", by="bo", thread=card(either).ts)
    (told,) = await use(either, "timeline_add", said)
    assert "INC-1" in told.shown
    assert told.ephemeral_to == either.ws.person("ada").id
    assert either.ws.view("ada") is None
    (note,) = await noted(either)
    assert note["text"] == "The feed was late."
    assert note["author"] == "slack:U01BO"
    assert said.ts.replace(".", "") in note["permalink"]


async def test_the_same_message_is_kept_once(either: Room) -> None:
    await either.book(alert())
    said = await either.ws.say("#ml-retail", "The feed was late.", by="bo", thread=card(either).ts)
    either.ws.duplicate_next()
    assert len(await use(either, "timeline_add", said)) == 1
    await use(either, "timeline_add", said, by="bo")
    assert len(await noted(either)) == 1


async def test_elsewhere_its_person_is_asked_which_incident(either: Room) -> None:
    await either.book(alert(), alert("Data is late", model="price"))
    said = await either.ws.say("#ml-oncall", "The feed was late.", by="bo")
    await use(either, "timeline_add", said)
    view = top(either)
    assert standing(view, "text") == "The feed was late."
    await either.ws.fill(view, {"incident": "INC-2"}, by="ada")
    await either.settle()
    assert "INC-2 [SEV2] price" in top(either).shown
    await either.ws.submit(top(either), {}, by="ada")
    await either.settle()
    assert "INC-2" in top(either).shown
    assert await noted(either) == []
    (note,) = await noted(either, 2)
    assert (note["author"], note["message"]) == ("slack:U01BO", f"{said.channel}/{said.ts}")


async def test_while_nothing_is_open_it_says_so(either: Room) -> None:
    await use(either, "timeline_add", await either.ws.say("#ml-oncall", "hello", by="bo"))
    assert "No incident is open." in top(either).shown
    assert "submit" not in top(either).content


async def test_whom_nobody_knows_keeps_nothing_and_reads_why(either: Room) -> None:
    await either.book(alert())
    said = await either.ws.say("#ml-retail", "The feed was late.", by="bo", thread=card(either).ts)
    (told,) = await use(either, "timeline_add", said, by="eve")
    assert "I do not know you" in told.shown
    assert await noted(either) == []


async def test_a_trigger_that_is_no_longer_good_is_answered(either: Room) -> None:
    either.ws.fault("views.open", "expired_trigger_id")
    said = await either.ws.say("#ml-oncall", "hello", by="bo")
    (told,) = await use(either, "open_from", said)
    assert "Press again, or type /incident declare" in told.shown
    either.ws.fault("views.open", "expired_trigger_id")
    await use(either, "declare")  # a global one has no channel, so it is said directly
    assert "Press again, or type /incident declare" in either.ws.dms("ada")[-1].shown
    assert await either.desk.store.read(lambda tx: incidents.count_open(tx)) == 0


async def test_a_shortcut_of_another_version_is_answered(either: Room) -> None:
    await use(either, "summarise")
    assert "I do not know this shortcut." in either.ws.dms("ada")[-1].shown


async def test_without_its_link_a_message_is_quoted_all_the_same(either: Room) -> None:
    said = await either.ws.say("#ml-retail", "Scores are off", by="bo")
    await use(either, "open_from", said)
    either.ws.fault("chat.getPermalink", "message_not_found")
    await either.ws.submit(top(either), {}, by="ada")
    await either.settle()
    (kept,) = await either.desk.store.read(lambda tx: alerts.of(tx, "INC-1"))
    assert (kept.alert.title, kept.alert.links) == ("Scores are off", ())
