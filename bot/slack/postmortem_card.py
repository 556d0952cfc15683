"""The card of a postmortem: how it stands, what the linter asks for, its follow-ups, where it was sent; pure."""

from collections.abc import Sequence
from datetime import datetime

from bot import words
from bot.engine import follow_up_news
from bot.engine.postmortem_sheet import Sheet
from bot.model.incident import FALSE_ALARM, MERGED, Incident
from bot.model.postmortem import Doing, Export, FollowUp, Postmortem, Sent, Standing
from bot.rules import following, prose
from bot.slack import buttons, cards, forms, links, lists, pieces
from bot.slack.buttons import Meant
from bot.slack.pieces import Json, Message
from bot.words import Words

POSTMORTEM = cards.POSTMORTEM  #: what its buttons mean; their detail says what of which: `refresh PM-7`
FOLLOW_UP = "follow-up"  #: the same of a follow-up: `done FU-7`
EDIT, MOVE, ADD, DROP = "postmortem-edit", "postmortem-move", "follow-up-add", "follow-up-drop"  #: forms
FINDINGS, OPEN, OVER, EXPORTS = 6, 8, 4, 6  # of each that are shown
TITLE, WHAT, WHY = 150, 240, 160  # characters


def draw(sheet: Sheet, now: datetime, w: Words) -> Message:
    """The living message in the thread of its incident's card; the answer to who asks, too."""
    one, say = sheet.postmortem, w.reviewing
    stands = standing(one, w)
    text = words.fill(say.push, incident=one.incident, standing=stands, title=one.title)
    blocks = [
        pieces.header(words.fill(say.header, incident=one.incident, standing=stands)),
        pieces.lines(*_about(one, now, w)),
        _findings(sheet, w),
        *_sent(sheet.exports, w),
        pieces.row(*_acts(one, w)),
        *_follow_ups(sheet.follow_ups, now, w),
    ]
    return Message(pieces.push(text), tuple(blocks))


def which(found: Sequence[Incident], w: Words) -> Message:
    """Asks of which incident, a button for each."""
    if not found:
        return Message(pieces.push(w.reviewing.nothing_yet), (pieces.lines([pieces.say(w.reviewing.nothing_yet)]),))
    shown = found[: lists.ASKED]
    rows = [[pieces.loud(one.id), pieces.say(f" {one.severity.upper()} · {one.title}", TITLE)] for one in shown]
    row = pieces.row(*(lists.order(one.id, f"{POSTMORTEM} {one.id}", place) for place, one in enumerate(shown)))
    return Message(pieces.push(w.reviewing.which), (pieces.told([[pieces.say(w.reviewing.which)]], rows, []), row))


def owed(incident: Incident) -> bool:
    """Whether there is something to write about: it is over, and it was one of its own."""
    return not incident.open and incident.resolution not in (MERGED, FALSE_ALARM)


def mine(found: Sequence[FollowUp], now: datetime, w: Words, place: int) -> list[Json]:
    """Somebody's own follow-ups as their page has them, each with its buttons."""
    return [block for at, one in enumerate(found) for block in _open(one, now, w, place + at, show=True)]


def standing(postmortem: Postmortem, w: Words) -> str:
    """How it stands, in a word."""
    say = w.reviewing
    named = {Standing.DRAFT: say.standing_draft, Standing.REVIEW: say.standing_review}
    return named.get(postmortem.standing, say.standing_published)


def _about(one: Postmortem, now: datetime, w: Words) -> list[list[Json]]:
    say = w.reviewing
    title = pieces.line(say.about, postmortem=pieces.loud(one.id), title=pieces.say(one.title, TITLE))
    owner = pieces.line(say.owner, who=pieces.loud(one.owner, 80)) if one.owner else [pieces.say(say.no_owner)]
    if one.standing is Standing.PUBLISHED and one.published_at:
        when = pieces.line(say.published, when=pieces.when(one.published_at))
    elif one.due_at:
        when = pieces.line(say.late if one.due_at < now else say.due, when=pieces.when(one.due_at))
    else:
        when = []
    return [title, [*owner, *([pieces.say(" ")] if when else []), *when]]


def _findings(sheet: Sheet, w: Words) -> Json:
    """What is hard stands first."""
    say, found = w.reviewing, sorted(sheet.findings, key=lambda one: not one.hard)
    if not found:
        return pieces.lines([pieces.say(say.clean)])
    rows = []
    for one in found[:FINDINGS]:
        sentence = pieces.say(prose.said(one, w), WHAT)
        told = pieces.line(say.finding, line=one.line, sentence=sentence) if one.line else [sentence]
        rows.append([*([pieces.loud("! ")] if one.hard else []), *told])
    more = [[pieces.say(words.fill(say.more, count=len(found) - FINDINGS))]] if len(found) > FINDINGS else []
    return pieces.told([[pieces.say(words.fill(say.findings, count=len(found)))]], rows, more)


