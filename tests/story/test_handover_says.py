"""What a handover says of a shift: everything the incoming must know, in the order of what to do first, and no more."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.engine import handover_digest, handover_report, respond, silence
from bot.engine.handover_report import Report
from bot.engine.silence import Draft
from bot.model.change import Change, Step
from bot.model.entry import Entry
from bot.model.freeze import Freeze, LegalHold
from bot.model.handover import Handover, Remark, Standing
from bot.model.incident import ENDED, Incident, close
from bot.model.job import Job, Lane
from bot.model.matcher import Matcher
from bot.model.served import WayBack
from bot.model.verb import Verb
from bot.model.watch import Watch
from bot.settings.nouns import Digest
from bot.store import Tx, changes, freezes, incidents, legal_holds, letters, watches, ways_back
from bot.store.letters import Letter
from tests.story import rota_room
from tests.story.place import START
from tests.story.rota_room import DAY, TODAY, Scene
from tests.unit import changed

HOUR = timedelta(hours=1)
NASTY = "<!channel> *all* <https://evil.example|ok>\n\u202egnp {who}"


@pytest.fixture
async def scene(tmp_path: Path, migrated_url: str) -> AsyncIterator[Scene]:
    """Gus is on call until nine, then ada is."""
    async with rota_room.opened(tmp_path, migrated_url) as opened:
        yield opened


async def report(scene: Scene, **more: Any) -> Report:
    """Gus's shift, as it stands."""
    span = {"since": TODAY - DAY, "until": TODAY} | more
    found = await scene.desk.store.read(
        lambda tx: handover_report.draft(tx, scene.desk, "first-line", span["since"], span["until"], scene.room.now)
    )
    kept: Report = json.loads(json.dumps(found))  # a database keeps it as that
    return kept


async def said(scene: Scene, **more: Any) -> dict[str, list[str]]:
    """The lines of each section in plain words, by its title."""
    found: dict[str, list[str]] = {}
    for one in handover_report.plain(await report(scene, **more), None).splitlines():
        if one.endswith(":") and not one.startswith(" "):
            found[one[:-1]] = last = []
        elif one.startswith("  "):
            last.append(one.strip())
    return found


async def press(scene: Scene, verb: Verb, incident: Incident, by: str = "ada", **more: Any) -> None:
    """Somebody does something about an incident."""
    await respond.take(scene.desk, respond.Press(verb, incident.id, f"person:{by}", scene.room.now, "cli", **more))


async def kept(scene: Scene, *facts: Change, watched: Watch | None = None) -> None:
    """Changes, and a watch, as they would have come about."""

    def put(tx: Tx) -> None:
        for change in facts:
            changes.add(tx, change)
        if watched:
            watches.add(tx, watched)

    await scene.desk.store.write(put)


def change(number: int, step: Step, model: str = "churn", **more: Any) -> Change:
    """A change of a model on its way; each of a model of its own, so that all can be open."""
    made = changed.change(step=step)
    plan = replace(made.plan, model=model, **more.pop("plan", {}))
    return replace(made, id=f"CHG-{number}", plan=plan, expires_at=TODAY + HOUR, **more)


async def test_an_empty_shift_has_nothing_notable(scene: Scene) -> None:
    found = await report(scene)
    assert not found["notable"]
    assert "Nothing notable." in handover_report.plain(found, None)
    assert "Kayda değer bir şey yok." in handover_report.plain(found, None, "tr")
    assert set(await said(scene)) == {"This shift, and those before it"}


async def test_nobodys_goes_before_somebodys_and_each_says_what_is_next(scene: Scene) -> None:
    held = await scene.room.alert("accuracy fell")
    await press(scene, Verb.ACKNOWLEDGE, held, by="bo")
    leaving = await scene.room.alert("latency rose", model="price")
    await press(scene, Verb.ACKNOWLEDGE, leaving, by="gus")
    await scene.room.alert("it is silent", environment="staging")
    await scene.room.pass_time(minutes=1)
    lines = (await said(scene))["Open incidents"]
    assert lines[0].startswith("INC-3 · SEV2 · churn (churn-ml): it is silent. Nobody has answered; next is L2")
    assert "(person:bo), 2026-11-23 03:48 UTC." in lines[0]
    assert lines[1].endswith("accuracy fell. bo has it.")
    assert "gus has it and goes off call: take it over" in lines[2]


