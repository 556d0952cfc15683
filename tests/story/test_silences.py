"""A silence from its making to its end, the whole bot running: nobody is paged meanwhile, and nothing is lost by it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.engine import silence
from bot.engine.silence import Draft, Outcome
from bot.errors import BadInput, NotFound
from bot.model.matcher import Matcher
from bot.model.silence import Silence
from bot.model.verdict import Verdict
from bot.rules import window
from bot.store import log
from bot.testing.house import House
from tests.story.place import START, Place

CHURN = (Matcher("model", "=", "churn"),)


async def made(house: House, by: str = "person:ada", **more: Any) -> Outcome:
    """Churn is silenced for two hours, unless more is said."""
    now = house.clock.now()
    facts: dict[str, Any] = {"matchers": CHURN, "ends_at": now + timedelta(hours=2), "why": "backfill"}
    outcome = await silence.make(house.app.desk, Draft(**(facts | more)), by, now, "api")
    await house.settle()
    return outcome


async def fires(house: House, title: str = "accuracy fell") -> set[str]:
    """An alert about churn; the incidents it is in."""
    alert = {"title": title, "problem": title, "kind": "performance", "model": "churn", "status": "firing"}
    receipt = await house.deliver({**alert, "started_at": house.clock.now().isoformat()})
    await house.settle()
    return set(receipt.booked.incidents)


async def kinds(house: House, subject: str) -> list[str]:
    """What was written down about it."""
    return [each.entry.kind for each in await house.app.store.read(lambda tx: log.of(tx.sql, subject))]


async def test_what_fires_during_maintenance_is_paged_at_its_end(any_place: Place) -> None:
    async with any_place.house() as house:
        said = "maintenance churn 2h from 2026-11-23 04:00 because the table moves"
        reply = await house.command("/incident", said, by="ada")
        await house.press(reply.responses[-1], "Plan it", by="ada")
        await house.pass_time(minutes=30)
        assert await fires(house) == set()
        assert house.pages_to("ada") == []
        await house.pass_time(minutes=60)
        assert house.pages_to("ada") == []
    async with any_place.house() as house:  # a restart in its middle
        await house.pass_time(minutes=60)
        assert (await house.incident("INC-1")).opened_at == datetime.fromisoformat("2026-11-23T06:00:00+00:00")
        assert len(house.pages_to("ada")) == 1
        assert "SIL-1" in (await house.incident("INC-1")).why
        told = [text for text in house.told("#ml-oncall") if text.startswith("SIL-1")]
        assert [text.split(" by ada")[0].split(":")[0] for text in told] == [
            "SIL-1 (maintenance)",
            "SIL-1 (maintenance) holds from now until 2026-11-23 06",
            "SIL-1 (maintenance) is over",
        ]


async def test_who_ends_it_early_has_the_rest_paged_at_once(house: House) -> None:
    await made(house)
    assert await fires(house) == set()
    ended = await silence.end(house.app.desk, "sil-1", "person:dee", house.clock.now(), "cli")
    await house.settle()
    assert (ended.verdict, ended.silence and ended.silence.ended_by) == (Verdict.GO, "person:dee")
    assert len(house.pages_to("ada")) == 1
    again = await silence.end(house.app.desk, "SIL-1", "person:ada", house.clock.now(), "cli")
    assert (again.verdict, again.sentence) == (Verdict.ALREADY, "SIL-1 was ended already, by dee.")
    await house.pass_time(hours=3)
    assert [text for text in house.told("#ml-oncall") if "is over" in text] == []


async def test_one_that_is_over_by_itself_cannot_be_ended(house: House) -> None:
    await made(house)
    await house.pass_time(hours=2)
    late = await silence.end(house.app.desk, "SIL-1", "person:ada", house.clock.now(), "cli")
    assert (late.verdict, late.sentence) == (Verdict.ALREADY, "SIL-1 is over since 2026-11-23 05:38 UTC.")
    with pytest.raises(NotFound, match="SIL-9"):
        await silence.end(house.app.desk, "SIL-9", "person:ada", house.clock.now(), "cli")


async def test_a_shadow_holds_nothing_and_says_what_it_would_have_held(house: House) -> None:
    await made(house, shadow=True)
    assert await fires(house) == {"INC-1"}
    assert len(house.pages_to("ada")) == 1
    assert "SIL-1" in (await house.incident("INC-1")).why


async def test_a_program_is_its_own_authority_but_says_everything_twice(house: House) -> None:
    outcome = await made(house, "api:ci", author="Carol\n<!here>")
    assert outcome.silence is not None
    assert (outcome.verdict, outcome.silence.by) == (Verdict.GO, "api:ci:Carol <!here>")
    assert silence.author(outcome.silence) == "Carol <!here>"
    everything = (Matcher("title", "=~", ".*"),)
    refused = await made(house, "api:ci", matchers=everything)
    assert (refused.verdict, refused.silence) == (Verdict.UNSURE, None)
    assert (await made(house, "api:ci", matchers=everything, sure=True)).verdict is Verdict.GO
    (text,) = [text for text in house.told("#ml-oncall") if text.startswith("SIL-1")]
    assert "by Carol <!here>" in text


async def test_one_takes_the_place_of_another_in_one_go(house: House) -> None:
    await made(house)
    await made(house, "api:ci", instead="SIL-1", why="longer")
    first = await silence.get(house.app.desk, "SIL-1")
    assert (first.ended_by, first.ended_at) == ("api:ci", START)
    assert [one.id for one in await silence.standing(house.app.desk, house.clock.now())] == ["SIL-2"]
    assert await kinds(house, "SIL-1") == ["silence.made", "silence.ended"]
    with pytest.raises(NotFound):
        await made(house, "api:ci", instead="SIL-7")
    assert [one.id for one in await silence.listing(house.app.desk)] == ["SIL-2", "SIL-1"]


@pytest.mark.parametrize(
    ("by", "typed", "verdict"),
    [
        ("person:ada", "model = churn", Verdict.GO),
        ("person:ada", "entity = retail", Verdict.GO),
        ("person:ada", "model.team = churn-ml", Verdict.GO),
        ("person:dee", "model = churn", Verdict.NOT_YOURS),  # of another team
        ("person:dee", "model =~ price.*", Verdict.NOT_YOURS),  # a pattern may hit what is not hers
        ("person:dee", "environment = production", Verdict.NOT_YOURS),
        ("person:cy", "model = price", Verdict.GO),  # leads a team
        ("person:eve", "environment = nowhere", Verdict.NOT_YOURS),
        ("slack:U01BO", "kind = performance", Verdict.GO),  # answers for the one incident it hits
        ("slack:U01GUY", "model = churn", Verdict.STRANGER),
        ("person:nobody", "model = churn", Verdict.STRANGER),
        ("person:ada", "kind =~ .*", Verdict.ADMINS_ONLY),
    ],
)
async def test_who_may(house: House, by: str, typed: str, verdict: Verdict) -> None:
    await house.alert("accuracy fell")
    outcome = await made(house, by, matchers=window.read(typed))
    assert outcome.verdict is verdict
    assert (outcome.silence is not None) is (verdict is Verdict.GO)
    if verdict is not Verdict.GO:
        assert outcome.sentence == verdict.sentence
        assert await kinds(house, "silence") == ["silence.refused"]


async def test_it_stands_in_the_chain_of_what_it_is_about(house: House) -> None:
    await made(house)
    await made(house, "person:cy", matchers=(Matcher("environment", "=", "staging"),))
    entries = await house.app.store.read(lambda tx: [*log.of(tx.sql, "SIL-1"), *log.of(tx.sql, "SIL-2")])
    assert [each.entry.chain for each in entries] == ["retail", "tocsin"]
    assert entries[0].entry.after["matchers"] == ["model = churn"]


async def test_nothing_is_made_of_bad_input(house: House) -> None:
    bad: list[dict[str, Any]] = [
        {"ends_at": None},
        {"ends_at": START},
        {"why": " \n"},
        {"ends_at": START + timedelta(days=31)},
        {"matchers": (Matcher("nonsense", "=", "x"),)},
        {"matchers": (*CHURN, Matcher("model", "=", "price"))},
    ]
    for more in bad:
        with pytest.raises(BadInput) as refused:
            await made(house, **more)
        assert refused.value.do
    with pytest.raises(NotFound):
        await made(house, incident="INC-7")
    assert await silence.listing(house.app.desk) == []


async def test_what_it_hits_is_counted_by_name_and_number(house: House) -> None:
    await house.alert("accuracy fell")
    await house.alert("recall fell")
    await house.resolve("recall fell")
    await house.alert("price is late", model="price")
    await house.pass_time(minutes=1)
    draft = Draft(CHURN, house.clock.now() + timedelta(hours=1), "")
    found = await silence.preview(house.app.desk, draft, house.clock.now())
    assert [(its, alert.title) for its, alert in found.firing] == [("INC-1", "accuracy fell")]
    assert (found.firing_total, [one.id for one in found.incidents], found.week) == (1, ["INC-1"], 2)
    assert not found.everything
    later = house.clock.now() + timedelta(days=8)
    draft = replace(draft, ends_at=later + timedelta(hours=1))
    assert (await silence.preview(house.app.desk, draft, later)).week == 0


def test_an_author_is_named_whoever_made_it() -> None:
    base = Silence("SIL-1", CHURN, START, START, "", "", START)
    said = {"person:ada": "ada", "api:ci": "ci", "api:ci:Carol: of ops": "Carol: of ops"}
    assert {by: silence.author(replace(base, by=by)) for by in said} == said
