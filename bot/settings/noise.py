"""noise.yaml: which alerts hold others back, what counts as a storm, and when nobody is paged for small things.

The file may be missing: then only the catalogue's `feeds` hold anything.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Annotated

from pydantic import AfterValidator, Field

from bot import documents
from bot.documents import Duration, Form
from bot.errors import BadInput
from bot.model.alert import Kind
from bot.model.matcher import Matcher
from bot.model.noise import FEED, Feeds, Inhibition, Noise, Quiet, Storm
from bot.rules import matching, routing
from bot.runbooks.hours import Clock, Days
from bot.settings.forms import Name, Number, Severity
from bot.settings.known import Known
from bot.settings.sheet import Sheet


def _known(value: str) -> str:
    if not matching.known(value):
        raise documents.Wrong("is no field.", documents.closest(value, matching.FIELDS) or "See config/README.md.")
    return value


Fields = list[Annotated[str, AfterValidator(_known)]]
Word = Annotated[Kind, Field(strict=False)]  #: of a kind, as it is written


class InhibitionForm(Form):
    """A rule by which some alerts hold others."""

    name: Name
    source: list[str] = Field(min_length=1)
    target: list[str] = Field(min_length=1)
    equal: Fields = Field(default=[])
    shadow: bool = False


class FeedsForm(Form):
    """How what is broken upstream holds what follows from it."""

    kinds: list[Word] = Field(default=[Kind(kind) for kind in Feeds().kinds])
    holds: list[Word] = Field(default=[Kind(kind) for kind in Feeds().holds])
    shadow: bool = False


class StormForm(Form):
    """When many incidents become one page."""

    incidents: Annotated[Number, Field(ge=2, le=10_000)]
    within: Duration
    shadow: bool = False


class QuietForm(Form):
    """Hours in which small things wait."""

    name: Name
    severities: list[Severity] = Field(min_length=1)
    start: Clock = Field(alias="from")
    end: Clock = Field(alias="to")
    days: Days = frozenset(range(7))
    entity: Name | None = None
    shadow: bool = False


class Top(Form):
    """What stands alone."""

    feeds: FeedsForm = FeedsForm()
    storm: StormForm | None = None


def read(sheet: Sheet, known: Known) -> Noise:
    """The rules that fit; what does not is in the sheet's complaints."""
    sheet.only("inhibit", "feeds", "storm", "quiet")
    given = {key: value for key, value in sheet.document.data.items() if key in ("feeds", "storm")}
    top, complaints = documents.fit(Top, given, sheet.document)
    sheet.complaints += complaints
    found = [(place, _inhibition(sheet, place, form)) for place, form in sheet.entries("inhibit", InhibitionForm)]
    for place, what in _circles(found):
        sheet.wrong(what, "Let one of them hold less, or leave it out.", "inhibit", place)
    feeds, storm = (top or Top()).feeds, (top or Top()).storm
    return Noise(
        inhibitions=tuple(rule for _, rule in found),
        feeds=Feeds(tuple(map(str, feeds.kinds)), tuple(map(str, feeds.holds)), feeds.shadow),
        storm=Storm(storm.incidents, storm.within, storm.shadow) if storm else None,
        quiet=tuple(_quiet(sheet, place, form, known) for place, form in sheet.entries("quiet", QuietForm)),
    )


def _inhibition(sheet: Sheet, place: int, form: InhibitionForm) -> Inhibition:
    if form.name == FEED:
        do = "Call it otherwise."
        sheet.wrong(f"'{FEED}' is the name of what the catalogue's feeds hold.", do, "inhibit", place, "name")
    sides = {side: _matchers(sheet, place, side, getattr(form, side)) for side in ("source", "target")}
    return Inhibition(form.name, sides["source"], sides["target"], tuple(form.equal), form.shadow)


def _matchers(sheet: Sheet, place: int, side: str, written: Sequence[str]) -> tuple[Matcher, ...]:
    found = []
    for number, text in enumerate(written):
        try:
            found.append(matching.parse(text))
        except BadInput as error:
            sheet.wrong(error.what, error.do, "inhibit", place, side, number)
    return tuple(found)


def _circles(rules: Sequence[tuple[int, Inhibition]]) -> Iterator[tuple[int, str]]:
    """Pairs of rules by which two alerts could hold each other; by one rule they cannot, for it holds no source."""
    for (_, one), (place, other) in combinations(rules, 2):
        there = routing.compatible((*one.target, *other.source))
        if there and routing.compatible((*other.target, *one.source)):
            yield place, f"{one.name} and {other.name} could hold each other's alerts."


def _quiet(sheet: Sheet, place: int, form: QuietForm, known: Known) -> Quiet:
    if form.start == form.end:
        sheet.wrong("The hours begin when they end.", "Let `to` differ from `from`.", "quiet", place, "to")
    if form.entity and (fault := known.missing("entity", form.entity)):
        sheet.wrong(*fault, "quiet", place, "entity")
    severities = tuple(str(severity) for severity in form.severities)
    return Quiet(form.name, severities, form.start, form.end, form.days, form.entity, form.shadow)
