"""Which files are in Slack, chosen by case, panel and person, and their removal on an administrator's word."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from bot.errors import Mistake
from bot.models.bookkeeping import AuditEntry
from bot.models.cases import Case
from bot.models.outbox import OutboxRow, SlackFile
from bot.models.people import Person
from bot.services.county.slack_files import (
    FILE_REMOVALS,
    SlackFileView,
    file_rows,
    list_slack_files,
    remove_slack_files,
)
from bot.store.slack_files import FileRecord, forget_file, mark_arrived, mark_removed, note_file
from bot.store.sweeps import run_sweep
from bot.store.unit_of_work import Store
from tests.county import County
from tests.statements import counting
from tests.store.full_county import fill

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def filled(store: Store) -> County:
    """Give the nurse an agenda of West with WEST-0001.

    The chair a tracker of Shire, and a calendar that was removed.
    """
    county = fill(store)
    with store.work() as work:
        remove_after = work.now + timedelta(days=3)
        for slack_id, kind, panel in (("F2", "tracker_file", county.shire_id), ("F3", "calendar_file", None)):
            about = FileRecord(kind, county.person["chair"], panel, None, frozenset(), remove_after)
            note_file(work.session, about, slack_id, "D2", work.now)
            mark_arrived(work.session, slack_id, work.now)
        mark_removed(work.session, "F3", work.now)
    return county


def listed(store: Store, **chosen: str) -> list[SlackFileView]:
    with store.work() as work:
        return list_slack_files(work, **chosen)


def test_a_list_in_words_has_what_is_in_slack_and_nothing_that_was_removed(store: Store, filled: County) -> None:
    assert file_rows(listed(store)) == [
        ["sent", "to", "paper", "panel", "cases", "leaves Slack"],
        [
            "Mon 2 Mar 2026",
            "Nurse",
            "an agenda (may not have arrived)",
            "West Operational MET",
            "WEST-0001",
            "Mon 16 Mar 2026",
        ],
        ["Mon 2 Mar 2026", "Chair", "an action tracker", "Shire Operational MET", "", "Thu 5 Mar 2026"],
    ]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"case": "west-0001"}, [1]),
        ({"panel": "west-met"}, [1]),
        ({"panel": "shire-met"}, [2]),
        ({"person": "chair"}, [2]),
        ({"person": "nurse", "case": "WEST-0001"}, [1]),
        ({"person": "chair", "case": "WEST-0001"}, []),
    ],
)
def test_a_case_a_panel_and_a_person_choose(
    store: Store, filled: County, chosen: dict[str, str], found: list[int]
) -> None:
    assert [one.id for one in listed(store, **chosen)] == found


@pytest.mark.parametrize(
    ("chosen", "why"),
    [
        ({"case": "WEST-0099"}, "There is no case WEST-0099."),
        ({"case": "x"}, "A case reference has 3 to 20 letters, digits, hyphens or slashes, such as SAMPLE-0012."),
        ({"panel": "north"}, "There is no panel with the key north."),
        ({"person": "nobody"}, "There is no person with the key nobody."),
    ],
)
def test_what_nobody_has_is_refused(store: Store, filled: County, chosen: dict[str, str], why: str) -> None:
    with store.work() as work, pytest.raises(Mistake) as refused:
        remove_slack_files(work, **chosen)
    assert str(refused.value) == why


def test_a_removal_is_asked_for_once_and_is_audited(store: Store, filled: County) -> None:
    for expected in ((1, 0), (0, 1)):
        with store.work() as work:
            assert remove_slack_files(work, case="WEST-0001") == expected
    assert [(one.id, one.is_leaving) for one in listed(store)] == [(1, True), (2, False)]
    assert file_rows(listed(store))[1][-1] == "removal asked for"
    with store.reading() as work:
        (row,) = [row for row in work.find_all(OutboxRow) if row.kind == "file_removed"]
        nurse = filled.person["nurse"]
        case_id = work.session.exec(select(Case.id).where(Case.reference == "WEST-0001")).one()
        assert (row.way, row.lane, row.payload) == ("removal", f"person:{nurse}", {"file_id": 1, "person_id": nurse})
        noted = [(one.verb, one.noun, one.noun_id, one.case_id) for one in work.session.exec(select(AuditEntry))]
        assert [one for one in noted if one[0] == "remove"] == [("remove", "slack_file", 1, case_id)]
        assert ("list", "slack_file", None, None) in noted
    assert run_sweep(store, FILE_REMOVALS) == 0


def test_a_list_asks_as_much_for_three_hundred_files_as_for_two(store: Store, filled: County) -> None:
    with counting(store.engine) as few:
        listed(store)
    with store.work() as work:
        case_id, now = work.session.exec(select(Case.id)).one(), work.now
        assert case_id is not None
        for number in range(300):
            about = FileRecord("agenda_file", 1, filled.west_id, None, frozenset([case_id]), now)
            note_file(work.session, about, f"G{number}", "D1", now)
    with counting(store.engine) as many:
        assert len(listed(store)) == 302
    assert len(many) == len(few)


def test_a_file_that_slack_did_not_take_is_forgotten_with_its_cases(store: Store, filled: County) -> None:
    with store.work() as work:
        forget_file(work.session, "F1")
    assert [one.id for one in listed(store)] == [2]
    assert listed(store, case="WEST-0001") == []


def test_days_are_those_of_the_persons_own_clock(store: Store, filled: County) -> None:
    with store.work() as work:
        chair = work.session.get_one(Person, filled.person["chair"])
        chair.timezone = "Pacific/Auckland"
        (file,) = work.find_all(SlackFile, SlackFile.slack_id == "F2")  # type: ignore[arg-type]
        file.remove_after = file.remove_after.replace(hour=20)
    assert listed(store, person="chair")[0].remove_on == date(2026, 3, 6)
