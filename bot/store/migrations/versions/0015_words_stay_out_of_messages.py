"""Give actions a kind. Messages that stay in Slack show the kind instead of the action's words.

Earlier messages are rewritten.
"""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_KINDS = (
    "visit", "referral", "nrm", "intelligence_submission", "return_interview", "assessment", "strategy_discussion",
    "disruption", "other",
)  # fmt: skip
#: Notices whose messages carried what people wrote. Each message is rewritten once without these words.
_CARRIED_WORDS = (
    "action_given", "closed_flag", "diary_notice", "digest", "extension_asked", "flag_triaged", "handed_over",
    "meeting_actions", "meeting_notice",
)  # fmt: skip
_OUTBOX = sa.table(
    "outbox",
    *(sa.column(name) for name in ("id", "key", "lane", "kind", "way", "priority", "state", "due_at", "tries")),
    *(sa.column(name) for name in ("fence", "created_at")),
    sa.column("payload", sa.JSON()),
    sa.column("result", sa.JSON()),
)
_TIDYING = 9


def upgrade() -> None:
    """Add a column for an action's kind. Existing actions get `other`, since their words can't be read here."""
    # SQLite rebuilds the table, so that its definition reads as the models make it and numbers are never used twice.
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    listed = ", ".join(f"'{kind}'" for kind in _KINDS)
    with op.batch_alter_table("action", recreate=recreate, table_kwargs={"sqlite_autoincrement": True}) as table:
        table.add_column(sa.Column("kind", sa.String(40), nullable=False, server_default="other"))
        table.create_check_constraint("kind_is_known", f"kind IN ({listed})")
    with op.batch_alter_table("action", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.alter_column("kind", existing_type=sa.String(40), existing_nullable=False, server_default=None)
    _rewrite_messages()


def downgrade() -> None:
    """Drop the kinds of actions. Messages that were not rewritten yet keep the actions' words."""
    op.execute(_OUTBOX.delete().where(_OUTBOX.c.kind == "words_taken_out"))
    with op.batch_alter_table("action", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_constraint("kind_is_known", type_="check")
        table.drop_column("kind")


def _rewrite_messages() -> None:
    """Queue one rewrite for each message that arrived in Slack. One message may come from several effects."""
    query = sa.select(_OUTBOX.c.id, _OUTBOX.c.lane, _OUTBOX.c.result, _OUTBOX.c.created_at)
    query = query.where(_OUTBOX.c.kind.in_(_CARRIED_WORDS), _OUTBOX.c.state == "done").order_by(_OUTBOX.c.id)
    messages: dict[tuple[str, str], dict[str, Any]] = {}
    for number, lane, result, created_at in op.get_bind().execute(query):
        place = result or {}
        if not place.get("channel") or not place.get("ts"):
            continue
        message = messages.setdefault((place["channel"], place["ts"]), {"first": number, "messages": []})
        message |= {"lane": lane, "at": created_at}
        message["messages"].append(number)
    op.bulk_insert(
        _OUTBOX,
        [
            {
                "key": f"words-taken-out:{message['first']}",
                "lane": message["lane"],
                "kind": "words_taken_out",
                "way": "rewrite",
                "priority": _TIDYING,
                "state": "ready",
                "due_at": 0.0,
                "tries": 0,
                "fence": 0,
                "created_at": message["at"],
                "payload": {"messages": message["messages"]},
            }
            for message in messages.values()
        ],
    )
