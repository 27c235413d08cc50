"""What holders report stays on every list until the panel accepts it, and nobody accepts their own."""

from collections.abc import Callable
from datetime import date

import pytest

from bot.models.vocabulary import ActionEventKind, ActionState
from bot.records.access.queries import Where
from bot.records.actions.queries import Report
from bot.services.actions import accepting, changes, chasing, tracker
from bot.services.actions.chasing import DIGESTS
from bot.services.agenda import papers as agenda_papers
from bot.services.cases import closed_items, interests
from bot.services.meeting import discussion, opening
from bot.services.minutes import papers
from tests.county import WEST, user_id
from tests.documents.word_files import texts
from tests.services.actions.test_changes import give
from tests.services.conftest import NO_PANEL, Play

#: The four answers that wait for the panel, as the nurse gives them.
ANSWERS: dict[ActionState, Callable[[Play, int], object]] = {
    ActionState.DONE: lambda play, number: play.does("nurse", changes.complete_action, number, "Rang on Monday."),
    ActionState.REPORTED_NOT_POSSIBLE: lambda play, number: play.does(
        "nurse", changes.give_up_action, number, possible=False, reason="The family has moved."
    ),
    ActionState.REPORTED_NOT_DONE: lambda play, number: play.does(
        "nurse", changes.give_up_action, number, possible=True, reason="The post is vacant."
    ),
    ActionState.REPORTED_NOT_OURS: lambda play, number: play.does(
        "nurse", changes.disown_action, number, reason="The police hold it.", agency_id=play.county.agency["police"]
    ),
}


def on_lists(play: Play, number: int) -> list[bool]:
    """Return whether the action is on the panel's list, its holder's, the agenda paper and under matters arising."""
    listed = play.does("chair", tracker.list_actions, WEST).actions
    own = play.does("nurse", tracker.list_actions, WEST, "mine").actions
    meeting_id = play.county.west_meetings[0]
    agenda = " ".join(texts(play.does("chair", agenda_papers.agenda_document, meeting_id).write()))
    current = play.does("chair", discussion.next_item, WEST)
    while current.item is not None and current.item.section != "matters-arising":
        current = play.does("chair", discussion.next_item, WEST)
    arising = [one.id for one in current.outstanding]
    return [
        number in [one.id for one in listed],
        number in [one.id for one in own],
        "Ring the school nurse" in agenda,
        number in arising,
    ]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("state", ANSWERS)
def test_what_is_reported_stays_on_every_list_until_it_is_accepted(play: Play, state: ActionState) -> None:
    number = give(play)
    ANSWERS[state](play, number)
    assert play.does("chair", tracker.show_action, number).action.state is state
    play.at(3, 24, 14)
    play.opens()
    assert on_lists(play, number) == [True] * 4
    play.does("chair", opening.close_meeting, WEST)
    drafted = play.does("coordinator", papers.draft_minutes, WEST)
    minutes = " ".join(texts(play.does("chair", papers.minutes_document, drafted.id).write()))
    assert "Ring the school nurse" in minutes
    assert state.label.capitalize() in minutes


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        (ActionState.DONE, ActionState.CONFIRMED),
        (ActionState.REPORTED_NOT_POSSIBLE, ActionState.NOT_POSSIBLE),
        (ActionState.REPORTED_NOT_DONE, ActionState.NOT_DONE),
    ],
)
def test_what_is_accepted_is_on_no_list_any_longer(play: Play, state: ActionState, ends: ActionState) -> None:
    number = give(play)
    ANSWERS[state](play, number)
    assert play.does("chair", accepting.accept_action, number).state is ends
    play.at(3, 24, 14)
    play.opens()
    assert on_lists(play, number) == [False] * 4


