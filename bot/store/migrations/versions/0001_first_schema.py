"""The first schema: people, panels, meetings, cases, actions, minutes, audit, answers and the outbox.

It is written in plain SQLAlchemy, not imported from the models, since it must stay the same when the models change.
Constraints have the names that PostgreSQL would give them, so that later migrations can name them on both databases.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _one_of(column: str, *words: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_is_known")


def upgrade() -> None:  # noqa: PLR0915 - a list of tables is long and simple
    """Create every table."""
    op.create_table(
        "agency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="agency_pkey"),
        sa.UniqueConstraint("key", name="agency_key_key"),
        _one_of(
            "kind",
            "childrens_social_care",
            "police",
            "health",
            "education",
            "youth_justice",
            "early_help",
            "youth_service",
            "district_council",
            "housing",
            "substance_misuse",
            "adult_services",
            "probation",
            "voluntary_sector",
            "childrens_homes",
            "transport_police",
        ),
    )
    op.create_table(
        "answered_request",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="answered_request_pkey"),
    )
    op.create_index("ix_answered_request_answered_at", "answered_request", ["answered_at"])
    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="area_pkey"),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name="area_parent_id_fkey"),
        sa.UniqueConstraint("key", name="area_key_key"),
        _one_of("kind", "county", "district"),
    )
    op.create_index("ix_area_parent_id", "area", ["parent_id"])
    op.create_table(
        "data_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="data_key_pkey"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("lane", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("due_at", sa.Float(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(80), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("finished_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
        sa.UniqueConstraint("key", name="outbox_key_key"),
        _one_of("state", "ready", "claimed", "sending", "done", "dropped", "dead", "ambiguous"),
    )
    op.create_index("outbox_to_claim", "outbox", ["state", "lane", "priority", "id"])
    op.create_table(
        "outbox_lane",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.Column("gap", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="outbox_lane_pkey"),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("age_band", sa.String(40), nullable=False),
        sa.Column("legal_status", sa.String(40), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("data_key_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="cases_pkey"),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name="cases_area_id_fkey"),
        sa.ForeignKeyConstraint(["data_key_id"], ["data_key.id"], name="cases_data_key_id_fkey"),
        sa.UniqueConstraint("data_key_id", name="cases_data_key_id_key"),
        sa.UniqueConstraint("reference", name="cases_reference_key"),
        _one_of("age_band", "under_11", "11_to_13", "14_to_15", "16_to_17", "18_and_over"),
        _one_of(
            "legal_status", "not_open", "child_in_need", "child_protection", "looked_after_s20", "looked_after_s31"
        ),
    )
    op.create_index("ix_cases_area_id", "cases", ["area_id"])
    op.create_table(
        "panel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("definition", sa.String(40), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.String(40), nullable=True),
        sa.Column("venue", sa.String(200), nullable=False),
        sa.Column("data_key_id", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="panel_pkey"),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name="panel_area_id_fkey"),
        sa.ForeignKeyConstraint(["data_key_id"], ["data_key.id"], name="panel_data_key_id_fkey"),
        sa.UniqueConstraint("channel_id", name="panel_channel_id_key"),
        sa.UniqueConstraint("key", name="panel_key_key"),
    )
    op.create_index("ix_panel_area_id", "panel", ["area_id"])
    op.create_index("ix_panel_data_key_id", "panel", ["data_key_id"])
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("team_id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("leads_agency", sa.Boolean(), nullable=False),
        sa.Column("is_administrator", sa.Boolean(), nullable=False),
        sa.Column("timezone", sa.String(60), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="person_pkey"),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="person_agency_id_fkey"),
        sa.UniqueConstraint("key", name="person_key_key"),
        sa.UniqueConstraint("team_id", "user_id", name="person_team_id_user_id_key"),
    )
    op.create_index("ix_person_agency_id", "person", ["agency_id"])
    op.create_index(
        "one_lead_per_agency",
        "person",
        ["agency_id"],
        unique=True,
        sqlite_where=sa.text("leads_agency"),
        postgresql_where=sa.text("leads_agency"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(40), nullable=False),
        sa.Column("noun", sa.String(40), nullable=False),
        sa.Column("noun_id", sa.Integer(), nullable=True),
        sa.Column("panel_id", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_entry_pkey"),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name="audit_entry_actor_id_fkey"),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name="audit_entry_panel_id_fkey"),
    )
    op.create_index("ix_audit_entry_actor_id", "audit_entry", ["actor_id"])
    op.create_index("ix_audit_entry_panel_id", "audit_entry", ["panel_id"])
    op.create_table(
        "case_reader",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "person_id", name="case_reader_pkey"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="case_reader_case_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="case_reader_person_id_fkey"),
    )
    op.create_index("ix_case_reader_person_id", "case_reader", ["person_id"])
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("deputy_for_id", sa.Integer(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="membership_pkey"),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name="membership_panel_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="membership_person_id_fkey"),
        sa.ForeignKeyConstraint(["deputy_for_id"], ["person.id"], name="membership_deputy_for_id_fkey"),
        sa.CheckConstraint("(role = 'deputy') OR deputy_for_id IS NULL", name="only_deputies_stand_in"),
        _one_of("role", "chair", "vice_chair", "coordinator", "minute_taker", "representative", "deputy", "observer"),
    )
    op.create_index("ix_membership_deputy_for_id", "membership", ["deputy_for_id"])
    op.create_index("ix_membership_person_id", "membership", ["person_id"])
    op.create_index(
        "one_place_per_role",
        "membership",
        ["panel_id", "person_id", "role"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
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
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="series_pkey"),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name="series_panel_id_fkey"),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name="series_created_by_id_fkey"),
    )
    op.create_index("ix_series_created_by_id", "series", ["created_by_id"])
    op.create_index("ix_series_panel_id", "series", ["panel_id"])
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("rule_on", sa.Date(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("venue", sa.String(200), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("agenda_version", sa.Integer(), nullable=False),
        sa.Column("agenda_published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="meeting_pkey"),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name="meeting_panel_id_fkey"),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="meeting_series_id_fkey"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_its_time"),
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        sa.CheckConstraint("state NOT IN ('open', 'closed') OR opened_at IS NOT NULL", name="held_after_opening"),
        _one_of("state", "scheduled", "open", "closed", "cancelled"),
    )
    op.create_index("ix_meeting_panel_id", "meeting", ["panel_id"])
    op.create_index("ix_meeting_series_id", "meeting", ["series_id"])
    op.create_index("meetings_by_state_and_time", "meeting", ["state", "starts_at"])
    op.create_index(
        "one_meeting_at_a_time",
        "meeting",
        ["panel_id", "starts_at"],
        unique=True,
        sqlite_where=sa.text("state <> 'cancelled'"),
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_index(
        "one_open_meeting_per_panel",
        "meeting",
        ["panel_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("information_sent", sa.LargeBinary(), nullable=True),
        sa.Column("information_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="attendance_pkey"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="attendance_meeting_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="attendance_person_id_fkey"),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="attendance_agency_id_fkey"),
        sa.UniqueConstraint("meeting_id", "person_id", name="attendance_meeting_id_person_id_key"),
        _one_of("status", "present", "apologies", "absent", "in_attendance", "observer"),
    )
    op.create_index("ix_attendance_agency_id", "attendance", ["agency_id"])
    op.create_index("ix_attendance_person_id", "attendance", ["person_id"])
    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("urgency", sa.String(40), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("is_escalated", sa.Boolean(), nullable=False),
        sa.Column("risk_tool", sa.String(40), nullable=False),
        sa.Column("risk_level", sa.String(40), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("judgement", sa.LargeBinary(), nullable=False),
        sa.Column("asked_of_panel", sa.LargeBinary(), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("missing_episodes", sa.Integer(), nullable=False),
        sa.Column("interviews_offered", sa.Integer(), nullable=False),
        sa.Column("interviews_within_72h", sa.Integer(), nullable=False),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("triaged_by_id", sa.Integer(), nullable=True),
        sa.Column("triaged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("triage_reason", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="flag_pkey"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="flag_case_id_fkey"),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name="flag_panel_id_fkey"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="flag_meeting_id_fkey"),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="flag_agency_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="flag_person_id_fkey"),
        sa.ForeignKeyConstraint(["triaged_by_id"], ["person.id"], name="flag_triaged_by_id_fkey"),
        sa.UniqueConstraint("case_id", "panel_id", "flagged_at", name="flag_case_id_panel_id_flagged_at_key"),
        sa.CheckConstraint(
            "interviews_within_72h >= 0 AND interviews_within_72h <= interviews_offered",
            name="interviews_done_were_offered",
        ),
        sa.CheckConstraint("missing_episodes >= 0", name="missing_episodes_not_negative"),
        _one_of("risk_level", "not_at_risk", "standard", "medium", "high"),
        _one_of("risk_tool", "ceraf", "seraf", "other"),
        _one_of("state", "open", "accepted", "deferred", "signposted", "withdrawn"),
        _one_of("urgency", "statutory", "urgent", "routine"),
    )
    op.create_index("ix_flag_agency_id", "flag", ["agency_id"])
    op.create_index("ix_flag_case_id", "flag", ["case_id"])
    op.create_index("ix_flag_meeting_id", "flag", ["meeting_id"])
    op.create_index("ix_flag_panel_id", "flag", ["panel_id"])
    op.create_index("ix_flag_person_id", "flag", ["person_id"])
    op.create_index("ix_flag_triaged_by_id", "flag", ["triaged_by_id"])
    op.create_index(
        "one_live_flag_per_case_and_meeting",
        "flag",
        ["case_id", "meeting_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'accepted')"),
        postgresql_where=sa.text("state IN ('open', 'accepted')"),
    )
    op.create_table(
        "minutes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("drafted_by_id", sa.Integer(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="minutes_pkey"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="minutes_meeting_id_fkey"),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["person.id"], name="minutes_drafted_by_id_fkey"),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name="minutes_approved_by_id_fkey"),
        sa.UniqueConstraint("meeting_id", "version", name="minutes_meeting_id_version_key"),
        sa.CheckConstraint("(state = 'draft') = (approved_at IS NULL)", name="approved_has_its_time"),
        _one_of("state", "draft", "approved", "circulated"),
    )
    op.create_index("ix_minutes_approved_by_id", "minutes", ["approved_by_id"])
    op.create_index("ix_minutes_drafted_by_id", "minutes", ["drafted_by_id"])
    op.create_index(
        "one_approved_version_per_meeting",
        "minutes",
        ["meeting_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'draft'"),
        postgresql_where=sa.text("state <> 'draft'"),
    )
    op.create_table(
        "prompt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="prompt_pkey"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="prompt_meeting_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="prompt_person_id_fkey"),
        sa.UniqueConstraint(
            "meeting_id", "kind", "person_id", "deadline_on", name="prompt_meeting_id_kind_person_id_deadline_on_key"
        ),
        _one_of(
            "kind", "flags_open", "flags_close", "triage", "agenda", "summary", "minutes", "cancelled", "rescheduled"
        ),
    )
    op.create_index("ix_prompt_person_id", "prompt", ["person_id"])
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(40), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="agenda_item_pkey"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="agenda_item_meeting_id_fkey"),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name="agenda_item_flag_id_fkey"),
        sa.UniqueConstraint("meeting_id", "flag_id", name="agenda_item_meeting_id_flag_id_key"),
        sa.UniqueConstraint("meeting_id", "position", name="agenda_item_meeting_id_position_key"),
        _one_of("state", "pending", "current", "discussed", "not_reached"),
    )
    op.create_index("ix_agenda_item_flag_id", "agenda_item", ["flag_id"])
    op.create_index(
        "one_current_item_per_meeting",
        "agenda_item",
        ["meeting_id"],
        unique=True,
        sqlite_where=sa.text("state = 'current'"),
        postgresql_where=sa.text("state = 'current'"),
    )
    op.create_table(
        "minutes_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("minutes_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="minutes_part_pkey"),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name="minutes_part_minutes_id_fkey"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="minutes_part_case_id_fkey"),
        sa.UniqueConstraint("minutes_id", "position", name="minutes_part_minutes_id_position_key"),
    )
    op.create_index("ix_minutes_part_case_id", "minutes_part", ["case_id"])
    op.create_table(
        "action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("priority", sa.String(40), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="action_pkey"),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name="action_panel_id_fkey"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="action_meeting_id_fkey"),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name="action_item_id_fkey"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="action_case_id_fkey"),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="action_agency_id_fkey"),
        sa.ForeignKeyConstraint(["holder_id"], ["person.id"], name="action_holder_id_fkey"),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name="action_created_by_id_fkey"),
        _one_of("priority", "high", "normal"),
        _one_of("state", "open", "in_progress", "done", "confirmed", "not_possible", "not_done", "transferred"),
        sqlite_autoincrement=True,  # a number is never given twice
    )
    op.create_index("actions_by_holder_and_state", "action", ["holder_id", "state"])
    op.create_index("actions_by_state_and_due", "action", ["state", "due_on"])
    op.create_index("ix_action_agency_id", "action", ["agency_id"])
    op.create_index("ix_action_case_id", "action", ["case_id"])
    op.create_index("ix_action_created_by_id", "action", ["created_by_id"])
    op.create_index("ix_action_item_id", "action", ["item_id"])
    op.create_index("ix_action_meeting_id", "action", ["meeting_id"])
    op.create_index("ix_action_panel_id", "action", ["panel_id"])
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("rationale", sa.LargeBinary(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("close_reason", sa.String(40), nullable=True),
        sa.Column("risk_before", sa.String(40), nullable=True),
        sa.Column("risk_after", sa.String(40), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="decision_pkey"),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name="decision_item_id_fkey"),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name="decision_decided_by_id_fkey"),
        _one_of("close_reason", "risk_reduced", "moved", "turned_18", "other"),
        sa.CheckConstraint("(kind = 'close') = (close_reason IS NOT NULL)", name="closing_has_a_reason"),
        _one_of("kind", "retain", "escalate", "return", "mase", "transfer", "strategy", "nrm", "step_down", "close"),
        sa.CheckConstraint("kind <> 'retain' OR review_on IS NOT NULL", name="retaining_has_a_review_date"),
        _one_of("risk_after", "not_at_risk", "standard", "medium", "high"),
        _one_of("risk_before", "not_at_risk", "standard", "medium", "high"),
    )
    op.create_index("ix_decision_decided_by_id", "decision", ["decided_by_id"])
    op.create_index(
        "one_standing_decision_per_item",
        "decision",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="note_pkey"),
        sa.ForeignKeyConstraint(["item_id"], ["agenda_item.id"], name="note_item_id_fkey"),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="note_agency_id_fkey"),
        sa.ForeignKeyConstraint(["written_by_id"], ["person.id"], name="note_written_by_id_fkey"),
        _one_of("kind", "shared", "discussion", "dissent"),
    )
    op.create_index("ix_note_agency_id", "note", ["agency_id"])
    op.create_index("ix_note_item_id", "note", ["item_id"])
    op.create_index("ix_note_written_by_id", "note", ["written_by_id"])
    op.create_table(
        "action_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("holder_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="action_event_pkey"),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="action_event_action_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="action_event_person_id_fkey"),
        sa.ForeignKeyConstraint(["holder_id"], ["person.id"], name="action_event_holder_id_fkey"),
        _one_of(
            "kind",
            "added",
            "started",
            "done",
            "reopened",
            "confirmed",
            "extension_asked",
            "extended",
            "extension_refused",
            "reassigned",
            "not_possible",
            "not_done",
        ),
    )
    op.create_index("ix_action_event_action_id", "action_event", ["action_id"])
    op.create_index("ix_action_event_holder_id", "action_event", ["holder_id"])
    op.create_index("ix_action_event_person_id", "action_event", ["person_id"])
    op.create_table(
        "chase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("step", sa.String(40), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="chase_pkey"),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name="chase_action_id_fkey"),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name="chase_recipient_id_fkey"),
        sa.UniqueConstraint(
            "action_id", "due_on", "step", "recipient_id", name="chase_action_id_due_on_step_recipient_id_key"
        ),
        _one_of("step", "before", "due", "overdue", "deputy", "chair"),
    )
    op.create_index("ix_chase_recipient_id", "chase", ["recipient_id"])


def downgrade() -> None:
    """Drop every table, the last one created first. All data are lost."""
    for table in (
        "chase",
        "action_event",
        "note",
        "decision",
        "action",
        "minutes_part",
        "agenda_item",
        "prompt",
        "minutes",
        "flag",
        "attendance",
        "meeting",
        "series",
        "recusal",
        "membership",
        "case_reader",
        "audit_entry",
        "person",
        "panel",
        "cases",
        "outbox_lane",
        "outbox",
        "data_key",
        "area",
        "answered_request",
        "agency",
    ):
        op.drop_table(table)
