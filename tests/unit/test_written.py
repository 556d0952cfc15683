"""What people write is kept as it is, but for what no database takes, and with an end."""

from hypothesis import given
from hypothesis import strategies as st

from bot.rules import written

ANYTHING = st.text(st.characters(codec=None), max_size=60)  # half surrogate pairs included


@given(ANYTHING, st.integers(1, 40))
def test_it_can_be_kept_and_is_no_longer_than_asked(words: str, most: int) -> None:
    for kept in (written.line(words, most), written.text(words, most)):
        assert len(kept) <= most
        assert "\0" not in kept
        assert kept.encode().decode() == kept
        assert kept == kept.strip()
    assert "\n" not in written.line(words, most)


def test_lines_stay_in_a_text_and_become_one_in_a_line() -> None:
    assert written.text(" a\n  b \n", 20) == "a\n  b"
    assert written.line(" a\n  b \n", 20) == "a b"


def test_what_was_cut_says_so() -> None:
    assert written.text("abcdef", 6) == "abcdef"
    assert written.text("abcdefg", 6) == "abcde…"
    assert written.line("abcd efg", 6) == "abcd…"


def test_half_a_pair_is_replaced_and_a_whole_one_stays() -> None:
    assert written.text("\ud83d\ude00 \ud83d", 9) == "😀 \ufffd"
