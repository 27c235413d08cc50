"""Make the database refuse to change or remove rows of the audit and its checkpoints."""

from alembic import op

revision = "0012"
down_revision = "0011"

_TABLES = ("audit_entry", "audit_checkpoint")
_REFUSAL = "the audit is only ever added to"


def upgrade() -> None:
    """Add triggers that refuse to change or remove rows of the audit.

    A migration that rebuilds an audit table must add the triggers again.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        for table in _TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
            )
        return
    for table in _TABLES:
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{change} BEFORE {change.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )


def downgrade() -> None:
    """Drop the triggers, so that rows of the audit can be changed."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_audit_change() CASCADE")
        return
    for table in _TABLES:
        for change in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_refuses_{change}")
