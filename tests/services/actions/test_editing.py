"""An action is put right by those who gave or record it: what it said before is kept, and who holds it is told."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlmodel import col

from bot.models.actions import Action, ActionEvent
from bot.models.vocabulary import ActionEventKind, ActionKind, ActionState
from bot.records.actions.edits import ActionFact, ChangedFact
from bot.services.actions import accepting, changes, correcting, editing, tracker
from bot.services.actions.action_log import last_reasons
from bot.services.actions.editing import ActionForm
from bot.services.cases import closed_items, interests, merging
from bot.services.meeting import discussion, opening
from bot.slack.actions import answer_views
from tests.county import WEST, user_id
from tests.services.actions.test_changes import give
from tests.services.conftest import Play

UNTOUCHED = ActionForm(
    text="Ring the school nurse",
    kind=ActionKind.OTHER,
    holder_user_id=user_id("nurse"),
    due="2026-03-09",
    case_reference="",
    reason="It was put down wrongly.",
)


def edits(play: Play, number: int, who: str = "coordinator", **said: Any) -> Any:
    """Have an action say other things. Return what it is then."""
    return play.does(who, editing.edit_action, number, replace(UNTOUCHED, **said)).action


def refuses(play: Play, number: int, who: str = "coordinator", **said: Any) -> str:
    """Try such an edit that is refused. Return the refusal."""
    return play.refused(who, editing.edit_action, number, replace(UNTOUCHED, **said))


def changed(play: Play, number: int, who: str) -> list[tuple[tuple[ChangedFact, ...], str | None]]:
    """Return what a person reads of each correction, and of why."""
    lines = play.does(who, tracker.show_action, number).history
    return [(line.changes, line.reason) for line in lines if line.kind is ActionEventKind.EDITED]


def test_everything_of_an_action_is_corrected_at_once_and_what_it_said_before_is_kept(play: Play) -> None:
    play.accepted("WEST-0001")
    number = give(play)
    shown = play.does("coordinator", editing.offer_edit, number)
    assert (shown.action.text, shown.seen) == ("Ring the school nurse", 0)
    now = edits(
        play,
        number,
        text="Visit the\n family",
        kind=ActionKind.VISIT,
        holder_user_id=user_id("socialworker"),
        due="Friday 6 March",
        case_reference="west-0001",
    )
    assert (now.text, now.kind, now.holder_name, now.agency_name, now.due_on, now.case_reference, now.state) == (
        "Visit the family",
        ActionKind.VISIT,
        "Socialworker",
        "Social Care",
        date(2026, 3, 6),
        "WEST-0001",
        ActionState.OPEN,
    )
    line = play.does("nurse", tracker.show_action, number).history[-1]
    assert (line.kind, line.person_name, line.reason) == (
        ActionEventKind.EDITED,
        "Coordinator",
        "It was put down wrongly.",
    )
    assert (line.holder_name, line.due_on) == ("Socialworker", date(2026, 3, 6))
    assert line.changes == (
        ChangedFact(ActionFact.WORDS, "Ring the school nurse", "Visit the family"),
        ChangedFact(ActionFact.KIND, "other", "visit"),
        ChangedFact(ActionFact.HOLDER, "Nurse", "Socialworker"),
        ChangedFact(ActionFact.DUE, "2026-03-09", "2026-03-06"),
        ChangedFact(ActionFact.CASE, "", "WEST-0001"),
    )
    assert play.audited("edited") == [("action", number, "coordinator")] * 2  # of no case, and of the case
    with play.store.reading() as work:
        event = work.find_all(ActionEvent, col(ActionEvent.kind) == ActionEventKind.EDITED)[0]
        assert event.before is not None
        assert (b"school nurse" in event.before, event.before_case_id) == (False, None)
        assert event.case_id == now.case_id


@pytest.mark.databases("sqlite")
def test_who_gave_it_who_holds_it_and_who_held_it_are_told_once(play: Play) -> None:
    number = give(play, "chair")
    edits(play, number, due="2026-03-06")
    assert play.sent() == [("action_given", "nurse"), ("action_changed", "chair"), ("action_changed", "nurse")]
    edits(play, number, due="2026-03-06", holder_user_id=user_id("constable"))
    assert play.sent()[3:] == [("action_changed", "chair"), ("action_changed", "nurse"), ("action_given", "constable")]
    told = play.does("chair", accepting.change_for_notice, number, 3)
    assert told is not None
    assert (told.kind, told.by_name, told.is_yours, told.is_given) == (
        ActionEventKind.EDITED,
        "Coordinator",
        False,
        True,
    )
    assert answer_views.changed(told)[0] == (
        "Coordinator corrected action 1, which you gave. Press *Open* to see the old and the new version, and why."
    )
    gone = play.does("nurse", accepting.change_for_notice, number, 3)
    assert gone is not None
    assert (gone.kind, gone.by_name, gone.is_yours) == (ActionEventKind.EDITED, "Coordinator", False)
    own = give(play, "nurse", "nurse")
    edits(play, own, "nurse", due="2026-03-12")
    assert play.sent()[6:] == []


@pytest.mark.databases("sqlite")
def test_each_correction_shows_what_took_the_place_of_what(play: Play) -> None:
    number = give(play)
    edits(play, number, text="Ring the clinic", reason="The clinic was meant.")
    play.does("nurse", changes.change_kind, number, ActionKind.REFERRAL)
    edits(play, number, text="Write to the clinic", kind=ActionKind.REFERRAL, reason="They want a letter.")
    assert changed(play, number, "nurse") == [
        ((ChangedFact(ActionFact.WORDS, "Ring the school nurse", "Ring the clinic"),), "The clinic was meant."),
        ((ChangedFact(ActionFact.KIND, "other", "referral"),), None),
        ((ChangedFact(ActionFact.WORDS, "Ring the clinic", "Write to the clinic"),), "They want a letter."),
    ]


@pytest.mark.databases("sqlite")
def test_who_gave_it_or_records_for_the_panel_corrects_it_and_nobody_else(play: Play) -> None:
    sentence = "Only the person who gave an action, the chair, the co-ordinator or the minute-taker can correct it."
    number = give(play)
    for who in ("nurse", "matron", "constable", "socialworker"):
        assert refuses(play, number, who, due="2026-03-10") == sentence
        assert play.refused(who, editing.offer_edit, number) == sentence
    assert refuses(play, number, "observer", due="2026-03-10").startswith("I can't find action 1")
    for day, who in enumerate(("chair", "vicechair", "coordinator", "minutetaker"), start=10):
        assert edits(play, number, who, due=f"2026-03-{day}").due_on == date(2026, 3, day)
    own = give(play, "nurse", "nurse")
    assert play.does("nurse", tracker.show_action, own).may_correct
    assert not play.does("nurse", tracker.show_action, number).may_correct
    assert edits(play, own, "nurse", text="Write to them").text == "Write to them"
    assert refuses(play, own, "nurse", holder_user_id=user_id("constable")).startswith(
        "You can give actions within your own agency"
    )


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("said", "field", "sentence"),
    [
        ({}, "text", "You haven't changed anything yet. Change something, or close the form."),
        ({"reason": " ", "due": "2026-03-10"}, "reason", editing.NO_REASON),
        ({"text": " "}, "text", "What is to be done? Write one thing to do"),
        ({"text": "Ring mum on 07700 900123"}, "text", "This looks as if it contains a phone number"),
        ({"due": "2026-02-27"}, "due", "Friday 27 February 2026 has passed."),
        ({"due": "soon"}, "due", '"soon" does not name a day.'),
        ({"holder_user_id": "UOBSERVER"}, "holder", "<@UOBSERVER> can't hold actions on West Operational MET"),
        ({"case_reference": "WEST-9999"}, None, "I can't find case WEST-9999, or it isn't for you."),
        # A case of the county's that was never before this panel, and a closed item that is kept from the editor.
        ({"case_reference": "SHIRE-0001"}, None, "I can't find case SHIRE-0001, or it isn't for you."),
        ({"case_reference": "WEST-0666"}, None, "I can't find case WEST-0666, or it isn't for you."),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_changes_nothing(
    play: Play, said: dict[str, str], field: str | None, sentence: str
) -> None:
    play.accepted("WEST-0666", closed=True)
    number = give(play)
    with pytest.raises(Exception) as refusal:  # noqa: PT011 - which of ours it is, the sentence says
        edits(play, number, **said)
    assert str(refusal.value).startswith(sentence)
    assert getattr(refusal.value, "field", None) == field
    found = play.does("coordinator", tracker.show_action, number)
    assert (found.action.text, found.action.due_on, len(found.history)) == (
        "Ring the school nurse",
        date(2026, 3, 9),
        1,
    )
    assert play.sent() == [("action_given", "nurse")]


@pytest.mark.databases("sqlite")
def test_an_overdue_action_keeps_its_day_while_its_words_are_corrected(play: Play) -> None:
    number = give(play)
    play.at(3, 12)
    now = edits(play, number, text="Ring the clinic")
    assert (now.text, now.due_on, now.is_overdue) == ("Ring the clinic", date(2026, 3, 9), True)


@pytest.mark.databases("sqlite")
def test_what_has_ended_is_not_corrected_and_says_what_to_do_instead(play: Play) -> None:
    number, mistaken = give(play), give(play)
    play.does("nurse", changes.complete_action, number)
    assert edits(play, number, due="2026-03-10").state is ActionState.DONE  # what is only reported may be
    play.does("chair", accepting.accept_action, number)
    assert refuses(play, number, due="2026-03-11") == (
        "Action 1 is already accepted as done, so it can't be corrected. "
        "If there is more to do, add a new action, or ask the chair to reopen it. "
        "The action was accepted for the panel by Chair on Mon 2 Mar 2026 at 10:00."
    )
    assert not play.does("chair", tracker.show_action, number).may_correct
    play.does("coordinator", correcting.withdraw_action, mistaken, "Twice.")
    assert play.refused("coordinator", editing.offer_edit, mistaken).startswith(
        "Action 2 was withdrawn as a mistake, so it can't be corrected. The person who gave it can put it back."
    )


@pytest.mark.databases("sqlite")
def test_another_holder_answers_that_it_is_another_agencys(play: Play) -> None:
    number = give(play)
    play.does("nurse", changes.disown_action, number, reason="The police hold it.")
    assert edits(play, number, due="2026-03-10").state is ActionState.REPORTED_NOT_OURS
    given = edits(play, number, due="2026-03-10", holder_user_id=user_id("constable"))
    assert (given.state, given.holder_name, given.agency_name) == (ActionState.OPEN, "Constable", "Police")


@pytest.mark.databases("sqlite")
def test_two_who_correct_at_once_overwrite_nothing(play: Play) -> None:
    number = give(play)
    first = play.does("chair", editing.offer_edit, number)
    second = play.does("coordinator", editing.offer_edit, number)
    form = replace(UNTOUCHED, text="Ring the clinic")
    play.does("chair", editing.edit_action, number, form, first.seen)
    form = replace(UNTOUCHED, due="2026-03-10")
    assert play.refused("coordinator", editing.edit_action, number, form, second.seen) == (
        "Chair changed action 1 since you opened this form, so nothing was saved. "
        "Copy your words, and open the form again: "
        "`/action edit 1`."
    )
    assert play.does("chair", tracker.show_action, number).action.text == "Ring the clinic"


def test_words_about_the_wrong_case_are_for_readers_of_both(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    number = give(play, case_reference="WEST-0001")
    play.does("nurse", changes.complete_action, number, "Their form tutor was told.")
    edits(play, number, text="Ring the clinic", case_reference="WEST-0002", reason="The other child was meant.")
    now = play.does("coordinator", tracker.show_action, number)
    assert (now.action.case_reference, now.action.report and now.action.report.words) == ("WEST-0002", "")
    both = (
        ChangedFact(ActionFact.WORDS, "Ring the school nurse", "Ring the clinic"),
        ChangedFact(ActionFact.CASE, "WEST-0001", "WEST-0002"),
    )
    assert changed(play, number, "nurse") == [(both, "The other child was meant.")]
    play.does("constable", interests.declare_interest, WEST, "WEST-0001")
    assert changed(play, number, "constable") == [((), None)]
    assert [line.reason for line in play.does("constable", tracker.show_action, number).history] == [None] * 3
    # And back: the readers of the first case don't learn of the second one.
    play.does("chair", closed_items.close_item, WEST, "WEST-0002", "A professional is a suspect.")
    edits(play, number, "chair", text="Ring the school nurse", case_reference="WEST-0001", reason="It was right.")
    assert changed(play, number, "nurse") == [((), None), ((), None)]
    assert changed(play, number, "chair")[1] == (
        (
            ChangedFact(ActionFact.WORDS, "Ring the clinic", "Ring the school nurse"),
            ChangedFact(ActionFact.CASE, "WEST-0002", "WEST-0001"),
        ),
        "It was right.",
    )
    assert refuses(play, number, "chair", case_reference="WEST-0002", reason="Again.").startswith(
        "<@UNURSE> cannot be given this action. If they should hold it, a chair must first let them see the case: "
        "`/case add-reader WEST-0002 @name west-met because REASON`."
    )


@pytest.mark.databases("sqlite")
def test_a_giver_who_the_case_was_closed_for_does_not_correct_it(play: Play) -> None:
    play.accepted("WEST-0001")
    own = give(play, "nurse", "nurse", case_reference="WEST-0001")
    edits(play, own, "nurse", text="Ring the clinic", case_reference="WEST-0001")
    play.does("chair", closed_items.close_item, WEST, "WEST-0001", "A professional is a suspect.")
    sentence = "The case of this action is closed: only a chair of the panel can correct the action."
    assert play.refused("nurse", editing.offer_edit, own) == sentence
    assert refuses(play, own, "nurse", due="2026-03-10") == sentence
    found = play.does("nurse", tracker.show_action, own)
    assert (found.may_correct, changed(play, own, "nurse")) == (False, [((), None)])


@pytest.mark.databases("sqlite")
def test_in_a_meeting_it_moves_to_the_item_of_its_case_and_the_board_is_drawn_again(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    given = play.does(
        "minutetaker", changes.add_action, WEST, holder_user_id=user_id("nurse"), text="Ring", due="2026-04-01"
    )
    before = len(play.sent("board_changed"))
    same = {"text": "Ring", "due": "2026-04-01"}
    edits(play, given.id, **same, case_reference="WEST-0002", holder_user_id=user_id("socialworker"))
    assert len(play.sent("board_changed")) == before + 1
    assert play.does("chair", discussion.current_item, WEST).given == ()
    there = play.goes_to("WEST-0002")
    assert [one.id for one in there.given] == [given.id]
    edits(play, given.id, **same, case_reference="", holder_user_id=user_id("socialworker"))
    with play.store.reading() as work:
        assert work.session.get_one(Action, given.id).item_id is None
    # Of what was given in a meeting its end tells its holder. Its giver hears at once what another changed.
    assert play.sent("action_given", "action_changed") == [("action_changed", "minutetaker")] * 2
    play.does("chair", opening.close_meeting, WEST)
    assert play.sent("meeting_actions") == [("meeting_actions", "socialworker")]


@pytest.mark.databases("sqlite")
def test_the_tracker_has_neither_why_it_was_corrected_nor_what_was_said_of_another_case(play: Play) -> None:
    def last_word() -> list[str]:
        with play.store.reading() as work:
            found = last_reasons(work, col(Action.panel_id) == play.county.west_id)
        return list(found.values())

    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    number = give(play, case_reference="WEST-0001")
    play.does("nurse", changes.extend_action, number, due="2026-03-10", reason="The clinic is shut.")
    edits(play, number, due="2026-03-11", case_reference="WEST-0001", reason="It was put down wrongly.")
    assert last_word() == ["The clinic is shut."]
    edits(play, number, due="2026-03-11", case_reference="WEST-0002", reason="The other child.")
    assert last_word() == []


@pytest.mark.databases("sqlite")
def test_what_was_said_of_a_case_goes_with_it_into_the_one_it_is_merged_with(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0007")
    number = give(play, case_reference="WEST-0007")
    edits(play, number, text="Ring the clinic", case_reference="WEST-0007")
    play.does("nurse", changes.complete_action, number, "Rang on Monday.")
    play.does("chair", merging.merge_references, WEST, "WEST-0007", "WEST-0001", "The health number is the same.")
    assert changed(play, number, "nurse") == [
        (
            (ChangedFact(ActionFact.WORDS, "Ring the school nurse", "Ring the clinic"),),
            "It was put down wrongly.",
        )
    ]
    view = play.does("nurse", tracker.show_action, number).action
    assert (view.case_reference, view.report and view.report.words) == ("WEST-0001", "Rang on Monday.")
