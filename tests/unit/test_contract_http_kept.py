"""Connections that are kept for the next request: when they are used again, and that none is left behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.contract import NotDelivered, http


@dataclass
class Host:
    """Answers one request after the other on each connection, until it `slams`."""

    url: str = ""
    connections: int = 0
    cookies: list[bytes] = field(default_factory=list)
    slams: bool = False
    left: asyncio.Event = field(default_factory=asyncio.Event)  #: a caller hung up
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.cookies += [line for line in head.lower().split(b"\r\n") if line.startswith(b"cookie:")]
                if self.slams:
                    break
                writer.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: who=ada\r\nContent-Length: 2\r\n\r\n{}")
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left.set()
        writer.close()

    async def hang_up(self) -> None:
        """Close every connection, as a host does with those that rest."""
        for writer in self._writers:
            writer.close()
            await writer.wait_closed()


@asynccontextmanager
async def host() -> AsyncIterator[Host]:
    far = Host()
    server = await asyncio.start_server(far.serve, "127.0.0.1", 0)
    far.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    try:
        yield far
    finally:
        server.close()
        await far.hang_up()


async def test_one_after_the_other_goes_by_one_connection_and_cookies_are_not_kept() -> None:
    async with host() as far:
        async with http.kept():
            for _ in range(3):
                await http.send("POST", far.url, json={})
        assert (far.connections, far.cookies) == (1, [])
        await asyncio.wait_for(far.left.wait(), 10)  # the end closed it
        await http.send("POST", far.url, json={})
        assert far.connections == 2


async def test_side_by_side_each_has_its_own() -> None:
    async with host() as far, http.kept():
        await asyncio.gather(*(http.send("POST", far.url, json={}) for _ in range(5)))
        assert far.connections == 5
        await asyncio.gather(*(http.send("POST", far.url, json={}) for _ in range(5)))
        assert far.connections == 5


async def test_one_that_died_while_it_rested_is_no_failure() -> None:
    async with host() as far, http.kept():
        await http.send("POST", far.url, json={})
        await far.hang_up()
        await http.send("POST", far.url, json={})
        assert far.connections == 2


async def test_one_that_failed_is_not_used_again() -> None:
    async with host() as far, http.kept():
        far.slams = True
        with pytest.raises(NotDelivered) as caught:
            await http.send("POST", far.url, json={})
        assert caught.value.retry
        far.slams = False
        await http.send("POST", far.url, json={})
        assert far.connections == 2


async def test_what_is_under_way_at_the_end_closes_itself() -> None:
    async with host() as far:
        async with http.kept():
            late = asyncio.create_task(http.send("POST", far.url, json={}))
            await asyncio.sleep(0)
        assert (await late).status == 200
        await asyncio.wait_for(far.left.wait(), 10)
