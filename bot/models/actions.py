"""The tables of actions, their history, and the reminders sent about them."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.models.columns import one_of, partial_index, sealed, word
from bot.models.vocabulary import ActionEventKind, ActionKind, ActionState, ChaseStep, Priority


class Action(SQLModel, table=True):
    """One thing that an agency has to do by a day. `id` is the action's number, which people see and type."""

    __tablename__ = "action"
    __table_args__ = (
        one_of("kind", ActionKind),
        one_of("state", ActionState),
        one_of("priority", Priority),
        Index("actions_by_state_and_due", "state", "due_on"),
        Index("actions_by_holder_and_state", "holder_id", "state"),
        Index("actions_by_panel_state_and_due", "panel_id", "state", "due_on"),
        # Rows without such a number are left out: there are many, and each index slows inserts.
        partial_index("actions_by_meeting", "meeting_id", where="meeting_id IS NOT NULL"),
        partial_index("actions_by_item", "item_id", where="item_id IS NOT NULL"),
        partial_index("actions_by_case", "case_id", where="case_id IS NOT NULL"),
        {"sqlite_autoincrement": True},  # a number is never given twice
    )

    #: The number that people use for it. It is drawn at random (`new_number`), so that it tells nothing of other
    #: actions.
    id: int | None = Field(default=None, primary_key=True)
    panel_id: int = Field(foreign_key="panel.id")
    meeting_id: int | None = Field(default=None, foreign_key="meeting.id")
    item_id: int | None = Field(default=None, foreign_key="agenda_item.id")
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    kind: ActionKind = word(ActionKind, default=ActionKind.OTHER)
    text: bytes = sealed()
    agency_id: int = Field(foreign_key="agency.id")  #: answers for it until the panel accepts it
    holder_id: int = Field(foreign_key="person.id")  #: the present holder
    due_on: date
    priority: Priority = word(Priority, default=Priority.NORMAL)
    state: ActionState = word(ActionState, default=ActionState.OPEN)
    created_by_id: int = Field(foreign_key="person.id")
    created_at: datetime


class ActionEvent(SQLModel, table=True):
    """One line of an action's history: a step, the person who took it, and when."""

    __tablename__ = "action_event"
    __table_args__ = (
        one_of("kind", ActionEventKind),
        partial_index("action_events_by_case", "case_id", where="case_id IS NOT NULL"),
        partial_index("action_events_by_case_before", "before_case_id", where="before_case_id IS NOT NULL"),
    )

    id: int | None = Field(default=None, primary_key=True)
    action_id: int = Field(foreign_key="action.id", index=True)
    kind: ActionEventKind = word(ActionEventKind)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    at: datetime
    due_on: date | None = None  #: the day asked for or granted
    holder_id: int | None = Field(default=None, foreign_key="person.id")  #: the new holder
    agency_id: int | None = Field(default=None, foreign_key="agency.id")  #: the owner, according to its holder
    reason: bytes | None = sealed(default=None)  #: why, or what was done
    #: The case that the action was about then, whose key seals `reason`. None: the panel's key does.
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    before: bytes | None = sealed(default=None)  #: JSON of what was corrected, as it was
    #: The case whose key seals `before`. It differs from `case_id` if the action was first given on the wrong case.
    before_case_id: int | None = Field(default=None, foreign_key="cases.id")


class Chase(SQLModel, table=True):
    """One reminder that was queued.

    There is at most one reminder for each action, due date, step and person, even after a crash.
    """

    __tablename__ = "chase"
    __table_args__ = (
        one_of("step", ChaseStep),
        UniqueConstraint("action_id", "recipient_id", "due_on", "step"),
        Index("chases_by_recipient_and_day", "recipient_id", "told_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    action_id: int = Field(foreign_key="action.id")
    due_on: date
    step: ChaseStep = word(ChaseStep)
    recipient_id: int = Field(foreign_key="person.id")
    queued_at: datetime
    told_on: date  #: the day of the digest it went into, on the recipient's calendar
