"""What people and programs are shown of the estate: what serves, since when and by whom, whether it can go back."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot import words
from bot.engine.desk import Desk
from bot.errors import NotFound
from bot.model.change import Change, Serving
from bot.model.entry import Sealed
from bot.model.estate import Estate, Model
from bot.model.served import Moved, WayBack
from bot.store import Tx, log, moved, ways_back
from bot.store import changes as change_rows

LAST = 5  # changes of a model that are shown with it
MOST = 500  # open changes: at most one for each model
NEAR, NAME = 3, 80  # names that are offered for one that nothing bears, and the characters of it that are shown


@dataclass(frozen=True, slots=True)
class ModelStanding:
    """A model or agent as it stands; `serving` is None where nobody has ever looked, as `way` is."""

    model: Model
    serving: Serving | None = None
    since: datetime | None = None
    by: str = ""  #: person:NAME, platform:WHO as it says, or seen (nobody told us)
    way: WayBack | None = None
    change: Change | None = None  #: the open one
    changes: tuple[Change, ...] = ()  #: the last ones, the newest first; empty in a list


async def models(desk: Desk) -> list[ModelStanding]:
    """Every model and agent, in the order of the catalogue, as the database knows it; no platform is asked."""
    return await desk.store.read(lambda tx: models_in(tx, desk))


def models_in(tx: Tx, desk: Desk) -> list[ModelStanding]:
    """The same, within a transaction that reads more."""
    opened = {change.plan.model: change for change in change_rows.listing(tx, open_only=True, limit=MOST)}
    return [
        _standing(model, moved.latest(tx, model.name), way, opened.get(model.name)) for model, way in _ways(tx, desk)
    ]


async def one(desk: Desk, typed: str) -> ModelStanding:
    """One of them by its name or an alias, with its last changes. NotFound with the nearest names."""
    model = find(desk, typed)
    return await desk.store.read(lambda tx: _one(tx, desk, model))


def find(desk: Desk, typed: str) -> Model:
    """The model or agent somebody means. NotFound with the nearest names."""
    name, known = typed.strip(), desk.settings.estate.names
    folded = {each.casefold(): model for each, model in known.items()}
    if model := known.get(name) or folded.get(name.casefold()):
        return model
    near = difflib.get_close_matches(name[:NAME].casefold(), folded, n=NEAR, cutoff=0.5)
    names = dict.fromkeys(folded[each].name for each in near)
    cure = f"Did you mean {' or '.join(names)}?" if names else "See /models or `tocsin models list`."
    raise NotFound(f"There is no model or agent {name[:NAME]!r}.", cure)


async def changes(desk: Desk, *, open_only: bool = True, limit: int = 20) -> list[Change]:
    """The newest changes, newest first."""
    return await desk.store.read(lambda tx: change_rows.listing(tx, open_only=open_only, limit=limit))


async def story(desk: Desk, typed: str) -> tuple[Change, list[Sealed]]:
    """The change somebody means by CHG-7 or 7, and what the log says about it, oldest first. NotFound."""

    def read(tx: Tx) -> tuple[Change, list[Sealed]]:
        change = change_rows.find(tx, typed)
        return change, log.of(tx.sql, change.id)

    return await desk.store.read(read)


def without_way_back(tx: Tx, desk: Desk) -> list[WayBack]:
    """What could not be rolled back when it was looked at last, or never can; in the order of the catalogue."""
    return [way for _, way in _ways(tx, desk) if way is not None and not way.possible]


def reversible(estate: Estate) -> Iterable[Model]:
    """What is served at all: models and agents, and of data what a platform has the versions of."""
    return (model for model in estate.models.values() if model.kind != "data" or model.platform)


def _one(tx: Tx, desk: Desk, model: Model) -> ModelStanding:
    last = change_rows.listing(tx, model=model.name, limit=LAST)
    way = _way(desk, model, ways_back.of(tx, model.name), tx.now)
    return _standing(model, moved.latest(tx, model.name), way, change_rows.open_of(tx, model.name), last)


def _ways(tx: Tx, desk: Desk) -> Iterable[tuple[Model, WayBack | None]]:
    found = ways_back.every(tx)
    return [(model, _way(desk, model, found.get(model.name), tx.now)) for model in reversible(desk.settings.estate)]


def _way(desk: Desk, model: Model, found: WayBack | None, now: datetime) -> WayBack | None:
    """What was found; that nothing runs a model is known without a look."""
    if model.platform is None and (found is None or found.possible):
        say = words.of(desk.settings.slack.language).way_back
        return WayBack(model.name, False, None, say.no_platform, now)
    return found


def _standing(
    model: Model, now: Moved | None, way: WayBack | None, change: Change | None, last: Iterable[Change] = ()
) -> ModelStanding:
    serving = now.serving if now else None
    if now and way and way.looked_at < now.at:
        way = None  # it was moved since, so what was found then is no answer
    return ModelStanding(model, serving, now.at if now else None, now.by if now else "", way, change, tuple(last))
