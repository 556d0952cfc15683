"""The verbs: one use-case a file; each loads, asks a rule, and writes once."""
