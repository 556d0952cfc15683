"""Verifies an export of the log with nothing but the file and a public key: no configuration, no database."""

import hashlib
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote

from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.engine import export_summary
    from bot.engine.export_summary import Story
    from bot.model.checkpoint import Checkpoint
    from bot.model.verifying import Broken
    from bot.rules.bundled import Judged
    from bot.rules.signing import Note, Public

LARGEST = 67_108_864  #: bytes of one line, and of each file that is read whole
_TORN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)


@dataclass
class Found:
    """What verification found; `proven` is who vouches for it, empty where nobody outside does."""

    judged: "Judged | None" = None
    name: str = ""  #: of the installation, as the bundle says
    asked: str = ""  #: what it says that it was asked for
    proven: str = ""
    faults: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing is wrong with it, and somebody outside of it vouches for all that it shows."""
        return not self.faults and bool(self.proven)


class _Torn(Exception):
    """The file ends, or is damaged, in the middle of one within."""


def verify(file: Path, keys: "Sequence[Public]", outside: "Sequence[Note]") -> Found:
    """Judge a bundle: `keys` come from elsewhere, as do the checkpoints `outside`. BadInput where it is no bundle."""
    try:
        with zipfile.ZipFile(file) as zipped:
            return _Case(zipped, keys, outside).judge()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror or error}.", "Look at the path.") from None
    except zipfile.BadZipFile:
        raise BadInput(f"{file} is no zip file, or its end was cut off.", "Ask for the bundle again.") from None


class _Case:
    """One bundle while it is judged."""

    def __init__(self, zipped: zipfile.ZipFile, keys: "Sequence[Public]", outside: "Sequence[Note]") -> None:
        self._zip, self._keys, self._outside = zipped, keys, outside
        self._found = Found()
        self._manifest: dict[str, Any] = {}
        self._most = 0  #: entries that a checkpoint in it has

    def judge(self) -> Found:
        from bot.engine import export_summary
        from bot.rules import bundled

        listed = self._zip.namelist()
        there = set(listed)
        if bundled.LOG in there and bundled.ENTRIES not in there:
            do = f"Unzip it, and verify the {bundled.LOG} within: that is what proves itself."
            raise BadInput("That is an evidence pack.", do)
        lacks = [name for name in (bundled.MANIFEST, bundled.ENTRIES, bundled.CHECKPOINTS) if name not in there]
        if lacks:
            raise BadInput(f"The bundle lacks {', '.join(lacks)}.", "Ask for it again; it is not whole.")
        try:
            self._manifest = self._read_manifest()
            self._files(listed)
            trusted, signed = self._trusted(there)
            story = export_summary.Story() if bundled.SUMMARY in there else None
            self._walk(trusted, signed, story)
            if story and not self._found.faults:
                self._reading(story)
        except _Torn as torn:
            self._found.faults.append(str(torn))
        return self._found

    def _read_manifest(self) -> dict[str, Any]:
        import orjson

        from bot.rules import bundled

        try:
            said = orjson.loads(self._whole(bundled.MANIFEST))
            chain, log, digests = said["chain"], said["log"], said["files"]
            fits = isinstance(chain, str) and isinstance(log, str) and isinstance(digests, dict)
        except (ValueError, KeyError, TypeError):
            fits = False
        if not fits:
            raise BadInput("The bundle's manifest.json cannot be read.", "Ask for the bundle again.")
        if said.get("format") != bundled.FORMAT:
            do = "Verify it with the version of Tocsin that wrote it."
            raise BadInput(f"The bundle is of format {said.get('format')!r}, which this version does not know.", do)
        self._found.name = unquote(log.rpartition("/")[0])
        self._found.asked = _asked(said)
        return dict(said)

    def _files(self, listed: Sequence[str]) -> None:
        """Whether the small files are what the manifest says; that of the entries is told after they were read."""
        from bot.rules import bundled

        there = set(listed)
        for name in sorted(there):
            if listed.count(name) > 1:
                self._found.faults.append(f"{name} stands in it twice: programs differ in which of them they show")
            if name != bundled.MANIFEST and name not in self._manifest["files"]:
                self._found.faults.append(f"{name} was put into it: the manifest does not name it")
        for name in self._manifest["files"]:
            if name not in there:
                self._found.faults.append(f"{name} is missing, the manifest names it")
            elif name != bundled.ENTRIES and hashlib.sha256(self._whole(name)).hexdigest() != self._digest(name):
                self._found.faults.append(f"{name} was changed: it is not what the manifest says")

    def _digest(self, name: str) -> str:
        told = self._manifest["files"].get(name)
        return str(told.get("sha256", "")) if isinstance(told, dict) else ""

    def _trusted(self, there: set[str]) -> "tuple[list[Checkpoint], str]":
        """The checkpoints to hold it against, and who vouches for them: the key given, else the checkpoints given."""
        from bot.rules import bundled, signing

        found = self._found
        read = list(signing.notes(self._whole(bundled.CHECKPOINTS).decode("utf-8", "replace")))
        bad = [one for one in read if isinstance(one, int)]
        found.faults += [f"checkpoints.txt, line {one}: that is no checkpoint" for one in bad]
        inside = self._ours(one for one in read if not isinstance(one, int))
        self._most = max((one.said.size for one in inside), default=0)
        outside, own = self._ours(self._outside), self._own_key(there)
        if self._outside and not outside:
            found.remarks.append("the checkpoints given are all of other logs")
        if self._keys:
            if own and all(signing.fingerprint(own) != signing.fingerprint(key) for key in self._keys):
                found.faults.append("key.pub in the bundle is not the key given, which counts: it was exchanged")
            return self._signed([*inside, *outside], self._keys, "the key given"), "the key given"
        if outside:
            return [one.said for one in outside], "the checkpoints given"
        return self._signed(inside, [own], "its own key.pub") if own else [one.said for one in inside], ""

    def _ours(self, notes: "Iterable[Note]") -> "list[Note]":
        return [one for one in notes if one.origin == self._manifest["log"]]

    def _signed(self, notes: "Sequence[Note]", keys: "Sequence[Public]", which: str) -> "list[Checkpoint]":
        """Those that are signed with one of these."""
        from bot.rules import signing

        good = [note.said for note in notes if any(signing.good(note, key) for key in keys)]
        if notes and not good:
            what = f"none of its checkpoints is signed with {which}"
            self._found.faults.append(f"{what}: that is another's, or somebody else made the bundle")
        elif left := len(notes) - len(good):
            self._found.remarks.append(f"{left} checkpoints are not signed with {which}, and count for nothing")
        return good

    def _own_key(self, there: set[str]) -> "Public | None":
        from bot.rules import bundled, signing

        if bundled.KEY not in there:
            return None
        try:
            return signing.public(self._whole(bundled.KEY))
        except BadInput as error:
            self._found.faults.append(f"key.pub: {error.what}")
            return None

    def _walk(self, trusted: "list[Checkpoint]", whose: str, story: "Story | None") -> None:
        from bot.rules import bundled, witnessed

        found, summed, chain = self._found, hashlib.sha256(), self._manifest["chain"]
        tell = story.add if story else bundled.untold
        judged = found.judged = bundled.judge(chain, self._lines(summed), trusted, tell)
        if broken := judged.broken or witnessed.shrunk(chain, trusted) or self._left_out(judged, trusted):
            found.faults.append(f"entry {broken.seq}: {broken.what}")
        elif summed.hexdigest() != self._digest(bundled.ENTRIES):
            found.faults.append("entries.jsonl is not what the manifest says, though its entries fit together")
        if (runs := self._unasked(judged)) and not broken:
            first, last = runs[0]
            found.faults.append(f"entry {first}: {_run(first, last)} not shown, and nobody asked for a part only")
        if not judged.shown:
            found.faults.append("no entry is shown")
        elif broken is None and judged.covered < judged.last:
            if not found.faults:
                what = f"nothing vouches for what follows entry {judged.covered}"
                (found.faults if self._keys or self._outside else found.remarks).append(what)
        elif not broken:
            found.proven = whose

    def _left_out(self, judged: "Judged", trusted: "list[Checkpoint]") -> "Broken | None":
        """The first entry that it would have had, as a checkpoint in it, or one of within the span, shows."""
        from bot.model.verifying import Broken
        from bot.rules.witnessed import SKEW

        asked, made = self._manifest.get("asked"), _moment(self._manifest.get("made_at"))
        until = _moment(asked.get("to")) if isinstance(asked, dict) and asked.get("subjects") is None else None
        end = max([judged.last, *(last for _, last in judged.outside)])
        if end < self._most:
            what = f"it is missing: the entries end at {end}, a checkpoint in the bundle has {self._most}"
            return Broken(judged.chain, end + 1, f"{what}; the end of the log was cut off, or an old copy put back")
        if until is None or made is None or not judged.shown:
            return None
        for one in sorted(trusted, key=lambda each: each.size):
            if one.size > judged.last and one.at + SKEW < min(until, made):
                what = f"it is not shown, though a checkpoint of {one.at:%Y-%m-%d %H:%M:%SZ} has {one.size} entries"
                return Broken(
                    judged.chain, judged.last + 1, f"{what}, and all until {until:%Y-%m-%d %H:%M:%SZ} was asked for"
                )
        return None

    def _reading(self, story: "Story") -> None:
        """Whether the page for people says what the entries say: it is written again from them."""
        import bot
        from bot.engine import export_summary
        from bot.rules import bundled

        own, told = f"tocsin {bot.__version__}", self._manifest
        if told.get("made_by") != own:
            writer = str(told.get("made_by"))[:60]
            self._found.remarks.append(
                f"{bundled.SUMMARY} is of {writer!r}, which {own} cannot write again: go by the entries"
            )
            return
        try:
            again = export_summary.page(self._told(), story).encode()
        except (KeyError, TypeError, ValueError, AttributeError):
            again = b""
        if again != self._whole(bundled.SUMMARY):
            self._found.faults.append(f"{bundled.SUMMARY} does not say what the entries say: it was changed")

    def _told(self) -> "export_summary.Told":
        from bot.engine import export_summary
        from bot.rules import bundled, signing

        told = self._manifest
        asked, span = told["asked"], told["span"]
        notes = [
            one.said for one in signing.notes(self._whole(bundled.CHECKPOINTS).decode()) if not isinstance(one, int)
        ]
        since, until, made = (datetime.fromisoformat(each) for each in (asked["from"], asked["to"], told["made_at"]))
        shown = self._found.judged.shown if self._found.judged else 0
        span_ = (span["first"], span["last"], shown)
        return export_summary.Told(self._found.name, told["chain"], since, until, *span_, notes, made)

    def _unasked(self, judged: "Judged") -> list[tuple[int, int]]:
        """The runs that are not shown though all of the span was asked for; erasures may be recorded behind it."""
        asked, span = self._manifest.get("asked"), self._manifest.get("span")
        if isinstance(asked, dict) and asked.get("subjects") is not None:
            return []
        end = span.get("last") if isinstance(span, dict) else None
        return [run for run in judged.withheld if run[0] <= (end if isinstance(end, int) else judged.last)]

    def _lines(self, summed: Any) -> Iterator[bytes]:
        from bot.rules import bundled

        try:
            with self._zip.open(bundled.ENTRIES) as raw:
                while line := raw.readline(LARGEST):
                    summed.update(line)
                    yield line
        except _TORN as error:
            raise _Torn(f"entries.jsonl is damaged or cut off: {error or 'its end is missing'}") from None

    def _whole(self, name: str) -> bytes:
        try:
            with self._zip.open(name) as raw:
                data = _limited(raw)
        except _TORN as error:
            raise _Torn(f"{name} is damaged or cut off: {error or 'its end is missing'}") from None
        if data is None:
            raise BadInput(f"{name} in the bundle has more than {LARGEST:,} bytes.", "That is no bundle of Tocsin's.")
        return data


def _asked(said: Mapping[str, Any]) -> str:
    """What the manifest says that was asked for, in a sentence; nothing proves that it was."""
    asked = said.get("asked")
    if not isinstance(asked, dict):
        return ""
    subjects = asked.get("subjects")
    what = ", ".join(map(str, subjects))[:200] if isinstance(subjects, list) else "everything"
    return f"{what} recorded from {asked.get('from')} until {asked.get('to')}, written at {said.get('made_at')}"[:400]


def _moment(said: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else None


def _limited(raw: IO[bytes]) -> bytes | None:
    data = raw.read(LARGEST + 1)
    return data if len(data) <= LARGEST else None


def _run(first: int, last: int) -> str:
    return "it is" if first == last else f"{first} to {last} are"
