"""Add corrections of actions in drafts, reasons for refused slips, sharing agreements, job titles and exports."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

_KINDS = ("note", "forgotten", "decision", "attendance")


def upgrade() -> None:
    """Add columns and tables for refused slips, sharing agreements, job titles and exports. They begin empty."""
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    _know((*_KINDS, "action"), "kind = 'action' OR (kind = 'attendance') = (item_id IS NULL)")
    with op.batch_alter_table("amendment_slip", recreate=recreate) as table:
        table.add_column(sa.Column("refusal", sa.LargeBinary(), nullable=True))
        table.create_check_constraint("only_a_refused_slip_says_why", "refusal IS NULL OR number IS NULL")
    with op.batch_alter_table("agency", recreate=recreate) as table:
        for name in ("sharing_agreement_signed_on", "sharing_agreement_review_on", "sharing_review_told_for"):
            table.add_column(sa.Column(name, sa.Date(), nullable=True))
    with op.batch_alter_table("person", recreate=recreate) as table:
        table.add_column(sa.Column("job_title", sa.String(120), nullable=False, server_default=""))
    with op.batch_alter_table("person") as table:
        table.alter_column("job_title", existing_type=sa.String(120), existing_nullable=False, server_default=None)
    _create_exports()


def _create_exports() -> None:
    op.create_table(
        "paper_export",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("panel_id", sa.Integer(), sa.ForeignKey("panel.id"), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner", sa.String(40), nullable=True),
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'ready', 'sent', 'cancelled', 'failed')", name="state_is_known"),
    )
    alive = sa.text("state IN ('waiting', 'ready')")
    op.create_index(
        "one_export_at_a_time",
        "paper_export",
        ["person_id"],
        unique=True,
        sqlite_where=alive,
        postgresql_where=alive,
    )
    op.create_table(
        "paper_export_file",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("export_id", sa.Integer(), sa.ForeignKey("paper_export.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("panel_id", sa.Integer(), sa.ForeignKey("panel.id"), nullable=True),
        sa.Column("meeting_id", sa.Integer(), sa.ForeignKey("meeting.id"), nullable=True),
        sa.Column("case_ids", sa.JSON(), nullable=False),
        sa.UniqueConstraint("export_id", "position"),
    )
    for table_name, names in (
        ("paper_export", ("person_id", "panel_id")),
        ("paper_export_file", ("panel_id", "meeting_id")),
    ):
        for name in names:
            op.create_index(f"ix_{table_name}_{name}", table_name, [name])


def _know(kinds: tuple[str, ...], of_an_item: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("correction") as table:
        table.drop_constraint("all_but_attendance_is_of_an_item", type_="check")
        table.drop_constraint("kind_is_known", type_="check")
        table.create_check_constraint("kind_is_known", f"kind IN ({listed})")
        table.create_check_constraint("all_but_attendance_is_of_an_item", of_an_item)


def downgrade() -> None:
    """Drop the sharing agreements, job titles, exports, and reasons for refused slips.

    Delete the corrections of actions.
    """
    op.drop_table("paper_export_file")
    op.drop_table("paper_export")
    op.execute("DELETE FROM correction WHERE kind = 'action'")
    _know(_KINDS, "(kind = 'attendance') = (item_id IS NULL)")
    with op.batch_alter_table("amendment_slip") as table:
        table.drop_constraint("only_a_refused_slip_says_why", type_="check")
        table.drop_column("refusal")
    with op.batch_alter_table("agency") as table:
        for name in ("sharing_agreement_signed_on", "sharing_agreement_review_on", "sharing_review_told_for"):
            table.drop_column(name)
    with op.batch_alter_table("person") as table:
        table.drop_column("job_title")
