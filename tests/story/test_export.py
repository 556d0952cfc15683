"""Exports of the log: whole ones prove themselves, and whatever was done to one, or to the database, is named."""

import asyncio
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from bot.cli import audit_bundle, audit_given
from bot.cli.audit_bundle import Found
from bot.engine import checkpoint, compared, export
from bot.errors import BadInput, NotFound
from bot.model.checkpoint import Checkpoint
from bot.model.entry import Context, Entry
from bot.rules import signing
from bot.store import Tx, log
from tests.story.engine_room import Room
from tests.story.place import START

FOREVER = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass
class Kept:
    """A bundle, the keys to it, and what was posted."""

    room: Room
    file: Path
    key: Path
    posted: list[Checkpoint]

    def verify(self, file: Path | None = None, *, key: bool = True, notes: bool = False) -> Found:
        keys = [signing.read_public(self.key.with_name("audit.key.pub"))] if key else []
        outside = [one for each in self.posted for one in signing.notes(each.note) if isinstance(one, signing.Note)]
        return audit_bundle.verify(file or self.file, keys, outside if notes else [])

    def forged(self, change: Callable[[dict[str, bytes]], Any]) -> Path:
        """A bundle with some of its files changed, and a manifest that fits them."""
        import hashlib

        with zipfile.ZipFile(self.file) as zipped:
            files = {name: zipped.read(name) for name in zipped.namelist()}
        change(files)
        if manifest := files.get("manifest.json"):
            told = orjson.loads(manifest)
            for name in list(told["files"]):
                if name in files:
                    told["files"][name] = {"sha256": hashlib.sha256(files[name]).hexdigest()}
            files["manifest.json"] = orjson.dumps(told)
        path = self.file.with_name("forged.zip")
        with zipfile.ZipFile(path, "w") as zipped:
            for name, data in files.items():
                zipped.writestr(name, data)
        return path


async def write(room: Room, count: int, chain: str = "retail", about: str = "INC-1") -> None:
    """So many entries, each of its own minute."""
    for number in range(count):
        note = Entry(chain, "note.added", room.now, "person:ada", about, f"<b>{number}</b>", after={"n": number})
        await room.desk.store.write(lambda tx, note=note: tx.note(note))  # type: ignore[misc]
        await room.clock.advance(timedelta(minutes=1))


@pytest.fixture
async def kept(any_room: Room, tmp_path: Path) -> Kept:
    """Twelve entries of retail with checkpoints at 5 and 12, five of market; the bundle shows all of retail."""
    key = tmp_path / "audit.key"
    audit_given.make(key)
    own = replace(any_room.desk.settings.audit, key=key)
    any_room.desk.settings = replace(any_room.desk.settings, audit=own)
    await write(any_room, 5)
    await write(any_room, 5, "market", "INC-2")
    posted = await checkpoint.make(any_room.desk)
    await write(any_room, 7)
    posted += await checkpoint.make(any_room.desk)
    made = await export.bundle(any_room.desk, "retail", START, FOREVER, out=tmp_path / "whole.zip")
    assert (made.first, made.last, made.entries, made.size) == (1, 12, 12, 12)
    return Kept(any_room, made.path, key, posted)


async def test_a_whole_bundle_is_proven_by_the_key_and_by_what_was_posted(kept: Kept) -> None:
    found = kept.verify()
    assert (found.faults, found.proven, found.ok) == ([], "the key given", True)
    assert found.judged is not None
    assert (found.judged.shown, found.judged.first, found.judged.last, found.judged.covered) == (12, 1, 12, 12)
    assert [one.size for one in found.judged.fits] == [5, 12]
    posted = kept.verify(key=False, notes=True)
    assert (posted.faults, posted.proven) == ([], "the checkpoints given")


async def test_without_a_key_from_elsewhere_it_proves_nothing(kept: Kept) -> None:
    found = kept.verify(key=False)
    assert (found.faults, found.proven, found.ok) == ([], "", False)


