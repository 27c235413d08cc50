"""Answers to an invitation: coming, apologies with information from the agency, or a deputy, who may decline."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.language.identifiers import accept_text
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.meetings import Meeting, Rsvp
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import MeetingState, Reply
from bot.records.access.queries import Standing, Where, actor_of, find_panel, local_time, require, require_meeting
from bot.records.actions.queries import opened_or_erased
from bot.records.diary.queries import OfMeeting, meetings_after, next_meeting, of_meeting, open_meeting
from bot.records.invitations.changes import InvitationView, number_of, view_invitation
from bot.records.invitations.queries import Expected, expected_at, expected_person, rsvp_of
from bot.records.invitations.stand_ins import (
    deputy_then,
    is_sent,
    seat_deputy,
    tell_answer,
    tell_stand_in,
    tell_who_sent,
    unseat_deputy,
    was_seated,
)
from bot.records.leaving.changes import lock_person
from bot.records.people.queries import deputy_or_lead, person_by_account
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to an invitation, and the name of the member whose answer it is."""

    invitation: InvitationView
    name: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class DeputyForm:
    """An invitation and the deputy to suggest, for the form in which a member sends a deputy."""

    invitation: InvitationView
    deputy_user_id: str


def invitation_of(work: Work, actor: Actor, meeting_id: int, at: int) -> InvitationView:
    """Return the person's own invitation with its present facts.

    Raise NotForYou if the person is not expected at the meeting.
    """
    panel, meeting = _to_answer(work, actor, meeting_id, at)
    return view_invitation(work, panel, meeting, _expected(work, meeting, actor.person_id))


def deputy_form(work: Work, actor: Actor, meeting_id: int, at: int) -> DeputyForm:
    """Return the invitation and a deputy to suggest.

    The suggestion is the deputy already named for that day, or else the usual deputy, or else the agency's lead.
    """
    panel, meeting = _to_answer(work, actor, meeting_id, at)
    one = _expected(work, meeting, actor.person_id)
    usual = deputy_then(work, meeting, actor.person_id) or deputy_or_lead(
        work, meeting.panel_id, actor.person_id, actor.agency_id
    )
    return DeputyForm(view_invitation(work, panel, meeting, one), usual.user_id if usual else "")


def apologies_form(work: Work, actor: Actor, meeting_id: int, at: int) -> tuple[InvitationView, str]:
    """Return the person's invitation, and the information that they sent with earlier apologies for this meeting."""
    panel, meeting = _to_answer(work, actor, meeting_id, at)
    one = _expected(work, meeting, actor.person_id)
    sent = opened_or_erased(work, one.information) if one.information else ""
    return view_invitation(work, panel, meeting, one), sent


def reply_to_next(
    work: Work,
    actor: Actor,
    where: Where,
    reply: Reply,
    *,
    deputy: str | None = None,
    information: str = "",
    for_user: str | None = None,
) -> Answered:
    """Record an answer to the invitation to the panel's next meeting.

    A chair or co-ordinator may give the answer for the member `for_user`. Without `for_user`, the answer is the
    person's own.
    """
    standing = find_panel(work, actor, where, Verb.SEE_DIARY)
    invited_id = actor.person_id
    if for_user not in (None, actor.user_id):
        if not standing.may(Verb.RUN_MEETING):
            raise NotAllowed("Only the chair and the co-ordinator can answer for another member.")
        person = person_by_account(work, actor.team_id, for_user or "")
        if person is None:
            raise Mistake(f"<@{for_user}> is not enrolled. An administrator can add them.")
        invited_id = id_of(person)
    meeting = _next_for(work, standing, invited_id, is_own=invited_id == actor.person_id)
    return reply_to(
        work,
        actor,
        id_of(meeting),
        number_of(meeting.starts_at),
        reply,
        deputy=deputy,
        information=information,
        person_id=invited_id,
    )


