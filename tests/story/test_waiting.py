"""An incident may wait before anybody is paged: to gather alerts, or because the hours are quiet for its severity."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.engine import declare
from bot.model.incident import Phase
from bot.store import log
from bot.testing.house import House
from tests.story.place import START, Place

NIGHT = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # in UTC, which is the zone of entities that name none
MORNING = datetime(2026, 11, 24, 7, tzinfo=UTC)
GRAVE: dict[str, Any] = {"kind": "drift", "measures": [{"metric": "drift.share", "value": 0.7}]}
SMALL: dict[str, Any] = {"kind": "drift"}  # sev2 by the runbook of the stories
QUIET = """\
    quiet:
      - {name: nights, severities: [sev2], from: "22:00", to: "07:00"}
    """


def gathers(place: Place, keys: str) -> None:
    place.change("runbooks/anything.md", "repeats: 1", f"repeats: 1\n{keys}")


async def entries(house: House, incident: str, kind: str) -> list[Any]:
    sealed = await house.app.store.read(lambda tx: log.of(tx.sql, incident))
    return [each.entry for each in sealed if each.entry.kind == kind]


async def until(house: House, at: datetime) -> None:
    await house.pass_time(seconds=(at - house.clock.now()).total_seconds())


# --- group_wait ---


async def test_alerts_are_gathered_before_the_first_page(any_place: Place) -> None:
    gathers(any_place, "group_wait: 30s")
    async with any_place.house() as house:
        incident = await house.alert("drift of age")
        assert incident.next_step_at == START + timedelta(seconds=30)
        assert (incident.step, incident.waits) == (0, "It gathers alerts for 30s first.")
        assert house.paged() == []
        card = await house.card("INC-1")
        assert "Nobody is paged yet: It gathers alerts for 30s first." in card.shown
        assert "L1 (ada) is paged" in card.shown
        _, shown = await any_place.typed("incident", "show", "INC-1")
        assert "waits:   It gathers alerts for 30s first." in shown
        assert "next:    L1 at" in shown
        await house.pass_time(seconds=15)
        await house.alert("drift of income")
        assert house.paged() == []
        await house.pass_time(seconds=20)
        assert [person for person, _ in house.paged()] == ["ada"]
        assert (await house.incident("INC-1")).waits == ""
        assert "Waiting for L1" in (await house.card("INC-1")).shown
        await house.pass_time(minutes=10)
        assert [person for person, _ in house.paged()] == ["ada", "bo"]


async def test_what_is_over_within_the_wait_pages_nobody(place: Place) -> None:
    gathers(place, "group_wait: 30s")
    async with place.house() as house:
        await house.alert("drift of age")
        await house.pass_time(seconds=10)
        await house.resolve("drift of age")
        assert (await house.incident("INC-1")).phase is Phase.RESOLVED
        await house.pass_time(minutes=30)
        assert house.paged() == []
        assert "before anybody was paged: It gathers alerts for 30s first." in (await house.card("INC-1")).shown
        (ended,) = await entries(house, "INC-1", "incident.resolved")
        assert (
            ended.why == "None of its alerts fires any more. Nobody was paged for it: It gathers alerts for 30s first."
        )


async def test_whoever_answers_or_escalates_does_not_wait(place: Place) -> None:
    gathers(place, "group_wait: 10m")
    async with place.house() as house:
        await house.alert("accuracy fell")
        await house.press(await house.card("INC-1"), "Escalate", by="ada")
        assert [person for person, _ in house.paged()] == ["ada"]
        assert (await house.incident("INC-1")).waits == ""
        await house.alert("price is off", model="price")
        await house.press(await house.card("INC-2"), "Acknowledge", by="ada")
        assert (await house.incident("INC-2")).waits == ""
        await house.pass_time(minutes=9)
        assert len(house.paged()) == 1


async def test_what_a_person_declares_never_waits(place: Place) -> None:
    gathers(place, "group_wait: 10m")
    place.write("config/noise.yaml", QUIET)
    async with place.house() as house:
        await until(house, NIGHT)
        draft = declare.Draft("churn is down", model="churn")
        await declare.open_(house.app.desk, draft, "person:flo", house.clock.now(), "cli", "k1")
        await house.settle()
        assert [person for person, _ in house.paged()] == ["ada"]
        await house.pass_time(minutes=10)
        assert [person for person, _ in house.paged()] == ["ada", "bo"]


async def test_a_restart_does_not_forget_what_waits(place: Place) -> None:
    gathers(place, "group_wait: 5m")
    async with place.house() as house:
        await house.alert("accuracy fell")
    async with place.house() as house:
        await house.pass_time(minutes=5)
        assert [person for person, _ in house.paged()] == ["ada"]


# --- group_window, group_interval ---


async def test_an_incident_is_joined_only_within_its_window(any_place: Place) -> None:
    gathers(any_place, "group_window: 1h")
    async with any_place.house() as house:
        assert (await house.alert("drift of age", **SMALL)).id == "INC-1"
        await house.pass_time(minutes=50)
        assert (await house.alert("drift of income", **SMALL)).id == "INC-1"
        await house.pass_time(minutes=60)
        assert (await house.alert("drift of city", **SMALL)).id == "INC-1"  # exactly at its end it still does
        await house.pass_time(minutes=61)
        assert (await house.alert("drift of sex", **SMALL)).id == "INC-2"
        old = await house.incident("INC-1")
        assert old.open
        assert old.key.endswith("#INC-1")
        assert (await house.alert("drift of zip", **SMALL)).id == "INC-2"
        repeat = await house.alert("drift of age", **SMALL, started_at=START.isoformat())  # what it has stays with it
        assert repeat.id == "INC-1"


async def test_a_holder_hears_of_joiners_once_an_interval(place: Place) -> None:
    gathers(place, "group_interval: 5m")
    async with place.house() as house:
        await house.alert("drift of age", **SMALL)
        await house.press(await house.card("INC-1"), "Acknowledge", by="ada")
        assert house.told("ada") == []
        for number in range(20):
            await house.alert(f"drift of f{number}", **SMALL)
            await house.pass_time(seconds=10)
        await house.pass_time(minutes=5)
        told = house.told("ada")
        assert told[-1] == "More alerts joined INC-1 (drift of age): 21 of 21 fire."
        assert len(told) <= 2  # twenty alerts in less than two intervals
        await house.pass_time(minutes=30)
        assert house.told("ada") == told
        assert len(house.paged()) == 1


# --- quiet hours ---


async def test_small_things_wait_for_the_morning_and_a_digest_lists_them(any_place: Place) -> None:
    any_place.write("config/noise.yaml", QUIET)
    async with any_place.house() as house:
        await until(house, NIGHT)
        await house.alert("drift of age", **SMALL)
        await house.alert("price is slow", model="price", kind="latency")
        await house.alert("late table", kind="freshness")
        await house.resolve("late table", kind="freshness")
        assert house.paged() == []
        why = "Quiet hours (nights) for sev2 until 2026-11-24 07:00 UTC."
        assert (await house.incident("INC-1")).waits == why
        assert f"Nobody is paged yet: {why}" in (await house.card("INC-1")).shown
        await until(house, MORNING - timedelta(seconds=1))
        assert house.paged() == []
        assert house.told("#ml-oncall") == []
        await until(house, MORNING)
        market, retail = sorted(house.told("#ml-oncall"))
        assert retail.splitlines()[0] == "Quiet hours of retail are over (2026-11-24 07:00 UTC). What waited: 2"
        assert "INC-1 · SEV2 · churn: drift of age · still open, pages now" in retail
        assert "INC-3 · SEV2 · churn: late table · over, nobody was paged" in retail
        assert "INC-2" not in retail
        assert "INC-2 · SEV2 · price: price is slow" in market
        await house.pass_time(minutes=5)
        assert len(house.paged()) == 2
        assert len(house.told("#ml-oncall")) == 2


async def test_a_graver_alert_does_not_wait_for_the_morning(place: Place) -> None:
    place.write("config/noise.yaml", QUIET)
    async with place.house() as house:
        await until(house, NIGHT)
        await house.alert("drift of age", **SMALL)
        assert house.paged() == []
        worse = await house.alert("drift of income", **GRAVE)
        assert (worse.id, worse.severity, worse.waits) == ("INC-1", "sev1", "")
        assert [person for person, _ in house.paged()] == ["ada"]
        await house.pass_time(minutes=10)
        assert [person for person, _ in house.paged()] == ["ada", "bo"]  # and it climbs
        await until(house, MORNING)
        assert house.told("#ml-oncall") == []


async def test_a_batch_with_a_grave_alert_in_it_does_not_wait(place: Place) -> None:
    place.write("config/noise.yaml", QUIET)
    place.change("config/tocsin.yaml", "plugin: webhook,", 'plugin: webhook, alerts: "$.all",')
    async with place.house() as house:
        await until(house, NIGHT)
        base = {"model": "churn", "kind": "drift", "status": "firing"}
        small = {**base, "title": "age", "problem": "age"}
        grave = {**base, "title": "income", "problem": "income", "measures": GRAVE["measures"]}
        await house.deliver({"all": [small, grave]})
        await house.settle()
        assert [person for person, _ in house.paged()] == ["ada"]


async def test_made_graver_by_hand_it_pages_at_once(place: Place) -> None:
    place.write("config/noise.yaml", QUIET)
    async with place.house() as house:
        await until(house, NIGHT)
        await house.alert("drift of age", **SMALL)
        await house.command("/incident", "severity INC-1 sev1", by="bo")
        assert [person for person, _ in house.paged()] == ["ada"]


async def test_nobody_is_woken_by_a_later_step_either(place: Place) -> None:
    place.write("config/noise.yaml", QUIET)
    async with place.house() as house:
        await until(house, datetime(2026, 11, 23, 21, 55, tzinfo=UTC))
        await house.alert("drift of age", **SMALL)
        assert [person for person, _ in house.paged()] == ["ada"]
        await until(house, NIGHT)
        assert len(house.paged()) == 1
        card = await house.card("INC-1")
        assert "Waiting for L1" in card.shown
        assert "The next step waits: Quiet hours (nights)" in card.shown
        await until(house, MORNING + timedelta(seconds=1))
        assert [person for person, _ in house.paged()] == ["ada", "bo"]


async def test_the_morning_comes_when_the_zone_of_the_entity_says(place: Place) -> None:
    place.write("config/noise.yaml", QUIET)
    place.change("config/estate.yaml", "{name: retail}", "{name: retail, timezone: America/Chicago}")
    # In the night to 14 March 2027 Chicago's clocks go forth, so that it lasts an hour less.
    await place.clock.advance(datetime(2027, 3, 14, 4, 30, tzinfo=UTC) - place.clock.now())
    async with place.house() as house:
        incident = await house.alert("drift of age", **SMALL)
        assert incident.next_step_at == datetime(2027, 3, 14, 12, tzinfo=UTC)  # 07:00 CDT
        assert incident.waits.endswith("until 2027-03-14 07:00 CDT.")
        await house.alert("price is slow", model="price", kind="latency")
        assert (await house.incident("INC-2")).next_step_at == datetime(2027, 3, 14, 7, tzinfo=UTC)


async def test_without_its_digest_what_waited_still_pages(place: Place) -> None:
    place.write("config/noise.yaml", QUIET)
    async with place.house() as house:
        await until(house, NIGHT)
        await house.alert("drift of age", **SMALL)
        place.sql("DELETE FROM jobs WHERE kind = 'digest'")
        await until(house, MORNING + timedelta(seconds=61))
        assert [person for person, _ in house.paged()] == ["ada"]


async def test_hours_that_were_made_longer_meanwhile_count(place: Place) -> None:
    place.write("config/noise.yaml", QUIET)
    async with place.house() as house:
        await until(house, NIGHT)
        await house.alert("drift of age", **SMALL)
        place.change("config/noise.yaml", "07:00", "08:00")
        await house.reload()
        await until(house, MORNING + timedelta(minutes=59))
        assert house.paged() == []
        await until(house, MORNING + timedelta(hours=1, seconds=1))
        assert [person for person, _ in house.paged()] == ["ada"]


async def test_quiet_hours_in_shadow_only_say_so(place: Place) -> None:
    place.write("config/noise.yaml", QUIET.replace('to: "07:00"', 'to: "07:00", shadow: true'))
    async with place.house() as house:
        await until(house, NIGHT)
        incident = await house.alert("drift of age", **SMALL)
        assert [person for person, _ in house.paged()] == ["ada"]
        assert "In shadow: It would have waited: Quiet hours (nights) for sev2" in incident.why
        (said,) = await entries(house, "INC-1", "noise.shadowed")
        assert said.after["rule"] == "nights"
        await until(house, MORNING)
        assert house.told("#ml-oncall") == []


async def test_a_digest_shows_hostile_titles_literally(place: Place) -> None:
    place.write("config/noise.yaml", QUIET)
    async with place.house() as house:
        await until(house, NIGHT)
        await house.alert("<!channel> *x*\nINC-99 · SEV1 · all is well", **SMALL)
        await until(house, MORNING + timedelta(seconds=1))
        (digest,) = house.told("#ml-oncall")
        assert "<!channel> *x* INC-99" in digest


# --- calm ---


async def test_twenty_flaps_are_one_incident_and_one_page(any_place: Place) -> None:
    gathers(any_place, "calm: {after: 10m}")
    async with any_place.house() as house:
        for _ in range(20):
            assert (await house.alert("accuracy fell")).id == "INC-1"
            await house.pass_time(seconds=20)
            await house.resolve("accuracy fell")
            await house.pass_time(minutes=3)
        # It fired for less than seven minutes in all, and what it was calm does not count.
        assert [person for person, _ in house.paged()] == ["ada"]
        incident = await house.incident("INC-1")
        assert incident.open
        assert (incident.alerts_firing, incident.alerts_total) == (0, 20)
        card = await house.card("INC-1")
        assert "Calm since" in card.shown
        assert "ends by itself" in card.shown
        _, shown = await any_place.typed("incident", "show", "INC-1")
        assert "calm:    since" in shown
        await house.pass_time(minutes=8)
        ended = await house.incident("INC-1")
        assert (ended.phase, ended.resolution, ended.calm_since) == (Phase.RESOLVED, "ended", None)
        assert len(house.paged()) == 1
        assert not house.pages_to("ada")[0].buttons


async def test_what_was_calm_climbs_on_when_it_fires_again(place: Place) -> None:
    gathers(place, "calm: {after: 1h}")
    async with place.house() as house:
        await house.alert("accuracy fell")
        await house.pass_time(minutes=8)
        await house.resolve("accuracy fell")
        await house.pass_time(minutes=30)
        assert [person for person, _ in house.paged()] == ["ada"]  # bo's turn would have come at ten minutes
        await house.alert("accuracy fell")
        await house.pass_time(seconds=119)
        assert len(house.paged()) == 1
        await house.pass_time(seconds=1)
        assert [person for person, _ in house.paged()] == ["ada", "bo"]


async def test_a_page_that_fails_does_not_wait_for_an_old_timer(place: Place) -> None:
    gathers(place, "calm: {after: 1h}")
    place.change("config/people.yaml", "{name: ada, slack: U01ADA}", "{name: ada, slack: U0NOBODY}")
    async with place.house() as house:
        await house.alert("accuracy fell")
        assert [person for person, _ in house.paged()] == ["bo"]


async def test_calm_in_shadow_ends_at_once_and_says_so(place: Place) -> None:
    gathers(place, "calm: {after: 10m, shadow: true}")
    async with place.house() as house:
        await house.alert("accuracy fell")
        await house.resolve("accuracy fell")
        assert (await house.incident("INC-1")).phase is Phase.RESOLVED
        (said,) = await entries(house, "INC-1", "noise.shadowed")
        assert said.why == "It would have stayed open until nothing had fired for 10m."


async def test_gathering_and_calm_together_page_only_for_what_fires(place: Place) -> None:
    gathers(place, "group_wait: 30s\ncalm: {after: 10m}")
    async with place.house() as house:
        await house.alert("accuracy fell")
        await house.pass_time(seconds=10)
        await house.resolve("accuracy fell")
        await house.pass_time(minutes=1)
        assert house.paged() == []
        await house.alert("accuracy fell")
        assert [person for person, _ in house.paged()] == ["ada"]  # it has been gathering for long enough


async def test_an_answered_incident_calms_down_and_ends_too(place: Place) -> None:
    gathers(place, "calm: {after: 10m}")
    async with place.house() as house:
        await house.alert("accuracy fell")
        await house.press(await house.card("INC-1"), "Acknowledge", by="ada")
        await house.resolve("accuracy fell")
        card = await house.card("INC-1")
        assert "Held by @U01ADA" in card.shown
        assert "Calm since" in card.shown
        await house.pass_time(minutes=10)
        assert (await house.incident("INC-1")).resolution == "ended"
