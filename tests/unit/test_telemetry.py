"""No secret reaches a log line, and every metric bears our name."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot import telemetry

HIDDEN = telemetry.HIDDEN


@pytest.fixture(autouse=True)
def own_handlers() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(act, *, as_json: bool = True) -> str:
    out = io.StringIO()
    telemetry.configure(json=as_json, level="debug", stream=out)
    act()
    return out.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "xoxb-123-456-abcDEF",
        "xoxe.xoxp-1-Mi0yLT",
        "xapp-1-A0-1-deadbeef",
        "Authorization: Bearer abcdef123456",
        "Basic dXNlcjpwYXNz",
        "postgresql://tocsin:hunter2@db/tocsin",
        "https://hooks.slack.com/services/T0/B0/zzz",
        "password=hunter2",
        "client_secret: 'hunter2'",
        '{"api_key": "hunter2"}',
        "GET /x?token=hunter2&b=1",
    ],
)
def test_a_secret_in_a_text_is_hidden(text: str) -> None:
    hidden = telemetry.redacted(text)
    assert HIDDEN in hidden
    for secret in ("hunter2", "abcDEF", "Mi0yLT", "deadbeef", "abcdef123456", "dXNlcjpwYXNz", "zzz"):
        assert secret not in hidden


@pytest.mark.parametrize(
    "text", ["tokens_total rose", "https://example.com/a:b", "the password was wrong", "INC-7", ""]
)
def test_ordinary_words_stay(text: str) -> None:
    assert telemetry.redacted(text) == text


def test_secrets_are_hidden_by_their_key_at_any_depth_and_the_rest_stays() -> None:
    given = {"a": [{"slack_bot_token": "x", "n": 1, "none": None}], "Authorization": "y", "password": "", "tokens": 5}
    assert telemetry.redacted(given) == {
        "a": [{"slack_bot_token": HIDDEN, "n": 1, "none": None}],
        "Authorization": HIDDEN,
        "password": "",
        "tokens": 5,
    }


def test_what_is_nested_without_end_is_cut_off() -> None:
    endless: dict[str, object] = {}
    endless["again"] = endless
    assert HIDDEN in str(telemetry.redacted(endless))


def test_a_line_is_one_json_object_with_the_room_and_no_secret() -> None:
    log = telemetry.logger("engine")
    line = json.loads(lines(lambda: log.info("job.settled", job=7, secret="hunter2", note=b"token=hunter2")))
    assert (line["event"], line["logger"], line["level"], line["job"]) == ("job.settled", "tocsin.engine", "info", 7)
    assert line["timestamp"].endswith("Z")
    assert "hunter2" not in json.dumps(line)


def test_a_traceback_is_redacted_too() -> None:
    def act() -> None:
        try:
            raise ValueError("postgresql://u:hunter2@db")
        except ValueError:
            telemetry.logger("store").exception("store.down")

    for as_json in (True, False):
        written = lines(act, as_json=as_json)
        assert "ValueError" in written
        assert "hunter2" not in written


def test_the_logs_of_libraries_go_the_same_way() -> None:
    written = lines(lambda: logging.getLogger("slack_sdk").warning("sending with %s", "xoxb-1-hunter2"))
    assert json.loads(written)["event"] == f"sending with {HIDDEN}"


def test_lines_for_people_have_no_json() -> None:
    written = lines(lambda: telemetry.logger("cli").warning("config.reloaded", file="rotas.yaml"), as_json=False)
    assert "config.reloaded" in written
    assert "rotas.yaml" in written
    assert not written.startswith("{")


def test_before_it_is_configured_a_warning_is_already_redacted(caplog: pytest.LogCaptureFixture) -> None:
    telemetry.logger("early").warning("x", token="hunter2")
    assert "hunter2" not in caplog.text


def test_configuring_twice_writes_once() -> None:
    lines(lambda: None)
    assert lines(lambda: telemetry.logger("x").info("once")).count("once") == 1


def test_every_metric_bears_our_name_and_a_sentence() -> None:
    telemetry.ALERTS.labels("prom", "new").inc()
    text = telemetry.exposition().decode()
    assert 'tocsin_alerts_total{connection="prom",outcome="new"}' in text
    families = list(telemetry.REGISTRY.collect())
    assert all(family.name.startswith("tocsin_") and family.documentation for family in families)
    assert "_created" not in text
