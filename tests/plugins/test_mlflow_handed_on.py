"""Training by a pipeline, asked for once, and by a command on this machine, given no more than it needs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.contract import Going, Health, NotDelivered, Refused
from bot.testing.far_end import FarEnd
from tests.plugins import benches
from tests.plugins.benches import Commanded, Piped, piped, pipeline, trainer
from tests.plugins.kilns import ORDER, over

TOKEN = "CHG-1"


@pytest.fixture
def commanded(tmp_path: Path) -> Iterator[Commanded]:
    stage = Commanded(tmp_path)
    yield stage
    stage.pupil.put_out()


# --- pipelines ---


async def test_a_lost_answer_is_never_asked_for_again() -> None:
    async with piped() as (stage, part):
        stage.answers = [(502, b"")]
        with pytest.raises(NotDelivered, match="answered 502") as said:
            await part.start(stage.ref, ORDER, TOKEN)
        assert not said.value.retry
        found = await part.find(stage.ref, TOKEN)
        assert found is not None
        assert (found.going, found.stage) == (Going.WAITING, "asked for; MLflow heard nothing of it yet")
        assert (await part.start(stage.ref, ORDER, TOKEN)).id == found.id
        assert len(stage.posted) == 1
        stage.tracks.runs[found.id]["status"] = "RUNNING"  # it was started, after all
        assert (await part.poll(stage.ref, found.id)).going is Going.RUNNING
        assert (await part.cancel(stage.ref, found.id)).going is Going.CANCELLED
        stage.tracks.ends(found.id)  # and did not look
        assert (await part.poll(stage.ref, found.id)).going is Going.CANCELLED


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        ((400, b'{"message": {"base": ["Reference not found a-trigger-token-of-the-tests"]}}'), Refused, "Reference"),
        ((404, b'{"message": "404 Not Found"}'), Refused, r"does not let the bot start the pipeline \(404\)"),
        ((429, b""), NotDelivered, "busy"),
        ((302, b""), Refused, "refused the pipeline"),
    ],
)
async def test_a_pipeline_that_is_refused_was_not_begun(answer: Any, error: type[Exception], why: str) -> None:
    async with piped() as (stage, part):
        stage.answers = [answer]
        with pytest.raises(error, match=why) as said:
            await part.start(stage.ref, ORDER, TOKEN)
        assert "a-trigger-token" not in str(said.value)
        assert await part.find(stage.ref, TOKEN) is None
        first = next(iter(stage.tracks.runs.values()))
        assert first["status"] == "FAILED"
        assert "a-trigger-token" not in str(first)
        run = await part.start(stage.ref, ORDER, TOKEN)
        assert (len(stage.began), run.going) == (1, Going.RUNNING)


async def test_where_nobody_listens_nothing_was_begun() -> None:
    stage = Piped()
    await stage.prepare()
    async with FarEnd(says=stage.tracks.says) as far:
        part = trainer(far.url, pipeline("http://127.0.0.1:9"))
        with pytest.raises(NotDelivered, match="cannot be reached"):
            await part.start(stage.ref, ORDER, TOKEN)
        assert await part.find(stage.ref, TOKEN) is None


async def test_gitlab_is_asked_as_it_wants_it() -> None:
    async with piped(ref="release") as (stage, part):
        run = await part.start(stage.ref, ORDER, TOKEN)
        (asked,) = stage.posted
        assert (asked.method, asked.path) == ("POST", "/api/v4/projects/ml%2Fchurn/trigger/pipeline")
        said = orjson.loads(asked.body)
        assert (said["token"], said["ref"]) == (benches.SECRET, "release")
        assert said["variables"]["MLFLOW_RUN_ID"] == run.id
        page = stage.tracks.runs[run.id]["tags"]["tocsin.pipeline"]
        assert page == "https://gitlab.example.com/ml/churn/-/pipelines/46"


async def test_github_is_asked_as_it_wants_it() -> None:
    stage = Piped()
    await stage.prepare()
    async with FarEnd(says=stage.tracks.says) as far, FarEnd(says=lambda _: (204, b"")) as github:
        told = {"kind": "github", "url": github.url, "project": "acme/churn", "workflow": "train.yml"}
        run = await trainer(far.url, pipeline(github.url, **told)).start(stage.ref, ORDER, TOKEN)
        (asked,) = github.arrived
    assert (asked.method, asked.path) == ("POST", "/repos/acme/churn/actions/workflows/train.yml/dispatches")
    assert asked.headers["authorization"] == f"Bearer {benches.SECRET}"
    assert asked.headers["accept"] == "application/vnd.github+json"
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    said = orjson.loads(asked.body)
    assert set(said) == {"ref", "inputs"}
    assert len(said["inputs"]) <= 10  # more inputs are not allowed everywhere
    assert said["inputs"]["MLFLOW_RUN_ID"] == run.id


async def test_any_other_is_posted_to_where_it_says() -> None:
    stage = Piped()
    await stage.prepare()
    async with FarEnd(says=stage.tracks.says) as far, FarEnd(answer=b"ok") as hook:
        train = {"pipeline": {"kind": "webhook", "url": f"{hook.url}/hooks/train", "token": benches.SECRET}}
        run = await trainer(far.url, train).start(stage.ref, ORDER, TOKEN)
        (asked,) = hook.arrived
    assert asked.path == "/hooks/train"
    assert asked.headers["authorization"] == f"Bearer {benches.SECRET}"
    assert orjson.loads(asked.body)["MLFLOW_RUN_ID"] == run.id


# --- commands ---


async def test_a_command_is_given_what_it_needs_and_no_more(
    commanded: Commanded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_SECRET_OF_THE_BOT", "hidden")
    monkeypatch.setenv("LENT", "a\nb")
    await commanded.prepare()
    async with FarEnd(says=commanded.tracks.says) as far:
        train = {**commanded.train(), "env_from": ["LENT", "NEVER_SET"], "tracking_url": far.url}
        run = await trainer(far.url, train).start(commanded.ref, ORDER, TOKEN)
        await commanded.pupil.waits(run.id)
        said = commanded.pupil.environment(run.id)
    assert said["LENT"] == "a\nb"
    assert "A_SECRET_OF_THE_BOT" not in said
    assert {name for name in said if name.startswith(("TOCSIN", "MLFLOW"))} == {
        "MLFLOW_RUN_ID",
        "MLFLOW_TRACKING_URI",
        *(
            f"TOCSIN_{name}"
            for name in ("TOKEN", "MODEL", "REGISTERED_MODEL", "SINCE", "UNTIL", "EXCLUDED", "PARAMETERS")
        ),
    }


async def test_a_program_that_is_not_there_begins_nothing(tmp_path: Path) -> None:
    stage = Commanded(tmp_path)
    await stage.prepare()
    async with FarEnd(says=stage.tracks.says) as far:
        part = trainer(far.url, {**stage.train(), "command": ["./no-such-program"]})
        with pytest.raises(Refused, match="no program"):
            await part.start(stage.ref, ORDER, TOKEN)
        assert await part.find(stage.ref, TOKEN) is None
        (row,) = await part.check()
        assert row.health is Health.MISSING


async def test_a_program_that_dies_without_a_word_failed(commanded: Commanded) -> None:
    await commanded.prepare()
    async with FarEnd(says=commanded.tracks.says) as far:
        part = trainer(far.url, {**commanded.train(), "command": ["sh", "-c", "echo no rows; exit 3"]})
        run = await part.start(commanded.ref, ORDER, TOKEN)
        found = await over(part, run.id, commanded.ref)  # type: ignore[arg-type]
    assert (found.going, found.log) == (Going.FAILED, "no rows")
    assert found.stage == "it ended, and told MLflow neither success nor failure"


async def test_what_another_machine_began_is_neither_begun_nor_stopped_here(commanded: Commanded) -> None:
    await commanded.prepare()
    async with FarEnd(says=commanded.tracks.says) as far:
        part = trainer(far.url, commanded.train())
        run = await part.start(commanded.ref, ORDER, TOKEN)
        await commanded.pupil.waits(run.id)
        commanded.tracks.runs[run.id]["params"]["tocsin.delegating"] = "another-machine/1"
        del commanded.tracks.runs[run.id]["tags"]["tocsin.delegated"]
        assert (await part.start(commanded.ref, ORDER, TOKEN)).id == run.id
        with pytest.raises(Refused, match="runs on another-machine"):
            await part.cancel(commanded.ref, run.id)
        assert len(commanded.pupil.began) == 1
        assert commanded.pupil.at_work() == 1


async def test_a_process_that_was_given_the_number_later_is_left_alone(commanded: Commanded) -> None:
    await commanded.prepare()
    async with FarEnd(says=commanded.tracks.says) as far:
        part = trainer(far.url, commanded.train())
        run = await part.start(commanded.ref, ORDER, TOKEN)
        await commanded.pupil.waits(run.id)
        file = commanded.pupil.folder / "runs" / f"{TOKEN}-{run.id}" / "process.json"
        file.write_bytes(orjson.dumps({**orjson.loads(file.read_bytes()), "mark": "another start"}))
        assert (await part.cancel(commanded.ref, run.id)).going is Going.FAILED
        assert commanded.pupil.at_work() == 1
