"""The workspace as a program of its own: prints one JSON line with its address and tokens, and runs until stopped."""

import argparse
import asyncio
import json
import os
import signal
from pathlib import Path

from bot.sandbox.workspace.limits import Limits
from bot.sandbox.workspace.nouns import ALL_EVENTS, EVENTS, App, UserGroup
from bot.sandbox.workspace.permits import Secrets
from bot.sandbox.workspace.workspace import Workspace, seeded
from bot.slack import manifest

NAMES = {
    "bot_token": "SLACK_BOT_TOKEN",
    "app_token": "SLACK_APP_TOKEN",
    "signing_secret": "SLACK_SIGNING_SECRET",
    "control_token": "WORKSPACE_CONTROL_TOKEN",
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.workspace", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; a free one when 0")
    parser.add_argument("--no-limits", action="store_true", help="never answer 429")
    parser.add_argument("--burst", type=int, default=3, help="messages a channel takes at once")
    parser.add_argument("--state", type=Path, help='a JSON file: {"people": [...], "channels": [...], "groups": [...]}')
    parser.add_argument("--all-events", action="store_true", help="send every event there is")
    parser.add_argument("--request-url", help="deliver by signed HTTP to this address instead of Socket Mode")
    return parser.parse_args()


async def _run(options: argparse.Namespace) -> None:
    seed = (
        json.loads(options.state.read_text()) if options.state else {"people": ["ada", "bo"], "channels": ["ml-oncall"]}
    )
    people, channels = seeded(seed)
    given = {name: os.environ[variable] for name, variable in NAMES.items() if os.environ.get(variable)}
    workspace = Workspace(
        people=people,
        channels=channels,
        limits=Limits.off() if options.no_limits else Limits(post_burst=options.burst),
        request_url=options.request_url,
        app=(App(events=ALL_EVENTS if options.all_events else EVENTS), Secrets(**given)),
    )
    workspace.about = {"manifest": manifest.manifest("socket")}
    for group in seed.get("groups", []):
        workspace.add_group(UserGroup(**group) if isinstance(group, dict) else group)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await workspace.start(options.port)
    told = {name: getattr(workspace, name) for name in ("url", "origin", *NAMES, "bot_user", "team_id")}
    told["page"] = f"{workspace.origin}/#key={workspace.control_token}"
    print(json.dumps(told), flush=True)
    await stopped.wait()
    await workspace.stop()


if __name__ == "__main__":
    asyncio.run(_run(_options()))
