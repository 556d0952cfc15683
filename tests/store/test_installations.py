"""Who installed the app, and what people wanted before anybody knew them, on both engines."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.store import Store, installations, links, offers
from bot.store.installations import Installation
from bot.store.links import Request
from bot.testing.clock import FakeClock
from tests.store.made import START

HOME = Installation("T01", "Home", "U0BOT", "chat:write,commands", "sealed-1", "U01ADA", START)
ACME = replace(HOME, team="T02", name="Acme", token="sealed-2", installed_at=START + timedelta(hours=1))


async def save(store: Store, *each: Installation) -> None:
    for one in each:
        await store.write(lambda tx, one=one: installations.save(tx, one))  # type: ignore[misc]


async def current(store: Store) -> list[Installation]:
    return await store.read(installations.current)


async def test_they_are_read_back_the_first_first(store: Store, replica: Store) -> None:
    await save(store, ACME, HOME)
    assert await current(replica) == [HOME, ACME]


async def test_another_installation_takes_the_place_of_the_one_before(store: Store) -> None:
    again = replace(HOME, token="sealed-3", scopes="chat:write")
    await save(store, HOME, again)
    assert await current(store) == [again]


async def test_one_that_was_taken_away_is_gone_with_its_token(store: Store) -> None:
    await save(store, HOME, ACME)
    assert await store.write(lambda tx: installations.remove(tx, "T01", "sealed-1", tx.now))
    assert not await store.write(lambda tx: installations.remove(tx, "T01", "sealed-1", tx.now)), "only once"
    assert await current(store) == [ACME]
    kept = await store.read(lambda tx: tx.sql.exec_driver_sql("SELECT team, token FROM installations ORDER BY 1").all())
    assert [tuple(row) for row in kept] == [("T01", ""), ("T02", "sealed-2")]


async def test_what_was_said_of_an_older_token_takes_nothing_away(store: Store) -> None:
    await save(store, HOME)
    assert not await store.write(lambda tx: installations.remove(tx, "T01", "sealed-0", tx.now))
    assert await current(store) == [HOME]


def test_the_sealed_token_does_not_show() -> None:
    assert "sealed" not in repr(HOME)


async def test_the_newest_wish_is_kept_until_it_runs_out(store: Store, clock: FakeClock) -> None:
    def keep(user: str, wish: dict[str, Any], minutes: int) -> Any:
        return store.write(lambda tx: offers.keep(tx, user, wish, tx.now + timedelta(minutes=minutes)))

    await keep("U1", {"value": "first"}, 5)
    await keep("U1", {"value": "second", "view": {"state": ["ş"]}}, 5)
    await keep("U2", {}, 1)
    assert await store.read(lambda tx: offers.kept(tx, "U1")) == {"value": "second", "view": {"state": ["ş"]}}
    assert await store.read(lambda tx: offers.kept(tx, "U2")) == {}
    assert await store.read(lambda tx: offers.kept(tx, "U3")) == {}
    await clock.advance(timedelta(minutes=6))
    assert await store.read(lambda tx: offers.kept(tx, "U1")) == {}
    await keep("U3", {}, 1)
    left = await store.read(lambda tx: tx.sql.exec_driver_sql("SELECT slack_user FROM offers").all())
    assert [row[0] for row in left] == ["U3"], "what has run out is forgotten"


async def test_a_request_is_found_by_who_asked(store: Store) -> None:
    request = Request("r1", "T02/U1", "T02", "dee", {"value": "x"}, START, START + timedelta(hours=1))
    await store.write(lambda tx: links.ask(tx, request))
    assert await store.read(lambda tx: links.asked_by(tx, "T02/U1")) == request
    assert await store.read(lambda tx: links.asked_by(tx, "U1")) is None
