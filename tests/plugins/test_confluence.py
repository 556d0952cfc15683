"""Postmortems in Confluence: what stands between our marks, what people wrote around it, every way to be refused."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from bot.contract import Context, Health, NotDelivered
from bot.testing.exporters import TEXT, document
from bot.testing.far_end import WAIT, Behaviour, FarEnd
from plugins.confluence import storage
from plugins.confluence.exporter import Pages
from plugins.confluence.settings import ConfluenceSettings
from tests.plugins.wikis import HOME, Wiki

TOKEN = "secret-enough-91"
USER = "tocsin@example.com"


@pytest.fixture
async def wiki() -> AsyncIterator[Wiki]:
    async with FarEnd() as far:
        yield Wiki(far, ("authorization", f"Basic {base64.b64encode(f'{USER}:{TOKEN}'.encode()).decode()}"))


def pages(wiki: Wiki, **options: Any) -> Pages:
    given = {"url": f"{wiki.far.url}/wiki", "user": USER, "token": TOKEN, "space": "SRE", **options}
    return Pages(ConfluenceSettings.model_validate(given), Context("wiki"))


async def refused(wiki: Wiki, **options: Any) -> NotDelivered:
    with pytest.raises(NotDelivered) as caught:
        await pages(wiki, **options).put(document())
    assert TOKEN not in f"{caught.value} {caught.value!r}"
    return caught.value


async def test_a_page_stands_below_its_parent(wiki: Wiki) -> None:
    stands = await pages(wiki).put(document())
    page = wiki.pages[stands.reference]
    assert (page["title"], page["parentId"]) == ("PM-7: Scores fell", HOME)
    assert stands.link == f"{wiki.far.url}/wiki/spaces/SRE/pages/{stands.reference}"
    body = page["body"]["storage"]["value"]
    assert '<a href="https://runs.example/7">the run</a>' in body
    assert '<ri:attachment ri:filename="drift.png" />' in body
    assert "<th><p>from</p></th>" in body
    assert page["version"] == {"number": 2, "message": "Tocsin: PM-7, version 1, with pictures"}


async def test_the_same_version_again_makes_no_second_one_in_its_history(wiki: Wiki) -> None:
    first = await pages(wiki).put(document())
    written = wiki.written
    await pages(wiki).put(document(reference=first.reference))
    assert wiki.written == written  # the picture was there, too


async def test_what_people_wrote_around_ours_stays(wiki: Wiki) -> None:
    first = await pages(wiki).put(document())
    kept = wiki.pages[first.reference]["body"]["storage"]
    kept["value"] = f"<p>Above, by ada</p>{kept['value']}<p>Below, by bo</p>"
    wiki.pages[first.reference]["version"] = {"number": 9, "message": ""}
    await pages(wiki).put(document(version=2, markdown=TEXT.replace("0.42", "0.57"), reference=first.reference))
    assert kept["value"].startswith("<p>Above, by ada</p>")
    assert kept["value"].endswith("<p>Below, by bo</p>")
    assert "0.57" in kept["value"]
    assert "0.42" not in kept["value"]
    assert wiki.pages[first.reference]["version"]["number"] == 10


async def test_where_our_marks_are_gone_nothing_is_guessed(wiki: Wiki) -> None:
    first = await pages(wiki).put(document())
    wiki.pages[first.reference]["body"]["storage"]["value"] = "<p>All mine now</p>"
    with pytest.raises(NotDelivered) as caught:
        await pages(wiki).put(document(version=2, reference=first.reference))
    assert not caught.value.retry
    assert "marks are gone" in str(caught.value)
    assert wiki.pages[first.reference]["body"]["storage"]["value"] == "<p>All mine now</p>"


async def test_a_page_of_our_title_that_is_not_ours_is_left_alone(wiki: Wiki) -> None:
    await pages(wiki).put(document("PM-6"))
    (its,) = (its for its, page in wiki.pages.items() if page["title"].startswith("PM-6"))
    wiki.pages[its] |= {"title": "PM-7: Scores fell"}
    wiki.pages[its]["body"]["storage"]["value"] = "<p>notes</p>"
    error = await refused(wiki)
    assert not error.retry
    assert "Rename" in error.do


async def test_a_page_in_the_trash_is_made_anew(wiki: Wiki) -> None:
    first = await pages(wiki).put(document())
    wiki.pages[first.reference]["status"] = "trashed"
    again = await pages(wiki).put(document(version=2, reference=first.reference))
    assert again.reference != first.reference
    assert len(await wiki.texts("PM-7")) == 1


async def test_somebody_who_changes_it_at_the_same_time(wiki: Wiki) -> None:
    first = await pages(wiki).put(document())
    wiki.once.append(lambda method, path: (409, {"errors": [{"title": "stale"}]}) if method == "PUT" else None)
    await pages(wiki).put(document(version=2, reference=first.reference))
    assert wiki.pages[first.reference]["version"]["message"].startswith("Tocsin: PM-7, version 2")
    wiki.once += [lambda method, path: (409, {}) if method == "PUT" else None] * 9
    with pytest.raises(NotDelivered) as caught:
        await pages(wiki).put(document(version=3, reference=first.reference))
    assert caught.value.retry


@pytest.mark.parametrize(("status", "retry"), [(401, False), (403, False), (404, False), (400, False), (500, True)])
async def test_what_it_says_decides_whether_to_try_again(wiki: Wiki, status: int, retry: bool) -> None:
    wiki.once.append(lambda method, path: (status, {"errors": [{"title": "no"}]}) if path.endswith("/spaces") else None)
    assert (await refused(wiki)).retry is retry


async def test_a_busy_site_says_when(wiki: Wiki) -> None:
    wiki.far.behaviour = Behaviour.BUSY
    error = await refused(wiki)
    assert (error.retry, error.after) == (True, WAIT)


async def test_a_space_or_page_that_is_not_there(wiki: Wiki) -> None:
    assert not (await refused(wiki, space="NONE")).retry
    (row,) = await pages(wiki, parent="12345").check()
    assert (row.scope, row.health) == ("parent", Health.MISSING)
    (row,) = await pages(wiki).check()
    assert row.health is Health.OK
    wiki.far.behaviour = Behaviour.LIES
    (row,) = await pages(wiki).check()
    assert row.health is not Health.OK


def test_a_text_that_is_too_long_is_cut_and_says_so() -> None:
    drawn = storage.part(document(markdown="\n\n".join(["\\&" * 200] * 2_000)))
    assert len(drawn) < storage.LIMIT + 2_000
    assert "too long for a page" in drawn


@pytest.mark.parametrize(
    "options", [{"url": "ftp://x"}, {"space": "a b"}, {"parent": "1/2"}, {"url": "https://u:p@x.example"}]
)
def test_settings_that_are_none(options: dict[str, str]) -> None:
    given = {"url": "https://a.atlassian.net/wiki", "user": USER, "token": TOKEN, "space": "SRE"}
    with pytest.raises(ValidationError):
        ConfluenceSettings.model_validate({**given, **options})
