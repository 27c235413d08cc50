"""Deputies for one meeting.

A deputy's place begins when the deputy is named and lapses at the end of the meeting's day.

This module also tells people about answers to invitations and about deputies.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.errors import Mistake
from bot.models.meetings import Meeting, Rsvp
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.models.vocabulary import MeetingChange, MeetingState, Role
from bot.records.access.queries import actor_of, day_ends, holds_at, is_to_hold, local_time
from bot.records.invitations.changes import messages_with_buttons, number_of
from bot.records.invitations.queries import COUNTED, expected_at, expected_person, rsvp_of
from bot.records.people.changes import give_places
from bot.records.people.queries import IS_HERE
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def tell_stand_in(work: Work, meeting: Meeting, person_id: int) -> None:
    """Tell a person that they now stand in for a colleague at a meeting, or that they no longer stand in."""
    work.tell(person_id, Notice.STAND_IN, meeting_id=id_of(meeting), at=number_of(meeting.starts_at))


def tell_who_sent(work: Work, meeting: Meeting, deputy_id: int) -> None:
    """Tell the members who named this deputy for the meeting that the deputy can't come, so they must answer again."""
    for one in expected_at(work, meeting):
        row = rsvp_of(work, meeting, one.person_id)
        if row is not None and row.deputy_id == deputy_id and row.starts_at == meeting.starts_at:
            at = number_of(meeting.starts_at)
            work.tell(one.person_id, Notice.DEPUTY_AWAY, meeting_id=id_of(meeting), at=at)


def tell_who_counted_on(work: Work, person_id: int, panel_ids: Collection[int]) -> None:
    """Tell members that the deputy they named for a coming meeting can't come.

    `person_id` is the deputy. `panel_ids` are the panels where the deputy lost a place.
    """
    coming = work.session.exec(
        select(Meeting)
        .join(Rsvp, col(Rsvp.meeting_id) == col(Meeting.id))
        .where(
            col(Rsvp.deputy_id) == person_id,
            col(Rsvp.starts_at) == col(Meeting.starts_at),
            col(Meeting.panel_id).in_(panel_ids),
            col(Meeting.state) == MeetingState.SCHEDULED,
            col(Meeting.starts_at) > work.now,
        )
        .distinct()
    ).all()
    for meeting in coming:
        if expected_person(work, meeting, person_id) is None:
            tell_who_sent(work, meeting, person_id)


def tell_answer(work: Work, meeting: Meeting, person_id: int, *, is_own: bool) -> None:
    """Show a member's answer in each message that asked the member whether they are coming to the meeting.

    If another person answered for the member (`is_own` False), tell the member.
    """
    ids = {"meeting_id": id_of(meeting), "at": number_of(meeting.starts_at)}
    for row in messages_with_buttons(work, meeting, person_id):
        # These notices only say where the meeting was held, or until when it lasts. They ask nothing.
        if row.payload.get("notice") not in (MeetingChange.ELSEWHERE, MeetingChange.LENGTHENED):
            work.tell(person_id, Notice.INVITATION_ANSWERED, message=id_of(row), **ids)
    if not is_own:
        work.tell(person_id, Notice.ANSWERED_FOR_YOU, **ids)


def seat_deputy(work: Work, panel: Panel, meeting: Meeting, deputy_id: int, principal_id: int, *, by_id: int) -> None:
    """Give the deputy a place for this meeting only, unless they already speak for an agency on the panel.

    The member they stand in for is `principal_id`. Raise Mistake once the meeting's day has passed, and NotAllowed if
    the deputy would give this place to themselves.
    """
    if _sits_anyway(work, meeting, deputy_id):
        return
    lapses_at = place_lapses_at(work, panel, meeting)
    if lapses_at <= work.now:
        raise Mistake("That meeting's day has passed, so you can't send a deputy to it now.", field="deputy")
    place = _place(work, meeting, deputy_id)
    if place is not None and place.lapses_at is not None and place.lapses_at <= work.now:
        place.ended_at = place.lapses_at  # it was for a day that has passed; the meeting moved since
        work.session.flush()
        place = None
    if place is not None:
        place.lapses_at = lapses_at
        work.session.flush()
        return
    place = Membership(
        panel_id=id_of(panel),
        person_id=deputy_id,
        role=Role.DEPUTY,
        deputy_for_id=principal_id,
        meeting_id=id_of(meeting),
        began_at=work.now,
        lapses_at=lapses_at,
    )
    give_places(work, [place], by_id=by_id)


