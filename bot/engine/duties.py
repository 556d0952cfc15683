"""What the engine does by itself when its time has come: every kind of job, and who does it."""

from bot.engine import (
    apply,
    ask,
    blast,
    calm,
    digest,
    escalate,
    expire,
    heartbeat,
    intake,
    knock,
    lapse,
    ledger,
    nudge,
    page,
    release,
    review,
    snooze,
    storm,
    trial,
    trial_run,
    trial_schedule,
    trial_trigger,
    verify,
    waysback,
    windows,
    work,
)
from bot.engine.desk import Desk


def of(desk: Desk) -> dict[str, work.Handler]:
    """By the kind of job; all others draw, tell or tidy up."""
    beats, ways = heartbeat.Heartbeats(desk), waysback.WaysBack(desk)
    return {
        "step": work.inside(desk, escalate.ring),
        "page": page.Pages(desk).send,
        "wake": work.inside(desk, snooze.ring),
        "release": work.inside(desk, lambda tx, its, job: release.ring(tx, its, job, again=intake.again)),
        "calm": work.inside(desk, calm.ring),
        "storm": work.inside(desk, storm.look),
        "digest": work.inside(desk, digest.tell),
        "window": work.inside(desk, windows.ring),
        "heartbeat": beats.ring,
        "heartbeats": beats.look,
        lapse.KIND: lapse.Lapses(desk).sweep,
        nudge.KIND: work.inside(desk, nudge.ring),
        apply.KIND: apply.Hands(desk).apply,
        verify.KIND: verify.Eyes(desk).look,
        ledger.KIND: ledger.Looks(desk).look,
        ask.KIND: work.inside(desk, ask.ring),
        ask.KNOCK: knock.Knocks(desk).send,
        expire.KIND: work.inside(desk, expire.ring),
        review.KIND: work.inside(desk, review.ring),
        blast.KIND: blast.Blasts(desk).take,
        waysback.SWEEP: ways.sweep,
        waysback.KIND: ways.ring,
        trial.KIND: trial_run.Trials(desk).run,
        trial_trigger.KIND: trial_trigger.Triggers(desk).ring,
        trial_schedule.KIND: trial_schedule.Schedule(desk).ring,
    }
