"""Shipped to plugin authors: a clock that stands still until told, and the suite every plugin must pass."""
