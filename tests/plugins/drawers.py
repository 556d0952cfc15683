"""A far end of columns, the smallest feature store over it that keeps the contract, and what others do instead."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from bot.contract import Check, ConnectionSettings, Context, Health, NotDelivered, NotFound, Refused

TOKEN = "a-token-of-the-suite"


class Served:
    """What stands behind every drawer of a test, and the stage in one."""

    ref: Mapping[str, str] = {"name": "churn"}
    columns: Mapping[str, str] = {}
    broken = False

    async def prepare(self, columns: Mapping[str, str]) -> None:
        self.columns, self.broken = dict(columns), False

    async def serves(self, columns: Mapping[str, str]) -> None:
        self.columns = dict(columns)

    async def spoil(self) -> None:
        self.broken = True


FAR = Served()  # one for a test: the part is built by the suite, from settings alone


class DrawerSettings(ConnectionSettings):
    token: SecretStr


class Drawer:
    """As small as a feature store can be that keeps the contract; the methods are where others go wrong."""

    def __init__(self, settings: DrawerSettings, context: Context) -> None:
        self.settings = settings

    async def columns(self, ref: Mapping[str, str]) -> Any:
        self.there(ref)
        if FAR.broken:
            return self.torn()
        return self.told(FAR.columns)

    def there(self, ref: Mapping[str, str]) -> None:
        if ref != FAR.ref:
            raise NotFound("There is no such model.")

    def told(self, columns: Mapping[str, str]) -> Any:
        return dict(columns)

    def torn(self) -> Any:
        raise Refused("It cannot be read.")

    async def check(self) -> list[Check]:
        return [Check("columns", Health.OK)]


class Empty(Drawer):
    def told(self, columns: Mapping[str, str]) -> Any:
        if not columns:
            raise NotFound("Nothing is served to it.")
        return dict(columns)


class Lowers(Drawer):
    def told(self, columns: Mapping[str, str]) -> Any:
        return {name.lower(): kind for name, kind in columns.items()}


class Types(Drawer):
    def told(self, columns: Mapping[str, str]) -> Any:
        return dict.fromkeys(columns, "string")


class Ascii(Drawer):
    def told(self, columns: Mapping[str, str]) -> Any:
        return {name: kind for name, kind in columns.items() if name.isascii()}


class Keeps(Drawer):
    """Asks once."""

    kept: Mapping[str, str] | None = None

    def told(self, columns: Mapping[str, str]) -> Any:
        self.kept = self.kept or dict(columns)
        return self.kept


class Adds(Drawer):
    """Never forgets."""

    kept: Mapping[str, str] = {}

    def told(self, columns: Mapping[str, str]) -> Any:
        self.kept = {**self.kept, **columns}
        return self.kept


class Names(Drawer):
    def told(self, columns: Mapping[str, str]) -> Any:
        return list(columns)


class Objects(Drawer):
    def told(self, columns: Mapping[str, str]) -> Any:
        return {name: {"type": kind} for name, kind in columns.items()}


class Hopes(Drawer):
    def torn(self) -> Any:
        return {}


class Halves(Drawer):
    def torn(self) -> Any:
        return dict(list(FAR.columns.items())[:2])


class Breaks(Drawer):
    def torn(self) -> Any:
        raise KeyError("columns")


class Mute(Drawer):
    def torn(self) -> Any:
        raise Refused("")


class Tells(Drawer):
    def torn(self) -> Any:
        raise NotDelivered(f"The store refused {self.settings.token.get_secret_value()}.")


class Anybody(Drawer):
    def there(self, ref: Mapping[str, str]) -> None:
        return


class Refuses(Drawer):
    def there(self, ref: Mapping[str, str]) -> None:
        if ref != FAR.ref:
            raise Refused("No.")


class GivesUp(Drawer):
    def told(self, columns: Mapping[str, str]) -> Any:
        if not columns:
            raise NotDelivered("Nothing came.")
        return dict(columns)


class Shows(Drawer):
    def __repr__(self) -> str:
        return f"Shows({self.settings.token.get_secret_value()})"


class Unchecked(Drawer):
    async def check(self) -> Any:
        return "fine"


class CheckBreaks(Drawer):
    async def check(self) -> list[Check]:
        if FAR.broken:
            raise Refused("It cannot be read.")
        return []
