"""The vendors' own addresses: whose request it is, what is answered when a plugin or the store fails, and limits."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import orjson
import pytest

from bot import registry
from bot.contract import (
    Alert,
    Answer,
    Check,
    ConnectionSettings,
    Context,
    Delivery,
    Kind,
    NotAuthentic,
    Place,
    Plugin,
    Request,
    Status,
    Taken,
    TocsinError,
    Unreadable,
    proof,
)
from bot.engine import replay
from bot.errors import StoreDown
from bot.store import letters
from bot.testing.house import SECRET, House
from tests.story import place as places
from tests.story.place import Answer as Said
from tests.story.place import send

KEY = {"Authorization": f"Bearer {SECRET}"}


class Parrot:
    """Stands at /parrot/{what}/say, and answers with what became of it."""

    places: ClassVar[tuple[Place, ...]] = (
        Place("POST", "/parrot/{what}/say", 2000),
        Place("GET", "/parrot/{what}"),
        Place("POST", "/parrot/{what}/{key}"),
    )
    breaks: ClassVar[str] = ""

    def __init__(self, settings: ConnectionSettings, context: Context) -> None:
        self.secret, self.name = settings.secret, context.connection

    def authenticate(self, request: Request) -> None:
        proof.secret(request, self.secret)

    def mine(self, request: Request) -> bool:
        if self.breaks == "mine" and self.name == "one":
            raise KeyError("what")
        try:
            self.authenticate(request)
        except NotAuthentic:
            return False
        return True

    def parse(self, request: Request) -> Delivery:
        what = request.params.get("what", "")
        if what == "nonsense":
            raise Unreadable("That is nonsense.")
        problem = f"{self.name}:{what}"
        if request.method == "GET":
            return Delivery(asks=(problem,))
        alert = Alert("parrot", self.name, problem, what, Status.FIRING, Kind.FAILURE, request.received_at)
        return Delivery(alerts=(replace(alert, model="churn"),))

    async def check(self) -> list[Check]:
        return []

    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        if self.breaks == "answer":
            raise ZeroDivisionError
        said: dict[str, Any] = {"by": self.name, "where": request.path, "params": dict(request.params)}
        if isinstance(outcome, TocsinError):
            return Answer(418, orjson.dumps({**said, "error": type(outcome).__name__}), headers={"X-Parrot": "no"})
        standings = {key: one.incident for key, one in outcome.standings.items()}
        said |= {"new": outcome.new, "incidents": outcome.incidents, "letter": outcome.letter, "standings": standings}
        return Answer(299, orjson.dumps(said), "application/json", {"X-Parrot": "yes"})


@dataclass
class Setting:
    """The bot with two parrots at one address."""

    house: House
    breaks: Callable[[str], None]


@pytest.fixture
async def setting(place: places.Place, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Setting]:
    place.change("config/tocsin.yaml", "mode: socket", "mode: off")
    place.change(
        "config/tocsin.yaml",
        "connections:\n",
        "connections:\n"
        '  - {name: one, plugin: parrot, secret: "another"}\n'
        '  - {name: two, plugin: parrot, secret: "${PROM_SECRET}"}\n',
    )
    found = registry.discover(names={"webhook", "alertmanager"})
    parrot = Plugin("parrot", sources=(Parrot,))
    registry.fits(parrot)
    plugins = replace(found, plugins={**found.plugins, "parrot": parrot})
    async with place.house(plugins=plugins) as house:
        yield Setting(house, lambda what: monkeypatch.setattr(Parrot, "breaks", what))


async def say(setting: Setting, what: str = "squawk", body: Any = b"{}", **options: Any) -> Said:
    return await send(setting.house, f"/parrot/{what}/say", body, **options)


async def test_whose_key_it_carries_takes_it_and_answers(setting: Setting) -> None:
    answer = await say(setting)
    assert (answer.status, answer.headers["X-Parrot"], answer.body["by"]) == (299, "yes", "two")
    assert (answer.body["new"], answer.body["incidents"]) == (1, ["INC-1"])
    assert (await setting.house.incident("INC-1")).title == "squawk"
    answer = await say(setting, headers={"Authorization": "Bearer another"})
    assert (answer.body["by"], answer.body["new"]) == ("one", 1)


async def test_what_a_part_of_the_path_holds_is_its_own_affair(setting: Setting) -> None:
    answer = await say(setting, "a%2Fb%20%C3%A9%3Fc")
    assert answer.body["params"] == {"what": "a/b é?c"}
    asked = await send(setting.house, "/parrot/a%2Fb%20%C3%A9%3Fc", method="GET")
    assert asked.body["standings"] == {"two:a/b é?c": "INC-1"}


async def test_a_key_of_nobody_is_refused_by_the_first(setting: Setting) -> None:
    answer = await say(setting, headers={})
    assert (answer.status, answer.body["by"], answer.body["error"]) == (418, "one", "NotAuthentic")


async def test_a_broken_plugin_hinders_no_other_and_loses_nothing(setting: Setting) -> None:
    setting.breaks("mine")
    assert (await say(setting)).body["by"] == "two"
    answer = await say(setting, headers={"Authorization": "Bearer another"})
    assert (answer.status, answer.body["error"]) == (418, "PluginFault")  # it may be its own: no word of a wrong key


async def test_what_it_cannot_answer_is_answered_in_our_own_form(setting: Setting) -> None:
    setting.breaks("answer")
    answer = await say(setting)
    assert (answer.status, answer.body) == (202, {"accepted": True})
    assert (await setting.house.incident("INC-1")).title == "squawk"
    answer = await say(setting, headers={})
    assert (answer.status, answer.body["retry"]) == (401, False)


async def test_a_body_over_its_own_limit_is_refused_in_the_vendors_form(setting: Setting) -> None:
    assert (await say(setting, body=b'"' + b"x" * 1990 + b'"')).status == 299
    answer = await say(setting, body=b"x" * 2001)
    assert (answer.status, answer.body["error"]) == (418, "TooLarge")
    packed = gzip.compress(b"{}")
    answer = await say(setting, body=packed, headers={**KEY, "Content-Encoding": "gzip"})
    assert answer.body["error"] == "BadInput"


async def test_a_store_that_is_down_is_told_and_nothing_is_accepted(setting: Setting, place: places.Place) -> None:
    place.sql("ALTER TABLE jobs RENAME TO away")
    answer = await say(setting)
    assert (answer.status, answer.body["error"]) == (418, StoreDown.__name__)
    place.sql("ALTER TABLE away RENAME TO jobs")
    assert (await say(setting)).body["incidents"] == ["INC-1"]


async def test_nonsense_is_kept_whole_with_where_it_came_in(setting: Setting) -> None:
    answer = await say(setting, "nonsense")
    kept = answer.body["letter"]
    store, app = setting.house.app.store, setting.house.app
    letter = await store.read(lambda tx: letters.get(tx, kept))
    assert letter.headers[":path"] == "/parrot/nonsense/say"
    with pytest.raises(Unreadable, match="nonsense"):
        await replay.letter(app.desk, app.doors, kept, "person:ada")


async def test_a_key_in_the_path_is_not_kept(setting: Setting) -> None:
    answer = await send(setting.house, "/parrot/nonsense/hush%2Fhush", b"{}")
    assert answer.body["params"] == {"what": "nonsense", "key": "hush/hush"}
    letter = await setting.house.app.store.read(lambda tx: letters.get(tx, answer.body["letter"]))
    assert "hush" not in repr(letter)
    assert letter.headers[":path"] == "/parrot/nonsense/…"


async def test_other_methods_and_places_are_not_taken(setting: Setting) -> None:
    assert (await say(setting, method="PUT")).status == 405
    assert (await send(setting.house, "/parrot", b"{}")).status == 404


async def test_many_at_once_are_each_answered_with_their_own(setting: Setting) -> None:
    answers = await asyncio.gather(*(say(setting, f"w{n}") for n in range(40)))
    assert [one.body["params"]["what"] for one in answers] == [f"w{n}" for n in range(40)]
    assert {one.body["new"] for one in answers} == {1}
