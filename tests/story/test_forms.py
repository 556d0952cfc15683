"""Forms in the whole bot: from a command, a mention, a card; over two replicas; and all the way to the pages."""

import asyncio

from bot.model.incident import Phase
from bot.sandbox.workspace import View, Workspace
from bot.slack import validate
from bot.testing.house import House
from tests.story.place import Place


def top(workspace: Workspace, by: str = "ada") -> View:
    """The modal this person sees."""
    view = workspace.view(by)
    assert view is not None, "No modal is open."
    assert validate.validate(view.content, "modal") == []
    return view


async def test_declared_by_form_it_pages_as_the_form_had_said(either: House, workspace: Workspace) -> None:
    await either.command("/incident", "declare", by="dee")
    view = top(workspace, "dee")
    assert view.title == "Declare an incident"
    await workspace.fill(view, {"title": "Scores are off", "model": "churn", "severity": "sev1"}, by="dee")
    await either.settle()
    foretold = top(workspace, "dee").shown
    assert "Something is wrong with a model, SEV1" in foretold
    assert "At once, L1: ada" in foretold
    assert "After 10 min of silence, L2: bo" in foretold
    assert (await workspace.submit(top(workspace, "dee"), {}, by="dee")).acked
    await either.settle()
    done = top(workspace, "dee")
    assert "INC-1" in done.shown
    assert "Being paged now: @U01ADA" in done.shown
    await either.pass_time(minutes=26)
    assert [person for person, _ in either.paged()] == ["ada", "bo", "cy"]
    card = await either.card("INC-1")
    assert "Scores are off" in card.shown


async def test_what_is_missing_in_a_command_is_asked_by_its_form(either: House, workspace: Workspace) -> None:
    incident = await either.alert("accuracy fell")
    await either.command("/incident", f"snooze {incident.id}", by="ada")
    view = top(workspace)
    assert view.title == "Snooze"
    await workspace.submit(view, {"minutes": "45"}, by="ada")
    await either.settle()
    assert f"{incident.id} is yours and quiet" in top(workspace).shown
    await either.pass_time(minutes=44)
    assert len(either.paged()) == 1
    await either.pass_time(minutes=2)
    assert [person for person, _ in either.paged()] == ["ada", "ada"]


async def test_a_form_that_stood_open_while_others_acted_is_shown_again_with_what_is_now(
    either: House, workspace: Workspace
) -> None:
    incident = await either.alert("accuracy fell")
    await either.press(await either.card(incident.id), "Hand over", by="ada")
    view = top(workspace)
    await workspace.fill(view, {"target": "person:eve", "why": "my shift is over"}, by="ada")
    await either.settle()
    await either.pass_time(minutes=11)  # bo has been paged meanwhile
    await workspace.submit(top(workspace), {}, by="ada")
    await either.settle()
    again = top(workspace)
    assert "Not done: The incident has changed" in again.shown
    assert again.state["why"]["field.why"]["value"] == "my shift is over"
    await workspace.submit(again, {}, by="ada")
    await either.settle()
    assert "handed over, eve paged now" in top(workspace).shown
    assert [person for person, _ in either.paged()] == ["ada", "bo", "eve"]
    assert (await either.incident(incident.id)).phase is Phase.TRIGGERED


async def test_two_who_send_at_once_do_not_undo_each_other(either: House, workspace: Workspace) -> None:
    incident = await either.alert("accuracy fell")
    card = await either.card(incident.id)
    for person in ("ada", "bo"):
        await either.press(card, "Snooze", by=person)
    views = {person: top(workspace, person) for person in ("ada", "bo")}
    await asyncio.gather(*(workspace.submit(view, {}, by=person) for person, view in views.items()))
    await either.settle()
    shown = {person: top(workspace, person).shown for person in views}
    holder = (await either.incident(incident.id)).holder
    (other,) = {"ada", "bo"} - {holder}
    assert "is yours and quiet" in shown[str(holder)]
    assert "Not done: The incident has changed" in shown[other]
    assert (await either.story(incident.id)).count("incident.snoozed") == 1


async def test_over_two_replicas_a_form_is_opened_and_done_once(place: Place, workspace: Workspace) -> None:
    async with place.house() as one, place.house() as two:
        incident = await one.alert("accuracy fell")
        card = await one.card(incident.id)
        workspace.duplicate_next()
        await workspace.press(card, "Snooze", by="ada")
        await asyncio.gather(one.settle(), two.settle())
        assert len(workspace.views("ada")) == 1
        workspace.duplicate_next()
        await workspace.submit(top(workspace), {}, by="ada")
        await asyncio.gather(one.settle(), two.settle())
        assert "is yours and quiet" in top(workspace).shown
        assert (await one.story(incident.id)).count("incident.snoozed") == 1
        assert workspace.ephemerals("ada") == []


async def test_the_menu_does_what_it_offers_until_the_end(either: House, workspace: Workspace) -> None:
    incident = await either.alert("accuracy fell")
    for button, said in (("Acknowledge", "is yours"), ("Resolve", "is resolved")):
        await either.command("/incident", f"show {incident.id}", by="ada")
        card = await either.card(incident.id)
        await either.press(card, next(label for label in card.buttons if label.startswith("More")), by="ada")
        await workspace.press(top(workspace), button, by="ada")
        await either.settle()
        assert said in top(workspace).shown
    assert (await either.incident(incident.id)).phase is Phase.RESOLVED