@pytest.mark.parametrize(
    ("since", "until", "first", "last"), [(3, 4, 4, 4), (0, 4, 1, 4), (2, 13, 3, 8), (11, 99, 7, 12)]
)
async def test_a_part_is_proven_without_showing_what_lies_outside(
    kept: Kept, tmp_path: Path, since: int, until: int, first: int, last: int
) -> None:
    begin, end = START + timedelta(minutes=since), START + timedelta(minutes=until)
    made = await export.bundle(kept.room.desk, "retail", begin, end, out=tmp_path / "part.zip")
    assert (made.first, made.last) == (first, last)
    found = kept.verify(made.path)
    assert (found.faults, found.ok) == ([], True)
    with zipfile.ZipFile(made.path) as zipped:
        assert zipped.read("entries.jsonl").count(b'"salt"') == last - first + 1


async def test_only_what_is_about_one_thing_is_shown_and_the_rest_still_counts(kept: Kept, tmp_path: Path) -> None:
    await write(kept.room, 2, about="INC-9")
    await write(kept.room, 1)
    made = await export.bundle(kept.room.desk, "retail", START, FOREVER, ["INC-1"], out=tmp_path / "part.zip")
    found = kept.verify(made.path)
    assert (found.faults, made.entries) == ([], 13)
    assert found.judged is not None
    assert found.judged.withheld == ((13, 14),)
    with pytest.raises(NotFound, match="INC-77"):
        await export.bundle(kept.room.desk, "retail", START, FOREVER, ["INC-77"], out=tmp_path / "none.zip")
    with pytest.raises(NotFound, match="Nothing of nowhere"):
        await export.bundle(kept.room.desk, "nowhere", START, FOREVER, out=tmp_path / "none.zip")
    assert not list(tmp_path.glob("none*"))


def changed(number: int, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], Any]:
    def change(files: dict[str, bytes]) -> None:
        lines = files["entries.jsonl"].splitlines(keepends=True)
        assert old in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(old, new)
        files["entries.jsonl"] = b"".join(lines)

    return change


def rearranged(order: Sequence[int]) -> Callable[[dict[str, bytes]], Any]:
    def change(files: dict[str, bytes]) -> None:
        lines = files["entries.jsonl"].splitlines(keepends=True)
        files["entries.jsonl"] = b"".join(lines[number - 1] for number in order)

    return change


WHOLE = list(range(1, 13))
FORGED: dict[str, tuple[Callable[[dict[str, bytes]], Any], str]] = {
    "an actor": (changed(4, b"person:ada", b"person:bob"), "entry 4: its content was changed"),
    "a hash": (changed(4, b'"hash":"', b'"hash":"00'), "entry 4"),
    "a line that is no JSON": (changed(6, b"{", b"["), "entry 6: this line cannot be read"),
    "one deleted": (rearranged([*WHOLE[:6], *WHOLE[7:]]), "entry 7"),
    "one twice": (rearranged([*WHOLE[:6], 6, *WHOLE[6:]]), "entry 7"),
    "two exchanged": (rearranged([1, 2, 3, 5, 4, *WHOLE[5:]]), "entry 4"),
    "the end cut off": (rearranged(WHOLE[:9]), "nothing vouches for what follows entry 5"),
    "the beginning cut off": (rearranged(WHOLE[3:]), "entry 1"),
    "everything deleted": (lambda files: files.update({"entries.jsonl": b""}), "no entry is shown"),
    "a word beside what is sealed": (
        changed(4, b'{"actor"', b'{"aaa":"approved","actor"'),
        "entry 4: this line cannot",
    ),
    "a word said twice": (changed(4, b'{"actor"', b'{"actor":"person:eve","actor"'), "entry 4: this line cannot"),
    "the page for people": (
        lambda files: files.update({"summary.html": files["summary.html"].replace(b"person:ada", b"person:bob")}),
        "summary.html does not say what the entries say",
    ),
    "a file put into it": (lambda files: files.update({"approval.pdf": b"yes"}), "approval.pdf was put into it"),
    "a checkpoint": (
        lambda files: files.update({"checkpoints.txt": files["checkpoints.txt"].replace(b"head ", b"head 00", 1)}),
        "checkpoints.txt, line 1",
    ),
    "another chain": (
        lambda files: files.update({"entries.jsonl": files["entries.jsonl"].replace(b'"retail"', b'"market"')}),
        "entry 1: it is of another chain",
    ),
    "another chain all through": (
        lambda files: [files.update({name: data.replace(b"retail", b"market")}) for name, data in list(files.items())],
        "none of its checkpoints is signed",
    ),
    "its key": (
        lambda files: files.update({"key.pub": signing.public_pem(signing.make().public_key())}),
        "it was exchanged",
    ),
    "its key to nonsense": (lambda files: files.update({"key.pub": b"x"}), "no public key"),
}


