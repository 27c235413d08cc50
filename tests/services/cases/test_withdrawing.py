"""Taking a flag back: with a reason, which stays with the flag, and everyone concerned is told once."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlmodel import col

from bot.errors import Mistake
from bot.models.cases import Flag
from bot.models.vocabulary import DecisionKind, FlagState
from bot.records.cases.withdrawals import FlagWithdrawal
from bot.services.agenda import triage
from bot.services.agenda.owed import GATHERINGS
from bot.services.cases import closed_items, flags, interests, lists, withdrawing
from bot.services.leaving import departure
from bot.services.meeting.discussion import DecisionForm
from bot.slack.cases import views
from tests.county import SHIRE, WEST, actor, flag_form, user_id
from tests.services.conftest import LONDON, NO_PANEL, Play, unseen
from tests.statements import counting

pytestmark = pytest.mark.databases("sqlite")
MOVED = "The family has moved to Dorset."


def withdraws(play: Play, who: str, reference: str = "WEST-0001") -> int:
    """Let a person withdraw a flag. Return its number."""
    return play.does(who, withdrawing.withdraw_flag, WEST, reference, MOVED).id


def told(play: Play) -> list[str]:
    """Return who is told of withdrawals, in order."""
    return [who for _, who in play.sent("flag_withdrawn")]


@pytest.mark.databases("sqlite", "postgresql")
def test_the_reason_stays_sealed_with_the_flag_and_who_withdrew_it(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    play.at(3, 3)
    withdraws(play, "coordinator")
    with play.store.reading() as work:
        flag = work.session.get_one(Flag, flag_id)
        assert (flag.state, flag.withdrawn_by_id) == (FlagState.WITHDRAWN, play.county.person["coordinator"])
        assert flag.withdrawn_at is not None
        assert flag.withdrawn_at.date() == date(2026, 3, 3)
        assert flag.withdrawn_reason is not None
        assert MOVED.encode() not in flag.withdrawn_reason
        assert work.open(flag.withdrawn_reason) == MOVED


def test_without_a_reason_nothing_is_withdrawn(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    for reason in ("", "  "):
        assert play.refused("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0001", reason) == (
            "Please give the reason. I'll tell each agency that flagged the case."
        )
    assert "postcode" in play.refused("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0001", "Now at SO23 8UJ.")
    assert play.does("socialworker", withdrawing.flag_to_withdraw, WEST, "WEST-0001").id == flag_id
    with play.store.reading() as work:
        assert work.session.get_one(Flag, flag_id).state is FlagState.OPEN


def test_who_flagged_is_told_when_another_person_withdraws_it_and_reads_the_reason_on_demand(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    withdraws(play, "coordinator")
    assert told(play) == ["socialworker"]
    found = play.does("socialworker", withdrawing.withdrawal_for_notice, flag_id)
    assert found is not None
    text, blocks = views.withdrawn_notice(found)
    assert text == (
        "Coordinator (Social Care) withdrew *WEST-0001*, which you flagged to West Operational MET for Tue "
        "24 Mar 2026, 14:00. The panel won't hear the case then."
    )
    assert MOVED not in str(blocks)
    reads = play.audited("read")
    shown = views.withdrawal_reason(play.does("socialworker", withdrawing.open_withdrawal, flag_id))
    assert f"Coordinator: {MOVED}" in str(shown)
    assert play.audited("read")[len(reads) :] == [("case", found.flag.case_id, "socialworker")]


@pytest.mark.parametrize("is_carried", [False, True])
def test_the_new_presenter_of_a_handed_over_case_reads_that_it_was(play: Play, is_carried: bool) -> None:
    flag_id = play.flags("WEST-0001", "nurse")
    play.does("administrator", departure.leave, user_id("nurse"), successor_user_id=user_id("matron"))
    if is_carried:
        play.at(3, 25)
        play.ticks(GATHERINGS)
        flag_id = play.does("chair", lists.list_flags, WEST).flags[0].id
    withdraws(play, "coordinator")
    assert told(play) == ["matron"]
    found = play.does("matron", withdrawing.withdrawal_for_notice, flag_id)
    assert found is not None
    on = "Tue 21 Apr" if is_carried else "Tue 24 Mar"
    assert views.withdrawn_notice(found)[0] == (
        "Coordinator (Social Care) withdrew *WEST-0001*, which was handed over to you after Health flagged it to West "
        f"Operational MET for {on} 2026, 14:00. The panel won't hear the case then."
    )


def test_nobody_else_is_told_of_a_flag_that_the_chair_had_not_accepted(play: Play) -> None:
    play.flags("WEST-0001")
    withdraws(play, "socialworker")
    assert told(play) == []


@pytest.mark.parametrize("who", ["socialworker", "coordinator"])
def test_the_chair_is_told_of_what_was_accepted(play: Play, who: str) -> None:
    flag_id = play.accepted("WEST-0001")
    withdraws(play, who)
    assert sorted(told(play)) == sorted({"chair", "socialworker"} - {who})
    found = play.does("chair", withdrawing.withdrawal_for_notice, flag_id)
    assert found is not None
    said = f"{who.title()} (Social Care) withdrew *WEST-0001*, which Social Care flagged to West Operational MET for "
    assert views.withdrawn_notice(found)[0].startswith(said)


def test_the_chair_is_told_once_the_agenda_is_out(play: Play) -> None:
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    play.flags("WEST-0001")
    withdraws(play, "socialworker")
    assert told(play) == ["chair"]


def test_another_agency_that_flagged_the_same_child_is_told_and_its_flag_keeps_the_hearing(play: Play) -> None:
    first = play.flags("WEST-0001")
    play.does("nurse", flags.flag_case, WEST, flag_form("WEST-0001"))
    withdraws(play, "socialworker")
    assert told(play) == ["nurse"]
    found = play.does("nurse", withdrawing.withdrawal_for_notice, first)
    assert found is not None
    assert views.withdrawn_notice(found)[0].endswith(
        "for Tue 24 Mar 2026, 14:00. The panel will still hear the case, because another agency flagged it."
    )


def test_a_colleague_whose_flag_was_withdrawn_with_it_is_told(play: Play) -> None:
    play.flags("WEST-0001")
    withdraws(play, "vicechair")  # of the same agency
    assert told(play) == ["socialworker"]


def test_who_may_not_read_a_closed_item_learns_of_their_own_flag_only(play: Play) -> None:
    theirs = play.flags("WEST-0666", closed=True)
    own = play.does("nurse", flags.flag_case, WEST, flag_form("WEST-0666")).id
    withdraws(play, "socialworker", "WEST-0666")
    assert told(play) == []
    assert play.refused("nurse", withdrawing.open_withdrawal, theirs).startswith("I can't find that flag")
    play.does("chair", withdrawing.withdraw_flag, WEST, "WEST-0666", MOVED)
    assert told(play) == ["nurse"]
    found = play.does("nurse", withdrawing.withdrawal_for_notice, own)
    assert found is not None
    assert views.withdrawn_notice(found)[0] == (
        "Chair (Police) withdrew *WEST-0666*, which you flagged to West Operational MET for Tue 24 Mar 2026, 14:00."
    )


@pytest.mark.parametrize("way", ["decided", "at triage"])
def test_the_chair_who_sent_a_case_is_told_when_it_is_withdrawn_there(play: Play, way: str) -> None:
    """Otherwise the case would be on no list of either panel, and the panel that sent it would count on the other."""
    if way == "decided":
        play.accepted("WEST-0001")
        play.at(3, 24, 14)
        play.holds({"WEST-0001": DecisionForm(DecisionKind.ESCALATE, "Three districts are touched.")})
        play.ticks(GATHERINGS)
    else:
        flag_id = play.flags("WEST-0001")
        play.does("chair", triage.change_panel, flag_id, "shire-met", "Two districts are touched.")
    (sent,) = play.does("countychair", lists.list_flags, SHIRE).flags
    # What an agency flagged to the county itself is no business of the panel that sent the case.
    play.flags("WEST-0001", "matron", SHIRE, judgement="Three districts ask.")
    assert play.does("matron", withdrawing.withdraw_flag, SHIRE, "WEST-0001", "They know enough.").id != sent.id
    assert "chair" not in told(play)
    withdrawn = play.does("countychair", withdrawing.withdraw_flag, SHIRE, "WEST-0001", "West works with them.")
    assert withdrawn.id == sent.id
    assert [who for who in told(play) if who in ("chair", "vicechair")] == ["chair"]
    found = play.does("chair", withdrawing.withdrawal_for_notice, sent.id)
    assert found is not None
    assert (found.is_sender, found.reason) == (True, "West works with them.")
    text, _ = views.withdrawn_notice(found)
    assert text == (
        "Countychair (Police) withdrew *WEST-0001*, which your panel sent to Shire Operational MET for "
        "Tue 31 Mar 2026, 10:00. The panel won't hear the case then."
    )


def test_the_chair_who_sent_a_closed_item_and_may_not_read_it_any_more_is_not_told(play: Play) -> None:
    flag_id = play.flags("WEST-0001", closed=True)
    play.does("chair", triage.change_panel, flag_id, "shire-met", "Two districts are touched.")
    play.does("countychair", closed_items.end_reader, SHIRE, "WEST-0001", user_id("chair"), "Left the case.")
    play.does("countychair", withdrawing.withdraw_flag, SHIRE, "WEST-0001", "West works with them.")
    assert "chair" not in told(play)


def test_who_stepped_back_or_lost_sight_meanwhile_is_not_told(play: Play) -> None:
    first = play.flags("WEST-0001")
    play.does("nurse", flags.flag_case, WEST, flag_form("WEST-0001"))
    withdraws(play, "coordinator")
    play.does("socialworker", interests.declare_interest, WEST, "WEST-0001")
    play.does("chair", closed_items.close_item, WEST, "WEST-0001", "A professional is a suspect.")
    play.does("chair", closed_items.end_reader, WEST, "WEST-0001", user_id("nurse"), "They are the suspect.")
    with play.store.reading() as work:
        newest = work.find_all(Flag, by=[col(Flag.id)])
        assert [flag.state for flag in newest] == [FlagState.WITHDRAWN, FlagState.OPEN]
    for who in ("socialworker", "nurse"):
        assert play.refused(who, withdrawing.withdrawal_for_notice, first).startswith("I can't find that flag")


def test_a_flag_that_stands_has_no_reason_to_show(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    assert play.does("socialworker", withdrawing.withdrawal_for_notice, flag_id) is None
    with pytest.raises(Mistake):
        play.does("socialworker", withdrawing.open_withdrawal, flag_id)


def history_of(
    play: Play, who: str, reference: str = "WEST-0001"
) -> list[tuple[str, FlagState, FlagWithdrawal | None]]:
    """Return each hearing of a case as a person sees it: by which agency, what became of it, and its withdrawal."""
    found = play.does(who, lists.case_history, reference)
    assert found.count == len(found.hearings)
    return [
        (
            one.flag.agency_name,
            one.flag.state,
            one.withdrawal and replace(one.withdrawal, at=one.withdrawal.at.replace(microsecond=0)),
        )
        for one in found.hearings
    ]


@pytest.mark.databases("sqlite", "postgresql")
def test_the_history_shows_what_was_withdrawn_by_which_person_when_and_why(play: Play) -> None:
    play.at(3, 31, 9)  # summer time: the panel's clock, not the record's
    play.flags("WEST-0001")
    withdraws(play, "coordinator")
    play.flags("WEST-0001", "nurse")
    made = FlagWithdrawal("Coordinator", "Social Care", datetime(2026, 3, 31, 9, 0, tzinfo=LONDON), MOVED)
    assert history_of(play, "constable") == [
        ("Health", FlagState.OPEN, None),
        ("Social Care", FlagState.WITHDRAWN, made),
    ]
    shown = str(views.history(play.does("constable", lists.case_history, "WEST-0001")))
    assert "Withdrawn by Coordinator, Social Care, on Tue 31 Mar 2026, 09:00." in shown
    assert f"Coordinator: {MOVED}" in shown


def test_a_withdrawn_flag_opens_no_history_by_itself(play: Play) -> None:
    play.flags("WEST-0001")
    withdraws(play, "socialworker")
    for who in ("socialworker", "nurse", "chair"):
        assert play.refused(who, lists.case_history, "WEST-0001").startswith("I can't find case WEST-0001")


def test_another_panel_does_not_see_what_was_withdrawn_from_this_one(play: Play) -> None:
    play.flags("WEST-0001")
    withdraws(play, "socialworker")
    play.does("countychair", flags.flag_case, SHIRE, flag_form("WEST-0001", district_key="west"))
    assert [state for _, state, _ in history_of(play, "countychair")] == [FlagState.OPEN]


def test_the_history_of_a_closed_item_shows_a_stranger_their_own_withdrawn_flag_like_a_new_case(play: Play) -> None:
    play.flags("WEST-0666", closed=True)
    play.flags("WEST-0666", "matron", closed=True)
    withdraws(play, "socialworker", "WEST-0666")
    for reference in ("WEST-0666", "WEST-0777"):
        play.flags(reference, "nurse")
        withdraws(play, "nurse", reference)
        play.flags(reference, "nurse")
    hidden, new = (
        views.history(play.does("nurse", lists.case_history, reference)) for reference in ("WEST-0666", "WEST-0777")
    )
    assert str(hidden).replace("0666", "0777") == str(new)
    assert [state for _, state, _ in history_of(play, "nurse", "WEST-0666")] == [FlagState.OPEN, FlagState.WITHDRAWN]
    readers = history_of(play, "chair", "WEST-0666")
    assert sorted((agency, state) for agency, state, _ in readers) == [
        ("Health", FlagState.DEFERRED),  # beside the live one, which its own agency's reader made
        ("Health", FlagState.OPEN),
        ("Health", FlagState.WITHDRAWN),
        ("Social Care", FlagState.WITHDRAWN),
    ]
    play.does("chair", interests.declare_interest, WEST, "WEST-0666", user_id("nurse"))
    assert play.refused("nurse", lists.case_history, "WEST-0666").startswith("I can't find case WEST-0666")


def test_what_was_withdrawn_before_a_reason_was_asked_is_shown_without_one(play: Play) -> None:
    play.flags("WEST-0001")
    withdraws(play, "socialworker")
    with play.store.work() as work:
        (flag,) = work.find_all(Flag)
        flag.withdrawn_reason, flag.withdrawn_by_id, flag.withdrawn_at = None, None, None
    play.flags("WEST-0001")
    assert [(state, made) for _, state, made in history_of(play, "nurse")] == [
        (FlagState.OPEN, None),
        (FlagState.WITHDRAWN, None),
    ]


def test_more_withdrawn_flags_ask_the_database_nothing_more(play: Play) -> None:
    asked: list[int] = []
    for _ in range(3):
        play.flags("WEST-0001")
        withdraws(play, "coordinator")
        play.flags("WEST-0001", "nurse")
        with play.store.work() as work, counting(play.store.engine) as statements:
            lists.case_history(work, actor(work, "constable"), "WEST-0001")
        asked.append(len(statements))
        withdraws(play, "nurse")
    assert set(asked) == {asked[0]}


def test_only_who_may_flag_cases_withdraws_one(play: Play) -> None:
    play.flags("WEST-0001")
    for use_case, given in (
        (withdrawing.flag_to_withdraw, ("WEST-0001",)),
        (withdrawing.withdraw_flag, ("WEST-0001", MOVED)),
    ):
        assert play.refused("outsider", use_case, WEST, *given) == NO_PANEL
        assert play.refused("observer", use_case, WEST, *given) == (
            "On West Operational MET, minute-takers and observers can't flag cases."
        )
    assert [flag.state for flag in play.does("chair", lists.list_flags, WEST).flags] == [FlagState.OPEN]


def test_who_may_not_read_a_closed_item_withdraws_their_own_flag_and_nobody_else_is_told(play: Play) -> None:
    play.flags("WEST-0666", closed=True)
    play.does("nurse", flags.flag_case, WEST, flag_form("WEST-0666"))
    view = play.does("nurse", withdrawing.withdraw_flag, WEST, "WEST-0666", MOVED)
    assert (view.state, view.agency_name, view.concerns, view.is_closed_item) == (
        FlagState.WITHDRAWN,
        "Health",
        (),
        False,
    )
    assert told(play) == []


def test_who_lost_their_place_is_not_told_why_their_flag_was_withdrawn(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    withdraws(play, "coordinator")
    play.loses_place("socialworker")
    assert play.refused("socialworker", withdrawing.withdrawal_for_notice, flag_id) == unseen("that flag")
