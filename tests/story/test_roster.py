"""Rotas changed by hand: shown before it is done, judged, told to everybody whose shift moves, and written down."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.engine import roster
from bot.engine.desk import Desk
from bot.engine.roster import Wish
from bot.errors import NotFound
from bot.model.rota import Amendment, Override
from bot.model.verdict import Verdict
from bot.store import Store, overrides
from bot.testing.clock import FakeClock
from tests.story import rota_room
from tests.story.place import START
from tests.story.rota_room import DAY, HOUR, ROTA, TODAY, Scene, day


@pytest.fixture
async def scene(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Scene]:
    async with rota_room.opened(tmp_path, sqlite_url) as one:
        yield one


# What is done


async def test_an_override_replaces_its_member_and_adds_nobody_while_they_are_off(scene: Scene) -> None:
    done = await scene.amend(
        scene.wish("override", (TODAY - HOUR, TODAY + 2 * DAY), "dee", replaces="bo", why="moving")
    )
    assert done.verdict is Verdict.GO
    assert done.override is not None
    assert done.override.id == "OVR-1"
    assert [await scene.who(TODAY + n * DAY) for n in (0, 1, 2)] == [{"ada"}, {"dee"}, {"gus"}]
    assert done.sentence == (
        "dee stands in for bo on first-line from 2026-11-23 08:00 UTC until 2026-11-25 09:00 UTC (OVR-1, by cy). "
        "Why: moving. It moves the shifts of bo, dee."
    )


async def test_everybody_whose_shift_moves_is_told_once_and_nobody_else(scene: Scene) -> None:
    await scene.amend(scene.wish("override", day(1), "cy", replaces="bo"), by="person:ada")
    owed = await scene.owed()
    assert sorted(owed) == ["OVR-1/made/bo", "OVR-1/made/cy"]
    assert owed["OVR-1/made/bo"]["to"] == "person:bo"
    assert owed["OVR-1/made/bo"]["lines"] == [
        "You are not on call for first-line from 2026-11-24 09:00 UTC until 2026-11-25 09:00 UTC any more."
    ]
    assert owed["OVR-1/made/cy"]["lines"] == [
        "first-line nöbetçisi sizsiniz: 2026-11-24 09:00 UTC, 2026-11-25 09:00 UTC."
    ]


async def test_a_cover_adds_and_an_absence_leaves_a_gap_that_is_shown(scene: Scene) -> None:
    assert (await scene.amend(scene.wish("cover", day(0), "bo"))).verdict is Verdict.GO
    assert await scene.who(TODAY) == {"ada", "bo"}
    gap = await scene.amend(scene.wish("absence", day(2), "gus"), by="person:gus")
    assert gap.verdict is Verdict.GO
    assert gap.sentence.endswith(
        "Nobody would be on call for first-line from 2026-11-25 09:00 UTC until 2026-11-26 09:00 UTC."
    )
    assert await scene.who(TODAY + 2 * DAY) == set()


async def test_who_stands_in_may_fill_the_gap_of_an_absence(scene: Scene) -> None:
    await scene.amend(scene.wish("absence", day(2), "gus"))
    done = await scene.amend(scene.wish("override", day(2), "cy", replaces="gus"))
    assert done.verdict is Verdict.GO
    assert await scene.who(TODAY + 2 * DAY) == {"cy"}


async def test_an_absence_from_no_shift_is_allowed_and_says_when_the_next_is(scene: Scene) -> None:
    done = await scene.amend(scene.wish("absence", day(0), "bo"), by="person:bo")
    assert done.verdict is Verdict.GO
    assert (
        "bo is not on call for first-line in that time. The next shift of bo is from 2026-11-24 09:00" in done.sentence
    )


async def test_a_preview_shows_before_and_after_a_day_either_side_and_writes_nothing(scene: Scene) -> None:
    shown = await scene.preview(scene.wish("override", day(1), "cy", replaces="bo"))
    assert shown.verdict is Verdict.GO
    assert [[h.person for h in s.holders] for s in shown.before] == [["ada"], ["bo"], ["gus"]]
    assert [[h.person for h in s.holders] for s in shown.after] == [["ada"], ["cy"], ["gus"]]
    assert (shown.before[0].start, shown.before[-1].end) == (TODAY, TODAY + 3 * DAY)
    assert (shown.moved, shown.conflicts) == (("bo", "cy"), ())
    assert await scene.who(TODAY + DAY) == {"bo"}
    assert await scene.entries() == []
    assert await scene.owed() == {}


async def test_what_was_seen_may_be_done_even_when_some_time_has_passed(scene: Scene) -> None:
    wish = scene.wish("override", (START, START + 2 * HOUR), "cy", replaces="gus")
    shown = await scene.preview(wish)
    await scene.room.clock.advance(timedelta(minutes=3))
    done = await scene.amend(wish, seen=shown.seen)
    assert done.verdict is Verdict.GO
    assert done.override is not None
    assert done.override.start == scene.room.now  # what was until now stays what was


async def test_a_rota_that_changed_since_it_was_seen_is_looked_at_again(scene: Scene) -> None:
    wish = scene.wish("override", day(1), "cy", replaces="bo")
    shown = await scene.preview(wish)
    await scene.amend(scene.wish("cover", day(1), "dee"))
    stale = await scene.amend(wish, seen=shown.seen)
    assert (stale.verdict, stale.override) == (Verdict.STALE, None)
    assert stale.sentence == "The rota first-line has changed since you saw it; look again, then decide."


async def test_times_without_a_zone_are_the_rotas_or_the_one_that_is_named(scene: Scene) -> None:
    naive = (datetime(2026, 11, 24, 12), datetime(2026, 11, 24, 13))
    wishes = [Wish("second-line", Amendment.COVER, *naive, "ada", timezone=zone) for zone in ("", "America/Chicago")]
    found = [(await scene.amend(wish, "person:eve")).override for wish in wishes]
    assert [one.start.hour for one in found if one] == [9, 18]


# What is refused

REFUSED: dict[str, tuple[Callable[[Scene], Wish], str]] = {
    "end before start": (
        lambda s: s.wish("cover", (TODAY + DAY, TODAY), "bo"),
        "It would end before it begins. Let it end after 2026-11-24 09:00 UTC.",
    ),
    "no length": (
        lambda s: s.wish("cover", (TODAY, TODAY), "bo"),
        "It would end before it begins. Let it end after 2026-11-23 09:00 UTC.",
    ),
    "the past": (
        lambda s: s.wish("cover", (START - 2 * HOUR, START + HOUR), "bo"),
        "It would change the past: it begins at 2026-11-23 01:38 UTC, and what was stays what it was. "
        "It can begin now, at 2026-11-23 03:38 UTC, at the earliest.",
    ),
    "the year 1": (
        lambda s: s.wish("cover", (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)), "bo"),
        "It would change the past: it begins at 1971-01-01 00:00 UTC",
    ),
    "the year 9999": (
        lambda s: s.wish("cover", (datetime(9999, 12, 30), datetime(9999, 12, 31)), "bo"),
        "It would begin more than 366 days from now. It can begin at 2027-11-24 03:38 UTC at the latest.",
    ),
    "for ever": (
        lambda s: s.wish("cover", (TODAY, TODAY + 200 * DAY), "bo"),
        "It would last longer than 90 days. Let it end at 2027-02-21 09:00 UTC at the latest.",
    ),
    "an unknown person": (
        lambda s: s.wish("cover", day(1), "gusto"),
        "Nobody is called gusto. Did you mean gus?",
    ),
    "nobody": (lambda s: s.wish("cover", day(1), None), "It says of nobody that they are on call or away."),
    "an unknown replaced person": (
        lambda s: s.wish("override", day(1), "cy", replaces="b"),
        "Nobody is called b. Did you mean bo?",
    ),
    "somebody who is not in the rota": (
        lambda s: s.wish("override", day(1), "cy", replaces="dee"),
        "dee is not in the rota first-line. Choose from: bo.",
    ),
    "somebody who is off": (
        lambda s: s.wish("override", day(1), "cy", replaces="ada"),
        "ada is not on call for first-line in that time. "
        "The next shift of ada is from 2026-11-26 09:00 UTC until 2026-11-27 09:00 UTC.",
    ),
    "themselves": (
        lambda s: s.wish("override", day(1), "bo", replaces="bo"),
        "bo cannot stand in for themselves.",
    ),
    "a cover that replaces": (
        lambda s: s.wish("cover", day(1), "cy", replaces="bo"),
        "Only an override replaces somebody, so bo cannot be named here.",
    ),
    "the absence of a stranger to the rota": (
        lambda s: s.wish("absence", day(1), "dee"),
        "dee is not in the rota first-line. Choose from: ada, bo, gus.",
    ),
    "a cover by who is on call": (
        lambda s: s.wish("cover", day(1), "bo"),
        "That would change nothing. Choose from: bo.",
    ),
    "an unknown zone": (
        lambda s: s.wish("cover", day(1), "cy", timezone="Europe/Istambul"),
        "Europe/Istambul is no time zone. Did you mean Europe/Istanbul?",
    ),
    "a zone that is a folder": (
        lambda s: s.wish("cover", day(1), "cy", timezone="../Europe"),
        "../Europe is no time zone.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_is_refused_with_the_reason_and_the_nearest_thing(scene: Scene, case: str) -> None:
    make, said = REFUSED[case]
    shown, done = await scene.preview(make(scene)), await scene.amend(make(scene))
    assert (shown.verdict, done.verdict, done.override) == (Verdict.NOT_POSSIBLE, Verdict.NOT_POSSIBLE, None)
    assert done.sentence.startswith(said)
    assert shown.sentence == shown.conflicts[0] == done.sentence
    (entry,) = await scene.entries()
    assert (entry.kind, entry.chain, entry.why) == ("rota.refused", "retail", done.sentence)
    assert entry.after["verdict"] == "NOT_POSSIBLE"
    assert await scene.owed() == {}


async def test_the_same_change_twice_is_refused_and_the_free_time_named(scene: Scene) -> None:
    await scene.amend(scene.wish("override", day(1), "cy", replaces="bo"))
    again = await scene.amend(scene.wish("override", (TODAY + DAY + HOUR, TODAY + 3 * DAY), "dee", replaces="bo"))
    assert again.verdict is Verdict.NOT_POSSIBLE
    await scene.amend(scene.wish("absence", day(3), "ada"))
    twice = await scene.amend(scene.wish("absence", (TODAY + 2 * DAY, TODAY + 5 * DAY), "ada"))
    assert twice.sentence == (
        "OVR-2 does that already from 2026-11-26 09:00 UTC until 2026-11-27 09:00 UTC. "
        "Begin at 2026-11-27 09:00 UTC, or take OVR-2 back first."
    )
    away = await scene.amend(scene.wish("override", day(3), "ada", replaces=None))
    assert away.sentence.startswith("ada is away from 2026-11-26 09:00 UTC until 2026-11-27 09:00 UTC (OVR-2).")


async def test_a_change_that_stands_in_the_configuration_counts(scene: Scene) -> None:
    planned = "{kind: absence, start: '2026-11-24 09:00', end: '2026-11-25 09:00', person: bo}"
    await scene.edit("members: [ada, bo, gus]}", f"members: [ada, bo, gus]}}\n    overrides: [{planned}]")
    again = await scene.amend(scene.wish("absence", day(1), "bo"))
    assert again.sentence.startswith("config/first-line/1 does that already")
    kept = await scene.back("config/first-line/1")
    assert (kept.verdict, "rotas.yaml" in kept.sentence) == (Verdict.NOT_POSSIBLE, True)


async def test_an_unknown_rota_is_not_found_and_the_nearest_is_named(scene: Scene) -> None:
    with pytest.raises(NotFound, match="Did you mean 'first-line'"):
        await scene.preview(scene.wish("cover", day(1), "cy", rota="frist-line"))


MAY = [
    ("person:ada", "override", Verdict.GO),  # of the owner team
    ("person:cy", "override", Verdict.GO),  # its lead
    ("person:eve", "override", Verdict.GO),  # an admin
    ("person:dee", "override", Verdict.NOT_YOUR_ROTA),
    ("slack:U0NOBODY", "override", Verdict.STRANGER),
    ("slack:U01BO", "absence", Verdict.GO),
    ("person:flo", "absence", Verdict.NOT_YOUR_ROTA),
]


@pytest.mark.parametrize(("by", "kind", "verdict"), MAY)
async def test_who_may(scene: Scene, by: str, kind: str, verdict: Verdict) -> None:
    who = ("cy", "bo") if kind == "override" else ("bo", None)
    done = await scene.amend(scene.wish(kind, day(1), who[0], replaces=who[1]), by)
    assert done.verdict is verdict
    (entry,) = await scene.entries()
    assert entry.kind == ("rota.amended" if verdict is Verdict.GO else "rota.refused")
    assert entry.after["as"] == by


async def test_a_rota_of_no_team_is_for_those_who_take_turns_in_it(scene: Scene) -> None:
    wish = scene.wish("cover", day(1), "ada", rota="second-line")
    assert (await scene.amend(wish, "person:bo")).verdict is Verdict.NOT_YOUR_ROTA
    assert (await scene.amend(wish, "person:flo")).verdict is Verdict.GO
    assert [entry.chain for entry in await scene.entries("rota:second-line")] == ["tocsin", "tocsin"]


# Taking it back


async def test_what_was_not_begun_is_undone_and_those_it_moves_are_told(scene: Scene) -> None:
    await scene.amend(scene.wish("override", day(1), "cy", replaces="bo"))
    done = await scene.back("ovr-1", "person:ada")
    assert done.verdict is Verdict.GO
    assert await scene.who(TODAY + DAY) == {"bo"}
    assert {"OVR-1/back/bo", "OVR-1/back/cy"} <= set(await scene.owed())
    assert [entry.kind for entry in await scene.entries()] == ["rota.amended", "rota.restored"]
    with pytest.raises(NotFound):
        await scene.back("OVR-1")


async def test_what_has_begun_ends_now_and_what_it_did_stays(scene: Scene) -> None:
    await scene.amend(scene.wish("override", day(0), "cy", replaces="ada"))
    await scene.room.pass_time(hours=8)
    assert (await scene.back("OVR-1")).verdict is Verdict.GO
    assert [await scene.who(at) for at in (TODAY, scene.room.now)] == [{"cy"}, {"ada"}]
    over = await scene.back("OVR-1")
    assert (over.verdict, over.sentence) == (Verdict.ALREADY, "OVR-1 is over already, since 2026-11-23 11:38 UTC.")


async def test_who_was_put_on_call_cannot_undo_it_but_who_is_away_can_come_back(scene: Scene) -> None:
    await scene.amend(scene.wish("override", day(1), "dee", replaces="bo"))
    await scene.amend(scene.wish("absence", day(2), "gus"), by="person:gus")
    assert (await scene.back("OVR-1", "person:dee")).verdict is Verdict.NOT_YOUR_ROTA
    assert (await scene.back("OVR-2", "person:gus")).verdict is Verdict.GO
    assert [await scene.who(TODAY + n * DAY) for n in (1, 2)] == [{"dee"}, {"gus"}]


async def test_what_is_planned_and_in_force_is_listed_in_order(scene: Scene) -> None:
    await scene.amend(scene.wish("cover", day(3), "cy"))
    await scene.amend(scene.wish("absence", day(1), "bo"))
    await scene.amend(scene.wish("cover", day(1), "ada", rota="second-line"), "person:eve")
    at = scene.room.now
    assert [one.id for one in await roster.standing(scene.desk, at)] == ["OVR-2", "OVR-3", "OVR-1"]
    assert [one.id for one in await roster.standing(scene.desk, at + 3 * DAY, ROTA)] == ["OVR-1"]


# An incident that is open


async def test_a_page_that_went_out_stays_and_the_next_step_resolves_anew(scene: Scene) -> None:
    runbook = scene.room.home / "runbooks/anything.md"
    text = runbook.read_text("utf-8")
    runbook.write_text(text.replace('"person:bo"', '"rota:first-line"'), "utf-8")
    scene.room.reload()
    await scene.room.alert("accuracy fell")
    await scene.room.pass_time(minutes=1)
    assert scene.room.paged() == ["gus"]
    now = scene.room.now
    await scene.amend(scene.wish("override", (now, now + HOUR), "eve", replaces="gus"))
    await scene.room.pass_time(minutes=1)
    assert scene.room.paged() == ["gus"]
    await scene.room.pass_time(minutes=10)
    assert sorted(scene.room.paged()) == ["eve", "gus"]


# At once


async def replica(scene: Scene, stack: AsyncExitStack) -> Desk:
    store = await Store.open(scene.room.env["DATABASE_URL"], clock=FakeClock(scene.room.now), migrate=False)
    stack.push_async_callback(store.close)
    return Desk(store, store.clock, scene.desk.settings, scene.desk.runbooks)


@pytest.mark.parametrize("kind", ["cover", "absence", "override"])
async def test_the_same_change_on_two_replicas_at_once_is_one(tmp_path: Path, migrated_url: str, kind: str) -> None:
    async with rota_room.opened(tmp_path, migrated_url) as scene, AsyncExitStack() as stack:
        other = await replica(scene, stack)
        wish = scene.wish(
            kind, day(1), "bo" if kind == "absence" else "cy", replaces="bo" if kind == "override" else None
        )
        both = await asyncio.gather(*(scene.amend(wish, desk=each) for each in (scene.desk, other) for _ in range(4)))
        assert sorted(one.verdict.name for one in both) == ["GO", *["NOT_POSSIBLE"] * 7]
        assert all("does that already" in one.sentence for one in both if one.verdict is not Verdict.GO)
        kept = await scene.desk.store.read(lambda tx: overrides.active(tx, *day(1)))
        assert [one.id for one in kept] == ["OVR-1"]


async def test_a_clash_with_a_row_that_was_there_is_a_refusal(scene: Scene) -> None:
    there = Override("mine", ROTA, Amendment.OVERRIDE, *day(1), "cy", "bo")
    await scene.desk.store.write(lambda tx: overrides.add(tx, there))
    again = await scene.amend(scene.wish("override", day(1), "cy", replaces="bo"))
    assert (again.verdict, again.sentence.partition(" ")[0]) == (Verdict.NOT_POSSIBLE, "mine")
