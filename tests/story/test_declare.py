"""What a person declares is routed, graded and paged like a monitor's alert, shown beforehand, and never swallowed."""

import asyncio
from datetime import timedelta

import pytest

from bot.engine import declare, report
from bot.engine.declare import Draft
from bot.errors import BadInput
from bot.model.alert import Status
from bot.model.incident import Phase
from bot.model.verdict import Verdict
from bot.store import pages
from tests.story.engine_room import Room

TEN, QUARTER = timedelta(minutes=10), timedelta(minutes=15)


async def declared(room: Room, draft: Draft, *, by: str = "slack:U01BO", key: str = "form/V1") -> declare.Declared:
    return await declare.open_(room.desk, draft, by, room.now, "form", key)


async def test_what_a_person_declares_is_an_incident_whose_runbook_pages(any_room: Room) -> None:
    room = any_room
    answer = await declared(room, Draft("Payments look wrong", model="churn", details="since the deploy"))
    assert (answer.verdict, answer.sentence) == (Verdict.GO, "INC-1 is open. Paged now: ada.")
    incident = await room.incident("INC-1")
    assert incident == answer.incident
    assert (incident.severity, incident.tier, incident.entity, incident.model) == ("sev2", "L1", "retail", "churn")
    assert (incident.runbook, incident.alerts_firing, incident.alerts_total) == ("anything", 1, 1)
    assert incident.why.startswith("Opened by hand by bo. anything matches")
    assert await room.story("INC-1") == ["incident.opened", "step.fired"]
    entry = (await room.log("INC-1"))[0].entry
    assert entry.actor == "person:bo"
    assert (entry.after["details"], entry.after["via"], entry.after["as"]) == (
        "since the deploy",
        "form",
        "slack:U01BO",
    )
    assert {"card", "thread", "page", "step"} <= await room.owed()
    await room.pass_time(minutes=11)
    assert room.paged() == ["ada", "bo"]  # silence climbs as it does for a monitor's
    view = await report.view(room.desk, "INC-1")
    assert (view.alerts[0].alert.source, view.alerts[0].alert.connection) == ("person", "by-hand")
    assert view.alerts[0].alert.summary == "since the deploy"


async def test_the_preview_says_who_is_paged_when_and_then_they_are(room: Room) -> None:
    draft = Draft("", model="churn-v2")
    shown = await declare.preview(room.desk, draft, room.now)
    assert (shown.runbook, shown.title) == ("anything", "Something is wrong with a model")
    assert (shown.severity, shown.gaps) == ("sev2", ())
    climb = [(step.after, step.tier, step.persons) for step in shown.steps]
    assert climb == [(timedelta(0), "L1", ("ada",)), (TEN, "L2", ("bo",)), (TEN + QUARTER, "L3", ("cy",))]
    assert "first-line" in shown.steps[0].why
    answer = await declared(room, Draft("now in earnest", model="churn-v2"))
    assert answer.incident is not None
    await room.pass_time(minutes=26)
    sheets = await room.desk.store.read(lambda tx: pages.of(tx, "INC-1"))
    paged = [(s.decided_at - answer.incident.opened_at, s.tier, (s.person,)) for s in sheets if s.channel == "slack"]
    assert paged == climb
    assert await room.desk.store.read(lambda tx: len(pages.of(tx, "INC-0"))) == 0  # a preview leaves nothing behind


async def test_gaps_are_told_before_anybody_relies_on_them(room: Room) -> None:
    room.change("config/rotas.yaml", "members: [ada]", "members: [ada, null]")
    room.change("config/rotas.yaml", '"2026-11-02 09:00"', '"2026-11-09 09:00"')  # this week's seat is the vacant one
    shown = await declare.preview(room.desk, Draft("x", model="churn"), room.now)
    assert [(step.after, step.tier) for step in shown.steps] == [(timedelta(0), "L2"), (QUARTER, "L3")]
    (gap,) = shown.gaps
    assert gap.startswith("L1 reaches nobody: Nobody is on call for first-line")
    turkish = await declare.preview(room.desk, Draft("x", model="churn", language="tr"), room.now)
    assert turkish.gaps[0].startswith("L1 kimseye ulaşmıyor: ")
    answer = await declared(room, Draft("x", model="churn"))
    assert answer.sentence == "INC-1 is open. Paged now: bo."


async def test_a_target_is_paged_in_place_of_the_start_tier_and_the_others_stay_above(room: Room) -> None:
    draft = Draft("look at this", model="churn", target="person:dee")
    shown = await declare.preview(room.desk, draft, room.now)
    assert [step.persons for step in shown.steps] == [("dee",), ("bo",), ("cy",)]
    answer = await declared(room, draft)
    assert answer.incident is not None
    assert (answer.incident.tier, answer.sentence) == ("L1", "INC-1 is open. Paged now: dee.")
    await room.pass_time(minutes=11)
    assert room.paged() == ["dee", "bo"]


async def test_a_target_nobody_is_behind_is_passed_over_at_once(room: Room) -> None:
    room.pagers["email"].down = None
    del room.desk.ways["email"]  # gus is reached by nothing else
    shown = await declare.preview(room.desk, Draft("x", target="person:gus"), room.now)
    assert shown.gaps == ("L1 reaches nobody: gus is named directly. No channel that works reaches gus.",)
    assert (await declared(room, Draft("x", target="person:gus"))).sentence.endswith("Paged now: bo.")


