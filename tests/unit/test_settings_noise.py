"""noise.yaml and the catalogue's `feeds`: what is read, and what is refused with file, line and cure."""

from datetime import time, timedelta
from pathlib import Path

import pytest

from bot import settings
from bot.errors import BadConfig
from bot.model.matcher import Matcher
from bot.model.noise import Feeds, Noise, Quiet, Storm
from bot.settings import Settings

ESTATE = """\
entities: [{name: retail}]
models:
  - {name: orders, kind: data, entity: retail, team: t, feeds: [churn]}
  - {name: churn, kind: model, entity: retail, team: t, feeds: [offers]}
  - {name: offers, kind: agent, entity: retail, team: t}
"""


def load(folder: Path, noise: str | None, estate: str = ESTATE) -> Settings:
    """A small configuration with this noise.yaml; None: without the file."""
    files = {
        "tocsin": "slack: {mode: off}",
        "people": "people: [{name: ada, slack: U01ADA}]\nteams: [{name: t, entity: retail, members: [ada], lead: ada}]",
        "estate": estate,
        "rotas": "rotas: []",
    }
    if noise is not None:
        files["noise"] = noise
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return settings.load(folder, {})


def rule(name: str, source: str, target: str, more: str = "") -> str:
    """One inhibition."""
    return f'  - {{name: {name}, source: ["{source}"], target: ["{target}"]{more}}}\n'


def test_without_the_file_only_feeds_hold_anything(tmp_path: Path) -> None:
    found = load(tmp_path, None)
    assert found.noise == Noise()
    assert found.estate.downstream("orders") == ("churn", "offers")


def test_everything_is_read(tmp_path: Path) -> None:
    noise = load(
        tmp_path,
        "inhibit:\n"
        + rule(
            "broken", "kind = data-quality", "kind =~ drift|performance", ", equal: [entity, environment], shadow: true"
        )
        + "feeds: {kinds: [failure], holds: [drift], shadow: true}\n"
        "storm: {incidents: 8, within: 10m}\n"
        'quiet: [{name: night, severities: [sev4], from: "22:00", to: "07:30", days: "fri-mon", entity: retail}]\n',
    ).noise
    (broken,) = noise.inhibitions
    assert broken.source == (Matcher("kind", "=", "data-quality"),)
    assert (broken.equal, broken.shadow) == (("entity", "environment"), True)
    assert noise.feeds == Feeds(("failure",), ("drift",), shadow=True)
    assert noise.storm == Storm(8, timedelta(minutes=10))
    night = Quiet("night", ("sev4",), time(22), time(7, 30), frozenset({4, 5, 6, 0}), "retail")
    assert noise.quiet == (night,)


@pytest.mark.parametrize(
    ("noise", "fault"),
    [
        ("inhibit:\n" + rule("a", "kind = drift", "kind = cost") + rule("b", "kind = cost", "kind = drift"),
         "noise.yaml:3: a and b could hold each other's alerts."),
        ("inhibit:\n" + rule("feeds", "kind = drift", "kind = cost"), "'feeds' is the name of"),
        ("inhibit:\n" + rule("a", "kind = drift", "kind = cost") * 2, "The name 'a' is taken already, in line 2."),
        ("inhibit:\n" + rule("a", "sort = drift", "kind = cost"), "There is no field 'sort'."),
        ("inhibit:\n" + rule("a", "kind = drift", "title =~ (a+)+b"), "noise.yaml:2: "),
        ("inhibit:\n" + rule("a", "kind = drift", "kind = cost", ", equal: [modell]"), "Did you mean 'model'?"),
        ("inhibit: [{name: a, source: [], target: [kind = cost]}]", "source"),
        ("feeds: {kinds: [drft]}", "kinds"),
        ("storm: {incidents: 1, within: 5m}", "incidents"),
        ("storm: {incidents: 5}", "within"),
        ('quiet: [{name: n, severities: [sev4], from: "22:00", to: "22:00"}]', "The hours begin when they end."),
        ('quiet: [{name: n, severities: [sev4], from: "25:00", to: "07:00"}]', "is no time of day"),
        ('quiet: [{name: n, severities: [sev9], from: "22:00", to: "07:00"}]', "severities"),
        ('quiet: [{name: n, severities: [sev4], from: "22:00", to: "07:00", days: "mon-fry"}]', "no days"),
        ('quiet: [{name: n, severities: [sev4], from: "22:00", to: "07:00", entity: reta}]', "Did you mean 'retail'?"),
        ("inhibits: []", "There is no setting `inhibits`."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_line(tmp_path: Path, noise: str, fault: str) -> None:
    with pytest.raises(BadConfig) as refused:
        load(tmp_path, noise)
    assert fault in str(refused.value)


def test_two_rules_that_cannot_meet_are_no_circle(tmp_path: Path) -> None:
    chain = "inhibit:\n" + rule("a", "kind = failure", "kind = drift") + rule("b", "kind = drift", "kind = cost")
    assert len(load(tmp_path, chain).noise.inhibitions) == 2


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("team: t}\n", "team: t, feeds: [orders]}\n", "orders feeds itself."),
        ("feeds: [churn]", "feeds: [orders]", "orders feeds itself."),
        ("feeds: [churn]", "feeds: [chrn]", "There is no model 'chrn'. Did you mean 'churn'?"),
    ],
)
def test_feeds_that_lead_back_or_nowhere_are_refused(tmp_path: Path, old: str, new: str, fault: str) -> None:
    with pytest.raises(BadConfig) as refused:
        load(tmp_path, None, ESTATE.replace(old, new, 1))
    assert fault in str(refused.value)
    assert "estate.yaml:3" in str(refused.value)
