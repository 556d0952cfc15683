"""The nouns: frozen values without I/O, spoken by every room above."""
