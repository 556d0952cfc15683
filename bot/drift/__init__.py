"""The statistics of drift: pure functions on arrays and histograms."""
