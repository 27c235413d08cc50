"""A person's Home: their own duties, the panels they chair, and the diaries they keep."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import col

from bot.domain.deadlines import (
    Lateness,
    MeetingDeadlines,
    add_working_days,
    late_after_meeting,
    late_before_meeting,
    meeting_deadlines,
    runs_empty,
)
from bot.domain.minutes import ACKNOWLEDGED_WITHIN
from bot.domain.permissions import Actor, Verb
from bot.domain.states import OPEN_STATES
from bot.models.actions import Action
from bot.models.cases import Flag
from bot.models.meetings import Meeting
from bot.models.vocabulary import MeetingState, Reply, Role
from bot.records.access.queries import local_time, today_at
from bot.records.actions.queries import MOST_PRESSING, ActionView, count_actions, view_actions
from bot.records.agenda.returns import Asked, asked_at, asked_of_person
from bot.records.cases.reviews import ReviewAsked, reviews_asked
from bot.records.diary.queries import not_held, open_or_next
from bot.records.home.queries import (
    DiaryEnds,
    HeldMeeting,
    Seated,
    Unacknowledged,
    Unapproved,
    approvers,
    coming_meetings,
    diary_ends,
    every_panel,
    flags_to_change,
    held_meetings,
    how_many_people,
    overdue_by_agency,
    own_open_actions,
    own_replies,
    panels_without_chair,
    seated_on,
    to_confirm,
    unacknowledged,
    unapproved,
    waiting_flags,
)
from bot.records.invitations.changes import deadlines_of
from bot.records.invitations.queries import expected_at_each, forecast_of
from bot.records.people.readings import undecided
from bot.store.rows import Page, grouped, id_of
from bot.store.unit_of_work import Work

ACTIONS_SHOWN: Final = 8  # with their buttons, on one page of Home
_OPENS_AHEAD: Final = timedelta(hours=1)  # how long before its start Home offers to open a meeting


@dataclass(frozen=True, slots=True)
class LateItem:
    """One thing that is late in a panel's diary. `since` is the deadline that has passed."""

    kind: Lateness
    panel_key: str
    panel_title: str
    meeting_id: int  #: 0 if the diary itself is late
    meeting_at: datetime | None
    since: date
    count: int = 0  #: flags to triage that the reader may see, or members without the minutes


@dataclass(frozen=True, slots=True)
class PanelCard:
    """One meeting of a panel, with what a member can do about it on Home."""

    key: str
    title: str
    channel_id: str | None
    roles: tuple[Role, ...]
    meeting_id: int  #: 0 if no meeting is near enough to be answered
    at: int  #: the meeting's time as a number, which its buttons carry
    is_open: bool  #: its meeting is being held now
    next_at: datetime | None  #: the panel's own time
    venue: str
    may_reply: bool
    may_send_deputy: bool
    reply: Reply | None
    returns_owed: int  #: by the person's agency, of the cases they may answer


@dataclass(frozen=True, slots=True)
class ChairCard:
    """What a chair has to do on one panel, as shown on Home."""

    panel: PanelCard
    waiting: int  #: flags to rule on
    gaps: int  #: returns that agencies owe
    forecast: str
    overdue: tuple[tuple[str, int], ...]  #: agency and how many actions
    to_confirm: int
    to_approve: tuple[datetime, ...]  #: meetings whose draft minutes wait for approval
    #: meetings whose draft minutes the chair wrote, each with the people who may approve it (perhaps none)
    by_others: tuple[tuple[datetime, tuple[str, ...]], ...] = ()
    not_held: tuple[tuple[int, datetime], ...] = ()  #: meetings that nobody opened, the earliest first

    @property
    def waits(self) -> bool:
        """Return whether the panel has a task for the chair, or something that is late."""
        owed = self.waiting or self.gaps or self.overdue or self.to_confirm
        return bool(owed or self.to_approve or self.by_others or self.not_held)


@dataclass(frozen=True, slots=True)
class OfTheDay:
    """What the buttons at the top of Home let the person do now."""

    held: tuple[HeldMeeting, ...] = ()  #: on the person's panels, by title
    flags_to: tuple[str, ...] = ()  #: the keys of the panels to which they may flag a case
    gives_actions: bool = False
    opens: tuple[PanelCard, ...] = ()  #: cards of meetings that may be opened now
    returns: tuple[PanelCard, ...] = ()  #: cards of meetings to which their agency owes returns, soonest first


@dataclass(frozen=True, slots=True)
class FlagToChange:
    """A person's own flag that they may still correct."""

    reference: str
    panel_key: str
    panel_title: str
    meeting_at: datetime  #: the panel's own time


