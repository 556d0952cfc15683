"""A person's own page: golden drawings, always valid, cut with a word about it; nothing hostile speaks through it."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import words
from bot.engine.report import Degraded, OnCall, Overview
from bot.model.incident import Incident, Phase
from bot.model.people import NotifyStep, Person
from bot.model.rota import Holder, Shift
from bot.model.served import WayBack
from bot.rules import turns
from bot.slack import buttons, home, validate
from bot.slack.home import Shown
from bot.slack.pieces import Json
from bot.words import Words
from tests.unit import seen
from tests.unit.seen import NOW, OPENED

GOLDEN = Path(__file__).parent / "golden"
EN, TR = words.ENGLISH, words.TURKISH
ADA = replace(
    seen.ADA,
    notify={
        "high": (
            NotifyStep("slack"),
            NotifyStep("sms", timedelta(minutes=2)),
            NotifyStep("call", timedelta(seconds=90)),
        ),
        "low": (NotifyStep("slack"),),
    },
)
SHIFT = Shift("first-line", OPENED, NOW + timedelta(days=2), (Holder("ada", "layer:weekly", ""),))
AFTER = Shift("first-line", SHIFT.end, SHIFT.end + timedelta(days=7), (Holder("bo", "layer:weekly", ""),))
ALWAYS = Shift("nights", OPENED, turns.LAST, (Holder("bo", "layer:all", ""),))
VACANT = Shift("vacant", OPENED, NOW + timedelta(hours=1))
ROTAS = (
    OnCall("first-line", SHIFT, AFTER, (ADA,)),
    OnCall("nights", ALWAYS, None, (seen.BO,)),
    OnCall("vacant", VACANT, None, ()),
)
NO_WAY = "No platform runs it."
HEALTH = (("database", True, ""), ("connection prom", False, "Its plugin rests after faults."))
NOTHING = Overview((), {}, (), (), ())


def held(**more: Any) -> Incident:
    """Ada has it."""
    return seen.incident(**({"phase": Phase.ACKNOWLEDGED, "holder": "ada", "version": 4, "next_step_at": None} | more))


WAITS, HELD = seen.incident(), held(id="INC-8", severity="sev1", model="price", title="Latency")
QUIET = held(id="INC-9", snoozed_until=NOW + timedelta(minutes=30))
BUSY = Overview(
    ROTAS,
    {"ada": (HELD, WAITS, QUIET)},
    (Degraded("price", (HELD,)), Degraded("churn", (WAITS, QUIET, WAITS, QUIET, WAITS))),
    (QUIET,),
    (WayBack("churn", False, None, NO_WAY, NOW), WayBack("refunds", False, "6", "6 is gone.", NOW)),
)


def shown(person: Person | None = ADA, overview: Overview = BUSY, **more: Any) -> Shown:
    """A page with something in every section."""
    facts: dict[str, Any] = {"urgency": {"sev1": "high", "sev2": "high"}, "channels": {"slack", "sms"}}
    return Shown(person, overview, **({"on_call": overview.on_call} | facts | more))


PAGES = {
    "busy": shown(),
    "admin": shown(health=HEALTH),
    "calm": shown(overview=NOTHING, health=(("database", True, ""),)),
    "stranger": shown(person=None),
}
DRAWN = {f"home_{name}": home.draw(one, EN) for name, one in PAGES.items()}
DRAWN |= {"home_busy_tr": home.draw(PAGES["admin"], TR), "home_stranger_tr": home.draw(PAGES["stranger"], TR)}
DRAWN["home_refused"] = home.refused("Guests may look at cards, but not act.")


def view(blocks: list[Json]) -> Json:
    """As it is sent."""
    return {"type": "home", "blocks": blocks}


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_drawn_as_agreed(name: str) -> None:
    file, drawn = GOLDEN / f"{name}.json", view(DRAWN[name])
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        file.write_text(json.dumps(drawn, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert drawn == json.loads(file.read_text(encoding="utf-8")), "TOCSIN_GOLDEN=write draws them anew."


@pytest.mark.parametrize("w", [EN, TR], ids=["en", "tr"])
@pytest.mark.parametrize("name", PAGES)
def test_slack_would_take_it(name: str, w: Words) -> None:
    assert validate.validate(view(home.draw(PAGES[name], w)), "home") == []


def read(blocks: list[Json]) -> str:
    """Every word of the page, a line for each block or line."""

    def said(part: object) -> Iterator[str]:
        if isinstance(part, dict):
            if part.get("type") == "user":
                yield f"@{part['user_id']}"
            elif part.get("type") in ("text", "plain_text"):
                yield part["text"]
            elif part.get("type") == "date":
                yield part["fallback"]
            else:
                yield from (word for value in part.values() for word in said(value))
        elif isinstance(part, list):
            yield from (word for value in part for word in said(value))

    return "\n".join("".join(said(block)) for block in blocks)


def pressed(blocks: list[Json]) -> list[Json]:
    """Every button, in order."""
    return [button for block in blocks if block["type"] == "actions" for button in block["elements"]]


def test_what_waits_for_them_comes_first_with_its_buttons() -> None:
    page = read(DRAWN["home_busy"])
    assert page.index("Your incidents") < page.index("On call") < page.index("Models with open incidents")
    assert "INC-8 · SEV1 · price v7: Latency\nacknowledged by ada · since 2026-11-23 03:38 UTC" in page
    assert "INC-7 · SEV2 · churn v7: Feature drift\nwaiting for L1" in page
    acts = {button["text"]["text"]: button for button in pressed(DRAWN["home_busy"]) if "INC-7" in button["value"]}
    assert list(acts) == ["Acknowledge", "More", "Show"]
    meant = buttons.decode(acts["Acknowledge"]["value"])
    assert (meant.verb, meant.incident, meant.seen_version) == ("acknowledge", "INC-7", WAITS.version)
    assert all("INC-7" in button["accessibility_label"] for button in acts.values())
    mine = [button["text"]["text"] for button in pressed(DRAWN["home_busy"]) if "INC-8" in button["value"]]
    assert mine == ["More", "Show"]


def test_who_is_on_call_until_when_and_who_is_next() -> None:
    page = read(DRAWN["home_busy"])
    assert "You are on call now: first-line." in page
    assert "first-line: @U01ADA until 2026-11-25 03:40 UTC\n    then bo until 2026-12-02 03:40 UTC" in page
    assert "nights: @U01BO until further notice" in page
    assert "vacant: nobody until 2026-11-23 04:40 UTC" in page
    assert "You are not on call now." in read(home.draw(shown(person=seen.BO, on_call=ROTAS[:1]), EN))


def test_the_rules_are_said_in_words_with_what_does_not_work() -> None:
    page = read(DRAWN["home_busy"])
    call = "call after 90 s (does not work: nothing here sends pages this way)"
    assert f"Urgent (SEV1, SEV2): slack at once, then sms after 2 min, then {call}." in page
    assert "Not urgent (SEV3, SEV4, SEV5): slack at once." in page
    assert [buttons.decode(b["value"]).verb for b in pressed(DRAWN["home_busy"]) if b["action_id"] == "test"] == [
        "test"
    ]


def test_only_what_does_not_stand_is_told_of_and_only_to_those_who_see_to_it() -> None:
    assert "How Tocsin is" not in read(DRAWN["home_busy"])
    assert "How Tocsin is\nconnection prom: Its plugin rests after faults." in read(DRAWN["home_admin"])
    assert "Everything it needs is there." in read(DRAWN["home_calm"])


def test_a_calm_page_says_so_and_leaves_the_rest_out() -> None:
    page = read(DRAWN["home_calm"])
    assert "Nothing waits for you." in page
    assert "No model or agent has an open incident." in page
    assert "Snoozed" not in page
    assert "Without a way back" not in page


def test_somebody_nobody_knows_may_look_and_is_offered_to_link() -> None:
    drawn = DRAWN["home_stranger"]
    assert "I do not know you yet" in read(drawn)
    assert pressed(drawn)[0]["value"] == "link"
    assert "How pages reach you" not in read(drawn)
    assert {button["value"] for button in pressed(drawn)} == {"link", "list", "oncall", "help"}


def crowded(count: int, name: str = "x" * 10_000) -> Overview:
    """So many of everything, with names as long as they come."""
    rotas = tuple(
        OnCall(f"{number}{name}", Shift("r", OPENED, NOW, (Holder(name, "", ""),) * 9), ALWAYS, (Person(name),) * 9)
        for number in range(count)
    )
    many = tuple(held(id=f"INC-{number}", title=name, model=name, holder=name) for number in range(count))
    quiet = tuple(replace(one, snoozed_until=NOW) for one in many)
    models = tuple(WayBack(f"{number}{name}", False, None, name, NOW) for number in range(count))
    return Overview(rotas, {"ada": many}, tuple(Degraded(name, many) for _ in many), quiet, models)


@pytest.mark.parametrize("w", [EN, TR], ids=["en", "tr"])
def test_long_lists_are_cut_and_say_how_to_see_the_rest(w: Words) -> None:
    drawn = home.draw(shown(overview=crowded(500), health=((f"part {'y' * 500}", False, "z" * 5_000),) * 500), w)
    assert len(drawn) <= 100
    assert validate.validate(view(drawn), "home") == []
    page = read(drawn)
    for command in ("/incident mine", "/oncall", "/incident list"):
        assert f"490 {'more' if w is EN else 'tane daha'}: {command}" in page
    assert "`tocsin doctor`" in page


def test_what_just_fits_is_not_cut() -> None:
    assert "more: /" not in read(home.draw(shown(overview=crowded(home.MOST, "name")), EN))


HOSTILE = ["<!channel>", "<@U01BO>", "https://evil.example", "\u202egnp", "\x00", "\ud800", "🔥" * 99, "{who}", "", " "]
NASTY = st.one_of(st.text(max_size=200), st.sampled_from(HOSTILE))


@settings(max_examples=100, deadline=None)
@given(NASTY, NASTY, st.sampled_from([EN, TR]))
def test_hostile_words_stay_words(name: str, title: str, w: Words) -> None:
    bad = held(title=title, model=name, holder=name, tier=title)
    person = Person("ada", slack=title, notify={"high": (NotifyStep(name),)})
    rota = OnCall(name, replace(SHIFT, holders=(Holder(title, "", ""),)), AFTER, (person,))
    overview = Overview(
        (rota,), {"ada": (bad,)}, (Degraded(name, (bad,)),), (bad,), (WayBack(title, False, None, title, NOW),)
    )
    drawn = home.draw(shown(person, overview, health=((name, False, title),)), w)
    assert validate.validate(view(drawn), "home") == []
    written = json.dumps(drawn, ensure_ascii=False)
    written.encode()
    assert "mrkdwn" not in written
    assert not {"\u202e", "\x00"} & set(written)
    assert not {f'"type": "{kind}"' for kind in ("link", "broadcast", "usergroup")} & set(written.split(", "))
