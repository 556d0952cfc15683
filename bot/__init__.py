"""Tocsin: the on-call bot for production machine learning."""

__version__ = "0.1.0"
