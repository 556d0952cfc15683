"""Legal holds by word: a lead lays and lifts them, everybody else is told why not, and the card says it."""

from tests.slack.room import Room, alert


async def typed(room: Room, text: str, by: str) -> str:
    """What `/incident text` is answered, for its person's eyes only."""
    reply = await room.ws.command("/incident", text, by=by, channel="#ml-retail")
    assert reply.acked
    await room.settle()
    return reply.responses[-1].text


async def test_a_lead_lays_a_hold_and_lifts_it(either: Room) -> None:
    await either.book(alert())
    said = await typed(either, "hold INC-1 because the auditors asked for it", "cy")
    assert "is under legal hold: nothing it is about may be changed" in said
    (card,) = either.cards()
    assert "INC-1 is under legal hold since" in card.shown
    assert "the auditors asked for it" in card.shown
    said = await typed(either, "unhold 1 because they are done", "cy")
    assert "under no legal hold any more" in said
    (card,) = either.cards()
    assert "legal hold" not in card.shown


async def test_who_is_no_lead_is_told_so(either: Room) -> None:
    await either.book(alert())
    said = await typed(either, "hold INC-1 because I want it", "ada")
    assert "Only leads of teams of that entity" in said


async def test_without_a_reason_there_is_none(either: Room) -> None:
    await either.book(alert())
    said = await typed(either, "hold INC-1", "cy")
    assert "A legal hold needs a reason" in said
