"""Holds the log in the database against checkpoints: those that come from elsewhere, and those it kept itself."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.engine.checkpoint import CHUNK
from bot.model.checkpoint import Checkpoint
from bot.rules.witnessed import Differs, Witness
from bot.store import Store, checkpoints


@dataclass(frozen=True, slots=True)
class Compared:
    """One chain: how long it is, up to which entry checkpoints vouch for it, and the first that differs."""

    chain: str
    entries: int
    vouched: int
    differs: Differs | None


async def against(store: Store, trusted: Iterable[Checkpoint]) -> list[Compared]:
    """Every chain that one of these speaks of; entries are read in their order, as far as none is missing."""
    by_chain: dict[str, list[Checkpoint]] = {}
    for one in trusted:
        by_chain.setdefault(one.chain, []).append(one)
    return [await _one(store, chain, its) for chain, its in sorted(by_chain.items())]


async def kept(store: Store) -> list[Checkpoint]:
    """All that the database itself has kept."""
    chains = await store.read(checkpoints.newest)
    return [one for chain in chains for one in await store.read(lambda tx, chain=chain: checkpoints.every(tx, chain))]  # type: ignore[misc]


async def _one(store: Store, chain: str, its: list[Checkpoint]) -> Compared:
    witness, whole = Witness(chain, its), True
    upto = max(one.size for one in its)
    while whole and witness.tree.end < upto:
        after = witness.tree.end
        rows = await store.read(lambda tx, after=after: checkpoints.hashes(tx, chain, after, upto, CHUNK))  # type: ignore[misc]
        for seq, sealed in rows:
            whole = seq == witness.tree.end + 1 and len(sealed) == 64
            differs = witness.see(sealed) if whole else None
            if differs:
                return Compared(chain, witness.tree.end, witness.agreed, differs)
            if not whole:
                break
        if not rows:
            break
    return Compared(chain, witness.tree.end, witness.agreed, next(witness.missing(), None))
