"""Plugins are found by entry point, checked against the contract, and linked to connections."""

import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr, field_validator

from bot import registry
from bot.contract import (
    Answer,
    Check,
    ConnectionSettings,
    Context,
    Delivery,
    NotDelivered,
    Place,
    Plugin,
    Request,
    Taken,
    TocsinError,
)
from bot.errors import BadConfig, BadInput, PluginFault, PluginMisfit
from bot.model.connection import Connection
from bot.testing.clock import FakeClock

CLOCK = FakeClock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
HEAD = "from bot.contract import *\nfrom bot.contract import proof\n"
WORKS = "class S(ConnectionSettings):\n    port: int = 1\nplugin = Plugin(name='{name}', settings=S)\n"


class Settings(ConnectionSettings):
    url: str
    retries: int = 3


class Reader:
    def __init__(self, settings: Settings, context: Context) -> None:
        self.settings = settings
        self.context = context

    def authenticate(self, request: Request) -> None:
        return None

    def parse(self, request: Request) -> Delivery:
        return Delivery()

    async def check(self) -> list[Check]:
        return []


READER = Plugin(name="reader", settings=Settings, sources=(Reader,))


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Puts a distribution with one plugin on the path, as pip would, and tells its entry-point group."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def put(distribution: str, name: str, code: str = WORKS, to: str = "plugin", requires: tuple[str, ...] = ()) -> str:
        module = f"{distribution}_plugin"
        (tmp_path / f"{module}.py").write_text(HEAD + textwrap.dedent(code).replace("{name}", name))
        info = tmp_path / f"{distribution}-1.0.dist-info"
        info.mkdir(exist_ok=True)
        head = ["Metadata-Version: 2.1", f"Name: {distribution}", "Version: 1.0"]
        head += [f"Requires-Dist: {one}" for one in requires]
        (info / "METADATA").write_text("\n".join(head) + "\n")
        (info / "entry_points.txt").write_text(f"[tocsin.trial]\n{name} = {module}:{to}\n")
        return "tocsin.trial"

    yield put
    for module in set(sys.modules) - before:
        if module.endswith("_plugin"):
            del sys.modules[module]


def connect(*connections: Connection, plugin: Plugin = READER) -> registry.Connected:
    return registry.Registry(registry.load_one(plugin), CLOCK).connect(connections)


def reader(name: str = "r", **options: Any) -> Connection:
    return Connection(name, "reader", {"url": "http://x", **options}, "config/tocsin.yaml", 12)


def test_our_own_plugins_are_found_and_fit() -> None:
    found = registry.discover()
    assert {"alertmanager", "webhook"} <= set(found.plugins)
    assert found.faults == ()


def test_a_strangers_plugin_is_found_by_its_entry_point(install: Callable[..., str]) -> None:
    group = install("stranger", "kserve")
    assert registry.discover(group).plugins["kserve"].name == "kserve"


def test_only_what_is_named_is_imported(install: Callable[..., str]) -> None:
    install("broken", "broken", "raise SystemError")
    group = install("stranger", "kserve")
    found = registry.discover(group, names={"kserve", "absent"})
    assert (set(found.plugins), found.faults) == ({"kserve"}, ())


def test_of_two_plugins_of_one_name_neither_is_used(install: Callable[..., str]) -> None:
    install("one", "kserve")
    install("other", "seldon")
    group = install("two", "kserve")
    found = registry.discover(group)
    assert set(found.plugins) == {"seldon"}
    assert str(found.refused["kserve"]) == (
        "2 plugins are called kserve: one 1.0 and two 1.0; none of them is used. Uninstall one or two, then start anew."
    )
    assert found.origin("kserve") in ("one 1.0 and two 1.0", "two 1.0 and one 1.0")


def test_a_broken_plugin_says_which_distribution_to_mend_and_how(install: Callable[..., str]) -> None:
    group = install("stranger", "kserve", "from sound import horn", requires=("sound>=2", "spare; extra == 'x'"))
    (fault,) = registry.discover(group).faults
    assert str(fault) == (
        "Plugin kserve (stranger 1.0) could not be imported: ModuleNotFoundError; stranger requires sound>=2, not "
        "installed here. pip install 'sound>=2'"
    )


