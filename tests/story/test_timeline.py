"""The timeline is a reading of the log: a message stands in it once, until the last who wanted it takes it away."""

import asyncio
import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine import annotate, hidden, report, timeline
from bot.engine.annotate import Note
from bot.errors import BadInput, NotFound
from bot.model.alert import Status
from bot.model.timeline import Line
from bot.model.verdict import Verdict
from tests.story import judging
from tests.story.engine_room import Room

HERE, LINK = "C1/1700000000.000100", "https://acme.slack.com/archives/C1/p1700000000000100"


def emoji(room: Room, incident: str, who: str, text: str = "the feed is late", message: str = HERE) -> Note:
    """Somebody puts the emoji on a message that guy wrote."""
    return Note(incident, text, f"slack:U01{who}", room.now, "reaction", "slack:U01GUY", message, LINK)


async def texts(room: Room, incident: str) -> list[str]:
    """The notes as they are read."""
    return [note.text for note in (await report.view(room.desk, incident, whole=True)).notes]


async def take_away(room: Room, who: str, message: str = HERE) -> str | None:
    return await annotate.remove(room.desk, message, f"slack:U01{who}", room.now, "reaction")


async def test_a_note_keeps_who_when_where_and_the_words_as_they_are(any_room: Room) -> None:
    incident = await any_room.alert("accuracy fell")
    words = "*not bold* <!channel> <https://evil|good>\n  {{ 7 * 7 }}"
    answer = await annotate.add(any_room.desk, emoji(any_room, incident.id, "ADA", words))
    assert (answer.verdict, answer.incident.id) == (Verdict.GO, incident.id)
    (note,) = (await report.view(any_room.desk, "1", whole=True)).notes
    assert (note.text, note.by, note.at, note.via) == (words, "ada", any_room.now, "reaction")
    assert (note.author, note.message, note.permalink) == ("slack:U01GUY", HERE, LINK)
    assert (await any_room.incident(incident.id)).version == incident.version
    assert (await any_room.log(incident.id))[-1].entry.after["as"] == "slack:U01ADA"


