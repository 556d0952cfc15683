"""Small models, really trained: weighted sums of standardised columns behind a link, kept as two plain files."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import BadInput

PARAMETERS, REFERENCE = "parameters.json", "reference.npz"
SAMPLE = 5_000  #: rows of the training days that are kept to compare with
_STEPS, _RATE, _KEEP = 250, 1.0, 0.8  # of the descent: rounds, step, momentum
_SEEN, _MARGIN = (
    (0.001, 0.999),
    0.25,
)  # what is usual: nearly all that was seen, and a share of its width on either side

Array = NDArray[np.float64]
Columns = Mapping[str, Array]
Link = Literal["logistic", "exp"]
Form = Literal["as is", "log", "log1p"]


class Range(BaseModel):
    """What is usual for a column, both ends with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: float
    high: float


class Term(BaseModel):
    """One column of the sum: brought into a form, standardised, weighted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    form: Form
    mean: float
    scale: float
    weight: float


class Parameters(BaseModel):
    """All that a prediction is made from, as `parameters.json` has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str
    link: Link
    bias: float
    terms: tuple[Term, ...]
    expects: dict[str, Range]
    metrics: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Model:
    """A trained version: what it reads, what that looked like in training, and how good it was on days held out."""

    parameters: Parameters
    reference: Columns  #: a sample of the training days, of the columns it reads

    @property
    def name(self) -> str:
        """The model's."""
        return self.parameters.name

    @property
    def version(self) -> str:
        """Of these parameters."""
        return self.parameters.version

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns a prediction needs; others may come along."""
        return tuple(term.column for term in self.parameters.terms)

    @property
    def expects(self) -> Mapping[str, Range]:
        """What is usual for each column it reads."""
        return self.parameters.expects

    @property
    def metrics(self) -> Mapping[str, float]:
        """Its scores on the days held out."""
        return self.parameters.metrics

    def predict(self, columns: Columns) -> Array:
        """A probability (logistic) or an amount (exp) for each row; BadInput when a column it reads is missing."""
        total: Array = np.asarray(self.parameters.bias)
        for term in self.parameters.terms:
            if term.column not in columns:
                raise BadInput(f"{self.name} {self.version} reads {term.column}, which is not there.", "Send it.")
            total = total + term.weight * (_formed(columns[term.column], term.form) - term.mean) / term.scale
        return _linked(total, self.parameters.link)

    def files(self) -> dict[str, bytes]:
        """What `load` reads."""
        spelled = orjson.dumps(self.parameters.model_dump(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        return {PARAMETERS: spelled, REFERENCE: packed(self.reference)}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be trained: the columns with their forms, and the link."""

    name: str
    version: str
    forms: Mapping[str, Form]
    link: Link


def load(folder: Path) -> Model:
    """The model of a version's folder; BadInput when its files are missing or make no sense."""
    try:
        parameters = Parameters.model_validate_json((folder / PARAMETERS).read_bytes())
        kept = unpacked((folder / REFERENCE).read_bytes())
        reference = {term.column: kept[term.column].astype(np.float64) for term in parameters.terms}
    except (OSError, KeyError, ValidationError, BadInput) as error:
        what = f"Version {folder.name} of {folder.parent.parent.name} cannot be loaded: {type(error).__name__}."
        raise BadInput(what, "Serve another, or furnish the folder anew.") from None
    return Model(parameters, reference)


def trained(plan: Plan, columns: Columns, truth: Array) -> Model:
    """A model fitted to these rows: descent on the log loss (logistic), or ridge on the log of the truth (exp)."""
    shaped = np.column_stack([_formed(columns[name], form) for name, form in plan.forms.items()])
    means, scales = shaped.mean(axis=0), shaped.std(axis=0)
    scales = np.where(scales > 0, scales, 1.0)
    rows = np.column_stack([np.ones(len(truth)), (shaped - means) / scales])
    weights = _descended(rows, truth) if plan.link == "logistic" else _ridged(rows, np.log(truth))
    terms = tuple(
        Term(column=name, form=form, mean=float(mean), scale=float(scale), weight=float(weight))
        for (name, form), mean, scale, weight in zip(plan.forms.items(), means, scales, weights[1:], strict=True)
    )
    expects = {name: _usual(columns[name]) for name in plan.forms}
    parameters = Parameters(
        name=plan.name, version=plan.version, link=plan.link, bias=float(weights[0]), terms=terms, expects=expects
    )
    return Model(parameters, {name: columns[name][:SAMPLE] for name in plan.forms})


def packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The arrays as the bytes of an `.npz`, each under its name."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, values in arrays.items():
            with archive.open(f"{name}.npy", "w") as member:
                np.lib.format.write_array(member, np.asarray(values), allow_pickle=False)
    return body.getvalue()


def unpacked(body: bytes) -> dict[str, NDArray[Any]]:
    """The arrays of an `.npz`; BadInput when it is none, or torn."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return {
                name.removesuffix(".npy"): np.lib.format.read_array(io.BytesIO(archive.read(name)), allow_pickle=False)
                for name in archive.namelist()
            }
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise BadInput(f"The arrays cannot be read: {type(error).__name__}.", "Write them anew.") from None


def _descended(rows: Array, truth: Array) -> Array:
    weights = np.zeros(rows.shape[1])
    speed = np.zeros_like(weights)
    for _ in range(_STEPS):
        slope = rows.T @ (_linked(rows @ weights, "logistic") - truth) / len(truth)
        speed = _KEEP * speed - _RATE * slope
        weights = weights + speed
    return weights


def _ridged(rows: Array, truth: Array, penalty: float = 1.0) -> Array:
    held = penalty * np.eye(rows.shape[1])
    held[0, 0] = 0.0  # the bias is free
    return np.asarray(np.linalg.solve(rows.T @ rows + held, rows.T @ truth), dtype=np.float64)


def _formed(values: Array, form: Form) -> Array:
    if form == "log":
        return np.log(np.maximum(values, 1e-9))
    return np.log1p(np.maximum(values, 0.0)) if form == "log1p" else values


def _linked(total: Array, link: Link) -> Array:
    # Far out either end is as good as certain; beyond, exp would overflow.
    safe = np.clip(total, -60.0, 60.0)
    return np.exp(safe) if link == "exp" else 1 / (1 + np.exp(-safe))


def _usual(values: Array) -> Range:
    low, high = (float(end) for end in np.quantile(values, _SEEN))
    wide = _MARGIN * (high - low)
    # What was never negative is not expected to be.
    return Range(low=max(low - wide, min(low, 0.0)), high=high + wide)
