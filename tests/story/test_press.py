"""A press counts once, for whoever may do it, as they saw it; everybody else reads why not. Over both transports."""

import asyncio
from datetime import timedelta

import pytest

from bot.engine.respond import Verb
from bot.model.incident import Phase
from bot.model.verdict import Verdict
from bot.sandbox.workspace import Reply, Workspace
from bot.testing.house import House
from tests.story.place import Place


def whispered(reply: Reply) -> str:
    """What its presser reads, and nobody else."""
    assert reply.acked, reply.error
    assert all(message.ephemeral_to for message in reply.responses)
    return "\n".join(message.shown for message in reply.responses)


async def test_acknowledge_gives_the_incident_to_its_presser_and_the_card_says_so(either: House) -> None:
    incident = await either.alert("accuracy fell")
    reply = await either.press(await either.card(incident.id), "Acknowledge", by="bo")
    assert whispered(reply) == ""  # the card itself is the answer
    card = await either.card(incident.id)
    assert "ACKNOWLEDGED" in card.shown
    assert "Held by @U01BO" in card.shown
    assert "Escalation has stopped" in card.shown
    assert list(card.buttons) == ["Resolve", "Hand over", "Snooze", "Escalate", "False alarm", "More"]


async def test_a_card_is_one_message_from_the_first_alert_to_the_end(either: House, workspace: Workspace) -> None:
    incident = await either.alert("accuracy fell")
    first = await either.card(incident.id)
    await either.press(first, "Acknowledge", by="ada")
    await either.press(await either.card(incident.id), "Resolve", by="ada")
    last = await either.card(incident.id)
    assert (last.ts, list(last.buttons)) == (first.ts, ["Postmortem", "More"])
    assert "RESOLVED" in last.shown
    assert "by ada" in last.shown
    assert [one.ts for one in workspace.messages("#ml-oncall") if one.thread_ts is None] == [first.ts]


async def test_whoever_comes_second_is_told_who_was_first(either: House) -> None:
    incident = await either.alert("accuracy fell")
    card = await either.card(incident.id)
    await either.press(card, "Acknowledge", by="ada")
    late = await either.press(card, "Acknowledge", by="bo")
    assert whispered(late) == f"{incident.id} was acknowledged already, by ada."
    assert (await either.incident(incident.id)).holder == "ada"


async def test_of_two_who_press_at_once_one_holds_it_and_the_other_knows(either: House, workspace: Workspace) -> None:
    incident = await either.alert("accuracy fell")
    card = await either.card(incident.id)
    replies = await asyncio.gather(*(workspace.press(card, "Acknowledge", by=person) for person in ("ada", "bo")))
    await either.settle()
    holder = (await either.incident(incident.id)).holder
    words = sorted(whispered(reply) for reply in replies)
    assert words == ["", f"{incident.id} was acknowledged already, by {holder}."]
    assert (await either.story(incident.id)).count("incident.acknowledged") == 1


async def test_a_double_click_on_escalate_climbs_one_step(either: House, workspace: Workspace) -> None:
    incident = await either.alert("accuracy fell")
    card = await either.card(incident.id)
    replies = await asyncio.gather(*(workspace.press(card, "Escalate", by="ada") for _ in range(2)))
    await either.settle()
    assert [person for person, _ in either.paged()] == ["ada", "bo"]
    assert sorted(whispered(reply) for reply in replies) == ["", Verdict.STALE.sentence]


async def test_an_old_card_cannot_escalate(either: House) -> None:
    incident = await either.alert("accuracy fell")
    old = await either.card(incident.id)
    await either.pass_time(minutes=11)  # L2 has been paged meanwhile
    assert whispered(await either.press(old, "Escalate", by="ada")) == Verdict.STALE.sentence
    assert len(either.paged()) == 2
    assert "press.refused" in await either.story(incident.id)


async def test_an_old_page_can_still_acknowledge(either: House) -> None:
    incident = await either.alert("accuracy fell")
    old = either.pages_to("ada")[0]
    await either.pass_time(minutes=40)
    assert whispered(await either.press(old, "Acknowledge", by="ada")) == ""
    assert (await either.incident(incident.id)).holder == "ada"


@pytest.mark.parametrize("button", ["Acknowledge", "Escalate", "Resolve"])
@pytest.mark.parametrize("who", ["dee", "flo"])
async def test_whoever_may_not_press_changes_nothing_and_reads_why(house: House, button: str, who: str) -> None:
    incident = await house.alert("accuracy fell")
    before = await house.card(incident.id)
    state = await house.incident(incident.id)
    assert whispered(await house.press(before, button, by=who)) == Verdict.NOT_ALLOWED.sentence
    assert await house.incident(incident.id) == state
    assert (await house.card(incident.id)).shown == before.shown
    assert (await house.story(incident.id))[-1] == "press.refused"
    await house.pass_time(minutes=10)
    assert len(house.paged()) == 2  # and the climb goes on


