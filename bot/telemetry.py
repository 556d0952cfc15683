"""Structured logs with redaction, and metrics (the home of structlog and prometheus_client)."""

import logging
import re
import sys
from collections.abc import Mapping
from typing import TextIO, cast

import prometheus_client
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "[hidden]"
_DEPTH = 6

_SECRET_KEY = re.compile(
    r"(?i)pass(?:word|wd|phrase)|secret|token(?!s)|authori[sz]ation|api_?-?key|credential|cookie|signature"
)
_SECRET_TEXT = re.compile(
    r"""
    # Slack's tokens
    \b(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w%.-]+
    # what follows in an Authorization header
    | (?i:\b(?:bearer|basic)\s+)[\w+/=.~-]{6,}
    # an incoming webhook is a secret as a whole
    | (?<=hooks\.slack\.com/services/)[\w/]+
    # so is the key in the address of a calendar: ours, Google's, Outlook's, PagerDuty's
    | (?<=/calendars/)[\w.-]{16,}
    | (?<=/calendar/ical/)\S+ | (?<=/owa/calendar/)\S+ | (?<=/private/)[\w-]{8,}\S*
    # user:password@ in a URL
    | (?<=://)[^\s/@:]*:[^\s/@]+(?=@)
    # name=value and "name": "value"
    | (?i:\b[\w-]{0,40}(?:password|passwd|secret|token|api_?key|signature)[\"']?\s*[=:]\s*)
      (?:\"[^\"]*\"|'[^']*'|[^\s,;&}\"']+)
    """,
    re.VERBOSE,
)


def redacted(value: object, depth: int = 0) -> object:
    """The value without what looks like a secret; mappings and lists are walked six levels deep, the rest is hidden."""
    if isinstance(value, str):
        return _SECRET_TEXT.sub(HIDDEN, value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth >= _DEPTH:
        return HIDDEN
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if isinstance(key, str) and _SECRET_KEY.search(key) and item else redacted(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(item, depth + 1) for item in value]
    return _SECRET_TEXT.sub(HIDDEN, value.decode(errors="replace") if isinstance(value, bytes) else repr(value))


def _redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    # structlog's own marks (the record it came from) are taken out again before anything is written.
    own = {key: value for key, value in event.items() if key.startswith("_")}
    return {**cast(EventDict, redacted({k: v for k, v in event.items() if k not in own})), **own}


# A traceback is text by the time it is redacted: an exception's message is where secrets like to hide.
_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _redact,
]

structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    wrapper_class=structlog.stdlib.BoundLogger,
    logger_factory=structlog.stdlib.LoggerFactory(),
)


def logger(room: str) -> structlog.stdlib.BoundLogger:
    """The log of a room; every event is redacted before it is written: `log.info("job.settled", job=id)`."""
    named: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(f"tocsin.{room}")
    return named


#: Libraries that tell of every ring, request and plugin at info.
_CHATTY = ("apscheduler", "alembic", "uvicorn", "slack_bolt", "slack_sdk", "httpx")


