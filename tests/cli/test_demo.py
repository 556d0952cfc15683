"""`tocsin demo` as a process of its own: the page's address, the story without a page, a clean end, a second start."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from bot.cli import draw

PICTURE = "The load of churn-ml-primary"
COMMAND = [sys.executable, "-m", "bot", "demo"]
Demo = subprocess.Popen[str]


@contextmanager
def started(tmp_path: Path, *more: str) -> Iterator[Demo]:
    """The demo, with a folder for temporary files that shows what is left behind, and a stranger's environment."""
    tmp_path.joinpath("tmp").mkdir(exist_ok=True)
    env = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "COLUMNS": "100"}
    # Tokens and addresses of the person who types may not reach what is only played.
    env |= {
        "SLACK_BOT_TOKEN": "xoxb-real",
        "DATABASE_URL": "postgresql://nowhere/real",
        "SLACK_API_URL": "http://real/",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    demo = subprocess.Popen(
        [*COMMAND, *more],
        cwd=tmp_path,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    with demo:
        try:
            yield demo
        finally:
            demo.kill()


def ended(demo: Demo, number: signal.Signals | None = None) -> tuple[int, str, str]:
    """How it ends, and what it says until then."""
    if number:
        demo.send_signal(number)
    said, complained = demo.communicate(timeout=90)
    return demo.returncode, said, complained


def up(demo: Demo) -> dict[str, Any]:
    """What it says of itself once it is up."""
    assert demo.stdout
    line = demo.stdout.readline()
    assert line, demo.communicate()
    told: dict[str, Any] = json.loads(line)
    return told


def asked(told: dict[str, Any], act: str, body: dict[str, Any] | None = None) -> Any:
    """What the page is answered."""
    origin, _, key = told["page"].partition("/#key=")
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{origin}/control/{act}", data, {"X-Control-Token": key})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def left(tmp_path: Path) -> list[Path]:
    """What the demo forgot to take along."""
    return list((tmp_path / "tmp").iterdir())


def handed_over(told: dict[str, dict[str, Any]]) -> None:
    """What the last step shows, by the names of its beats."""
    assert "a draft" in told["handover_drafted"]["shown"]
    assert told["handover_noted"]["note"] in told["handover_posted"]["shown"]
    assert told["handover_posted"]["picture"] == (PICTURE if find_spec("matplotlib") else None)
    assert told["both_paged"]["paged"] == ["bo", "ada"]
    assert "somebody else must accept it" in told["own_handover_refused"]["whisper"]
    assert "churn-ml-primary: @U01ADA until" in told["handover_accepted"]["oncall"]


@pytest.mark.slow
def test_the_story_is_played_without_a_page_and_leaves_nothing(tmp_path: Path) -> None:
    with started(tmp_path, "--headless", "--json") as demo:
        code, said, complained = ended(demo)
    assert (code, complained) == (0, "")
    beats = [json.loads(line) for line in said.splitlines()]
    assert [beat["beat"] for beat in beats] == [
        "opened",
        "look_only",
        "acknowledged",
        "proposed",
        "own_approval_refused",
        "approved",
        "served",
        "mended",
        "resolved",
        "escalated",
        "answered_at_l3",
        "retrain_acknowledged",
        "retrain_proposed",
        "own_retrain_refused",
        "retrain_approved",
        "training",
        "gate_passed",
        "promotion_proposed",
        "promotion_approved",
        "promoted",
        "relearnt",
        "retrain_resolved",
        "shift_arranged",
        "handover_drafted",
        "handover_noted",
        "handover_posted",
        "both_paged",
        "own_handover_refused",
        "handover_accepted",
        "audited",
    ]
    told = {beat["beat"]: beat for beat in beats}
    measure = told["opened"]["measures"][0]
    assert (measure["metric"], measure["value"] > measure["threshold"]) == ("log_loss", True)
    assert "Acknowledge" in told["opened"]["shown"]
    assert "somebody else must agree" in told["own_approval_refused"]["whisper"]
    assert told["approved"]["by"] != told["proposed"]["by"]
    assert (told["served"]["before"], told["served"]["after"]) == ("7", "6")
    assert told["mended"]["after"] < told["mended"]["before"] / 2
    assert "RESOLVED" in told["resolved"]["shown"]
    assert [page["tier"] for page in told["escalated"]["pages"]][-1] == "L3"
    assert told["answered_at_l3"]["by"] == told["escalated"]["pages"][-1]["person"]
    assert told["retrain_approved"]["by"] != told["retrain_proposed"]["by"]
    assert 0 < told["training"]["share"] < 1
    assert all(finding["ok"] for finding in told["gate_passed"]["gate"])
    assert told["gate_passed"]["cost"] > 0
    assert told["promotion_proposed"]["follows"] == told["retrain_proposed"]["change"]
    assert (told["promoted"]["before"], told["promoted"]["after"]) == ("3", told["gate_passed"]["version"])
    assert told["relearnt"]["after"] < told["relearnt"]["before"] / 3
    handed_over(told)
    assert left(tmp_path) == []
    assert not (tmp_path / ".tocsin-demo").exists()


@pytest.mark.slow
def test_the_story_can_be_stopped_in_the_middle(tmp_path: Path) -> None:
    with started(tmp_path, "--headless", "--speed", "1") as demo:
        assert demo.stdout
        assert any(" acknowledges INC-1" in line for line in demo.stdout)
        code, said, complained = ended(demo, signal.SIGINT)
    assert (code, complained) == (130, "")
    assert said.endswith("Stopped; nothing is left behind.\n")
    assert left(tmp_path) == []


@pytest.mark.slow
def test_it_is_stopped_and_goes_on_where_it_was(tmp_path: Path) -> None:
    with started(tmp_path, "--port", "0", "--json", "--speed", "60") as demo:
        told = up(demo)
        assert [one["name"] for one in asked(told, "people")][:4] == ["ada", "bo", "cy", "kim"]
        assert asked(told, "about")["commands"][0]["command"] == "/incident"
        assert json.loads(asked(told, "setup")["http"])["settings"]["socket_mode_enabled"] is False
        tour = asked(told, "tour", {"seen": "why", "by": "ada"})
        assert [one["id"] for one in tour["steps"] if one["done"]] == ["why"]
        then = asked(told, "speed", {"speed": 600})
        assert then["speed"] == 600
        code, _, complained = ended(demo, signal.SIGTERM)
        assert (code, complained) == (0, "")
    with started(tmp_path, "--port", "0", "--json") as demo:
        again = up(demo)
        assert again["page"].partition("#")[2] == told["page"].partition("#")[2], "the key in the page's address stays"
        now = asked(again, "speed")
        assert now["speed"] == 1.0
        assert now["now"] > then["now"], "time never goes back"
        assert [one["id"] for one in asked(again, "tour")["steps"] if one["done"]] == ["why"]
        with started(tmp_path, "--port", "0") as second:
            code, said, complained = ended(second)
            assert (code, said) == (2, "")
            assert "A demo is running in " in complained
            assert "Stop that one with Ctrl-C, or choose another --folder." in complained
        code, _, complained = ended(demo, signal.SIGINT)
    assert (code, complained) == (0, "")


BLOCKS: list[dict[str, Any]] = [
    {"type": "header", "text": {"type": "plain_text", "text": "SEV1 · churn v7 · \x1b[31mred"}},
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Waiting for "},
                    {"type": "user", "user_id": "U01ADA"},
                    {"type": "text", "text": ", "},
                    {"type": "user", "user_id": "U0NOBODY"},
                    {"type": "text", "text": "\n"},
                    {"type": "text", "text": "a long line " * 9},
                ],
            }
        ],
    },
    {"type": "context", "elements": [{"type": "plain_text", "text": "INC-7"}]},
    {
        "type": "actions",
        "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Acknowledge"}, "action_id": "a"}],
    },
]


def test_a_card_is_a_box_in_which_an_alert_cannot_move_the_cursor() -> None:
    drawn = draw.message(BLOCKS, "#ml-oncall", {"U01ADA": "ada"}, 60)
    assert {len(line) for line in drawn} == {60}
    assert drawn[0] == f"╭─ #ml-oncall {'─' * 45}╮"
    assert drawn[1] == f"│ {'SEV1 · churn v7 · �[31mred':56} │"
    assert drawn[2] == f"│ {'Waiting for @ada, @U0NOBODY':56} │"
    assert drawn[-2] == f"│ {'[ Acknowledge ]':56} │"
    assert drawn[-3] == f"│ {'INC-7':56} │"


def test_a_narrow_terminal_still_gets_whole_words() -> None:
    assert draw.hanging("12:00:00  page.sent  ", "It is ada's turn", 30) == [
        "12:00:00  page.sent  It is ada's turn",
    ]
    assert draw.hanging("12:00  ", "", 80) == ["12:00"]
