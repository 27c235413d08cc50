"""Every table, for whoever needs the whole schema at once."""

from sqlmodel import SQLModel

from bot.models import actions, bookkeeping, cases, meetings, outbox, panels, people

#: All tables with their constraints; migrations are compared against it.
METADATA = SQLModel.metadata

MODULES = (people, panels, meetings, cases, actions, bookkeeping, outbox)
