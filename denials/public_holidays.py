"""Public holidays of a country or one of its states, by the `holidays` library.

Asked for one country in its usual way, the library loads all three hundred, which takes 8 MB more and twice the time.
So the one module is loaded by its file, and the usual way is taken only where that does not work.
"""

from __future__ import annotations

import importlib.util
import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["country_of", "holidays_of"]

_CODE = re.compile(r"[A-Z]{2}")


@lru_cache(maxsize=16)
def country_of(code: str) -> Any | None:
    """The library's class of a country, given as two capitals; None where it knows none."""
    if not _CODE.fullmatch(code):
        return None
    import holidays

    return _by_its_file(code) or getattr(holidays, code, None)


@lru_cache(maxsize=1024)
def holidays_of(place: str, year: int) -> frozenset[date]:
    """Public holidays of a country ("US") or state ("US-NY") in one year, with the days they are observed on.

    Raises ValueError where none are known.
    """
    code, _, subdivision = place.partition("-")
    country = country_of(code)
    try:
        found = country(subdiv=subdivision or None, years=year) if country else None
    except NotImplementedError:
        found = None
    if found is None:
        raise ValueError("no holidays known for this country or state; use a code such as US or US-NY")
    return frozenset(found)


def _by_its_file(code: str) -> Any | None:
    """A country's class out of its own module alone; None where the library is built otherwise than expected."""
    import holidays

    try:
        from holidays.registry import COUNTRIES

        module, (name, *_) = next(entry for entry in COUNTRIES.items() if code in entry[1])
        path = Path(holidays.__file__).parent / "countries" / f"{module}.py"
        spec = importlib.util.spec_from_file_location(f"{__name__}.{module}", path)
        if spec is None or spec.loader is None:
            return None
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
        return getattr(loaded, name)
    except (ImportError, AttributeError, OSError, StopIteration, TypeError, ValueError):
        return None