@pytest.mark.parametrize("button", ["Acknowledge", "Escalate", "Resolve"])
async def test_a_stranger_who_presses_changes_nothing_and_reads_that_nobody_knows_them(
    house: House, button: str
) -> None:
    incident = await house.alert("accuracy fell")
    state = await house.incident(incident.id)
    told = whispered(await house.press(await house.card(incident.id), button, by="guy"))
    assert told.startswith("I do not know you yet, so nothing was done")
    assert await house.incident(incident.id) == state
    assert (await house.answer(Verb(button.lower()), incident.id, by="guy")).verdict is Verdict.STRANGER
    assert (await house.story(incident.id))[-1] == "press.refused"


async def test_a_second_incident_of_the_other_entity_is_theirs_to_answer(either: House) -> None:
    incident = await either.alert("price is off", model="price")
    await either.press(await either.card(incident.id), "Acknowledge", by="dee")
    assert (await either.incident(incident.id)).holder == "dee"  # of the team that owns the model


async def test_a_press_on_the_old_card_of_something_resolved_is_answered(either: House) -> None:
    incident = await either.alert("accuracy fell")
    old = await either.card(incident.id)
    await either.resolve("accuracy fell")
    assert whispered(await either.press(old, "Acknowledge", by="ada")) == Verdict.RESOLVED.sentence
    assert whispered(await either.press(old, "Escalate", by="ada")) == Verdict.RESOLVED.sentence
    assert whispered(await either.press(old, "Resolve", by="ada")) == Verdict.ALREADY.sentence
    assert (await either.incident(incident.id)).phase is Phase.RESOLVED


async def test_nobody_is_left_to_escalate_to_at_the_end_of_the_policy(either: House) -> None:
    incident = await either.alert("accuracy fell")
    await either.pass_time(hours=3)
    reply = await either.command("/incident", f"escalate {incident.id}", by="ada")
    assert whispered(reply) == Verdict.EXHAUSTED.sentence


async def test_a_delivery_that_comes_twice_counts_once(any_place: Place, workspace: Workspace) -> None:
    for http in (False, True):
        async with any_place.house(http=http) as house:
            incident = await house.alert("accuracy fell")
            workspace.duplicate_next()
            reply = await house.press(await house.card(incident.id), "Escalate", by="ada")
            assert whispered(reply) == ""  # no second press was judged
            assert (await house.incident(incident.id)).step == 2
            workspace.duplicate_next()
            reply = await house.command("/incident", f"ack {incident.id}", by="ada")
            assert len(reply.responses) == 1
            assert (await house.story(incident.id)).count("incident.acknowledged") == 1
            await house.resolve("accuracy fell")
            workspace.request_url = None


async def test_no_delivery_was_left_without_its_ack(either: House, workspace: Workspace) -> None:
    incident = await either.alert("accuracy fell")
    for button in ("Acknowledge", "Escalate", "Acknowledge", "Resolve"):
        await either.press(await either.card(incident.id), button, by="ada")
    for text in ("", "list", "show", "ack", "resolve", "help", "list list list", "ack INC-1", "nonsense " * 300):
        await either.command("/incident", text, by="ada")
        await either.command("/oncall", text, by="ada")
    await workspace.open_home(by="ada")
    assert workspace.failures == []


# --- resolved by hand, while it still fires ---


async def test_what_was_resolved_by_hand_and_still_fires_comes_back_after_a_while(either: House) -> None:
    start = either.clock.now().isoformat()
    incident = await either.alert("accuracy fell", started_at=start)
    await either.press(await either.card(incident.id), "Resolve", by="ada")
    await either.pass_time(minutes=14)
    assert (await either.alert("accuracy fell", started_at=start)).id == incident.id
    assert (await either.incident(incident.id)).phase is Phase.RESOLVED
    await either.pass_time(minutes=2)
    again = await either.alert("accuracy fell", started_at=start)
    assert again.id != incident.id
    assert again.phase is Phase.TRIGGERED
    assert [person for person, _ in either.paged()] == ["ada", "ada"]
    assert (await either.incident(incident.id)).phase is Phase.RESOLVED


async def test_what_was_resolved_by_hand_and_ends_by_itself_stays_closed(house: House) -> None:
    incident = await house.alert("accuracy fell")
    await house.answer(Verb.RESOLVE, incident.id, by="ada")
    await house.pass_time(minutes=5)
    await house.resolve("accuracy fell")
    await house.pass_time(hours=2)
    closed = await house.incident(incident.id)
    assert (closed.phase, closed.alerts_firing) == (Phase.RESOLVED, 0)
    assert len(house.paged()) == 1
    assert (await house.story(incident.id)).count("incident.resolved") == 1


# --- typed ---


async def test_an_incident_is_acknowledged_and_resolved_by_command(either: House) -> None:
    incident = await either.alert("accuracy fell")
    assert "is yours" in whispered(await either.command("/incident", f"ack {incident.id.lower()}", by="ada"))
    assert (await either.incident(incident.id)).holder == "ada"
    reply = await either.command("/incident", f"resolve {incident.id}", by="bo")
    assert whispered(reply) == f"{incident.id} is resolved."
    assert (await either.incident(incident.id)).phase is Phase.RESOLVED
    assert "No incident is open" in whispered(await either.command("/incident", "list", by="ada"))


