"""The discussion in a meeting: going from item to item, noting what is said, recording decisions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlmodel import col

from bot.domain.decisions import decision_words, excluded_by
from bot.domain.language.agency_names import attribute, names_agency_first, with_colon
from bot.domain.language.day_words import listed, short_date
from bot.domain.language.identifiers import accept_text
from bot.domain.language.references import (
    is_named_in,
    take_item,
    take_item_number,
    take_this_item,
)
from bot.domain.permissions import Actor, Verb
from bot.domain.risk import RiskKey, check_risk
from bot.errors import Mistake, NotOnAgenda, WhichItem
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Decision, Meeting
from bot.models.vocabulary import AdultRoute, CloseReason, DecisionKind, ItemState, NoteKind
from bot.records.access.queries import Standing, Where, find_panel, today_at
from bot.records.agenda.published import labels_for
from bot.records.cases.decisions import STANDS, view_decision
from bot.records.diary.due_days import due_day
from bot.records.meeting.board import arrive_on_board, redraw_board, shows_item
from bot.records.meeting.changes import hold_item, note_answer, write_note
from bot.records.meeting.going_on import Leaving, just_moved_by, turn_of
from bot.records.meeting.notes import NotePlace
from bot.records.meeting.queries import (
    NOTHING_DISCUSSED,
    CurrentItem,
    Line,
    attends,
    interim_words,
    line_with,
    lines_of,
    open_sitting,
    refuse_inquorate,
    refuse_unsure,
    require_acknowledged,
    row_to_record,
    view_current,
)
from bot.records.people.queries import agencies_at, holders_at
from bot.services.meeting.typed_items import item_before_agency, without_own_case
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """The values of the form that records a decision on a case."""

    kind: DecisionKind
    rationale: str
    review: str | date | None = None  #: by when, as a phrase or a date; needed to retain
    close_reason: CloseReason | None = None
    adult_route: AdultRoute | None = None  #: needed to close at eighteen
    area: str = ""  #: needed to transfer
    risk_after: RiskKey | None = None  #: none: as before
    risk_assessed_on: date | None = None  #: if the panel assessed the risk itself
    risk_judgement: str = ""  #: what the panel says of the level
    replaces: tuple[int, ...] = ()  #: the numbers of the standing decisions whose place it takes


def current_item(work: Work, actor: Actor, where: Where, item_id: int | None = None) -> CurrentItem:
    """Return the current item, or the item with `item_id` for a form opened under it.

    Raise NotOnAgenda if the person's agenda has no such item, and NotAcknowledged until they accept the statement.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.SEE_AGENDA, item_id)
    require_acknowledged(work, standing, meeting)
    return _shown(work, standing, meeting, item_id)


def show_item(
    work: Work, actor: Actor, where: Where, item_id: int | None = None, *, number: str | None = None
) -> CurrentItem:
    """Return the current item, or the item with this id or number ("6", "6a").

    Record that the person saw this item last, so that the words they type next are recorded under it. Raise Mistake if
    there is no such number, and NotOnAgenda and NotAcknowledged as `current_item` does.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.SEE_AGENDA, item_id)
    require_acknowledged(work, standing, meeting)
    if number is not None:
        lines = lines_of(work, meeting, actor.person_id)
        item_id = line_with(work, standing, meeting, lines, number).item.id
    found = _shown(work, standing, meeting, item_id)
    if found.item is not None:
        note_answer(work, meeting, actor.person_id, found.item.id)
        work.audit("read", "item", found.item.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return found


#: The same for an item that was taken off, and for one that is kept from the person by now.
_NOT_ON_AGENDA: Final = (
    "That item is no longer on the agenda of the open meeting. `/agenda show` shows the agenda as it is now."
)


def _shown(work: Work, standing: Standing, meeting: Meeting, item_id: int | None) -> CurrentItem:
    """Return the current item, or the one with `item_id`. Raise NotOnAgenda if the reader's agenda has no such item."""
    found = view_current(work, standing, meeting, item_id)
    if item_id is not None and found.item is None:
        raise NotOnAgenda(_NOT_ON_AGENDA)
    return found


