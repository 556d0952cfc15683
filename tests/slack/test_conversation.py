"""What a person on call sees, presses and types, over both transports."""

from bot.model.alert import Status
from tests.slack.room import Room, alert


async def test_an_alert_becomes_a_card_and_a_page(either: Room) -> None:
    await either.book(alert())
    (card,) = either.cards()
    assert card.text == "[SEV2] churn v7: psi of age 0.31 (threshold &gt; 0.2). Ack: /incident ack INC-1"
    assert list(card.buttons) == ["Acknowledge", "Escalate", "Hand over", "Snooze", "Resolve", "False alarm", "More"]
    assert "Waiting for L1: @U01ADA" in card.shown
    (page,) = either.ws.dms("ada")
    assert page.text == card.text
    assert list(page.buttons) == ["Acknowledge", "Escalate", "Hand over", "Snooze"]
    assert either.ws.dms("bo") == []


async def test_acknowledging_stops_the_escalation_and_takes_the_buttons_away(either: Room) -> None:
    await either.book(alert())
    (page,) = either.ws.dms("ada")
    reply = await either.ws.press(page, "Acknowledge", by="ada")
    assert reply.acked
    await either.settle()
    (page,) = either.ws.dms("ada")
    assert not page.buttons
    assert "Answered by ada" in page.shown
    (card,) = either.cards()
    assert list(card.buttons) == ["Resolve", "Hand over", "Snooze", "Escalate", "False alarm", "More"]
    assert "Held by @U01ADA" in card.shown
    await either.pass_time(60)
    assert either.ws.dms("bo") == []
    assert reply.responses == []


async def test_silence_pages_the_next_tier(either: Room) -> None:
    await either.book(alert())
    await either.pass_time(10)
    (page,) = either.ws.dms("bo")
    assert "You are paged as L2" in page.shown
    (card,) = either.cards()
    assert "Waiting for L2: @U01BO" in card.shown


async def test_escalate_and_resolve_by_button(either: Room) -> None:
    await either.book(alert())
    (card,) = either.cards()
    assert (await either.ws.press(card, "Escalate", by="ada")).acked
    await either.settle()
    assert len(either.ws.dms("bo")) == 1
    (card,) = either.cards()
    assert (await either.ws.press(card, "Resolve", by="bo")).acked
    await either.settle()
    (card,) = either.cards()
    assert list(card.buttons) == ["Postmortem", "More"]
    assert card.text.startswith("[SEV2] RESOLVED INC-1. churn v7")
    assert "by bo" in card.shown
    assert all(not message.buttons for who in ("ada", "bo") for message in either.ws.dms(who))


async def test_a_resolve_by_the_monitor_closes_the_card(either: Room) -> None:
    await either.book(alert())
    await either.book(alert(status=Status.RESOLVED, ended_at=either.clock.now()))
    (card,) = either.cards()
    assert "no alert fires any more" in card.shown
    assert list(card.buttons) == ["Postmortem", "More"]


async def test_a_stranger_is_told_so_and_nothing_changes(either: Room) -> None:
    await either.book(alert())
    (card,) = either.cards()
    reply = await either.ws.press(card, "Acknowledge", by="eve")
    await either.settle()
    assert reply.acked
    assert "I do not know you" in reply.responses[0].text
    assert reply.responses[0].ephemeral_to == either.ws.person("eve").id
    assert either.cards() == [card]


async def test_an_old_card_cannot_escalate_twice(either: Room) -> None:
    await either.book(alert())
    (old,) = either.cards()
    await either.ws.press(old, "Escalate", by="ada")
    await either.settle()
    reply = await either.ws.press(old, "Escalate", by="ada")
    await either.settle()
    assert "changed since you saw this card" in reply.responses[0].text
    assert either.ws.dms("cy") == []


async def test_a_copy_of_a_press_counts_once(either: Room) -> None:
    await either.book(alert())
    (card,) = either.cards()
    either.ws.duplicate_next()
    await either.ws.press(card, "Escalate", by="ada")
    await either.settle()
    assert len(either.ws.dms("bo")) == 1
    assert either.ws.ephemerals("ada") == []


async def test_incidents_are_listed_shown_acknowledged_and_resolved_by_command(either: Room) -> None:
    await either.book(alert(), alert("Data is late", model="price"))
    typed = await either.ws.command("/incident", "list", by="ada", channel="#ml-retail")
    await either.settle()
    assert "INC-1 SEV2 · churn v7 · Feature drift" in typed.responses[0].shown.replace("\n", "")
    assert "INC-2" in typed.responses[0].text
    typed = await either.ws.command("/incident", "show inc-1", by="ada")
    await either.settle()
    assert list(typed.responses[0].buttons) == [
        "Acknowledge",
        "Escalate",
        "Hand over",
        "Snooze",
        "Resolve",
        "False alarm",
        "More",
    ]
    typed = await either.ws.command("/incident", "ack 1", by="ada")
    await either.settle()
    assert typed.responses[0].text == "INC-1 is yours. Nobody else will be paged for it."
    typed = await either.ws.command("/incident", "resolve INC-1", by="ada")
    await either.settle()
    assert typed.responses[0].text == "INC-1 is resolved."
    assert either.ws.failures == []


async def test_the_only_open_incident_need_not_be_named(either: Room) -> None:
    typed = await either.ws.command("/incident", "ack", by="ada")
    await either.settle()
    assert typed.responses[0].text == "No incident is open."
    await either.book(alert())
    typed = await either.ws.command("/incident", "ack", by="ada")
    await either.settle()
    assert "INC-1 is yours" in typed.responses[0].text
    await either.book(alert("Data is late", model="price"))
    typed = await either.ws.command("/incident", "resolve", by="ada")
    await either.settle()
    assert "Which one?" in typed.responses[0].shown


async def test_what_is_not_understood_gets_a_hint(either: Room) -> None:
    for words, hint in (("help", "/incident list"), ("frobnicate", "/tocsin help"), ("ack INC-1 now", "/incident ack")):
        reply = await either.ws.command("/incident", words, by="ada")
        await either.settle()
        assert hint in reply.responses[0].shown
    reply = await either.ws.command("/somebody-elses", "x", by="ada")
    await either.settle()
    assert "/tocsin help" in reply.responses[0].text
    typed = await either.ws.command("/incident", "show INC-99", by="ada")
    await either.settle()
    assert "There is no incident INC-99" in typed.responses[0].text


async def test_who_is_on_call(either: Room) -> None:
    typed = await either.ws.command("/oncall", by="eve")
    await either.settle()
    assert typed.responses[0].text == "On call: first-line: ada"
    assert "then bo" in typed.responses[0].shown
    typed = await either.ws.command("/oncall", "nights", by="eve")
    await either.settle()
    assert "Nothing is called 'nights'." in typed.responses[0].text


async def test_hostile_words_mention_nobody(either: Room) -> None:
    evil = "<!channel> <@U01BO> <https://evil.example|ok> *bold* :fire: \u202eabc\x00\n\n\nx" + "y" * 10_000
    await either.book(alert(evil, measures=(), summary=evil))
    (card,) = either.cards()
    assert "<" not in card.text
    assert "\u202e" not in card.shown
    kinds = [span["type"] for block in card.blocks if block["type"] == "rich_text" for span in _spans(block)]
    assert kinds.count("user") == 1  # ada, whom it waits for
    assert "link" not in kinds
    assert "characters)" in card.shown


def _spans(block: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[dict[str, str]]:
    return [span for part in block["elements"] for span in part["elements"]]
