"""rotas.yaml: who takes turns, and what is known beforehand to be different."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from bot import documents
from bot.documents import Form
from bot.errors import BadInput
from bot.model.rota import Amendment, Every, Fixed, Layer, Override, Rota, Temporary, Unit, Window, seated
from bot.rules import clocks, holiday
from bot.runbooks.hours import HoursForm
from bot.settings import calendars
from bot.settings.forms import Name, Zone
from bot.settings.known import Known
from bot.settings.sheet import Sheet

SHORT = "turns"  #: what the only layer of the short form is called


def _wall(value: Any) -> Any:
    """Wall-clock time in the rota's own zone, without a zone of its own."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip()) if len(value.strip()) > 10 else None
        except ValueError:
            value = None
    if not isinstance(value, datetime):
        what = "needs an hour." if isinstance(value, date) else "is no time."
        raise documents.Wrong(what, 'Write it as in "2026-11-02 09:00".')
    if value.tzinfo is not None:
        raise documents.Wrong("names a zone of its own.", "Leave it out; the rota's `timezone` counts.")
    return value


def _every(value: Any) -> Any:
    found = re.fullmatch(r"(?:(\d{1,3}) ?)?(hour|day|week|month)s?|(\d{1,3}) ?([hdw])", str(value).strip())
    count = int((found[1] or found[3] or 1) if found else 0)
    if not found or not count:
        raise documents.Wrong("is no turn's length.", "Write 1 week, 12 hours, 1 day or 1 month.")
    letters = {"h": Unit.HOUR, "d": Unit.DAY, "w": Unit.WEEK}
    return Every(count, Unit(found[2]) if found[2] else letters[found[4]])


def _members(value: Any) -> Any:
    if isinstance(value, list) and not any(value):
        raise documents.Wrong("has nobody in it.", "Name at least one person; null is a vacant seat among others.")
    if isinstance(value, list) and any(isinstance(seat, list) and not (seat and all(seat)) for seat in value):
        raise documents.Wrong("has a seat with nobody in it.", "Write null for a vacant seat, [ada, bo] for two.")
    return value


def _country(value: str) -> str:
    try:
        holiday.check(value)
    except BadInput as error:
        raise documents.Wrong("is no country whose holidays are known.", error.do) from None
    return value


Wall = Annotated[datetime, BeforeValidator(_wall)]
Turn = Annotated[Every, BeforeValidator(_every)]
Seats = Annotated[list[Name | list[Name] | None], BeforeValidator(_members)]
Country = Annotated[str, AfterValidator(_country)]


class WindowForm(HoursForm):
    """Hours of some days in which a layer holds."""

    holidays: Literal["only", "never"] | None = None


class LayerForm(Form):
    """Turns taken in order, or a calendar that says who holds it when."""

    name: Name
    start: Wall | None = None
    every: Turn | None = None
    members: Seats | None = None
    calendar: calendars.Source | None = Field(default=None, repr=False)
    timezone: Zone | None = None
    only: list[WindowForm] = Field(default=[], max_length=50)
    rolling: bool = False
    since: Wall | None = Field(default=None, alias="from")
    until: Wall | None = None


class ShiftForm(Form):
    """One person for a span, by the rota's wall clock."""

    start: Wall
    end: Wall
    person: Name


class TemporaryForm(Form):
    """What takes the place of all layers for a span."""

    name: Name
    start: Wall
    end: Wall
    shifts: list[ShiftForm] = Field(default=[], max_length=500)


class OverrideForm(Form):
    """A change known beforehand, in the rota's wall-clock time."""

    kind: Literal["override", "cover", "absence"] = "override"
    start: Wall
    end: Wall
    person: Name
    replaces: Name | None = None
    by: str = ""
    why: str = ""


class RotaForm(Form):
    """A rota: either `layers`, or the keys of a single layer."""

    name: Name
    timezone: Zone
    owner: Name | None = None
    holidays: Country | None = None
    layers: list[LayerForm] | None = None
    start: Wall | None = None
    every: Turn | None = None
    members: Seats | None = None
    temporary: list[TemporaryForm] = Field(default=[])
    overrides: list[OverrideForm] = []  # noqa: RUF012 - pydantic copies it