def test_not_ours_names_the_agency_and_goes_to_a_person_there_or_back(play: Play) -> None:
    number = give(play)
    ANSWERS[ActionState.REPORTED_NOT_OURS](play, number)
    view = play.does("chair", tracker.show_action, number).action
    assert view.report == Report(
        event_id=2,
        on=date(2026, 3, 2),
        by_name="Nurse",
        words="The police hold it.",
        agency_id=play.county.agency["police"],
        agency_name="Police",
    )
    assert play.refused("chair", accepting.accept_action, number).startswith(
        "Action 1 is reported as another agency's, so it can't be accepted. Give it to a person there, or reopen it"
    )
    assert play.does("chair", accepting.offer_holder, number) == (view, user_id("chair"))
    given = play.does("chair", changes.reassign_action, number, holder_user_id=user_id("constable"))
    assert (given.state, given.agency_name, given.report) == (ActionState.OPEN, "Police", None)
    assert play.sent() == [("action_given", "nurse"), ("action_given", "constable"), ("action_changed", "nurse")]


@pytest.mark.databases("sqlite")
def test_not_ours_is_said_of_an_agency_on_the_panel_that_is_another(play: Play) -> None:
    number = give(play)
    for agency in ("health", "nowhere"):
        refusal = play.refused(
            "nurse",
            changes.disown_action,
            number,
            reason="Not ours.",
            agency_id=play.county.agency.get(agency, 99),
        )
        assert refusal == "Choose an agency that is on West Operational MET, other than the action's own."
    assert play.refused("nurse", changes.disown_action, number, reason=" ").startswith("Whose action is it, and why?")


@pytest.mark.databases("sqlite")
def test_what_is_sent_back_is_its_holders_again_who_is_told(play: Play) -> None:
    number = give(play)
    play.does("nurse", changes.complete_action, number)
    assert play.refused("chair", accepting.send_back_action, number, " ") == (
        "Say what is still to be done. The action's holder can read this."
    )
    back = play.does("chair", accepting.send_back_action, number, "The form is not signed.")
    assert (back.state, back.report) == (ActionState.OPEN, None)
    assert play.sent("action_changed") == [("action_changed", "nurse")]
    told = play.does("nurse", accepting.change_for_notice, number, 3)
    assert told == accepting.ActionChange(back, ActionEventKind.REOPENED, "Chair", is_yours=True)
    assert play.does("nurse", tracker.show_action, number).history[-1].reason == "The form is not signed."


@pytest.mark.databases("sqlite")
def test_a_holder_who_takes_it_back_is_not_told_of_it(play: Play) -> None:
    number = give(play)
    play.does("nurse", changes.complete_action, number)
    play.does("nurse", accepting.reopen_action, number)
    assert play.sent("action_changed") == []


@pytest.mark.databases("sqlite")
def test_reports_are_accepted_by_who_presides_and_in_a_meeting_by_those_who_record_it(play: Play) -> None:
    numbers = [give(play) for _ in range(4)]
    for number in numbers:
        play.does("nurse", changes.complete_action, number)
    who_may = (
        "Only the chair or the vice-chair can accept reports. In a meeting, the panel accepts them, and the "
        "co-ordinator or the minute-taker records it."
    )
    for who in ("coordinator", "minutetaker", "nurse", "constable"):
        assert play.refused(who, accepting.accept_action, numbers[0]) == who_may
    assert play.refused("observer", accepting.accept_action, numbers[0]).startswith("I can't find action 1")
    assert play.does("vicechair", accepting.accept_action, numbers[0]).state is ActionState.CONFIRMED
    play.at(3, 24, 14)
    play.opens()
    assert play.does("coordinator", accepting.accept_action, numbers[1]).state is ActionState.CONFIRMED
    assert play.does("minutetaker", accepting.accept_action, numbers[2]).state is ActionState.CONFIRMED
    assert play.refused("nurse", accepting.accept_action, numbers[3]) == who_may


