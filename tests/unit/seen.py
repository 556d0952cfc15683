"""Incidents as drawings see them, in every state there is."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.engine import declare
from bot.model.alert import Alert, KeptAlert, Kind, Measure, Status
from bot.model.checklist import Item, Step
from bot.model.entry import Entry, Sealed
from bot.model.incident import ENDED, FALSE_ALARM, MERGED, RESOLVED, Incident, Phase
from bot.model.page import ASKED, Page, PageState
from bot.model.people import Person
from bot.model.runbook import Policy, Tier
from bot.model.view import NextStep, Remark, View

NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)
OPENED = NOW - timedelta(minutes=2)
ADA, BO = Person("ada", slack="U01ADA"), Person("bo", slack="U01BO")
POLICY = Policy((Tier("L1", ("person:ada",), timedelta(minutes=10)),), "L1")
PSI = Measure("psi", 0.31, 0.2, ">", baseline=0.04, sample_size=48_000, window="6h", feature="age", segment="eu")


def incident(**more: Any) -> Incident:
    """An unanswered incident about churn v7."""
    facts: dict[str, Any] = {
        "id": "INC-7",
        "key": "k",
        "title": "Feature drift",
        "phase": Phase.TRIGGERED,
        "severity": "sev2",
        "entity": "retail",
        "kind": "drift",
        "model": "churn",
        "model_version": "7",
        "environment": "production",
        "runbook": "feature-drift",
        "runbook_revision": "r1",
        "why": "kind = drift matches. SEV2: drift.verdict = confirmed. Starts at L1.",
        "policy": POLICY,
        "tier": "L1",
        "round": 0,
        "step": 1,
        "opened_at": OPENED,
        "changed_at": OPENED,
        "version": 3,
        "next_step_at": NOW + timedelta(minutes=8),
        "alerts_firing": 1,
        "alerts_total": 1,
    }
    return Incident(**(facts | more))


def kept(**more: Any) -> KeptAlert:
    """An alert as the store keeps it."""
    facts: dict[str, Any] = {
        "source": "test",
        "connection": "prom",
        "problem": "p",
        "title": "Feature drift",
        "status": Status.FIRING,
        "kind": Kind.DRIFT,
        "started_at": OPENED,
        "measures": (Measure("psi", 0.31, 0.2, ">", feature="age"),),
    }
    alert = Alert(**(facts | more))
    return KeptAlert(alert, alert.status, 0, OPENED, NOW, None)


def view(of: Incident | None = None, **more: Any) -> View:
    """The incident with ada paged and bo next."""
    facts: dict[str, Any] = {
        "incident": of or incident(),
        "headline": "",
        "alerts": (kept(),),
        "pages": (),
        "runbook_title": "Features drifted",
        "owner_team": "churn-ml",
        "holder": None,
        "waiting_for": (ADA,),
        "next_step": NextStep(NOW + timedelta(minutes=8), "L2", "bo"),
        "timeline": (),
    }
    return View(**(facts | more))


def page(**more: Any) -> Page:
    """Ada's page of the first step."""
    facts: dict[str, Any] = {
        "id": "INC-7/1/ada/slack",
        "incident": "INC-7",
        "step": 1,
        "tier": "L1",
        "person": "ada",
        "channel": "slack",
        "why": "on call in first-line (weekly)",
        "state": PageState.SENT,
        "decided_at": OPENED,
        "due_at": OPENED,
    }
    return Page(**(facts | more))


def to_join(**more: Any) -> Page:
    """Bo is asked to join."""
    about = {"id": "INC-7/1.1/bo/slack", "tier": ASKED, "person": "bo", "why": "ada asks you to join."}
    return page(**(about | more))


def held(**more: Any) -> View:
    """Ada has it."""
    facts = {"phase": Phase.ACKNOWLEDGED, "holder": "ada", "version": 4, "next_step_at": None, "changed_at": NOW}
    return view(incident(**(facts | more)), holder=ADA, waiting_for=(), next_step=None)


def closed(resolution: str = RESOLVED, kind: str = "incident.resolved", by: str = "person:bo", **more: Any) -> View:
    """It is over; bo closed it unless `by` says otherwise."""
    why = str(more.pop("why", ""))
    facts = {"phase": Phase.RESOLVED, "version": 5, "next_step_at": None, "resolved_at": NOW, "alerts_firing": 0}
    sealed = Sealed(Entry("retail", kind, NOW, by, "INC-7", why), 9, NOW, "", "")
    over = incident(**(facts | {"resolution": resolution} | more))
    return view(over, waiting_for=(), next_step=None, timeline=(sealed,))


def by_hand() -> View:
    """Declared by a person, about an entity without a model."""
    said = kept(source=declare.SOURCE, connection=declare.CONNECTION, measures=(), summary="Refunds are wrong since 3.")
    about = incident(model=None, model_version=None, title="Refunds look wrong", why="Opened by hand by cy.")
    return view(about, alerts=(said,))


