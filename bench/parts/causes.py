"""A year of made-up incidents whose causes are known: several families, several wordings each, and distractors."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.model.likeness import Trace
from bot.rules import similarity

START = datetime(2026, 1, 1, tzinfo=UTC)
MODELS = ("churn", "price", "fraud", "ranking", "eta", "credit", "demand", "support-agent", "search", "uplift")
FEATURES = (
    "amount", "age", "country", "device", "tenure", "balance", "clicks_7d", "basket_size", "hour", "merchant",
    "distance", "weather", "discount", "stock", "sessions_30d", "income",
)  # fmt: skip
TABLES = ("payments_daily", "events_raw", "crm_accounts", "geo_lookup", "fx_rates", "inventory_snapshot")
SERVICES = ("feature-gateway", "embedding-service", "vector-index", "auth-proxy", "pricing-api", "llm-gateway")
MONITORS = ("prom", "evidently", "grafana", "pagerduty", "airflow")


@dataclass(frozen=True)
class Family:
    """Causes of one sort: how monitors word them, which kinds and metrics they come with, and what makes one cause."""

    name: str
    wordings: tuple[str, ...]
    kinds: tuple[str, ...]
    metrics: tuple[str, ...]
    by: str  #: what a cause is of: feature (of one model), model, table or service (of whichever model meets it)
    changed: float = 0.0  #: how often a deploy came before


FAMILIES = (
    Family(
        "unit changed upstream",
        (
            "PSI of {feature} is {n}: mean moved by a factor of {k}",
            "{feature} drifted on {model} (population stability {n})",
            "Feature drift: distribution of {feature} shifted, values {k} times larger",
            "DataDriftAlert {model}/{feature} above threshold",
        ),
        ("drift",), ("psi", "wasserstein"), "feature", 0.1,
    ),
    Family(
        "nulls from a schema change",
        (
            "Null rate of {feature} is {n}",
            "{k} percent of {feature} missing in the serving stream of {model}",
            "Data quality: {feature} arrives empty, column renamed?",
            "Expectation expect_column_values_to_not_be_null({feature}) failed",
        ),
        ("data-quality", "drift"), ("null_rate", "missing_share"), "feature", 0.2,
    ),
    Family(
        "table late",
        (
            "Table {table} is {k} hours late",
            "Freshness of {table}: last partition {k}h ago",
            "Upstream {table} has not landed, {model} scores stale rows",
            "DAG load_{table} missed its SLA",
        ),
        ("freshness", "failure"), ("age_hours",), "table",
    ),
    Family(
        "service times out",
        (
            "Timeouts calling {service} from {model}: {n} of requests",
            "p99 latency of {model} {k} s, waiting for {service}",
            "upstream request timeout {service} 504",
            "{service} deadline exceeded, circuit open",
        ),
        ("latency", "failure"), ("p99", "error_rate"), "service",
    ),
    Family(
        "out of memory",
        (
            "Pod of {model} OOMKilled {k} times",
            "Container {model}-server exceeded its memory limit",
            "{model} restarts in a loop: out of memory while loading the model",
        ),
        ("failure",), ("restarts",), "model", 0.5,
    ),
    Family(
        "bad version",
        (
            "Accuracy of {model} fell to {n} since the new version",
            "AUC of {model} {n} below baseline after the rollout",
            "Champion of {model} performs worse than the one before: {n}",
            "ModelPerformanceDegraded {model}",
        ),
        ("performance",), ("auc", "accuracy"), "model", 0.9,
    ),
    Family(
        "labels delayed",
        (
            "Only {k} labels joined for {model} in the window",
            "Metric of {model} not computable: ground truth delayed",
            "Label coverage {n} for {model}, attribution job behind",
        ),
        ("data-quality", "performance"), ("label_coverage",), "model",
    ),
    Family(
        "token spend",
        (
            "Token cost of {model} {k} times the budget",
            "Spend per conversation of {model} rose to {n} USD, tool loop suspected",
            "{model} runs in circles: {k} tool calls per task",
        ),
        ("cost",), ("tokens", "cost_usd"), "model", 0.3,
    ),
    Family(
        "gpu lost",
        (
            "CUDA error: device unavailable on the nodes of {model}",
            "Xid {k}: GPU has fallen off the bus",
            "{model} inference falls back to CPU, GPU not found",
        ),
        ("failure", "latency"), ("gpu_utilisation",), "model",
    ),
)  # fmt: skip
NOISE = ("", "", " in eu-west", " (production)", " - see dashboard", " job 8f{k}a", " at 03:{k} UTC", " [auto]")


@dataclass(frozen=True)
class Labelled:
    """An incident, and what caused it."""

    trace: Trace
    cause: str


def year(seed: int, causes: int = 160, alone: int = 60) -> list[Labelled]:
    """Causes that come back two to seven times and some that come once, in order of time; the same for one seed."""
    chance = random.Random(seed)
    found = [one for number in range(causes + alone) for one in _incidents(chance, number, again=number < causes)]
    found.sort(key=lambda one: one.trace.at)
    return found


def _incidents(chance: random.Random, number: int, *, again: bool) -> Iterator[Labelled]:
    family = chance.choice(FAMILIES)
    model, feature = chance.choice(MODELS), chance.choice(FEATURES)
    table, service = chance.choice(TABLES), chance.choice(SERVICES)
    of = {"feature": f"{model}/{feature}", "model": model, "table": table, "service": service}[family.by]
    first = START + timedelta(days=chance.uniform(0, 300))
    for _ in range(chance.randint(2, 7) if again else 1):
        about = model if family.by in ("feature", "model") else chance.choice(MODELS)
        first += timedelta(days=chance.uniform(0.5, 20))
        yield Labelled(_trace(chance, family, first, {
            "model": about, "feature": feature, "table": table, "service": service,
        }), f"{family.name} of {of}")  # fmt: skip


def _trace(chance: random.Random, family: Family, at: datetime, names: dict[str, str]) -> Trace:
    numbers = {"n": f"{chance.uniform(0.02, 0.98):.2f}", "k": chance.randint(2, 99)}
    text = (chance.choice(family.wordings) + chance.choice(NOISE)).format(**names, **numbers)
    metric = chance.choice(family.metrics)
    features = {names["feature"]} if family.by == "feature" and chance.random() < 0.9 else set()
    if family.by == "model" and chance.random() < 0.15:  # a distractor: what else moved at that time
        features = {chance.choice(FEATURES)}
    model = names["model"] if chance.random() < 0.95 else None
    return Trace(
        id=f"{at.isoformat()}/{chance.random()}",
        at=at,
        model=model,
        kind=chance.choice(family.kinds),
        text=f"{text} {metric} {' '.join(sorted(features))}".strip(),
        monitors=frozenset({chance.choice(MONITORS)}),
        features=frozenset(features),
        names=similarity.names(text, model, *features),
        metrics=frozenset({metric} if chance.random() < 0.8 else ()),
        changed=chance.random() < family.changed or chance.random() < 0.1,
    )
