"""What the benchmarks are made of: a load, the bot under it, its peer beside it, and a table of both."""
