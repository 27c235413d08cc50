"""Drop unused indexes, and make other indexes smaller by leaving out rows without a value.

Every index slows inserts.
"""

from alembic import op
from sqlalchemy import text

revision = "0008"
down_revision = "0007"

_PARTIAL = (
    ("actions_by_meeting", "ix_action_meeting_id", "meeting_id"),
    ("actions_by_item", "ix_action_item_id", "item_id"),
    ("actions_by_case", "ix_action_case_id", "case_id"),
)
_UNUSED = (
    ("ix_action_agency_id", "action", "agency_id"),
    ("ix_action_created_by_id", "action", "created_by_id"),
    ("ix_action_event_person_id", "action_event", "person_id"),
    ("ix_action_event_holder_id", "action_event", "holder_id"),
    ("ix_audit_entry_actor_id", "audit_entry", "actor_id"),
)


def upgrade() -> None:
    """Add partial indexes, which leave out rows without a value. Drop the full indexes that these replace, and unused
    ones.
    """
    for new, old, column in _PARTIAL:
        given = text(f"{column} IS NOT NULL")
        op.create_index(new, "action", [column], sqlite_where=given, postgresql_where=given)
        op.drop_index(old, table_name="action")
    for name, table, _ in _UNUSED:
        op.drop_index(name, table_name=table)


def downgrade() -> None:
    """Restore the full and the unused indexes, and drop the partial ones."""
    for name, table, column in _UNUSED:
        op.create_index(name, table, [column])
    for new, old, column in _PARTIAL:
        op.create_index(old, "action", [column])
        op.drop_index(new, table_name="action")
