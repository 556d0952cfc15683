"""`tocsin evaluate`: asked for in a terminal, made by the running bot, waited for, read by people and programs."""

import asyncio
import json
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import typer

from bot.cli import elsewhere, evaluate, place
from bot.clock import SystemClock
from bot.engine import trial, trial_run, work
from bot.engine.desk import Desk
from bot.errors import NotDelivered
from bot.model.job import Lane, NewJob
from bot.model.trial import Stage, Trial, move
from bot.model.verdict import Verdict
from bot.runbooks import Library
from bot.settings import Settings, Slack
from bot.slack import off
from bot.store import Store, Tx, jobs, trials
from bot.testing.clock import FakeClock
from tests.cli import production
from tests.cli.conftest import Type
from tests.parts import migrated
from tests.slack.room import START

RUN = ("evaluate", "run", "churn", "--as", "ada")
TERMS = "trial: {metric: auc, also: [brier], window: 28d, slices: [plan], fairness: [sex], least: 200}"
SKILL = {"7": 0.4, "6": 2.0, "5": 0.1}  # how well a version tells yes from no


def rows(folder: Path, count: int = 1_200) -> None:
    """A row of churn every ten minutes up to now; 6 tells yes from no better than 7, and 5 worse."""
    dice, now = random.Random(7), SystemClock().now()
    (folder / "models/churn/rows").mkdir(exist_ok=True)
    with (folder / "models/churn/rows/all.jsonl").open("w", encoding="utf-8") as out:
        for number in range(count):
            truth = int(dice.random() < 0.4)
            said = {v: round(1 / (1 + 2.7 ** -(dice.gauss(0, 1) + s * (truth - 0.5))), 6) for v, s in SKILL.items()}
            columns = {"plan": dice.choice(["free", "paid"]), "sex": dice.choice("fm")}
            at = (now - timedelta(minutes=10 * (number + 1))).isoformat()
            out.write(json.dumps({"at": at, "truth": truth, "said": said, "columns": columns}) + "\n")


@pytest.fixture
def estate(folder: Path, typed: Type) -> Type:
    """Churn on a disk with rows to try it on, and a database that knows what served."""
    production.furnish(folder)
    rows(folder)
    catalogue = folder / "config/estate.yaml"
    named = "aliases: [churn-v2],"
    catalogue.write_text(catalogue.read_text("utf-8").replace(named, f"{named} {TERMS},"), "utf-8")
    production.note(folder)
    return typed


def make(folder: Path) -> None:
    """What the running bot does with every trial that was asked for."""

    async def act() -> None:
        async with place.desk(folder / "config") as desk:
            with elsewhere.hosts(desk, "disk"):
                handlers = {trial.KIND: trial_run.Trials(desk).run}
                await work.Worker(desk, {**off.HANDLERS, **handlers}, owner="me").drain()

    asyncio.run(act())


def test_from_the_asking_to_the_figures(estate: Type, folder: Path) -> None:
    assert estate("evaluate", "list").stdout == "No trial.\n"
    said = estate(*RUN, "--why", "it drifts").stdout
    assert said == "TRL-1: 6 of churn is compared with 7 on the last 4w.\n"
    assert "TRL-1  churn: 6 against 7: ASKED" in estate("evaluate", "show", "1").stdout
    make(folder)
    shown = estate("evaluate", "show", "trl-1").stdout
    lines = shown.splitlines()
    assert lines[0] == "TRL-1  churn: 6 against 7: BETTER"
    assert "outcome:   6 is better than 7: auc 0." in shown
    assert "asked by:  ada " in shown
    assert ": it drifts" in shown
    assert "rows:      1,200" in shown
    (auc, *_) = [line for line in lines if line.startswith("auc ")]
    assert auc.count(" to ") == 3
    assert "+0." in auc
    assert any(line.startswith("plan = paid  ") and "better" in line for line in lines)
    assert any(line.startswith("sex = widest gap") for line in lines)
    assert any(line.startswith("ok      enough rows: ") for line in lines)
    row = estate("evaluate", "list").stdout.splitlines()[1].split()
    assert row[:6] == ["TRL-1", "churn", "7", "6", "better", "ada"]
    assert "every chain is whole" in estate("audit", "verify").stdout


