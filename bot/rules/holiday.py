"""Public holidays of countries and their parts, by the library `holidays`, which is loaded when one is asked for."""

from datetime import date
from functools import cache

from bot.errors import BadInput

_FIRST = date(1970, 1, 1).toordinal()


def on(country: str, day: int) -> bool:
    """Whether a day (counted from 1970-01-01) is a public holiday in a country: TR, or US-CA for a part of it."""
    ordinal = day + _FIRST
    return ordinal in _year(country, date.fromordinal(ordinal).year)


def check(country: str) -> None:
    """BadInput for what is no country, or no part of it, and where the library is missing."""
    try:
        import holidays
    except ImportError:
        raise BadInput("Public holidays need the library `holidays`.", "pip install 'tocsin[holidays]'") from None
    name, _, part = country.partition("-")
    parts = holidays.list_supported_countries().get(name)
    if parts is None or (part and part not in parts):
        do = "Write its ISO code as TR, DE or US; for a part of it US-CA or DE-BY."
        raise BadInput(f"Nobody knows the holidays of {country[:20]!r}.", do)


@cache
def _year(country: str, year: int) -> frozenset[int]:
    import holidays  # a hundred milliseconds, which a rota without any need not pay for

    name, _, part = country.partition("-")
    return frozenset(day.toordinal() for day in holidays.country_holidays(name, subdiv=part or None, years=year))
