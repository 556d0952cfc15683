"""Which alerts belong to one incident."""

import json
from functools import lru_cache

import orjson

from bot.model.alert import Alert
from bot.model.estate import Model
from bot.rules import matching


def key(alert: Alert, model: Model | None, group_by: tuple[str, ...]) -> str:
    """The incident an alert belongs to: equal keys mean equal values in every field of `group_by`, never less.

    JSON of [[field, value], ...], so that no separator in an alert's text can merge what does not belong together.
    """
    values = [(field, find(alert, model)) for field, find in _getters(group_by)]
    try:
        return orjson.dumps(values).decode()
    except orjson.JSONEncodeError:
        # Half a surrogate pair, which is no UTF-8: written with its escape, which no other text has.
        return json.dumps(values)


@lru_cache(maxsize=256)
def _getters(group_by: tuple[str, ...]) -> tuple[tuple[str, matching.Getter], ...]:
    return tuple((field, matching.getter(field)) for field in group_by)