def configure(json: bool, *, level: str = "info", stream: TextIO | None = None) -> None:
    """Send the logs, ours and those of every library, through the redaction to `stream` (standard error), once.

    `json` writes one JSON object a line, otherwise lines for a person.
    """
    out = stream or sys.stderr
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=repr)
        if json
        else structlog.dev.ConsoleRenderer(
            colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


REGISTRY = CollectorRegistry(auto_describe=True)
prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
prometheus_client.ProcessCollector(namespace="tocsin", registry=REGISTRY)

_SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LATE = (0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_LONG = (60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400, 172_800)

ALERTS = Counter(
    "tocsin_alerts", "Alerts by what became of them: new, repeat, resolved, dropped, held.", ["connection", "outcome"],
    registry=REGISTRY,
)  # fmt: skip
REFUSED = Counter("tocsin_refused", "Deliveries refused, by reason.", ["connection", "why"], registry=REGISTRY)
PAGES = Counter("tocsin_pages", "Pages by channel and outcome.", ["channel", "outcome"], registry=REGISTRY)
REPLIES = Counter(
    "tocsin_page_replies",
    "What people sent back, by connection and what it asks for.",
    ["connection", "says"],
    registry=REGISTRY,
)
JOBS = Counter("tocsin_jobs", "Jobs settled, by kind and outcome.", ["kind", "outcome"], registry=REGISTRY)
JOB_LATENESS = Histogram(
    "tocsin_job_lateness_seconds", "Seconds from a job's due time to its claim.", ["lane"], buckets=_LATE,
    registry=REGISTRY,
)  # fmt: skip
OLDEST_DUE_JOB = Gauge(
    "tocsin_oldest_due_job_seconds", "Seconds the oldest due job has waited; 0 when none does.", registry=REGISTRY
)
OUTBOX_AGE = Gauge(
    "tocsin_outbox_age_seconds", "Seconds the oldest page or card owed has waited; 0 when none does.", registry=REGISTRY
)
LOOP_LAG = Gauge("tocsin_loop_lag_seconds", "Seconds the event loop came late to its last turn.", registry=REGISTRY)
ACK_LATENCY = Histogram(
    "tocsin_ack_latency_seconds", "Seconds from a Slack delivery to its acknowledgement.", buckets=_SHORT,
    registry=REGISTRY,
)  # fmt: skip
PLUGIN_CALLS = Counter(
    "tocsin_plugin_calls", "Calls to plugins: ok, refused, fault, silent, open.", ["plugin", "part", "outcome"],
    registry=REGISTRY,
)  # fmt: skip
PLUGIN_SECONDS = Histogram(
    "tocsin_plugin_seconds", "Seconds a call to a plugin took.", ["plugin", "part"], buckets=_SHORT, registry=REGISTRY
)
SLACK_CALLS = Counter("tocsin_slack_calls", "Calls to Slack's API.", ["method", "outcome"], registry=REGISTRY)
SLACK_UNFIT = Counter(
    "tocsin_slack_unfit", "Drawings that Slack would refuse, sent in a plainer form.", ["surface"], registry=REGISTRY
)
RELOADS = Counter("tocsin_reloads", "Configuration and runbooks read again.", ["what", "outcome"], registry=REGISTRY)
RUNBOOK_COVERAGE = Gauge(
    "tocsin_runbook_coverage", "Share of the last 30 days' incidents and alerts with a specific runbook, 0 to 1.",
    ["entity", "of"], registry=REGISTRY,
)  # fmt: skip
WAY_BACK = Gauge(
    "tocsin_way_back_share", "Share of the models and agents that could be rolled back when looked at, 0 to 1.",
    ["entity"], registry=REGISTRY,
)  # fmt: skip
ARMED = Gauge(
    "tocsin_armed_tiers", "Share of all tiers that reach somebody at every instant of the next 14 days, 0 to 1.",
    registry=REGISTRY,
)  # fmt: skip
CHECKPOINT_AGE = Gauge(
    "tocsin_checkpoint_age_seconds", "Seconds the oldest entry of the log that no checkpoint covers has waited; or 0.",
    registry=REGISTRY,
)  # fmt: skip
INCIDENT_SECONDS = Gauge(
    "tocsin_incident_seconds", "Seconds an incident of the last 30 days took, by what: to acknowledge and so on.",
    ["entity", "to", "stat"], registry=REGISTRY,
)  # fmt: skip
ALERT_PRECISION = Gauge(
    "tocsin_alert_precision", "Share of the last 30 days' incidents of known worth that were useful, 0 to 1.",
    ["entity"], registry=REGISTRY,
)  # fmt: skip
NIGHT_PAGES = Gauge(
    "tocsin_night_pages", "Pages of the last 30 days that came at night, where whoever was paged sleeps.", ["entity"],
    registry=REGISTRY,
)  # fmt: skip

RETRAINS = Counter(
    "tocsin_retrains", "Retrains that ended, by outcome: passed, missed, unjudged, cancelled, failed.", ["outcome"],
    registry=REGISTRY,
)  # fmt: skip
RETRAIN_SECONDS = Histogram(
    "tocsin_retrain_seconds", "Seconds a run of a retrain took.", buckets=_LONG, registry=REGISTRY
)


def exposition() -> bytes:
    """Every metric in Prometheus' text format (`text/plain; version=0.0.4`)."""
    return prometheus_client.generate_latest(REGISTRY)
