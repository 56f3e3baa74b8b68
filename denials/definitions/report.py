"""What the payers' scorecard and the weekly report add."""

from __future__ import annotations

from denials.definitions.types import FIRST, OUTCOME, REMIT, Definition, Section
from denials.metrics import SMALLEST_CELL

PAYERS = Section(
    "Payers",
    (
        Definition(
            "payer-codes",
            "top codes",
            "The three leading codes of most new denials of the payer, with how many they are.",
            "",
            FIRST,
        ),
        Definition(
            "payer-days",
            "days to resolve, by payer",
            "Median days to resolve of the payer's denials.",
            "denials of the payer resolved in the period",
            OUTCOME,
        ),
        Definition(
            "payer-overturn-rate",
            "overturn rate, by payer",
            "The overturn rate of the payer's denials, with how many were decided.",
            "denials of the payer decided in the period",
            OUTCOME,
        ),
        Definition(
            "payer-recovered",
            "recovered, by payer",
            "Recovered dollars of the payer's denials.",
            "",
            OUTCOME,
        ),
    ),
)

WEEKLY = Section(
    "Weekly report",
    (
        Definition(
            "week",
            "week",
            "Monday to Sunday; the report of a day is about the last week that ended before it. “The week before” is"
            " the one just before that. Weeks are named by ISO 8601: week 1 holds the year's first Thursday.",
            "",
            REMIT,
        ),
        Definition(
            "other",
            "other",
            f"Groups of fewer than {SMALLEST_CELL} new denials in the week are told as one, so that no row is about"
            " somebody whom people could recognize. Where they are still fewer together, the smallest group that would"
            " stand alone joins them.",
            "",
            FIRST,
            ("groups[].merged",),
        ),
        Definition(
            "due",
            "due in the next seven days",
            "Open denials whose appeal limit, and those whose follow-up date, is today or one of the six days after,"
            " with the dollars refused on them now. One with both is in both. Filing limits are not among them: they"
            " stand sealed, since they give the date of service away.",
            "",
            "the appeal limit; the follow-up date",
            (
                "due.from",
                "due.to",
                "due.deadlines",
                "due.deadlines_amount",
                "due.follow_ups",
                "due.follow_ups_amount",
            ),
        ),
    ),
)
