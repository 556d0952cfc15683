"""Calendars as Google, Outlook and PagerDuty write them are read; those that are broken or hostile are refused."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.engine import calendar_events
from bot.engine.calendar_events import Occurrence
from bot.errors import BadInput

START, END = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)

#: A weekly event over the end of summer time, one day of it moved, one left out, one cancelled; an all-day event.
GOOGLE = """\
BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:ML on call
X-WR-TIMEZONE:America/Chicago
BEGIN:VTIMEZONE
TZID:America/Chicago
X-LIC-LOCATION:America/Chicago
BEGIN:DAYLIGHT
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
TZNAME:CDT
DTSTART:19700308T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
TZNAME:CST
DTSTART:19701101T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
DTSTART;TZID=America/Chicago:20261005T090000
DTEND;TZID=America/Chicago:20261006T090000
RRULE:FREQ=WEEKLY;COUNT=6;BYDAY=MO
EXDATE;TZID=America/Chicago:20261012T090000
DTSTAMP:20261101T120000Z
ORGANIZER;CN=ML on call:mailto:c_1@group.calendar.google.com
UID:4k3@google.com
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Ada;X-
 NUM-GUESTS=0:mailto:Ada@example.com
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED;CN=Bo:mailto:bo@example.com
ATTENDEE;CUTYPE=RESOURCE;PARTSTAT=ACCEPTED;CN=Pager:mailto:pager@resource.calendar.google.com
SEQUENCE:2
STATUS:CONFIRMED
SUMMARY:Primary\\, week
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=America/Chicago:20261027T090000
DTEND;TZID=America/Chicago:20261028T090000
DTSTAMP:20261101T120000Z
UID:4k3@google.com
RECURRENCE-ID;TZID=America/Chicago:20261026T090000
ATTENDEE;PARTSTAT=ACCEPTED:mailto:bo@example.com
SEQUENCE:3
STATUS:CONFIRMED
SUMMARY:Primary\\, moved
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=America/Chicago:20261109T090000
DTEND;TZID=America/Chicago:20261110T090000
DTSTAMP:20261101T120000Z
UID:4k3@google.com
RECURRENCE-ID;TZID=America/Chicago:20261109T090000
SEQUENCE:3
STATUS:CANCELLED
SUMMARY:Primary\\, week
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261031
DTEND;VALUE=DATE:20261102
DTSTAMP:20261101T120000Z
UID:5m1@google.com
SUMMARY:cy at the weekend
END:VEVENT
END:VCALENDAR
"""

OUTLOOK = """\
BEGIN:VCALENDAR
METHOD:PUBLISH
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
X-WR-CALNAME:On call
BEGIN:VTIMEZONE
TZID:Central Standard Time
BEGIN:STANDARD
DTSTART:16010101T020000
TZOFFSETFROM:-0500
TZOFFSETTO:-0600
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:-0600
TZOFFSETTO:-0500
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
DESCRIPTION:\\n
RRULE:FREQ=DAILY;UNTIL=20261103T150000Z;INTERVAL=1
UID:040000008200E00074C5B7101A82E008
SUMMARY:Ada on call
DTSTART;TZID=Central Standard Time:20261031T090000
DTEND;TZID=Central Standard Time:20261031T170000
CLASS:PUBLIC
PRIORITY:5
DTSTAMP:20261101T120000Z
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:0
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
END:VEVENT
END:VCALENDAR
"""

PAGERDUTY = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:PagerDuty
METHOD:PUBLISH
X-WR-CALNAME:On Call Schedule for Churn
X-WR-TIMEZONE:America/Chicago
BEGIN:VEVENT
DTSTAMP;VALUE=DATE-TIME:20261101T000000Z
DTSTART;VALUE=DATE-TIME:20261102T150000Z
DTEND;VALUE=DATE-TIME:20261109T150000Z
ATTENDEE:ada@example.com
SUMMARY:On Call - Ada Lovelace - Churn
UID:Q1PNCHURN
URL;VALUE=URI:https://acme.pagerduty.com/schedules#PABC123
END:VEVENT
END:VCALENDAR
"""


def read(text: str, zone: str = "America/Chicago") -> list[Occurrence]:
    return calendar_events.occurrences(text.replace("\n", "\r\n").encode(), zone, START, END)


