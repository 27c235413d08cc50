"""Who does what in the meeting room, said to a member who may not: they know of the meeting, since they sit there.

People without a place on the panel get the answer of what is not there, as everywhere.
"""

from collections.abc import Mapping
from typing import Final

from sqlmodel import col, select

from bot.domain.language.day_words import listed
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou, NotTheirDuty
from bot.models.meetings import Attendance
from bot.models.vocabulary import Role
from bot.records.access.queries import Standing, Where, find_panel, require_meeting
from bot.store.unit_of_work import Work

#: What those who may do it do, by the verb that a member lacks.
_DUTIES: Final[Mapping[Verb, str]] = {
    Verb.RUN_MEETING: "opens the meeting, goes through its items and closes it",
    Verb.TAKE_ATTENDANCE: "records who is here",
    Verb.NOTE: "records what is said",
    Verb.DECIDE: "records what is decided",
}
_OBSERVERS: Final = "Observers hear the meeting, and don't get its items or give actions here."


def find_for_meeting(work: Work, actor: Actor, where: Where, verb: Verb) -> Standing:
    """Return the person's standing on the panel meant, where they may do this in its meeting.

    Raises NotTheirDuty for a member who may not, and what `find_panel` raises otherwise.
    """
    try:
        return find_panel(work, actor, where, verb)
    except NotForYou as unknown:
        try:
            standing = find_panel(work, actor, where, Verb.SEE_DIARY)
        except (Mistake, NotForYou):
            raise unknown from None
        raise _refusal(work, standing, verb, unknown) from None


def require_for_meeting(work: Work, actor: Actor, meeting_id: int, verb: Verb) -> Standing:
    """Return the person's standing on the panel of a meeting, as `find_for_meeting` does."""
    try:
        return require_meeting(work, actor, meeting_id, verb)[0]
    except NotForYou as unknown:
        try:
            standing, _ = require_meeting(work, actor, meeting_id, Verb.SEE_DIARY)
        except NotForYou:
            raise unknown from None
        raise _refusal(work, standing, verb, unknown) from None


def _refusal(work: Work, standing: Standing, verb: Verb, unknown: NotForYou) -> NotTheirDuty | NotForYou:
    if not standing.roles:  # an administrator, who keeps diaries and sits nowhere
        return unknown
    if verb in _DUTIES:
        by = listed((role.label for role in Role if role in verb.roles), "or")
        said = f"At {standing.panel.title}, the {by} {_DUTIES[verb]}."
    else:
        said = _OBSERVERS
    meeting_id = standing.open_meeting_id
    is_here = meeting_id is not None and _has_acknowledged(work, standing, meeting_id)
    return NotTheirDuty(
        said,
        standing.panel.key,
        meeting_id,
        may_open_items=meeting_id is not None and standing.may(Verb.SEE_AGENDA),
        is_here=is_here,
    )


def _has_acknowledged(work: Work, standing: Standing, meeting_id: int) -> bool:
    theirs = select(Attendance.id).where(
        col(Attendance.meeting_id) == meeting_id,
        col(Attendance.person_id) == standing.actor.person_id,
        col(Attendance.acknowledged_at).is_not(None),
    )
    return work.session.exec(theirs).first() is not None
