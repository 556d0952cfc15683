"""Serious incidents: clocks that run to a law's time, warn like an unanswered page, and end only by what people say."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import app
from bot.engine import legal_hold, respond, serious, serious_clock, work
from bot.engine.serious import Outcome, Wish
from bot.errors import BadInput, NotDelivered, NotFound
from bot.model.incident import Incident
from bot.model.serious import Clock, Standing
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.slack import off
from bot.store import Tx, clocks
from tests.story import waiting_room
from tests.story.place import START
from tests.story.waiting_room import Waiting

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHY = "patients may have been harmed"


@pytest.fixture
async def waiting(tmp_path: Path, migrated_url: str) -> AsyncIterator[Waiting]:
    """Each story once over each database."""
    async with waiting_room.opened(tmp_path, migrated_url) as one:
        yield one


async def mark(waiting: Waiting, *regimes: str, by: str = "person:cy", **more: Any) -> Outcome:
    """INC-1 is marked as serious."""
    wish = Wish(more.pop("incident", "1"), by, waiting.now, "cli", more.pop("why", WHY), regimes, **more)
    return await serious.mark(waiting.scene.desk, wish)


async def say(waiting: Waiting, verb: str, step: str = "", **more: Any) -> Outcome:
    """A clock of it is met, dropped or taken back."""
    wish = Wish(more.pop("incident", "1"), more.pop("by", "person:cy"), waiting.now, "cli", step=step, **more)
    verbs = {"meet": serious.meet, "drop": serious.drop, "take_back": serious.take_back}
    return await verbs[verb](waiting.scene.desk, wish)


async def opened(waiting: Waiting, title: str = "accuracy fell") -> Incident:
    """One about churn."""
    return await waiting.scene.room.alert(title)


async def found(waiting: Waiting, incident: str = "INC-1") -> list[Clock]:
    """Its clocks."""
    return await waiting.scene.desk.store.read(lambda tx: clocks.of(tx, incident))


async def warned(waiting: Waiting, incident: str = "INC-1") -> list[tuple[str, float, int]]:
    """Which warnings were given, how many hours after the story began, and how far they reached."""
    entries = await waiting.entries(incident, serious_clock.WARNED)
    return [(one.after["warning"], (one.at - START) / HOUR, one.after["ring"]) for one in entries]


async def take(waiting: Waiting, verb: Verb, by: str, **more: Any) -> None:
    """Somebody presses."""
    press = respond.Press(verb, "1", f"person:{by}", waiting.now, via="cli", **more)
    answer = await respond.take(waiting.scene.desk, press)
    assert answer.verdict is Verdict.GO, answer


@pytest.mark.parametrize(
    ("regime", "ends"),
    [
        ("eu-ai-act", {"report": 15 * DAY}),
        ("eu-ai-act-death", {"report": 10 * DAY}),
        ("eu-ai-act-widespread", {"report": 2 * DAY}),
        ("dora", {"initial": 4 * HOUR, "aware": 24 * HOUR, "intermediate": 72 * HOUR}),
        ("nis2", {"warning": 24 * HOUR, "notification": 72 * HOUR}),
    ],
)
async def test_each_law_has_its_time(waiting: Waiting, regime: str, ends: dict[str, timedelta]) -> None:
    await opened(waiting)
    outcome = await mark(waiting, regime)
    assert outcome.verdict is Verdict.GO
    assert {one.step: one.due_at - START for one in outcome.clocks} == ends
    assert len(await waiting.entries("INC-1", "clock.started")) == len(ends)
    (entry,) = await waiting.entries("INC-1", "incident.serious_marked")
    assert (entry.actor, entry.why, entry.after["regimes"]) == ("person:cy", WHY, [regime])


async def test_several_laws_at_once_and_the_act_offers_a_hold_but_lays_none(waiting: Waiting) -> None:
    await opened(waiting)
    outcome = await mark(waiting, "eu-ai-act", "DORA")
    assert [one.regime for one in outcome.clocks] == ["dora", "dora", "dora", "eu-ai-act"]
    assert "Art. 73(6)" in outcome.flag
    assert "no legal advice" in outcome.flag
    assert await waiting.entries("INC-1", "incident.held_legally") == []
    again = await mark(waiting, "dora")
    assert again.verdict is Verdict.ALREADY
    assert again.sentence == "INC-1 is marked as serious already (dora)."
    wish = legal_hold.Wish("1", "person:cy", waiting.now, "cli", "legal wants it")
    await legal_hold.lay(waiting.scene.desk, wish)
    assert (await mark(waiting, "nis2")).flag == ""


async def test_it_warns_as_a_page_that_nobody_answers_climbs(waiting: Waiting) -> None:
    await opened(waiting)
    await take(waiting, Verb.ACKNOWLEDGE, "ada")
    await take(waiting, Verb.RESOLVE, "ada")  # so that nobody takes it from her meanwhile
    await mark(waiting, "eu-ai-act-widespread")
    await waiting.scene.room.pass_time(hours=65)
    assert await warned(waiting) == [
        ("half", 24, 0),
        ("three-quarters", 36, 1),
        ("due", 48, 2),
        ("overdue-1", 56, 2),
        ("overdue-2", 64, 2),
    ]
    (missed,) = await waiting.entries("INC-1", "clock.missed")
    assert missed.at == START + 48 * HOUR
    told = [one for one in await waiting.told("person:ada") if "Art. 73" in one]
    assert "due in 1 d 0 h, by 2026-11-25 03:38 UTC" in told[0]
    assert "and nobody has said that it was made" in told[4]
    for person, count in (("ada", 5), ("cy", 4), ("eve", 3), ("bo", 0)):
        assert len([one for one in await waiting.told(f"person:{person}") if "Art. 73" in one]) == count, person
    (clock,) = await found(waiting)
    assert set(clock.told) == {"half", "three-quarters", "due", "missed", "overdue-2"}


async def test_a_report_in_time_is_met_and_one_after_it_late_and_said_to_be(waiting: Waiting) -> None:
    await opened(waiting)
    await mark(waiting, "nis2")
    await waiting.scene.room.pass_time(hours=23)
    with pytest.raises(BadInput, match="several clocks"):
        await say(waiting, "meet", reference="BSI-77")
    with pytest.raises(BadInput, match="authority's reference"):
        await say(waiting, "meet", "warning", reference=" \n ")
    met = await say(waiting, "meet", "nis2/warning", reference="BSI-77")
    assert met.sentence == "Early warning (Art. 23): made, for INC-1."
    await waiting.scene.room.pass_time(hours=50)
    late = await say(waiting, "meet", reference="BSI-78")  # only one runs by now
    assert late.sentence.startswith("Incident notification (Art. 23): made late, for INC-1; it was due at 2026-11-26")
    assert [one.standing for one in late.clocks] == [Standing.MET, Standing.LATE]
    again = await say(waiting, "meet", "warning", reference="x")
    assert again.verdict is Verdict.ALREADY
    assert "settled already: made, by cy" in again.sentence
    entries = await waiting.entries("INC-1", "clock.met")
    assert [(one.after["reference"], one.after["late"]) for one in entries] == [("BSI-77", False), ("BSI-78", True)]
    before = len(await warned(waiting))
    await waiting.scene.room.pass_time(days=10)
    assert len(await warned(waiting)) == before


async def test_a_report_may_have_been_made_before_it_was_said_but_not_before_anybody_knew(waiting: Waiting) -> None:
    await opened(waiting)
    await mark(waiting, "dora")
    await waiting.scene.room.pass_time(hours=5)
    early = await say(waiting, "meet", "initial", reference="r", moment=START + 3 * HOUR)
    assert early.clocks[0].standing is Standing.MET  # it was made in time, and written down an hour late
    with pytest.raises(BadInput, match="before anybody was aware"):
        await say(waiting, "meet", "aware", reference="r", moment=START - HOUR)
    with pytest.raises(BadInput, match="in the future"):
        await say(waiting, "meet", "aware", reference="r", moment=waiting.now + HOUR)


async def test_a_clock_is_dropped_with_a_reason_and_runs_again_as_if_it_had_never_stopped(waiting: Waiting) -> None:
    await opened(waiting)
    await mark(waiting, "eu-ai-act-widespread")
    with pytest.raises(BadInput, match="needs a reason"):
        await say(waiting, "drop", "report")
    await say(waiting, "drop", "report", why="counsel: not widespread")
    await waiting.scene.room.pass_time(hours=30)
    assert await warned(waiting) == []
    back = await say(waiting, "take_back", why="counsel changed their mind")
    assert back.clocks[0].due_at == START + 48 * HOUR
    await waiting.scene.room.worker.drain()
    assert [name for name, _, _ in await warned(waiting)] == ["half"]
    assert (await say(waiting, "take_back", why="twice")).verdict is Verdict.ALREADY


async def test_who_may_not_is_refused_and_that_is_written_down(waiting: Waiting) -> None:
    await opened(waiting)
    for by, verdict in (("person:ada", Verdict.LEADS_ONLY), ("slack:U0NOBODY", Verdict.STRANGER)):
        assert (await mark(waiting, "dora", by=by)).verdict is verdict
    await mark(waiting, "dora")
    assert (await say(waiting, "drop", "initial", why="x", by="person:ada")).verdict is Verdict.LEADS_ONLY
    assert len(await waiting.entries("INC-1", "press.refused")) == 3
    assert len(await found(waiting)) == 3


async def test_what_cannot_be_gets_a_clear_answer(waiting: Waiting) -> None:
    await opened(waiting)
    with pytest.raises(BadInput, match="needs a reason"):
        await mark(waiting, "dora", why="")
    with pytest.raises(BadInput, match="No regime was named"):
        await mark(waiting)
    with pytest.raises(NotFound, match="no regime 'eu-ai-akt'") as refused:
        await mark(waiting, "eu-ai-akt")
    assert "eu-ai-act" in refused.value.do
    with pytest.raises(BadInput, match="in the future"):
        await mark(waiting, "dora", moment=waiting.now + HOUR)
    with pytest.raises(NotFound, match="INC-9"):
        await mark(waiting, "dora", incident="9")
    with pytest.raises(BadInput, match="No clock of this incident runs"):
        await say(waiting, "meet", reference="r")
    assert await found(waiting) == []


async def test_aware_in_the_past_may_be_overdue_at_once_and_nobody_hears_every_warning(waiting: Waiting) -> None:
    await opened(waiting)
    await mark(waiting, "dora", moment=waiting.now - 30 * HOUR)
    await waiting.scene.room.worker.drain()
    names = {(one.after["step"], one.after["warning"]) for one in await waiting.entries("INC-1", serious_clock.WARNED)}
    assert names == {("initial", "overdue-26"), ("aware", "overdue-1")}  # of 72 h, 30 are not half
    assert {one.after["step"] for one in await waiting.entries("INC-1", "clock.missed")} == {"initial", "aware"}
    sooner = await mark(waiting, "dora", moment=waiting.now - 40 * HOUR)
    assert sooner.sentence.startswith("INC-1 is counted from")
    assert (await mark(waiting, "dora", moment=waiting.now - HOUR)).verdict is Verdict.ALREADY  # never later


async def test_a_change_of_the_clocks_moves_no_deadline(waiting: Waiting) -> None:
    await waiting.scene.room.clock.advance(datetime(2027, 3, 27, 22, 30, tzinfo=UTC) - waiting.now)
    waiting.scene.room.change("config/estate.yaml", "Europe/Istanbul", "Europe/Berlin")  # at 02:00 it is 03:00
    await opened(waiting)
    outcome = await mark(waiting, "nis2", by="slack:U01CY")
    assert outcome.clocks[0].due_at == datetime(2027, 3, 28, 22, 30, tzinfo=UTC)
    told = await waiting.told("channel:")
    assert "counted from 2027-03-27 23:30 CET" in told[-1]
    await waiting.scene.room.pass_time(hours=13)
    told = await waiting.told("channel:")
    assert [one for one in told if "due in 12 h, by 2027-03-29 00:30 CEST" in one]


async def test_resolving_does_not_stop_it(waiting: Waiting) -> None:
    await opened(waiting)
    await take(waiting, Verb.ACKNOWLEDGE, "ada")
    await mark(waiting, "nis2")
    await take(waiting, Verb.RESOLVE, "ada")
    await waiting.scene.room.pass_time(hours=13)
    assert [name for name, _, _ in await warned(waiting)] == ["half"]
    assert [one for one in await waiting.told("person:ada") if "Early warning" in one]


async def test_a_merged_incident_carries_its_clock_on(waiting: Waiting) -> None:
    await opened(waiting)
    await mark(waiting, "nis2", moment=waiting.now - 2 * HOUR)
    other = await waiting.scene.room.alert("latency rose", model="churn", kind=_latency())
    assert other.id == "INC-2"
    await mark(waiting, "nis2", "dora", incident="2")
    await take(waiting, Verb.MERGE, "ada", detail="INC-2")
    assert {one.standing for one in await found(waiting)} == {Standing.DROPPED}
    kept = {(one.regime, one.step): one for one in await found(waiting, "INC-2")}
    assert kept["nis2", "warning"].due_at == START + 22 * HOUR  # the earlier awareness counts
    assert kept["dora", "initial"].due_at == START + 4 * HOUR
    assert len(await waiting.entries("INC-2", "clock.carried")) == 2
    await waiting.scene.room.pass_time(hours=11)
    assert ("half", 10) in [(name, hours) for name, hours, _ in await warned(waiting, "INC-2")]


async def test_a_clock_of_the_merged_one_alone_moves_over(waiting: Waiting) -> None:
    await opened(waiting)
    await mark(waiting, "eu-ai-act")
    await waiting.scene.room.alert("latency rose", model="churn", kind=_latency())
    await take(waiting, Verb.MERGE, "ada", detail="INC-2")
    assert await found(waiting) == []
    (clock,) = await found(waiting, "INC-2")
    assert clock.due_at == START + 15 * DAY
    await waiting.scene.room.pass_time(days=8)
    assert [name for name, _, _ in await warned(waiting, "INC-2")] == ["half"]


async def test_killed_for_days_it_is_late_and_says_so_once(waiting: Waiting) -> None:
    await opened(waiting)
    await mark(waiting, "eu-ai-act-widespread")
    await waiting.scene.room.worker.drain()
    await waiting.scene.room.clock.advance(60 * HOUR)  # nothing runs
    await waiting.scene.room.worker.drain()
    (entry,) = await waiting.entries("INC-1", serious_clock.WARNED)
    assert (entry.after["warning"], entry.after["late"]) == ("overdue-1", 4 * 3600)
    assert "This warning is late" in entry.why
    assert len(await waiting.entries("INC-1", "clock.missed")) == 1


async def test_two_replicas_warn_once(waiting: Waiting) -> None:
    await opened(waiting)
    await mark(waiting, "nis2")
    desk = waiting.scene.desk
    other = work.Worker(desk, {**app.duties(desk), **off.HANDLERS, "change": off.HANDLERS["card"]}, owner="another")
    for _ in range(80):
        await waiting.scene.room.clock.advance(1800)
        await waiting.scene.room.worker.drain()
        await other.drain()
    entries = await waiting.entries("INC-1", serious_clock.WARNED)
    given = [(one.after["step"], one.after["warning"]) for one in entries]
    assert len(given) == len(set(given))
    assert {"half", "three-quarters", "due"} <= {name for step, name in given if step == "warning"}


async def test_where_a_ring_cannot_be_reached_the_next_is_paged_at_once(waiting: Waiting) -> None:
    scene = waiting.scene
    scene.room.change("config/people.yaml", "{name: bo, slack: U01BO, email: bo@example.com}",
                      "{name: bo, slack: U01BO, email: bo@example.com, notify: {high: [email]}}")  # fmt: skip
    await opened(waiting)
    await take(waiting, Verb.ACKNOWLEDGE, "bo")
    await take(waiting, Verb.RESOLVE, "bo")
    await mark(waiting, "nis2")
    scene.room.pagers["email"].down = NotDelivered("the mailbox is gone", retry=False)
    await scene.room.pass_time(hours=12, minutes=1)
    entries = await waiting.entries("INC-1", serious_clock.WARNED)
    assert [one.after["ring"] for one in entries] == [0, 1]
    assert [one for one in await waiting.told("person:cy") if "Early warning" in one or "INC-1" in one]


async def test_whoever_is_named_is_paged_and_may_settle(waiting: Waiting) -> None:
    waiting.scene.write("config/tocsin.yaml", "slack: {mode: off}",
                        "slack: {mode: off}\naudit: {serious_to: [\"person:flo\"]}")  # fmt: skip
    await opened(waiting)
    assert (await mark(waiting, "dora", by="person:flo")).verdict is Verdict.GO
    await waiting.scene.room.pass_time(hours=5)
    assert [one for one in await waiting.told("person:flo") if "was due" in one or "due in less" in one]
    assert (await say(waiting, "meet", "initial", reference="r", by="person:flo")).verdict is Verdict.GO


async def test_a_regime_that_left_the_configuration_still_runs(waiting: Waiting) -> None:
    own = (
        "audit: {serious: [{name: house, title: Own rule, duties: [{step: tell, title: Tell the board, within: 1d}]}]}"
    )
    waiting.scene.write("config/tocsin.yaml", "slack: {mode: off}", f"slack: {{mode: off}}\n{own}")
    await opened(waiting)
    await mark(waiting, "house")
    waiting.scene.write("config/tocsin.yaml", own, "")
    await waiting.scene.room.pass_time(hours=13)
    assert [name for name, _, _ in await warned(waiting)] == ["half"]
    ((clock, duty),) = await serious.listing(waiting.scene.desk)
    assert (clock.step, duty.title) == ("tell", "house: tell")


async def test_hostile_words_are_words(waiting: Waiting) -> None:
    await opened(waiting)
    nasty = "<!channel> {who} \0 {{7*7}} " + "x" * 5_000
    outcome = await mark(waiting, "dora", why=nasty)
    assert outcome.verdict is Verdict.GO
    (entry,) = await waiting.entries("INC-1", "incident.serious_marked")
    assert len(entry.why) <= serious.WHY
    assert "\0" not in entry.why
    await say(waiting, "meet", "initial", reference="<https://bank|evil>\n{who}" + "y" * 1_000)
    assert len((await found(waiting))[0].reference) <= serious.REFERENCE
    told = await waiting.told("channel:")
    assert [one for one in told if "{who} \N{REPLACEMENT CHARACTER} {{7*7}}" in one]
    with pytest.raises(BadInput, match="names none of its clocks"):
        await say(waiting, "meet", nasty, reference="r")


async def test_a_warning_that_was_put_too_early_waits(waiting: Waiting) -> None:
    await opened(waiting)
    await mark(waiting, "nis2")
    desk = waiting.scene.desk

    def slower(tx: Tx) -> None:
        for clock in clocks.of(tx, "INC-1"):
            clocks.save(tx, clock, replace(clock, since=clock.since + DAY, due_at=clock.due_at + DAY))

    await desk.store.write(slower)
    await waiting.scene.room.pass_time(hours=13)
    assert await warned(waiting) == []
    await waiting.scene.room.pass_time(hours=24)
    assert [name for name, _, _ in await warned(waiting)] == ["half"]  # of the first; the other's is a day away


def _latency() -> Any:
    from bot.model.alert import Kind

    return Kind.LATENCY
