"""The templates of runbooks: operators write them, alerts only fill them in.

The language is kept so small that a template cannot run away: no loops, no arithmetic, no calls, a few filters.
"""

import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, Undefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.estate import Model
from bot.model.runbook import Runbook

CONTEXT: Mapping[str, str] = {
    "model.name": "the catalogued name of the model or agent",
    "model.kind": "model, agent or data",
    "model.entity": "its business entity",
    "model.team": "the team that owns it",
    "model.criticality": "low, medium, high or critical",
    "model.platform": "the connection that runs it",
    "alert.title": "the alert's title",
    "alert.summary": "what the monitor says of it",
    "alert.kind": "drift, performance, data-quality, failure, latency, cost, safety or freshness",
    "alert.environment": "where it runs",
    "alert.model": "the name the alert gives",
    "alert.version": "the version it is about",
    "alert.severity": "the sender's own word",
    "alert.connection": "the connection it came through",
    "alert.metric": "the first measure's metric",
    "alert.value": "its value",
    "alert.threshold": "its threshold",
    "alert.baseline": "its baseline",
    "alert.sample_size": "its sample size",
    "alert.window": "its window",
    "alert.feature": "its feature",
    "alert.segment": "its segment",
    "label.NAME": "the alert's label NAME",
}
FILTERS = ("default", "lower", "round", "title", "trim", "truncate", "upper")
LONGEST = 20_000  #: characters of a rendered body
LONGEST_VALUE = 500  #: characters of one value from an alert
LARGEST_NUMBER = 10_000
# A filter may raise any of these on a value it does not expect.
FAULTS = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError)

_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.CondExpr, nodes.Name, nodes.Getattr),
    *(nodes.Getitem, nodes.Const, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand),
    *(nodes.And, nodes.Or, nodes.Not),
)


class _Unknown(Undefined):
    """What an alert did not say. That the name exists was checked at load."""

    __slots__ = ()

    def __str__(self) -> str:
        return "unknown"


class _Own(str):
    """Text from the operator's own files, shown as it is."""

    __slots__ = ()


class _Named:
    """Values reached by name and by nothing else, so that none can shadow or be shadowed by a method."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> object:
        return self._values[name]


def _shown(value: object) -> object:
    """Any text but the operator's own is written so that Markdown takes it for text."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, _Own) or not isinstance(value, str):
        return value
    plain = re.sub(r"[\x00-\x20\x7f\x85\u2028\u2029]+", " ", value)[:LONGEST_VALUE]
    escaped = re.sub(r"([\\`*_\[\]<>&|~#!{}])", r"\\\1", plain)
    # Where it begins a line it would otherwise be a list item, hence a step of the checklist, or an underline.
    return re.sub(r"^( *\d{0,9})([-+=.)])", r"\1\\\2", escaped)


_BODIES = ImmutableSandboxedEnvironment(
    undefined=_Unknown, finalize=_shown, autoescape=False, trim_blocks=True, lstrip_blocks=True
)
_TARGETS = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


def faults(text: str, fields: Mapping[str, str] = CONTEXT) -> Iterator[tuple[str, int]]:
    """What is wrong with a template that may use `fields`, and in which of its lines, counted from 1."""
    try:
        tree = _BODIES.parse(text)
    except TemplateSyntaxError as error:
        yield f"The template is wrong: {error.message}", error.lineno
        return
    found = list(_refused(tree, fields))
    yield from found
    if not found and fields is CONTEXT:
        for alert, model in _SAMPLES:
            try:
                _BODIES.from_string(text).render(_context(alert, model))
            except FAULTS as error:
                does = "does not say everything" if model is None else "says everything"
                yield f"The template fails for an alert that {does}: {error}.", _line(error)
                return


