"""The Merkle tree is the one of RFC 6962: its published roots, and the RFC's own definition, word for word."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import merkle
from bot.rules.merkle import Span

# The leaves and roots that the reference implementations of Certificate Transparency are tested with.
HEX = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
LEAVES = [bytes.fromhex(one) for one in HEX]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def naive(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it stands there."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive(leaves[:k]) + naive(leaves[k:])).digest()


def grown(leaves: list[bytes], begin: int = 0) -> Span:
    span = Span(begin)
    for leaf in leaves:
        span.add(leaf)
    return span


def test_the_published_roots() -> None:
    span = Span()
    found = [span.root().hex()]
    for leaf in LEAVES:
        span.add(leaf)
        found.append(span.root().hex())
    assert found == list(ROOTS)


def test_three_leaves_by_hand() -> None:
    a, b, c = (hashlib.sha256(b"\x00" + leaf).digest() for leaf in (b"a", b"b", b"c"))
    left = hashlib.sha256(b"\x01" + a + b).digest()
    span = grown([b"a", b"b", b"c"])
    assert span.roots == [left, c]
    assert span.root() == hashlib.sha256(b"\x01" + left + c).digest()


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_it_is_the_rfc_s_definition_at_every_size(leaves: list[bytes]) -> None:
    span = Span()
    for size, leaf in enumerate(leaves, 1):
        span.add(leaf)
        assert span.root() == naive(leaves[:size])


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70), st.data())
def test_what_lies_before_and_after_proves_a_span(leaves: list[bytes], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(leaves)))
    last = data.draw(st.integers(first, len(leaves)))
    before, after = grown(leaves[:first]), grown(leaves[last:], last)
    span = Span.of(0, first, before.written())
    for leaf in leaves[first:last]:
        span.add(leaf)
    span.follow(Span.of(last, len(leaves), after.written()))
    assert span.root() == naive(leaves)
    assert len(after.roots) <= 2 * len(leaves).bit_length()
    forged = grown([*leaves[:first], b"forged", *leaves[first + 1 :]])
    assert first == len(leaves) or leaves[first] == b"forged" or forged.root() != span.root()


@pytest.mark.parametrize(
    ("begin", "end", "roots"),
    [(0, 3, 1), (0, 3, 3), (3, 2, 0), (-1, 0, 0), (5, 8, 1)],
)
def test_what_tiles_nothing_is_refused(begin: int, end: int, roots: int) -> None:
    with pytest.raises(ValueError, match="tile"):
        Span.of(begin, end, ["00" * 32] * roots)


def test_what_is_no_root_is_refused() -> None:
    for bad in ("00", "zz" * 32):
        with pytest.raises(ValueError, match=r"bytes|hexadecimal"):
            Span.of(0, 1, [bad])
    with pytest.raises(ValueError, match="follow"):
        grown([b"a"]).follow(Span(2))
    with pytest.raises(ValueError, match="first leaf"):
        Span(1).root()


def test_the_cover_is_the_least() -> None:
    assert list(merkle.cover(0, 11)) == [3, 1, 0]
    assert list(merkle.cover(3, 11)) == [0, 2, 1, 0]
    assert list(merkle.cover(4, 4)) == []
