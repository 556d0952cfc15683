"""The suite that every receiver must pass: `await receivers.conforms(plugin, options, deliveries=[...])`.

`options` are those of a connection called `prom`; Tocsin is reached at `bot.testing.trial.ADDRESS`. `deliveries` are
requests as the channel posts them, each proven with those options' own secret.
"""

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

import orjson

from bot import registry
from bot.contract import Answer, Heard, NotAuthentic, Plugin, Reply, Report, Request, Says, TocsinError, Unreadable
from bot.errors import PluginFault
from bot.testing import hostile
from bot.testing.trial import TooMany, Trial, short

MARK = "<Dial>+1900</Dial><script>alert(1)</script>"
#: what may have to be said, each for itself and all of it at once
SENTENCES = (
    "",
    "INC-42 is yours now.",
    MARK,
    f"\"'&]]>{MARK}",
    "\x00\x1b\ud800\uffff",
    "x" * 20_000,
    "\r\nX-Injected: yes",
)
_ODD = (None, "", " ", "\x00", "\ud800", MARK, "x" * 5000, "-1", "9" * 400, "\u202e{{ 7 * 7 }}", "İ٤٢a")
_TEXTS = {Report: ("provider_id", "why"), Reply: ("code", "page", "phone", "email", "id")}
_PLAIN = {"content-type", "user-agent", "host"}  # prove nothing
_LONGEST = 4000  # characters of one text


async def conforms(
    plugin: Plugin, options: Mapping[str, Any], *, deliveries: Sequence[Request], signed: bool = True
) -> None:
    """Raise AssertionError with everything that `complaints` found."""
    found = await complaints(plugin, options, deliveries=deliveries, signed=signed)
    if found:
        raise AssertionError(f"{plugin.name} does not keep the contract:\n- " + "\n- ".join(found))


async def complaints(
    plugin: Plugin,
    options: Mapping[str, Any],
    *,
    deliveries: Sequence[Request],
    signed: bool = True,
    deadline: float = 5.0,
) -> list[str]:
    """What the receiver does otherwise than promised, in sentences; [] when it keeps the contract.

    `signed` False: the channel shows a secret, and its proof does not cover the body; `deadline` are the seconds one
    call may take.
    """
    try:
        registry.fits(plugin)
    except PluginFault as misfit:
        return [str(misfit)]
    if not plugin.receivers:
        return []
    trial = _Suite(plugin, dict(options), deadline)
    try:
        if not deliveries:
            trial.say("There is no delivery: show what the channel posts.")
        for delivery in deliveries:
            await trial.proves(delivery, signed=signed)
            await trial.hears(delivery)
            await trial.bears(delivery)
            await trial.answers(delivery)
        trial.secret("its repr", f"{trial.receiver()!r} {trial.settings()!r} {trial.settings()}")
    except TooMany:
        pass
    finally:
        trial.guard.close()
    return trial.found


class _Suite(Trial):
    """The suite for receivers."""

    async def proves(self, delivery: Request, *, signed: bool) -> None:
        """Only the channel itself gets in."""
        if not await self._admitted(delivery):
            self.say(f"authenticate refuses a delivery of yours: {short(delivery.body)}")
        others = [dataclasses.replace(delivery, headers=given) for given in hostile.headers()]
        others += [dataclasses.replace(delivery, headers=given) for given in _forged(delivery.headers)]
        bare = dict.fromkeys(set(delivery.headers) & _PLAIN, "")
        for secret in self._hidden:  # in the address it ends up in the log of every proxy on the way
            others.append(dataclasses.replace(delivery, headers=bare, query={**delivery.query, "token": secret}))
        for other in others:
            if await self._admitted(other):
                self.say(f"authenticate lets in what proves nothing: {str(dict(other.headers))[:200]}")
        if signed:
            for body in (delivery.body + b"x", b"x" + delivery.body, delivery.body[:-1], b"{}"):
                if body != delivery.body and await self._admitted(dataclasses.replace(delivery, body=body)):
                    self.say(f"authenticate lets in a body that was altered on its way: {short(body)}")

    async def hears(self, delivery: Request) -> None:
        """A delivery is read, and a second copy of it says the very same."""
        first, again = await self._heard(delivery), await self._heard(delivery)
        if isinstance(first, Unreadable):
            self.say(f"hear cannot read a delivery of yours: {first}")
        if first != again and not isinstance(first, Unreadable):
            self.say(f"hear reads a second copy otherwise, so nobody can tell that it is one: {short(delivery.body)}")

    async def bears(self, delivery: Request) -> None:
        """No body makes it do anything but tell what it heard, or call it unreadable."""
        for body in (*hostile.BODIES, *_spoilt(delivery.body)):
            request = dataclasses.replace(delivery, body=body)
            await self._heard(request)
            await self._answered(request, ("INC-42 is yours now.",))
        for query in (dict.fromkeys(delivery.query, MARK), {}):
            request = dataclasses.replace(delivery, query=query)
            await self._heard(request)
            await self._answered(request, ())

    async def answers(self, delivery: Request) -> None:
        """It has an answer whatever is to be said, and the words stay words in it."""
        plain = await self._answered(delivery, ("INC-42 is yours now.",))
        for sentences in ((), *((one,) for one in SENTENCES), SENTENCES):
            answer = await self._answered(delivery, sentences)
            if plain and answer and sentences and _elements(answer) - _elements(plain):
                self.say("answer lets a sentence become markup of its own: build it by a library that escapes.")

    async def _admitted(self, request: Request) -> bool:
        try:
            await self.guard.run("authenticate", self.receiver().authenticate, request)
        except NotAuthentic as refusal:
            self.secret("the refusal", str(refusal))
            return False
        except (TocsinError, PluginFault) as fault:
            self.say(f"authenticate must return or raise NotAuthentic: {fault.what} {short(request.body)}")
            return False
        return True

    async def _heard(self, request: Request) -> Heard | Unreadable | None:
        try:
            heard: object = await self.guard.run("hear", self.receiver().hear, request)
        except Unreadable as unreadable:
            if not unreadable.what:
                self.say("Unreadable without a reason.")
            return unreadable
        except (TocsinError, PluginFault) as fault:
            self.say(f"hear must answer or raise Unreadable: {fault.what} {short(request.body)}")
            return None
        if not isinstance(heard, Heard):
            self.say(f"hear answered a {type(heard).__name__}, not a Heard.")
            return None
        for complaint in _misheard(heard):
            self.say(f"{complaint} {short(request.body)}")
        return heard

    async def _answered(self, request: Request, sentences: Sequence[str]) -> Answer | None:
        try:
            answer: object = await self.guard.run("answer", self.receiver().answer, request, sentences)
        except (TocsinError, PluginFault) as fault:
            self.say(f"answer must have one for everything: {fault.what} {short(request.body)}")
            return None
        if not isinstance(answer, Answer):
            self.say(f"answer gave a {type(answer).__name__}, not an Answer.")
            return None
        for complaint in _odd(answer):
            self.say(f"The answer {complaint}")
        self.secret("an answer", answer.body.decode("utf-8", "replace"))
        return answer


