"""The platform part of the mlflow plugin on a real server, while others move aliases and delete versions."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bot.contract import Context, Health, Lever, NotFound, Plan, Refused, Stale
from bot.testing import platforms
from plugins import mlflow as plugin
from tests.parts import mlflow as registries
from tests.parts.between import Between
from tests.parts.mlflow import Server

pytestmark = [pytest.mark.mlflow, pytest.mark.slow]


def platform(server: Server, **options: Any) -> plugin.Mlflow:
    return plugin.Mlflow(plugin.MlflowSettings.model_validate({"url": server.url, **options}), Context("registry"))


class Churn:
    """A model of its own with three versions, the third of which its alias points to."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.name = f"churn {uuid4().hex[:8]} & co?"  # a name that must be encoded
        self.ref = {"registered_model": self.name, "alias": "champion"}
        self.host = platform(server)

    async def plan(self, version: str, lever: Lever = Lever.ROLLBACK, ref: Mapping[str, str] | None = None) -> Plan:
        ref = ref or self.ref
        now = await self.host.serving(ref)
        after = await self.host.wanted(ref, lever, now, {"version": version})
        return Plan(lever, "churn", "registry", ref, now, after, "asked for", "")

    async def pointed(self) -> str | None:
        return await self.server.pointed(self.name, "champion")


class Behind:
    """The suite's hand: a model of its own each time, and a wire that loses what it is told."""

    versions = ("1", "2", "3")

    def __init__(self, server: Server, wire: Between) -> None:
        self.server, self.wire = server, wire
        self.ref: dict[str, str] = {}

    async def prepare(self) -> None:
        self.ref = {"registered_model": f"churn-{uuid4().hex[:8]}", "alias": "champion"}
        await self.server.model(self.ref["registered_model"], 3, alias="champion", at=2)
        self.wire.loses, self.wire.taken = "", 0

    async def serve(self, version: str) -> None:
        await self.server.point(self.ref["registered_model"], "champion", version)

    async def delete(self, version: str) -> None:
        await self.server.delete(self.ref["registered_model"], version)

    async def lose_answer(self) -> None:
        self.wire.loses = "answer"

    async def lose_write(self) -> None:
        self.wire.loses = "write"

    async def lie(self, version: str) -> None:
        raise AssertionError("Nobody can ask MLflow what answers.")

    async def writes(self) -> int:
        return self.wire.taken


async def test_it_keeps_the_contract(mlflow: Server) -> None:
    async with Between(mlflow.port, b"registered-models/alias") as wire:
        options = {"url": wire.url, "token": "a-token-of-the-tests", "timeout": "3s"}
        await platforms.conforms(plugin.plugin, options, Behind(mlflow, wire), deadline=10)


@pytest.fixture
async def churn(mlflow: Server) -> Churn:
    one = Churn(mlflow)
    await mlflow.model(one.name, 3, alias="champion")
    return one


async def test_it_says_what_serves_and_what_could(churn: Churn) -> None:
    now = await churn.host.serving(churn.ref)
    assert now.version == "3"
    assert now.raw["aliases"] == ["champion"]
    assert now.raw["run_id"]
    assert now.raw["signature"]
    assert now.guard is None
    found = await churn.host.versions(churn.ref)
    assert [one.id for one in found] == ["3", "2", "1"]
    assert [one.metrics for one in found] == [{"auc": 0.93}, {"auc": 0.92}, {"auc": 0.91}]
    assert all(one.usable and one.created_at for one in found)
    assert [one.id for one in await churn.host.versions(churn.ref, 2)] == ["3", "2"]
    assert await churn.host.history(churn.ref) == ()
    assert await churn.host.probe(churn.ref) is None


async def test_there_and_back(churn: Churn) -> None:
    plan = await churn.plan("2")
    assert (await churn.host.apply(plan, "CHG-1")).state == "done"
    assert (await churn.host.serving(churn.ref)).same(plan.after)
    assert (await churn.host.poll(plan, await churn.host.apply(plan, "CHG-1"))).state == "done"
    back = await churn.plan("3", Lever.PROMOTE)
    await churn.host.apply(back, "CHG-2")
    assert (await churn.host.serving(churn.ref)).same(plan.before)
    assert (await churn.host.poll(plan, await churn.host.apply(back, "CHG-2"))).state == "failed"


