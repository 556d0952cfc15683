"""The watch over the pages sees what it is there for, and a machine without Chromium is told how to get it."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Route

from tests.browser.watch import Watch
from tests.parts import Missing, chromium

HOME = "http://127.0.0.1:9"


async def watched(browser: Browser, script: str) -> Watch:
    """A page with this script was opened and is closed again."""
    watch = Watch()
    context = await browser.new_context()
    watch.over(context)

    async def serve(route: Route) -> None:
        home = route.request.url == f"{HOME}/"
        body = f"<!doctype html><title>Home</title><link rel=icon href=data:,><script>{script}</script>" if home else ""
        await route.fulfill(body=body, content_type="text/html")

    await context.route("**/*", serve)
    page = await context.new_page()
    await page.goto(f"{HOME}/", wait_until="load")
    await context.close()
    return watch


async def test_an_error_nobody_caught_is_seen(browser: Browser) -> None:
    watch = await watched(browser, "throw new Error('no such card')")
    assert watch.faults == ["page error: no such card"]


async def test_an_error_in_the_console_is_seen_and_a_remark_is_not(browser: Browser) -> None:
    watch = await watched(browser, "console.log('fine'); console.error('not fine')")
    assert len(watch.faults) == 1
    assert watch.faults[0].startswith(f"console: not fine ({HOME}/")


async def test_a_request_that_leaves_the_page_is_seen(browser: Browser) -> None:
    script = "new Image().src = 'http://192.0.2.1/beacon.gif'; new Image().src = '/own.gif'; new Image().src = 'data:,'"
    watch = await watched(browser, script)
    assert watch.faults == ["request to another origin: GET http://192.0.2.1/beacon.gif"]


async def test_what_a_test_brings_about_is_forgiven(browser: Browser) -> None:
    watch = await watched(browser, "console.error('refused: 400'); console.error('other')")
    watch.forgive(r"refused: \d+")
    assert [fault.split(" (")[0] for fault in watch.unforgiven] == ["console: other"]


def test_a_machine_without_chromium_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Missing, match="apt-get install chromium"):
        chromium.program()
    other = tmp_path / "google-chrome"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    assert chromium.program() == str(other)
