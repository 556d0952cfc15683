"""How the traffic is split: the share of each version in percent."""

from collections.abc import Mapping

from bot.contract import Refused
from plugins.local import disk

FORM = 'Write {"split": {"7": 100}, "paused": false, "seq": 1} there.'
_WHOLE = 0.01  # how far the shares together may be from 100


def read(split: object) -> dict[str, float]:
    """The share of each version, of those that have one; Refused unless they make 100 together, or there is none."""
    if not isinstance(split, Mapping):
        raise Refused("The split is no object of shares.", FORM)
    found: dict[str, float] = {}
    for version, given in split.items():
        share = float(given) if isinstance(given, int | float) and not isinstance(given, bool) else -1.0
        if not 0.0 <= share <= 100.0:
            raise Refused("A share of the split is no number from 0 to 100.", FORM)
        if share:
            found[disk.named(version)] = share
    if found and abs(sum(found.values()) - 100.0) > _WHOLE:
        raise Refused(f"The shares make {sum(found.values()):g} %, not 100 %.", FORM)
    return found
