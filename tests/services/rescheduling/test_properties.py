"""Whatever is done to a diary in whatever order: no case is lost, nobody is told twice, the past stays."""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from bot.domain.deadlines import meeting_deadlines
from bot.domain.flag_state import LIVE_STATES
from bot.domain.language.rhythm_words import parse_rule
from bot.errors import PanelbotError
from bot.models.cases import Flag
from bot.models.meetings import Meeting
from bot.models.outbox import OutboxRow
from bot.models.panels import Panel, Series
from bot.models.vocabulary import FlagState, MeetingState
from bot.records.diary.queries import AHEAD, is_open_ended
from bot.services.agenda import triage
from bot.services.diary import prompts, series
from bot.services.diary.series import DIARIES
from bot.services.rescheduling import meetings as rescheduling_meetings
from bot.services.rescheduling import series as rescheduling_series
from bot.store.unit_of_work import Work
from tests.conftest import NOW
from tests.county import WEST
from tests.services.conftest import Play, Stage

pytestmark = pytest.mark.slow

LONDON = ZoneInfo("Europe/London")
RULES = (
    "second Tuesday of the month at 14:00",
    "second Wednesday of the month at 10:00",
    "every other Thursday at 9.30",
    "every Monday at 10:00",
    "last working day of the month",
    "first Monday of each quarter at 11:00",
    "every 6 weeks on Tuesday at 14:00",
    "weekly on Wednesdays until July 2026",
    "monthly on the 15th for 4 meetings",
    "every Saturday at 10:00",
)
#: One that prepares for weeks, and one whose deadlines are the day of the meeting itself.
KINDS = ("district-operational-met", "high-risk-strategy")
numbers = st.integers(0, 11)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), numbers, st.sampled_from([None, 3, 8])),
        st.tuples(st.just("move"), numbers, st.integers(-20, 40)),
        st.tuples(st.just("shift_hours"), numbers, st.integers(-3, 3)),
        st.tuples(st.just("cancel"), numbers, st.just(0)),
        st.tuples(st.just("reinstate"), numbers, st.just(0)),
        st.tuples(st.just("add"), st.integers(1, 60), st.integers(9, 16)),
        st.tuples(st.just("change"), numbers, st.sampled_from([None, 0, 1, 3])),
        st.tuples(st.just("end"), st.just(0), st.sampled_from([None, 1, 4])),
        st.tuples(st.just("flag"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("accept"), numbers, st.just(0)),
        st.tuples(st.just("publish"), st.just(0), st.just(0)),
        st.tuples(st.just("days_pass"), st.integers(1, 25), st.just(0)),
    ),
    min_size=4,
    max_size=14,
)


