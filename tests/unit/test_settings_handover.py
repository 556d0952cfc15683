"""`handover:` of tocsin.yaml."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot import settings
from bot.errors import BadConfig
from bot.settings.nouns import Handovers

ROTA = '{name: first-line, timezone: UTC, start: "2026-11-02 09:00", every: 1 week, members: [ada]}'


def load(folder: Path, lines: str) -> Handovers:
    """A small configuration with this section."""
    files = {
        "tocsin": f"slack: {{mode: off}}\n{lines}",
        "people": "people: [{name: ada, slack: U01ADA}]\nteams: [{name: t, entity: retail, members: [ada], lead: ada}]",
        "estate": "entities: [{name: retail}]\nmodels: [{name: churn, kind: model, entity: retail, team: t}]",
        "rotas": f"rotas: [{ROTA}]",
    }
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return settings.load(folder, {}).handover


def test_without_the_section_every_rota_is_handed_over(tmp_path: Path) -> None:
    found = load(tmp_path, "")
    assert found == Handovers()
    assert found.of("first-line")


@pytest.mark.parametrize(("said", "of"), [("all", True), ("off", False), ("[first-line]", True), ("[]", False)])
def test_it_names_the_rotas(tmp_path: Path, said: str, of: bool) -> None:
    assert load(tmp_path, f"handover: {{rotas: {said}}}").of("first-line") is of


def test_everything_is_read(tmp_path: Path) -> None:
    lines = 'handover: {draft: 1h, remind: 5m, lead: 10m, channel: "#handovers", least: 0s}'
    found = load(tmp_path, lines)
    minutes = [each / timedelta(minutes=1) for each in (found.draft, found.remind, found.lead, found.least)]
    assert (minutes, found.channel) == ([60, 5, 10, 0], "#handovers")


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("handover: {rotas: some}", "rotas"),
        ("handover: {rotas: [first-lime]}", "first-line"),
        ("handover: {draft: 2 days}", "1 day or less"),
        ("handover: {draft: 0s}", "longer than nothing"),
        ("handover: {remind: 30m, lead: 30m}", "The lead would hear before"),
        ("handover: {channel: ml}", "no Slack channel"),
        ("handover: {accept: never}", "accept"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, lines: str, fault: str) -> None:
    with pytest.raises(BadConfig, match=r"tocsin\.yaml:2") as caught:
        load(tmp_path, lines)
    assert fault in str(caught.value)
