"""The record of a meeting: its facts gathered, sealed part by part, and opened again for one reader.

What it says of each item is gathered for all items of a meeting at once, whatever their number.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, or_
from sqlmodel import col, select

from bot.documents.meeting_facts import ActionFacts
from bot.documents.minutes import Attendee, DecisionFacts, ItemFacts, MinutesFacts, Said
from bot.documents.papers import action_facts, ended_facts, presented
from bot.domain.permissions import Actor, Verb
from bot.domain.states import UNCONFIRMED_STATES
from bot.models.actions import Action
from bot.models.cases import Case, Recusal
from bot.models.meetings import AgendaItem, Decision, Meeting, Minutes, MinutesPart, Note
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import AttendanceStatus, ItemState, NoteKind, Role
from bot.records.access.queries import Standing, held_at, holds_at, local_time, readable_cases
from bot.records.actions.queries import AS_GIVEN, ActionView, endings, opened_or_erased, view_actions
from bot.records.agenda.published import labels_for
from bot.records.agenda.queries import ItemView, lines_for, view_items
from bot.records.agenda.returns import Asked, asked_at
from bot.records.cases.decisions import DecisionView, standing_decisions
from bot.records.cases.queries import hearings_of_each
from bot.records.diary.queries import last_closed_meeting, last_closing, meeting_after
from bot.records.meeting.notes import NOTE_STANDS
from bot.records.meeting.queries import AttendeeView, room_of
from bot.records.people.queries import members, members_who_may, names_of
from bot.records.rescheduling.queries import postponed_words
from bot.store.key_ring import Erased
from bot.store.rows import add_rows, id_of
from bot.store.unit_of_work import Work

FRAME: Final = 0  #: the position of the part that is about the meeting itself


def record_parts(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes) -> None:
    """Seal the facts part by part, each case's under its own key, so that erasing a case erases it here too."""
    parts: list[tuple[int | None, dict[str, Any]]] = [(None, _frame(work, standing, meeting, minutes))]
    items = view_items(work, None, standing.panel, meeting)
    for item, facts in zip(items, _facts_of_items(work, standing, meeting, items), strict=True):
        said = {"item": facts.model_dump(mode="json"), "line": item.id}
        parts.append((item.flag.case_id if item.flag else None, said))
    arising = view_actions(
        work,
        None,
        col(Action.panel_id) == standing.panel_id,
        col(Action.created_at) < meeting.opened_at,
        col(Action.state).in_(sorted(UNCONFIRMED_STATES)),
    )
    for action in arising:
        parts.append((action.case_id, {"outstanding": action_facts(action).model_dump(mode="json")}))
    # Once, in the minutes of the meeting after which they ended: each moment is of one meeting, however often these
    # minutes are written again.
    until = meeting.closed_at or work.now
    for ending in endings(work, standing.panel, last_closing(work, standing.panel_id, before=until), until):
        if ending.action.state not in UNCONFIRMED_STATES:  # reopened since: it is on the list again
            parts.append((ending.action.case_id, {"outstanding": ended_facts(ending).model_dump(mode="json")}))
    of_cases = select(Case).where(col(Case.id).in_({case_id for case_id, _ in parts if case_id is not None}))
    keys = {case.id: case.data_key_id for case in work.session.exec(of_cases)}
    work.keys.fetch(work.session, key_ids=[standing.panel.data_key_id, *keys.values()])
    made = [
        MinutesPart(
            minutes_id=id_of(minutes),
            position=position,
            case_id=case_id,
            facts=work.seal(
                standing.panel.data_key_id if case_id is None else keys[case_id], json.dumps(facts_of_part)
            ),
        )
        for position, (case_id, facts_of_part) in enumerate(parts)
    ]
    add_rows(work.session, made)


