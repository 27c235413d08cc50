"""What minutes say of the meeting itself: when it was held, who acknowledged the statement, to which people they go."""

from bot.models.minutes import Minutes
from bot.models.people import Person
from bot.services.meeting import discussion, opening
from bot.services.minutes import papers
from bot.services.minutes.record import facts_for
from tests.county import WEST, actor, user_id
from tests.services.conftest import Play


def test_the_meeting_is_minuted_as_it_was_held(play: Play) -> None:
    play.at(3, 24, 14, 4)
    play.does("chair", opening.open_panel_meeting, WEST)
    here = (user_id("chair"), user_id("socialworker"))
    play.does("coordinator", opening.record_attendance, WEST, present=here, accepted=True)
    play.does("coordinator", opening.record_attendance, WEST, present=(user_id("nurse"),))
    play.does("chair", discussion.next_item, WEST)
    play.at(3, 24, 15, 47)
    play.does("chair", opening.close_meeting, WEST)
    drafted = play.does("coordinator", papers.draft_minutes, WEST)
    with play.store.work() as work:
        facts, _ = facts_for(work, actor(work, "nurse"), work.session.get_one(Minutes, drafted.id))
    assert (facts.opened, facts.closed) == ("14:04", "15:47")
    assert (facts.acknowledged, facts.unacknowledged) == (("Chair", "Socialworker"), ("Nurse",))
    assert facts.next_meeting == "Tuesday 21 April 2026 at 14:00, Civic Centre"
    assert [(one.agency, one.name, one.role) for one in facts.circulation] == [
        ("Police", "Chair", "chair"),
        ("Police", "Constable", ""),
        ("Social Care", "Coordinator", "co-ordinator"),
        ("Health", "Matron", ""),
        ("Health", "Midwife", "deputy"),
        ("Council", "Minutetaker", "minute-taker"),
        ("Health", "Nurse", ""),
        ("Social Care", "Socialworker", ""),
        ("Social Care", "Vicechair", "vice-chair"),
    ]


def test_the_chair_is_minuted_before_everyone_else(play: Play) -> None:
    play.at(3, 24, 14)
    with play.store.work() as work:
        work.session.get_one(Person, play.county.person["chair"]).name = "Zoe Archer"
        work.session.get_one(Person, play.county.person["vicechair"]).name = "Yann Blake"
    play.does("chair", opening.open_panel_meeting, WEST)
    here = tuple(user_id(who) for who in ("constable", "nurse", "chair", "vicechair"))
    play.does("coordinator", opening.record_attendance, WEST, present=here, accepted=True)
    play.does("chair", opening.close_meeting, WEST)
    drafted = play.does("coordinator", papers.draft_minutes, WEST)
    with play.store.work() as work:
        facts, _ = facts_for(work, actor(work, "nurse"), work.session.get_one(Minutes, drafted.id))
    assert [(one.name, one.role) for one in facts.present] == [
        ("Zoe Archer", "chair"),
        ("Yann Blake", "vice-chair"),
        ("Constable", ""),
        ("Nurse", ""),
    ]