async def test_a_snoozed_one_says_who_is_paged_again(scene: Scene) -> None:
    await press(scene, Verb.SNOOZE, await scene.room.alert("accuracy fell"), detail="30")
    (line,) = (await said(scene))["Open incidents"]
    assert line.endswith("ada is paged again 2026-11-23 04:08 UTC.")


async def test_changes_tell_what_would_make_them_go_back_and_approvals_when_they_run_out(scene: Scene) -> None:
    incident = await scene.room.alert("accuracy fell")
    seen = changed.change().plan.after
    until = {"deadline": TODAY + 2 * HOUR}
    await kept(
        scene,
        change(1, Step.PROPOSED, incident=incident.id),
        change(2, Step.VERIFYING, "churn-v2", seen=seen, plan={"metric": "auc"}, **until),
        change(3, Step.UNKNOWN, "other", incident=incident.id),
        change(4, Step.PROPOSED, "price"),
    )
    found = await said(scene)
    (approval,) = found["Waiting for approval"]
    assert approval.startswith("CHG-1 · roll back churn, wanted by ")
    assert approval.endswith("1 more must agree by 2026-11-23 10:00 UTC, or it runs out.")
    first, second = found["Changes in flight"]
    assert "CHG-3" in first
    assert "Nobody can say what came of it" in first
    assert "If auc has not recovered by 2026-11-23 11:00 UTC, go back to" in second
    assert found["Open incidents"][0].endswith("CHG-1 waits for approval until 2026-11-23 10:00 UTC.")


async def test_the_watch_list_has_numbers(scene: Scene) -> None:
    measure = {"metric": "auc", "value": 0.9, "threshold": 0.8, "op": "<", "problem": "auc"}
    facts = {"sample_size": None, "window": None, "feature": None, "segment": None, "breached": None, "baseline": None}
    sample = {"at": (START - 2 * DAY).isoformat(), "problem": "auc", "measure": {**facts, **measure}}
    sample["measure"].pop("problem")  # type: ignore[attr-defined]
    low = {**sample, "at": START.isoformat(), "measure": {**sample["measure"], "value": 0.7}}  # type: ignore[dict-item]
    watch = Watch("CHG-9", "churn", "retail", "7", START - DAY, TODAY + DAY, "auc", (sample,))
    alone = Watch("CHG-8", "churn", "retail", "6", START - DAY, TODAY + 2 * DAY)
    await kept(scene, change(9, Step.DONE), change(8, Step.DONE), watched=watch)
    assert "churn 7: no sample of auc yet (before: 0.9)" in (await said(scene))["Watch"][0]
    entry = Entry("retail", "watch.measured", START, "tocsin", "CHG-9", after={"metric": "auc", "samples": [low]})
    await kept(scene, watched=alone)
    await scene.desk.store.write(lambda tx: tx.note(entry))
    over, plain = (await said(scene))["Watch"]
    assert over == "churn 7: auc 0.7, OVER its limit < 0.8 (before: 0.9), until 2026-11-24 09:00 UTC"
    assert plain == "churn 6: by its incidents alone, until 2026-11-25 09:00 UTC"


async def test_what_is_held_back_is_told_only_where_it_outlives_the_shift(scene: Scene) -> None:
    incident = await scene.room.alert("accuracy fell")
    for hours in (1, 24):
        why = f"for {hours} hours"
        drafted = Draft((Matcher("model", "=", "churn"),), START + hours * HOUR, why)
        await silence.make(scene.desk, drafted, "person:ada", scene.room.now, "cli")

    def put(tx: Tx) -> None:
        freezes.add(tx, Freeze("FRZ-1", START, TODAY + DAY, "cy", "the sale", "retail", START))
        freezes.add(tx, Freeze("FRZ-2", START, TODAY + DAY, "cy", "not ours", "market", START))
        legal_holds.lay(tx, LegalHold(incident.id, "cy", "an inquiry", START))

    await scene.desk.store.write(put)
    hold, freeze, quiet = (await said(scene))["Held back beyond this shift"]
    assert hold == f"{incident.id} is under legal hold since 2026-11-23 03:38 UTC: an inquiry"
    assert freeze == "FRZ-1 until 2026-11-24 09:00 UTC: no change of retail: the sale"
    assert quiet.startswith("SIL-2 until 2026-11-24 03:38 UTC: model")
    assert quiet.endswith("by ada: for 24 hours")


