"""Add answers to invitations, returns, calendar feeds, deputies for a period and audit checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_OLD_PROMPTS = ("flags_open", "flags_close", "triage", "agenda", "summary", "minutes", "cancelled", "rescheduled")
_NEW_PROMPTS = ("invitation", "reply_reminder", "returns", "quorum")
_STANDING = "ended_at IS NULL"
_STANDING_FOR_GOOD = "ended_at IS NULL AND lapses_at IS NULL"
_AT_ONE_MEETING = "ended_at IS NULL AND meeting_id IS NOT NULL"
_DEPARTURES = ("file", "said", "deactivated", "reactivated")


def _one_of(column: str, *words: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_known")


def upgrade() -> None:
    """Add tables for answers to invitations, returns, feeds and checkpoints, and columns to existing tables."""
    _change_panels()
    _change_meetings()
    _change_memberships()
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("departure", sa.String(40), nullable=True))
        table.create_check_constraint("departure_is_known", _one_of("departure", *_DEPARTURES).sqltext)
    _change_recusals()
    with op.batch_alter_table("prompt") as table:
        table.drop_constraint("kind_is_known", type_="check")
        table.create_check_constraint("kind_is_known", _one_of("kind", *_OLD_PROMPTS, *_NEW_PROMPTS).sqltext)
    _make_tables()


def _change_panels() -> None:
    with op.batch_alter_table("panel") as table:
        table.add_column(sa.Column("bank_holidays", sa.String(40), nullable=True))
        table.add_column(sa.Column("escalates_to_id", sa.Integer(), nullable=True))
        table.create_foreign_key("panel_escalates_to_id_fkey", "panel", ["escalates_to_id"], ["id"])
        table.create_check_constraint(
            "bank_holidays_is_known", _one_of("bank_holidays", "next", "previous", "skip", "keep").sqltext
        )
    op.create_index("ix_panel_escalates_to_id", "panel", ["escalates_to_id"])
    with op.batch_alter_table("series") as table:
        table.add_column(sa.Column("count", sa.Integer(), nullable=True))
        table.create_check_constraint("a_series_has_meetings", "count IS NULL OR count > 0")


def _change_meetings() -> None:
    with op.batch_alter_table("meeting") as table:
        table.add_column(sa.Column("uid", sa.String(40), nullable=True))
        table.add_column(sa.Column("sequence", sa.Integer(), nullable=True))
        table.add_column(sa.Column("is_interim", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("postponed_from", sa.DateTime(timezone=True), nullable=True))
    meeting = sa.table(
        "meeting",
        sa.column("id", sa.Integer()),
        sa.column("uid", sa.String()),
        sa.column("sequence", sa.Integer()),
        sa.column("is_interim", sa.Boolean()),
    )
    # No calendar has these meetings yet, so any permanent identifier will do.
    op.execute(
        meeting.update().values(
            uid=sa.literal("meeting-") + sa.cast(meeting.c.id, sa.String()), sequence=0, is_interim=sa.false()
        )
    )
    with op.batch_alter_table("meeting") as table:
        table.alter_column("uid", existing_type=sa.String(40), nullable=False)
        table.alter_column("sequence", existing_type=sa.Integer(), nullable=False)
        table.alter_column("is_interim", existing_type=sa.Boolean(), nullable=False)
        table.create_unique_constraint("meeting_uid_key", ["uid"])
        table.create_unique_constraint("meeting_series_id_rule_on_key", ["series_id", "rule_on"])
        table.create_check_constraint("sequence_not_negative", "sequence >= 0")


def _change_memberships() -> None:
    op.drop_index("one_place_per_role", "membership")
    with op.batch_alter_table("membership") as table:
        table.add_column(sa.Column("meeting_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key("membership_meeting_id_fkey", "meeting", ["meeting_id"], ["id"])
        table.create_check_constraint(
            "only_deputies_come_for_a_while", "(role = 'deputy') OR (meeting_id IS NULL AND lapses_at IS NULL)"
        )
        table.create_check_constraint("one_meeting_lapses", "meeting_id IS NULL OR lapses_at IS NOT NULL")
        table.create_check_constraint("lapses_after_it_began", "lapses_at IS NULL OR lapses_at > began_at")
    op.create_index("ix_membership_meeting_id", "membership", ["meeting_id"])
    _create_place_index(_STANDING_FOR_GOOD)
    op.create_index(
        "one_deputy_per_meeting",
        "membership",
        ["meeting_id", "person_id"],
        unique=True,
        sqlite_where=sa.text(_AT_ONE_MEETING),
        postgresql_where=sa.text(_AT_ONE_MEETING),
    )


def _create_place_index(where: str) -> None:
    op.create_index(
        "one_place_per_role",
        "membership",
        ["panel_id", "person_id", "role"],
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _change_recusals() -> None:
    """Rebuild the table of declared interests, so that a person can declare one, withdraw it and declare it again."""
    op.execute("CREATE TABLE recusal_before AS SELECT case_id, person_id, declared_at FROM recusal")
    op.drop_table("recusal")
    op.create_table(
        "recusal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_reason", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="recusal_pkey"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="recusal_case_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="recusal_person_id_fkey"),
        sa.ForeignKeyConstraint(["declared_by_id"], ["person.id"], name="recusal_declared_by_id_fkey"),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["person.id"], name="recusal_withdrawn_by_id_fkey"),
        sa.CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= declared_at", name="withdrawn_after_declared"),
    )
    for column in ("case_id", "person_id", "declared_by_id", "withdrawn_by_id"):
        op.create_index(f"ix_recusal_{column}", "recusal", [column])
    op.create_index(
        "one_standing_recusal",
        "recusal",
        ["case_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.execute(
        "INSERT INTO recusal (case_id, person_id, declared_at) "
        "SELECT case_id, person_id, declared_at FROM recusal_before ORDER BY declared_at, case_id, person_id"
    )
    op.drop_table("recusal_before")


def _change_recusals_back() -> None:
    """Keep only interests in force. Withdrawn ones are lost, since the earlier table has no column for them."""
    op.execute(
        "CREATE TABLE recusal_after AS SELECT case_id, person_id, declared_at FROM recusal WHERE withdrawn_at IS NULL"
    )
    op.drop_table("recusal")
    op.create_table(
        "recusal",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "person_id", name="recusal_pkey"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="recusal_case_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="recusal_person_id_fkey"),
    )
    op.create_index("ix_recusal_person_id", "recusal", ["person_id"])
    op.execute(
        "INSERT INTO recusal (case_id, person_id, declared_at) "
        "SELECT case_id, person_id, declared_at FROM recusal_after"
    )
    op.drop_table("recusal_after")


def _make_tables() -> None:
    op.create_table(
        "rsvp",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("reply", sa.String(40), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("information", sa.LargeBinary(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="rsvp_pkey"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="rsvp_meeting_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="rsvp_person_id_fkey"),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="rsvp_agency_id_fkey"),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name="rsvp_deputy_id_fkey"),
        sa.UniqueConstraint("meeting_id", "person_id", name="rsvp_meeting_id_person_id_key"),
        sa.CheckConstraint("(reply = 'deputy') = (deputy_id IS NOT NULL)", name="a_deputy_has_a_name"),
        _one_of("reply", "coming", "deputy", "apologies"),
    )
    op.create_index("ix_rsvp_person_id", "rsvp", ["person_id"])
    op.create_index("ix_rsvp_agency_id", "rsvp", ["agency_id"])
    op.create_index("ix_rsvp_deputy_id", "rsvp", ["deputy_id"])
    op.create_table(
        "agency_return",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("knowledge", sa.String(40), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="agency_return_pkey"),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name="agency_return_flag_id_fkey"),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="agency_return_agency_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="agency_return_person_id_fkey"),
        sa.UniqueConstraint("flag_id", "agency_id", name="agency_return_flag_id_agency_id_key"),
        _one_of("knowledge", "known", "not_known", "nothing_to_add"),
    )
    op.create_index("ix_agency_return_agency_id", "agency_return", ["agency_id"])
    op.create_index("ix_agency_return_person_id", "agency_return", ["person_id"])
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret_digest", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="calendar_feed_pkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="calendar_feed_person_id_fkey"),
        sa.UniqueConstraint("secret_digest", name="calendar_feed_secret_digest_key"),
    )
    op.create_index(
        "one_feed_per_person",
        "calendar_feed",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_checkpoint_pkey"),
    )
    op.create_index("ix_audit_checkpoint_entry_id", "audit_checkpoint", ["entry_id"])


def downgrade() -> None:
    """Drop answers, returns, feeds and checkpoints.

    All places that have a last day are ended, since the earlier schema can't hold that day.
    """
    for name in ("audit_checkpoint", "calendar_feed", "agency_return", "rsvp"):
        op.drop_table(name)
    prompt = sa.table("prompt", sa.column("kind", sa.String()))
    op.execute(prompt.delete().where(prompt.c.kind.in_(_NEW_PROMPTS)))
    with op.batch_alter_table("prompt") as table:
        table.drop_constraint("kind_is_known", type_="check")
        table.create_check_constraint("kind_is_known", _one_of("kind", *_OLD_PROMPTS).sqltext)
    _change_recusals_back()
    op.execute("UPDATE membership SET ended_at = CURRENT_TIMESTAMP WHERE ended_at IS NULL AND lapses_at IS NOT NULL")
    op.drop_index("one_deputy_per_meeting", "membership")
    op.drop_index("one_place_per_role", "membership")
    op.drop_index("ix_membership_meeting_id", "membership")
    with op.batch_alter_table("membership") as table:
        for name in ("only_deputies_come_for_a_while", "one_meeting_lapses", "lapses_after_it_began"):
            table.drop_constraint(name, type_="check")
        table.drop_constraint("membership_meeting_id_fkey", type_="foreignkey")
        table.drop_column("meeting_id")
        table.drop_column("lapses_at")
    _create_place_index(_STANDING)
    with op.batch_alter_table("person") as table:
        table.drop_constraint("departure_is_known", type_="check")
        table.drop_column("departure")
    with op.batch_alter_table("meeting") as table:
        table.drop_constraint("sequence_not_negative", type_="check")
        table.drop_constraint("meeting_series_id_rule_on_key", type_="unique")
        table.drop_constraint("meeting_uid_key", type_="unique")
        for name in ("uid", "sequence", "is_interim", "postponed_from"):
            table.drop_column(name)
    with op.batch_alter_table("series") as table:
        table.drop_constraint("a_series_has_meetings", type_="check")
        table.drop_column("count")
    op.drop_index("ix_panel_escalates_to_id", "panel")
    with op.batch_alter_table("panel") as table:
        table.drop_constraint("bank_holidays_is_known", type_="check")
        table.drop_column("bank_holidays")
        table.drop_constraint("panel_escalates_to_id_fkey", type_="foreignkey")
        table.drop_column("escalates_to_id")
