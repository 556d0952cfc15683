"""The rows about the database: whether it answers, its migrations, and what waits in it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.cli import place, say
from bot.cli.doctor.rows import look, row
from bot.errors import BadInput, StoreDown

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.slack.examine import Row
    from bot.store import Tx
    from bot.store.vitals import Vitals

LATE = timedelta(seconds=60)  # a job that waits so long waits for a worker
MUCH = 20  # alerts held by one silence
DAY = timedelta(days=1)


def rows(settings: "Settings") -> "tuple[Vitals | None, list[Row]]":
    """How it is (None where it does not answer), and the rows about itself and its schema."""
    from bot.clock import SystemClock
    from bot.store import vitals

    try:
        place.there(settings.database)
        found = vitals.look(settings.database, SystemClock())
    except (StoreDown, BadInput) as error:
        return None, [row("database", "missing", error.what, error.do)]
    name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[found.dialect]
    return found, [row("database", "ok", f"{name} answers; {found.size / 1e6:.1f} MB."), _migrations(found)]


def _migrations(found: "Vitals") -> "Row":
    if found.revision == found.needed:
        return row("migrations", "ok", f"{found.revision}, as this version needs it.")
    if found.revision and found.revision > found.needed:
        what = f"It is at {found.revision}, which is newer than this version ({found.needed})."
        return row("migrations", "missing", what, "Start the version that wrote it, or restore an older copy.")
    what = f"It is at {found.revision or 'none'}, this version needs {found.needed}."
    return row("migrations", "missing", what, "Take a backup, then run `tocsin migrate`.")


def waiting(tx: "Tx", settings: "Settings", now: datetime) -> "Iterator[Row]":
    """What waits in it that somebody should look at."""
    from bot.store import jobs, letters

    oldest = jobs.next_due(tx)  # what a worker has in hand waits for nobody
    if oldest and now - oldest > LATE:
        what = f"The oldest job has been due since {say.when(oldest)}."
        yield look("jobs", what, "See that a process with the role worker runs: `tocsin serve`.")
    if count := letters.count(tx):
        yield look("dead letters", f"{count} messages could not be read.", "See `tocsin replay --list`.")
    yield from _heartbeats(tx, settings)
    yield from _silences(tx, now)
    yield _role(tx)


def _role(tx: "Tx") -> "Row":
    """Whether whoever runs the bot could change the log."""
    from bot.store import roles

    what = "audit: database role"
    if tx.dialect != "postgresql":
        return row(what, "ok", "SQLite knows no roles; checkpoints kept elsewhere are what shows a change of the log.")
    if able := roles.powers(tx.sql):
        do = "Run the bot as a role of its own: `tocsin migrate --grant ROLE`; see docs/audit.md."
        return look(what, f"It could change the log: {', '.join(able)}.", do)
    return row(what, "ok", "It can add to the log, and cannot change it.")


def _heartbeats(tx: "Tx", settings: "Settings") -> "Iterator[Row]":
    from bot.store import heartbeats

    heard = {pulse.name for pulse in heartbeats.every(tx) if pulse.beat_at}
    if never := [one.name for one in settings.heartbeats if one.name not in heard]:
        do = "Let their jobs call POST /heartbeats/NAME, or take them out of config/tocsin.yaml."
        yield look("heartbeats never heard", ", ".join(never), do)


def _silences(tx: "Tx", now: datetime) -> "Iterator[Row]":
    from bot.store import held, silences

    for one in silences.standing(tx, now):
        if not one.active(now) or one.shadow:
            continue
        holds = len(held.held_by(tx, one.id, limit=MUCH + 1))
        ends = one.until - now <= DAY
        if holds > MUCH or (ends and holds):
            much = f"more than {MUCH}" if holds > MUCH else str(holds)
            what = f"By {one.by}, until {say.when(one.until)}; it holds {much} alerts: {one.why}"
            do = "They page when it ends: mend what fires, or make it longer." if ends else "Is it too wide?"
            yield look(f"{one.what} {one.id}", what, do)