async def test_what_was_resolved_tells_the_risk_that_is_left(scene: Scene) -> None:
    back = await scene.room.alert("accuracy fell")
    await press(scene, Verb.RESOLVE, back)
    await scene.room.pass_time(minutes=5)
    again = await scene.room.alert("accuracy fell")
    await press(scene, Verb.FALSE_ALARM, again, detail="")
    await press(scene, Verb.RESOLVE, await scene.room.alert("mended", environment="staging"))
    itself = await scene.room.alert("flaps", environment="lab")
    await scene.desk.store.write(lambda tx: incidents.save(tx, [(itself, close(itself, ENDED, scene.room.now))]))
    await kept(scene, change(1, Step.DONE, incident="INC-3"))
    lines = (await said(scene))["Resolved, and what may come of it"]
    assert [line.partition(". ")[2] for line in lines] == [
        "It came back as INC-2.",
        "It ended by itself and nothing was changed, so it may come back.",
        "Resolved by ada after CHG-1.",
        "A false alarm, says ada.",
    ]


async def test_noise_counts_what_fires_most_and_nights_by_each_persons_own_zone(scene: Scene) -> None:
    one = await scene.room.alert("psi")
    made = [replace(one, id=f"INC-{number}", key=f"k{number}", alerts_total=2) for number in (11, 12)]
    await scene.desk.store.write(lambda tx: incidents.add(tx, made))
    await scene.room.pass_time(seconds=1)
    noise = (await said(scene))["Noise"]
    assert noise == ["churn: psi · alerts: 5, incidents: 3", "gus: pages at night: 1 (22–07, UTC)"]
    people = scene.desk.settings.people
    east = replace(people.persons["gus"], timezone="Asia/Tokyo")  # where it is noon
    persons = {**people.persons, "gus": east}
    scene.desk.settings = replace(scene.desk.settings, people=replace(people, persons=persons))
    assert (await said(scene))["Noise"] == noise[:1]


async def test_debts_are_what_exists_and_silent_where_nothing_is_owed(scene: Scene) -> None:
    noted = await scene.room.alert("noted")
    await press(scene, Verb.NOTE, noted, detail="the table moved")
    await press(scene, Verb.RESOLVE, noted)
    await press(scene, Verb.RESOLVE, await scene.room.alert("bare", environment="staging"))
    assert (await said(scene))["Debts"] == ["Resolved without a note: 1 (INC-2)"]
    letter = Letter("l1", "hook", START, "no JSON", {}, b"x")
    await scene.desk.store.write(lambda tx: letters.add(tx, letter))
    scene.room.change("runbooks/anything.md", "review_by: 2099-01-01", "review_by: 2026-01-01")
    debts = (await said(scene))["Debts"]
    assert "Runbook anything was to be reviewed by 2026-01-01: person:flo" in debts
    assert "Messages nobody could read: 1 (tocsin replay --list)" in debts


async def test_a_way_back_that_was_lost_in_the_shift_is_told(scene: Scene) -> None:
    lost = WayBack("churn", False, None, "No earlier version is usable.", START)
    entry = Entry("retail", "model.way_lost", START, "tocsin", "churn", lost.why)

    def put(tx: Tx) -> None:
        ways_back.put(tx, lost)
        tx.note(entry)

    await scene.desk.store.write(put)
    assert (await said(scene))["Lost their way back"] == [
        "churn, since 2026-11-23 03:38 UTC: No earlier version is usable."
    ]
    found = replace(lost, possible=True)
    await scene.desk.store.write(lambda tx: ways_back.put(tx, found))
    assert "Lost their way back" not in await said(scene)


async def test_figures_stand_beside_the_four_shifts_before(scene: Scene) -> None:
    first = await scene.room.alert("accuracy fell")
    await scene.room.pass_time(minutes=4)
    await press(scene, Verb.ACKNOWLEDGE, first)
    figures = (await said(scene))["This shift, and those before it"]
    assert figures[0] == "Incidents: 1 (before: 0, 0, 0, 0)"
    assert "Minutes to acknowledge, median: 4.0 (before: –, –, –, –)" in figures
    await scene.room.pass_time(hours=24)
    later = await said(scene, since=TODAY, until=TODAY + DAY)
    assert later["This shift, and those before it"][0] == "Incidents: 0 (before: 0, 0, 0, 1)"


async def test_what_another_team_answers_for_is_left_out(scene: Scene) -> None:
    scene.room.change("runbooks/anything.md", 'L1: {page: "rota:first-line"', 'L1: {page: "person:dee"')
    await scene.room.alert("price is wrong", model="price")
    await scene.room.alert("accuracy fell")
    (line,) = (await said(scene))["Open incidents"]
    assert "churn" in line


