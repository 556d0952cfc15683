"""`tocsin oncall`: who holds the pager and who will, changes by hand included."""

import asyncio
import json
import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import cli
from bot.clock import SystemClock
from bot.model.rota import Amendment, Every, Layer, Override, Rota, Unit
from bot.store import Store, overrides, rotas
from tests.cli.conftest import Type

#: A Tuesday evening in Chicago, in ada's first week.
AT = "2026-11-03 20:00"
FILE = """\
rotas:
  - name: r
    timezone: America/Chicago
    owner: a-team-nobody-defined
    layers:
      - {name: weekly, start: "2026-11-02 09:00", every: 1 week, members: [zoe, bo]}
      - name: nights
        start: "2026-11-02 20:00"
        every: 1 day
        members: [dee, null, [eli, fay]]
        only: [{days: mon-fri, from: "20:00", to: "08:00"}]
    overrides:
      - {kind: cover, start: "2026-11-04 12:00", end: "2026-11-04 13:00", person: cy}
"""


def stand_in(folder: Path) -> None:
    """As if somebody had said in Slack that cy stands in for ada on that evening."""

    async def write() -> None:
        store = await Store.open(f"sqlite:///{folder}/tocsin.db", clock=SystemClock())
        span = (datetime(2026, 11, 4, 1, tzinfo=UTC), datetime(2026, 11, 4, 6, tzinfo=UTC))
        override = Override("7", "first-line", Amendment.OVERRIDE, *span, "cy", "ada", "person:ada", "opera")
        await store.write(lambda tx: overrides.add(tx, override))
        await store.close()

    asyncio.run(write())


def test_who_is_on_call_at_a_moment_of_the_rotas_own_clock(typed: Type) -> None:
    typed("migrate")
    shown = typed("oncall", "who", "first-line", "--at", AT)
    assert shown.stderr == ""
    assert shown.stdout.splitlines()[1] == (
        "first-line  ada      2026-11-09 09:00 -0600  "
        "It is ada's turn in layer weekly of first-line until Mon 9 Nov 2026 09:00 America/Chicago."
    )


def test_every_rota_as_json(typed: Type) -> None:
    typed("migrate")
    found = json.loads(typed("oncall", "who", "--at", "2026-11-10T15:00+00:00", "--json").stdout)
    assert [(one["rota"], one["person"], one["persons"]) for one in found] == [
        ("first-line", None, []), ("second-line", "cy", ["cy"]),
    ]  # fmt: skip
    assert (found[0]["start"], found[0]["source"]) == ("2026-11-09T09:00:00-06:00", "gap")
    assert found[0]["why"].startswith("Nobody is on call for first-line")


def test_a_change_made_by_hand_is_who_gets_paged(typed: Type, folder: Path) -> None:
    stand_in(folder)
    found = json.loads(typed("oncall", "who", "first-line", "--at", AT, "--json").stdout)
    assert (found["person"], found["persons"], found["layer"], found["source"]) == ("cy", ["cy"], None, "override")
    assert (found["start"], found["end"]) == ("2026-11-03T19:00:00-06:00", "2026-11-04T00:00:00-06:00")
    after = json.loads(typed("oncall", "who", "first-line", "--at", "2026-11-04T12:00Z", "--json").stdout)
    assert after["start"] == "2026-11-04T00:00:00-06:00"


def test_the_coming_shifts_with_their_gaps_the_outer_ones_whole(typed: Type, folder: Path) -> None:
    stand_in(folder)
    shown, _, byhand = typed("oncall", "show", "first-line", "--from", AT, "--days", "20").stdout.partition("\n\n")
    assert byhand.startswith("CHANGE")
    columns = [(line[0:22], line[24:46], line[48:54]) for line in shown.splitlines()[1:]]
    assert columns == [
        ("2026-11-03 19:00 -0600", "2026-11-04 00:00 -0600", "cy    "),
        ("2026-11-04 00:00 -0600", "2026-11-09 09:00 -0600", "ada   "),
        ("2026-11-09 09:00 -0600", "2026-11-16 09:00 -0600", "nobody"),
        ("2026-11-16 09:00 -0600", "2026-11-23 09:00 -0600", "bo    "),
        ("2026-11-23 09:00 -0600", "2026-11-30 09:00 -0600", "ada   "),
    ]
    found = json.loads(typed("oncall", "show", "first-line", "--from", AT, "--days", "20", "--json").stdout)
    assert list(found) == ["shifts"]
    assert found["shifts"][2] == {
        "person": None,
        "start": "2026-11-09T09:00:00-06:00",
        "end": "2026-11-16T09:00:00-06:00",
        "layer": None,
        "source": "gap",
        "why": "Nobody is on call for first-line: the seat in layer weekly is vacant.",
    }


