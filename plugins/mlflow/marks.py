"""What Tocsin writes into a run of MLflow so that it is found again, and what it hands to the training."""

import hashlib
import json
import re
from collections.abc import Mapping

from bot.contract import Order, Refused

TOKEN, KEY, WAY = "tocsin.token", "tocsin.key", "tocsin.way"
ASKED, DELEGATED, REFUSED, CANCELLED = "tocsin.asked", "tocsin.delegated", "tocsin.refused", "tocsin.cancelled"
MODEL, REGISTERED = "tocsin.model", "tocsin.registered_model"
STAGE, SHARE, COST, LOG = "tocsin.stage", "tocsin.share", "tocsin.cost", "tocsin.log"  #: that a training may write
#: The parameter that says who hands the run on. Tags can be overwritten; a parameter of MLflow keeps its first value.
CLAIM = "tocsin.delegating"
VOID = "void"  #: its value for a run that nobody may hand on
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
_LARGEST = 32_768  # characters of one variable; the machine allows 131,072
_SHOWN = 2_000  # characters of a tag


def fit(token: str) -> bool:
    """Whether it is a plain word, as every token of Tocsin is."""
    return _TOKEN.fullmatch(token) is not None


def key(token: str, model: str) -> str:
    """What a run of this token is searched by: some databases do not tell A from a."""
    return hashlib.sha256(f"{model}\0{token}".encode("utf-8", "replace")).hexdigest()[:32]


def ours(tags: Mapping[str, str], model: str) -> bool:
    """Whether the tags are those of a run of ours for this model; anybody who may write to MLflow can set some."""
    token = tags.get(TOKEN, "")
    return fit(token) and tags.get(REGISTERED) == model and tags.get(KEY) == key(token, model)


def variables(order: Order, token: str, model: str, url: str) -> dict[str, str]:
    """The environment of the training, but MLFLOW_RUN_ID; Refused when it cannot be written down."""
    excluded = [[start.isoformat(), end.isoformat()] for start, end in order.excluded]
    try:
        parameters = json.dumps(dict(order.parameters), allow_nan=False)
    except (TypeError, ValueError):
        raise Refused("The parameters are no plain JSON.", "Use texts, numbers, lists and objects.") from None
    said = {
        "MLFLOW_TRACKING_URI": url,
        "TOCSIN_TOKEN": token,
        "TOCSIN_MODEL": order.model,
        "TOCSIN_REGISTERED_MODEL": model,
        "TOCSIN_SINCE": order.since.isoformat(),
        "TOCSIN_UNTIL": order.until.isoformat(),
        "TOCSIN_EXCLUDED": json.dumps(excluded),
        "TOCSIN_PARAMETERS": parameters,
    }
    if any(len(value) > _LARGEST or "\0" in value for value in said.values()):
        raise Refused(f"The order holds more than {_LARGEST:,} characters, or odd ones.", "Give it less to read.")
    return said


def tags(order: Order, token: str, model: str, way: str, told: Mapping[str, str]) -> dict[str, str]:
    """The tags of a new run."""
    return {
        TOKEN: token,
        KEY: key(token, model),
        WAY: way,
        MODEL: order.model[:_SHOWN],
        REGISTERED: model[:_SHOWN],
        "tocsin.since": told["TOCSIN_SINCE"],
        "tocsin.until": told["TOCSIN_UNTIL"],
        "tocsin.excluded": told["TOCSIN_EXCLUDED"][:_SHOWN],
        "mlflow.runName": f"{token} {order.model}"[:_SHOWN],
    }
