"""the first tables"""

import sqlalchemy as sa
from alembic import op

from store.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "adjudication",
        sa.Column("claim_key", sa.BigInteger(), nullable=False),
        sa.Column("remit_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("standing", sa.SmallInteger(), nullable=False),
        sa.Column("denied", sa.Boolean(), nullable=False),
        sa.Column("fully_denied", sa.Boolean(), nullable=False),
        sa.Column("charge_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("denied_cents", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("claim_key", "remit_id", "ordinal"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("adjudication", schema=None) as batch_op:
        batch_op.create_index(
            "ix_adjudication_reversal",
            ["claim_key"],
            unique=False,
            sqlite_where=sa.text("standing = 3"),
            postgresql_where=sa.text("standing = 3"),
        )

    op.create_table(
        "batch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.Column("ingested_at", UtcDateTime(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("denials", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("paid_claims", sa.Integer(), nullable=False),
        sa.Column("reversals", sa.Integer(), nullable=False),
        sa.Column("rejected_rows", sa.Integer(), nullable=False),
        sa.Column("denied_cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sha256"),
    )
    op.create_table(
        "daily",
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("rejections", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("dimension", "day", "name"),
    )
    op.create_table(
        "daily_claims",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("adjudicated", sa.Integer(), nullable=False),
        sa.Column("denied", sa.Integer(), nullable=False),
        sa.Column("fully_denied", sa.Integer(), nullable=False),
        sa.Column("charge_cents", sa.BigInteger(), nullable=False),
        sa.Column("denied_cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
    op.create_table(
        "denial_row",
        sa.Column("claim_key", sa.BigInteger(), nullable=False),
        sa.Column("remit_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("grp", sa.String(), nullable=False),
        sa.Column("carc", sa.String(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("rarcs", sa.String(), nullable=False),
        sa.Column("procedure", sa.String(), nullable=True),
        sa.Column("hint", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("claim_key", "remit_id", "line", "grp", "carc", "amount_cents", "nth"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("denial_row", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_denial_row_item_id"), ["item_id"], unique=False)

    op.create_table(
        "digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("composed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("digest", schema=None) as batch_op:
        batch_op.create_index(
            "ux_digest_gathering",
            ["channel"],
            unique=True,
            sqlite_where=sa.text("composed_at IS NULL"),
            postgresql_where=sa.text("composed_at IS NULL"),
        )

    op.create_table(
        "digest_item",
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest_id", "item_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=True),
        sa.Column("data", sa.String(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_by_people",
            ["at"],
            unique=False,
            sqlite_where=sa.text("actor IS NOT NULL"),
            postgresql_where=sa.text("actor IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_event_item_id"), ["item_id"], unique=False)

    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("number_key", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("assignee", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("recovered_cents", sa.BigInteger(), nullable=True),
        sa.Column("written_off_cents", sa.BigInteger(), nullable=True),
        sa.Column("follow_up", sa.Date(), nullable=True),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("first_category", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("handoff", sa.String(), nullable=False),
        sa.Column("next_step", sa.String(), nullable=False),
        sa.Column("preventable", sa.String(), nullable=False),
        sa.Column("escalation", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("payer_key", sa.String(), nullable=False),
        sa.Column("payer_label", sa.String(), nullable=False),
        sa.Column("practice", sa.String(), nullable=False),
        sa.Column("practice_label", sa.String(), nullable=True),
        sa.Column("location_label", sa.String(), nullable=True),
        sa.Column("codes", sa.String(), nullable=False),
        sa.Column("rarcs", sa.String(), nullable=False),
        sa.Column("procedure", sa.String(), nullable=True),
        sa.Column("filing_indicator", sa.String(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("billed_cents", sa.BigInteger(), nullable=False),
        sa.Column("remit_date", sa.Date(), nullable=False),
        sa.Column("remit_id", sa.Integer(), nullable=False),
        sa.Column("first_remit_date", sa.Date(), nullable=False),
        sa.Column("first_cents", sa.BigInteger(), nullable=False),
        sa.Column("first_code", sa.String(), nullable=False),
        sa.Column("payment", sa.String(), nullable=False),
        sa.Column("measured_cents", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("due_confidence", sa.String(), nullable=False),
        sa.Column("due_source", sa.String(), nullable=False),
        sa.Column("filing_passed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("home", sa.String(), nullable=True),
        sa.Column("ingested_at", UtcDateTime(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=True),
        sa.Column("first_claimed_at", UtcDateTime(), nullable=True),
        sa.Column("last_activity_at", UtcDateTime(), nullable=False),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("next_escalation_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number_key", "payer_key", "practice", "first_category", "kind", name="ux_item_natural"),
        sa.UniqueConstraint("ref"),
    )
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.create_index(
            "ix_item_assignee_state",
            ["assignee", "state"],
            unique=False,
            sqlite_where=sa.text("assignee IS NOT NULL"),
            postgresql_where=sa.text("assignee IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_item_claimed",
            ["first_claimed_at"],
            unique=False,
            sqlite_where=sa.text("first_claimed_at IS NOT NULL"),
            postgresql_where=sa.text("first_claimed_at IS NOT NULL"),
        )
        batch_op.create_index("ix_item_first_remit", ["first_remit_date"], unique=False)
        batch_op.create_index(
            "ix_item_next_escalation",
            ["next_escalation_at"],
            unique=False,
            sqlite_where=sa.text("next_escalation_at IS NOT NULL"),
            postgresql_where=sa.text("next_escalation_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_item_open_due",
            ["due"],
            unique=False,
            sqlite_where=sa.text("state <> 'resolved' AND NOT history"),
            postgresql_where=sa.text("state <> 'resolved' AND NOT history"),
        )
        batch_op.create_index("ix_item_owner_state", ["owner", "state"], unique=False)
        batch_op.create_index(
            "ix_item_resolved",
            ["resolved_at"],
            unique=False,
            sqlite_where=sa.text("resolved_at IS NOT NULL"),
            postgresql_where=sa.text("resolved_at IS NOT NULL"),
        )

    op.create_table(
        "job_run",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("code_version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "lookup_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=True),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "reveal",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    with op.batch_alter_table("reveal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reveal_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "seen_event",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("seen_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seen_event_at"), ["at"], unique=False)

    op.create_table(
        "unlisted_payer",
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name_key"),
    )
    op.create_table(
        "escalation",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("anchor", sa.String(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("pinged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["item.id"],
        ),
        sa.PrimaryKeyConstraint("item_id", "step", "anchor"),
    )
    op.create_table(
        "remit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("remit_key", sa.String(), nullable=False),
        sa.Column("payee", sa.String(), nullable=False),
        sa.Column("payer_key", sa.String(), nullable=False),
        sa.Column("payer_label", sa.String(), nullable=False),
        sa.Column("remit_date", sa.Date(), nullable=False),
        sa.Column("batch_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batch.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("remit_key", "payee", "payer_key", "remit_date"),
    )
    op.create_table(
        "slack_message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("posted_channel", sa.String(), nullable=True),
        sa.Column("ts", sa.String(), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.String(), nullable=False),
        sa.Column("plain", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["item.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("slack_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slack_message_item_id"), ["item_id"], unique=False)

    op.create_table(
        "message_item",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["slack_message.id"],
        ),
        sa.PrimaryKeyConstraint("message_id", "item_id"),
    )
    with op.batch_alter_table("message_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_item_item_id"), ["item_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("op", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("human", sa.Boolean(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("first_sent_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["slack_message.id"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_state", ["state", "channel"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_message_id"), ["message_id"], unique=False)
        batch_op.create_index(
            "ux_outbox_one_pending_update",
            ["message_id"],
            unique=True,
            sqlite_where=sa.text("op = 'update' AND state = 'pending'"),
            postgresql_where=sa.text("op = 'update' AND state = 'pending'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ux_outbox_one_pending_update",
            sqlite_where=sa.text("op = 'update' AND state = 'pending'"),
            postgresql_where=sa.text("op = 'update' AND state = 'pending'"),
        )
        batch_op.drop_index(batch_op.f("ix_outbox_message_id"))
        batch_op.drop_index("ix_outbox_state")

    op.drop_table("outbox")
    with op.batch_alter_table("message_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_item_item_id"))

    op.drop_table("message_item")
    with op.batch_alter_table("slack_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slack_message_item_id"))

    op.drop_table("slack_message")
    op.drop_table("remit")
    op.drop_table("escalation")
    op.drop_table("unlisted_payer")
    with op.batch_alter_table("seen_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seen_event_at"))

    op.drop_table("seen_event")
    with op.batch_alter_table("reveal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reveal_expires_at"))

    op.drop_table("reveal")
    op.drop_table("meta")
    op.drop_table("lookup_log")
    op.drop_table("lease")
    op.drop_table("job_run")
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_item_resolved",
            sqlite_where=sa.text("resolved_at IS NOT NULL"),
            postgresql_where=sa.text("resolved_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_item_owner_state")
        batch_op.drop_index(
            "ix_item_open_due",
            sqlite_where=sa.text("state <> 'resolved' AND NOT history"),
            postgresql_where=sa.text("state <> 'resolved' AND NOT history"),
        )
        batch_op.drop_index(
            "ix_item_next_escalation",
            sqlite_where=sa.text("next_escalation_at IS NOT NULL"),
            postgresql_where=sa.text("next_escalation_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_item_first_remit")
        batch_op.drop_index(
            "ix_item_claimed",
            sqlite_where=sa.text("first_claimed_at IS NOT NULL"),
            postgresql_where=sa.text("first_claimed_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_item_assignee_state",
            sqlite_where=sa.text("assignee IS NOT NULL"),
            postgresql_where=sa.text("assignee IS NOT NULL"),
        )

    op.drop_table("item")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_item_id"))
        batch_op.drop_index(
            "ix_event_by_people",
            sqlite_where=sa.text("actor IS NOT NULL"),
            postgresql_where=sa.text("actor IS NOT NULL"),
        )

    op.drop_table("event")
    op.drop_table("digest_item")
    with op.batch_alter_table("digest", schema=None) as batch_op:
        batch_op.drop_index(
            "ux_digest_gathering",
            sqlite_where=sa.text("composed_at IS NULL"),
            postgresql_where=sa.text("composed_at IS NULL"),
        )

    op.drop_table("digest")
    with op.batch_alter_table("denial_row", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_denial_row_item_id"))

    op.drop_table("denial_row")
    op.drop_table("daily_claims")
    op.drop_table("daily")
    op.drop_table("batch")
    with op.batch_alter_table("adjudication", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_adjudication_reversal", sqlite_where=sa.text("standing = 3"), postgresql_where=sa.text("standing = 3")
        )

    op.drop_table("adjudication")
