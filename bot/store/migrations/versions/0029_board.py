"""Add the board of a meeting, and let a line of the record replace an earlier line."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

_KINDS = ("shared", "discussion", "dissent")
_MORE_KINDS = ("shared", "discussion", "may_happen", "raises_risk", "protects", "childs_view", "dissent")


def upgrade() -> None:
    """Add the table of boards, and a column for the line that replaced another line of the record.

    An open meeting gets its board at its next change.
    """
    op.create_table(
        "board",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("item_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.String(length=40), nullable=True),
        sa.Column("ts", sa.String(length=40), nullable=True),
        sa.CheckConstraint("(item_id IS NULL) = (item_since IS NULL)", name="an_item_has_its_time"),
        sa.CheckConstraint("(ts IS NULL) = (channel_id IS NULL)", name="a_place_is_whole"),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"]),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"]),
        sa.PrimaryKeyConstraint("meeting_id"),
    )
    op.create_index("ix_board_item_id", "board", ["item_id"])
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("note", recreate=recreate) as table:
        table.drop_constraint("kind_is_known", type_="check")
        table.create_check_constraint("kind_is_known", _one_of(_MORE_KINDS))
        table.add_column(sa.Column("superseded_by_id", sa.Integer(), nullable=True))
        table.create_foreign_key("note_superseded_by_id_fkey", "note", ["superseded_by_id"], ["id"])
    op.create_index("ix_note_superseded_by_id", "note", ["superseded_by_id"])


def downgrade() -> None:
    """Drop boards and replacements. The boards' messages stay in Slack. Replaced lines count as taken back."""
    note = sa.table("note", *(sa.column(name) for name in ("kind", "undone_at", "superseded_by_id")))
    replaced = note.c.superseded_by_id.is_not(None) & note.c.undone_at.is_(None)
    op.execute(note.update().values(undone_at=sa.func.current_timestamp()).where(replaced))
    op.execute(note.update().values(kind="discussion").where(note.c.kind.not_in(_KINDS)))
    op.drop_index("ix_note_superseded_by_id", "note")
    with op.batch_alter_table("note") as table:
        table.drop_constraint("note_superseded_by_id_fkey", type_="foreignkey")
        table.drop_column("superseded_by_id")
        table.drop_constraint("kind_is_known", type_="check")
        table.create_check_constraint("kind_is_known", _one_of(_KINDS))
    op.drop_table("board")


def _one_of(kinds: tuple[str, ...]) -> str:
    return f"kind IN ({', '.join(repr(kind) for kind in kinds)})"
