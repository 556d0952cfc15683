"""A process of its own that agrees to a change when told to: `python -m tests.story.voter CONFIG CHANGE BY TICKET`."""

import asyncio
import os
import sys
from pathlib import Path

from bot import app
from bot.engine import agree
from bot.engine.desk import Desk
from bot.store import Store
from bot.testing.clock import FakeClock
from tests.story.place import START


async def main(config: str, change: str, by: str, ticket: str) -> None:
    """Say that all is ready, wait for a line, vote, and print the verdict."""
    loaded = app.load(app.Folder.of(Path(config)), dict(os.environ))
    clock = FakeClock(START)
    store = await Store.open(loaded.settings.database, clock=clock, migrate=False)
    desk = Desk(store, clock, loaded.settings, loaded.library)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    said = agree.Vote(agree.AGREE, change, by, START, "button", ticket=ticket or None)
    print((await agree.vote(desk, said)).verdict.name, flush=True)
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
