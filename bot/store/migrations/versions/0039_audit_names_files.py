"""Let an audit entry name, by its SHA-256, the file or the version of minutes that the entry is about."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """Add a column for the SHA-256 of a paper to audit entries. Existing entries keep their hash."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("audit_entry", recreate="always" if is_sqlite else "never") as table:
        table.add_column(sa.Column("sha256", sa.String(64), nullable=True))
    for change in ("update", "delete") if is_sqlite else ():
        op.execute(
            f"CREATE TRIGGER audit_entry_refuses_{change} BEFORE {change.upper()} ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'the audit is only ever added to'); END"
        )


def downgrade() -> None:
    """Drop the SHA-256 of papers from audit entries. The triggers that refuse changes stay.

    If an entry had such a SHA-256, the entry's own hash no longer fits its facts.
    """
    op.drop_column("audit_entry", "sha256")
