"""What minutes say of each item: gathered for all items of a meeting at once, whatever their number."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from bot.documents.minutes import DecisionFacts, ItemFacts, Said
from bot.documents.papers import action_facts, presented
from bot.models.actions import Action
from bot.models.cases import Recusal
from bot.models.meetings import Decision, Meeting, Note
from bot.models.people import Agency, Person
from bot.models.vocabulary import ItemState, NoteKind
from bot.records.access.queries import Standing
from bot.records.actions.queries import ActionView, opened_or_erased, view_actions
from bot.records.agenda.queries import ItemView
from bot.records.agenda.returns import Asked, asked_at
from bot.records.cases.queries import DecisionView, Hearing, hearings_of_each, standing_decisions
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def facts_of_items(work: Work, standing: Standing, meeting: Meeting, items: Sequence[ItemView]) -> list[ItemFacts]:
    """Return what the minutes say of each of these items, in their order."""
    gathered = _Gathered(work, meeting, items)
    sections = {section.key: section.title for section in work.definition(standing.panel.definition).agenda}
    return [gathered.facts(item, sections.get(item.section, item.title)) for item in items]


class _Gathered:
    """Everything recorded of a meeting's items, by item or case."""

    def __init__(self, work: Work, meeting: Meeting, items: Sequence[ItemView]) -> None:
        self._work, self._meeting = work, meeting
        item_ids = [item.id for item in items]
        case_ids = [item.flag.case_id for item in items if item.flag is not None]
        self._said = _said(work, item_ids)
        self._decisions: dict[int, DecisionView] = standing_decisions(work, item_ids)
        self._heard: dict[int, tuple[Hearing, ...]] = hearings_of_each(work, case_ids, meeting, with_words=False)
        self._begun = _first_words(work, item_ids)
        self._recusals = _recusals(work, case_ids)
        self._given = _given(work, item_ids)
        self._returns = _returns(work, meeting)

    def facts(self, item: ItemView, section: str) -> ItemFacts:
        """Return what the minutes say of one item, under the title of its section."""
        said: dict[NoteKind, list[Said]] = {kind: list(self._said.get((item.id, kind), ())) for kind in NoteKind}
        if item.flag is not None and item.state is ItemState.DISCUSSED:
            said[NoteKind.SHARED] += self._returned(item.flag.id, {one.agency for one in said[NoteKind.SHARED]})
        decision = self._decisions.get(item.id)
        return ItemFacts(
            number=item.position,
            key=item.section,
            section=section,
            title=item.title,
            case=presented(item.flag, self._heard.get(item.flag.case_id, ())) if item.flag else None,
            is_reached=item.state is ItemState.DISCUSSED,
            withdrew=self._withdrew(item),
            shared=tuple(said[NoteKind.SHARED]),
            discussion=tuple(one.text for one in said[NoteKind.DISCUSSION]),
            decision=DecisionFacts(
                kind=decision.kind,
                rationale=decision.rationale,
                review_on=decision.review_on,
                close_reason=decision.close_reason,
                risk_before=decision.risk_before,
                risk_after=decision.risk_after,
                dissent=tuple(said[NoteKind.DISSENT]),
            )
            if decision
            else None,
            actions=tuple(action_facts(action) for action in self._given.get(item.id, ())),
        )

    def _returned(self, flag_id: int, spoke: Collection[str]) -> list[Said]:
        """A starting point for the writer: what agencies without a line in the record had said they would bring."""
        return [
            Said(
                agency=one.agency_name,
                text=f"In its return before the meeting: {opened_or_erased(self._work, one.answer.text)}",
            )
            for one in self._returns.get(flag_id, ())
            if one.answer is not None and one.answer.text and one.agency_name not in spoke
        ]

    def _withdrew(self, item: ItemView) -> tuple[str, ...]:
        """Whose interest stood while the item was discussed; one taken back afterwards changes nothing about that."""
        if item.flag is None:
            return ()
        over = self._meeting.closed_at or self._work.now
        begun = self._begun.get(item.id, over)
        stood = {
            name
            for name, declared_at, withdrawn_at in self._recusals.get(item.flag.case_id, ())
            if declared_at <= over and (withdrawn_at is None or withdrawn_at > begun)
        }
        return tuple(sorted(stood))


def _said(work: Work, item_ids: Collection[int]) -> Mapping[tuple[int, NoteKind], list[Said]]:
    """By item and kind, the notes that stand, in the order in which they were written."""
    notes = work.session.exec(
        select(Note).where(col(Note.item_id).in_(item_ids), col(Note.undone_at).is_(None)).order_by(col(Note.id))
    ).all()
    agencies = {agency.id: agency.name for agency in work.session.exec(select(Agency))}
    work.keys.fetch(work.session, (note.text for note in notes))
    found: dict[tuple[int, NoteKind], list[Said]] = defaultdict(list)
    for note in notes:
        said = Said(agency=agencies.get(note.agency_id, ""), text=work.open(note.text))
        found[note.item_id, note.kind].append(said)
    return found


def _first_words(work: Work, item_ids: Collection[int]) -> dict[int, datetime]:
    """By item, when the first note was written or the first decision made, be it one that was undone."""
    found: dict[int, datetime] = {}
    for query in (
        select(col(Note.item_id), func.min(Note.written_at)).where(col(Note.item_id).in_(item_ids)),
        select(col(Decision.item_id), func.min(Decision.decided_at)).where(col(Decision.item_id).in_(item_ids)),
    ):
        for item_id, at in work.session.execute(query.group_by(query.selected_columns[0])):
            found[item_id] = min(at, found.get(item_id, at))
    return found


def _recusals(work: Work, case_ids: Collection[int]) -> Mapping[int, list[tuple[str, datetime, datetime | None]]]:
    """By case, who ever declared an interest, from when and until when."""
    rows = work.session.execute(
        select(col(Recusal.case_id), col(Person.name), col(Recusal.declared_at), col(Recusal.withdrawn_at))
        .join(Person, col(Person.id) == col(Recusal.person_id))
        .where(col(Recusal.case_id).in_(case_ids))
    )
    found: dict[int, list[tuple[str, datetime, datetime | None]]] = defaultdict(list)
    for case_id, *recusal in rows:
        found[case_id].append(tuple(recusal))
    return found


def _given(work: Work, item_ids: Collection[int]) -> Mapping[int, list[ActionView]]:
    """By item, the actions given under it, the soonest due first."""
    of_items = select(Action.id, Action.item_id).where(col(Action.item_id).in_(item_ids))
    under = {action_id: item_id for action_id, item_id in work.session.execute(of_items)}  # noqa: C416 - rows
    found: dict[int, list[ActionView]] = defaultdict(list)
    for action in view_actions(work, None, col(Action.item_id).in_(item_ids)):
        found[under[action.id]].append(action)
    return found


def _returns(work: Work, meeting: Meeting) -> Mapping[int, list[Asked]]:
    """By flag, what each agency said it would bring."""
    asked = asked_at(work, [meeting], None).get(id_of(meeting), [])
    work.keys.fetch(work.session, (one.answer.text for one in asked if one.answer is not None))
    found: dict[int, list[Asked]] = defaultdict(list)
    for one in asked:
        found[one.flag_id].append(one)
    return found
