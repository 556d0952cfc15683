"""The course of a handover: drafted before the change of shift, posted at it, reminded, told to the lead, lapsed.

What is due is asked of the resolver when a job rings, not when it was put: a change by hand moves or cancels it. Each
look holds the lock of rota changes, so that neither another replica nor whoever changes the rota comes between.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.engine import disarmed, handover_kept, handover_news, handover_report, roster
from bot.engine.desk import Desk
from bot.model.handover import Handover, Standing, move
from bot.model.job import Job, Lane, NewJob
from bot.rules import handover as rule
from bot.rules import standin
from bot.rules.handover import Turn
from bot.store import Tx, handovers, jobs, overrides

DRAFT, POST, REMIND, LEAD, LAPSE = "draft", "post", "remind", "lead", "lapse"
SEEN = timedelta(days=64)  #: how far back changes by hand count for when a shift began


def bell(rota: str, at: datetime, phase: str, due: datetime) -> NewJob:
    """The wish that the handover of that change of shift comes to that phase; its key is there once."""
    # To be posted keeps people on call, so it goes before what is only told.
    lane = Lane.STATE if phase in (POST, LAPSE) else Lane.CARD
    payload = {"rota": rota, "at": at.isoformat(), "phase": phase}
    return NewJob(f"{handover_news.KIND}/{rota}/{at.isoformat()}/{phase}", handover_news.KIND, lane, due, payload)


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Do what is due of it, if it still is."""
    overrides.lock(tx)
    rota, at = str(job.payload["rota"]), datetime.fromisoformat(str(job.payload["at"]))
    found = handovers.of_shift(tx, rota, at)
    match str(job.payload["phase"]):
        case "draft":
            if tx.now < at:
                look(tx, desk, found, turn(tx, desk, rota, at))
        case "post":
            _post(tx, desk, found, turn(tx, desk, rota, at))
        case phase:
            if found and found.standing is Standing.POSTED:
                _wait(tx, desk, found, phase)


def turn(tx: Tx, desk: Desk, rota: str, at: datetime) -> Turn | None:
    """The change of shift at that very instant, if there is one now and it is to be handed over."""
    own = desk.settings
    if not own.handover.of(rota) or rota not in own.rotas:
        return None
    found = rule.change(own.rotas[rota], at, roster.changes(tx, desk, at - SEEN, at + standin.AROUND))
    return found if found and found.length >= own.handover.least else None


# Before the change


def look(tx: Tx, desk: Desk, known: Handover | None, found: Turn | None) -> None:
    """Let the draft be as the change of shift is now: made, between other people, or off."""
    if found and known is None:
        drafted = _drafted(tx, found)
        handovers.add(tx, drafted)
        _tell_drafted(tx, desk, drafted)
    elif known is None or known.standing not in (Standing.DRAFT, Standing.MOVED):
        return
    elif found is None:
        if known.standing is Standing.DRAFT:
            _off(tx, desk, known)
    elif known.standing is Standing.MOVED or not same(known, found):
        again = _sided(known, found, tx.now)
        if known.standing is Standing.MOVED:
            again = replace(again, standing=Standing.DRAFT)
        handovers.save(tx, known, again)
        gone = [name for name in known.outgoing if name not in found.outgoing]
        if known.standing is Standing.DRAFT:
            handover_news.write(tx, desk, gone, "moved_away", again)
        _tell_drafted(tx, desk, again)


def same(handover: Handover, found: Turn) -> bool:
    """Whether it is between the people who change shifts."""
    return (handover.outgoing, handover.incoming, handover.since) == (found.outgoing, found.incoming, found.since)


def _drafted(tx: Tx, found: Turn) -> Handover:
    sides = found.outgoing, found.incoming
    return Handover(handovers.next_id(tx), found.rota, found.at, found.since, *sides, Standing.DRAFT, tx.now)


def _sided(known: Handover, found: Turn, now: datetime) -> Handover:
    again = replace(known, since=found.since, outgoing=found.outgoing, incoming=found.incoming)
    return replace(again, changed_at=now, version=known.version + 1)


def _tell_drafted(tx: Tx, desk: Desk, drafted: Handover) -> None:
    handover_news.note(tx, desk, "drafted", drafted, "tocsin")
    handover_news.redraw(tx, drafted)


def _off(tx: Tx, desk: Desk, known: Handover) -> None:
    """No shift ends then any more; whoever had the draft hears of it."""
    off = move(known, Standing.MOVED, tx.now)
    handovers.save(tx, known, off)
    handover_news.note(tx, desk, "moved", off, "tocsin")
    handover_news.write(tx, desk, off.outgoing, "moved_away", off)
    handover_news.redraw(tx, off)


# At the change


