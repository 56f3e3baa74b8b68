"""What remains of denials that were purged: counts by day. The recount and the numbers add them to what is stored."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class PurgedCount(SQLModel, table=True):
    """Counts and cents of purged denials.

    Under the dimensions of `daily` they mean what they mean there. `preventable` holds new denials by remit date and
    answer; `outcome` (by its name), `recovered`, `written_off` and `handed_off` go by the local day on which that
    happened.
    """

    __tablename__ = "purged_count"
    dimension: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    name: str = Field(primary_key=True)
    new: int = 0
    cents: int = Field(default=0, sa_type=BigInteger)
    repeats: int = 0
    rejections: int = 0


class PurgedClaims(SQLModel, table=True):
    """Adjudicated claims that were purged, by remit date; the columns of `daily_claims`."""

    __tablename__ = "purged_claims"
    day: date = Field(primary_key=True)
    adjudicated: int = 0
    denied: int = 0
    fully_denied: int = 0
    charge_cents: int = Field(default=0, sa_type=BigInteger)
    denied_cents: int = Field(default=0, sa_type=BigInteger)