def _forged(headers: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The headers without their proof, whichever it is; and with every long value of them changed a little."""
    plain = {name: value for name, value in headers.items() if name in _PLAIN}
    yield plain
    for name, value in headers.items():
        if name not in plain and len(value) >= 8:
            for other in ("", value[:-1], f"{value}x", value[::-1], "ключ\udcff", "x" * 10_000):
                # Every one of them is changed, for a channel may show its proof twice.
                if other != value:
                    yield {**headers, **{one: other for one in headers if one not in plain}}


def _spoilt(body: bytes) -> Iterator[bytes]:
    """A form, or JSON, with each of its places left out or replaced by what does not belong there."""
    try:
        whole = json.loads(body)
    except ValueError:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        for place, (name, _) in enumerate(pairs):
            for odd in _ODD:
                other = [] if odd is None else [(name, odd)]
                yield urlencode([*pairs[:place], *other, *pairs[place + 1 :]], errors="surrogatepass").encode()
        yield from (body[: len(body) // 2], body * 3, b"&" * 50_000, b"a=1&" * 5_000)
        return
    if isinstance(whole, dict):
        yield from (json.dumps({**whole, name: MARK}).encode() for name in whole)
    yield from hostile.spoilt(body)


def _misheard(heard: Heard) -> Iterator[str]:
    """What of a Heard is not as the contract says."""
    for one in (*heard.reports, *heard.replies):
        given: object = one
        if not isinstance(given, Report | Reply):
            yield f"A {type(given).__name__} stands in what was heard."
            continue
        for name in _TEXTS[type(given)]:
            words: object = getattr(given, name)
            if not isinstance(words, str) or len(words) > _LONGEST:
                yield f"{name} is no text of at most {_LONGEST} characters."
            elif "\x00" in words or any("\ud800" <= sign <= "\udfff" for sign in words):
                yield f"{name} holds NUL or half a character, which no database takes."
        if isinstance(given, Report) and not given.provider_id:
            yield "A report names no message."
        if isinstance(given, Reply) and not isinstance(given.says, Says):
            yield "`says` must be a Says."


def _odd(answer: Answer) -> Iterator[str]:
    """What no server could send, or no channel could read."""
    lines = (answer.media_type, *answer.headers, *answer.headers.values())
    if not all(words.isprintable() and words.isascii() for words in lines):
        yield "has a header or media type that is no line of ASCII."
    if not 200 <= answer.status < 300:
        yield f"has the status {answer.status}: what was heard is answered by a 2xx, or it comes again."
    if "xml" in answer.media_type and answer.body:
        try:
            ElementTree.fromstring(answer.body)  # noqa: S314  (an answer of our own)
        except ElementTree.ParseError:
            yield "says that it is XML, and is none."
    if answer.media_type == "application/json" and answer.body:
        try:
            orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            yield "says that it is JSON, and is none."
    if "json" not in answer.media_type and "plain" not in answer.media_type and MARK.encode() in answer.body:
        yield "holds what was sent as markup, unescaped."


def _elements(answer: Answer) -> Counter[str]:
    """How often each element stands in an answer of XML."""
    if "xml" not in answer.media_type:
        return Counter()
    try:
        root = ElementTree.fromstring(answer.body)  # noqa: S314  (an answer of our own)
        return Counter(element.tag for element in root.iter())
    except ElementTree.ParseError:
        return Counter()
