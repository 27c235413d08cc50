"""People expected at a meeting, their answers for its present time, and whether it will be quorate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_
from sqlalchemy import select as tables_select
from sqlmodel import col, select

from bot.domain.chase_ladder import within_working_hours
from bot.domain.quorum import Forecast, forecast_quorum
from bot.models.meetings import Meeting, Prompt, Rsvp
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import AgencyKind, PromptKind, Reply, Role
from bot.records.access.queries import Moment, holds_at
from bot.records.people.queries import IS_HERE
from bot.store.rows import grouped, id_of, table_of
from bot.store.unit_of_work import Work

#: Roles of a panel's own members. A deputy may answer in their place.
SEATED = frozenset({Role.CHAIR, Role.VICE_CHAIR, Role.REPRESENTATIVE})
#: Roles that make an agency count as present. Co-ordinators, minute-takers and observers don't.
COUNTED = SEATED | {Role.DEPUTY}


@dataclass(frozen=True, slots=True)
class Expected:
    """A person who is expected at a meeting, with their answer for the meeting's present time."""

    person_id: int
    name: str
    user_id: str
    timezone: str
    enrolled_at: datetime
    agency: Agency  #: the agency they speak for; a deputy for this meeting alone speaks for the sender's
    roles: frozenset[Role]
    only_this_meeting: bool
    stands_in_for: frozenset[int]
    reply: Reply | None  #: none: not answered, or the answer no longer counts
    deputy_name: str
    information: bytes | None
    replied_at: datetime | None

    def is_at_work(self, now: datetime, subdivision: str) -> bool:
        """Return whether it is working time for the person now. Bank holidays are those of `subdivision`."""
        return within_working_hours(now.astimezone(ZoneInfo(self.timezone)), subdivision)


@dataclass(frozen=True, slots=True)
class AgencyAnswer:
    """The answer of one agency (whether it will be at a meeting), with the people expected from it."""

    name: str
    kind: AgencyKind
    reply: Reply | None
    is_counted: bool  #: false if only people in the office or observers come from it
    people: tuple[Expected, ...]


def is_expected(now: Moment) -> ColumnElement[bool]:
    """Return the SQL condition on Meeting, Membership and Person, true if the person is expected at the meeting.

    The person's place is in force now and will be at the time of the meeting.
    """
    return and_(
        holds_at(now),
        # The rule of `is_to_hold`, at the meeting's time.
        col(Membership.lapses_at).is_(None) | (col(Membership.lapses_at) > col(Meeting.starts_at)),
        col(Membership.meeting_id).is_(None) | (col(Membership.meeting_id) == col(Meeting.id)),
        IS_HERE,
        col(Person.agency_id).in_(select(Agency.id).where(col(Agency.is_active))),
    )


def expected_at(work: Work, meeting: Meeting) -> list[Expected]:
    """Return the people expected at the meeting, sorted by agency and name.

    A person is expected if their place is in force now and will be at the time of the meeting.
    """
    return expected_at_each(work, [meeting])[id_of(meeting)]


def expected_at_each(work: Work, meetings: Sequence[Meeting]) -> dict[int, list[Expected]]:
    """Return a dict from meeting id to the people expected at that meeting, sorted by agency and name.

    The number of statements doesn't grow with the number of meetings.
    """
    agencies = {id_of(agency): agency for agency in work.find_all(Agency, col(Agency.is_active))}
    rows = work.session.execute(
        select(Meeting.id, Membership, Person)
        .join(Membership, col(Membership.panel_id) == col(Meeting.panel_id))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Meeting.id).in_([id_of(meeting) for meeting in meetings]), is_expected(work.now))
        .order_by(col(Person.name), col(Membership.id))
    ).all()
    # An agency that became active after the first query is left out.
    seated = grouped((number, (place, person)) for number, place, person in rows if person.agency_id in agencies)
    answers = answers_to(work, meetings)
    return {
        number: _expected(agencies, seated.get(number, []), answers.get(number, {})) for number in map(id_of, meetings)
    }


def _expected(
    agencies: dict[int, Agency], seated: Sequence[tuple[Membership, Person]], answers: dict[int, Rsvp]
) -> list[Expected]:
    places = grouped((id_of(person), place) for place, person in seated)
    people = {id_of(person): person for _, person in seated}
    found = []
    for person_id, person in people.items():
        only_this = all(place.meeting_id is not None for place in places[person_id])
        stands_in_for = frozenset(place.deputy_for_id for place in places[person_id] if place.deputy_for_id is not None)
        agency_id = person.agency_id
        if only_this:
            agency_id = next((people[one].agency_id for one in sorted(stands_in_for) if one in people), agency_id)
        answer = _standing_answer(answers, people, person_id)
        deputy = people.get(answer.deputy_id or 0) if answer else None
        found.append(
            Expected(
                person_id=person_id,
                name=person.name,
                user_id=person.user_id,
                timezone=person.timezone,
                enrolled_at=person.enrolled_at,
                agency=agencies[agency_id],
                roles=frozenset(place.role for place in places[person_id]),
                only_this_meeting=only_this,
                stands_in_for=stands_in_for,
                reply=answer.reply if answer else None,
                deputy_name=deputy.name if deputy else "",
                information=answer.information if answer else None,
                replied_at=answer.replied_at if answer else None,
            )
        )
    return sorted(found, key=lambda one: (one.agency.name, one.name))