@dataclass(frozen=True, slots=True)
class Glance:
    """The county's figures on Home, for an administrator without a place on any panel."""

    people: int
    panels: int
    without_chair: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HomeView:
    """A person's Home: their own duties, the panels they chair, the diaries they keep and the county's figures."""

    name: str
    agency_name: str
    holds_actions: bool
    actions: tuple[ActionView, ...]  #: one page of their own open ones, soonest due first
    actions_count: int
    actions_from: int  #: where the page begins, from 0
    panels: tuple[PanelCard, ...]  #: those they neither chair nor keep, soonest meeting first
    chairing: tuple[ChairCard, ...]
    keeps_diary: bool
    late: tuple[LateItem, ...]  #: the latest first
    diary: tuple[PanelCard, ...]  #: the panels they keep and do not chair
    glance: Glance | None = None
    overdue_count: int = 0  #: how many of their own open actions are overdue, on all pages
    of_the_day: OfTheDay = field(default_factory=OfTheDay)
    flags: tuple[FlagToChange, ...] = ()  #: their own, on which no chair has ruled
    reviews: tuple[ReviewAsked, ...] = ()  #: cases on which their agency is asked what has changed
    places_to_decide: int = 0  #: new chairs and vice-chairs whose reading of earlier closed items waits for them


def soonest(cards: Iterable[PanelCard]) -> tuple[PanelCard, ...]:
    """Return the cards in order: open meetings first, then the soonest meetings, and panels without a meeting last."""

    def when(card: PanelCard) -> tuple[bool, bool, float, str]:
        return not card.is_open, card.next_at is None, card.next_at.timestamp() if card.next_at else 0.0, card.title

    return tuple(sorted(cards, key=when))


