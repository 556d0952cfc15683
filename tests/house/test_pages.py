"""What the pages tell people to copy works: links lead somewhere, YAML loads, the first alert is understood."""

import re
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from ruamel.yaml import YAML

from bot import registry, runbooks
from bot.clock import SystemClock
from bot.contract import Request
from bot.model.connection import Connection
from bot.rules import matching
from tests.house import source

PAGES = [source.ROOT / "README.md", source.ROOT / "CHANGELOG.md"]
PAGES += [page for place in ("docs", "config", "bench", "plugins") for page in (source.ROOT / place).rglob("*.md")]
LINK = re.compile(r"\]\((?!https?://)(?P<file>[^)#]*)(?:#(?P<part>[^)]*))?\)")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def headings(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(source.ROOT).as_posix())
def test_what_a_page_shows_is_there_and_loads(page: Path) -> None:
    for link in LINK.finditer(page.read_text("utf-8")):
        target = page.parent / link["file"] if link["file"] else page
        assert target.exists(), f"{link[0]} leads nowhere"
        assert not link["part"] or link["part"] in headings(target), f"{link[0]} names no heading of {target.name}"
    for block in blocks(page, "yaml"):
        assert YAML(typ="safe").load(block)


def test_the_runbook_of_the_readme_is_accepted(tmp_path: Path) -> None:
    (text,) = blocks(source.ROOT / "README.md", "markdown")
    (tmp_path / "drift.md").write_text(text, "utf-8")
    library = runbooks.load(tmp_path, matching.parse)
    assert (len(library.runbooks), library.complaints) == (1, ())


def test_the_first_alert_of_the_readme_is_understood() -> None:
    (line,) = [block for block in blocks(source.ROOT / "README.md", "sh") if block.startswith("curl")]
    body = re.search(r"-d '(.*)'", line, re.DOTALL)
    assert body
    found = registry.discover(names={"alertmanager"})
    linked = registry.Registry(found, SystemClock()).connect([Connection("prom", "alertmanager")]).parts["prom"]
    assert linked.source
    request = Request(orjson.dumps(orjson.loads(body[1])), datetime(2026, 11, 23, tzinfo=UTC))
    (alert,) = linked.source.parse(request).alerts
    assert (alert.model, alert.kind, alert.environment) == ("churn", "drift", "production")
    assert [(m.metric, m.feature, m.value, m.threshold) for m in alert.measures] == [
        ("model_feature_psi", "tenure", 0.31, 0.2)
    ]
