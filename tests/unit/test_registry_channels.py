"""Which channels the connections are, by which names."""

import pytest

from bot import registry
from bot.clock import SystemClock
from bot.contract import Call, Check, ConnectionSettings, Context, Plugin, Sent
from bot.errors import PluginMisfit
from bot.model.connection import Connection


class BellSettings(ConnectionSettings):
    retries: int = 3


class Bell:
    channel = "sms"

    def __init__(self, settings: BellSettings, context: Context) -> None:
        return

    @staticmethod
    def wanted(settings: BellSettings) -> bool:
        """Only where it is tried often enough."""
        return settings.retries > 1

    async def send(self, call: Call) -> Sent:
        return Sent("1")

    async def check(self) -> list[Check]:
        return []


class Horn(Bell):
    channel = "call"

    @staticmethod
    def wanted(settings: BellSettings) -> bool:
        return True


def test_a_pager_that_its_settings_do_not_want_is_not_there() -> None:
    plugin = Plugin("bells", settings=BellSettings, pagers=(Bell, Horn))
    wanted = [Connection("a", "bells", {"retries": 1}), Connection("b", "bells", {})]
    linked = registry.Registry(registry.load_one(plugin), SystemClock()).connect(wanted).parts
    assert {name: list(one.pagers) for name, one in linked.items()} == {"a": ["call"], "b": ["sms", "call"]}
    offered = {"a.call": ("a", "call"), "b.sms": ("b", "sms"), "b.call": ("b", "call")}
    assert registry.offered(linked) == {"sms": ("b", "sms"), "call": ("a", "call"), **offered}


def test_whether_a_pager_is_wanted_is_asked_of_its_class() -> None:
    class Asks(Bell):
        async def wanted(self, settings: BellSettings) -> bool:  # type: ignore[override]
            return True

    with pytest.raises(PluginMisfit, match="`wanted` of a pager must be a static method"):
        registry.fits(Plugin("asks", settings=BellSettings, pagers=(Asks,)))
