"""The discussion: one item after another, what was shared, what was decided, and undoing a slip."""

from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import col, select

from bot.domain.language.due_phrases import parse_due
from bot.domain.language.identifiers import accept_text
from bot.domain.permissions import Actor, Verb
from bot.domain.risk import RiskKey, check_risk
from bot.errors import Mistake
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Decision, Meeting, Note
from bot.models.people import Agency, Person
from bot.models.vocabulary import CloseReason, DecisionKind, ItemState, NoteKind
from bot.records.access.queries import Standing, Where, local_time, today_at
from bot.records.cases.queries import DecisionView, standing_decision
from bot.records.diary.queries import meeting_after
from bot.records.meeting.queries import (
    CurrentItem,
    Line,
    NoteView,
    TakenBack,
    attends,
    interim_words,
    just_moved_by,
    lines_of,
    open_sitting,
    refuse_inquorate,
    view_current,
    view_note,
)
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

MOVED_ON = "The meeting has moved on to another item. Go back to it with `/meeting next NUMBER`."
#: Said to whoever may not read the item being discussed too: anything else would give a closed item away.
NOTHING_DISCUSSED = "No item is being discussed. `/meeting next` goes to the next one."


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """A decision as the chair words it."""

    kind: DecisionKind
    rationale: str
    review: str | date | None = None  #: a phrase or a date; needed to retain
    close_reason: CloseReason | None = None
    risk_after: RiskKey | None = None  #: none: as before


def current_item(work: Work, actor: Actor, where: Where) -> CurrentItem:
    """Where the meeting is."""
    standing, meeting = open_sitting(work, actor, where, Verb.SEE_AGENDA)
    return view_current(work, standing, meeting)