def _line(error: Exception) -> int:
    """The line of the template in which it failed."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == "<template>"), 1)


def _refused(tree: nodes.Node, fields: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    roots = {name.partition(".")[0] for name in fields}
    inner = set()
    for node in _all(tree):
        if not isinstance(node, _ALLOWED):
            yield f"A template here has no {type(node).__name__.lower()}.", node.lineno
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            yield f"There is no filter '{node.name}' here, only {', '.join(FILTERS)}.", node.lineno
        elif isinstance(node, nodes.Const) and _large(node.value):
            yield f"Numbers here end at {LARGEST_NUMBER}.", node.lineno
        elif isinstance(node, nodes.Getattr | nodes.Getitem):
            inner.add(id(node.node))
            if fault := _unnamed(node, fields):
                yield fault, node.lineno
        elif isinstance(node, nodes.Name) and (node.name not in roots or id(node) not in inner):
            yield f"'{node.name}' is no value here; there are {', '.join(fields)}.", node.lineno


def _all(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _all(child)


def _large(value: object) -> bool:
    return isinstance(value, int | float) and not abs(value) <= LARGEST_NUMBER


def _unnamed(node: nodes.Getattr | nodes.Getitem, fields: Mapping[str, str]) -> str:
    key = node.attr if isinstance(node, nodes.Getattr) else getattr(node.arg, "value", None)
    if not isinstance(node.node, nodes.Name) or not isinstance(key, str):
        return f"A value here is one of {', '.join(fields)}."
    name = f"{node.node.name}.{key}"
    if name in fields or f"{node.node.name}.NAME" in fields or node.node.name not in {n.split(".")[0] for n in fields}:
        return ""
    return f"There is no {name} here; there are {', '.join(fields)}."


def render(runbook: Runbook, alert: Alert, model: Model | None) -> str:
    """The body as Markdown of at most LONGEST characters, what the alert says written into it as mere text.

    Never raises: where the template fails in spite of the checks at load, the body comes as it was written.
    """
    try:
        text = _body(runbook.body).render(_context(alert, model))
    except FAULTS as error:
        fault = f"The template of this runbook failed ({type(error).__name__}), so it stands here as written."
        text = f"> {fault}\n\n{runbook.body}"
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}\n\n(Cut here; the whole stands in {runbook.file}.)"


def target(text: str, model: Model | None) -> str:
    """A page target, its template filled in from the catalogue.

    Never raises: where the model is not catalogued it stays as written, so that it reaches nobody and says why.
    """
    if "{" not in text:
        return text
    try:
        return _target(text).render(model=_Named(_catalogued(model)))
    except FAULTS:
        return text


MODEL_FIELDS: Mapping[str, str] = {name: text for name, text in CONTEXT.items() if name.startswith("model.")}
_body = lru_cache(maxsize=256)(_BODIES.from_string)
_target = lru_cache(maxsize=1_024)(_TARGETS.from_string)


def _context(alert: Alert, model: Model | None) -> dict[str, object]:
    first = alert.measures[0] if alert.measures else Measure("")
    said = {
        **{name: getattr(alert, name) for name in ("title", "summary", "environment", "model", "version", "severity")},
        **{name: getattr(first, name) for name in ("metric", "value", "threshold", "baseline", "sample_size")},
        **{name: getattr(first, name) for name in ("window", "feature", "segment")},
        "kind": str(alert.kind),
        "connection": _Own(alert.connection),
    }
    known = {name: value for name, value in said.items() if value not in (None, "")}
    return {"alert": _Named(known), "label": _Named(alert.labels), "model": _Named(_catalogued(model))}


def _catalogued(model: Model | None) -> dict[str, object]:
    if model is None:
        return {}
    names = (name.partition(".")[2] for name in MODEL_FIELDS)
    return {name: _Own(value) for name in names if (value := getattr(model, name)) is not None}


class _Any(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "text"


_SILENT = Alert("webhook", "hook", "p", "title", Status.FIRING, Kind.DRIFT, datetime(2026, 1, 1, tzinfo=UTC))
_TALKATIVE = replace(
    _SILENT,
    model="text",
    version="text",
    environment="text",
    severity="text",
    summary="text",
    measures=(Measure("psi", 0.4, 0.25, ">", 0.1, 1_000, "6h", "income", "web"),),
    labels=_Any(),
)
_SAMPLES = ((_SILENT, None), (_TALKATIVE, Model("name", "entity", "team", platform="platform")))
