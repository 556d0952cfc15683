"""The HTTP door: alert hooks, health, metrics."""
