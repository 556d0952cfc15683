"""Opsgenie's own Python client, in a corner of its own: it brings old libraries that are no part of what runs here."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import orjson

from tests.parts import Missing

HOME = Path(__file__).resolve().parents[2] / ".venv" / ".opsgenie"
GET = "Get it with: make .venv/.opsgenie"

#: Runs in the client's own Python: reads [method, arguments, body's class and fields] and prints what came back.
DRIVER = """
import json, sys
import opsgenie_sdk as sdk
asked = json.load(sys.stdin)
own = sdk.configuration.Configuration()
own.host, own.retry_enabled = asked["url"], False
own.api_key["Authorization"] = asked["key"]
api = sdk.AlertApi(sdk.ApiClient(configuration=own))
told = []
for method, given, body in asked["calls"]:
    given = dict(given)
    if body:
        kind, fields, name = body
        given[name] = getattr(sdk, kind)(**fields)
    try:
        answer = getattr(api, method)(**given)
        told.append({"ok": True, "body": api.api_client.sanitize_for_serialization(answer)})
    except sdk.exceptions.OpenApiException as error:
        told.append({"ok": False, "kind": type(error).__name__, "status": getattr(error, "status", None)})
json.dump(told, sys.stdout)
"""

Call = tuple[str, dict[str, Any], tuple[str, dict[str, Any], str] | None]


def python() -> Path:
    """The Python that has the client; Missing says how to get it."""
    found = HOME / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not found.exists():
        raise Missing(f"Opsgenie's client is not on this machine. {GET}")
    return found


async def drive(url: str, key: str, *calls: Call) -> list[dict[str, Any]]:
    """What the client says to each call, in order: `ok` and `body`, or `kind` and `status` of its error."""
    process = await asyncio.create_subprocess_exec(
        python(), "-c", DRIVER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate(orjson.dumps({"url": url, "key": key, "calls": calls}))
    assert process.returncode == 0, "Opsgenie's client broke; its traceback stands above."
    answers: list[dict[str, Any]] = orjson.loads(said)
    return answers
