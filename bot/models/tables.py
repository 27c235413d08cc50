"""Every table, for whoever needs the whole schema at once."""

from sqlmodel import SQLModel

from bot.models import actions, audit, cases, keys, meetings, minutes, outbox, panels, people, requests

#: All tables with their constraints; migrations are compared against it.
METADATA = SQLModel.metadata

MODULES = (keys, people, panels, meetings, cases, actions, minutes, audit, requests, outbox)
