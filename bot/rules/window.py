"""What makes a silence: matchers that can hold, a span of time with an end, and words why; what hits everything."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from bot.errors import BadInput
from bot.model.estate import Estate
from bot.model.matcher import Matcher
from bot.rules import matching, patterns

LONGEST = timedelta(days=30)
LATE = timedelta(minutes=1)  #: how long ago "now" may have been typed
MOST = 50  #: matchers of one silence
#: fields that no alert leaves empty
_NEVER_EMPTY = frozenset({"kind", "source", "connection", "title"})
#: what no catalogue has, so that only a matcher that takes anything takes all of these
_ODD = ("q-7f3a", "Zz 0", "4711")
_SPAN = re.compile(
    r"([0-9]{1,6})\s?(?:(m|min|mins|minutes?|dk|dakika)|(h|hrs?|hours?|sa|saat)|(d|days?|gün)|(w|weeks?|hafta))",
    re.IGNORECASE,
)
_QUOTED = r'"(?:[^"\\]|\\.)*"'
#: one matcher, wherever it stands
ONE = re.compile(rf"([A-Za-z_][\w.:/-]*)\s*(=~|!~|!=|<=|>=|=|<|>)\s*({_QUOTED}|[^\s,\"}}]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Window:
    """A silence's matchers, as the catalogue names things, and when it holds."""

    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime


def window(
    matchers: Sequence[Matcher], starts_at: datetime | None, ends_at: datetime | None, now: datetime, estate: Estate
) -> Window:
    """The window that was asked for; BadInput for one without an end, too long, in the past, or that never hits."""
    return Window(fit(matchers, estate), *when(starts_at, ends_at, now))


