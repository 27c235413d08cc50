"""The contents of exports: papers of a panel's meetings, panels that heard a child, children that a panel heard.

An export has only what the person it is made for may read. The administrator who runs the command may read less.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlmodel import col, select

from bot.documents.children_heard import HeardRow, render_children_heard
from bot.documents.papers import File
from bot.documents.word import capital
from bot.domain.decisions import decision_words
from bot.domain.language.day_words import date_words, listed
from bot.domain.minutes import APPROVED_STATES
from bot.domain.panel_definition import MARKING
from bot.domain.permissions import Actor, Verb
from bot.domain.states import UNCONFIRMED_STATES
from bot.errors import Misconfigured, NotForYou
from bot.models.actions import Action
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.minutes import Minutes, MinutesPart
from bot.models.panels import Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import MeetingState
from bot.records.access.queries import (
    Standing,
    Where,
    actor_of,
    day_begins,
    day_ends,
    find_panel,
    local_time,
    panels_where,
    readable,
    today_at,
)
from bot.records.actions.queries import view_actions
from bot.records.agenda.queries import lines_for, view_items
from bot.records.cases.decisions import DecisionView, standing_decisions
from bot.records.cases.references import is_meant
from bot.records.meeting.notes import heard_among
from bot.records.minutes.queries import IS_APPROVED
from bot.services.minutes.annex import closed_in
from bot.store.rows import grouped, id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Period:
    """The first and last day of an export, both included."""

    first: date
    last: date

    @property
    def words(self) -> str:
        """Return the period in words for a title."""
        if self.first == self.last:
            return date_words(self.first)
        return f"{date_words(self.first)} to {date_words(self.last)}"


@dataclass(frozen=True, slots=True)
class MeetingPapers:
    """One meeting, and which of its papers the reader may have."""

    meeting_id: int
    day: date
    at: time  #: on the panel's clock, as is the day
    minutes_id: int | None  #: the latest version that they may have
    has_annex: bool  #: with closed items that they read
    is_approved: bool = False
    case_ids: tuple[int, ...] = ()  #: cases heard there according to the approved minutes, in the order of the paper


@dataclass(frozen=True, slots=True)
class PanelPapers:
    """A panel's meetings in a period, the earliest first."""

    panel_id: int
    key: str
    title: str
    meetings: tuple[MeetingPapers, ...]


def reader_called(work: Work, key: str) -> Actor:
    """Return the person with this key, who is to read an export. Raise Misconfigured for an unknown key."""
    person = work.find(Person, col(Person.key) == key.strip().lower())
    reader = None if person is None else actor_of(work, id_of(person))
    if reader is None:
        raise Misconfigured(f"--for: nobody with the key {key} is enrolled. Give the key that the county file has.")
    return reader


def agency_keyed(work: Work, key: str) -> int:
    """Return the id of the agency with this key. Raise Misconfigured for an unknown key."""
    agency = work.find(Agency, col(Agency.key) == key.strip().lower())
    if agency is None:
        raise Misconfigured(f"--agency: there is no agency with the key {key}.")
    return id_of(agency)


