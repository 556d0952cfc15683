"""In which language channels are written to, and which emoji keeps a message."""

from pathlib import Path

import pytest

from bot import settings
from bot.settings import BadConfigs, Slack

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


def load(folder: Path, more: str) -> Slack:
    """The settings of Slack with these keys besides."""
    for name in ("people", "estate", "rotas"):
        (folder / f"{name}.yaml").write_text("{}\n", encoding="utf-8")
    (folder / "tocsin.yaml").write_text(f'slack: {{mode: socket, channel: "#ml-oncall"{more}}}\n', encoding="utf-8")
    return settings.load(folder, TOKENS).slack


def test_without_a_word_it_is_english_and_a_pin(tmp_path: Path) -> None:
    slack = load(tmp_path, "")
    assert (slack.language, slack.reaction) == ("en", "pushpin")


def test_both_can_be_chosen_the_emoji_with_or_without_its_colons(tmp_path: Path) -> None:
    assert load(tmp_path, ", language: tr, reaction: memo").language == "tr"
    assert load(tmp_path, ', reaction: ":memo:"').reaction == "memo"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (", language: klingon", "no language the bot speaks"),
        (", reaction: 'no emoji!'", "no name of an emoji"),
        (", reaction: ''", "no name of an emoji"),
        (", reaction: 7", "no name of an emoji"),
    ],
)
def test_what_is_none_is_refused(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(BadConfigs, match=said):
        load(tmp_path, more)