def test_a_span_may_be_cut_to_what_was_asked_for(typed: Type) -> None:
    typed("migrate")
    words = ("oncall", "show", "first-line", "--from", AT, "--to", "2026-11-10T12:00-06:00", "--json")
    whole, cut = (json.loads(typed(*words, *more).stdout)["shifts"] for more in ((), ("--cut",)))
    ends = [[(one["start"][:16], one["end"][:16]) for one in found] for found in (whole, cut)]
    assert ends == [
        [("2026-11-02T09:00", "2026-11-09T09:00"), ("2026-11-09T09:00", "2026-11-16T09:00")],
        [("2026-11-03T20:00", "2026-11-09T09:00"), ("2026-11-09T09:00", "2026-11-10T12:00")],
    ]


def test_what_a_rota_was_before_it_was_edited_is_shown(typed: Type, folder: Path) -> None:
    async def edited() -> None:
        store = await Store.open(f"sqlite:///{folder}/tocsin.db", clock=SystemClock())
        was = Layer("weekly", datetime(2026, 11, 2, 9), Every(1, Unit.WEEK), ("dee",))
        for layers, at in (((was,), datetime(2026, 11, 1, tzinfo=UTC)), ((), datetime(2026, 11, 5, tzinfo=UTC))):
            await store.write(
                partial(rotas.keep, rotas={"first-line": Rota("first-line", "America/Chicago", layers)}, at=at)
            )
        await store.close()

    asyncio.run(edited())
    found = json.loads(typed("oncall", "show", "first-line", "--from", AT, "--days", "4", "--json").stdout)
    assert [one["person"] for one in found["shifts"]] == ["dee", "ada"]
    assert found["shifts"][1]["start"] == "2026-11-04T18:00:00-06:00"


