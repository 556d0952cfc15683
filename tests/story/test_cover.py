"""Cover and swaps: offered to whoever could take the shift, the first to accept has it, reminders come as it nears."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.engine import cover
from bot.errors import NotFound
from bot.model.cover import Standing
from bot.model.verdict import Verdict
from bot.store import overrides
from tests.story import rota_room
from tests.story.place import START
from tests.story.rota_room import DAY, HOUR, TODAY, Scene, day
from tests.story.test_roster import replica


@pytest.fixture
async def scene(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Scene]:
    async with rota_room.opened(tmp_path, sqlite_url) as one:
        yield one


# Asked and taken


async def test_it_is_offered_to_whoever_could_take_it_and_the_shift_stays_until_somebody_does(scene: Scene) -> None:
    await scene.amend(scene.wish("absence", day(1), "gus"))
    asked = await scene.ask("bo", day(1), why="a concert")
    assert asked.verdict is Verdict.GO
    assert asked.sentence == "CVR-1 is offered to ada, cy. Until somebody takes it, the shift stays with bo."
    assert await scene.who(TODAY + DAY) == {"bo"}
    assert (await scene.stored("1")).offered == ("ada", "gus", "cy")
    assert await scene.keys("offer") == ["offer/CVR-1"]


async def test_the_first_to_accept_has_it_and_the_others_hear_who(scene: Scene) -> None:
    await scene.ask("bo", day(1))
    first = await scene.accept("1", "person:cy")
    assert (first.verdict, await scene.who(TODAY + DAY)) == (Verdict.GO, {"cy"})
    assert first.sentence == (
        "cy takes the shift of bo on first-line from 2026-11-24 09:00 UTC until 2026-11-25 09:00 UTC (CVR-1)."
    )
    others = [await scene.accept("cvr-1", by) for by in ("person:ada", "person:cy")]
    assert [(one.verdict, one.sentence) for one in others] == [
        (Verdict.ALREADY, "cy has CVR-1 already."),
        (Verdict.ALREADY, "You have CVR-1 already."),
    ]
    request = await scene.stored("1")
    assert (request.standing, request.taken_by, request.overrides) == (Standing.TAKEN, "cy", ("OVR-1",))
    assert {"CVR-1/taken/bo", "CVR-1/taken/cy"} <= set(await scene.owed())
    kinds = [entry.kind for entry in await scene.entries("CVR-1")]
    assert kinds == ["cover.asked", "cover.taken", "cover.refused", "cover.refused"]
    (amended,) = await scene.entries()
    assert (amended.kind, amended.actor, amended.after["replaces"]) == ("rota.amended", "person:cy", "bo")


async def test_a_swap_makes_both_changes_and_taking_one_back_takes_both(scene: Scene) -> None:
    asked = await scene.ask("ada", day(3), in_return=day(1))
    assert asked.sentence.startswith("CVR-1 is offered to bo.")  # who alone has something to give for it
    refused = await scene.accept("CVR-1", "person:gus")
    assert refused.verdict is Verdict.NOT_POSSIBLE
    assert refused.sentence.startswith("gus is not on call for first-line in that time. The next shift of gus is from")
    swapped = await scene.accept("CVR-1", "person:bo")
    assert (swapped.verdict, await scene.who(TODAY + DAY), await scene.who(TODAY + 3 * DAY)) == (
        Verdict.GO,
        {"ada"},
        {"bo"},
    )
    assert (await scene.stored("1")).overrides == ("OVR-1", "OVR-2")
    assert (await scene.back("OVR-2")).verdict is Verdict.GO
    assert [await scene.who(TODAY + n * DAY) for n in (1, 3)] == [{"bo"}, {"ada"}]
    assert [entry.kind for entry in await scene.entries()] == ["rota.amended"] * 2 + ["rota.restored"] * 2
    assert {"OVR-2/back/ada", "OVR-2/back/bo"} <= set(await scene.owed())


async def test_a_swap_is_found_by_either_of_its_changes_on_both_databases(tmp_path: Path, migrated_url: str) -> None:
    async with rota_room.opened(tmp_path, migrated_url) as scene:
        await scene.ask("ada", day(3), in_return=day(1))
        await scene.accept("1", "person:bo")
        assert (await scene.back("OVR-1")).verdict is Verdict.GO
        assert await kept(scene) == []


async def test_whoever_took_it_cannot_give_it_back_alone(scene: Scene) -> None:
    await scene.edit("owner: churn-ml", "owner: price-ml")
    await scene.ask("bo", day(1))
    await scene.accept("1", "person:gus")
    assert (await scene.back("OVR-1", "person:gus")).verdict is Verdict.NOT_YOUR_ROTA
    assert (await scene.back("OVR-1", "person:dee")).verdict is Verdict.GO


async def test_the_second_half_of_a_swap_that_cannot_be_undoes_the_first(scene: Scene) -> None:
    await scene.ask("ada", day(3), in_return=day(1))
    await scene.amend(scene.wish("override", (TODAY + DAY, TODAY + DAY + HOUR), "cy", replaces="bo"))
    refused = await scene.accept("1", "person:bo")
    assert refused.sentence.startswith("OVR-1 does that already")
    assert [await scene.who(TODAY + n * DAY) for n in (1, 3)] == [{"cy"}, {"ada"}]
    assert (await scene.stored("1")).standing is Standing.OPEN
    assert [one.id for one in await kept(scene)] == ["OVR-1"]


async def kept(scene: Scene) -> list[Any]:
    return await scene.desk.store.read(lambda tx: overrides.active(tx, START, START + 30 * DAY))


# Refused

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "the past": ({"span": (START - 3 * HOUR, START + HOUR)}, "It would change the past"),
    "turned round": ({"span": (TODAY + DAY, TODAY)}, "It would end before it begins. Let it end after"),
    "off": (
        {"span": day(2)},
        "bo is not on call for first-line in that time. The next shift of bo is from 2026-11-27 09:00 UTC",
    ),
    "not in the rota": ({"person": "dee", "by": "person:cy"}, "dee is not in the rota first-line. Choose from: bo."),
    "unknown": ({"person": "bob", "by": "person:cy"}, "Nobody is called bob. Did you mean bo?"),
    "unknown zone": ({"timezone": "Turkey/Ankara"}, "Turkey/Ankara is no time zone."),
    "both at one time": ({"in_return": (TODAY + 1.5 * DAY, TODAY + 3 * DAY)}, "Both shifts of a swap cannot be at"),
    "a return in the past": ({"in_return": (START - DAY, START)}, "It would change the past"),
    "on call in return": ({"in_return": day(4)}, "bo is on call for first-line anyhow from 2026-11-27 09:00 UTC"),
    "somebody else's": ({"by": "person:dee"}, Verdict.NOT_YOUR_ROTA.sentence),
    "nobody we know": ({"by": "slack:U0NOBODY"}, Verdict.STRANGER.sentence),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_asked_is_refused_with_the_reason(scene: Scene, case: str) -> None:
    given, said = REFUSED[case]
    asking = {"person": "bo", "span": day(1), **given}
    answer = await scene.ask(asking.pop("person"), asking.pop("span"), **asking)
    assert answer.sentence.startswith(said)
    assert answer.request is None
    (entry,) = await scene.entries("cover")
    assert (entry.kind, entry.why) == ("cover.refused", answer.sentence)
    assert (await scene.owed(), await kept(scene)) == ({}, [])


async def test_the_same_shift_is_asked_for_once(scene: Scene) -> None:
    await scene.ask("bo", day(1))
    again = await scene.ask("bo", (TODAY + DAY + HOUR, TODAY + 2 * DAY), in_return=day(3))
    assert again.sentence == ("CVR-1 asks for that already, from 2026-11-24 09:00 UTC until 2026-11-25 09:00 UTC.")
    await scene.accept("1", "person:ada")
    taken = await scene.ask("bo", day(1))
    assert taken.sentence.startswith("OVR-1 does that already")


async def test_where_nobody_could_take_it_nobody_is_asked(scene: Scene) -> None:
    for who in ("ada", "gus"):
        await scene.amend(scene.wish("absence", day(1), who))
    await scene.amend(scene.wish("cover", day(1), "cy"))
    assert (await scene.ask("bo", day(1))).sentence.startswith("Nobody could take it: ada, gus, cy are on call")
    swap = await scene.ask("bo", day(4), in_return=day(1))
    assert swap.verdict is Verdict.NOT_POSSIBLE


ACCEPTED = [
    ("person:bo", Verdict.NOT_POSSIBLE, "It is your own shift."),
    ("person:dee", Verdict.NOT_ALLOWED, "You are not among those who are asked."),
    ("slack:U0NOBODY", Verdict.STRANGER, "I do not know you"),
    ("person:gus", Verdict.NOT_POSSIBLE, "gus is away from 2026-11-24 09:00 UTC until 2026-11-25 09:00 UTC (OVR-1)."),
    ("person:cy", Verdict.NOT_POSSIBLE, "cy is on call for first-line anyhow from 2026-11-24 10:00 UTC until"),
]


@pytest.mark.parametrize(("by", "verdict", "said"), ACCEPTED)
async def test_who_cannot_take_it_hears_why(scene: Scene, by: str, verdict: Verdict, said: str) -> None:
    await scene.ask("bo", day(1))
    await scene.amend(scene.wish("absence", day(1), "gus"))
    await scene.amend(scene.wish("cover", (TODAY + DAY + HOUR, TODAY + DAY + 2 * HOUR), "cy"))
    answer = await scene.accept("1", by)
    assert (answer.verdict, answer.sentence.startswith(said)) == (verdict, True)
    assert [entry.kind for entry in await scene.entries("CVR-1")] == ["cover.asked", "cover.refused"]
    assert (await scene.stored("1")).standing is Standing.OPEN


async def test_an_old_card_an_ended_shift_and_no_wish_at_all(scene: Scene) -> None:
    await scene.ask("bo", day(1))
    assert (await scene.accept("1", "person:ada", seen=cover.Seen(0))).verdict is Verdict.STALE
    await scene.room.clock.advance(2 * DAY)  # and the clock's own word is still to come
    late = await scene.accept("1", "person:ada")
    assert (late.verdict, late.sentence.partition(",")[0]) == (
        Verdict.EXPIRED,
        "The shift of CVR-1 began at 2026-11-24 09:00 UTC",
    )
    for typed in ("7", "CVR-x", ""):
        with pytest.raises(NotFound):
            await scene.accept(typed, "person:ada")


# Withdrawn


async def test_who_asked_may_withdraw_it_and_then_nobody_can_take_it(scene: Scene) -> None:
    await scene.ask("bo", day(1))
    assert (await scene.withdraw("1", "person:dee")).verdict is Verdict.NOT_YOUR_ROTA
    assert (await scene.withdraw("1", "person:bo", seen=cover.Seen(9))).verdict is Verdict.STALE
    gone = await scene.withdraw("1", "person:bo", seen=cover.Seen(1))
    assert gone.sentence.startswith("CVR-1 is withdrawn: bo keeps the shift on first-line")
    late = await scene.accept("1", "person:ada")
    assert (late.verdict, late.sentence) == (Verdict.DECIDED, "CVR-1 was withdrawn.")
    assert (await scene.withdraw("1", "person:bo")).verdict is Verdict.DECIDED
    await scene.room.pass_time(days=3)
    assert await scene.owed() == {}


async def test_whose_shift_it_is_hears_that_another_withdrew_it(scene: Scene) -> None:
    await scene.ask("bo", day(1), by="person:cy")
    await scene.withdraw("1", "person:ada")
    assert "CVR-1/withdrawn/bo" in await scene.owed()


# As it nears


async def test_reminders_come_as_it_nears_and_at_its_start_it_is_past(scene: Scene) -> None:
    await scene.ask("gus", day(8), why="a concert")
    assert await scene.keys("cover") == [f"cover/CVR-1/{hours}h" for hours in (168, 72, 24, 12, 0)]
    heard: dict[datetime, set[str]] = {}
    for hours in (169, 73, 25, 13, 1):
        await scene.room.pass_time(hours=(TODAY + 8 * DAY - timedelta(hours=hours) - scene.room.now) / HOUR)
        before = set(await scene.owed())
        await scene.room.pass_time(hours=2 if hours > 1 else 1.5)
        heard[scene.room.now] = set(await scene.owed()) - before
    reminded = [
        {f"cover/CVR-1/{hours}h{to}" for to in ("", "/ada", "/bo", "/cy", "/gus")} for hours in (168, 72, 24, 12)
    ]
    assert [*heard.values()] == [*reminded, {"CVR-1/past", "CVR-1/past/cy", "CVR-1/past/gus"}]
    assert (await scene.stored("1")).standing is Standing.PAST
    assert [entry.kind for entry in await scene.entries("CVR-1")] == ["cover.asked", "cover.past"]
    said = {key: each["text"] for key, each in (await scene.owed()).items()}
    assert said["cover/CVR-1/12h/cy"] == (
        "CVR-1 isteğini henüz kimse almadı; başlangıcı 2026-12-01 09:00 UTC. gus, first-line nöbeti için yerine birini "
        "arıyor: 2026-12-01 09:00 UTC, 2026-12-02 09:00 UTC (CVR-1). İlk kabul edenin olur. Neden: a concert "
        "Kabul etmek için: /oncall accept CVR-1"
    )
    assert said["CVR-1/past/gus"] == (
        "Nobody took CVR-1: the shift on first-line from 2026-12-01 09:00 UTC until 2026-12-02 09:00 UTC has begun, "
        "and is still gus's."
    )


async def test_what_is_taken_is_not_reminded_of(scene: Scene) -> None:
    await scene.ask("gus", day(8))
    await scene.accept("1", "person:ada")
    await scene.room.pass_time(days=10)
    assert not [key for key in await scene.owed() if key.startswith("cover/") or "past" in key]


async def test_of_reminders_that_come_late_together_one_is_said(scene: Scene) -> None:
    await scene.ask("gus", day(8))
    await scene.room.clock.advance(TODAY + 8 * DAY - 2 * HOUR - scene.room.now)  # the bot was away for a week
    await scene.room.worker.drain()
    said = {key.partition("/CVR-1/")[2].partition("/")[0] for key in await scene.owed() if key.startswith("cover/")}
    assert said == {"12h"}


async def test_a_shift_that_is_given_to_another_meanwhile_needs_no_cover(scene: Scene) -> None:
    await scene.ask("gus", day(8))
    await scene.amend(scene.wish("override", day(8), "cy", replaces="gus"))
    await scene.room.pass_time(days=9)
    owed = await scene.owed()
    assert owed["CVR-1/moot/gus"]["text"].startswith("CVR-1 is not needed any more: gus is not on call for first-line")
    assert (await scene.stored("1")).standing is Standing.WITHDRAWN
    assert not [key for key in owed if "past" in key]


# At once


async def test_accepted_at_once_on_two_replicas_one_has_it(tmp_path: Path, migrated_url: str) -> None:
    async with rota_room.opened(tmp_path, migrated_url) as scene, AsyncExitStack() as stack:
        other = await replica(scene, stack)
        await scene.ask("ada", day(3), in_return=day(1))
        await scene.ask("gus", day(2))
        people = ["person:ada", "person:bo", "person:cy"]
        answers = await asyncio.gather(
            *(scene.accept("2", by, desk=desk) for desk in (scene.desk, other) for by in people),
            *(scene.accept("1", "person:bo", desk=desk) for desk in (scene.desk, other)),
        )
        first, swap = answers[:6], answers[6:]
        request = await scene.stored("2")
        assert [one.verdict for one in first].count(Verdict.GO) == 1
        losers = {one.sentence for one in first if one.verdict is not Verdict.GO}
        assert losers <= {f"{request.taken_by} has CVR-2 already.", "You have CVR-2 already."}
        assert await scene.who(TODAY + 2 * DAY) == {request.taken_by}
        assert sorted(one.verdict.name for one in swap) == ["ALREADY", "GO"]
        assert len(await kept(scene)) == 3


async def test_withdrawn_and_accepted_at_once_is_one_of_them(tmp_path: Path, migrated_url: str) -> None:
    async with rota_room.opened(tmp_path, migrated_url) as scene, AsyncExitStack() as stack:
        other = await replica(scene, stack)
        await scene.ask("bo", day(1))
        yes, no = await asyncio.gather(scene.accept("1", "person:ada", desk=other), scene.withdraw("1", "person:bo"))
        assert [yes.verdict, no.verdict].count(Verdict.GO) == 1
        standing = (await scene.stored("1")).standing
        assert standing is (Standing.TAKEN if yes.verdict is Verdict.GO else Standing.WITHDRAWN)
        assert len(await kept(scene)) == (standing is Standing.TAKEN)


async def test_asked_for_at_once_on_two_replicas_is_one_wish(tmp_path: Path, migrated_url: str) -> None:
    async with rota_room.opened(tmp_path, migrated_url) as scene, AsyncExitStack() as stack:
        other = await replica(scene, stack)
        both = await asyncio.gather(scene.ask("bo", day(1)), scene.ask("bo", day(1), desk=other))
        assert sorted(one.verdict.name for one in both) == ["GO", "NOT_POSSIBLE"]
