"""Questions: pure functions from a state and a moment to an answer with its reason."""
