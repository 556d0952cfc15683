"""Reads, checks and renders runbooks: Markdown files with a YAML head (the home of jinja2)."""

from bot.runbooks.checklist import Step, steps
from bot.runbooks.library import Library, draft, load
from bot.runbooks.policy import policy
from bot.runbooks.templates import CONTEXT, render

__all__ = ["CONTEXT", "Library", "Step", "draft", "load", "policy", "render", "steps"]
