"""What a runbook says of retrains alone: that they are proposed by themselves, and what the trainer is handed."""

from pathlib import Path

import orjson
import pytest

from bot import runbooks
from bot.rules import matching
from tests.unit.test_runbook_gate import GOOD

GATE = "{approval: two, gate: {metric: auc, not_below_champion_by: 0.01}}"


def loaded(folder: Path, action: str, lever: str = "retrain") -> runbooks.Library:
    """A runbook with that one lever."""
    assert f"retrain: {GATE}" in GOOD
    (folder / "drift.md").write_text(GOOD.replace(f"retrain: {GATE}", f"{lever}: {action}"), encoding="utf-8")
    return runbooks.load(folder, matching.parse)


def test_what_is_said_is_kept_as_json_has_it(tmp_path: Path) -> None:
    said = "{epochs: 3, rate: 1.0e-4, deep: true, off: false, none: 0, columns: [age, 1, false], 'a.b-c': 'x < y'}"
    library = loaded(tmp_path, f"{{propose: true, parameters: {said}}}")
    assert library.complaints == ()
    options = library.runbooks[0].actions[0].options
    assert orjson.loads(orjson.dumps(options)) == {
        "propose": True,
        "parameters": {
            "epochs": 3,
            "rate": 0.0001,
            "deep": True,
            "off": False,
            "none": 0,
            "columns": ["age", 1, False],
            "a.b-c": "x < y",
        },
    }


@pytest.mark.parametrize("action", ["{}", "{propose: false}", "{parameters: {}}"])
def test_what_is_not_said_is_not_among_its_options(tmp_path: Path, action: str) -> None:
    assert loaded(tmp_path, action).runbooks[0].actions[0].options == {}


@pytest.mark.parametrize("lever", ["evaluate", "pause", "promote", "rollback"])
@pytest.mark.parametrize("key", ["propose: true", "propose: false", "parameters: {epochs: 3}"])
def test_it_is_for_retrains_alone(tmp_path: Path, lever: str, key: str) -> None:
    (one,) = loaded(tmp_path, f"{{approval: one, {key}}}", lever).complaints
    name = key.partition(":")[0]
    assert str(one).endswith(
        f"drift.md:10: `{name}` is for retrain, not for {lever}. Put it under retrain, or drop it."
    )


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ("{propose: 1}", "`actions.retrain.propose` must be a valid boolean"),
        ("{propose: yes please}", "`actions.retrain.propose` must be a valid boolean"),
        ("{parameters: [1]}", "`actions.retrain.parameters`"),
        ("{parameters: {a: null}}", "`actions.retrain.parameters.a` is no parameter. Give a text (dates in quotes)"),
        ("{parameters: {a: {b: 1}}}", "`actions.retrain.parameters.a` is no parameter."),
        ("{parameters: {a: 2026-11-23}}", "`actions.retrain.parameters.a` is no parameter."),
        ("{parameters: {a: [[1]]}}", "`actions.retrain.parameters.a` is a list of lists."),
        ("{parameters: {a: [{b: 1}]}}", "`actions.retrain.parameters.a` is no parameter."),
        ("{parameters: {a: .nan}}", "`actions.retrain.parameters.a` is no parameter."),
        ("{parameters: {a: .inf}}", "`actions.retrain.parameters.a` is no parameter."),
        ("{parameters: {a: 9007199254740993}}", "`actions.retrain.parameters.a` is no parameter."),
        ('{parameters: {a: "x\\ny"}}', "`actions.retrain.parameters.a` is no text to hand on."),
        ('{parameters: {a: "\\0"}}', "`actions.retrain.parameters.a` is no text to hand on."),
        (f"{{parameters: {{a: {'x' * 501}}}}}", "`actions.retrain.parameters.a` is no text to hand on."),
        (f"{{parameters: {{a: {[1] * 51}}}}}", "`actions.retrain.parameters.a` is too long. At most 50 values."),
        ("{parameters: {'a b': 1}}", "`actions.retrain.parameters.a b`"),
        ("{parameters: {'': 1}}", "`actions.retrain.parameters"),
        (
            f"{{parameters: {{{', '.join(f'p{n}: 1' for n in range(51))}}}}}",
            "`actions.retrain.parameters` ",
        ),
    ],
)
def test_what_cannot_be_handed_on_is_refused_with_its_line(tmp_path: Path, said: str, complaint: str) -> None:
    (one,) = loaded(tmp_path, said).complaints
    assert f"drift.md:10: {complaint}" in str(one)
