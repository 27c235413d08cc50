"""What becomes of a panel that ends, and of the actions of people who are there no more."""

from collections.abc import Collection, Mapping

from sqlalchemy import or_
from sqlmodel import col, select

from bot.domain.action_state import UNCONFIRMED_STATES
from bot.domain.permissions import Verb
from bot.errors import Misconfigured
from bot.models.actions import Action, ActionEvent
from bot.models.cases import Flag
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel, Series
from bot.models.people import Person
from bot.models.vocabulary import ActionEventKind, FlagState, MeetingState
from bot.store.access import readable_cases
from bot.store.action_book import tell_about
from bot.store.diary import open_meeting
from bot.store.people import heirs, is_member_who_may
from bot.store.places import is_to_hold
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def end_panel(work: Work, panel: Panel) -> list[str]:
    """Nobody gets into it and it meets no more; what changed. Raises Misconfigured while it has work to do."""
    session, now = work.session, work.now
    actions = session.exec(
        select(Action.id)
        .where(col(Action.panel_id) == id_of(panel), col(Action.state).in_(sorted(UNCONFIRMED_STATES)))
        .order_by(col(Action.id))
    ).all()
    if actions:
        raise Misconfigured(
            f"panels: {panel.key} is gone from the file but has actions that are not closed or confirmed: "
            f"{', '.join(str(number) for number in actions)}. Close them first, or keep the panel in the file."
        )
    if open_meeting(work, id_of(panel)) is not None:
        raise Misconfigured(f"panels: {panel.key} is gone from the file but is meeting now. Close the meeting first.")
    panel.is_active = False
    session.add(panel)
    memberships = session.exec(
        select(Membership).where(col(Membership.panel_id) == id_of(panel), is_to_hold(now))
    ).all()
    series = session.exec(
        select(Series).where(col(Series.panel_id) == id_of(panel), col(Series.ended_at).is_(None))
    ).all()
    for row in (*memberships, *series):
        row.ended_at = now
        session.add(row)
    coming = session.exec(
        select(Meeting).where(
            col(Meeting.panel_id) == id_of(panel),
            col(Meeting.state) == MeetingState.SCHEDULED,
            col(Meeting.ends_at) > now,
        )
    ).all()
    for meeting in coming:
        meeting.state = MeetingState.CANCELLED
        session.add(meeting)
    waiting = session.exec(
        select(Flag.id).where(
            col(Flag.meeting_id).in_([id_of(meeting) for meeting in coming]),
            col(Flag.state).in_([FlagState.OPEN, FlagState.ACCEPTED]),
        )
    ).all()
    changes: list[str] = []
    people = len({membership.person_id for membership in memberships})
    changes.append(f"- panel {panel.key} ended for its {people} member{'' if people == 1 else 's'}")
    if coming:
        changes.append(f"- {panel.key}: {len(coming)} coming meetings cancelled, nobody is told")
    if waiting:
        changes.append(f"! {panel.key}: {len(waiting)} flags waited for them and will not be heard there")
    return changes


def hand_over(
    work: Work, panel_ids: Collection[int], gone: Collection[int], deputies: Mapping[tuple[int, int], Collection[int]]
) -> list[str]:
    """What somebody holds who left, or is no longer on the panel, passes to whoever is nearest to it; what changed.

    `gone` are the people who left, `deputies` those who stood in for somebody, by panel and person. Raises
    Misconfigured when nobody on the panel can take an action.
    """
    changes: list[str] = []
    session = work.session
    held = session.exec(
        select(Action)
        .where(
            or_(col(Action.panel_id).in_(panel_ids), col(Action.holder_id).in_(gone)),
            col(Action.state).in_(sorted(UNCONFIRMED_STATES)),
        )
        .order_by(col(Action.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for action in held:
        before = session.get_one(Person, action.holder_id)
        if before.left_at is None and is_member_who_may(work, action.panel_id, action.holder_id, Verb.HOLD_ACTIONS):
            continue
        panel = session.get_one(Panel, action.panel_id)
        heir = _heir(work, action, deputies.get((action.panel_id, action.holder_id), ()))
        if heir is None:
            where = "is gone from the file" if before.left_at else f"is no longer on {panel.key}"
            raise Misconfigured(
                f"people: {before.key} {where} but holds action {action.id}, and nobody on that panel can take it. "
                f"Give {panel.key} a co-ordinator or chair who may, or reassign the action first."
            )
        action.holder_id = id_of(heir)
        action.agency_id = heir.agency_id
        event = ActionEvent(
            action_id=id_of(action),
            kind=ActionEventKind.REASSIGNED,
            at=work.now,
            holder_id=id_of(heir),
        )
        session.add_all([action, event])
        session.flush()
        tell_about(work, "action_given", action_id=id_of(action), person_id=id_of(heir), event_id=id_of(event))
        changes.append(f"~ action {action.id}: passed from {before.key} to {heir.key}")
    return changes


def _heir(work: Work, action: Action, deputies: Collection[int]) -> Person | None:
    """The first who may hold the action and read its case: deputy, lead, others of the agency, the office."""
    for person in heirs(work, action, deputies):
        if action.case_id is None or readable_cases(work, id_of(person), [action.case_id]):
            return person
    return None
