"""Cases that were on the published agenda and then deferred or withdrawn are in the minutes, each as what it is."""

from sqlmodel import col

from bot.models.minutes import Minutes
from bot.services.agenda import triage
from bot.services.cases import interests, withdrawing
from bot.services.minutes import papers
from bot.services.minutes.record import facts_for
from tests.county import WEST, actor
from tests.services.conftest import Play


def minuted(play: Play, who: str) -> list[tuple[str, str, bool, str]]:
    """Return of each case its number and reference, whether it was reached, and what became of it otherwise."""
    with play.store.work() as work:
        minutes = work.find_all(Minutes, by=[col(Minutes.id).desc()])[0]
        facts, _ = facts_for(work, actor(work, who), minutes)
        items = [one for one in facts.items if one.title.startswith("WEST")]
        return [(one.number, one.title, one.is_reached, one.outcome) for one in items]


def test_deferred_withdrawn_and_not_reached_are_told_apart(play: Play) -> None:
    for number in range(1, 5):
        play.accepted(f"WEST-000{number}")
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    play.does("chair", triage.defer_case, WEST, "WEST-0002", "The assessment is under way.")
    play.does("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0003", "The family has moved.")
    play.does("chair", interests.declare_interest, WEST, "WEST-0002", "UMATRON")
    play.at(3, 24, 14)
    play.holds({})
    play.does("minutetaker", papers.draft_minutes, WEST)
    found = minuted(play, "chair")
    first = int(found[0][0])
    assert found == [
        (str(first), "WEST-0001", False, ""),
        (str(first + 3), "WEST-0004", False, ""),
        (str(first + 1), "WEST-0002", False, "deferred"),
        (str(first + 2), "WEST-0003", False, "withdrawn"),
    ]
    assert "WEST-0002" not in [title for _, title, *_ in minuted(play, "matron")]