def test_a_program_reads_it_all(estate: Type, folder: Path) -> None:
    made = json.loads(estate(*RUN, "--window", "1h", "--champion", "6", "--challenger", "7", "--json").stdout)
    assert (made["verdict"], made["trial"]["id"], made["trial"]["stage"]) == ("GO", "TRL-1", "asked")
    again = json.loads(estate(*RUN, "--champion", "6", "--challenger", "7", "--json").stdout)
    assert (again["verdict"], again["trial"]["id"]) == ("ALREADY", "TRL-1")
    make(folder)
    found = json.loads(estate("evaluate", "show", "1", "--json").stdout)
    assert (found["scorecard"]["finding"], found["scorecard"]["samples"]) == ("insufficient", 5)
    assert [one["id"] for one in json.loads(estate("evaluate", "list", "--model", "churn-v2", "--json").stdout)] == [
        "TRL-1"
    ]
    assert json.loads(estate("evaluate", "list", "--model", "price", "--json").stdout) == []


@pytest.mark.parametrize(("challenger", "champion", "code"), [("6", "7", 0), ("5", "6", 1)])
def test_whoever_waits_learns_by_the_exit_code(
    estate: Type, folder: Path, challenger: str, champion: str, code: int
) -> None:
    estate(*RUN, "--challenger", challenger, "--champion", champion)
    make(folder)
    shown = estate("evaluate", "show", "1", "--wait", code=code).stdout
    assert f"TRL-1  churn: {challenger} against {champion}: {'WORSE' if code else 'BETTER'}" in shown


def test_too_little_data_is_no_yes_for_whoever_waits(estate: Type, folder: Path) -> None:
    rows(folder, 40)
    estate(*RUN)
    make(folder)
    assert "INSUFFICIENT" in estate("evaluate", "show", "1", "--wait", code=1).stdout


def test_what_a_worker_has_in_hand_is_no_sign_that_none_runs(estate: Type, folder: Path) -> None:
    """A trial may take minutes."""
    held = NewJob("trial-made/TRL-9", "trial", Lane.DIGEST, SystemClock().now() - timedelta(minutes=10))

    async def write(act: Callable[[Tx], object]) -> None:
        async with place.desk(folder / "config") as desk:
            await desk.store.write(act)

    asyncio.run(write(lambda tx: jobs.put(tx, held)))
    assert "no worker seems to run" in estate(*RUN).stderr
    asyncio.run(write(lambda tx: jobs.claim(tx, "me", tx.now, dict.fromkeys(Lane, 9))))
    assert "no worker" not in estate(*RUN).stderr


def test_one_that_failed_fails_whoever_waits(estate: Type, folder: Path) -> None:
    estate(*RUN)
    (folder / "models/churn/rows/all.jsonl").unlink()
    make(folder)
    shown = estate("evaluate", "show", "1", "--wait", code=1).stdout
    assert "churn: 6 against 7: FAILED" in shown
    assert "churn has no rows to evaluate" in shown
    assert estate("evaluate", "show", "1").stdout == shown  # whoever only looks is told the same, and has not failed


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("chrun",), 1, "Did you mean churn"),
        (("price",), 1, "price has no `trial` in config/estate.yaml"),
        (("churn", "--challenger", "99"), 1, "churn has no version 99. There are: "),
        (("churn", "--challenger", "7"), 1, "7 cannot be compared with itself"),
        (("churn", "--window", "soon"), 2, "'soon' is no length of time."),
        (("churn", "--window", "20y"), 2, "'20y' is no length of time."),
        (("churn", "--incident", "9"), 1, "There is no incident INC-9."),
    ],
)
def test_what_cannot_be_gets_a_clear_answer(estate: Type, words: tuple[str, ...], code: int, said: str) -> None:
    assert said in estate("evaluate", "run", *words, "--as", "ada", code=code).output
    assert estate("evaluate", "list").stdout == "No trial.\n"


