"""Returns: which agency is asked about which case, and what the agency answered, for any number of panels at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_
from sqlmodel import col, select

from bot.domain.deadlines import meeting_deadlines, returns_due_on
from bot.models.cases import Flag
from bot.models.meetings import AgencyReturn, Meeting
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import FlagState, MeetingState, ReturnKnowledge, Role
from bot.records.access.queries import held_at, holds_at, local_time, readable
from bot.records.actions.queries import opened_or_erased
from bot.records.cases.kept import KeptCases
from bot.records.cases.queries import FLAGS_AND_CASES
from bot.records.cases.served import is_folded
from bot.records.people.queries import IS_HERE, names_of
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work

#: Roles that answer for their agency.
ANSWERING = frozenset({Role.REPRESENTATIVE, Role.DEPUTY})


@dataclass(frozen=True, slots=True)
class Seat:
    """A person who may answer for their agency on one panel now."""

    person_id: int
    role: Role
    meeting_id: int | None  #: the only meeting that the place is for


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to one agency for a return on one case, with the agency's answer if there is one."""

    meeting_id: int
    agency_id: int
    agency_name: str
    flag_id: int
    case_id: int
    reference: str
    answer: AgencyReturn | None
    readers: tuple[Seat, ...]  #: the agency's people who may see the case


def returns_due(work: Work, panel: Panel, meeting: Meeting) -> date:
    """Return the day by which agencies are asked to make their returns to a meeting."""
    definition, meeting_on = work.definition(panel.definition), local_time(work, panel, meeting.starts_at).date()
    published = meeting.agenda_published_at
    return returns_due_on(
        meeting_deadlines(definition, meeting_on).returns,
        meeting_on,
        local_time(work, panel, published).date() if published is not None else None,
        definition.bank_holiday_subdivision,
    )


def is_asking(work: Work, meeting: Meeting) -> bool:
    """Return whether agencies can make returns now.

    They can once the agenda is published, until the meeting is opened or its time has passed.
    """
    return (
        meeting.agenda_published_at is not None
        and meeting.state is MeetingState.SCHEDULED
        and meeting.ends_at > work.now
    )


def asked_at(
    work: Work, meetings: Sequence[Meeting], reader_id: int | None, *, flag_id: int | None = None
) -> dict[int, list[Asked]]:
    """Return a dict from meeting id to the requests for returns on the meeting's cases.

    Meetings without a published agenda are left out. An agency is asked about each accepted case that it did not flag,
    if one of its members may read the case. If an agency made a return and then flagged the case, its return is kept.
    On a closed item, an agency whose flag was merged into another agency's is asked too, since the person who flagged
    the case may not read it. With a `reader_id`, cases kept from this person are left out. `flag_id` limits the result
    to one case.
    """
    published = {id_of(one): one for one in meetings if one.agenda_published_at is not None}
    if not published:
        return {}
    is_heard = or_(col(Flag.state) == FlagState.ACCEPTED, is_folded())
    query = FLAGS_AND_CASES.where(col(Flag.meeting_id).in_(published), is_heard).order_by(col(Flag.id))
    if flag_id is not None:
        its_case = select(Flag.case_id).where(col(Flag.id) == flag_id).scalar_subquery()
        query = query.where(or_(col(Flag.id) == flag_id, and_(is_folded(), col(Flag.case_id) == its_case)))
    if reader_id is not None:
        query = query.where(readable(reader_id))
    rows = work.session.execute(query).all()
    accepted = ((flag, case) for flag, case in rows if flag.state is FlagState.ACCEPTED)
    flagged = grouped((flag.meeting_id, (flag, case)) for flag, case in accepted)
    # Agencies that flagged a case too, by flags that were merged into another agency's.
    flagged_too = {
        (flag.meeting_id, flag.case_id, flag.agency_id)
        for flag, case in rows
        if flag.state is not FlagState.ACCEPTED and not case.is_closed
    }
    if not flagged:
        return {}
    cases = {id_of(case): case for pairs in flagged.values() for _, case in pairs}
    flag_ids = [id_of(flag) for pairs in flagged.values() for flag, _ in pairs]
    returned = work.find_all(AgencyReturn, col(AgencyReturn.flag_id).in_(flag_ids))
    answers = {(one.flag_id, one.agency_id): one for one in returned}
    kept = KeptCases(work, list(cases), [number for number, case in cases.items() if case.is_closed])
    seated = _seated(work, [published[number] for number in flagged])
    found: dict[int, list[Asked]] = {}
    for meeting_id, pairs in flagged.items():
        asked = found.setdefault(meeting_id, [])
        for agency, seats in seated[meeting_id]:
            agency_id = id_of(agency)
            for flag, case in pairs:
                flag_id, case_id = id_of(flag), id_of(case)
                readers = tuple(seat for seat in seats if not kept.is_kept_from(case_id, seat.person_id))
                # An agency that has no one left to answer still owes a return, but never on a closed item.
                is_asked = bool(readers) or (not seats and not case.is_closed)
                answer = answers.get((flag_id, agency_id))
                if answer is None and (meeting_id, case_id, agency_id) in flagged_too:
                    continue
                if flag.agency_id != agency_id and is_asked:
                    one = Asked(meeting_id, agency_id, agency.name, flag_id, case_id, case.reference, answer, readers)
                    asked.append(one)
    return found


