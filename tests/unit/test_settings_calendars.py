"""A layer that a calendar holds: what may stand in the configuration, and what is refused with its cure."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.model.rota import Layer
from bot.settings import Calendar, calendars, rotas
from bot.settings.known import Known
from bot.settings.sheet import Sheet

ROTA = """\
rotas:
  - name: first-line
    timezone: UTC
    layers:
      - {{name: guests, {}}}
"""


def read(folder: Path, layer: str, env: Mapping[str, str] | None = None) -> tuple[list[str], Layer | None, Sheet]:
    """The complaints, and the layer where there is one."""
    (folder / "rotas.yaml").write_text(ROTA.format(layer), encoding="utf-8")
    sheet = Sheet(folder / "rotas.yaml", env or {})
    found, _ = rotas.read(sheet, Known())
    layers = found["first-line"].layers if "first-line" in found else ()
    return [str(one) for one in sheet.complaints], layers[0] if layers else None, sheet


def test_a_file_below_the_configuration_is_taken(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours/guests.ics").write_text("", encoding="utf-8")
    complaints, layer, sheet = read(tmp_path, "calendar: ours/guests.ics, timezone: Asia/Tokyo")
    assert complaints == []
    assert layer is not None
    assert (layer.calendar, layer.members, layer.timezone) == ("ours/guests.ics", (), "Asia/Tokyo")
    assert calendars.read(sheet) == (Calendar("first-line", "guests", file=tmp_path / "ours/guests.ics"),)


def test_an_address_is_a_secret_of_which_the_host_alone_is_shown(tmp_path: Path) -> None:
    address = "https://calendar.google.com/calendar/ical/x/private-abc/basic.ics"
    complaints, layer, sheet = read(tmp_path, 'calendar: "${GUESTS}"', {"GUESTS": address})
    assert complaints == []
    assert layer is not None
    assert layer.calendar == "https://calendar.google.com"
    (one,) = calendars.read(sheet)
    assert one.address is not None
    assert one.address.get_secret_value() == address
    assert "private" not in f"{one!r} {layer!r}"


@pytest.mark.parametrize(
    ("layer", "complaint"),
    [
        ("calendar: none.ics", "There is no file none.ics. Its name counts from the folder of this file."),
        ("calendar: ../guests.ics", "is not below the configuration. Put the file beside rotas.yaml"),
        ("calendar: /etc/passwd", "is not below the configuration."),
        ("calendar: link.ics", "link.ics leads out of the configuration."),
        ('calendar: "http://example.com/a.ics"', "is no address that can be trusted. Write an address with https://"),
        ('calendar: "webcal://example.com/a.ics"', "for webcal:// write https:// instead"),
        ('calendar: "file:///etc/passwd"', "is no address that can be trusted."),
        ('calendar: "https://"', "is no address that can be trusted."),
        ('calendar: "https://exam ple.com/"', "is no calendar."),
        ('calendar: ""', "is no calendar."),
        ("calendar: 7", "calendar"),
        ("calendar: guests.ics, members: [ada]", "`members` stands beside `calendar`. Take one of the two out"),
        ("calendar: guests.ics, every: 1 day", "`every` stands beside `calendar`."),
        ("calendar: guests.ics, rolling: true", "`rolling` stands beside `calendar`."),
        ('calendar: guests.ics, from: "2026-11-02 09:00"', "`from` stands beside `calendar`."),
        ("calendar: guests.ics, only: [{days: mon}]", "`only` stands beside `calendar`."),
        (
            'every: 1 week, start: "2026-11-02 09:00"',
            "The layer 'guests' has no `members`. Add it, or name a `calendar`",
        ),
        ("members: [ada], every: 1 week", "The layer 'guests' has no `start`."),
        ("timezone: UTC", "The layer 'guests' has no `every`."),
    ],
)
def test_what_cannot_be_is_refused_with_its_cure(tmp_path: Path, layer: str, complaint: str) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "guests.ics").write_text("", encoding="utf-8")
    (tmp_path / "guests.ics").write_text("", encoding="utf-8")
    (folder / "link.ics").symlink_to(tmp_path / "guests.ics")
    complaints, _, _ = read(folder, layer)
    assert any(complaint in one for one in complaints), complaints
    assert all("rotas.yaml:" in one for one in complaints)
    assert not any("passwd" in one or "example.com" in one for one in complaints)
