"""`tocsin serve`: a real process that comes up, takes an alert, and leaves when it is told to."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.cli.conftest import Type
from tests.cli.deliveries import firing


def test_a_role_that_is_none_is_refused(typed: Type) -> None:
    assert "foo is no role" in typed("serve", "--roles", "web,foo", code=2).stderr
    assert "Nothing is no role" in typed("serve", "--roles", ",", code=2).stderr


def test_the_roles_are_those_of_the_app() -> None:
    from bot import app
    from bot.cli import serve

    assert serve.ROLES == app.ROLES


def test_an_address_that_is_taken_is_refused(typed: Type) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "--port" in typed("serve", "--port", port, "--roles", "web", code=2).stderr


def test_it_comes_up_takes_an_alert_and_leaves(typed: Type, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bot", "serve", "--json", "--port", str(port), "--config", str(folder / "config")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        up = next(event for line in running.stderr if (event := json.loads(line))["event"] == "tocsin is up")
        assert up["roles"] == ["web", "slack", "worker", "ticker"]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/alerts/prom", firing().encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 202
        running.send_signal(signal.SIGTERM)
        rest = running.stderr.read()
        assert running.wait(30) == 0, rest
    assert "Traceback" not in rest
    assert "INC-1" in typed("incident", "list").stdout
