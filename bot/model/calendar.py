"""A calendar that says who holds a layer of a rota: what it said last, and what is wrong with it now."""

from dataclasses import dataclass
from datetime import datetime

from bot.model.rota import Fixed


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays in force until the calendar says something else."""

    rota: str
    layer: str
    spans: tuple[Fixed, ...]
    changed_at: datetime  #: when the spans, or what is wrong, changed last
    read_at: datetime | None = None  #: when it could be read last
    fault: str = ""  #: what its rota's owner was told
