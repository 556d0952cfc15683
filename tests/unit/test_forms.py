"""Forms: drawn as agreed, always valid, in every language; read back whole; nothing hostile speaks through them."""

import json
import os
from collections.abc import Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import words
from bot.engine.declare import Preview
from bot.engine.desk import Desk
from bot.engine.explain import Explanation
from bot.engine.ladder import Rung
from bot.model.entry import Entry, Sealed
from bot.model.estate import Estate, Model
from bot.model.incident import Phase, imagined
from bot.model.people import NotifyStep, People, Person, Team
from bot.model.rota import Rota
from bot.model.runbook import Policy, Tier
from bot.model.verb import Verb
from bot.model.view import View
from bot.runbooks import Library
from bot.settings import Settings, Slack
from bot.slack import forms, pieces, validate
from bot.slack.forms import fields, sheets, snooze
from bot.slack.forms.form import Known, Problem, Reached, Scene, Seed
from bot.slack.payloads import Asked, Looking, Sent
from bot.testing.clock import FakeClock
from tests.unit import ahead, hit, on_duty

Json = dict[str, Any]
NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden"
POLICY = Policy((Tier("L1", ("person:ada",), timedelta(minutes=10)),), "L1")
ADA, BO = Person("ada", slack="U01ADA"), Person("bo")
CHURN = {"entity": "retail", "kind": "drift", "model": "churn", "model_version": "7", "environment": "production"}
HELD = {"phase": Phase.ACKNOWLEDGED, "severity": "sev2", "step": 1, "version": 3, "holder": "ada"}
BOOK = {"runbook": "feature-drift", "runbook_revision": "r1", "why": "kind = drift matches."}
INCIDENT = imagined(POLICY, NOW, id="INC-7", title="Feature drift", **CHURN, **HELD, **BOOK)
OTHERS = (replace(INCIDENT, id="INC-6", title="Data is late"), replace(INCIDENT, id="INC-3", model=None))
SAYS = "[SEV2] churn v7: Feature drift - psi of age 0.31 (threshold > 0.2)"
KNOWN, SEED = Known(INCIDENT, SAYS, ADA), Seed("INC-7", 3)
CREW = (Reached(ADA, (NotifyStep("slack"), NotifyStep("sms", timedelta(minutes=2)))), Reached(BO, ()))
LADDER = (
    Rung(timedelta(0), "L1", ("ada",), "ada is on call."),
    Rung(timedelta(minutes=10), "L2", ("bo", "cy"), "Everybody in team x."),
)
PREVIEW = Preview("drift", "Features drifted", "sev2", "drift matches.", LADDER, ("L3 reaches nobody.",))
SHOWN = View(INCIDENT, SAYS, (), (), "Features drifted", None, ADA, (), None, ())
TOLD = Explanation(SHOWN, "drift matches.", LADDER, ("L3 reaches nobody.",), True)
ENTRY = Entry("retail", "note.added", NOW, "person:ada", "INC-7", after={"text": "the feed was late"})

#: What each golden view is drawn from: the form, what it was opened for, what stands in it, what is known.
DRAWN: Mapping[str, tuple[str, Seed, dict[str, str], Known | None]] = {
    "declare": ("declare", Seed(), {"title": "Scores are off", "model": "churn"}, Known(preview=PREVIEW)),
    "declare_reading": ("declare", Seed(), {}, None),
    "declare_refused": ("declare", Seed(), {"model": "x"}, Known(why="There is no model 'x'.")),
    "open-from": ("open-from", Seed(message="1.2", channel="C1"), {"details": "a\nb"}, Known(preview=PREVIEW)),
    "hand-over": ("hand-over", SEED, {"target": "rota:nights"}, replace(KNOWN, reached=CREW, why="Both are.")),
    "hand-over_nobody": ("hand-over", SEED, {"target": "team:x"}, replace(KNOWN, why="Team x has no members.")),
    "page": ("page", SEED, {"target": "person:ada", "words": "the feed"}, replace(KNOWN, reached=CREW)),
    "page_which": ("page", Seed(), {}, Known(open=OTHERS)),
    "snooze": ("snooze", SEED, {"span": "60"}, replace(KNOWN, reached=CREW, tier="L2")),
    "snooze_minutes": ("snooze", SEED, {"minutes": "90", "span": "60"}, KNOWN),
    "silence": ("silence", SEED, {"why": "backfill"}, replace(KNOWN, **hit.THREE)),
    "silence_everything": ("silence", Seed(), {"matchers": "kind =~ .*", "boxes": "shadow,sure"}, Known(**hit.ALL)),
    "false-alarm": ("false-alarm", SEED, {}, KNOWN),
    "regrade": ("regrade", SEED, {"severity": "sev1"}, replace(KNOWN, reached=CREW, tier="L2", due=True)),
    "regrade_lighter": ("regrade", SEED, {"severity": "sev4"}, KNOWN),
    "merge": ("merge", SEED, {"into": "INC-3"}, replace(KNOWN, open=OTHERS)),
    "merge_alone": ("merge", SEED, {}, KNOWN),
    "note": ("note", SEED, {"text": "the feed\nwas late"}, KNOWN),
    "timeline-add": ("timeline-add", Seed(message="1.2", channel="C1"), {"text": "it is off"}, Known(open=OTHERS)),
    "more": ("more", SEED, {}, replace(KNOWN, allowed=frozenset(Verb))),
    "more_nothing": ("more", SEED, {}, KNOWN),
    "explain": ("explain", SEED, {}, replace(KNOWN, told=TOLD)),
    "timeline": ("timeline", SEED, {}, replace(KNOWN, timeline=(Sealed(ENTRY, 1, NOW, "", ""),))),
    **ahead.DRAWN,
    **on_duty.DRAWN,
}


