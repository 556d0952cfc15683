"""Signed notes are C2SP's, byte for byte: a note of Go's own, the rule for key ids, and what is refused."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bot.errors import BadInput
from bot.model.checkpoint import Checkpoint
from bot.rules import signing
from bot.rules.signing import Note

AT = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
SAID = Checkpoint("retail", 11, AT, "ab" * 32, "cd" * 32)
KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))

# The example of the documentation of golang.org/x/mod/sumdb/note: the verifier's key and a note signed with it.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="


def one(text: str) -> Note:
    (note,) = signing.notes(text)
    assert isinstance(note, Note)
    return note


def test_the_key_id_and_the_signature_are_those_of_a_note_made_elsewhere() -> None:
    name, id_, key = GO_KEY.split("+", 2)
    public = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:])
    assert signing.key_id(name, public).hex() == id_
    made = base64.b64decode(GO_SIGNATURE)
    assert made[:4].hex() == id_
    public.verify(made[4:], GO_TEXT.encode())


def test_the_form_of_a_note() -> None:
    raw = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    note = signing.written("acme", SAID, KEY).note
    lines = note.split("\n")
    assert lines[:7] == [
        "acme/retail",
        "11",
        base64.b64encode(bytes.fromhex("ab" * 32)).decode(),
        "head " + "cd" * 32,
        "time 2026-11-23T03:38:00.000000+00:00",
        "",
        lines[6],
    ]
    assert lines[7:] == [""]
    dash, name, made = lines[6].split(" ")
    assert (dash, name) == ("\u2014", "acme/retail")
    data = base64.b64decode(made)
    assert data[:4] == hashlib.sha256(b"acme/retail\n\x01" + raw).digest()[:4]
    KEY.public_key().verify(data[4:], note[: note.index("\n\n") + 1].encode())


def test_it_is_read_again_as_it_was_written() -> None:
    signed, unsigned = signing.written("acme", SAID, KEY), signing.written("acme", SAID, None)
    read = one(signed.note)
    assert (read.said, read.name, read.origin) == (signed, "acme", "acme/retail")
    assert signing.good(read, KEY.public_key())
    assert signing.signed(signed)
    assert not signing.signed(unsigned)
    assert one(unsigned.note).said == unsigned
    assert not signing.good(one(unsigned.note), KEY.public_key())


def test_a_chain_of_any_name_can_be_told() -> None:
    said = replace(SAID, chain="a b+c/ü")
    read = one(signing.written("acme", said, KEY).note)
    assert (read.said.chain, read.name) == ("a b+c/ü", "acme")
    assert signing.good(read, KEY.public_key())


@pytest.mark.parametrize("old", ["11\n", "retail\n", "cdcd", "2026-11"])
def test_a_changed_word_breaks_the_signature(old: str) -> None:
    note = signing.written("acme", SAID, KEY).note
    for read in signing.notes(
        note.replace(old, {"11\n": "12\n", "retail\n": "market\n", "cdcd": "cdce"}.get(old, "2025-11"))
    ):
        assert isinstance(read, int) or not signing.good(read, KEY.public_key())


def test_lines_of_unknown_keys_count_for_nothing_and_a_bad_one_of_ours_is_the_end() -> None:
    other = signing.make()
    note = signing.written("acme", SAID, KEY).note
    theirs = signing.written("acme", SAID, other).note.split("\n")[6]
    assert signing.good(one(f"{note}{theirs}\n"), KEY.public_key())
    assert signing.good(one(f"{note}{theirs}\n"), other.public_key())
    assert not signing.good(one(note), other.public_key())
    made = note.split("\n")[6].rpartition(" ")[2]
    forged = base64.b64encode(base64.b64decode(made)[:-1] + b"\x00").decode()
    assert not signing.good(one(f"{note}\u2014 acme/retail {forged}\n"), KEY.public_key())


def test_many_in_one_file_signed_and_not() -> None:
    each = [signing.written("acme", replace(SAID, size=size), KEY if size % 2 else None) for size in range(5)]
    text = "\n".join(one.note for one in each)
    assert [note.said for note in signing.notes(text) if isinstance(note, Note)] == each
    assert [
        note.said for note in signing.notes("\n\n " + text.replace("\n", " \r\n")) if isinstance(note, Note)
    ] == each
    broken = text.replace("head cd", "head xx", 1)
    assert next(signing.notes(broken)) == 1
    assert sum(isinstance(note, Note) for note in signing.notes(broken)) == 4


ZERO_FIRST = f"acme/retail\n011\n{'A' * 43}=\nhead {'0' * 64}\ntime 2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize("text", ["hello", "\u2014 acme/retail AAAA", "a\nb\nc\nd\ne", ZERO_FIRST])
def test_what_is_no_checkpoint_is_named_by_its_line(text: str) -> None:
    assert list(signing.notes(f"\n\n{text}\n")) == [3]


def test_keys_in_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(signing.private_pem(KEY))
    (tmp_path / "a.pub").write_bytes(signing.public_pem(KEY.public_key()))
    assert signing.fingerprint(signing.read_private(tmp_path / "a").public_key()) == signing.fingerprint(
        signing.read_public(tmp_path / "a.pub")
    )
    assert signing.fingerprint(signing.read_public(tmp_path / "a")) == signing.fingerprint(KEY.public_key())
    with pytest.raises(BadInput, match="cannot be read"):
        signing.read_private(tmp_path / "b")


def test_another_kind_of_key_is_refused() -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    private = curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = curve.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for read, data in ((signing.private, private), (signing.public, public), (signing.public, private)):
        with pytest.raises(BadInput, match="Ed25519"):
            read(data)
    for read in (signing.private, signing.public):
        with pytest.raises(BadInput, match="PEM"):
            read(b"nonsense")