def _post(tx: Tx, desk: Desk, known: Handover | None, found: Turn | None) -> None:
    """Freeze what is handed over, and keep the outgoing people on call until somebody accepts."""
    if found is None:
        look(tx, desk, known, None)
        return
    if known and known.standing not in (Standing.DRAFT, Standing.MOVED):
        return
    before = known or _drafted(tx, found)
    report = handover_report.draft(tx, desk, found.rota, found.since, found.at, tx.now)
    sided = before if same(before, found) else _sided(before, found, tx.now)
    posted = move(sided, Standing.POSTED, tx.now, posted_at=tx.now, report=report)
    _instead(tx, desk, posted)
    most = rule.over(
        desk.settings.rotas[found.rota],
        found.at,
        tx.now,
        desk.settings.handover.least,
        roster.changes(tx, desk, found.at - SEEN, tx.now + rule.LONGEST),
    )
    ids = handover_kept.keep(tx, desk, posted, most) if posted.incoming and most > tx.now else ()
    posted = replace(posted, cover=",".join(ids) or None)
    # What is said of who is paged is who really is: some of them may be away, or stood in for.
    posted = replace(posted, report={**report, "kept": list(handover_kept.still(tx, posted))})
    if known:
        handovers.save(tx, known, posted)
    else:
        handovers.add(tx, posted)
    handover_news.note(tx, desk, "posted", posted, "tocsin", late=_seconds(posted.late), covers=list(ids))
    _begin(tx, desk, posted, most)


def _begin(tx: Tx, desk: Desk, posted: Handover, most: datetime) -> None:
    """Wait for somebody to accept, unless nobody comes in, or whoever did has gone again."""
    own = desk.settings.handover
    if not posted.incoming:
        lapsed = _lapse(tx, desk, posted, "Nobody comes in.")
        handover_news.write(tx, desk, lapsed.outgoing, "vacant", lapsed)
        handover_news.tell_lead(tx, desk, "vacant", lapsed)
    elif most <= tx.now:
        _lapse(tx, desk, posted, "The shift after it was over before it could be posted.")
    else:
        bells = {REMIND: tx.now + own.remind, LEAD: tx.now + own.lead, LAPSE: most}
        wanted = [bell(posted.rota, posted.at, *one) for one in bells.items() if one[1] < most or one[0] == LAPSE]
        jobs.put(tx, *wanted)
        disarmed.ask(tx, tx.now)
        handover_news.redraw(tx, posted)


def _instead(tx: Tx, desk: Desk, posted: Handover) -> None:
    """Only one at a time is waited for in a rota: the one before it was not accepted in its time."""
    for one in handovers.standing(tx, Standing.POSTED):
        if one.rota == posted.rota and one.at < posted.at:
            _expire(tx, desk, one)


# Until somebody accepts


def _wait(tx: Tx, desk: Desk, posted: Handover, phase: str) -> None:
    rota = roster.known(desk, posted.rota)
    now = rule.holding(rota, tx.now, roster.changes(tx, desk, tx.now, tx.now + timedelta.resolution))
    if phase == LAPSE:
        _expire(tx, desk, posted)
    elif set(posted.outgoing) <= set(now) and not set(posted.incoming) & set(now):
        back = replace(posted, report={**posted.report, "went_back": True})
        _lapse(tx, desk, back, "The shift went back to who had it.")
    elif phase == REMIND:
        after = _marked(tx, posted, replace(posted, reminded_at=tx.now))
        whose = [name for name in now if name not in posted.outgoing] or posted.incoming
        handover_news.note(tx, desk, "reminded", after, "tocsin", told=list(whose))
        handover_news.write(tx, desk, whose, "please_accept", after)
        handover_news.redraw(tx, after)
    else:
        after = _marked(tx, posted, replace(posted, lead_told_at=tx.now))
        told = handover_news.tell_lead(tx, desk, "lead_reads", after)
        handover_news.note(tx, desk, "lead_told", after, "tocsin", told=list(told))
        handover_news.redraw(tx, after)


def _marked(tx: Tx, posted: Handover, told: Handover) -> Handover:
    report = {**told.report, "kept": list(handover_kept.still(tx, posted))}
    after = replace(told, report=report, version=posted.version + 1, changed_at=tx.now)
    handovers.save(tx, posted, after)
    return after


def _expire(tx: Tx, desk: Desk, posted: Handover) -> None:
    """Nobody accepted: those who waited for it are told that it is over, and the lead that it was."""
    lapsed = _lapse(tx, desk, posted, "Nobody accepted it in time.")
    leads = handover_news.tell_lead(tx, desk, "never_accepted", lapsed)
    others = [name for name in (*lapsed.outgoing, *lapsed.incoming) if name not in leads]
    handover_news.write(tx, desk, others, "never_accepted", lapsed)


def _lapse(tx: Tx, desk: Desk, posted: Handover, why: str) -> Handover:
    lapsed = move(posted, Standing.LAPSED, tx.now)
    handovers.save(tx, posted, lapsed)
    handover_kept.release(tx, desk, lapsed, "tocsin")
    handover_news.note(tx, desk, "lapsed", lapsed, "tocsin", why)
    handover_news.redraw(tx, lapsed)
    return lapsed


def _seconds(late: timedelta | None) -> int:
    return int(late.total_seconds()) if late else 0