def drawn(name: str, w: words.Words = words.ENGLISH, problem: Problem | None = None) -> Json:
    """One of those views."""
    form, seed, filled, known = DRAWN[name]
    return sheets.sheet(forms.FORMS[form], Scene(seed, filled, known, NOW, w, problem))


def said(view: Json) -> str:
    """Every word of a view."""
    return json.dumps(view, ensure_ascii=False)


def delivered(view: Json, **typed: object) -> Json:
    """The view as Slack delivers it, with what stands in its fields; a value of None empties one."""
    values: Json = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            kind, standing = element["type"], element.get("initial_value", element.get("initial_option"))
            value = typed.get(block["block_id"], standing)
            chosen = {"value": value} if isinstance(value, str) else value
            ticked = {"selected_options": element.get("initial_options", [])}
            answers = {"plain_text_input": {"value": value}, "checkboxes": ticked}
            answer = {"type": kind, **answers.get(kind, {"selected_option": chosen})}
            values[block["block_id"]] = {element["action_id"]: answer}
    return view | {"id": "V1", "hash": "1.a", "state": {"values": values}}


def sent(view: Json, **typed: object) -> Sent:
    """A person sends it."""
    asked = Asked("U01ADA", "T1", "T1", "form/V1/1.a", "form")
    return Sent(asked, view["callback_id"], delivered(view, **typed))


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_drawn_as_agreed(name: str) -> None:
    file = GOLDEN / f"form_{name}.json"
    view = drawn(name)
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        file.write_text(json.dumps(view, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert view == json.loads(file.read_text(encoding="utf-8")), "TOCSIN_GOLDEN=write draws them anew."


@pytest.mark.parametrize("w", words.LANGUAGES.values(), ids=words.LANGUAGES)
@pytest.mark.parametrize("name", DRAWN)
def test_slack_would_take_it_in_every_language(name: str, w: words.Words) -> None:
    form = forms.FORMS[DRAWN[name][0]]
    for problem in (None, Problem("Why not. " * 300), Problem("It is empty.", "title"), Problem("No.", "text")):
        view = drawn(name, w, problem)
        assert validate.validate(view, "modal") == []
        assert "…" not in view["title"]["text"] + view.get("submit", {"text": ""})["text"]
    assert validate.validate(sheets.working(form, delivered(view), w), "modal") == []
    assert validate.validate(sheets.done(form, [[pieces.say("done")]], w), "modal") == []


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_known_later_changes_no_field(name: str) -> None:
    """Slack keeps what was typed only where the block and its element keep their ids and kind."""
    form, seed, filled, known = DRAWN[name]

    def asked(known: Known | None) -> list[tuple[str, str, str]]:
        view = sheets.sheet(forms.FORMS[form], Scene(seed, filled, known, NOW, words.ENGLISH))
        inputs = [block for block in view["blocks"] if block["type"] == "input"]
        return [(b["block_id"], b["element"]["action_id"], b["element"]["type"]) for b in inputs]

    early, late = asked(None), asked(known)
    assert [one for one in late if one in early] == early


@pytest.mark.parametrize("name", DRAWN)
def test_what_stands_in_it_comes_back(name: str) -> None:
    form, _, filled, _ = DRAWN[name]
    back = fields.read(delivered(drawn(name)))
    assert filled.items() <= back.items()
    again = sheets.sheet(forms.FORMS[form], Scene(DRAWN[name][1], back, DRAWN[name][3], NOW, words.ENGLISH))
    assert fields.read(delivered(again)) == back


def test_a_problem_stands_right_under_its_field() -> None:
    blocks = [block.get("block_id") for block in drawn("hand-over", problem=Problem("No.", "target"))["blocks"]]
    assert blocks[blocks.index("target") + 1] == "problem"
    assert drawn("hand-over", problem=Problem("No."))["blocks"][0]["block_id"] == "problem"


def test_a_form_carries_ids_only() -> None:
    seed = Seed("INC-7", 3, text="secret words", details="more", target="person:ada", channel="C1", message="1.2")
    packed = seed.pack("tr")
    assert "secret" not in packed
    back, language = Seed.unpack(packed)
    assert (back, language) == (Seed("INC-7", 3, channel="C1", message="1.2"), "tr")


# --- checked at the field ---


@pytest.mark.parametrize(
    ("name", "typed", "wrong"),
    [
        ("declare", {"title": None}, {"title"}),
        ("declare", {"title": "   "}, {"title"}),
        ("declare", {"title": "x" * 201, "environment": "y" * 61}, {"title", "environment"}),
        ("declare", {}, set()),
        ("hand-over", {"target": None}, {"target"}),
        ("hand-over", {"why": "x" * 1_001}, {"why"}),
        ("hand-over", {}, set()),
        ("page", {"target": None, "words": "x" * 1_001}, {"target", "words"}),
        ("snooze", {"minutes": "0"}, {"minutes"}),
        ("snooze", {"minutes": "10081"}, {"minutes"}),
        ("snooze", {"minutes": "١٥"}, {"minutes"}),
        ("snooze", {"minutes": "-5"}, {"minutes"}),
        ("snooze", {"minutes": "1e3"}, {"minutes"}),
        ("snooze", {"minutes": "10080"}, set()),
        ("snooze", {"span": "morning"}, set()),
        ("snooze", {"span": "1000000"}, {"span"}),
        ("snooze", {"span": None}, {"span"}),
        ("false-alarm", {"why": ""}, {"why"}),
        ("false-alarm", {"why": "x" * 1_001}, {"why"}),
        ("false-alarm", {"why": "a replay"}, set()),
        ("regrade", {"severity": "sev9"}, {"severity"}),
        ("merge", {"into": None}, {"into"}),
        ("note", {"text": "\n"}, {"text"}),
        ("note", {"text": "x" * 3_001}, {"text"}),
        ("timeline-add", {"text": None}, {"text"}),
    ],
)
def test_what_can_be_seen_at_once_is_said_at_the_field(name: str, typed: dict[str, object], wrong: set[str]) -> None:
    for w in words.LANGUAGES.values():
        found = forms.errors(sent(drawn(name, w), **typed))
        assert set(found) == wrong
        assert all(sentence in {getattr(w.form, one.name) for one in fields_of(w.form)} for sentence in found.values())


def test_only_fields_that_stand_there_are_blamed() -> None:
    assert forms.errors(sent(drawn("merge_alone"))) == {}
    forged = sent(drawn("note"))
    assert forms.errors(replace(forged, form="rm")) == {}
    assert validate.validate(forms.working(replace(forged, form="rm")), "modal") == []


# --- selects ---

PEOPLE = {name: Person(name, slack=f"U01{name.upper()}") for name in ("ada", "bo", "adam")}
MODELS = {
    "churn": Model("churn", "retail", "churn-ml", aliases=("customer_churn",)),
    "refund-agent": Model("refund-agent", "retail", "churn-ml", kind="agent"),
}


def offered(action: str, typed: str, people: Mapping[str, Person] = PEOPLE, w: words.Words = words.ENGLISH) -> Json:
    """What a select offers."""
    persons = People(people, {"churn-ml": Team("churn-ml", "retail", ("ada", "bo"), lead="bo")})
    settings_ = Settings(
        Path("config"),
        "",
        Slack("socket", "#ml"),
        people=persons,
        estate=Estate({}, MODELS, MODELS),
        rotas={"nights": Rota("nights", "UTC", ())},
    )
    desk = Desk(None, FakeClock(NOW), settings_, Library(()))  # type: ignore[arg-type]  # from memory, so no store
    asked = Asked("U01ADA", "T1", "T1", "", "form")
    return forms.options(desk, Looking(asked, action, typed, drawn("declare", w)))


def names(answer: Json) -> list[str]:
    """The values offered."""
    groups = [option for group in answer.get("option_groups", ()) for option in group["options"]]
    return [option["value"] for option in (*answer.get("options", ()), *groups)]


def test_models_are_found_by_name_and_alias() -> None:
    assert names(offered("field.model", "")) == ["churn", "refund-agent"]
    assert names(offered("field.model", "customer")) == ["churn"]
    assert names(offered("field.model", "AGENT")) == ["refund-agent"]
    assert names(offered("field.model", "zzz")) == []
    assert "Ajan" in said(offered("field.model", "agent", w=words.TURKISH))


def test_people_teams_and_rotas_are_found_each_under_their_heading() -> None:
    everybody = offered("field.target", "")
    assert [group["label"]["text"] for group in everybody["option_groups"]] == ["People", "Teams", "Rotas"]
    assert names(everybody) == ["person:ada", "person:adam", "person:bo", "team:churn-ml", "rota:nights"]
    assert names(offered("field.target", "@ad")) == ["person:ada", "person:adam"]
    assert offered("field.target", "zzz") == {"option_groups": []}
    assert offered("field.other", "a") == {"options": []}


def test_a_crowd_is_cut_where_slack_stops() -> None:
    crowd = {f"p{number}": Person(f"p{number}") for number in range(300)} | {"x" * 400: Person("x" * 400)}
    found = offered("field.target", "", crowd)
    assert len(found["option_groups"][0]["options"]) == 100
    assert all(len(value) <= 150 for value in names(found))


def test_a_choice_that_is_offered_no_more_still_stands() -> None:
    many = tuple(replace(INCIDENT, id=f"INC-{number}") for number in range(100, 220))
    view = sheets.sheet(
        forms.FORMS["merge"], Scene(SEED, {"into": "INC-3"}, Known(INCIDENT, open=many), NOW, words.ENGLISH)
    )
    assert validate.validate(view, "modal") == []
    assert fields.read(delivered(view))["into"] == "INC-3"


# --- how long ---


@pytest.mark.parametrize(
    ("zone", "now", "minutes"),
    [
        ("UTC", "2026-11-23 03:40", 260),
        ("UTC", "2026-11-23 08:00", 1_440),
        ("UTC", "2026-11-23 07:59", 1),
        ("Europe/Istanbul", "2026-11-23 03:40", 80),
        ("Europe/Istanbul", "2026-11-23 05:30", 1_410),
        ("America/Chicago", "2026-03-08 06:00", 7 * 60),  # an hour is skipped that night
        ("America/Chicago", "2026-11-01 05:00", 9 * 60),  # an hour is repeated that night
    ],
)
def test_until_the_morning_of_whoever_asks(zone: str, now: str, minutes: int) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert snooze.asked({"span": "morning"}, zone, at) == minutes


def test_typed_minutes_count_before_the_choice() -> None:
    assert snooze.asked({"span": "60", "minutes": "5"}, "UTC", NOW) == 5
    assert snooze.asked({"span": "240"}, "UTC", NOW) == 240
    assert snooze.asked({}, "UTC", NOW) == 30


# --- hostile ---

NASTY = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        [
            "<!channel>",
            "<@U01BO>",
            "<https://evil.example|click>",
            "*b* _i_ `c` ```x``` >q",
            "&lt;!channel&gt;",
            "\u202egnihtemos",
            "\x00\x07",
            "\ud800",
            "🔥" * 200,
            "a" * 10_000,
            "م" * 400,
            "\n\n\n",
            "",
            " ",
            '{"incident": "INC-1"}',
        ]
    ),
)


