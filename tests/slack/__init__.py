"""The chat door against the strict workspace, with a real store and engine, in frozen time."""
