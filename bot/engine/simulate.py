"""What a changed configuration would have paged: the same alerts played by both, and the difference in pages."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.engine import declare, difference, playing, shelf, storm
from bot.engine.difference import Difference
from bot.engine.playing import Crew, Rules, Score, Word
from bot.errors import BadInput
from bot.model.alert import Alert, KeptAlert, Status
from bot.store import Store, Tx, history, overrides, silences

MOST = 5_000  #: alerts that are played
REPEATS = 20  # of one alert that are played; no rule looks further back

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Heard:
    """What is played, when its first and its last word came, and what of it is not as it was."""

    score: Score
    since: datetime
    until: datetime
    alerts: int
    unknown: tuple[str, ...]


async def compare(heard: Heard, before: Rules, after: Rules, crew: Crew, tell: Tell) -> Difference:
    """Play it by both; the same words and rules give the same difference, whenever it is asked for.

    `tell` hears which run it is, how many words are played, and of how many.
    """
    old = await playing.play(heard.score, before, crew, lambda done, all_: tell("before", done, all_))
    new = await playing.play(heard.score, after, crew, lambda done, all_: tell("after", done, all_))
    said: dict[str, Alert] = {}
    for word in heard.score.words:
        said.setdefault(word.alert.problem, word.alert)
    return difference.between(said, old, new)


async def kept(store: Store, since: datetime, until: datetime, answer_after: timedelta | None) -> Heard:
    """What the database kept of `[since, until)`. BadInput: nothing at all, or more than MOST."""
    return await store.read(lambda tx: _from_store(tx, since, until, answer_after))


def given(words: Sequence[Word], answer_after: timedelta | None, unknown: Iterable[str] = ()) -> Heard:
    """What deliveries somebody kept say, in their order. BadInput: nothing at all, or more than MOST."""
    alerts = len({word.alert.episode for word in words})
    _bounded(len(words), "Give fewer files.", "Nothing in these files can be read as an alert.")
    since, until = words[0].at, words[-1].at
    said = (*unknown, _answered(answer_after), _NO_RULES)
    return Heard(Score(tuple(words), since, answer_after=answer_after), since, until, alerts, said)


def _from_store(tx: Tx, since: datetime, until: datetime, answer_after: timedelta | None) -> Heard:
    episodes = [one for one in history.heard(tx, since, until, MOST + 1) if _monitors(one.alert)]
    fresh = [one for one in episodes if one.first_seen_at >= since]
    _bounded(len(episodes), "Take a shorter --since.", "No alert came in that span.", some=len(fresh))
    words = sorted((word for one in fresh for word in _words(one, until)), key=lambda word: word.at)
    older = tuple(_firing(one) for one in episodes if one.first_seen_at < since)
    by_hand = tuple(overrides.active(tx, since, until + playing.TAIL))
    stood = tuple(s for s in reversed(silences.listing(tx, limit=MOST)) if s.until > since and s.made_at < until)
    lost = sum(1 for entry in history.noted(tx, ["alert.released"], since, MOST) if entry.why == shelf.RESOLVED)
    score = Score(tuple(words), since, older, stood, by_hand, answer_after)
    return Heard(score, words[0].at, words[-1].at, len(fresh), _unknown(fresh, older, lost, answer_after))


def _bounded(count: int, fewer: str, nothing: str, some: int | None = None) -> None:
    if count > MOST:
        raise BadInput(f"More than {MOST} alerts came; simulate plays {MOST} at most.", fewer)
    if not (count if some is None else some):
        raise BadInput(nothing, "Take a longer --since, or give a folder of deliveries with --alerts.")


def _words(one: KeptAlert, until: datetime) -> list[Word]:
    """An episode as its monitor told it: its beginning, its repeats at even distances, and its end."""
    firing, last = _firing(one), min(one.last_seen_at, until)
    count = min(one.repeats, REPEATS)
    pause = (last - one.first_seen_at) / count if count else timedelta(0)
    words = [Word(one.first_seen_at + pause * n, firing) for n in range(count + 1)]
    # A newer episode of the same problem ends this one by itself when it is played.
    if one.status is Status.RESOLVED and one.ended_at is not None and one.last_seen_at > one.first_seen_at:
        over = replace(one.alert, status=Status.RESOLVED, ended_at=one.ended_at, evaluated_at=None)
        words.append(Word(max(last, words[-1].at), over))
    return words


def _monitors(alert: Alert) -> bool:
    """Whether a monitor said it: neither our own storms, which break anew, nor what somebody declared by hand."""
    return (alert.source, alert.connection) != (storm.SOURCE, storm.CONNECTION) and alert.source != declare.SOURCE


def _firing(one: KeptAlert) -> Alert:
    """Its first word; when its monitor looked is kept of the last breach alone, so nothing is said of it."""
    return replace(one.alert, status=Status.FIRING, ended_at=None, evaluated_at=None)


_NO_RULES = "Silences, and changes of a rota by hand, are not in such files: none is played."


def _answered(after: timedelta | None) -> str:
    if after is None:
        return "Answers: nobody ever answers, so every page climbs to the end."
    return (
        f"Answers: whoever is paged takes it after {after.total_seconds() / 60:g} min; who really did is not looked at."
    )


def _unknown(
    fresh: Sequence[KeptAlert], older: Sequence[Alert], lost: int, answer_after: timedelta | None
) -> tuple[str, ...]:
    """What is not as it was, in words."""
    found = [_answered(answer_after)]
    if repeats := sum(one.repeats for one in fresh):
        found.append(
            f"Repeats: {repeats} were only counted; up to {REPEATS} of each alert are played at even distances."
        )
    if older:
        found.append(
            f"Before: {len(older)} alerts fired already; their incidents are taken as somebody's, and not counted."
        )
    if lost:
        found.append(f"Held: {lost} alerts resolved while they were held; those are not kept, so they are not played.")
    found.append("Deliveries: alerts are played as they were read then; a change of a connection shows in nothing.")
    return tuple(found)