@pytest.mark.parametrize(("forge", "said"), FORGED.values(), ids=FORGED)
async def test_a_forged_bundle_is_named_where_it_begins(
    kept: Kept, forge: Callable[[dict[str, bytes]], Any], said: str
) -> None:
    found = kept.verify(kept.forged(forge))
    assert not found.ok
    assert any(said in fault for fault in found.faults), found.faults


async def test_a_bundle_made_anew_with_another_key_is_consistent_and_not_proven(kept: Kept, tmp_path: Path) -> None:
    stranger = tmp_path / "other.key"
    audit_given.make(stranger)

    def change(files: dict[str, bytes]) -> None:
        key = signing.read_private(stranger)
        notes = [one for one in signing.notes(files["checkpoints.txt"].decode()) if isinstance(one, signing.Note)]
        again = [signing.written(one.name, one.said, key).note for one in notes]
        files["checkpoints.txt"] = "\n".join(again).encode()
        files["key.pub"] = signing.public_pem(key.public_key())

    forged = kept.forged(change)
    alone = kept.verify(forged, key=False)
    assert (alone.faults, alone.proven) == ([], "")
    found = kept.verify(forged)
    assert any("exchanged" in fault for fault in found.faults)
    assert any("none of its checkpoints is signed with the key given" in fault for fault in found.faults)


