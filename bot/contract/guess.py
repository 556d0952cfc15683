"""Guesses an alert's kind from the names people give to alerts and metrics."""

import re
from functools import lru_cache

from bot.model.alert import Kind

_LOOKED_AT = 300  # characters of a name
_SEAM = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[45]xx)|[^A-Za-z0-9]+")
_PAIR = re.compile(r"\b(data|token|time) (quality|usage|out)\b")
_SYNONYMS = {
    "quality": Kind.DATA_QUALITY,
    "data": Kind.DATA_QUALITY,
    "dq": Kind.DATA_QUALITY,
    "perf": Kind.PERFORMANCE,
    "model-quality": Kind.PERFORMANCE,
    "error": Kind.FAILURE,
    "errors": Kind.FAILURE,
    "availability": Kind.FAILURE,
    "outage": Kind.FAILURE,
    "guardrail": Kind.SAFETY,
    "staleness": Kind.FRESHNESS,
}
# Whole words of a name (drift, not adrift), in the order in which they are asked: what says most comes first.
_WORDS = {
    Kind.DRIFT: "drift drifted drifting skew psi ks kl jsd wasserstein divergence",
    Kind.SAFETY: "toxicity toxic injection jailbreak pii hallucination hallucinations guardrail guardrails harmful "
    "unsafe safety bias fairness moderation",
    Kind.DATA_QUALITY: "null nulls missing schema duplicate duplicates completeness validity outlier outliers "
    "expectation expectations constraint constraints dataquality",
    Kind.FRESHNESS: "stale staleness fresh freshness lag delayed outdated overdue",
    Kind.COST: "cost costs spend spending tokens tokenusage billing",
    Kind.PERFORMANCE: "accuracy auc auroc f1 precision recall rmse mae mape logloss performance calibration ndcg",
    Kind.LATENCY: "latency latencies slow slowness duration ttft p50 p90 p95 p99 p999 seconds",
    Kind.FAILURE: "error errors 4xx 5xx down failed failing failure failures crash crashed crashloop crashlooping oom "
    "unavailable timeout timeouts absent",
}
_RANK = {kind: rank for rank, kind in enumerate(_WORDS)}
_ASKED = {word: kind for kind, words in _WORDS.items() for word in words.split()}


@lru_cache(1024)
def named(word: str) -> Kind | None:
    """The kind a sender named outright (`data_quality`, `Data Quality`, `error`), or None when it is none of ours."""
    plain = re.sub(r"[\s_-]+", "-", word.strip().lower())
    return Kind(plain) if plain in Kind._value2member_map_ else _SYNONYMS.get(plain)


@lru_cache(4096)
def kind(*names: str) -> Kind | None:
    """The kind of which the first telling name speaks, or None when none does: `FeatureDriftPSIHigh` is drift."""
    for name in names:
        words = _PAIR.sub(r"\1\2", _SEAM.sub(" ", name[:_LOOKED_AT]).lower()).split()
        found = [_ASKED[word] for word in words if word in _ASKED]
        if found:
            return min(found, key=_RANK.__getitem__)
    return None
