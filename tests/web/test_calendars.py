"""A calendar of who is on call: read back by another library it says what the resolver that pages says."""

import re
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
import recurring_ical_events

from bot import telemetry
from bot.engine import calendar, feeds
from bot.errors import BadInput, NotFound, Refused
from bot.model.rota import Amendment, Override
from bot.rules import rota as rule
from bot.store import feeds as store
from bot.store import jobs, log, overrides
from bot.testing.house import House
from bot.web import calendars as door
from tests.story.engine_room import Room
from tests.story.place import START, Answer, Place, send
from tests.unit.drawn_rotas import ZONES

ROTAS = """\
rotas:
  - name: first-line
    timezone: America/Chicago
    owner: churn-ml
    layers:
      - {name: weekly, start: "2026-11-02 09:00", every: 1 week, members: [ada, bo, [cy, ada]]}
      - {name: nights, start: "2026-11-02 20:00", every: 1 day, members: [bo, null],
         only: [{days: mon-fri, from: "20:00", to: "08:00"}]}
  - {name: second-line, timezone: UTC, start: "2026-11-02 09:00", every: 1 week, members: [dee]}
"""


@pytest.fixture
async def house(place: Place) -> Any:
    place.change("config/tocsin.yaml", "mode: socket", "mode: off")
    place.change("config/tocsin.yaml", "web: {port: 0}", 'web: {port: 0, address: "https://tocsin.example.com/"}')
    place.write("config/rotas.yaml", ROTAS)
    async with place.house() as one:
        yield one


async def made(house: House, about: str, by: str = "ada") -> str:
    """The path of a new feed."""
    one = await feeds.make(house.app.desk, about, f"person:{by}", house.clock.now(), "cli")
    assert re.fullmatch(r"https://tocsin\.example\.com/calendars/[\w-]{43}\.ics", one.address)
    return one.address.removeprefix("https://tocsin.example.com")


async def read(house: House, path: str, **headers: str) -> Answer:
    return await send(house, path, method="GET", headers=headers)


def events(text: str) -> dict[str, Any]:
    """By uid, as another library reads them."""
    return {str(one["UID"]): one for one in icalendar.Calendar.from_ical(text).walk("VEVENT")}


def held(text: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime, str]]:
    """What is on in a span, by the library that unfolds calendars; the cancelled left out."""
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(start, end)
    rows = ((one.start.astimezone(UTC), one.end.astimezone(UTC), one) for one in found if one["STATUS"] == "CONFIRMED")
    return sorted((begin, finish, str(one["SUMMARY"])) for begin, finish, one in rows)


def expected(house: House, name: str, changes: tuple[Override, ...] = ()) -> list[tuple[datetime, datetime, str]]:
    start, end = calendar.span(house.clock.now())
    shifts = rule.shifts(house.app.desk.settings.rotas[name], start, end, changes)
    who = [(one, ", ".join(holder.person for holder in one.holders)) for one in shifts]
    return sorted((one.start, one.end, f"On call: {name} ({names})") for one, names in who if names)


async def byhand(house: House, **given: Any) -> Override:
    start = datetime(2026, 12, 1, 15, tzinfo=UTC)
    blank = Override("OVR-1", "first-line", Amendment.OVERRIDE, start, start + timedelta(hours=5), "dee", by="cy")
    one = replace(blank, **given)
    await house.app.store.write(lambda tx: overrides.add(tx, one))
    return one


async def test_a_feed_says_what_the_resolver_says(house: House) -> None:
    answer = await read(house, await made(house, "rota:first-line"))
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"].startswith("private")
    start, end = calendar.span(house.clock.now())
    assert start <= START - timedelta(weeks=4)
    assert end >= START + timedelta(weeks=26)
    assert held(answer.body, start, end) == expected(house, "first-line")
    whole = icalendar.Calendar.from_ical(answer.body)
    assert str(whole["X-WR-TIMEZONE"]) == "America/Chicago"
    one = next(iter(events(answer.body).values()))
    assert "turn in layer" in one["DESCRIPTION"]
    assert "tocsin oncall show first-line" in one["DESCRIPTION"]
    assert "America/Chicago" in one["DESCRIPTION"]


