"""Each form as people meet it, over both transports: what it asks, what it says it will do, and what it did."""

from bot.model.incident import Phase
from bot.store import log
from tests.slack.forming import cards, incident, opened, send, top
from tests.slack.room import Room, alert

# --- each form, from the button to the end ---


async def test_handing_over_says_who_that_is_and_pages_them(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Hand over")
    assert "INC-1" in view.shown
    offered = await either.ws.suggest(view, "field.target", "cy", by="ada")
    assert [one["value"] for one in offered] == ["person:cy"]
    await either.ws.fill(view, {"target": "person:cy", "why": "I board a plane"}, by="ada")
    await either.settle()
    changed = top(either)
    assert "@U01CY is paged: slack" in changed.shown
    assert changed.state["why"]["field.why"]["value"] == "I board a plane"
    done = await send(either, changed)
    assert "INC-1: handed over, cy paged now" in done.shown
    assert done.content["clear_on_close"]
    assert len(either.ws.dms("cy")) == 1
    assert ((await incident(either)).phase, (await incident(either)).holder) == (Phase.TRIGGERED, None)


async def test_snoozing_says_until_when_and_who_is_called_then(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Snooze")
    assert "until 2026-11-23 04:08 UTC" in view.shown
    assert "L2" in view.shown
    await either.ws.fill(view, {"span": "60"}, by="ada")
    await either.settle()
    assert "until 2026-11-23 04:38 UTC" in top(either).shown
    await either.ws.fill(top(either), {"minutes": "5"}, by="ada")
    await either.settle()
    assert "until 2026-11-23 03:43 UTC" in top(either).shown
    done = await send(either, top(either))
    assert "INC-1 is yours and quiet until 2026-11-23 03:43" in done.shown
    snoozed = await incident(either)
    assert (snoozed.holder, snoozed.snoozed_until is not None) == ("ada", True)


async def test_a_false_alarm_needs_a_reason_and_keeps_it(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "False alarm")
    reply = await either.ws.submit(view, {"why": "   "}, by="ada")
    assert reply.errors == {"why": "This is needed."}
    done = await send(either, top(either), why="A replay of old traffic")
    assert "INC-1 is closed as a false alarm." in done.shown
    assert (await incident(either)).resolution == "false alarm"
    last = (await either.desk.store.read(lambda tx: log.of(tx.sql, "INC-1")))[-1]
    assert last.entry.why == "A replay of old traffic"


async def test_paging_shows_whom_and_leaves_the_holder(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Page somebody")
    await either.ws.fill(view, {"target": "person:cy", "words": "the feed is late"}, by="ada")
    await either.settle()
    assert "@U01CY is paged: slack" in top(either).shown
    done = await send(either, top(either))
    assert "cy paged and asked to join" in done.shown
    assert len(either.ws.dms("cy")) == 1
    assert (await incident(either)).phase is Phase.TRIGGERED


async def test_a_note_is_written_down(either: Room) -> None:
    await either.book(alert())
    done = await send(either, await opened(either, "Add a note"), text="<!channel> the feed\nwas late")
    assert "INC-1" in done.shown
    last = (await either.desk.store.read(lambda tx: log.of(tx.sql, "INC-1")))[-1]
    assert (last.entry.kind, last.entry.after["text"]) == ("note.added", "<!channel> the feed\nwas late")


async def test_regrading_says_whether_anybody_is_paged_by_it(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Change severity")
    await either.ws.fill(view, {"severity": "sev4"}, by="ada")
    await either.settle()
    assert "Lighter than SEV2. Nobody is paged by that." in top(either).shown
    await either.ws.fill(top(either), {"severity": "sev1"}, by="ada")
    await either.settle()
    assert "Graver than SEV2" in top(either).shown
    done = await send(either, top(either))
    assert "INC-1 is sev1 now" in done.shown
    assert (await incident(either)).severity == "sev1"


async def test_merging_offers_the_open_ones_and_says_what_becomes_of_both(either: Room) -> None:
    await either.book(alert(), alert("Data is late", model="price"))
    view = await opened(either, "Merge")
    await either.ws.fill(view, {"into": "INC-2"}, by="ada")
    await either.settle()
    assert "INC-1 is closed as merged. Its alerts go to INC-2" in top(either).shown
    done = await send(either, top(either))
    assert "INC-1 is part of INC-2 now" in done.shown
    assert (await incident(either)).merged_into == "INC-2"


async def test_there_is_nothing_to_merge_with(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Merge")
    assert "No other incident is open" in view.shown
    assert "submit" not in view.content


async def test_declaring_shows_who_will_be_paged_as_it_is_filled_in(either: Room) -> None:
    await either.ws.shortcut("declare", by="bo")
    await either.settle()
    view = top(either, "bo")
    assert view.title == "Declare an incident"
    assert [o["value"] for o in await either.ws.suggest(view, "field.model", "ch", by="bo")] == ["churn"]
    await either.ws.fill(view, {"title": "Scores are off", "model": "churn", "severity": "sev1"}, by="bo")
    await either.settle()
    changed = top(either, "bo")
    assert "Features drifted, SEV1" in changed.shown
    assert "At once, L1: ada" in changed.shown
    assert "After 10 min of silence, L2: bo" in changed.shown
    await either.ws.fill(changed, {"target": "person:cy"}, by="bo")
    await either.settle()
    changed = top(either, "bo")
    assert "At once, L1: cy" in changed.shown
    assert changed.state["title"]["field.title"]["value"] == "Scores are off"
    done = await send(either, changed, "bo")
    assert "INC-1" in done.shown
    assert "Being paged now: @U01CY" in done.shown
    assert len(either.ws.dms("cy")) == 1
    assert (await incident(either)).severity == "sev1"


# --- the menu ---


async def test_the_menu_offers_what_the_rules_let_its_caller_do(either: Room) -> None:
    await either.book(alert())
    (card,) = cards(either)
    more = next(label for label in card.buttons if label.startswith("More"))
    await either.ws.press(card, more, by="ada")
    await either.ws.press(card, more, by="eve")  # whom nobody knows
    await either.settle()
    mine, theirs = top(either), top(either, "eve")
    assert list(mine.buttons)[:4] == ["Acknowledge", "Escalate", "Hand over", "Snooze"]
    assert list(theirs.buttons) == ["Explain", "Timeline"]
    assert "There is nothing you may change here" in theirs.shown


async def test_a_verb_of_the_menu_is_done_and_said_in_its_place(either: Room) -> None:
    await either.book(alert())
    (card,) = cards(either)
    await either.ws.press(card, next(label for label in card.buttons if label.startswith("More")), by="ada")
    await either.settle()
    menu = top(either)
    await either.ws.press(menu, "Acknowledge", by="ada")
    await either.settle()
    assert "INC-1 is yours" in top(either).shown
    assert (await incident(either)).holder == "ada"
    await either.ws.press(menu, "Escalate", by="ada")  # as it stood before
    await either.settle()
    assert "changed since you saw this" in top(either).shown
    assert (await incident(either)).holder == "ada"


async def test_a_form_stands_on_its_menu_and_both_go_when_it_is_done(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Add a note")
    assert len(either.ws.views("ada")) == 2
    done = await send(either, view, text="seen")
    await either.ws.close(done, by="ada")
    assert either.ws.views("ada") == []


async def test_where_slack_stacks_no_more_the_form_takes_the_place_of_its_menu(either: Room) -> None:
    await either.book(alert())
    either.ws.fault("views.push", "push_limit_reached")
    view = await opened(either, "Add a note")
    assert view.title == "Add a note"
    assert len(either.ws.views("ada")) == 1


async def test_explain_and_timeline_show_what_happened_and_what_would(either: Room) -> None:
    await either.book(alert())
    view = await opened(either, "Explain")
    assert "At once, L1: ada" in view.shown
    view = await opened(either, "Timeline")
    assert "incident opened" in view.shown
    assert "submit" not in view.content
