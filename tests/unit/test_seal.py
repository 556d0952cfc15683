"""How entries are sealed: the hashes are those that the module promises, and equal values have equal bytes."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import orjson

from bot.model import seal
from bot.model.entry import Context, Entry, Step

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
RECORDED = datetime(2027, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
ENTRY = Entry("retail", "thing.happened", AT, "tocsin", "INC-1", "x", {"b": 1}, {"a": [True, None]})


def test_the_first_form_is_the_hash_of_the_whole_entry() -> None:
    body = (
        '{"actor":"tocsin","after":{"a":[true,null]},"at":"2026-11-23T03:00:00.000000+00:00","before":{"b":1},'
        '"chain":"retail","kind":"thing.happened","recorded_at":"2027-01-01T00:00:00.000001+00:00","seq":7,'
        '"subject":"INC-1","why":"x"}'
    )
    assert seal.first_form("ab", 7, RECORDED, ENTRY) == hashlib.sha256(b"ab" + body.encode()).hexdigest()


def test_the_second_form_commits_to_what_is_said_and_chains_its_place() -> None:
    entry = Entry(**{name: getattr(ENTRY, name) for name in ("chain", "kind", "at", "actor", "subject", "why")})
    said = '{"actor":"tocsin","after":{},"before":{},"context":{},"subject":"INC-1","why":"x"}'
    commitment = hashlib.sha256(b"5a17" + said.encode()).hexdigest()
    assert seal.commit("5a17", seal.says(entry)) == commitment
    body = (
        f'{{"at":"2026-11-23T03:00:00.000000+00:00","chain":"retail","commitment":"{commitment}",'
        '"kind":"thing.happened","recorded_at":"2027-01-01T00:00:00.000001+00:00","seq":7}'
    )
    assert seal.seal("ab", 7, RECORDED, entry, commitment) == hashlib.sha256(b"ab" + body.encode()).hexdigest()


def test_a_context_says_only_what_is_known_and_applies() -> None:
    assert seal.context(Context()) == {}
    known = Context(action="CHG-7", step=Step.DECISION, automation=True)
    assert seal.context(known) == {"action": "CHG-7", "step": "decision", "automation": True}


def test_a_fragment_of_canonical_text_is_committed_like_the_value_itself() -> None:
    said = seal.says(ENTRY)
    parts = said | {name: orjson.Fragment(seal.canonical(said[name])) for name in ("before", "after", "context")}
    assert seal.commit("s", parts) == seal.commit("s", said)


def test_a_moment_is_the_same_from_every_zone() -> None:
    there = AT.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert seal.moment(there) == seal.moment(AT) == "2026-11-23T03:00:00.000000+00:00"


def test_nul_becomes_what_every_engine_can_keep() -> None:
    assert seal.canonical({"a\0": r"b\u0000", "c": "\\\0"}) == '{"a\ufffd":"b\\\\u0000","c":"\\\\\ufffd"}'.encode()
