"""Proves that a delivery is MLflow's: its HMAC over id, time and body, and a time that is not long ago."""

import base64
import hashlib
import hmac
from datetime import timedelta

from pydantic import SecretStr

from bot.contract import NotAuthentic, Request, reading

SIGNATURE, TIMESTAMP, DELIVERY = "x-mlflow-signature", "x-mlflow-timestamp", "x-mlflow-delivery-id"
_VERSION = "v1,"
_CURE = "Give the webhook in MLflow the connection's `secret`."


def sign(secret: str, delivery: str, timestamp: str, body: bytes) -> str:
    """The signature as MLflow writes it: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`."""
    signed = f"{delivery}.{timestamp}.".encode("utf-8", "backslashreplace") + body
    digest = hmac.new(secret.encode("utf-8", "backslashreplace"), signed, hashlib.sha256).digest()
    return _VERSION + base64.b64encode(digest).decode()


def check(request: Request, secret: SecretStr, tolerance: timedelta) -> None:
    """Returns when the request was signed with `secret` within `tolerance` of its receipt; raises NotAuthentic."""
    shown, timestamp = request.headers.get(SIGNATURE, ""), request.headers.get(TIMESTAMP, "")
    delivery = request.headers.get(DELIVERY, "")
    if not shown or not timestamp or not delivery:
        raise NotAuthentic("The request carries no signature of MLflow's.", _CURE)
    key = secret.get_secret_value()
    wanted = sign(key, delivery, timestamp, request.body).encode()
    same = [hmac.compare_digest(one.encode("utf-8", "backslashreplace"), wanted) for one in shown.split(" ")]
    if not key or not any(same):
        raise NotAuthentic("The signature of the request is wrong.", _CURE)
    sent = reading.instant(timestamp) if timestamp.isascii() and timestamp.isdecimal() else None
    if sent is None or abs(request.received_at - sent) > tolerance:
        raise NotAuthentic(
            f"The request was signed more than {tolerance.total_seconds():g} s away from now.",
            "Set both machines' clocks, or the connection's `tolerance`.",
        )
