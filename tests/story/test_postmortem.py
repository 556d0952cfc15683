"""A postmortem writes itself from the log, keeps every word of people, and is owed until it is published."""

import asyncio
import re
from pathlib import Path

import pytest

from bot.engine import annotate, follow_up, hidden, postmortem, postmortem_facts, postmortem_texts, respond, timeline
from bot.engine.annotate import Note
from bot.engine.follow_up import Wish
from bot.engine.postmortem import Answer
from bot.engine.postmortem_signal import Pictures
from bot.engine.roster import Asking
from bot.errors import BadInput, Conflict, NotFound
from bot.model.incident import Incident
from bot.model.postmortem import Standing
from bot.model.verdict import Verdict
from bot.rules import sections
from bot.runbooks import document_sample
from bot.store import incidents, jobs, postmortems
from tests.story.engine_room import Room

HOSTILE = "# Not a heading <!-- tocsin:summary 0123456789ab --> [x](https://evil.example) @here <!channel> | x"


def asking(room: Room, who: str = "ada") -> Asking:
    return Asking(f"person:{who}", room.now, "cli", "en")


async def press(room: Room, verb: str, incident: Incident, by: str = "ada") -> None:
    given = respond.Press(respond.Verb(verb), incident.id, f"person:{by}", room.now, via="cli")
    assert (await respond.take(room.desk, given)).verdict is Verdict.GO


async def resolved(room: Room, title: str = "accuracy fell") -> Incident:
    """One that was taken and resolved; its draft is made."""
    incident = await room.alert(title)
    await room.pass_time(minutes=2)
    await press(room, "acknowledge", incident)
    await room.pass_time(minutes=5)
    await press(room, "resolve", incident)
    await room.pass_time(minutes=1)
    return await room.incident(incident.id)


async def drafted(room: Room, title: str = "accuracy fell") -> Answer:
    return await postmortem.draft(room.desk, (await resolved(room, title)).id, asking(room))


async def test_what_is_over_is_drafted_at_once_and_owed_by_whoever_held_it(any_room: Room) -> None:
    incident = await resolved(any_room)
    found = await postmortem.find(any_room.desk, incident.id)
    assert (found.id, found.owner, found.standing) == ("PM-1", "ada", Standing.DRAFT)
    assert incident.resolved_at is not None
    assert found.due_at == incident.resolved_at + any_room.desk.settings.postmortems.due
    assert "accuracy fell" in found.text
    assert "acknowledged in 2 m (by ada)" in found.text
    for name in ("summary", "impact", "timers", "identity", "signal", "trail", "timeline"):
        assert f"<!-- tocsin:{name} " in found.text
    again = await postmortem.draft(any_room.desk, incident.id, asking(any_room, "bo"))
    assert (again.verdict, again.postmortem) == (Verdict.ALREADY, found)


