"""Triage, the list of cases and the agenda have one order, though one half is sorted by the database."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from bot.domain.agenda_order import MOST_PRESSING
from bot.domain.case_facts import fresh_from
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import FlagState, ItemState, Urgency
from bot.records.access.queries import local_time
from bot.records.agenda.changes import for_agenda
from bot.records.cases.order import most_pressing
from bot.records.cases.queries import days_heard
from bot.records.cases.served import merged_into
from bot.store.rows import id_of
from bot.store.unit_of_work import Work
from tests.risks import SHIPPED
from tests.services.conftest import Play

REFERENCES = [f"WEST-{number:04}" for number in range(1, 7)]
STALE_FROM = date(2025, 12, 24)  # West meets on 24 March 2026, and an assessment is fresh for three months

FACTS = st.lists(
    st.tuples(
        st.sampled_from(Urgency),
        st.none()
        | st.tuples(
            st.sampled_from(sorted(SHIPPED)), st.integers(-2, 2).map(lambda days: STALE_FROM + timedelta(days=days))
        ),
        st.sets(st.sampled_from([0, 1, 2])),  # at which earlier meetings the case was heard
        st.none() | st.tuples(st.sampled_from(Urgency), st.none() | st.sampled_from(sorted(SHIPPED))),  # of health
    ),
    min_size=len(REFERENCES),
    max_size=len(REFERENCES),
)


@pytest.fixture
def flagged(play: Play) -> Play:
    """Six cases are flagged to West's next meeting, each by two agencies."""
    for reference in REFERENCES:
        play.flags(reference)
        play.flags(reference, "nurse")
    return play


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=FACTS)
def test_the_database_and_the_agenda_have_one_order(flagged: Play, facts: list[Any]) -> None:
    with flagged.store.work() as work:
        panel = work.session.get_one(Panel, flagged.county.west_id)
        meeting = work.session.get_one(Meeting, flagged.county.west_meetings[0])
        earlier = _earlier_meetings(work, meeting)
        flags = work.session.exec(select(Flag).where(col(Flag.meeting_id) == id_of(meeting)).order_by(col(Flag.id)))
        every = flags.all()
        for flag, beside, (urgency, assessed, heard, of_health) in zip(every[::2], every[1::2], facts, strict=True):
            if of_health is None:
                beside.state = FlagState.WITHDRAWN
            else:
                beside.state = FlagState.DEFERRED
                beside.urgency, (beside.risk_tool, beside.risk_level) = of_health[0], of_health[1] or (None, None)
                beside.assessed_on = STALE_FROM if of_health[1] else None
                beside.assessment_due_on = None if of_health[1] else date(2026, 3, 20)
            flag.urgency = urgency
            (flag.risk_tool, flag.risk_level), flag.assessed_on = assessed or ((None, None), None)
            flag.assessment_due_on = None if assessed else date(2026, 3, 20)
            for number in heard:
                _heard_at(work, flag, earlier[number])
        work.session.flush()
        rows = work.session.execute(
            select(Flag, Case)
            .join(Case, col(Case.id) == col(Flag.case_id))
            .where(col(Flag.meeting_id) == id_of(meeting), col(Flag.state) == FlagState.OPEN)
            .order_by(*most_pressing(work, panel, meeting))
        ).all()
        days = days_heard(work, [id_of(case) for _, case in rows])
        merged = merged_into(work, [flag for flag, _ in rows])
        cases = [
            replace(
                for_agenda(work, flag, case, days.get(id_of(case), ()), meeting, merged.get(id_of(flag), ())),
                presenter_id=None,
            )
            for flag, case in rows
        ]
        day = local_time(work, panel, meeting.starts_at).date()
        fresh = fresh_from(day, work.definition(panel.definition).stale_after_months)
        assert cases == sorted(cases, key=lambda case: [key.place(case, fresh) for key in MOST_PRESSING])
        work.abandon()


def _earlier_meetings(work: Work, meeting: Meeting) -> list[Meeting]:
    """Put in two meetings on one day and one on a later day."""
    found = []
    for number, begins in enumerate((timedelta(days=60), timedelta(days=60, hours=2), timedelta(days=30))):
        facts = meeting.model_dump(exclude={"id", "uid", "series_id", "rule_on", "starts_at", "ends_at"})
        starts_at = meeting.starts_at - begins
        found.append(
            Meeting(**facts, uid=f"earlier-{number}", starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
        )
    work.session.add_all(found)
    work.session.flush()
    return found


def _heard_at(work: Work, flag: Flag, meeting: Meeting) -> None:
    facts = flag.model_dump(exclude={"id", "meeting_id", "flagged_at"})
    before = Flag(**facts, meeting_id=id_of(meeting), flagged_at=meeting.starts_at)
    work.session.add(before)
    work.session.flush()
    work.session.add(
        AgendaItem(
            meeting_id=id_of(meeting),
            position=id_of(before),
            number=id_of(before),
            section="new",
            title="",
            minutes=5,
            flag_id=id_of(before),
            state=ItemState.DISCUSSED,
        )
    )
