"""The discussion in a meeting: going from item to item, noting what is said, recording decisions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlmodel import col, select

from bot.domain.language.agency_names import attribute, names_agency_first, with_colon
from bot.domain.language.day_words import listed
from bot.domain.language.identifiers import accept_text
from bot.domain.language.references import (
    is_named_in,
    take_item,
    take_item_number,
    take_this_item,
    with_case_led,
)
from bot.domain.panel_definition import PanelDefinition
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotOnAgenda, WhichItem
from bot.models.cases import Case
from bot.models.meetings import Decision, Meeting
from bot.models.vocabulary import ItemState, NoteKind
from bot.records.access.queries import Standing, Where, find_panel
from bot.records.agenda.published import labels_for
from bot.records.cases.decisions import DecisionView
from bot.records.meeting.board import arrive_on_board, redraw_board, shows_item
from bot.records.meeting.changes import note_answer, tell_authors, write_note
from bot.records.meeting.deciding import DecisionForm, check_decision, put_in_place
from bot.records.meeting.going_on import Leaving, just_moved_by, turn_of
from bot.records.meeting.notes import NotePlace, entry_key
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
from bot.services.meeting.typed_items import item_before_agency, refuse_other_item, without_own_case
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def current_item(work: Work, actor: Actor, where: Where, item_id: int | None = None) -> CurrentItem:
    """Return the current item, or the item with `item_id` for a form opened under it.

    Raise NotOnAgenda if the person's agenda has no such item, and NotAcknowledged if they have not accepted the
    confidentiality statement.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.SEE_AGENDA, item_id)
    require_acknowledged(work, standing, meeting)
    return _shown(work, standing, meeting, item_id)


