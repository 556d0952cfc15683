"""`tocsin runbooks`: what they are, what is weak about them, and how much of what happens they are for."""

import asyncio
import json
from pathlib import Path

from bot.cli import place
from bot.clock import SystemClock
from bot.contract.source import Delivery
from bot.engine import intake
from bot.engine.desk import Desk
from bot.model.alert import Alert, Kind, Status
from bot.store import Store
from tests.cli.conftest import RUNBOOK, Type

DEFAULT = RUNBOOK.replace("{kind: drift}", "{}").replace("Features drifted", "Anything else")
WHOLE = RUNBOOK + "\n".join(
    f"## {name}\n1. Look.\n" for name in ("Goal", "Check first", "Decide", "Act", "Verify", "When to escalate")
)


def arrive(folder: Path, *kinds: Kind, model: str = "churn") -> None:
    """As if monitors had said so, now."""

    async def book() -> None:
        clock = SystemClock()
        now = clock.now()
        store = await Store.open(f"sqlite:///{folder}/tocsin.db", clock=clock)
        config = folder / "config"
        desk = Desk(store, clock, place.settings(config), place.library(config))
        said = [
            Alert(
                "alertmanager", "prom", f"{model}/{kind}", f"{kind} of {model}", Status.FIRING, kind, now, model=model
            )
            for kind in kinds
        ]
        arrived = [intake.Arrived("prom", Delivery(tuple(said)))]
        await store.write(lambda tx: intake.book(tx, desk, arrived, now))
        await store.close()

    asyncio.run(book())


def test_the_list_says_whose_each_is_and_until_when(typed: Type, folder: Path) -> None:
    (folder / "runbooks/old.md").write_text(RUNBOOK.replace("2099", "2020").replace("drift}", "cost}"), "utf-8")
    (folder / "runbooks/broken.md").write_text("no head\n", "utf-8")
    shown = typed("runbooks", "list")
    assert [line.split()[:3] for line in shown.stdout.splitlines()[1:]] == [
        ["drift", "team:churn-ml", "2099-06-01"], ["old", "team:churn-ml", "2020-06-01"],
    ]  # fmt: skip
    assert "2020-06-01 (overdue)" in shown.stdout
    assert "broken.md:1" in shown.stderr
    told = json.loads(typed("runbooks", "list", "--json").stdout)
    assert [(one["name"], one["overdue"]) for one in told] == [("drift", False), ("old", True)]


def test_lint_fails_on_what_is_wrong_and_not_on_what_is_weak(typed: Type, folder: Path) -> None:
    (folder / "runbooks/drift.md").write_text(WHOLE, "utf-8")
    assert typed("runbooks", "lint").stdout == "1 runbooks: 0 wrong, 0 weak.\n"
    (folder / "runbooks/drift.md").write_text(WHOLE.replace("## Verify\n1. Look.\n", ""), "utf-8")
    weak = typed("runbooks", "lint").stdout.splitlines()
    assert weak[0].startswith(f"{folder}/runbooks/drift.md:12: warning: There is no section `Verify`.")
    assert weak[1].startswith("    do: Write a section")
    assert weak[-1] == "1 runbooks: 0 wrong, 1 weak."
    (folder / "runbooks/drift.md").write_text(WHOLE.replace("person:ada", "person:adda"), "utf-8")
    wrong = json.loads(typed("runbooks", "lint", "--json", code=1).stdout)
    assert not wrong["ok"]
    assert [(one["level"], one["line"], one["do"]) for one in wrong["findings"]] == [
        ("error", 9, "Did you mean 'ada'?"),
    ]  # fmt: skip


def test_lint_of_one_file_tells_of_that_and_of_its_ties(typed: Type, folder: Path, tmp_path: Path) -> None:
    (folder / "runbooks/bad.md").write_text("no head\n", "utf-8")
    assert "bad.md" not in typed("runbooks", "lint", folder / "runbooks/drift.md").stdout
    draft = tmp_path / "elsewhere/draft.md"
    draft.parent.mkdir()
    draft.write_text(WHOLE, "utf-8")
    tie = json.loads(typed("runbooks", "lint", draft, "--json", code=1).stdout)["findings"]
    assert [(one["level"], "match the same alerts" in one["what"]) for one in tie] == [("error", True)]
    draft.write_text(WHOLE.replace("{kind: drift}", "{kind: cost}"), "utf-8")
    assert typed("runbooks", "lint", draft).stdout.endswith("0 wrong, 0 weak.\n")
    new = tmp_path / "elsewhere/drift.md"  # as it shall replace the one that is there
    new.write_text(WHOLE, "utf-8")
    assert typed("runbooks", "lint", new).stdout.endswith("0 wrong, 0 weak.\n")
    assert "cannot be read" in typed("runbooks", "lint", tmp_path, code=1).stdout
    assert "no such file" in typed("runbooks", "lint", tmp_path / "gone.md", code=1).stdout


def test_lint_of_a_configuration_that_does_not_load(typed: Type, folder: Path) -> None:
    (folder / "config/people.yaml").write_text("people: 7\n", "utf-8")
    assert "people.yaml:1: error:" in typed("runbooks", "lint", code=1).stdout


def test_what_alertmanager_tells_once_is_not_to_be_counted(typed: Type, folder: Path) -> None:
    text = WHOLE.replace("severity:", "confirm: {breaches: 2, of: 3}\nseverity:", 1)
    (folder / "runbooks/drift.md").write_text(text, "utf-8")
    assert (
        ":6: warning: `confirm` counts evaluations, but prom tells each state once" in typed("runbooks", "lint").stdout
    )


def test_coverage_and_what_is_unmatched(typed: Type, folder: Path) -> None:
    (folder / "runbooks/default.md").write_text(DEFAULT, "utf-8")
    typed("migrate")
    empty = typed("runbooks", "coverage").stdout
    assert "took nothing, for no incident opened." in empty
    assert "  cost: churn\n" in empty
    assert "  drift:" not in empty
    assert typed("runbooks", "unmatched").stdout == "Every incident of the last 7d had a specific runbook.\n"
    arrive(folder, Kind.DRIFT, Kind.COST)
    arrive(folder, Kind.COST, model="nobody-knows")
    page = typed("runbooks", "coverage", "--since", "1d").stdout
    assert "a specific runbook took 1 of 3 (33 %) incidents and 1 of 3 (33 %) alerts." in page
    assert "retail      churn         drift  1 of 1 (100 %)" in page
    told = json.loads(typed("runbooks", "coverage", "--json").stdout)
    assert (told["incidents"], told["specific_incidents"], len(told["groups"])) == (3, 1, 3)
    assert {"model": "churn", "kind": "safety"} in told["bare"]
    left = json.loads(typed("runbooks", "unmatched", "--json").stdout)
    assert [(one["owner"], one["model"], one["title"]) for one in left] == [
        ("team:churn-ml", "churn", "cost of churn"), ("team:churn-ml", "nobody-knows", "cost of nobody-knows"),
    ]  # fmt: skip
    assert "INC-2 cost of churn" in typed("runbooks", "unmatched").stdout


def test_a_span_that_is_none_is_refused(typed: Type) -> None:
    typed("migrate")
    assert "'yesterday' is no length of time." in typed("runbooks", "unmatched", "--since", "yesterday", code=2).stderr
    assert typed("runbooks", "coverage", "--since", "900000w").exit_code == 0  # as far back as there is anything
