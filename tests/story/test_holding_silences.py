"""Silences and maintenance: what they hit is held, and what still fires at the end is paged then."""

from datetime import timedelta

import pytest

from bot.model.held import Cause
from bot.model.incident import Phase
from bot.model.verb import Verb
from tests.story import quieted
from tests.story.place import Place, send


async def test_what_a_silence_hits_is_held_and_pages_nobody_until_it_is_over(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await q.silence("model = churn", minutes=40)
        receipt = await q.tell("age drifts")
        assert (receipt.held, receipt.new, receipt.accepted, receipt.incidents) == (1, 0, 1, set())
        assert q.house.paged() == []
        (held,) = await q.held()
        assert (held.hold.cause, held.hold.by, held.hold.why) == (
            Cause.SILENCE,
            "SIL-1",
            "Held by SIL-1 (ada: backfill).",
        )
        assert held.hold.until == q.now + timedelta(minutes=40)
        assert len(await q.told("hook:age drifts", "alert.held")) == 1
        await q.house.pass_time(minutes=39, seconds=59)
        assert q.house.paged() == []
        await q.house.pass_time(seconds=1)
        incident = await q.incident(1)
        assert incident.opened_at == held.hold.until
        assert incident.why.startswith("Held 40 min by SIL-1 (ada: backfill). anything matches")
        assert "Held 40 min by SIL-1 (ada: backfill)." in (await q.house.card("INC-1")).shown
        assert [person for person, _ in q.house.paged()] == ["ada"]
        assert await q.held() == []
        (entry,) = await q.told("INC-1", "alert.released")
        assert entry.entry.before["by"] == "SIL-1"


async def test_what_resolves_while_it_is_held_opens_nothing(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await q.silence("model = churn")
        await q.tell("age drifts")
        receipt = await q.over("age drifts")
        assert (receipt.resolved, receipt.incidents) == (1, set())
        assert await q.held() == []
        (entry,) = await q.told("hook:age drifts", "alert.released")
        assert "resolved while held" in entry.entry.why
        await q.house.pass_time(minutes=90)
        assert q.house.paged() == []
        assert (await q.over("age drifts")).dropped == 1


async def test_a_repeat_of_what_is_held_is_counted_and_its_last_word_is_kept(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await q.silence("model = churn", minutes=30)
        await q.tell("age drifts")
        start = q.now
        for minute in range(3):
            await q.house.pass_time(minutes=1)
            receipt = await q.tell("age drifts", started_at=start.isoformat(), summary=f"at {minute}")
            assert (receipt.repeat, receipt.held) == (1, 0)
        receipt = await q.tell("age drifts", status="no_data")
        assert receipt.repeat == 1
        (held,) = await q.held()
        assert (held.repeats, held.alert.summary, held.alert.started_at) == (4, "at 2", start)
        assert (held.first_seen_at, held.last_seen_at) == (start, q.now)
        await q.house.pass_time(minutes=30)
        assert (await q.incident(1)).repeats == 4


async def test_ended_early_it_releases_at_once_and_its_end_does_nothing_more(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        silence = await q.silence("model = churn")
        await q.tell("age drifts")
        await q.house.pass_time(minutes=5)
        await q.end(silence)
        assert len(q.house.paged()) == 1
        await q.house.answer(Verb.RESOLVE, "INC-1", by="ada")
        await q.house.pass_time(minutes=90)
        assert len(q.house.paged()) == 1


async def test_what_another_silence_still_hits_stays_held(place: Place) -> None:
    async with quieted.opened(place) as q:
        await q.silence("model = churn", minutes=20)
        await q.tell("age drifts")
        await q.silence("kind = drift", minutes=60, why="retraining", by="person:bo")
        await q.house.pass_time(minutes=30)
        (held,) = await q.held()
        assert (held.hold.by, held.hold.why) == ("SIL-2", "Held by SIL-2 (bo: retraining).")
        assert [one.entry.after["by"] for one in await q.told("hook:age drifts", "alert.held")] == ["SIL-1", "SIL-2"]
        await q.house.pass_time(minutes=30)
        assert (await q.incident(1)).why.startswith("Held 60 min by SIL-2 (bo: retraining).")


async def test_maintenance_that_was_planned_holds_from_its_beginning_on(place: Place) -> None:
    async with quieted.opened(place) as q:
        await q.silence("entity = retail", begins=30, minutes=30, maintenance=True, why="upgrade")
        assert (await q.tell("before it")).new == 1
        await q.house.pass_time(minutes=30)
        assert (await q.tell("within it", kind="latency")).held == 1
        assert (await q.tell("elsewhere", model="price")).new == 1
        (held,) = await q.held()
        assert (held.hold.cause, held.hold.why) == (Cause.MAINTENANCE, "Held by maintenance SIL-1 (ada: upgrade).")
        await q.house.pass_time(minutes=30)
        assert (await q.incident(3)).title == "within it"


async def test_what_fires_in_an_open_incident_stays_there_whatever_is_silenced(place: Place) -> None:
    async with quieted.opened(place) as q:
        await q.tell("age drifts")
        await q.silence("model = churn")
        await q.house.pass_time(minutes=1)
        assert (await q.tell("age drifts", started_at=(q.now - timedelta(hours=2)).isoformat())).repeat == 1
        receipt = await q.tell("age drifts")  # a new episode, begun before the last was resolved
        assert (receipt.new, receipt.incidents) == (1, {"INC-1"})
        assert (await q.over("age drifts")).incidents == {"INC-1"}
        assert (await q.incident(1)).phase is Phase.RESOLVED
        assert (await q.tell("age drifts")).held == 1


async def test_what_still_fires_long_after_its_incident_was_closed_by_hand_can_be_held(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await q.tell("age drifts")
        start = q.now.isoformat()
        await q.house.answer(Verb.RESOLVE, "INC-1", by="ada")
        await q.silence("model = churn", minutes=60)
        await q.house.pass_time(minutes=20)
        assert (await q.tell("age drifts", started_at=start)).held == 1
        assert (await q.incident(1)).alerts_firing == 0
        await q.house.pass_time(minutes=40)
        assert (await q.incident(2)).alerts_firing == 1
        assert (await q.over("age drifts")).incidents == {"INC-2"}


async def test_a_story_in_one_body_is_held_as_it_was_told(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await q.silence("model = churn", minutes=30)
        later = (q.now + timedelta(minutes=1)).isoformat()
        over = {"title": "age drifts", "status": "resolved"}
        receipt = await q.tell_all({"title": "age drifts"}, over, {"title": "age drifts", "started_at": later})
        assert (receipt.held, receipt.resolved) == (2, 1)
        receipt = await q.tell_all(
            {"title": "income drifts"}, {"title": "income drifts"}, {**over, "title": "income drifts"}
        )
        assert (receipt.held, receipt.repeat, receipt.resolved) == (1, 1, 1)
        assert [one.alert.title for one in await q.held()] == ["age drifts"]
        await q.house.pass_time(minutes=30)
        assert (await q.incident(1)).alerts_total == 1


async def test_in_shadow_it_pages_and_says_what_it_would_have_done(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await q.silence("model = churn", shadow=True)
        assert (await q.tell("age drifts")).new == 1
        assert len(q.house.paged()) == 1
        assert "In shadow: it would have been held by SIL-1 (ada: backfill)." in (await q.incident(1)).why
        await q.tell("income drifts")
        (one, other) = await q.told("INC-1", "noise.shadowed")
        assert (one.entry.after["rule"], other.entry.after["problem"]) == ("SIL-1", "hook:income drifts")


async def test_the_sender_is_told_how_many_are_held(place: Place) -> None:
    async with quieted.opened(place) as q:
        await q.silence("model = churn")
        answer = await send(q.house, "/alerts/hook", {"title": "age drifts", "problem": "a", "model": "churn"})
        assert (answer.status, answer.body["accepted"], answer.body["held"]) == (202, 1, 1)


@pytest.mark.parametrize("why", ["<!channel> *now*", "SIL-9 said <@U01BO>"])
async def test_words_of_a_silence_are_data_on_the_card(place: Place, why: str) -> None:
    async with quieted.opened(place) as q:
        await q.silence("model = churn", minutes=5, why=why)
        await q.tell("age drifts")
        await q.house.pass_time(minutes=5)
        assert f"(ada: {why})" in (await q.house.card("INC-1")).shown  # in plain text, where nothing is a mention
