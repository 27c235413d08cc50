"""Minutes: drafted from the record, approved once, and given to each reader as they may see them."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot.documents.meeting_facts import ActionFacts
from bot.documents.minutes import Attendee, DecisionFacts, ItemFacts, MinutesFacts, Said, render_minutes
from bot.documents.papers import File, action_facts, case_facts
from bot.domain.action_state import UNCONFIRMED_STATES
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.actions import Action
from bot.models.cases import Case, Recusal
from bot.models.meetings import AgendaItem, Meeting, Note
from bot.models.minutes import Minutes, MinutesPart
from bot.models.panels import Membership
from bot.models.people import Agency, Person
from bot.models.vocabulary import AttendanceStatus, ItemState, MinutesState, NoteKind, Role
from bot.store.access import Standing, Where, find_panel, readable_cases, require
from bot.store.agenda import ItemView, view_items
from bot.store.casebook import hearings, standing_decision
from bot.store.diary import last_closed_meeting, local_time, meetings_after
from bot.store.key_ring import Erased
from bot.store.outbox import Effect
from bot.store.people import members, members_who_may
from bot.store.rows import id_of
from bot.store.sittings import AttendeeView, room_of
from bot.store.tracker import view_actions
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class MinutesView:
    """Where a meeting's minutes stand."""

    id: int
    panel_key: str
    panel_title: str
    meeting_at: datetime
    version: int
    state: MinutesState
    approved_at: datetime | None
    items: int
    actions: int


