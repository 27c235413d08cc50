"""Whatever is flagged, ruled on, decided, sent on, moved or left unheld: what is owed stands at one coming meeting.

What is owed is worked out a second time here, from what was done, and compared with the rows.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from bot.domain.flag_state import LIVE_STATES
from bot.errors import PanelbotError
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.outbox import OutboxRow
from bot.models.panels import Panel
from bot.models.vocabulary import CloseReason, DecisionKind, FlagState, PromptKind
from bot.records.access.queries import Where
from bot.records.cases.served import is_folded
from bot.records.diary.queries import next_meeting
from bot.records.invitations.changes import deadlines_of
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import triage
from bot.services.agenda.owed import GATHERINGS
from bot.services.agenda.triage import Verdict
from bot.services.cases import lists
from bot.services.diary import prompts
from bot.services.home import overview
from bot.services.meeting import discussion, opening
from bot.services.rescheduling import meetings
from tests.county import SHIRE, WEST
from tests.services.conftest import Play, Stage

pytestmark = pytest.mark.slow

LONDON = ZoneInfo("Europe/London")
CLOSED = "WEST-0666"  #: a closed item, whose readers both chairs are
REFERENCES = ("WEST-0001", "WEST-0002", "WEST-0003", CLOSED)
CHAIRS = {"west-met": "chair", "shire-met": "countychair"}
KINDS = (DecisionKind.RETAIN, DecisionKind.ESCALATE, DecisionKind.CLOSE, None)  # none: nobody decides
COUNTY_KINDS = (DecisionKind.RETAIN, DecisionKind.RETURN, DecisionKind.CLOSE, None)
small = st.integers(0, 11)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("flag"), small, small),
        st.tuples(st.just("rule"), small, small),
        st.tuples(st.just("rule_at_county"), small, small),
        st.tuples(st.just("think_again"), small, small),
        st.tuples(st.just("send_on"), small, small),
        st.tuples(st.just("hold"), small, st.integers(1, 40)),
        st.tuples(st.just("hold_at_county"), small, st.integers(1, 40)),
        st.tuples(st.just("leave_unheld"), small, small),
        st.tuples(st.just("move"), st.integers(-5, 9), small),
        st.tuples(st.just("cancel"), small, small),
    ),
    min_size=4,
    max_size=14,
)


@dataclass
class Casework:
    """What is done, and from which day each panel owes each case a hearing for it."""

    play: Play
    owed: dict[tuple[str, str], date] = field(default_factory=dict)
    deferred: dict[tuple[str, str], int] = field(default_factory=dict)  #: from this meeting, on whatever day it is held
    reviews: dict[tuple[str, str], date] = field(default_factory=dict)  #: due on a day, though heard before it

    def does(self, step: tuple[str, int, int]) -> None:
        kind, one, other = step
        with suppress(PanelbotError):  # refused with a sentence: nothing may have changed
            getattr(self, f"_{kind}")(one, other)
        self.play.ticks(GATHERINGS)
        self.check()

    @property
    def today(self) -> date:
        return self.play.clock.now().astimezone(LONDON).date()

    def coming(self, where: Where) -> Meeting | None:
        with self.play.store.reading() as work:
            panel = work.find(Panel, col(Panel.key) == where.panel_key)
            found = None if panel is None or panel.id is None else next_meeting(work, panel.id)
            work.session.expunge_all()
        return found

    def _flag(self, one: int, other: int) -> None:
        reference = REFERENCES[one % len(REFERENCES)]
        self.play.flags(reference, ("socialworker", "nurse")[other % 2], closed=reference == CLOSED)
        key = ("west-met", reference)
        self.owed[key] = min(self.today, self.owed.get(key, self.today))
        self.deferred.pop(key, None)

    def _rule(self, one: int, other: int, where: Where = WEST) -> None:
        chair, panel = CHAIRS[str(where.panel_key)], str(where.panel_key)
        waiting = self.play.does(chair, triage.flags_to_triage, where).waiting
        if not waiting:
            return
        flag = waiting[one % len(waiting)]
        verdict = (Verdict.ACCEPT, Verdict.ACCEPT, Verdict.DEFER, Verdict.SIGNPOST)[other % 4]
        self.play.does(chair, triage.triage_flag, flag.id, verdict, "" if verdict is Verdict.ACCEPT else "Not now.")
        if verdict is Verdict.DEFER:
            self._defers((panel, flag.reference), flag.meeting_id)
        elif verdict is Verdict.SIGNPOST:
            self._owes_no_more((panel, flag.reference))
        if verdict is not Verdict.ACCEPT:
            self._came((panel, flag.reference), flag.meeting_at.date())

    def _rule_at_county(self, one: int, other: int) -> None:
        self._rule(one, other, SHIRE)

    def _think_again(self, one: int, _other: int) -> None:
        """Let the chair defer a case that was accepted."""
        accepted = self.play.does("chair", triage.accepted_flags, WEST).flags
        if accepted:
            flag = accepted[one % len(accepted)]
            self.play.does("chair", triage.defer_case, WEST, flag.reference, "Not now.")
            self._defers(("west-met", flag.reference), flag.meeting_id)
            self._came(("west-met", flag.reference), flag.meeting_at.date())

    def _send_on(self, one: int, _other: int) -> None:
        """Let the chair send an open case to the county's panel."""
        waiting = self.play.does("chair", triage.flags_to_triage, WEST).waiting
        if waiting:
            flag = waiting[one % len(waiting)]
            self.play.does("chair", triage.change_panel, flag.id, "shire-met", "It is the county's.")
            self._owes_no_more(("west-met", flag.reference))
            self._came(("west-met", flag.reference), flag.meeting_at.date())
            self.owed.setdefault(("shire-met", flag.reference), self.today)

    def _hold(self, one: int, other: int, where: Where = WEST) -> None:
        chair, panel = CHAIRS[str(where.panel_key)], str(where.panel_key)
        meeting = self.coming(where)
        if meeting is None:
            return
        self.play.clock.move_to(max(meeting.starts_at, self.play.clock.now()))
        self.play.ticks(GATHERINGS)
        self.play.opens(chair, where)
        been: set[int] = set()
        while (item := self.play.does(chair, discussion.next_item, where).item) is not None and item.id not in been:
            been.add(item.id)
            kinds = KINDS if where is WEST else COUNTY_KINDS
            kind = kinds[(one + item.id) % len(kinds)]
            if item.flag is None or kind is None:
                continue
            self._decide(panel, chair, where, item.title, kind, self.today + timedelta(days=other))
        self.play.does(chair, opening.close_meeting, where)

    def _hold_at_county(self, one: int, other: int) -> None:
        self._hold(one, other, SHIRE)

    def _decide(self, panel: str, chair: str, where: Where, reference: str, kind: DecisionKind, review: date) -> None:
        form = DecisionForm(
            kind,
            "Agreed by all.",
            review=review if kind is DecisionKind.RETAIN else None,
            close_reason=CloseReason.RISK_REDUCED if kind is DecisionKind.CLOSE else None,
        )
        self.play.does(chair, discussion.decide, where, form)
        self._owes_no_more((panel, reference))
        self._came((panel, reference), self.today)
        if kind in (DecisionKind.RETAIN, DecisionKind.CLOSE, DecisionKind.RETURN):
            self.reviews.pop((panel, reference), None)
        if kind is DecisionKind.RETAIN:
            self.reviews[panel, reference] = review
        elif kind in (DecisionKind.ESCALATE, DecisionKind.RETURN):
            self.owed["shire-met" if kind is DecisionKind.ESCALATE else "west-met", reference] = self.today

    def _defers(self, case: tuple[str, str], meeting_id: int) -> None:
        self._owes_no_more(case)
        self.deferred[case] = meeting_id

    def _owes_no_more(self, case: tuple[str, str]) -> None:
        self.owed.pop(case, None)
        self.deferred.pop(case, None)

    def _day_after(self, meeting_id: int) -> date:
        with self.play.store.reading() as work:
            starts_at = work.session.get_one(Meeting, meeting_id).starts_at
        return starts_at.astimezone(LONDON).date() + timedelta(days=1)

    def _came(self, case: tuple[str, str], on: date) -> None:
        """Check that a meeting on the day of a review, or later, had the case before it."""
        if case in self.reviews and self.reviews[case] <= on:
            del self.reviews[case]

    def _leave_unheld(self, _one: int, _other: int) -> None:
        meeting = self.coming(WEST)
        if meeting is not None:
            self.play.clock.move_to(meeting.ends_at + timedelta(hours=1))

    def _move(self, days: int, _other: int) -> None:
        meeting = self.coming(WEST)
        if meeting is None:
            return
        day = meeting.starts_at.astimezone(LONDON).date() + timedelta(days=days)
        at = datetime.combine(day, time(14))
        self.play.does("coordinator", meetings.reschedule_meeting, WEST, starts_at=at, reason="No room.")

    def _cancel(self, _one: int, _other: int) -> None:
        self.play.does("coordinator", meetings.cancel_meeting, WEST, reason="No room.")

    def check(self) -> None:
        for where in (WEST, SHIRE):
            meeting = self.coming(where)
            if meeting is None:
                continue
            day = meeting.starts_at.astimezone(LONDON).date()
            panel = str(where.panel_key)
            put_off = [(case, self._day_after(meeting_id)) for case, meeting_id in self.deferred.items()]
            due = [*self.owed.items(), *self.reviews.items(), *put_off]
            owed = {reference for (of, reference), since in due if of == panel and since <= day}
            assert self._live_at(meeting) == Counter(owed)
            self._says_the_same_everywhere(where, meeting)
        self._each_is_told_once_of_what_was_sent()
        self._each_is_told_once_of_an_outcome()

    def _live_at(self, meeting: Meeting) -> Counter[str]:
        with self.play.store.reading() as work:
            query = select(Case.reference).join(Flag, col(Flag.case_id) == col(Case.id))
            return Counter(
                work.session.exec(query.where(Flag.meeting_id == meeting.id, col(Flag.state).in_(LIVE_STATES)))
            )

    def _says_the_same_everywhere(self, where: Where, meeting: Meeting) -> None:
        chair = CHAIRS[str(where.panel_key)]
        cards = {one.panel.key: one.waiting for one in self.play.does(chair, overview.home_of).chairing}
        listed = self.play.does(chair, lists.list_flags, where).flags
        with self.play.store.reading() as work:
            deadline = deadlines_of(work, work.session.get_one(Panel, meeting.panel_id), meeting).triage
        prompt = self.play.does(chair, prompts.compose_prompt, meeting.id, PromptKind.TRIAGE, deadline)
        counts = {
            "home": cards[str(where.panel_key)],
            "list": sum(flag.state is FlagState.OPEN for flag in listed),
            "prompt": 0 if prompt is None else prompt.waiting,
            "triage": self.play.does(chair, triage.flags_to_triage, where).count,
        }
        assert len(set(counts.values())) == 1, counts
        accepted = sorted(flag.reference for flag in listed if flag.state is FlagState.ACCEPTED)
        if where is WEST:
            # The co-ordinator who compiles is no reader of the closed item.
            assert sorted(self.play.compiles()) == [one for one in accepted if one != CLOSED]

    def _told(self, kind: str) -> Counter[tuple[int, int]]:
        """Return how often each person was told of a kind of notice, by person and meeting."""
        with self.play.store.reading() as work:
            rows = work.find_all(OutboxRow, col(OutboxRow.kind) == kind)
            return Counter((row.payload["person_id"], row.payload["meeting_id"]) for row in rows)

    def _each_is_told_once_of_what_was_sent(self) -> None:
        """Check that chair and co-ordinator of a panel heard once of each case that another panel sent to it."""
        with self.play.store.reading() as work:
            rows = work.find_all(OutboxRow, col(OutboxRow.kind) == "cases_sent")
            told = Counter((row.payload["person_id"], tuple(row.payload["flags"])) for row in rows)
            sent = {
                flag.id: (flag.case_id, flag.meeting_id)
                # A flag that is merged into another goes along with it, and is told as the other.
                for flag in work.find_all(
                    Flag, col(Flag.origin_id).is_not(None), col(Flag.carried_from_id).is_(None), ~is_folded()
                )
                if work.session.get_one(Flag, flag.origin_id).panel_id != flag.panel_id
            }
            named = {number: work.session.get_one(Flag, number) for _, flags in told for number in flags}
            heard = {
                person_id: {
                    (named[number].case_id, named[number].meeting_id)
                    for who, flags in told
                    for number in flags
                    if who == person_id
                }
                for person_id in {person_id for person_id, _ in told}
            }
            panels = {meeting_id: work.session.get_one(Meeting, meeting_id).panel_id for _, meeting_id in sent.values()}
        assert not [one for one, times in told.items() if times > 1]
        for key in sent.values():
            chair = "chair" if panels[key[1]] == self.play.county.west_id else "countychair"
            for who in (chair, "coordinator"):
                assert key in heard.get(self.play.county.person[who], set()), (who, key)

    def _each_is_told_once_of_an_outcome(self) -> None:
        """Check that each flagger of a case heard once what a closed meeting made of it, except who closed it."""
        told = self._told("case_outcomes")
        assert not [one for one, times in told.items() if times > 1]
        with self.play.store.reading() as work:
            closed = work.find_all(Meeting, col(Meeting.closed_at).is_not(None))
            at_it = (col(Flag.meeting_id).in_([one.id for one in closed]), col(Flag.state).in_(LIVE_STATES))
            owed = {(flag.person_id, flag.meeting_id) for flag in work.find_all(Flag, *at_it)}
        chairs = {self.play.county.person[who] for who in CHAIRS.values()}
        assert {one for one in owed if one[0] not in chairs} <= set(told)


