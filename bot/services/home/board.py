"""The facts of all of somebody's panels at once, and what is made of them panel by panel."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from bot.domain.deadlines import MeetingDeadlines, meeting_deadlines
from bot.domain.lateness import Lateness, late_after_meeting, late_before_meeting, runs_empty
from bot.domain.permissions import Actor, Verb
from bot.models.meetings import Meeting
from bot.models.vocabulary import MeetingState, Role
from bot.records.access.clocks import local_time, today_at
from bot.records.agenda.returns import Asked, asked_at, asked_of_person
from bot.records.home.queries import (
    DiaryEnds,
    Seated,
    Unapproved,
    coming_meetings,
    diary_ends,
    overdue_by_agency,
    own_replies,
    to_confirm,
    unapproved,
    waiting_flags,
)
from bot.records.invitations.queries import expected_at_each, forecast_of
from bot.services.home.seen import ChairCard, LateItem, PanelCard
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def soonest(cards: Iterable[PanelCard]) -> tuple[PanelCard, ...]:
    """What is being held, then by the next meeting, and at the end what has none."""

    def when(card: PanelCard) -> tuple[bool, bool, float, str]:
        return not card.is_open, card.next_at is None, card.next_at.timestamp() if card.next_at else 0.0, card.title

    return tuple(sorted(cards, key=when))


class Board:
    """The facts of all panels at once, and what is made of them panel by panel."""

    def __init__(self, work: Work, actor: Actor, seats: Mapping[int, Seated]) -> None:
        self._work, self._actor, self._seats = work, actor, seats
        self._meetings = coming_meetings(work, seats)
        self._ends: dict[int, DiaryEnds] = diary_ends(work, seats)
        reading = [number for number, seat in seats.items() if seat.may(Verb.READ_CASES)]
        self._waiting = waiting_flags(work, actor, [id_of(one) for one in self._meetings if one.panel_id in reading])
        self._replies = own_replies(work, actor, self._meetings)
        self._next: dict[int, Meeting] = {}
        for meeting in self._meetings:
            if not seats[meeting.panel_id].comes_to(meeting):
                continue
            if meeting.panel_id not in self._next or meeting.state is MeetingState.OPEN:
                self._next[meeting.panel_id] = meeting
        returning = (Verb.RETURN, Verb.READ_RETURNS)  # who makes them, and the chair who sees the gaps
        asking = [one for one in self._next.values() if any(seats[one.panel_id].may(verb) for verb in returning)]
        scheduled = [one for one in asking if one.state is MeetingState.SCHEDULED]
        self._asked: dict[int, list[Asked]] = asked_at(work, scheduled, actor.person_id)

    def cards(self, panel_id: int) -> Iterable[PanelCard]:
        """One panel's next meeting, and whichever later ones somebody was asked about and has not answered."""
        yield self.card(panel_id)
        seat, first = self._seats[panel_id], self._next.get(panel_id)
        for meeting in self._meetings:
            if (
                meeting.panel_id == panel_id
                and meeting is not first
                and seat.comes_to(meeting)
                and self._waits(meeting)
            ):
                yield self._card(seat, meeting)

    def card(self, panel_id: int) -> PanelCard:
        """One panel's next meeting."""
        return self._card(self._seats[panel_id], self._next.get(panel_id))

    def _waits(self, meeting: Meeting) -> bool:
        """Whether the invitation is due, and has no answer."""
        if meeting.state is not MeetingState.SCHEDULED or id_of(meeting) in self._replies:
            return False
        return self._dates(meeting).flags_open <= self._today(meeting.panel_id)

    def _dates(self, meeting: Meeting) -> MeetingDeadlines:
        panel = self._seats[meeting.panel_id].panel
        at = local_time(self._work, panel, meeting.starts_at)
        return meeting_deadlines(self._work.definition(panel.definition), at.date())

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
        """The panels that somebody chairs, soonest meeting first."""
        if not panel_ids:
            return ()
        work, actor = self._work, self._actor
        overdue = overdue_by_agency(work, actor, panel_ids, min(self._today(number) for number in panel_ids))
        done = to_confirm(work, actor, panel_ids)
        drafts: dict[int, list[datetime]] = {}
        for one in unapproved(work, panel_ids):
            if one.is_drafted:
                at = local_time(work, self._seats[one.panel_id].panel, one.starts_at)
                drafts.setdefault(one.panel_id, []).append(at)
        coming = [self._next[number] for number in panel_ids if number in self._next]
        expected = expected_at_each(work, [one for one in coming if one.state is MeetingState.SCHEDULED])
        found = {}
        for number in panel_ids:
            meeting, panel = self._next.get(number), self._seats[number].panel
            here = expected.get(id_of(meeting)) if meeting else None
            found[self._seats[number].panel.key] = ChairCard(
                panel=self.card(number),
                waiting=self._waiting.get(id_of(meeting), 0) if meeting else 0,
                gaps=sum(one.answer is None for one in self._asked.get(id_of(meeting), [])) if meeting else 0,
                forecast=forecast_of(work, panel, meeting, here).words if meeting and here else "",
                overdue=tuple(overdue.get(number, ())),
                to_confirm=done.get(number, 0),
                to_approve=tuple(drafts.get(number, ())),
            )
        return tuple(found[card.key] for card in soonest([one.panel for one in found.values()]))

    def late(self, kept: Sequence[int], chaired: Sequence[int]) -> tuple[LateItem, ...]:
        """What is late in the diaries somebody keeps; what their chair's part shows already is not repeated."""
        if not kept:
            return ()
        found = [item for meeting in self._meetings if meeting.panel_id in kept for item in self._before(meeting)]
        if not self._actor.is_administrator or any(self._seats[number].roles for number in kept):
            found += [item for one in unapproved(self._work, kept) for item in self._after(one)]
        found += [item for number in kept for item in self._empty(number)]
        theirs = {self._seats[number].panel.key for number in chaired}
        left_out = {Lateness.TRIAGE, Lateness.APPROVAL}
        found = [one for one in found if one.kind not in left_out or one.panel_key not in theirs]
        return tuple(sorted(found, key=lambda one: (one.since, one.panel_title, one.kind.value)))

    def _before(self, meeting: Meeting) -> list[LateItem]:
        if meeting.state is not MeetingState.SCHEDULED or not self._seats[meeting.panel_id].roles:
            return []
        seat, today = self._seats[meeting.panel_id], self._today(meeting.panel_id)
        at = local_time(self._work, seat.panel, meeting.starts_at)
        dates = self._dates(meeting)
        waiting = self._waiting.get(id_of(meeting), 0)
        late = late_before_meeting(dates, today, waits=waiting > 0, has_agenda=meeting.agenda_version > 0)
        return [
            self._item(kind, seat, id_of(meeting), at, since, waiting if kind is Lateness.TRIAGE else 0)
            for kind, since in late
        ]

    def _after(self, one: Unapproved) -> list[LateItem]:
        seat, today = self._seats[one.panel_id], self._today(one.panel_id)
        at = local_time(self._work, seat.panel, one.starts_at)
        dates = meeting_deadlines(self._work.definition(seat.panel.definition), at.date())
        late = late_after_meeting(dates, today, is_drafted=one.is_drafted)
        return [self._item(late[0], seat, one.meeting_id, at, late[1])] if late else []

    def _empty(self, panel_id: int) -> list[LateItem]:
        seat, ends = self._seats[panel_id], self._ends.get(panel_id)
        if not runs_empty(ends.last_at if ends else None, self._work.now):
            return []
        last = local_time(self._work, seat.panel, ends.last_at) if ends else None
        return [self._item(Lateness.EMPTY, seat, 0, last, self._today(panel_id))]

    def _item(
        self, kind: Lateness, seat: Seated, meeting_id: int, at: datetime | None, since: date, count: int = 0
    ) -> LateItem:
        return LateItem(kind, seat.panel.key, seat.panel.title, meeting_id, at, since, count)

    def _today(self, panel_id: int) -> date:
        return today_at(self._work, self._seats[panel_id].panel)
