"""Which agency is asked what it will bring to which case, and what it answered; few queries, however many panels."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from bot.models.cases import Case, Flag
from bot.models.meetings import AgencyReturn, Meeting
from bot.models.panels import Membership
from bot.models.people import Agency, Person
from bot.models.vocabulary import FlagState, MeetingState, ReturnKnowledge, Role
from bot.records.access.queries import holds_at, readable
from bot.records.actions.queries import opened_or_erased
from bot.records.cases.queries import KeptCases
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: Who answers for an agency.
ANSWERING = frozenset({Role.REPRESENTATIVE, Role.DEPUTY})


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who answers for their agency on one panel now."""

    person_id: int
    role: Role
    meeting_id: int | None  #: stands in at this one only


@dataclass(frozen=True, slots=True)
class Asked:
    """One case on which one agency is asked for its return, and what it answered."""

    meeting_id: int
    agency_id: int
    agency_name: str
    flag_id: int
    case_id: int
    reference: str
    answer: AgencyReturn | None
    readers: tuple[Seat, ...]  #: those of the agency's who may see the case


def is_asking(work: Work, meeting: Meeting) -> bool:
    """Whether agencies can answer now: the agenda is out and the meeting has not begun, nor passed unheld."""
    return (
        meeting.agenda_published_at is not None
        and meeting.state is MeetingState.SCHEDULED
        and meeting.ends_at > work.now
    )


def asked_at(work: Work, meetings: Sequence[Meeting], reader_id: int | None) -> dict[int, list[Asked]]:
    """By meeting whose agenda is out, what is asked of whom, by agency and in the order in which cases were flagged.

    Every agency with a representative or deputy is asked about every accepted case but its own, which it presents. A
    case that is kept from all who answer for an agency is not asked of it, and one kept from the reader is left out.
    No reader means the record itself.
    """
    published = {id_of(one): one for one in meetings if one.agenda_published_at is not None}
    if not published:
        return {}
    query = (
        select(Flag, Case)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(col(Flag.meeting_id).in_(published), col(Flag.state) == FlagState.ACCEPTED)
        .order_by(col(Flag.id))
    )
    if reader_id is not None:
        query = query.where(readable(reader_id))
    flagged: dict[int, list[tuple[Flag, Case]]] = defaultdict(list)
    for flag, case in work.session.execute(query):
        flagged[flag.meeting_id].append((flag, case))
    if not flagged:
        return {}
    cases = {id_of(case): case for pairs in flagged.values() for _, case in pairs}
    answers = _answers(work, [id_of(flag) for pairs in flagged.values() for flag, _ in pairs])
    kept = KeptCases(work, list(cases), [number for number, case in cases.items() if case.is_closed])
    seated = _seated(work, [published[number] for number in flagged])
    found: dict[int, list[Asked]] = {}
    for meeting_id, pairs in flagged.items():
        rows = found.setdefault(meeting_id, [])
        for agency, seats in seated[meeting_id]:
            agency_id = id_of(agency)
            for flag, case in pairs:
                readers = tuple(seat for seat in seats if not kept.is_kept_from(id_of(case), seat.person_id))
                # Where nobody is left to answer, the agency still owes; but never about a closed item.
                is_asked = bool(readers) or (not seats and not case.is_closed)
                if flag.agency_id != agency_id and is_asked:
                    answer = answers.get((id_of(flag), agency_id))
                    rows.append(
                        Asked(
                            meeting_id,
                            agency_id,
                            agency.name,
                            id_of(flag),
                            id_of(case),
                            case.reference,
                            answer,
                            readers,
                        )
                    )
    return found


def asked_of_person(asked: Iterable[Asked], person_id: int) -> list[Asked]:
    """Those that this person may answer for their agency."""
    return [one for one in asked if any(seat.person_id == person_id for seat in one.readers)]


def who_answered(work: Work, asked: Iterable[Asked]) -> dict[int, str]:
    """The names of those who answered, by their number."""
    people = {one.answer.person_id for one in asked if one.answer}
    rows = work.session.exec(select(Person).where(col(Person.id).in_(people)))
    return {id_of(person): person.name for person in rows}


@dataclass(frozen=True, slots=True)
class ReturnView:
    """One agency's return on one case, as it stands in the meeting."""

    agency_name: str
    knowledge: ReturnKnowledge | None  #: none: not returned
    text: str  #: empty for who may not read it


def returns_on(work: Work, meeting: Meeting, flag_id: int, reader_id: int | None, *, words: bool) -> list[ReturnView]:
    """Each agency's return on one case; the caller has checked that the reader may see the case."""
    return [
        ReturnView(
            one.agency_name,
            one.answer.knowledge if one.answer else None,
            opened_or_erased(work, one.answer.text) if words and one.answer and one.answer.text else "",
        )
        for one in asked_at(work, [meeting], reader_id).get(id_of(meeting), [])
        if one.flag_id == flag_id
    ]


def return_row(work: Work, flag_id: int, agency_id: int) -> AgencyReturn | None:
    """What an agency answered about a case."""
    return work.session.exec(
        select(AgencyReturn).where(col(AgencyReturn.flag_id) == flag_id, col(AgencyReturn.agency_id) == agency_id)
    ).first()


def _answers(work: Work, flag_ids: Sequence[int]) -> dict[tuple[int, int], AgencyReturn]:
    rows = work.session.exec(select(AgencyReturn).where(col(AgencyReturn.flag_id).in_(flag_ids)))
    return {(row.flag_id, row.agency_id): row for row in rows}


def _seated(work: Work, meetings: Sequence[Meeting]) -> dict[int, list[tuple[Agency, list[Seat]]]]:
    """By meeting, the agencies that sit on its panel, by name, each with who answers for it now.

    One that sat there when the agenda went out still owes, though whoever sat for it has left since.
    """
    rows = work.session.execute(
        select(Membership, Person, Agency)
        .add_columns(holds_at(work.now).label("holds"))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .join(Agency, col(Agency.id) == col(Person.agency_id))
        .where(
            col(Membership.panel_id).in_({meeting.panel_id for meeting in meetings}),
            col(Membership.role).in_(sorted(ANSWERING)),
            col(Agency.is_active),
        )
        .order_by(col(Agency.name), col(Agency.id), col(Membership.id))
    ).all()
    found: dict[int, list[tuple[Agency, list[Seat]]]] = {}
    for meeting in meetings:
        agencies: dict[int, tuple[Agency, list[Seat]]] = {}
        for place, person, agency, holds in rows:
            if place.panel_id != meeting.panel_id or place.meeting_id not in (None, meeting.id):
                continue
            now = holds and person.left_at is None
            then = place.meeting_id is None and _held_at(place, meeting.agenda_published_at)
            if now or then:
                seats = agencies.setdefault(id_of(agency), (agency, []))[1]
                if now:
                    seats.append(Seat(id_of(person), place.role, place.meeting_id))
        found[id_of(meeting)] = list(agencies.values())
    return found


def _held_at(place: Membership, moment: datetime | None) -> bool:
    return (
        moment is not None
        and place.began_at <= moment
        and (place.ended_at is None or place.ended_at > moment)
        and (place.lapses_at is None or place.lapses_at > moment)
    )
