"""Store the files that are in Slack, the cases that they are about, the county's settings, and the shared channels.

A shared channel is one that people of another workspace see.
"""

import json
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_DAYS = 14


def upgrade() -> None:
    """Add tables for files in Slack, county settings and shared channels. Record files that past effects sent."""
    op.create_table(
        "county_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slack_files_days", sa.Integer(), nullable=False),
        sa.Column("action_text_agreed_by", sa.String(120), nullable=True),
        sa.Column("action_text_agreed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="county_settings_pkey"),
        sa.CheckConstraint("id = 1", name="one_row_of_settings"),
        sa.CheckConstraint("slack_files_days BETWEEN 1 AND 365", name="slack_files_days_in_range"),
    )
    files = op.create_table(
        "slack_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slack_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.String(40), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remove_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="slack_file_pkey"),
        sa.UniqueConstraint("slack_id", name="slack_file_slack_id_key"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="slack_file_person_id_fkey"),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name="slack_file_panel_id_fkey"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="slack_file_meeting_id_fkey"),
    )
    op.create_index("ix_slack_file_person_id", "slack_file", ["person_id"])
    where = sa.text("asked_at IS NULL")
    op.create_index("slack_files_to_remove", "slack_file", ["remove_after"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "slack_file_case",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "case_id", name="slack_file_case_pkey"),
        sa.ForeignKeyConstraint(["file_id"], ["slack_file.id"], name="slack_file_case_file_id_fkey"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="slack_file_case_case_id_fkey"),
    )
    op.create_index("ix_slack_file_case_case_id", "slack_file_case", ["case_id"])
    op.create_table(
        "shared_channel",
        sa.Column("channel_id", sa.String(40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", name="shared_channel_pkey"),
    )
    sent = op.get_bind().execute(
        sa.text("SELECT kind, payload, result, finished_at FROM outbox WHERE way = 'file' AND state = 'done'")
    )
    for row in sent.all():
        payload, result = (json.loads(one) if isinstance(one, str) else one or {} for one in (row.payload, row.result))
        if "file" not in result or "person_id" not in payload:
            continue
        sent_at = datetime.fromtimestamp(row.finished_at, UTC)
        op.bulk_insert(
            files,
            [
                {
                    "slack_id": result["file"],
                    "kind": row.kind,
                    "person_id": payload["person_id"],
                    "channel_id": result["channel"],
                    "panel_id": payload.get("panel_id"),
                    "meeting_id": payload.get("meeting_id"),
                    "sent_at": sent_at,
                    "arrived_at": sent_at,
                    "remove_after": sent_at + timedelta(days=_DAYS),
                }
            ],
        )


def downgrade() -> None:
    """Drop the records of files in Slack, county settings and shared channels. The files are then never removed."""
    op.drop_table("shared_channel")
    op.drop_table("slack_file_case")
    op.drop_table("slack_file")
    op.drop_table("county_settings")
