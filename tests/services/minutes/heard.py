"""Meetings of West: one that heard three children, each in words of their own, and one that heard one of three."""

from bot.models.vocabulary import DecisionKind
from bot.records.meeting.deciding import DecisionForm
from bot.services.actions.changes import add_action
from bot.services.agenda import triage
from bot.services.cases import withdrawing
from bot.services.cases.interests import declare_interest
from bot.services.meeting import discussion
from bot.services.meeting.opening import close_meeting
from bot.services.minutes import approving, papers
from tests.county import WEST, user_id
from tests.services.conftest import Play

#: What was said of each child; CLOSED is a closed item that chair, vice-chair and social worker read.
SAID = {"WEST-0001": "Alder", "WEST-0002": "Birch", "WEST-0666": "Cedar"}
CLOSED = "WEST-0666"


def hear(play: Play) -> None:
    """Flag three cases, hear them on 24 March without the matron at WEST-0001, and close the meeting.

    What is said of each names the next one's reference, as people do.
    """
    references = list(SAID)
    for reference, word in SAID.items():
        is_closed = reference == CLOSED
        play.accepted(reference, judgement=f"{word}judgement.", asked_of_panel=f"{word}ask.", closed=is_closed)
    play.compiles()
    play.does("matron", declare_interest, WEST, "WEST-0001")
    play.at(3, 24, 14)
    play.opens()
    for at, (reference, word) in enumerate(SAID.items()):
        current = play.goes_to(reference)
        assert current.item is not None
        other, item_id = references[(at + 1) % 3], current.item.id
        said = (
            f"Police: {word}shared of {reference} with {other}.",
            f"{word}discussed as {reference} and {other.lower()} were.",
        )
        for words in said:
            play.does("chair", discussion.add_note, WEST, words, item_id=item_id)
        form = DecisionForm(DecisionKind.RETAIN, f"{word}rationale.", review="4 weeks")
        play.does("chair", discussion.decide, WEST, form, item_id=item_id)
        holder = "socialworker" if reference == CLOSED else "nurse"
        given = {"holder_user_id": user_id(holder), "text": f"look at {word}action", "due": "2 April"}
        play.does("chair", add_action, WEST, **given, item_id=item_id)
    play.does("chair", close_meeting, WEST)


def approve_with_two_not_heard(play: Play) -> None:
    """Hold a meeting after WEST-0002 was deferred and WEST-0003 withdrawn, and approve its minutes."""
    for number in (1, 2, 3):
        play.accepted(f"WEST-000{number}")
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    play.does("chair", triage.defer_case, WEST, "WEST-0002", "The assessment is under way.")
    play.does("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0003", "The family has moved.")
    play.at(3, 24, 14)
    play.holds({})
    play.does("minutetaker", papers.draft_minutes, WEST)
    play.does("chair", approving.approve_minutes, WEST)
