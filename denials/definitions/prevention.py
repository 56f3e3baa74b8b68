"""What prevention reviews count and compare."""

from __future__ import annotations

from denials.definitions.types import FIRST, REMIT, Definition, Section

_MEASURED = "the days before and after the effective date"

REVIEWS = Section(
    "Prevention reviews",
    (
        Definition(
            "reviews-open",
            "reviews open",
            "Reviews that nobody has taken, that wait for their cause, or whose corrective action is being measured.",
            "",
            "now, whatever the period",
            ("reviews.open[].ref", "reviews.open[].by", "reviews.open[].name", "reviews.open[].state"),
        ),
        Definition(
            "review-count",
            "denials of a review",
            "Denials of one category, hand-off, code, payer, location or practice in the window of the rules when the"
            " review was opened, and their dollars.",
            "",
            f"{FIRST}; the window ends on the day the review was opened",
            ("reviews.open[].opened_on", "reviews.open[].count", "reviews.open[].amount"),
        ),
        Definition(
            "review-expected",
            "expected",
            "As many as its own past makes likely for the window: denials of the past × days of the window ÷ days of"
            " the past, or, where claim totals are known, × adjudicated claims of the window ÷ those of the past; the"
            " larger of the two. The past is the whole weeks before the window, half a year at most. None where it has"
            " none of them.",
            "days, or adjudicated claims, of the past",
            FIRST,
            ("reviews.open[].expected",),
        ),
        Definition(
            "verdict",
            "verdict",
            "*Worked*: at least 15 % fewer than before, and p below 0.05. *Too little data*: fewer than five denials"
            " were to be expected after the action, or fewer than 50 claims were adjudicated, or no remittance came in"
            " at all, or there are at least 15 % fewer, but that may be chance. *Did not work*: everything else. A"
            " report tells those measured since its week began; reviews that ended more than 90 days ago are not listed"
            " any more.",
            "",
            "the day of the measurement",
            (
                "reviews.verdicts[].ref",
                "reviews.verdicts[].by",
                "reviews.verdicts[].name",
                "reviews.verdicts[].verdict",
                "reviews.verdicts[].measured_on",
            ),
        ),
        Definition(
            "verdict-per-week",
            "a week, before and after",
            "Denials of the cause × 7 ÷ days. Before runs from the window that opened the review to the day before the"
            " effective date, twelve weeks at most; after runs in whole measuring periods of the rules from the"
            " effective date on.",
            "days before, days after",
            FIRST,
            ("reviews.verdicts[].before_per_week", "reviews.verdicts[].after_per_week"),
        ),
        Definition(
            "verdict-rate",
            "rate, before and after",
            "Denials of the cause ÷ adjudicated claims of the same days. None where claims are not known for both.",
            "adjudicated claims before, and after",
            REMIT,
            ("reviews.verdicts[].before_rate", "reviews.verdicts[].after_rate"),
        ),
        Definition(
            "verdict-change",
            "change of a cause",
            "After ÷ before − 1, of the rates where they are known, else of the denials a day. None where there were"
            " none before.",
            "the rate before",
            _MEASURED,
            ("reviews.verdicts[].change",),
        ),
        Definition(
            "verdict-p",
            "p",
            "The probability that chance alone brings counts at least as unlikely as these, if nothing had changed:"
            " two-sided, exact, of the binomial share that the time (or the claims) before and after would have of all"
            " denials counted. Below 0.05 a difference is called unlikely to be chance.",
            "",
            _MEASURED,
            ("reviews.verdicts[].p",),
        ),
        Definition(
            "verdict-dollars",
            "dollars less a month",
            "(Denied dollars a day before − denied dollars a day after) × 30.4. Below zero where it became more.",
            "days before, days after",
            FIRST,
            ("reviews.verdicts[].less_a_month",),
        ),
    ),
)
