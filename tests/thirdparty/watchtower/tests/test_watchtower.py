"""Watchtower keeps the contract of sources, counters and pagers."""

import dataclasses
import hashlib
import hmac
from pathlib import Path

from watchtower import plugin
from watchtower.source import HEADER

from bot.contract import Request
from bot.testing import conformance, pagers

SAMPLES = Path(__file__).parents[1] / "samples"


def signed(request: Request, key: str) -> Request:
    digest = hmac.new(key.encode(), request.body, hashlib.sha256).hexdigest()
    return dataclasses.replace(request, headers={**request.headers, HEADER.lower(): f"sha256={digest}"})


async def test_its_source_keeps_the_contract():
    await conformance.conforms(plugin, SAMPLES, options={"site": "north", "secret": "k3y"}, prove=signed)


async def test_its_pager_keeps_the_contract():
    await pagers.conforms(plugin, lambda url: {"site": "north", "gateway": url, "push": {"token": "a-long-token"}})
