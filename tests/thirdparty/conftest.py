"""Their own tests run where they are installed, not here."""

collect_ignore_glob = ["*/tests/*"]
