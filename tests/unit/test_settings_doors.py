"""Heartbeats, the tokens of the API, and the names that Tocsin keeps for itself."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot import settings
from bot.errors import BadConfig
from bot.settings import Heartbeat, Settings

TOKEN = "sixteen letters."


def load(folder: Path, tocsin: str) -> Settings:
    """A small configuration with these lines in tocsin.yaml, from the second on."""
    files = {
        "tocsin": f"slack: {{mode: off}}\n{tocsin}",
        "people": "people: [{name: ada, slack: U01ADA}]\nteams: [{name: t, entity: retail, members: [ada], lead: ada}]",
        "estate": "entities: [{name: retail}]\nmodels: [{name: churn, kind: model, entity: retail, team: t}]",
        "rotas": "rotas: []",
    }
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return settings.load(folder, {"BEAT": "the beat's secret"})


def test_heartbeats_are_read(tmp_path: Path) -> None:
    more = "entity: retail, model: churn, environment: production, severity: Critical"
    one = f'{{name: nightly, every: 1 day, grace: 2h, secret: "${{BEAT}}", {more}}}'
    found = load(tmp_path, f"heartbeats:\n  - {one}\n  - {{name: sync, every: 10s}}\n").heartbeats
    assert found[1] == Heartbeat("sync", timedelta(seconds=10))
    assert (found[0].every, found[0].grace) == (timedelta(days=1), timedelta(hours=2))
    assert (found[0].model, found[0].entity, found[0].severity) == ("churn", "retail", "critical")
    assert found[0].secret is not None
    assert "beat's" not in repr(found)


def test_tokens_are_read_and_not_shown(tmp_path: Path) -> None:
    web = load(tmp_path, f'web: {{tokens: {{amtool: "{TOKEN}"}}}}\n').web
    assert {name: token.get_secret_value() for name, token in web.tokens.items()} == {"amtool": TOKEN}
    assert TOKEN not in repr(web)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('web: {tokens: {amtool: "short"}}', "The token of amtool can be guessed."),
        ("heartbeats: [{name: a, every: 9s}]", "Nothing is heard of that often."),
        ("heartbeats: [{name: a}]", "every"),
        ("heartbeats: [{name: a, every: 5}]", "unit"),
        ("heartbeats: [{name: a, every: 1h, model: churm}]", "There is no model 'churm'. Did you mean 'churn'?"),
        ("heartbeats: [{name: a, every: 1h}, {name: a, every: 2h}]", "The name 'a' is taken already"),
        ("heartbeats: [{name: a, every: 1h, evry: 2h}]", "evry"),
        (
            "connections: [{name: heartbeat, plugin: webhook}]",
            "'heartbeat' is what alerts of Tocsin's own come through.",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(tmp_path: Path, lines: str, fault: str) -> None:
    with pytest.raises(BadConfig) as caught:
        load(tmp_path, lines + "\n")
    assert fault in str(caught.value)
    assert "tocsin.yaml:2:" in str(caught.value)
    assert "short" not in str(caught.value)
