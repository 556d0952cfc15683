"""Drawings of duty: who is on call and who comes next, somebody's own shifts, and an offer of cover; pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from bot import words
from bot.engine import report
from bot.engine.ahead import Turn
from bot.model.cover import Request, Standing
from bot.model.people import Person
from bot.model.rota import Override, Shift
from bot.rules import turns
from bot.slack import buttons, commands, forms, lists, pieces, weeks
from bot.slack.buttons import Meant
from bot.slack.forms import prospect
from bot.slack.forms.covering import ASK as ASK
from bot.slack.forms.covering import SWAP
from bot.slack.pieces import Json, Message
from bot.words import Words

OFFER = "offer"  #: what the buttons of an offer mean; their detail says what of which: `accept CVR-7`
BACK = "take-back"  #: what the button of a change by hand means; its detail is the change's id
MOST, COMING, ROW = 10, 6, 5  #: own shifts, coming shifts of a rota and buttons in a row that are shown
WHY = 300  # characters of a reason
CHANGES = ("rota-override", "rota-cover", "rota-absence")


def overview(found: Sequence[report.OnCall], own: Turn | None, open_: int, person: Person | None, w: Words) -> Message:
    """Who holds each rota's pager, the reader's own next shift, and what they can do; `open_` covers are wanted."""
    drawn = lists.on_call(found, w)
    if person is None or not found:
        return drawn
    first = pieces.lines(next_shift(own, w))
    return Message(drawn.text, (first, *drawn.blocks, *acts("", open_, w)))


def standing(
    found: report.Answering,
    coming: Mapping[str, Sequence[Shift]],
    byhand: Sequence[Override],
    person: Person | None,
    w: Words,
) -> Message:
    """Who answers for a model, a team, a rota or an entity, the coming shifts of its rotas, and what changes them."""
    drawn = lists.answering(found, w)
    blocks = [_coming(name, shifts, w) for name, shifts in coming.items() if shifts]
    if person is None:
        return Message(drawn.text, (*drawn.blocks, *blocks))
    changed = [block for place, one in enumerate(byhand[:MOST]) for block in _byhand(one, place, w)]
    only = next(iter(coming)) if len(coming) == 1 else ""
    return Message(drawn.text, (*drawn.blocks, *blocks, *changed, *(acts(only, 0, w) if coming else ())))


def mine(found: Sequence[Turn], person: Person, now: datetime, w: Words) -> Message:
    """The reader's own shifts, each with the ways to be rid of it."""
    if not found:
        return commands.hint(w.oncall.none)
    blocks = [pieces.header(w.oncall.mine)]
    for place, turn in enumerate(found[:MOST]):
        blocks += own(turn, person, now, place, w)
    if len(found) > MOST:
        blocks.append(pieces.small(words.fill(w.talk.more, count=len(found) - MOST)))
    names = ", ".join(dict.fromkeys(turn.shift.rota for turn in found))
    return Message(pieces.push(words.fill(w.oncall.mine_push, names=names)), tuple(blocks))


def own(turn: Turn, person: Person, now: datetime, place: int, w: Words) -> list[Json]:
    """One shift of the reader's, with its buttons; where it is offered already, the one that takes that back."""
    shift, wish = turn.shift, turn.wish
    span = {"start": pieces.when(shift.start), "until": end(shift, w)}
    line = next_shift(turn, w) if turn.begun else pieces.line(w.oncall.shift, rota=pieces.loud(shift.rota, 80), **span)
    if wish is not None:
        offered = pieces.line(w.oncall.wished, cover=pieces.loud(wish.id))
        return [pieces.lines(line, offered), pieces.row(_withdraw(wish, place, w))]
    seed = _seed(shift, person, now)
    row = pieces.row(
        opens(ASK, w.oncall.ask, seed, place),
        opens(SWAP, w.oncall.swap, seed, place),
        opens("rota-absence", w.oncall.absence, seed, place),
    )
    return [pieces.lines(line), row]


