"""Add the steps of minutes: sent back, corrected, approved with a checksum, acknowledged, amended, found accurate."""

from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

_STATES = ("draft", "with_chair", "sent_back", "replaced", "approved", "circulated")
_OLD_STATES = ("draft", "approved", "circulated")
_NEWER = (
    "EXISTS (SELECT 1 FROM minutes AS newer WHERE newer.meeting_id = minutes.meeting_id "
    "AND newer.version > minutes.version)"
)
_REFERENCES = {"item_id": "agenda_item", "approved_by_id": "person"}


def upgrade() -> None:
    """Add steps, checksums, corrections and slips of minutes. A meeting's newest draft counts as sent to the chair."""
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    op.drop_index("one_approved_version_per_meeting", "minutes")
    _know(_STATES, "(state IN ('approved', 'circulated')) = (approved_at IS NOT NULL)")
    op.execute(f"UPDATE minutes SET state = 'replaced' WHERE state = 'draft' AND {_NEWER}")  # noqa: S608 - a constant
    op.execute("UPDATE minutes SET state = 'with_chair' WHERE state = 'draft'")
    with op.batch_alter_table("minutes", recreate=recreate) as table:
        table.add_column(sa.Column("digest", sa.String(64), nullable=True))
        table.create_check_constraint("only_what_is_approved_has_a_digest", "digest IS NULL OR approved_at IS NOT NULL")
    living = sa.text("state <> 'replaced'")
    op.create_index(
        "one_living_version_per_meeting",
        "minutes",
        ["meeting_id"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    with op.batch_alter_table("minutes_part", recreate=recreate) as table:
        for name, other in _REFERENCES.items():
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
            table.create_foreign_key(f"minutes_part_{name}_fkey", other, [name], ["id"])
        table.add_column(sa.Column("digest", sa.String(64), nullable=True))
        table.add_column(sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("needs_another", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("minutes_part") as table:
        table.alter_column("needs_another", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    for name in _REFERENCES:
        op.create_index(f"ix_minutes_part_{name}", "minutes_part", [name])
    with op.batch_alter_table("slack_file", recreate=recreate) as table:
        table.add_column(sa.Column("digest", sa.String(64), nullable=True))
    _create_tables()


def _know(states: tuple[str, ...], approved: str) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    with op.batch_alter_table("minutes") as table:
        table.drop_constraint("approved_has_its_time", type_="check")
        table.drop_constraint("state_is_known", type_="check")
        table.create_check_constraint("state_is_known", f"state IN ({listed})")
        table.create_check_constraint("approved_has_its_time", approved)


def _to(name: str, other: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), sa.ForeignKey(f"{other}.id"), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _create_tables() -> None:
    op.create_table(
        "minutes_event",
        sa.Column("id", sa.Integer(), primary_key=True),
        _to("minutes_id", "minutes"),
        sa.Column("step", sa.String(40), nullable=False),
        _to("by_id", "person"),
        _at("at"),
        sa.Column("remarks", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "step IN ('drafted', 'submitted', 'sent_back', 'replaced', 'approved', 'annex_approved', 'circulated')",
            name="step_is_known",
        ),
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), primary_key=True),
        _to("minutes_id", "minutes"),
        _to("item_id", "agenda_item", nullable=True),
        _to("case_id", "cases", nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("after", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        _to("of_id", "person", nullable=True),
        _to("by_id", "person"),
        _at("at"),
        sa.CheckConstraint("kind IN ('note', 'forgotten', 'decision', 'attendance')", name="kind_is_known"),
        sa.CheckConstraint("(kind = 'attendance') = (item_id IS NULL)", name="all_but_attendance_is_of_an_item"),
    )
    op.create_table(
        "minutes_copy",
        sa.Column("id", sa.Integer(), primary_key=True),
        _to("minutes_id", "minutes"),
        _to("person_id", "person"),
        _at("told_at"),
        _at("acknowledged_at", nullable=True),
        sa.UniqueConstraint("minutes_id", "person_id"),
    )
    op.create_table(
        "amendment_slip",
        sa.Column("id", sa.Integer(), primary_key=True),
        _to("minutes_id", "minutes"),
        _to("item_id", "agenda_item", nullable=True),
        _to("case_id", "cases", nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("says", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        _to("written_by_id", "person"),
        _at("written_at"),
        _to("decided_by_id", "person", nullable=True),
        _at("decided_at", nullable=True),
        sa.UniqueConstraint("minutes_id", "item_id", "number"),
        sa.CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="a_decision_on_a_slip_is_whole"),
        sa.CheckConstraint("number IS NULL OR decided_at IS NOT NULL", name="only_an_approved_slip_has_a_number"),
    )
    op.create_table(
        "minutes_accuracy",
        sa.Column("meeting_id", sa.Integer(), sa.ForeignKey("meeting.id"), primary_key=True),
        _to("minutes_id", "minutes"),
        sa.Column("answer", sa.String(40), nullable=False),
        _to("by_id", "person"),
        _at("at"),
        sa.CheckConstraint("answer IN ('accurate', 'with_corrections')", name="answer_is_known"),
    )
    for table_name, names in _INDEXED.items():
        for name in names:
            op.create_index(f"ix_{table_name}_{name}", table_name, [name])


_INDEXED = {
    "minutes_event": ("minutes_id", "by_id"),
    "correction": ("minutes_id", "item_id", "case_id", "of_id", "by_id"),
    "minutes_copy": ("person_id",),
    "amendment_slip": ("item_id", "case_id", "written_by_id", "decided_by_id"),
    "minutes_accuracy": ("minutes_id", "by_id"),
}


def downgrade() -> None:
    """Drop steps, checksums, corrections, slips and acknowledgements of minutes. Unapproved minutes become drafts."""
    for table_name in ("minutes_accuracy", "amendment_slip", "minutes_copy", "correction", "minutes_event"):
        op.drop_table(table_name)
    with op.batch_alter_table("slack_file") as table:
        table.drop_column("digest")
    for name in _REFERENCES:
        op.drop_index(f"ix_minutes_part_{name}", "minutes_part")
    with op.batch_alter_table("minutes_part") as table:
        for name in _REFERENCES:
            table.drop_constraint(f"minutes_part_{name}_fkey", type_="foreignkey")
            table.drop_column(name)
        for name in ("digest", "approved_at", "needs_another"):
            table.drop_column(name)
    op.drop_index("one_living_version_per_meeting", "minutes")
    with op.batch_alter_table("minutes") as table:
        table.drop_constraint("only_what_is_approved_has_a_digest", type_="check")
        table.drop_column("digest")
    op.execute("UPDATE minutes SET state = 'draft' WHERE state IN ('with_chair', 'sent_back', 'replaced')")
    _know(_OLD_STATES, "(state = 'draft') = (approved_at IS NULL)")
    approved = sa.text("state <> 'draft'")
    op.create_index(
        "one_approved_version_per_meeting",
        "minutes",
        ["meeting_id"],
        unique=True,
        sqlite_where=approved,
        postgresql_where=approved,
    )
