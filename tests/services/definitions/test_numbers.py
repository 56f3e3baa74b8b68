"""One test per definition of the numbers, on a practice that is counted by hand.

A test is named after the anchor of its definition. It compares with what the public numbers say.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from services import stats
from services.desk import Desk
from tests.services.definitions.measured import WEEK

# Volume


def test_period(desk: Desk, told: dict[str, Any], numbers: dict[str, Any]) -> None:
    # The week; a CSV row and remittances count on their own dates though they came on others. Today is March 10.
    assert numbers["period"] == {"from": "2026-03-02", "to": "2026-03-08", "days": 7}
    assert (told["week"], told["as_of"]) == ("2026-W10", "2026-03-10")
    assert stats.as_json(stats.stats(desk, 30))["period"] == {"from": "2026-02-09", "to": "2026-03-10", "days": 30}


def test_new(numbers: dict[str, Any]) -> None:
    # 6 A + B1 + P3 + 2 E + 3 D + 2 R on March 3, C1 on March 4, V1 of the export on March 5
    assert numbers["denials"]["new"] == 6 + 1 + 1 + 2 + 3 + 2 + 1 + 1


def test_amount(numbers: dict[str, Any]) -> None:
    # 6 × 100 + 50 + 150 + 2 × 20 + 3 × 10 + 2 × 15 + 30 + 70
    assert numbers["denials"]["amount"] == "1000.00"


def test_previous(told: dict[str, Any]) -> None:
    assert told["numbers"]["denials"]["previous"] == 2  # P1 and P2
    assert told["before"]["denials"]["new"] == 2


def test_change(numbers: dict[str, Any], told: dict[str, Any]) -> None:
    assert numbers["denials"]["change"] == 7.5  # 17 ÷ 2 − 1
    eligibility = told["groups"]["category"]["shown"][1]
    assert eligibility["change"] is None  # there was none in the week before


def test_trend(told: dict[str, Any]) -> None:
    # 17 and 2: 15 > 1.96 × √19 = 8.5. Authorization 6 and 2: 4 < 1.96 × √8 = 5.5. Eligibility 5 and 0: 5 > 4.4.
    assert told["numbers"]["denials"]["trend"] == "rising"
    assert [group["trend"] for group in told["groups"]["category"]["shown"]] == ["steady", "rising"]


def test_repeats(numbers: dict[str, Any]) -> None:
    assert numbers["denials"]["repeats"] == 1  # P1, denied on February 24 and again on March 4


def test_rejections(numbers: dict[str, Any]) -> None:
    assert numbers["denials"]["rejections"] == 1  # Z1


def test_group(desk: Desk) -> None:
    def groups(by: str) -> list[tuple[str, int, Decimal]]:
        return [(one.name, one.new, one.amount) for one in stats.volumes(desk, WEEK.first, WEEK.last, by) if one.new]

    # A4 was handed off to payer edits. Of A, five are left, and V1. Eligibility: B1, P3, E1, E2, C1.
    assert groups("category") == [
        ("authorization", 6, Decimal(570)),
        ("eligibility", 5, Decimal(270)),
        ("coding", 3, Decimal(30)),
        ("registration", 2, Decimal(30)),
        ("payer_edit", 1, Decimal(100)),
    ]
    assert groups("payer") == [("Aetna", 16, Decimal(970)), ("OMEGA", 1, Decimal(30))]
    assert groups("code") == [  # the code stays: A4's is CO-197
        ("CO-197", 7, Decimal(670)),
        ("CO-27", 5, Decimal(270)),
        ("CO-4", 3, Decimal(30)),
        ("CO-31", 2, Decimal(30)),
    ]
    assert groups("owner") == [  # the front desk has eligibility and registration
        ("front_desk", 7, Decimal(300)),
        ("auth_team", 6, Decimal(570)),
        ("coding_team", 3, Decimal(30)),
        ("follow_up_team", 1, Decimal(100)),
    ]
    assert groups("handoff")[0] == ("Prior authorization", 6, Decimal(570))
    assert groups("practice") == [("North Clinic", 16, Decimal(930))]  # an export names no payee
    assert groups("location") == []


def test_over_time(told: dict[str, Any]) -> None:
    # Twelve weeks that end with this one: U2 in the week of January 5, U1 in the next, Q1 on February 16, P1 and P2.
    assert [week["new"] for week in told["weeks"]] == [0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 2, 17]
    assert [week["amount"] for week in told["weeks"]][-3:] == ["60.00", "140.00", "1000.00"]
    assert (told["weeks"][0]["from"], told["weeks"][-1]["to"]) == ("2025-12-15", "2026-03-08")


# Adjudicated claims


def test_adjudicated(told: dict[str, Any]) -> None:
    # 6 A, B1, P3 corrected, 2 E, 3 D, 2 R and 3 S on March 3; C1 and P1 on March 4; A3 paid on March 7.
    # Not Y1 (predetermination), Y2 (forwarded), the reversals, V1 (an export) and Z1 (a rejection).
    assert told["numbers"]["claims"]["adjudicated"] == 6 + 1 + 1 + 2 + 3 + 2 + 3 + 1 + 1 + 1
    # P1, P2, P5: P3 counts where its correction came, P4's payment was taken back.
    assert told["before"]["claims"]["adjudicated"] == 3


def test_denied(numbers: dict[str, Any]) -> None:
    assert numbers["claims"]["denied"] == 17  # of the 21 all but the three S and A3's payment


def test_fully_denied(numbers: dict[str, Any]) -> None:
    assert numbers["claims"]["fully_denied"] == 16  # B1's other line was paid


def test_denial_rate(numbers: dict[str, Any]) -> None:
    assert numbers["claims"]["denial_rate"] == round(17 / 21, 4) == 0.8095


def test_denied_amount_rate(numbers: dict[str, Any]) -> None:
    # Denied: the new ones without V1 (an export), 930, and P1's 100. Charged: A 600, B1 200, P3 150, E 40, D 30, R 30,
    # S 450, C1 30, P1 100, A3 again 100.
    assert numbers["claims"]["denied_amount_rate"] == round(1030 / 1730, 4) == 0.5954


# Work and outcomes


def test_resolved(told: dict[str, Any]) -> None:
    assert told["numbers"]["resolution"]["resolved"] == 5  # A1, A2, E1, P2 by people, A3 by a remittance; not E2
    assert told["before"]["resolution"]["resolved"] == 0


def test_hours_to_claim(told: dict[str, Any]) -> None:
    # A1 after 2 hours, A2 after 4, E1 after 8, E2 after 24: the median is 6. P2 was claimed in the week before.
    assert told["numbers"]["resolution"]["median_hours_to_claim"] == 6.0
    assert told["before"]["resolution"]["median_hours_to_claim"] == 1.0


def test_days_to_resolve(numbers: dict[str, Any]) -> None:
    # 1 (A1), 2 (A2), 3 (E1), 4 (A3), 9 (P2): the median is 3. The 90th percentile lies at 0.9 × 4 = 3.6, so 60 % of the
    # way from 4 to 9.
    assert numbers["resolution"]["median_days_to_resolve"] == 3.0
    assert numbers["resolution"]["p90_days_to_resolve"] == 7.0


def test_overturned(numbers: dict[str, Any]) -> None:
    assert numbers["resolution"]["overturned"] == 2  # P2 by people, A3 by the remittance that paid it


def test_overturn_rate(numbers: dict[str, Any]) -> None:
    # Overturned: P2, A3. Billed to the patient: A2. Written off: A1. E1 was no denial and decides nothing.
    assert numbers["resolution"]["overturn_rate"] == 2 / (2 + 1 + 1)


def test_recovered(numbers: dict[str, Any]) -> None:
    assert numbers["resolution"]["recovered_amount"] == "105.00"  # A3's payment of 80, and 25 as said of P2


def test_written_off(numbers: dict[str, Any]) -> None:
    assert numbers["resolution"]["written_off_amount"] == "100.00"  # A1


def test_handed_off(numbers: dict[str, Any]) -> None:
    assert numbers["resolution"]["handed_off"] == 1  # A4


def test_preventable(numbers: dict[str, Any]) -> None:
    # Authorization, eligibility, coding and registration: yes. A4 is a payer edit now: partly. E1 was corrected to no.
    assert numbers["preventable"] == {"yes": 15, "partly": 1, "no": 1, "share": round(16 / 17, 4)}


# Open work


def test_open(numbers: dict[str, Any]) -> None:
    # U1 45, U2 55, Q1 60, P1 100; A4, A5, A6 300, B1 50, P3 150, E2 20, D 30, R 30, C1 30, V1 70
    assert numbers["backlog"]["open"] == 4 + 3 + 1 + 1 + 1 + 3 + 2 + 1 + 1
    assert numbers["backlog"]["amount"] == "940.00"


def test_unclaimed(numbers: dict[str, Any]) -> None:
    assert numbers["backlog"]["unclaimed"] == 16  # E2 waits for the payer with somebody


def test_overdue(numbers: dict[str, Any]) -> None:
    assert numbers["backlog"]["overdue"] == 1  # U2's 60 days ended on March 6


def test_aging(numbers: dict[str, Any]) -> None:
    # On March 10, U2's remittance of January 5 is 64 days old, U1's of January 12 is 57, everything else under 31.
    # P1 ages from its latest denial, March 4.
    assert numbers["backlog"]["aging"] == {"0-30": 15, "31-60": 1, "61-90": 1, "91-120": 0, "121+": 0}


def test_open_apart(numbers: dict[str, Any]) -> None:
    assert (numbers["backlog"]["rejections"], numbers["backlog"]["takebacks"]) == (1, 1)  # Z1; P4