def test_a_plugin_written_for_another_tocsin_is_told_so(install: Callable[..., str]) -> None:
    install("one", "kserve", "from bot.contract import Oracle")
    install("two", "seldon", "plugin = Plugin(name='{name}', api=2, oracles=())")
    group = install("three", "triton", "plugin = Plugin(name='{name}', api=2)")
    found = registry.discover(group)
    assert "does not have what it wants of bot.contract" in found.refused["kserve"].what
    assert "declares what version 1 of the contract does not know" in found.refused["seldon"].what
    assert {fault.do for fault in found.faults} == {"Install a version of the plugin that was made for this Tocsin."}


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("import nothing_of_that_name", "could not be imported: ModuleNotFoundError"),
        ("raise SystemExit(1)", "could not be imported: SystemExit"),
        ("raise ValueError('token=hunter2')", "could not be imported: ValueError"),
        ("nothing = 1", "could not be imported: AttributeError"),
        ("plugin = {}", "leads to a dict, not to a Plugin"),
        ("plugin = Plugin(name='{name}', api=2)", "speaks version 2 of the contract; this Tocsin speaks 1"),
        ("plugin = Plugin(name='{name}', settings=dict)", "its settings are the class dict"),
        ("plugin = Plugin(name='other')", "calls itself 'other'"),
        ("plugin = Plugin(name='{name}', hosts=('{uri}',))", "its host {uri} names the setting uri, which it does not"),
        ("plugin = Plugin(name='{name}', hosts='example.com')", "its hosts must be a tuple of texts"),
        ("plugin = Plugin(name='{name}', summary='a\\nb')", "its summary must be one line"),
        (
            "class M(type):\n    def __getattr__(cls, name): raise OSError\nclass P(metaclass=M): pass\n"
            "plugin = Plugin(name='{name}', sources=(P,))",
            "cannot be looked at: OSError",
        ),
    ],
)
def test_a_plugin_that_cannot_be_used_hinders_no_other(install: Callable[..., str], code: str, complaint: str) -> None:
    install("stranger", "bad", code)
    group = install("good", "kserve")
    found = registry.discover(group)
    assert set(found.plugins) == {"kserve"}
    (fault,) = found.faults
    assert complaint in str(fault)
    assert "stranger 1.0" in str(fault)
    assert "hunter2" not in str(fault)


class NoParse(Reader):
    parse = None  # type: ignore[assignment]


class MoreArguments(Reader):
    def parse(self, request: Request, when: datetime) -> Delivery:  # type: ignore[override]
        return Delivery()


class Waits(Reader):
    async def parse(self, request: Request) -> Delivery:  # type: ignore[override]
        return Delivery()


class DoesNotWait(Reader):
    def check(self) -> list[Check]:  # type: ignore[override]
        return []


class NoContext(Reader):
    def __init__(self, settings: Settings) -> None:
        self.settings = settings


@pytest.mark.parametrize(
    ("part", "given", "wanted"),
    [
        (NoParse, "NoParse has no parse", "parse(self, request: bot.contract.source.Request)"),
        (MoreArguments, "parse(self, request: bot.contract.source.Request, when: datetime.datetime)", "contract says"),
        (Waits, "Waits has async parse(", "the contract says parse("),
        (DoesNotWait, "DoesNotWait has check(self)", "the contract says async check(self)"),
        (NoContext, "cannot be built as NoContext(settings, context)", "does not fit"),
        (Reader(Settings(url="u"), Context("c")), "a Reader stands where a class is wanted", "does not fit"),
    ],
)
def test_a_misfit_shows_both_signatures(part: Any, given: str, wanted: str) -> None:
    with pytest.raises(PluginMisfit) as caught:
        registry.fits(replace(READER, sources=(part,)))
    assert given in str(caught.value)
    assert wanted in str(caught.value)


def test_a_part_may_take_more_as_long_as_it_need_not() -> None:
    class Generous(Reader):
        def parse(self, request: Request, strict: bool = False, **more: object) -> Delivery:
            return Delivery()

    registry.fits(replace(READER, sources=(Generous,)))


@pytest.mark.parametrize("sources", [(Reader, Reader), [Reader]])
def test_a_connection_has_one_source(sources: Any) -> None:
    with pytest.raises(PluginMisfit, match="sources must be a tuple of one class at most"):
        registry.fits(replace(READER, sources=sources))


def test_a_pager_is_held_to_its_own_contract() -> None:
    with pytest.raises(PluginMisfit, match=r"Reader has no send; the contract says async send\("):
        registry.fits(Plugin(name="p", pagers=(Reader,)))


def test_a_connection_is_linked_with_its_settings_and_a_guard() -> None:
    linked = connect(reader(secret="hunter2", entity="retail")).parts["r"]
    assert isinstance(linked.source, Reader)
    assert linked.source.context == Context("r")
    assert linked.source.context.clock is CLOCK
    assert isinstance(linked.source.context.clock, FakeClock)
    assert linked.source.settings.secret == SecretStr("hunter2")
    assert (linked.pagers, linked.guard.name, linked.settings.entity) == ({}, "r", "retail")
    assert "hunter2" not in repr(linked)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"retrys": 4}, "has an unknown key retrys. Did you mean retries?"),
        ({"colour": "hunter2"}, "has an unknown key colour. It knows secret, "),
        ({"retries": "hunter2"}, "has a wrong retries: Input should be a valid integer"),
        ({"secret": ["hunter2"]}, "has a wrong secret: Input should be a valid string"),
        ({"secret": "  "}, "has an empty `secret`"),
    ],
)
def test_wrong_options_name_file_line_key_and_cure_and_never_the_value(options: dict[str, Any], complaint: str) -> None:
    connected = connect(reader(**options), reader("fine"))
    (fault,) = connected.faults
    assert isinstance(fault, BadConfig)
    assert str(fault).startswith("config/tocsin.yaml:12: Connection r ")
    assert complaint in str(fault)
    assert "hunter2" not in str(fault)
    assert set(connected.parts) == {"fine"}


