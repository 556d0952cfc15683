"""The folder of a demo: made, gone on from, taken away; whatever is not ours stays as it is, and the cure is said."""

import itertools
import json
import threading
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import pytest

from bot import app
from bot.errors import BadInput
from bot.sandbox.demo import folder as folders
from bot.sandbox.demo import people, setup
from bot.slack import manifest

RUNBOOKS = Path(__file__).resolve().parents[2] / "runbooks"
ENVIRONMENT = {
    "ESTATE_SECRET": "s" * 16,
    "ESTATE_KEY": "k" * 32,
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
}


def refused(root: Path, *, reset: bool = False) -> str:
    """What is said when the folder cannot be had."""
    with pytest.raises(BadInput) as found, folders.opened(root, RUNBOOKS, reset=reset):
        pass
    return str(found.value)


def test_a_new_folder_holds_a_configuration_that_passes_the_check(tmp_path: Path) -> None:
    with folders.opened(tmp_path / "demo", RUNBOOKS) as made:
        loaded = app.load(app.Folder.of(made.config), ENVIRONMENT)
    own = {one.name.removesuffix(".md") for one in (files("bot.sandbox.demo") / "runbooks").iterdir()}
    assert {one.name for one in loaded.library.runbooks} == own | {one.stem for one in RUNBOOKS.glob("*.md")}
    assert set(loaded.settings.estate.entities) == {"retail", "lending"}
    assert {model.platform for model in loaded.settings.estate.models.values()} == {"disk"}
    shipped = {one.name for one in (files("bot.sandbox.demo") / "config").iterdir()}
    assert {file.name for file in made.config.iterdir()} == shipped


def test_what_an_operator_changed_is_there_at_the_next_start(tmp_path: Path) -> None:
    with folders.opened(tmp_path, RUNBOOKS) as made:
        (made.config / "noise.yaml").write_text("# mine\n")
        made.write({"seen": {"why": "2026-11-23T09:00:00+00:00"}})
    with folders.opened(tmp_path, RUNBOOKS) as again:
        assert (again.config / "noise.yaml").read_text() == "# mine\n"
        assert again.read() == {"seen": {"why": "2026-11-23T09:00:00+00:00"}}


def test_reset_begins_anew(tmp_path: Path) -> None:
    with folders.opened(tmp_path, RUNBOOKS) as made:
        (made.root / "tocsin.db").write_text("old")
        (made.models / "churn").mkdir()
        (made.config / "noise.yaml").write_text("# mine\n")
        made.write({"seen": {}})
        (made.root / ".gone-models" / "churn").mkdir(parents=True)  # a removal that was cut off
    with folders.opened(tmp_path, RUNBOOKS, reset=True) as again:
        assert not (again.root / "tocsin.db").exists()
        assert list(again.models.iterdir()) == []
        assert not list(again.root.glob(".gone*"))
        assert (again.config / "noise.yaml").read_text() != "# mine\n"
        assert again.read() == {}


def test_reset_takes_the_folder_from_a_training_that_a_killed_demo_left_behind(tmp_path: Path) -> None:
    run = tmp_path / "models" / "delivery-days" / "runs" / "CHG-1"
    with folders.opened(tmp_path, RUNBOOKS):
        run.mkdir(parents=True)
    stop = threading.Event()

    def goes_on() -> None:
        """As a training does: it writes as long as its folder is there."""
        with suppress(FileNotFoundError):
            for number in itertools.count():
                (run / f"progress-{number % 50}").write_text("")
                if stop.is_set():
                    return

    training = threading.Thread(target=goes_on)
    training.start()
    try:
        with folders.opened(tmp_path, RUNBOOKS, reset=True) as again:
            assert list(again.models.iterdir()) == []
    finally:
        stop.set()
        training.join()


def test_reset_does_not_follow_a_link_out_of_the_folder(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis").write_text("years")
    with folders.opened(tmp_path / "demo", RUNBOOKS) as made:
        (made.root / "link").symlink_to(precious)
    with folders.opened(tmp_path / "demo", RUNBOOKS, reset=True) as again:
        assert not (again.root / "link").exists()
    assert (precious / "thesis").read_text() == "years"


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("mark", [None, "{}", "no json", '["tocsin demo"]', '{"made_by": "somebody"}'])
def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, mark: str | None, reset: bool) -> None:
    (tmp_path / "thesis").write_text("years")
    if mark is not None:
        (tmp_path / "demo.json").write_text(mark)
    before = sorted(tmp_path.iterdir())
    said = refused(tmp_path, reset=reset)
    assert "holds something that no demo has written; it is left alone. Choose another place with --folder." in said
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_of_another_version_is_told_from_a_foreign_one(tmp_path: Path) -> None:
    with folders.opened(tmp_path, RUNBOOKS):
        pass
    mark = json.loads((tmp_path / "demo.json").read_text())
    (tmp_path / "demo.json").write_text(json.dumps(mark | {"format": 0}))
    said = refused(tmp_path)
    assert "was written by another version of the demo. Start it with --reset, which begins anew there." in said
    with folders.opened(tmp_path, RUNBOOKS, reset=True):
        pass
    with folders.opened(tmp_path, RUNBOOKS):
        pass


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    with folders.opened(tmp_path, RUNBOOKS) as made:
        for reset in (False, True):
            assert f"A demo is running in {tmp_path} already." in refused(tmp_path, reset=reset)
        assert (made.config / "people.yaml").exists(), "a reset takes nothing from a demo that runs"
    with folders.opened(tmp_path, RUNBOOKS):
        pass


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert refused(file) == f"{file} is no folder. Choose another place with --folder."
    said = refused(file / "below")
    assert said == f"{file / 'below'} cannot be written: Not a directory. Choose another place with --folder."


def test_half_a_folder_is_finished(tmp_path: Path) -> None:
    with folders.opened(tmp_path, RUNBOOKS) as made:
        (made.config / "rotas.yaml").unlink()
    with folders.opened(tmp_path, RUNBOOKS) as again:
        assert (again.config / "rotas.yaml").exists()


def test_the_environment_is_for_its_owner_only(tmp_path: Path) -> None:
    with folders.opened(tmp_path, RUNBOOKS) as made:
        made.expose({"A": "1", "B": "2"})
        assert made.environment.read_text() == "A=1\nB=2\n"
        assert made.environment.stat().st_mode & 0o777 == 0o600


def test_everybody_has_a_role_and_the_auditor_is_in_no_team(tmp_path: Path) -> None:
    with folders.opened(tmp_path, RUNBOOKS) as made:
        own = app.load(app.Folder.of(made.config), ENVIRONMENT).settings
    told = people.told(own)
    assert [one["name"] for one in told] == list(people.ROLES)
    assert {one["id"] for one in told} == {person.id for person in people.members(own)}
    assert all(one["role"] != "colleague" for one in told)
    assert not any("kim" in (*team.members, team.lead) for team in own.people.teams.values())
    assert [channel.name for channel in people.channels(own)] == ["ml-retail", "ml-lending", "ml-oncall"]


def test_the_way_to_a_slack_of_ones_own_is_that_of_the_manifest() -> None:
    told = setup.told()
    assert json.loads(told["sockets"]) == manifest.manifest("socket")
    assert json.loads(told["http"])["settings"]["event_subscriptions"]["request_url"].startswith(setup.EXAMPLE)
    assert [one["scope"] for one in told["scopes"]] == list(manifest.SCOPES)
    assert all(one["why"] and one["without"] for one in told["scopes"])
    assert [name for name, _ in told["env"]] == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]
