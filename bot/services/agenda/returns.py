"""Returns: what each agency will bring to each case on a published agenda, and which returns are missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlmodel import col

from bot.domain.case_facts import CaseFacts
from bot.domain.language.identifiers import accept_text, check_reference
from bot.domain.language.references import check_new_reference
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.cases import Case, Flag
from bot.models.meetings import AgencyReturn, Meeting
from bot.models.people import Agency
from bot.models.vocabulary import ReturnKnowledge
from bot.records.access.queries import Standing, Where, find_panel, require_flag, require_meeting
from bot.records.actions.queries import opened_or_erased
from bot.records.agenda.returns import (
    Asked,
    asked_at,
    asked_of_person,
    is_asking,
    return_row,
    returns_due,
    who_answered,
)
from bot.records.cases.changes import write_own_reference
from bot.records.cases.queries import FLAGS_AND_CASES, FlagView, view_flag, view_flags
from bot.records.cases.references import example_reference_of, own_references
from bot.records.diary.queries import OfMeeting, of_meeting, upcoming_meeting
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_NO_LONGER = "Returns are closed, because the meeting has begun or its agenda was taken back."


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """One case on which an agency is asked for a return, and the agency's answer."""

    flag_id: int
    reference: str
    presented_by: str
    facts: CaseFacts  #: age band, themes and what is asked, so that an agency knows what to look for
    knowledge: ReturnKnowledge | None  #: none: not returned
    answered_by: str
    own_reference: str  #: what the agency calls the child itself; empty: not said


@dataclass(frozen=True, slots=True)
class ReturnList(OfMeeting):
    """The cases of one meeting on which an agency is asked for returns, as one of its members sees them."""

    agency_name: str
    due_on: date
    is_open: bool  #: it can be answered, and changed
    may_see_gaps: bool
    lines: tuple[ReturnLine, ...]

    @property
    def owed(self) -> int:
        """Return how many of the cases the agency has not answered yet."""
        return sum(line.knowledge is None for line in self.lines)


@dataclass(frozen=True, slots=True)
class ReturnForm:
    """One case and the agency's return on it, for the form that writes or changes the return."""

    flag_id: int
    meeting_id: int
    reference: str
    panel_title: str
    agency_name: str
    facts: CaseFacts  #: as the agency that presents the case gave them
    knowledge: ReturnKnowledge | None
    text: str
    own_reference: str  #: what the agency calls the child itself; empty: not said
    example: str  #: a reference such as the agency's own


def returns_asked(work: Work, actor: Actor, where: Where) -> ReturnList:
    """Return the cases of the panel's coming meeting on which the person's agency is asked for a return.

    Raise Mistake before the agenda is published.
    """
    standing = find_panel(work, actor, where, Verb.RETURN)
    meeting = upcoming_meeting(work, standing)
    if meeting.agenda_published_at is None:
        raise Mistake("You can answer returns once the agenda is published. I'll send you a message then.")
    return _list(work, standing, meeting)


def returns_of_meeting(work: Work, actor: Actor, meeting_id: int) -> ReturnList:
    """Return the cases of one meeting on which the person's agency is asked for a return.

    Raise NotForYou if the person may not make returns to this meeting.
    """
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.RETURN)
    return _list(work, standing, meeting)


