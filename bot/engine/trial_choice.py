"""Choose what a trial compares: champion and challenger by what the platform says, rows and metric by the terms."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import documents, words
from bot.engine import drafting, estate_report
from bot.engine.desk import Desk, Host
from bot.errors import BadInput, NotFound, Refused
from bot.model.change import Lever
from bot.model.estate import Model
from bot.model.trial import Terms
from bot.rules import written
from bot.rules.target import Known

MOST = timedelta(weeks=520)  #: the longest window
NAME, SHOWN = 80, 10  #: characters of a name; versions in a refusal


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants compared.

    Without a champion that is what serves most of the traffic; without a challenger the newest usable version that
    does not serve, and where there is none the champion is measured alone.
    """

    model: str  #: its name or an alias
    challenger: str | None = None
    champion: str | None = None
    window: timedelta | None = None  #: None: that of the model's terms
    incident: str | None = None
    change: str | None = None  #: the one it judges
    why: str = ""
    language: str = "en"  #: of the answer


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is compared with what, and since when."""

    model: Model
    terms: Terms
    champion: str
    challenger: str | None
    since: datetime


async def choose(desk: Desk, wish: Wish, at: datetime) -> Chosen:
    """Which versions, on which rows. NotFound: no such version; Refused: nothing serves, or it is one and the same."""
    model = estate_report.find(desk, wish.model)
    given = terms(desk, model, wish)
    say = words.of(wish.language).trial
    champion, challenger = (written.line(one, NAME) if one else None for one in (wish.champion, wish.challenger))
    if host := desk.hosts.get(model.platform or ""):
        champion, challenger = await _versions(host, model, (champion, challenger), wish.language)
    if champion is None:
        raise Refused(words.fill(say.nothing_serves if host else say.no_champion, model=model.name))
    if champion == challenger:
        raise Refused(words.fill(say.same_version, version=champion))
    return Chosen(model, given, champion, challenger, at - given.window)


def terms(desk: Desk, model: Model, wish: Wish) -> Terms:
    """Those of the model, with the window that is wished for. Refused, BadInput: nothing can be tried by them."""
    say = words.of(wish.language).trial
    if model.trial is None:
        raise Refused(words.fill(say.no_terms, model=model.name))
    found = replace(model.trial, window=wish.window) if wish.window is not None else model.trial
    if not timedelta(0) < found.window <= MOST:
        raise BadInput(words.fill(say.no_span, most=documents.written(MOST)))
    if found.window <= found.label_delay:
        spans = {"window": documents.written(found.window), "delay": documents.written(found.label_delay)}
        raise Refused(words.fill(say.too_young, model=model.name, **spans))
    lab = lab_of(model, found)
    if lab is None:
        raise Refused(words.fill(say.no_connection, model=model.name))
    if lab not in desk.labs:
        raise Refused(words.fill(say.no_lab, connection=lab))
    return found


def lab_of(model: Model, terms: Terms) -> str | None:
    """The connection whose evaluator is asked."""
    return terms.connection or model.platform


async def _versions(
    host: Host, model: Model, named: tuple[str | None, str | None], language: str
) -> tuple[str | None, str | None]:
    """Champion and challenger, those that were not named chosen by what the platform says."""
    known = await drafting.look(host, model, Lever.PROMOTE)
    for version in named:
        _there(model, known, version, language)
    champion, challenger = named
    serving = {version: share for version, share in known.before.split.items() if share > 0}
    champion = champion or max(serving, key=lambda one: serving[one], default=None)
    free = (one.id for one in known.versions if one.usable and one.id not in serving and one.id != champion)
    return champion, challenger or next(free, None)


def _there(model: Model, known: Known, version: str | None, language: str) -> None:
    """NotFound when the platform has no such version; one it does not list may be there where the list has no end."""
    listed = [one.id for one in known.versions]
    if version is None or version in listed or version in known.before.split or not known.whole:
        return
    names = ", ".join(written.line(one, NAME) for one in listed[:SHOWN]) or "-"
    said = words.of(language).trial.unknown_version
    raise NotFound(words.fill(said, model=model.name, version=version, versions=names))
