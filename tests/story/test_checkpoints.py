"""Checkpoints of the log: made once, signed, put into a file, a channel and an address, whatever fails meanwhile."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import telemetry
from bot.cli import audit_given
from bot.engine import checkpoint, compared, duties, work
from bot.engine.desk import Desk
from bot.errors import BadInput
from bot.model.checkpoint import Checkpoint
from bot.rules import signing
from bot.slack import off
from bot.store import checkpoints, jobs
from bot.testing.far_end import Behaviour, FarEnd
from tests.story.engine_room import Room
from tests.story.place import START, Place


def audited(room: Room, *post: str, key: Path | None = None) -> Desk:
    """The room's desk, with checkpoints that go there."""
    own = replace(room.desk.settings.audit, post=post, key=key)
    room.desk.settings = replace(room.desk.settings, audit=own)
    return room.desk


def worker(desk: Desk, name: str = "one") -> work.Worker:
    return work.Worker(desk, {**off.HANDLERS, **duties.of(desk)}, owner=name)


async def due(desk: Desk) -> None:
    """The clock's minute, and what falls due then."""
    await desk.store.write(lambda tx: checkpoint.recur(tx, desk, desk.clock.now()))
    await worker(desk).drain()


async def kept(desk: Desk) -> dict[str, Checkpoint]:
    return await desk.store.read(checkpoints.newest)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "audit.key"
    audit_given.make(file)
    return file


@pytest.fixture
async def far() -> AsyncIterator[FarEnd]:
    async with FarEnd() as one:
        yield one


async def test_one_for_each_chain_that_grew(any_room: Room, key: Path) -> None:
    desk = audited(any_room, key=key)
    await any_room.alert("a")
    await any_room.alert("b", model="price")
    await due(desk)
    first = await kept(desk)
    assert set(first) == {"retail", "market"}
    public = signing.read_public(key.with_name("audit.key.pub"))
    for one in first.values():
        (note,) = signing.notes(one.note)
        assert isinstance(note, signing.Note)
        assert signing.good(note, public)
        assert note.origin == f"tocsin/{one.chain}"
    await any_room.pass_time(hours=1, minutes=1)
    await any_room.alert("c")
    await due(desk)
    then = await kept(desk)
    assert then["market"].size >= first["market"].size
    assert then["retail"].size > first["retail"].size
    assert all(not one.differs for one in await compared.against(desk.store, [*first.values(), *then.values()]))


async def test_any_number_of_replicas_make_it_once(any_room: Room, tmp_path: Path) -> None:
    file = tmp_path / "posted.txt"
    desk = audited(any_room, str(file))
    await any_room.alert("a")
    for _ in range(3):
        await desk.store.write(lambda tx: checkpoint.recur(tx, desk, desk.clock.now()))
    await worker(desk, "one").drain()
    await worker(desk, "two").drain()
    assert len(list(signing.notes(file.read_text("utf-8")))) == 1
    (one,) = (await kept(desk)).values()
    assert one.posted == {str(file): "from byte 0"}


async def test_what_is_posted_to_a_file_is_read_again_note_by_note(any_room: Room, tmp_path: Path) -> None:
    file = tmp_path / "posted.txt"
    desk = audited(any_room, str(file))
    for hour in range(3):
        await any_room.alert(f"a{hour}")
        await due(desk)
        await any_room.pass_time(hours=1)
    found = [note for note in signing.notes(file.read_text("utf-8")) if isinstance(note, signing.Note)]
    assert len(found) == 3
    assert not [one for one in await compared.against(desk.store, [note.said for note in found]) if one.differs]


@pytest.mark.parametrize("how", [Behaviour.BROKEN, Behaviour.AWAY, Behaviour.SLAMS, Behaviour.BUSY, Behaviour.REFUSES])
async def test_an_address_that_is_down_gets_the_newest_later_and_blocks_nothing(
    room: Room, far: FarEnd, tmp_path: Path, how: Behaviour
) -> None:
    file, address = tmp_path / "posted.txt", f"{far.url}/log?token=secret"
    desk = audited(room, address, str(file))
    far.behaviour = how
    await room.alert("a")
    await due(desk)
    (one,) = (await kept(desk)).values()
    assert set(one.posted) == {str(file)}, "the file waited for the address"
    assert far.arrived
    far.behaviour = Behaviour.WORKS
    far.arrived.clear()
    await room.clock.advance(timedelta(hours=2))
    await room.alert("b")
    await due(desk)
    (one,) = (await kept(desk)).values()
    assert set(one.posted) == {str(file), f"{far.url}/log"}, "a secret of the address must not be kept"
    assert "secret" not in str(one.posted)
    arrived = far.arrived[-1]  # what was owed came before it, if its turn came first
    assert (arrived.method, arrived.path) == ("POST", "/log?token=secret")
    (note,) = signing.notes(arrived.body.decode())
    assert isinstance(note, signing.Note)
    assert note.said.size == one.size


