"""Postmortems as canvases of Slack: what is written there, who may read it, and every way to be refused."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from bot.contract import Context, Health, NotDelivered
from bot.testing.exporters import TEXT, document
from bot.testing.far_end import WAIT, Behaviour, FarEnd
from plugins.canvas import markdown
from plugins.canvas.exporter import Canvases
from plugins.canvas.settings import CanvasSettings
from tests.plugins.easels import CHANNEL, Easel

TOKEN = "xoxb-secret-enough-91"


@pytest.fixture
async def easel() -> AsyncIterator[Easel]:
    async with FarEnd() as far:
        yield Easel(far, ("authorization", f"Bearer {TOKEN}"))


def canvases(easel: Easel, **options: Any) -> Canvases:
    given = {"url": f"{easel.far.url}/api", "token": TOKEN, "channel": CHANNEL, **options}
    return Canvases(CanvasSettings.model_validate(given), Context("canvases"))


async def refused(easel: Easel, **options: Any) -> NotDelivered:
    with pytest.raises(NotDelivered) as caught:
        await canvases(easel, **options).put(document())
    assert TOKEN not in f"{caught.value} {caught.value!r}"
    return caught.value


async def test_a_canvas_is_given_to_the_channel_to_read(easel: Easel) -> None:
    stands = await canvases(easel).put(document())
    canvas = easel.files[stands.reference]
    assert canvas["title"] == "PM-7: Scores fell"
    assert easel.readers == {stands.reference: ("read", CHANNEL)}
    assert stands.link == canvas["permalink"]
    assert "# PM\\-7\\: Scores fell" in canvas["markdown"]
    assert "[the run](https://runs.example/7)" in canvas["markdown"]
    assert "| first bad | detected | 12 |" in canvas["markdown"]


async def test_a_newer_version_replaces_it_and_sends_no_picture_twice(easel: Easel) -> None:
    first = await canvases(easel).put(document())
    again = await canvases(easel).put(
        document(version=2, title="Another title", markdown=TEXT.replace("0.42", "0.57"), reference=first.reference)
    )
    assert again.reference == first.reference
    canvas = easel.files[first.reference]
    assert (canvas["title"], "0.57" in canvas["markdown"]) == ("PM-7: Another title", True)
    assert len(easel.uploads) == 1


async def test_a_canvas_that_is_gone_is_made_anew(easel: Easel) -> None:
    first = await canvases(easel).put(document())
    del easel.files[first.reference]
    again = await canvases(easel).put(document(reference=first.reference))
    assert again.reference != first.reference


def test_nothing_in_it_mentions_or_embeds() -> None:
    words = (
        "<!channel> <@U01ADA> @here ![](@U01ADA) ![](#C01) :fire: http://evil.example `a` [x](https://y.example/(z))"
    )
    drawn = markdown.of(f"{words}\n\n- [ ] {words}\n\n| {words} |\n|---|\n| a \\| b |\n", {})
    bare = drawn.replace("\\\\", "")
    assert "![" not in bare.replace("\\![", "").replace("!\\[", "")
    assert "<!" not in bare
    assert "<@" not in bare
    assert "http\\://evil.example" in bare
    assert "[x](https://y.example/%28z%29)" in bare
    assert "a \\| b" in bare


def test_its_limits() -> None:
    table = "| a | b | c |\n|---|---|---|\n" + "\n".join(f"| {n} | x | y |" for n in range(250))
    drawn = markdown.of(table, {})
    assert drawn.count("| a | b | c |") == 3
    assert all(f"| {n} | x | y |" in drawn for n in range(250))
    assert len(markdown.of("word " * 30_000 + "\n\n" + "\n\n".join(["ş" * 5_000] * 120), {}).encode()) < 1_000_000
    fenced = markdown.of("````\n```\nx\n````\n", {})
    assert fenced == "````\n```\nx\n````\n"


@pytest.mark.parametrize(
    ("error", "retry"),
    [
        ("missing_scope", False),
        ("canvas_creation_failed", False),
        ("ratelimited", True),
        ("internal_error", True),
        ("free_teams_cannot_create_non_tabbed_canvases", False),
    ],
)
async def test_what_slack_says_decides_whether_to_try_again(easel: Easel, error: str, retry: bool) -> None:
    easel.once.append(
        lambda method, path: (
            (200, {"ok": False, "error": error, "needed": "canvases:write"})
            if path.endswith("canvases.create")
            else None
        )
    )
    found = await refused(easel)
    assert found.retry is retry
    assert error in str(found)


async def test_a_channel_that_is_none_is_told(easel: Easel) -> None:
    error = await refused(easel, channel="C0OTHER")
    assert (error.retry, "invite" in error.do) == (False, True)
    assert len(await easel.texts("PM-7")) == 1
    await canvases(easel).put(document())  # the one that stands there is found again
    assert len(await easel.texts("PM-7")) == 1


async def test_a_busy_slack_says_when(easel: Easel) -> None:
    easel.far.behaviour = Behaviour.BUSY
    error = await refused(easel)
    assert (error.retry, error.after) == (True, WAIT)
    (row,) = await canvases(easel).check()
    assert row.health is Health.UNKNOWN


@pytest.mark.parametrize("options", [{"channel": "#ml-oncall"}, {"url": "ftp://x"}, {"channel": "C1?x"}])
def test_settings_that_are_none(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CanvasSettings.model_validate({"token": TOKEN, "channel": CHANNEL, **options})
