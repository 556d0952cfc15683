"""What a card says of a version that is let in step by step, and watched once it serves. Pure."""

from bot import documents, words
from bot.engine import headline
from bot.model import canary as canaries
from bot.model.change import Change, Plan
from bot.model.watch import Watch
from bot.slack import pieces, served
from bot.slack.pieces import Json
from bot.words import Words

WHY = 400  # characters of why a watch ended so


def canary(plan: Plan, w: Words) -> list[list[Json]]:
    """Which of its steps this one is, and when the next is taken; nothing where it is none."""
    found = canaries.of(plan)
    if found is None:
        return []
    named = {"step": found.at + 1, "total": len(found.steps) + 1, "version": served.name(found.version)}
    now = words.fill(w.retrain.canary, percent=headline.number(found.share), **named)
    wait = documents.written(found.wait)
    later = [] if found.last else [pieces.say(words.fill(w.retrain.canary_next, wait=wait))]
    return [[pieces.loud(now)], later]


def watch(change: Change, found: Watch | None, w: Words) -> list[list[Json]]:
    """Until when it is watched, or how that ended; nothing where nobody watches."""
    if found is None:
        return []
    version, before = served.name(found.version), served.state(change.plan.before, w)
    if found.ended_at is None:
        metric = pieces.shorten(found.metric or "", 60)
        template = w.retrain.watching_metric if metric else w.retrain.watching
        until = pieces.when(found.until)
        return [pieces.line(template, until=until, metric=metric, version=version, before=before)]
    return [[pieces.loud(over(found, w), WHY + 100)]]


def over(watch: Watch, w: Words) -> str:
    """How a watch ended, and why."""
    ended = w.retrain.watched.get(watch.finding) or w.retrain.watched["inconclusive"]
    return words.fill(ended, version=served.name(watch.version), why=pieces.shorten(watch.why, WHY)).strip()
