"""What the property tests of rotas draw from: layers, moments and the zones that make trouble."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.model.rota import Every, Layer, Unit

ZONES = (
    "America/Chicago",
    "Australia/Lord_Howe",  # half an hour forth and back
    "Pacific/Apia",  # had no 30 December 2011
    "Europe/Istanbul",  # stopped setting its clocks in 2016
    "Africa/Casablanca",  # sets them back for Ramadan
    "Antarctica/Troll",  # two hours
    "Asia/Kathmandu",
    "America/St_Johns",
    "Africa/Cairo",  # at midnight
    "America/Havana",
    "UTC",
)

STARTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)).map(lambda d: d.replace(second=0, microsecond=0))
LAYERS = st.builds(
    Layer,
    name=st.just("any"),
    start=STARTS,
    every=st.builds(Every, st.integers(1, 40), st.sampled_from(Unit)),
    members=st.lists(st.sampled_from(("ada", "bo", "cy", "dee")), min_size=1, max_size=5).map(tuple),
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
