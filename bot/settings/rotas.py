"""rotas.yaml: who takes turns, and what is known beforehand to be different."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from bot import documents
from bot.documents import Form
from bot.model.rota import Amendment, Every, Layer, Override, Rota, Unit
from bot.rules import turns
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
    if isinstance(value, list) and any(isinstance(member, list) for member in value):
        raise documents.Wrong("has a list inside.", "One seat holds one person for now; write a second rota beside it.")
    if isinstance(value, list) and not any(value):
        raise documents.Wrong("has nobody in it.", "Name at least one person; null is a vacant seat among others.")
    return value


def _only(value: Any) -> Any:
    raise documents.Wrong("is not known to this version.", "Leave the window out; a layer holds at all hours.")


Wall = Annotated[datetime, BeforeValidator(_wall)]
Turn = Annotated[Every, BeforeValidator(_every)]
Members = Annotated[list[Name | None], BeforeValidator(_members)]


class LayerForm(Form):
    """Turns taken in order."""

    name: Name
    start: Wall
    every: Turn
    members: Members
    only: Annotated[None, BeforeValidator(_only)] = None


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
    layers: list[LayerForm] | None = None
    start: Wall | None = None
    every: Turn | None = None
    members: Members | None = None
    overrides: list[OverrideForm] = []  # noqa: RUF012 - pydantic copies it


def read(sheet: Sheet, known: Known) -> tuple[dict[str, Rota], tuple[Override, ...]]:
    """The rotas that fit and their overrides; what does not is in the sheet's complaints."""
    sheet.only("rotas")
    rotas: dict[str, Rota] = {}
    overrides: list[Override] = []
    for place, form in sheet.entries("rotas", RotaForm):
        _named(sheet, place, form, known)
        rotas[form.name] = Rota(form.name, form.timezone, _layers(sheet, place, form), form.owner)
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
        return (Layer(SHORT, form.start, form.every, tuple(form.members)),)
    for key in given:
        sheet.wrong(f"`{key}` stands beside `layers`.", "Move it into a layer.", "rotas", place, key)
    if not form.layers:
        sheet.wrong(f"Rota {form.name} has nobody in it.", "Give it a layer with members.", "rotas", place, "layers")
    for number, layer in enumerate(form.layers):
        if layer.name in [other.name for other in form.layers[:number]]:
            what = f"The layer '{layer.name}' is there already."
            sheet.wrong(what, "Rename one.", "rotas", place, "layers", number, "name")
    return tuple(Layer(layer.name, layer.start, layer.every, tuple(layer.members)) for layer in form.layers)


def _named(sheet: Sheet, place: int, form: RotaForm, known: Known) -> None:
    """Complain about everybody the rota names whom nobody knows."""
    named: list[tuple[str, str | None, tuple[str | int, ...]]] = [("team", form.owner, ("owner",))]
    named += [("person", member, ("members", seat)) for seat, member in enumerate(form.members or ())]
    for number, layer in enumerate(form.layers or ()):
        named += [("person", m, ("layers", number, "members", seat)) for seat, m in enumerate(layer.members)]
    for number, override in enumerate(form.overrides):
        named += [("person", getattr(override, key), ("overrides", number, key)) for key in ("person", "replaces")]
    for kind, name, path in named:
        if name and (fault := known.missing(kind, name)):
            sheet.wrong(*fault, "rotas", place, *path)


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
    turn = Layer("", wall, Every(1, Unit.DAY), ("",))
    return turns.begins(turn, turns.zone(zone), 0).astimezone(UTC)
