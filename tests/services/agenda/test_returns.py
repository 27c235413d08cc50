"""Returns: asked for with the agenda, answered by agencies, prompted once, and the gaps for the chair."""

from dataclasses import replace
from datetime import date, datetime
from io import BytesIO

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlmodel import col, select

from bot.models.cases import AgencyReference, Flag
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership
from bot.models.people import Agency
from bot.models.vocabulary import ReturnKnowledge
from bot.records.access.queries import actor_of
from bot.services.agenda import papers, return_prompts, returns, triage
from bot.services.agenda.returns import AgencyMissing, CaseReturn, GridCell, ReturnLine
from bot.services.cases import flags, interests, withdrawing
from bot.services.meeting import discussion, opening
from bot.services.minutes import papers as minutes_papers
from bot.services.rescheduling import meetings as rescheduling_meetings
from bot.slack.agenda import returns_views
from tests.county import WEST, actor, flag_form
from tests.services.conftest import NO_PANEL, Play, unseen
from tests.services.meeting.test_opening import STEP_DOWN

pytestmark = pytest.mark.databases("sqlite")

KNOWN, NOT_KNOWN, NOTHING = ReturnKnowledge.KNOWN, ReturnKnowledge.NOT_KNOWN, ReturnKnowledge.NOTHING_TO_ADD


