"""Allow several decisions on one item, with the facts that each kind needs, and add NRM referrals."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_REASONS = "close_reason IN ('risk_reduced', 'moved', 'turned_18', 'other')"
_MORE_REASONS = "close_reason IN ('risk_reduced', 'moved', 'turned_18', 'transferred', 'other')"


def upgrade() -> None:
    """Allow one decision of each kind on an item, and add columns and a table for their facts."""
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
    _make_referrals()
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


def _make_referrals() -> None:
    outcomes = "('awaited', 'positive', 'negative')"
    op.create_table(
        "nrm_referral",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("referred_on", sa.Date(), nullable=False),
        sa.Column("organisation", sa.String(40), nullable=False),
        sa.Column("route", sa.String(40), nullable=False),
        sa.Column("reasonable", sa.String(40), nullable=False),
        sa.Column("reasonable_on", sa.Date(), nullable=True),
        sa.Column("conclusive", sa.String(40), nullable=False),
        sa.Column("conclusive_on", sa.Date(), nullable=True),
        sa.Column("guardian", sa.String(40), nullable=True),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="nrm_referral_pkey"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="nrm_referral_case_id_fkey"),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name="nrm_referral_panel_id_fkey"),
        sa.ForeignKeyConstraint(["written_by_id"], ["person.id"], name="nrm_referral_written_by_id_fkey"),
        sa.UniqueConstraint("case_id", "referred_on", name="nrm_referral_case_id_referred_on_key"),
        sa.CheckConstraint(
            "organisation IN ('local_authority', 'police', 'national_crime_agency', 'border_force',"
            " 'immigration_enforcement', 'visas_and_immigration', 'labour_abuse', 'barnardos', 'nspcc',"
            " 'salvation_army', 'other')",
            name="organisation_is_known",
        ),
        sa.CheckConstraint("route IN ('authority', 'pilot_panel')", name="route_is_known"),
        sa.CheckConstraint(f"reasonable IN {outcomes}", name="reasonable_is_known"),
        sa.CheckConstraint(f"conclusive IN {outcomes}", name="conclusive_is_known"),
        sa.CheckConstraint("guardian IN ('yes', 'no', 'not_applicable')", name="guardian_is_known"),
        sa.CheckConstraint(
            "(reasonable = 'awaited') = (reasonable_on IS NULL)", name="reasonable_grounds_have_their_day"
        ),
        sa.CheckConstraint(
            "(conclusive = 'awaited') = (conclusive_on IS NULL)", name="conclusive_grounds_have_their_day"
        ),
        sa.CheckConstraint("conclusive = 'awaited' OR reasonable = 'positive'", name="conclusive_after_reasonable"),
    )


def downgrade() -> None:
    """Keep the last decision of each item, and mark the others as undone. NRM referrals are lost."""
    op.drop_table("nrm_referral")
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
