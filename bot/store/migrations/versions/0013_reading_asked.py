"""Add a table of decisions: may a person in a new place read the panel's older closed items?"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create a table of questions and answers: may a person with a new place read a closed item?"""
    op.create_table(
        "reading_asked",
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("is_granted", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("place_id", "case_id", name="reading_asked_pkey"),
        sa.ForeignKeyConstraint(["place_id"], ["membership.id"], name="reading_asked_place_id_fkey"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="reading_asked_case_id_fkey"),
        sa.ForeignKeyConstraint(["given_by_id"], ["person.id"], name="reading_asked_given_by_id_fkey"),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name="reading_asked_decided_by_id_fkey"),
        sa.CheckConstraint("(decided_by_id IS NULL) = (is_granted IS NULL)", name="decided_means_answered"),
    )


def downgrade() -> None:
    """Drop the questions and answers about whether people with new places may read closed items."""
    op.drop_table("reading_asked")
