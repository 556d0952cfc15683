"""What `tocsin audit` prints: of a database, of an export, of checkpoints."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.cli import say

if TYPE_CHECKING:
    from bot.cli.audit_bundle import Found
    from bot.cli.audit_given import Given
    from bot.engine.compared import Compared
    from bot.model.checkpoint import Checkpoint
    from bot.model.verifying import Broken, Erasure, Walked

HEAD = ("chain", "entries", "made", "signed", "posted")
FEW = 5  #: of many things alike that are named


@dataclass(frozen=True)
class Whole:
    """What was found in a database."""

    walks: "Mapping[str, Walked]"
    outside: "Sequence[Compared]"
    own: "Sequence[Compared]"
    given: "Given"

    @property
    def broken(self) -> "list[Broken]":
        """Of each chain the first bad entry, by itself or by what checkpoints say."""
        from bot.model.verifying import Broken

        found = {chain: walked.broken for chain, walked in self.walks.items() if walked.broken}
        for one in (*self.own, *self.outside):
            differs, known = one.differs, found.get(one.chain)
            if differs and (known is None or differs.upto < known.seq):
                found[one.chain] = Broken(differs.chain, differs.seq, differs.what)
        return [found[chain] for chain in sorted(found)]

    @property
    def ok(self) -> bool:
        """Nothing speaks against it."""
        return not self.broken and not self.given.faults

    @property
    def erasures(self) -> "list[Erasure]":
        """All that were recorded, of every chain."""
        return [one for walked in self.walks.values() for one in walked.erasures]


def whole_data(whole: Whole) -> dict[str, Any]:
    """For programs."""
    return {
        "ok": whole.ok,
        "entries": sum(walked.count for walked in whole.walks.values()),
        "broken": whole.broken,
        "erasures": whole.erasures,
        "vouched": {one.chain: one.vouched for one in whole.outside},
        "faults": whole.given.faults,
        "remarks": whole.given.remarks,
    }


def whole_lines(whole: Whole) -> None:
    """For people."""
    for fault in whole.broken:
        say.line(f"broken: chain {fault.chain}, entry {fault.seq}: {fault.what}")
    for wrong in whole.given.faults:
        say.line(f"wrong: {wrong}.")
    _erased(whole.erasures)
    for one in whole.outside:
        if not one.differs:
            say.line(f"chain {one.chain}: the checkpoints given vouch for entries 1 to {one.vouched}.")
    for remark in whole.given.remarks:
        say.line(f"note: {remark}.")
    count, broken = sum(walked.count for walked in whole.walks.values()), whole.broken
    verdict = f"{len(broken)} chain(s) are not as they were written" if broken else "every chain is whole"
    say.line(f"{count} entries read; {verdict}.")
    if not whole.outside and not broken:
        say.line("A rewrite of everything, or an old copy put back, shows with --checkpoints FILE alone.")


def data(found: "Found") -> dict[str, Any]:
    """An export, for programs."""
    judged = found.judged
    told = say.plain(judged) if judged else {}
    told.pop("broken", None)
    told["fits"] = [checkpoint(one) for one in judged.fits] if judged else []
    verdict = {"ok": found.ok, "proven_by": found.proven or None, "faults": found.faults, "remarks": found.remarks}
    return {**verdict, "log": found.name, "asked": found.asked, **told}


def lines(found: "Found") -> None:
    """An export, for people."""
    if judged := found.judged:
        span = f"entries {judged.first} to {judged.last}" if judged.shown else "no entries"
        say.line(f"{judged.chain} of {found.name}: {span}, {judged.shown} shown, {judged.since} to {judged.until}.")
        if found.asked:
            say.line(f"It says that it was asked for {found.asked}.")
        if judged.withheld:
            runs = ", ".join(_span(*run) for run in judged.withheld[:FEW])
            more = f" and {len(judged.withheld) - FEW} runs more" if len(judged.withheld) > FEW else ""
            say.line(f"Not shown, though between them: {runs}{more}.")
        for first, last in judged.outside:
            say.line(f"Not shown, as it lies {'before' if last < judged.first else 'behind'}: {_span(first, last)}.")
        _erased(judged.erasures)
        say.line(f"It fits {len(judged.fits)} checkpoint(s), the last of {judged.covered} entries.")
    for fault in found.faults:
        say.line(f"broken: {fault}.")
    for remark in found.remarks:
        say.line(f"note: {remark}.")
    say.line(_verdict(found))


def _span(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}-{last}"


def _verdict(found: "Found") -> str:
    if found.faults:
        return "So it is not shown to be what was written."
    if found.proven:
        return (
            f"It is what was written: {found.proven} vouch{'es' if found.proven.endswith('key given') else ''} for it."
        )
    return (
        "It is consistent with itself, which shows nothing of who made it: whoever did could have made its key, too. "
        "Give a key that did not come with it (--key), or checkpoints that were posted (--checkpoints)."
    )


def _erased(erasures: "Iterable[Erasure]") -> None:
    for one in erasures:
        place = f", of {one.place_only} of them only the place is vouched for" if one.place_only else ""
        say.line(
            f"erased: {one.entries} entries of {one.chain} by {one.by} at {one.at} (entry {one.seq}){place}: {one.why}"
        )


def checkpoint(one: "Checkpoint") -> dict[str, Any]:
    """One for programs."""
    from bot.rules import signing

    told: dict[str, Any] = say.plain(replace(one, peaks=()))
    told.pop("peaks")
    return {**told, "signed": signing.signed(one)}


def row(one: "Checkpoint") -> tuple[object, ...]:
    """One for people."""
    from bot.rules import signing

    posted = ", ".join(f"{to} ({where})" for to, where in sorted(one.posted.items()))
    return (one.chain, one.size, one.at, "yes" if signing.signed(one) else "no", posted)