def papers_of_meetings(work: Work, actor: Actor, panel_key: str, period: Period) -> PanelPapers:
    """Return a panel's meetings in a period, with the papers that the reader may have.

    Raise NotForYou if the reader may not have the panel's minutes.
    """
    standing = find_panel(work, actor, Where(panel_key=panel_key), Verb.READ_MINUTES)
    held = _held(work, standing, period)
    versions = select(Minutes).where(col(Minutes.meeting_id).in_([id_of(one) for one in held]))
    if not standing.may(Verb.DRAFT_MINUTES):
        versions = versions.where(IS_APPROVED)
    latest = {one.meeting_id: one for one in work.session.exec(versions.order_by(col(Minutes.version)))}
    approved = {id_of(one) for one in latest.values() if one.state in APPROVED_STATES}
    heard = _cases_in(work, actor, approved)
    meetings = []
    for meeting in held:
        minutes = latest.get(id_of(meeting))
        starts = local_time(work, standing.panel, meeting.starts_at)
        number = minutes.id if minutes else None
        has_annex = minutes is not None and bool(closed_in(work, actor, minutes))
        papers = MeetingPapers(
            id_of(meeting),
            starts.date(),
            starts.time(),
            number,
            has_annex,
            number in approved,
            tuple(heard.get(number or 0, ())),
        )
        meetings.append(papers)
    work.audit("export", "panel", standing.panel_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return PanelPapers(standing.panel_id, standing.panel.key, standing.panel.title, tuple(meetings))


def _cases_in(work: Work, actor: Actor, minutes_ids: Collection[int]) -> dict[int, list[int]]:
    """Return a dict from minutes id to the ids of the cases in these minutes that the reader may read.

    The cases are in the order of the paper.
    """
    query = (
        select(MinutesPart.minutes_id, MinutesPart.case_id)
        .join(Case, col(Case.id) == col(MinutesPart.case_id))
        .where(col(MinutesPart.minutes_id).in_(minutes_ids), col(MinutesPart.item_id).is_not(None))
        .where(readable(actor.person_id))
        .order_by(col(MinutesPart.position))
    )
    return grouped((minutes_id, case_id) for minutes_id, case_id in work.session.execute(query))


def case_across_panels(work: Work, actor: Actor, reference: str) -> tuple[int, list[Panel]]:
    """Return the id of a case, and the reader's panels whose approved minutes are about the case.

    Panels whose minutes the reader may not have are left out. Raise NotForYou if the reader may not read the case.
    """
    theirs = {id_of(panel): panel for panel in panels_where(work, actor, Verb.READ_MINUTES)}
    put_there = select(Flag.case_id).where(col(Flag.panel_id).in_(theirs))
    conditions = (is_meant(reference.strip().upper()), readable(actor.person_id), col(Case.id).in_(put_there))
    case = work.find(Case, *conditions)
    if case is None:
        raise NotForYou(f"case {reference.strip().upper()}")
    approved = (
        select(Meeting.panel_id)
        .join(Minutes, col(Minutes.meeting_id) == col(Meeting.id))
        .join(MinutesPart, col(MinutesPart.minutes_id) == col(Minutes.id))
        .where(col(MinutesPart.case_id) == id_of(case), IS_APPROVED)
        .distinct()
    )
    told = set(work.session.exec(approved))
    work.audit("export", "case", case.id, actor_id=actor.person_id)
    return id_of(case), [panel for number, panel in theirs.items() if number in told]


def children_heard(work: Work, actor: Actor, panel_key: str, period: Period) -> File:
    """Return a spreadsheet of the children that a panel heard in a period, without cases kept from the actor."""
    standing = find_panel(work, actor, Where(panel_key=panel_key), Verb.READ_MINUTES)
    rows, case_ids = list[HeardRow](), set[int]()
    for meeting in _held(work, standing, period):
        of_meeting, cases = _heard_at(work, standing, meeting)
        rows += of_meeting
        case_ids |= cases
    title = f"Children heard, {standing.panel.title}, {period.words}"
    work.audit("export", "panel", standing.panel_id, panel_id=standing.panel_id, actor_id=actor.person_id)
    made_on = today_at(work, standing.panel)
    return File(
        name=f"{standing.panel.key}-{period.first.isoformat()}-to-{period.last.isoformat()}-children-heard.xlsx",
        title=title,
        write=partial(render_children_heard, rows, title=title, marking=MARKING, made_on=made_on),
        panel_id=standing.panel_id,
        case_ids=frozenset(case_ids),
    )


def _held(work: Work, standing: Standing, period: Period) -> list[Meeting]:
    return work.find_all(
        Meeting,
        col(Meeting.panel_id) == standing.panel_id,
        col(Meeting.state) == MeetingState.CLOSED,
        col(Meeting.starts_at) >= day_begins(work, standing.panel, period.first),
        col(Meeting.starts_at) < day_ends(work, standing.panel, period.last),
        by=[col(Meeting.starts_at)],
    )


def _heard_at(work: Work, standing: Standing, meeting: Meeting) -> tuple[list[HeardRow], set[int]]:
    panel, reader_id = standing.panel, standing.actor.person_id
    lines = lines_for(work, reader_id, meeting)
    items = view_items(work, reader_id, panel, meeting, lines=lines, with_words=False)
    at_meeting = heard_among(work, [item.id for item in items])
    heard = [item for item in items if item.flag is not None and item.id in at_meeting]
    decided = standing_decisions(work, [item.id for item in heard])
    under_items = (col(Action.item_id).in_([item.id for item in heard]),)
    given = {action.id: action for action in view_actions(work, reader_id, *under_items)}
    of_item: dict[int | None, list[int]] = grouped(
        (row.item_id, id_of(row)) for row in work.find_all(Action, *under_items) if row.id in given
    )
    rows = []
    for item in heard:
        if item.flag is None:
            continue
        decisions, numbers, facts = decided.get(item.id, ()), of_item.get(item.id, []), item.flag.facts
        before = decisions[0].risk_before if decisions else item.flag.risk
        after = decisions[-1].risk_after if decisions else None
        rows.append(
            HeardRow(
                case=item.flag.reference,
                panel=panel.title,
                heard_on=local_time(work, panel, meeting.starts_at).date(),
                age_band=capital(facts.age_band.label),
                legal_status=capital(facts.legal_status.label),
                themes=capital(listed(theme.label for theme in facts.themes)),
                level_before=f"{capital(before.title)} ({before.tool_title})" if before else "Not assessed",
                level_after=f"{capital(after.title)} ({after.tool_title})" if after else "",
                decisions="; ".join(_decided(one) for one in decisions) or "No decision",
                actions=len(numbers),
                actions_open=sum(given[number].state in UNCONFIRMED_STATES for number in numbers),
                next_on=min((one.review_on for one in decisions if one.review_on), default=None),
            )
        )
    return rows, {item.flag.case_id for item in heard if item.flag is not None}


def _decided(decision: DecisionView) -> str:
    return capital(decision_words(decision, date_words))


def bounds(work: Work, panel_id: int, period: Period) -> tuple[datetime, datetime]:
    """Return the first moment of a period on a panel's clock, and the first moment after the period."""
    panel = work.session.get_one(Panel, panel_id)
    return day_begins(work, panel, period.first), day_begins(work, panel, period.last + timedelta(days=1))