def test_every_wrong_option_is_told_at_once() -> None:
    faults = connect(Connection("r", "reader", {"retries": "x", "what": 1}, "f.yaml", 3)).faults
    assert [str(fault).split(": ", 1)[1].split(" ", 2)[2].split(":")[0].split(".")[0] for fault in faults] == [
        "lacks the key url",
        "has a wrong retries",
        "has an unknown key what",
    ]


def test_a_validator_that_shows_the_value_is_silenced() -> None:
    class Shows(ConnectionSettings):
        key: str = ""

        @field_validator("key")
        @classmethod
        def _no(cls, given: str) -> str:
            raise ValueError(f"{given} is no key")

    plugin = Plugin(name="reader", settings=Shows)
    (fault,) = connect(Connection("r", "reader", {"key": "hunter2"}), plugin=plugin).faults
    assert "… is no key" in str(fault)


def test_an_unknown_plugin_is_named_with_the_nearest() -> None:
    (fault,) = connect(Connection("r", "raeder", {}, "f.yaml", 3)).faults
    assert str(fault) == (
        "f.yaml:3: Connection r names the plugin raeder, which is not installed. Did you mean reader?"
    )


def test_a_plugin_that_could_not_be_loaded_is_no_unknown_one(install: Callable[..., str]) -> None:
    found = registry.discover(install("stranger", "kserve", "raise ValueError"))
    (fault,) = registry.Registry(found, CLOCK).connect([Connection("k", "kserve")]).faults
    assert "Connection k does not work, for its plugin could not be loaded: Plugin kserve (stranger 1.0)" in str(fault)


def test_a_name_given_twice_keeps_the_first() -> None:
    connected = connect(reader(), reader())
    assert set(connected.parts) == {"r"}
    assert "given before" in str(connected.faults[0])


class Away(Reader):
    places = (Place("POST", "/v2/away/{thing}"),)

    def mine(self, request: Request) -> bool:
        return False

    def answer(self, request: Request, outcome: Taken | TocsinError) -> Answer:
        return Answer(200)


class Mute(Away):
    answer = None  # type: ignore[assignment]


class Nowhere(Away):
    places = ("/v2/away",)  # type: ignore[assignment]


class Astray(Away):
    places = (Place("post", "v2/away"),)


class Twice(Away):
    places = (Place("POST", "/v2/{a}"), Place("POST", "/v2/{b}"))


def test_a_source_with_places_is_held_to_the_contract_of_counters() -> None:
    registry.fits(replace(READER, sources=(Away,)))
    complaints = {
        Mute: "Mute has no answer; the contract says answer(",
        Nowhere: "the places of Nowhere must be a tuple of Place",
        Astray: "Astray stands at post v2/away; write it as POST and /v2/things/{thing}",
        Twice: "two places of Twice are one address",
    }
    for part, complaint in complaints.items():
        with pytest.raises(PluginMisfit, match=re.escape(complaint)):
            registry.fits(replace(READER, sources=(part,)))


def test_secrets_are_found_by_their_type_however_deep() -> None:
    class Auth(BaseModel):
        user: str
        tokens: dict[str, SecretStr] = {}

    class Deep(ConnectionSettings):
        key: SecretStr | None = None
        auth: Auth | None = None

    assert Plugin(name="deep", settings=Deep).secrets == ("secret", "key", "auth.tokens")


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (BadInput("The region 'mars' is none.", "Write one of: eu, us."), BadConfig),
        (NotDelivered("It is closed."), PluginFault),
    ],
)
def test_a_part_may_refuse_its_options_in_our_own_words(error: TocsinError, what: type[TocsinError]) -> None:
    class Refuses(Reader):
        def __init__(self, settings: Settings, context: Context) -> None:
            raise error

    (fault,) = connect(reader(), plugin=replace(READER, sources=(Refuses,))).faults
    assert type(fault) is what
    assert error.what.rstrip(".") in str(fault)
    assert str(fault).startswith("config/tocsin.yaml:12: ") is (what is BadConfig)


@pytest.mark.parametrize("error", [KeyError("token=hunter2"), SystemExit()])
def test_a_part_that_breaks_when_it_is_built_is_a_fault(error: BaseException) -> None:
    class Breaks(Reader):
        def __init__(self, settings: Settings, context: Context) -> None:
            raise error

    (fault,) = connect(reader(), plugin=replace(READER, sources=(Breaks,))).faults
    assert isinstance(fault, PluginFault)
    assert fault.__cause__ is error
    assert "hunter2" not in str(fault)
