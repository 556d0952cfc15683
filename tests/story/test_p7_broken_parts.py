"""P7: a broken plugin, runbook or destination never blocks acknowledging, escalating or resolving."""

import asyncio
import dataclasses
import threading
from datetime import timedelta

import pytest

from bot import registry
from bot.contract import Alert, Check, Context, Delivery, Kind, Plugin, Request, Source, Status
from bot.contract.plugin import ConnectionSettings
from bot.engine.respond import Verb
from bot.errors import BadConfig, PluginFault
from bot.model.incident import Phase
from bot.model.job import Lane, NewJob
from bot.sandbox.workspace import Workspace
from bot.store import jobs, letters
from bot.testing.house import House
from tests.story.place import Place, send


class Raises:
    """A source with a bug in every part."""

    def __init__(self, settings: ConnectionSettings, context: Context) -> None:
        pass

    def authenticate(self, request: Request) -> None:
        """Lets everybody in."""

    def parse(self, request: Request) -> Delivery:
        """Breaks."""
        raise ZeroDivisionError("a bug of its author")

    async def check(self) -> list[Check]:
        """Breaks."""
        raise ZeroDivisionError("a bug of its author")


class Leaves(Raises):
    """A source that tries to end the process."""

    def parse(self, request: Request) -> Delivery:
        """Leaves."""
        raise SystemExit(1)


class Lies(Raises):
    """A source that returns what it must not."""

    def parse(self, request: Request) -> Delivery:
        """No delivery."""
        return "nothing"  # type: ignore[return-value]


class Poisons(Raises):
    """A source that lets through, for some bodies, what no database can keep."""

    def parse(self, request: Request) -> Delivery:
        """One alert; half a character in its title where the body says so."""
        title = "half \ud800" if b"poison" in request.body else f"sound {len(request.body)}"
        at = request.received_at
        return Delivery((Alert("rotten", "rotten", title, title, Status.FIRING, Kind.DRIFT, at, model=title[:4]),))


class Hangs(Raises):
    """A source that waits for something that does not come."""

    let_go = threading.Event()

    def parse(self, request: Request) -> Delivery:
        """Waits."""
        self.let_go.wait(20)
        return Delivery()


def beside(place: Place, source: type[Source] | None) -> registry.Found:
    """The installed plugins, and one called `rotten` with this source (None: it cannot be imported)."""
    place.change("config/tocsin.yaml", "- {name: prom,", "- {name: rotten, plugin: rotten}\n  - {name: prom,")
    found = registry.discover(names={"webhook", "alertmanager"})
    if source is None:
        fault = PluginFault("Plugin rotten cannot be imported: ModuleNotFoundError.", "Install it again.")
        return dataclasses.replace(found, refused={"rotten": fault})
    return dataclasses.replace(found, plugins={**found.plugins, "rotten": Plugin("rotten", sources=(source,))})


async def all_goes_on(house: House) -> None:
    """An incident from its alert to its end: paged, escalated, acknowledged, resolved."""
    before = len(house.paged())
    incident = await house.alert("price is off", model="price")
    await house.pass_time(minutes=10)
    assert [person for person, _ in house.paged()][before:] == ["ada", "bo"]
    await house.press(await house.card(incident.id), "Escalate", by="ada")
    assert house.paged()[-1][0] == "cy"
    await house.press(house.pages_to("cy")[-1], "Acknowledge", by="cy")
    assert (await house.incident(incident.id)).holder == "cy"
    await house.command("/incident", f"resolve {incident.id}", by="cy")
    assert (await house.incident(incident.id)).phase is Phase.RESOLVED


@pytest.mark.parametrize("source", [Raises, Leaves, Lies])
async def test_a_plugin_that_breaks_costs_only_its_own_messages(place: Place, source: type[Source]) -> None:
    async with place.house(plugins=beside(place, source)) as house:
        for number in range(12):  # more than its breaker stands
            answer = await send(house, "/alerts/rotten", {"number": number})
            assert answer.status in (202, 503)
            if answer.status == 202:
                assert answer.body["dead_letter"]
        assert await house.app.store.read(letters.count) > 0
        await all_goes_on(house)