def when(starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """From when until when; BadInput without an end, and for what is too long, the wrong way round or in the past."""
    if ends_at is None:
        raise BadInput("A silence needs an end.", "Say for how long, as in 2h, or until when.")
    start = now if starts_at is None else starts_at
    if past(start, now):
        raise BadInput("That start lies in the past.", "Leave the start out to begin now, or choose a later one.")
    if ends_at <= now:
        raise BadInput("That end lies in the past.", "Choose one that is still to come.")
    start = max(start, now)
    if ends_at <= start:
        raise BadInput("It would end before it starts.", "Choose an end after the start.")
    if ends_at - start > LONGEST:
        raise BadInput(f"A silence lasts {LONGEST.days} days at most.", "Choose an earlier end; it can be made again.")
    return start, ends_at


def past(start: datetime, now: datetime) -> bool:
    """Whether a start lies further back than the moment it takes to say it."""
    return start < now - LATE


def moment(typed: str, zone: tzinfo, now: datetime) -> datetime:
    """The instant somebody typed: a date and time, or a time of day that is next to come, on the clocks of `zone`.

    BadInput for anything else.
    """
    said = typed.strip()
    try:
        if re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", said):
            here = now.astimezone(zone)
            at = here.replace(hour=int(said[:-3]), minute=int(said[-2:]), second=0, microsecond=0)
            return (at if at > here else at + timedelta(days=1)).astimezone(UTC)
        at = datetime.fromisoformat(said)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{said[:40]!r} is no moment.", "Write it as 2026-12-01 02:00, or 02:00.") from None


def span(typed: str) -> timedelta:
    """`90m`, `2h`, `1d` or `1w` as a length of time; BadInput for anything else."""
    found = _SPAN.fullmatch(typed.strip())
    if not found or not int(found[1]):
        raise BadInput(f"{typed.strip()[:40]!r} is no length of time.", "Write it as 90m, 2h, 1d or 1w.")
    unit = 1 if found[2] else 60 if found[3] else 24 * 60 if found[4] else 7 * 24 * 60
    return timedelta(minutes=int(found[1]) * unit)


def written(matcher: Matcher) -> str:
    """A matcher as a person writes it, quoted where it has to be; `read` takes it back."""
    value = matcher.value
    if not value or re.search(r"[\s\",{}\\]", value):
        value = '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
    return f"{matcher.field} {matcher.op} {value}"


def readable(matcher: Matcher) -> bool:
    """Whether a person can write it in one line."""
    if matcher.value.splitlines() not in ([], [matcher.value]):
        return False
    try:
        return read(written(matcher)) == (matcher,)
    except BadInput:
        return False


def read(typed: str) -> tuple[Matcher, ...]:
    """The matchers in what somebody typed, one after the other, with commas or lines between; braces are passed over.

    BadInput names what is none, an unknown field, and a pattern that could run away.
    """
    found, at = [], 0
    while at < len(typed):
        if typed[at].isspace() or typed[at] in ",{}":
            at += 1
            continue
        one = ONE.match(typed, at)
        if one is None:
            raise BadInput(
                f"{typed[at : at + 40]!r} is no condition.", 'Write one a line, as in: model = churn, or: title = "a b"'
            )
        found.append(matching.parse(one[0]))
        at = one.end()
    return tuple(found)


def everything(matchers: Iterable[Matcher], estate: Estate) -> bool:
    """Whether no alert could escape: there is no matcher at all, or each takes whatever its field may hold."""
    return all(all(_takes(matcher, value) for value in _values(matcher.field, estate)) for matcher in matchers)


def _values(field: str, estate: Estate) -> tuple[str, ...]:
    if closed := matching.CLOSED.get(field):
        return closed
    models = estate.models.values()
    named = {
        "model": tuple(estate.models),
        "entity": tuple(estate.entities),
        "model.team": tuple({model.team for model in models}),
        "environment": ("production", "staging"),
    }
    return (*named.get(field, ()), *_ODD, *(() if field in _NEVER_EMPTY else ("",)))


def fit(matchers: Sequence[Matcher], estate: Estate) -> tuple[Matcher, ...]:
    """The matchers by the names of the catalogue; BadInput where one is none, or all of them can never hold at once."""
    if len(matchers) > MOST:
        raise BadInput(f"A silence has {MOST} matchers at most.", "Make two of it, or use a pattern: =~ a|b.")
    named = tuple(dict.fromkeys(_named(_sound(matcher), estate) for matcher in matchers))
    known = {m.field: m.value for m in named if m.op == "="}
    model = estate.models.get(known.get("model", ""))
    told = known
    if model is not None:
        catalogued = (model.entity, model.kind, model.team, model.criticality)
        told = known | dict(zip(("entity", "model.kind", "model.team", "criticality"), catalogued, strict=True))
    for matcher in named:
        value = told.get(matcher.field)
        if value is not None and not _takes(matcher, value):
            what = f"This can never hold: {written(matcher)}, while {matcher.field} is {value!r} at once."
            raise BadInput(what, "Take one of the two out; all matchers of a silence must hold.")
    return named


def _sound(matcher: Matcher) -> Matcher:
    """The matcher; BadInput unless `matching` could have read it."""
    if not matching.known(matcher.field):
        raise BadInput(f"There is no field {matcher.field[:60]!r}.", f"Known are: {', '.join(matching.FIELDS)}.")
    if matcher.op not in matching.OPERATORS or len(matcher.value) > patterns.LONGEST:
        raise BadInput(f"{str(matcher)[:60]!r} is no condition.", "Write it as in: model = churn")
    if matcher.op in ("=~", "!~"):
        patterns.compiled(matcher.value)
    elif matcher.op not in ("=", "!="):
        matching.parse(f"{matcher.field} {matcher.op} {matcher.value}")
    elif matcher.value not in matching.CLOSED.get(matcher.field, (matcher.value,)):
        known = ", ".join(value for value in matching.CLOSED[matcher.field] if value)
        raise BadInput(f"{matcher.field} is never {matcher.value[:60]!r}.", f"It is one of: {known}.")
    return matcher


def _named(matcher: Matcher, estate: Estate) -> Matcher:
    """By the name of the catalogue where a monitor's own name for a model was given."""
    model = estate.find(matcher.value) if matcher.field == "model" and matcher.op in ("=", "!=") else None
    return replace(matcher, value=model.name) if model else matcher


def _takes(matcher: Matcher, text: str) -> bool:
    """Whether a field that holds `text` meets the matcher."""
    match matcher.op:
        case "=":
            return _alike(text, matcher.value)
        case "!=":
            return not _alike(text, matcher.value)
        case "=~" | "!~":
            found = patterns.compiled(matcher.value)(text[: patterns.LONGEST]) is not None
            return found == (matcher.op == "=~")
    return matching.compares(text, matcher.op, float(matcher.value))


def _alike(text: str, value: str) -> bool:
    """The same words, or the same number."""
    try:
        return text == value or float(text) == float(value)
    except ValueError:
        return False
