"""A flag says who withdrew it and why, and what the agency says has changed when a case comes back."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"

_PEOPLE = ("withdrawn_by_id", "reviewed_by_id")
_MORE = ("withdrawn_at", "withdrawn_reason", "review_answer", "reviewed_at")
_PROMPTS = (
    "flags_open", "flags_close", "triage", "agenda", "summary", "minutes", "cancelled", "rescheduled", "invitation",
    "reply_reminder", "returns", "quorum",
)  # fmt: skip


def upgrade() -> None:
    """Add empty columns: of flags withdrawn before nothing is said, and of reviews to come nothing is asked."""
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


def downgrade() -> None:
    """Remove them."""
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