@dataclass
class Diary:
    """What is done, and what was seen of it before."""

    play: Play
    past: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    known: dict[int, str] = field(default_factory=dict)
    flagged: set[int] = field(default_factory=set)
    at: datetime = NOW

    def is_of_kind(self, kind: str) -> None:
        with self.play.store.work() as work:
            work.session.get_one(Panel, self.play.county.west_id).definition = kind

    def does(self, step: tuple[str, int, Any]) -> None:
        kind, one, other = step
        with suppress(PanelbotError):  # refused with a sentence: nothing may have changed
            getattr(self, f"_{kind}")(one, other)
        self.check()

    def _coming(self, state: MeetingState = MeetingState.SCHEDULED) -> list[Meeting]:
        with self.play.store.reading() as work:
            found = work.session.exec(
                select(Meeting)
                .where(
                    Meeting.panel_id == self.play.county.west_id,
                    Meeting.state == state,
                    col(Meeting.starts_at) > work.now,
                )
                .order_by(col(Meeting.starts_at), col(Meeting.id))
            ).all()
            work.session.expunge_all()
        return list(found)

    def _pick(self, number: int, state: MeetingState = MeetingState.SCHEDULED) -> Meeting:
        coming = self._coming(state)
        if not coming:
            raise PanelbotError("nothing to choose")
        return coming[number % len(coming)]

    def _series(self, number: int) -> tuple[int, list[Meeting]]:
        choices = self.play.does("coordinator", rescheduling_series.series_to_change, WEST)
        chosen = choices[number % len(choices)].id
        return chosen, [meeting for meeting in self._coming() if meeting.series_id == chosen]

    def _create(self, number: int, count: int | None) -> None:
        self.play.does("coordinator", series.create_series, WEST, rule=RULES[number % len(RULES)], count=count)

    def _move(self, number: int, days: int) -> None:
        meeting = self._pick(number)
        local = meeting.starts_at.astimezone(LONDON).replace(tzinfo=None) + timedelta(days=days)
        self._reschedule(meeting, local)

    def _shift_hours(self, number: int, hours: int) -> None:
        meeting = self._pick(number)
        local = meeting.starts_at.astimezone(LONDON).replace(tzinfo=None) + timedelta(hours=hours)
        self._reschedule(meeting, local)

    def _reschedule(self, meeting: Meeting, local: datetime) -> None:
        self.play.does(
            "chair",
            rescheduling_meetings.reschedule_meeting,
            WEST,
            starts_at=local,
            reason="The room is taken.",
            meeting_id=meeting.id,
        )

    def _cancel(self, number: int, _: Any) -> None:
        self.play.does(
            "chair", rescheduling_meetings.cancel_meeting, WEST, reason="Snow.", meeting_id=self._pick(number).id
        )

    def _reinstate(self, number: int, _: Any) -> None:
        meeting = self._pick(number, MeetingState.CANCELLED)
        assert meeting.id is not None
        self.play.does(
            "chair", rescheduling_meetings.reinstate_meetings, WEST, meeting_ids=(meeting.id,), reason="It thawed."
        )

    def _add(self, days: int, hour: int) -> None:
        local = (self.at.astimezone(LONDON) + timedelta(days=days)).replace(tzinfo=None, hour=hour, minute=0)
        self.play.does(
            "coordinator",
            rescheduling_meetings.add_meeting,
            WEST,
            starts_at=local,
            venue="Online",
            reason="Too many cases.",
        )

    def _change(self, number: int, since: int | None) -> None:
        chosen, meetings = self._series(number)
        first = meetings[since % len(meetings)].id if since is not None else None
        self.play.does(
            "chair",
            rescheduling_series.change_series,
            chosen,
            rule=RULES[number % len(RULES)],
            reason="Another weekday.",
            since=first,
        )

    def _end(self, number: int, since: int | None) -> None:
        chosen, meetings = self._series(number)
        first = meetings[since % len(meetings)].id if since is not None else None
        self.play.does("chair", rescheduling_series.end_series, chosen, reason="The panel rests.", since=first)

    def _flag(self, number: int, _: Any) -> None:
        self.flagged.add(self.play.flags(f"WEST-{number:04}"))

    def _accept(self, number: int, _: Any) -> None:
        waiting = [flag for flag in self._flags() if flag.state is FlagState.OPEN]
        if waiting:
            self.play.does("chair", triage.triage_flag, waiting[number % len(waiting)].id, triage.Verdict.ACCEPT)

    def _publish(self, *_: Any) -> None:
        self.play.does("coordinator", triage.publish_agenda, WEST)

    def _days_pass(self, days: int, _: Any) -> None:
        self.at = (self.at.astimezone(LONDON) + timedelta(days=days)).replace(hour=10, minute=0)
        self.play.clock.move_to(self.at.astimezone(NOW.tzinfo))
        self.play.ticks(DIARIES)
        self.play.ticks(prompts.PROMPTS)
        self.play.ticks(prompts.PROMPTS)
        with self.play.store.reading() as work:
            self._is_filled(work)

    def _is_filled(self, work: Work) -> None:
        for one in work.session.exec(select(Series).where(col(Series.ended_at).is_(None))):
            if is_open_ended(parse_rule(one.rule), one.count):
                assert len(self._coming()) >= AHEAD

    def _flags(self) -> list[Flag]:
        with self.play.store.reading() as work:
            found = work.session.exec(select(Flag).order_by(col(Flag.id))).all()
            work.session.expunge_all()
        return list(found)

    def check(self) -> None:
        with self.play.store.reading() as work:
            meetings = {meeting.id: meeting for meeting in work.session.exec(select(Meeting)).all()}
            self._flags_have_their_meeting(work, meetings)
            self._no_meeting_is_there_twice(meetings)
            self._deadlines_are_in_order(work, meetings)
            self._nobody_is_told_twice(work)
            self._the_past_stays(work, meetings)

    def _flags_have_their_meeting(self, work: Work, meetings: dict[Any, Meeting]) -> None:
        flags = work.session.exec(select(Flag)).all()
        live = [flag for flag in flags if flag.state in LIVE_STATES]
        assert [flag.id for flag in live if meetings[flag.meeting_id].state is MeetingState.CANCELLED] == []
        # Nobody triaged anything away: every case that was ever flagged still waits for its hearing.
        assert {flag.case_id for flag in flags} == {flag.case_id for flag in live}

    def _no_meeting_is_there_twice(self, meetings: dict[Any, Meeting]) -> None:
        standing = [meeting for meeting in meetings.values() if meeting.state is not MeetingState.CANCELLED]
        times = [(meeting.panel_id, meeting.starts_at) for meeting in standing]
        assert len(times) == len(set(times))
        rule_days = [(meeting.series_id, meeting.rule_on) for meeting in meetings.values() if meeting.series_id]
        assert len(rule_days) == len(set(rule_days))

    def _deadlines_are_in_order(self, work: Work, meetings: dict[Any, Meeting]) -> None:
        kinds = {panel.id: work.definition(panel.definition) for panel in work.session.exec(select(Panel))}
        for meeting in meetings.values():
            day = meeting.starts_at.astimezone(LONDON).date()
            due = meeting_deadlines(kinds[meeting.panel_id], day)
            before = [due.flags_open, due.flags_close, due.triage, due.agenda, due.returns, day]
            assert before == sorted(before)

    def _nobody_is_told_twice(self, work: Work) -> None:
        told: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        rows = work.session.exec(select(OutboxRow).where(OutboxRow.kind == "prompt").order_by(col(OutboxRow.id)))
        for row in rows:
            facts = row.payload
            told[facts["meeting_id"], facts["prompt"], facts["person_id"]].append(facts["deadline_on"])
        for deadlines in told.values():
            assert all(one != following for one, following in pairwise(deadlines))

    def _the_past_stays(self, work: Work, meetings: dict[Any, Meeting]) -> None:
        for number, facts in self.past.items():
            assert _facts(meetings[number]) == facts
        for number, uid in self.known.items():
            assert meetings[number].uid == uid
        self.known = {number: meeting.uid for number, meeting in meetings.items()}
        over = {number: meeting for number, meeting in meetings.items() if meeting.ends_at <= work.now}
        self.past = {number: _facts(meeting) for number, meeting in over.items()}