@pytest.mark.databases("sqlite")
def test_nobody_accepts_their_own(play: Play) -> None:
    chairs, vices = give(play, holder="chair"), give(play, holder="vicechair")
    play.does("chair", changes.complete_action, chairs)
    play.does("vicechair", changes.complete_action, vices)
    assert play.refused("chair", accepting.accept_action, chairs) == (
        "Action 1 is yours, so you can't accept it. The vice-chair or the panel can accept it. "
        "In the meeting, the co-ordinator or the minute-taker records that."
    )
    assert play.refused("vicechair", accepting.accept_action, vices).startswith(
        "Action 2 is yours, so you can't accept it. The chair or the panel can accept it."
    )
    assert not play.does("chair", tracker.show_action, chairs).may_accept
    assert play.does("vicechair", accepting.accept_action, chairs).state is ActionState.CONFIRMED
    assert play.does("chair", accepting.accept_action, vices).state is ActionState.CONFIRMED


@pytest.mark.databases("sqlite")
def test_without_a_vice_chair_the_chairs_own_waits_for_the_meeting(play: Play) -> None:
    number = give(play, holder="chair")
    play.loses_place("vicechair")
    play.does("chair", changes.complete_action, number)
    assert play.refused("chair", accepting.accept_action, number) == (
        "Action 1 is yours, so you can't accept it. At its next meeting, the panel can accept it. "
        "In the meeting, the co-ordinator or the minute-taker records that."
    )
    play.at(3, 24, 14)
    play.opens()
    assert play.does("coordinator", accepting.accept_action, number).state is ActionState.CONFIRMED


def test_accept_all_takes_what_was_shown_and_nothing_that_changed_since(play: Play) -> None:
    first, second, again, back, own = give(play), give(play), give(play), give(play), give(play, holder="chair")
    for number in (first, second, again, back):
        play.does("nurse", changes.complete_action, number)
    play.does("chair", changes.complete_action, own)
    shown = play.does("chair", tracker.list_actions, WEST, "reported")
    assert shown.acceptable == (first, second, again, back)
    reports = {one.id: one.report.event_id for one in shown.actions if one.report}
    play.does("nurse", accepting.reopen_action, again)
    play.does("nurse", changes.give_up_action, again, possible=True, reason="No staff.")
    play.does("nurse", accepting.reopen_action, back)
    done = play.does("chair", accepting.accept_all, WEST, reports)
    assert [(one.id, one.state) for one in done.accepted] == [
        (first, ActionState.CONFIRMED),
        (second, ActionState.CONFIRMED),
    ]
    assert [(one.id, one.state) for one in done.changed] == [
        (again, ActionState.REPORTED_NOT_DONE),
        (back, ActionState.OPEN),
    ]
    assert (done.own, done.missing) == ((own,), 0)
    assert play.audited("confirmed") == [("action", first, "chair"), ("action", second, "chair")]
    assert play.refused("nurse", accepting.accept_all, WEST, reports).startswith(
        "Only the chair or the vice-chair can accept"
    )


@pytest.mark.databases("sqlite")
def test_accept_all_reaches_no_other_panel_and_nothing_that_is_kept_from_the_chair(play: Play) -> None:
    play.accepted("WEST-0001")
    number = give(play, case_reference="WEST-0001")
    play.does("nurse", changes.complete_action, number)
    play.does("chair", interests.declare_interest, WEST, "WEST-0001")
    found = play.does("chair", accepting.accept_all, WEST, {number: 2})
    assert found == accepting.AcceptedAll((), (), missing=1)
    other = play.does("countychair", accepting.accept_all, Where(panel_key="shire-met"), {number: 2})
    assert other == accepting.AcceptedAll((), (), missing=1)
    assert play.does("vicechair", tracker.show_action, number).action.state is ActionState.DONE


