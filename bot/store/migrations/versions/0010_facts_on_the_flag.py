"""Move age band and legal status from the case to its flags, since each agency gives its own."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_FACTS = {
    "age_band": "age_band IN ('under_11', '11_to_13', '14_to_15', '16_to_17', '18_and_over')",
    "legal_status": (
        "legal_status IN ('not_open', 'child_in_need', 'child_protection', 'looked_after_s20', 'looked_after_s31')"
    ),
}
_CASES = sa.table("cases", *(sa.column(name) for name in ("id", *_FACTS)))
_FLAG = sa.table("flag", *(sa.column(name) for name in ("id", "case_id", *_FACTS)))


def upgrade() -> None:
    """Copy age band and legal status from each case to its flags, and drop them from the case."""
    _move(_FLAG, _CASES, sa.select(_CASES).where(_CASES.c.id == _FLAG.c.case_id))


def downgrade() -> None:
    """Copy age band and legal status from each case's newest flag to the case, and drop them from flags."""
    _move(_CASES, _FLAG, sa.select(_FLAG).where(_FLAG.c.case_id == _CASES.c.id).order_by(_FLAG.c.id.desc()).limit(1))


def _move(to: Any, source: Any, said: Any) -> None:
    for name in _FACTS:
        op.add_column(to.name, sa.Column(name, sa.String(40), nullable=True))
        value = said.with_only_columns(source.c[name]).scalar_subquery()
        op.execute(sa.update(to).values({name: value}))
    with _written_again(to) as table:
        for name, known in _FACTS.items():
            table.alter_column(name, existing_type=sa.String(40), nullable=False)
            table.create_check_constraint(f"{name}_is_known", known)
    with _written_again(source) as table:
        for name in _FACTS:
            table.drop_constraint(f"{name}_is_known", type_="check")
            table.drop_column(name)


def _written_again(table: Any) -> Any:
    """Return Alembic's batch operation for changing a table.

    On SQLite, the batch rebuilds the whole table. The table's definition is then the same as that of a new table made
    from the models.
    """
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    return op.batch_alter_table(table.name, recreate="always" if is_sqlite else "never")
