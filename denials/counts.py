"""Exact tests on two counts of rare things, each seen over an exposure (days, or claims).

If both come at one rate, then of the n = a + b events seen altogether the first span has a binomial share: n draws,
each with the probability exposure_a ÷ (exposure_a + exposure_b). That holds exactly, however small the counts are.
Reference: Przyborowski and Wilenski, "Homogeneity of results in testing samples from Poisson series", Biometrika 31
(1940). Everything is summed in plain floating point from the largest term down, in logarithms where it underflows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_NEGLIGIBLE = 1e-17  # of a sum so far
_ALIKE = 1 + 1e-7  # two terms that differ by rounding only, as R's binom.test has it


def log_p_more(now: int, now_exposure: float, before: int, before_exposure: float) -> float:
    """The natural logarithm of the probability of `now` or more in the first span, given both counts and one rate.

    One-sided. 0.0 (a probability of one) where there is nothing to compare. Exposures must be above zero.
    """
    total = now + before
    share = _share(now_exposure, before_exposure)
    if now <= 0:
        return 0.0
    if now <= total * share:  # in the middle or below: the sum from above is no shorter than the whole
        return math.log(min(1.0, math.fsum(math.exp(_log_pmf(k, total, share)) for k in range(now, total + 1))))
    odds = share / (1 - share)
    term, summed = 1.0, 1.0
    for k in range(now, total):
        term *= (total - k) / (k + 1) * odds
        summed += term
        if term < _NEGLIGIBLE * summed:
            break
    return min(0.0, _log_pmf(now, total, share) + math.log(summed))


def p_differs(one: int, one_exposure: float, other: int, other_exposure: float) -> float:
    """The probability of two counts that are at least as unlikely as these, given their sum and one rate.

    Two-sided, by the likelihood of each outcome. 1.0 where both are zero. Exposures must be above zero.
    """
    total = one + other
    share = _share(one_exposure, other_exposure)
    if total == 0:
        return 1.0
    limit = _log_pmf(one, total, share) + math.log(_ALIKE)
    likely = math.fsum(math.exp(log_pmf) for k in range(total + 1) if (log_pmf := _log_pmf(k, total, share)) <= limit)
    return min(1.0, likely)


def scatter(weeks: Sequence[int], doubt: int = 8) -> float:
    """How much more weekly counts scatter than chance makes them: variance ÷ mean, and 1.0 where it is not more.

    `doubt` is how many weeks of pure chance are added in thought, so that a few weeks alone do not say much.
    """
    if len(weeks) < 2 or not any(weeks):
        return 1.0
    mean = math.fsum(weeks) / len(weeks)
    squares = math.fsum((count - mean) ** 2 for count in weeks) / mean
    return max(1.0, (squares + doubt) / (len(weeks) - 1 + doubt))


def _share(one: float, other: float) -> float:
    if one <= 0 or other <= 0:
        raise ValueError("an exposure must be above zero")
    return one / (one + other)


def _log_pmf(k: int, total: int, share: float) -> float:
    ways = math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1)
    return ways + k * math.log(share) + (total - k) * math.log1p(-share)