async def test_what_is_no_bundle_is_said_plainly(kept: Kept, tmp_path: Path) -> None:
    whole = kept.file.read_bytes()
    for name, data, said in (
        ("nonsense", b"hello", "no zip file"),
        ("cut", whole[: len(whole) // 2], "no zip file, or its end was cut off"),
        ("empty", b"", "no zip file"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(BadInput, match=said):
            kept.verify(tmp_path / name)
    with pytest.raises(BadInput, match="cannot be read"):
        kept.verify(tmp_path / "nowhere")
    for lack in ("entries.jsonl", "checkpoints.txt", "manifest.json"):
        with pytest.raises(BadInput, match=f"lacks {lack}"):
            kept.verify(kept.forged(lambda files, lack=lack: files.pop(lack)))  # type: ignore[misc]
    with pytest.raises(BadInput, match="format 7"):
        kept.verify(
            kept.forged(
                lambda f: f.update({"manifest.json": f["manifest.json"].replace(b'"format": 1', b'"format": 7')})
            )
        )


async def test_a_damaged_byte_is_found(kept: Kept, tmp_path: Path) -> None:
    whole = bytearray(kept.file.read_bytes())
    whole[200] ^= 0xFF  # within the entries, which come first
    (tmp_path / "bad.zip").write_bytes(bytes(whole))
    found = kept.verify(tmp_path / "bad.zip")
    named = ("damaged", "cannot be read", "content was changed")  # by what the byte comes to mean: salts are random
    assert any(each in fault for fault in found.faults for each in named), found.faults


async def test_an_export_of_a_cut_log_bears_the_checkpoint_that_shows_it(kept: Kept, tmp_path: Path) -> None:
    await hand(kept.room, *CUT)
    made = await export.bundle(kept.room.desk, "retail", START, FOREVER, out=tmp_path / "cut.zip")
    assert (made.last, made.size) == (8, 12)
    found = kept.verify(made.path)
    assert any(fault.startswith("entry 9: it is missing: the entries end at 8") for fault in found.faults), found.faults


async def test_a_bundle_of_a_log_that_was_longer_once_is_caught_by_what_was_posted(kept: Kept, tmp_path: Path) -> None:
    """The end is cut off, its checkpoint too; the bot itself signs what is left, and somebody exports that."""
    await hand(kept.room, *CUT, HEADED, "DELETE FROM checkpoints WHERE size > 8")
    await kept.room.clock.advance(timedelta(hours=1))
    made = await export.bundle(kept.room.desk, "retail", START, FOREVER, out=tmp_path / "short.zip")
    assert kept.verify(made.path).ok, "whoever has the key alone cannot know"
    found = kept.verify(made.path, notes=True)
    assert any(fault.startswith("entry 9: a checkpoint of") for fault in found.faults), found.faults


async def test_an_old_bundle_for_a_later_span_is_caught_by_what_was_posted(kept: Kept, tmp_path: Path) -> None:
    begin, end = START, START + timedelta(minutes=4)
    part = await export.bundle(kept.room.desk, "retail", begin, end, out=tmp_path / "part.zip")
    assert kept.verify(part.path, notes=True).ok
    assert kept.verify(part.path).judged.outside == ((5, 5),)  # type: ignore[union-attr]
    later = kept.room.now + timedelta(days=2)
    kept.file = part.path

    def change(files: dict[str, bytes]) -> None:
        told = orjson.loads(files["manifest.json"])
        told["asked"]["to"] = told["made_at"] = later.isoformat()
        files["manifest.json"] = orjson.dumps(told)

    found = kept.verify(kept.forged(change), notes=True)
    assert any(fault.startswith("entry 5: it is not shown") for fault in found.faults), found.faults


async def test_a_file_that_stands_in_it_twice_is_named(kept: Kept) -> None:
    with zipfile.ZipFile(kept.file, "a") as zipped, pytest.warns(UserWarning, match="Duplicate"):
        zipped.writestr("summary.html", zipped.read("summary.html"))
    assert any("summary.html stands in it twice" in fault for fault in kept.verify().faults)


async def test_a_withheld_entry_is_named_where_all_was_asked_for(kept: Kept, tmp_path: Path) -> None:
    part = await export.bundle(kept.room.desk, "retail", START, FOREVER, ["INC-1"], out=tmp_path / "part.zip")
    assert part.entries == 12
    from bot.rules import bundled, merkle

    def change(files: dict[str, bytes]) -> None:
        lines = files["entries.jsonl"].splitlines(keepends=True)
        gap = merkle.Span(6)
        gap.add(bytes.fromhex(orjson.loads(lines[6])["hash"]))
        lines[6] = bundled.withheld(gap)
        files["entries.jsonl"] = b"".join(lines)

    found = kept.verify(kept.forged(change))
    assert any(fault.startswith("entry 7: it is not shown") for fault in found.faults), found.faults


async def test_the_summary_quotes_nothing_unescaped(kept: Kept) -> None:
    with zipfile.ZipFile(kept.file) as zipped:
        page = zipped.read("summary.html").decode()
        assert "key.pub" in zipped.namelist()
        assert b"PRIVATE" not in b"".join(zipped.read(name) for name in zipped.namelist())
    assert "&lt;b&gt;3&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "person:ada" in page


async def test_the_summary_names_roles_reports_and_who_broke_the_glass(kept: Kept, tmp_path: Path) -> None:
    room = kept.room
    said = {"plan": {"lever": "rollback", "model": "churn", "effect": "6 instead of 7"}}
    role = Context(role="admin", behalf="person:cy")
    told = [
        Entry("retail", "change.proposed", room.now, "person:ada", "CHG-1", after=said),
        Entry("retail", "change.glass_broken", room.now, "person:ada", "CHG-1"),
        Entry("retail", "clock.missed", room.now, "tocsin", "INC-1", "The report was due."),
        Entry("retail", "note.added", room.now, "person:eve", "INC-1", context=role),
    ]
    await room.desk.store.write(lambda tx: tx.note(*told))
    made = await export.bundle(room.desk, "retail", START, FOREVER, out=tmp_path / "more.zip")
    assert kept.verify(made.path).ok
    with zipfile.ZipFile(made.path) as zipped:
        page = zipped.read("summary.html").decode()
    for each in ("person:ada, who broke the glass", "The report was due.", "admin, for person:cy"):
        assert each in page


async def test_equal_bundles_have_equal_bytes(kept: Kept, tmp_path: Path) -> None:
    again = await export.bundle(kept.room.desk, "retail", START, FOREVER, out=tmp_path / "again.zip")
    assert again.path.read_bytes() == kept.file.read_bytes()


async def hand(room: Room, *statements: str) -> None:
    """Somebody's hand in the database, who may do everything there."""

    def act() -> None:
        with room.desk.store.engine.begin() as sql:
            if room.desk.store.dialect == "postgresql":
                sql.execute(text("SET session_replication_role = replica"))
            for statement in statements:
                sql.execute(text(statement))

    await asyncio.to_thread(act)


def refilled(tx: Tx) -> None:
    """The same story again with one word changed, in a fresh chain that is whole in itself."""
    entries = [one.entry for one in log.of(tx.sql, "INC-1", 1000)]
    for table in ("log", "log_said", "log_heads"):
        tx.sql.execute(text(f"DELETE FROM {table} WHERE chain = 'retail'"))
    log.append(tx.sql, [replace(one, actor="person:eve") if n == 7 else one for n, one in enumerate(entries)], tx.now)


ALL = ("log", "log_said")
CUT = tuple(f"DELETE FROM {name} WHERE chain = 'retail' AND seq > 8" for name in ALL)
EIGHTH = "(SELECT hash FROM log WHERE chain = 'retail' AND seq = 8)"
HEADED = f"UPDATE log_heads SET seq = 8, hash = {EIGHTH} WHERE chain = 'retail'"
SWAPPED = tuple(
    f"UPDATE {name} SET chain = CASE chain WHEN 'retail' THEN 'x' ELSE chain END" for name in (*ALL, "log_heads")
) + tuple(f"UPDATE {name} SET chain = 'retail' WHERE chain = 'market'" for name in (*ALL, "log_heads"))


async def test_a_cut_tail_with_its_head_mended_is_caught_by_what_was_posted(kept: Kept) -> None:
    await hand(kept.room, *CUT, HEADED, "DELETE FROM checkpoints WHERE size > 8")
    assert (await kept.room.desk.store.read(lambda tx: log.verify(tx.sql)))[1] == []
    (found,) = [one for one in await compared.against(kept.room.desk.store, kept.posted) if one.differs]
    assert found.differs is not None
    assert (found.chain, found.differs.seq) == ("retail", 9)
    assert "cut off" in found.differs.what


async def test_everything_rewritten_in_a_fresh_chain_is_caught_by_what_was_posted(kept: Kept) -> None:
    store = kept.room.desk.store
    triggers = "DROP TRIGGER" if store.dialect == "sqlite" else ""
    if triggers:
        names = await store.read(
            lambda tx: list(tx.sql.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars())
        )
        await hand(kept.room, *(f"{triggers} {name}" for name in names))

    def act() -> None:
        with store.engine.begin() as sql:
            if store.dialect == "postgresql":
                sql.execute(text("SET session_replication_role = replica"))
            refilled(Tx(sql, kept.room.now, store.dialect))

    await asyncio.to_thread(act)
    await hand(kept.room, "DELETE FROM checkpoints")
    assert (await store.read(lambda tx: log.verify(tx.sql)))[1] == []
    (found,) = [one for one in await compared.against(store, kept.posted) if one.differs]
    assert found.differs is not None
    assert (found.chain, found.differs.seq) == ("retail", 1)
    assert "another than when the checkpoint" in found.differs.what


async def test_an_old_copy_put_back_is_caught_even_when_it_went_on(kept: Kept) -> None:
    """The restored copy ended at 8, and four others were written since: as long as before, yet another chain."""
    await hand(kept.room, *CUT, HEADED, "DELETE FROM checkpoints WHERE size > 8")
    await write(kept.room, 4)
    (found,) = [one for one in await compared.against(kept.room.desk.store, kept.posted) if one.differs]
    assert found.differs is not None
    assert found.differs.seq == 6, "up to 5 the checkpoint of 5 vouches for them"
    assert "one of entries 6 to 12" in found.differs.what


async def test_a_chain_put_in_the_place_of_another_is_caught(kept: Kept) -> None:
    await hand(kept.room, *SWAPPED)
    found = {one.chain: one.differs for one in await compared.against(kept.room.desk.store, kept.posted)}
    assert all(differs is not None and differs.seq == 1 for chain, differs in found.items() if chain != "retail")
    assert found["retail"] is not None
    await hand(
        kept.room,
        *(f"UPDATE {name} SET chain = 'market' WHERE chain = 'retail'" for name in (*ALL, "log_heads")),
        *(f"UPDATE {name} SET chain = 'retail' WHERE chain = 'x'" for name in (*ALL, "log_heads")),
    )