def covers(found: Sequence[Request], person: Person | None, w: Words) -> Message:
    """The open wishes for cover, each with what the reader can do about it."""
    if not found:
        return commands.hint(w.oncall.offers_none)
    blocks = [block for place, one in enumerate(found[:MOST]) for block in wanted(one, person, place, w)]
    text = f"{w.oncall.offers}: {', '.join(one.id for one in found[:MOST])}"
    more = [pieces.small(words.fill(w.talk.more, count=len(found) - MOST))] if len(found) > MOST else []
    return Message(pieces.push(text), (pieces.header(w.oncall.offers), *blocks, *more))


def wanted(request: Request, person: Person | None, place: int, w: Words) -> list[Json]:
    """One open wish, with the button that fits its reader."""
    told = pieces.lines(*_about(request, w))
    if person is None:
        return [told]
    act = _withdraw if person.name == request.person else _accept
    return [told, pieces.row(act(request, place, w))]


def offer(request: Request, w: Words, *, direct: bool = False) -> Message:
    """The living message of a wish: as it stands, with buttons as long as it is open; in a `direct` one only Accept."""
    if request.standing is not Standing.OPEN:
        outcome = _outcome(request, w)
        text = words.fill(w.oncall.over_push, cover=request.id, outcome=outcome)
        return Message(pieces.push(text), (pieces.lines(*_about(request, w), [pieces.loud(outcome)]),))
    names = ", ".join(request.offered)
    told = [pieces.say(words.fill(w.oncall.offered, who=names) if names else w.oncall.offered_nobody, 500)]
    row = [_accept(request, 0, w)] if direct else [_accept(request, 0, w), _withdraw(request, 0, w)]
    push = w.oncall.swaps_push if request.in_return else w.oncall.asks_push
    span = {"start": pieces.utc(request.start), "until": pieces.utc(request.end)}
    text = words.fill(push, cover=request.id, who=request.person, rota=request.rota, **span)
    return Message(pieces.push(text), (pieces.lines(*_about(request, w), told), pieces.row(*row)))


def next_shift(turn: Turn | None, w: Words) -> list[Json]:
    """The shift somebody has, or will have next, in a line."""
    if turn is None:
        return [pieces.say(w.oncall.none)]
    shift = turn.shift
    if turn.begun and shift.end >= turns.LAST:
        return pieces.line(w.oncall.holds_on, rota=pieces.loud(shift.rota, 80))
    if turn.begun:
        return pieces.line(w.oncall.holds, rota=pieces.loud(shift.rota, 80), until=pieces.when(shift.end))
    return pieces.line(
        w.oncall.next, rota=pieces.loud(shift.rota, 80), start=pieces.when(shift.start), until=end(shift, w)
    )


def acts(rota_name: str, open_: int, w: Words) -> list[Json]:
    """What people can do about a rota, or any."""
    say, seed = w.oncall, forms.Seed(rota=rota_name)
    looks = [lists.order(say.my_shifts, "oncall mine", 50)]
    looks += [lists.order(f"{say.offers} ({open_})", "oncall covers", 51)] if open_ else []
    looks += weeks.button(rota_name, w) if rota_name else []
    asks = [opens(ASK, say.ask, seed, 50)]
    asks += [
        opens(name, label, seed, 50)
        for name, label in zip(CHANGES, (say.override, say.cover, say.absence), strict=True)
    ]
    each = [*looks, *asks]
    return [pieces.row(*each[start : start + ROW]) for start in range(0, len(each), ROW)]


def end(shift: Shift, w: Words) -> Json:
    """When a shift ends; Slack draws no date without end."""
    return pieces.say(w.home.forever) if shift.end >= turns.LAST else pieces.when(shift.end)


def _coming(name: str, shifts: Iterable[Shift], w: Words) -> Json:
    rows = [
        pieces.line(
            w.oncall.turn,
            start=pieces.when(one.start),
            until=end(one, w),
            who=pieces.loud(", ".join(holder.person for holder in one.holders) or w.talk.nobody, 200),
        )
        for one in shifts
    ]
    return pieces.lines([pieces.loud(words.fill(w.oncall.coming, rota=pieces.shorten(name, 80)))], *rows[:COMING])