async def test_a_file_that_cannot_be_written_is_tried_again(room: Room, tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    desk = audited(room, str(folder / "posted.txt"))
    await room.alert("a")
    await due(desk)
    (one,) = (await kept(desk)).values()
    assert one.posted == {}
    folder.mkdir()
    await room.clock.advance(timedelta(minutes=2))
    await worker(desk).drain()
    (one,) = (await kept(desk)).values()
    assert set(one.posted) == {str(folder / "posted.txt")}


async def test_without_a_key_they_are_made_and_a_key_signs_what_stands(room: Room, key: Path) -> None:
    desk = audited(room)
    await room.alert("a")
    (one,) = await checkpoint.make(desk)
    assert not signing.signed(one)
    desk = audited(room, key=key)
    await checkpoint.make(desk)
    (then,) = (await kept(desk)).values()
    assert signing.signed(then)
    assert (then.size, then.root) == (one.size, one.root)


async def test_with_a_key_that_cannot_be_read_none_is_made_rather_than_an_unsigned_one(
    room: Room, tmp_path: Path
) -> None:
    desk = audited(room, key=tmp_path / "gone.key")
    await room.alert("a")
    with pytest.raises(BadInput, match=r"gone\.key cannot be read"):
        await checkpoint.make(desk)
    await due(desk)
    assert await kept(desk) == {}


async def test_a_chain_with_a_hole_gets_none(room: Room) -> None:
    desk = audited(room)
    await room.alert("a")
    await room.alert("b", model="price")

    def cut(tx: object) -> None:
        tx.sql.exec_driver_sql("UPDATE log_heads SET seq = seq + 5 WHERE chain = 'retail'")  # type: ignore[attr-defined]

    await desk.store.write(cut)
    assert [one.chain for one in await checkpoint.make(desk)] == ["market"]

    def mend(tx: object) -> None:
        tx.sql.exec_driver_sql("UPDATE log_heads SET seq = seq - 5 WHERE chain = 'retail'")  # type: ignore[attr-defined]

    await desk.store.write(mend)


async def test_the_metric_is_how_long_an_entry_waits(room: Room) -> None:
    desk = audited(room)
    await checkpoint.measure(desk)
    assert telemetry.CHECKPOINT_AGE._value.get() == 0
    await room.alert("a")
    await room.clock.advance(timedelta(minutes=7))
    await checkpoint.measure(desk)
    assert telemetry.CHECKPOINT_AGE._value.get() == 420
    await checkpoint.make(desk)
    await checkpoint.measure(desk)
    assert telemetry.CHECKPOINT_AGE._value.get() == 0


async def test_a_channel_gets_them_as_text_that_can_be_copied(place: Place, tmp_path: Path) -> None:
    place.change("config/tocsin.yaml", "web: {port: 0}", 'web: {port: 0}\naudit: {post: ["channel:#ml-retail"]}')
    async with place.house() as house:
        await house.alert("accuracy fell")
        desk = house.app.desk
        await desk.store.write(lambda tx: checkpoint.recur(tx, desk, desk.clock.now()))
        await house.pass_time(minutes=1)
        (one,) = [each for each in (await kept(desk)).values() if each.chain == "retail"]
        posted = [
            message for message in house.workspace.messages("#ml-retail") if "tocsin/retail" in str(message.blocks)
        ]
        assert len(posted) == 1
        where = one.posted["channel:#ml-retail"]
        assert where == f"{posted[0].channel}:{posted[0].ts}"
        spans = [part for block in posted[0].blocks for part in block["elements"]]
        (copied,) = [part["elements"][0]["text"] for part in spans if part["type"] == "rich_text_preformatted"]
        notes = [note for note in signing.notes(copied) if isinstance(note, signing.Note)]
        assert one.root in [note.said.root for note in notes]
    file = tmp_path / "copied.txt"
    file.write_text(copied, "utf-8")
    status, said = await place.typed("audit", "verify", "--checkpoints", str(file))
    assert (status, f"vouch for entries 1 to {one.size}" in said) == (0, True), said


async def test_a_channel_that_is_not_there_blocks_nothing_and_is_not_counted(place: Place) -> None:
    place.change("config/tocsin.yaml", "web: {port: 0}", 'web: {port: 0}\naudit: {post: ["channel:#nowhere"]}')
    async with place.house() as house:
        await house.alert("accuracy fell")
        desk = house.app.desk
        await desk.store.write(lambda tx: checkpoint.recur(tx, desk, desk.clock.now()))
        await house.pass_time(minutes=1)
        assert all(not one.posted for one in (await kept(desk)).values())
        assert (await desk.store.read(jobs.next_due) or START) > START