@pytest.mark.databases("sqlite")
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(steps=STEPS)
@example(steps=[("flag", 0, 0), ("rule", 0, 0), ("hold", 1, 7), ("leave_unheld", 0, 0), ("hold_at_county", 0, 9)])
@example(steps=[("flag", 3, 0), ("rule", 0, 2), ("move", 4, 0)])
@example(  # a case that is sent with two flags, one of them merged into the other, and then carried over
    steps=[
        *(("flag", 7, 0), ("rule", 8, 8), ("rule", 7, 2), ("think_again", 3, 2), ("rule_at_county", 2, 5)),
        *(("move", -4, 7), ("flag", 11, 7), ("rule_at_county", 0, 4), ("cancel", 1, 0), ("send_on", 8, 3)),
        *(("send_on", 10, 7), ("hold", 2, 17), ("send_on", 2, 6), ("hold_at_county", 7, 30)),
    ]
)
def test_what_is_owed_a_hearing_stands_at_one_coming_meeting(stage: Stage, steps: list[tuple[str, int, int]]) -> None:
    with stage() as play:
        casework = Casework(play)
        for step in steps:
            casework.does(step)


@pytest.mark.proof
@settings(
    max_examples=300,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_the_same_at_length(stage: Stage, steps: list[tuple[str, int, int]]) -> None:
    with stage() as play:
        casework = Casework(play)
        for step in steps:
            casework.does(step)
