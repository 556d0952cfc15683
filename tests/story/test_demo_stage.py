"""The demo's parts come up together or not at all: a stale folder and a taken port are said with their cure."""

import socket
from pathlib import Path

import pytest

from bot.errors import BadInput
from bot.sandbox.demo import folder as folders
from bot.sandbox.demo import stage

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
