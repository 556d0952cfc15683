"""The walk over a chain: what it accepts, what it names, and that recorded erasures excuse exactly what they record."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from bot.model import seal, verifying
from bot.model.entry import Entry
from bot.model.verifying import BLANK, BLANKED, ERASED, FIELDS, Line

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
Said = dict[str, Any]


class Chain:
    """Lines, sealed one after another."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    @property
    def head(self) -> tuple[int, str]:
        return (self.lines[-1][1], self.lines[-1][6]) if self.lines else (0, seal.GENESIS)

    def add(self, why: str = "because", form: int = 2, kind: str = "thing.happened", **more: Any) -> None:
        seq, previous = self.head
        facts: Said = {"actor": "person:ada", "subject": "INC-1", **more}
        entry = Entry("retail", kind, AT, why=why, **facts)
        salt, said = "5a" if form == 2 else "", seal.says(entry)
        commitment = seal.commit(salt, said) if form == 2 else ""
        hashed = (
            seal.seal(previous, seq + 1, AT, entry, commitment)
            if form == 2
            else seal.first_form(previous, seq + 1, AT, entry)
        )
        moments = (seal.moment(AT), seal.moment(AT))
        place = ("retail", seq + 1, *moments, kind, previous, hashed, form, commitment)
        self.lines.append((*place, salt, *said.values(), ""))

    def change(self, seq: int, **new: Any) -> None:
        line = dict(zip(FIELDS, self.lines[seq - 1], strict=True)) | new
        self.lines[seq - 1] = tuple(line[name] for name in FIELDS)

    def erase(self, *those: int, alias: str = "erased-1") -> None:
        """Say it with an alias, as the engine does."""
        mark = len(self.lines) + 1
        for seq in those:
            self.change(seq, actor=f"person:{alias}", salt=f"{seq}fe{mark}", erased=f"retail/{mark}")
        digests = {str(seq): verifying.standing(self.lines[seq - 1]) for seq in those}
        after = {"alias": alias, "entries": digests, "place_only": sum(self.lines[seq - 1][7] == 1 for seq in those)}
        self.add("asked", kind=ERASED, actor="person:bo", subject="log", after=after)

    def blank(self, until: int) -> None:
        mark, first = len(self.lines) + 1, 0
        for seq in range(1, until + 1):
            first += self.lines[seq - 1][7] == 1
            self.change(seq, **BLANK, salt="", erased=f"retail/{mark}")
        after = {"until": until, "count": until, "place_only": first}
        self.add("old", kind=BLANKED, actor="tocsin", subject="log", after=after)

    def walked(self, **more: Any) -> verifying.Walked:
        return verifying.walk("retail", self.lines, more.pop("head", self.head), **more)


@pytest.fixture
def chain() -> Chain:
    """Two entries of form 1, then four of form 2."""
    made = Chain()
    for n in range(6):
        made.add(f"entry {n + 1}", form=1 if n < 2 else 2, after={"z": n, "a": [n, None]})
    return made


def test_both_forms_are_whole(chain: Chain) -> None:
    walked = chain.walked()
    assert (walked.count, walked.broken, walked.erasures, walked.last) == (6, None, (), chain.head)
    assert verifying.walk("none", [], (0, seal.GENESIS)).broken is None


@pytest.mark.parametrize("seq", [1, 2, 3, 6])
@pytest.mark.parametrize("column", [name for name in FIELDS if name not in ("chain", "seq")])
def test_every_column_of_either_form_is_covered(chain: Chain, seq: int, column: str) -> None:
    other: Said = {"form": 3, "before": {"x": 1}, "after": {"x": 1}, "context": {"x": 1}}
    chain.change(seq, **{column: other.get(column, "other")})
    broken = chain.walked(head=None).broken
    assert broken is not None
    assert broken.seq == seq


@pytest.mark.parametrize("seq", [1, 6])
def test_what_was_taken_away_is_named_as_such(chain: Chain, seq: int) -> None:
    chain.change(seq, **dict.fromkeys(verifying.SAYS))
    broken = chain.walked().broken
    assert broken is not None
    assert (broken.seq, "taken away" in broken.what) == (seq, True)


def test_lines_that_were_written_to_a_file_and_read_are_judged_the_same(chain: Chain) -> None:
    read = [orjson.loads(orjson.dumps(dict(zip(FIELDS, line, strict=True)))) for line in chain.lines]
    assert chain.walked() == verifying.walk("retail", [tuple(one[n] for n in FIELDS) for one in read], chain.head)
    parts = [
        tuple(orjson.Fragment(orjson.dumps(v, option=orjson.OPT_SORT_KEYS)) if isinstance(v, dict) else v for v in one)
        for one in chain.lines
    ]
    assert verifying.walk("retail", parts, chain.head) == chain.walked()


