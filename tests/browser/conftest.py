"""A real Chromium for the tests of the page: one a run, a fresh context a test, and no error left unseen.

TOCSIN_ARTIFACTS names a folder for the screenshots; without it they go to pytest's own temporary folder.
"""

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.browser.house import Browsed, opened
from tests.browser.watch import Watch
from tests.parts import Missing, chromium

PATIENCE = 15_000  #: milliseconds until what should be on the page is missed; two cores may be shared by many
FAILED = pytest.StashKey[bool]()
NewPage = Callable[..., Awaitable[Page]]
Shoot = Callable[[Page, str], Awaitable[None]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs Chromium; one that waits runs in the loop of the session, where the browser lives."""
    for item in items:
        if "tests/browser/" not in item.path.as_posix():
            continue
        item.add_marker("browser")
        if isinstance(item, pytest.Function) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Notes that a test failed, so that its page is kept before it is closed."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go."""
    named = os.environ.get("TOCSIN_ARTIFACTS")
    folder = Path(named) if named else tmp_path_factory.getbasetemp() / "artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A Chromium of this test run; skips where there is none to start."""
    try:
        program = chromium.program()
    except Missing as missing:
        pytest.skip(str(missing))
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program, args=chromium.arguments())
        yield running
        await running.close()


@pytest.fixture
def watch() -> Watch:
    """What goes wrong in the pages of this test."""
    return Watch()


@pytest_asyncio.fixture(loop_scope="session")
async def new_page(
    browser: Browser, watch: Watch, artifacts: Path, request: pytest.FixtureRequest
) -> AsyncIterator[NewPage]:
    """Opens a page in a context of its own (`viewport`, `color_scheme`, `timezone_id`, ...): another person's browser.

    A test that fails leaves a screenshot and a trace of each; one whose pages had an error fails.
    """
    contexts: list[BrowserContext] = []

    async def new(**options: object) -> Page:
        context = await browser.new_context(**{"locale": "en-GB", "timezone_id": "Europe/Istanbul"} | options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        await context.tracing.start(screenshots=False, snapshots=True)
        contexts.append(context)
        return await context.new_page()

    yield new
    failed = request.node.stash.get(FAILED, False) or bool(watch.unforgiven)
    name = re.sub(r"\W+", "-", request.node.name)
    for number, context in enumerate(contexts):
        kept = artifacts / f"failed-{name}-{number}"
        if failed and context.pages:
            await context.pages[0].screenshot(path=f"{kept}.png", full_page=True)
        await context.tracing.stop(path=f"{kept}.zip" if failed else None)
        await context.close()
    assert not watch.unforgiven, "\n".join(watch.unforgiven)


@pytest_asyncio.fixture(loop_scope="session")
async def page(new_page: NewPage) -> Page:
    """A desk-sized window."""
    return await new_page(viewport={"width": 1280, "height": 800})


@pytest.fixture
def shoot(artifacts: Path) -> Shoot:
    """Keeps a picture of what a page shows, for somebody to look at."""

    async def shot(page: Page, name: str) -> None:
        await page.screenshot(path=artifacts / f"{name}.png")

    return shot


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path) -> AsyncIterator[Browsed]:
    """The bot runs over a workspace that listens."""
    async with opened(tmp_path) as one:
        yield one
