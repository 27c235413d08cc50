"""Store the assessment day and the judgement of a risk level that the panel decided on."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"

_NAMES = ("risk_assessed_on", "risk_judgement")
_CHECK = "risk_after IS NOT NULL OR (risk_assessed_on IS NULL AND risk_judgement IS NULL)"


def upgrade() -> None:
    """Add columns to decisions for the day and the judgement of the panel's own risk assessment."""
    # On SQLite the table is written once more, in the words in which the models make it.
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("decision", recreate=recreate) as table:
        table.add_column(sa.Column("risk_assessed_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("risk_judgement", sa.LargeBinary(), nullable=True))
        table.create_check_constraint("judgement_has_its_level", _CHECK)


def downgrade() -> None:
    """Drop the day and the judgement of the panel's own risk assessments."""
    with op.batch_alter_table("decision") as table:
        table.drop_constraint("judgement_has_its_level", type_="check")
        for name in _NAMES:
            table.drop_column(name)
