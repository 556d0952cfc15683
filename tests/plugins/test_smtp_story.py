"""Mail, push and a signed webhook as ways of one person, in the whole bot: each in its turn, or the next at once."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.model.address import Address, Standing, digest
from bot.model.page import PageState
from bot.sandbox.workspace import Workspace
from bot.store import addresses
from bot.testing import folder
from bot.testing.clock import FakeClock
from bot.testing.far_end import FarEnd
from bot.testing.house import SECRET, House
from tests.plugins import postbox
from tests.plugins.postbox import DROPS, Postbox

TOPIC, MAIL = "ada-phone-k3v9", "ada@example.com"


@pytest.fixture
async def box() -> AsyncIterator[Postbox]:
    async with postbox.listening() as one:
        yield one


@pytest.fixture
async def far() -> AsyncIterator[FarEnd]:
    async with FarEnd() as one:
        yield one


@asynccontextmanager
async def house_of(home: Path, box: Postbox, far: FarEnd, ways: str) -> AsyncIterator[House]:
    """Ada is on call, and has confirmed her addresses."""
    clock = FakeClock(datetime(2026, 11, 23, 3, 38, tzinfo=UTC))
    config = folder.write(
        home,
        {"name": "mine", "plugin": "webhook", "secret": SECRET},
        {"name": "desk", "plugin": "webhook", "page_url": f"{far.url}/pages", "page_secret": f"whsec_{'a2tr' * 8}"},
        {"name": "phone", "plugin": "ntfy", "url": far.url},
        {
            "name": "post",
            "plugin": "smtp",
            "host": postbox.HOST,
            "port": box.port,
            "security": "none",
            "from": "t@x.example",
        },
        notify={"ada": ways},
    )
    people = json.loads((config / "people.yaml").read_text("utf-8"))
    people["people"][0] |= {"email": MAIL, "push": TOPIC}
    (config / "people.yaml").write_text(json.dumps(people), "utf-8")
    async with (
        Workspace(clock=clock, people=folder.PEOPLE, channels=folder.CHANNELS) as workspace,
        House.open(config, clock=clock, env={}, workspace=workspace) as house,
    ):
        for kind, value in (("email", MAIL), ("push", TOPIC)):
            known = Address("ada", kind, digest(value), Standing.CONFIRMED, clock.now(), confirmed_at=clock.now())
            await house.app.desk.store.write(lambda tx, known=known: addresses.put(tx, known))
        await house.deliver({"problem": "psi", "title": "PSI fell", "model": "churn"}, connection="mine")
        yield house


async def test_each_way_has_its_turn(tmp_path: Path, box: Postbox, far: FarEnd) -> None:
    async with house_of(tmp_path, box, far, "slack, desk after 1m, email after 2m, push after 3m") as house:
        await house.pass_time(minutes=4)
        ledger = {page.channel: page for page in await house.ledger("INC-1") if page.person == "ada"}
        assert {page.state for page in ledger.values()} == {PageState.SENT}
        (message,) = box.taken
        assert ledger["email"].provider_id == message["Message-ID"]
        assert "You have 8 minutes to answer." in str(message.get_body(("plain",)))
        assert [request.path for request in far.arrived] == ["/pages", "/"]
        assert ledger["desk"].provider_id == ledger["push"].provider_id == "message-1"


async def test_a_refused_address_lets_the_next_way_go_at_once(tmp_path: Path, box: Postbox, far: FarEnd) -> None:
    box.says = {"RCPT": "550 5.1.1 no such user"}
    async with house_of(tmp_path, box, far, "email, push after 5m") as house:
        await house.pass_time(seconds=5)
        ledger = {page.channel: page for page in await house.ledger("INC-1")}
        assert ledger["email"].state is PageState.FAILED
        assert "550 5.1.1" in str(ledger["email"].failure)
        assert json.loads(far.arrived[0].body)["topic"] == TOPIC


async def test_a_mail_in_doubt_is_sent_again_as_the_same_one(tmp_path: Path, box: Postbox, far: FarEnd) -> None:
    box.says = {"DONE": DROPS}
    async with house_of(tmp_path, box, far, "email") as house:
        await house.settle()
        assert (await house.ledger("INC-1"))[0].state is PageState.DECIDED
        box.says = {}
        await house.pass_time(seconds=20)
        assert len(box.taken) >= 2
        assert len({message["Message-ID"] for message in box.taken}) == 1
        assert (await house.ledger("INC-1"))[0].state is PageState.SENT
