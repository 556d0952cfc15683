"""The part of the suite for sources that stand at addresses of their own (`places`): whose request it is, and answers.

`conformance.conforms` runs it for every plugin whose source has places.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from bot.contract import (
    Answer,
    BadInput,
    Counter,
    Delivery,
    NotAuthentic,
    NotFound,
    Place,
    Request,
    Standing,
    Taken,
    TocsinError,
    TooLarge,
    Unreadable,
)
from bot.errors import Conflict, PluginFault, PluginOpen, PluginSilent, Refused, StoreDown
from bot.testing import hostile
from bot.testing.promises import CONNECTION, NOW
from bot.testing.trial import Trial, short

Prove = Callable[[Request, str], Request]

_LONGEST = 1_048_576  # bytes of an answer
_STANDING = Standing("prom:p", "T", True, NOW, NOW, 3, "INC-7", "acknowledged", "ada", "", "sev2")
OUTCOMES: tuple[tuple[Taken | TocsinError, range], ...] = (
    (Taken(new=1, incidents=("INC-7",)), range(200, 300)),
    (Taken(repeats=1), range(200, 300)),
    (Taken(resolved=1, incidents=("INC-7",)), range(200, 300)),
    (Taken(held=2), range(200, 300)),
    (Taken(acted=1, standings={"prom:p": _STANDING}), range(200, 300)),
    (Taken(), range(200, 500)),  # it may have been asked for something nobody knows
    (Taken(dropped=1), range(200, 500)),
    (Taken(earlier={"new": 1}), range(200, 500)),
    (Taken(letter="dl-1", why="It makes no sense."), range(200, 500)),
    (NotAuthentic("The secret is wrong.", "Compare it."), range(400, 500)),
    (TooLarge("The body is over 1,024 bytes."), range(400, 500)),
    (Unreadable("It makes no sense."), range(400, 500)),
    (BadInput("The body is compressed (gzip)."), range(400, 500)),
    (NotFound("There is no such thing."), range(200, 600)),
    (Refused("A rule said no."), range(200, 600)),
    # What may work later must look so, or the sender gives up: 429 or 5xx.
    (Conflict("Somebody was faster."), range(429, 600)),
    (StoreDown("The database does not answer."), range(429, 600)),
    (PluginSilent("It did not answer."), range(429, 600)),
    (PluginOpen("It is left alone."), range(429, 600)),
    (PluginFault("It broke."), range(429, 600)),
    (TocsinError("Something broke.", retry=True), range(429, 600)),
)  #: what may become of a request, and the statuses that tell its sender so


async def run(trial: Trial, bodies: list[bytes], prove: Prove) -> None:
    """Try a source at all its places; what it does otherwise than promised is said to the trial."""
    source: Any = trial.source(secret=hostile.SECRET)
    counter: Counter = source
    for place in counter.places:
        request = at(place)
        await _whose(trial, source, request, prove)
        proven = prove(request, hostile.SECRET)
        takes = await _takes(trial, source, proven)
        for outcome, statuses in OUTCOMES:
            good = isinstance(outcome, Taken) and not takes  # a place for questions may not know the answer
            await _answered(trial, counter, proven, outcome, range(200, 500) if good else statuses)
        for body in (*hostile.BODIES, *(spoilt for one in bodies for spoilt in hostile.spoilt(one))):
            spoilt = dataclasses.replace(proven, body=body)
            await _mine(trial, counter, spoilt)
            try:
                answer = await trial.guard.run("parse", source.parse, spoilt)
            except (Unreadable, NotFound, TooLarge) as refusal:
                await _answered(trial, counter, spoilt, refusal, range(400, 500))
            except PluginFault as fault:
                trial.say(f"parse at {place.path} must answer or raise Unreadable: {fault.what} {short(body)}")
            else:
                if not isinstance(answer, Delivery):
                    trial.say(f"parse at {place.path} answered a {type(answer).__name__}, not a Delivery.")
                await _answered(trial, counter, spoilt, Taken(new=1), range(200, 300 if _says(answer) else 500))
                await _answered(trial, counter, spoilt, StoreDown("It does not answer."), range(429, 600))


async def _takes(trial: Trial, source: Any, request: Request) -> bool:
    """Whether something is taken in at its place, and not only asked for."""
    try:
        return _says(await trial.guard.run("parse", source.parse, request))
    except (NotFound, TooLarge):
        return False
    except (Unreadable, PluginFault):
        return True


def _says(answer: object) -> bool:
    return not isinstance(answer, Delivery) or bool(answer.alerts or answer.acts or answer.changes)


def at(place: Place, body: bytes = b"{}") -> Request:
    """A request at a place as the door hands it over; a part called `connection` names the suite's connection."""
    names = re.findall(r"\{(\w+)\}", place.path)
    params = {name: CONNECTION if name == "connection" else f"{name}-1" for name in names}
    return Request(body=body, received_at=NOW, method=place.method, path=place.path.format_map(params), params=params)