@pytest.fixture
def published(play: Play) -> Play:
    """Return two cases on West's agenda, published on its day: WEST-0001 of social care, WEST-0002 of health."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0002", "nurse")
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    return play


def lines(play: Play, who: str) -> list[tuple[str, ReturnKnowledge | None]]:
    return [(line.reference, line.knowledge) for line in play.does(who, returns.returns_asked, WEST).lines]


def flag_of(play: Play, reference: str, who: str = "constable") -> int:
    found = play.does(who, returns.returns_asked, WEST).lines
    return next(line.flag_id for line in found if line.reference == reference)


def gaps(play: Play, who: str = "chair") -> dict[str, tuple[int, tuple[str, ...]]]:
    found = play.does(who, returns.missing_returns, WEST)
    return {agency.agency_name: (agency.asked, agency.missing) for agency in found.agencies}


@pytest.mark.databases("sqlite", "postgresql")
def test_returns_are_asked_once_the_agenda_is_out_and_not_of_who_presents(published: Play) -> None:
    assert lines(published, "constable") == [("WEST-0001", None), ("WEST-0002", None)]
    assert lines(published, "nurse") == lines(published, "midwife") == [("WEST-0001", None)]
    assert lines(published, "socialworker") == [("WEST-0002", None)]
    assert gaps(published) == {
        "Health": (1, ("WEST-0001",)),
        "Police": (2, ("WEST-0001", "WEST-0002")),
        "Social Care": (1, ("WEST-0002",)),
    }


def test_a_second_agency_is_not_asked_about_a_case_that_it_flags_and_keeps_the_return_that_it_made(
    published: Play,
) -> None:
    published.does("socialworker", returns.make_return, flag_of(published, "WEST-0002"), NOT_KNOWN)
    published.flags("WEST-0001", "constable")
    published.flags("WEST-0002", "socialworker")
    assert lines(published, "constable") == [("WEST-0002", None)]
    assert lines(published, "socialworker") == [("WEST-0002", NOT_KNOWN)]
    assert gaps(published) == {
        "Health": (1, ("WEST-0001",)),
        "Police": (1, ("WEST-0002",)),
        "Social Care": (1, ()),
    }
    published.does("constable", withdrawing.withdraw_flag, WEST, "WEST-0001", "It was another child.")
    assert lines(published, "constable") == [("WEST-0001", None), ("WEST-0002", None)]


def test_before_the_agenda_is_out_nothing_is_asked(play: Play) -> None:
    play.accepted("WEST-0001")
    assert play.refused("constable", returns.returns_asked, WEST) == (
        "You can answer returns once the agenda is published. I'll send you a message then."
    )
    found = play.does("chair", returns.missing_returns, WEST)
    assert (found.is_published, found.agencies) == (False, ())


@pytest.mark.databases("sqlite", "postgresql")
def test_an_agency_answers_and_its_answer_can_change_until_the_meeting_opens(published: Play) -> None:
    flag_id = flag_of(published, "WEST-0001")
    assert published.refused("constable", returns.make_return, flag_id, KNOWN, "  ") == (
        "What will your agency bring? Write a sentence or two."
    )
    assert "postcode" in published.refused("constable", returns.make_return, flag_id, KNOWN, "Lives at SO14 3AB.")
    published.does("constable", returns.make_return, flag_id, KNOWN, "Two reports from the station.")
    found = published.does("constable", returns.return_form, flag_id)
    assert (found.reference, found.knowledge, found.text) == ("WEST-0001", KNOWN, "Two reports from the station.")
    listed = published.does("constable", returns.make_return, flag_id, NOT_KNOWN)
    assert listed.lines[0] == ReturnLine(flag_id, "WEST-0001", "Social Care", found.facts, NOT_KNOWN, "Constable", "")
    assert found.facts.asked_of_panel == "A shared plan."
    assert published.does("constable", returns.return_form, flag_id).text == ""
    published.at(3, 24, 14)
    published.opens()
    assert published.refused("constable", returns.make_return, flag_id, NOTHING) == (
        "Returns are closed, because the meeting has begun or its agenda was taken back."
    )


def test_an_agency_is_asked_once_what_it_calls_the_child_and_nobody_else_reads_it(published: Play) -> None:
    flag_id = flag_of(published, "WEST-0001")
    with published.store.work() as work:
        work.session.get_one(Agency, published.county.agency["police"]).reference_pattern = "NICHE-####"
    assert published.refused("constable", returns.make_return, flag_id, NOTHING, "", "west-12") == (
        "References of Police look like NICHE-0012, and WEST-12 doesn't. Check it in your agency's case system."
    )
    listed = published.does("constable", returns.make_return, flag_id, NOTHING, "", "niche-0041")
    assert [line.own_reference for line in listed.lines if line.flag_id == flag_id] == ["NICHE-0041"]
    asked = published.does("constable", returns.return_form, flag_id)
    assert (asked.own_reference, asked.example) == ("NICHE-0041", "NICHE-0012")
    assert published.does("nurse", returns.return_form, flag_id).own_reference == ""
    assert "NICHE" not in repr(published.does("chair", returns.case_returns, flag_id))
    with published.store.reading() as work:
        case = work.session.get_one(Flag, flag_id).case_id
        assert (
            b"NICHE" not in work.session.get_one(AgencyReference, (case, published.county.agency["police"])).reference
        )


def test_the_reference_that_everyone_uses_is_no_reference_of_ones_own(published: Play) -> None:
    flag_id = flag_of(published, "WEST-0001")
    published.does("constable", returns.make_return, flag_id, NOTHING, "", "MET-0041")
    listed = published.does("constable", returns.make_return, flag_id, NOTHING, "", "west-0001")
    assert [line.own_reference for line in listed.lines if line.flag_id == flag_id] == [""]


@pytest.mark.parametrize("answer", [NOTHING, NOT_KNOWN])
def test_one_answer_to_all_the_rest_leaves_what_was_answered(published: Play, answer: ReturnKnowledge) -> None:
    flag_id = flag_of(published, "WEST-0001")
    listed = published.does("constable", returns.make_return, flag_id, KNOWN, "Two reports.")
    left, count = published.does("constable", returns.answer_rest, listed.meeting_id, answer)
    assert ([line.knowledge for line in left.lines], count) == ([KNOWN, answer], 1)
    assert gaps(published)["Police"] == (2, ())
    assert [who for _, _, who in published.audited("return")] == ["constable", "constable"]


def test_the_chair_reads_a_cases_returns_and_the_office_counts_them(published: Play) -> None:
    flag_id = flag_of(published, "WEST-0001")
    published.does("constable", returns.make_return, flag_id, KNOWN, "Two reports from the station.")
    found = published.does("chair", returns.case_returns, flag_id)
    assert found.returns == (
        CaseReturn("Health", None, "", ""),
        CaseReturn("Police", KNOWN, "Two reports from the station.", "Constable"),
    )
    assert ("return", flag_id, "chair") in published.audited("read")
    assert published.does("chair", returns.missing_returns, WEST).cases != ()
    office = published.does("coordinator", returns.missing_returns, WEST)
    assert office.cases == ()
    assert office.agencies[1] == AgencyMissing("Police", ((KNOWN, 1), (NOT_KNOWN, 0), (NOTHING, 0)), ("WEST-0002",))
    for who in ("coordinator", "constable", "minutetaker", "outsider", "administrator"):
        assert published.refused(who, returns.case_returns, flag_id) == (
            "I can't find that case, or it isn't for you. If you expected to see it, ask your panel's co-ordinator."
        )
    only = "On West Operational MET, only the chair, vice-chair and co-ordinator can see which returns are missing."
    for who in ("constable", "minutetaker", "observer"):
        assert published.refused(who, returns.missing_returns, WEST) == only
    for who in ("outsider", "administrator"):
        assert published.refused(who, returns.missing_returns, WEST).startswith("I can't find that panel")


def test_the_grid_has_cases_down_and_agencies_across(published: Play) -> None:
    flag_id = flag_of(published, "WEST-0001")
    published.does("constable", returns.make_return, flag_id, KNOWN, "Two reports from the station.")
    published.does("nurse", returns.make_return, flag_id, NOTHING)
    meeting_id = published.county.west_meetings[0]
    for who in ("chair", "coordinator"):
        found = published.does(who, returns.grid_of_meeting, meeting_id)
        assert (found.agencies, found.awaited) == (("Health", "Police", "Social Care"), 2)
        assert found.rows == (
            ("WEST-0001", (GridCell.NOTHING_TO_ADD, GridCell.KNOWN, GridCell.NOT_ASKED)),
            ("WEST-0002", (GridCell.NOT_ASKED, GridCell.AWAITED, GridCell.AWAITED)),
        )
    assert "Two reports" not in str(returns_views.grid(found))
    assert "WEST-0001 N A  " in str(returns_views.grid(found))
    assert "WEST-0002   ? ?" in str(returns_views.grid(found))
    for who in ("constable", "minutetaker", "observer", "outsider", "administrator"):
        assert published.refused(who, returns.grid_of_meeting, meeting_id).startswith("I can't find")
        assert published.refused(who, papers.export_grid, meeting_id, request_key="1").startswith("I can't find")
    published.does("vicechair", interests.declare_interest, WEST, "WEST-0001")
    kept = published.does("vicechair", returns.grid_of_meeting, meeting_id)
    assert [reference for reference, _ in kept.rows] == ["WEST-0002"]


def test_the_grid_is_sent_as_a_spreadsheet_to_who_asks(published: Play) -> None:
    meeting_id = published.county.west_meetings[0]
    published.does("coordinator", papers.export_grid, meeting_id, request_key="1")
    assert published.sent("grid_file") == [("grid_file", "coordinator")]
    file = published.does("coordinator", papers.grid_document, meeting_id)
    assert (file.name, file.meeting_id, len(file.case_ids)) == ("west-met-2026-03-24-returns.xlsx", meeting_id, 2)
    rows = [[cell.value for cell in row] for row in load_workbook(BytesIO(file.write())).active.iter_rows(min_row=3)]
    assert rows == [
        ["Case", "Health", "Police", "Social Care"],
        ["WEST-0001", "Still to come", "Still to come", None],
        ["WEST-0002", None, "Still to come", "Still to come"],
    ]


def test_a_wide_grid_comes_in_parts_and_each_names_its_agencies(published: Play) -> None:
    found = published.does("chair", returns.grid_of_meeting, published.county.west_meetings[0])
    agencies = tuple(f"Agency {number}" for number in range(1, 13))
    rows = tuple((f"WEST-{number:04}", (GridCell.AWAITED,) * 12) for number in range(1, 61))
    view = returns_views.grid(replace(found, agencies=agencies, rows=rows))
    parts = [block["text"]["text"] for block in view["blocks"] if "```" in str(block)]
    assert [part.partition("\n")[0] for part in parts] == [
        " · ".join(f"{number} Agency {number}" for number in range(1, 10)),
        " · ".join(f"{number} Agency {number}" for number in range(1, 10)),
        "1 Agency 10 · 2 Agency 11 · 3 Agency 12",
        "1 Agency 10 · 2 Agency 11 · 3 Agency 12",
    ]
    assert max(len(line) for part in parts for line in part.split("\n")[1:]) <= 40


def test_a_closed_item_is_asked_of_nobody_who_may_not_read_it_and_never_hinted_at(play: Play) -> None:
    flag_id = play.does("socialworker", flags.flag_case, WEST, flag_form("WEST-0009", closed=True)).id
    play.does("chair", triage.triage_flag, flag_id, triage.Verdict.ACCEPT)
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    for who in ("constable", "nurse", "midwife"):
        assert lines(play, who) == []
        assert play.refused(who, returns.return_form, flag_id) == play.refused(who, returns.return_form, 999)
        with play.store.reading() as work:
            assert return_prompts.asked_with_agenda(work, actor(work, who), play.county.west_meetings[0]) is None
    assert gaps(play, "chair") == gaps(play, "coordinator") == {}
    play.at(3, 20)
    assert play.ticks(return_prompts.RETURN_PROMPTS) == 0


def test_a_declared_interest_takes_a_case_from_that_person_and_not_from_the_agency(published: Play) -> None:
    flag_id = flag_of(published, "WEST-0001", "nurse")
    published.does("nurse", interests.declare_interest, WEST, "WEST-0001")
    assert lines(published, "nurse") == []
    assert published.refused("nurse", returns.make_return, flag_id, NOTHING).startswith("I can't find")
    assert lines(published, "matron") == [("WEST-0001", None)]
    assert gaps(published)["Health"] == (1, ("WEST-0001",))


@pytest.mark.databases("sqlite", "postgresql")
def test_who_still_owes_is_prompted_once_at_the_deadline_in_working_hours(published: Play) -> None:
    published.does("constable", returns.answer_rest, published.county.west_meetings[0])
    published.at(3, 19)
    assert published.ticks(return_prompts.RETURN_PROMPTS) == 0
    published.at(3, 20, 6)
    assert published.ticks(return_prompts.RETURN_PROMPTS) == 0
    published.at(3, 20, 10)
    assert published.ticks(return_prompts.RETURN_PROMPTS) == 3
    assert published.ticks(return_prompts.RETURN_PROMPTS) == 0
    # Representatives, not the deputy beside them; police have answered.
    assert published.sent("returns_prompt") == [
        ("returns_prompt", "socialworker"),
        ("returns_prompt", "nurse"),
        ("returns_prompt", "matron"),
    ]
    with published.store.reading() as work:
        meeting_id = published.county.west_meetings[0]
        prompt = return_prompts.compose_prompt(work, actor(work, "nurse"), meeting_id, date(2026, 3, 20))
        assert prompt is not None
        assert (prompt.asked, prompt.owed, prompt.due_on) == (1, 1, date(2026, 3, 20))
    published.does("matron", returns.answer_rest, meeting_id)
    with published.store.reading() as work:
        assert return_prompts.compose_prompt(work, actor(work, "nurse"), meeting_id, date(2026, 3, 20)) is None


def test_an_agenda_published_on_the_eve_asks_by_the_meetings_own_day_and_prompts_on_it(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 23)
    play.does("coordinator", triage.publish_agenda, WEST)
    meeting_id = play.county.west_meetings[0]
    with play.store.reading() as work:
        asked = return_prompts.asked_with_agenda(work, actor(work, "nurse"), meeting_id)
        assert asked is not None
        assert (asked.asked, asked.due_on) == (1, date(2026, 3, 24))
    assert play.does("nurse", returns.returns_asked, WEST).due_on == date(2026, 3, 24)
    assert play.does("chair", returns.missing_returns, WEST).due_on == date(2026, 3, 24)
    assert play.does("coordinator", returns.grid_of_meeting, meeting_id).due_on == date(2026, 3, 24)
    play.at(3, 23, 15)
    assert play.ticks(return_prompts.RETURN_PROMPTS) == 0
    play.at(3, 24, 9)
    assert play.ticks(return_prompts.RETURN_PROMPTS) > 0


@pytest.mark.databases("sqlite", "postgresql")
def test_a_deadline_that_comes_back_with_the_meeting_is_told_again(published: Play) -> None:
    meeting_id = published.county.west_meetings[0]

    def moves_to(day: int) -> None:
        to = datetime(2026, 3, day, 14)  # noqa: DTZ001 - the panel's wall clock
        published.does(
            "chair",
            rescheduling_meetings.reschedule_meeting,
            WEST,
            starts_at=to,
            reason="The room is flooded.",
            meeting_id=meeting_id,
        )

    def told() -> list[str]:
        with published.store.reading() as work:
            rows = work.session.exec(select(OutboxRow).order_by(col(OutboxRow.id)))
            nurse = published.county.person["nurse"]
            return [
                str(row.payload["due_on"])
                for row in rows
                if row.kind == "returns_prompt" and row.payload["person_id"] == nurse
            ]

    published.at(3, 20)
    published.ticks(return_prompts.RETURN_PROMPTS)
    moves_to(25)
    moves_to(24)
    published.ticks(return_prompts.RETURN_PROMPTS)
    assert told() == ["2026-03-20"]  # there and back before anybody was told is no news
    moves_to(25)
    published.at(3, 23)
    published.ticks(return_prompts.RETURN_PROMPTS)
    moves_to(24)
    published.ticks(return_prompts.RETURN_PROMPTS)
    published.ticks(return_prompts.RETURN_PROMPTS)
    assert told() == ["2026-03-20", "2026-03-23", "2026-03-20"]


@pytest.mark.databases("sqlite", "postgresql")
def test_after_an_outage_over_the_meeting_nobody_is_asked(published: Play) -> None:
    published.at(3, 25)
    assert published.ticks(return_prompts.RETURN_PROMPTS) == 0


@pytest.mark.databases("sqlite", "postgresql")
def test_an_agency_whose_people_left_still_owes_and_its_lead_hears_of_it(published: Play) -> None:
    with published.store.work() as work:
        health = {published.county.person[who] for who in ("nurse", "midwife", "matron")}
        for place in work.session.exec(select(Membership).where(col(Membership.person_id).in_(health))):
            place.ended_at = work.now
            work.session.add(place)
    assert gaps(published)["Health"] == (1, ("WEST-0001",))
    published.at(3, 20)
    published.ticks(return_prompts.RETURN_PROMPTS)
    assert ("returns_prompt", "matron") in published.sent("returns_prompt")
    with published.store.reading() as work:
        matron = actor_of(work, published.county.person["matron"])
        assert matron is not None
        meeting_id = published.county.west_meetings[0]
        prompt = return_prompts.compose_prompt(work, matron, meeting_id, date(2026, 3, 20))
        assert prompt is not None
        assert (prompt.is_orphaned, prompt.asked, prompt.owed) == (True, 0, 0)


def test_returns_stand_in_the_meeting_and_start_what_agencies_shared(published: Play) -> None:
    flag_id = flag_of(published, "WEST-0001")
    published.does("constable", returns.make_return, flag_id, KNOWN, "Two reports from the station.")
    published.at(3, 24, 14)
    published.opens()
    current = published.goes_to("WEST-0001")
    assert [(one.agency_name, one.knowledge, one.text) for one in current.returns] == [
        ("Health", None, ""),
        ("Police", KNOWN, "Two reports from the station."),
    ]
    seen = published.does("nurse", discussion.current_item, WEST)
    assert [one.text for one in seen.returns] == ["", ""]
    published.does("chair", discussion.decide, WEST, STEP_DOWN)
    published.does("chair", opening.close_meeting, WEST)
    made = published.does("coordinator", minutes_papers.draft_minutes, WEST)
    with published.store.work() as work:
        file = minutes_papers.minutes_document(work, actor(work, "chair"), made.id)
    words = _words(file.write())
    assert "In its return before the meeting: Two reports from the station." in words


def test_the_agenda_paper_says_who_has_returned(published: Play) -> None:
    meeting_id = published.county.west_meetings[0]
    published.does("constable", returns.answer_rest, meeting_id)
    with published.store.work() as work:
        file = papers.agenda_document(work, actor(work, "chair"), meeting_id)
    assert "Returned: Police. Not yet complete: Health (1 to come), Social Care (1 to come)." in _words(file.write())


def _words(content: bytes) -> str:
    document = Document(BytesIO(content))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_only_an_agencys_people_answer_returns(published: Play) -> None:
    flag_id, meeting_id = flag_of(published, "WEST-0001"), published.county.west_meetings[0]
    assert published.refused("outsider", returns.returns_asked, WEST) == NO_PANEL
    assert published.refused("chair", returns.returns_asked, WEST) == (
        "On West Operational MET, only an agency's representative or deputy can answer returns."
    )
    for who in ("chair", "coordinator", "observer", "outsider"):
        assert published.refused(who, returns.answer_rest, meeting_id) == unseen("that meeting")
    assert gaps(published)["Police"] == (2, ("WEST-0001", "WEST-0002"))
    published.at(3, 24, 14)
    published.opens()  # from now on, answers are refused to everyone, and a stranger isn't told why
    assert published.refused("outsider", returns.make_return, flag_id, NOTHING) == unseen("that case")


def test_only_the_office_is_offered_the_gaps_and_only_an_agency_to_answer(published: Play) -> None:
    asked = {who: published.does(who, returns.returns_asked, WEST).may_see_gaps for who in ("nurse", "midwife")}
    offices = ("chair", "vicechair", "coordinator")
    offered = {who: published.does(who, returns.missing_returns, WEST).answers_too for who in offices}
    assert (asked, offered) == (dict.fromkeys(("nurse", "midwife"), False), dict.fromkeys(offices, False))


def test_the_words_of_returns_are_shown_in_the_meeting_only_to_who_records_it(published: Play) -> None:
    published.does("constable", returns.make_return, flag_of(published, "WEST-0001"), KNOWN, "Two reports.")
    published.at(3, 24, 14)
    published.opens()
    published.goes_to("WEST-0001")
    shown = {
        who: [one.text for one in published.does(who, discussion.current_item, WEST).returns if one.knowledge]
        for who in ("chair", "minutetaker", "nurse")
    }
    assert shown == {"chair": ["Two reports."], "minutetaker": ["Two reports."], "nurse": [""]}


def test_returns_to_a_meeting_are_only_for_who_answers_and_gaps_only_for_the_office(published: Play) -> None:
    meeting_id = published.county.west_meetings[0]
    for who in ("chair", "coordinator", "observer", "outsider"):
        assert published.refused(who, returns.returns_of_meeting, meeting_id) == unseen("that meeting")
    for who in ("nurse", "minutetaker", "observer", "outsider"):
        assert published.refused(who, returns.missing_at_meeting, meeting_id) == unseen("that meeting")
