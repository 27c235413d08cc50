"""A flag says who withdrew it, when and why."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"


def upgrade() -> None:
    """Add empty columns: of flags withdrawn before, nothing is said."""
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("flag", recreate=recreate) as table:
        table.add_column(sa.Column("withdrawn_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("withdrawn_reason", sa.LargeBinary(), nullable=True))
        table.create_foreign_key("flag_withdrawn_by_id_fkey", "person", ["withdrawn_by_id"], ["id"])
    op.create_index("ix_flag_withdrawn_by_id", "flag", ["withdrawn_by_id"])


def downgrade() -> None:
    """Remove them."""
    op.drop_index("ix_flag_withdrawn_by_id", "flag")
    with op.batch_alter_table("flag") as table:
        table.drop_constraint("flag_withdrawn_by_id_fkey", type_="foreignkey")
        for name in ("withdrawn_by_id", "withdrawn_at", "withdrawn_reason"):
            table.drop_column(name)