async def _whose(trial: Trial, source: Any, request: Request, prove: Prove) -> None:
    """Only a request with the connection's key is its own, and what is not its own does not get in."""
    where = f"{request.method} {request.path}"
    if not await _mine(trial, source, prove(request, hostile.SECRET)):
        trial.say(f"mine does not know the right key at {where}; give `prove_at` where it is not sent as `prove` does.")
    if request.method == "OPTIONS":
        return  # a handshake comes before any key
    for other in (*_without(request), prove(request, "another-key-of-the-same-length-0")):
        if await _mine(trial, source, other):
            trial.say(f"mine takes a request at {where} that carries no key of this connection: {_said(other)}")
        try:
            await trial.guard.run("authenticate", source.authenticate, other)
        except NotAuthentic:
            continue
        except (Unreadable, PluginFault) as error:
            trial.say(f"authenticate at {where} must return or raise NotAuthentic: {error.what}")
        else:
            trial.say(f"authenticate at {where} lets in what is not its own: {_said(other)}")


def _without(request: Request) -> Iterator[Request]:
    yield request
    yield dataclasses.replace(request, body=b"")
    yield dataclasses.replace(request, params=dict.fromkeys(request.params, ""))
    for given in hostile.headers():
        yield dataclasses.replace(request, headers=given)
    for given in hostile.queries():
        yield dataclasses.replace(request, query=given)


def _said(request: Request) -> str:
    return f"{str(dict(request.headers))[:100]} {sorted(request.query)} {short(request.body)}"


async def _mine(trial: Trial, counter: Counter, request: Request) -> bool:
    """What mine says; a complaint where it says anything but yes or no, or something else the next time."""
    try:
        said: object = await trial.guard.run("mine", counter.mine, request)
        again = await trial.guard.run("mine", counter.mine, request)
    except (TocsinError, PluginFault) as fault:
        trial.say(f"mine must answer True or False: {fault.what} {_said(request)}")
        return False
    if not isinstance(said, bool):
        trial.say(f"mine answered a {type(said).__name__}, not True or False.")
    if said != again:
        trial.say("mine answers otherwise the second time.")
    return said is True


async def _answered(
    trial: Trial, counter: Counter, request: Request, outcome: Taken | TocsinError, statuses: range
) -> None:
    what = type(outcome).__name__
    try:
        answer: object = await trial.guard.run("answer", counter.answer, request, outcome)
        again = await trial.guard.run("answer", counter.answer, request, outcome)
    except (TocsinError, PluginFault) as fault:
        trial.say(f"answer must have one for {what}: {fault.what} {short(request.body)}")
        return
    if not isinstance(answer, Answer):
        trial.say(f"answer gave a {type(answer).__name__} for {what}, not an Answer.")
        return
    if answer != again:
        trial.say(f"answer says otherwise the second time for {what}.")
    for complaint in _odd(answer):
        trial.say(f"the answer to {what} {complaint}")
    if answer.status not in statuses:
        trial.say(
            f"the answer to {what} has the status {answer.status}; it must lie within {statuses[0]} and {statuses[-1]}."
        )


def _odd(answer: Answer) -> Iterator[str]:
    """What no HTTP server could send, or no sender could read."""
    given: dict[str, object] = {"status": answer.status, "body": answer.body}
    status, body = given["status"], given["body"]
    if not isinstance(status, int) or isinstance(status, bool):
        yield "has a status that is no number."
    if not isinstance(body, bytes) or len(body) > _LONGEST:
        yield f"has a body that is no bytes, or over {_LONGEST}."
        return
    lines: tuple[object, ...] = (answer.media_type, *answer.headers, *answer.headers.values())
    for words in lines:
        if not isinstance(words, str) or not words.isprintable() or not words.isascii():
            yield "has a header or media type that is no line of ASCII."
    if body and answer.media_type == "application/json":
        try:
            orjson.loads(body)
        except orjson.JSONDecodeError:
            yield "says that it is JSON, and is none."
    if hostile.SECRET.encode() in body or any(hostile.SECRET in str(value) for value in answer.headers.values()):
        yield "shows the secret."