async def test_what_others_moved_is_not_moved_over(churn: Churn) -> None:
    plan = await churn.plan("2")
    await churn.server.point(churn.name, "champion", 1)
    with pytest.raises(Stale, match="points to version 1, not to version 3 any more"):
        await churn.host.apply(plan, "CHG-1")
    await churn.server.unpoint(churn.name, "champion")
    with pytest.raises(Stale, match="points to nothing"):
        await churn.host.apply(plan, "CHG-1")
    assert await churn.pointed() is None


async def test_who_moved_it_there_first_spares_us_the_write(churn: Churn) -> None:
    plan = await churn.plan("2")
    await churn.server.point(churn.name, "champion", 2)
    done = await churn.host.apply(plan, "CHG-1")
    assert (done.state, done.detail) == ("done", "champion pointed to version 2 already.")


async def test_no_alias_means_that_nothing_serves(churn: Churn) -> None:
    ref = {**churn.ref, "alias": "challenger"}
    now = await churn.host.serving(ref)
    assert (now.split, now.version) == ({}, None)
    plan = await churn.plan("1", Lever.PROMOTE, ref)
    await churn.host.apply(plan, "CHG-1")
    assert (await churn.host.serving(ref)).version == "1"


async def test_a_deleted_version_serves_no_more_and_cannot(churn: Churn) -> None:
    plan = await churn.plan("2")
    await churn.server.delete(churn.name, 2)
    with pytest.raises(NotFound, match="not found"):
        await churn.host.apply(plan, "CHG-1")
    with pytest.raises(NotFound):
        await churn.plan("2")
    await churn.server.delete(churn.name, 3)
    assert (await churn.host.serving(churn.ref)).split == {}


@pytest.mark.parametrize("version", ["99", "seven", "-1", "1.5", "²", "9" * 40])
async def test_no_such_version(churn: Churn, version: str) -> None:
    with pytest.raises(NotFound):
        await churn.plan(version)
    assert await churn.pointed() == "3"


async def test_what_cannot_be_wanted(churn: Churn) -> None:
    now = await churn.host.serving(churn.ref)
    for lever, parameters, why in (
        (Lever.ROLLBACK, {"version": "3"}, "serves already"),
        (Lever.ROLLBACK, {}, "No version is named"),
        (Lever.SHIFT, {"split": {"1": 10, "3": 90}}, "cannot shift"),
        (Lever.PROMOTE, {"version": "2", "split": {"1": 10, "3": 90}}, "no traffic to split"),
        (Lever.PAUSE, {"version": "2"}, "cannot pause"),
    ):
        with pytest.raises(Refused, match=why):
            await churn.host.wanted(churn.ref, lever, now, parameters)


async def test_every_plan_warns_that_servers_keep_what_they_loaded(churn: Churn) -> None:
    plan = await churn.plan("2")
    (warning,) = plan.after.raw["warnings"]
    assert "keeps answering with it" in warning
    await churn.server.trained(churn.name, auc=0.5, features="income")
    warned = (await churn.plan("4", Lever.PROMOTE)).after.raw["warnings"]
    assert "The signature of version 4 differs from that of 3" in warned[1]


async def test_no_such_model(churn: Churn) -> None:
    ref = {"registered_model": "nobody's", "alias": "champion"}
    for act in (churn.host.serving, churn.host.versions):
        with pytest.raises(NotFound):
            await act(ref)


@pytest.mark.parametrize(
    "name", ["it's", 'say "hi"', "çörek ☂", "a%2Fb", "a&name=b", "x' OR name='churn", " lead", "n=v#?"]
)
async def test_names_that_must_be_encoded(mlflow: Server, name: str) -> None:
    name = f"{name} {uuid4().hex[:6]}"
    await mlflow.model(name, 2, alias="champion")
    host, ref = platform(mlflow), {"registered_model": name, "alias": "champion"}
    assert (await host.serving(ref)).version == "2"
    assert [one.id for one in await host.versions(ref)] == ["2", "1"]
    after = await host.wanted(ref, Lever.ROLLBACK, await host.serving(ref), {"version": "1"})
    plan = Plan(Lever.ROLLBACK, "churn", "registry", ref, await host.serving(ref), after, "", "")
    await host.apply(plan, "CHG-1")
    assert await mlflow.pointed(name, "champion") == "1"