def show_item(
    work: Work, actor: Actor, where: Where, item_id: int | None = None, *, number: str | None = None
) -> CurrentItem:
    """Return the current item, or the item with this id or number ("6", "6a").

    Record that the person saw this item last, so that the words they type next are recorded under it. Raise Mistake if
    no item has this number. Raise NotOnAgenda and NotAcknowledged as `current_item` does.
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


#: The same error for an item that was removed and for one that is kept from the person now.
_NOT_ON_AGENDA: Final = (
    "That item is no longer on the agenda of the open meeting. `/agenda show` shows the agenda as it is now."
)


def _shown(work: Work, standing: Standing, meeting: Meeting, item_id: int | None) -> CurrentItem:
    """Return the current item, or the one with `item_id`, as the reader may see it.

    Raise NotOnAgenda if the reader's agenda has no such item.
    """
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

    After the last item, start again from the first pending one. The item that the meeting leaves counts as discussed,
    except a case without a decision, which stays pending. Items kept from this person are passed over and stay pending
    for other people. With `leaving_id`, nothing happens unless that item is the current one, so that two people who
    press the same button move the meeting once. If another person has just moved it, nothing happens until this person
    asks again or names an item.

    `leave` says what happens to the item that the meeting leaves. An item that is put off comes after the others, and
    keeps its number and record. An item that is skipped counts as not reached.

    Raise Mistake if there is no current item to put off or skip, or if no other item is left to hear first. Raise
    NotOnAgenda for an unknown `item_id`.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.RUN_MEETING, leaving_id or item_id)
    # Two people who go to different items at once go there one after the other.
    work.session.exec(select(Meeting.id).where(col(Meeting.id) == id_of(meeting)).with_for_update(key_share=True)).one()
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
    is_sure = leaving is not None and leaving.item.id == leaving_id  # the button under the current item was pressed
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
        work.session.flush()  # saved first, since the database allows only one current item
    if arriving is not None:
        arriving.item.state = ItemState.CURRENT
        arriving.item.reached_at = arriving.item.reached_at or work.now
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
    # Naming the current item's number changes nothing.
    is_left = named is None or leaving is not arriving
    return replace(found, owed=owed.item.title if owed and is_left else None)


def _require_to_leave(leaving: Line | None, leave: Leaving, waiting: Sequence[Line]) -> None:
    """Raise Mistake if the person sees no current item, or wants to put off the only item that is left to hear."""
    if leaving is None or not leaving.is_readable:
        raise Mistake(NOTHING_DISCUSSED)
    if leave is Leaving.LATER and not waiting:
        raise Mistake("No other item is left, so this item can't be heard later. To end the meeting: `/meeting close`.")


def _leave(leaving: Line, leave: Leaving, lines: Sequence[Line]) -> None:
    """Mark an item as heard, as put off until after all others, or as not reached."""
    item = leaving.item
    # To put off or skip an item is to say that it isn't heard now, so the meeting counts as not having come to it.
    if leave is Leaving.HEARD:
        item.state = leaving.state_when_left
    elif leave is Leaving.SKIPPED:
        item.state, item.reached_at = ItemState.NOT_REACHED, None
    else:
        item.state, item.reached_at = ItemState.PENDING, None
        item.put_off = 1 + max(line.item.put_off or 0 for line in lines)


def _is_at(work: Work, meeting: Meeting, current: Line | None, item_id: int) -> bool:
    """Return whether a button under this item should work now.

    It should if the item is the current one. A button on the board also works while the board shows an earlier item
    because the current item is kept from a member.
    """
    if current is None:
        return item_id == 0
    if current.item.id == item_id:
        return True
    return not shows_item(work, meeting, id_of(current.item)) and shows_item(work, meeting, item_id)


def _refuse_other_case(work: Work, standing: Standing, meeting: Meeting, case: Case | None, text: str) -> None:
    """Raise WhichItem if a text names the case of another item that this person may read.

    Cases kept from the person are not recognised. If a text also names the current case, it is taken to be about the
    current case. Under a heading, a text may name any case.
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
        f"Which child is this about? If it's about {case.reference}, you can also begin the note with `this item:`.",
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
    typed note may begin with its item ("item 6: …", "this item: …"), so that words about one child are never recorded
    under the next. Raise Mistake if the item is not on the agenda or kept from the person. Raise WhichItem if the text
    names another item's case, or if the meeting has moved on since the bot last answered this person.
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
        _refuse_other_case(work, standing, meeting, case, with_case_led(text))
        if item_id is None:
            refuse_other_item(work, standing, meeting, text)
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
        note = write_note(work, actor, item, key_id, place, said)
    attends(work, standing, meeting)
    note_answer(work, meeting, actor.person_id, id_of(item))
    redraw_board(work, standing.panel, meeting, item.id)
    work.audit("note", "item", item.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    found_item = view_current(work, standing, meeting, id_of(item))
    return replace(
        found_item,
        added=len(found.parts),
        unplaced=found.unplaced,
        recorded=entry_key(note),
    )


def names_here(work: Work, actor: Actor, where: Where) -> dict[str, str]:
    """Return a dict from Slack user to name for a panel's members, for a reader who may write notes."""
    standing = find_panel(work, actor, where, Verb.NOTE)
    return {holder.user_id: holder.name for holder in holders_at(work, standing.panel_id, actor.team_id)}


def decide(work: Work, actor: Actor, where: Where, form: DecisionForm, *, item_id: int | None = None) -> CurrentItem:
    """Record a decision on a case, by default the current one.

    Decisions in `replaces` are kept, but are no longer in force. Other earlier decisions on the case stay in force.
    Raise Mistake if the item is not on the agenda, if the decision lacks something that its kind needs or has something
    that its kind can't have, or if it excludes a decision in force without replacing it.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.DECIDE, item_id)
    item, case = row_to_record(work, standing, meeting, item_id, field="rationale")
    if meeting.is_interim:
        raise Mistake(interim_words(work, standing, meeting), field="rationale")
    if case is None or item.flag_id is None:
        raise Mistake("The current item is not a case. Note what was agreed with `/meeting note`, or add an action.")
    decision, replaced = check_decision(work, actor, standing.panel, item, case, form)
    put_in_place(work, decision, replaced)
    tell_authors(work, actor, item, (one.decided_by_id for one in replaced))
    attends(work, standing, meeting)
    note_answer(work, meeting, actor.person_id, id_of(item))
    redraw_board(work, standing.panel, meeting, item.id)
    work.audit("decide", "case", case.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return replace(view_current(work, standing, meeting, id_of(item)), recorded=entry_key(decision))


def decision_to_correct(
    work: Work, actor: Actor, where: Where, decision_id: int
) -> tuple[CurrentItem, DecisionView, PanelDefinition]:
    """Return a decision in force of the open meeting with its item, for the form that replaces it, and the definition.

    Raise Mistake if the decision is no longer in force, or if its item is kept from the person.
    """
    standing, meeting = open_sitting(work, actor, where, Verb.DECIDE)
    lines = {line.item.id for line in lines_of(work, meeting, actor.person_id) if line.is_readable}
    row = work.session.get(Decision, decision_id)
    if row is not None and row.item_id in lines:
        found = view_current(work, standing, meeting, row.item_id)
        decision = next((one for one in found.decisions if one.id == decision_id), None)
        if decision is not None:
            return found, decision, work.definition(standing.panel.definition)
    raise Mistake("That decision is no longer in force. `/meeting now` shows the decisions that are.")