def read(sheet: Sheet, known: Known) -> tuple[dict[str, Rota], tuple[Override, ...]]:
    """The rotas that fit and their overrides; what does not is in the sheet's complaints."""
    sheet.only("rotas")
    rotas: dict[str, Rota] = {}
    overrides: list[Override] = []
    for place, form in sheet.entries("rotas", RotaForm):
        _named(sheet, place, form, known)
        temporary = tuple(_temporary(sheet, place, number, form) for number in range(len(form.temporary)))
        rotas[form.name] = Rota(form.name, form.timezone, _layers(sheet, place, form), form.owner, temporary)
        overrides += [_override(sheet, place, number, form) for number in range(len(form.overrides))]
    return rotas, tuple(overrides)


def _layers(sheet: Sheet, place: int, form: RotaForm) -> tuple[Layer, ...]:
    short = {key: getattr(form, key) for key in ("start", "every", "members")}
    given = [key for key, value in short.items() if value is not None]
    if form.layers is None:
        for key in short.keys() - given:
            sheet.wrong(f"Rota {form.name} has no `{key}`.", "Add it, or write `layers`.", "rotas", place)
        if form.start is None or form.every is None or form.members is None:
            return ()
        return (Layer(SHORT, form.start, form.every, _seats(form.members)),)
    for key in given:
        sheet.wrong(f"`{key}` stands beside `layers`.", "Move it into a layer.", "rotas", place, key)
    if not form.layers:
        sheet.wrong(f"Rota {form.name} has nobody in it.", "Give it a layer with members.", "rotas", place, "layers")
    for number, layer in enumerate(form.layers):
        if layer.name in [other.name for other in form.layers[:number]]:
            what = f"The layer '{layer.name}' is there already."
            sheet.wrong(what, "Rename one.", "rotas", place, "layers", number, "name")
    for number, layer in enumerate(form.layers):
        for what, do, key in (*_held(sheet, layer), *_senseless(form, layer)):
            sheet.wrong(what, do, "rotas", place, "layers", number, key)
    return tuple(one for layer in form.layers if (one := _layer(form, layer)))


_TURNS = ("start", "every", "members")
_BLANK = Layer("", datetime(2000, 1, 1), Every(1, Unit.DAY), ())  # noqa: DTZ001 - of a calendar nobody asks for turns


def _held(sheet: Sheet, form: LayerForm) -> Iterator[tuple[str, str, str]]:
    """What is wrong with who holds it: turns are whole, and a calendar stands alone and can be read."""
    if form.calendar is None:
        for key in _TURNS:
            if getattr(form, key) is None:
                yield f"The layer '{form.name}' has no `{key}`.", "Add it, or name a `calendar`.", key
        return
    said = form.model_fields_set - {"name", "calendar", "timezone"}
    aliased = {"since": "from"}
    for key in sorted(aliased.get(one, one) for one in said):
        yield f"`{key}` stands beside `calendar`.", "Take one of the two out: the calendar says who and when.", key
    for what, do in calendars.faults(form.calendar, Path(sheet.document.file).parent):
        yield what, do, "calendar"


def _layer(rota: RotaForm, form: LayerForm) -> Layer | None:
    """None where its turns are not whole."""
    if form.calendar is not None:
        return replace(_BLANK, name=form.name, timezone=form.timezone or "", calendar=calendars.shown(form.calendar))
    if form.start is None or form.every is None or form.members is None:
        return None
    country = rota.holidays or ""
    return Layer(
        name=form.name,
        start=form.start,
        every=form.every,
        members=_seats(form.members),
        timezone=form.timezone or "",
        only=tuple(_window(window, country) for window in form.only),
        rolling=form.rolling,
        since=form.since,
        until=form.until,
    )


def _window(form: WindowForm, country: str) -> Window:
    holidays = None if form.holidays is None else form.holidays == "only"
    return Window(form.days, form.start, form.end, holidays, country if form.holidays else "")


def _seats(given: list[str | list[str] | None]) -> tuple[str | tuple[str, ...] | None, ...]:
    return tuple(tuple(seat) if isinstance(seat, list) else seat for seat in given)


