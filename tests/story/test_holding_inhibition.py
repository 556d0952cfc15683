"""One broken upstream is one page: rules of the configuration, the catalogue's feeds, and what they let go."""

from datetime import timedelta

from bot.model.held import Cause
from bot.model.incident import Phase
from bot.model.verb import Verb
from tests.story import quieted
from tests.story.place import Place

OUTAGE = """\
    inhibit:
      - name: outage
        source: [kind = failure]
        target: ["kind =~ drift|latency"]
        equal: [environment]
    feeds: {kinds: [freshness], holds: [performance]}
    """


async def test_a_stale_table_is_one_page_and_what_follows_from_it_is_held(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await q.tell("orders are stale", model="orders", kind="freshness")
        assert (await q.tell("churn drifts")).held == 1
        assert (await q.tell("price fell", model="price", kind="performance")).held == 1
        assert (await q.tell("churn is slow", kind="latency")).new == 1  # of no kind that follows from it
        assert (await q.tell("churn drifts in staging", environment="staging")).new == 1
        behind = await q.behind("INC-1")
        assert (behind.alerts, behind.about) == (2, ("churn", "price"))
        held = (await q.held())[0]
        assert (held.hold.cause, held.hold.by, held.hold.incident) == (Cause.INHIBITION, "feeds", "INC-1")
        assert held.hold.why == "Held by feeds while INC-1 is open (orders are stale)."
        await q.house.pass_time(minutes=9)
        assert len(q.house.paged()) == 3


async def test_once_the_table_is_well_what_still_fires_pages(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await q.tell("orders are stale", model="orders", kind="freshness")
        await q.tell("churn drifts")
        await q.tell("price drifts", model="price")
        await q.over("price drifts", model="price")
        await q.house.pass_time(minutes=8)
        await q.over("orders are stale", model="orders", kind="freshness")
        assert (await q.incident(1)).phase is Phase.RESOLVED
        released = await q.incident(2)
        assert released.title == "churn drifts"
        assert released.why.startswith("Held 8 min by feeds while INC-1 is open (orders are stale).")
        assert await q.held() == []
        assert await q.inhibitors() == []
        assert [person for person, _ in q.house.paged()] == ["ada", "ada"]


async def test_a_table_that_was_stale_within_one_body_only_holds_nothing_after_it(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        stale = {"title": "orders are stale", "model": "orders", "kind": "freshness"}
        receipt = await q.tell_all(stale, {"title": "churn drifts"}, {**stale, "status": "resolved"})
        assert (receipt.new, receipt.held, receipt.resolved) == (1, 1, 1)
        assert await q.held() == []
        assert (await q.incident(2)).title == "churn drifts"
        assert len(q.house.paged()) == 1


async def test_closed_by_hand_it_holds_nothing_more(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await q.tell("orders are stale", model="orders", kind="freshness")
        await q.tell("churn drifts")
        await q.house.answer(Verb.FALSE_ALARM, "INC-1", by="ada")
        assert (await q.incident(2)).title == "churn drifts"
        assert (await q.tell("price drifts", model="price")).new == 1


async def test_merged_it_holds_on_behind_the_one_that_goes_on(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await q.tell("churn is slow", kind="latency")
        await q.tell("orders are stale", model="orders", kind="freshness")
        await q.tell("churn drifts")
        press = await q.press_merge("INC-2", "INC-1")
        assert press == "INC-1"
        assert (await q.behind("INC-1")).alerts == 1
        assert (await q.tell("price drifts", model="price")).held == 1
        await q.over("orders are stale", model="orders", kind="freshness")
        assert await q.held() == []
        assert (await q.incident(1)).phase is Phase.TRIGGERED


async def test_in_one_body_the_source_goes_first_wherever_it_stands(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        receipt = await q.tell_all(
            {"title": "churn drifts"},
            {"title": "price drifts", "model": "price"},
            {"title": "churn costs", "kind": "cost"},
            {"title": "orders are stale", "model": "orders", "kind": "freshness"},
        )
        assert (receipt.held, receipt.new) == (2, 2)
        held = await q.held()
        assert {one.alert.title for one in held} == {"churn drifts", "price drifts"}
        (source,) = {one.hold.incident for one in held}
        assert source
        assert (await q.house.incident(source)).title == "orders are stale"


async def test_in_one_body_a_source_that_is_over_holds_nothing(any_place: Place) -> None:
    async with quieted.opened(any_place) as q:
        await q.tell("orders are stale", model="orders", kind="freshness")
        over = {"title": "orders are stale", "model": "orders", "kind": "freshness", "status": "resolved"}
        receipt = await q.tell_all(over, {"title": "churn drifts"})
        assert (receipt.resolved, receipt.new, receipt.held) == (1, 1, 0)


async def test_a_rule_holds_what_is_equal_and_never_its_own_side(any_place: Place) -> None:
    async with quieted.opened(any_place, OUTAGE) as q:
        await q.tell("the cluster is down", model=None, entity="retail", kind="failure")
        assert (await q.tell("churn drifts")).held == 1
        assert (await q.tell("churn drifts in staging", environment="staging")).new == 1
        assert (await q.tell("the gateway is down", model="price", kind="failure")).new == 1
        assert (await q.held())[0].hold.by == "outage"
        await q.over("the cluster is down", model=None, entity="retail", kind="failure")
        (held,) = await q.held()  # by the gateway now
        assert held.hold.incident == "INC-3"
        told = [one.entry.after["incident"] for one in await q.told("hook:churn drifts", "alert.held")]
        assert told == ["INC-1", "INC-3"]
        await q.over("the gateway is down", model="price", kind="failure")
        assert await q.held() == []


async def test_what_is_held_holds_nothing_itself(any_place: Place) -> None:
    async with quieted.opened(any_place, OUTAGE) as q:
        await q.silence("kind = failure", minutes=10)
        await q.tell("the cluster is down", model=None, entity="retail", kind="failure")
        assert (await q.tell("churn drifts")).new == 1
        assert (await q.tell("price drifts", model="price")).new == 1
        assert await q.inhibitors() == []
        await q.house.pass_time(minutes=10)  # now it is in an incident
        assert (await q.tell("orders drift", model="orders")).held == 1


async def test_let_go_together_the_source_pages_and_holds_the_rest(any_place: Place) -> None:
    async with quieted.opened(any_place, OUTAGE) as q:
        await q.silence(minutes=10)
        await q.tell("a churn drifts")
        await q.tell("the cluster is down", model=None, entity="retail", kind="failure")
        await q.house.pass_time(minutes=10)
        assert (await q.incident(1)).title == "the cluster is down"
        (held,) = await q.held()
        assert (held.hold.cause, held.hold.incident) == (Cause.INHIBITION, "INC-1")
        assert held.first_seen_at == q.now - timedelta(minutes=10)
        assert len(q.house.paged()) == 1


async def test_a_rule_in_shadow_holds_nothing_and_says_so(place: Place) -> None:
    noise = OUTAGE.replace("equal: [environment]", "equal: [environment]\n        shadow: true")
    async with quieted.opened(place, noise) as q:
        await q.tell("the cluster is down", model=None, entity="retail", kind="failure")
        assert (await q.tell("churn drifts")).new == 1
        assert "In shadow: it would have been held by outage while INC-1 is open" in (await q.incident(2)).why
        (entry,) = await q.told("INC-2", "noise.shadowed")
        assert (entry.entry.after["rule"], entry.entry.after["cause"]) == ("outage", "inhibition")


async def test_a_rule_that_is_gone_from_the_configuration_holds_nothing_after_a_minute(place: Place) -> None:
    async with quieted.opened(place, OUTAGE) as q:
        await q.tell("the cluster is down", model=None, entity="retail", kind="failure")
        await q.tell("churn drifts")
        place.write("config/noise.yaml", "feeds: {shadow: true}\n")
        await q.house.reload()
        await q.ring_the_minute()
        assert await q.held() == []
        assert (await q.incident(2)).title == "churn drifts"
