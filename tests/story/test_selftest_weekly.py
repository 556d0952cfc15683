"""Weekly whoever is on call is tried by each of their ways, once, and hears where they did not answer."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from bot.contract.guard import Guard
from bot.contract.pager import Call, Note, Sent
from bot.contract.receiver import Heard, Reply, Says
from bot.engine import duties, heard, selftest, selftest_weekly, work
from bot.engine.desk import Way
from bot.errors import NotDelivered
from bot.model.address import Address, Standing, digest
from bot.model.job import Job
from bot.model.paged import Test
from bot.slack import off
from bot.store import addresses, page_tests
from tests.story.engine_room import Pager, Room, opened
from tests.story.place import START

MONDAY = datetime(2026, 11, 30, tzinfo=UTC)  # the one after the stories begin
PEOPLE = """\
people:
  - {name: ada, slack: U01ADA, phone: "+905550000001", timezone: Europe/Istanbul,
     notify: {high: [slack, sms after 2m], low: [slack]}}
  - {name: bo, slack: U01BO, timezone: America/New_York}
  - {name: cy, slack: U01CY, language: tr}
  - {name: dee, slack: U01DEE}
  - {name: eve, slack: U01EVE}
  - {name: flo, slack: U01FLO}
teams:
  - {name: churn-ml, entity: retail, members: [ada, bo], lead: cy}
  - {name: price-ml, entity: market, members: [dee]}
"""
ROTAS = """\
rotas:
  - {name: first-line, timezone: UTC, start: "2026-11-02 09:00", every: 1 day, members: [ada, bo]}