def next_item(
    work: Work,
    actor: Actor,
    where: Where,
    number: str | None = None,
    *,
    item_id: int | None = None,
    leaving_id: int | None = None,
    leave: Leaving = Leaving.HEARD,
) -> CurrentItem:
    """Move the meeting to the next pending item, or to the item with this number ("6", "6a") or id.

    After the last item, start again from the first pending one. The item left counts as discussed, except a case
    without a decision, which stays pending. Items kept from this person are skipped and wait for another person. With
    `leaving_id`, nothing happens unless that item is the current one, so that two people who press one button move the
    meeting once. If another person has just moved it, nothing happens until this person asks again or names an item.

    `leave` says what becomes of the item left. One that is put off comes after the others and keeps its number and
    record. One that is skipped counts as not reached. Raise Mistake if there is no current item to put off or skip, or
    if no other item is left to hear before one that is put off, and NotOnAgenda for an unknown `item_id`.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.RUN_MEETING)
    lines = lines_of(work, meeting, actor.person_id)
    named = None if number is None else line_with(work, standing, meeting, lines, number)
    if item_id is not None:
        named = next((line for line in lines if line.item.id == item_id and line.is_readable), None)
        if named is None:
            raise NotOnAgenda(_NOT_ON_AGENDA)
    leaving = next((line for line in lines if line.item.state is ItemState.CURRENT), None)
    if leaving_id is not None and not _is_at(work, meeting, leaving, leaving_id):
        return replace(view_current(work, standing, meeting), moved_on=True)
    # A move to an item that is kept from this person is not mentioned, since that would reveal a closed item. The move
    # is looked up after the lines: a person who moves at the same moment is either found here or leaves the same item.
    is_sure = leaving is not None and leaving.item.id == leaving_id  # pressed under the item itself
    if not is_sure and named is None and leaving is not None and leaving.is_readable:
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
    waiting.sort(key=lambda line: turn_of(line.item))
    if leave is not Leaving.HEARD:
        _require_to_leave(leaving, leave, waiting)
    owed = leaving if leaving is not None and leaving.is_owed and leaving.is_readable else None
    arriving = named
    if named is None:
        after = turn_of(leaving.item) if leaving else (0, 0)
        first = waiting[0] if waiting else owed if leave is Leaving.HEARD else None
        arriving = next((line for line in waiting if turn_of(line.item) > after), first)
    if arriving is not None and arriving is not leaving and arriving.case is not None:
        refuse_inquorate(work, standing, meeting)
    if leaving is not None and leaving is not arriving:
        _leave(leaving, leave, lines)
        work.session.flush()  # one current item at a time, the database holds us to it
    if arriving is not None:
        arriving.item.state = ItemState.CURRENT
    work.session.flush()
    arrive_on_board(work, standing.panel, meeting, arriving.item if arriving is not None else None)
    if arriving is not None:
        attends(work, standing, meeting)
        note_answer(work, meeting, actor.person_id, id_of(arriving.item))
    work.audit("next", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    found = view_current(work, standing, meeting)
    if leaving is not None and leave is not Leaving.HEARD:
        title = leaving.item.title
        return replace(found, put_off=title) if leave is Leaving.LATER else replace(found, skipped=title)
    # Who names the number of the item they are at leaves nothing.
    is_left = named is None or leaving is not arriving
    return replace(found, owed=owed.item.title if owed and is_left else None)


def _require_to_leave(leaving: Line | None, leave: Leaving, waiting: Sequence[Line]) -> None:
    """Raise Mistake if this person sees no current item, or wants to put off the only item left to hear."""
    if leaving is None or not leaving.is_readable:
        raise Mistake(NOTHING_DISCUSSED)
    if leave is Leaving.LATER and not waiting:
        raise Mistake("No other item is left, so this item can't be heard later. To end the meeting: `/meeting close`.")


def _leave(leaving: Line, leave: Leaving, lines: Sequence[Line]) -> None:
    """Mark an item as heard, as put off until after all others, or as not reached."""
    item = leaving.item
    if leave is Leaving.HEARD:
        item.state = leaving.state_when_left
    elif leave is Leaving.SKIPPED:
        item.state = ItemState.NOT_REACHED
    else:
        item.state = ItemState.PENDING
        item.put_off = 1 + max(line.item.put_off or 0 for line in lines)


def _is_at(work: Work, meeting: Meeting, current: Line | None, item_id: int) -> bool:
    """Return whether a button pressed under this item, or on the board, belongs to the current item.

    While the current item is kept from any member, the board shows the item before it.
    """
    if current is None:
        return item_id == 0
    if current.item.id == item_id:
        return True
    return not shows_item(work, meeting, id_of(current.item)) and shows_item(work, meeting, item_id)


def _refuse_other_case(work: Work, standing: Standing, meeting: Meeting, case: Case | None, text: str) -> None:
    """Raise WhichItem if a text names the case of another item that this person may read.

    A case kept from the person is not recognised. A text that also names the current case belongs to the current case.
    Under a heading, a text may name any case.
    """
    if case is None or is_named_in(case.reference, text):
        return
    lines = [line for line in lines_of(work, meeting, standing.actor.person_id) if line.is_readable]
    items = {line.case.reference: line.item for line in lines if line.case is not None}
    others = [reference for reference in items if is_named_in(reference, text)]
    if not others:
        return
    labels = labels_for(work, standing.actor.person_id, meeting, [line.item for line in lines])
    where = listed([f"{reference} is item {labels[items[reference].id]}" for reference in others])
    raise WhichItem(
        f"{where}, and {case.reference} is being discussed. "
        "Which child is this about? If it is about this item's child, begin the note with `this item:`.",
        [(reference, labels[items[reference].id]) for reference in (case.reference, *others)],
        field="text",
    )


_NOTE_WHAT = "What should I note? For example: `/meeting note Police: …`"


def add_note(
    work: Work,
    actor: Actor,
    where: Where,
    text: str,
    kind: NoteKind | None = None,
    *,
    item_id: int | None = None,
) -> CurrentItem:
    """Record a note under an item, by default the current one. "Police: …" records what an agency shared.

    A text from several agencies ("Police: … Health: …") becomes a line for each. A form sends the id of its item, and a
    typed note may begin with its item ("item 6: …", "this item: …"), so that words on one child never land under the
    next. Raise Mistake if the item is not on the agenda or kept from the person. Raise WhichItem if the text names
    another item's case, or if the meeting has moved on since the bot last answered this person.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.NOTE, item_id)
    agencies = agencies_at(work, standing.panel_id)
    number, text = take_item(text)
    if number is None and item_id is None:
        number, text = item_before_agency(work, standing, meeting, text, agencies)
    elif number == (again := take_item_number(text))[0] and names_agency_first(again[1], agencies):
        text = again[1]
    if number is not None:
        item_id = line_with(work, standing, meeting, lines_of(work, meeting, actor.person_id), number).item.id
    item, case = row_to_record(work, standing, meeting, item_id, field="text")
    meant_here, text = take_this_item(text)
    if number is None and not meant_here:
        _refuse_other_case(work, standing, meeting, case, text)
        if item_id is None:
            refuse_unsure(work, standing, meeting, item, case, text)
    if case is not None:
        text = without_own_case(case, text, agencies)
    accept_text(text, field="text", missing=_NOTE_WHAT, today=work.now.date())
    found = attribute(with_colon(text, agencies) if kind is NoteKind.DISSENT else text, agencies)
    if kind is NoteKind.DISSENT and not all(part.agency_id for part in found.parts):
        raise Mistake("Whose dissent? Begin with the agency, such as `/meeting dissent Health: …`", field="text")
    key_id = case.data_key_id if case else standing.panel.data_key_id
    for part in found.parts:
        said = accept_text(part.text, field="text", missing=_NOTE_WHAT, today=work.now.date())
        place = NotePlace(kind or (NoteKind.SHARED if part.agency_id else NoteKind.DISCUSSION), part.agency_id)
        write_note(work, actor, item, key_id, place, said)
    attends(work, standing, meeting)
    note_answer(work, meeting, actor.person_id, id_of(item))
    redraw_board(work, standing.panel, meeting, item.id)
    work.audit("note", "item", item.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    found_item = view_current(work, standing, meeting, id_of(item))
    return replace(found_item, added=len(found.parts), unplaced=found.unplaced)


def names_here(work: Work, actor: Actor, where: Where) -> dict[str, str]:
    """Return a dict from Slack user to name for a panel's members, for a reader who may write notes."""
    standing = find_panel(work, actor, where, Verb.NOTE)
    return {holder.user_id: holder.name for holder in holders_at(work, standing.panel_id, actor.team_id)}


def decide(work: Work, actor: Actor, where: Where, form: DecisionForm, *, item_id: int | None = None) -> CurrentItem:
    """Record a decision on a case, by default the current one, beside the decisions in force.

    Decisions in `replaces` are kept but no longer in force. Raise Mistake if the item is not on the agenda, if the
    decision lacks something that its kind needs or has something that its kind can't have, or if it excludes a decision
    in force without replacing it.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.DECIDE, item_id)
    item, case = row_to_record(work, standing, meeting, item_id, field="rationale")
    if meeting.is_interim:
        raise Mistake(interim_words(work, standing, meeting), field="rationale")
    if case is None or item.flag_id is None:
        raise Mistake("The current item is not a case. Note what was agreed with `/meeting note`, or add an action.")
    definition = work.definition(standing.panel.definition)
    if form.kind not in definition.decisions:
        raise Mistake(f"{standing.panel.title} cannot decide to {form.kind.label}.", field="kind")
    rationale = accept_text(
        form.rationale, field="rationale", missing="Every decision needs its rationale.", today=work.now.date()
    )
    review_on = _review_date(work, standing, form)
    _require_what_its_kind_needs(form)
    area = ""
    if form.kind is DecisionKind.TRANSFER:
        area = accept_text(
            form.area, field="area", missing="To which area is the case transferred?", today=work.now.date()
        )
    flag = work.session.get_one(Flag, item.flag_id)
    if form.risk_after is not None and form.risk_after != (flag.risk_tool, flag.risk_level):
        check_risk(definition.risk_tools, form.risk_after, field="risk_after")
    others = _lock_decisions(work, item)
    replaced = _replaced(work, form, others)
    # A level that was decided a moment ago holds for what is decided beside it.
    known = (others[-1].risk_tool_after, others[-1].risk_after) if others else (flag.risk_tool, flag.risk_level)
    tool_after, level_after = form.risk_after or known
    judgement = _judgement(work, standing, form, is_level_known=level_after is not None)
    decision = Decision(
        item_id=id_of(item),
        kind=form.kind,
        rationale=work.seal(case.data_key_id, rationale),
        review_on=review_on,
        close_reason=form.close_reason,
        adult_route=form.adult_route,
        area=work.seal(case.data_key_id, area) if area else None,
        risk_tool_before=flag.risk_tool,
        risk_before=flag.risk_level,
        risk_tool_after=tool_after,
        risk_after=level_after,
        risk_assessed_on=form.risk_assessed_on,
        risk_judgement=work.seal(case.data_key_id, judgement) if judgement else None,
        decided_by_id=actor.person_id,
        decided_at=work.now,
    )
    _put_in_place(work, decision, replaced)
    attends(work, standing, meeting)
    note_answer(work, meeting, actor.person_id, id_of(item))
    redraw_board(work, standing.panel, meeting, item.id)
    work.audit("decide", "case", case.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return view_current(work, standing, meeting, id_of(item))


def _lock_decisions(work: Work, item: AgendaItem) -> list[Decision]:
    """Return the decisions in force on an item, the oldest first. The item is locked against other changes."""
    hold_item(work, item)
    return work.find_all(Decision, col(Decision.item_id) == id_of(item), STANDS, by=[col(Decision.id)])


def _replaced(work: Work, form: DecisionForm, others: Sequence[Decision]) -> list[Decision]:
    """Return the decisions in force that the new decision replaces.

    Raise Mistake if a decision to be replaced is no longer in force, or if the new decision excludes one that it does
    not replace.
    """
    if set(form.replaces) - {one.id for one in others}:
        raise Mistake(
            "A decision that you chose no longer applies. `/meeting now` shows the decisions that do.", field="replaces"
        )
    against = [one for one in others if one.kind in excluded_by(form.kind) and one.id not in form.replaces]
    if against:
        named = "; ".join(decision_words(view_decision(work, one), short_date) for one in against)
        raise Mistake(
            f"Already decided here: {named}. If your new decision replaces it, choose the earlier one under "
            f"“Replaces”. "
            "If you don't see that field, type `/meeting decide` again.",
            field="replaces",
        )
    return [one for one in others if one.id in form.replaces]


def _put_in_place(work: Work, decision: Decision, replaced: Sequence[Decision]) -> None:
    """Store a decision, and mark the decisions that it replaces."""
    # Two of a kind may not stand for a moment even: the old ones go by a number of their own until the new one has its.
    for one in replaced:
        one.superseded_by_id = one.id
    work.session.flush()
    work.session.add(decision)
    work.session.flush()
    for one in replaced:
        one.superseded_by_id = id_of(decision)
    work.session.flush()


def _require_what_its_kind_needs(form: DecisionForm) -> None:
    """Raise Mistake if a decision lacks something that its kind needs, or has something that its kind can't have."""
    is_close, is_at_18 = form.kind is DecisionKind.CLOSE, form.close_reason is CloseReason.TURNED_18
    if is_close != (form.close_reason is not None):
        raise Mistake(
            "Why is the case closed? Choose a reason."
            if is_close
            else "Only a decision to close needs a reason for closing. Leave it empty.",
            field="close_reason",
        )
    if is_at_18 != (form.adult_route is not None):
        raise Mistake(
            "Who works with the young person next? Choose the adult route. If there is none, say why in the rationale."
            if is_at_18
            else "Only a case closed at eighteen needs an adult route. Leave it empty.",
            field="adult_route",
        )
    if is_close and form.review:
        raise Mistake("A closed case doesn't come back. Leave the date empty, or retain the case.", field="review")
    if form.area.strip() and form.kind is not DecisionKind.TRANSFER:
        raise Mistake("Only a decision to transfer needs an area. Leave it empty.", field="area")


def _judgement(work: Work, standing: Standing, form: DecisionForm, *, is_level_known: bool) -> str:
    """Return the words on the child's risk after a decision.

    Raise Mistake if there are words or a day, but no level of risk.
    """
    judgement = accept_text(form.risk_judgement, field="risk_judgement", missing="", today=work.now.date())
    if not is_level_known and (judgement or form.risk_assessed_on is not None):
        raise Mistake("You gave a day or a judgement of the risk. Choose the risk level too.", field="risk_after")
    if form.risk_assessed_on is not None and form.risk_assessed_on > today_at(work, standing.panel):
        raise Mistake("The assessment cannot be dated in the future.", field="risk_assessed_on")
    return judgement


def _review_date(work: Work, standing: Standing, form: DecisionForm) -> date | None:
    if form.review is None or form.review == "":
        if form.kind is DecisionKind.RETAIN:
            raise Mistake("When should the panel review the case? Give a date.", field="review")
        return None
    return due_day(work, standing.panel, form.review)