class Board:
    """The facts about all panels that one person's Home needs, and what Home shows of each panel.

    The facts are read together, not panel by panel.
    """

    def __init__(self, work: Work, actor: Actor, seats: Mapping[int, Seated]) -> None:
        self._work, self._actor, self._seats = work, actor, seats
        self._meetings = coming_meetings(work, seats)
        # A person without a role on the panel is an administrator, who keeps every diary.
        scheduling = [number for number, seat in seats.items() if seat.may(Verb.SCHEDULE) or not seat.roles]
        self._not_held = grouped((one.panel_id, one) for one in not_held(work, scheduling))
        self._ends: dict[int, DiaryEnds] = diary_ends(work, seats)
        reading = [number for number, seat in seats.items() if seat.may(Verb.READ_CASES)]
        # This includes a next meeting that is further ahead than Home otherwise shows.
        self._first = open_or_next(work, reading, for_cases=True)
        soon = {id_of(one) for one in self._meetings if one.panel_id in reading}
        self._waiting = waiting_flags(work, actor, soon | {id_of(one) for one in self._first.values()})
        self._replies = own_replies(work, actor, self._meetings)
        self._next: dict[int, Meeting] = {}
        for meeting in self._meetings:
            if not seats[meeting.panel_id].comes_to(meeting):
                continue
            if meeting.panel_id not in self._next or meeting.state is MeetingState.OPEN:
                self._next[meeting.panel_id] = meeting
        returning = (Verb.RETURN, Verb.READ_RETURNS)  # to make returns, or to see as chair which are missing
        asking = [one for one in self._next.values() if any(seats[one.panel_id].may(verb) for verb in returning)]
        scheduled = [one for one in asking if one.state is MeetingState.SCHEDULED]
        self._asked: dict[int, list[Asked]] = asked_at(work, scheduled, actor.person_id)

    def cards(self, panel_id: int) -> Iterable[PanelCard]:
        """Yield the cards of one panel's next meeting, and of later ones for which the person owes an answer."""
        yield self.card(panel_id)
        seat, first = self._seats[panel_id], self._next.get(panel_id)
        others = [one for one in self._meetings if one.panel_id == panel_id and one is not first]
        yield from (self._card(seat, one) for one in others if seat.comes_to(one) and self._waits(one))

    def card(self, panel_id: int) -> PanelCard:
        """Return the card of one panel's next meeting."""
        return self._card(self._seats[panel_id], self._next.get(panel_id))

    def of_the_day(self, cards: Sequence[PanelCard]) -> OfTheDay:
        """Return what the buttons at the top of Home offer.

        `cards` are the person's panel cards, which show the returns owed.
        """
        seats = self._seats
        definitions = {number: self._work.definition(seat.panel.definition) for number, seat in seats.items()}
        return OfTheDay(
            held=held_meetings(self._work, self._actor, seats, self._next),
            flags_to=tuple(
                seat.panel.key
                for number, seat in seats.items()
                if seat.may(Verb.FLAG) and definitions[number].hears_cases
            ),
            gives_actions=any(seat.may(Verb.ADD_ACTION) for seat in seats.values()),
            opens=soonest(
                self.card(number)
                for number, one in self._next.items()
                if seats[number].may(Verb.RUN_MEETING) and self._may_open(one)
            ),
            returns=soonest(card for card in cards if card.returns_owed),
        )

    def _may_open(self, meeting: Meeting) -> bool:
        """Return whether the meeting is today and starts within the next hour, or should have started already."""
        now, at = self._work.now, local_time(self._work, self._seats[meeting.panel_id].panel, meeting.starts_at)
        is_today = at.date() == self._today(meeting.panel_id)
        return meeting.state is MeetingState.SCHEDULED and is_today and meeting.starts_at - _OPENS_AHEAD <= now

    def _waits(self, meeting: Meeting) -> bool:
        """Return whether the person was due to be invited to the meeting and has not answered."""
        if meeting.state is not MeetingState.SCHEDULED or id_of(meeting) in self._replies:
            return False
        return self._dates(meeting).flags_open <= self._today(meeting.panel_id)

    def _dates(self, meeting: Meeting) -> MeetingDeadlines:
        return deadlines_of(self._work, self._seats[meeting.panel_id].panel, meeting)

    def _card(self, seat: Seated, meeting: Meeting | None) -> PanelCard:
        ends = None if seat.comes_to_one else self._ends.get(id_of(seat.panel))
        next_at = meeting.starts_at if meeting else ends.first_at if ends else None
        is_open = meeting is not None and meeting.state is MeetingState.OPEN
        return PanelCard(
            key=seat.panel.key,
            title=seat.panel.title,
            channel_id=seat.panel.channel_id,
            roles=tuple(sorted(seat.roles, key=list(Role).index)),
            meeting_id=id_of(meeting) if meeting else 0,
            at=int(meeting.starts_at.timestamp()) if meeting else 0,
            is_open=is_open,
            next_at=local_time(self._work, seat.panel, next_at) if next_at else None,
            venue=meeting.venue if meeting else "",
            may_reply=bool(seat.roles) and meeting is not None and not is_open and meeting.starts_at > self._work.now,
            may_send_deputy=seat.may(Verb.READ_CASES) and not seat.comes_to_one,
            reply=self._replies.get(id_of(meeting)) if meeting else None,
            returns_owed=self._owed(seat, meeting),
        )

    def _owed(self, seat: Seated, meeting: Meeting | None) -> int:
        if meeting is None or not seat.may(Verb.RETURN):
            return 0
        asked = asked_of_person(self._asked.get(id_of(meeting), []), self._actor.person_id)
        return sum(one.answer is None and one.agency_id == self._actor.agency_id for one in asked)

    def chairing(self, panel_ids: Sequence[int]) -> tuple[ChairCard, ...]:
        """Return the panels that the person chairs.

        Panels with something to do come first. The others follow in the order of their next meetings.
        """
        if not panel_ids:
            return ()
        work, actor = self._work, self._actor
        overdue = overdue_by_agency(work, actor, panel_ids, min(self._today(number) for number in panel_ids))
        done = to_confirm(work, actor, panel_ids)
        drafts: dict[int, list[datetime]] = {}
        own: dict[int, list[datetime]] = {}
        for one in unapproved(work, panel_ids):
            if one.is_drafted:
                at = local_time(work, self._seats[one.panel_id].panel, one.starts_at)
                theirs = own if one.drafted_by_id == actor.person_id else drafts
                theirs.setdefault(one.panel_id, []).append(at)
        others = {
            number: tuple(name for person_id, name in people if person_id != actor.person_id)
            for number, people in (approvers(work, own) if own else {}).items()
        }
        coming = [self._next[number] for number in panel_ids if number in self._next]
        expected = expected_at_each(work, [one for one in coming if one.state is MeetingState.SCHEDULED])
        found = {}
        for number in panel_ids:
            meeting, panel = self._next.get(number), self._seats[number].panel
            here = expected.get(id_of(meeting)) if meeting else None
            found[self._seats[number].panel.key] = ChairCard(
                panel=self.card(number),
                waiting=self._waiting.get(id_of(self._first[number]), 0) if number in self._first else 0,
                gaps=sum(one.answer is None for one in self._asked.get(id_of(meeting), [])) if meeting else 0,
                forecast=forecast_of(work, panel, meeting, here).words if meeting and here else "",
                overdue=tuple(overdue.get(number, ())),
                to_confirm=done.get(number, 0),
                to_approve=tuple(drafts.get(number, ())),
                by_others=tuple((at, others.get(number, ())) for at in own.get(number, ())),
                not_held=tuple(
                    (id_of(one), local_time(work, panel, one.starts_at)) for one in self._not_held.get(number, ())
                ),
            )
        cards = [found[card.key] for card in soonest([one.panel for one in found.values()])]
        return tuple(sorted(cards, key=lambda card: not (card.panel.is_open or card.waits)))

    def late(self, kept: Sequence[int], chaired: Sequence[int]) -> tuple[LateItem, ...]:
        """Return the late items of the panels whose diaries the person keeps.

        `chaired` are the panels that the person chairs. Items that the cards of these panels already show are left out.
        """
        if not kept:
            return ()
        found = [item for meeting in self._meetings if meeting.panel_id in kept for item in self._before(meeting)]
        if not self._actor.is_administrator or any(self._seats[number].roles for number in kept):
            found += [item for one in unapproved(self._work, kept) for item in self._after(one)]
            found += [item for one in unacknowledged(self._work, kept) for item in self._without_receipt(one)]
        found += [item for number in kept for item in self._empty(number)]
        found += [
            missed(self._work, self._seats[number], one) for number in kept for one in self._not_held.get(number, ())
        ]
        theirs = {self._seats[number].panel.key for number in chaired}
        left_out = {Lateness.TRIAGE, Lateness.APPROVAL, Lateness.NOT_HELD}
        found = [one for one in found if one.kind not in left_out or one.panel_key not in theirs]
        return latest_first(found)

    def _before(self, meeting: Meeting) -> list[LateItem]:
        if meeting.state is not MeetingState.SCHEDULED or not self._seats[meeting.panel_id].roles:
            return []
        seat, today = self._seats[meeting.panel_id], self._today(meeting.panel_id)
        at = local_time(self._work, seat.panel, meeting.starts_at)
        dates = self._dates(meeting)
        waiting = self._waiting.get(id_of(meeting), 0)
        late = late_before_meeting(dates, today, waits=waiting > 0, has_agenda=meeting.agenda_version > 0)
        counts = {Lateness.TRIAGE: waiting}
        key, title = seat.panel.key, seat.panel.title
        return [LateItem(kind, key, title, id_of(meeting), at, since, counts.get(kind, 0)) for kind, since in late]

    def _after(self, one: Unapproved) -> list[LateItem]:
        seat, today = self._seats[one.panel_id], self._today(one.panel_id)
        at = local_time(self._work, seat.panel, one.starts_at)
        dates = meeting_deadlines(self._work.definition(seat.panel.definition), at.date())
        late = late_after_meeting(dates, today, is_drafted=one.is_drafted)
        return [LateItem(late[0], seat.panel.key, seat.panel.title, one.meeting_id, at, late[1])] if late else []

    def _without_receipt(self, one: Unacknowledged) -> list[LateItem]:
        panel, today = self._seats[one.panel_id].panel, self._today(one.panel_id)
        subdivision = self._work.definition(panel.definition).bank_holiday_subdivision
        since = add_working_days(local_time(self._work, panel, one.told_at).date(), ACKNOWLEDGED_WITHIN, subdivision)
        if today < since:
            return []
        at = local_time(self._work, panel, one.starts_at)
        return [LateItem(Lateness.RECEIPT, panel.key, panel.title, one.meeting_id, at, since, one.count)]

    def _empty(self, panel_id: int) -> list[LateItem]:
        seat, ends = self._seats[panel_id], self._ends.get(panel_id)
        if not runs_empty(ends.last_at if ends else None, self._work.now):
            return []
        last = local_time(self._work, seat.panel, ends.last_at) if ends else None
        return [LateItem(Lateness.EMPTY, seat.panel.key, seat.panel.title, 0, last, self._today(panel_id))]

    def _today(self, panel_id: int) -> date:
        return today_at(self._work, self._seats[panel_id].panel)