@pytest.mark.databases("sqlite")
def test_a_report_that_another_took_the_place_of_is_not_accepted_by_an_old_button(play: Play) -> None:
    number = give(play)
    play.does("nurse", changes.complete_action, number)
    play.does("nurse", accepting.reopen_action, number)
    play.does("nurse", changes.give_up_action, number, possible=True, reason="No staff.")
    assert play.refused("chair", accepting.accept_action, number, 2) == (
        "Action 1 was reported again since you looked, as not done. Read the new report first: `/action show 1`."
    )
    assert play.does("chair", accepting.accept_action, number, 4).state is ActionState.NOT_DONE


@pytest.mark.databases("sqlite")
def test_what_a_holder_said_is_kept_with_the_case_that_was_closed_for_them(play: Play) -> None:
    play.accepted("WEST-0001")
    number = give(play, case_reference="WEST-0001")
    play.does("nurse", changes.complete_action, number, "Rang on Monday.")
    play.does("chair", closed_items.close_item, WEST, "WEST-0001", "A sibling sits near.")
    own = play.does("nurse", tracker.list_actions, WEST, "mine").actions[0]
    assert own.is_kept
    assert own.report is not None
    assert own.report.words == ""


def test_the_chair_is_chased_for_what_is_reported_and_its_holder_is_not(play: Play) -> None:
    number = give(play, due="2026-03-12")
    own = give(play, holder="chair", due="2026-03-12")
    play.at(3, 11)
    play.does("nurse", changes.complete_action, number)
    play.does("chair", changes.complete_action, own)

    def told(who: str, on: date) -> list[tuple[int, ActionState]]:
        lines = play.does(who, chasing.compose_digest, on).lines
        return [(line.action.id, line.action.state) for line in lines]

    heard = {}
    for day in (12, 13, 17, 19, 20):
        play.at(3, day)
        play.ticks(DIGESTS)
        heard[day] = {who: told(who, date(2026, 3, day)) for who in ("nurse", "midwife", "chair", "vicechair")}
    nothing: dict[str, list[object]] = {"nurse": [], "midwife": [], "chair": [], "vicechair": []}
    waits = {**nothing, "chair": [(number, ActionState.DONE)], "vicechair": [(own, ActionState.DONE)]}
    assert heard == {12: nothing, 13: nothing, 17: nothing, 19: waits, 20: nothing}
    play.does("chair", accepting.accept_action, number)
    assert play.does("chair", chasing.compose_digest, date(2026, 3, 19)).lines == ()


@pytest.mark.databases("sqlite")
def test_only_a_member_who_sees_actions_learns_anything_of_a_report(play: Play) -> None:
    number = give(play)
    play.does("nurse", changes.complete_action, number)
    assert play.refused("outsider", accepting.accept_all, WEST, {number: 2}) == NO_PANEL
    assert play.refused("observer", accepting.accept_all, WEST, {number: 2}) == (
        "On West Operational MET, observers can't see actions."
    )
    for who in ("outsider", "observer"):
        assert play.refused(who, accepting.change_for_notice, number, 2) == NO_PANEL


@pytest.mark.databases("sqlite")
def test_only_the_office_chooses_another_agency_for_what_is_not_ours(play: Play) -> None:
    number = give(play)
    ANSWERS[ActionState.REPORTED_NOT_OURS](play, number)
    for who in ("nurse", "midwife", "constable", "minutetaker"):
        assert play.refused(who, accepting.offer_holder, number) == (
            "To choose another agency, ask the chair or the co-ordinator."
        )


@pytest.mark.databases("sqlite")
def test_who_may_not_read_the_case_is_never_offered_as_holder(play: Play) -> None:
    play.accepted("WEST-0001")
    number = give(play, case_reference="WEST-0001")
    ANSWERS[ActionState.REPORTED_NOT_OURS](play, number)
    offered = [play.does("vicechair", accepting.offer_holder, number)[1]]
    play.does("chair", interests.declare_interest, WEST, "WEST-0001")
    offered.append(play.does("vicechair", accepting.offer_holder, number)[1])
    assert offered == [user_id("chair"), user_id("constable")]
