"""Store the history of who may see a case: when it was closed or opened, and which readers were named or removed.

Each line has the chair who decided and the reason.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the table for changes to who may see a case. Existing closed items have no rows in it."""
    op.create_table(
        "access_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="access_event_pkey"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="access_event_case_id_fkey"),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name="access_event_panel_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="access_event_person_id_fkey"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="access_event_by_id_fkey"),
        sa.CheckConstraint("kind IN ('closed', 'opened', 'named', 'ended')", name="kind_is_known"),
    )
    op.create_index("ix_access_event_case_id", "access_event", ["case_id"])
    op.create_index("ix_access_event_person_id", "access_event", ["person_id"])


def downgrade() -> None:
    """Drop the history of who may see a case. Closed items stay closed, and keep their readers."""
    op.drop_table("access_event")
