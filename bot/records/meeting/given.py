"""Actions given at a meeting.

Each holder is told of their actions in one message, once the meeting is closed or found left open.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.models.actions import Action, ActionEvent
from bot.models.meetings import Meeting
from bot.models.vocabulary import ActionEventKind, ActionState
from bot.records.diary.queries import is_kept_open
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: A second event of the same action. The alias is made once, since SQLAlchemy makes one from every column.
_EVENT = aliased(ActionEvent)


def given_at(meeting: Meeting, since: datetime | None) -> ColumnElement[bool]:
    """Return the SQL condition on Action, true if the action was given, or passed on to its holder, at the meeting.

    Only actions given after the moment `since` count. If `since` is None, all actions given since the opening count. An
    action that got its present holder after the meeting doesn't count, since that holder was told then.
    """
    begun = since or meeting.opened_at
    until = () if meeting.closed_at is None else (col(_EVENT.at) <= meeting.closed_at,)
    is_later = (
        exists()
        .where(
            col(_EVENT.action_id) == col(Action.id),
            col(_EVENT.kind).in_([ActionEventKind.REASSIGNED, ActionEventKind.EDITED]),
            col(_EVENT.holder_id) == col(Action.holder_id),
            col(_EVENT.at) > (meeting.closed_at or begun),
        )
        .correlate(Action)
    )
    passed_on = (
        exists()
        .where(
            col(_EVENT.action_id) == col(Action.id),
            col(_EVENT.kind) == ActionEventKind.REASSIGNED,
            col(_EVENT.holder_id) == col(Action.holder_id),
            col(_EVENT.at) > begun,
            *until,
        )
        .correlate(Action)
    )
    given = and_(col(Action.meeting_id) == id_of(meeting), col(Action.created_at) > begun)
    if since is None:
        given = col(Action.meeting_id) == id_of(meeting)
    return and_(
        col(Action.panel_id) == meeting.panel_id,
        or_(given if meeting.closed_at is None else and_(given, ~is_later), passed_on),
        col(Action.state) != ActionState.WITHDRAWN,
    )


def tell_holders(work: Work, meeting: Meeting) -> int:
    """Tell each holder of the actions given to them since holders were last told. Return the number of holders told."""
    since = meeting.asked_open_at
    holders = work.session.exec(select(Action.holder_id).where(given_at(meeting, since)).distinct()).all()
    for holder_id in sorted(holders):
        work.tell(
            holder_id,
            Notice.MEETING_ACTIONS,
            once=work.now.isoformat(),
            meeting_id=id_of(meeting),
            since=since.isoformat() if since is not None else None,
        )
    return len(holders)


def is_untold(work: Work, action: Action) -> bool:
    """Return whether the action's holder has not been told of the action yet, because the meeting is still open."""
    if action.meeting_id is None or not is_kept_open(work, action.meeting_id):
        return False
    asked_at = work.session.get_one(Meeting, action.meeting_id).asked_open_at
    return asked_at is None or action.created_at > asked_at
