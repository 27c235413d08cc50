"""Add indexes for lists, and remove the single-column indexes that these replace."""

from alembic import op

revision = "0006"
down_revision = "0005"

_NEW = (
    ("places_by_panel_and_role", "membership", ["panel_id", "role"]),
    ("meetings_by_panel_state_and_time", "meeting", ["panel_id", "state", "starts_at"]),
    ("flags_by_meeting_and_state", "flag", ["meeting_id", "state"]),
    ("flags_by_panel_and_state", "flag", ["panel_id", "state"]),
    ("actions_by_panel_state_and_due", "action", ["panel_id", "state", "due_on"]),
    ("ix_decision_item_id", "decision", ["item_id"]),
)
_OLD = (
    ("ix_flag_meeting_id", "flag", ["meeting_id"]),
    ("ix_flag_panel_id", "flag", ["panel_id"]),
    ("ix_action_panel_id", "action", ["panel_id"]),
)


def upgrade() -> None:
    """Add indexes for lists, and drop the single-column indexes that these replace."""
    for name, table, columns in _NEW:
        op.create_index(name, table, columns)
    for name, table, _ in _OLD:
        op.drop_index(name, table_name=table)


def downgrade() -> None:
    """Restore the single-column indexes, and drop the indexes for lists."""
    for name, table, columns in _OLD:
        op.create_index(name, table, columns)
    for name, table, _ in _NEW:
        op.drop_index(name, table_name=table)