"""


class Texts(Pager):
    """A channel that may never be sent again what is in doubt, and that carries plain words, too."""

    once: ClassVar[bool] = True
    tells: ClassVar[bool] = True
    told: list[Note]

    async def tell(self, note: Note) -> Sent:
        """Keep it."""
        self.told.append(note)
        return Sent("note")


class Mirror(Pager):
    """A channel that opens an incident of its own for each page."""

    follows: ClassVar[bool] = True


class Week:
    """The engine with two on call, its ticker, and everything it does by itself; no chat but its pager."""

    def __init__(self, room: Room) -> None:
        self.room, self.desk = room, room.desk
        self.texts = Texts()
        self.texts.told = []
        self.desk.ways["sms"] = Way(self.texts, Guard("sms", room.clock), "sms", "phone")
        self.slack = room.pagers["slack"]
        self.told: list[tuple[str, str]] = []
        handlers = {**off.HANDLERS, **duties.of(self.desk), "notice": self.notice}
        room.worker = work.Worker(self.desk, handlers, owner="the room")

    async def notice(self, job: Job) -> work.Outcome:
        """What somebody is told in the chat."""
        self.told.append((str(job.payload["to"]), str(job.payload["text"])))
        return work.Done()

    async def until(self, at: datetime) -> None:
        """The ticker rings each morning and evening, and jobs at their own moments."""
        while self.room.now < at:
            await self.desk.store.write(lambda tx: selftest_weekly.recur(tx, self.room.now))
            await self.room.pass_time(seconds=min(21_600.0, (at - self.room.now).total_seconds()))
        await self.room.worker.drain()

    def sent(self) -> list[tuple[str, str, datetime]]:
        """Who got a test, by what, when."""
        both: Iterable[tuple[str, Call]] = [("slack", call) for call in self.slack.sent]
        calls = sorted([*both, *(("sms", call) for call in self.texts.sent)], key=lambda one: one[1].at)
        return [(call.person.name, by, call.at) for by, call in calls]

    async def tests(self, person: str) -> dict[str, Test]:
        """The last one of each of their ways."""
        return {one.channel: one for one in await self.desk.store.read(lambda tx: page_tests.of(tx, person))}


@asynccontextmanager
async def week(folder: Path, database: str) -> AsyncIterator[Week]:
    """Ada, whose phone is confirmed, and bo take turns by the day."""
    async with opened(folder, database) as room:
        (room.home / "config/people.yaml").write_text(PEOPLE)
        (room.home / "config/rotas.yaml").write_text(ROTAS)
        room.reload()
        row = Address("ada", "phone", digest("+905550000001"), Standing.CONFIRMED, START, confirmed_at=START)
        await room.desk.store.write(lambda tx: addresses.put(tx, row))
        yield Week(room)


@pytest.fixture
async def on_call(tmp_path: Path) -> AsyncIterator[Week]:
    """Over SQLite."""
    async with week(tmp_path, f"sqlite:///{tmp_path}/tocsin.db") as found:
        yield found


async def test_whoever_is_on_call_gets_one_by_each_way_on_monday_at_ten_of_their_own_day(on_call: Week) -> None:
    await on_call.until(MONDAY - timedelta(hours=7))
    on_call.slack.sent.clear()
    on_call.texts.sent.clear()
    await on_call.until(MONDAY + timedelta(days=4))
    ten, other = MONDAY + timedelta(hours=7), MONDAY + timedelta(hours=15, minutes=30)  # bo comes half an hour later
    assert on_call.sent() == [("ada", "slack", ten), ("ada", "sms", ten), ("bo", "slack", other)]
    text = on_call.texts.sent[0]
    assert text.key == "page/INC-0/2026-11-30/ada/sms"
    assert (text.code, text.view.headline) == ("0", "[SEV5] tocsin: Test page: nothing is wrong")
    kept = (await on_call.tests("ada"))["sms"]
    assert (kept.key, kept.sent_at, kept.provider_id, kept.answered_at) == (text.key, ten, "1", None)
    tested = [each.entry for each in await on_call.room.log("person:ada") if each.entry.kind == "pager.tested"]
    assert (tested[-1].actor, tested[-1].after) == ("tocsin", {"slack": "sent", "sms": "sent"})


async def test_a_button_and_a_text_message_answer_it_and_nobody_is_bothered(on_call: Week) -> None:
    await on_call.until(MONDAY + timedelta(hours=8))
    await selftest.received(on_call.desk, "slack:U01ADA", on_call.room.now)
    reply = Reply(Says.ACKNOWLEDGE, "0", phone="+905550000001", id="m1")
    (sentence,) = await heard.take(on_call.desk, "phone", Heard((), (reply,)), on_call.room.now)
    assert sentence == "Test received. Pages reach you here."
    assert {one.answered_at for one in (await on_call.tests("ada")).values()} == {on_call.room.now}
    on_call.told.clear()
    await on_call.until(MONDAY + timedelta(days=1, hours=8))
    assert [to for to, text in on_call.told if "test page" in text and to == "person:ada"] == []


async def test_silence_is_told_next_morning_by_a_way_that_works_and_to_the_lead_after_two_weeks(on_call: Week) -> None:
    await on_call.until(START + timedelta(hours=8))
    await on_call.desk.store.write(lambda tx: page_tests.answered(tx, "ada", tx.now))
    await on_call.until(MONDAY)
    on_call.told.clear()
    on_call.texts.told.clear()
    for again in (0, 1):
        monday = MONDAY + timedelta(weeks=again)
        await on_call.until(monday + timedelta(hours=8))
        await on_call.desk.store.write(lambda tx: page_tests.answered(tx, "ada", tx.now, "sms"))
        await on_call.until(monday + timedelta(days=1, hours=5, minutes=59))  # 08:59 in Istanbul
        assert len(on_call.texts.told) == again
        await on_call.until(monday + timedelta(days=1, hours=6))
        (*_, note) = on_call.texts.told
        assert (len(on_call.texts.told), note.person.name) == (again + 1, "ada")
        assert f"a test page by slack was not answered since {monday.date()}" in note.text
    lead = [(to, text) for to, text in on_call.told if to == "person:cy"]
    assert [text.split(",")[0] for _, text in lead if text.startswith("ada")] == [
        "ada nöbette ve iki haftadır şu yollardan gelen deneme çağrılarına yanıt vermiyor: slack. Gece gelen bir "
        "çağrı ona ulaşmayabilir: birlikte bakın."
    ]
    missed = [each.entry.after for each in await on_call.room.log("person:ada") if each.entry.kind.endswith("missed")]
    assert missed[-2:] == [{"week": f"{MONDAY + timedelta(weeks=n):%F}", "ways": ["slack"]} for n in (0, 1)]


async def test_what_could_not_be_sent_is_not_silence_and_says_why(on_call: Week) -> None:
    on_call.texts.down = NotDelivered("The number is not in service.", "Mend it.")
    await on_call.until(MONDAY + timedelta(hours=8))
    assert (await on_call.tests("ada"))["sms"].failure == "The number is not in service. Mend it."
    on_call.told.clear()
    await on_call.until(MONDAY + timedelta(days=1, hours=6))
    (text,) = [text for to, text in on_call.told if to == "person:ada"]
    assert "slack, sms (not sent: The number is not in service. Mend it.)" in text


async def test_a_channel_that_fails_in_passing_is_tried_again_and_one_that_rings_is_not(on_call: Week) -> None:
    await on_call.until(MONDAY + timedelta(hours=6, minutes=59))
    down = NotDelivered("It is busy.", retry=True)
    on_call.slack.down = on_call.texts.down = down
    on_call.slack.sent.clear()
    await on_call.room.pass_time(seconds=62)
    on_call.slack.down = on_call.texts.down = None
    await on_call.room.pass_time(seconds=60)
    assert [(call.person.name, call.attempt > 1) for call in on_call.slack.sent] == [("ada", True)]
    assert (await on_call.tests("ada"))["sms"].failure == "It is busy."


async def test_a_crash_between_two_ways_sends_no_way_twice(on_call: Week) -> None:
    desk, room = on_call.desk, on_call.room
    await on_call.until(MONDAY + timedelta(hours=6))
    on_call.slack.sent.clear()
    on_call.texts.sent.clear()
    ada = desk.settings.people.persons["ada"]
    wanted = [selftest.Wanted(ada, name, "2026-11-30", "test", "Test") for name in ("slack", "sms")]
    await selftest.sent(desk, desk.ways["slack"], wanted[0], room.now)
    begun = Test("ada", "sms", wanted[1].key, room.now)  # whether it went nobody knows
    await desk.store.write(lambda tx: page_tests.put(tx, begun))
    await on_call.until(MONDAY + timedelta(hours=8))
    assert [call.person.name for call in on_call.slack.sent] == ["ada"]
    assert on_call.texts.sent == []


async def test_a_mirrored_way_is_left_out_unless_somebody_asks(on_call: Week) -> None:
    mirror = Mirror()
    on_call.desk.ways["push"] = Way(mirror, Guard("push", on_call.room.clock), "", "pd")
    people = on_call.room.home / "config/people.yaml"
    people.write_text(
        PEOPLE.replace(
            "timezone: America/New_York", "timezone: America/New_York, push: bo-phone, notify: {high: [push]}"
        )
    )
    on_call.room.reload()
    await on_call.until(MONDAY + timedelta(hours=17))
    assert mirror.sent == []
    tested = [each.entry for each in await on_call.room.log("person:bo") if each.entry.kind == "pager.tested"]
    assert tested[-1].after == {"push": "not tested: it would open an incident there"}
    (result,) = await selftest.send(on_call.desk, "bo", on_call.room.now)
    assert result.sentence == "push: the test page is on its way, and opens an incident there. Resolve it there, too."
    assert len(mirror.sent) == 1


async def test_off_is_off_and_an_address_that_is_not_confirmed_is_not_tried(on_call: Week) -> None:
    gone = Address("ada", "phone", digest("+905550000001"), Standing.STOPPED, START)
    await on_call.desk.store.write(lambda tx: addresses.put(tx, gone))
    await on_call.until(MONDAY + timedelta(hours=8))
    assert on_call.texts.sent == []
    asked = {one.channel: one for one in await selftest.send(on_call.desk, "ada", on_call.room.now)}
    assert not asked["sms"].ok
    assert "not confirmed" in asked["sms"].sentence
    assert asked["slack"].ok
    assert on_call.texts.sent == []
    sent = len(on_call.slack.sent)
    on_call.room.change("config/tocsin.yaml", "slack: {mode: off}", "slack: {mode: off}\nescalation: {test: off}")
    await on_call.until(MONDAY + timedelta(weeks=1, days=1))
    assert len(on_call.slack.sent) == sent