def unseat_deputy(work: Work, meeting: Meeting, deputy_id: int, principal_id: int) -> bool:
    """End a deputy's place at this meeting, if it is for the member `principal_id`. Return whether the place ended.

    If a second member has named this deputy too, give the place to that member instead, and return False. If the place
    is for another member already, or there is none, change nothing and return False.
    """
    place = _place(work, meeting, deputy_id)
    if place is None or place.deputy_for_id != principal_id:
        return False
    other_id = _also_sent_by(work, meeting, deputy_id)
    if other_id is not None:
        place.deputy_for_id = other_id
    else:
        place.ended_at = work.now
    work.session.flush()
    return other_id is None


def seat_again(work: Work, panel: Panel, meeting: Meeting) -> None:
    """Give the deputies named for a reinstated meeting their places back, and tell them."""
    ended = work.find_all(
        Membership, col(Membership.meeting_id) == id_of(meeting), col(Membership.ended_at) == meeting.cancelled_at
    )
    lapses_at = place_lapses_at(work, panel, meeting)
    for place in ended:
        principal = place.deputy_for_id
        if lapses_at <= work.now or any(
            number is not None and actor_of(work, number) is None for number in (place.person_id, principal)
        ):
            continue
        place.ended_at, place.lapses_at = None, lapses_at
        work.session.flush()
        work.audit("begin", "membership", place.person_id, panel_id=id_of(panel))
        tell_stand_in(work, meeting, place.person_id)


def deputy_then(work: Work, meeting: Meeting, principal_id: int) -> Person | None:
    """Return the member's deputy on the day of the meeting, or None if they have none.

    The deputy's place may begin as late as the meeting itself.
    """
    return work.session.exec(
        select(Person)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(
            col(Membership.panel_id) == meeting.panel_id,
            col(Membership.deputy_for_id) == principal_id,
            holds_at(meeting.starts_at),
            IS_HERE,
        )
        # A deputy named for a period comes before one without an end.
        .order_by(col(Membership.lapses_at).is_(None), col(Membership.id))
    ).first()


def place_lapses_at(work: Work, panel: Panel, meeting: Meeting) -> datetime:
    """Return the moment at which a place that is for this meeting alone lapses: the end of the meeting's day."""
    return day_ends(work, panel, local_time(work, panel, meeting.ends_at).date())


def is_sent(work: Work, meeting: Meeting, deputy_id: int) -> bool:
    """Return whether any member's answer names this person as deputy for the meeting."""
    return _also_sent_by(work, meeting, deputy_id) is not None


def was_seated(work: Work, meeting: Meeting, person_id: int) -> bool:
    """Return whether the person ever had a place for this meeting only."""
    return work.find(Membership, *_for_it_alone(meeting, person_id)) is not None


def _for_it_alone(meeting: Meeting, person_id: int) -> tuple[ColumnElement[bool], ...]:
    return col(Membership.meeting_id) == id_of(meeting), col(Membership.person_id) == person_id


def _place(work: Work, meeting: Meeting, person_id: int) -> Membership | None:
    return work.find(Membership, *_for_it_alone(meeting, person_id), col(Membership.ended_at).is_(None))


def _sits_anyway(work: Work, meeting: Meeting, person_id: int) -> bool:
    place = work.find(
        Membership,
        col(Membership.panel_id) == meeting.panel_id,
        col(Membership.person_id) == person_id,
        col(Membership.meeting_id).is_(None),
        col(Membership.role).in_(sorted(COUNTED)),
        holds_at(work.now),
        is_to_hold(meeting.starts_at),
    )
    return place is not None


def _also_sent_by(work: Work, meeting: Meeting, deputy_id: int) -> int | None:
    query = select(Rsvp.person_id).where(col(Rsvp.meeting_id) == id_of(meeting), col(Rsvp.deputy_id) == deputy_id)
    return work.session.exec(query.order_by(col(Rsvp.person_id))).first()