def latest_first(found: Iterable[LateItem]) -> tuple[LateItem, ...]:
    """Return late items sorted by deadline. The item that has been late the longest comes first."""
    return tuple(sorted(found, key=lambda one: (one.since, one.panel_title, one.kind.value)))


def missed(work: Work, seat: Seated, meeting: Meeting) -> LateItem:
    """Return the LateItem which says that nobody opened this meeting."""
    panel = seat.panel
    at = local_time(work, panel, meeting.starts_at)
    return LateItem(Lateness.NOT_HELD, panel.key, panel.title, id_of(meeting), at, at.date())


def _missed_beside(work: Work, actor: Actor, seats: Mapping[int, Seated]) -> list[LateItem]:
    """Return the late items for meetings that nobody opened, on panels where an administrator has no place.

    Return none to other people.
    """
    if not seats or not actor.is_administrator:
        return []
    others = {number: seat for number, seat in every_panel(work).items() if number not in seats}
    return [missed(work, others[one.panel_id], one) for one in not_held(work, list(others))]


def home_of(work: Work, actor: Actor, places: Mapping[str, int] | None = None) -> HomeView:
    """Return what the person's Home shows now. `places` maps each part of Home to the number of the page shown."""
    seats = seated_on(work, actor)
    is_keeper = not seats and actor.is_administrator
    shown = every_panel(work) if is_keeper else seats
    board = Board(work, actor, shown)
    chaired = [number for number, seat in seats.items() if seat.may(Verb.CONFIRM_ACTIONS)]
    kept = [number for number, seat in shown.items() if is_keeper or Role.COORDINATOR in seat.roles]
    mine = [number for number in seats if number not in {*chaired, *kept}]
    acting = [number for number, seat in seats.items() if seat.may(Verb.SEE_ACTIONS)]
    actions, count, first, overdue = _own_actions(work, actor, acting, (places or {}).get("actions", 0))
    panels = soonest(card for number in mine for card in board.cards(number))
    chairing = board.chairing(chaired)
    diary = soonest(board.card(number) for number in kept if number not in chaired)
    beside = _missed_beside(work, actor, seats)
    return HomeView(
        name=actor.name,
        agency_name=actor.agency_name,
        holds_actions=bool(acting),
        actions=actions,
        actions_count=count,
        actions_from=first,
        panels=panels,
        chairing=chairing,
        keeps_diary=bool(kept or beside),
        late=latest_first([*board.late(kept, chaired), *beside]),
        diary=diary,
        glance=Glance(how_many_people(work), len(shown), tuple(panels_without_chair(work))) if is_keeper else None,
        overdue_count=overdue,
        of_the_day=board.of_the_day([*panels, *(one.panel for one in chairing), *diary]),
        flags=tuple(_flags(work, actor, seats)),
        reviews=tuple(_reviews(work, actor, seats)),
        places_to_decide=len(undecided(work, actor.person_id)),
    )


