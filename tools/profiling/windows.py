"""Which years a profile covers when nobody says."""

import datetime as dt
from collections.abc import Iterable
from typing import Literal

from tools.profiling.base import Window, WindowReason

YEARS = 5
Counted = Literal["data", "calendar"]


def default_window(
    years: Iterable[int], newest: int | None = None, counted: Counted = "data", today: dt.date | None = None
) -> tuple[Window, WindowReason]:
    """Return the last five years if a paper falls into them, else the five up to the author's latest paper.

    Args:
        years: the years of the author's papers.
        newest: the latest year of any paper in the catalogue; one that lies ahead is an error of a record.
        counted: whether the five years end with that year or with today's.
        today: the current date; now by default.
    """
    now = (today or dt.datetime.now(tz=dt.UTC).date()).year
    end = min(now, newest) if counted == "data" and newest is not None else now
    latest = max(years, default=None)
    if latest is not None and latest <= end - YEARS:
        return Window(year_from=latest - YEARS + 1, year_to=latest), "five years up to the last paper"
    reason: WindowReason = "last five years of the data" if counted == "data" else "last five years"
    return Window(year_from=end - YEARS + 1, year_to=end), reason
