"""Carries an export over as the command does, loads what was written, and says who is on call, in lines."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot import importing, settings
from bot.importing import Draft
from bot.rules import rota as rota_rule
from bot.settings import Settings

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Carried:
    """What became of an export."""

    draft: Draft
    settings: Settings
    folder: Path

    @property
    def lost(self) -> list[str]:
        return [str(one) for one in self.draft.lost]

    def on_call(self, schedule: str, start: str, end: str) -> list[str]:
        """`MM-DD HH:MM+ZZZZ who` for each change between two wall-clock times of the schedule's zone."""
        rotas = [self.settings.rotas[rota.name] for rota in self.draft.rotas[schedule]]
        zone = ZoneInfo(rotas[0].timezone)
        first, last = (datetime.fromisoformat(at).replace(tzinfo=zone) for at in (start, end))
        edges = {
            shift.start for rota in rotas for shift in rota_rule.shifts(rota, first, last, self.settings.overrides)
        }
        found: list[str] = []
        for at in sorted(edges):
            holders = [h.person for rota in rotas for h in rota_rule.on_call(rota, at, self.settings.overrides)]
            who = ", ".join(sorted(set(holders))) or "nobody"
            if not found or found[-1].partition(" ")[2].partition(" ")[2] != who:
                found.append(f"{at.astimezone(zone):%m-%d %H:%M%z} {who}")
        return found


def carry(vendor: str, export: Mapping[str, Any], tmp_path: Path) -> Carried:
    """Through a file, the files it becomes, and our own reading of those."""
    source, folder = tmp_path / "export.json", tmp_path / "imported"
    tmp_path.mkdir(exist_ok=True)
    source.write_text(json.dumps(export), "utf-8")
    draft = importing.draft(vendor, importing.read(source))
    for name, content in importing.files(draft, vendor, TODAY).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    return Carried(draft, settings.load(folder / "config", {}), folder)
