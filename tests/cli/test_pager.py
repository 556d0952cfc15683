"""`tocsin pager`: ways are listed, an address is confirmed by a real mail server, a test page goes out."""

import json
import re
from collections.abc import AsyncIterator

import pytest

from tests.plugins import postbox
from tests.plugins.postbox import Postbox
from tests.story.conftest import clock, place, workspace
from tests.story.place import Place

__all__ = ["clock", "place", "workspace"]


@pytest.fixture
async def box() -> AsyncIterator[Postbox]:
    """A mail server on loopback."""
    async with postbox.listening() as one:
        yield one


@pytest.fixture
def mailed(place: Place, box: Postbox) -> Place:
    """The place with that server; ada is written to, too."""
    post = f"{{name: post, plugin: smtp, host: 127.0.0.1, port: {box.port}, security: none, from: t@example.com}}"
    place.change("config/tocsin.yaml", "  - {name: prom,", f"  - {post}\n  - {{name: prom,")
    ada = (
        '{name: ada, slack: U01ADA, email: ada@example.com, phone: "+15550100001", notify: {high: [slack, email, sms]}}'
    )
    place.change("config/people.yaml", "{name: ada, slack: U01ADA}", ada)
    return place


async def typed(place: Place, *words: str, code: int = 0) -> str:
    """What a command printed."""
    status, output = await place.typed(*words)
    assert status == code, output
    return output


async def test_from_unconfirmed_to_confirmed(mailed: Place, box: Postbox) -> None:
    async with mailed.house():
        rows = json.loads(await typed(mailed, "pager", "list", "--person", "ada", "--json"))
        assert [(row["way"], row["standing"], row["counts"]) for row in rows] == [
            ("slack", "fine", True),
            ("email", "unconfirmed", False),
            ("sms", "absent", False),
        ]
        told = await typed(mailed, "pager", "verify", "ada", "email", "--as", "ada")
        assert told == "A code is on its way to a…@example.com by email. It is good for 10 minutes.\n"
        (letter,) = box.taken
        body = letter.get_body(("plain",))
        assert body is not None
        found = re.search(r"\b[0-9]{6}\b", str(body.get_content()))
        assert found is not None
        assert "Only ada can confirm" in await typed(mailed, "pager", "confirm", "ada", found[0], "--as", "cy", code=1)
        told = await typed(mailed, "pager", "confirm", "ada", found[0], "--as", "ada", "--json")
        assert json.loads(told) == {"sentence": "a…@example.com is confirmed: pages go there from now on."}
        table = await typed(mailed, "pager", "list")
        row = next(line for line in table.splitlines() if line.startswith("ada") and " email " in line)
        assert row.split()[:4] == ["ada", "email", "a…@example.com", "confirmed"]


async def test_what_cannot_be_done_is_said(mailed: Place, box: Postbox) -> None:
    async with mailed.house():
        for words, said in (
            (("verify", "bo", "phone", "--as", "bo"), "bo has no phone in config/people.yaml."),
            (("verify", "nobody", "email", "--as", "ada"), "There is nobody called 'nobody'."),
            (("verify", "ada", "email", "--as", "dee"), "You may not have a code sent to ada."),
            (("confirm", "ada", "123456", "--as", "ada"), "No code waits to be confirmed."),
        ):
            assert said in await typed(mailed, "pager", *words, code=1)
        assert box.taken == []


async def test_a_test_page_goes_by_every_way_that_works(mailed: Place, box: Postbox) -> None:
    async with mailed.house() as house:
        told = await typed(mailed, "pager", "test", "ada", code=1)
        assert "slack: the test page is on its way." in told
        assert "sms: nothing here sends pages this way" in told
        assert len(house.workspace.dms("ada")) == 1
        await typed(mailed, "pager", "test", "bo")


async def test_whoever_has_confirmed_nothing_is_a_gap_with_its_cure(mailed: Place, box: Postbox) -> None:
    mailed.change("config/people.yaml", "notify: {high: [slack, email, sms]}", "notify: {high: [email]}")
    async with mailed.house():
        told = await typed(mailed, "oncall", "gaps", code=1)
        assert "ada, named by rota:first-line, has confirmed no address by which a page would come" in told
        rows = await typed(mailed, "doctor", code=1)
        assert "addresses nobody confirmed" in rows
        assert "tocsin pager verify PERSON KIND" in rows