def draft_minutes(work: Work, actor: Actor, where: Where) -> MinutesView:
    """Write the minutes of the last meeting held; chair and drafter get them as a Word document to look through.

    Raises Mistake when none was held, or they are approved already.
    """
    standing, meeting = _last_held(work, actor, where, Verb.DRAFT_MINUTES)
    existing = _latest(work, meeting)
    if existing is not None and existing.state is not MinutesState.DRAFT:
        raise Mistake("These minutes are approved and do not change any more. `/minutes export` sends them to you.")
    minutes = Minutes(
        meeting_id=id_of(meeting),
        version=existing.version + 1 if existing else 1,
        drafted_by_id=actor.person_id,
        drafted_at=work.now,
    )
    work.session.add(minutes)
    work.session.flush()
    _record_parts(work, standing, meeting, minutes)
    work.audit("draft", "minutes", minutes.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    readers = {id_of(person) for person in members(work, standing.panel_id, {Role.CHAIR})} | {actor.person_id}
    for person_id in sorted(readers):
        _send_file(work, minutes, person_id)
    return _view(work, standing, meeting, minutes)


def approve_minutes(work: Work, actor: Actor, where: Where) -> MinutesView:
    """The chair approves the latest draft; from now on it never changes, and members are told where to get it."""
    standing, meeting = _last_held(work, actor, where, Verb.APPROVE_MINUTES)
    minutes = _latest(work, meeting)
    if minutes is None:
        raise Mistake("There is no draft yet. `/minutes draft` writes one.")
    if minutes.state is not MinutesState.DRAFT:
        raise Mistake("These minutes are approved already.")
    minutes.state = MinutesState.APPROVED
    minutes.approved_by_id = actor.person_id
    minutes.approved_at = work.now
    work.session.add(minutes)
    work.audit("approve", "minutes", minutes.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    for person in members_who_may(work, standing.panel_id, Verb.READ_MINUTES):
        work.send(
            Effect(
                key=f"minutes-approved:{minutes.id}:{person.id}",
                lane=f"person:{person.id}",
                kind="minutes_approved",
                payload={"person_id": person.id, "minutes_id": minutes.id},
            )
        )
    return _view(work, standing, meeting, minutes)


def export_minutes(work: Work, actor: Actor, where: Where, *, request_key: str) -> MinutesView:
    """Send the asker the latest minutes they may read as a Word document; drafts go to those who record and chair.

    `request_key` names this request, so that one request sends one file.
    """
    standing = find_panel(work, actor, where, Verb.READ_MINUTES)
    query = (
        select(Minutes)
        .join(Meeting, col(Meeting.id) == col(Minutes.meeting_id))
        .where(col(Meeting.panel_id) == standing.panel_id)
        .order_by(col(Meeting.starts_at).desc(), col(Minutes.version).desc())
    )
    if not standing.may(Verb.DRAFT_MINUTES):
        query = query.where(col(Minutes.state) != MinutesState.DRAFT)
    minutes = work.session.exec(query).first()
    if minutes is None:
        raise Mistake(f"There are no minutes of {standing.panel.title} to send yet.")
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    work.audit("export", "minutes", minutes.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    _send_file(work, minutes, actor.person_id, request_key)
    return _view(work, standing, meeting, minutes)


def minutes_for_notice(work: Work, actor: Actor, minutes_id: int) -> MinutesView:
    """Where minutes stand, for a message that is about to be sent."""
    standing, meeting, minutes = _readable(work, actor, minutes_id)
    return _view(work, standing, meeting, minutes)


def minutes_document(work: Work, actor: Actor, minutes_id: int) -> File:
    """The Word document as this reader may see it: what is kept from them is not in it. Raises NotForYou."""
    standing, meeting, minutes = _readable(work, actor, minutes_id)
    facts = _facts_for(work, actor, minutes)
    if minutes.approved_at is not None:
        approver = work.session.get_one(Person, minutes.approved_by_id)
        facts = facts.model_copy(
            update={
                "is_draft": False,
                "approved_on": local_time(work, standing.panel, minutes.approved_at).date(),
                "approved_by": approver.name,
            }
        )
    definition = work.definition(standing.panel.definition)
    day = local_time(work, standing.panel, meeting.starts_at).date()
    mark = "draft" if minutes.state is MinutesState.DRAFT else "approved"
    return File(
        name=f"{standing.panel.key}-{day.isoformat()}-minutes-{mark}-v{minutes.version}.docx",
        title=f"Minutes, {standing.panel.title}, {day:%-d %B %Y} ({mark})",
        content=render_minutes(facts, work.templates, definition.minutes_template),
    )


def _readable(work: Work, actor: Actor, minutes_id: int) -> tuple[Standing, Meeting, Minutes]:
    minutes = work.session.get(Minutes, minutes_id)
    if minutes is None:
        raise NotForYou("those minutes")
    meeting = work.session.get_one(Meeting, minutes.meeting_id)
    verb = Verb.DRAFT_MINUTES if minutes.state is MinutesState.DRAFT else Verb.READ_MINUTES
    return require(work, actor, meeting.panel_id, verb, noun="those minutes"), meeting, minutes


def _last_held(work: Work, actor: Actor, where: Where, verb: Verb) -> tuple[Standing, Meeting]:
    standing = find_panel(work, actor, where, verb)
    meeting = last_closed_meeting(work, standing.panel_id)
    if meeting is None:
        raise Mistake(f"{standing.panel.title} has not held a meeting yet. `/meeting close` ends one.")
    return standing, meeting


def _latest(work: Work, meeting: Meeting) -> Minutes | None:
    return work.session.exec(
        select(Minutes).where(col(Minutes.meeting_id) == id_of(meeting)).order_by(col(Minutes.version).desc())
    ).first()


def _send_file(work: Work, minutes: Minutes, person_id: int, request_key: str = "drafted") -> None:
    work.send(
        Effect(
            key=f"minutes-file:{minutes.id}:{person_id}:{request_key}",
            lane=f"person:{person_id}",
            kind="minutes_file",
            payload={"person_id": person_id, "minutes_id": id_of(minutes)},
        )
    )


def _record_parts(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes) -> None:
    """Seal the facts part by part, each case's under its own key, so that erasing a case erases it here too."""
    parts: list[tuple[int | None, dict[str, Any]]] = [(None, _frame(work, standing, meeting, minutes))]
    for item in view_items(work, None, standing.panel, meeting):
        facts = _item(work, standing, meeting, item)
        parts.append((item.flag.case_id if item.flag else None, {"item": facts.model_dump(mode="json")}))
    arising = view_actions(
        work,
        None,
        col(Action.panel_id) == standing.panel_id,
        col(Action.created_at) < meeting.opened_at,
        col(Action.state).in_(sorted(UNCONFIRMED_STATES)),
    )
    for action in arising:
        parts.append((action.case_id, {"outstanding": action_facts(action).model_dump(mode="json")}))
    for position, (case_id, facts_of_part) in enumerate(parts):
        key_id = work.session.get_one(Case, case_id).data_key_id if case_id else standing.panel.data_key_id
        work.session.add(
            MinutesPart(
                minutes_id=id_of(minutes),
                position=position,
                case_id=case_id,
                facts=work.seal(key_id, json.dumps(facts_of_part)),
            )
        )
    work.session.flush()


def _facts_for(work: Work, actor: Actor, minutes: Minutes) -> MinutesFacts:
    parts = list(
        work.session.exec(
            select(MinutesPart).where(col(MinutesPart.minutes_id) == id_of(minutes)).order_by(col(MinutesPart.position))
        )
    )
    allowed = readable_cases(work, actor.person_id, [part.case_id for part in parts if part.case_id is not None])
    frame: dict[str, Any] = {}
    items: list[ItemFacts] = []
    outstanding: list[ActionFacts] = []
    for part in parts:
        if part.case_id is not None and part.case_id not in allowed:
            continue
        try:
            facts = json.loads(work.open(part.facts))
        except Erased:
            continue
        if "frame" in facts:
            frame = facts
        elif "item" in facts:
            items.append(ItemFacts.model_validate_json(json.dumps(facts["item"])))
        else:
            outstanding.append(ActionFacts.model_validate_json(json.dumps(facts["outstanding"])))
    whole = MinutesFacts.model_validate_json(json.dumps(frame["frame"]))
    loose = [ActionFacts.model_validate_json(json.dumps(action)) for action in frame["loose"]]
    given = [action for item in items for action in item.actions] + loose
    return whole.model_copy(
        update={
            "items": tuple(item.model_copy(update={"number": n}) for n, item in enumerate(items, start=1)),
            "outstanding": tuple(sorted(outstanding, key=lambda action: (action.due, action.number))),
            "actions": tuple(sorted(given, key=lambda action: action.number)),
        }
    )


def _frame(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes) -> dict[str, Any]:
    panel = standing.panel
    starts = local_time(work, panel, meeting.starts_at)
    ends = local_time(work, panel, meeting.ends_at)
    room = room_of(work, standing, meeting)
    roles = _roles(work, standing)
    there: dict[AttendanceStatus, list[Attendee]] = {status: [] for status in AttendanceStatus}
    for one in room.attendees:
        if one.status is not None:
            there[one.status].append(
                Attendee(
                    name=one.name,
                    agency=one.agency_name,
                    role=roles.get(one.person_id, ""),
                    information_sent=one.information_sent,
                    sent_on=starts.date() if one.information_sent else None,
                )
            )
    following = meetings_after(work, standing.panel_id, meeting.starts_at)
    after = local_time(work, panel, following[0].starts_at) if following else None
    loose = view_actions(work, None, col(Action.meeting_id) == id_of(meeting), col(Action.item_id).is_(None))
    facts = MinutesFacts(
        panel=panel.title,
        when=f"{starts:%A %-d %B %Y, %H:%M} to {ends:%H:%M}",
        venue=meeting.venue,
        chair=_who_chaired(work, standing, room.attendees),
        confidentiality=work.definition(panel.definition).confidentiality,
        made_on=local_time(work, panel, minutes.drafted_at).date(),
        version=minutes.version,
        present=tuple(there[AttendanceStatus.PRESENT]),
        apologies=tuple(there[AttendanceStatus.APOLOGIES]),
        in_attendance=tuple(there[AttendanceStatus.IN_ATTENDANCE]),
        observers=tuple(there[AttendanceStatus.OBSERVER]),
        is_quorate=room.quorum.met,
        quorum_missing=room.quorum.missing,
        last_minutes=_accuracy(work, standing, meeting),
        next_meeting=f"{after:%A %-d %B %Y at %H:%M}" if after else "",
    )
    return {
        "frame": facts.model_dump(mode="json"),
        "loose": [action_facts(action).model_dump(mode="json") for action in loose],
    }


def _item(work: Work, standing: Standing, meeting: Meeting, item: ItemView) -> ItemFacts:
    sections = {section.key: section.title for section in work.definition(standing.panel.definition).agenda}
    agencies = {agency.id: agency.name for agency in work.session.exec(select(Agency))}
    said: dict[NoteKind, list[Said]] = {kind: [] for kind in NoteKind}
    for note in work.session.exec(
        select(Note).where(col(Note.item_id) == item.id, col(Note.undone_at).is_(None)).order_by(col(Note.id))
    ):
        said[note.kind].append(Said(agency=agencies.get(note.agency_id, ""), text=work.open(note.text)))
    decision = standing_decision(work, item.id)
    case = work.session.get_one(Case, item.flag.case_id) if item.flag else None
    withdrew = (
        work.session.exec(
            select(Person.name)
            .join(Recusal, col(Recusal.person_id) == col(Person.id))
            .where(col(Recusal.case_id) == id_of(case))
            .order_by(col(Person.name))
        ).all()
        if case
        else ()
    )
    return ItemFacts(
        number=item.position,
        section=sections.get(item.section, item.title),
        title=item.title,
        case=case_facts(item.flag, hearings(work, case, before=meeting)) if item.flag and case else None,
        is_reached=item.state is ItemState.DISCUSSED,
        withdrew=tuple(withdrew),
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
        actions=tuple(action_facts(action) for action in view_actions(work, None, col(Action.item_id) == item.id)),
    )


def _roles(work: Work, standing: Standing) -> dict[int, str]:
    """The role that minutes print after a name: one's highest, and none for a plain representative."""
    rows = work.session.execute(
        select(Membership.person_id, Membership.role).where(
            col(Membership.panel_id) == standing.panel_id, col(Membership.ended_at).is_(None)
        )
    )
    highest: dict[int, Role] = {}
    order = list(Role)
    for person_id, role in rows:
        highest[person_id] = min(role, highest.get(person_id, role), key=order.index)
    silent = {Role.REPRESENTATIVE, Role.OBSERVER}
    return {person_id: role.label for person_id, role in highest.items() if role not in silent}


def _who_chaired(work: Work, standing: Standing, attendees: tuple[AttendeeView, ...]) -> str:
    """The chair when present, else the vice-chair, else the panel's chair by name with a note."""
    there = {one.person_id: one.name for one in attendees if one.status is AttendanceStatus.PRESENT}
    for role in (Role.CHAIR, Role.VICE_CHAIR):
        for person in members(work, standing.panel_id, {role}):
            if person.id in there:
                return person.name if role is Role.CHAIR else f"{person.name} (vice-chair)"
    chairs = members(work, standing.panel_id, {Role.CHAIR})
    return f"{chairs[0].name} (not recorded as present)" if chairs else "Not recorded"


def _accuracy(work: Work, standing: Standing, meeting: Meeting) -> str:
    sections = [
        section.key for section in work.definition(standing.panel.definition).agenda if section.holds == "last_minutes"
    ]
    item = work.session.exec(
        select(AgendaItem).where(col(AgendaItem.meeting_id) == id_of(meeting), col(AgendaItem.section).in_(sections))
    ).first()
    previous = last_closed_meeting(work, standing.panel_id, before=meeting.starts_at)
    if previous is None:
        return "This was the first meeting that these records hold; there were no earlier minutes."
    held = f"{local_time(work, standing.panel, previous.starts_at):%-d %B %Y}"
    if item is None or item.state is not ItemState.DISCUSSED:
        return f"The minutes of {held} were not discussed."
    notes = work.session.exec(
        select(Note.text).where(col(Note.item_id) == id_of(item), col(Note.undone_at).is_(None))
    ).all()
    if notes:
        return " ".join(work.open(text) for text in notes)
    return f"The minutes of {held} were accepted; no correction was recorded."


def _view(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes) -> MinutesView:
    items = view_items(work, standing.actor.person_id, standing.panel, meeting)
    given = view_actions(work, standing.actor.person_id, col(Action.meeting_id) == id_of(meeting))
    return MinutesView(
        id=id_of(minutes),
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        meeting_at=local_time(work, standing.panel, meeting.starts_at),
        version=minutes.version,
        state=minutes.state,
        approved_at=minutes.approved_at,
        items=len(items),
        actions=len(given),
    )
