"""Finds plugins by entry point, checks that they fit the contract, and hands out their parts by connection."""

from bot.registry.channels import offered as offered
from bot.registry.fitting import fits as fits
from bot.registry.found import GROUP as GROUP
from bot.registry.found import Found as Found
from bot.registry.found import Origin as Origin
from bot.registry.found import discover as discover
from bot.registry.found import load_one as load_one
from bot.registry.linking import Connected as Connected
from bot.registry.linking import Linked as Linked
from bot.registry.linking import Registry as Registry