def asked_of_person(asked: Iterable[Asked], person_id: int) -> list[Asked]:
    """Return the requests for returns in `asked` that this person may answer for their agency."""
    return [one for one in asked if any(seat.person_id == person_id for seat in one.readers)]


def who_answered(work: Work, asked: Iterable[Asked]) -> dict[int, str]:
    """Return the people who answered these requests for returns, as a dict from person id to name."""
    return names_of(work, Person, {one.answer.person_id for one in asked if one.answer})


@dataclass(frozen=True, slots=True)
class ReturnView:
    """One agency's return on one case, as people at the meeting see it."""

    agency_name: str
    knowledge: ReturnKnowledge | None  #: none: not returned
    text: str  #: empty for readers who may not read it


def returns_on(work: Work, meeting: Meeting, flag_id: int, reader_id: int | None, *, words: bool) -> list[ReturnView]:
    """Return all agencies' returns on one case. If `words` is False, the texts that they wrote are left out.

    The caller has checked that the reader may read the case.
    """
    return [
        ReturnView(
            one.agency_name,
            one.answer.knowledge if one.answer else None,
            opened_or_erased(work, one.answer.text) if words and one.answer and one.answer.text else "",
        )
        for one in asked_at(work, [meeting], reader_id, flag_id=flag_id).get(id_of(meeting), [])
    ]


def return_row(work: Work, flag_id: int, agency_id: int) -> AgencyReturn | None:
    """Return the row of an agency's return on a flag's case, or None if the agency has made none."""
    return work.find(AgencyReturn, col(AgencyReturn.flag_id) == flag_id, col(AgencyReturn.agency_id) == agency_id)


def _seated(work: Work, meetings: Sequence[Meeting]) -> dict[int, list[tuple[Agency, list[Seat]]]]:
    """Return a dict from meeting id to the panel's agencies, sorted by name, each with the people who may answer now.

    If all members of an agency have left since the agenda was published, the agency still owes its returns, and its
    list of people is empty.
    """
    is_seated = and_(holds_at(work.now), IS_HERE)
    was_seated = and_(col(Membership.meeting_id).is_(None), held_at(col(Meeting.agenda_published_at)))
    rows = work.session.execute(
        select(col(Meeting.id), Membership, Agency)
        .add_columns(is_seated)
        .join(Membership, col(Membership.panel_id) == col(Meeting.panel_id))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .join(Agency, col(Agency.id) == col(Person.agency_id))
        .where(
            col(Meeting.id).in_([id_of(meeting) for meeting in meetings]),
            col(Membership.role).in_(sorted(ANSWERING)),
            or_(col(Membership.meeting_id).is_(None), col(Membership.meeting_id) == col(Meeting.id)),
            col(Agency.is_active),
            or_(is_seated, was_seated),
        )
        .order_by(col(Agency.name), col(Agency.id), col(Membership.id))
    )
    found: dict[int, dict[int, tuple[Agency, list[Seat]]]] = {id_of(meeting): {} for meeting in meetings}
    for meeting_id, place, agency, sits in rows:
        seats = found[meeting_id].setdefault(id_of(agency), (agency, []))[1]
        if sits:
            seats.append(Seat(place.person_id, place.role, place.meeting_id))
    return {meeting_id: list(agencies.values()) for meeting_id, agencies in found.items()}