async def test_three_hundred_are_cut_and_counted_and_asked_for_at_once(scene: Scene) -> None:
    one = await scene.room.alert("accuracy fell")
    made = [replace(one, id=f"INC-{number}", key=f"k{number}") for number in range(1_000, 1_299)]
    await scene.desk.store.write(lambda tx: incidents.add(tx, made))
    found = await report(scene)
    (section,) = [each for each in found["sections"] if each["kind"] == "open"]
    assert (section["total"], len(section["lines"])) == (300, 25)
    assert "and 275 more: /incident list" in handover_report.plain(found, None)
    asked: list[str] = []

    def counted(tx: Tx) -> Mapping[str, Any]:
        run = tx.sql.execute

        class Counting:
            def __getattr__(self, name: str) -> Any:
                return getattr(tx.sql, name)

            def execute(self, *given: Any) -> Any:
                asked.append(str(given[0])[:40])
                return run(*given)

        its = replace(tx, sql=Counting())  # type: ignore[arg-type]
        return handover_report.draft(its, scene.desk, "first-line", TODAY - DAY, TODAY, scene.room.now)

    await scene.desk.store.read(counted)
    assert len(asked) < 30  # whatever there is, a few questions about all of it


async def test_what_people_wrote_is_shown_and_obeyed_by_nobody(scene: Scene) -> None:
    incident = await scene.room.alert(NASTY)
    remark = Remark("ada", START, NASTY)
    span = (TODAY, TODAY - DAY, ("ada",), ("bo",))
    handover = Handover("HND-1", "first-line", *span, Standing.POSTED, TODAY, remarks=(remark,), posted_at=TODAY)
    text = handover_report.plain(await report(scene), handover)
    assert incident.id in text
    assert text.count("{who}") == 2
    assert "Handover of first-line: ada to bo" in text


async def test_a_digest_is_asked_for_once_at_its_time_and_has_the_same_content(scene: Scene) -> None:
    await scene.room.alert("accuracy fell")
    digest = Digest("#ml-retail", "daily", timezone="Europe/Istanbul", entity="retail")
    own = scene.desk.settings
    scene.desk.settings = replace(own, handover=replace(own.handover, digests=(digest,)))
    await scene.room.clock.advance((TODAY - scene.room.now + timedelta(minutes=1)).total_seconds())
    for _ in range(3):
        await scene.desk.store.write(lambda tx: handover_digest.recur(tx, scene.desk, scene.room.now))
    (key,) = await scene.keys(handover_digest.KIND)
    assert key.endswith("/2026-11-23T06:00:00+00:00")  # nine in Istanbul
    payload = {"digest": handover_digest.mark(digest), "at": "2026-11-23T06:00:00+00:00"}
    job = Job(1, key, handover_digest.KIND, Lane.DIGEST, scene.room.now, payload, 1, 1, 1, scene.room.now)
    for _ in range(2):
        await scene.desk.store.write(lambda tx: handover_digest.ring(tx, scene.desk, job))
    (summary,) = await scene.keys(handover_digest.SUMMARY)
    assert summary == key.replace(handover_digest.KIND, handover_digest.SUMMARY)


@pytest.mark.parametrize(
    ("every", "now", "due"),
    [
        ("daily", "2026-11-23T08:59:00+00:00", "2026-11-22T09:00:00+00:00"),
        ("daily", "2026-11-23T09:00:00+00:00", "2026-11-23T09:00:00+00:00"),
        ("weekly", "2026-11-25T09:00:00+00:00", "2026-11-23T09:00:00+00:00"),
        ("weekly", "2026-11-23T08:00:00+00:00", "2026-11-16T09:00:00+00:00"),
    ],
)
def test_a_digest_is_due_at_its_wall_clock(every: str, now: str, due: str) -> None:
    found = handover_digest.last(Digest("#ml", every), "UTC", datetime.fromisoformat(now))
    assert found == datetime.fromisoformat(due)


def test_a_digest_keeps_its_wall_clock_over_a_change_of_clocks() -> None:
    digest = Digest("#ml", "daily")
    for day, hour in ((31, 14), (1, 15)):  # Chicago goes back an hour on 1 November 2026
        now = datetime.fromisoformat(f"2026-{'10' if day == 31 else '11'}-{day:02}T23:00:00+00:00")
        assert handover_digest.last(digest, "America/Chicago", now).hour == hour
