"""Runbooks are held against the rest of the configuration and against each other."""

from datetime import date
from pathlib import Path

import pytest

from bot import runbooks
from bot.model.connection import Connection
from bot.model.estate import Entity, Estate, Model
from bot.model.people import People, Person, Team
from bot.model.rota import Rota
from bot.rules import matching
from bot.settings import Settings, fit

CHURN = Model("churn", "retail", "churn-ml", aliases=("customer_churn",))
FRAUD = Model("fraud", "lending", "fraud-ml", criticality="critical")
SETTINGS = Settings(
    folder=Path("config"),
    database="sqlite://",
    connections=(Connection("prom", "alertmanager"),),
    people=People(
        {name: Person(name, slack=f"U{name.upper()}") for name in ("ada", "bo")},
        {"churn-ml": Team("churn-ml", "retail", ("ada",), "bo"), "fraud-ml": Team("fraud-ml", "lending", ("bo",))},
    ),
    estate=Estate(
        {name: Entity(name) for name in ("retail", "lending")},
        {"churn": CHURN, "fraud": FRAUD},
        {"churn": CHURN, "customer_churn": CHURN, "fraud": FRAUD},
    ),
    rotas={name: Rota(name, "UTC", ()) for name in ("first-line", "churn-ml-primary")},
)
HEAD = """---
title: x
owner: churn-ml
review_by: 2027-06-01
match: {kind: drift}
severity: [{is: sev3}]
tiers:
  L1: {page: "rota:first-line", answer_within: 10m}
---
"""


def checked(folder: Path, *changes: tuple[str, str], **others: str) -> list[str]:
    text = HEAD
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    for name, body in {"drift": text, **others}.items():
        (folder / f"{name}.md").write_text(body, encoding="utf-8")
    library = runbooks.load(folder, matching.parse)
    assert library.complaints == ()
    return [str(one).removeprefix(f"{folder}/") for one in fit.check(library, SETTINGS)]


def test_what_fits_has_no_complaints(tmp_path: Path) -> None:
    assert checked(tmp_path) == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("rota:frist-line", "L1 reaches nobody: There is no rota 'frist-line'. Did you mean 'first-line'?"),
        ("person:cy", "L1 reaches nobody: There is no person 'cy'. Known: ada, bo."),
        ("team:churn", "L1 reaches nobody: There is no team 'churn'. Did you mean 'churn-ml'?"),
        ("lead:fraud-ml", "L1 reaches nobody: Team 'fraud-ml' has no lead. Give it one in people.yaml"),
        ("rota:{{ model.team }}-primary", "L1 reaches nobody (for fraud): There is no rota 'fraud-ml-primary'."),
        ("lead:{{ model.team }}", "L1 reaches nobody (for fraud): Team 'fraud-ml' has no lead."),
    ],
)
def test_a_target_that_leads_nowhere_is_named_once(tmp_path: Path, target: str, said: str) -> None:
    (found,) = checked(tmp_path, ("rota:first-line", target))
    assert found.startswith(f"drift.md:8: {said}")


@pytest.mark.parametrize(
    "condition",
    ["model: churn", "entity: retail", "model.team: churn-ml", "criticality: medium"],
)
def test_only_models_the_runbook_could_match_count(tmp_path: Path, condition: str) -> None:
    changes = [("rota:first-line", "rota:{{ model.team }}-primary"), ("{kind: drift}", f"{{kind: drift, {condition}}}")]
    assert checked(tmp_path, *changes) == []


def test_a_fallback_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, ("tiers:", "fallback: person:cy\ntiers:"))
    assert found.startswith("drift.md:7: fallback reaches nobody: There is no person 'cy'.")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("owner: churn-ml", "owner: churnml", "drift.md:3: There is no team 'churnml'. Did you mean 'churn-ml'?"),
        ("{kind: drift}", "{model: chrun}", "drift.md:5: There is no model 'chrun'. Did you mean 'churn'?"),
        ("{kind: drift}", "{model: customer_churn}", "drift.md:5: There is no model 'customer_churn'."),
        ("{kind: drift}", "{entity: retial}", "drift.md:5: There is no entity 'retial'. Did you mean 'retail'?"),
        (
            "{kind: drift}",
            "[connection = grafana]",
            "drift.md:5: There is no connection 'grafana'. Known: by-hand, heartbeat, noise, prom.",
        ),
        ("[{is: sev3}]", "[{is: sev1, if: [model = x]}, {is: sev3}]", "drift.md:6: There is no model 'x'."),
    ],
)
def test_a_name_nobody_defines_is_named(tmp_path: Path, before: str, after: str, said: str) -> None:
    (found,) = checked(tmp_path, (before, after))
    assert found.startswith(said)


def test_two_runbooks_for_the_same_alerts_are_a_tie(tmp_path: Path) -> None:
    (found,) = checked(tmp_path, other=HEAD.replace("{kind: drift}", "{environment: production}"))
    assert found == (
        "other.md:5: other and drift match the same alerts with equal right (environment = production). "
        f"Add a condition to one of them; the other stands in {tmp_path}/drift.md."
    )


def test_a_review_that_is_overdue_is_a_reminder(tmp_path: Path) -> None:
    (tmp_path / "drift.md").write_text(HEAD, encoding="utf-8")
    library = runbooks.load(tmp_path, matching.parse)
    assert fit.overdue(library, date(2027, 6, 1)) == []
    (found,) = fit.overdue(library, date(2027, 6, 2))
    assert str(found).endswith(
        "drift.md:4: drift was to be reviewed by 2027-06-01. team:churn-ml: read it again, then set a new date."
    )