@pytest.mark.parametrize("zone", ZONES)
async def test_a_feed_is_right_in_every_zone(room: Room, zone: str) -> None:
    rotas = room.desk.settings.rotas
    one = replace(rotas["first-line"], timezone=zone)
    room.desk.settings = replace(room.desk.settings, rotas={"first-line": one})
    text = (await calendar.Calendars(room.desk).text("rota:first-line")).decode()
    start, end = calendar.span(room.now)
    found = [(begin, finish) for begin, finish, _ in held(text, start, end)]
    assert found == [(shift.start, shift.end) for shift in rule.shifts(one, start, end) if shift.holders]


async def test_a_persons_feed_has_their_shifts_of_all_rotas_alone(house: House) -> None:
    await byhand(house, kind=Amendment.COVER, rota="second-line", person="bo")
    answer = await read(house, await made(house, "person:bo", by="bo"))
    named = {str(one["SUMMARY"]) for one in events(answer.body).values()}
    assert named == {"On call: first-line (bo)", "On call: second-line (dee, bo)"}


async def test_a_teams_feed_has_its_rotas_and_its_people(house: House) -> None:
    await byhand(house, kind=Amendment.COVER, rota="second-line", person="bo")
    answer = await read(house, await made(house, "team:churn-ml", by="cy"))
    named = {str(one["SUMMARY"]) for one in events(answer.body).values()}
    assert {"On call: first-line (ada)", "On call: second-line (dee, bo)"} <= named
    assert "On call: second-line (dee)" not in named


async def test_what_an_override_takes_away_is_cancelled_for_thirty_days(house: House) -> None:
    person, rota = await made(house, "person:ada"), await made(house, "rota:first-line")
    before, whole = events((await read(house, person)).body), events((await read(house, rota)).body)
    start, end = calendar.span(house.clock.now())
    changed = house.clock.now() + timedelta(minutes=1)
    await house.clock.advance(timedelta(minutes=1))
    shift = rule.shift(house.app.desk.settings.rotas["first-line"], datetime(2026, 11, 24, 15, tzinfo=UTC))
    one = await byhand(house, start=shift.start, end=shift.end)
    assert [holder.person for holder in shift.holders] == ["ada"]

    after = (await read(house, person)).body
    (uid,) = [uid for uid, event in events(after).items() if event["STATUS"] == "CANCELLED"]
    assert before[uid].start == shift.start
    assert events(after)[uid]["SEQUENCE"] == before[uid]["SEQUENCE"] + 1
    assert events(after)[uid]["LAST-MODIFIED"].dt == changed
    assert {key for key, event in events(after).items() if event["SEQUENCE"]} == {uid}  # the others are as they were
    # In the rota's calendar it is the same event with another name.
    again = (await read(house, rota)).body
    assert set(events(again)) == set(whole)
    assert held(again, start, end) == expected(house, "first-line", (one,))

    await house.pass_time(days=29)
    assert uid in events((await read(house, person)).body)
    await house.app.store.write(lambda tx: overrides.remove(tx, one.id))
    back = events((await read(house, person)).body)[uid]
    assert (back["STATUS"], back["SEQUENCE"]) == ("CONFIRMED", 2)
    await byhand(house, start=shift.start, end=shift.end)
    assert events((await read(house, person)).body)[uid]["SEQUENCE"] == 3


async def test_a_cancelled_event_is_gone_after_a_while(house: House) -> None:
    path = await made(house, "person:ada")
    await read(house, path)
    far = datetime(2027, 3, 1, 16, tzinfo=UTC)
    shift = next(
        one
        for one in rule.shifts(house.app.desk.settings.rotas["first-line"], far, far + timedelta(weeks=4))[1:]
        if [holder.person for holder in one.holders] == ["ada"]
    )
    await byhand(house, start=shift.start, end=shift.end)
    cancelled = [one for one in events((await read(house, path)).body).values() if one["STATUS"] == "CANCELLED"]
    assert [one.start for one in cancelled] == [shift.start]
    await house.clock.advance(timedelta(days=31))
    assert not [one for one in events((await read(house, path)).body).values() if one["STATUS"] == "CANCELLED"]