def _sent(exports: Sequence[Export], w: Words) -> list[Json]:
    rows = []
    for one in exports[:EXPORTS]:
        if one.standing is Sent.DONE:
            where = links.draw(one.connection, one.link) if one.link else pieces.say(one.connection, 80)
            rows.append(pieces.line(w.reviewing.sent, where=where))
        else:
            why = pieces.say(one.failure or "…", WHY)
            rows.append(pieces.line(w.reviewing.unsent, where=pieces.say(one.connection, 80), why=why))
    return [pieces.lines(*rows)] if rows else []


def _acts(one: Postmortem, w: Words) -> list[Json]:
    say, seed = w.reviewing, forms.Seed(postmortem=one.id)
    return [
        _opens(EDIT, say.edit, one.incident, seed, w, style="primary"),
        _opens(ADD, say.add, one.incident, seed, w),
        _opens(MOVE, say.state, one.incident, seed, w),
        _acts_at_once("refresh", say.refresh, one, w),
        _acts_at_once("file", say.file, one, w),
    ]


def _acts_at_once(verb: str, label: str, one: Postmortem, w: Words) -> Json:
    value = buttons.encode(Meant(POSTMORTEM, one.incident, one.version, f"{verb} {one.id}"))
    aloud = words.fill(w.reviewing.aloud, label=label, postmortem=one.id, incident=one.incident)
    return pieces.button(label, f"postmortem.{verb}", value, aloud=aloud)


def _opens(form: str, label: str, incident: str, seed: forms.Seed, w: Words, *, style: str | None = None) -> Json:
    value = buttons.encode(Meant(forms.OPEN, incident, 0, seed.card(form)))
    aloud = words.fill(w.reviewing.aloud, label=label, postmortem=seed.postmortem, incident=incident)
    return pieces.button(label, f"open.{form}", value, style=style, aloud=aloud)


# --- follow-ups ---


def _follow_ups(found: Sequence[FollowUp], now: datetime, w: Words) -> list[Json]:
    say = w.reviewing
    if not found:
        return [pieces.lines([pieces.say(say.no_follow_up)])]
    still = [one for one in found if one.standing is Doing.OPEN]
    over = [one for one in found if one.standing is not Doing.OPEN]
    drawn = [block for place, one in enumerate(still[:OPEN]) for block in _open(one, now, w, place)]
    ended = [pieces.struck(_line(one, now, w)) for one in over[-OVER:]]
    rest = max(0, len(still) - OPEN) + max(0, len(over) - OVER)
    more = [[pieces.say(words.fill(say.more, count=rest))]] if rest else []
    foot = [pieces.lines(*ended, *more)] if ended or more else []
    return [pieces.lines([pieces.loud(say.follow_ups)]), *drawn, *foot]


def _line(one: FollowUp, now: datetime, w: Words) -> list[Json]:
    say, parts = w.follow_up, follow_up_news.parts(one, w)
    template = say.line_late if following.overdue(one, now) else say.line
    template = say.line_over if one.standing is not Doing.OPEN else template
    what = links.draw(pieces.shorten(one.what, WHAT), one.link) if one.link else pieces.say(one.what, WHAT)
    said = {"who": pieces.say(parts["who"], 80), "when": parts["when"], "days": following.late(one, now)}
    ended = follow_up_news.standing(one, w)
    return pieces.line(template, follow_up=pieces.loud(one.id), what=what, standing=ended, **said)


def _open(one: FollowUp, now: datetime, w: Words, place: int, *, show: bool = False) -> list[Json]:
    """One that is open, with its buttons: done; take it, where nobody has; drop; on a page of one's own, show."""
    say = w.follow_up
    acts = [_act("done", say.done, one, w, place)]
    acts += [] if one.owner else [_act("take", say.take, one, w, place)]
    value = buttons.encode(Meant(forms.OPEN, one.incident, 0, forms.Seed(follow_up=one.id).card(DROP)))
    aloud = words.fill(say.aloud, label=say.drop, follow_up=one.id)
    acts.append(pieces.button(say.drop, f"open.{DROP}.{place}", value, aloud=aloud))
    if show:
        acts.append(lists.order(w.reviewing.show, f"{POSTMORTEM} {one.incident}", place))
    return [pieces.lines(_line(one, now, w)), pieces.row(*acts)]


def _act(verb: str, label: str, one: FollowUp, w: Words, place: int) -> Json:
    value = buttons.encode(Meant(FOLLOW_UP, one.incident, 0, f"{verb} {one.id}"))
    aloud = words.fill(w.follow_up.aloud, label=label, follow_up=one.id)
    return pieces.button(label, f"follow_up.{verb}.{place}", value, aloud=aloud)
