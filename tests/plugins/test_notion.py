"""Postmortems in Notion: blocks within its limits, what people wrote beside ours, and every way to be refused."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from bot.contract import Context, Health, NotDelivered
from bot.testing.exporters import TEXT, document
from bot.testing.far_end import WAIT, Behaviour, FarEnd
from plugins.notion import blocks
from plugins.notion.exporter import Pages
from plugins.notion.settings import NotionSettings
from tests.plugins.notebooks import DATABASE, SOURCE, Notebook, said

TOKEN = "ntn_secret_enough_91"
LONG = "\n\n".join(f"paragraph {n} **{n}**" for n in range(350))


@pytest.fixture
async def notebook() -> AsyncIterator[Notebook]:
    async with FarEnd() as far:
        yield Notebook(far, ("authorization", f"Bearer {TOKEN}"))


def pages(notebook: Notebook, **options: Any) -> Pages:
    given = {"url": notebook.far.url, "token": TOKEN, "database": DATABASE, **options}
    return Pages(NotionSettings.model_validate(given), Context("notes"))


async def refused(notebook: Notebook, **options: Any) -> NotDelivered:
    with pytest.raises(NotDelivered) as caught:
        await pages(notebook, **options).put(document())
    assert TOKEN not in f"{caught.value} {caught.value!r}"
    return caught.value


def within(notebook: Notebook, its: str) -> list[dict[str, Any]]:
    return [notebook.blocks[one] for one in notebook.inside[its]]


async def test_a_page_has_its_id_and_one_toggle_of_ours(notebook: Notebook) -> None:
    stands = await pages(notebook).put(document())
    page = notebook.pages[stands.reference]
    assert (said(page, "Document"), said(page, "Name")) == ("PM-7", "PM-7: Scores fell")
    assert stands.link == f"https://www.notion.so/{stands.reference}"
    (toggle,) = within(notebook, stands.reference)
    assert toggle["toggle"]["rich_text"][0]["text"]["content"].startswith("PM-7 as Tocsin has it · version 1 · ")
    kinds = [one["type"] for one in within(notebook, toggle["id"])]
    assert kinds == ["heading_1", "paragraph", "image", "heading_2", "table", "numbered_list_item",
                     "numbered_list_item", "code"]  # fmt: skip
    again = notebook.written
    await pages(notebook).put(document(reference=stands.reference))
    assert notebook.written == again


async def test_what_people_wrote_beside_it_stays(notebook: Notebook) -> None:
    first = await pages(notebook).put(document())
    mine = {"type": "toggle", "toggle": {"rich_text": blocks.text("a toggle of mine")}}
    notebook.inside[first.reference][:0] = [notebook._add(mine)]
    notebook.inside[first.reference].append(notebook._add({"type": "divider", "divider": {}}))
    changed = document(
        version=2, title="Another title", markdown=TEXT.replace("0.42", "0.57"), reference=first.reference
    )
    await pages(notebook).put(changed)
    kinds = [one["type"] for one in within(notebook, first.reference)]
    assert kinds == ["toggle", "toggle", "divider"]  # ours is where the older one was
    assert said(notebook.pages[first.reference], "Name") == "PM-7: Another title"


async def test_the_older_version_stays_until_the_newer_one_is_whole(notebook: Notebook) -> None:
    first = await pages(notebook).put(document())
    notebook.once.append(lambda method, path: (502, {}) if method == "PATCH" and "/blocks/" in path else None)
    notebook.once.append(lambda method, path: (502, {}) if path.endswith("/send") else None)
    for _ in range(2):
        with pytest.raises(NotDelivered) as caught:
            await pages(notebook).put(document(version=2, markdown=f"{TEXT}\n0.57\n", reference=first.reference))
        assert caught.value.retry
        assert any("0.42" in one and "0.57" not in one for one in await notebook.texts("PM-7"))
    await pages(notebook).put(document(version=2, markdown=f"{TEXT}\n0.57\n", reference=first.reference))
    (text,) = await notebook.texts("PM-7")
    assert "0.57" in text


async def test_a_long_text_goes_in_many_requests(notebook: Notebook) -> None:
    stands = await pages(notebook).put(document(markdown=LONG))
    (toggle,) = within(notebook, stands.reference)
    found = within(notebook, toggle["id"])
    assert len(found) == 350
    assert [one["paragraph"]["rich_text"][1]["text"]["content"] for one in found] == [str(n) for n in range(350)]


async def test_everything_fits_its_limits(notebook: Notebook) -> None:
    deep = "\n".join(f"{'  ' * n}- level {n}" for n in range(12))
    table = "| a | b |\n|---|---|\n" + "\n".join(f"| {n} | x |" for n in range(250))
    many = " ".join(f"**w{n}** plain" for n in range(180))
    text = "\n\n".join([deep, table, many, "```\n" + "line\n" * 3_000 + "```", "😀" * 3_000, "> " + "q" * 5_000])
    stands = await pages(notebook).put(document(markdown=text))
    spelled = json.dumps(notebook.blocks, ensure_ascii=False)
    assert "level 11" in spelled
    assert spelled.count("😀") == 3_000
    assert spelled.count('"table_row"') > 250
    assert stands.reference


async def test_a_page_in_the_trash_is_made_anew(notebook: Notebook) -> None:
    first = await pages(notebook).put(document())
    notebook.pages[first.reference]["in_trash"] = True
    again = await pages(notebook).put(document(reference=first.reference))
    assert again.reference != first.reference


@pytest.mark.parametrize(
    ("status", "retry"), [(400, False), (401, False), (403, False), (404, False), (409, True), (500, True), (529, True)]
)
async def test_what_it_says_decides_whether_to_try_again(notebook: Notebook, status: int, retry: bool) -> None:
    notebook.once.append(lambda method, path: (status, {"message": "no"}) if path == "/v1/pages" else None)
    assert (await refused(notebook)).retry is retry


async def test_a_busy_notion_says_when(notebook: Notebook) -> None:
    notebook.far.behaviour = Behaviour.BUSY
    error = await refused(notebook)
    assert (error.retry, error.after) == (True, WAIT)


async def test_a_database_that_does_not_fit_says_what_is_wanting(notebook: Notebook) -> None:
    error = await refused(notebook, property="Elsewhere")
    assert not error.retry
    assert "Elsewhere" in str(error)
    (row,) = await pages(notebook, property="Elsewhere").check()
    assert row.health is Health.MISSING
    (row,) = await pages(notebook, database=None, data_source=SOURCE).check()
    assert row.health is Health.OK
    notebook.once.append(lambda method, path: (200, {"data_sources": [{"id": "a"}, {"id": "b"}]}))
    assert "data_source" in (await refused(notebook)).do


@pytest.mark.parametrize("options", [{"database": "../x"}, {"database": None}, {"url": "ftp://x"}, {"property": ""}])
def test_settings_that_are_none(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NotionSettings.model_validate({"token": TOKEN, "database": DATABASE, **options})