def reply_to(
    work: Work,
    actor: Actor,
    meeting_id: int,
    at: int,
    reply: Reply,
    *,
    deputy: str | None = None,
    information: str = "",
    person_id: int | None = None,
) -> Answered:
    """Record an answer to a meeting's invitation, and return it.

    `at` is the start of the meeting as the invitation gave it, in Unix seconds. `deputy` is a Slack user, and
    `information` is what an absent agency sends. Raise Mistake if the meeting has moved, begun, been held or cancelled,
    or if the deputy can't come.
    """
    panel, meeting = _to_answer(work, actor, meeting_id, at)
    invited_id = actor.person_id if person_id is None else person_id
    one = _expected(work, meeting, invited_id)
    before = rsvp_of(work, meeting, invited_id)
    sends = _deputy(work, actor, panel, meeting, one, deputy) if reply is Reply.DEPUTY else None
    sealed = None
    if reply is Reply.APOLOGIES and information.strip():
        sealed = work.seal(
            panel.data_key_id, accept_text(information, field="information", missing="", today=work.now.date())
        )
    let_go, sent_at = (before.deputy_id, before.replied_at) if before is not None else (None, None)
    _write(work, before, meeting, invited_id, id_of(one.agency), reply, deputy_id=sends, information=sealed)
    if let_go is not None and sent_at is not None and let_go != sends:
        _stand_down(work, meeting, let_go, invited_id, sent_at)
    if sends is not None and sends != let_go:
        _send_deputy(work, panel, meeting, one, sends, by_id=actor.person_id)
    if reply is Reply.APOLOGIES:
        tell_who_sent(work, meeting, invited_id)
    work.audit("reply", "meeting", meeting_id, panel_id=meeting.panel_id, actor_id=actor.person_id)
    tell_answer(work, meeting, invited_id, is_own=invited_id == actor.person_id)
    answer = view_invitation(work, panel, meeting, _expected(work, meeting, invited_id))
    return Answered(answer, one.name, invited_id == actor.person_id)


def answer_for_message(work: Work, actor: Actor, meeting_id: int, at: int) -> InvitationView | None:
    """Return an invitation with its present facts, to rewrite a message, or None if the meeting has moved."""
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SEE_DIARY)
    one = expected_person(work, meeting, actor.person_id)
    if one is None or number_of(meeting.starts_at) != at:
        return None
    return view_invitation(work, standing.panel, meeting, one)


def _write(
    work: Work,
    row: Rsvp | None,
    meeting: Meeting,
    person_id: int,
    agency_id: int,
    reply: Reply,
    *,
    deputy_id: int | None = None,
    information: bytes | None = None,
) -> None:
    """Store an answer for the meeting's present time. It replaces the answer in `row`."""
    row = row or Rsvp(
        meeting_id=id_of(meeting),
        person_id=person_id,
        agency_id=agency_id,
        reply=reply,
        starts_at=meeting.starts_at,
        replied_at=work.now,
    )
    row.agency_id, row.reply, row.deputy_id, row.information = agency_id, reply, deputy_id, information
    row.starts_at, row.replied_at = meeting.starts_at, work.now
    work.session.add(row)
    work.session.flush()


def _expected(work: Work, meeting: Meeting, person_id: int) -> Expected:
    one = expected_person(work, meeting, person_id)
    if one is None:
        raise NotForYou("that meeting")  # the same error as for a meeting that does not exist
    return one


def _to_answer(work: Work, actor: Actor, meeting_id: int, at: int) -> tuple[Panel, Meeting]:
    """Return the meeting that an invitation is about, and its panel.

    Raise Mistake, with the reason, if the meeting takes no answers. Raise NotForYou if the person may not see the
    diary.
    """
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SEE_DIARY)
    panel = standing.panel
    starts_at = local_time(work, panel, meeting.starts_at)
    when = f"{panel.title} on {starts_at:%A %-d %B %Y}"
    if meeting.state is MeetingState.CANCELLED:
        raise Mistake(f"The meeting of {when} is cancelled, so nobody is expected.")
    if meeting.state is MeetingState.OPEN:
        raise Mistake(f"The meeting of {when} has begun. In the panel's channel, say that you're here.")
    if meeting.state is MeetingState.CLOSED or meeting.ends_at <= work.now:
        raise Mistake(f"The meeting of {when} is over, so you can't answer for it now.")
    if number_of(meeting.starts_at) != at:
        raise Mistake(f"The meeting has moved: {when} at {starts_at:%H:%M}. Please answer the latest message about it.")
    return panel, meeting


def _next_for(work: Work, standing: Standing, person_id: int, *, is_own: bool) -> Meeting:
    """Return the open or first coming meeting at which the person is expected. Raise Mistake if there is none."""
    being_held = open_meeting(work, standing.panel_id)
    if being_held is not None and expected_person(work, being_held, person_id) is not None:
        return being_held
    first = next_meeting(work, standing.panel_id)
    coming = [first, *meetings_after(work, standing.panel_id, first.starts_at)] if first else []
    for meeting in coming:
        if expected_person(work, meeting, person_id) is not None:
            return meeting
    if not coming:
        raise Mistake(f"{standing.panel.title} has no meeting in the diary.")
    who = "You are" if is_own else "That person is"
    raise Mistake(f"{who} not expected at the meetings of {standing.panel.title}.")


