"""Every outside library has one home, so that exchanging it is the work of one room."""

import sys
from pathlib import Path

from tests.house import source

HOMES: dict[str, tuple[str, ...]] = {
    "slack_bolt": ("bot.slack",),
    "slack_sdk": ("bot.slack",),
    "aiohttp": ("bot.slack", "bot.sandbox"),
    "markdown_it": ("bot.slack", "bot.runbooks", "bot.contract"),
    "cryptography": ("bot.slack", "bot.rules"),
    "sqlmodel": ("bot.store",),
    "sqlalchemy": ("bot.store",),
    "alembic": ("bot.store",),
    "psycopg": ("bot.store",),
    "psycopg_pool": ("bot.store",),
    "apscheduler": ("bot.ticker",),
    "starlette": ("bot.web", "bot.sandbox"),
    "uvicorn": ("bot.web", "bot.sandbox"),
    "jinja2": ("bot.runbooks",),
    "numpy": ("bot.drift", "bot.rules", "bot.sandbox.estate", "plugins"),
    "matplotlib": ("bot.charts",),
    "PIL": ("bot.charts",),
    "httpx": ("bot.contract",),
    "ruamel": ("bot.documents",),
    "structlog": ("bot.telemetry",),
    "prometheus_client": ("bot.telemetry",),
    "typer": ("bot.cli",),
    "uvloop": ("bot.app", "bot.sandbox"),
    "re2": ("bot.rules",),
    "icalendar": ("bot.engine",),
    "recurring_ical_events": ("bot.engine",),
    "holidays": ("bot.rules",),
    "aiosmtplib": ("plugins",),
}
ANYWHERE = {"orjson", "pydantic"}
# Lent by one module, so that a plugin takes its client from the contract and never from the library.
ONE_MODULE = {"httpx"}


def strangers(root: Path) -> list[str]:
    """Imports of outside libraries away from their homes, and of libraries that have none."""
    found = []
    holders: dict[str, set[str]] = {library: set() for library in ONE_MODULE}
    for module in source.modules(root):
        for imported, line in module.imports():
            library = imported.split(".")[0]
            if library in sys.stdlib_module_names or library in source.OURS or library in ANYWHERE:
                continue
            homes = HOMES.get(library)
            if homes is None:
                found.append(
                    f"{module.path}:{line} {module.name} imports {library}, which has no home: give it one in HOMES."
                )
            elif not any(f"{module.name}.".startswith(f"{home}.") for home in homes):
                found.append(
                    f"{module.path}:{line} {module.name} imports {library}, which lives in {' and '.join(homes)} alone."
                )
            elif library in ONE_MODULE:
                holders[library].add(module.name)
    found += [
        f"{' and '.join(sorted(names))} both import {library}; one module lends it to the rest."
        for library, names in holders.items()
        if len(names) > 1
    ]
    return found


def test_every_library_is_at_home() -> None:
    found = strangers(source.ROOT)
    assert not found, "\n".join(found)


def test_a_library_away_from_home_is_named(tmp_path: Path) -> None:
    source.plant(
        tmp_path,
        {
            "bot/engine/page.py": "import json\nimport slack_sdk\n",
            "bot/engine/intake.py": "import typing\nif typing.TYPE_CHECKING:\n    from sqlmodel import Session\n",
            "bot/slack/poster.py": "from slack_sdk.web.async_client import AsyncWebClient\nimport orjson\n",
            "bot/slackish.py": "def f():\n    import slack_bolt.async_app\n",
            "plugins/a/client.py": "import requests\n",
        },
    )
    assert strangers(tmp_path) == [
        "bot/engine/intake.py:3 bot.engine.intake imports sqlmodel, which lives in bot.store alone.",
        "bot/engine/page.py:2 bot.engine.page imports slack_sdk, which lives in bot.slack alone.",
        "bot/slackish.py:2 bot.slackish imports slack_bolt, which lives in bot.slack alone.",
        "plugins/a/client.py:1 plugins.a.client imports requests, which has no home: give it one in HOMES.",
    ]


def test_a_library_of_one_module_has_one_only(tmp_path: Path) -> None:
    source.plant(tmp_path, {"bot/contract/http.py": "import httpx\n"})
    assert strangers(tmp_path) == []
    source.modules.cache_clear()
    source.plant(tmp_path, {"bot/contract/guard.py": "import httpx\n"})
    assert strangers(tmp_path) == [
        "bot.contract.guard and bot.contract.http both import httpx; one module lends it to the rest."
    ]
