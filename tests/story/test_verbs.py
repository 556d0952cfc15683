"""Hand over, snooze, grade, close as nothing, tick and note: by consent, once, and written down."""

import asyncio
from datetime import timedelta

import pytest

from bot.engine import annotate, respond
from bot.errors import BadInput, NotFound
from bot.model.incident import FALSE_ALARM, RESOLVED, Phase
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.testing.house import House
from tests.story.answers import at_once, do, last, names, whole
from tests.story.place import Place

# --- hand over ---


async def test_an_incident_that_is_handed_over_waits_for_the_other_and_climbs_on(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await do(house, Verb.ACKNOWLEDGE, incident, "ada")
        answer = await do(house, Verb.HAND_OVER, incident, "ada", "person:cy", why="I board a plane")
        assert answer.sentence == f"{incident.id}: handed over, cy paged now. If nobody answers, it escalates."
        now = await house.incident(incident.id)
        assert (now.phase, now.holder, now.tier) == (Phase.TRIGGERED, None, "L1")
        assert now.next_step_at == house.clock.now() + timedelta(minutes=10)
        assert names(house) == ["ada", "cy"]
        assert "I board a plane" in house.pages_to("cy")[0].shown
        assert "Acknowledge" not in house.pages_to("ada")[0].buttons
        entry = await last(house, incident, "incident.handed_over")
        assert (entry.actor, entry.why) == ("person:ada", "I board a plane")
        assert entry.before == {"phase": "acknowledged", "tier": "L1", "holder": "ada"}
        assert entry.after == {
            "phase": "triggered",
            "to": "person:cy",
            "persons": ["cy"],
            "via": "form",
            "as": "person:ada",
        }
        await house.pass_time(minutes=10)
        assert names(house) == ["ada", "cy", "bo"]  # silence: the tier above the one in force


async def test_of_two_who_hand_over_at_once_one_does(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        seen = (await house.incident(incident.id)).version
        wishes = (("ada", "person:cy"), ("bo", "person:eve"))
        given = [at_once(house, Verb.HAND_OVER, incident, by, to, seen_version=seen) for by, to in wishes]
        answers = await asyncio.gather(*given)
        await house.settle()
        assert {answer.verdict for answer in answers} == {Verdict.GO, Verdict.STALE}
        assert (await house.story(incident.id)).count("incident.handed_over") == 1
        assert len(names(house)) == 2


async def test_nothing_goes_to_nobody(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await do(house, Verb.ACKNOWLEDGE, incident, "ada")
        before = await house.incident(incident.id)
        for verb in (Verb.HAND_OVER, Verb.PAGE):
            answer = await do(house, verb, incident, "ada", "lead:price-ml")
            assert answer.verdict is Verdict.UNREACHABLE
            assert answer.sentence == f"{Verdict.UNREACHABLE.sentence} Team price-ml has no lead."
        same = await do(house, Verb.HAND_OVER, incident, "bo", "person:ada")
        assert (same.verdict, same.sentence) == (Verdict.ALREADY, f"{incident.id} was acknowledged already, by ada.")
        assert await house.incident(incident.id) == before
        assert names(house) == ["ada"]


# --- snooze ---


async def test_a_snooze_ends_with_a_page_to_its_holder_and_then_climbs(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        answer = await do(house, Verb.SNOOZE, incident, "bo", "30")
        assert (
            answer.sentence == f"{incident.id} is yours and quiet until 2026-11-23 04:08 UTC. Then you are paged again."
        )
        asleep = await house.incident(incident.id)
        assert (asleep.phase, asleep.holder) == (Phase.ACKNOWLEDGED, "bo")
        assert asleep.snoozed_until == any_place.after(minutes=30)
        await house.pass_time(minutes=29)
        assert names(house) == ["ada"]
    async with any_place.house() as house:  # the bot was started anew meanwhile
        await house.pass_time(minutes=2)
        awake = await house.incident(incident.id)
        assert (awake.phase, awake.holder, awake.snoozed_until) == (Phase.TRIGGERED, None, None)
        assert names(house) == ["ada", "bo"]
        entry = await last(house, incident, "incident.woken")
        assert (entry.actor, entry.before["holder"]) == ("tocsin", "bo")
        await house.pass_time(minutes=10)
        assert names(house) == ["ada", "bo", "bo"]  # of L2 now
        assert (await house.story(incident.id)).count("incident.woken") == 1


@pytest.mark.parametrize(
    ("verb", "detail"),
    [(Verb.RESOLVE, ""), (Verb.FALSE_ALARM, ""), (Verb.ACKNOWLEDGE, ""), (Verb.HAND_OVER, "bo"), (Verb.ESCALATE, "")],
)
async def test_any_later_answer_ends_a_snooze_and_no_alarm_rings(any_place: Place, verb: Verb, detail: str) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await do(house, Verb.SNOOZE, incident, "ada", "5")
        answer = await do(house, verb, incident, "ada", detail)
        assert (answer.verdict, answer.incident.snoozed_until) == (Verdict.GO, None)
        if verb is Verb.ACKNOWLEDGE:
            assert answer.sentence == f"{incident.id} is yours, and its snooze has ended."
        await house.pass_time(minutes=7)
        assert "incident.woken" not in await house.story(incident.id)
        assert names(house).count("ada") == 1
        if verb is Verb.RESOLVE:
            entry = await last(house, incident, "incident.resolved")
            assert entry.before["snoozed_until"] == any_place.after(minutes=5).isoformat()


async def test_what_ends_by_itself_does_not_wake_anybody(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await do(house, Verb.SNOOZE, incident, "ada", "5")
        await house.resolve("accuracy fell")
        await house.pass_time(minutes=20)
        over = await house.incident(incident.id)
        assert (over.phase, over.resolution, over.snoozed_until) == (Phase.RESOLVED, "ended", None)
        assert names(house) == ["ada"]


async def test_the_last_word_on_a_snooze_counts(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        for minutes in ("5", "60", "30"):
            assert (await do(house, Verb.SNOOZE, incident, "ada", minutes)).verdict is Verdict.GO
        await house.pass_time(minutes=29)
        assert (await house.incident(incident.id)).phase is Phase.ACKNOWLEDGED
        await house.pass_time(minutes=1)
        assert (await house.incident(incident.id)).phase is Phase.TRIGGERED
        await do(house, Verb.SNOOZE, incident, "ada", "60")
        await house.pass_time(minutes=59)
        assert (await house.incident(incident.id)).phase is Phase.ACKNOWLEDGED
        await house.pass_time(minutes=1)
        assert (await house.incident(incident.id)).phase is Phase.TRIGGERED


async def test_of_two_who_snooze_and_one_who_resolves_at_once_the_end_wins(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        seen = (await house.incident(incident.id)).version
        snoozes = [at_once(house, Verb.SNOOZE, incident, by, "9", seen_version=seen) for by in ("ada", "bo")]
        first, second, end = await asyncio.gather(
            *snoozes, at_once(house, Verb.RESOLVE, incident, "cy", seen_version=seen)
        )
        assert [first.verdict, second.verdict].count(Verdict.GO) <= 1
        assert end.verdict is Verdict.GO
        await house.pass_time(minutes=30)
        assert (await house.incident(incident.id)).resolution == RESOLVED
        assert names(house) == ["ada"]


async def test_when_the_sleeper_has_left_the_next_tier_wakes_instead(any_place: Place) -> None:
    people = (any_place.home / "config/people.yaml").read_text()
    any_place.change("config/people.yaml", "members: [ada, bo]", "members: [ada, bo, gil]")
    any_place.change("config/people.yaml", "  - {name: flo,", "  - {name: gil, slack: U01GUY}\n  - {name: flo,")
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await do(house, Verb.SNOOZE, incident, "gil", "5")
        any_place.write("config/people.yaml", people)
        await house.reload()
        await house.pass_time(minutes=6)
        assert names(house) == ["ada", "bo"]
        assert "gil, who snoozed it, cannot be reached" in house.told("flo")[0]


# --- how severe, how it ended ---


async def test_a_graver_severity_pages_whoever_starts_there(any_place: Place) -> None:
    any_place.change("runbooks/anything.md", "start: {sev1: L1, sev2: L1}", "start: {sev1: L3, sev2: L1}")
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        answer = await do(house, Verb.REGRADE, incident, "ada", "SEV1", why="customers call")
        assert answer.sentence == f"{incident.id} is sev1 now: cy paged."
        assert names(house) == ["ada", "cy"]
        entry = await last(house, incident, "incident.regraded")
        assert (entry.before["severity"], entry.after["severity"], entry.why) == ("sev2", "sev1", "customers call")
        assert "SEV1" in (await house.card(incident.id)).shown
        lighter = await do(house, Verb.REGRADE, incident, "ada", "4")
        assert lighter.sentence == f"{incident.id} is sev4 now."
        assert (lighter.incident.tier, lighter.incident.phase) == ("L3", Phase.TRIGGERED)
        assert names(house) == ["ada", "cy"]
        same = await do(house, Verb.REGRADE, incident, "bo", "sev4")
        assert (same.verdict, same.sentence) == (Verdict.ALREADY, f"{incident.id} is sev4 already.")


async def test_a_graver_severity_of_what_somebody_holds_pages_nobody(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await do(house, Verb.SNOOZE, incident, "ada", "30")
        answer = await do(house, Verb.REGRADE, incident, "bo", "1")
        now = answer.incident
        assert (now.severity, now.holder, now.snoozed_until) == ("sev1", "ada", any_place.after(minutes=30))
        await house.pass_time(minutes=29)
        assert names(house) == ["ada"]


async def test_a_false_alarm_is_kept_apart_from_what_was_solved(any_place: Place) -> None:
    async with any_place.house() as house:
        one = await house.alert("accuracy fell")
        answer = await do(house, Verb.FALSE_ALARM, one, "ada", why="a test feed")
        assert answer.sentence == f"{one.id} is closed as a false alarm."
        assert answer.incident.resolution == FALSE_ALARM
        entry = await last(house, one, "incident.resolved")
        assert (entry.after["resolution"], entry.why) == (FALSE_ALARM, "a test feed")
        again = await do(house, Verb.RESOLVE, one, "bo")
        assert again.verdict is Verdict.ALREADY
        assert (await house.incident(one.id)).resolution == FALSE_ALARM


# --- what is written down ---


async def test_a_step_is_ticked_once_and_open_again_when_it_is_not_done(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        (item,) = (await whole(house, incident)).checklist
        done = await do(house, Verb.TICK, incident, "ada", item.step.id)
        assert done.sentence == "Done: What changed last?"
        assert (await do(house, Verb.TICK, incident, "bo", item.step.id)).verdict is Verdict.ALREADY
        (item,) = (await whole(house, incident)).checklist
        assert item.ticked_by == "ada"
        entry = await last(house, incident, "step.ticked")
        assert {"step": item.step.id, "text": "What changed last?"}.items() <= entry.after.items()
        assert (await do(house, Verb.UNTICK, incident, "bo", item.step.id)).verdict is Verdict.GO
        (item,) = (await whole(house, incident)).checklist
        assert item.ticked_by is None
        with pytest.raises(BadInput, match="no such step"):
            await do(house, Verb.TICK, incident, "ada", "nonsense")


async def test_anybody_we_know_may_note_what_they_know_even_afterwards(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        await do(house, Verb.RESOLVE, incident, "ada")
        answer = await do(house, Verb.NOTE, incident, "dee", "it was the feed")
        assert answer.sentence == f"Noted in the timeline of {incident.id}."
        remarks = await house.app.store.read(lambda tx: annotate.remarks(tx, answer.incident))
        assert [(one.text, one.by) for one in remarks] == [("it was the feed", "dee")]
        with pytest.raises(BadInput, match="words"):
            await do(house, Verb.NOTE, incident, "dee", "  ")


# --- whoever may not, and what makes no sense ---

HARMFUL = [(Verb.ESCALATE, ""), (Verb.HAND_OVER, "bo"), (Verb.SNOOZE, "5"), (Verb.REGRADE, "1"), (Verb.MERGE, "2")]


@pytest.mark.parametrize(("verb", "detail"), HARMFUL)
async def test_an_old_screen_does_no_harm(house: House, verb: Verb, detail: str) -> None:
    incident = await house.alert("accuracy fell")
    await house.alert("price is off", model="price")
    await do(house, Verb.ACKNOWLEDGE, incident, "ada")
    before = await house.incident(incident.id)
    answer = await do(house, verb, incident, "ada", detail, seen_version=before.version - 1)
    assert answer.verdict is Verdict.STALE
    assert await house.incident(incident.id) == before
    assert (await last(house, incident, "press.refused")).after["verdict"] == "STALE"


BAD = {
    Verb.HAND_OVER: {"": "person:NAME", "person:adda": "'ada'", "flow": "'flo'", "team:": "person:NAME"},
    Verb.PAGE: {"rota:first-lime": "'first-line'", "person:\0": "person:NAME"},
    Verb.SNOOZE: {"": "1 to 10080", "0": "1 to 10080", "10081": "1 to 10080", "-5": "1 to 10080", "²": "1 to 10080"},
    Verb.REGRADE: {"": "sev1, sev2", "sev9": "'sev", "urgent": "sev1, sev2", "²": "sev1, sev2"},
}


@pytest.mark.parametrize(("verb", "typed"), [(verb, typed) for verb, cases in BAD.items() for typed in cases])
async def test_a_detail_that_makes_no_sense_is_refused_with_a_way_out(house: House, verb: Verb, typed: str) -> None:
    incident = await house.alert("accuracy fell")
    before = await house.incident(incident.id)
    with pytest.raises(BadInput) as told:
        await do(house, verb, incident, "ada", typed)
    assert BAD[verb][typed] in str(told.value)
    assert await house.incident(incident.id) == before


async def test_what_may_be_offered_to_whom(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")

        async def offered(by: str) -> frozenset[Verb]:
            return await respond.allowed(house.app.desk, incident.id, by)

        assert await offered("slack:U01ADA") == frozenset(Verb) - {Verb.ATTEND}
        assert await offered("person:dee") == {Verb.PAGE, Verb.NOTE}
        assert await offered("slack:U0NOBODY") == frozenset()
        await do(house, Verb.ACKNOWLEDGE, incident, "ada")
        assert await offered("slack:U01ADA") == frozenset(Verb) - {Verb.ACKNOWLEDGE}
        assert await offered("person:bo") == frozenset(Verb) - {Verb.ACKNOWLEDGE, Verb.ATTEND}
        await do(house, Verb.RESOLVE, incident, "ada")
        assert await offered("person:bo") == {Verb.NOTE}
        with pytest.raises(NotFound):
            await respond.allowed(house.app.desk, "INC-99", "person:ada")


async def test_people_are_answered_in_their_language(any_place: Place) -> None:
    async with any_place.house() as house:
        incident = await house.alert("accuracy fell")
        stranger = await do(house, Verb.RESOLVE, incident, "nobody", language="tr")
        assert stranger.sentence.startswith("Sizi tanımıyorum")
        taken = await do(house, Verb.ACKNOWLEDGE, incident, "ada", language="tr-TR")
        assert taken.sentence == f"{incident.id} artık sizde. Bunun için başka kimse çağrılmayacak."
        late = await do(house, Verb.ACKNOWLEDGE, incident, "bo", language="tr")
        assert late.sentence == f"{incident.id} daha önce üstlenildi (ada)."
        unknown = await do(house, Verb.SNOOZE, incident, "ada", "5", language="xx")
        assert unknown.sentence.startswith(f"{incident.id} is yours and quiet")