def facts_for(
    work: Work, actor: Actor, minutes: Minutes, *, of_cases: Collection[int] | None = None
) -> tuple[MinutesFacts, frozenset[int]]:
    """Return what the version says to this reader, and of which cases.

    Each item has the number that this reader has for it on the agenda. Those that are kept from them leave no other
    gap than there, and versions from before lines had numbers of their own, none. With `of_cases` only what is said of
    these cases is read, beside the meeting itself.
    """
    query = select(MinutesPart).where(col(MinutesPart.minutes_id) == id_of(minutes))
    parts = work.session.exec(query.order_by(col(MinutesPart.position))).all()
    allowed = readable_cases(work, actor.person_id, [part.case_id for part in parts if part.case_id is not None])
    shown = [part for part in parts if part.case_id is None or part.case_id in allowed]
    if of_cases is not None:
        shown = [part for part in shown if part.position == FRAME or part.case_id in of_cases]
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    work.saw(actor.person_id, ((part.case_id, meeting.panel_id) for part in shown))
    labels = labels_for(work, actor.person_id, meeting, lines_for(work, actor.person_id, meeting))
    work.keys.fetch(work.session, (part.facts for part in shown))
    frame: dict[str, Any] = {}
    items: list[ItemFacts] = []
    outstanding: list[ActionFacts] = []
    case_ids: set[int | None] = set()
    for part in shown:
        try:
            facts = json.loads(work.open(part.facts))
        except Erased:
            continue
        case_ids.add(part.case_id)
        if "frame" in facts:
            frame = facts
        elif "item" in facts:
            number = labels.get(facts.get("line"), str(len(items) + 1))
            item = _with_tools(work, facts["item"]) | {"number": number}
            items.append(ItemFacts.model_validate_json(json.dumps(item)))
        else:
            outstanding.append(ActionFacts.model_validate_json(json.dumps(facts["outstanding"])))
    whole = MinutesFacts.model_validate_json(json.dumps(frame["frame"]))
    given_under_no_item = frame["loose"] if of_cases is None else ()
    loose = [ActionFacts.model_validate_json(json.dumps(action)) for action in given_under_no_item]
    given = [action for item in items for action in item.actions] + loose
    # What is still open comes before what ended.
    outstanding.sort(key=lambda action: (bool(action.ended), action.due, action.number))
    told = whole.model_copy(
        update={
            "items": tuple(items),
            "outstanding": tuple(outstanding),
            "actions": tuple(given),
        }
    )
    return told, frozenset(case_id for case_id in case_ids if case_id is not None)


def _with_tools(work: Work, item: dict[str, Any]) -> dict[str, Any]:
    """Return an item whose levels have their tools: those of minutes from before 0020 were of the flag's tool."""
    case, decision = item.get("case"), item.get("decision")
    if not case or "risk" in case:
        return item
    tool = case["risk_tool"] or _OTHER
    levels = {name: decision[name] for name in ("risk_before", "risk_after")} if decision else {}
    named = {name: risk and risk.model_dump() for name, level in levels.items() for risk in [work.risk(tool, level)]}
    risk = work.risk(case["risk_tool"], case["risk_level"])
    case = case | {"risk": risk and risk.model_dump()}
    return item | {"case": case, "decision": decision and decision | named}


_OTHER: Final = "other"  # the shipped tool whose name stands in the judgement


def _frame(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes) -> dict[str, Any]:
    panel = standing.panel
    starts = local_time(work, panel, meeting.starts_at)
    ends = local_time(work, panel, meeting.ends_at)
    room = room_of(work, standing, meeting)
    roles = _roles(work, standing, meeting)
    there: dict[AttendanceStatus, list[Attendee]] = {status: [] for status in AttendanceStatus}
    for one in room.attendees:
        if one.status is not None:
            there[one.status].append(
                Attendee(
                    name=one.name,
                    agency=one.agency_name,
                    role=roles.get(one.person_id, ""),
                    information_sent=one.information_sent,
                    sent_on=one.information_sent_on if one.information_sent else None,
                )
            )
    came = [one for one in room.attendees if one.status in _CAME]
    circulation = members_who_may(work, standing.panel_id, Verb.READ_MINUTES)
    agencies = names_of(work, Agency, {person.agency_id for person in circulation})
    of_no_item = (col(Action.meeting_id) == id_of(meeting), col(Action.item_id).is_(None))
    loose = view_actions(work, None, *of_no_item, most_pressing=AS_GIVEN)
    facts = MinutesFacts(
        panel=panel.title,
        when=f"{starts:%A %-d %B %Y, %H:%M} to {ends:%H:%M}",
        venue=meeting.venue,
        chair=who_chaired(work, standing, room.attendees),
        confidentiality=work.definition(panel.definition).confidentiality,
        made_on=local_time(work, panel, minutes.drafted_at).date(),
        version=minutes.version,
        present=tuple(there[AttendanceStatus.PRESENT]),
        apologies=tuple(there[AttendanceStatus.APOLOGIES]),
        absent=tuple(there[AttendanceStatus.ABSENT]),
        in_attendance=tuple(there[AttendanceStatus.IN_ATTENDANCE]),
        observers=tuple(there[AttendanceStatus.OBSERVER]),
        opened=_hour(work, panel, meeting.opened_at),
        closed=_hour(work, panel, meeting.closed_at),
        acknowledged=tuple(one.name for one in came if one.acknowledged),
        unacknowledged=tuple(one.name for one in came if not one.acknowledged),
        circulation=tuple(
            Attendee(name=one.name, agency=agencies[one.agency_id], role=roles.get(id_of(one), ""))
            for one in circulation
        ),
        is_quorate=room.quorum.met,
        quorum_missing=room.quorum.missing,
        is_interim=meeting.is_interim,
        postponed=postponed_words(work, panel, meeting),
        last_minutes=_accuracy(work, standing, meeting),
        next_meeting=next_meeting_words(work, panel, meeting),
    )
    return {
        "frame": facts.model_dump(mode="json"),
        "loose": [action_facts(action).model_dump(mode="json") for action in loose],
    }


