"""One chair a panel: what every use case checked before, two at once got past."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_CHAIRS = "role = 'chair' AND ended_at IS NULL"


def upgrade() -> None:
    """Of two who chair one panel the last one stays, then let the database refuse a second."""
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
    """Whoever has left presides no more, whenever their place began; else the place that began last is the one meant.

    What somebody held as chair is passed on by the tidying of places, as from any place that has ended.
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
    """Leave it to the use cases again."""
    op.drop_index("one_chair_per_panel", "membership")
