"""`tocsin incident` and `tocsin replay`: the bot's work done and seen without Slack."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.store import Store, letters
from tests.cli.conftest import Type
from tests.cli.deliveries import firing

pytestmark = pytest.mark.usefixtures("slack")


def replayed(typed: Type, **about: str) -> dict[str, object]:
    """An alert booked from standard input."""
    done = typed("replay", "-", "--connection", "prom", "--json", given=firing(**about)).stdout
    receipt: dict[str, object] = json.loads(done)
    return receipt


def test_from_a_kept_delivery_to_a_resolved_incident(typed: Type) -> None:
    typed("migrate")
    assert typed("incident", "list").stdout == "No open incident.\n"
    assert replayed(typed)["incidents"] == ["INC-1"]
    assert replayed(typed)["repeat"] == 1
    shown = typed("incident", "list").stdout.splitlines()
    assert shown[1].split()[:4] == ["INC-1", "sev3", "triggered", "L1"]
    view = typed("incident", "show", "1").stdout
    assert "waiting for ada" in view
    assert "ada by slack: decided" in view
    assert "incident.opened by connection:prom" in view
    assert typed("incident", "ack", "inc-1", "--as", "ada").stdout == (
        "INC-1 is yours. Nobody else will be paged for it.\n"
    )  # fmt: skip
    (incident,) = json.loads(typed("incident", "list", "--json").stdout)
    assert (incident["phase"], incident["holder"], incident["next_step_at"]) == ("acknowledged", "ada", None)
    answer = json.loads(typed("incident", "resolve", "1", "--as", "bo", "--json").stdout)
    assert (answer["verdict"], answer["incident"]["phase"]) == ("GO", "resolved")
    assert typed("incident", "list").stdout == "No open incident.\n"
    assert "INC-1" in typed("incident", "list", "--all", "--entity", "retail").stdout
    assert typed("incident", "list", "--all", "--entity", "other").stdout == "No incident.\n"
    kinds = [e["entry"]["kind"] for e in json.loads(typed("incident", "show", "1", "--json").stdout)["timeline"]]
    assert kinds[0] == "incident.opened"
    assert kinds[-2:] == ["incident.acknowledged", "incident.resolved"]
    assert "every chain is whole" in typed("audit", "verify").stdout


def test_a_person_is_known_by_the_environment_and_strangers_are_refused(
    typed: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("migrate")
    replayed(typed)
    said = typed("incident", "ack", "1", "--as", "adda", code=2).stderr
    assert "Nobody called 'adda' is in people.yaml." in said
    assert "Did you mean 'ada'?" in said
    monkeypatch.setenv("TOCSIN_PERSON", "bo")
    typed("incident", "ack", "1")
    assert json.loads(typed("incident", "list", "--json").stdout)[0]["holder"] == "bo"


def test_a_second_answer_is_told_and_harmless(typed: Type) -> None:
    typed("migrate")
    replayed(typed)
    typed("incident", "ack", "1", "--as", "ada")
    assert typed("incident", "ack", "1", "--as", "bo").stdout == "INC-1 was acknowledged already, by ada.\n"
    typed("incident", "resolve", "1", "--as", "ada")
    assert "nothing left to do" in typed("incident", "ack", "1", "--as", "bo", code=1).stdout


def test_whatever_a_button_does_can_be_typed(typed: Type) -> None:
    typed("migrate")
    replayed(typed)

    def said(verb: str, *words: str, code: int = 0) -> str:
        return typed("incident", verb, *words, "--as", "bo", code=code).stdout

    assert said("severity", "1", "SEV2", "--why", "customers call") == "INC-1 is sev2 now.\n"
    assert said("page", "1", "cy") == "INC-1: cy paged and asked to join. Nobody has taken it yet.\n"
    assert said("snooze", "1", "30").startswith("INC-1 is yours and quiet until ")
    assert ", snoozed until " in typed("incident", "show", "1").stdout
    assert said("hand-over", "1", "person:ada").startswith("INC-1: handed over, ada paged now.")
    assert said("escalate", "1").startswith("INC-1: ")
    assert said("note", "1", "it", "was", "the feed") == "Noted in the timeline of INC-1.\n"
    assert said("merge", "1", "inc-1", code=1) == "An incident cannot become part of itself.\n"
    assert "There is no incident INC-2" in typed("incident", "merge", "1", "2", "--as", "bo", code=1).stderr
    assert "sev1, sev2" in typed("incident", "severity", "1", "urgent", "--as", "cy", code=2).stderr
    assert said("false-alarm", "1", "--why", "a test") == "INC-1 is closed as a false alarm.\n"
    assert "  false alarm, tier L1, held by" in typed("incident", "show", "1").stdout
    timeline = json.loads(typed("incident", "show", "1", "--json").stdout)["timeline"]
    assert timeline[-1]["entry"]["why"] == "a test"


def test_without_a_database_every_command_says_how_to_make_one(typed: Type, folder: Path) -> None:
    for words in (
        ("incident", "list"),
        ("incident", "ack", "1", "--as", "ada"),
        ("audit", "verify"),
        ("replay", "--list"),
    ):
        said = typed(*words, code=1).stderr
        assert said.startswith(f"error: There is no database {folder}/tocsin.db yet.\ndo:    Run `tocsin serve`")
    assert not (folder / "tocsin.db").exists()


def test_a_dead_letter_is_listed_and_replayed_once_its_sender_is_understood(typed: Type, folder: Path) -> None:
    typed("migrate")

    async def keep() -> None:
        store = await Store.open(f"sqlite:///{folder}/tocsin.db", clock=SystemClock())
        at = datetime(2026, 11, 2, 9, tzinfo=UTC)
        for id_, body in (("dl-good", firing()), ("dl-bad", "{}")):
            kept = letters.Letter(id_, "prom", at, "It made no sense.", {"x": "y"}, body.encode())
            await store.write(lambda tx, kept=kept: letters.add(tx, kept))
        await store.close()

    asyncio.run(keep())
    assert typed("replay", "--list").stdout.count("It made no sense.") == 2
    assert {one["id"] for one in json.loads(typed("replay", "--list", "--json").stdout)} == {"dl-good", "dl-bad"}
    assert typed("replay", "dl-good").stdout == "1 new, 0 repeated, 0 resolved, 0 dropped. Incidents: INC-1\n"
    assert typed("replay", "dl-bad", code=2).stderr.startswith("error: ")
    assert [one["id"] for one in json.loads(typed("replay", "--list", "--json").stdout)] == ["dl-bad"]
    assert "There is no dead letter dl-gone." in typed("replay", "dl-gone", code=1).stderr


def test_what_to_replay_must_be_named_with_its_sender(typed: Type, tmp_path: Path) -> None:
    typed("migrate")
    body = tmp_path / "body.json"
    body.write_text(firing())
    assert "Nothing to replay was named" in typed("replay", code=2).stderr
    assert "--connection" in typed("replay", body, code=2).stderr
    assert "There is no connection 'nix'" in typed("replay", body, "--connection", "nix", code=1).stderr


def test_the_next_stage_is_shown_as_it_would_fire(typed: Type, folder: Path) -> None:
    book = folder / "runbooks/drift.md"
    stages = 'L1: {stages: [{page: "person:ada", wait: 5m}, {page: "person:bo", wait: 5m}], may: [silence]}'
    book.write_text(
        book.read_text("utf-8").replace('L1: {page: "person:ada", answer_within: 10m, may: [silence]}', stages), "utf-8"
    )
    typed("migrate")
    replayed(typed)
    (step,) = [line for line in typed("incident", "show", "1").stdout.splitlines() if "next:" in line]
    assert step.split()[1] == "L1"
    assert step.endswith("(bo)")
