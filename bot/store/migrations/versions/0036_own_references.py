"""Store an agency's own reference for a child that another agency flagged.

The form for a return asks the agency for this reference once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Create the table of agencies' own references for children."""
    op.create_table(
        "agency_reference",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "agency_id", name="agency_reference_pkey"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="agency_reference_case_id_fkey"),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="agency_reference_agency_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="agency_reference_person_id_fkey"),
    )
    op.create_index("ix_agency_reference_agency_id", "agency_reference", ["agency_id"])
    op.create_index("ix_agency_reference_person_id", "agency_reference", ["person_id"])


def downgrade() -> None:
    """Drop the table of agencies' own references for children."""
    op.drop_table("agency_reference")
