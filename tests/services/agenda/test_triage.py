"""From a flag to the agenda: the chair decides what is heard, and nothing that is owed a hearing is forgotten."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from sqlmodel import col, select

from bot.models.meetings import AgendaItem, Meeting
from bot.models.panels import Panel
from bot.models.vocabulary import DecisionKind, FlagState, ReturnKnowledge, Urgency
from bot.records.agenda.gathering import gather_due
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import papers, returns, triage
from bot.services.agenda.owed import GATHERINGS
from bot.services.agenda.triage import Verdict
from bot.services.cases import closed_items, flags, interests, lists, withdrawing
from bot.services.meeting import discussion, opening, undoing
from bot.slack.agenda import views as agenda_views
from bot.slack.cases import views
from bot.store.rows import Page, id_of
from tests.county import SHIRE, WEST, flag_form
from tests.documents.word_files import texts
from tests.services.conftest import LONDON, NO_PANEL, Play, unseen

RETAIN = DecisionForm(DecisionKind.RETAIN, "Risk is not falling.", review=date(2026, 5, 15))
STEP_DOWN = DecisionForm(DecisionKind.STEP_DOWN, "Contact is rebuilding.")
ESCALATE = DecisionForm(DecisionKind.ESCALATE, "Three districts are touched.", risk_after=("ceraf", "high"))


def test_a_flag_in_time_waits_for_the_chair_and_a_late_one_says_so(play: Play) -> None:
    play.at(3, 10, 16, 59)
    in_time = play.does("socialworker", flags.flag_case, WEST, flag_form("WEST-0001"))
    play.at(3, 11, 9, 0)
    late = play.does("nurse", flags.flag_case, WEST, flag_form("WEST-0002"))
    assert (in_time.state, in_time.is_late) == (FlagState.OPEN, False)
    assert (late.state, late.is_late) == (FlagState.OPEN, True)
    view = play.does("chair", triage.flags_to_triage, WEST)
    assert [(flag.reference, flag.is_late) for flag in view.waiting] == [("WEST-0001", False), ("WEST-0002", True)]
    assert play.compiles() == []


def test_a_case_has_its_place_in_triage_until_it_is_triaged(play: Play) -> None:
    play.at(3, 9)
    numbers = [play.flags(reference) for reference in ("WEST-0001", "WEST-0002", "WEST-0003")]
    order = [flag.reference for flag in play.does("chair", triage.flags_to_triage, WEST).waiting]
    places = [play.does("chair", triage.place_in_triage, WEST, reference) for reference in order]
    assert (sorted(order), places) == (["WEST-0001", "WEST-0002", "WEST-0003"], [0, 1, 2])
    play.does("chair", triage.triage_flag, numbers[0], Verdict.ACCEPT)
    for reference in ("WEST-0001", "WEST-0777"):
        refusal = play.refused("chair", triage.place_in_triage, WEST, reference)
        assert refusal.startswith(f"I can't find a flag for {reference} that needs triage, or it isn't for you.")


def test_a_deferred_flag_waits_for_the_chair_at_the_next_meeting(play: Play) -> None:
    play.at(3, 11)
    flag_id = play.flags("WEST-0001")
    deferred = play.does("chair", triage.triage_flag, flag_id, Verdict.DEFER, "It came in too late.")
    assert deferred.state is FlagState.DEFERRED
    assert play.sent() == [("late_flag", "chair"), ("flag_triaged", "socialworker")]
    view, reason = play.does("socialworker", triage.triaged_flag_for_notice, flag_id)
    assert (view.state, reason) == (FlagState.DEFERRED, "It came in too late.")
    assert play.does("chair", triage.flags_to_triage, WEST).waiting == ()
    play.at(3, 24, 14)
    assert play.holds({}).next_meeting_at == datetime(2026, 4, 21, 14, 0, tzinfo=LONDON)
    (waiting,) = play.does("chair", triage.flags_to_triage, WEST).waiting
    assert (waiting.reference, waiting.state, waiting.is_late) == ("WEST-0001", FlagState.OPEN, False)
    assert waiting.meeting_at == datetime(2026, 4, 21, 14, 0, tzinfo=LONDON)
    play.does("chair", triage.triage_flag, waiting.id, Verdict.ACCEPT)
    assert play.compiles() == ["WEST-0001"]


@pytest.mark.databases("sqlite")
def test_a_signposted_flag_is_not_heard_and_a_person_who_flagged_is_told_why(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    play.does("vicechair", triage.triage_flag, flag_id, Verdict.SIGNPOST, "Early help holds this already.")
    assert play.sent() == [("flag_triaged", "socialworker")]
    assert play.compiles() == []
    again = play.refused("chair", triage.triage_flag, flag_id, Verdict.ACCEPT)
    assert again == "WEST-0001 is signposted already, or its meeting has begun."


@pytest.mark.databases("sqlite")
def test_a_case_signposted_after_the_agenda_is_out_is_off_it_and_nobody_is_asked_for_it(play: Play) -> None:
    flag_id = play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.does("coordinator", triage.publish_agenda, WEST)
    play.does("vicechair", triage.triage_flag, flag_id, Verdict.SIGNPOST, "Early help holds this already.")
    assert play.agenda() == ["WEST-0002"]
    assert [line.reference for line in play.does("nurse", returns.returns_asked, WEST).lines] == ["WEST-0002"]


@pytest.mark.parametrize("verdict", [Verdict.DEFER, Verdict.SIGNPOST])
def test_each_agency_whose_flag_a_hearing_serves_is_told_what_becomes_of_it(play: Play, verdict: Verdict) -> None:
    first = play.flags("WEST-0666", closed=True)
    play.flags("WEST-0666", "nurse")
    new = play.flags("WEST-0777", "nurse")
    for flag_id in (first, new):
        play.does("chair", triage.triage_flag, flag_id, verdict, "Early help holds this already.")
    assert play.sent("flag_triaged") == [("flag_triaged", who) for who in ("socialworker", "nurse", "nurse")]
    # To the nurse, who is no reader of the closed item, it is as if nobody else had flagged it.
    told = [
        (views.triaged_notice(*found), views.triage_reason(found))
        for found in (play.does("nurse", triage.open_triaged_flag, flag) for flag in (2, new))
    ]
    assert str(told[0]).replace("0666", "0777").replace("'2'", f"'{new}'").replace(":2'", f":{new}'") == str(told[1])
    assert "Early help holds this already." not in str(told[1][0])
    assert "The chair: Early help holds this already." in str(told[1][1])
    seen = [views.history(play.does("nurse", lists.case_history, ref)) for ref in ("WEST-0666", "WEST-0777")]
    assert str(seen[0]).replace("0666", "0777") == str(seen[1])
    assert play.does("nurse", lists.list_flags, WEST).flags == ()
    assert play.does("chair", triage.flags_to_triage, WEST).count == 0
    play.does("nurse", interests.declare_interest, WEST, "WEST-0777")
    assert play.refused("nurse", triage.triaged_flag_for_notice, new).startswith("I can't find that flag")


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("verdict", [Verdict.DEFER, Verdict.SIGNPOST])
def test_a_flag_is_not_turned_away_without_a_reason(play: Play, verdict: Verdict) -> None:
    flag_id = play.flags("WEST-0001")
    assert play.refused("chair", triage.triage_flag, flag_id, verdict, "  ") == (
        "Please give the reason. I'll tell the agency that flagged the case."
    )
    assert [flag.state for flag in play.does("chair", lists.list_flags, WEST).flags] == [FlagState.OPEN]


def test_a_retained_case_comes_back_at_its_review_date_and_not_before(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": RETAIN})
    play.at(3, 30)
    assert play.compiles() == []
    play.at(4, 21, 14)
    play.holds({})
    assert play.compiles() == ["WEST-0001"]
    (item,) = [item for item in play.does("chair", triage.show_agenda, WEST).items if item.flag is not None]
    assert item.section == "reviews"
    assert item.flag is not None
    assert (item.flag.is_repeat, item.flag.last_heard_on, item.flag.state) == (
        True,
        date(2026, 3, 24),
        FlagState.ACCEPTED,
    )


def test_compiling_again_changes_nothing(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002", urgency=Urgency.STATUTORY)
    first = play.compiles()
    assert first == ["WEST-0002", "WEST-0001"]
    assert play.compiles() == first
    assert play.does("chair", triage.show_agenda, WEST).items == play.does("chair", triage.show_agenda, WEST).items


def test_a_retained_case_flagged_again_meanwhile_is_on_the_agenda_once(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 4, 21))})
    play.at(3, 30)
    play.accepted("WEST-0001")
    assert play.compiles() == ["WEST-0001"]
    assert play.compiles() == ["WEST-0001"]


def test_withdrawing_a_new_flag_does_not_undo_the_review_the_panel_set(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 5, 19))})
    play.at(3, 30)
    play.flags("WEST-0001")
    play.does("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.")
    play.at(4, 21, 14)
    play.holds({})
    assert play.compiles() == ["WEST-0001"]


def test_a_case_that_was_not_reached_comes_back_once(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    play.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STEP_DOWN, "Settled at home."))
    closing = play.does("chair", opening.close_meeting, WEST)
    assert closing.carried == ("WEST-0002",)
    assert play.compiles() == ["WEST-0002"]
    assert play.compiles() == ["WEST-0002"]
    play.at(4, 21, 14)
    play.holds({"WEST-0002": DecisionForm(DecisionKind.STEP_DOWN, "Settled at home.")})
    assert play.compiles() == []


def test_a_flag_to_a_meeting_that_was_never_held_is_not_lost(play: Play) -> None:
    play.accepted("WEST-0001")
    play.flags("WEST-0002")
    play.at(3, 25)
    assert play.compiles() == ["WEST-0001"]
    assert [flag.reference for flag in play.does("chair", triage.flags_to_triage, WEST).waiting] == ["WEST-0002"]


def test_an_escalated_case_waits_at_the_county_panel_once(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": ESCALATE})
    for _ in range(2):
        view = play.does("countychair", triage.flags_to_triage, SHIRE)
        assert [(flag.reference, flag.is_escalated, flag.facts.risk_level) for flag in view.waiting] == [
            ("WEST-0001", True, "high")
        ]
    play.does("countychair", triage.triage_flag, view.waiting[0].id, Verdict.ACCEPT)
    assert play.does("countychair", triage.flags_to_triage, SHIRE).waiting == ()
    assert play.compiles(SHIRE) == ["WEST-0001"]
    play.at(3, 31, 10)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.RETURN, "The district can hold it.")}, "countychair", SHIRE)
    assert play.does("countychair", triage.flags_to_triage, SHIRE).waiting == ()
    assert play.compiles(SHIRE) == []


def test_the_chair_who_is_sent_a_closed_item_is_told_and_the_history_says_who_sent_it(play: Play) -> None:
    play.accepted("WEST-0001", closed=True)
    play.at(3, 24, 14)
    play.holds({"WEST-0001": ESCALATE})
    play.does("countychair", triage.flags_to_triage, SHIRE)
    shown = play.does("countychair", closed_items.show_readers, SHIRE, "WEST-0001")
    assert [(one.person_name, one.by_name, one.reason) for one in shown.history] == [
        ("Countychair", "Chair", "Sent on to Shire Operational MET, where they triage it.")
    ]
    assert play.sent("access_changed") == [("access_changed", "countychair")]


def test_a_case_that_the_county_returns_waits_at_its_district_once(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": ESCALATE})
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    play.does("countychair", triage.triage_flag, waiting.id, Verdict.ACCEPT)
    play.at(3, 31, 10)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.RETURN, "The district can hold it.")}, "countychair", SHIRE)
    for _ in range(2):
        (back,) = play.does("chair", triage.flags_to_triage, WEST).waiting
        assert (back.reference, back.is_escalated, back.is_repeat) == ("WEST-0001", False, True)
    play.does("chair", triage.triage_flag, back.id, Verdict.ACCEPT)
    assert play.compiles() == ["WEST-0001"]
    play.at(4, 21, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.STEP_DOWN, "Settled at home.")})
    assert play.compiles() == []


def _mase_panels(play: Play, *keys: str) -> dict[str, int]:
    """Several MASE panels of the county, each with a meeting in April."""
    found = {}
    with play.store.work() as work:
        shire = work.session.get_one(Panel, play.county.shire_id)
        for key in keys:
            panel = Panel(
                key=key,
                title=key.title(),
                definition="mase",
                area_id=shire.area_id,
                data_key_id=work.keys.new_key(work.session, "panel", work.now),
            )
            work.session.add(panel)
            work.session.flush()
            found[key] = id_of(panel)
            at = datetime(2026, 4, 14, 9, tzinfo=UTC)
            work.session.add(Meeting(panel_id=id_of(panel), starts_at=at, ends_at=at.replace(hour=11)))
    return found


def _receive(play: Play, panels: dict[str, int]) -> list[str]:
    with play.store.work() as work:
        received = []
        for key, panel_id in panels.items():
            meeting = work.session.exec(select(Meeting).where(Meeting.panel_id == panel_id)).one()
            if gather_due(work, work.session.get_one(Panel, panel_id), meeting):
                received.append(key)
        return received


@pytest.mark.parametrize(
    ("chosen", "receive"),
    [
        ({}, ["mase-north", "mase-south"]),
        ({"west-met": "mase-south"}, ["mase-south"]),
        ({"west-met": "shire-met", "shire-met": "mase-north"}, ["mase-north"]),
        ({"west-met": "shire-met", "shire-met": "west-met"}, ["mase-north", "mase-south"]),
    ],
)
def test_of_several_panels_that_could_receive_the_one_escalated_to_does(
    play: Play, chosen: dict[str, str], receive: list[str]
) -> None:
    panels = _mase_panels(play, "mase-north", "mase-south")
    with play.store.work() as work:
        by_key = {panel.key: panel for panel in work.session.exec(select(Panel))}
        for key, above in chosen.items():
            by_key[key].escalates_to_id = id_of(by_key[above])
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.MASE, "Beyond the district.")})
    assert _receive(play, panels) == receive


def test_an_escalated_case_that_the_county_signposts_does_not_come_again(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": ESCALATE})
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    play.does("countychair", triage.triage_flag, waiting.id, Verdict.SIGNPOST, "Operation Lantern has it.")
    play.at(3, 31, 10)
    play.holds({}, "countychair", SHIRE)
    assert play.does("countychair", triage.flags_to_triage, SHIRE).waiting == ()


def test_an_escalated_case_that_the_county_defers_waits_at_its_next_meeting_once(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": ESCALATE})
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    play.does("countychair", triage.triage_flag, waiting.id, Verdict.DEFER, "The network is not mapped yet.")
    play.at(3, 31, 10)
    play.holds({}, "countychair", SHIRE)
    (again,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    assert (again.reference, again.is_escalated) == ("WEST-0001", True)


def test_a_decision_that_was_undone_brings_nothing_back(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    play.does("chair", discussion.decide, WEST, ESCALATE)
    play.does("chair", undoing.undo_last, WEST)
    play.does("chair", opening.close_meeting, WEST)
    assert play.does("countychair", triage.flags_to_triage, SHIRE).waiting == ()


def test_urgency_and_risk_decide_the_order(play: Play) -> None:
    play.accepted("WEST-0001", risk_level="standard")
    play.accepted("WEST-0002", risk_level="high")
    play.accepted("WEST-0003", "nurse", urgency=Urgency.URGENT, risk_level="standard")
    play.accepted("WEST-0004", "nurse", urgency=Urgency.STATUTORY)
    assert play.compiles() == ["WEST-0004", "WEST-0003", "WEST-0002", "WEST-0001"]


def test_publishing_tells_each_member_once_a_version_and_gives_the_file_to_who_publishes(play: Play) -> None:
    first = play.does("coordinator", triage.publish_agenda, WEST)
    play.accepted("WEST-0001")
    second = play.does("coordinator", triage.publish_agenda, WEST)
    assert (first.agenda.version, second.agenda.version) == (1, 2)
    readers = {"chair", "vicechair", "coordinator", "minutetaker", "socialworker", "nurse", "midwife", "matron"}
    readers.add("constable")
    told = play.sent("agenda_published")
    assert sorted(told) == sorted(("agenda_published", who) for who in readers - {"coordinator"} for _ in range(2))
    assert play.sent("agenda_file") == [("agenda_file", "coordinator")] * 2


@pytest.mark.databases("sqlite")
def test_a_recused_person_sees_no_gap_in_the_agenda(play: Play) -> None:
    for number in (1, 2, 3):
        play.accepted(f"WEST-000{number}")
    play.does("nurse", interests.declare_interest, WEST, "WEST-0002")
    play.compiles()
    assert play.agenda("nurse") == ["WEST-0001", "WEST-0003"]
    assert play.agenda("matron") == ["WEST-0001", "WEST-0002", "WEST-0003"]
    for who in ("nurse", "matron"):
        items = play.does(who, triage.show_agenda, WEST).items
        assert [item.number for item in items] == [str(number) for number in range(1, len(items) + 1)]
    nurse_sees = play.does("nurse", triage.show_agenda, WEST)
    starts = [item.starts_at for item in nurse_sees.items]
    lengths = [item.minutes for item in nurse_sees.items]
    gaps = [(later - earlier).seconds // 60 for earlier, later in pairwise(starts)]
    assert gaps == lengths[:-1]


def test_each_case_a_reader_is_shown_is_written_down(play: Play) -> None:
    play.accepted("WEST-0001")
    play.compiles()
    before = len(play.audited("read"))
    play.does("nurse", triage.show_agenda, WEST)
    assert play.audited("read")[before:] == [("case", 1, "nurse")]


@pytest.mark.databases("sqlite")
def test_the_agenda_stands_once_the_meeting_is_open(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    sentence = "The meeting is open, so its agenda can't change. `/meeting next` goes to the next item."
    assert play.refused("coordinator", triage.compile_agenda, WEST) == sentence
    assert play.refused("coordinator", triage.publish_agenda, WEST) == sentence
    play.does("chair", triage.triage_flag, flag_id, Verdict.ACCEPT)
    assert play.refused("chair", triage.triage_flag, flag_id, Verdict.DEFER, "Later.") == sentence


def test_a_flag_left_open_at_the_meeting_waits_for_the_next_one(play: Play) -> None:
    play.flags("WEST-0001")
    play.at(3, 24, 14)
    play.holds({})
    assert [flag.reference for flag in play.does("chair", triage.flags_to_triage, WEST).waiting] == ["WEST-0001"]


@pytest.mark.databases("sqlite")
def test_an_agenda_that_is_too_long_says_so_in_chat_and_on_paper(play: Play) -> None:
    for number in range(1, 7):
        play.accepted(f"WEST-000{number}")
    view = play.does("coordinator", triage.compile_agenda, WEST)
    assert view.overrun is not None
    assert view.overrun.words == (
        "The agenda is 20 minutes longer than the meeting, which lasts 2 hours. "
        "The longest part is New children, with 1 hour."
    )
    paper = play.does("chair", papers.agenda_document, view.meeting_id)
    assert f"Business\t6 children to be discussed. 2 hours 20 minutes. {view.overrun.words}" in texts(paper.write())


def test_what_an_agency_takes_back_before_it_was_heard_does_not_come_again(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 26)  # the meeting of the 24th was never opened
    assert play.compiles() == ["WEST-0001"]
    play.does("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.")
    assert play.compiles() == []
    play.at(4, 22)
    assert play.compiles() == []


def test_an_accepted_case_is_deferred_until_the_meeting_opens(play: Play) -> None:
    first, second = play.accepted("WEST-0001"), play.accepted("WEST-0002")
    play.does("coordinator", triage.publish_agenda, WEST)
    play.does("nurse", returns.make_return, first, ReturnKnowledge.KNOWN, "The clinic's notes.")
    listed = play.does("chair", triage.accepted_flags, WEST)
    assert ([flag.reference for flag in listed.flags], listed.count) == (["WEST-0001", "WEST-0002"], 2)
    assert listed.is_published
    deferred = play.does("chair", triage.defer_case, WEST, "west-0001", "The assessment is not done.")
    assert (deferred.id, deferred.state) == (first, FlagState.DEFERRED)
    # Off the agenda, which is laid out again: no number is left out, and nobody is asked about the case.
    assert play.agenda() == ["WEST-0002"]
    with play.store.reading() as work:
        positions = work.session.exec(select(AgendaItem.position).order_by(col(AgendaItem.position))).all()
    assert list(positions) == list(range(1, len(positions) + 1))
    assert [line.reference for line in play.does("nurse", returns.returns_asked, WEST).lines] == ["WEST-0002"]
    gaps = play.does("chair", returns.missing_returns, WEST).agencies
    assert {one.agency_name: (one.asked, one.missing) for one in gaps}["Health"] == (1, ("WEST-0002",))
    # Who flagged it is told, and the next meeting has it.
    assert play.sent("flag_triaged") == [("flag_triaged", "socialworker")]
    play.at(3, 24, 14)
    play.opens()
    again = "The meeting is open, so its agenda can't change. `/meeting next` goes to the next item."
    assert play.refused("chair", triage.triage_flag, second, Verdict.DEFER, "It can wait.") == again
    assert play.refused("chair", triage.accepted_flags, WEST) == again
    play.does("chair", opening.close_meeting, WEST)
    waiting = play.does("chair", triage.flags_to_triage, WEST).waiting
    assert [(flag.reference, flag.origin.words) for flag in waiting] == [
        ("WEST-0001", ("deferred from 24 March 2026",))
    ]


@pytest.mark.databases("sqlite")
def test_what_is_accepted_shows_no_case_to_a_chair_who_stepped_back_from_it(play: Play) -> None:
    play.accepted("WEST-0666", closed=True)
    play.does("vicechair", interests.declare_interest, WEST, "WEST-0666")
    assert play.does("vicechair", triage.accepted_flags, WEST).count == 0
    refused = play.refused("vicechair", triage.defer_case, WEST, "WEST-0666", "Later.")
    assert refused == play.refused("vicechair", triage.defer_case, WEST, "WEST-0667", "Later.").replace("0667", "0666")
    assert not play.does("vicechair", triage.show_agenda, WEST).may_defer
    assert play.does("chair", triage.show_agenda, WEST).may_defer
    only = "On West Operational MET, only the chair and vice-chair can triage flags."
    assert play.refused("coordinator", triage.accepted_flags, WEST) == only


def test_a_case_goes_to_another_panel_with_what_was_said_and_why(play: Play) -> None:
    flag_id = play.flags("WEST-0001", judgement="Seen with older peers.")
    play.flags("WEST-0001", "nurse", judgement="Plays down what happens online.")
    offered = play.does("chair", triage.panels_to_receive, flag_id)
    assert (offered.reference, offered.panels) == ("WEST-0001", (("shire-met", "Shire Operational MET"),))
    assert play.refused("chair", triage.change_panel, flag_id, "shire-met", " ") == (
        "Please give the reason. I'll tell the agency that flagged the case."
    )
    sent = play.does("chair", triage.change_panel, flag_id, "shire-met", "Two districts are touched.")
    assert (sent.state, sent.sent_on_to) == (FlagState.SIGNPOSTED, "Shire Operational MET")
    assert play.does("chair", triage.flags_to_triage, WEST).count == 0
    # Each is told once: who flagged it, who presides there, and the co-ordinator.
    assert sorted(play.sent("flag_triaged", "cases_sent")) == [
        ("cases_sent", "coordinator"),
        ("cases_sent", "countychair"),
        ("flag_triaged", "nurse"),
        ("flag_triaged", "socialworker"),
    ]
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    assert waiting.origin.words == ("sent on by West Operational MET on 2 March 2026",)
    assert waiting.sent_because == "Two districts are touched."
    assert waiting.facts.judgement == "Seen with older peers."
    assert [(one.agency_name, one.facts.judgement) for one in waiting.concerns] == [
        ("Health", "Plays down what happens online.")
    ]
    assert not waiting.is_escalated
    # Nothing is owed at West any more, and nothing is sent twice.
    assert play.compiles() == []
    play.at(3, 4)
    assert play.ticks(GATHERINGS) == 0
    assert play.does("countychair", triage.flags_to_triage, SHIRE).count == 1


def test_the_panel_that_sent_a_case_on_sees_what_became_of_it(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    play.does("chair", triage.change_panel, flag_id, "shire-met", "Two districts are touched.")
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    play.does("countychair", triage.triage_flag, waiting.id, Verdict.ACCEPT)
    (own,) = play.does("vicechair", lists.case_history, "WEST-0001").hearings
    assert (own.flag.sent_on_to, own.decisions) == ("Shire Operational MET", ())
    play.at(3, 31)
    play.holds({"WEST-0001": STEP_DOWN}, "countychair", SHIRE)
    assert ("case_outcomes", "chair") in play.sent("case_outcomes")
    heard, own = play.does("vicechair", lists.case_history, "WEST-0001").hearings
    assert (heard.flag.panel_title, [one.kind for one in heard.decisions]) == (
        "Shire Operational MET",
        [DecisionKind.STEP_DOWN],
    )
    # What was decided, and not why: what was said there is Shire's.
    assert (heard.flag.facts.judgement, heard.decisions[0].rationale, heard.flag.sent_because) == ("", "", "")


def test_a_closed_item_that_changes_panel_is_read_by_the_receiving_chair_and_nobody_more(play: Play) -> None:
    flag_id = play.accepted("WEST-0666", closed=True)
    play.does("chair", triage.change_panel, flag_id, "shire-met", "A professional of this district.")
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    assert (waiting.reference, waiting.is_closed_item) == ("WEST-0666", True)
    assert play.does("coordinator", lists.list_flags, SHIRE).count == 0
    assert play.does("matron", lists.list_flags, SHIRE).count == 0
    assert play.agenda() == []


@pytest.mark.databases("sqlite")
def test_a_case_flagged_to_both_panels_has_one_hearing_after_it_was_sent_on(play: Play) -> None:
    play.flags("WEST-0001", "matron", SHIRE)
    flag_id = play.flags("WEST-0001")
    play.does("chair", triage.change_panel, flag_id, "shire-met", "The county hears it already.")
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    assert (waiting.agency_name, [one.agency_name for one in waiting.concerns]) == ("Health", ["Social Care"])
    assert waiting.sent_because == "The county hears it already."
    # The county may send it back in turn.
    play.does("countychair", triage.change_panel, waiting.id, "west-met", "It is West's after all.")
    (back,) = play.does("chair", triage.flags_to_triage, WEST).waiting
    assert back.origin.words == ("sent on by Shire Operational MET on 2 March 2026",)


@pytest.mark.databases("sqlite")
def test_only_panels_of_the_county_that_hear_cases_are_offered(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    for key in ("west-met", "nowhere"):
        assert play.refused("chair", triage.change_panel, flag_id, key, "Elsewhere.").startswith("I can't find that")
    with play.store.work() as work:
        shire = work.session.get_one(Panel, play.county.shire_id)
        shire.is_active = False
        work.session.add(shire)
    nobody = "There is no other panel to send the case to. Choose *Signpost*, and say where the case belongs."
    assert play.refused("chair", triage.panels_to_receive, flag_id) == nobody
    assert play.refused("coordinator", triage.panels_to_receive, flag_id).startswith("I can't find that flag")


def test_the_agenda_of_a_closed_meeting_is_shown_by_meeting_or_item_to_those_who_may_read_it(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0666", closed=True)
    play.compiles()
    march, april = play.county.west_meetings[:2]
    play.at(3, 24, 14)
    play.opens()
    play.does("chair", opening.close_meeting, WEST)

    def shows(who: str, **meant: int) -> tuple[int, list[str], bool]:
        found = play.does(who, triage.show_agenda, WEST, meant=triage.MeantMeeting(**meant))
        cases = [item.title for item in found.items if item.flag is not None]
        return found.meeting_id, cases, found.is_over

    both = ["WEST-0001", "WEST-0666"]
    assert shows("chair", meeting_id=march) == (march, both, True)
    (item_id, *_) = [one.id for one in play.does("chair", triage.agenda_of_meeting, march).items]
    assert shows("chair", item_id=item_id) == (march, both, True)
    assert shows("matron", meeting_id=march) == (march, ["WEST-0001"], True)
    pages = play.does("chair", triage.show_agenda, WEST, Page(0, 2), triage.MeantMeeting(march))
    assert f"agenda.page:west-met:{march}|0.2" in str(agenda_views.shown(pages))
    # Without a meeting, or with another panel's, it is the next one.
    shire = play.county.shire_meetings[0]
    assert [shows("chair")[0], shows("matron", meeting_id=shire)[0]] == [april, april]


@pytest.mark.databases("sqlite")
def test_each_step_on_an_agenda_is_offered_only_to_who_may_take_it(play: Play) -> None:
    play.accepted("WEST-0001")
    play.compiles()

    def offered(who: str) -> dict[str, bool]:
        view = play.does(who, triage.show_agenda, WEST)
        return {
            "compile": view.may_compile,
            "triage": view.may_triage,
            "defer": view.may_defer,
            "run": view.may_run,
        }

    steps = dict.fromkeys(("compile", "triage", "defer", "run"), False)
    assert offered("chair") == offered("vicechair") == dict.fromkeys(steps, True)
    assert offered("coordinator") == {**steps, "compile": True, "run": True}
    assert [offered(who) for who in ("minutetaker", "nurse", "midwife")] == [steps] * 3


@pytest.mark.databases("sqlite")
def test_only_the_office_compiles_and_only_the_chair_defers_by_reference(play: Play) -> None:
    play.accepted("WEST-0001")
    west = "On West Operational MET, only the chair, vice-chair"
    for who, compiling, deferring in (
        ("outsider", NO_PANEL, NO_PANEL),
        (
            "nurse",
            f"{west} and co-ordinator can compile and publish the agenda.",
            "On West Operational MET, only the chair and vice-chair can triage flags.",
        ),
    ):
        assert play.refused(who, triage.compile_agenda, WEST) == compiling
        assert play.refused(who, triage.defer_case, WEST, "WEST-0001", "Too late.") == deferring
    assert play.agenda() == []


@pytest.mark.databases("sqlite")
def test_only_the_chair_rules_on_a_flag_or_sends_it_to_another_panel(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    for who in ("coordinator", "socialworker", "countychair", "outsider"):
        for refusal in (
            play.refused(who, triage.triage_flag, flag_id, Verdict.ACCEPT),
            play.refused(who, triage.change_panel, flag_id, "shire-met", "It is the county's."),
        ):
            assert refusal == unseen("that flag")
    (waiting,) = play.does("chair", triage.flags_to_triage, WEST).waiting
    assert (waiting.id, waiting.state) == (flag_id, FlagState.OPEN)


@pytest.mark.databases("sqlite")
def test_a_case_that_is_kept_from_the_chair_is_not_among_what_they_accepted(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.does("chair", interests.declare_interest, WEST, "WEST-0001")
    found = play.does("chair", triage.accepted_flags, WEST)
    assert ([flag.reference for flag in found.flags], found.count) == (["WEST-0002"], 1)


@pytest.mark.databases("sqlite")
def test_what_became_of_a_flag_is_shown_only_to_a_flagger_with_a_place(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    play.does("chair", triage.triage_flag, flag_id, Verdict.SIGNPOST, "Early help has it.")
    assert play.does("socialworker", triage.triaged_flag_for_notice, flag_id)[1] == "Early help has it."
    play.loses_place("socialworker")
    assert play.refused("socialworker", triage.triaged_flag_for_notice, flag_id) == unseen("that flag")


@pytest.mark.databases("sqlite")
def test_a_chair_who_sent_a_case_and_steps_back_is_not_told_what_became_of_it(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    sent = play.does("chair", triage.change_panel, flag_id, "shire-met", "It is the county's.")
    (waiting,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    assert waiting.reference == sent.reference
    play.does("countychair", triage.triage_flag, waiting.id, Verdict.SIGNPOST, "Early help has it.")
    assert play.does("chair", triage.triaged_flag_for_notice, waiting.id)[1] == "Early help has it."
    play.does("chair", interests.declare_interest, WEST, "WEST-0001")
    assert play.refused("chair", triage.triaged_flag_for_notice, waiting.id) == unseen("that flag")


@pytest.mark.databases("sqlite")
def test_only_the_chair_is_given_a_flag_to_rule_on(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    for who in ("coordinator", "socialworker", "countychair", "outsider"):
        assert play.refused(who, triage.flag_to_rule_on, flag_id) == unseen("that flag")
