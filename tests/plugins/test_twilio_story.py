"""From a number nobody has confirmed to an incident acknowledged by a text message, over Twilio as it behaves."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl

from bot import registry
from bot.contract import Request, http
from bot.engine import addresses
from bot.model.incident import Phase
from bot.sandbox.workspace import Workspace
from bot.testing import folder
from bot.testing.clock import FakeClock
from bot.testing.house import House
from bot.testing.trial import ADDRESS
from plugins.twilio import plugin
from tests.plugins.exchange import ACCOUNT, OURS, Exchange, posts, spoken

NOW = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
PHONE = "+905550000001"
HOOK = f"{ADDRESS}/pages/mine"


@asynccontextmanager
async def opened(home: Path, far: Exchange, notify: str) -> AsyncIterator[House]:
    """A bot with one connection to Twilio; Ada has a phone that nobody has confirmed yet."""
    clock = FakeClock(NOW)
    config = folder.write(home, {"name": "mine", "plugin": "twilio", **far.options()}, notify={"ada": notify})
    change(config / "people.yaml", "people", [{"name": "ada", "phone": PHONE}])
    change(config / "tocsin.yaml", "web", {"port": 0, "address": ADDRESS})
    async with (
        Workspace(clock=clock, people=folder.PEOPLE, channels=folder.CHANNELS) as workspace,
        House.open(config, clock=clock, env={}, workspace=workspace, plugins=registry.load_one(plugin)) as house,
    ):
        yield house


def change(file: Path, key: str, more: object) -> None:
    content = json.loads(file.read_text("utf-8"))
    if isinstance(more, list):
        known = {one["name"]: one for one in content[key]}
        for one in more:
            known[one["name"]] |= one
    else:
        content[key] = more
    file.write_text(json.dumps(content), "utf-8")


async def tell(house: House, request: Request) -> http.Reply:
    """Twilio posts it to the bot's own HTTP door, as a proxy would hand it on."""
    peer = http.Peer(house.url, {"X-Twilio-Signature": request.headers["x-twilio-signature"]})
    form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    answer = await peer.ask("POST", "pages/mine", query=request.query, form=form)
    await house.settle()
    return answer


async def confirmed(house: House, far: Exchange) -> None:
    """Ada asks for a code and writes it back."""
    await addresses.ask(house.app.desk, "ada", "phone", "person:ada", house.clock.now())
    digits = re.search(r"[0-9]{6}", far.taken[-1]["Body"][0])
    assert digits
    answer = await tell(house, posts(HOOK, wrote(digits[0], "SM-code")))
    assert answer.status == 200


def wrote(text: str, id_: str) -> dict[str, str]:
    return {"MessageSid": id_, "AccountSid": ACCOUNT, "From": PHONE, "To": OURS, "Body": text}


async def test_a_text_message_is_answered_by_its_code(tmp_path: Path) -> None:
    async with Exchange() as far, opened(tmp_path, far, "slack, sms after 2m") as house:
        await confirmed(house, far)
        incident = await house.declare("Latency of churn")
        await house.pass_time(minutes=3)
        (form,) = far.taken[1:]
        assert (form["To"], incident.id in form["Body"][0]) == ([PHONE], True)
        callback = form["StatusCallback"][0]
        sid = f"SM{2:032d}"
        for _ in range(2):  # Twilio says it twice
            await tell(house, posts(callback, {"MessageSid": sid, "MessageStatus": "delivered", "To": PHONE}))
        assert [(page.channel, str(page.state)) for page in await house.ledger(incident.id)][1] == ("sms", "delivered")
        number = incident.id.removeprefix("INC-")
        first = await tell(house, posts(HOOK, wrote(f"'{number} A'", "SM-ack")))
        again = await tell(house, posts(HOOK, wrote(f"'{number} A'", "SM-ack")))
        now = await house.incident(incident.id)
        assert (now.phase, now.holder) == (Phase.ACKNOWLEDGED, "ada")
        assert incident.id in spoken(first.body.decode())[0]
        assert again.status == 200


async def test_a_call_is_answered_by_a_key(tmp_path: Path) -> None:
    async with Exchange() as far, opened(tmp_path, far, "slack, call after 2m") as house:
        await confirmed(house, far)
        incident = await house.declare("Latency of churn")
        await house.pass_time(minutes=3)
        (form,) = far.taken[1:]
        found = re.search(r'action="([^"]+)"', form["Twiml"][0])
        assert found
        pressed = {"CallSid": f"CA{2:032d}", "CallStatus": "in-progress", "Digits": "1", "From": OURS, "To": PHONE}
        answer = await tell(house, posts(found[1].replace("&amp;", "&"), pressed))
        assert (await house.incident(incident.id)).holder == "ada"
        assert incident.id in spoken(answer.body.decode())[0]


async def test_a_forged_report_changes_nothing(tmp_path: Path) -> None:
    async with Exchange() as far, opened(tmp_path, far, "slack, sms after 2m") as house:
        await confirmed(house, far)
        incident = await house.declare("Latency of churn")
        await house.pass_time(minutes=3)
        forged = posts(HOOK, {"MessageSid": f"SM{2:032d}", "MessageStatus": "failed"}, token="a-forger")
        assert (await tell(house, forged)).status == 401
        assert [str(page.state) for page in await house.ledger(incident.id)] == ["sent", "sent"]


async def test_a_message_that_does_not_arrive_makes_the_next_way_go_at_once(tmp_path: Path) -> None:
    async with Exchange() as far, opened(tmp_path, far, "slack, sms after 2m, call after 9m") as house:
        await confirmed(house, far)
        incident = await house.declare("Latency of churn")
        await house.pass_time(minutes=3)
        callback = far.taken[-1]["StatusCallback"][0]
        report = {"MessageSid": f"SM{2:032d}", "MessageStatus": "undelivered", "ErrorCode": "30003", "To": PHONE}
        await tell(house, posts(callback, report))
        await house.pass_time(seconds=10)
        assert "Twiml" in far.taken[-1]
        ledger = await house.ledger(incident.id)
        assert [(page.channel, str(page.state)) for page in ledger] == [
            ("slack", "sent"),
            ("sms", "failed"),
            ("call", "sent"),
        ]
        assert "out of range" in (ledger[1].failure or "")
        assert PHONE not in str(ledger)
