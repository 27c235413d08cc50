"""The order in which children are heard."""

from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.agenda_order import CaseForAgenda, PlannedItem, order_cases, plan_agenda, timetable
from bot.domain.risk import HIGHEST
from bot.models.vocabulary import Urgency
from tests.domain.definitions import DISTRICT_AGENDA, a_definition
from tests.risks import level

MEETING = date(2026, 11, 24)
STANDARD, MEDIUM = (level("ceraf", key).below_highest for key in ("standard", "medium"))


def a_case(flag_id: int, **differences: Any) -> CaseForAgenda:
    usual: dict[str, Any] = {
        "reference": f"SAMPLE-{flag_id:04}",
        "urgency": Urgency.ROUTINE,
        "below_highest": MEDIUM,
        "assessed_on": date(2026, 11, 2),
        "last_heard_on": None,
        "escalated": False,
        "presenter_id": None,
    }
    return CaseForAgenda(flag_id=flag_id, **(usual | differences))


def ordered(*cases: CaseForAgenda) -> list[int]:
    return [case.flag_id for case in order_cases(cases, meeting_on=MEETING, stale_after_months=3)]


def test_the_whole_agenda_follows_the_definition() -> None:
    new, seen = a_case(1), a_case(2, last_heard_on=date(2026, 9, 22))
    assert plan_agenda(a_definition(), [seen, new], meeting_on=MEETING) == (
        PlannedItem("welcome", "Welcome and quorum", 5, None),
        PlannedItem("actions", "Outstanding actions", 15, None),
        PlannedItem("new", "SAMPLE-0001", 10, 1),
        PlannedItem("reviews", "SAMPLE-0002", 5, 2),
        PlannedItem("close", "Any other business", 5, None),
    )


def test_a_child_heard_more_than_a_year_ago_counts_as_new() -> None:
    heard = a_case(1, last_heard_on=date(2025, 11, 24)), a_case(2, last_heard_on=date(2025, 11, 23))
    items = plan_agenda(a_definition(), heard, meeting_on=MEETING)
    assert {item.flag_id: item.section_key for item in items if item.flag_id} == {1: "reviews", 2: "new"}


def test_an_escalated_child_sits_under_the_escalated_heading_where_there_is_one() -> None:
    escalated = a_case(1, escalated=True, last_heard_on=date(2026, 9, 22))
    county = ({"key": "escalated", "title": "Escalated", "minutes": 15, "holds": "escalated_cases"}, *DISTRICT_AGENDA)
    assert [
        [item.section_key for item in plan_agenda(definition, [escalated], meeting_on=MEETING) if item.flag_id]
        for definition in (a_definition(agenda=county), a_definition())
    ] == [["escalated"], ["reviews"]]


def test_a_panel_with_one_heading_for_children_hears_new_and_repeat_together() -> None:
    one_heading = a_definition(agenda=({"key": "victims", "title": "Victims", "minutes": 8, "holds": "cases"},))
    cases = a_case(2, last_heard_on=date(2026, 9, 22)), a_case(1)
    assert plan_agenda(one_heading, cases, meeting_on=MEETING) == (
        PlannedItem("victims", "SAMPLE-0001", 8, 1),
        PlannedItem("victims", "SAMPLE-0002", 8, 2),
    )


def test_need_decides_urgency_risk_staleness_then_how_long_ago() -> None:
    assert ordered(
        a_case(9, reference="SAMPLE-0900"),
        a_case(8, reference="SAMPLE-0800"),
        a_case(7, last_heard_on=date(2026, 10, 1)),
        a_case(6, last_heard_on=date(2026, 2, 1)),
        a_case(5, assessed_on=date(2026, 8, 23), last_heard_on=date(2026, 10, 1)),  # stale by a day
        a_case(4, below_highest=HIGHEST),
        a_case(3, urgency=Urgency.URGENT, below_highest=STANDARD),
        a_case(2, urgency=Urgency.STATUTORY, below_highest=STANDARD),
        a_case(1, urgency=Urgency.STATUTORY, below_highest=HIGHEST),
    ) == [1, 2, 3, 4, 5, 8, 9, 6, 7]


