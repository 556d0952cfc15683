"""What a retrain made is compared with what serves now and held against its gate; whatever fails says what to do."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.contract.evaluator import Asked, Scored
from bot.engine import course, judge, trial
from bot.errors import NotDelivered, NotFound, Refused
from bot.model.change import Change, Serving, Step
from bot.model.retraining import Phase
from bot.model.served import Version
from bot.store import Tx, changes
from tests.story import forging, judging, trying
from tests.story.judging import Court


@pytest.fixture
async def court(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Court]:
    async with judging.opened(tmp_path, sqlite_url) as one:
        yield one


async def rejected(court: Court, change: Change) -> str:
    """Why it did not pass; nothing serves otherwise, nobody was paged, and its requester was told in the same words."""
    training = await court.training(change)
    assert (change.step, training.phase, training.passed) == (Step.FAILED, Phase.ENDED, False), change.outcome
    assert await court.followed(change) == []
    assert court.smithy.shelf.now.version == "7"
    told = await court.smithy.desk.store.read(
        lambda tx: list(tx.sql.exec_driver_sql("SELECT payload FROM jobs WHERE kind = 'notice'").scalars())
    )
    assert [one for one in told if change.outcome in str(one)], told
    entry = (await court.judged(change)).entry
    assert (entry.why, entry.after["passed"]) == (change.outcome, False)
    return change.outcome


# --- what passes ---


async def test_a_better_one_passes_and_the_verdict_is_an_entry_with_all_its_numbers(court: Court) -> None:
    change = await court.made("6", metrics={"latency_ms": 8.0})
    training = await court.training(change)
    assert change.step is Step.DONE, change.outcome
    assert (training.phase, training.passed, training.trial) == (Phase.ENDED, True, "TRL-1")
    assert change.outcome.startswith("6 passed its gate against 7 (TRL-1).")
    after = (await court.judged(change)).entry.after
    assert (after["passed"], after["version"], after["champion"], after["trial"]) == (True, "6", "7", "TRL-1")
    assert after["gate"] == {"metric": "auc", "not_below_champion_by": 0.05}
    assert after["measured"] == {"latency_ms": 8.0}
    scores = {one["metric"]: one for one in after["scores"]}
    assert all(len(scores["auc"][part]) == 3 for part in ("champion", "challenger", "difference"))
    assert after["samples"] > 2_000
    assert [one["ok"] for one in after["reasons"]] == [True] * len(training.findings)
    stored = await court.smithy.bench.stored("TRL-1")
    assert (stored.change, stored.asked_by, stored.challenger) == (change.id, "tocsin", "6")


async def test_the_incident_that_it_was_made_for_tells_the_verdict_too(court: Court) -> None:
    incident = await court.smithy.scene.room.alert("accuracy fell", model="churn")
    change = await court.made("6", incident=incident.id)
    (entry,) = await court.smithy.bench.entries(incident.id, judge.JUDGED)
    assert (entry.after["change"], entry.after["passed"], entry.why) == (change.id, True, change.outcome)


async def test_an_equal_one_passes_a_gate_that_only_wants_it_not_worse(court: Court) -> None:
    court.smithy.scene.write("runbooks/anything.md", f", gate: {{{judging.GATE}}}", "")
    change = await court.made("5")
    assert change.step is Step.DONE, change.outcome
    assert (await court.judged(change)).entry.after["gate"] == {"metric": "auc"}


async def test_that_it_has_learnt_from_what_it_was_tried_on_is_said(court: Court) -> None:
    change = await court.made("6")
    assert "It has learnt from 100 % of the time it was tried on" in change.outcome
    assert (await court.judged(change)).entry.after["learnt"] > 0.99


# --- what does not ---


async def test_an_equal_one_fails_where_the_data_does_not_rule_out_that_it_is_worse(court: Court) -> None:
    court.gate("metric: auc, not_below_champion_by: 0.001")
    change = await court.made("5")
    said = await rejected(court, change)
    assert "auc: wanted surely not worse than the champion by more than 0.001, found a difference of" in said


async def test_a_worse_one_fails_and_the_three_ways_on_are_told(court: Court) -> None:
    court.smithy.shelf.now = Serving({"6": 100.0}, raw={}, guard="g6")
    change = await court.made("5")
    assert change.step is Step.FAILED
    assert change.outcome.startswith("5 did not pass its gate against 6 (TRL-1): auc: wanted")
    assert "found a difference of -" in change.outcome
    ways = "Retrain on a wider window, look at the slices in TRL-1, or keep the champion: 6 serves as before."
    assert change.outcome.endswith(ways)


async def test_better_for_all_and_worse_on_a_slice_fails_and_the_slice_is_named(court: Court) -> None:
    court.smithy.bench.arrays.instead = judging.worse_on("tr")
    court.gate(f"{judging.GATE}, slices_at_least: {{country=tr: 0.8}}")
    change = await court.made("6")
    said = await rejected(court, change)
    assert "auc on country=tr: wanted at least 0.8, found 0." in said
    assert "look at the slice country=tr in TRL-1" in said
    reasons = {one.what: one.ok for one in (await court.training(change)).findings}
    assert reasons == {"data": True, "auc": True, "auc on country=tr": False}


async def test_too_little_data_is_no_pass(court: Court) -> None:
    court.smithy.scene.write("config/estate.yaml", "least: 200", "least: 100000")
    change = await court.made("6")
    said = await rejected(court, change)
    assert "data: wanted enough to say something, found" in said
    # More to learn from is no cure of too little to try it on, and where nothing is said no slice tells more.
    assert "Wait for labels, or try it on more rows (`retrain.holdout`, or `trial.window`" in said
    assert "wider window" not in said
    assert "slice" not in said
    assert said.endswith("7 serves as before.")


async def test_a_slow_one_fails_and_so_does_one_that_nobody_timed(court: Court) -> None:
    court.gate(f"{judging.GATE}, latency_ms: 20")
    slow = await court.made("6", metrics={"latency_ms": 31.5})
    assert "latency_ms: wanted at most 20 ms, found 31.5 ms" in await rejected(court, slow)
    untimed = await court.made("6")
    assert "latency_ms: wanted at most 20 ms, found not measured" in await rejected(court, untimed)


async def test_what_the_platform_measured_counts_where_the_run_did_not(court: Court) -> None:
    court.gate(f"{judging.GATE}, latency_ms: 20, size_mb: 5")
    court.smithy.shelf.there[1] = Version("6", metrics={"latency_ms": 99.0, "size_mb": 4.0})
    change = await court.made("6", metrics={"latency_ms": 12.0})
    assert change.step is Step.DONE, change.outcome
    assert (await court.judged(change)).entry.after["measured"] == {"latency_ms": 12.0, "size_mb": 4.0}
    shown = trying.card(await court.smithy.bench.stored("TRL-1")).gate
    assert all(one.ok for one in shown), shown  # the card of the trial says the same


async def test_a_model_that_nothing_says_how_to_try_fails_with_the_cure(court: Court) -> None:
    court.smithy.scene.write("config/estate.yaml", f"    trial: {{{trying.TERMS}}}\n", "")
    change = await court.made("6")
    said = await rejected(court, change)
    assert "6 could not be compared with 7: churn has no `trial` in config/estate.yaml" in said
    assert "Mend that and retrain, or keep 7." in said


async def test_a_trial_that_fails_is_no_pass(court: Court) -> None:
    court.smithy.bench.arrays.faults = [Refused("The labels are locked away.")]
    change = await court.made("6")
    said = await rejected(court, change)
    assert "6 could not be compared with 7" in said
    assert "The labels are locked away." in said
    assert (await court.training(change)).trial == "TRL-1"


# --- what cannot be judged ---


async def test_a_version_that_is_not_listed_is_waited_for_a_while_and_then_said_to_be_missing(court: Court) -> None:
    change = await court.made("9")
    assert change.step is Step.VERIFYING
    await court.smithy.later(minutes=3)
    assert (await court.smithy.scene.stored(change)).step is Step.VERIFYING
    await court.smithy.later(minutes=4)
    said = await rejected(court, await court.smithy.scene.stored(change))
    assert said == "9, which it made, cannot be loaded: its platform does not list it."
    assert await court.smithy.bench.all() == []


async def test_one_that_is_listed_a_little_later_is_judged(court: Court) -> None:
    there = court.smithy.shelf.there
    court.smithy.shelf.there = [Version("7"), Version("6", usable=False, why_not="It is being registered."), *there[2:]]
    change = await court.made("6")
    assert change.step is Step.VERIFYING
    court.smithy.shelf.there = there
    await court.smithy.later(minutes=1)
    assert (await court.smithy.scene.stored(change)).step is Step.DONE


async def test_a_version_that_cannot_be_loaded_fails_with_the_platforms_reason(court: Court) -> None:
    court.smithy.shelf.there[1] = Version("6", usable=False, why_not="model.bin is torn.")
    change = await court.made("6")
    await court.smithy.later(minutes=6)
    assert "cannot be loaded: model.bin is torn." in await rejected(court, await court.smithy.scene.stored(change))


async def test_what_serves_now_is_the_champion_and_that_it_moved_is_said(court: Court) -> None:
    change = await court.made("6", drain=False)
    court.smithy.shelf.now = Serving({"5": 70.0, "7": 30.0}, raw={}, guard="g5")
    await court.drain()
    change = await court.smithy.scene.stored(change)
    assert change.step is Step.DONE, change.outcome
    assert change.outcome.startswith(f"6 passed its gate against 5 (TRL-1). When {change.id} was planned, 7 served.")
    assert (await court.judged(change)).entry.after["planned"] == {"7": 100.0}


async def test_a_champion_that_moves_while_the_trial_is_made_is_tried_against_anew(court: Court) -> None:
    def rows(asked: Asked) -> Scored:
        court.smithy.shelf.now = Serving({"5": 100.0}, raw={}, guard="g5")
        return trying.rows(asked)

    court.smithy.bench.arrays.instead = rows
    change = await court.made("6")
    assert change.step is Step.DONE, change.outcome
    assert [(one.champion, one.challenger) for one in await court.smithy.bench.all()] == [("7", "6"), ("5", "6")]
    assert (await court.judged(change)).entry.after["champion"] == "5"


async def test_one_that_serves_already_has_no_champion_left(court: Court) -> None:
    change = await court.made("7")
    assert (await rejected(court, change)).startswith("7, which it made, serves already by no change of ours")


async def test_where_nothing_serves_there_is_nothing_to_compare_with(court: Court) -> None:
    change = await court.made("6", drain=False)
    court.smithy.shelf.now = Serving({})
    await court.drain()
    change = await court.smithy.scene.stored(change)
    assert change.step is Step.FAILED
    assert "promote one by hand first" in change.outcome


async def test_a_model_or_a_platform_that_is_gone_meanwhile_ends_it(court: Court) -> None:
    first = await court.made("6", drain=False)
    host = court.smithy.desk.hosts.pop("shelf")
    await court.drain()
    assert "No platform that Tocsin can ask runs churn" in await rejected(court, await court.smithy.scene.stored(first))
    court.smithy.desk.hosts["shelf"] = host
    second = await court.made("6", drain=False)
    settings = court.smithy.desk.settings
    court.smithy.desk.settings = replace(settings, estate=replace(settings.estate, models={}))
    await court.drain()
    outcome = (await court.smithy.scene.stored(second)).outcome
    assert outcome == "churn is not in the catalogue any more, so 6 was not compared."


async def test_a_silent_platform_is_asked_again_for_a_day(court: Court) -> None:
    change = await court.made("6", drain=False)
    court.smithy.shelf.down = NotDelivered("shelf did not answer.")
    await court.drain()
    await court.smithy.scene.room.clock.advance(timedelta(hours=23))
    await court.drain()
    assert (await court.smithy.scene.stored(change)).step is Step.VERIFYING
    await court.smithy.scene.room.clock.advance(timedelta(hours=2))
    await court.drain()
    said = await rejected(court, await court.smithy.scene.stored(change))
    assert "6 was not compared, for nobody could be asked for 1d: shelf did not answer." in said


# --- once ---


async def test_judged_twice_it_has_one_verdict_and_one_trial(court: Court) -> None:
    change = await court.made("6", drain=False)
    judges = judge.Judges(court.smithy.desk)
    again = court.job(judge.job(change.id, court.smithy.scene.room.now))
    outcomes = [await judges.ring(again) for _ in range(2)]  # two replicas ask for the trial at the same time
    assert len(await court.smithy.bench.all()) == 1
    for outcome in outcomes:
        assert outcome.then is not None
        await court.smithy.desk.store.write(outcome.then)
    trials_run = (await court.smithy.bench.all())[0]
    await court.drain()
    assert (await court.smithy.bench.stored(trials_run.id)).change == change.id
    late = await judges.ring(again)
    assert late.then is None
    await court.judged(change)  # one entry
    assert len(await court.followed(change)) == 1


async def test_a_worker_that_dies_once_the_trial_was_asked_for_finds_it_again(court: Court) -> None:
    change = await court.made("6", drain=False)
    wish = trial.Wish("churn", challenger="6", champion="7", change=change.id, why="judged")
    answer = await trial.ask(court.smithy.desk, wish, "tocsin", court.smithy.scene.room.now, "gate")
    await court.drain()
    training = await court.training(change)
    assert answer.trial is not None
    assert (training.trial, training.passed) == (answer.trial.id, True)
    assert len(await court.smithy.bench.all()) == 1


async def test_a_trial_that_a_person_asked_for_is_let_through_and_our_own_counts(court: Court) -> None:
    await court.smithy.bench.asked(challenger="6", window=timedelta(days=2))
    change = await court.made("6")
    await court.smithy.later(minutes=2)
    change = await court.smithy.scene.stored(change)
    assert change.step is Step.DONE, change.outcome
    assert (await court.training(change)).trial == "TRL-2"


async def test_one_that_was_called_off_while_it_was_judged_stays_as_it_is(court: Court) -> None:
    change = await court.made("6", drain=False)

    def off(tx: Tx) -> None:
        course.end(tx, changes.get(tx, change.id), Step.FAILED, "called off by ada")

    await court.smithy.desk.store.write(off)
    await court.drain()
    found = await court.smithy.scene.stored(change)
    assert (found.step, found.outcome) == (Step.FAILED, "called off by ada")
    assert await court.followed(change) == []


# --- the columns it wants ---


WANTS = {"age": "double", "plan": "string", "tenure": "long"}


async def test_a_version_whose_columns_are_all_served_passes(court: Court) -> None:
    court.gate(f"{judging.GATE}, schema: true")
    court.smithy.shelf.there[1] = Version("6", inputs=WANTS)
    court.store.there = {"age": "float64", "plan": "STRING", "tenure": "bigint", "other": "int"}
    change = await court.made("6")
    assert change.step is Step.DONE, change.outcome
    after = (await court.judged(change)).entry.after
    assert (after["wants"], after["served"]) == (WANTS, court.store.there)


async def test_columns_that_are_missing_or_of_another_type_are_named(court: Court) -> None:
    court.gate(f"{judging.GATE}, schema: true")
    court.smithy.shelf.there[1] = Version("6", inputs=WANTS)
    court.store.there = {"age": "string", "plan": "string"}
    said = await rejected(court, await court.made("6"))
    wanted = "schema: wanted all its columns served, each with its type"
    assert f"{wanted}, found age is string instead of double, tenure is not served" in said


@pytest.mark.parametrize(
    ("inputs", "store", "cure"),
    [
        ({}, True, "its platform does not say which columns it wants"),
        (WANTS, False, "the connection shelf has no feature store; name one in `models[].features`"),
    ],
)
async def test_where_nobody_says_it_is_not_measured_and_does_not_pass(
    court: Court, inputs: dict[str, str], store: bool, cure: str
) -> None:
    court.gate(f"{judging.GATE}, schema: true")
    court.smithy.shelf.there[1] = Version("6", inputs=inputs)
    if not store:
        court.smithy.desk.shelves.clear()
    said = await rejected(court, await court.made("6"))
    assert f"found not measured: {cure}" in said


async def test_the_store_that_the_estate_names_is_asked(court: Court) -> None:
    court.gate(f"{judging.GATE}, schema: true")
    court.smithy.shelf.there[1] = Version("6", inputs=WANTS)
    court.smithy.scene.write(
        "config/tocsin.yaml", "plugin: webhook}", "plugin: webhook}\n  - {name: feast, plugin: webhook}"
    )
    court.smithy.scene.write(
        "config/estate.yaml", "    platform: shelf\n", "    platform: shelf\n    features: feast\n"
    )
    said = await rejected(court, await court.made("6"))
    assert "the connection feast has no feature store" in said
    court.smithy.desk.shelves["feast"] = court.smithy.desk.shelves["shelf"]
    court.store.there = dict(WANTS)
    change = await court.made("6")
    assert change.step is Step.DONE, change.outcome


async def test_a_store_that_refuses_is_quoted_and_one_that_is_silent_is_asked_again(court: Court) -> None:
    court.gate(f"{judging.GATE}, schema: true")
    court.smithy.shelf.there[1] = Version("6", inputs=WANTS)
    court.store.there = dict(WANTS)
    court.store.down = [NotFound("It serves nothing to churn.")] * 2
    assert "shelf says: It serves nothing to churn." in await rejected(court, await court.made("6"))
    court.store.down = [NotDelivered("The store is away.", retry=False)] * 3
    change = await court.made("6")
    assert change.step is Step.VERIFYING
    await court.smithy.later(minutes=5)
    assert (await court.smithy.scene.stored(change)).step is Step.DONE


async def test_what_was_kept_back_is_all_that_it_is_tried_on(tmp_path: Path, sqlite_url: str) -> None:
    policy = forging.POLICY.replace("holdout: 0s", "holdout: 6d")
    async with forging.opened(tmp_path, sqlite_url, policy) as smithy:
        change = await smithy.approved()
        plan, now = change.plan, smithy.scene.room.now
        assert plan.parameters["until"] <= (now - timedelta(days=6)).isoformat()
        assert any("kept back" in said for said in (plan.why_after,))
        assert not any("flatters" in warning for warning in plan.warnings)
        await smithy.made(change, "6")
        trial = (await smithy.bench.all())[-1]
        (entry,) = await smithy.bench.entries(change.id, judge.JUDGED)
        assert trial.since.isoformat() == plan.parameters["until"]
        assert entry.after["learnt"] == 0
        assert (await smithy.scene.stored(change)).step is Step.DONE