def next_item(
    work: Work, actor: Actor, where: Where, position: int | None = None, *, leaving_id: int | None = None
) -> CurrentItem:
    """Go to the next item that waits, or to the one with this number; after the last, to the first that waits.

    What is left counts as discussed, except a case without a decision, which goes on waiting. Items that are kept from
    this person are passed over and wait for somebody else. With `leaving_id`, nothing happens unless that item is the
    current one: two people who press the same button leave one item, not two. Where somebody else moved the meeting on
    within the last seconds, nothing happens either, until this person asks again or names a number.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.RUN_MEETING)
    lines = lines_of(work, meeting, actor.person_id)
    leaving = next((line for line in lines if line.item.state is ItemState.CURRENT), None)
    if leaving_id is not None and (leaving is None or leaving.item.id != leaving_id):
        return replace(view_current(work, standing, meeting), moved_on=True)
    # Of a move to an item that is kept from them nothing is said: it would give a closed item away. Looked up after the
    # lines, so that whoever moves at the same moment either is seen here or leaves the same item.
    if leaving_id is None and position is None and leaving is not None and leaving.is_readable:
        other = just_moved_by(work, standing, meeting)
        if other is not None:
            work.session.expire_all()  # the lines may be from before that move
            work.audit(
                "next",
                "meeting",
                meeting.id,
                panel_id=standing.panel_id,
                actor_id=actor.person_id,
                outcome="refused",
            )
            return replace(view_current(work, standing, meeting), moved_by=other)
    waiting = [line for line in lines if line.item.state is ItemState.PENDING and line.is_readable]
    owed = leaving if leaving is not None and leaving.is_owed and leaving.is_readable else None
    if position is not None:
        theirs = [line for line in lines if line.is_readable]
        if not 1 <= position <= len(theirs):
            raise Mistake(f"The agenda has items 1 to {len(theirs)}.")
        arriving: Line | None = theirs[position - 1]
    else:
        after = leaving.item.position if leaving else 0
        first = waiting[0] if waiting else owed
        arriving = next((line for line in waiting if line.item.position > after), first)
    if arriving is not None and arriving is not leaving and arriving.case is not None:
        refuse_inquorate(work, standing, meeting)
    if leaving is not None and leaving is not arriving:
        leaving.item.state = leaving.state_when_left
        work.session.flush()  # one current item at a time, the database holds us to it
    if arriving is not None:
        arriving.item.state = ItemState.CURRENT
    work.audit("next", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    # Who names the number of the item they are at leaves nothing.
    is_left = position is None or leaving is not arriving
    return replace(view_current(work, standing, meeting), owed=owed.item.title if owed and is_left else None)


def add_note(
    work: Work,
    actor: Actor,
    where: Where,
    text: str,
    kind: NoteKind | None = None,
    *,
    item_id: int | None = None,
) -> CurrentItem:
    """Write a line under the current item: discussion in summary, or "Police: …" for what an agency shared.

    Raises Mistake when `item_id` names another item: what was written of one child must not land under the next.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.NOTE)
    item, case = _current_row(work, standing, meeting, item_id, field="text")
    agency, said = _attributed(work, text)
    said = accept_text(said, field="text", missing="What shall I note? For example: `/meeting note Police: …`")
    if kind is None:
        kind = NoteKind.SHARED if agency else NoteKind.DISCUSSION
    if kind is NoteKind.DISSENT and agency is None:
        raise Mistake("Whose dissent? Begin with the agency, such as `/meeting dissent Health: …`", field="text")
    key_id = case.data_key_id if case else standing.panel.data_key_id
    work.session.add(
        Note(
            item_id=id_of(item),
            kind=kind,
            agency_id=agency.id if agency else None,
            text=work.seal(key_id, said),
            written_by_id=actor.person_id,
            written_at=work.now,
        )
    )
    work.session.flush()
    attends(work, standing, meeting)
    work.audit("note", "item", item.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return view_current(work, standing, meeting)


def decide(work: Work, actor: Actor, where: Where, form: DecisionForm, *, item_id: int | None = None) -> CurrentItem:
    """Record the panel's decision on the current case, with its rationale; it replaces an earlier one on the item.

    Raises Mistake when `item_id` names another item: a decision on one child must not land under the next.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.DECIDE)
    item, case = _current_row(work, standing, meeting, item_id, field="rationale")
    if meeting.is_interim:
        raise Mistake(interim_words(work, standing, meeting), field="rationale")
    if case is None or item.flag_id is None:
        raise Mistake("The current item is not a case. Note what was agreed with `/meeting note`, or add an action.")
    definition = work.definition(standing.panel.definition)
    if form.kind not in definition.decisions:
        raise Mistake(f"{standing.panel.title} cannot decide to {form.kind.label}.", field="kind")
    rationale = accept_text(form.rationale, field="rationale", missing="Every decision needs its rationale.")
    review_on = _review_date(work, standing, form)
    if (form.kind is DecisionKind.CLOSE) != (form.close_reason is not None):
        raise Mistake(
            "Why is the case closed? Choose a reason."
            if form.kind is DecisionKind.CLOSE
            else "A reason for closing goes with the decision to close only.",
            field="close_reason",
        )
    flag = work.session.get_one(Flag, item.flag_id)
    if form.risk_after is not None and form.risk_after != (flag.risk_tool, flag.risk_level):
        check_risk(definition.risk_tools, form.risk_after, field="risk_after")
    standing_one = work.session.exec(
        select(Decision).where(col(Decision.item_id) == id_of(item), col(Decision.undone_at).is_(None))
    ).first()
    if standing_one is not None:
        standing_one.undone_at = work.now
        work.session.flush()
    tool_after, level_after = form.risk_after or (flag.risk_tool, flag.risk_level)
    work.session.add(
        Decision(
            item_id=id_of(item),
            kind=form.kind,
            rationale=work.seal(case.data_key_id, rationale),
            review_on=review_on,
            close_reason=form.close_reason,
            risk_tool_before=flag.risk_tool,
            risk_before=flag.risk_level,
            risk_tool_after=tool_after,
            risk_after=level_after,
            decided_by_id=actor.person_id,
            decided_at=work.now,
        )
    )
    work.session.flush()
    attends(work, standing, meeting)
    work.audit("decide", "case", case.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return view_current(work, standing, meeting)


def undo_last(work: Work, actor: Actor, where: Where) -> CurrentItem:
    """Take back the last note or decision under the current item; it stays in the record as undone."""
    standing, meeting = open_sitting(work, actor, where, Verb.NOTE)
    item, _ = _current_row(work, standing, meeting)
    note = work.session.exec(
        select(Note)
        .where(col(Note.item_id) == id_of(item), col(Note.undone_at).is_(None))
        .order_by(col(Note.id).desc())
    ).first()
    decision = work.session.exec(
        select(Decision).where(col(Decision.item_id) == id_of(item), col(Decision.undone_at).is_(None))
    ).first()
    latest: Note | Decision | None = note
    if decision is not None and (note is None or decision.decided_at >= note.written_at):
        latest = decision
    if latest is None:
        raise Mistake("There is nothing under this item to undo.")
    if isinstance(latest, Note):
        agencies: dict[int | None, str] = {agency.id: agency.name for agency in work.session.exec(select(Agency))}
        entry: NoteView | DecisionView | None = view_note(work, latest, agencies)
        maker_id = latest.written_by_id
    else:
        entry, maker_id = standing_decision(work, id_of(item)), latest.decided_by_id
    latest.undone_at = work.now
    work.audit("undo", "item", item.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    current = view_current(work, standing, meeting)
    if entry is None:
        return current
    return replace(current, taken_back=TakenBack(entry, work.session.get_one(Person, maker_id).name))


def _current_row(
    work: Work, standing: Standing, meeting: Meeting, item_id: int | None = None, *, field: str | None = None
) -> tuple[AgendaItem, Case | None]:
    lines = lines_of(work, meeting, standing.actor.person_id)
    found = next((line for line in lines if line.item.state is ItemState.CURRENT and line.is_readable), None)
    if item_id is not None and (found is None or found.item.id != item_id):
        raise Mistake(MOVED_ON, field=field)
    if found is None:
        raise Mistake(NOTHING_DISCUSSED, field=field)
    return found.item, found.case


def _attributed(work: Work, text: str) -> tuple[Agency | None, str]:
    """Split "Police: seen near the station" into the agency and what it said, when the first words name one."""
    head, colon, rest = text.partition(":")
    name = head.strip().lower()
    if not colon or not name:
        return None, text
    for agency in work.session.exec(select(Agency).where(col(Agency.is_active))):
        if name in {agency.name.lower(), agency.key.lower(), agency.kind.label.lower()}:
            return agency, rest
    return None, text


def _review_date(work: Work, standing: Standing, form: DecisionForm) -> date | None:
    if form.review is None or form.review == "":
        if form.kind is DecisionKind.RETAIN:
            raise Mistake("By when is the case reviewed? Give a date.", field="review")
        return None
    phrase = form.review.isoformat() if isinstance(form.review, date) else form.review
    later = meeting_after(work, standing.panel_id, work.now)
    return parse_due(
        phrase,
        today=today_at(work, standing.panel),
        next_meeting_on=local_time(work, standing.panel, later.starts_at).date() if later else None,
        subdivision=work.definition(standing.panel.definition).bank_holiday_subdivision,
    )
