"""Of a postmortem: what it is about, which version served and until when, what it learnt from, and who let it serve."""

from bot.engine import course, timeline
from bot.engine.postmortem_scene import Facts, Scene, when
from bot.model.retraining import Training
from bot.model.served import Moved
from bot.store import Tx, changes, trainings, ways_back

MOVES = 8  #: of the ledger that are shown
RUNS = 200  #: trainings that are looked through for the one that made a version


def identity(tx: Tx, scene: Scene) -> Facts:
    """The catalogue's word, the ledger's, and that of the training and the change behind the version that served."""
    model, incident = scene.model, scene.incident
    at = scene.served(incident.opened_at)
    version = incident.model_version or (at.serving.version if at else None)
    way = ways_back.of(tx, model.name) if model else None
    return {
        "model": incident.model,
        "catalogued": model is not None,
        "kind": model.kind if model else None,
        "team": model.team if model else None,
        "entity": incident.entity,
        "criticality": model.criticality if model else None,
        "platform": model.platform if model else None,
        "environment": incident.environment,
        "version": version,
        "by_monitor": incident.model_version,
        "by_ledger": course.split(at.serving) if at else None,
        "since": when(at.at) if at else None,
        "first_look": bool(at and at.why == "the first look"),
        "brought_by": _by(tx, scene, at),
        "approved_by": _approved(tx, at),
        "trained": _trained(tx, scene, version),
        "now": course.split(scene.moves[0].serving) if scene.moves else None,
        "way_back": way.to if way and way.possible else None,
        "way_back_why": way.why if way else None,
        "moves": [_move(tx, scene, one) for one in reversed(scene.moves[:MOVES])],
    }


def _move(tx: Tx, scene: Scene, one: Moved) -> Facts:
    return {
        "at": when(one.at),
        "until": when(one.until),
        "serving": course.split(one.serving),
        "by": _by(tx, scene, one),
        "change": one.change,
        "why": one.why,
    }


def _by(tx: Tx, scene: Scene, one: Moved | None) -> str | None:
    """Who brought it there, as far as anybody told."""
    if one is None or one.why == "the first look":
        return None
    kind, _, name = one.by.partition(":")
    return f"{name} (as the platform says)" if kind == "platform" else timeline.who(tx, scene.desk, one.by)


def _approved(tx: Tx, one: Moved | None) -> list[str] | None:
    """Who agreed to the change of ours that brought it; None where it was none of ours."""
    change = changes.get(tx, one.change) if one and one.change else None
    return [each.by for each in change.agreements] or [change.requested_by] if change else None


def _trained(tx: Tx, scene: Scene, version: str | None) -> Facts | None:
    """The run of ours that made this version; None where it was made elsewhere, or nobody knows."""
    if scene.model is None or version is None:
        return None
    runs = trainings.listing(tx, model=scene.model.name, limit=RUNS)
    made: Training | None = next((one for one in runs if one.version == version), None)
    if made is None:
        return None
    change = changes.get(tx, made.id)
    said = change.plan.parameters
    return {
        "change": made.id,
        "run": made.run,
        "link": made.link,
        "ended": when(made.ended_at),
        "since": said.get("since"),
        "until": said.get("until"),
        "excluded": [f"{start} to {end}" for start, end in said.get("excluded", ())],
        "approved_by": [one.by for one in change.agreements],
        "passed": made.passed,
        "metrics": [{"name": name, "value": value} for name, value in made.metrics.items()],
    }
