"""A host of which any answer is wanted: none of them is an error, and no answer says whether anything was done."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.contract import NotDelivered, http
from bot.testing.far_end import WAIT, Behaviour, FarEnd
from tests.parts import free_port, tls


@pytest.mark.parametrize(
    ("how", "status"),
    [
        (Behaviour.WORKS, 200),
        (Behaviour.BUSY, 429),
        (Behaviour.REFUSES, 403),
        (Behaviour.MISSING, 404),
        (Behaviour.BROKEN, 500),
        (Behaviour.LIES, 200),
    ],
)
async def test_every_status_is_an_answer(how: Behaviour, status: int) -> None:
    async with FarEnd(behaviour=how) as far:
        reply = await http.Peer(far.url).ask("POST", "a", json={})
    assert reply.status == status
    assert http.wait(reply) == (WAIT if how is Behaviour.BUSY else None)


async def test_what_is_asked_arrives_whole() -> None:
    async with FarEnd() as far:
        peer = http.Peer(f"{far.url}/base/", {"Authorization": "Bearer hunter2"})
        await peer.ask("DELETE", "v1/thing", json={"name": "ü"})
        await peer.ask("GET", "v1", query={"name": "a&b=c #%2F'"})
        await peer.ask("POST", "v1", form={"name": "ü & b", "event": ["answered", "completed"]})
    gone, got, filled = far.arrived
    assert (gone.method, gone.path, gone.body) == ("DELETE", "/base/v1/thing", '{"name":"ü"}'.encode())
    assert gone.headers["authorization"] == "Bearer hunter2"
    assert got.path == "/base/v1?name=a%26b%3Dc+%23%252F%27"
    assert filled.headers["content-type"] == "application/x-www-form-urlencoded"
    assert filled.body == b"name=%C3%BC+%26+b&event=answered&event=completed"
    assert "hunter2" not in repr(peer)


@pytest.mark.parametrize("how", [Behaviour.HANGS, Behaviour.SLAMS])
async def test_without_an_answer_only_what_changes_nothing_may_be_asked_again(how: Behaviour) -> None:
    async with FarEnd(behaviour=how) as far:
        peer = http.Peer(far.url, timeout=0.2)
        for method, retry in (("GET", True), ("POST", False), ("DELETE", False)):
            with pytest.raises(NotDelivered, match="gave no answer") as said:
                await peer.ask(method, "a")
            assert said.value.retry is retry


async def test_what_never_left_may_be_sent_again() -> None:
    with pytest.raises(NotDelivered, match="cannot be reached") as said:
        await http.Peer(f"http://127.0.0.1:{free_port()}").ask("POST", "a", json={})
    assert said.value.retry


async def test_an_answer_that_is_too_long_is_not_read() -> None:
    async with FarEnd(answer=b"x" * 2_000) as far:
        assert (await http.Peer(far.url).ask("GET", "a")).body
        with pytest.raises(NotDelivered, match="more than 1,000 bytes"):
            await http.Peer(far.url, largest=1_000).ask("GET", "a")


@pytest.mark.parametrize("url", ["", "mlflow:5000", "ftp://a"])
async def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(NotDelivered, match="no http or https address"):
        await http.Peer(url).ask("GET", "a")


async def test_a_certificate_is_trusted_by_whoever_signed_it(tmp_path: Path) -> None:
    async with FarEnd() as far, tls.front(urlsplit(far.url).port or 0, tmp_path) as front:
        with pytest.raises(NotDelivered, match="is not trusted") as said:
            await http.Peer(front.url).ask("POST", "a", json={})
        assert not said.value.retry
        signed = next(one for one in tmp_path.iterdir() if b"BEGIN CERTIFICATE" in one.read_bytes())
        assert (await http.Peer(front.url, ca=signed).ask("GET", "a")).status == 200
        assert (await http.Peer(front.url, verify=False).ask("GET", "a")).status == 200
    with pytest.raises(NotDelivered, match="cannot be read"):
        await http.Peer(front.url, ca=tmp_path / "none").ask("GET", "a")
