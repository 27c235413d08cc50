"""Merging two references of one child into one case, by the chair of a panel that hears both.

A merge can't be undone.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.flag_state import LIVE_STATES
from bot.domain.language.day_words import date_words
from bot.domain.language.identifiers import accept_line, check_reference
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou, OutOfDate
from bot.models.actions import Action
from bot.models.cases import Case, CaseReader, Flag
from bot.models.meetings import AgencyReturn, AgendaItem, Decision, Meeting, Note
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import MeetingState, ReturnKnowledge, Role
from bot.records.access.queries import Standing, Where, local_time, panels_where, readable_cases
from bot.records.actions.queries import opened_or_erased
from bot.records.agenda.changes import compile_items
from bot.records.agenda.queries import has_agenda
from bot.records.cases.before_panel import case_of_chair
from bot.records.cases.changes import merge_flag
from bot.records.cases.kept import KeptCases
from bot.records.cases.merging import contradicting_referrals, move_rows
from bot.records.cases.queries import IS_HEARD, IS_OWED
from bot.records.diary.queries import lock_diary
from bot.records.meeting.board import redraw_for_case
from bot.records.people.queries import members, presiding_or_office
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_ONLY_A_CHAIR: Final = (
    "Only the chair or the vice-chair of a panel that hears both references can merge them. Ask your chair."
)
_NO_REASON: Final = "How do you know that both are one child? Please give the reason. The case history keeps it."


@dataclass(frozen=True, slots=True)
class Half:
    """One of the two references to merge. Only flags and actions on the chair's own panels are counted."""

    case_id: int
    reference: str
    flags: int  #: of their own panels
    actions: int  #: of their own panels that are still to be done


@dataclass(frozen=True, slots=True)
class Merge:
    """Two references that will become one case, or have just become one."""

    panel_key: str
    panel_title: str
    old: Half  #: the reference that leads to the other after the merge
    kept: Half
    shared: tuple[tuple[str, datetime], ...]  #: coming meetings of their panels that hear both: panel, its own time
    is_closed: bool  #: both are closed items, with the same readers


@dataclass(frozen=True, slots=True)
class MergeNotice:
    """What people are told when two references were merged. The reason is left out, since messages stay in Slack."""

    old_reference: str
    reference: str
    panel_title: str
    by_name: str


def preview_merge(work: Work, actor: Actor, where: Where, reference: str, into: str) -> Merge:
    """Return the two references that would become one case, with their flags, actions and meetings.

    Raise Mistake if the two can't be merged.
    """
    standing, old, kept = _both(work, actor, where, reference, into)
    _check(work, old, kept)
    work.saw(actor.person_id, [(old.id, standing.panel_id), (kept.id, standing.panel_id)])
    return _view(work, standing, old, kept)