async def test_the_list_names_what_is_open_and_a_number_may_be_left_out_while_it_is_the_only_one(either: House) -> None:
    one = await either.alert("accuracy fell")
    assert "is yours" in whispered(await either.command("/incident", "ack", by="ada"))
    two = await either.alert("price is off", model="price")
    listed = whispered(await either.command("/incident", "list", by="bo"))
    assert one.id in listed
    assert two.id in listed
    assert "acknowledged by ada" in listed
    asked = whispered(await either.command("/incident", "resolve", by="ada"))
    assert "Which one?" in asked
    assert {(await either.incident(i.id)).phase for i in (one, two)} == {Phase.ACKNOWLEDGED, Phase.TRIGGERED}


async def test_show_whispers_a_card_that_can_be_pressed(either: House) -> None:
    incident = await either.alert("accuracy fell")
    reply = await either.command("/incident", f"show {incident.id}", by="bo")
    assert "accuracy fell" in whispered(reply)
    pressed = await either.press(reply.responses[0], "Acknowledge", by="bo")
    assert whispered(pressed) == ""
    assert (await either.incident(incident.id)).holder == "bo"


async def test_an_incident_that_is_not_there_gets_a_sentence(either: House) -> None:
    await either.alert("accuracy fell")
    for typed in ("ack INC-999", "show INC-0", "resolve inc", "ack ../../etc", f"show {9**30}"):
        told = whispered(await either.command("/incident", typed, by="ada"))
        assert "There is no incident" in told or "is not an incident" in told


async def test_what_is_not_understood_gets_a_hint(either: House) -> None:
    hints = {
        ("/incident", ""): "What would you like to do?",
        ("/incident", "dance"): "I do not know “dance”",
        ("/oncall", "first-line please"): "Did you mean 'first-line'?",
    }
    for (name, text), hint in hints.items():
        assert hint in whispered(await either.command(name, text, by="ada"))


async def test_a_stranger_may_ask_but_not_answer(either: House) -> None:
    incident = await either.alert("accuracy fell")
    assert incident.id in whispered(await either.command("/incident", "list", by="guy"))
    told = whispered(await either.command("/incident", "ack", by="guy"))
    assert told.startswith("I do not know you yet, so nothing was done")
    assert (await either.incident(incident.id)).phase is Phase.TRIGGERED


async def test_on_call_names_the_person_until_when_and_who_is_next(place: Place) -> None:
    place.change("config/rotas.yaml", "members: [ada]", "members: [ada, bo]")
    place.change("config/rotas.yaml", '"2026-11-02 09:00"', '"2026-11-16 09:00"')
    async with place.house() as house:
        told = whispered(await house.command("/oncall", by="guy"))
        assert "first-line: @U01ADA until 2026-11-23 09:00 UTC" in told
        assert "then bo until 2026-11-30 09:00 UTC" in told
        await house.pass_time(hours=6)
        assert "@U01BO" in whispered(await house.command("/oncall", "first-line", by="guy"))
        refused = whispered(await house.command("/oncall", "second-line", by="guy"))
        assert "Nothing is called 'second-line'" in refused


async def test_a_press_counts_while_slack_takes_no_calls(either: House, workspace: Workspace) -> None:
    incident = await either.alert("accuracy fell")
    card = await either.card(incident.id)
    workspace.fault("*", "500", times=1000)
    assert (await either.press(card, "Acknowledge", by="ada")).acked
    assert (await either.incident(incident.id)).holder == "ada"
    workspace.clear_faults()
    await either.pass_time(minutes=1)
    assert "Held by @U01ADA" in (await either.card(incident.id)).shown


async def test_an_answer_shows_on_the_card_at_once(either: House) -> None:
    incident = await either.alert("accuracy fell")
    await either.press(await either.card(incident.id), "Acknowledge", by="ada")
    (card,) = (m for m in either.workspace.messages("#ml-oncall") if m.thread_ts is None)
    assert "Held by @U01ADA" in card.shown
    assert either.clock.now() - card.changed_at < timedelta(seconds=1)


async def test_whoever_comes_late_is_told_who_resolved_it_not_who_held_it(either: House) -> None:
    incident = await either.alert("accuracy fell")
    await either.answer(Verb.ACKNOWLEDGE, incident.id, by="ada")
    await either.answer(Verb.RESOLVE, incident.id, by="bo")
    late = await either.answer(Verb.RESOLVE, incident.id, by="cy")
    assert late.sentence == f"{incident.id} was resolved already, by bo."


async def test_an_old_card_says_who_has_it_now(house: House) -> None:
    incident = await house.alert("accuracy fell")
    seen = incident.version
    await house.answer(Verb.ACKNOWLEDGE, incident.id, by="ada")
    late = await house.answer(Verb.ESCALATE, incident.id, by="bo", seen=seen)
    assert late.sentence == f"{Verdict.STALE.sentence} It is held by ada now."
