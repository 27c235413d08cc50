"""Add facts from agencies' own forms: purpose, lead professional, the child's voice, and a promised assessment."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_PURPOSES = "purpose IN ('new', 'review', 'closure')"
_ASSESSED_OR_DUE = (
    "CASE WHEN assessed_on IS NULL THEN assessment_due_on IS NOT NULL"
    " ELSE assessment_due_on IS NULL AND risk_tool IS NOT NULL AND risk_level IS NOT NULL END"
)
_GIVEN_WITH_AN_ASSESSMENT = (("risk_tool", sa.String(40)), ("risk_level", sa.String(40)), ("assessed_on", sa.Date()))
_TO_MAKE = sa.text("assessment_due_on IS NOT NULL")
_OLD_PROMPTS = (
    "flags_open", "flags_close", "triage", "agenda", "summary", "minutes", "cancelled", "rescheduled", "invitation",
    "reply_reminder", "returns", "quorum",
)  # fmt: skip


def upgrade() -> None:
    """Add columns for the new facts to flags, empty for existing flags. All existing flags count as assessed."""
    # SQLite rebuilds the table, so that its definition reads as the models make it.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("flag", recreate="always" if is_sqlite else "never") as table:
        table.add_column(sa.Column("purpose", sa.String(40), nullable=True))
        table.add_column(sa.Column("lead_professional", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("childs_voice", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("assessment_due_on", sa.Date(), nullable=True))
        for name, kind in _GIVEN_WITH_AN_ASSESSMENT:
            table.alter_column(name, existing_type=kind, nullable=True)
        table.create_check_constraint("purpose_is_known", _PURPOSES)
        table.create_check_constraint("assessed_or_due", _ASSESSED_OR_DUE)
    op.create_index(
        "assessments_to_make", "flag", ["assessment_due_on"], sqlite_where=_TO_MAKE, postgresql_where=_TO_MAKE
    )
    _know_prompts(*_OLD_PROMPTS, "assessments")


def downgrade() -> None:
    """Drop the columns for purpose, lead professional, the child's voice and the promised assessment.

    A flag without an assessment counts as assessed on the day it was made. If it has no level, it gets the highest.
    """
    op.execute("DELETE FROM prompt WHERE kind = 'assessments'")
    _know_prompts(*_OLD_PROMPTS)
    op.drop_index("assessments_to_make", table_name="flag")
    op.execute(
        "UPDATE flag SET risk_tool = 'other', risk_level = coalesce(risk_level, 'high'),"
        " assessed_on = date(flagged_at), assessment_due_on = NULL WHERE assessed_on IS NULL"
    )
    with op.batch_alter_table("flag") as table:
        table.drop_constraint("assessed_or_due", type_="check")
        table.drop_constraint("purpose_is_known", type_="check")
        for name, kind in _GIVEN_WITH_AN_ASSESSMENT:
            table.alter_column(name, existing_type=kind, nullable=False)
        for name in ("assessment_due_on", "childs_voice", "lead_professional", "purpose"):
            table.drop_column(name)


def _know_prompts(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("prompt") as table:
        table.drop_constraint("kind_is_known", type_="check")
        table.create_check_constraint("kind_is_known", f"kind IN ({listed})")
