"""`changes:` of tocsin.yaml."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import settings
from bot.errors import BadConfig
from bot.settings.nouns import Changes


def load(folder: Path, lines: str) -> Changes:
    """A small configuration with this section."""
    files = {
        "tocsin": f"slack: {{mode: off}}\n{lines}",
        "people": "people: [{name: ada, slack: U01ADA}]\nteams: [{name: t, entity: retail, members: [ada], lead: ada}]",
        "estate": "entities: [{name: retail}]\nmodels: [{name: churn, kind: model, entity: retail, team: t}]",
        "rotas": "rotas: []",
    }
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return settings.load(folder, {}).changes


def test_without_the_section_one_person_must_agree(tmp_path: Path) -> None:
    found = load(tmp_path, "")
    assert found == Changes()
    assert [found.least(each) for each in ("low", "medium", "high", "critical")] == ["one"] * 4


def test_everything_is_read_and_freezes_keep_the_clock_of_their_zone(tmp_path: Path) -> None:
    freeze = '{name: sale, start: "2026-11-27 00:00", end: "2026-11-30 00:00", why: sale, timezone: Europe/Istanbul'
    lines = "changes: {approval: {critical: two, low: none}, expires: 30m, verify_within: 5m, good_after: 2 days,"
    found = load(tmp_path, f"{lines} poll: 10s, freezes: [{freeze}, entity: retail}}]}}\n")
    assert (found.least("critical"), found.least("low"), found.least("high")) == ("two", "none", "one")
    spans = (found.expires, found.verify_within, found.good_after, found.poll)
    assert spans == (timedelta(minutes=30), timedelta(minutes=5), timedelta(days=2), timedelta(seconds=10))
    (sale,) = found.freezes
    begins, ends = datetime(2026, 11, 26, 21, tzinfo=UTC), datetime(2026, 11, 29, 21, tzinfo=UTC)
    second = timedelta(seconds=1)
    assert [sale.active(at) for at in (begins - second, begins, ends - second, ends)] == [False, True, True, False]
    assert (sale.id, sale.entity, sale.by) == ("sale", "retail", "config")


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("changes: {approval: {critical: three}}", "approval"),
        ("changes: {approval: {grave: two}}", "approval"),
        ("changes: {poll: 9s}", "No platform is asked that often."),
        ("changes: {expires: 0s}", "expires"),
        ("changes: {frezes: []}", "frezes"),
        ('changes: {freezes: [{name: a, start: "tomorrow", end: "2026-11-30 00:00", why: x}]}', "is no moment"),
        ('changes: {freezes: [{name: a, start: "2026-11-27T00:00Z", end: "2026-11-30 00:00", why: x}]}', "no moment"),
        ('changes: {freezes: [{name: a, start: "2026-11-27", end: "2026-11-27", why: x}]}', "ends before it begins"),
        ('changes: {freezes: [{name: a, start: "2026-11-27", end: "2026-11-28"}]}', "why"),
        ('changes: {freezes: [{name: a, start: "2026-11-27", end: "2026-11-28", why: x, entity: r}]}', "no entity 'r'"),
        (
            'changes: {freezes: [{name: a, start: "2026-11-27", end: "2026-11-28", why: x, timezone: Mars}]}',
            "time zone",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(tmp_path: Path, lines: str, fault: str) -> None:
    with pytest.raises(BadConfig) as refused:
        load(tmp_path, lines)
    assert fault in str(refused.value)
    assert "tocsin.yaml:2" in str(refused.value)