FIELDS = sorted({block["block_id"] for name in DRAWN for block in drawn(name)["blocks"] if block["type"] == "input"})
PARTS = st.sampled_from(["state", "values", "title", "field.title", "selected_option", "value", "type", "blocks"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda below: st.lists(below) | st.dictionaries(PARTS, below),
)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(DRAWN)), st.dictionaries(st.sampled_from(FIELDS), NASTY), NASTY)
def test_whatever_is_typed_is_kept_and_stays_words(name: str, filled: dict[str, str], evil: str) -> None:
    form, seed, _, known = DRAWN[name]
    typed = {key: fields.sendable(value).strip() for key, value in filled.items()}
    typed = {key: value for key, value in typed.items() if value}
    worse = known and replace(known, headline=evil, why=evil, tier=evil, open=(replace(INCIDENT, title=evil),))
    scene = Scene(seed, typed, worse, NOW, words.ENGLISH, Problem(evil), evil)
    view = sheets.sheet(forms.FORMS[form], scene)
    assert validate.validate(view, "modal") == []
    json.dumps(view, ensure_ascii=False).encode()
    assert '"mrkdwn"' not in said(view)
    blocks = [block for block in view["blocks"] if block["type"] == "rich_text"]
    kinds = {span["type"] for block in blocks for part in block["elements"] for span in part["elements"]}
    assert kinds <= {"text", "date", "user"}
    back = fields.read(delivered(view))
    for block in view["blocks"]:
        if block["type"] == "input" and (value := typed.get(block["block_id"])):
            most = block["element"].get("max_length", 3_000)
            if block["element"]["type"] == "plain_text_input":
                assert back[block["block_id"]] == value[:most].strip()


@settings(deadline=None)
@given(JSON)
def test_whatever_is_delivered_is_read_in_order(view: object) -> None:
    if not isinstance(view, dict):
        return
    assert all(isinstance(value, str) for value in fields.read(view).values())
    Seed.unpack(json.dumps(view))
    Seed.unpack(view)
