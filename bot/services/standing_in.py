"""What somebody is told who was named to come to one meeting instead of a colleague."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.permissions import Actor
from bot.errors import NotForYou
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import MeetingState, Reply
from bot.records.access.clocks import local_time
from bot.records.invitations.changes import InvitationView, view_invitation
from bot.records.invitations.queries import Expected, expected_at, rsvp_of
from bot.records.invitations.stand_ins import was_seated
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class StandingIn:
    """One meeting to which somebody is sent, or no longer is."""

    meeting_id: int
    panel_title: str
    starts_at: datetime  #: the panel's own time
    is_cancelled: bool
    invitation: InvitationView | None  #: none: nobody sends them any more
    sent_by: str


def standing_in(work: Work, actor: Actor, meeting_id: int) -> StandingIn:
    """How it stands for whoever was named as a deputy. Raises NotForYou for anybody else."""
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotForYou("that meeting")
    panel = work.session.get_one(Panel, meeting.panel_id)
    everybody = expected_at(work, meeting)
    me = next((one for one in everybody if one.person_id == actor.person_id), None)
    if me is None and not was_seated(work, meeting, actor.person_id):
        raise NotForYou("that meeting")
    senders = [one.name for one in everybody if _sends(work, meeting, one, actor.person_id)]
    if not senders and me is not None and me.only_this_meeting:  # named for it otherwise than by an answer
        senders = [one.name for one in everybody if one.person_id in me.stands_in_for]
    is_cancelled = meeting.state is MeetingState.CANCELLED
    is_sent = me is not None and bool(senders) and not is_cancelled
    return StandingIn(
        meeting_id=meeting_id,
        panel_title=panel.title,
        starts_at=local_time(work, panel, meeting.starts_at),
        is_cancelled=is_cancelled,
        invitation=view_invitation(work, panel, meeting, me) if me is not None and is_sent else None,
        sent_by=senders[0] if is_sent else "",
    )


def _sends(work: Work, meeting: Meeting, one: Expected, deputy_id: int) -> bool:
    if one.reply is not Reply.DEPUTY:
        return False
    row = rsvp_of(work, meeting, one.person_id)
    return row is not None and row.deputy_id == deputy_id