async def test_nothing_changes_merely_because_weeks_go_by(house: House) -> None:
    path = await made(house, "rota:second-line", by="dee")
    first = events((await read(house, path)).body)
    await house.clock.advance(timedelta(weeks=3))
    later = events((await read(house, path)).body)
    start, _ = calendar.span(house.clock.now())
    still = {uid for uid, one in first.items() if one.end > start}
    assert min(one.start for one in later.values()) < start  # it keeps the beginning it was shown with
    assert still < set(later)
    (last,) = [uid for uid in still if later[uid]["SEQUENCE"]]
    assert first[last].end == calendar.span(START)[1] < later[last].end  # what was cut off is longer by now
    assert all(later[uid].start == first[uid].start for uid in still)
    assert {one["STATUS"] for one in later.values()} == {"CONFIRMED"}


async def test_a_reader_who_has_it_already_is_told_so(house: House) -> None:
    path = await made(house, "rota:first-line")
    first = await read(house, path)
    tag = first.headers["ETag"]
    for said in (tag, f"W/{tag}", f'"other", {tag}'):
        again = await read(house, path, **{"If-None-Match": said})
        assert (again.status, again.body, again.headers["ETag"]) == (304, "", tag)
    head = await send(house, path.removesuffix(".ics"), method="HEAD", headers={})
    assert (head.status, head.headers["ETag"], head.body) == (200, tag, "")
    await byhand(house)
    assert (await read(house, path, **{"If-None-Match": tag})).status == 200


async def test_every_replica_answers_the_same(house: House) -> None:
    path = await made(house, "rota:first-line")
    await read(house, path)
    await house.clock.advance(timedelta(minutes=5))
    await byhand(house)
    here = (await read(house, path)).body
    await house.clock.advance(timedelta(minutes=5))
    other = await calendar.Calendars(house.app.desk).text("rota:first-line")
    assert other.decode() == here


async def test_a_key_is_nothing_to_guess_or_to_find(house: House, caplog: pytest.LogCaptureFixture) -> None:
    path = await made(house, "rota:first-line")
    key = path.split("/")[2].removesuffix(".ics")
    assert (await read(house, path)).status == 200
    wrong = [f"/calendars/{key[:-1]}{'A' if key[-1] != 'A' else 'B'}.ics", "/calendars/.ics", f"/calendars/{'x' * 999}"]
    answers = [await read(house, one) for one in (*wrong, f"/calendars/{feeds.digest(key)}", "/calendars/%00%ff")]
    assert {one.status for one in answers} == {404}
    assert len({str(one.body) for one in answers}) == 1
    assert (await send(house, path, b"", method="POST", headers={})).status == 405
    kept = await house.app.store.read(lambda tx: str(store.listing(tx)) + str(log.of(tx.sql, "rota:first-line")))
    assert key not in kept
    assert key not in caplog.text
    assert telemetry.redacted(f"GET {path} 200") == f"GET /calendars/{telemetry.HIDDEN} 200"


async def test_a_revoked_address_is_worth_nothing(house: House) -> None:
    desk, path = house.app.desk, await made(house, "team:churn-ml")
    (one,) = await feeds.listing(desk)
    with pytest.raises(Refused):
        await feeds.revoke(desk, feeds.name(one), "person:dee", house.clock.now(), "cli")
    await feeds.revoke(desk, feeds.name(one), "person:cy", house.clock.now(), "cli")
    await feeds.revoke(desk, feeds.name(one), "person:cy", house.clock.now(), "cli")  # as it was
    assert (await read(house, path)).status == 404
    assert await feeds.listing(desk) == []
    told = await house.app.store.read(lambda tx: log.of(tx.sql, "team:churn-ml"))
    assert [(one.entry.kind, one.entry.actor, one.entry.chain) for one in told] == [
        ("feed.made", "person:ada", "retail"),
        ("feed.revoked", "person:cy", "retail"),
    ]
    with pytest.raises(NotFound):
        await feeds.revoke(desk, "abcdef", "person:cy", house.clock.now(), "cli")


async def test_what_somebody_made_who_has_left_is_worth_nothing(house: House) -> None:
    path, settings = await made(house, "rota:first-line", by="cy"), house.app.desk.settings
    rest = {name: one for name, one in settings.people.persons.items() if name != "cy"}
    house.app.desk.settings = replace(settings, people=replace(settings.people, persons=rest))
    assert (await read(house, path)).status == 404


