"""A phone company in a test: it takes texts and calls, tells what became of them, and passes on the answers."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import orjson
from pydantic import SecretStr

from bot import registry
from bot.contract import Call, Check, ConnectionSettings, Context, NotDelivered, Plugin, Sent
from bot.contract.counter import Answer
from bot.contract.pager import Note
from bot.contract.receiver import Heard, Reply, Report, Says
from bot.contract.source import Request
from bot.engine import addresses
from bot.errors import NotAuthentic, Unreadable
from bot.testing.house import SECRET, House
from tests.story import place as places
from tests.story.place import Place, send

PHONE = "+905550000001"


@dataclass
class Company:
    """What it was given, and how it behaves."""

    sent: list[tuple[str, Call]] = field(default_factory=list)
    told: list[tuple[str, Note]] = field(default_factory=list)
    refuses: str = ""
    broken: str = ""  #: the method of its receiver that breaks

    @property
    def code(self) -> str:
        """The last code that was told."""
        return next(word for word in self.told[-1][1].text.split() if word.isdigit() and len(word) == 6)


class _Line:
    """One of its channels."""

    company: ClassVar[Company] = Company()
    channel: ClassVar[str]
    once = True
    tells = True

    def __init__(self, settings: ConnectionSettings, context: Context) -> None:
        self.name = context.connection

    async def send(self, call: Call) -> Sent:
        """Take it."""
        if self.company.refuses:
            raise NotDelivered(self.company.refuses)
        self.company.sent.append((self.channel, call))
        return Sent(f"{self.name}-{len(self.company.sent)}")

    async def tell(self, note: Note) -> Sent:
        """Take it."""
        if self.company.refuses:
            raise NotDelivered(self.company.refuses)
        self.company.told.append((self.channel, note))
        return Sent(f"note-{len(self.company.told)}")

    async def check(self) -> list[Check]:
        """Nothing."""
        return []


class Texts(_Line):
    """SMS."""

    channel = "sms"


class Calls(_Line):
    """Voice."""

    channel = "call"


class Letters(_Line):
    """E-mail."""

    channel = "email"


class Settings(ConnectionSettings):
    """What it must prove."""

    secret: SecretStr


class Ear:
    """Reads its posts: {"reports": [[id, arrived, why]], "replies": [{"says": ...}]}."""

    def __init__(self, settings: Settings, context: Context) -> None:
        self.settings = settings

    def authenticate(self, request: Request) -> None:
        """By the secret."""
        self._break("authenticate")
        if request.headers.get("x-beeper") != self.settings.secret.get_secret_value():
            raise NotAuthentic("That is not from the company.", "Sign it.")

    def hear(self, request: Request) -> Heard:
        """As its form says."""
        self._break("hear")
        try:
            said = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise Unreadable("That is no JSON.") from error
        replies = tuple(Reply(**{**one, "says": Says(one["says"])}) for one in said.get("replies", ()))
        return Heard(tuple(Report(*one) for one in said.get("reports", ())), replies)

    def answer(self, request: Request, sentences: Sequence[str]) -> Answer:
        """The sentences."""
        self._break("answer")
        headers = {"x-path": request.path, "x-query": request.query.get("k", "")}
        return Answer(200, orjson.dumps(list(sentences)), headers=headers)

    @staticmethod
    def _break(method: str) -> None:
        if _Line.company.broken == method:
            raise RuntimeError("The receiver broke.")


def company() -> Company:
    """A new one."""
    _Line.company = Company()
    return _Line.company


def found() -> registry.Found:
    """The installed plugins, and this one."""
    known = registry.discover(names={"webhook", "alertmanager"})
    ours = {
        "beeper": Plugin("beeper", settings=Settings, pagers=(Texts, Calls), receivers=(Ear,)),
        "postman": Plugin("postman", settings=Settings, pagers=(Letters,), receivers=(Ear,)),
        "deaf": Plugin("deaf", pagers=(Letters,)),
    }
    return dataclasses.replace(known, plugins={**known.plugins, **ours})


def connect(place: Place) -> None:
    """The place has the company as `tel` and its post as `post`; ada is texted, then called; bo is written to."""
    connections = """\
  - {name: tel, plugin: beeper, secret: "${PROM_SECRET}"}
  - {name: post, plugin: postman, secret: "${PROM_SECRET}"}
  - {name: deaf, plugin: deaf}
  - {name: prom,"""
    place.change("config/tocsin.yaml", "  - {name: prom,", connections)
    ada = f'{{name: ada, slack: U01ADA, phone: "{PHONE}", notify: {{high: [sms, call after 5m, slack after 9m]}}}}'
    place.change("config/people.yaml", "{name: ada, slack: U01ADA}", ada)
    bo = "{name: bo, slack: U01BO, email: bo@example.com, notify: {high: [slack, email]}}"
    place.change("config/people.yaml", "{name: bo, slack: U01BO}", bo)


async def confirm(house: House, person: str = "ada", kind: str = "phone") -> None:
    """The person asks for a code and sends it back."""
    desk, by, at = house.app.desk, f"person:{person}", house.clock.now()
    await addresses.ask(desk, person, kind, by, at)
    await addresses.confirm(desk, person, _Line.company.code, by, at)


async def post(house: House, *, name: str = "tel", **said: Any) -> places.Answer:
    """What the company posts."""
    return await send(house, f"/pages/{name}?k=v", said, headers={"x-beeper": SECRET})


async def says(house: House, what: str, *, name: str = "tel", **more: str) -> str:
    """One answer of ada's phone, unless `more` says who; the sentence that comes back."""
    who = more if {"page", "phone", "email"} & set(more) else {"phone": PHONE, **more}
    answer = await post(house, name=name, replies=[{"says": what, **who}])
    await house.settle()
    assert answer.status == 200, answer.body
    return str(answer.body[0])