async def test_notes_are_read_only_where_they_are_asked_for(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    await annotate.add(room.desk, emoji(room, incident.id, "ADA"))
    lean = await report.view(room.desk, incident.id)
    assert (lean.notes, lean.checklist) == ((), ())


async def test_a_message_is_noted_once_however_many_want_it(any_room: Room) -> None:
    room = any_room
    incident = await room.alert("accuracy fell")
    notes = [emoji(room, incident.id, who) for who in ("ADA", "BO", "CY", "ADA")]
    answers = await asyncio.gather(*(annotate.add(room.desk, note) for note in notes))
    assert sorted(answer.verdict.name for answer in answers) == ["ALREADY"] * 3 + ["GO"]
    assert await texts(room, incident.id) == ["the feed is late"]
    assert (await room.story(incident.id)).count("note.seconded") == 2


async def test_it_goes_when_the_last_of_them_takes_it_away(any_room: Room) -> None:
    room = any_room
    incident = await room.alert("accuracy fell")
    for who in ("ADA", "BO"):
        await annotate.add(room.desk, emoji(room, incident.id, who))
    assert await take_away(room, "ADA") is None
    assert await take_away(room, "ADA") is None  # once taken away is taken away
    assert await texts(room, incident.id) == ["the feed is late"]
    assert await take_away(room, "BO") == incident.id
    assert await texts(room, incident.id) == []
    assert await take_away(room, "BO") is None
    kinds = await room.story(incident.id)
    assert kinds[-4:] == ["note.added", "note.seconded", "note.withdrawn", "note.removed"]


async def test_all_who_take_it_away_at_once_take_it_away(any_room: Room) -> None:
    room = any_room
    incident = await room.alert("accuracy fell")
    adding = [annotate.add(room.desk, emoji(room, incident.id, who)) for who in ("ADA", "BO", "CY")]
    gone = await asyncio.gather(*adding, *(take_away(room, who) for who in ("CY", "ADA", "BO")))
    assert gone[3:] == [None, None, incident.id]
    assert await texts(room, incident.id) == []


async def test_what_was_removed_can_be_noted_again(any_room: Room) -> None:
    room = any_room
    incident = await room.alert("accuracy fell")
    for words in ("first", "again"):
        await annotate.add(room.desk, emoji(room, incident.id, "ADA", words))
        assert await texts(room, incident.id) == [words]
        assert await take_away(room, "ADA") == incident.id
    await annotate.add(room.desk, emoji(room, incident.id, "ADA", "third"))
    assert await texts(room, incident.id) == ["third"]


async def test_whoever_did_not_put_it_there_cannot_take_it_away(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    await annotate.add(room.desk, emoji(room, incident.id, "ADA"))
    assert await take_away(room, "BO") is None
    assert await take_away(room, "NOBODY") is None
    assert await take_away(room, "ADA", message="C1/9.9") is None
    assert await texts(room, incident.id) == ["the feed is late"]


async def test_a_message_belongs_to_the_first_incident_it_was_noted_for(room: Room) -> None:
    one, two = await room.alert("accuracy fell"), await room.alert("price is off", model="price")
    await annotate.add(room.desk, emoji(room, one.id, "ADA"))
    answer = await annotate.add(room.desk, emoji(room, two.id, "DEE"))
    assert (answer.verdict, answer.incident.id) == (Verdict.ALREADY, one.id)
    assert one.id in answer.sentence
    assert await texts(room, two.id) == []


async def test_what_is_typed_stands_as_often_as_it_is_typed(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    for _ in range(2):
        await annotate.add(room.desk, Note(incident.id, "rolled the feed back", "person:bo", room.now, "command"))
    assert await texts(room, incident.id) == ["rolled the feed back"] * 2


async def test_a_stranger_writes_nothing_and_reads_why_in_their_language(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    for language, begins in (("en", "I do not know you"), ("tr", "Sizi tanımıyorum")):
        note = Note(incident.id, "hello", "slack:U0GUY", room.now, "reaction", language=language)
        answer = await annotate.add(room.desk, note)
        assert answer.verdict is Verdict.STRANGER
        assert answer.sentence.startswith(begins)
    assert await texts(room, incident.id) == []


async def test_words_there_must_be_and_an_end_to_them(any_room: Room) -> None:
    incident = await any_room.alert("accuracy fell")
    for empty in ("", "  \n "):
        with pytest.raises(BadInput, match="needs words"):
            await annotate.add(any_room.desk, emoji(any_room, incident.id, "ADA", empty))
    with pytest.raises(NotFound):
        await annotate.add(any_room.desk, emoji(any_room, "INC-77", "ADA"))
    await annotate.add(any_room.desk, emoji(any_room, incident.id, "ADA", "a\0\ud800" + "é" * 9_000))
    (kept,) = await texts(any_room, incident.id)
    assert (len(kept), kept[:3], kept[-1]) == (annotate.LONGEST, "a\ufffd\ufffd", "…")


async def test_a_note_that_was_refused_leaves_its_message_free(any_room: Room) -> None:
    room = any_room
    incident = await room.alert("accuracy fell")
    with pytest.raises(BadInput):
        await annotate.add(room.desk, emoji(room, incident.id, "ADA", ""))
    assert (await annotate.add(room.desk, emoji(room, incident.id, "ADA"))).verdict is Verdict.GO


async def test_the_timeline_reads_the_log_without_what_was_taken_out(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    await annotate.add(room.desk, Note(incident.id, "stays", "person:bo", room.now, "command"))
    for who in ("ADA", "BO"):
        await annotate.add(room.desk, emoji(room, incident.id, who))
        await annotate.add(room.desk, emoji(room, incident.id, who, "goes", "C1/2.2"))
    for who in ("ADA", "BO"):
        await take_away(room, who, "C1/2.2")
    read = annotate.timeline(await room.log(incident.id))
    assert [each.entry.after["text"] for each in read if each.entry.kind == "note.added"] == [
        "stays",
        "the feed is late",
    ]
    assert {each.entry.kind for each in read} == {"incident.opened", "alerts.received", "step.fired", "note.added"}


async def test_what_is_learned_after_the_end_is_still_noted(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    await room.alert("accuracy fell", status=Status.RESOLVED)
    await annotate.add(room.desk, Note(incident.id, "it was the feed", "person:bo", room.now, "command"))
    assert await texts(room, incident.id) == ["it was the feed"]


async def test_it_tells_how_each_change_for_it_was_decided_and_which_one_that_is(tmp_path: Path) -> None:
    async with judging.opened(tmp_path, f"sqlite:///{tmp_path / 'tocsin.db'}") as court:
        scene = court.smithy.scene
        incident = await scene.room.alert("accuracy fell", model="churn")
        change = await court.made("6", incident=incident.id)
        (promotion,) = await court.followed(change)
        await scene.vote(promotion)
        view = await report.view(scene.desk, incident.id, timeline=100)
        told = [(each.entry.kind, each.entry.subject) for each in view.timeline]
        wanted = [
            ("incident.opened", incident.id),
            ("change.proposed", change.id),
            ("gate.judged", incident.id),
            ("change.proposed", promotion.id),
            ("change.agreed", promotion.id),
            ("change.approved", promotion.id),
        ]
        assert [each for each in told if each in wanted] == wanted
        assert ("change.done", change.id) not in told  # the verdict stands there already
        newest = await report.view(scene.desk, incident.id, timeline=2)
        assert [each.entry.kind for each in newest.timeline] == ["change.agreed", "change.approved"]


async def lines(room: Room, incident: str, *, every: bool = False) -> list[Line]:
    return list(await timeline.lines(room.desk, incident, every=every))


async def test_a_timeline_is_sentences_in_the_order_in_which_things_happened(any_room: Room) -> None:
    room = any_room
    incident = await room.alert("accuracy fell")
    await room.pass_time(minutes=10)
    early = dataclasses.replace(emoji(room, incident.id, "ADA"), at=room.now - timedelta(minutes=9))
    await annotate.add(room.desk, early)
    found = await lines(room, incident.id)
    assert [one.at for one in found] == sorted(one.at for one in found)
    (note,) = [one for one in found if one.kind == "note.added"]
    assert (note.who, note.late) == ("ada", True)
    assert note.recorded_at - note.at == timedelta(minutes=9)
    assert note.what == "kept what a Slack user (U01GUY) wrote: the feed is late"
    assert found.index(note) < len(found) - 1
    (opened,) = [one for one in found if one.kind == "incident.opened"]
    assert (opened.who, opened.late, opened.ref) == ("monitor hook", False, f"retail/{opened.seq}")
    assert "accuracy fell" in opened.what


async def test_repeats_are_no_news(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    before = await lines(room, incident.id)
    await room.pass_time(minutes=1)
    await room.alert("accuracy fell", started_at=incident.opened_at)
    assert len([one for one in await lines(room, incident.id) if one.kind == "alerts.received"]) == len(
        [one for one in before if one.kind == "alerts.received"]
    )


async def test_a_line_is_left_out_of_documents_with_a_reason_and_comes_back(any_room: Room) -> None:
    room = any_room
    incident = await room.alert("accuracy fell")
    await annotate.add(room.desk, emoji(room, incident.id, "ADA"))
    (note,) = [one for one in await lines(room, incident.id) if one.kind == "note.added"]
    wish = hidden.Wish(incident.id, str(note.seq), "person:bo", room.now, "It names a customer.")
    assert (await hidden.hide(room.desk, wish)).verdict is Verdict.GO
    assert (await hidden.hide(room.desk, wish)).verdict is Verdict.ALREADY
    assert note not in await lines(room, incident.id)
    assert [one.ref for one in await lines(room, incident.id, every=True) if one.hidden] == [note.ref]
    assert (await room.log(incident.id))[-1].entry.why == "It names a customer."
    assert "note.added" in await room.story(incident.id)
    assert (await hidden.show(room.desk, dataclasses.replace(wish, ref=note.ref))).verdict is Verdict.GO
    assert note in await lines(room, incident.id)


async def test_what_may_not_be_left_out(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    wish = hidden.Wish(incident.id, "1", "person:bo", room.now, "why")
    with pytest.raises(BadInput):
        await hidden.hide(room.desk, dataclasses.replace(wish, why="  "))
    with pytest.raises(NotFound):
        await hidden.hide(room.desk, dataclasses.replace(wish, ref="9999"))
    refused = await hidden.hide(room.desk, dataclasses.replace(wish, by="person:dee"))
    assert refused.verdict is Verdict.NOT_AN_AUTHOR
    assert (await room.story(incident.id))[-1] == "press.refused"
    assert not [one for one in await lines(room, incident.id, every=True) if one.hidden]