@pytest.mark.parametrize(
    ("about", "by", "error"),
    [
        ("person:ada", "bo", Refused),
        ("rota:first-line", "dee", Refused),
        ("team:churn-ml", "dee", Refused),
        ("person:ada", "nobody", Refused),
        ("rota:frist-line", "ada", NotFound),
        ("model:churn", "ada", BadInput),
        ("", "ada", BadInput),
    ],
)
async def test_a_calendar_is_made_by_those_it_concerns(house: House, about: str, by: str, error: type) -> None:
    with pytest.raises(error):
        await feeds.make(house.app.desk, about, f"person:{by}", house.clock.now(), "cli")
    assert await feeds.listing(house.app.desk) == []


async def test_an_admin_may_make_any(house: House) -> None:
    settings = house.app.desk.settings
    house.app.desk.settings = replace(settings, people=replace(settings.people, admins=("dee",)))
    await made(house, "person:ada", by="dee")


async def test_one_that_is_read_all_the_time_has_to_wait(house: House) -> None:
    path = await made(house, "rota:second-line", by="dee")
    found = [(await read(house, path)).status for _ in range(door.MANY + 1)]
    assert (set(found[:-1]), found[-1]) == ({200}, 429)
    await house.clock.advance(door.SPAN)
    assert (await read(house, path)).status == 200


async def test_reading_costs_no_write_when_nothing_changed(house: House) -> None:
    path = await made(house, "rota:first-line")
    await read(house, path)
    before = await house.app.store.read(lambda tx: store.shown(tx, "rota:first-line", START - timedelta(days=99)))
    await house.clock.advance(timedelta(minutes=10))
    await read(house, path)
    after = await house.app.store.read(lambda tx: store.shown(tx, "rota:first-line", START - timedelta(days=99)))
    assert before == after
    assert await house.app.store.read(jobs.next_due) is None


async def test_what_was_shown_is_kept_on_every_database(any_room: Room) -> None:
    desk, drawn = any_room.desk, calendar.Calendars(any_room.desk)
    one = await feeds.make(desk, "person:ada", "person:ada", any_room.now, "cli")
    key = one.address.rpartition("/")[2].removesuffix(".ics")
    assert await feeds.opened(desk, key, any_room.now) is not None
    before = events((await drawn.text("person:ada")).decode())
    start = datetime(2026, 12, 7, 9, tzinfo=UTC)
    change = Override("OVR-1", "first-line", Amendment.OVERRIDE, start, start + timedelta(weeks=1), "bo")
    await desk.store.write(lambda tx: overrides.add(tx, change))
    after = events((await drawn.text("person:ada")).decode())
    assert {uid for uid, event in after.items() if event["STATUS"] == "CANCELLED"} == {
        uid for uid, event in before.items() if event.start == start
    }
    (kept,) = await feeds.listing(desk)
    assert kept.read_at == any_room.now


async def test_without_the_library_it_says_how_to_get_it(
    house: House, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await made(house, "rota:first-line")
    monkeypatch.setitem(sys.modules, "icalendar", None)
    answer = await read(house, path)
    assert (answer.status, answer.body["do"]) == (501, "pip install 'tocsin[ical]', then start again.")
    assert (await read(house, "/calendars/unknown.ics")).status == 404
    status, printed = await place.typed("oncall", "feed", "rota:first-line", "--as", "ada")
    assert (status, "pip install 'tocsin[ical]'" in printed) == (1, True)


async def test_a_feed_is_made_listed_and_revoked_in_a_terminal(house: House, place: Place) -> None:
    status, printed = await place.typed("oncall", "feed", "rota:first-line", "--as", "ada")
    assert status == 0, printed
    found = re.search(r"https://tocsin\.example\.com(/calendars/\S+)", printed)
    its = re.search(r"--revoke (\w+)", printed)
    assert found
    assert its
    assert (await read(house, found[1])).status == 200
    status, printed = await place.typed("oncall", "feed", "--list")
    assert its[1] in printed
    assert found[1].split("/")[2][:20] not in printed
    status, printed = await place.typed("oncall", "feed", "--revoke", its[1], "--as", "dee")
    assert (status, "not yours" in printed) == (1, True)
    status, printed = await place.typed("oncall", "feed", "--revoke", its[1], "--as", "ada", "--json")
    assert status == 0, printed
    assert (await read(house, found[1])).status == 404
    status, printed = await place.typed("oncall", "feed", "rota:first-line", "--list")
    assert (status, "more than one wish" in printed) == (2, True)