def expected_person(work: Work, meeting: Meeting, person_id: int) -> Expected | None:
    """Return the person with this id, with their answer, or None if they are not expected at the meeting."""
    return next((one for one in expected_at(work, meeting) if one.person_id == person_id), None)


def speaks_for(work: Work, meeting: Meeting, person_id: int, own_agency_id: int) -> int:
    """Return the id of the agency that a person speaks for at a meeting.

    A deputy for one meeting speaks for the agency of the member who sent them.
    """
    one = expected_person(work, meeting, person_id)
    return own_agency_id if one is None else id_of(one.agency)


def rsvp_of(work: Work, meeting: Meeting, person_id: int) -> Rsvp | None:
    """Return the person's last answer to the invitation to a meeting, or None if they never answered.

    The answer may be for an earlier time of the meeting.
    """
    return work.find(Rsvp, col(Rsvp.meeting_id) == id_of(meeting), col(Rsvp.person_id) == person_id)


def answers_to(work: Work, meetings: Sequence[Meeting], *conditions: ColumnElement[bool]) -> dict[int, dict[int, Rsvp]]:
    """Return the answers that meet `conditions`, as a dict from meeting id to a dict from person id to the answer.

    Only answers for the meeting's present time are included.
    """
    rows = work.session.exec(
        select(Rsvp)
        .join(Meeting, col(Meeting.id) == col(Rsvp.meeting_id))
        .where(
            col(Rsvp.meeting_id).in_([id_of(meeting) for meeting in meetings]),
            col(Rsvp.starts_at) == col(Meeting.starts_at),
            *conditions,
        )
    )
    found: dict[int, dict[int, Rsvp]] = {}
    for row in rows:
        found.setdefault(row.meeting_id, {})[row.person_id] = row
    return found


def _standing_answer(answers: dict[int, Rsvp], people: dict[int, Person], person_id: int) -> Rsvp | None:
    """Return the person's answer to the invitation if the answer still counts, or None.

    An answer that names a deputy doesn't count once the deputy has no place or has sent apologies.
    """
    answer = answers.get(person_id)
    if answer is None or answer.deputy_id is None:
        return answer
    deputys = answers.get(answer.deputy_id)
    if answer.deputy_id not in people or (deputys is not None and deputys.reply is Reply.APOLOGIES):
        return None
    return answer


def by_agency(expected: Sequence[Expected]) -> tuple[AgencyAnswer, ...]:
    """Return one answer for each agency, worked out from the answers of the people expected from it.

    If no one comes from an agency, the agency counts as sending apologies once its own members have answered. A
    deputy's answer is then not needed.
    """
    made = []
    for people in grouped((id_of(one.agency), one) for one in expected).values():
        agency = people[0].agency
        counted = [one for one in people if one.roles & COUNTED]
        made.append(AgencyAnswer(agency.name, agency.kind, _reply(counted or people), bool(counted), tuple(people)))
    return tuple(made)


def _reply(people: Sequence[Expected]) -> Reply | None:
    given = {one.reply for one in people}
    for reply in (Reply.COMING, Reply.DEPUTY):
        if reply in given:
            return reply
    seated = [one for one in people if one.roles & SEATED] or people
    return None if any(one.reply is None for one in seated) else Reply.APOLOGIES


def forecast_of(work: Work, panel: Panel, meeting: Meeting, expected: Sequence[Expected] | None = None) -> Forecast:
    """Return whether the meeting is likely to be quorate, judging by the answers so far."""
    answers = by_agency(expected if expected is not None else expected_at(work, meeting))
    kinds = grouped((answer.reply, answer.kind) for answer in answers if answer.is_counted)
    return forecast_quorum(
        work.definition(panel.definition).quorum,
        coming={*kinds.get(Reply.COMING, ()), *kinds.get(Reply.DEPUTY, ())},
        unanswered=set(kinds.get(None, ())),
        apologies=set(kinds.get(Reply.APOLOGIES, ())),
    )


def needs_asking(one: Expected, expected: Sequence[Expected]) -> bool:
    """Return whether the person should still be asked to answer the invitation.

    A deputy need not answer once the member they stand in for has answered.
    """
    if one.reply is not None:
        return False
    if one.roles == {Role.DEPUTY} and one.stands_in_for:
        return any(other.person_id in one.stands_in_for and other.reply is None for other in expected)
    return True


PROMPTS_TOLD = table_of(Prompt)


class Due(NamedTuple):
    """A prompt that is due for one meeting, with its kind and the day of the deadline."""

    meeting_id: int
    kind: PromptKind
    deadline_on: date


def is_news(meeting_id: Any, kind: Any, person_id: Any, deadline_on: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the SQL condition, true if the person has not had this prompt yet.

    A prompt is identified by its meeting, its kind and the day of the deadline. So people get no new prompt if the
    meeting moves by some hours, or moves to another day and back before anyone is told.
    """
    last_told = (
        tables_select(PROMPTS_TOLD.c.deadline_on)
        .where(
            PROMPTS_TOLD.c.meeting_id == meeting_id, PROMPTS_TOLD.c.kind == kind, PROMPTS_TOLD.c.person_id == person_id
        )
        .order_by(PROMPTS_TOLD.c.queued_at.desc(), PROMPTS_TOLD.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return deadline_on.is_distinct_from(last_told)
