"""The record of a meeting: its facts gathered, sealed part by part, and opened again for one reader."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select

from bot.documents.meeting_facts import ActionFacts
from bot.documents.minutes import Attendee, ItemFacts, MinutesFacts
from bot.documents.papers import action_facts
from bot.domain.action_state import UNCONFIRMED_STATES
from bot.domain.permissions import Actor
from bot.models.actions import Action
from bot.models.cases import Case
from bot.models.meetings import AgendaItem, Meeting, Note
from bot.models.minutes import Minutes, MinutesPart
from bot.models.panels import Membership
from bot.models.vocabulary import AttendanceStatus, ItemState, Role
from bot.records.access.queries import Standing, held_at, holds_at, local_time, readable_cases
from bot.records.actions.queries import view_actions
from bot.records.agenda.queries import view_items
from bot.records.diary.queries import last_closed_meeting, meeting_after
from bot.records.meeting.queries import AttendeeView, room_of
from bot.records.people.queries import members
from bot.records.rescheduling.queries import postponed_words
from bot.services.minutes.items import facts_of_items
from bot.store.key_ring import Erased
from bot.store.rows import add_rows, id_of
from bot.store.unit_of_work import Work


def record_parts(work: Work, standing: Standing, meeting: Meeting, minutes: Minutes) -> None:
    """Seal the facts part by part, each case's under its own key, so that erasing a case erases it here too."""
    parts: list[tuple[int | None, dict[str, Any]]] = [(None, _frame(work, standing, meeting, minutes))]
    items = view_items(work, None, standing.panel, meeting)
    for item, facts in zip(items, facts_of_items(work, standing, meeting, items), strict=True):
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
    keys = _keys_of(work, {case_id for case_id, _ in parts if case_id is not None})
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


def _keys_of(work: Work, case_ids: Collection[int]) -> dict[int, int]:
    """By case, its data key."""
    rows = work.session.execute(select(col(Case.id), col(Case.data_key_id)).where(col(Case.id).in_(case_ids)))
    return {case_id: key_id for case_id, key_id in rows}  # noqa: C416 - rows are not pairs to the type checker


def facts_for(work: Work, actor: Actor, minutes: Minutes) -> MinutesFacts:
    """What the version says to this reader: cases kept from them, and erased ones, leave no gap."""
    parts = list(
        work.session.exec(
            select(MinutesPart).where(col(MinutesPart.minutes_id) == id_of(minutes)).order_by(col(MinutesPart.position))
        )
    )
    allowed = readable_cases(work, actor.person_id, [part.case_id for part in parts if part.case_id is not None])
    shown = [part for part in parts if part.case_id is None or part.case_id in allowed]
    work.keys.fetch(work.session, (part.facts for part in shown))
    frame: dict[str, Any] = {}
    items: list[ItemFacts] = []
    outstanding: list[ActionFacts] = []
    for part in shown:
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
    following = meeting_after(work, standing.panel_id, meeting.starts_at)
    after = local_time(work, panel, following.starts_at) if following else None
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
        absent=tuple(there[AttendanceStatus.ABSENT]),
        in_attendance=tuple(there[AttendanceStatus.IN_ATTENDANCE]),
        observers=tuple(there[AttendanceStatus.OBSERVER]),
        is_quorate=room.quorum.met,
        quorum_missing=room.quorum.missing,
        is_interim=meeting.is_interim,
        postponed=postponed_words(work, panel, meeting),
        last_minutes=_accuracy(work, standing, meeting),
        next_meeting=f"{after:%A %-d %B %Y at %H:%M}" if after else "",
    )
    return {
        "frame": facts.model_dump(mode="json"),
        "loose": [action_facts(action).model_dump(mode="json") for action in loose],
    }


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
        section.key for section in work.definition(standing.panel.definition).agenda if section.kind.accepts_minutes
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