def rich() -> View:
    """Everything an alert can carry, more than one alert, and one that is over."""
    one = kept(
        model="churn",
        version="7",
        measures=(PSI, Measure("null_share", 0.02, breached=False), Measure("ks", None, 0.1)),
        summary="Two features moved.",
        labels={"team": "churn-ml", "severity": "page", "alertname": "Drift <!channel>"},
        links=(
            "https://grafana.example/d/abc?var=1",
            "javascript:alert(1)",
            "https://runs.example/7",
            "https://x.example",
        ),
    )
    over = kept(title="Nulls in tenure", status=Status.RESOLVED, measures=(), kind=Kind.DATA_QUALITY)
    return view(incident(alerts_firing=2, alerts_total=5, repeats=3), alerts=(one, over))


STEPS = (
    Step("aaaa1111", 1, "Check first", "Did an **upstream** table change? See `dbt`."),
    Step("bbbb2222", 2, "Check first", "Look at [the dashboard](https://grafana.example/d/abc)."),
    Step("cccc3333", 1, "Act", "Roll back to the version before."),
)


def worked(**more: Any) -> View:
    """The first step is ticked, two notes are written."""
    items = (Item(STEPS[0], "ada", NOW), Item(STEPS[1]), Item(STEPS[2]))
    said = Remark("The feed was late <!here>", "ada", OPENED, "command")
    quoted = Remark("we changed the join", "bo", NOW, "reaction", "slack:U01CY", "C1/1.2", "https://acme.example/p1")
    return view(**({"checklist": items, "notes": (said, quoted)} | more))


GATHERS = "It gathers alerts for 30s first."
NIGHT = "Quiet hours (nights) for sev4 until 2026-11-23 07:00 +03."


def waits(why: str = GATHERS, **more: Any) -> View:
    """Nobody is paged yet; `step` 1: ada was, and the next step waits."""
    due = NOW + timedelta(seconds=30)
    about = incident(**({"waits": why, "step": 0, "next_step_at": due} | more))
    if about.step:
        return view(about, next_step=NextStep(due, "L2", "bo"))
    return view(about, waiting_for=(), next_step=NextStep(due, "L1", "ada"))


def calm(**more: Any) -> View:
    """Nothing fires any more; ada was paged."""
    about = incident(alerts_firing=0, calm_since=NOW, **more)
    return view(about, alerts=(kept(status=Status.RESOLVED),), calm_until=NOW + timedelta(minutes=10))


def storm(gathered: int = 33) -> View:
    """It pages for `gathered` others."""
    about = incident(
        key="storm/retail", title="Many incidents of retail at once", kind="failure", model=None, model_version=None
    )
    child = {"storm": "INC-7", "step": 0, "next_step_at": None, "title": "Accuracy <!here> fell"}
    others = tuple(incident(id=f"INC-{n}", severity=f"sev{1 + n % 4}", **child) for n in range(8, 18))
    alert = kept(source="tocsin", connection="noise", measures=(), summary="More than 8 incidents of retail opened.")
    return view(about, alerts=(alert,), gathered=others[:gathered], gathered_total=gathered)


SNOOZED = {"snoozed_until": NOW + timedelta(minutes=30)}
CARDS: dict[str, View] = {
    "triggered": view(),
    "triggered_now": view(next_step=NextStep(NOW, "fallback", "eve")),
    "acknowledged": held(),
    "snoozed": held(**SNOOZED),
    "mitigated": held(phase=Phase.MITIGATED),
    "resolved": closed(),
    "ended": closed(ENDED, by="tocsin"),
    "false_alarm": closed(FALSE_ALARM, why="The monitor read last month's table."),
    "merged": closed(MERGED, "incident.merged", merged_into="INC-3", alerts_total=0),
    "declared": by_hand(),
    "exhausted": view(incident(exhausted=True, next_step_at=None), next_step=None),
    "unreached": view(waiting_for=(), next_step=None),
    "no_alerts": view(incident(alerts_firing=0, alerts_total=0), alerts=()),
    "many_alerts": rich(),
    "waits": waits(),
    "put_off": waits(NIGHT, step=1),
    "unpaged": closed(ENDED, by="tocsin", waits=GATHERS, step=0),
    "calm": calm(),
    "calm_held": calm(phase=Phase.ACKNOWLEDGED, holder="ada", next_step_at=None),
    "under_storm": view(incident(storm="INC-3", step=0, next_step_at=None), waiting_for=(), next_step=None),
    "holds": view(holds=12, holds_about=("basket", "churn", "price", "refund-agent", "search", "Table <!here> late")),
}
ANSWERED = page(state=PageState.ANSWERED, answered_at=NOW)
PAGES: dict[str, tuple[View, Page]] = {
    "sent": (view(), page()),
    "exhausted": (CARDS["exhausted"], page(tier="fallback")),
    "answered": (held(), ANSWERED),
    "moot": (held(), page(person="bo")),
    "resolved": (closed(), page()),
    "to_join": (held(), to_join()),
    "joined": (held(), to_join(state=PageState.ANSWERED, answered_at=NOW)),
}
