"""Ed25519 keys, and signed notes as C2SP writes them (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).

A checkpoint's note, in UTF-8, ended by a newline: the origin (`NAME/CHAIN`), how many entries, the root in Base64,
`head` and the hash of the last entry, `time` and the moment; then a blank line and the signature line: an em dash, the
origin again as the name of the key, and the Base64 of key id and signature. One without a key ends after its text.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from bot.errors import BadInput
from bot.model import seal
from bot.model.checkpoint import Checkpoint

Private = ed25519.Ed25519PrivateKey
Public = ed25519.Ed25519PublicKey

_DASH = "\N{EM DASH} "
_ED25519 = b"\x01"  #: the kind of signature, in a key's id
_ROOT = re.compile(r"[A-Za-z0-9+/]{43}=")
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_HEX = re.compile(r"[0-9a-f]{64}")
_LINES = 5  #: of our own notes
_RAW, _PEM = serialization.Encoding.Raw, serialization.Encoding.PEM


@dataclass(frozen=True, slots=True)
class Note:
    """A note that was read: what it says, whose log it is of, and what it is signed with; nothing is checked yet."""

    said: Checkpoint
    name: str  #: of the installation
    text: str  #: what is signed
    signatures: tuple[tuple[str, bytes], ...]  #: the key's name, and key id with signature

    @property
    def origin(self) -> str:
        """Of which chain of which installation."""
        return self.text.partition("\n")[0]


def make() -> Private:
    """A new key."""
    return Private.generate()


def private_pem(key: Private) -> bytes:
    """PKCS #8, unencrypted: for a file that only the bot may read."""
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def public_pem(key: Public) -> bytes:
    """What may be given to everybody."""
    return key.public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def fingerprint(key: Public) -> str:
    """SHA-256 of its 32 bytes in hexadecimal, to be read out and compared."""
    return hashlib.sha256(_raw(key)).hexdigest()


def private(data: bytes) -> Private:
    """The key in a PEM file; BadInput where it is none, or of another kind."""
    try:
        key = serialization.load_pem_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadInput("That is no private key in PEM.", "Make one with `tocsin audit key`.") from None
    if not isinstance(key, Private):
        raise BadInput("That key is not of the kind Ed25519.", "Make one with `tocsin audit key`.")
    return key


def public(data: bytes) -> Public:
    """The key in a PEM file, a private one's public half, too; BadInput where it is none."""
    if b"PRIVATE KEY" in data:
        return private(data).public_key()
    try:
        key = serialization.load_pem_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadInput("That is no public key in PEM.", "Give the file that `tocsin audit key` wrote.") from None
    if not isinstance(key, Public):
        raise BadInput("That key is not of the kind Ed25519.", "Give the file that `tocsin audit key` wrote.")
    return key


def read_private(file: Path) -> Private:
    """The key in `file`; BadInput where it cannot be read."""
    return private(_bytes(file))


def read_public(file: Path) -> Public:
    """The public key in `file`; BadInput where it cannot be read."""
    return public(_bytes(file))


def origin(name: str, chain: str) -> str:
    """How a chain is called in notes: no blank and no plus may stand in it."""
    return f"{name}/{quote(chain, safe='')}"


def key_id(name: str, key: Public) -> bytes:
    """The four bytes by which a signature line says what it was made with."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + _raw(key)).digest()[:4]


def text(name: str, checkpoint: Checkpoint) -> str:
    """What is signed of a checkpoint of the installation `name`."""
    root = base64.b64encode(bytes.fromhex(checkpoint.root)).decode()
    at = seal.moment(checkpoint.at)
    return f"{origin(name, checkpoint.chain)}\n{checkpoint.size}\n{root}\nhead {checkpoint.head}\ntime {at}\n"


def written(name: str, checkpoint: Checkpoint, key: Private | None) -> Checkpoint:
    """The same with its note, signed where there is a key."""
    said = text(name, checkpoint)
    if key is None:
        return replace(checkpoint, note=said)
    called = origin(name, checkpoint.chain)
    signature = key_id(called, key.public_key()) + key.sign(said.encode())
    return replace(checkpoint, note=f"{said}\n{_DASH}{called} {base64.b64encode(signature).decode()}\n")


def signed(checkpoint: Checkpoint) -> bool:
    """Whether its note has a signature, by whatever key."""
    return f"\n\n{_DASH}" in checkpoint.note


def good(note: Note, key: Public) -> bool:
    """Whether it is signed with `key`: lines of other keys count for nothing, a bad one of this key is the end."""
    raw = note.text.encode()
    its = key_id(note.origin, key)
    mine = [made[4:] for name, made in note.signatures if name == note.origin and made[:4] == its]
    try:
        for signature in mine:
            key.verify(signature, raw)
    except InvalidSignature:
        return False
    return bool(mine)


def notes(lines: str) -> Iterator[Note | int]:
    """Every note of a file, of which blank lines part one from the next; for what is none the line it begins at."""
    block: list[str] = []
    begin = 1
    pending: tuple[int, list[str]] | None = None  # text whose signatures may follow
    for number, line in enumerate([*lines.splitlines(), ""], 1):
        if line.strip():
            begin = begin if block else number
            block.append(line.strip())
            continue
        if not block:
            continue
        if block[0].startswith(_DASH) and pending is not None:
            yield _note(*pending, block)
            pending = None
        else:
            if pending is not None:
                yield _note(*pending, [])
            pending = (begin, block)
        block = []
    if pending is not None:
        yield _note(*pending, [])


def _note(begin: int, said: list[str], signed: list[str]) -> Note | int:
    """One note, or the line where something begins that is none."""
    whole = _said(said) if len(said) == _LINES else None
    signatures = [_signature(line) for line in signed]
    if whole is None or None in signatures:
        return begin
    name, checkpoint = whole
    body = "".join(f"{line}\n" for line in said)
    note = body + ("".join(["\n", *(f"{line}\n" for line in signed)]) if signed else "")
    return Note(replace(checkpoint, note=note), name, body, tuple(one for one in signatures if one))


def _said(lines: list[str]) -> tuple[str, Checkpoint] | None:
    called, size, root, head, at = lines
    name, _, chain = called.rpartition("/")
    try:
        moment = datetime.fromisoformat(at.removeprefix("time "))
    except ValueError:
        return None
    fits = _SIZE.fullmatch(size) and _ROOT.fullmatch(root) and _HEX.fullmatch(head.removeprefix("head "))
    if not (name and chain and fits and at.startswith("time ") and head.startswith("head ") and moment.tzinfo):
        return None
    whole = base64.b64decode(root).hex()
    return name, Checkpoint(unquote(chain), int(size), moment, whole, head.removeprefix("head "))


def _signature(line: str) -> tuple[str, bytes] | None:
    name, _, made = line.removeprefix(_DASH).partition(" ")
    try:
        raw = base64.b64decode(made, validate=True)
    except binascii.Error:
        return None
    return (name, raw) if line.startswith(_DASH) and name and len(raw) > 4 else None


def _raw(key: Public) -> bytes:
    return key.public_bytes(_RAW, serialization.PublicFormat.Raw)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.", "Look at the path and who may read it.") from None
