"""Let an audit entry name its case. An entry about a refusal can also name the Slack account that was refused."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_COLUMNS = (("case_id", sa.Integer()), ("account", sa.String(80)))
_INDEXES = (
    ("audit_entry_of_case", "case_id", "case_id IS NOT NULL"),
    ("audit_entry_of_case_before", "noun_id", "noun = 'case' AND case_id IS NULL"),  # which had no column for it
)


def upgrade() -> None:
    """Add columns for the case and the Slack account of an audit entry. Existing entries keep their hash."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("audit_entry", recreate="always" if is_sqlite else "never") as table:
        for name, kind in _COLUMNS:
            table.add_column(sa.Column(name, kind, nullable=True))
    for name, column, condition in _INDEXES:
        there = sa.text(condition)
        op.create_index(name, "audit_entry", [column], sqlite_where=there, postgresql_where=there)
    for change in ("update", "delete") if is_sqlite else ():
        op.execute(
            f"CREATE TRIGGER audit_entry_refuses_{change} BEFORE {change.upper()} ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END"
        )


def downgrade() -> None:
    """Drop the case and the account from audit entries. The triggers that refuse changes stay.

    If an entry had a case or an account, its hash no longer fits its facts.
    """
    for name, *_ in _INDEXES:
        op.drop_index(name, "audit_entry")
    for name, _ in reversed(_COLUMNS):
        op.drop_column("audit_entry", name)