def merge_references(work: Work, actor: Actor, where: Where, reference: str, into: str, reason: str) -> Merge:
    """Merge the case of `reference` into that of `into`, with the chair's reason. Both references then mean one case.

    At coming meetings that hear both cases, the two become one item. The panels' chairs and co-ordinators, and the
    flaggers, are told once if they may read the case. Raise Mistake without a reason. Raise also the errors of
    `preview_merge`.
    """
    standing, old, kept = _both(work, actor, where, reference, into)
    panels = _panels(work, old, kept)
    lock_diary(work, *panels)
    standing, old, kept = _both(work, actor, where, reference, into)
    for case in sorted((old, kept), key=id_of):
        work.session.refresh(case, with_for_update=True)
    if old.merged_into_id is not None or kept.merged_into_id is not None:
        raise OutOfDate("that case")
    _check(work, old, kept)
    said = accept_line(reason, field="reason", missing=_NO_REASON, today=work.now.date())
    view = _view(work, standing, old, kept)
    shared = _join_hearings(work, old, kept)
    move_rows(work, old, kept)
    sealed = work.seal(kept.data_key_id, said)
    old.merged_into_id, old.merged_by_id, old.merged_at_id = kept.id, actor.person_id, standing.panel_id
    old.merged_at, old.merged_because = work.now, sealed
    work.session.add(old)
    work.session.flush()
    for meeting in shared:
        if has_agenda(work, meeting):
            compile_items(work, work.session.get_one(Panel, meeting.panel_id), meeting)
    redraw_for_case(work, id_of(kept))
    for case in (old, kept):
        work.audit("merge", "case", case.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    _tell(work, actor, panels, old, kept)
    return view


def merge_for_notice(work: Work, actor: Actor, case_id: int) -> MergeNotice:
    """Return a merge for a message to a person who should be told. Raise NotForYou for other people."""
    old = work.session.get(Case, case_id)
    if old is None or old.merged_into_id is None or not readable_cases(work, actor.person_id, [old.merged_into_id]):
        raise NotForYou("that case")
    kept = work.session.get_one(Case, old.merged_into_id)
    theirs = {id_of(panel) for panel in panels_where(work, actor, Verb.READ_CASES)}
    if not theirs & _panels(work, kept):
        raise NotForYou("that case")
    work.audit("send", "case", kept.id, actor_id=actor.person_id)
    by, panel = work.session.get_one(Person, old.merged_by_id), work.session.get_one(Panel, old.merged_at_id)
    return MergeNotice(old.reference, kept.reference, panel.title, by.name)


def _both(work: Work, actor: Actor, where: Where, reference: str, into: str) -> tuple[Standing, Case, Case]:
    """Return the chair's standing and both cases, which must be before a panel that the person chairs.

    Raise Mistake if the two are already one case.
    """
    reference, into = check_reference(reference), check_reference(into)
    standing, old = case_of_chair(work, actor, where, reference, _ONLY_A_CHAIR)
    _, kept = case_of_chair(work, actor, where, into, _ONLY_A_CHAIR)
    if old.id == kept.id:
        raise Mistake(
            f"{reference} and {into} are one case already."
            if reference != into
            else "Those are the same reference. Name the reference to merge, and the one to keep."
        )
    return standing, old, kept


def _check(work: Work, old: Case, kept: Case) -> None:
    """Raise Mistake if merging the two cases would let anyone read more than before, or lose something recorded."""
    _check_readers(work, old, kept)
    for state in (MeetingState.OPEN, MeetingState.SCHEDULED):
        for meeting, flag, _ in _hearing_both(work, old, kept, state):
            if state is MeetingState.OPEN:
                raise Mistake("A meeting that hears both cases is open. Merge them once it has closed.")
            if _is_recorded(work, flag, meeting):
                raise Mistake(
                    f"Something is recorded under {old.reference} at a coming meeting that hears both. "
                    "Merge them once the "
                    "meeting has closed."
                )
    if days := [date_words(row.referred_on) for row in contradicting_referrals(work, old, kept)]:
        raise Mistake(
            f"Both have an NRM referral of {days[0]}, with different answers. Make them the same first: "
            f"`/case nrm {old.reference}` and `/case nrm {kept.reference}`."
        )


def _check_readers(work: Work, old: Case, kept: Case) -> None:
    if old.is_closed != kept.is_closed:
        closed, other = (old, kept) if old.is_closed else (kept, old)
        raise Mistake(
            f"{closed.reference} is a closed item and {other.reference} isn't, so merging them would let more people "
            f"read it. First close {other.reference} as well (`/case close-item {other.reference} because REASON`) or "
            f"open {closed.reference} (`/case open-item {closed.reference} because REASON`)."
        )
    if old.is_closed and _readers(work, old) != _readers(work, kept):
        raise Mistake(
            f"{old.reference} and {kept.reference} are closed items with different readers, so merging them would let "
            f"more people read one of them. First make the readers the same. `/case readers {old.reference}` and "
            f"`/case readers {kept.reference}` list them. `/case add-reader` and `/case end-reader` change them."
        )


def _readers(work: Work, case: Case) -> set[int]:
    return set(work.session.exec(select(CaseReader.person_id).where(col(CaseReader.case_id) == id_of(case))))


def _hearing_both(work: Work, old: Case, kept: Case, state: MeetingState) -> list[tuple[Meeting, Flag, Flag]]:
    """Return the meetings in this state that hear both cases, each with the flag of `old` and the flag of `kept`."""
    there = aliased(Flag)
    rows = work.session.execute(
        select(Meeting, Flag, there)
        .join(Flag, col(Flag.meeting_id) == col(Meeting.id))
        .join(there, col(there.meeting_id) == col(Meeting.id))
        .where(
            col(Meeting.state) == state,
            col(Flag.case_id) == old.id,
            col(there.case_id) == kept.id,
            col(Flag.state).in_(LIVE_STATES),
            col(there.state).in_(LIVE_STATES),
        )
        .order_by(col(Meeting.starts_at), col(Meeting.id))
    )
    return [(meeting, flag, into) for meeting, flag, into in rows]


def _is_recorded(work: Work, flag: Flag, meeting: Meeting) -> bool:
    """Return whether a note, a decision or an action is recorded under a flag's agenda line."""
    item = work.find(AgendaItem, col(AgendaItem.flag_id) == flag.id, col(AgendaItem.meeting_id) == meeting.id)
    return item is not None and any(
        work.find(model, col(model.item_id) == item.id) is not None for model in (Note, Decision, Action)
    )


def _join_hearings(work: Work, old: Case, kept: Case) -> list[Meeting]:
    """Merge the flags of both cases at each coming meeting that hears both. Return these meetings."""
    shared = _hearing_both(work, old, kept, MeetingState.SCHEDULED)
    for _, flag, into in shared:
        _join_returns(work, flag, into, kept)
        # Each flag keeps its own facts, even if the other flag is newer.
        merge_flag(work, flag, into, said_at=into.flagged_at)
    return [meeting for meeting, *_ in shared]


def _join_returns(work: Work, flag: Flag, into: Flag, kept: Case) -> None:
    """Move the returns on one flag to another. If an agency made a return on each, join the two texts."""
    rows = work.find_all(AgencyReturn, col(AgencyReturn.flag_id).in_([flag.id, into.id]), by=[col(AgencyReturn.id)])
    there = {row.agency_id: row for row in rows if row.flag_id == into.id}
    both = [(row, there[row.agency_id]) for row in rows if row.flag_id == flag.id and row.agency_id in there]
    work.keys.fetch(work.session, (row.text for pair in both for row in pair if row.text))
    joined = []
    for row, other in both:
        said = [opened_or_erased(work, one.text) for one in (other, row) if one.text]
        is_known = ReturnKnowledge.KNOWN in (other.knowledge, row.knowledge)
        joined.append(
            {
                "id": other.id,
                "text": work.seal(kept.data_key_id, "\n".join(said)) if said else None,
                "knowledge": ReturnKnowledge.KNOWN if is_known else other.knowledge,
            }
        )
    if joined:
        work.session.execute(update(AgencyReturn), joined)
    work.session.execute(delete(AgencyReturn).where(col(AgencyReturn.id).in_([row.id for row, _ in both])))
    moved = update(AgencyReturn).where(col(AgencyReturn.flag_id) == flag.id).values(flag_id=into.id)
    work.session.execute(moved)


def _panels(work: Work, *cases: Case) -> set[int]:
    """Return the ids of the panels that hear one of the cases, or still have an open or reported action on one."""
    numbers = [id_of(case) for case in cases]
    heard = work.session.exec(select(Flag.panel_id).where(col(Flag.case_id).in_(numbers), IS_HEARD))
    owed = work.session.exec(select(Action.panel_id).where(col(Action.case_id).in_(numbers), IS_OWED))
    return {*heard, *owed}


def _tell(work: Work, actor: Actor, panels: Collection[int], old: Case, kept: Case) -> None:
    people = {
        id_of(person)
        for panel_id in panels
        for person in (*presiding_or_office(work, panel_id), *members(work, panel_id, {Role.COORDINATOR}))
    }
    people |= set(work.session.exec(select(Flag.person_id).where(col(Flag.case_id) == id_of(kept), IS_HEARD)))
    readers = KeptCases(work, [id_of(kept)])
    for person_id in sorted(people - {actor.person_id}):
        if not readers.is_kept_from(id_of(kept), person_id):
            work.tell(person_id, Notice.REFERENCES_MERGED, case_id=id_of(old))


def _view(work: Work, standing: Standing, old: Case, kept: Case) -> Merge:
    mine = {id_of(panel): panel for panel in panels_where(work, standing.actor, Verb.READ_CASES)}
    shared = [
        (mine[meeting.panel_id].title, local_time(work, mine[meeting.panel_id], meeting.starts_at))
        for meeting, *_ in _hearing_both(work, old, kept, MeetingState.SCHEDULED)
        if meeting.panel_id in mine
    ]
    return Merge(
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        old=_half(work, old, mine),
        kept=_half(work, kept, mine),
        shared=tuple(shared),
        is_closed=kept.is_closed,
    )


def _half(work: Work, case: Case, panel_ids: Collection[int]) -> Half:
    flags = (col(Flag.case_id) == id_of(case), col(Flag.panel_id).in_(panel_ids), IS_HEARD)
    owed = (col(Action.case_id) == id_of(case), col(Action.panel_id).in_(panel_ids), IS_OWED)
    counted: list[int] = [
        work.session.execute(select(func.count()).select_from(model).where(*conditions)).scalar_one()
        for model, conditions in ((Flag, flags), (Action, owed))
    ]
    return Half(id_of(case), case.reference, *counted)
