"""Awkward days and changes as tables, asked as anybody would ask: one rota file, `oncall show`, `oncall who`."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Type

ALL_DAY = '[{from: "08:00", to: "10:00"}]'
FOOBAR = (
    f'timezone: UTC, layers: [{{name: a, start: "2018-01-01 08:00", every: 1 day, members: [foobar], only: {ALL_DAY}}}]'
)
EVENT = 'timezone: UTC, layers: [{name: e, start: "2018-01-01 08:00", every: 1 hour, members: [U]}]'
MORNING = ("2018-01-01T08:00", "2018-01-01T09:00")


def turns(zone: str, start: str, every: str, members: str = "[ada, bo, cy]") -> str:
    return f'timezone: {zone}, start: "{start}", every: {every}, members: {members}'


def nights(days: str, start: str, end: str, zone: str = "UTC") -> str:
    only = f'[{{days: "{days}", from: "{start}", to: "{end}"}}]'
    layer = f'{{name: n, start: "2017-07-03 00:00", every: 1 week, members: [ada], only: {only}}}'
    return f"timezone: {zone}, layers: [{layer}]"


def changed(base: str, *changes: tuple[str, str, str, str]) -> str:
    """With what is changed by hand on 1 January 2018: kind, from, until, person (or PERSON for WHOM)."""
    told = []
    for kind, start, end, who in changes:
        person, _, whom = who.partition(" for ")
        span = ", ".join(f'{key}: "2018-01-01 {value}"' for key, value in (("start", start), ("end", end)))
        told.append(f"{{kind: {kind}, {span}, person: {person}{', replaces: ' + whom if whom else ''}}}")
    return f"{base}, overrides: [{', '.join(told)}]"


CASES = {
    "an hour that is skipped, every day": (
        turns("America/Chicago", "2026-03-07 02:30", "1 day"), "2026-03-07T02:30", "2026-03-10T02:30",
        ["2026-03-07T02:30-06:00 ada", "2026-03-08T03:00-05:00 bo", "2026-03-09T02:30-05:00 cy"],
    ),
    "an hour that is skipped, every hour": (
        turns("America/Chicago", "2026-03-08 00:00", "1 hour"), "2026-03-08T01:00", "2026-03-08T05:00",
        ["2026-03-08T01:00-06:00 bo", "2026-03-08T03:00-05:00 ada", "2026-03-08T04:00-05:00 bo"],
    ),
    "an hour that comes twice, every day": (
        turns("America/Chicago", "2026-10-31 01:30", "1 day"), "2026-10-31T01:30", "2026-11-03T01:30",
        ["2026-10-31T01:30-05:00 ada", "2026-11-01T01:30-05:00 bo", "2026-11-02T01:30-06:00 cy"],
    ),
    "an hour that comes twice, every hour": (
        turns("America/Chicago", "2026-11-01 00:00", "1 hour"), "2026-11-01T00:00", "2026-11-01T03:00",
        ["2026-11-01T00:00-05:00 ada", "2026-11-01T01:00-05:00 bo", "2026-11-01T02:00-06:00 cy"],
    ),
    "half an hour that is skipped": (
        turns("Australia/Lord_Howe", "2026-10-04 00:00", "1 hour"), "2026-10-04T01:00", "2026-10-04T04:00",
        ["2026-10-04T01:00+10:30 bo", "2026-10-04T02:30+11:00 cy", "2026-10-04T03:00+11:00 ada"],
    ),
    "half an hour that comes twice": (
        turns("Australia/Lord_Howe", "2026-04-05 00:00", "1 hour"), "2026-04-05T00:00", "2026-04-05T03:00",
        ["2026-04-05T00:00+11:00 ada", "2026-04-05T01:00+11:00 bo", "2026-04-05T02:00+10:30 cy"],
    ),
    "a day that never was": (
        turns("Pacific/Apia", "2011-12-29 12:00", "1 day"), "2011-12-29T12:00", "2012-01-01T12:00",
        ["2011-12-29T12:00-10:00 ada", "2011-12-31T00:00+14:00 bo", "2011-12-31T12:00+14:00 cy"],
    ),
    "a day that never was, in half days": (
        turns("Pacific/Apia", "2011-12-29 12:00", "12 hours", "[ada, bo, cy, dee]"),
        "2011-12-29T12:00", "2011-12-31T12:00",
        ["2011-12-29T12:00-10:00 ada", "2011-12-31T00:00+14:00 dee"],
    ),
    "a midnight that never was": (
        turns("Africa/Cairo", "2024-04-25 00:00", "1 day"), "2024-04-25T00:00", "2024-04-28T00:00",
        ["2024-04-25T00:00+02:00 ada", "2024-04-26T01:00+03:00 bo", "2024-04-27T00:00+03:00 cy"],
    ),
    "the last day of each month": (
        turns("Europe/Istanbul", "2026-01-31 09:00", "1 month"), "2026-01-31T09:00", "2026-05-31T09:00",
        ["2026-01-31T09:00+03:00 ada", "2026-02-28T09:00+03:00 bo", "2026-03-31T09:00+03:00 cy",
         "2026-04-30T09:00+03:00 ada"],
    ),
    "a birthday on the leap day": (
        turns("UTC", "2024-02-29 09:00", "12 months", "[ada, bo]"), "2024-02-29T09:00", "2029-02-28T09:00",
        ["2024-02-29T09:00+00:00 ada", "2025-02-28T09:00+00:00 bo", "2026-02-28T09:00+00:00 ada",
         "2027-02-28T09:00+00:00 bo", "2028-02-29T09:00+00:00 ada"],
    ),
    "over the leap day": (
        turns("UTC", "2024-02-28 00:00", "1 day"), "2024-02-28T00:00", "2024-03-02T00:00",
        ["2024-02-28T00:00+00:00 ada", "2024-02-29T00:00+00:00 bo", "2024-03-01T00:00+00:00 cy"],
    ),
    "backwards from the start, a vacant seat and two in one": (
        turns("UTC", "2026-11-02 09:00", "1 day", "[ada, null, [bo, cy]]"), "2026-10-31T09:00", "2026-11-03T09:00",
        ["2026-10-31T09:00+00:00 -", "2026-11-01T09:00+00:00 bo", "2026-11-01T09:00+00:00 cy",
         "2026-11-02T09:00+00:00 ada"],
    ),
    "Monday by day": (
        nights("mon", "08:00", "20:00"), "2017-07-23T20:00", "2017-07-31T20:00",
        ["2017-07-23T20:00+00:00 -", "2017-07-24T08:00+00:00 ada", "2017-07-24T20:00+00:00 -",
         "2017-07-31T08:00+00:00 ada"],
    ),
    "Monday by night": (
        nights("mon", "20:00", "08:00"), "2017-07-25T07:00", "2017-08-01T08:00",
        ["2017-07-25T07:00+00:00 ada", "2017-07-25T08:00+00:00 -", "2017-07-31T20:00+00:00 ada"],
    ),
    "weekdays, 24 hours each, are one": (
        nights("mon-fri", "08:00", "08:00"), "2017-07-24T07:00", "2017-07-31T08:00",
        ["2017-07-24T07:00+00:00 -", "2017-07-24T08:00+00:00 ada", "2017-07-29T08:00+00:00 -"],
    ),
    "a window whose end comes twice": (
        nights("sun", "00:00", "01:00", "America/Chicago"), "2018-11-04T00:00", "2018-11-04T03:00",
        ["2018-11-04T00:00-05:00 ada", "2018-11-04T01:00-06:00 -"],
    ),
    "a window whose start is skipped": (
        nights("sun", "02:30", "05:00", "America/Chicago"), "2018-03-11T01:00", "2018-03-11T06:00",
        ["2018-03-11T01:00-06:00 -", "2018-03-11T03:00-05:00 ada", "2018-03-11T05:00-05:00 -"],
    ),
    "replaced for a quarter": (
        changed(FOOBAR, ("override", "08:30", "08:45", "binbaz for foobar")), *MORNING,
        ["2018-01-01T08:00+00:00 foobar", "2018-01-01T08:30+00:00 binbaz", "2018-01-01T08:45+00:00 foobar"],
    ),
    "added twice, beside one who goes on": (
        changed(FOOBAR, ("cover", "08:00", "08:15", "binbaz"), ("cover", "08:30", "08:45", "binbaz")), *MORNING,
        ["2018-01-01T08:00+00:00 foobar", "2018-01-01T08:00+00:00 binbaz", "2018-01-01T08:30+00:00 binbaz"],
    ),
    "away": (
        changed(FOOBAR, ("absence", "08:30", "08:45", "foobar")), *MORNING,
        ["2018-01-01T08:00+00:00 foobar", "2018-01-01T08:30+00:00 -", "2018-01-01T08:45+00:00 foobar"],
    ),
    "a replacement of somebody who is off adds nobody": (
        changed(FOOBAR, ("override", "09:30", "10:30", "binbaz for foobar")), "2018-01-01T09:00", "2018-01-01T11:00",
        ["2018-01-01T09:00+00:00 foobar", "2018-01-01T09:30+00:00 binbaz", "2018-01-01T10:00+00:00 -"],
    ),
    "inside an event": (
        changed(EVENT, ("override", "08:10", "08:50", "V for U")), *MORNING,
        ["2018-01-01T08:00+00:00 U", "2018-01-01T08:10+00:00 V", "2018-01-01T08:50+00:00 U"],
    ),
    "to an event's beginning": (
        changed(EVENT, ("override", "08:00", "08:50", "V for U")), *MORNING,
        ["2018-01-01T08:00+00:00 V", "2018-01-01T08:50+00:00 U"],
    ),
    "to an event's end": (
        changed(EVENT, ("override", "08:10", "09:00", "V for U")), *MORNING,
        ["2018-01-01T08:00+00:00 U", "2018-01-01T08:10+00:00 V"],
    ),
    "longer than an event": (
        changed(EVENT, ("override", "07:50", "09:10", "V for U")), *MORNING, ["2018-01-01T08:00+00:00 V"],
    ),
    "over the middle of four events": (
        changed(EVENT, ("override", "08:30", "10:30", "V for U")), "2018-01-01T08:00", "2018-01-01T12:00",
        ["2018-01-01T08:00+00:00 U", "2018-01-01T08:30+00:00 V", "2018-01-01T10:30+00:00 U"],
    ),
}  # fmt: skip


@pytest.fixture
def asked(typed: Type, tmp_path: Path):  # type: ignore[no-untyped-def]
    """`asked(body, verb, *words)`: what a command says of a rota `r` with that body."""
    file = tmp_path / "rota.yaml"

    def ask(body: str, verb: str, *words: str):  # type: ignore[no-untyped-def]
        file.write_text(f"rotas:\n  - {{name: r, {body}}}\n", "utf-8")
        return json.loads(typed("oncall", verb, "r", "--file", file, *words, "--json").stdout)

    return ask


@pytest.mark.parametrize("name", CASES)
def test_the_known_cases(asked, name: str) -> None:  # type: ignore[no-untyped-def]
    body, start, end, expected = CASES[name]
    found = asked(body, "show", "--from", start, "--to", end, "--cut")["shifts"]
    assert [
        f"{one['start'].replace(':00-', '-').replace(':00+', '+')} {one['person'] or '-'}" for one in found
    ] == expected
    # Asked at an instant, the same; and the last moment of a shift is still in it.
    for one in found:
        last = (datetime.fromisoformat(one["end"]) - timedelta(microseconds=1)).isoformat()
        for at in (one["start"], last):
            now = asked(body, "who", "--at", at)
            assert (one["person"] in now["persons"]) if one["person"] else now["persons"] == []


def test_replace_add_and_remove_together(asked) -> None:  # type: ignore[no-untyped-def]
    base = 'timezone: UTC, layers: [{name: all, start: "2018-01-01 00:00", every: 1 week, members: [[rab, baz, bin]]}]'
    span = ("08:00", "09:00")
    body = changed(base, ("cover", *span, "foo"), ("override", *span, "bar for rab"), ("absence", *span, "baz"))
    assert set(asked(body, "who", "--at", "2018-01-01T08:30")["persons"]) == {"bar", "bin", "foo"}


def test_a_temporary_schedule_takes_all_layers_away(asked) -> None:  # type: ignore[no-untyped-def]
    day = "2018-01-01"
    shifts = f'[{{start: "{day} 08:25", end: "{day} 08:35", person: baz}}]'
    body = f'{FOOBAR}, temporary: [{{name: t, start: "{day} 08:15", end: "{day} 08:45", shifts: {shifts}}}]'
    found = asked(body, "show", "--from", MORNING[0], "--to", MORNING[1], "--cut")["shifts"]
    assert [(one["start"][11:16], one["person"], one["source"]) for one in found] == [
        ("08:00", "foobar", "layer"), ("08:15", None, "gap"), ("08:25", "baz", "temporary"), ("08:35", None, "gap"),
        ("08:45", "foobar", "layer"),
    ]  # fmt: skip


def test_a_time_that_is_skipped_or_comes_twice_is_asked_about_as_turns_begin(asked) -> None:  # type: ignore[no-untyped-def]
    body = turns("America/Chicago", "2026-03-07 02:30", "1 day")
    assert asked(body, "who", "--at", "2026-03-08T02:30")["at"] == "2026-03-08T03:00:00-05:00"
    assert asked(body, "who", "--at", "2026-11-01T01:30")["at"] == "2026-11-01T01:30:00-05:00"