def _reviews(work: Work, actor: Actor, seats: Mapping[int, Seated]) -> list[ReviewAsked]:
    """Return the cases on which the person's agency is asked what has changed."""
    flagging = [number for number, seat in seats.items() if seat.may(Verb.FLAG)]
    if not flagging:
        return []
    return reviews_asked(work, actor.person_id, actor.agency_id, col(Flag.panel_id).in_(flagging))


def _flags(work: Work, actor: Actor, seats: Mapping[int, Seated]) -> list[FlagToChange]:
    """Return the person's own flags that they may still correct."""
    flagging = [number for number, seat in seats.items() if seat.may(Verb.FLAG)]
    if not flagging:
        return []
    panels = {number: seats[number].panel for number in flagging}
    found = {(one.panel_id, one.reference): one for one in reversed(flags_to_change(work, actor, flagging))}
    return [
        FlagToChange(
            one.reference,
            panels[one.panel_id].key,
            panels[one.panel_id].title,
            local_time(work, panels[one.panel_id], one.meeting_at),
        )
        for one in reversed(found.values())
    ]


def _own_actions(
    work: Work, actor: Actor, panel_ids: Sequence[int], page: int
) -> tuple[tuple[ActionView, ...], int, int, int]:
    """Return one page of the person's open actions, with the three numbers that its heading shows.

    These are the number of all open actions, the position of the page's first action (counted from 0), and the number
    of all overdue actions.
    """
    theirs = own_open_actions(actor, panel_ids)
    count = count_actions(work, actor.person_id, *theirs, with_own=True)
    first = min(max(0, page), max(0, (count - 1) // ACTIONS_SHOWN)) * ACTIONS_SHOWN
    page_of = Page(first, ACTIONS_SHOWN)
    views = view_actions(work, actor.person_id, *theirs, page=page_of, most_pressing=MOST_PRESSING, with_own=True)
    overdue = sum(one.is_overdue for one in views)
    if first or overdue == len(views) < count:  # overdue actions on other pages count too
        late = (col(Action.state).in_(sorted(OPEN_STATES)), col(Action.due_on) < views[0].today)
        overdue = count_actions(work, actor.person_id, *theirs, *late, with_own=True)
    return tuple(views), count, first, overdue
