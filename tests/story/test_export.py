"""Exports of the log: whole ones prove themselves, and whatever was done to one, or to the database, is named."""

import zipfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.cli import audit_given
from bot.engine import export
from bot.errors import BadInput, NotFound
from bot.model.entry import Context, Entry
from bot.rules import signing
from tests.story import sealing
from tests.story.engine_room import Room
from tests.story.place import START
from tests.story.sealing import CUT, FOREVER, HEADED, Kept, hand, write


@pytest.fixture
async def kept(any_room: Room, tmp_path: Path) -> Kept:
    """Twelve entries of retail with checkpoints at 5 and 12, five of market; the bundle shows all of retail."""
    return await sealing.keep(any_room, tmp_path)


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
    "the end cut off": (rearranged(WHOLE[:9]), "entry 10: it is missing: the entries end at 9"),
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
    await hand(kept.room, HEADED)  # the room asks for whole chains when it is left


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