async def test_a_plugin_that_hangs_holds_up_nobody_else(place: Place) -> None:
    Hangs.let_go.clear()
    async with place.house(plugins=beside(place, Hangs)) as house:
        stuck = [asyncio.ensure_future(send(house, "/alerts/rotten", {})) for _ in range(3)]
        await all_goes_on(house)
        assert not any(task.done() for task in stuck)
        Hangs.let_go.set()
        assert {answer.status for answer in await asyncio.gather(*stuck)} == {202}


async def test_a_plugin_that_cannot_be_imported_is_left_out_and_said(place: Place) -> None:
    async with place.house(plugins=beside(place, None)) as house:
        answer = await send(house, "/health/ready", method="GET")
        assert (answer.status, answer.body["degraded"]) == (200, True)
        assert any("rotten" in row.get("do", "") for row in answer.body["parts"])
        assert (await send(house, "/alerts/rotten", {})).status == 404
        await all_goes_on(house)


async def test_a_wrong_option_of_a_connection_refuses_the_start_and_names_the_line(place: Place) -> None:
    place.change("config/tocsin.yaml", "plugin: webhook, secret:", "plugin: webhook, secrt:")
    with pytest.raises(BadConfig, match=r"tocsin\.yaml:5: .*secrt"):
        async with place.house():
            pass


# --- reloads ---


async def test_a_broken_runbook_keeps_its_last_good_revision_and_the_channel_is_told(place: Place) -> None:
    async with place.house() as house:
        old = await house.alert("accuracy fell")
        place.change("runbooks/anything.md", "answer_within: 15m", "answer_within: soon")
        await house.reload()
        await house.pass_time(seconds=3)  # the card and its thread have just been posted there
        (told,) = house.told("#ml-oncall")
        assert "anything.md:" in told
        assert "answer_within" in told
        await house.pass_time(minutes=25)
        assert [person for person, _ in house.paged()] == ["ada", "bo", "cy"]
        await house.answer(Verb.RESOLVE, old.id, by="ada")
        new = await house.alert("latency rose", kind="latency")
        assert new.runbook_revision == old.runbook_revision
        place.change("runbooks/anything.md", "answer_within: soon", "answer_within: 5m")
        await house.reload()
        assert len(house.told("#ml-oncall")) == 1
        await house.answer(Verb.RESOLVE, new.id, by="ada")
        newest = await house.alert("cost rose", kind="cost")
        assert newest.runbook_revision != old.runbook_revision
        await house.answer(Verb.RESOLVE, newest.id, by="ada")
        await all_goes_on(house)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("config/people.yaml", "{name: bo, slack: U01BO}", "{name: bo, slak: U01BO}"),
        ("config/people.yaml", "members: [ada, bo]", "members: [ada, bob]"),
        ("config/rotas.yaml", "every: 1 week", "every: now and then"),
        ("config/estate.yaml", "entities:", "entities: [["),
        ("config/tocsin.yaml", "${PROM_SECRET}", "${NOBODY_SET_THIS}"),
        ("runbooks/anything.md", "rota:first-line", "rota:first-lime"),
    ],
)
async def test_a_broken_configuration_is_refused_whole_and_the_channel_is_told(
    place: Place, file: str, old: str, new: str
) -> None:
    async with place.house() as house:
        before = house.app.desk.settings, house.app.desk.runbooks
        text = (place.home / file).read_text()
        (place.home / file).write_text(text.replace(old, new, 1))
        await house.reload()
        assert (house.app.desk.settings, house.app.desk.runbooks) == before
        (told,) = house.told("#ml-oncall")
        assert file.split("/")[1] in told
        assert "last good one stays in force" in told
        await all_goes_on(house)


async def test_a_good_configuration_is_taken_into_force_at_once(place: Place) -> None:
    async with place.house() as house:
        await house.alert("accuracy fell")
        place.change("config/rotas.yaml", "members: [ada]", "members: [dee]")
        await house.reload()
        assert house.told("#ml-oncall") == []
        await house.pass_time(minutes=55)
        assert [person for person, _ in house.paged()] == ["ada", "bo", "cy", "dee"]


