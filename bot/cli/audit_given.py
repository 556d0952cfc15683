"""What `tocsin audit` is given from outside: public keys and posted checkpoints; and how a pair of keys is made."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import BadInput

if TYPE_CHECKING:
    from bot.model.checkpoint import Checkpoint
    from bot.rules.signing import Note, Public
    from bot.settings.nouns import Audit


@dataclass(frozen=True, slots=True)
class Given:
    """The checkpoints of this installation's log that may be trusted, and what is wrong with the others."""

    checkpoints: "tuple[Checkpoint, ...]"
    faults: tuple[str, ...]
    remarks: tuple[str, ...]


def keys(files: "Iterable[Path]") -> "list[Public]":
    """The public keys in these files; BadInput for one that holds none."""
    from bot.rules import signing

    return [signing.read_public(file) for file in files]


def notes(files: Iterable[Path]) -> "list[Note]":
    """Every checkpoint in these files; BadInput for one that cannot be read, or has something else in it."""
    from bot.rules import signing

    found = []
    for file in files:
        try:
            text = file.read_text("utf-8", "replace")
        except OSError as error:
            raise BadInput(f"{file} cannot be read: {error.strerror}.", "Look at the path.") from None
        read = list(signing.notes(text))
        if wrong := [one for one in read if isinstance(one, int)]:
            do = "Leave in it what was posted: five lines, a blank one, and a line that begins with a dash."
            raise BadInput(f"{file}, line {wrong[0]}: that is no checkpoint.", do)
        if not read:
            raise BadInput(f"There is no checkpoint in {file}.", "Give what was posted to `audit.post`.")
        found += [one for one in read if not isinstance(one, int)]
    return found


def trusted(read: "Sequence[Note]", audit: "Audit", given: "Sequence[Public]") -> Given:
    """Those of this installation: with a key (given, else the configuration's own) they must be signed with it."""
    from bot.rules import signing

    keys = list(given) or ([signing.read_private(audit.key).public_key()] if audit.key and read else [])
    ours = [one for one in read if one.name == audit.name]
    good = [one for one in ours if not keys or any(signing.good(one, key) for key in keys)]
    faults, remarks = [], []
    if read and not ours:
        faults.append(f"none of the checkpoints given is of the log of {audit.name}")
    for one in ours:
        if one not in good:
            faults.append(f"the checkpoint of {one.said.size} entries of {one.said.chain} is not signed with that key")
    if len(ours) < len(read) and ours:
        remarks.append(f"{len(read) - len(ours)} of the checkpoints given are of other logs")
    if good and not keys:
        remarks.append(
            "the checkpoints given are not signed by a key that is known: they are as good as where they were kept"
        )
    return Given(tuple(one.said for one in good), tuple(faults), tuple(remarks))


def own(kept: "Iterable[Checkpoint]", audit: "Audit", given: "Sequence[Public]") -> tuple[str, ...]:
    """What is wrong with the signatures of those that the database kept: each by a key that is known, if any is."""
    from bot.rules import signing

    keys = [*given, *([signing.read_private(audit.key).public_key()] if audit.key else [])]
    faults: dict[str, str] = {}  # the first of each chain
    for one in kept:
        read = next(signing.notes(one.note), None)
        note = read if isinstance(read, signing.Note) else None
        its = f"the checkpoint of {one.size} entries of {one.chain} that the database kept"
        said = note and (note.said.chain, note.said.size, note.said.root, note.said.head)
        if note is None or said != (one.chain, one.size, one.root, one.head):
            faults.setdefault(one.chain, f"{its} is not what its note says")
        elif keys and signing.signed(one) and not any(signing.good(note, key) for key in keys):
            cure = "if that key was in use once, give its public part with --key"
            faults.setdefault(one.chain, f"{its} is signed with a key that is not known here ({cure})")
    return tuple(faults.values())


def make(file: Path) -> tuple[Path, str, str]:
    """Write a pair of keys; the public one's file, its text, its fingerprint. BadInput where something stands there."""
    from bot.rules import signing

    public, key = file.with_name(f"{file.name}.pub"), signing.make()
    text = signing.public_pem(key.public_key())
    for path, data, mode in ((file, signing.private_pem(key), 0o600), (public, text, 0o644)):
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
                out.write(data)
        except FileExistsError:
            raise BadInput(
                f"{path} is there already.", "A key is never written over; choose another with --out."
            ) from None
        except OSError as error:
            raise BadInput(f"{path} cannot be written: {error.strerror}.", "Choose another place with --out.") from None
    return public, text.decode(), signing.fingerprint(key.public_key())
