"""Shifts, wishes and previews that drawings of duty are made from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.engine.ahead import Ahead, Turn
from bot.engine.report import Answering, OnCall
from bot.engine.roster import Preview
from bot.model.armed import Flaw, Gap, Lack
from bot.model.cover import Request, Standing
from bot.model.people import Person
from bot.model.rota import Amendment, Holder, Override, Shift
from bot.model.verdict import Verdict
from bot.rules import turns
from bot.settings import Settings, Slack
from bot.slack.forms.form import Known, Seed
from bot.slack.forms.prospect import Prospect

SETTINGS = Settings(Path("config"), "", Slack("socket", "#ml"))
NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)
DAY = timedelta(days=1)
ADA = Person("ada", slack="U01ADA", timezone="Europe/Istanbul")
BO = Person("bo", slack="U01BO")
MONDAY = datetime(2026, 11, 30, 6, tzinfo=UTC)


def shift(person: str | None, start: datetime, end: datetime, rota: str = "first-line") -> Shift:
    """One holder, or a gap."""
    return Shift(rota, start, end, (Holder(person, "layer:weekly", f"It is {person}'s turn."),) if person else ())


NOW_ON, NEXT = shift("ada", NOW - DAY, MONDAY), shift("bo", MONDAY, MONDAY + 7 * DAY)
GAP = shift(None, MONDAY + 7 * DAY, MONDAY + 8 * DAY)
ALWAYS = shift("ada", NOW, turns.LAST, "nights")
ASKED = Request(
    "CVR-7",
    "first-line",
    "bo",
    NEXT.start,
    NEXT.end,
    "person:bo",
    NOW,
    Standing.OPEN,
    NOW,
    offered=("ada", "cy"),
    why="a wedding",
)
SWAP = replace(ASKED, in_return=(NEXT.end, NEXT.end + 7 * DAY), why="")
TAKEN = replace(ASKED, standing=Standing.TAKEN, taken_by="ada", version=2)
WITHDRAWN = replace(SWAP, standing=Standing.WITHDRAWN, version=2)
PAST = replace(ASKED, standing=Standing.PAST, version=2)
BYHAND = (
    Override("OVR-3", "first-line", Amendment.OVERRIDE, MONDAY, MONDAY + DAY, "cy", "bo", "ada"),
    Override("OVR-4", "first-line", Amendment.ABSENCE, MONDAY, MONDAY + DAY, "bo"),
)
MINE = (
    Turn(NOW_ON, begun=True),
    Turn(shift("ada", MONDAY + 7 * DAY, MONDAY + 14 * DAY), replace(ASKED, person="ada")),
    Turn(ALWAYS),
)
ON_CALL = (OnCall("first-line", NOW_ON, NEXT, (ADA,)), OnCall("vacant", replace(GAP, rota="vacant"), None, ()))
ANSWERING = Answering("rota first-line", ON_CALL[:1], (), (ADA,))
AHEAD = Ahead(
    Turn(NEXT, ASKED),
    (ASKED, SWAP),
    (Gap(("rota:first-line", "lead:churn-ml"), GAP.start, GAP.end, "Nobody is on call for first-line: bo is away."),),
    (Lack("cy", Flaw.UNREACHED, ("rota:nights",), NOW),),
)
BEFORE = [shift("bo", MONDAY - DAY, MONDAY + 2 * DAY)]
AFTER = [
    shift("bo", MONDAY - DAY, MONDAY),
    shift("cy", MONDAY, MONDAY + DAY),
    shift(None, MONDAY + DAY, MONDAY + 2 * DAY),
]
WOULD = Preview(BEFORE, AFTER, ("bo", "cy"), (), Verdict.GO, "This would be: cy instead of bo.", "5eed")
NEVER = Preview([], [], (), (), Verdict.NOT_POSSIBLE, "cy is not on call for first-line in that time.")
NOTHING = Preview(BEFORE, BEFORE, (), ("bo is not on call then.",), Verdict.GO, "This would be: bo is away.")
TYPED = {"rota": "first-line", "person": "cy", "starts": "2026-11-30 09:00", "ends": "1d"}
KNOWN = Prospect("Europe/Istanbul", ("ada", "bo"))


def known(prospect: Prospect, plan: str | None = None) -> Known:
    """What a form has read."""
    return Known(prospect=prospect, zone=prospect.zone, plan=plan)


OFFERED = replace(KNOWN, members=("ada", "cy"), shifts=(NEXT,))
BACK = {"return_starts": "2026-12-07 09:00", "return_ends": "7d"}
#: What each golden view is drawn from: the form, what it was opened for, what stands in it, what is known.
DRAWN: dict[str, tuple[str, Seed, dict[str, str], Known | None]] = {
    "rota-override": (
        "rota-override",
        Seed(),
        {**TYPED, "replaces first-line": "bo", "why": "a flight"},
        known(replace(KNOWN, preview=WOULD), "c0ffee/5eed"),
    ),
    "rota-override_reading": ("rota-override", Seed(), {"rota": "first-line"}, None),
    "rota-override_empty": ("rota-override", Seed(), {}, known(Prospect())),
    "rota-cover_refused": ("rota-cover", Seed(), TYPED, known(replace(KNOWN, preview=NEVER))),
    "rota-cover_misread": ("rota-cover", Seed(), TYPED, known(replace(KNOWN, trouble="'soon' is no moment."))),
    "rota-absence": ("rota-absence", Seed(), {**TYPED, "person": "bo"}, known(replace(KNOWN, preview=NOTHING))),
    "ask-cover": ("ask-cover", Seed(), {"rota": "first-line", "ends": "7d"}, known(OFFERED)),
    "swap": (
        "swap",
        Seed(),
        {"rota": "first-line", "ends": "7d", **BACK},
        known(replace(OFFERED, returned=(GAP, shift("cy", GAP.end, GAP.end + DAY)))),
    ),
    "swap_nobody": ("swap", Seed(), {"rota": "first-line", "ends": "7d"}, known(replace(OFFERED, members=()))),
}
