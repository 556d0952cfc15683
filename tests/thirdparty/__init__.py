"""Distributions of strangers: each is built, installed into an environment of its own, and used from there."""
