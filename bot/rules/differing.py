"""What of a policy would be other by another: tiers, waits, targets, rounds, last resort, in sentences."""

from collections.abc import Iterator
from datetime import timedelta

from bot import documents
from bot.model.rota import Window
from bot.model.runbook import Only, Policy, Stage, Tier

NONE = "nobody"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def between(was: Policy, now: Policy) -> Iterator[str]:
    """One sentence for each thing that `now` has otherwise; none where they are the same."""
    old, new = ({tier.name: tier for tier in policy.tiers} for policy in (was, now))
    for name in old.keys() - new.keys():
        yield f"{name} is no more."
    for name in (tier.name for tier in now.tiers):
        if name not in old:
            yield f"{name} is new: it {_told(new[name])}."
        elif len(old[name].stages) == len(new[name].stages) > 0:
            yield from _stages(name, old[name], new[name])
        elif _told(old[name]) != _told(new[name]):
            yield f"{name} {_told(new[name])}; it {_told(old[name])} before."
    if was.start != now.start:
        yield f"Rounds start at {now.start}, not at {was.start}."
    if was.repeats != now.repeats:
        yield f"All tiers are tried again {now.repeats} times, not {was.repeats}."
    if was.fallback != now.fallback:
        yield f"The last resort is {_listed(now.fallback)}, not {_listed(was.fallback)}."
    if was.urgency != now.urgency:
        yield f"Pages are of {now.urgency} urgency, not {was.urgency}."
    if was.owner != now.owner:
        yield f"Its owner is {now.owner or NONE}, not {was.owner or NONE}."
    yield from _kept(was, now)


def _kept(was: Policy, now: Policy) -> Iterator[str]:
    """How whoever holds it is reminded; what they may do alone."""
    for name, old, new in (("reminded", was.remind, now.remind), ("relieved", was.give_back, now.give_back)):
        if old != new:
            yield f"Whoever takes it is {name} after {_length(new)}, not {_length(old)}."
    may = {tier.name: tier.may for tier in was.tiers}
    for tier in now.tiers:
        if tier.name in may and may[tier.name] != tier.may:
            yield f"{tier.name} may do alone: {_alone(tier.may)}; before: {_alone(may[tier.name])}."


def _stages(name: str, was: Tier, now: Tier) -> Iterator[str]:
    """A tier of as many stages as before: only those that are other."""
    for number, (old, new) in enumerate(zip(was.stages, now.stages, strict=True), 1):
        if _stage(old) != _stage(new):
            yield f"{name} stage {number} {_stage(new)}; it {_stage(old)} before."


def _alone(levers: tuple[str, ...]) -> str:
    return ", ".join(levers) or "nothing"


def _told(tier: Tier) -> str:
    if not tier.stages:
        return f"pages {_listed(tier.page)} and waits {_length(tier.answer_within)}"
    return "goes by stages: " + "; ".join(f"{n}. {_stage(one)}" for n, one in enumerate(tier.stages, 1))


def _stage(stage: Stage) -> str:
    said = [f"pages {_listed(stage.page)}"] if stage.page else []
    said += ["one in turn"] if stage.in_turn else []
    said += ["all must acknowledge"] if stage.all_must else []
    said += [f"may spend {stage.spend:g}"] if stage.spend else []
    said += [f"until {hours(stage.until)}"] if stage.until else []
    said += [f"waits {_length(stage.wait)}"] if stage.wait else []
    said += [f"back to {stage.back_to}, {stage.times} times"] if stage.back_to else []
    said += [_only(stage.only)] if stage.only else []
    return ", ".join(said)


def _only(only: Only) -> str:
    said = [f"for more than {only.more_than} alerts within {_length(only.within)}"] if only.more_than else []
    said += [f"only at {hours(only.hours)}"] if only.hours else []
    return " and ".join(said)


def hours(windows: tuple[Window, ...]) -> str:
    """Windows in a line, as in `mon,tue 09:00-18:00`."""
    return ", ".join(map(_window, windows))


def _window(window: Window) -> str:
    days = ",".join(DAYS[day] for day in sorted(window.days)) if len(window.days) < len(DAYS) else "every day"
    return f"{days} {window.start:%H:%M}-{window.end:%H:%M}"


def _listed(targets: tuple[str, ...]) -> str:
    return " + ".join(targets) or NONE


def _length(length: timedelta) -> str:
    return documents.written(length)