async def test_a_false_alarm_is_owed_none(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    await press(room, "false-alarm", incident)
    await room.pass_time(minutes=5)
    assert await postmortem.listing(room.desk) == []


async def test_one_for_an_open_incident_is_a_living_draft_and_for_an_unknown_one_there_is_none(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    answer = await postmortem.draft(room.desk, incident.id, asking(room))
    assert answer.postmortem
    assert "still open" in answer.postmortem.text
    assert "unknown" in answer.postmortem.text
    await press(room, "acknowledge", incident)
    await press(room, "resolve", incident)
    await room.pass_time(minutes=1)
    new = await postmortem.refresh(room.desk, "PM-1", asking(room))
    assert new.postmortem
    assert "still open" not in new.postmortem.text
    assert new.postmortem.due_at is not None
    with pytest.raises(NotFound):
        await postmortem.draft(room.desk, "INC-99", asking(room))
    with pytest.raises(NotFound):
        await postmortem.find(room.desk, "INC-99")


async def test_a_stranger_drafts_nothing(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    answer = await postmortem.draft(room.desk, incident.id, Asking("slack:U999", room.now, "command", "en"))
    assert (answer.verdict, await postmortem.listing(room.desk)) == (Verdict.STRANGER, [])


async def test_a_refresh_brings_news_and_leaves_every_word_of_people(any_room: Room) -> None:
    room, made = any_room, await drafted(any_room)
    assert made.postmortem
    mine = made.postmortem.text.replace(
        "_Write here: what set it off, and what made it possible._", "The feed broke.  \n"
    )
    mine = mine.replace("## Timers\n", "## Timers\n\nA word before.\n")
    mine = mine.replace("It was acknowledged 2 m", "I wrote inside.\nIt was acknowledged 2 m")
    edited = await postmortem.edit(room.desk, "PM-1", mine, made.postmortem.version, asking(room))
    assert edited.verdict is Verdict.GO
    await annotate.add(room.desk, Note("INC-1", "it was the feed", "person:bo", room.now, "cli"))
    new = await postmortem.refresh(room.desk, "PM-1", asking(room))
    assert new.postmortem
    text = new.postmortem.text
    assert "wrote: it was the feed" in text
    assert "The feed broke.  \n" in text
    assert "A word before." in text
    assert text.count("I wrote inside.") == 1
    assert text.index("/tocsin:summary") < text.index("I wrote inside.") < text.index("## Impact")
    assert "summary" in new.sentence
    await room.pass_time(minutes=1)
    assert (await postmortem.refresh(room.desk, "PM-1", asking(room))).verdict is Verdict.GO  # its own time alone


async def test_two_who_edit_at_once_lose_nothing(any_room: Room) -> None:
    room, made = any_room, await drafted(any_room)
    assert made.postmortem
    version, text = made.postmortem.version, made.postmortem.text
    await postmortem.edit(room.desk, "PM-1", f"{text}\nada\n", version, asking(room))
    with pytest.raises(Conflict, match="kept in the log"):
        await postmortem.edit(room.desk, "PM-1", f"{text}\nbo\n", version, asking(room, "bo"))
    found = await postmortem.find(room.desk, "PM-1")
    assert found.text == f"{text}\nada\n"
    every = await postmortem_texts.versions(room.desk, found)
    assert [one.what for one in every] == ["drafted", "edited", "outrun"]
    assert (every[0].text, every[2].text, every[2].by) == (text, f"{text}\nbo\n", "bo")
    assert (await postmortem_texts.version(room.desk, found, "1")).text == text
    with pytest.raises(NotFound):
        await postmortem_texts.version(room.desk, found, "77")


async def test_two_who_draft_at_once_have_the_same_one(any_room: Room) -> None:
    incident = await any_room.alert("accuracy fell")
    both = [postmortem.draft(any_room.desk, incident.id, asking(any_room, who)) for who in ("ada", "bo")]
    answers = await asyncio.gather(*both)
    assert sorted(one.verdict.name for one in answers) == ["ALREADY", "GO"]
    assert len({one.postmortem.id for one in answers if one.postmortem}) == 1


async def test_only_who_has_to_do_with_it_may_write(room: Room) -> None:
    made = await drafted(room)
    assert made.postmortem
    for who, verdict in (("dee", Verdict.NOT_AN_AUTHOR), ("bo", Verdict.GO), ("cy", Verdict.GO), ("eve", Verdict.GO)):
        now = await postmortem.find(room.desk, "PM-1")
        given = f"{now.text}\n{who}\n"
        assert (await postmortem.edit(room.desk, "PM-1", given, now.version, asking(room, who))).verdict is verdict
    assert "postmortem.refused" in await room.story("PM-1")
    with pytest.raises(BadInput):
        await postmortem.edit(room.desk, "PM-1", " \n", 1, asking(room))


async def test_it_is_published_once_it_is_fit_and_only_then_changed_as_a_draft(room: Room) -> None:
    made = await drafted(room)
    assert made.postmortem
    done = await postmortem.publish(room.desk, "PM-1", asking(room))
    assert (done.verdict, done.postmortem and done.postmortem.standing) == (Verdict.GO, Standing.PUBLISHED)
    assert done.findings  # the prompts are still there: it warns, people decide
    assert (await postmortem.publish(room.desk, "PM-1", asking(room))).verdict is Verdict.ALREADY
    assert (await postmortem.refresh(room.desk, "PM-1", asking(room))).verdict is Verdict.NOT_POSSIBLE
    to_review = await postmortem.stand(room.desk, "PM-1", Standing.REVIEW, asking(room))
    assert to_review.verdict is Verdict.NOT_POSSIBLE
    assert (await postmortem.stand(room.desk, "PM-1", Standing.DRAFT, asking(room))).verdict is Verdict.GO
    assert (await room.story("PM-1"))[-2:] == ["postmortem.refused", "postmortem.moved"]


async def test_what_is_published_has_the_newest_follow_ups_and_nothing_that_was_hidden(room: Room) -> None:
    made = (await drafted(room)).postmortem
    assert made
    await follow_up.add(room.desk, Wish("INC-1", "Watch the feed", "ada", "2w"), asking(room))
    lines = await timeline.lines(room.desk, "INC-1")
    taken = next(one for one in lines if one.kind == "incident.acknowledged")
    assert f"| {taken.ref} |" in made.text
    wish = hidden.Wish("INC-1", taken.ref, "person:ada", room.now, "It names somebody.")
    await hidden.hide(room.desk, wish)
    done = (await postmortem.publish(room.desk, "PM-1", asking(room))).postmortem
    assert done
    assert "Watch the feed" in done.text
    assert f"| {taken.ref} |" not in done.text
    assert "1 of " in done.text
    stranger = await postmortem.publish(room.desk, "PM-1", asking(room, "dee"))
    assert stranger.verdict is Verdict.NOT_AN_AUTHOR
    assert (await room.story("PM-1")).count("postmortem.refused") == 1


async def test_one_of_an_open_incident_is_published_with_a_reason_alone(room: Room) -> None:
    incident = await room.alert("accuracy fell")
    await postmortem.draft(room.desk, incident.id, asking(room))
    no = await postmortem.publish(room.desk, "PM-1", asking(room))
    assert (no.verdict, incident.id in no.sentence) == (Verdict.NOT_POSSIBLE, True)
    assert (await postmortem.publish(room.desk, "PM-1", asking(room), "The auditor waits.")).verdict is Verdict.GO


async def test_whoever_owes_it_is_told_and_reminded_while_it_is_late(room: Room) -> None:
    await resolved(room)
    told = [job for job in await notices(room) if "PM-1" in str(job["text"])]
    assert [job["to"] for job in told] == ["person:ada"]
    await room.pass_time(days=8)
    late = [job for job in await notices(room) if "was due" in str(job["text"])]
    assert len(late) in (3, 4)
    await postmortem.publish(room.desk, "PM-1", asking(room), "enough")
    await room.pass_time(days=3)
    assert len([job for job in await notices(room) if "was due" in str(job["text"])]) == len(late)


async def notices(room: Room) -> list[dict[str, object]]:
    query = "SELECT payload FROM jobs WHERE kind = 'notice' ORDER BY id"
    rows = await room.desk.store.read(lambda tx: [row[0] for row in tx.sql.exec_driver_sql(query)])
    import json

    return [json.loads(row) if isinstance(row, str) else row for row in rows]


async def test_what_alerts_and_people_write_forges_nothing(room: Room) -> None:
    made = await drafted(room, HOSTILE)
    assert made.postmortem
    await annotate.add(
        room.desk, Note("INC-1", f"\n## Notes\n<!-- /tocsin:timeline -->\n{HOSTILE}", "person:bo", room.now, "cli")
    )
    new = await postmortem.refresh(room.desk, "PM-1", asking(room))
    assert new.postmortem
    text = new.postmortem.text
    wrote = await room.desk.store.read(lambda tx: postmortem_texts.wrote(tx, new.postmortem))  # type: ignore[arg-type]
    names = [one.name for one in sections.read(text, wrote)]
    assert names == re.findall(r"^<!-- tocsin:(\S+)", text, re.MULTILINE)
    assert "\n# Not a heading" not in text
    assert "\n## Notes" not in text
    assert "](https://evil" not in text
    assert "@here" not in text
    assert "<!channel" not in text.replace("\\<!channel", "")


async def test_the_facts_are_those_that_templates_are_checked_with(room: Room) -> None:
    incident = await resolved(room)

    def read(tx):  # type: ignore[no-untyped-def]
        said = {"id": "PM-1", "owner": None, "due": None}
        return postmortem_facts.of(tx, room.desk, incidents.get(tx, incident.id), said, Pictures())

    facts = await room.desk.store.read(read)
    assert set(facts) == set(document_sample.FULL) == set(postmortem_facts.VARIABLES)
    for name, sample in document_sample.FULL.items():
        if isinstance(sample, dict):
            assert set(facts[name]) == set(sample), name


async def test_a_broken_template_of_their_own_loses_nothing(room: Room, tmp_path: Path) -> None:
    own = room.home / "config" / "own.j2"
    own.write_text("<!-- tocsin:all -->\nOurs: {{ incident.title }}\n<!-- /tocsin:all -->\n", encoding="utf-8")
    room.change("config/tocsin.yaml", "slack: {mode: off}", "slack: {mode: off}\npostmortems: {template: own.j2}")
    made = await drafted(room)
    assert made.postmortem
    assert "Ours: accuracy fell" in made.postmortem.text
    own.write_text("{{ nonsense }}\n", encoding="utf-8")
    other = await drafted(room, "latency rose")
    assert other.postmortem
    assert f"{own}:1" in other.postmortem.text.replace("\\", "")
    assert "## Summary" in other.postmortem.text
    kept = await postmortem.refresh(room.desk, made.postmortem.id, asking(room))
    assert kept.postmortem
    assert "Ours: accuracy fell" in kept.postmortem.text


async def test_a_section_that_the_template_gained_since_is_added_by_a_refresh_and_only_once(any_room: Room) -> None:
    room = any_room
    own = room.home / "config" / "own.j2"
    first = "<!-- tocsin:one -->\nOurs: {{ incident.title }}\n<!-- /tocsin:one -->\n"
    owed = "## Owed\n<!-- tocsin:owed -->\n{{ follow_ups | length }}\n<!-- /tocsin:owed -->\n"
    own.write_text(f"{first}{{% if follow_ups %}}\n{owed}{{% endif %}}\n", encoding="utf-8")
    room.change("config/tocsin.yaml", "slack: {mode: off}", "slack: {mode: off}\npostmortems: {template: own.j2}")
    made = (await drafted(room)).postmortem
    assert made
    await postmortem.edit(room.desk, "PM-1", f"{made.text}My word.", made.version, asking(room))
    await follow_up.add(room.desk, Wish("INC-1", "Watch the feed"), asking(room))
    new = (await postmortem.refresh(room.desk, "PM-1", asking(room))).postmortem
    assert new
    assert new.text.startswith(f"{made.text}My word.")
    assert new.text.count("## Owed") == 1
    await follow_up.add(room.desk, Wish("INC-1", "Watch it twice"), asking(room))
    newer = (await postmortem.refresh(room.desk, "PM-1", asking(room))).postmortem
    assert newer
    assert (newer.text.count("## Owed"), "\n2\n" in newer.text) == (1, True)
    without = newer.text[: newer.text.index("## Owed")]
    await postmortem.edit(room.desk, "PM-1", without, newer.version, asking(room))
    last = (await postmortem.refresh(room.desk, "PM-1", asking(room))).postmortem
    assert last
    assert "## Owed" not in last.text


async def test_every_text_is_in_the_log_and_nothing_waits_for_a_draft(room: Room) -> None:
    await drafted(room)
    (entry,) = [one.entry for one in await room.log("PM-1") if one.entry.kind == "postmortem.drafted"]
    found = await room.desk.store.read(lambda tx: postmortems.get(tx, "PM-1"))
    assert (entry.after["text"], entry.chain) == (found.text, "retail")
    assert await room.desk.store.read(jobs.next_due) is not None
