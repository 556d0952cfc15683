"""The demo's parts come up together or not at all: a stale folder and a taken port are said with their cure."""

import socket
from pathlib import Path

import pytest

from bot.contract import Context, Going, Run
from bot.errors import BadInput
from bot.model.change import Change, Lock, Step
from bot.sandbox.demo import folder as folders
from bot.sandbox.demo import relearning, stage
from bot.sandbox.demo.teller import Teller
from bot.store import trainings
from plugins.local.settings import LocalSettings
from plugins.local.trainer import Bench

RUNBOOKS = Path(__file__).resolve().parents[2] / "runbooks"


async def refused(root: Path, port: int = 0) -> BadInput:
    """What is said when the demo cannot be opened there."""
    with folders.opened(root, RUNBOOKS) as made, pytest.raises(BadInput) as found:
        async with stage.opened(made, port=port):
            pytest.fail("It came up.")
    return found.value


@pytest.mark.parametrize("name", ["tocsin.db", "workspace.json", "models/estate.json"])
async def test_what_another_time_left_is_said_with_the_cure(tmp_path: Path, name: str) -> None:
    with folders.opened(tmp_path, RUNBOOKS) as made:
        (made.root / name).write_text('{"format": 0, "of": "another time"}')
    said = await refused(tmp_path)
    assert said.do == "Start it with --reset, which begins anew there."
    assert Path(name).name in said.what


async def test_a_configuration_that_is_wrong_is_said_with_its_line(tmp_path: Path) -> None:
    with folders.opened(tmp_path, RUNBOOKS) as made:
        people = made.config / "people.yaml"
        people.write_text(people.read_text().replace("lead: fay", "lead: faye"))
    assert "people.yaml:" in str(await refused(tmp_path))


async def test_a_port_that_is_taken_is_said_with_the_cure(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = await refused(tmp_path, port)
    assert said.what == f"Port {port} of this machine is taken by another program."
    assert said.do == "Choose another with --port; 0 takes any that is free."


async def test_alerts_come_in_within_moments_and_what_was_said_is_kept(tmp_path: Path) -> None:
    with folders.opened(tmp_path, RUNBOOKS) as made:
        async with stage.opened(made) as up:
            first = await up.until(lambda: up.card("INC-1"), "the first card")
            assert "churn" in first.shown
            assert first.channel == up.workspace.channel("#ml-retail").id
            serving = up.app.desk.hosts["disk"]
            assert serving.platform.levers
        async with stage.opened(made) as again:
            (card, *_) = again.workspace.messages("#ml-retail")
            assert card.ts == first.ts
            assert again.clock.now() >= first.at
            assert again.page.partition("#")[2] == up.page.partition("#")[2]


@pytest.mark.slow
async def test_a_training_ends_with_its_demo_and_can_be_asked_for_again(
    tmp_path: Path,
) -> None:
    model = "delivery-days"

    async def asked(up: stage.Stage, incident: str) -> tuple[Teller, Change]:
        """A retrain that ada asks for and bo agrees to, once it trains."""
        teller = Teller(up)
        form = await teller.formed(incident, "Retrain", "ada", "about")
        change = await teller.asked(form, relearning.WHY, "ada", Lock.TRAINING)
        await teller.approved(change, "bo")

        async def goes_on() -> bool:
            found = await up.app.store.read(lambda tx: trainings.find(tx, change.id))
            return found is not None and found.share is not None

        await up.until(goes_on, "it to train")
        return teller, change

    with folders.opened(tmp_path, RUNBOOKS) as made:
        async with stage.opened(made, speed=300) as up:
            incident = await Teller(up).first(model, "the carrier to report")
            up.clock.speed = 60
            _, change = await asked(up, incident)
        assert [one.going for one in await runs(made)] == [Going.CANCELLED]
        async with stage.opened(made, speed=60) as again:

            async def over() -> Change | None:
                now = await Teller(again).change(change)
                return now if now.step is Step.FAILED else None

            ended = await again.until(over, "it to be known that it was stopped")
            assert ended.outcome
            await asked(again, incident)
    with folders.opened(tmp_path, RUNBOOKS, reset=True) as anew:
        assert list(anew.models.iterdir()) == []


async def runs(made: folders.Folder) -> list[Run]:
    """Every training that this demo began."""
    bench = Bench(LocalSettings(root=str(made.models), run_train=True), Context("disk"))
    names = sorted(one.name for one in (made.models / "delivery-days" / "runs").iterdir())
    return [await bench.poll({"name": "delivery-days"}, name) for name in names]