#: Of people with another status it is not asked whether they accepted the statement.
_CAME: Final = frozenset({AttendanceStatus.PRESENT, AttendanceStatus.IN_ATTENDANCE, AttendanceStatus.OBSERVER})


def next_meeting_words(work: Work, panel: Panel, meeting: Meeting) -> str:
    """Return when and where the panel meets next; empty where no date is set."""
    following = meeting_after(work, id_of(panel), meeting.starts_at)
    if following is None:
        return ""
    at = f"{local_time(work, panel, following.starts_at):%A %-d %B %Y at %H:%M}"
    return ", ".join(filter(None, (at, following.venue)))


def _hour(work: Work, panel: Panel, moment: datetime | None) -> str:
    return f"{local_time(work, panel, moment):%H:%M}" if moment else ""


def _roles(work: Work, standing: Standing, meeting: Meeting) -> dict[int, str]:
    """The role that minutes print after a name: one's highest that day or since, none for a plain representative."""
    rows = work.session.execute(
        select(Membership.person_id, Membership.role).where(
            # A deputy for that day has lapsed by the time the minutes are written.
            col(Membership.panel_id) == standing.panel_id,
            or_(holds_at(work.now), held_at(meeting.starts_at)),
        )
    )
    highest: dict[int, Role] = {}
    order = list(Role)
    for person_id, role in rows:
        highest[person_id] = min(role, highest.get(person_id, role), key=order.index)
    silent = {Role.REPRESENTATIVE, Role.OBSERVER}
    return {person_id: role.label for person_id, role in highest.items() if role not in silent}


def who_chaired(work: Work, standing: Standing, attendees: tuple[AttendeeView, ...]) -> str:
    """Return the chair when present, else the vice-chair, else the panel's chair by name with a note."""
    there = {one.person_id: one.name for one in attendees if one.status is AttendanceStatus.PRESENT}
    for role in (Role.CHAIR, Role.VICE_CHAIR):
        for person in members(work, standing.panel_id, {role}):
            if person.id in there:
                return person.name if role is Role.CHAIR else f"{person.name} (vice-chair)"
    chairs = members(work, standing.panel_id, {Role.CHAIR})
    return f"{chairs[0].name} (not recorded as present)" if chairs else "Not recorded"


def _accuracy(work: Work, standing: Standing, meeting: Meeting) -> str:
    headings = work.definition(standing.panel.definition).agenda
    is_it = col(AgendaItem.section).in_([section.key for section in headings if section.kind.accepts_minutes])
    lines = select(AgendaItem).where(
        col(AgendaItem.meeting_id) == id_of(meeting), is_it, col(AgendaItem.kind).is_(None)
    )
    item = work.session.exec(lines).first()
    previous = last_closed_meeting(work, standing.panel_id, before=meeting.starts_at)
    if previous is None:
        return "This was the first meeting that these records hold; there were no earlier minutes."
    held = f"{local_time(work, standing.panel, previous.starts_at):%-d %B %Y}"
    if item is None or item.state is not ItemState.DISCUSSED:
        return f"The minutes of {held} were not discussed."
    notes = work.session.exec(select(Note.text).where(col(Note.item_id) == id_of(item), NOTE_STANDS)).all()
    if notes:
        return " ".join(work.open(text) for text in notes)
    return f"The minutes of {held} were accepted; no correction was recorded."


