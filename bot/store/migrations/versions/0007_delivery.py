"""Store how each effect reaches Slack, how fast each Slack method may be called, and each direct message's channel."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add a column for how each effect is sent, and tables of Slack's methods and of direct messages' channels.

    The bot then opens each direct message once more, which no one notices, and stores its channel.
    """
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("outbox", recreate=recreate) as table:
        table.add_column(sa.Column("way", sa.String(8), nullable=True))
    op.execute("UPDATE outbox SET way = 'post'")
    op.execute("UPDATE outbox SET way = 'rewrite' WHERE kind IN ('invitation_answered', 'message_overtaken')")
    op.execute("UPDATE outbox SET way = 'file' WHERE kind LIKE '%\\_file' ESCAPE '\\'")
    op.execute("UPDATE outbox SET way = 'screen' WHERE kind = 'home'")
    op.execute("UPDATE outbox SET way = 'answer' WHERE kind = 'response'")
    with op.batch_alter_table("outbox", recreate=recreate) as table:
        table.alter_column("way", existing_type=sa.String(8), nullable=False)
    with op.batch_alter_table("outbox_lane", recreate=recreate) as table:
        table.add_column(sa.Column("is_unopened", sa.Boolean(), nullable=True))
    op.execute(sa.text("UPDATE outbox_lane SET is_unopened = (name LIKE 'person:%')"))
    with op.batch_alter_table("outbox_lane", recreate=recreate) as table:
        table.alter_column("is_unopened", existing_type=sa.Boolean(), nullable=False)
    op.create_table(
        "outbox_method",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("is_on_trial", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(200), nullable=True),
        sa.Column("since", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="outbox_method_pkey"),
    )
    op.create_table(
        "direct_channel",
        sa.Column("team_id", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("channel_id", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "user_id", name="direct_channel_pkey"),
    )


def downgrade() -> None:
    """Drop the column that says how each effect is sent, and that of unopened lanes.

    Drop the tables of Slack's methods and of direct messages' channels.
    """
    op.drop_table("direct_channel")
    op.drop_table("outbox_method")
    with op.batch_alter_table("outbox_lane") as table:
        table.drop_column("is_unopened")
    with op.batch_alter_table("outbox") as table:
        table.drop_column("way")