def test_strangers_and_unknown_trials_are_refused(estate: Type) -> None:
    assert "Nobody called 'zoe'" in estate(*RUN[:-1], "zoe", code=2).stderr
    assert "There is no trial 'TRL-7'." in estate("evaluate", "show", "7", code=1).stderr
    assert "'seven' is not a trial." in estate("evaluate", "show", "seven", code=1).stderr


# --- waiting, in frozen time ---


async def test_whoever_waits_is_told_once_it_has_ended(tmp_path: Path) -> None:
    desk = await waiting(tmp_path)
    told = asyncio.ensure_future(evaluate.ended(desk, "TRL-1"))
    await sleeping(desk)
    asked = await desk.store.read(lambda tx: trials.get(tx, "TRL-1"))
    over = move(asked, Stage.FAILED, START, outcome="No rows.")
    await desk.store.write(lambda tx: trials.save(tx, asked, over))
    await frozen(desk).advance(evaluate.POLL)
    assert (await told).outcome == "No rows."
    await desk.store.close()


async def test_nobody_waits_for_ever(tmp_path: Path) -> None:
    desk = await waiting(tmp_path)
    told = asyncio.ensure_future(evaluate.ended(desk, "TRL-1"))
    await sleeping(desk)
    await frozen(desk).advance(evaluate.PATIENCE)
    with pytest.raises(NotDelivered, match=r"TRL-1 has not ended within an hour\. See `tocsin evaluate show TRL-1`"):
        await told
    await desk.store.close()


@pytest.mark.parametrize("as_json", [False, True])
async def test_whoever_waited_reads_what_was_asked_and_how_it_ended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    desk = await waiting(tmp_path)
    asked = await desk.store.read(lambda tx: trials.get(tx, "TRL-1"))
    over = move(asked, Stage.FAILED, START, outcome="No rows.")
    await desk.store.write(lambda tx: trials.save(tx, asked, over))
    with pytest.raises(typer.Exit) as left:
        await evaluate.awaited(desk, trial.Answer(Verdict.GO, "TRL-1: asked for.", asked), as_json)
    assert left.value.exit_code == 1
    said = capsys.readouterr().out
    if as_json:
        told = json.loads(said)
        assert (told["verdict"], told["sentence"], told["trial"]["outcome"]) == ("GO", "TRL-1: asked for.", "No rows.")
    else:
        assert said.startswith("TRL-1: asked for.\nTRL-1  churn: 6 against 7: FAILED\n  outcome:   No rows.\n")
    await desk.store.close()


async def waiting(folder: Path) -> Desk:
    """A desk in frozen time with a trial that nobody makes."""
    clock = FakeClock(START)
    store = await Store.open(migrated.sqlite(folder), clock=clock)
    since = START - timedelta(days=28)
    asked = Trial("TRL-1", "churn", "retail", "7", "6", since, START, (), {}, Stage.ASKED, "person:ada", START, START)
    await store.write(lambda tx: trials.add(tx, asked))
    slack = Slack("off", "#ml-oncall", 2)
    return Desk(store, clock, Settings(folder, "", slack), Library(()))


def frozen(desk: Desk) -> FakeClock:
    """Its clock, to be moved."""
    assert isinstance(desk.clock, FakeClock)
    return desk.clock


async def sleeping(desk: Desk) -> None:
    """Whoever waits has looked once, and sleeps now."""
    while not frozen(desk).sleeping:
        await asyncio.sleep(0)


def test_a_picture_needs_a_name_that_ends_as_one(typed: Type, folder: Path) -> None:
    assert "no name of a picture" in typed("evaluate", "picture", "TRL-1", "--to", str(folder / "a.gif"), code=2).stderr
