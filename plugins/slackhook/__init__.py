"""Slack's incoming webhooks: reads what senders post that know how to write to Slack, and nothing else."""

from bot.contract import Plugin
from plugins.slackhook.settings import SlackhookSettings
from plugins.slackhook.source import Slackhook

plugin = Plugin(
    name="slackhook",
    settings=SlackhookSettings,
    sources=(Slackhook,),
    summary="Posts in the form of Slack's incoming webhooks, at an address like theirs.",
)
