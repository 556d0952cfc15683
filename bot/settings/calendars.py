"""Calendars that take the place of turns in a layer of a rota: a file below the configuration, or an https address."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

from bot import documents
from bot.settings.nouns import Calendar
from bot.settings.sheet import Sheet

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_GAP = re.compile(r"[\x00-\x20\x7f]")


def _source(value: str) -> str:
    """What can be a file's name or an address; complaints never show it, since an address may hold a secret."""
    if not value or _GAP.search(value):
        raise documents.Wrong("is no calendar.", "Name a file such as handover.ics, or an address without blanks.")
    if not _ADDRESS.match(value):
        if Path(value).is_absolute() or ".." in Path(value).parts:
            raise documents.Wrong("is not below the configuration.", "Put the file beside rotas.yaml, and name it.")
        return value
    try:
        parts = urlsplit(value)
        good = parts.scheme.lower() == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        do = "Write an address with https:// (for webcal:// write https:// instead)."
        raise documents.Wrong("is no address that can be trusted.", do)
    return value


Source = Annotated[str, AfterValidator(_source)]


def shown(source: str) -> str:
    """The calendar's name, without any secret: the file, or the host of the address."""
    return f"https://{urlsplit(source).hostname}" if _ADDRESS.match(source) else source


def faults(source: str, folder: Path) -> Iterator[tuple[str, str]]:
    """What is wrong with a source that has the right form, and the cure."""
    if not all(importlib.util.find_spec(library) for library in ("icalendar", "recurring_ical_events")):
        yield "Calendars need the libraries `icalendar` and `recurring-ical-events`.", "pip install 'tocsin[ical]'"
    if _ADDRESS.match(source):
        return
    file = folder / source
    if not file.is_file():
        yield f"There is no file {source}.", "Its name counts from the folder of this file."
    elif not file.resolve().is_relative_to(folder.resolve()):
        yield f"{source} leads out of the configuration.", "Put the file itself beside rotas.yaml."


def read(sheet: Sheet) -> tuple[Calendar, ...]:
    """The source of every layer that has one; what is wrong with them was complained about with the rotas."""
    found = []
    for rota in sheet.raw("rotas"):
        layers = rota.get("layers")
        for layer in layers if isinstance(layers, list) else ():
            source = layer.get("calendar") if isinstance(layer, dict) else None
            if isinstance(source, str) and source:
                found.append(_calendar(sheet, str(rota.get("name")), str(layer.get("name")), source))
    return tuple(found)


def _calendar(sheet: Sheet, rota: str, layer: str, source: str) -> Calendar:
    if _ADDRESS.match(source):
        return Calendar(rota, layer, address=SecretStr(source))
    return Calendar(rota, layer, file=Path(sheet.document.file).parent / source)
