"""P6: every fact is written once, to one log: an incident can be told from it alone, and tampering is named."""

from datetime import timedelta
from typing import Any

import pytest

from bot.model.entry import Sealed
from bot.store import log
from bot.testing.house import House
from tests.story.place import START, Place


async def told(house: House, subject: str) -> list[Sealed]:
    """The log about one subject."""
    return await house.app.store.read(lambda tx: log.of(tx.sql, subject, 1000))


async def lived(house: House) -> str:
    """An incident with everything in it: pages, a skipped tier, a refusal, an answer, a hand-on, the end."""
    incident = await house.alert("drift of age", kind="drift", measures=[{"metric": "psi", "value": 0.31}])
    await house.pass_time(minutes=4)
    await house.alert("drift of income", kind="drift", measures=[{"metric": "drift.share", "value": 0.7}])
    await house.press(await house.card(incident.id), "Acknowledge", by="guy")
    await house.pass_time(minutes=6)
    await house.press(house.pages_to("bo")[0], "Acknowledge", by="bo")
    await house.pass_time(minutes=5)
    await house.press(await house.card(incident.id), "Escalate", by="bo")
    await house.command("/incident", f"ack {incident.id}", by="cy")
    await house.resolve("drift of age", kind="drift")
    await house.resolve("drift of income", kind="drift")
    return incident.id


async def test_a_whole_incident_can_be_told_from_the_log_alone(any_place: Place) -> None:
    async with any_place.house() as house:
        story = await told(house, await lived(house))
        lines = [(round((one.entry.at - START).total_seconds() / 60), one.entry.kind, one.entry.actor) for one in story]
        assert lines == [
            (0, "incident.opened", "connection:hook"),
            (0, "alerts.received", "connection:hook"),
            (0, "step.fired", "tocsin"),
            (0, "page.sent", "tocsin"),
            (4, "alerts.received", "connection:hook"),
            (4, "incident.worsened", "tocsin"),
            (4, "press.refused", "slack:U01GUY"),
            (10, "step.fired", "tocsin"),
            (10, "page.sent", "tocsin"),
            (10, "incident.acknowledged", "person:bo"),
            (15, "incident.escalated", "person:bo"),
            (15, "step.fired", "person:bo"),
            (15, "page.sent", "tocsin"),
            (15, "incident.acknowledged", "person:cy"),
            (15, "alerts.received", "connection:hook"),
            (15, "alerts.received", "connection:hook"),
            (15, "incident.resolved", "tocsin"),
        ]


async def test_the_log_says_why_and_what_was_before_and_after(house: House) -> None:
    story = {one.entry.kind: one.entry for one in await told(house, await lived(house))}
    opened, worsened = story["incident.opened"], story["incident.worsened"]
    assert "anything matches" in opened.why
    assert (opened.after["runbook"], opened.after["severity"]) == ("anything", "sev2")
    assert len(opened.after["revision"]) == 12
    assert (worsened.before, worsened.after) == ({"severity": "sev2"}, {"severity": "sev1"})
    assert "drift.share >= 0.5" in worsened.why
    held = story["incident.acknowledged"]
    assert (held.before["phase"], held.after["phase"], held.after["holder"]) == ("triggered", "acknowledged", "cy")
    assert (held.after["via"], held.after["as"]) == ("command", "slack:U01CY")
    assert story["press.refused"].after["verdict"] == "STRANGER"
    assert "cy leads team churn-ml" in story["page.sent"].why
    assert story["page.sent"].after["provider_id"]
    assert "none of its alerts" in story["incident.resolved"].why.lower()


async def test_the_state_of_an_incident_is_what_its_log_adds_up_to(house: House) -> None:
    incident_id = await lived(house)
    known: dict[str, Any] = {}
    for one in await told(house, incident_id):
        known |= {
            name: one.entry.after[name] for name in ("phase", "severity", "holder", "firing") & one.entry.after.keys()
        }
        if one.entry.kind == "step.fired":
            known |= {"tier": one.entry.after["tier"], "step": one.entry.after["step"]}
    now = await house.incident(incident_id)
    assert known == {
        "phase": now.phase.value,
        "severity": now.severity,
        "holder": now.holder,
        "firing": now.alerts_firing,
        "tier": now.tier,
        "step": now.step,
    }


