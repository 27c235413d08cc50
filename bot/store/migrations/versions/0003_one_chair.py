"""Allow only one chair for each panel. Two requests at the same time could get past the check in the use cases."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_CHAIRS = "role = 'chair' AND ended_at IS NULL"


def upgrade() -> None:
    """End all but one of each panel's places as chair, and add an index that refuses a second chair."""
    _end_earlier_chairs()
    op.create_index(
        "one_chair_per_panel",
        "membership",
        ["panel_id"],
        unique=True,
        sqlite_where=sa.text(_CHAIRS),
        postgresql_where=sa.text(_CHAIRS),
    )


def _end_earlier_chairs() -> None:
    """Keep only each panel's newest place as chair, and end the others. Prefer places of people who have not left.

    Actions and flags of the former chairs are handed over later, by the tick for places that ended.
    """
    chairs = (
        op.get_bind()
        .execute(
            sa.text(
                "SELECT membership.id, membership.panel_id FROM membership "
                "JOIN person ON person.id = membership.person_id "
                "WHERE role = 'chair' AND ended_at IS NULL "
                "ORDER BY person.left_at IS NOT NULL, began_at DESC, membership.id DESC"
            )
        )
        .all()
    )
    has_chair: set[int] = set()
    for number, panel_id in chairs:
        if panel_id in has_chair:
            end = sa.text("UPDATE membership SET ended_at = CURRENT_TIMESTAMP WHERE id = :number")
            op.execute(end.bindparams(number=number))
        has_chair.add(panel_id)


def downgrade() -> None:
    """Drop the index, so that only the use cases refuse a second chair of a panel."""
    op.drop_index("one_chair_per_panel", "membership")
