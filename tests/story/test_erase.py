"""Erasing a person: the log says an alias in their place, the chain holds, what was done is recorded and checked."""

import pytest

from bot.engine import erase
from bot.engine.desk import Desk
from bot.errors import BadInput, Refused
from bot.model import verifying
from bot.model.entry import Entry
from bot.store import Tx, log
from bot.testing.house import House
from tests.story.place import Place

GONE = "guy"


async def everything(desk: Desk) -> str:
    """All that the log says, as one text."""

    def read(tx: Tx) -> str:
        lines = [line for chain in log.chains(tx.sql) for line in log.lines(tx.sql, chain)]
        values = [str(verifying.value(v)) for line in lines for v in line]
        return "\n".join(values)

    return await desk.store.read(read)


async def about_somebody(desk: Desk) -> None:
    """Entries about somebody who has left, of two entities, and one about a word that is like their name."""

    def note(tx: Tx) -> None:
        now = tx.now
        tx.note(
            Entry("retail", "incident.acknowledged", now, f"person:{GONE}", "INC-1", after={"as": "slack:U09GONE"}),
            Entry(
                "retail", "page.sent", now, "tocsin", "INC-1", f"{GONE} is on call", {}, {"page": f"INC-1/1/{GONE}/sms"}
            ),
            Entry(
                "market", "note.added", now, "person:bo", "INC-2", after={"text": "<@U09GONE> and g@example.com know"}
            ),
            Entry("market", "note.added", now, "person:bo", "INC-2", after={"text": f"That {GONE} from the vendor"}),
            Entry("market", "note.added", now, "person:bo", "INC-2", after={"text": "guyana drifted"}),
        )

    await desk.store.write(note)


def wish(house: House, why: str = "asked by letter", **more: object) -> erase.Wish:
    return erase.Wish(GONE, "person:cy", house.clock.now(), why, **more)  # type: ignore[arg-type]


async def test_the_log_says_an_alias_and_every_chain_is_whole(any_place: Place) -> None:
    async with any_place.house() as house:
        desk = house.app.desk
        await about_somebody(desk)
        done = await erase.erase(desk, wish(house, f"{GONE} asked", also=("g@example.com",)))
        assert (done.alias, done.entries, done.chains, done.place_only) == ("erased-1", 3, ("market", "retail"), 0)
        assert len(done.doubtful) == done.doubts == 1
        told = await everything(desk)
        assert "U09GONE" not in told
        assert "g@example.com" not in told
        assert told.count(GONE) == 2  # the vendor's, and guyana
        assert "person:erased-1" in told
        assert "INC-1/1/erased-1/sms" in told
        assert "erased-1 asked" in told
        walks = await desk.store.read(lambda tx: log.walks(tx.sql))
        assert [one.broken for one in walks.values()] == [None] * len(walks)
        said = {chain: [(e.by, e.entries, e.why) for e in one.erasures] for chain, one in walks.items() if one.erasures}
        assert said == {
            "market": [("person:cy", 1, "erased-1 asked")],
            "retail": [("person:cy", 2, "erased-1 asked")],
        }


async def test_who_is_erased_later_has_another_alias_and_the_same_entry_may_speak_of_both(house: House) -> None:
    desk = house.app.desk
    both = Entry("retail", "note.added", house.clock.now(), "person:guy2", "INC-1", after={"with": GONE, "word": GONE})
    await desk.store.write(lambda tx: tx.note(both))
    first = await erase.erase(desk, wish(house))
    second = await erase.erase(desk, erase.Wish("guy2", "person:cy", house.clock.now(), "asked", everywhere=True))
    assert (first.alias, second.alias) == ("erased-1", "erased-2")
    (entry,) = [one.entry for one in await desk.store.read(lambda tx: log.of(tx.sql, "INC-1"))]
    assert (entry.actor, entry.after) == ("person:erased-2", {"with": "erased-1", "word": "erased-1"})
    assert await house.whole()


async def test_what_was_erased_cannot_be_put_back_or_changed_unseen(place: Place) -> None:
    async with place.house() as house:
        await about_somebody(house.app.desk)
        await erase.erase(house.app.desk, wish(house))
        place.sql("UPDATE log_said SET actor = 'person:eve' WHERE chain = 'retail' AND seq = 1")
        walks = await house.app.store.read(lambda tx: log.walks(tx.sql))
        broken = walks["retail"].broken
        assert broken is not None
        assert broken.seq == 1
        place.sql("UPDATE log_said SET actor = 'person:erased-1' WHERE chain = 'retail' AND seq = 1")
        assert await house.whole()


async def test_a_doubtful_word_goes_only_where_everything_is_asked_for(house: House) -> None:
    await about_somebody(house.app.desk)
    done = await erase.erase(house.app.desk, wish(house, everywhere=True))
    assert (done.entries, done.doubts) == (4, 0)
    told = await everything(house.app.desk)
    assert "That erased-1 from the vendor" in told
    assert "guyana drifted" in told


async def test_an_erasure_needs_a_reason_and_somebody_who_left(house: House) -> None:
    desk = house.app.desk
    with pytest.raises(BadInput, match="needs a reason"):
        await erase.erase(desk, wish(house, " "))
    with pytest.raises(Refused, match=r"people\.yaml"):
        await erase.erase(desk, erase.Wish("ada", "person:cy", house.clock.now(), "asked"))
    with pytest.raises(Refused, match="somebody else's account"):
        await erase.erase(desk, wish(house, also=("slack:U01ADA",)))
    nothing = await erase.erase(desk, erase.Wish("nobody", "person:cy", house.clock.now(), "asked"))
    assert (nothing.entries, nothing.chains) == (0, ())


async def test_old_entries_are_emptied_but_for_what_is_kept_and_the_chain_holds(any_place: Place) -> None:
    async with any_place.house() as house:
        desk = house.app.desk
        incident = await house.alert("accuracy fell")
        kept = await house.alert("drift of age", kind="drift")
        last = max(one.seq for one in await desk.store.read(lambda tx: log.of(tx.sql, incident.id)))

        def empty(tx: Tx) -> int | None:
            return erase.blank(tx, "retail", last, by="tocsin", why="older than a year", keep={kept.id})

        seq = await desk.store.write(empty)
        assert seq is not None
        walk = (await desk.store.read(lambda tx: log.walks(tx.sql)))["retail"]
        assert walk.broken is None
        (told,) = walk.erasures
        assert (told.seq, told.kind, told.why) == (seq, "log.blanked", "older than a year")
        assert await desk.store.read(lambda tx: log.of(tx.sql, incident.id)) == []
        assert await desk.store.read(lambda tx: log.of(tx.sql, kept.id)) != []
        assert await desk.store.write(empty) is None
    any_place.sql("UPDATE log_said SET why = 'put in' WHERE chain = 'retail' AND seq = 1")
    status, said = await any_place.typed("audit", "verify")
    assert (status, "entry 1" in said) == (1, True)


async def test_it_can_be_typed(place: Place) -> None:
    async with place.house() as house:
        await about_somebody(house.app.desk)
    status, said = await place.typed(
        "audit", "erase", "--person", GONE, "--why", "asked by letter", "--yes", "--as", "cy"
    )
    assert (status, "3 entries of market, retail say erased-1 now" in said) == (0, True), said
    assert "1 more have the name as a word" in said
    status, said = await place.typed("audit", "erase", "--person", "ada", "--why", "asked", "--yes", "--as", "cy")
    assert (status != 0, "people.yaml" in said) == (True, True)
    assert (await place.typed("audit", "verify"))[0] == 0