def _facts(meeting: Meeting) -> tuple[Any, ...]:
    return (meeting.starts_at, meeting.ends_at, meeting.state, meeting.series_id, meeting.rule_on, meeting.sequence)


_SETTINGS: dict[str, Any] = {
    "deadline": None,
    # Making a failure smaller takes minutes on a real database.
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
}


@settings(max_examples=12, **_SETTINGS)
@given(kind=st.sampled_from(KINDS), steps=STEPS)
@example(kind="high-risk-strategy", steps=[("create", RULES.index("every Saturday at 10:00"), None)])
def test_a_diary_keeps_its_promises_whatever_is_done_to_it(
    stage: Stage, kind: str, steps: list[tuple[str, int, Any]]
) -> None:
    keeps_its_promises(stage, kind, steps)


@pytest.mark.proof
@settings(max_examples=200, **_SETTINGS)
@given(kind=st.sampled_from(KINDS), steps=STEPS)
def test_the_same_at_length(stage: Stage, kind: str, steps: list[tuple[str, int, Any]]) -> None:
    keeps_its_promises(stage, kind, steps)


def keeps_its_promises(stage: Stage, kind: str, steps: list[tuple[str, int, Any]]) -> None:
    """Do these steps to a diary, and compare what it promises after each."""
    with stage() as play:
        told = Diary(play)
        told.is_of_kind(kind)
        told.check()
        for step in steps:
            told.does(step)