def test_nonsense_is_named_and_nothing_is_raised(chain: Chain) -> None:
    for line in [(), ("retail",), tuple(range(len(FIELDS))), (None,) * len(FIELDS), ("retail", 3, *[object()] * 15)]:
        broken = verifying.walk("retail", [*chain.lines[:2], line]).broken
        assert broken is not None
        assert broken.seq == 3


def test_a_walk_may_begin_where_another_ended_and_jump_over_what_is_withheld(chain: Chain) -> None:
    first = verifying.walk("retail", chain.lines[:2])
    assert verifying.walk("retail", chain.lines[2:], chain.head, start=first.last).broken is None
    gap = (4, chain.lines[3][6])
    walked = verifying.walk("retail", [*chain.lines[:2], gap, *chain.lines[4:]], chain.head)
    assert (walked.count, walked.broken) == (4, None)
    broken = verifying.walk("retail", [*chain.lines[:2], (4, "0" * 64), *chain.lines[4:]], chain.head).broken
    assert broken is not None
    assert broken.seq == 5


def test_what_an_erasure_records_is_accepted_and_told(chain: Chain) -> None:
    chain.erase(2, 4)
    walked = chain.walked()
    assert walked.broken is None
    (told,) = walked.erasures
    assert (told.seq, told.kind, told.by, told.why, told.entries, told.place_only) == (
        7,
        ERASED,
        "person:bo",
        "asked",
        2,
        1,
    )


@pytest.mark.parametrize(
    "forged",
    [
        {"actor": "person:eve"},
        {"why": "forged"},
        {"erased": ""},
        {"erased": "retail/6"},
        {"erased": "market/7"},
        {"salt": "00"},
        {"kind": "thing.unhappened"},
        {"at": "2026-11-23T03:00:01.000000+00:00"},
        {**BLANK, "salt": ""},
    ],
)
@pytest.mark.parametrize("seq", [2, 4])
def test_an_erased_entry_says_exactly_what_was_recorded(chain: Chain, seq: int, forged: Said) -> None:
    chain.erase(2, 4)
    chain.change(seq, **forged)
    broken = chain.walked().broken
    assert broken is not None
    assert broken.seq == seq


def test_an_erasure_that_was_tampered_with_excuses_nothing(chain: Chain) -> None:
    chain.erase(3)
    after = {"alias": "erased-1", "entries": {"3": chain.lines[6][14]["entries"]["3"], "4": "0" * 64}}
    chain.change(7, after=after)
    broken = chain.walked().broken
    assert broken is not None
    assert broken.seq == 3


def test_the_latest_erasure_of_an_entry_counts_and_one_may_erase_who_erased(chain: Chain) -> None:
    chain.erase(3)
    chain.erase(3, 7, alias="erased-2")
    assert chain.walked().broken is None
    assert [(one.seq, one.entries) for one in chain.walked().erasures] == [(8, 2)]
    assert chain.lines[6][10] == "person:erased-2"
    back = Chain()
    back.lines = list(chain.lines)
    back.change(3, actor="person:erased-1", salt="3fe7", erased="retail/7")
    broken = back.walked().broken
    assert broken is not None
    assert broken.seq == 3


def test_entries_that_say_nothing_any_more_are_accepted_up_to_where_it_was_recorded(chain: Chain) -> None:
    chain.blank(4)
    walked = chain.walked()
    assert walked.broken is None
    assert [(one.kind, one.entries, one.place_only) for one in walked.erasures] == [(BLANKED, 4, 2)]
    chain.change(5, **BLANK, salt="", erased="retail/7")
    broken = chain.walked().broken
    assert broken is not None
    assert broken.seq == 5


def test_a_blank_entry_cannot_pass_for_one_of_form_one(chain: Chain) -> None:
    chain.blank(4)
    chain.change(3, form=1, commitment="", kind="thing.unhappened")
    broken = chain.walked().broken
    assert broken is not None


def test_words_that_come_back_into_a_blank_entry_are_named(chain: Chain) -> None:
    chain.blank(4)
    chain.change(3, why="something else")
    broken = chain.walked().broken
    assert broken is not None
    assert broken.seq == 3


def test_records_from_beyond_the_lines_excuse_too_and_a_break_hides_none(chain: Chain) -> None:
    chain.erase(3)
    part = chain.lines[:5]
    assert verifying.walk("retail", part, records=chain.lines[6:]).broken is None
    alone = verifying.walk("retail", part).broken
    assert alone is not None
    assert alone.seq == 3
    chain.change(5, why="forged")
    broken = chain.walked().broken
    assert broken is not None
    assert broken.seq == 5


def test_an_entry_that_was_read_makes_the_line_it_was_read_from(chain: Chain) -> None:
    from bot.model.entry import Sealed

    line = chain.lines[3]
    entry = Entry("retail", line[4], AT, line[10], line[11], line[12], line[13], line[14])
    sealed = Sealed(entry, 4, AT, line[5], line[6], line[7], line[8], line[9], line[16])
    assert verifying.line(sealed) == line
