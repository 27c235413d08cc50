"""Store who withdrew a flag and why, the edits of a flag, and its agency's answer to a review."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_PEOPLE = ("withdrawn_by_id", "reviewed_by_id")
_MORE = ("withdrawn_at", "withdrawn_reason", "review_answer", "reviewed_at")
_PROMPTS = (
    "flags_open", "flags_close", "triage", "agenda", "summary", "minutes", "cancelled", "rescheduled", "invitation",
    "reply_reminder", "returns", "quorum",
)  # fmt: skip


def upgrade() -> None:
    """Add columns for withdrawals and reviews of flags, and a table of edits. Earlier withdrawals have no reason."""
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("flag", recreate=recreate) as table:
        for name in _PEOPLE:
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
            table.create_foreign_key(f"flag_{name}_fkey", "person", [name], ["id"])
        table.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("withdrawn_reason", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("review_answer", sa.String(40), nullable=True))
        table.add_column(sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True))
        table.create_check_constraint("review_answer_is_known", "review_answer IN ('awaited', 'unchanged', 'changed')")
    for name in _PEOPLE:
        op.create_index(f"ix_flag_{name}", "flag", [name])
    _know_prompts(*_PROMPTS, "reviews", "assessments")
    op.create_table(
        "flag_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="flag_edit_pkey"),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name="flag_edit_flag_id_fkey"),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name="flag_edit_by_id_fkey"),
    )
    op.create_index("ix_flag_edit_flag_id", "flag_edit", ["flag_id"])
    op.create_index("ix_flag_edit_by_id", "flag_edit", ["by_id"])


def downgrade() -> None:
    """Drop the reasons of withdrawals, the edits of flags, and the answers to reviews."""
    op.drop_table("flag_edit")
    op.execute("DELETE FROM prompt WHERE kind = 'reviews'")
    _know_prompts(*_PROMPTS, "assessments")
    for name in _PEOPLE:
        op.drop_index(f"ix_flag_{name}", "flag")
    with op.batch_alter_table("flag") as table:
        table.drop_constraint("review_answer_is_known", type_="check")
        for name in _PEOPLE:
            table.drop_constraint(f"flag_{name}_fkey", type_="foreignkey")
        for name in (*_PEOPLE, *_MORE):
            table.drop_column(name)


def _know_prompts(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("prompt") as table:
        table.drop_constraint("kind_is_known", type_="check")
        table.create_check_constraint("kind_is_known", f"kind IN ({listed})")
