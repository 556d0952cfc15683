"""The page about the commands says what the commands say."""

from tests.cli import commands_page


def test_the_page_is_as_the_commands_tell_it() -> None:
    written = commands_page.PAGE.read_text(encoding="utf-8")
    assert written == commands_page.page(), "Write it anew: python -m tests.cli.commands_page"
