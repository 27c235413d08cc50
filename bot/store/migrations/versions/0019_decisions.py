"""Several decisions on one item, each with what its kind needs; one that takes another's place names it."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_REASONS = "close_reason IN ('risk_reduced', 'moved', 'turned_18', 'other')"
_MORE_REASONS = "close_reason IN ('risk_reduced', 'moved', 'turned_18', 'transferred', 'other')"


def upgrade() -> None:
    """Let decisions of different kinds stand beside each other."""
    op.drop_index("one_standing_decision_per_item", "decision")
    with op.batch_alter_table("decision") as table:
        table.add_column(sa.Column("adult_route", sa.String(40), nullable=True))
        table.add_column(sa.Column("area", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("superseded_by_id", sa.Integer(), nullable=True))
        table.create_foreign_key("decision_superseded_by_id_fkey", "decision", ["superseded_by_id"], ["id"])
        table.drop_constraint("close_reason_is_known", type_="check")
        table.create_check_constraint("close_reason_is_known", _MORE_REASONS)
        table.create_check_constraint(
            "adult_route_is_known", "adult_route IN ('adult_services', 'probation', 'marac', 'none')"
        )
        table.create_check_constraint("adult_route_at_eighteen", "adult_route IS NULL OR close_reason = 'turned_18'")
        table.create_check_constraint("only_a_transfer_has_an_area", "area IS NULL OR kind = 'transfer'")
    op.create_index("ix_decision_superseded_by_id", "decision", ["superseded_by_id"])
    stands = sa.text("undone_at IS NULL AND superseded_by_id IS NULL")
    op.create_index(
        "one_standing_decision_of_a_kind",
        "decision",
        ["item_id", "kind"],
        unique=True,
        sqlite_where=stands,
        postgresql_where=stands,
    )


def downgrade() -> None:
    """Keep the last decision of each item; the others are marked as undone, and a transfer that ended as moved."""
    op.drop_index("one_standing_decision_of_a_kind", "decision")
    decision = sa.table("decision", *map(sa.column, ("id", "item_id", "decided_at", "undone_at", "superseded_by_id")))
    later = decision.alias()
    is_later = (later.c.item_id == decision.c.item_id) & (later.c.id > decision.c.id) & later.c.undone_at.is_(None)
    is_over = decision.c.superseded_by_id.is_not(None) | sa.exists(sa.select(later.c.id).where(is_later))
    undone = sa.update(decision).where(decision.c.undone_at.is_(None), is_over)
    op.execute(undone.values(undone_at=decision.c.decided_at))
    op.execute("UPDATE decision SET close_reason = 'moved' WHERE close_reason = 'transferred'")
    op.drop_index("ix_decision_superseded_by_id", "decision")
    with op.batch_alter_table("decision") as table:
        for name in ("adult_route_is_known", "adult_route_at_eighteen", "only_a_transfer_has_an_area"):
            table.drop_constraint(name, type_="check")
        table.drop_constraint("close_reason_is_known", type_="check")
        table.create_check_constraint("close_reason_is_known", _REASONS)
        table.drop_constraint("decision_superseded_by_id_fkey", type_="foreignkey")
        for name in ("superseded_by_id", "area", "adult_route"):
            table.drop_column(name)
    one = sa.text("undone_at IS NULL")
    op.create_index(
        "one_standing_decision_per_item",
        "decision",
        ["item_id"],
        unique=True,
        sqlite_where=one,
        postgresql_where=one,
    )
