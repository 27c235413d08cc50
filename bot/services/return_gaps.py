"""Returns as the chair and the office see them: who has answered, and what each agency will bring to a case."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.domain.permissions import Actor, Verb
from bot.models.meetings import Meeting
from bot.models.vocabulary import ReturnKnowledge
from bot.records.access.queries import Standing, Where, find_panel, require_flag, require_meeting
from bot.records.actions.queries import opened_or_erased
from bot.records.agenda.returns import Asked, asked_at, dates_of, who_answered
from bot.records.diary.queries import upcoming_meeting
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class AgencyGaps:
    """One agency's returns to one meeting, counted; and the cases it has not answered."""

    agency_name: str
    counts: tuple[tuple[ReturnKnowledge, int], ...]
    missing: tuple[str, ...]  #: references

    @property
    def asked(self) -> int:
        """How many cases it was asked about."""
        return sum(count for _, count in self.counts) + len(self.missing)


@dataclass(frozen=True, slots=True)
class Gaps:
    """Who has returned what for a meeting, without anybody's words."""

    meeting_id: int
    panel_key: str
    panel_title: str
    starts_at: datetime
    due_on: date
    is_published: bool
    agencies: tuple[AgencyGaps, ...]
    cases: tuple[tuple[int, str], ...]  #: flag and reference, for who may open them; none for others
    answers_too: bool  #: the reader also answers for an agency


@dataclass(frozen=True, slots=True)
class CaseReturn:
    """One agency's return on one case."""

    agency_name: str
    knowledge: ReturnKnowledge | None
    text: str
    answered_by: str


@dataclass(frozen=True, slots=True)
class CaseReturns:
    """Every agency's return on one case."""

    reference: str
    panel_title: str
    returns: tuple[CaseReturn, ...]


def gaps(work: Work, actor: Actor, where: Where) -> Gaps:
    """Which agency has answered, for the panel's open or next meeting."""
    standing = find_panel(work, actor, where, Verb.SEE_RETURNS)
    return _gaps(work, standing, upcoming_meeting(work, standing))


def gaps_of_meeting(work: Work, actor: Actor, meeting_id: int) -> Gaps:
    """The same for one meeting by its number. Raises NotForYou."""
    return _gaps(work, *require_meeting(work, actor, meeting_id, Verb.SEE_RETURNS))


def case_returns(work: Work, actor: Actor, flag_id: int) -> CaseReturns:
    """What each agency will bring to one case, in its words: for the chair. Raises NotForYou."""
    standing, flag, case = require_flag(work, actor, flag_id, Verb.READ_RETURNS)
    meeting = work.session.get_one(Meeting, flag.meeting_id)
    asked = asked_at(work, [meeting], actor.person_id).get(id_of(meeting), [])
    here = [one for one in asked if one.flag_id == flag_id]
    names = who_answered(work, here)
    work.keys.fetch(work.session, (one.answer.text for one in here if one.answer))
    work.audit("read", "return", flag_id, panel_id=standing.panel_id, actor_id=actor.person_id)
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


def _gaps(work: Work, standing: Standing, meeting: Meeting) -> Gaps:
    asked = asked_at(work, [meeting], standing.actor.person_id).get(id_of(meeting), [])
    by_agency: dict[str, list[Asked]] = {}
    for one in asked:
        by_agency.setdefault(one.agency_name, []).append(one)
    starts_at, due_on = dates_of(work, standing.panel, meeting)
    reads = standing.may(Verb.READ_RETURNS)
    return Gaps(
        meeting_id=id_of(meeting),
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        starts_at=starts_at,
        due_on=due_on,
        is_published=meeting.agenda_published_at is not None,
        agencies=tuple(
            AgencyGaps(
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
