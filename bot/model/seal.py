"""How an entry of the log is sealed: canonical bytes, and the hash that chains it to the one before.

Form 1 (before version 0.10): `SHA-256(previous hash || canonical JSON of the whole entry with its place)`.

Form 2: what an entry says (actor, subject, why, before, after, context) stands beside the log and may be erased; the
log keeps `commitment = SHA-256(salt || canonical JSON of what it says)`, the salt being 32 random hexadecimal digits
(a context says only what is known and applies), and `hash = SHA-256(previous hash || canonical JSON of chain, seq, at,
recorded_at, kind, commitment)`. So the chain holds without what was erased, and nobody can find that by trying.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import orjson

from bot.model.entry import Context, Entry, Step

GENESIS = "0" * 64  #: what the first entry of a chain follows
FORM = 2  #: of what is written now
_CONTEXT = tuple(each.name for each in fields(Context))

#: NUL as JSON writes it; after an odd number of backslashes the same six characters are plain text.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def canonical(value: Any) -> bytes:
    """The one serialisation of a JSON value, so that equal values have equal bytes; NUL becomes U+FFFD.

    PostgreSQL cannot keep NUL in text, and a digest must not depend on the engine.
    """
    data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    if rb"\u0000" not in data:
        return data
    clean = _NUL.sub(rb"\1" + "\ufffd".encode(), data)
    return orjson.dumps(orjson.loads(clean), option=orjson.OPT_SORT_KEYS)  # keys may sort differently now


def context(given: Context) -> dict[str, Any]:
    """What a context says: only what is known and applies, so that most entries stay small."""
    said = {name: getattr(given, name) for name in _CONTEXT}
    return {name: value for name, value in said.items() if value and value != Step.FACT}


def says(entry: Entry) -> dict[str, Any]:
    """What an entry says, as its commitment covers it."""
    return {
        "actor": entry.actor,
        "subject": entry.subject,
        "why": entry.why,
        "before": entry.before,
        "after": entry.after,
        "context": context(entry.context),
    }


def commit(salt: str, said: Mapping[str, Any]) -> str:
    """The commitment of form 2, in hexadecimal."""
    return hashlib.sha256(salt.encode() + canonical(said)).hexdigest()


def seal(previous: str, seq: int, recorded_at: datetime, entry: Entry, commitment: str) -> str:
    """The hash of form 2, in hexadecimal."""
    return place(previous, entry.chain, seq, moment(entry.at), moment(recorded_at), entry.kind, commitment)


def place(previous: str, chain: str, seq: int, *rest: str) -> str:
    """The same from the texts of a row; `rest` is at, recorded_at, kind and commitment."""
    at, recorded_at, kind, commitment = rest
    body = {"at": at, "chain": chain, "commitment": commitment, "kind": kind, "recorded_at": recorded_at, "seq": seq}
    return hashlib.sha256(previous.encode() + orjson.dumps(body)).hexdigest()  # its keys are in their order


def first_form(previous: str, seq: int, recorded_at: datetime, entry: Entry) -> str:
    """The hash of form 1, in hexadecimal."""
    place = {"chain": entry.chain, "seq": seq, "at": moment(entry.at), "recorded_at": moment(recorded_at)}
    told = {name: value for name, value in says(entry).items() if name != "context"}
    return first(previous, {**place, "kind": entry.kind, **told})


def first(previous: str, whole: Mapping[str, Any]) -> str:
    """The same from the texts of a row; form 1 knows no context."""
    return hashlib.sha256(previous.encode() + canonical(whole)).hexdigest()


def moment(at: datetime) -> str:
    """A moment as seals have it: UTC, to the microsecond."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(timespec="microseconds")
