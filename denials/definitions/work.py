"""How the work goes, and what is open."""

from __future__ import annotations

from denials.definitions.types import FIRST, NOW, OUTCOME, REMIT, Definition, Section

OUTCOMES = Section(
    "Work and outcomes",
    (
        Definition(
            "resolved",
            "resolved",
            "Denials that got a final outcome in the period. *Appeal sent* and *Corrected and resubmitted* wait for"
            " the payer and stay open.",
            "",
            OUTCOME,
            ("resolution.resolved",),
        ),
        Definition(
            "hours-to-claim",
            "hours to claim",
            "Median time from the moment the file was taken in to the first claim.",
            "denials first claimed in the period",
            "day of the first claim",
            ("resolution.median_hours_to_claim",),
        ),
        Definition(
            "days-to-resolve",
            "days to resolve",
            "Median and 90th percentile, linear between neighbors, of the time from the moment the file was taken in to"
            " the final outcome. Shown beside the age of what is still open, since closed items alone flatter.",
            "denials resolved in the period",
            OUTCOME,
            ("resolution.median_days_to_resolve", "resolution.p90_days_to_resolve"),
        ),
        Definition(
            "overturned",
            "overturned",
            "Denials resolved as *Overturned and paid*, by people or by a later remittance.",
            "",
            OUTCOME,
            ("resolution.overturned",),
        ),
        Definition(
            "overturn-rate",
            "overturn rate",
            "Overturned ÷ (overturned + billed to patient + written off). None where nothing was decided.",
            "denials decided in the period; *Not a denial* is not among them",
            OUTCOME,
            ("resolution.overturn_rate",),
        ),
        Definition(
            "recovered",
            "recovered",
            "The increase, net of reversals, of this payer's payment on the denied lines (on the claim where the denial"
            " was of the claim), over the denials resolved in the period. Where people resolve a denial before its"
            " remittance comes, the amount they gave.",
            "",
            OUTCOME,
            ("resolution.recovered_amount",),
        ),
        Definition(
            "written-off",
            "written off",
            "What was still refused on denials when they were resolved as *Written off*.",
            "",
            OUTCOME,
            ("resolution.written_off_amount",),
        ),
        Definition(
            "handed-off",
            "handed off",
            "How often people moved denials to another category or team.",
            "",
            "day of the hand-off",
            ("resolution.handed_off",),
        ),
        Definition(
            "preventable",
            "preventable",
            "New denials by whether they could have been prevented: yes, partly or no, by the category's rule and as"
            " corrected at resolution. The share is (yes + partly) ÷ all.",
            "new denials of the period",
            FIRST,
            ("preventable.yes", "preventable.partly", "preventable.no", "preventable.share"),
        ),
    ),
)

OPEN = Section(
    "Open work",
    (
        Definition(
            "open",
            "open",
            "Denials without a final outcome, and the dollars refused on them now.",
            "",
            NOW,
            ("backlog.open", "backlog.amount"),
        ),
        Definition("unclaimed", "unclaimed", "Open denials that nobody has.", "", NOW, ("backlog.unclaimed",)),
        Definition(
            "overdue",
            "overdue",
            "Open denials whose appeal limit, filing limit or follow-up date has passed."
            " A running bot looks at filing limits once a day.",
            "",
            NOW,
            ("backlog.overdue",),
        ),
        Definition(
            "aging",
            "aging",
            "Open denials by days since their latest denial: 0–30, 31–60, 61–90, 91–120, 121 and over. A share is of"
            " all open denials.",
            "open denials",
            f"{NOW}; days since the {REMIT}",
            tuple(f"backlog.aging.{bucket}" for bucket in ("0-30", "31-60", "61-90", "91-120", "121+")),
        ),
        Definition(
            "open-apart",
            "open rejections and take-backs",
            "Open work that is no denial: claims rejected before adjudication, and payments taken back without a new"
            " decision. They stand beside the open denials and are not among them.",
            "",
            NOW,
            ("backlog.rejections", "backlog.takebacks"),
        ),
    ),
)
