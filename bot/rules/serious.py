"""Questions about regulatory clocks: which a regime starts, which warning is due, which one is meant; pure.

Days are calendar days and hours are hours: neither weekends nor a change of the clocks stop them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.errors import BadInput
from bot.model.serious import Clock, Duty, Regime, Standing
from bot.rules import window

HALF, THREE_QUARTERS, DUE, OVERDUE = "half", "three-quarters", "due", "overdue"
MISSED = "missed"  #: what stands beside the warnings once it was due and nobody had said that it was met
HOLDER, LEAD, WARDENS = RINGS = range(3)  #: who is paged: each ring further than the one before it
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bell:
    """One warning of one clock: what it is called, when it falls due, and how far out it reaches."""

    name: str
    at: datetime
    ring: int  #: everybody up to this ring is paged


def clocks(regime: Regime, incident: str, aware: datetime, by: str, why: str) -> tuple[Clock, ...]:
    """The clocks that a regime starts, from when somebody became aware. BadInput where that ends beyond time."""
    return tuple(
        Clock(incident, regime.name, duty.step, aware, ends(aware, duty), Standing.RUNNING, by, why)
        for duty in regime.duties
    )


def ends(aware: datetime, duty: Duty) -> datetime:
    """When a duty falls due. BadInput where that lies beyond the calendar."""
    try:
        return aware + duty.within
    except OverflowError:
        raise BadInput(f"{duty.title} would be due beyond the calendar.", "Give the moment once more.") from None


def duty(regimes: Iterable[Regime], clock: Clock) -> Duty:
    """What the clock is for; by its bare name where the configuration has lost it."""
    for regime in regimes:
        for one in regime.duties:
            if (regime.name, one.step) == (clock.regime, clock.step):
                return one
    return Duty(clock.step, f"{clock.regime}: {clock.step}", clock.due_at - clock.since)


def again(clock: Clock) -> timedelta:
    """How often it is told of once it is overdue: a sixth of its time, an hour at least and a day at most."""
    return min(DAY, max(HOUR, (clock.due_at - clock.since) / 6))


def warned(clock: Clock, now: datetime) -> Bell | None:
    """The warning that is to be given now: the latest that has come, unless it was given; those before it are past."""
    if clock.standing is not Standing.RUNNING:
        return None
    latest = max((one for one in _around(clock, now) if one.at <= now), key=lambda one: one.at, default=None)
    return latest if latest and latest.name not in clock.told else None


def following(clock: Clock, now: datetime) -> Bell | None:
    """The next warning after `now`; None where the clock does not run."""
    if clock.standing is not Standing.RUNNING:
        return None
    return min((one for one in _around(clock, now) if one.at > now), key=lambda one: one.at)


def told(clock: Clock, names: Collection[str], now: datetime) -> Mapping[str, str]:
    """What was given, with these: of those that come ever again only the last is kept."""
    kept = {name: at for name, at in clock.told.items() if not name.startswith(OVERDUE)}
    return kept | dict.fromkeys(names, now.isoformat())


def missed(clock: Clock, now: datetime) -> bool:
    """Whether its time is up, nobody has said that it was met, and that was not written down yet."""
    return clock.standing is Standing.RUNNING and now >= clock.due_at and MISSED not in clock.told


def left(clock: Clock, now: datetime) -> tuple[int, int, bool]:
    """Whole days and hours until it is due, or since; True where it is overdue."""
    over = now > clock.due_at
    span = now - clock.due_at if over else clock.due_at - now
    return span.days, span.seconds // 3600, over


def turns(clock: Clock, now: datetime) -> datetime:
    """The first moment after `now` at which `left` says something else."""
    if now > clock.due_at:
        return clock.due_at + ((now - clock.due_at) // HOUR + 1) * HOUR
    return clock.due_at - ((clock.due_at - now) // HOUR) * HOUR + timedelta(seconds=1)


def nearest(found: Iterable[Clock]) -> list[Clock]:
    """Those that run, the first to fall due first."""
    running = (clock for clock in found if clock.standing is Standing.RUNNING)
    return sorted(running, key=lambda clock: (clock.due_at, clock.regime, clock.step))


def meant(found: Sequence[Clock], typed: str, wanted: Collection[Standing]) -> Clock:
    """The clock somebody means: STEP, REGIME or REGIME/STEP; nothing where only one stands as is wanted. BadInput."""
    said = typed.strip().casefold()
    names = [clock for clock in found if said in (clock.step, clock.regime, f"{clock.regime}/{clock.step}") or not said]
    likely = [clock for clock in names if clock.standing in wanted] or names
    if len(likely) == 1:
        return likely[0]
    known = ", ".join(f"{clock.regime}/{clock.step}" for clock in (likely or found))
    if not found:
        raise BadInput("No clock of this incident runs.", "Mark it as serious first.")
    what = f"{typed.strip()[:60]!r} names none of its clocks." if not likely else "That may mean several clocks."
    raise BadInput(what, f"Name one of {known}.")


def moment(typed: str, zone: str, now: datetime) -> datetime:
    """The moment somebody typed by the clocks of `zone`; a bare time of day is the last that has come. BadInput."""
    at = window.moment(typed, ZoneInfo(zone), now)
    bare = ":" in typed and len(typed.strip()) <= len("23:59")
    return at - DAY if bare and at > now else at


def stricter(clock: Clock, other: Clock) -> bool:
    """Whether `other` leaves less time for the same duty."""
    return other.since < clock.since


def _around(clock: Clock, now: datetime) -> list[Bell]:
    """Every warning before it is due, and of those after that the last and the next."""
    span = clock.due_at - clock.since
    found = [
        Bell(HALF, clock.since + span / 2, HOLDER),
        Bell(THREE_QUARTERS, clock.since + span * 3 / 4, LEAD),
        Bell(DUE, clock.due_at, WARDENS),
    ]
    count = max(0, (now - clock.due_at) // again(clock))
    for nth in (count, count + 1):
        if nth:
            found.append(Bell(f"{OVERDUE}-{nth}", clock.due_at + nth * again(clock), WARDENS))
    return found