def _byhand(one: Override, place: int, w: Words) -> list[Json]:
    """A change by hand that is not over, with the button that takes it back."""
    kinds: Collection[str] = filter(None, (one.person, one.replaces and f"← {one.replaces}"))  # type: ignore[assignment]
    line = pieces.line(
        w.oncall.changed,
        change=pieces.loud(one.id, 80),
        what=words.fill(w.oncall.kinds[one.kind.value], rota=one.rota),
        who=pieces.say(" ".join(kinds), 160),
        start=pieces.when(one.start),
        until=pieces.when(one.end),
    )
    asked = pieces.confirm(w.oncall.take_back, w.oncall.take_back_sure, w.oncall.take_back, w.card.not_yet)
    value = buttons.encode(Meant(BACK, detail=one.id))
    return [pieces.lines(line), pieces.row(pieces.button(w.oncall.take_back, f"{BACK}.{place}", value, confirm=asked))]


def _about(request: Request, w: Words) -> list[list[Json]]:
    """Whose shift it is, which, and what they would take for it."""
    say = w.oncall
    head = words.fill(say.swaps if request.in_return else say.asks, cover=request.id, who=request.person)
    span = {"start": pieces.when(request.start), "until": pieces.when(request.end)}
    rows = [[pieces.loud(head, 200)], pieces.line(say.shift, rota=pieces.loud(request.rota, 80), **span)]
    if request.in_return:
        start, until = map(pieces.when, request.in_return)
        who = pieces.say(request.person, 80)
        rows.append(pieces.line(say.in_return, who=who, start=start, until=until))
    rows += [pieces.line(say.why, why=pieces.say(request.why, WHY))] if request.why else []
    return rows


def _outcome(request: Request, w: Words) -> str:
    say = w.oncall
    if request.standing is Standing.TAKEN:
        return words.fill(say.taken, who=request.taken_by or w.talk.nobody)
    return words.fill(say.past if request.standing is Standing.PAST else say.withdrawn, who=request.person)


def _accept(request: Request, place: int, w: Words) -> Json:
    say, back = w.oncall, request.in_return
    told = {"rota": request.rota, "start": pieces.utc(request.start), "until": pieces.utc(request.end)}
    sure = words.fill(say.accept_sure, **told)
    if back:
        returned = {"return_start": pieces.utc(back[0]), "return_end": pieces.utc(back[1])}
        sure = words.fill(say.accept_swap, who=request.person, **returned, **told)
    asked = pieces.confirm(say.accept_title, sure, say.accept, w.card.not_yet)
    aloud = words.fill(say.accept_aloud, cover=request.id, rota=request.rota, who=request.person)
    value = _means("accept", request)
    return pieces.button(say.accept, f"offer.accept.{place}", value, style="primary", confirm=asked, aloud=aloud)


def _withdraw(request: Request, place: int, w: Words) -> Json:
    say = w.oncall
    sure = words.fill(say.withdraw_sure, who=request.person)
    asked = pieces.confirm(say.withdraw_title, sure, say.withdraw, w.card.not_yet)
    return pieces.button(say.withdraw, f"offer.withdraw.{place}", _means("withdraw", request), confirm=asked)


def _means(verb: str, request: Request) -> str:
    return buttons.encode(Meant(OFFER, "", request.version, f"{verb} {request.id}"))


def opens(form: str, label: str, seed: forms.Seed, place: int) -> Json:
    """A button that opens a form with `seed` in it."""
    value = buttons.encode(Meant(forms.OPEN, "", 0, seed.card(form)))
    return pieces.button(label, f"open.{form}.{place}", value)


def _seed(shift: Shift, person: Person, now: datetime) -> forms.Seed:
    """What a form about this shift starts from; one that has begun is given away from now on."""
    zone = person.timezone
    starts = prospect.written(shift.start, zone, now) if shift.start > now else ""
    ends = prospect.written(shift.end, zone, now) if shift.end < turns.LAST else ""
    return forms.Seed(rota=shift.rota, person=person.name, starts=starts, ends=ends)
