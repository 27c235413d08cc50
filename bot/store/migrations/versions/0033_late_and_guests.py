"""Store late arrivals, early departures, guests without Slack, changes of attendance, and meetings left open."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

_EVENTS = (
    "added", "started", "done", "reopened", "confirmed", "extension_asked", "extended", "extension_refused",
    "reassigned", "edited", "withdrawn", "put_back", "not_possible", "not_done", "not_ours",
)  # fmt: skip
_STATUSES = ("present", "apologies", "absent", "in_attendance", "observer")


def upgrade() -> None:
    """Add guests, changes of attendance, and times of arrival and leaving.

    Attendance that was recorded before this migration can't be undone.
    """
    op.create_table(
        "guest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("agency_name", sa.LargeBinary(), nullable=True),
        _status("status"),
        _moment("acknowledged_at"),
        _moment("arrived_at"),
        _moment("left_at"),
        _moment("undone_at"),
        sa.CheckConstraint(_one_of("status"), name="status_is_known"),
        sa.CheckConstraint("(agency_id IS NULL) <> (agency_name IS NULL)", name="a_guest_has_one_agency"),
        sa.CheckConstraint("status <> 'present' OR agency_id IS NOT NULL", name="who_is_present_speaks_for_an_agency"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="guest_meeting_id_fkey"),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name="guest_agency_id_fkey"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_guest_meeting_id", "guest", ["meeting_id"])
    op.create_index("ix_guest_agency_id", "guest", ["agency_id"])
    op.create_table(
        "attendance_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=32), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("guest_id", sa.Integer(), nullable=True),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        _status("status"),
        _moment("arrived_at"),
        _moment("left_at"),
        _moment("acknowledged_at"),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        _status("status_before", nullable=True),
        _moment("arrived_before"),
        _moment("left_before"),
        _moment("acknowledged_before"),
        sa.Column("information_before", sa.LargeBinary(), nullable=True),
        _moment("information_sent_before"),
        _moment("undone_at"),
        sa.CheckConstraint("(person_id IS NULL) <> (guest_id IS NULL)", name="an_entry_is_about_one_person"),
        sa.CheckConstraint(
            "guest_id IS NOT NULL OR is_first = (status_before IS NULL)", name="the_first_has_none_before"
        ),
        sa.CheckConstraint(_one_of("status_before"), name="status_before_is_known"),
        sa.CheckConstraint(_one_of("status"), name="status_is_known"),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="attendance_entry_meeting_id_fkey"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="attendance_entry_person_id_fkey"),
        sa.ForeignKeyConstraint(["guest_id"], ["guest.id"], name="attendance_entry_guest_id_fkey"),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name="attendance_entry_recorded_by_id_fkey"),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("meeting_id", "person_id", "guest_id", "recorded_by_id"):
        op.create_index(f"ix_attendance_entry_{column}", "attendance_entry", [column])
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("attendance", recreate=recreate) as table:
        table.add_column(_moment("arrived_at"))
        table.add_column(_moment("left_at"))
    with op.batch_alter_table("meeting", recreate=recreate) as table:
        table.add_column(_moment("asked_open_at"))
    with op.batch_alter_table("agenda_item", recreate=recreate) as table:
        table.add_column(sa.Column("put_off", sa.Integer(), nullable=True))
    _know_events(*_EVENTS, "not_yet")


def downgrade() -> None:
    """Drop guests, changes of attendance, times of arrival and leaving, and which actions holders were told of."""
    event = sa.table("action_event", sa.column("kind"))
    op.execute(event.delete().where(event.c.kind == "not_yet"))
    _know_events(*_EVENTS)
    with op.batch_alter_table("agenda_item") as table:
        table.drop_column("put_off")
    with op.batch_alter_table("meeting") as table:
        table.drop_column("asked_open_at")
    with op.batch_alter_table("attendance") as table:
        table.drop_column("left_at")
        table.drop_column("arrived_at")
    op.drop_table("attendance_entry")
    op.drop_table("guest")


def _know_events(*kinds: str) -> None:
    with op.batch_alter_table("action_event") as table:
        table.drop_constraint("kind_is_known", type_="check")
        table.create_check_constraint("kind_is_known", f"kind IN ({', '.join(repr(kind) for kind in kinds)})")


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _status(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(length=40), nullable=nullable)


def _one_of(column: str) -> str:
    return f"{column} IN ({', '.join(repr(status) for status in _STATUSES)})"
