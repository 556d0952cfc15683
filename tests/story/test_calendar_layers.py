"""A calendar holds a layer of a rota: whom it names is paged, and what it says tomorrow never rewrites yesterday."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import telemetry
from bot.contract.http import Reply
from bot.engine import calendar_layer
from bot.errors import BadInput, NotDelivered
from bot.rules import rota as rule
from bot.store import calendars
from bot.testing.house import House
from tests.story.place import START, Place

ROTAS = """\
rotas:
  - name: first-line
    timezone: UTC
    owner: churn-ml
    layers:
      - {name: base, start: "2026-11-02 09:00", every: 1 week, members: [ada]}
      - {name: guests, calendar: guests.ics}
"""
EVENT = (
    "BEGIN:VEVENT\r\nUID:{}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{:%Y%m%dT%H%M%SZ}\r\nDTEND:{:%Y%m%dT%H%M%SZ}\r\n"
    "SUMMARY:{}\r\nEND:VEVENT\r\n"
)


def ics(*events: tuple[float, float, str]) -> str:
    """A calendar with events from so many hours after the story's beginning until so many."""
    made = (
        EVENT.format(number, START + timedelta(hours=start), START + timedelta(hours=end), summary)
        for number, (start, end, summary) in enumerate(events)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{''.join(made)}END:VCALENDAR\r\n"


def write(place: Place, *events: tuple[float, float, str]) -> None:
    (place.home / "config/guests.ics").write_text(ics(*events), encoding="utf-8", newline="")


@pytest.fixture
def guested(place: Place) -> Place:
    place.write("config/rotas.yaml", ROTAS)
    write(place, (-1, 2, "Bo on call"), (5, 6, "dee"))
    return place


def held(house: House, hours: float) -> list[str]:
    """Who is on call so many hours after the beginning, by the resolver that pages."""
    rota = house.app.desk.settings.rotas["first-line"]
    return [one.person for one in rule.on_call(rota, START + timedelta(hours=hours))]


async def reread(house: House) -> None:
    """The time door rings."""
    desk, now = house.app.desk, house.clock.now()
    await house.app.store.write(lambda tx: calendar_layer.recur(tx, desk, now))
    await house.settle()


async def test_whom_the_calendar_names_is_paged(guested: Place) -> None:
    async with guested.house() as house:
        await house.settle()
        assert [held(house, hours) for hours in (0, 1.9, 2, 5, 6)] == [["bo"], ["bo"], ["ada"], ["dee"], ["ada"]]
        await house.alert("accuracy fell")
        assert [person for person, _ in house.paged()] == ["bo"]


async def test_what_was_stays_when_the_calendar_changes(guested: Place) -> None:
    async with guested.house() as house:
        await house.settle()
        await house.pass_time(hours=1)
        write(guested, (5, 6, "eve"))
        await reread(house)
        assert [held(house, hours) for hours in (0, 0.9, 1, 5)] == [["bo"], ["bo"], ["ada"], ["eve"]]
        assert house.app.desk.settings.rotas["first-line"].past == ()  # what a calendar says is no edit of the rota
    async with guested.house() as house:  # started anew, before anything is read
        assert [held(house, hours) for hours in (0, 0.9, 1, 5)] == [["bo"], ["bo"], ["ada"], ["eve"]]


async def test_a_layer_that_is_gone_is_remembered_in_what_was(guested: Place) -> None:
    async with guested.house() as house:
        await house.settle()
        await house.pass_time(hours=1)
        guested.write("config/rotas.yaml", ROTAS.replace("      - {name: guests, calendar: guests.ics}\n", ""))
        await house.reload()
        assert [held(house, hours) for hours in (0, 0.9, 1, 5)] == [["bo"], ["bo"], ["ada"], ["ada"]]


async def test_one_that_cannot_be_read_keeps_its_word_and_is_told_of_once(guested: Place) -> None:
    async with guested.house() as house:
        await house.settle()
        for text in ("<html>Sign in</html>", "<html>Sign in</html>", "<html>"):
            (guested.home / "config/guests.ics").write_text(text, encoding="utf-8")
            await house.pass_time(minutes=15)
            await reread(house)
        assert (held(house, 1), held(house, 5)) == (["bo"], ["dee"])
        said = texts(house)
        assert len(said) == 1
        assert "layer guests of first-line cannot be read" in said[0]
        assert [text for text in house.told("cy") if "calendar" in text] == said  # who leads the team that owns it
        kept = await house.app.store.read(lambda tx: calendars.find(tx, "first-line", "guests"))
        assert kept.fault
        write(guested, (5, 6, "bo"))
        await house.pass_time(minutes=15)
        await reread(house)
        assert held(house, 5) == ["bo"]
        assert len(texts(house)) == 1


def texts(house: House) -> list[str]:
    """What anybody was told of calendars."""
    shown = [change.message for change in house.workspace.journal if change.kind == "post" and change.message]
    return [one.text for one in shown if "calendar" in one.text]


async def test_names_that_nobody_knows_are_listed(guested: Place) -> None:
    write(guested, (-1, 2, "bo"), (3, 4, "Zoe on call"), (5, 6, "Zoe on call"), (7, 8, "vacation <!channel>"))
    async with guested.house() as house:
        await house.settle()
        await house.pass_time(minutes=15)
        await reread(house)
        (said,) = texts(house)
        assert "Zoe on call" in said
        assert "vacation" in said
        assert "<!channel>" not in said
        assert (held(house, 0), held(house, 3)) == (["bo"], ["ada"])


async def test_every_process_comes_to_know_it(guested: Place) -> None:
    async with guested.house() as house:
        desk = house.app.desk
        await house.settle()
        seen = await calendar_layer.freshen(desk, None)
        before = desk.settings
        assert await calendar_layer.freshen(desk, seen) == seen
        assert desk.settings is before
        kept = await house.app.store.read(lambda tx: calendars.find(tx, "first-line", "guests"))
        await house.clock.advance(timedelta(minutes=1))
        now = house.clock.now()
        other = replace(kept, spans=(), changed_at=now)  # another replica's
        await house.app.store.write(lambda tx: calendars.keep(tx, other))
        assert await calendar_layer.freshen(desk, seen) != seen
        assert held(house, 5) == ["ada"]


async def test_it_is_read_once_in_a_quarter_of_an_hour(guested: Place) -> None:
    async with guested.house() as house:
        await house.settle()
        desk = house.app.desk
        for _ in range(3):
            await house.app.store.write(lambda tx: calendar_layer.recur(tx, desk, house.clock.now()))
            await house.settle()
        keys = await house.app.store.read(
            lambda tx: tx.sql.exec_driver_sql(
                "SELECT key, attempts FROM jobs WHERE kind = 'calendar' ORDER BY id"
            ).all()
        )
        assert sorted(tuple(row) for row in keys) == [
            ("calendar/first-line/guests", 1),
            ("calendar/first-line/guests/2026-11-23T03:30:00+00:00", 1),
        ]


ADDRESS = "https://calendar.example.com/private/s3cr3t-key/basic.ics?token=s3cr3t"


async def test_an_address_may_lead_elsewhere_on_its_own_host_alone() -> None:
    asked: list[str] = []

    def answering(*answers: Reply) -> Callable[[str], Awaitable[Reply]]:
        left = list(answers)

        async def ask(address: str) -> Reply:
            asked.append(address)
            return left.pop(0)

        return ask

    moved = Reply(302, b"", {"location": "/other.ics"})
    assert await calendar_layer.fetched(ADDRESS, answering(moved, Reply(200, b"x"))) == b"x"
    assert asked == [ADDRESS, "https://calendar.example.com/other.ics"]
    elsewhere = ("https://evil.example.com/x", "http://calendar.example.com/x", "//evil.example.com/", "file:///x")
    for away in elsewhere:
        with pytest.raises(BadInput, match="leads elsewhere") as refused:
            await calendar_layer.fetched(ADDRESS, answering(Reply(302, b"", {"location": away})))
        assert "evil" not in str(refused.value)
    with pytest.raises(NotDelivered, match="answered 302"):
        await calendar_layer.fetched(ADDRESS, answering(*[moved] * 9))
    for status in (204, 401, 404, 500):
        with pytest.raises(NotDelivered, match=f"answered {status}") as refused:
            await calendar_layer.fetched(ADDRESS, answering(Reply(status, b"")))
        assert "s3cr3t" not in str(refused.value)


async def test_an_address_that_does_not_answer_is_no_secret_told(guested: Place) -> None:
    secret = "https://127.0.0.1:9/calendar/ical/ada%40example.com/private-0123456789abcdef/basic.ics"
    guested.change("config/rotas.yaml", "calendar: guests.ics", 'calendar: "${GUESTS}"')
    guested.env["GUESTS"] = secret
    async with guested.house() as house:
        await house.settle()
        (said,) = texts(house)
        assert "127.0.0.1 cannot be reached" in said
        settings = house.app.desk.settings
        kept = await house.app.store.read(lambda tx: str(calendars.every(tx)))
        for text in (said, repr(settings), kept, str(telemetry.redacted(secret))):
            assert "0123456789abcdef" not in text
        assert settings.rotas["first-line"].layers[1].calendar == "https://127.0.0.1"
        form = await house.app.store.read(lambda tx: tx.sql.exec_driver_sql("SELECT form FROM rotas").all())
        assert "private" not in str(form)
        assert held(house, 0) == ["ada"]
