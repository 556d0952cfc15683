"""`tocsin retrain`: shown first, agreed to by another, trained by a program, judged, followed, called off."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import typer

from bot.cli import retrain
from bot.cli.change import Offered
from bot.engine.desk import Desk
from bot.engine.preview import Preview
from bot.engine.propose import Proposed
from bot.errors import NotDelivered
from bot.model.change import Change
from bot.model.verdict import Verdict
from bot.store import changes
from bot.testing.clock import FakeClock
from tests.cli import kiln, production
from tests.cli.conftest import Type
from tests.plugins import kilns

RUN = ("retrain", "run", "churn", "--why", "it drifts", "--as", "ada")


@pytest.fixture
def estate(folder: Path, typed: Type) -> Iterator[Type]:
    """Churn with a policy, rows, and a program that makes a better version."""
    kiln.furnish(folder, kiln.MAKES.format(version="8"))
    production.note(folder)
    yield typed
    kilns.put_out(folder / "models")


def agreed(estate: Type, folder: Path, script: str) -> None:
    """CHG-1 with this program, proposed and agreed to."""
    kilns.program(folder / "models/churn", script)
    estate(*RUN, "--yes")
    estate("change", "approve", "1", "--as", "bo")


def test_the_preview_says_what_it_learns_from_what_it_costs_and_who_must_agree(estate: Type) -> None:
    said = estate(*RUN, given="n\n", code=1).stdout
    lines = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in said.splitlines())}
    assert said.startswith("retrain of churn, run by disk\n  serves now:  7, and goes on serving\n")
    assert lines["learns from"].endswith(", 4w2d of data")
    assert (lines["costs"], lines["left"]) == ("40 EUR", "500 EUR this month")
    assert lines["gate"] == "metric auc, not_below_champion_by 0.01"
    assert lines["must agree"] == "1 of bo"
    assert "  is stopped after 6h\n" in said
    assert "Nothing was proposed." in said
    assert estate("change", "status", "--all").stdout == "No change.\n"


def test_a_program_reads_the_preview_and_proposes_with_yes(estate: Type) -> None:
    shown = json.loads(estate(*RUN, "--window", "10d", "--json").stdout)
    assert (shown["plan"]["lever"], shown["needs"], shown["approvers"]) == ("retrain", 1, ["bo"])
    assert {"since", "until", "excluded", "cost", "left", "currency", "over", "gate"} <= set(
        shown["plan"]["parameters"]
    )
    assert json.loads(estate("retrain", "status", "--json").stdout)[0]["going"] is None
    said = json.loads(estate(*RUN, "--json", "--yes").stdout)
    assert (said["verdict"], said["change"]["id"], said["change"]["lever"]) == ("GO", "CHG-1", "retrain")
    again = json.loads(estate(*RUN, "--json", "--yes", code=1).stdout)
    assert (again["verdict"], again["locked_by"], again["change"]) == ("LOCKED", "CHG-1", None)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("chrun",), 1, "Did you mean churn"),
        (("price",), 1, "price has no `retrain` in config/estate.yaml"),
        (("churn", "--window", "soon"), 2, "'soon' is no length of time."),
        (("churn", "--window", "20y"), 2, "'20y' is no length of time."),
        (("churn", "--window", "4000d"), 2, "That is no window of data."),
        (("churn", "--incident", "9"), 1, "There is no incident INC-9."),
    ],
)
def test_what_cannot_be_gets_a_clear_answer(estate: Type, words: tuple[str, ...], code: int, said: str) -> None:
    assert said in estate("retrain", "run", *words, "--why", "x", "--as", "ada", "--yes", code=code).output
    assert estate("change", "status", "--all").stdout == "No change.\n"


def test_whoever_said_yes_beforehand_is_refused_with_an_entry(estate: Type, folder: Path) -> None:
    estate("retrain", "run", "price", "--why", "x", "--as", "ada", code=1)
    estate("retrain", "run", "price", "--why", "x", "--as", "ada", "--yes", code=1)
    (why,) = kiln.refusals(folder, "price")
    assert why.startswith("price has no `retrain` in config/estate.yaml")


def test_the_example_of_the_page_is_taken_as_it_stands(estate: Type, folder: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/retraining.md").read_text("utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    connection, catalogue, levers = (block.partition("\n")[2] for block in blocks)
    top, book = folder / "config/tocsin.yaml", folder / "runbooks/drift.md"
    (disk,) = [line for line in top.read_text("utf-8").splitlines() if "name: disk" in line]
    named = connection.splitlines()[1].replace("/srv/models", f"{folder}/models")
    kiln.edit(top, disk, named)
    (folder / "config/estate.yaml").write_text(catalogue, "utf-8")
    head, _, rest = book.read_text("utf-8").partition("actions:\n")
    book.write_text(f"{head}{levers}---\n{rest.partition('---' + chr(10))[2]}", "utf-8")
    assert "error:" not in estate("check").output
    shown = json.loads(estate(*RUN, "--json").stdout)
    said = shown["plan"]["parameters"]
    assert (said["cost"], said["left"], said["currency"], shown["needs"]) == (40, 500, "EUR", 1)
    assert said["gate"] == {"metric": "auc", "not_below_champion_by": 0.01, "slices_at_least": {"plan": 0.7}}


# --- the whole way ---


def test_from_the_asking_to_a_promotion_that_people_are_asked_about(estate: Type, folder: Path) -> None:
    agreed(estate, folder, kiln.MAKES.format(version="8"))
    assert estate("change", "status", "1").stdout.startswith("CHG-1  approved, asked for by ada")
    kiln.bot(folder, kiln.led_on)
    story = estate("change", "status", "1").stdout
    assert story.startswith("CHG-1  done, asked for by ada")
    assert "  made:        8 (rows 1200)\n  cost:        35 EUR; expected 40 EUR\n" in story
    assert "compared in: TRL-1, see `tocsin evaluate show TRL-1`" in story
    (head,) = [line for line in story.splitlines() if line.startswith("GATE: ")]
    assert head.split() == ["GATE:", "PASSED", "WANTED", "FOUND"]
    assert "It led to:\n  CHG-2  promote  7 -> 8  proposed\n" in story
    assert "comes of:    CHG-1" in estate("change", "status", "2").stdout
    assert '"7"' in (folder / "models/churn/serving.json").read_text()  # nobody has agreed to that one
    told = json.loads(estate("change", "status", "1", "--json").stdout)
    assert (told["run"]["version"], told["run"]["passed"], told["run"]["phase"]) == ("8", True, "ended")
    assert [one["id"] for one in told["followed_by"]] == ["CHG-2"]
    assert {"gate.judged", "training.started"} <= {sealed["entry"]["kind"] for sealed in told["trail"]}
    assert "every chain is whole" in estate("audit", "verify").stdout


def test_what_was_promoted_is_watched(estate: Type, folder: Path) -> None:
    agreed(estate, folder, kiln.MAKES.format(version="8"))
    kiln.bot(folder, kiln.led_on)
    estate("change", "approve", "2", "--as", "bo")
    kiln.bot(folder, kiln.watched)
    assert '"8"' in (folder / "models/churn/serving.json").read_text()
    for change in ("1", "2"):
        (line,) = [one for one in estate("change", "status", change).stdout.splitlines() if "watched:" in one]
        assert line.startswith("  watched:     8 after CHG-2, ")
        assert line.endswith(": going on")
    assert "  watch:       8 after CHG-2, " in estate("retrain", "status", "churn").stdout
    (watch,) = json.loads(estate("change", "status", "1", "--json").stdout)["watches"]
    assert (watch["id"], watch["version"], watch["finding"]) == ("CHG-2", "8", "")


def test_how_it_stands_afterwards(estate: Type, folder: Path) -> None:
    agreed(estate, folder, kiln.MAKES.format(version="8"))
    kiln.bot(folder, kiln.over)
    said = estate("retrain", "status", "CHURN-v2").stdout
    assert "  costs:       35 EUR\n" in said
    assert "35 EUR spent this month by all models of its entity, 465 EUR left" in said
    assert "  now:         nothing goes on\n" in said
    assert "rests for 1d after one" in said
    row = said.splitlines()[-1].split()
    assert row[:6] == ["CHG-1", "done", "8", "passed", "35", "EUR"]
    (one,) = json.loads(estate("retrain", "status", "--json").stdout)
    assert (one["model"], one["going"], one["left"], one["foreseen"]) == ("churn", None, 465.0, 35.0)
    assert (one["past"][0]["change"]["id"], one["past"][0]["run"]["version"]) == ("CHG-1", "8")
    assert one["policy"]["window"] == 30 * 86_400
    listed = estate("retrain", "status").stdout.splitlines()[1]
    assert listed.split()[:4] == ["churn", "-", "CHG-1", "done"]
    assert "rests for 1d" in estate(*RUN, code=1).stderr


def test_what_serves_and_how_it_is_trained_stand_side_by_side(estate: Type, folder: Path) -> None:
    assert "Retraining: none; it has no `retrain`" in estate("models", "show", "price").stdout
    assert json.loads(estate("models", "show", "price", "--json").stdout)["retrain"] is None
    agreed(estate, folder, kiln.MAKES.format(version="8"))
    kiln.bot(folder, kiln.over)
    said = estate("models", "show", "churn").stdout
    assert "Retraining: on 4w2d of data, 1d apart" in said
    assert "CHG-1  retrain  7 stays  done, by ada" in said
    assert "  last run:  CHG-1  done, made 8" in said
    assert "  left:      465 EUR this month" in said
    shown = json.loads(estate("models", "show", "churn", "--json").stdout)["retrain"]
    assert (shown["last_run"]["id"], shown["going"], shown["left"]) == ("CHG-1", False, 465.0)


def test_a_run_that_fails_shows_the_end_of_its_log(estate: Type, folder: Path) -> None:
    agreed(estate, folder, kiln.BREAKS)
    kiln.bot(folder, kiln.over)
    story = estate("change", "status", "1").stdout
    assert story.startswith("CHG-1  failed, asked for by ada")
    assert "  the end of its log:\n    | reading rows\n    | out of memory\n" in story
    assert "GATE" not in story
    assert estate("retrain", "status", "churn").stdout.splitlines()[-1].split()[:4] == ["CHG-1", "failed", "-", "not"]


def test_what_does_not_pass_its_gate_says_what_was_wanted_and_found(estate: Type, folder: Path) -> None:
    agreed(estate, folder, kiln.MAKES.format(version="9"))
    kiln.bot(folder, kiln.over)
    story = estate("change", "status", "1").stdout
    assert "GATE: NOT PASSED" in story
    assert any(line.startswith("auc") and line.endswith("NO") for line in story.splitlines())
    assert "It led to:" not in story


def test_a_run_is_called_off(estate: Type, folder: Path) -> None:
    agreed(estate, folder, kiln.LASTS)
    kiln.bot(folder, kiln.runs)
    assert "  now:         CHG-1 training: fitting 3 of 4, 75 %\n" in estate("retrain", "status", "churn").stdout
    going = estate("change", "status", "1").stdout
    assert "  stage:       training: fitting 3 of 4, 75 % done\n" in going
    assert "the end of its log" not in going
    assert "CHG-1 is called off" in estate("retrain", "call-off", "1", "--why", "wrong labels", "--as", "bo").stdout
    again = json.loads(estate("retrain", "call-off", "1", "--as", "ada", "--json").stdout)
    assert (again["verdict"], again["change"]["id"]) == ("ALREADY", "CHG-1")
    kiln.bot(folder, kiln.over)
    story = estate("change", "status", "1").stdout
    assert "  CALLED OFF:  by bo: wrong labels\n" in story
    assert "  outcome:     Called off by bo: wrong labels" in story
    late = json.loads(estate("retrain", "call-off", "1", "--as", "ada", "--json", code=1).stdout)
    assert late["verdict"] == "DECIDED"


def test_what_has_not_begun_is_withdrawn_and_what_is_none_is_refused(estate: Type) -> None:
    assert "There is no change 'CHG-7'." in estate("retrain", "call-off", "7", "--as", "bo", code=1).stderr
    assert "Nobody called 'zoe'" in estate("retrain", "call-off", "7", "--as", "zoe", code=2).stderr
    estate(*RUN, "--yes")
    estate("retrain", "call-off", "1", "--as", "ada", "--why", "a slip")
    assert json.loads(estate("change", "status", "1", "--json").stdout)["step"] == "withdrawn"
    estate("change", "propose", "churn", "--lever", "rollback", "--why", "x", "--as", "ada", "--yes")
    assert "CHG-2 trains nothing." in estate("retrain", "call-off", "2", "--as", "ada", code=1).stdout


# --- waiting, in frozen time ---


async def hears(desk: Desk, waiting: "asyncio.Future[Change]", told: list[str], wanted: str) -> None:
    """Whoever waits has looked until they heard this; they may be reading at any moment."""
    await turns(desk, lambda: any(line.endswith(wanted) for line in told) or waiting.done())
    assert any(line.endswith(wanted) for line in told)


async def turns(desk: Desk, holds: Callable[[], bool]) -> None:
    """Whoever waits looks again and again, until that holds."""
    assert isinstance(desk.clock, FakeClock)
    for _ in range(10_000):
        if holds():
            return
        await asyncio.sleep(0)
        await desk.clock.advance(retrain.POLL)
    raise AssertionError("It never came to that.")


@pytest.mark.parametrize(("version", "step"), [("8", "done"), ("9", "failed")])
async def test_whoever_waits_hears_how_far_it_is_and_how_it_ended(
    estate: Type, folder: Path, version: str, step: str
) -> None:
    await asyncio.to_thread(agreed, estate, folder, kiln.LASTS)
    told: list[str] = []
    async with kiln.ahead(folder) as desk:
        asked = await desk.store.read(lambda tx: changes.get(tx, "CHG-1"))
        waiting = asyncio.ensure_future(retrain.ended(desk, asked, told.append))
        await hears(desk, waiting, told, "  approved")
        await kiln.drained(desk, kiln.runs)
        await hears(desk, waiting, told, "  training: fitting 3 of 4, 75 %")
        made = f'mkdir versions/{version}; echo \'{{"version": "{version}"}}\' > "$4/result.json"'
        await kilns.told(folder / "models/churn/runs/CHG-1", made)
        await kiln.drained(desk, kiln.over)
        await hears(desk, waiting, told, f"  {step}")
        assert (await waiting).step == step
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("as_json", [False, True])
async def test_whoever_waited_reads_all_of_it_and_learns_by_the_exit_code(
    estate: Type, folder: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    await asyncio.to_thread(agreed, estate, folder, kiln.BREAKS)
    async with kiln.ahead(folder) as desk:
        asked = await desk.store.read(lambda tx: changes.get(tx, "CHG-1"))
        await kiln.drained(desk, kiln.over)
        capsys.readouterr()
        offered = Offered(Preview(asked.plan, 1, ("bo",)), Proposed(Verdict.GO, "CHG-1: asked for.", asked))
        with pytest.raises(typer.Exit) as left:
            await retrain.awaited(retrain.Waiting(desk, offered, as_json), asked)
    assert left.value.exit_code == 1
    said = capsys.readouterr().out
    if as_json:
        told = json.loads(said)
        assert (told["verdict"], told["sentence"], told["change"]["step"]) == ("GO", "CHG-1: asked for.", "failed")
        assert told["run"]["log"].splitlines()[-1] == "out of memory"
    else:
        assert said.startswith("CHG-1: asked for.\n")
        assert "    | out of memory\n" in said


async def test_nobody_waits_for_ever(estate: Type, folder: Path) -> None:
    await asyncio.to_thread(agreed, estate, folder, kiln.LASTS)
    async with kiln.ahead(folder) as desk:
        asked = await desk.store.read(lambda tx: changes.get(tx, "CHG-1"))
        spent = asked.plan.verify_within + retrain.PATIENCE - timedelta(seconds=2)
        old = replace(asked, expires_at=desk.clock.now() - spent)  # what was asked for so long ago
        waiting = asyncio.ensure_future(retrain.ended(desk, old, lambda _: None))
        await turns(desk, waiting.done)
        with pytest.raises(NotDelivered, match=r"CHG-1 has not ended in its time\. See `tocsin change status CHG-1`"):
            await waiting