async def test_what_happened_and_when_it_was_written_down_are_both_kept(house: House) -> None:
    story = await told(house, await lived(house))
    assert all(one.recorded_at >= one.entry.at for one in story)
    assert [one.seq for one in story] == sorted(one.seq for one in story)
    assert max(one.recorded_at - one.entry.at for one in story) < timedelta(seconds=1)


async def test_each_entity_has_a_chain_of_its_own(house: House) -> None:
    one, other = await house.alert("accuracy fell"), await house.alert("price is off", model="price")
    for incident, entity in ((one, "retail"), (other, "market")):
        story = await told(house, incident.id)
        assert {entry.entry.chain for entry in story} == {entity}
        assert [entry.seq for entry in story] == list(range(1, len(story) + 1))


ITS = "chain = 'retail' AND"
END = 1_000_000  # plus the number of the last entry, whichever that is
LAST = f"{ITS} seq = (SELECT max(seq) FROM log WHERE chain = 'retail')"
LOG = "at, recorded_at, kind, previous, hash, form, commitment FROM log WHERE"
TAMPERED = {
    "an actor was changed": (f"UPDATE log_said SET actor = 'person:eve' WHERE {ITS} seq = 4", 4, "changed"),
    "a reason was changed": (f"UPDATE log_said SET why = 'because' WHERE {ITS} seq = 1", 1, "changed"),
    "a time was changed": (f"UPDATE log SET at = (SELECT min(at) FROM log) WHERE {ITS} seq = 10", 10, "changed"),
    "what it is about was changed": (f"UPDATE log_said SET subject = 'INC-9' WHERE {ITS} seq = 7", 7, "changed"),
    "what it says was taken out": (f"DELETE FROM log_said WHERE {ITS} seq = 6", 6, "taken away"),
    "one was taken out": (f"DELETE FROM log WHERE {ITS} seq = 5", 5, "missing"),
    "the first was taken out": (f"DELETE FROM log WHERE {ITS} seq = 1", 1, "missing"),
    "the end was cut off": (f"DELETE FROM log WHERE {ITS} seq > 12", 13, "ends at 12"),
    "one was put in": (f"INSERT INTO log SELECT chain, seq + 1000, {LOG} {LAST}", END + 1, "missing"),
    "one was put in at the end": (f"INSERT INTO log SELECT chain, seq + 1, {LOG} {LAST}", END + 1, "follow"),
    "two changed places": (
        f"UPDATE log SET seq = -9 WHERE {ITS} seq = 8;UPDATE log SET seq = 8 WHERE {ITS} seq = 9;"
        f"UPDATE log SET seq = 9 WHERE {ITS} seq = -9",
        8,
        "follow",
    ),
    "everything was taken out": ("DELETE FROM log WHERE chain = 'retail'", 1, "ends at 0"),
    "the head was changed": ("UPDATE log_heads SET seq = 16 WHERE chain = 'retail'", 17, "ends at 16"),
}


@pytest.mark.parametrize(("how", "seq", "what"), TAMPERED.values(), ids=TAMPERED.keys())
async def test_tampering_is_named_where_it_begins(place: Place, how: str, seq: int, what: str) -> None:
    async with place.house() as house:
        await lived(house)
        last = await house.app.store.read(lambda tx: max(line[1] for line in log.lines(tx.sql, "retail")))
    status, said = await place.typed("audit", "verify")
    assert (status, "every chain is whole." in said) == (0, True), said
    for statement in how.split(";"):
        place.sql(statement)
    status, said = await place.typed("audit", "verify")
    assert status == 1
    assert f"chain retail, entry {seq - END + last if seq >= END else seq}: " in said
    assert what in said


async def test_a_chain_on_postgresql_is_verified_the_same(any_place: Place) -> None:
    async with any_place.house() as house:
        await lived(house)
    assert (await any_place.typed("audit", "verify"))[0] == 0
    any_place.sql(f"UPDATE log_said SET actor = 'person:eve' WHERE {ITS} seq = 4")
    status, said = await any_place.typed("audit", "verify")
    assert (status, "entry 4: its content was changed" in said) == (1, True)
