"""The settings of what is drawn: the index, and the channels of severe incidents."""

from pathlib import Path

import pytest

from bot import settings
from tests.unit.test_settings import ENV, complaints, written

SLACK = 'slack: {mode: socket, channel: "#ml-oncall"}'


def test_without_a_word_there_is_neither_index_nor_channel(tmp_path: Path) -> None:
    slack = settings.load(written(tmp_path), ENV).slack
    assert (slack.index, slack.own_channel, slack.own_channel_prefix) == (None, (), "inc")


def test_they_are_read(tmp_path: Path) -> None:
    more = 'index: "#incidents", own_channel: [sev1, sev2], own_channel_prefix: fire'
    slack = settings.load(written(tmp_path, ("tocsin", SLACK, f"{SLACK[:-1]}, {more}}}")), ENV).slack
    assert (slack.index, slack.own_channel, slack.own_channel_prefix) == ("#incidents", ("sev1", "sev2"), "fire")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("index: incidents", "`slack.index` is no Slack channel"),
        ("own_channel: [sev9]", "`slack.own_channel[0]` must be 'sev1'"),
        ("own_channel: sev1", "`slack.own_channel`"),
        ('own_channel_prefix: "#Inc"', "`slack.own_channel_prefix`"),
        ("own_channel_prefix: " + "x" * 30, "`slack.own_channel_prefix`"),
    ],
)
def test_what_slack_would_not_take_is_refused(tmp_path: Path, wrong: str, said: str) -> None:
    (found,) = complaints(tmp_path, ("tocsin", SLACK, f"{SLACK[:-1]}, {wrong}}}"))
    assert found.startswith("tocsin.yaml:2: ")
    assert said in found