def return_form(work: Work, actor: Actor, flag_id: int) -> ReturnForm:
    """Return a case and the agency's return on it.

    Raise NotForYou if the agency is not asked about this case, and Mistake once the meeting has begun.
    """
    standing, flag, case = _owed(work, actor, flag_id)
    row = return_row(work, flag_id, actor.agency_id)
    work.audit("read", "return", flag_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    work.saw(actor.person_id, [(case.id, standing.panel_id)])
    return ReturnForm(
        flag_id=flag_id,
        meeting_id=flag.meeting_id,
        reference=case.reference,
        panel_title=standing.panel.title,
        agency_name=actor.agency_name,
        facts=view_flag(work, flag).facts,
        knowledge=row.knowledge if row else None,
        text=opened_or_erased(work, row.text) if row and row.text else "",
        own_reference=own_references(work, [id_of(case)], actor.agency_id).get(id_of(case), ""),
        example=example_reference_of(work, actor.agency_id),
    )


def make_return(
    work: Work, actor: Actor, flag_id: int, knowledge: ReturnKnowledge, text: str = "", own_reference: str = ""
) -> ReturnList:
    """Record what the person's agency will bring to a case. The new return replaces an earlier one.

    `own_reference` is the agency's own reference for the child, which only the agency's people read. Raise Mistake if
    this reference does not look like the agency's references, or if the meeting has begun.
    """
    standing, flag, case = _owed(work, actor, flag_id)
    if text.strip() or knowledge is ReturnKnowledge.KNOWN:
        text = accept_text(
            text, field="text", missing="What will your agency bring? Write a sentence or two.", today=work.now.date()
        )
    own = _own_reference(work, actor, case, own_reference)
    row = return_row(work, flag_id, actor.agency_id) or _blank(flag_id, actor, knowledge, work)
    row.person_id = actor.person_id
    row.knowledge = knowledge
    row.text = work.seal(case.data_key_id, text) if text.strip() else None
    row.returned_at = work.now
    work.session.add(row)
    write_own_reference(work, case, own, agency_id=actor.agency_id, person_id=actor.person_id)
    work.session.flush()
    work.audit("return", "case", case.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return _list(work, standing, work.session.get_one(Meeting, flag.meeting_id))


def _own_reference(work: Work, actor: Actor, case: Case, typed: str) -> str:
    """Check the reference that the agency typed for the child. Return the reference to store.

    Return an empty string if the typed reference is the one that all panels use for the case.
    """
    if not typed.strip():
        return ""
    reference = check_reference(typed)
    if reference == case.reference:
        return ""
    agency = work.session.get_one(Agency, actor.agency_id)
    check_new_reference(reference, shape=agency.reference_pattern, agency=agency.name, today=work.now.date())
    return reference


def answer_rest(
    work: Work, actor: Actor, meeting_id: int, knowledge: ReturnKnowledge = ReturnKnowledge.NOTHING_TO_ADD
) -> tuple[ReturnList, int]:
    """Record the same return for all cases on which the agency has not answered yet.

    Return all cases on which the agency is asked, and how many were answered by this call.
    """
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.RETURN)
    if not is_asking(work, meeting):
        raise Mistake(_NO_LONGER)
    owed = [one for one in _theirs(work, standing, meeting) if one.answer is None]
    for one in owed:
        work.session.add(_blank(one.flag_id, actor, knowledge, work))
        work.audit("return", "case", one.case_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    work.session.flush()
    return _list(work, standing, meeting), len(owed)


def _blank(flag_id: int, actor: Actor, knowledge: ReturnKnowledge, work: Work) -> AgencyReturn:
    return AgencyReturn(
        flag_id=flag_id,
        agency_id=actor.agency_id,
        person_id=actor.person_id,
        knowledge=knowledge,
        returned_at=work.now,
    )


def _owed(work: Work, actor: Actor, flag_id: int) -> tuple[Standing, Flag, Case]:
    """Return the person's standing, and the flag and case on which their agency is asked for a return.

    Raise NotForYou for other cases, and Mistake once the meeting has begun.
    """
    standing, flag, case = require_flag(work, actor, flag_id, Verb.RETURN)
    meeting = work.session.get_one(Meeting, flag.meeting_id)
    if not is_asking(work, meeting):
        raise Mistake(_NO_LONGER)
    if all(one.flag_id != flag_id for one in _theirs(work, standing, meeting)):
        raise NotForYou("that case")
    return standing, flag, case


def _theirs(work: Work, standing: Standing, meeting: Meeting) -> list[Asked]:
    actor = standing.actor
    asked = asked_at(work, [meeting], actor.person_id).get(id_of(meeting), [])
    return [one for one in asked_of_person(asked, actor.person_id) if one.agency_id == actor.agency_id]


def _list(work: Work, standing: Standing, meeting: Meeting) -> ReturnList:
    theirs = _theirs(work, standing, meeting)
    work.saw(standing.actor.person_id, ((one.case_id, standing.panel_id) for one in theirs))
    names = who_answered(work, theirs)
    flagged = {flag.id: flag for flag in _flags(work, standing, meeting, [one.flag_id for one in theirs])}
    own = own_references(work, [one.case_id for one in theirs], standing.actor.agency_id)
    return ReturnList(
        *of_meeting(work, standing.panel, meeting),
        agency_name=standing.actor.agency_name,
        due_on=returns_due(work, standing.panel, meeting),
        is_open=is_asking(work, meeting),
        may_see_gaps=standing.may(Verb.SEE_RETURNS),
        lines=tuple(
            ReturnLine(
                flag_id=one.flag_id,
                reference=one.reference,
                presented_by=flagged[one.flag_id].agency_name,
                facts=flagged[one.flag_id].facts,
                knowledge=one.answer.knowledge if one.answer else None,
                answered_by=names.get(one.answer.person_id, "") if one.answer else "",
                own_reference=own.get(one.case_id, ""),
            )
            for one in theirs
        ),
    )


def _flags(work: Work, standing: Standing, meeting: Meeting, flag_ids: Sequence[int]) -> list[FlagView]:
    """Return the views of the flags with these ids, which are all flagged to `meeting`."""
    rows = work.session.execute(FLAGS_AND_CASES.where(col(Flag.id).in_(flag_ids)))
    return view_flags(work, [(flag, case, standing.panel, meeting) for flag, case in rows])


@dataclass(frozen=True, slots=True)
class AgencyMissing:
    """One agency's returns for a meeting: how many of each kind, and the cases that still lack its return."""

    agency_name: str
    counts: tuple[tuple[ReturnKnowledge, int], ...]
    missing: tuple[str, ...]  #: references

    @property
    def asked(self) -> int:
        """Return the number of cases on which the agency is asked for a return."""
        return sum(count for _, count in self.counts) + len(self.missing)


@dataclass(frozen=True, slots=True)
class MissingReturns(OfMeeting):
    """Which agencies have sent returns for a meeting and which have not, without the text of any return."""

    due_on: date
    is_published: bool
    agencies: tuple[AgencyMissing, ...]
    cases: tuple[tuple[int, str], ...]  #: flag id and reference, for people who may open the cases; empty for others
    answers_too: bool  #: the reader also answers for an agency


class GridCell(StrEnum):
    """The kinds of cell in the grid of returns. A cell is one agency's answer on one case."""

    KNOWN = "answered"  # the agency says what it will bring
    NOTHING_TO_ADD = "nothing to add"
    NOT_KNOWN = "not known"
    AWAITED = "still to come"
    NOT_ASKED = "not asked"  # the agency flagged the case, or may not see it


@dataclass(frozen=True, slots=True)
class ReturnGrid(OfMeeting):
    """A grid of the returns that the reader may see, with a row for each case and a column for each agency."""

    due_on: date
    agencies: tuple[str, ...]  #: by name
    rows: tuple[tuple[str, tuple[GridCell, ...]], ...]  #: reference and a cell for each agency
    case_ids: frozenset[int]

    @property
    def awaited(self) -> int:
        """Return the number of missing returns."""
        return sum(cells.count(GridCell.AWAITED) for _, cells in self.rows)


@dataclass(frozen=True, slots=True)
class CaseReturn:
    """One agency's return on one case."""

    agency_name: str
    knowledge: ReturnKnowledge | None
    text: str
    answered_by: str


@dataclass(frozen=True, slots=True)
class CaseReturns:
    """All agencies' returns on one case."""

    reference: str
    panel_title: str
    returns: tuple[CaseReturn, ...]


def missing_returns(work: Work, actor: Actor, where: Where) -> MissingReturns:
    """Return which agencies have sent returns for the panel's open or next meeting, and which have not."""
    standing = find_panel(work, actor, where, Verb.SEE_RETURNS)
    return _missing(work, standing, upcoming_meeting(work, standing))


def missing_at_meeting(work: Work, actor: Actor, meeting_id: int) -> MissingReturns:
    """Return which agencies have sent returns for one meeting. Raise NotForYou for people who may not see returns."""
    return _missing(work, *require_meeting(work, actor, meeting_id, Verb.SEE_RETURNS))


def grid_of_meeting(work: Work, actor: Actor, meeting_id: int) -> ReturnGrid:
    """Return the grid of a meeting's returns: what each agency answered on each case.

    Raise NotForYou for people who may not see returns.
    """
    return _grid(work, *require_meeting(work, actor, meeting_id, Verb.SEE_RETURNS))


def _grid(work: Work, standing: Standing, meeting: Meeting) -> ReturnGrid:
    asked = asked_at(work, [meeting], standing.actor.person_id).get(id_of(meeting), [])
    work.saw(standing.actor.person_id, ((one.case_id, standing.panel_id) for one in asked))
    agencies = tuple(dict.fromkeys(one.agency_name for one in asked))
    cases: dict[str, dict[str, GridCell]] = {}
    for one in sorted(asked, key=lambda one: one.flag_id):
        said = GridCell.AWAITED if one.answer is None else GridCell[one.answer.knowledge.name]
        cases.setdefault(one.reference, {})[one.agency_name] = said
    return ReturnGrid(
        *of_meeting(work, standing.panel, meeting),
        due_on=returns_due(work, standing.panel, meeting),
        agencies=agencies,
        rows=tuple(
            (reference, tuple(cells.get(name, GridCell.NOT_ASKED) for name in agencies))
            for reference, cells in cases.items()
        ),
        case_ids=frozenset(one.case_id for one in asked),
    )


def case_returns(work: Work, actor: Actor, flag_id: int) -> CaseReturns:
    """Return all agencies' returns on one case, with their text, for the chair. Raise NotForYou for other people."""
    standing, flag, case = require_flag(work, actor, flag_id, Verb.READ_RETURNS)
    meeting = work.session.get_one(Meeting, flag.meeting_id)
    here = asked_at(work, [meeting], actor.person_id, flag_id=flag_id).get(id_of(meeting), [])
    names = who_answered(work, here)
    work.keys.fetch(work.session, (one.answer.text for one in here if one.answer))
    work.audit("read", "return", flag_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    work.saw(actor.person_id, [(case.id, standing.panel_id)])
    return CaseReturns(
        reference=case.reference,
        panel_title=standing.panel.title,
        returns=tuple(
            CaseReturn(
                agency_name=one.agency_name,
                knowledge=one.answer.knowledge if one.answer else None,
                text=opened_or_erased(work, one.answer.text) if one.answer and one.answer.text else "",
                answered_by=names.get(one.answer.person_id, "") if one.answer else "",
            )
            for one in here
        ),
    )


def _missing(work: Work, standing: Standing, meeting: Meeting) -> MissingReturns:
    asked = asked_at(work, [meeting], standing.actor.person_id).get(id_of(meeting), [])
    by_agency: dict[str, list[Asked]] = {}
    for one in asked:
        by_agency.setdefault(one.agency_name, []).append(one)
    reads = standing.may(Verb.READ_RETURNS)
    return MissingReturns(
        *of_meeting(work, standing.panel, meeting),
        due_on=returns_due(work, standing.panel, meeting),
        is_published=meeting.agenda_published_at is not None,
        agencies=tuple(
            AgencyMissing(
                agency_name=name,
                counts=tuple(
                    (knowledge, sum(one.answer is not None and one.answer.knowledge is knowledge for one in here))
                    for knowledge in ReturnKnowledge
                ),
                missing=tuple(one.reference for one in here if one.answer is None),
            )
            for name, here in by_agency.items()
        ),
        cases=tuple(dict.fromkeys((one.flag_id, one.reference) for one in asked)) if reads else (),
        answers_too=standing.may(Verb.RETURN),
    )