def _senseless(rota: RotaForm, form: LayerForm) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a layer though each of its keys is right, the cure, and the key."""
    if form.since and form.until and form.until <= form.since:
        yield "It ends before it begins.", "Let `until` be later than `from`.", "until"
    elif opens := _too_late(form):
        do = f"The next opens on {opens:%Y-%m-%d %H:%M}: let `until` be later, or widen `only`."
        yield "None of its windows opens between `from` and `until`.", do, "only"
    if any(window.holidays for window in form.only) and rota.holidays is None:
        yield "Nobody says whose holidays.", "Add `holidays: TR` (a country's code) to the rota.", "only"
    if not form.rolling:
        return
    if form.every and form.every.unit is not Unit.DAY:
        yield (
            "Only turns of days can roll on over days off.",
            "Write `every` in days, or take `rolling` out.",
            "rolling",
        )
    if not form.only or any(window.holidays for window in form.only):
        do = "Name the days in `only`, without `holidays`, or take `rolling` out."
        yield "A turn that rolls on counts the days of its windows.", do, "rolling"


def _too_late(form: LayerForm) -> datetime | None:
    """When the next window of a layer opens, where none does before it ends."""
    if not (form.since and form.until and form.only) or any(window.holidays for window in form.only):
        return None
    # A window that opened on the day before may still be open.
    days = [form.since.date() + timedelta(days=ahead) for ahead in range(-1, 8)]
    spans = [(datetime.combine(day, w.start), w) for day in days for w in form.only if day.weekday() in w.days]
    opened = [opens for opens, w in spans if _closes(opens, w) > form.since]
    return min(opened) if opened and min(opened) >= form.until else None


def _closes(opens: datetime, window: WindowForm) -> datetime:
    closes = datetime.combine(opens.date(), window.end)
    return closes if closes > opens else closes + timedelta(days=1)


def _temporary(sheet: Sheet, place: int, number: int, rota: RotaForm) -> Temporary:
    form = rota.temporary[number]
    path = ("rotas", place, "temporary", number)
    if form.end <= form.start:
        sheet.wrong("It ends before it begins.", "Let `end` be later than `start`.", *path, "end")
    for count, shift in enumerate(form.shifts):
        if shift.end <= shift.start:
            sheet.wrong("It ends before it begins.", "Let `end` be later than `start`.", *path, "shifts", count, "end")
        elif shift.start < form.start or shift.end > form.end:
            what = f"It reaches beyond {form.name}, which holds from {form.start} until {form.end}."
            sheet.wrong(what, "Cut the shift, or widen the schedule.", *path, "shifts", count, "start")
    fixed = (
        Fixed(_instant(shift.start, rota.timezone), _instant(shift.end, rota.timezone), shift.person)
        for shift in form.shifts
    )
    start, end = (_instant(wall, rota.timezone) for wall in (form.start, form.end))
    return Temporary(form.name, start, end, tuple(fixed))


def _named(sheet: Sheet, place: int, form: RotaForm, known: Known) -> None:
    """Complain about everybody the rota names whom nobody knows."""
    named: list[tuple[str, str | None, tuple[str | int, ...]]] = [("team", form.owner, ("owner",))]
    named += [("person", one, ("members", seat)) for seat, one in _seated(form.members or [])]
    for number, layer in enumerate(form.layers or ()):
        named += [("person", one, ("layers", number, "members", seat)) for seat, one in _seated(layer.members or [])]
    for number, temporary in enumerate(form.temporary):
        for count, shift in enumerate(temporary.shifts):
            named.append(("person", shift.person, ("temporary", number, "shifts", count, "person")))
    for number, override in enumerate(form.overrides):
        named += [("person", getattr(override, key), ("overrides", number, key)) for key in ("person", "replaces")]
    for kind, name, path in named:
        if name and (fault := known.missing(kind, name)):
            sheet.wrong(*fault, "rotas", place, *path)


def _seated(given: list[str | list[str] | None]) -> Iterator[tuple[int, str]]:
    return ((place, person) for place, seat in enumerate(_seats(given)) for person in seated(seat))


def _override(sheet: Sheet, place: int, number: int, rota: RotaForm) -> Override:
    form = rota.overrides[number]
    path = ("rotas", place, "overrides", number)
    if form.end <= form.start:
        sheet.wrong("It ends before it begins.", "Let `end` be later than `start`.", *path, "end")
    if form.replaces and form.kind != "override":
        sheet.wrong(f"An entry of kind {form.kind} replaces nobody.", "Leave `replaces` out.", *path, "replaces")
    return Override(
        id=f"config/{rota.name}/{number + 1}",
        rota=rota.name,
        kind=Amendment(form.kind),
        start=_instant(form.start, rota.timezone),
        end=_instant(form.end, rota.timezone),
        person=form.person,
        replaces=form.replaces,
        by=form.by,
        why=form.why,
    )


def _instant(wall: datetime, zone: str) -> datetime:
    """The first instant whose wall clock is at or after `wall`: the rule by which turns begin, too."""
    return clocks.moment(clocks.of(zone).first(clocks.wall(wall)))
