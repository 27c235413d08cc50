"""Let a holder's report wait until the panel accepts it, and let actions be withdrawn.

Each line of an action's history also gets the case that the action was about.
"""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

_STATES = ("open", "in_progress", "done", "confirmed", "not_possible", "not_done", "transferred")
_REPORTED = {"reported_not_possible": "not_possible", "reported_not_done": "not_done", "reported_not_ours": "open"}
_EVENTS = (
    "added", "started", "done", "reopened", "confirmed", "extension_asked", "extended", "extension_refused",
    "reassigned", "not_possible", "not_done",
)  # fmt: skip
_MORE_EVENTS = ("edited", "withdrawn", "put_back", "not_ours")
_ALL_EVENTS = (*_EVENTS[:-2], *_MORE_EVENTS[:-1], *_EVENTS[-2:], _MORE_EVENTS[-1])  # in the order of the models
_KINDS = (
    "visit", "referral", "nrm", "intelligence_submission", "return_interview", "assessment", "strategy_discussion",
    "disruption", "other",
)  # fmt: skip
_REFERENCES = {"agency_id": "agency", "case_id": "cases"}


def upgrade() -> None:
    """Add states for reported and withdrawn actions, and a column for the case of each line in an action's history.

    Actions that were closed without being accepted stay closed.
    """
    _know("action", "state", *_STATES[:3], *_REPORTED, *_STATES[3:], "withdrawn")
    _know("action", "kind", *_KINDS[:-1], "crime_report", _KINDS[-1])
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("action_event", recreate=recreate) as table:
        for name, other in _REFERENCES.items():
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
            table.create_foreign_key(f"action_event_{name}_fkey", other, [name], ["id"])
    _know("action_event", "kind", *_ALL_EVENTS)
    event = sa.table("action_event", *(sa.column(name) for name in ("action_id", "case_id", "reason")))
    action = sa.table("action", sa.column("id"), sa.column("case_id"))
    of_action = sa.select(action.c.case_id).where(action.c.id == event.c.action_id).scalar_subquery()
    op.execute(event.update().values(case_id=of_action).where(event.c.reason.is_not(None)))
    given = sa.text("case_id IS NOT NULL")
    op.create_index("action_events_by_case", "action_event", ["case_id"], sqlite_where=given, postgresql_where=given)


def downgrade() -> None:
    """Give reported actions the nearest state of the earlier schema. Withdrawn actions get the state "not possible".

    Lines of history with newer kinds of step are deleted.
    """
    op.drop_index("action_events_by_case", "action_event")
    event = sa.table("action_event", sa.column("kind"))
    op.execute(event.delete().where(event.c.kind.in_(_MORE_EVENTS)))
    _know("action_event", "kind", *_EVENTS)
    with op.batch_alter_table("action_event") as table:
        for name in _REFERENCES:
            table.drop_constraint(f"action_event_{name}_fkey", type_="foreignkey")
            table.drop_column(name)
    action = sa.table("action", sa.column("state"), sa.column("kind"))
    for state, earlier in {**_REPORTED, "withdrawn": "not_possible"}.items():
        op.execute(action.update().values(state=earlier).where(action.c.state == state))
    op.execute(action.update().values(kind="other").where(action.c.kind == "crime_report"))
    _know("action", "kind", *_KINDS)
    _know("action", "state", *_STATES)


def _know(table_name: str, column: str, *words: str) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    more = {"sqlite_autoincrement": True} if table_name == "action" else {}
    with op.batch_alter_table(table_name, table_kwargs=more) as table:
        table.drop_constraint(f"{column}_is_known", type_="check")
        table.create_check_constraint(f"{column}_is_known", f"{column} IN ({listed})")
