"""Finds which label or annotation says what; alerts of one rule share their names, so the answer is worth keeping."""

from collections.abc import Iterable
from dataclasses import dataclass

from plugins.alertmanager.settings import AlertmanagerSettings

NOTHING = ""  #: the name of a label that is not there

_KIND = ("kind", "category", "alert_kind")
_SEVERITY = ("severity", "priority", "level")
_SEGMENT = ("segment", "slice")
_SUMMARY = ("summary", "description", "message")
_NUMBERS = ("threshold", "baseline", "sample_size")
_LINKS = ("runbook_url", "runbook", "dashboard_url", "dashboard", "panel_url", "logs_url", "link", "url")


@dataclass(frozen=True, slots=True)
class Layout:
    """For each thing the name of the label that says it, or NOTHING; for texts and links the annotations."""

    model: str
    version: str
    environment: str
    entity: str
    feature: str
    segment: str
    severity: str
    kinds: tuple[str, ...]
    summary: tuple[str, ...]
    links: tuple[str, ...]
    more_numbers: bool  #: an annotation holds a threshold, a baseline or a sample size


def of(labels: tuple[str, ...], notes: tuple[str, ...], settings: AlertmanagerSettings) -> Layout:
    """The layout of an alert with these label and annotation names."""
    return Layout(
        model=_first(settings.model_labels, labels),
        version=_first(settings.version_labels, labels),
        environment=_first(settings.environment_labels, labels),
        entity=_first(settings.entity_labels, labels),
        feature=_first(settings.feature_labels, labels),
        segment=_first(_SEGMENT, labels),
        severity=_first(_SEVERITY, labels),
        kinds=tuple(name for name in _KIND if name in labels),
        summary=tuple(name for name in _SUMMARY if name in notes),
        links=tuple(name for name in _LINKS if name in notes),
        more_numbers=any(name in notes for name in _NUMBERS),
    )


def _first(wanted: Iterable[str], there: tuple[str, ...]) -> str:
    return next((name for name in wanted if name in there), NOTHING)
