"""The columns of models on a disk: the contract, what a version says it wants, and what is no list of columns."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.contract import Context, Health, NotFound, Refused
from bot.testing import features
from plugins import local
from plugins.local.features import MOST, Store
from plugins.local.settings import LocalSettings
from tests.plugins import shelf
from tests.plugins.shelf import REF, model


class Disk:
    """The stage: a folder of its own each time."""

    def __init__(self, root: Path) -> None:
        self._root, self._count = root, 0
        self.ref: Mapping[str, str] = REF

    async def prepare(self, columns: Mapping[str, str]) -> None:
        self._count += 1
        self.ref = {"name": f"churn-{self._count}"}
        model(self._root, self.ref["name"])
        await self.serves(columns)

    async def serves(self, columns: Mapping[str, str]) -> None:
        (self._root / self.ref["name"] / "features.json").write_text(json.dumps({"columns": columns}))

    async def spoil(self) -> None:
        (self._root / self.ref["name"] / "features.json").write_text('{"columns": {"age"')


def store(root: Path) -> Store:
    return Store(LocalSettings(root=str(root)), Context("disk"))


async def test_it_keeps_the_contract(tmp_path: Path) -> None:
    await features.conforms(local.plugin, {"root": str(tmp_path)}, Disk(tmp_path))


async def test_a_model_of_another_platform_is_found_by_a_value_of_its_reference(tmp_path: Path) -> None:
    (model(tmp_path) / "features.json").write_text('{"columns": {"age": "double"}}')
    found = await store(tmp_path).columns({"registered_model": "churn", "alias": "champion"})
    assert found == {"age": "double"}


async def test_a_model_without_a_list_is_not_found_with_the_cure(tmp_path: Path) -> None:
    model(tmp_path)
    with pytest.raises(NotFound, match=r'churn has no features.json. Write \{"columns": \{"age": "double"\}\} there.'):
        await store(tmp_path).columns(REF)


@pytest.mark.parametrize(
    "said",
    [
        "[]",
        "{}",
        '{"columns": ["age"]}',
        '{"columns": {"age": 7}}',
        '{"columns": {"age": ""}}',
        '{"columns": {"": "int"}}',
        '{"columns": {"age": "int", "plan": {"type": "string"}}}',
        json.dumps({"columns": {"x" * 201: "int"}}),
        json.dumps({"columns": {f"c{number}": "i" for number in range(MOST + 1)}}),
        "not json",
    ],
)
async def test_what_names_no_columns_is_refused_whole(tmp_path: Path, said: str) -> None:
    (model(tmp_path) / "features.json").write_text(said)
    with pytest.raises(Refused, match=r"features\.json of churn"):
        await store(tmp_path).columns(REF)
    (row,) = await store(tmp_path).check()
    assert (row.scope, row.health) == ("churn/features.json", Health.MISSING)


async def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.json").write_text('{"columns": {"age": "double"}}')
    (model(tmp_path) / "features.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(Refused):
        await store(tmp_path).columns(REF)


@pytest.mark.parametrize(
    ("inputs", "found"),
    [
        ({"age": "double", "plan": "string"}, {"age": "double", "plan": "string"}),
        ({}, {}),
        (None, {}),
        (["age"], {}),
        ({"age": "double", "plan": None}, {}),  # half of it would be a guess
    ],
)
async def test_a_version_says_which_columns_it_wants(tmp_path: Path, inputs: Any, found: dict[str, str]) -> None:
    folder = model(tmp_path)
    (folder / "versions" / "8" / "version.json").write_text(json.dumps({"inputs": inputs, "by": "ada"}))
    told = {one.id: one for one in await shelf.part(tmp_path).versions(REF)}
    assert told["8"].inputs == found
    assert told["8"].usable
    assert told["7"].inputs == {}