def test_a_presenters_children_of_equal_need_sit_together() -> None:
    assert ordered(a_case(1, presenter_id=7), a_case(2, presenter_id=8), a_case(3, presenter_id=7), a_case(4)) == [
        1, 3, 2, 4,
    ]  # fmt: skip


def test_a_presenter_never_takes_a_child_ahead_of_one_at_higher_risk() -> None:
    assert ordered(
        a_case(1, below_highest=HIGHEST, presenter_id=7),
        a_case(2, below_highest=HIGHEST, presenter_id=8),
        a_case(3, below_highest=MEDIUM, presenter_id=7),
        a_case(4, below_highest=MEDIUM, presenter_id=9),
    ) == [2, 1, 3, 4]  # 7 closes the high band and opens the next, and may then leave


def test_a_presenter_who_opens_a_band_is_not_kept_to_its_end_for_the_next() -> None:
    assert ordered(
        a_case(1, below_highest=HIGHEST, presenter_id=7),
        a_case(2, presenter_id=7),
        a_case(3, presenter_id=8),
        a_case(4, below_highest=STANDARD, presenter_id=7),
    ) == [1, 2, 3, 4]


def test_cases_without_a_presenter_are_not_taken_for_one_persons() -> None:
    assert ordered(a_case(1), a_case(2, presenter_id=7), a_case(3)) == [1, 2, 3]


CASES = st.lists(
    st.builds(
        lambda n, urgency, risk, presenter, heard: (n, urgency, risk, presenter, heard),
        st.integers(1, 99),
        st.sampled_from(Urgency),
        st.sampled_from([MEDIUM, HIGHEST]),
        st.sampled_from([None, 7, 8, 9]),
        st.sampled_from([None, date(2026, 9, 22), date(2026, 6, 2)]),
    ),
    max_size=12,
    unique_by=lambda row: row[0],
).map(
    lambda rows: [
        a_case(n, urgency=urgency, below_highest=risk, presenter_id=presenter, last_heard_on=heard)
        for n, urgency, risk, presenter, heard in rows
    ]
)


@settings(max_examples=150, deadline=None)
@given(cases=CASES, seed=st.randoms(use_true_random=False))
def test_everyone_is_heard_once_by_need_with_presenters_together_whatever_the_input_order(
    cases: list[CaseForAgenda], seed: Any
) -> None:
    heard = order_cases(cases, meeting_on=MEETING, stale_after_months=3)
    assert sorted(case.flag_id for case in heard) == sorted(case.flag_id for case in cases)

    def need(case: CaseForAgenda) -> tuple[int, int]:
        return list(Urgency).index(case.urgency), case.below_highest

    assert [need(case) for case in heard] == sorted(map(need, cases))
    for _, band in groupby(heard, key=need):
        stretches = [presenter for presenter, _ in groupby(case.presenter_id for case in band)]
        named = [presenter for presenter in stretches if presenter is not None]
        assert len(named) == len(set(named))  # each presenter in one stretch

    shuffled = list(cases)
    seed.shuffle(shuffled)
    assert order_cases(shuffled, meeting_on=MEETING, stale_after_months=3) == heard


def test_the_timetable_runs_on_from_item_to_item() -> None:
    items = [PlannedItem("a", "A", 5, None), PlannedItem("b", "B", 15, None), PlannedItem("c", "C", 10, None)]
    start = datetime(2026, 11, 24, 14, 0, tzinfo=ZoneInfo("Europe/London"))
    assert [f"{at:%H:%M}" for at in timetable(items, start)] == ["14:00", "14:05", "14:20"]


def test_the_timetable_is_right_through_a_clock_change() -> None:
    items = [PlannedItem("a", "A", 60, None), PlannedItem("b", "B", 60, None), PlannedItem("c", "C", 60, None)]
    start = datetime(2026, 3, 29, 0, 0, tzinfo=ZoneInfo("Europe/London"))  # 01:00 does not exist that night
    starts = timetable(items, start)
    assert [f"{at:%H:%M}" for at in starts] == ["00:00", "02:00", "03:00"]
    assert [at.astimezone(UTC).hour for at in starts] == [0, 1, 2]
