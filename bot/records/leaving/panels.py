"""What becomes of a panel that ends, and of the actions of people who are there no more."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import func, or_
from sqlmodel import col, select

from bot.domain.flag_state import LIVE_STATES
from bot.domain.notices import Notice
from bot.domain.permissions import Verb, may
from bot.domain.states import UNCONFIRMED_STATES
from bot.errors import Misconfigured
from bot.models.actions import Action
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel, Series
from bot.models.people import Person
from bot.models.vocabulary import MeetingState, Role
from bot.records.access.queries import is_to_hold
from bot.records.diary.queries import open_meeting
from bot.records.leaving.handover import holds_place, pass_on, unconfirmed_actions, waiting_flags
from bot.records.leaving.queries import Passed
from bot.records.people.queries import is_member_who_may
from bot.records.rescheduling.changes import cancel, rewrite_messages
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def tell_of_end(work: Work, panel: Panel, cancelled: Sequence[Meeting]) -> None:
    """A panel ends with this transaction, and these meetings with it: its members are told, each once.

    So is the lead of an agency whose cases waited there where nobody of it who reads cases sat there any more.
    """
    work.session.flush()
    waiting: dict[int, list[int]] = {}
    for flag in work.session.exec(
        select(Flag)
        .where(col(Flag.meeting_id).in_([id_of(one) for one in cancelled]), col(Flag.state).in_(LIVE_STATES))
        .order_by(col(Flag.id))
    ):
        waiting.setdefault(flag.agency_id, []).append(id_of(flag))
    told: dict[int, int] = {}
    readers: set[int] = set()
    for place, person in work.session.execute(
        select(Membership, Person)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Membership.panel_id) == id_of(panel), col(Membership.ended_at) == work.now)
        .where(col(Membership.began_at) <= work.now, col(Person.left_at).is_(None))
    ):
        told[id_of(person)] = person.agency_id
        if may(Verb.READ_CASES, [place.role]):
            readers.add(person.agency_id)
    for lead in work.session.exec(
        select(Person).where(col(Person.agency_id).in_(waiting.keys() - readers), col(Person.left_at).is_(None))
    ):
        if lead.leads_agency:
            told[id_of(lead)] = lead.agency_id
    for person_id, agency_id in sorted(told.items()):
        flags = waiting.get(agency_id, [])
        work.tell(person_id, Notice.PANEL_ENDED, panel_id=id_of(panel), flags=flags, meetings=len(cancelled))
    rewrite_messages(work, cancelled)


def roles_until_end(work: Work, panel: Panel, person_id: int) -> frozenset[Role]:
    """What somebody was on a panel when it ended; nothing for a panel that has not, or is back."""
    if panel.is_active:
        return frozenset()
    ended_at = (
        select(func.max(col(Membership.ended_at))).where(col(Membership.panel_id) == id_of(panel)).scalar_subquery()
    )
    places = work.session.exec(
        select(Membership).where(
            col(Membership.panel_id) == id_of(panel),
            col(Membership.person_id) == person_id,
            col(Membership.ended_at) == ended_at,
            col(Membership.began_at) <= ended_at,
        )
    )
    return frozenset(place.role for place in places)


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
        cancel(work, meeting, None)
    waiting = session.exec(
        select(Flag.id)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(
            col(Flag.meeting_id).in_([id_of(meeting) for meeting in coming]),
            col(Flag.state).in_(LIVE_STATES),
            ~col(Case.is_closed),  # whoever applies the file may know of none
        )
    ).all()
    tell_of_end(work, panel, coming)
    changes: list[str] = []
    people = len({membership.person_id for membership in memberships})
    changes.append(f"- panel {panel.key} ended for its {people} member{'' if people == 1 else 's'}")
    if coming:
        changes.append(f"- {panel.key}: {len(coming)} coming meetings cancelled, members are told")
    if waiting:
        changes.append(f"! {panel.key}: {len(waiting)} flags waited for them and will not be heard there")
    return changes


def hand_over(
    work: Work, panel_ids: Collection[int], gone: Collection[int], deputies: Mapping[tuple[int, int], Sequence[int]]
) -> list[str]:
    """What people hold who left, or sit where they can hold it no more, passes to whoever is nearest; what changed.

    `gone` are the people who left, `deputies` those who stood in for somebody, by panel and person. Raises
    Misconfigured when nobody on the panel can take an action.
    """
    lost = [
        action
        for action in unconfirmed_actions(
            work, or_(col(Action.panel_id).in_(panel_ids), col(Action.holder_id).in_(gone))
        )
        if not is_member_who_may(work, action.panel_id, action.holder_id, Verb.HOLD_ACTIONS)
    ]
    presenting = holds_place(work, col(Flag.panel_id), col(Flag.person_id), Verb.FLAG)
    flags = waiting_flags(work, or_(col(Flag.panel_id).in_(panel_ids), col(Flag.person_id).in_(gone)), ~presenting)
    passed = pass_on(work, lost, flags, lambda panel_id, holder_id: deputies.get((panel_id, holder_id), ()))
    return changes_of(work, passed)


def changes_of(work: Work, passed: Iterable[Passed]) -> list[str]:
    """What was passed on, a line each; flags only by how many. Raises Misconfigured for an action that nobody can take.

    A flag that nobody can take stays where it is: the case is heard all the same.
    """
    changes: list[str] = []
    flags: Counter[tuple[str, str, str]] = Counter()
    for one in passed:
        before, panel = work.session.get_one(Person, one.from_id), work.session.get_one(Panel, one.panel_id)
        heir = None if one.to_id is None else work.session.get_one(Person, one.to_id)
        if heir is None and one.noun == "action":
            where = "is gone from the file" if before.left_at else f"is no longer on {panel.key}"
            raise Misconfigured(
                f"people: {before.key} {where} but holds action {one.number}, and nobody on that panel can take it. "
                f"Give {panel.key} a co-ordinator or chair who may, or reassign the action first."
            )
        if heir is not None and one.noun == "action":
            changes.append(f"~ action {one.number}: passed from {before.key} to {heir.key}")
        elif heir is not None:
            flags[panel.key, before.key, heir.key] += 1
    for (panel_key, from_key, to_key), count in flags.items():
        what = f"{count} waiting flag{'' if count == 1 else 's'}"
        changes.append(f"~ {panel_key}: {what} passed from {from_key} to {to_key}")
    return changes
