"""Ending a panel with its places, series and coming meetings, and telling its members and the flagging agencies."""

from collections.abc import Sequence

from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.domain.permissions import Verb, may
from bot.errors import Misconfigured
from bot.models.actions import Action
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel, Series
from bot.models.people import Person
from bot.models.vocabulary import Role
from bot.records.access.queries import is_to_hold
from bot.records.diary.queries import is_coming, open_meeting
from bot.records.leaving.queries import ACTIONS, FLAGS
from bot.records.people.queries import IS_HERE
from bot.records.rescheduling.changes import cancel, rewrite_messages
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work


def tell_of_end(work: Work, panel: Panel, cancelled: Sequence[Meeting]) -> None:
    """Tell each member once that the panel and its coming meetings have ended.

    If an agency flagged cases to the `cancelled` meetings but has no member on the panel who reads cases, the agency's
    lead is told instead.
    """
    work.session.flush()
    at_them = col(Flag.meeting_id).in_([id_of(one) for one in cancelled])
    flagged = work.find_all(Flag, at_them, FLAGS.is_open, by=[col(Flag.id)])
    waiting = grouped((flag.agency_id, id_of(flag)) for flag in flagged)
    told: dict[int, int] = {}
    readers: set[int] = set()
    for place, person in work.session.execute(
        select(Membership, Person)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Membership.panel_id) == id_of(panel), col(Membership.ended_at) == work.now)
        .where(col(Membership.began_at) <= work.now, IS_HERE)
    ):
        told[id_of(person)] = person.agency_id
        if may(Verb.READ_CASES, [place.role]):
            readers.add(person.agency_id)
    without = col(Person.agency_id).in_(waiting.keys() - readers)
    for lead in work.find_all(Person, without, col(Person.leads_agency), IS_HERE):
        told[id_of(lead)] = lead.agency_id
    for person_id, agency_id in sorted(told.items()):
        flags = waiting.get(agency_id, [])
        work.tell(person_id, Notice.PANEL_ENDED, panel_id=id_of(panel), flags=flags, meetings=len(cancelled))
    rewrite_messages(work, cancelled)


def roles_until_end(work: Work, panel: Panel, person_id: int) -> frozenset[Role]:
    """Return the roles that a person had on a panel when the panel ended, or none if the panel is still active."""
    if panel.is_active:
        return frozenset()
    ended_at = (
        select(func.max(col(Membership.ended_at))).where(col(Membership.panel_id) == id_of(panel)).scalar_subquery()
    )
    until_then = (col(Membership.ended_at) == ended_at, col(Membership.began_at) <= ended_at)
    theirs = (col(Membership.panel_id) == id_of(panel), col(Membership.person_id) == person_id)
    return frozenset(place.role for place in work.find_all(Membership, *theirs, *until_then))


def end_panel(work: Work, panel: Panel) -> list[str]:
    """End a panel, its places, series and coming meetings. Return the changes, one sentence each.

    Raise Misconfigured if a meeting of the panel is open, or if the panel has open actions, since no one would be left
    to follow them.
    """
    actions = work.find_all(Action, col(Action.panel_id) == id_of(panel), ACTIONS.is_open, by=[col(Action.id)])
    if actions:
        raise Misconfigured(
            f"panels: {panel.key} is gone from the file but has actions that are not closed or confirmed: "
            f"{', '.join(str(action.id) for action in actions)}. Close them first, or keep the panel in the file."
        )
    if open_meeting(work, id_of(panel)) is not None:
        raise Misconfigured(f"panels: {panel.key} is gone from the file but is meeting now. Close the meeting first.")
    panel.is_active = False
    memberships = work.find_all(Membership, col(Membership.panel_id) == id_of(panel), is_to_hold(work.now))
    series = work.find_all(Series, col(Series.panel_id) == id_of(panel), col(Series.ended_at).is_(None))
    for row in (*memberships, *series):
        row.ended_at = work.now
    coming = work.find_all(Meeting, col(Meeting.panel_id) == id_of(panel), is_coming(work))
    for meeting in coming:
        cancel(work, meeting, None)
    waiting = work.session.exec(
        select(Flag.id)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(
            col(Flag.meeting_id).in_([id_of(meeting) for meeting in coming]),
            FLAGS.is_open,
            ~col(Case.is_closed),  # the person who applies the file may not know of closed items
        )
    ).all()
    tell_of_end(work, panel, coming)
    people = len({membership.person_id for membership in memberships})
    changes = [f"- panel {panel.key} ended for its {people} member{'' if people == 1 else 's'}"]
    if coming:
        changes.append(f"- {panel.key}: {len(coming)} coming meetings cancelled, members are told")
    if waiting:
        changes.append(f"! {panel.key}: {len(waiting)} flags were waiting there and will not be heard")
    return changes
