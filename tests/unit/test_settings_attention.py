"""How long a holder may be silent, and whether people are tested: in tocsin.yaml, and in the head of a runbook."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot import app
from bot.documents import BadConfigs
from bot.runbooks import policy
from tests.story.place import FILES

ENV = {"DATABASE_URL": "sqlite://", "PROM_SECRET": "x" * 20}
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def load(folder: Path, section: str = "", head: str = "") -> app.Loaded:
    """A configuration with this said of escalation, and this in the head of its runbook."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [line.removeprefix("        ") for line in text.splitlines()]
        path.write_text("\n".join(lines).replace("remind: off\n", head) + "\n", encoding="utf-8")
    top = folder / "config/tocsin.yaml"
    kept = "\n".join(line for line in top.read_text("utf-8").splitlines() if not line.startswith("slack:"))
    top.write_text(f"{kept}\nslack: {{mode: off}}\n{section}", encoding="utf-8")
    return app.load(app.Folder.of(folder / "config"), ENV)


@pytest.mark.parametrize(
    ("section", "wanted"),
    [
        ("", (HOUR, 30 * MINUTE, "weekly")),
        ("escalation: {remind: 2h, give_back: 10m, test: off}", (2 * HOUR, 10 * MINUTE, "off")),
        ("escalation: {remind: off, give_back: 0}", (0 * HOUR, 0 * MINUTE, "weekly")),
    ],
)
def test_what_is_not_said_has_its_default_and_off_is_never(
    tmp_path: Path, section: str, wanted: tuple[timedelta, timedelta, str]
) -> None:
    found = load(tmp_path, section).settings.escalation
    assert (found.remind, found.give_back, found.test) == wanted


@pytest.mark.parametrize("bad", ["remind: often", "give_back: -5m", "give_back: 30", "test: daily"])
def test_what_cannot_be_meant_is_refused(tmp_path: Path, bad: str) -> None:
    with pytest.raises(BadConfigs, match=bad.partition(":")[0]):
        load(tmp_path, f"escalation: {{{bad}}}")


def test_a_runbook_says_otherwise(tmp_path: Path) -> None:
    loaded = load(tmp_path, "escalation: {remind: 2h}", "remind: 15m\ngive_back: off\n")
    (book,) = loaded.library.runbooks
    drawn = policy(book, "sev1", None, loaded.settings.escalation)
    assert (drawn.remind, drawn.give_back) == (15 * MINUTE, 0 * MINUTE)
    (book,) = (plain := load(tmp_path, "escalation: {remind: 2h}")).library.runbooks
    drawn = policy(book, "sev1", None, plain.settings.escalation)
    assert (drawn.remind, drawn.give_back) == (2 * HOUR, 30 * MINUTE)
