"""The board is drawn again at each step that changes what it shows, and at none of an item that it must not show."""

from collections.abc import Callable

import pytest

from bot.models.vocabulary import ActionKind, ItemKind
from bot.services.actions import accepting, changes, correcting, editing
from bot.services.agenda import lines, sooner, triage
from bot.services.agenda.lines import ItemForm
from bot.services.cases import merging
from tests.county import WEST, user_id
from tests.services.conftest import Play
from tests.services.meeting.test_board import drawings, shown, sitting

__all__ = ["sitting"]

pytestmark = pytest.mark.databases("sqlite")


def give(play: Play, holder: str = "nurse") -> int:
    """Let the chair give an action under the item that is being discussed. Return its number."""
    given = {"holder_user_id": user_id(holder), "text": "ring the school nurse", "due": "next meeting"}
    return play.does("chair", changes.add_action, WEST, **given).id


def edit(play: Play, action_id: int) -> None:
    """Let the chair correct the action's due date."""
    found = play.does("chair", editing.offer_edit, action_id)
    form = editing.ActionForm(
        text="ring the school",
        holder_user_id=user_id("nurse"),
        due="24 April 2026",
        kind=found.action.kind,
        case_reference="WEST-0001",
        reason="It was another day.",
    )
    play.does("chair", editing.edit_action, action_id, form)


def ask_for_time(play: Play, action_id: int) -> None:
    """Let the holder ask for more time, which they get the first time."""
    play.does("nurse", changes.extend_action, action_id, due="19 May 2026", reason="The school is shut.")


STEPS: dict[str, tuple[tuple[str, ...], Callable[[Play, int], object]]] = {
    "reports it done": ((), lambda play, it: play.does("nurse", changes.complete_action, it)),
    "reports it not possible": (
        (),
        lambda play, it: play.does("nurse", changes.give_up_action, it, possible=False, reason="She has moved."),
    ),
    "reports it not acted": (
        (),
        lambda play, it: play.does("nurse", changes.give_up_action, it, possible=True, reason="Away."),
    ),
    "says whose it is": ((), lambda play, it: play.does("nurse", changes.disown_action, it, reason="It is Police's.")),
    "accepts": (("reports it done",), lambda play, it: play.does("chair", accepting.accept_action, it)),
    "sends it back": (
        ("reports it done",),
        lambda play, it: play.does("chair", accepting.send_back_action, it, "Not yet."),
    ),
    "passes it on": (
        (),
        lambda play, it: play.does("nurse", changes.reassign_action, it, holder_user_id=user_id("matron")),
    ),
    "takes more time": ((), ask_for_time),
    "changes its kind": ((), lambda play, it: play.does("nurse", changes.change_kind, it, ActionKind.REFERRAL)),
    "corrects it": ((), edit),
    "withdraws it": ((), lambda play, it: play.does("chair", correcting.withdraw_action, it, "Given twice.")),
    "puts it back": (("withdraws it",), lambda play, it: play.does("chair", correcting.put_back_action, it)),
}


@pytest.mark.parametrize("step", STEPS)
def test_the_board_is_drawn_again_when_a_person(sitting: Play, step: str) -> None:
    before = drawings(sitting)
    action_id = give(sitting)
    assert drawings(sitting) == before + 1
    earlier, does = STEPS[step]
    for one in earlier:
        STEPS[one][1](sitting, action_id)
    before, was = drawings(sitting), shown(sitting)
    does(sitting, action_id)
    assert drawings(sitting) == before + 1
    assert shown(sitting) != was


def test_an_item_that_is_added_to_the_open_agenda_is_counted_on_the_board(sitting: Play) -> None:
    before, left = drawings(sitting), shown(sitting).left
    sitting.does("coordinator", lines.add_item, WEST, ItemForm("A visit by the fire service", ItemKind.PRESENTATION))
    assert (drawings(sitting), shown(sitting).left) == (before + 1, left + 1)


@pytest.mark.parametrize(("is_closed", "more"), [(False, 1), (True, 0)])
def test_a_flag_that_waited_for_the_chair_is_counted_once_it_is_heard_unless_it_is_closed(
    play: Play, is_closed: bool, more: int
) -> None:
    flag_id = play.flags("WEST-0009", closed=is_closed)
    play.at(3, 24, 14)
    play.opens()
    before, left = drawings(play), shown(play).left
    play.does("chair", triage.triage_flag, flag_id, triage.Verdict.ACCEPT)
    assert (drawings(play), shown(play).left) == (before + more, left + more)


@pytest.mark.parametrize(("is_closed", "more"), [(False, 1), (True, 0)])
def test_a_case_that_is_heard_sooner_is_counted_unless_it_is_closed(sitting: Play, is_closed: bool, more: int) -> None:
    flag_id = sitting.flags("WEST-0009", closed=is_closed)
    before, left = drawings(sitting), shown(sitting).left
    sitting.does("chair", sooner.hear_today, flag_id, "It can't wait.")
    assert (drawings(sitting), shown(sitting).left) == (before + more, left + more)


def test_a_reference_that_is_merged_into_a_case_on_the_open_agenda_draws_the_board(sitting: Play) -> None:
    sitting.flags("WEST-0009")
    before = drawings(sitting)
    sitting.does("chair", merging.merge_references, WEST, "WEST-0009", "WEST-0001", "The same child.")
    assert drawings(sitting) == before + 1