async def test_the_severity_a_person_gives_goes_before_the_runbooks(room: Room) -> None:
    given = await declared(room, Draft("all down", model="churn", severity="sev1"), key="1")
    graded = await declared(room, Draft("a bit slow", model="churn"), key="2")
    assert given.incident
    assert graded.incident
    assert (given.incident.severity, graded.incident.severity) == ("sev1", "sev2")
    assert given.incident.why.endswith("sev1 as said by hand.")
    assert given.incident.policy.urgency == "high"


async def test_without_any_runbook_it_is_sev3_and_whoever_answers_for_everything_looks(room: Room) -> None:
    room.change("runbooks/anything.md", "match: {}", "match: {model: churn}")
    room.change(
        "config/tocsin.yaml", "slack: {mode: off}", 'slack: {mode: off}\nescalation: {fallback: ["person:flo"]}'
    )
    shown = await declare.preview(room.desk, Draft("x", model="price"), room.now)
    assert (shown.runbook, shown.title, shown.severity) == ("none", "none", "sev3")
    assert [step.persons for step in shown.steps] == [("flo",)]


async def test_it_is_never_swallowed_and_swallows_nothing(room: Room) -> None:
    monitors = await room.alert("accuracy fell")
    one = await declared(room, Draft("accuracy fell", model="churn"), key="1")
    two = await declared(room, Draft("accuracy fell", model="churn"), key="2")
    again = await room.alert("latency rose")
    assert one.incident
    assert two.incident
    assert len({monitors.id, one.incident.id, two.incident.id}) == 3
    assert again.id == monitors.id  # the monitors' own grouping goes on
    assert one.incident.key == "hand/1"


async def test_one_key_opens_one_incident_however_often_it_comes(any_room: Room) -> None:
    room = any_room
    draft = Draft("Payments look wrong", model="churn")
    answers = await asyncio.gather(*(declared(room, draft, key="form/V7") for _ in range(5)))
    assert sorted(answer.verdict.name for answer in answers) == ["ALREADY"] * 4 + ["GO"]
    assert {answer.incident.id for answer in answers if answer.incident} == {"INC-1"}
    late = await declared(room, draft, key="form/V7")
    assert late.sentence == "INC-1 was opened by this already."
    await room.pass_time(seconds=1)
    assert room.paged() == ["ada"]
    assert (await declared(room, draft, key="form/V8")).verdict is Verdict.GO


async def test_a_stranger_opens_nothing(room: Room) -> None:
    for by in ("slack:U0NOBODY", "person:nobody", "cli:ada", ""):
        answer = await declared(room, Draft("hello", language="tr"), by=by)
        assert (answer.verdict, answer.incident) == (Verdict.STRANGER, None)
        assert answer.sentence.startswith("Sizi tanımıyorum")
    assert await report.incidents_list(room.desk) == []


@pytest.mark.parametrize(
    ("draft", "fault"),
    [
        (Draft(""), "needs a title"),
        (Draft(" \n\t "), "needs a title"),
        (Draft("x", severity="sev9"), "no severity 'sev9'"),
        (Draft("x", kind="meteor"), "no kind 'meteor'"),
        (Draft("x", entity="retial"), "Did you mean 'retail'"),
        (Draft("x", target="person:boo"), "boo"),
        (Draft("x", target="rota:"), "rota:"),
        (Draft("x", target="nobody knows"), "nobody knows"),
        (Draft("x", source_link="javascript:alert(1)"), "no link"),
    ],
)
async def test_what_cannot_be_used_is_refused_and_opens_nothing(room: Room, draft: Draft, fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        await declared(room, draft)
    assert await report.incidents_list(room.desk, open_only=False) == []


async def test_hostile_words_are_kept_as_words(any_room: Room) -> None:
    title = "<!channel> " + "a" * 10_000
    answer = await declared(
        any_room,
        Draft(title + "\0\ud800", model="\udfff" + "m" * 900, details="\0{{ 1 }}\n@here\ud83d\ude00" + "d" * 9_000),
    )
    assert answer.incident is not None
    kept = (await report.view(any_room.desk, answer.incident.id)).alerts[0].alert
    assert kept.title.startswith("<!channel> aaa")
    assert (len(kept.title), kept.title[-1]) == (declare.TITLE, "…")
    assert kept.summary.startswith("\ufffd{{ 1 }}\n@here😀ddd")
    assert len(kept.summary) == declare.DETAILS
    assert kept.model is not None
    assert len(kept.model) == 200
    assert answer.incident.entity == "unassigned"


async def test_one_without_a_model_belongs_to_the_entity_that_is_named(room: Room) -> None:
    named = await declared(room, Draft("x", entity="market"), key="1")
    by_model = await declared(room, Draft("x", entity="market", model="churn"), key="2")
    nothing = await declared(room, Draft("x"), key="3")
    assert [a.incident.entity for a in (named, by_model, nothing) if a.incident] == ["market", "retail", "unassigned"]


async def test_it_stays_open_until_a_person_ends_it(room: Room) -> None:
    answer = await declared(room, Draft("x", model="churn"))
    assert answer.incident is not None
    other = await room.alert("x")
    await room.alert("x", status=Status.RESOLVED)
    await room.pass_time(hours=9)
    assert (await room.incident(other.id)).phase is Phase.RESOLVED
    assert (await room.incident(answer.incident.id)).phase is Phase.TRIGGERED