def _deputy(work: Work, actor: Actor, panel: Panel, meeting: Meeting, one: Expected, user_id: str | None) -> int:
    """Return the id of the person who is sent as deputy. Raise Mistake with the reason if this person can't be sent."""
    if not user_id:
        raise Mistake("Who comes instead? Choose a person.", field="deputy")
    if one.only_this_meeting:
        raise Mistake(
            "You are a deputy yourself. Ask the member you stand in for to name another deputy.", field="deputy"
        )
    if not view_invitation(work, panel, meeting, one).may_send_deputy:
        raise Mistake("Observers have no deputy. Send your apologies instead.", field="deputy")
    found = person_by_account(work, actor.team_id, user_id)
    # A person who is just leaving gets no place, and nobody can be sent in their place.
    person = lock_person(work, found, work.session.get(Person, one.person_id)) if found else None
    if actor_of(work, one.person_id) is None:
        raise NotForYou("that person's invitation")
    if person is None or actor_of(work, id_of(person)) is None:
        raise Mistake(f"<@{user_id}> is not enrolled. An administrator can add them.", field="deputy")
    if person.id == one.person_id:
        raise Mistake("That is the same person. Choose who comes instead.", field="deputy")
    office = require(work, actor, meeting.panel_id, Verb.SEE_DIARY).may(Verb.RUN_MEETING)
    if person.agency_id != one.agency.id and not office:
        raise Mistake(
            f"{person.name} doesn't work for {one.agency.name}. "
            "Choose a colleague, or ask the co-ordinator to name another person.",
            field="deputy",
        )
    theirs = rsvp_of(work, meeting, id_of(person))
    if theirs is not None and theirs.starts_at == meeting.starts_at and theirs.reply is not Reply.COMING:
        raise Mistake(f"{person.name} has answered that they aren't coming. Choose another person.", field="deputy")
    return id_of(person)


def _send_deputy(work: Work, panel: Panel, meeting: Meeting, one: Expected, deputy_id: int, *, by_id: int) -> None:
    """Give the deputy a place for this meeting, record the deputy as coming, and tell them."""
    seat_deputy(work, panel, meeting, deputy_id, one.person_id, by_id=by_id)
    theirs = rsvp_of(work, meeting, deputy_id)
    if theirs is None or theirs.starts_at != meeting.starts_at:
        agency_id = work.session.get_one(Person, deputy_id).agency_id
        _write(work, theirs, meeting, deputy_id, agency_id, Reply.COMING)
    tell_stand_in(work, meeting, deputy_id)


def _stand_down(work: Work, meeting: Meeting, deputy_id: int, principal_id: int, sent_at: datetime) -> None:
    """Tell a deputy not to come to a meeting, and end the place that the deputy had for this meeting only.

    Do nothing if another member still sends the same deputy. If the deputy has another place on the panel, that place
    stays, and only the answer recorded for the deputy is deleted.
    """
    theirs = rsvp_of(work, meeting, deputy_id)
    was_answered_for = theirs is not None and theirs.replied_at == sent_at
    if not unseat_deputy(work, meeting, deputy_id, principal_id) and not was_answered_for:
        return
    still_expected = expected_person(work, meeting, deputy_id)
    stands_in_for = still_expected.stands_in_for if still_expected is not None else frozenset()
    if is_sent(work, meeting, deputy_id) or stands_in_for - {principal_id}:
        return
    if theirs is not None:
        work.session.delete(theirs)
        work.session.flush()
    tell_stand_in(work, meeting, deputy_id)


@dataclass(frozen=True, slots=True)
class StandingIn(OfMeeting):
    """A meeting to which a person is sent as deputy, or is no longer sent."""

    is_cancelled: bool
    invitation: InvitationView | None  #: None if nobody sends them now
    sent_by: str


def standing_in(work: Work, actor: Actor, meeting_id: int) -> StandingIn:
    """Return the facts for a message to a person who is sent to a meeting as deputy, or is no longer sent.

    Raise NotForYou for people who are not expected at the meeting and were never sent to it.
    """
    meeting = work.session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotForYou("that meeting")
    panel = work.session.get_one(Panel, meeting.panel_id)
    everybody = expected_at(work, meeting)
    me = next((one for one in everybody if one.person_id == actor.person_id), None)
    if me is None and not was_seated(work, meeting, actor.person_id):
        raise NotForYou("that meeting")
    senders = [one.name for one in everybody if _sends(work, meeting, one, actor.person_id)]
    if not senders and me is not None and me.only_this_meeting:  # named for this meeting, but not in an answer
        senders = [one.name for one in everybody if one.person_id in me.stands_in_for]
    is_cancelled = meeting.state is MeetingState.CANCELLED
    is_sent = me is not None and bool(senders) and not is_cancelled
    return StandingIn(
        *of_meeting(work, panel, meeting),
        is_cancelled=is_cancelled,
        invitation=view_invitation(work, panel, meeting, me) if me is not None and is_sent else None,
        sent_by=senders[0] if is_sent else "",
    )


def _sends(work: Work, meeting: Meeting, one: Expected, deputy_id: int) -> bool:
    if one.reply is not Reply.DEPUTY:
        return False
    row = rsvp_of(work, meeting, one.person_id)
    return row is not None and row.deputy_id == deputy_id
