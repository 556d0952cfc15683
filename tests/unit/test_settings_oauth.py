"""slack.oauth: several workspaces are configured whole, or every fault is told with its line and cure."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot import settings
from tests.unit.test_settings import ENV, complaints, written

KEYS = [Fernet.generate_key().decode() for _ in range(2)]
OWN = {
    "SLACK_SIGNING_SECRET": "hunter2",
    "PROM_SECRET": "open sesame",
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "hush",
    "TOCSIN_TOKEN_KEY": f"{KEYS[0]}, {KEYS[1]}",
}
BEFORE = 'slack: {mode: socket, channel: "#ml-oncall"}'
AFTER = 'slack: {mode: http, channel: "#ml-oncall", oauth: {url: "https://tocsin.example.com/"}, workspace: T01HOME}'
HTTP = ("tocsin", BEFORE, AFTER)
LENDING = ("estate", "timezone: Europe/Istanbul}", "timezone: Europe/Istanbul, workspace: T02ACME}")
BO = ("people", "slack: U02BO}", "slack: U02BO, workspace: T02ACME}")


def test_it_needs_no_bot_token(tmp_path: Path) -> None:
    loaded = settings.load(written(tmp_path, HTTP, LENDING, BO), OWN | {"SLACK_BOT_TOKEN": "xoxb-left-over"})
    oauth = loaded.slack.oauth
    assert oauth is not None
    assert (oauth.client_id, oauth.redirect_url) == ("1.2", "https://tocsin.example.com/slack/oauth_redirect")
    assert [key.get_secret_value() for key in oauth.keys] == KEYS
    assert loaded.slack.bot_token is None
    assert loaded.slack.workspace == "T01HOME"
    assert loaded.estate.entities["retail"].workspace == loaded.people.persons["bo"].workspace == "T02ACME"
    assert loaded.people.persons["ada"].workspace is None
    for secret in ("hush", *KEYS):
        assert secret not in repr(loaded)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SLACK_CLIENT_ID", "The client id of the app is missing."),
        ("SLACK_CLIENT_SECRET", "The environment has no SLACK_CLIENT_SECRET"),
        ("TOCSIN_TOKEN_KEY", "The environment has no TOCSIN_TOKEN_KEY"),
        ("SLACK_SIGNING_SECRET", "The environment has no SLACK_SIGNING_SECRET"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, name: str, told: str) -> None:
    env = {key: value for key, value in OWN.items() if key != name}
    (complaint,) = complaints(tmp_path, HTTP, env=env)
    assert complaint.startswith("tocsin.yaml:2: ")
    assert told in complaint


def test_a_key_that_is_none_is_told_by_its_place(tmp_path: Path) -> None:
    (complaint,) = complaints(tmp_path, HTTP, env=OWN | {"TOCSIN_TOKEN_KEY": f"{KEYS[0]},secret-key"})
    assert "Key 2 of TOCSIN_TOKEN_KEY is no key" in complaint
    assert "secret-key" not in complaint


def test_it_needs_http(tmp_path: Path) -> None:
    socket = ("tocsin", BEFORE, AFTER.replace("http,", "socket,"))
    (complaint,) = complaints(tmp_path, socket, env=ENV | OWN)
    assert "Several workspaces need mode http, and slack.mode is socket." in complaint


@pytest.mark.parametrize(
    "url", ["http://tocsin.example.com", "tocsin.example.com", "https://", "https://a b", "https://x?y"]
)
def test_the_address_is_the_bots_own(tmp_path: Path, url: str) -> None:
    (complaint,) = complaints(tmp_path, ("tocsin", BEFORE, AFTER.replace("https://tocsin.example.com/", url)), env=OWN)
    assert "`slack.oauth.url` is no https address." in complaint


def test_a_workspace_without_oauth_leads_nowhere(tmp_path: Path) -> None:
    told = complaints(tmp_path, LENDING, BO)
    assert [one.partition(":")[0] for one in told] == ["people.yaml", "estate.yaml"]
    assert all("there is no slack.oauth" in one for one in told)


def test_with_several_one_is_the_main_one(tmp_path: Path) -> None:
    unnamed = ("tocsin", BEFORE, AFTER.replace(", workspace: T01HOME", ""))
    (complaint,) = complaints(tmp_path, unnamed, LENDING, env=OWN)
    assert "not which of them is the main one" in complaint
    settings.load(written(tmp_path, unnamed), OWN)  # with one workspace only, there is nothing to name


def test_a_team_id_is_no_name(tmp_path: Path) -> None:
    (complaint,) = complaints(tmp_path, HTTP, ("people", "slack: U02BO}", "slack: U02BO, workspace: acme}"), env=OWN)
    assert "is no team id" in complaint
