"""`tocsin demo`: the whole way in a process of its own, and a clean end whenever somebody has seen enough."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from bot.cli import draw

COMMAND = [sys.executable, "-m", "bot", "demo", "--fast"]


def started(tmp_path: Path, *more: str) -> subprocess.Popen[str]:
    """The demo, with a folder for temporary files that shows what is left behind, and a stranger's environment."""
    tmp_path.joinpath("tmp").mkdir()
    env = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "COLUMNS": "100"}
    # Tokens and addresses of the person who types may not reach what is only played.
    env |= {
        "SLACK_BOT_TOKEN": "xoxb-real",
        "DATABASE_URL": "postgresql://nowhere/real",
        "SLACK_API_URL": "http://real/",
    }
    return subprocess.Popen(
        [*COMMAND, *more], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )


def left(tmp_path: Path) -> list[Path]:
    """What the demo forgot to take along."""
    return list((tmp_path / "tmp").iterdir())


@pytest.mark.slow
def test_it_tells_the_whole_way_and_leaves_nothing(tmp_path: Path) -> None:
    with started(tmp_path) as demo:
        said, complained = demo.communicate(timeout=60)
    assert (demo.returncode, complained) == (0, "")
    assert re.search(r"202 after \d+ ms, committed: accepted 1, new 1, incidents INC-1", said)
    card = re.escape("─ #ml-retail")
    order = [
        rf"{card} · posted",
        r"Waiting for L1: @\w+",
        r"─ direct message to \w+ · posted",
        rf"{card} · edited",
        r"Waiting for L2: @\w+",
        r"only kim sees: \"I do not know you",
        r"SEV3 ACKNOWLEDGED",
        r"Held by @\w+ \(L2\)",
        r"Answered by @\w+",
        r"committed: accepted 1, resolved 1",
        r"SEV3 RESOLVED",
        r"INC-1 in the database: resolved, held by \w+",
        r"\nL2 +\w+ +slack +answered",
        r"incident\.resolved",
        r"\d+ entries read; every chain is whole\.",
        r"tocsin init",
    ]
    at = 0
    for wanted in order:
        found = re.compile(wanted).search(said, at)
        assert found, f"{wanted!r} is not told after what came before it:\n{said}"
        at = found.end()
    assert left(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130)])
def test_it_can_be_stopped_in_the_middle(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with started(tmp_path) as demo:
        assert demo.stdout
        assert any("Nobody presses anything" in line for line in demo.stdout)
        demo.send_signal(number)
        said, complained = demo.communicate(timeout=60)
    assert (demo.returncode, complained) == (code, "")
    assert said.endswith("Stopped; nothing is left behind.\n")
    assert left(tmp_path) == []


@pytest.mark.slow
def test_what_it_says_to_try_works(tmp_path: Path) -> None:
    with started(tmp_path, "--keep-running") as demo:
        assert demo.stdout
        line = next(line for line in demo.stdout if "/alerts/prom -d" in line)
        words = re.fullmatch(r" +curl -s -H '(?P<header>[^']+)' (?P<url>\S+) -d '(?P<body>[^']+)'\n", line)
        assert words, line
        name, _, value = words["header"].partition(": ")
        request = urllib.request.Request(words["url"], words["body"].encode(), {name: value})
        with urllib.request.urlopen(request) as answer:
            assert json.load(answer)["new"] == 1
        assert any("INC-2" in line for line in demo.stdout), "the new card is shown as it appears"
        demo.send_signal(signal.SIGINT)
        _, complained = demo.communicate(timeout=60)
    assert (demo.returncode, complained) == (0, "")
    assert left(tmp_path) == []


BLOCKS = [
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
