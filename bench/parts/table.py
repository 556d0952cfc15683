"""The figures side by side: Tocsin, the real Alertmanager, their ratio, and the target that was set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Row:
    """One line: which figure, what it is, how it is written, and what is aimed at."""

    key: str
    label: str
    form: str = "{:,.1f} ms"
    target: str = ""
    met: Callable[[float, float], bool] | None = None  #: (ours, theirs) -> reached


def _under(most: float) -> Callable[[float, float], bool]:
    return lambda ours, theirs: ours < most


def _share(least: float) -> Callable[[float, float], bool]:
    return lambda ours, theirs: ours >= least * theirs


RATE, SECONDS, MEGABYTES, COUNT = "{:,.0f} /s", "{:,.2f} s", "{:,.0f} MB", "{:,.0f}"
ROWS = (
    Row("alerts1", "alerts accepted, batches of 1", RATE, "ratio >= 0.15", _share(0.15)),
    Row("reply1_p50", "  reply p50"),
    Row("reply1_p99", "  reply p99"),
    Row("refused1", "  refused", COUNT),
    Row("alerts50", "alerts accepted, batches of 50", RATE, "ratio >= 0.4", _share(0.4)),
    Row("reply50_p50", "  reply p50"),
    Row("reply50_p99", "  reply p99"),
    Row("refused50", "  refused", COUNT),
    Row("seen10_p50", "POST to Slack message, 10/s, p50", target="< 15 ms", met=_under(15)),
    Row("seen10_p99", "  p99", target="< 75 ms", met=_under(75)),
    Row("paged10_p50", "  to the page by DM, p50"),
    Row("paged10_p99", "  p99"),
    Row("seen10_lost", "  never seen", COUNT),
    Row("seen100_p50", "POST to Slack message, 100/s, p50", target="< 15 ms", met=_under(15)),
    Row("seen100_p99", "  p99", target="< 75 ms", met=_under(75)),
    Row("paged100_p50", "  to the page by DM, p50"),
    Row("paged100_p99", "  p99"),
    Row("seen100_lost", "  never seen", COUNT),
    Row("storm_durable", "storm: accepted within", SECONDS, "< 2.5 s", _under(2.5)),
    Row("storm_page", "  first page after", SECONDS, "< 1 s", _under(1)),
    Row("storm_pages", "  pages", COUNT, "1", _under(1.5)),
    Row("storm_refused", "  refused", COUNT),
    Row("causes_durable", "storm of as many causes: accepted within", SECONDS),
    Row("causes_page", "  first page after", SECONDS),
    Row("causes_pages", "  pages", COUNT),
    Row("causes_last", "  last page after", SECONDS),
    Row("ready", "ready after start", SECONDS, "< 1.5 s", _under(1.5)),
    Row("ready_first", "  the first time, with migrations", SECONDS),
    Row("rss_calm", "memory after start", MEGABYTES),
    Row("rss", "memory after the storm", MEGABYTES, "< 150 MB", _under(150)),
)


def lines(ours: Figures, theirs: Figures) -> list[str]:
    """The table as text; a figure that neither has is left out."""
    out = [f"{'':44}{'Tocsin':>14}{'Alertmanager':>14}{'ratio':>9}  target", "-" * 104]
    for row in ROWS:
        if row.key not in ours and row.key not in theirs:
            continue
        a, b = ours.get(row.key, float("nan")), theirs.get(row.key, float("nan"))
        ratio = f"{a / b:.2f}" if a == a and b == b and b else ""
        known = a == a and (b == b or "ratio" not in row.target)
        verdict = "" if row.met is None or not known else " reached" if row.met(a, b) else " MISSED"
        cells = f"{_written(row.form, a):>14}{_written(row.form, b):>14}{ratio:>9}"
        out.append(f"{row.label:44}{cells}  {row.target}{verdict}".rstrip())
    return out


def _written(form: str, value: float) -> str:
    return form.format(value) if value == value else "-"
