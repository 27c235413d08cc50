"""Telling people what an answer to an invitation brought about; each answer is a message of its own."""

from collections.abc import Collection

from sqlmodel import col, select

from bot.models.meetings import Meeting, Rsvp
from bot.models.vocabulary import MeetingState, Notice
from bot.store.invitations import messages_with_buttons, number_of
from bot.store.outbox import Effect
from bot.store.replies import expected_at, expected_person, rsvp_of
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def tell_stand_in(work: Work, meeting: Meeting, person_id: int) -> None:
    """Somebody comes instead of a colleague, or no longer does."""
    work.send(
        Effect(
            key=f"stand-in:{meeting.id}:{person_id}:{work.now.isoformat()}",
            lane=f"person:{person_id}",
            kind="stand_in",
            payload={"person_id": person_id, "meeting_id": id_of(meeting), "at": number_of(meeting.starts_at)},
        )
    )


def tell_who_sent(work: Work, meeting: Meeting, deputy_id: int) -> None:
    """Whoever counted on them as a deputy owes an answer again, and hears of it at once."""
    for one in expected_at(work, meeting):
        row = rsvp_of(work, meeting, one.person_id)
        if row is not None and row.deputy_id == deputy_id and row.starts_at == meeting.starts_at:
            work.send(
                Effect(
                    key=f"deputy-away:{meeting.id}:{one.person_id}:{work.now.isoformat()}",
                    lane=f"person:{one.person_id}",
                    kind="deputy_away",
                    payload={
                        "person_id": one.person_id,
                        "meeting_id": id_of(meeting),
                        "at": number_of(meeting.starts_at),
                    },
                )
            )


def tell_who_counted_on(work: Work, person_id: int, panel_ids: Collection[int]) -> None:
    """Somebody gave up places: whoever sends them to a meeting of those panels, where they are no more, hears of it."""
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
    """Every message that still asks them says what was answered; who did not answer themselves is told anew."""
    at = number_of(meeting.starts_at)
    facts = {"person_id": person_id, "meeting_id": id_of(meeting), "at": at}
    for row in messages_with_buttons(work, meeting, person_id):
        if row.payload.get("notice") != Notice.ELSEWHERE:  # which says where, and asks nothing
            work.send(
                Effect(
                    key=f"answered:{row.id}:{work.now.isoformat()}",
                    lane=f"person:{person_id}",
                    kind="invitation_answered",
                    payload={**facts, "message": id_of(row)},
                )
            )
    if not is_own:
        work.send(
            Effect(
                key=f"answered-for:{meeting.id}:{person_id}:{work.now.isoformat()}",
                lane=f"person:{person_id}",
                kind="answered_for_you",
                payload=facts,
            )
        )
