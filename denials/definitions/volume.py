"""What comes in: denials, and the claims they are a share of."""

from __future__ import annotations

from denials.definitions.types import FIRST, REMIT, Definition, Section

VOLUME = Section(
    "Volume",
    (
        Definition(
            "period",
            "period",
            "The days counted, the first and the last included. `/denials stats` ends today, but with `last"
            " month` it covers the calendar month before this one, and with `this month` this one up to today; a"
            " report covers Monday to Sunday. Days are days of the rules' time zone. A day belongs to the"
            " remittance date and not to the day the file was taken in, so a late batch is no spike; a CSV row"
            " without a date counts on the day it was taken in.",
            "",
            REMIT,
            ("period.from", "period.to", "period.days", "week", "as_of", "weeks[].from", "weeks[].to"),
        ),
        Definition(
            "new",
            "new denials",
            "Items first denied in the period. One claim's denied money in one category is one item. Left out: repeats"
            " of a known item, and 277CA rejections.",
            "",
            FIRST,
            ("denials.new", "groups[].new", "weeks[].new"),
        ),
        Definition(
            "amount",
            "dollars denied",
            "The dollars of the new denials as first denied.",
            "",
            FIRST,
            ("denials.amount", "groups[].amount", "weeks[].amount"),
        ),
        Definition(
            "previous",
            "the period before",
            "New denials of as many days just before the period.",
            "",
            FIRST,
            ("denials.previous", "groups[].previous"),
        ),
        Definition(
            "change",
            "change",
            "New ÷ previous − 1. None where previous is 0.",
            "new denials of the period before",
            FIRST,
            ("denials.change", "groups[].change"),
        ),
        Definition(
            "trend",
            "rising, falling, steady",
            "Rising where new ÷ previous ≥ 1.15 and |new − previous| > 1.96 · √(new + previous); falling where new ÷"
            " previous ≤ 1 ÷ 1.15 and the same difference; else steady. The root is the standard deviation of the"
            " difference of two counts, so small numbers do not call for alarm. In Slack and in reports none is told"
            " where the data do not reach back over the whole period before.",
            "",
            FIRST,
            ("denials.trend", "groups[].trend"),
        ),
        Definition(
            "repeats",
            "came back",
            "How often a remittance of the period denied an item again that an earlier one had denied.",
            "",
            "date of the later remittance",
            ("denials.repeats",),
        ),
        Definition(
            "rejections",
            "rejections",
            "Claims that a 277CA of the period rejected before adjudication (A3, A6, A7, A8). They are in no count,"
            " rate or outcome of denials.",
            "",
            "date of the rejection",
            ("denials.rejections",),
        ),
        Definition(
            "group",
            "group",
            "New denials by category, payer label, team, hand-off (where they start), leading code, practice or"
            " location, as they stand now: a denial that was handed off counts under its new category, team and"
            " hand-off, on the day it was first denied. The leading code is that of the most dollars. What has no"
            " practice or location label is in no group of that kind.",
            "",
            FIRST,
            ("groups[].name",),
        ),
        Definition(
            "over-time",
            "over time",
            "New denials by day, in periods of more than two weeks by weeks of which the last ends with the period. In"
            " `/denials trend` those are the last twelve weeks unless another period is asked for; longer periods are"
            " drawn in at most 20 points.",
            "",
            FIRST,
        ),
    ),
)

CLAIMS = Section(
    "Adjudicated claims",
    (
        Definition(
            "adjudicated",
            "adjudicated",
            "Claims that remittances of the period decided. A claim that two remittances decided counts with each,"
            " unless the later one took the earlier back: then only the correction counts, on its own date. Left out:"
            " reversals (status 22), predeterminations (25), claims forwarded as not ours (23), and batches without"
            " claim totals (CSV).",
            "",
            REMIT,
            ("claims.adjudicated",),
        ),
        Definition(
            "denied",
            "denied",
            "Adjudicated claims with at least one denial.",
            "",
            REMIT,
            ("claims.denied",),
        ),
        Definition(
            "fully-denied",
            "fully denied",
            "Denied claims where both the payment and the patient share (deductible, coinsurance, copay) are zero.",
            "",
            REMIT,
            ("claims.fully_denied",),
        ),
        Definition(
            "denial-rate",
            "denial rate",
            "Denied ÷ adjudicated. None where nothing was adjudicated.",
            "adjudicated claims",
            REMIT,
            ("claims.denial_rate",),
        ),
        Definition(
            "denied-amount-rate",
            "denied amount rate",
            "Denied dollars ÷ charged dollars of the adjudicated claims.",
            "charges of the adjudicated claims",
            REMIT,
            ("claims.denied_amount_rate",),
        ),
    ),
)
