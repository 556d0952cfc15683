"""What plugins are lent for HTTP: every way of failing says whether to try again, and none shows a secret."""

import asyncio

import pytest

from bot.contract import NotDelivered, http
from bot.testing.far_end import Behaviour, FarEnd


@pytest.mark.parametrize(
    ("how", "retry", "after"),
    [
        (Behaviour.REFUSES, False, None),
        (Behaviour.MISSING, False, None),
        (Behaviour.BUSY, True, 7.0),
        (Behaviour.BROKEN, True, None),
        (Behaviour.AWAY, True, None),
        (Behaviour.SLAMS, True, None),
    ],
)
async def test_each_way_of_failing_is_told_apart(how: Behaviour, retry: bool, after: float | None) -> None:
    async with FarEnd(behaviour=how) as far:
        with pytest.raises(NotDelivered) as caught:
            await http.send("POST", f"{far.url}/secret-path", json={}, headers={"Authorization": "Bearer hunter2"})
    assert (caught.value.retry, caught.value.after) == (retry, after)
    assert "secret-path" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


async def test_what_is_sent_arrives_and_the_answer_comes_back() -> None:
    async with FarEnd(answer=b'{"id": "7"}') as far:
        reply = await http.send("POST", f"{far.url}/v1", json={"a": "ü"}, headers={"X-One": "1"})
        form = await http.send("POST", far.url, form={"a": "1 2"})
    assert (reply.status, reply.json(), reply.headers["content-type"]) == (200, {"id": "7"}, "application/json")
    assert form.status == 200
    one, two = far.arrived
    assert (one.method, one.path, one.headers["x-one"], one.body) == ("POST", "/v1", "1", '{"a":"ü"}'.encode())
    assert two.body == b"a=1+2"


async def test_an_answer_that_is_no_json_is_in_doubt() -> None:
    async with FarEnd(behaviour=Behaviour.LIES) as far:
        reply = await http.send("GET", far.url)
    with pytest.raises(NotDelivered, match="no JSON"):
        reply.json()


@pytest.mark.parametrize(
    "url", ["", "nowhere", "ftp://a", "http://", "http://[", "http://a:b@exa mple", "http://127.0.0.1:99999/", "\x00"]
)
async def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(NotDelivered) as caught:
        await http.send("POST", url, json={})
    assert caught.value.retry is False


@pytest.mark.parametrize("json", [{"a": "\ud800"}, {"a": object()}, {"a": float("nan")}])
async def test_a_body_that_cannot_be_written_is_refused(json: object) -> None:
    async with FarEnd() as far:
        with pytest.raises(NotDelivered) as caught:
            await http.send("POST", far.url, json=json)
    assert (caught.value.retry, far.arrived) == (False, [])


async def test_a_header_that_would_become_two_is_refused() -> None:
    async with FarEnd() as far:
        with pytest.raises(NotDelivered):
            await http.send("POST", far.url, headers={"X-A": "1\r\nX-B: 2"})
    assert all("x-b" not in one.headers for one in far.arrived)


async def test_where_nobody_listens_it_may_go_later() -> None:
    with pytest.raises(NotDelivered) as caught:
        await http.send("GET", "http://127.0.0.1:9/")
    assert caught.value.retry


@pytest.mark.parametrize(
    ("head", "after"),
    [
        ("Retry-After: Mon, 23 Nov 2026 12:00:30 GMT\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT", 30.0),
        ("Retry-After: Mon, 23 Nov 2026 12:00:30 GMT", None),
        ("Retry-After: 99999999999", 3600.0),
        ("Retry-After: -1", None),
        ("Retry-After: soon", None),
        ("X: y", None),
    ],
)
async def test_the_wait_a_host_asks_for_is_understood(head: str, after: float | None) -> None:
    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 503 Away\r\n{head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(busy, "127.0.0.1", 0)
    try:
        with pytest.raises(NotDelivered) as caught:
            await http.send("GET", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    finally:
        server.close()
    assert caught.value.after == after


async def test_redirects_are_not_followed() -> None:
    async def moved(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 307 Moved\r\nLocation: {far.url}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with FarEnd() as far:
        server = await asyncio.start_server(moved, "127.0.0.1", 0)
        try:
            with pytest.raises(NotDelivered, match="answered 307"):
                await http.send("POST", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", json={})
        finally:
            server.close()
    assert far.arrived == []
