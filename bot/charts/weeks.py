"""The coming weeks of a rota as a picture: a row for each week, days as columns, everybody in a colour of their own."""

from importlib.util import find_spec
from typing import Literal

from bot.charts import sheet
from bot.charts.sheet import Sheet
from bot.errors import BadInput

LARGEST = 200_000  #: bytes of a picture


def weeks(shown: Sheet, form: Literal["png", "svg"] = "png") -> bytes:
    """The picture, at most LARGEST bytes and the same for the same sheet; call it off the loop.

    BadInput where the library that draws is missing, and where there is more to see than a picture holds.
    """
    if find_spec("matplotlib") is None:
        raise BadInput("Pictures need the library `matplotlib`.", "pip install 'tocsin[plots]'")
    from bot.charts import calendar  # a second, which a bot that draws nothing need not pay for

    for named in (True, False):
        drawn = calendar.drawn(shown, named=named).bytes(form, sheet.title(shown))
        if len(drawn) <= LARGEST:
            return drawn
    raise BadInput("So many shifts do not fit into a picture.", "Ask for fewer weeks.")