def utc(day: int, hour: int, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_googles_calendar_is_read_over_the_end_of_summer_time() -> None:
    found = [(one.start, one.end, one.attendees) for one in read(GOOGLE)]
    ada, bo = ("ada@example.com",), ("bo@example.com",)
    assert found == [
        (utc(5, 14), utc(6, 14), ada),
        (utc(19, 14), utc(20, 14), ada),
        (utc(27, 14), utc(28, 14), bo),
        (utc(31, 5), utc(2, 6, 11), ()),  # two days of 24 and 25 hours
        (utc(2, 15, 11), utc(3, 15, 11), ada),
    ]
    assert [one.summary for one in read(GOOGLE)][:2] == ["Primary, week", "Primary, week"]


def test_days_are_those_of_the_rotas_own_clock() -> None:
    days = next(
        one for one in read(GOOGLE.replace("X-WR-TIMEZONE:America/Chicago\n", ""), "Asia/Tokyo") if "cy" in one.summary
    )
    assert (days.start, days.end) == (utc(30, 15), utc(1, 15, 11))


def test_outlooks_calendar_is_read_with_microsofts_names_of_zones() -> None:
    found = [(one.start.astimezone(UTC), one.end - one.start) for one in read(OUTLOOK, "UTC")]
    assert found == [
        (start, timedelta(hours=8)) for start in (utc(31, 14), utc(1, 15, 11), utc(2, 15, 11), utc(3, 15, 11))
    ]


def test_pagerdutys_calendar_is_read() -> None:
    (one,) = read(PAGERDUTY)
    assert one == Occurrence(utc(2, 15, 11), utc(9, 15, 11), ("ada@example.com",), "", "On Call - Ada Lovelace - Churn")


def test_what_is_cancelled_as_a_whole_is_nothing() -> None:
    assert read(PAGERDUTY.replace("METHOD:PUBLISH", "METHOD:CANCEL")) == []


def test_times_without_a_zone_are_those_of_the_rota() -> None:
    text = PAGERDUTY.replace("X-WR-TIMEZONE:America/Chicago\n", "").replace("0000Z\nDTEND", "0000\nDTEND")
    text = text.replace("20261109T150000Z", "20261109T150000")
    (one,) = read(text, "Asia/Tokyo")
    assert (one.start, one.end) == (utc(2, 6, 11), utc(9, 6, 11))


EVENT = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:1\nSUMMARY:ada\n{}\nEND:VEVENT\nEND:VCALENDAR\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>sign in</html>",
        "BEGIN:VCALENDAR\n",
        "\0" * 100,
        "BEGIN:VEVENT\nEND:VEVENT\n",
        EVENT.format("DTSTART:soon"),
        EVENT.format("DTEND:20261102T150000Z"),
        EVENT.format("DTSTART:20261102T150000Z\nDURATION:long"),
        EVENT.format("DTSTART:20261102T150000Z\nRRULE:FREQ=NEVER"),
        EVENT.format("DTSTART:20261102T150000Z\nDTEND:20261102T160000Z\nEXDATE:never"),
        EVENT.format("DTSTART:00010101T000000Z\nDTEND:99991231T235959Z"),
        "BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nEND:VEVENT\n" * 5_001 + "END:VCALENDAR\n",
    ],
)
def test_what_is_no_calendar_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(text)
    assert refused.value.do


def test_an_event_without_length_is_nobodys() -> None:
    assert read(EVENT.format("DTSTART:20261102T150000Z")) == []


async def test_a_calendar_is_read_in_a_process_of_its_own() -> None:
    found = await calendar_events.apart(GOOGLE.encode(), "America/Chicago", START, END)
    assert found == read(GOOGLE)
    with pytest.raises(BadInput, match="is no calendar"):
        await calendar_events.apart(b"<html>", "UTC", START, END)
    with pytest.raises(BadInput, match="over 1,048,576 bytes"):
        await calendar_events.apart(b"x" * (calendar_events.LARGEST + 1), "UTC", START, END)
    many = EVENT.format("DTSTART:20261001T000000Z\nDURATION:PT1M\nRRULE:FREQ=MINUTELY;INTERVAL=10")
    with pytest.raises(BadInput, match="more than 5,000 events"):
        await calendar_events.apart(many.encode(), "UTC", START, END)


@pytest.mark.slow
async def test_a_calendar_that_never_ends_costs_a_few_seconds_of_another_process() -> None:
    endless = EVENT.format("DTSTART:19700101T000000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY")
    with pytest.raises(BadInput, match="recurring events"):
        await calendar_events.apart(endless.encode(), "UTC", START, END)
