"""Actions, their history, and the reminders sent about them."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.models.columns import one_of, partial_index, sealed, word
from bot.models.vocabulary import ActionEventKind, ActionKind, ActionState, ChaseStep, Priority


class Action(SQLModel, table=True):
    """Something one agency will do by a day. `id` is the number that people say."""

    __tablename__ = "action"
    __table_args__ = (
        one_of("kind", ActionKind),
        one_of("state", ActionState),
        one_of("priority", Priority),
        Index("actions_by_state_and_due", "state", "due_on"),
        Index("actions_by_holder_and_state", "holder_id", "state"),
        Index("actions_by_panel_state_and_due", "panel_id", "state", "due_on"),
        # Without the rows that have no such number, which are many: each index slows every insert.
        partial_index("actions_by_meeting", "meeting_id", where="meeting_id IS NOT NULL"),
        partial_index("actions_by_item", "item_id", where="item_id IS NOT NULL"),
        partial_index("actions_by_case", "case_id", where="case_id IS NOT NULL"),
        {"sqlite_autoincrement": True},  # a number is never given twice
    )

    #: By which people call it: drawn, not counted (`new_number`), so that it tells nothing of other actions.
    id: int | None = Field(default=None, primary_key=True)
    panel_id: int = Field(foreign_key="panel.id")
    meeting_id: int | None = Field(default=None, foreign_key="meeting.id")
    item_id: int | None = Field(default=None, foreign_key="agenda_item.id")
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    kind: ActionKind = word(ActionKind, default=ActionKind.OTHER)
    text: bytes = sealed()
    agency_id: int = Field(foreign_key="agency.id")  #: owns it until the panel confirms
    holder_id: int = Field(foreign_key="person.id")  #: holds it for now
    due_on: date
    priority: Priority = word(Priority, default=Priority.NORMAL)
    state: ActionState = word(ActionState, default=ActionState.OPEN)
    created_by_id: int = Field(foreign_key="person.id")
    created_at: datetime


class ActionEvent(SQLModel, table=True):
    """One line of an action's history."""

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
    holder_id: int | None = Field(default=None, foreign_key="person.id")  #: who holds it from now
    agency_id: int | None = Field(default=None, foreign_key="agency.id")  #: whose it is, says its holder
    reason: bytes | None = sealed(default=None)  #: why, or what was done
    #: Under the key of which these words are sealed, which is the case that it was about then; None: the panel's.
    case_id: int | None = Field(default=None, foreign_key="cases.id")
    before: bytes | None = sealed(default=None)  #: JSON of what was corrected, as it was
    #: The same of `before`: another case than `case_id` where the action was given about the wrong one.
    before_case_id: int | None = Field(default=None, foreign_key="cases.id")


class Chase(SQLModel, table=True):
    """One reminder queued. It is unique per action, due day, rung and person, also after a crash."""

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
