"""The columns that a version wants, as its `MLmodel` file says: all of them, or none."""

import json
from typing import Any

import pytest

from plugins.mlflow import inputs

AGE = {"type": "double", "name": "age", "required": True}
PLAN = {"type": "string", "name": "plan", "required": True}


def described(columns: object, *, raw: str | None = None) -> bytes:
    said = raw if raw is not None else json.dumps(columns).replace("'", "''")
    return f"flavors:\n  sklearn: {{}}\nsignature:\n  inputs: '{said}'\n  outputs: null\nuuid: x\n".encode()


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ([AGE, PLAN], {"age": "double", "plan": "string"}),
        ([AGE, {**PLAN, "required": False}], {"age": "double"}),
        ([{**AGE, "name": "it's"}], {"it's": "double"}),
        ([{"type": "tensor", "name": "x", "tensor-spec": {"dtype": "float64", "shape": [-1, 3]}}], {"x": "float64"}),
        ([{"type": "array", "name": "tags", "items": {"type": "string"}}], {"tags": "array"}),
        ([AGE, {"name": "plan"}], {}),
        ([AGE, {"type": "string"}], {}),
        ([AGE, {"type": "string", "name": ""}], {}),
        ([AGE, "plan"], {}),
        ({"age": "double"}, {}),
        ([], {}),
        ([{**AGE, "name": f"c{number}"} for number in range(inputs.MOST + 1)], {}),
    ],
)
def test_every_column_that_must_be_given_or_none(columns: Any, found: dict[str, str]) -> None:
    assert inputs.read(described(columns)) == found


def test_a_long_line_that_yaml_has_folded_is_one() -> None:
    folded = json.dumps([AGE, PLAN]).replace('"required": true}, {', '"required":\n    true}, {')
    assert inputs.read(described(None, raw=folded)) == {"age": "double", "plan": "string"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"signature: null\n",
        b"signature:\n  outputs: '[]'\n",
        b"signature:\n  inputs: null\n",
        b"other:\n  inputs: '[]'\n",
        b"signature:\n" + b" \n" * 5000,
        b"\xff" * 50,
        described(None, raw="[{"),
    ],
)
def test_a_file_that_says_nothing_of_them_is_no_error(body: bytes) -> None:
    assert inputs.read(body) == {}
