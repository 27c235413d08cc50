"""The action log: whose actions it holds for which reader, and what became of each."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.documents.action_tracker import COLUMNS
from bot.services.actions import accepting, action_log, changes
from bot.services.actions.chasing import DIGESTS
from bot.services.cases import interests
from tests.county import SHIRE, WEST, actor, user_id
from tests.services.actions.test_changes import give
from tests.services.conftest import NO_PANEL, Play

HEADINGS = [heading for heading, _ in COLUMNS]


def logged(play: Play, who: str, *asked: Any) -> list[dict[str, Any]]:
    """Return the rows of a log as this person gets it, by heading."""
    with play.store.work() as work:
        file = action_log.log_document(work, actor(work, who), *asked)
    sheet = load_workbook(io.BytesIO(file.write())).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    return [dict(zip(HEADINGS, row, strict=True)) for row in rows if row[1] is not None]


def day(value: Any) -> str | None:
    return None if value is None else f"{value:%-d %b}"


def test_it_says_when_each_was_given_reported_and_accepted_and_by_which_people(play: Play) -> None:
    accepted, reported, sent_back, untouched = (give(play, due=f"2026-03-{on:02}") for on in (9, 10, 11, 12))
    play.at(3, 4)
    for number in (accepted, reported, sent_back):
        play.does("nurse", changes.complete_action, number, "Rang on Monday.")
    play.at(3, 5)
    play.does("chair", accepting.accept_action, accepted)
    play.does("chair", accepting.reopen_action, sent_back)
    rows = {row["No."]: row for row in logged(play, "coordinator", play.county.west_id)}

    def became(number: int) -> tuple[str | None, Any, str | None, Any]:
        row = rows[number]
        return day(row["Reported"]), row["Reported by"] or None, day(row["Accepted"]), row["Accepted by"] or None

    assert {number: became(number) for number in rows} == {
        accepted: ("4 Mar", "Nurse", "5 Mar", "Chair"),
        reported: ("4 Mar", "Nurse", None, None),
        sent_back: (None, None, None, None),
        untouched: (None, None, None, None),
    }
    assert {day(row["Given"]) for row in rows.values()} == {"2 Mar"}


def test_it_counts_the_days_on_which_a_person_was_reminded(play: Play) -> None:
    number = give(play, due="2026-03-09")
    for on in (4, 9, 10):
        play.at(3, on)
        play.ticks(DIGESTS)
        play.ticks(DIGESTS)
    (row,) = logged(play, "coordinator", play.county.west_id)
    assert (row["No."], row["Chased"]) == (number, 3)


def test_an_agencys_and_a_persons_are_parts_of_the_panels(play: Play) -> None:
    nurses, chairs = give(play), give(play, holder="constable")
    health, police = play.county.agency["health"], play.county.agency["police"]
    west, nurse = play.county.west_id, play.county.person["nurse"]
    assert [row["No."] for row in logged(play, "chair", west, health)] == [nurses]
    assert [row["No."] for row in logged(play, "chair", west, police)] == [chairs]
    assert [row["No."] for row in logged(play, "chair", west, None, nurse)] == [nurses]
    assert [row["No."] for row in logged(play, "nurse", None, None, nurse)] == [nurses]
    assert sorted(row["No."] for row in logged(play, "chair", west)) == sorted([nurses, chairs])


def test_what_is_kept_from_a_reader_is_on_none_of_theirs(play: Play) -> None:
    play.accepted("WEST-0001")
    give(play, case_reference="WEST-0001")
    play.does("matron", interests.declare_interest, WEST, "WEST-0001")
    west, health, nurse = play.county.west_id, play.county.agency["health"], play.county.person["nurse"]
    for asked in ((west,), (west, health), (west, None, nurse)):
        assert len(logged(play, "nurse", *asked)) == 1
        assert logged(play, "matron", *asked) == []


def test_ones_own_are_for_oneself(play: Play) -> None:
    give(play)
    nurse = play.county.person["nurse"]
    assert play.refused("chair", action_log.log_document, None, None, nurse).startswith("I can't find those actions")
    assert "isn't for you" in play.refused("observer", action_log.log_document, play.county.west_id)


def test_what_is_asked_for_is_sent(play: Play) -> None:
    sent = [
        play.does("nurse", action_log.export_log, WEST, request_key="a"),
        play.does("nurse", action_log.export_log, WEST, "police", request_key="b"),
        play.does("nurse", action_log.export_log, WEST, request_key="c", user_id=user_id("constable")),
        play.does("nurse", action_log.export_log, SHIRE, action_log.MINE, request_key="d"),
    ]
    assert [(one.whose, one.panel_title) for one in sent] == [
        ("West Operational MET", "West Operational MET"),
        ("Police", "West Operational MET"),
        ("Constable", "West Operational MET"),
        ("", ""),
    ]
    assert play.sent("tracker_file") == [("tracker_file", "nurse")] * 4


@pytest.mark.parametrize(
    ("whose", "said"),
    [
        ("nowhere", "I don't know which agency “nowhere” is. Type its name or its short name."),
        ("Wonderland Police", "I don't know which agency “Wonderland Police” is. Type its name or its short name."),
    ],
)
def test_an_agency_that_nobody_knows_is_told(play: Play, whose: str, said: str) -> None:
    assert play.refused("nurse", action_log.export_log, WEST, whose, request_key="a") == said


def test_a_person_without_a_place_holds_none(play: Play) -> None:
    said = play.refused("nurse", action_log.export_log, WEST, request_key="a", user_id=user_id("outsider"))
    assert said == "<@UOUTSIDER> holds no actions of West Operational MET."


def test_only_who_sees_a_panels_actions_may_ask_for_its_log(play: Play) -> None:
    give(play)
    assert play.refused("outsider", action_log.export_log, WEST, request_key="a") == NO_PANEL
    assert play.refused("observer", action_log.export_log, WEST, request_key="b") == (
        "On West Operational MET, observers can't see actions."
    )
    assert play.sent("tracker_file") == []