async def test_somebody_who_left_the_configuration_is_passed_over_at_once(place: Place) -> None:
    place.change("runbooks/anything.md", "person:bo", "team:churn-ml")
    async with place.house() as house:
        await house.alert("accuracy fell")
        place.change("config/people.yaml", "  - {name: bo, slack: U01BO}\n", "")
        place.change("config/people.yaml", "members: [ada, bo]", "members: [ada]")
        await house.reload()
        await house.pass_time(minutes=10)
        assert [person for person, _ in house.paged()] == ["ada", "ada"]


# --- destinations ---


async def test_a_card_whose_channel_is_closed_stands_in_the_default_channel(place: Place, workspace: Workspace) -> None:
    place.change("config/estate.yaml", "{name: retail}", '{name: retail, channel: "#ml-retail"}')
    workspace.channel("#ml-retail").archived = True
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.press(await house.card(incident.id), "Acknowledge", by="ada")
        assert "Held by @U01ADA" in (await house.card(incident.id)).shown


async def test_a_channel_that_is_closed_later_does_not_take_the_incident_with_it(
    place: Place, workspace: Workspace
) -> None:
    place.change("config/estate.yaml", "{name: retail}", '{name: retail, channel: "#ml-retail"}')
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.card(incident.id, "ml-retail")
        workspace.channel("#ml-retail").archived = True
        await house.pass_time(minutes=10)
        assert "Waiting for L2" in (await house.card(incident.id, "ml-oncall")).shown
        assert [person for person, _ in house.paged()] == ["ada", "bo"]


async def test_with_no_channel_left_people_are_still_paged_and_can_answer(place: Place, workspace: Workspace) -> None:
    workspace.channel("#ml-oncall").archived = True
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.pass_time(minutes=10)
        assert [person for person, _ in house.paged()] == ["ada", "bo"]
        await house.press(house.pages_to("bo")[0], "Acknowledge", by="bo")
        await house.pass_time(minutes=30)
        assert len(house.paged()) == 2
        await house.answer(Verb.RESOLVE, incident.id, by="bo")
        assert (await house.incident(incident.id)).phase is Phase.RESOLVED


async def test_a_bot_that_was_never_let_into_slack_still_takes_alerts_and_answers(
    place: Place, workspace: Workspace
) -> None:
    workspace.fault("*", "invalid_auth", times=1_000_000)
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        status, said = await place.typed("incident", "ack", incident.id, "--as", "ada")
        assert status == 0, said
        assert (await house.incident(incident.id)).holder == "ada"
        await house.pass_time(minutes=30)
        assert (await house.incident(incident.id)).phase is Phase.ACKNOWLEDGED


async def test_a_job_that_nobody_knows_and_one_that_breaks_leave_the_others_alone(house: House) -> None:
    now = house.clock.now()
    strange = NewJob("strange", "dance", Lane.PAGE, now)
    broken = NewJob("broken", "page", Lane.PAGE, now, {"page": None})
    await house.app.store.write(lambda tx: jobs.put(tx, strange, broken))
    await all_goes_on(house)


async def test_two_slack_faults_in_a_row_do_not_reach_another_connection(house: House, workspace: Workspace) -> None:
    workspace.fault("chat.postMessage", "fatal_error", times=7)
    await house.alert("accuracy fell")
    await house.pass_time(minutes=2)
    assert len(house.paged()) == 1
    await house.pass_time(minutes=28)
    before = house.clock.now()
    await all_goes_on(house)
    assert house.clock.now() - before < timedelta(minutes=11)


async def test_what_cannot_be_kept_takes_nothing_with_it(any_place: Place) -> None:
    async with any_place.house(plugins=beside(any_place, Poisons)) as house:
        bodies = ({"a": 1}, {"poison": 1}, {"a": 11}, {"poison": 11}, {"a": 111})
        receipts = await asyncio.gather(*(house.deliver(body, connection="rotten") for body in bodies))
        assert [receipt.booked.new for receipt in receipts] == [1, 0, 1, 0, 1]
        kept = await house.app.store.read(letters.waiting)
        assert {letter.id for letter in kept} == {receipts[1].letter, receipts[3].letter}
