"""Postmortems in a folder: what stands there, what people changed by hand, and a folder that takes nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.contract import Context, Health, NotDelivered, Picture, stamp
from bot.testing.exporters import PNG, TEXT, document
from plugins.files import exporter as files
from plugins.files.settings import FilesSettings


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "shelf"
    (tmp_path / "shelf").chmod(0o755) if (tmp_path / "shelf").exists() else None


def shelf(folder: Path, link: str | None = None) -> files.Folder:
    return files.Folder(FilesSettings.model_validate({"folder": folder, "link": link}), Context("shelf"))


async def test_a_document_is_four_files_and_a_line_of_the_index(folder: Path) -> None:
    stands = await shelf(folder, "https://files.example.com/pm/").put(document())
    assert (stands.reference, stands.link) == ("PM-7.md", "https://files.example.com/pm/PM-7.html")
    text = (folder / "PM-7.md").read_text()
    assert "](PM-7/drift.png)" in text
    assert stamp.untouched(text, "PM-7")
    assert (folder / "PM-7" / "drift.png").read_bytes() == PNG
    assert (folder / "PM-7.html").read_text().startswith("<!DOCTYPE html>")
    assert '<a href="PM-7.html">PM-7</a>' in (folder / "index.html").read_text()
    visible = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    assert visible == {"PM-7.md", "PM-7.html", "PM-7", "index.html"}


async def test_without_a_link_the_file_is_named(folder: Path) -> None:
    stands = await shelf(folder).put(document())
    assert stands.link == (folder / "PM-7.html").as_uri()


async def test_the_index_has_all_documents_newest_first_and_escapes_them(folder: Path) -> None:
    part = shelf(folder)
    await part.put(document("PM-1", version=1))
    await part.put(document("PM-2", version=9, title="<b>Scores</b> & more"))
    (folder / ".tocsin" / "PM-3.json").write_text("{broken")
    (folder / ".tocsin" / "PM-4.json").write_text(json.dumps({"id": "../x"}))
    await part.put(document("PM-1", version=2))
    page = (folder / "index.html").read_text()
    assert page.index("PM-2.html") < page.index("PM-1.html")
    assert page.count("PM-1.html") == 1
    assert "&lt;b&gt;Scores&lt;/b&gt; &amp; more" in page
    assert "PM-3" not in page
    assert "../x" not in page


async def test_what_people_changed_is_kept_beside_it(folder: Path) -> None:
    part = shelf(folder)
    await part.put(document())
    path = folder / "PM-7.md"
    path.write_text(path.read_text().replace("0.42", "0.42 (I doubt it)"))
    await part.put(document(version=2, markdown=TEXT.replace("0.42", "0.57")))
    assert "0.57" in path.read_text()
    assert "I doubt it" in (folder / "PM-7.theirs.md").read_text()
    path.write_text("all mine")
    await part.put(document(version=3))
    assert (folder / "PM-7.theirs-2.md").read_text() == "all mine"
    assert "I doubt it" in (folder / "PM-7.theirs.md").read_text()


async def test_what_tocsin_wrote_is_no_change_of_theirs(folder: Path) -> None:
    """Nor after a crash between the file and what is known of it."""
    part = shelf(folder)
    for version in (1, 2, 2, 3):
        await part.put(document(version=version))
        (folder / ".tocsin" / "PM-7.json").unlink()
    assert not list(folder.glob("*theirs*"))


async def test_a_stamp_within_the_text_is_only_text(folder: Path) -> None:
    first = stamp.stamped(document(), "hello\n")
    assert stamp.untouched(first, "PM-7")
    assert not stamp.untouched(first, "PM-8")
    assert stamp.untouched(stamp.stamped(document(version=2), first), "PM-7")
    assert not stamp.untouched(f"{first}more\n", "PM-7")
    assert not stamp.untouched(first.replace("hello", "hullo"), "PM-7")


@pytest.mark.parametrize(
    ("its", "picture"),
    [("../PM-7", "a.png"), ("PM-7", "../a.png"), ("PM-7", "a/b.png"), ("PM-7\n", "a.png"), ("", "a.png")],
)
async def test_no_name_leads_out_of_the_folder(folder: Path, its: str, picture: str) -> None:
    with pytest.raises(NotDelivered) as caught:
        await shelf(folder).put(document(its, pictures=(Picture(picture, PNG),)))
    assert not caught.value.retry
    assert not folder.exists()


async def test_a_folder_that_cannot_be_one_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    part = shelf(tmp_path / "file" / "shelf")
    with pytest.raises(NotDelivered, match="ENOTDIR"):
        await part.put(document())
    (row,) = await part.check()
    assert row.health is Health.MISSING


async def test_its_check_makes_the_folder_and_leaves_nothing(folder: Path) -> None:
    (row,) = await shelf(folder).check()
    assert row.health is Health.OK
    assert [path.name for path in folder.iterdir()] == [".tocsin"]


@pytest.mark.parametrize("link", ["ftp://x", "https://u:p@x.example", "https://x.example/?a"])
def test_a_link_is_a_plain_one(link: str) -> None:
    with pytest.raises(ValidationError):
        FilesSettings.model_validate({"folder": "/x", "link": link})
