"""The server that panelbot is compared with: the least that Bolt needs to put one row into a database.

It uses the same web server and the same Bolt setting, `process_before_response`, as panelbot. Without this setting,
Bolt looks for the answer only every 10 ms, and would be slower for that reason alone.
"""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from sqlmodel import Field, Session, SQLModel

from bot.slack.manifest import PATH
from bot.slack.web_server import serve_http
from bot.store.engine import create_store_engine


class BareAction(SQLModel, table=True):
    """One action, with the few columns that a first sketch of such a bot would have."""

    id: int | None = Field(default=None, primary_key=True)
    holder: str
    text: str
    due_on: date
    created_by: str
    created_at: datetime


def build() -> tuple[Any, Callable[[], None]]:
    """Return the WSGI application, and a function that closes the database connections at the end."""
    # The same engine settings: neither side may win by syncing less.
    engine = create_store_engine(os.environ["PANELBOT_DATABASE_URL"])
    BareAction.__table__.create(engine, checkfirst=True)  # type: ignore[attr-defined]  # SQLModel sets it
    app = App(
        client=WebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]),
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
        process_before_response=True,
    )

    @app.command("/action")
    def add(ack: Any, command: dict[str, str]) -> None:
        now = datetime.now(UTC)
        with Session(engine) as session:
            action = BareAction(
                holder="U1", text=command["text"], due_on=now.date(), created_by=command["user_id"], created_at=now
            )
            session.add(action)
            session.commit()
            ack(f"Action {action.id} recorded.")

    return SlackRequestHandler(app, path=PATH), engine.dispose


if __name__ == "__main__":
    serve_http(build, host="127.0.0.1", port=int(os.environ["PANELBOT_PORT"]))