async def test_a_prompt_is_rolled_back_the_same_way(churn: Churn) -> None:
    name = f"greeting-{uuid4().hex[:8]}"
    await churn.server.prompt(name, "Hello {{ name }}", "Hi {{ name }}")
    await churn.server.point(name, "production", 2)
    ref = {"prompt": name, "alias": "production"}
    assert [one.id for one in await churn.host.versions(ref)] == ["2", "1"]
    plan = await churn.plan("1", Lever.ROLLBACK, ref)
    assert plan.before.raw["text"] != plan.after.raw["text"]
    assert "Hello" not in str(plan.spelled())
    await churn.host.apply(plan, "CHG-1")
    assert (await churn.host.serving(ref)).version == "1"
    with pytest.raises(NotFound, match=r"is a prompt in MLflow\. Write `prompt:`"):
        await churn.host.serving({"registered_model": name, "alias": "production"})
    with pytest.raises(NotFound, match=r"is a model in MLflow\. Write `registered_model:`"):
        await churn.host.serving({"prompt": churn.name, "alias": "champion"})


@pytest.mark.parametrize("alias", ["latest", "Latest", "v3", "V12"])
async def test_names_that_mlflow_keeps_for_itself(churn: Churn, alias: str) -> None:
    with pytest.raises(Refused, match="MLflow keeps that name for itself"):
        await churn.host.serving({**churn.ref, "alias": alias})


async def test_a_host_name_that_mlflow_does_not_know(mlflow: Server) -> None:
    host = platform(mlflow)
    elsewhere = mlflow.url.replace("127.0.0.1", "mlflow.invalid")
    # The name leads nowhere, so that the header alone is another.
    host._client._peer.headers["Host"] = elsewhere.removeprefix("http://")  # type: ignore[index]
    (row,) = await host.check()
    assert row.health is Health.MISSING
    assert "--allowed-hosts" in row.do
    with pytest.raises(Refused, match="does not serve under the host name"):
        await host.serving({"registered_model": "churn", "alias": "champion"})


async def test_another_address_is_told_from_a_missing_model(mlflow: Server) -> None:
    astray = platform(mlflow, url=f"{mlflow.url}/elsewhere")
    with pytest.raises(Refused, match=r"no REST API of MLflow at `url` \(404\)"):
        await astray.serving({"registered_model": "churn", "alias": "champion"})
    (row,) = await platform(mlflow).check()
    assert row.health is Health.OK


async def test_who_may_read_may_not_move(tmp_path: Path) -> None:
    try:
        registries.program()
    except registries.Missing as missing:
        pytest.skip(str(missing))
    server = Server(tmp_path, guarded=True)
    try:
        await asyncio.to_thread(server.start)
        reader = {"username": "reader", "password": "a-reader's-password"}
        await server.done("POST", "users/create", reader)
        await server.model("churn", 2, alias="champion")
        ref = {"registered_model": "churn", "alias": "champion"}
        host = platform(server, **reader, timeout="30s")
        now = await host.serving(ref)
        after = await host.wanted(ref, Lever.ROLLBACK, now, {"version": "1"})
        with pytest.raises(Refused, match=r"does not permit it \(403\)"):
            await host.apply(Plan(Lever.ROLLBACK, "churn", "registry", ref, now, after, "", ""), "CHG-1")
        assert await server.pointed("churn", "champion") == "2"
        stranger = platform(server, username="reader", password="wrong-password")
        with pytest.raises(Refused, match=r"does not know who asks \(401\)"):
            await stranger.serving(ref)
        (row,) = await stranger.check()
        assert "wrong-password" not in f"{row} {stranger!r}"
    finally:
        server.stop()


async def test_the_columns_of_the_newest_versions_are_told(churn: Churn) -> None:
    version = await churn.server.trained(churn.name, auc=0.95, features='age", "type": "double')
    found = {one.id: one.inputs for one in await churn.host.versions(churn.ref)}
    assert found[version] == {"age": "double"}
    assert found["3"] == {}  # its signature gives the column no type