def test_everybody_keeps_a_colour_on_a_terminal_and_there_only(typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    typed("migrate")
    words = ["oncall", "show", "first-line", "--from", AT, "--days", "30"]
    coloured = CliRunner().invoke(cli.app, words, color=True).stdout
    colours = {name: set(re.findall(rf"\x1b\[(\d+)m{name} *\x1b", coloured)) for name in ("ada", "bo", "nobody")}
    assert [len(found) for found in colours.values()] == [1, 1, 1]
    assert len(set().union(*colours.values())) == 3
    assert "\x1b" not in typed(*words).stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in CliRunner().invoke(cli.app, words, color=True).stdout


def test_a_name_cannot_colour_the_screen(typed: Type, tmp_path: Path) -> None:
    file = tmp_path / "rota.yaml"
    file.write_text(
        'rotas: [{name: r, timezone: UTC, start: "2026-11-02 09:00", every: 1 day, members: ["\\e[31mx"]}]', "utf-8"
    )
    shown = typed("oncall", "show", "r", "--file", str(file), "--from", AT, code=2)
    assert "\x1b" not in shown.output


def test_a_rota_may_stand_alone_in_its_file(tmp_path: Path, typed: Type) -> None:
    file = tmp_path / "rota.yaml"
    alone = 'name: r\ntimezone: UTC\nstart: "2026-11-02 09:00"\nevery: 1 week\nmembers: [ada, bo]\n'
    file.write_text(alone, "utf-8")
    shown = typed("oncall", "who", "r", "--file", file, "--at", "2026-11-12T03:00:00Z", "--json")
    assert json.loads(shown.stdout)["person"] == "bo"
    file.write_text(alone.replace("1 week", "often"), "utf-8")
    assert f"error: {file}:4: " in typed("oncall", "who", "r", "--file", file, code=2).stderr


def test_one_file_is_enough(tmp_path: Path, typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_CONFIG", str(tmp_path / "nowhere"))
    file = tmp_path / "rota.yaml"
    file.write_text(FILE, "utf-8")
    shown = typed("oncall", "show", "r", "--file", file, "--from", "2026-11-04T12:30", "--days", "1", "--json")
    assert shown.stderr == ""
    found = [(one["person"], one["start"], one["layer"], one["source"]) for one in json.loads(shown.stdout)["shifts"]]
    assert found == [
        ("zoe", "2026-11-03T08:00:00-06:00", "weekly", "layer"),
        ("cy", "2026-11-04T12:00:00-06:00", None, "cover"),
        ("eli", "2026-11-04T20:00:00-06:00", "nights", "layer"),
        ("fay", "2026-11-04T20:00:00-06:00", "nights", "layer"),
        ("zoe", "2026-11-05T08:00:00-06:00", "weekly", "layer"),
    ]
    now = json.loads(typed("oncall", "who", "r", "--file", file, "--at", "2026-11-04T12:30", "--json").stdout)
    assert (now["person"], now["persons"], now["layer"]) == ("zoe", ["zoe", "cy"], "weekly")
    assert (now["start"][11:16], now["end"][11:16]) == ("12:00", "13:00")
    assert [one["person"] for one in now["holders"]] == ["zoe", "cy"]
    assert "no rota 's'" in typed("oncall", "who", "s", "--file", file, code=1).stderr


SHORT = '{name: r, timezone: UTC, start: "2026-11-02 09:00", every: 1 week, members: [ada]}'
SPAN = 'start: "2026-11-03 09:00", end: "2026-11-03 09:00"'
LATE = (
    'layers: [{name: a, every: 1 week, start: "2026-11-02 09:00", members: [ada], from: "2026-11-03 09:00",'
    ' until: "2026-11-06 09:00", only: [{days: "sat,sun"}]}]'
)


@pytest.mark.parametrize(
    ("right", "wrong", "what", "do"),
    [
        ("[ada]", "[]", "has nobody in it", "null is a vacant seat"),
        ("[ada]", "[null, null]", "has nobody in it", "null is a vacant seat"),
        ("[ada]", "[ada, []]", "has a seat with nobody in it", "null for a vacant seat"),
        ("members", "membrs", "There is no setting `rotas[0].membrs`", "Did you mean 'members'?"),
        ("UTC", "Europe/Istambul", "is no time zone", "Did you mean 'Europe/Istanbul'?"),
        ("1 week", "0 days", "is no turn's length", "1 week, 12 hours"),
        ("2026-11-02", "2026-02-30", "is no time", "2026-11-02 09:00"),
        ("[ada]}", "[ada], layers: []}", "stands beside `layers`", "Move it into a layer"),
        ("[ada]}", f"[ada], overrides: [{{person: bo, {SPAN}}}]}}", "ends before it begins", "later than `start`"),
        ("[ada]}", f"[ada], temporary: [{{name: t, {SPAN}}}]}}", "ends before it begins", "later than `start`"),
        (
            'start: "2026-11-02 09:00", every: 1 week, members: [ada]', LATE,
            "None of its windows opens between `from` and `until`", "The next opens on 2026-11-07 00:00",
        ),
    ],
)  # fmt: skip
def test_a_rota_of_impossible_form_is_refused_with_reason_and_cure(
    tmp_path: Path, typed: Type, right: str, wrong: str, what: str, do: str
) -> None:
    file = tmp_path / "rota.yaml"
    file.write_text(f"rotas:\n  - {SHORT.replace(right, wrong)}\n", "utf-8")
    said = typed("oncall", "show", "r", "--file", file, code=2).stderr
    assert f"error: {file}:2: " in said
    assert what in said
    assert do in said


def test_without_a_database_the_configured_roster_is_shown_with_a_warning(typed: Type, folder: Path) -> None:
    shown = typed("oncall", "who", "first-line", "--at", AT)
    assert "ada" in shown.stdout
    assert shown.stderr.startswith("warning: Overrides made in Slack are not shown. There is no database")
    assert not (folder / "tocsin.db").exists()


def test_a_rota_or_moment_that_is_none_is_refused(typed: Type) -> None:
    assert "Did you mean 'first-line'?" in typed("oncall", "show", "frst-line", code=1).stderr
    assert "There are: first-line, second-line." in typed("oncall", "who", "x", code=1).stderr
    assert "is no moment" in typed("oncall", "who", "--at", "tomorrow", code=2).stderr
    assert "--to is not after --from" in typed("oncall", "show", "first-line", "--from", AT, "--to", AT, code=2).stderr
    assert "two ends" in typed("oncall", "show", "first-line", "--to", AT, "--days", "3", code=2).stderr
    assert "Ask for a shorter span" in typed("oncall", "show", "first-line", "--to", "2090-01-01", code=2).stderr