def _facts_of_items(work: Work, standing: Standing, meeting: Meeting, items: Sequence[ItemView]) -> list[ItemFacts]:
    """Return what the minutes say of each of these items, in their order."""
    item_ids = [item.id for item in items]
    case_ids = [item.flag.case_id for item in items if item.flag is not None]
    said, returns, given = _said(work, item_ids), _returns(work, meeting), _given(work, item_ids)
    decisions = standing_decisions(work, item_ids)
    heard = hearings_of_each(work, case_ids, meeting, with_words=False)
    withdrew = _withdrew(work, meeting, items)
    sections = {section.key: section.title for section in work.definition(standing.panel.definition).agenda}
    facts = []
    for item in items:
        shared = said[item.id, NoteKind.SHARED]
        if item.flag is not None and item.state is ItemState.DISCUSSED:
            shared = shared + _returned(work, returns[item.flag.id], {one.agency for one in shared})
        facts.append(
            ItemFacts(
                number=item.number,
                key=item.section if item.kind is None else "",
                section=title_in_minutes(item) if item.kind else sections.get(item.section, item.title),
                title=title_in_minutes(item),
                case=presented(item.flag, heard.get(item.flag.case_id, ())) if item.flag else None,
                is_reached=item.state is ItemState.DISCUSSED,
                withdrew=withdrew.get(item.id, ()),
                shared=tuple(shared),
                discussion=tuple(one.text for one in said[item.id, NoteKind.DISCUSSION]),
                **{kind.value: tuple(one.text for one in said[item.id, kind]) for kind in _HEADED},
                decisions=tuple(_decided(decision) for decision in decisions.get(item.id, ())),
                dissent=tuple(said[item.id, NoteKind.DISSENT]),
                actions=tuple(action_facts(action) for action in given[item.id]),
            )
        )
    return facts


#: Kinds of lines that stand under a heading of their own, by the names of the facts that hold them.
_HEADED: Final = (NoteKind.MAY_HAPPEN, NoteKind.RAISES_RISK, NoteKind.PROTECTS, NoteKind.CHILDS_VIEW)


def title_in_minutes(item: ItemView) -> str:
    """Return how minutes call an item; one that a person added with what it is and who brought it."""
    by = f" ({item.presenter})" if item.presenter else ""
    return f"{item.heading}: {item.title}{by}" if item.kind else item.title


def _decided(decision: DecisionView) -> DecisionFacts:
    return DecisionFacts(**{name: getattr(decision, name) for name in DecisionFacts.model_fields})


def _returned(work: Work, returns: Sequence[Asked], spoke: Collection[str]) -> list[Said]:
    """A starting point for the writer: what agencies without a line in the record had said they would bring."""
    return [
        Said(
            agency=one.agency_name,
            text=f"In its return before the meeting: {opened_or_erased(work, one.answer.text)}",
        )
        for one in returns
        if one.answer is not None and one.answer.text and one.agency_name not in spoke
    ]


def _withdrew(work: Work, meeting: Meeting, items: Sequence[ItemView]) -> dict[int, tuple[str, ...]]:
    """By item, whose interest stood while it was discussed; one taken back afterwards changes nothing about that."""
    over = meeting.closed_at or work.now
    begun = _first_words(work, [item.id for item in items])
    case_ids = {item.id: item.flag.case_id for item in items if item.flag is not None}
    recusals = work.session.execute(
        select(Recusal, Person)
        .join(Person, col(Person.id) == col(Recusal.person_id))
        .where(col(Recusal.case_id).in_(case_ids.values()), col(Recusal.declared_at) <= over)
    ).all()
    found: dict[int, set[str]] = defaultdict(set)
    for item_id, case_id in case_ids.items():
        for recusal, person in recusals:
            until = recusal.withdrawn_at
            if recusal.case_id == case_id and (until is None or until > begun.get(item_id, over)):
                found[item_id].add(person.name)
    return {item_id: tuple(sorted(names)) for item_id, names in found.items()}


def _said(work: Work, item_ids: Collection[int]) -> dict[tuple[int, NoteKind], list[Said]]:
    """By item and kind, the notes that stand, in the order in which they were written."""
    notes = work.session.exec(
        select(Note).where(col(Note.item_id).in_(item_ids), NOTE_STANDS).order_by(col(Note.id))
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


def _given(work: Work, item_ids: Collection[int]) -> dict[int, list[ActionView]]:
    """By item, the actions given under it, the soonest due first."""
    of_items = select(Action.id, Action.item_id).where(col(Action.item_id).in_(item_ids))
    under = {action_id: item_id for action_id, item_id in work.session.execute(of_items)}  # noqa: C416 - rows
    found: dict[int, list[ActionView]] = defaultdict(list)
    for action in view_actions(work, None, col(Action.item_id).in_(item_ids), most_pressing=AS_GIVEN):
        found[under[action.id]].append(action)
    return found


def _returns(work: Work, meeting: Meeting) -> dict[int, list[Asked]]:
    """By flag, what each agency said it would bring."""
    asked = asked_at(work, [meeting], None).get(id_of(meeting), [])
    work.keys.fetch(work.session, (one.answer.text for one in asked if one.answer is not None))
    found: dict[int, list[Asked]] = defaultdict(list)
    for one in asked:
        found[one.flag_id].append(one)
    return found
