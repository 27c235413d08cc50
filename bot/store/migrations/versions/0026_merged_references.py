"""Let a reference be merged into another case. Store a flag's own reference and its answers to optional facts."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_TOGETHER = {
    "merged_has_its_time": "merged_at",
    "merged_by_a_person": "merged_by_id",
    "merged_at_a_panel": "merged_at_id",
    "merged_has_its_reason": "merged_because",
}


def upgrade() -> None:
    """Add columns for merged references and for answers to optional facts. No reference is merged yet."""
    # SQLite rebuilds the table, so that its definition reads as the models make it.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("cases", recreate="always" if is_sqlite else "never") as table:
        table.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("merged_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("merged_at_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("merged_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("merged_because", sa.LargeBinary(), nullable=True))
        table.create_foreign_key("cases_merged_into_id_fkey", "cases", ["merged_into_id"], ["id"])
        table.create_foreign_key("cases_merged_by_id_fkey", "person", ["merged_by_id"], ["id"])
        table.create_foreign_key("cases_merged_at_id_fkey", "panel", ["merged_at_id"], ["id"])
        for name, column in _TOGETHER.items():
            table.create_check_constraint(name, f"(merged_into_id IS NULL) = ({column} IS NULL)")
    is_merged = sa.text("merged_into_id IS NOT NULL")
    op.create_index(
        "merged_references", "cases", ["merged_into_id"], sqlite_where=is_merged, postgresql_where=is_merged
    )
    op.drop_index("one_live_flag_per_case_and_meeting", "flag")
    with op.batch_alter_table("flag", recreate="always" if is_sqlite else "never") as table:
        table.add_column(sa.Column("named_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("answers", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("is_apart", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.create_foreign_key("flag_named_id_fkey", "cases", ["named_id"], ["id"])
    with op.batch_alter_table("flag", recreate="always" if is_sqlite else "never") as table:
        table.alter_column("is_apart", server_default=None)
    op.create_index("ix_flag_named_id", "flag", ["named_id"])
    _index_live_flags("state IN ('open', 'accepted') AND NOT is_apart")


def _index_live_flags(where: str) -> None:
    op.create_index(
        "one_live_flag_per_case_and_meeting",
        "flag",
        ["case_id", "meeting_id"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def downgrade() -> None:
    """Drop merges and answers to optional facts. A merged reference becomes an empty case of its own."""
    # The earlier schema allows one live flag of a case at a meeting: a second one goes back to its own reference.
    op.execute("UPDATE flag SET case_id = named_id WHERE is_apart")
    op.drop_index("one_live_flag_per_case_and_meeting", "flag")
    op.drop_index("ix_flag_named_id", "flag")
    with op.batch_alter_table("flag") as table:
        table.drop_constraint("flag_named_id_fkey", type_="foreignkey")
        table.drop_column("named_id")
        table.drop_column("is_apart")
        table.drop_column("answers")
    _index_live_flags("state IN ('open', 'accepted')")
    op.drop_index("merged_references", "cases")
    with op.batch_alter_table("cases") as table:
        for name in _TOGETHER:
            table.drop_constraint(name, type_="check")
        for name in ("merged_into_id", "merged_by_id", "merged_at_id"):
            table.drop_constraint(f"cases_{name}_fkey", type_="foreignkey")
        for name in ("merged_into_id", "merged_by_id", "merged_at_id", "merged_at", "merged_because"):
            table.drop_column(name)
