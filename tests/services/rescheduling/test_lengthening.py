"""A meeting that ends later than it was to: who is told, and what stays as it is."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from bot.models.meetings import Meeting, Rsvp
from bot.models.vocabulary import Reply
from bot.services.agenda import lines, triage
from bot.services.agenda.lines import ItemForm
from bot.services.agenda.triage import Verdict
from bot.services.invitations import answering
from bot.services.rescheduling import meetings
from bot.slack.agenda import views as agenda_views
from bot.store.rows import id_of
from tests.county import WEST
from tests.services.conftest import LONDON, Play

ENDS = datetime(2026, 3, 24, 16, tzinfo=UTC)


def test_a_meeting_is_lengthened_and_members_are_told(play: Play) -> None:
    change = play.does("chair", meetings.lengthen_meeting, 1, minutes=150)
    assert (change.before, change.meeting.ends_at) == (
        datetime(2026, 3, 24, 16, 0, tzinfo=LONDON),
        datetime(2026, 3, 24, 16, 30, tzinfo=LONDON),
    )
    told = [who for _, who in play.sent("meeting_notice")]
    assert {"coordinator", "nurse", "observer"} <= set(told)
    assert "chair" not in told
    assert len(told) == len(set(told))
    assert play.audited("lengthen") == [("meeting", 1, "chair")]
    with play.store.reading() as work:
        meeting = work.session.exec(select(Meeting).where(Meeting.id == 1)).one()
        assert (meeting.starts_at, meeting.ends_at, meeting.sequence) == (
            ENDS - timedelta(hours=2),
            ENDS + timedelta(minutes=30),
            1,
        )


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("minutes", "sentence"),
    [
        (120, "The meeting lasts until 16:00 already."),
        (10**17, "A meeting ends on the day on which it begins. Defer cases instead."),
        (11 * 60, "A meeting ends on the day on which it begins. Defer cases instead."),
    ],
)
def test_an_end_that_cannot_be_is_refused(play: Play, minutes: int, sentence: str) -> None:
    assert play.refused("chair", meetings.lengthen_meeting, 1, minutes=minutes) == sentence


@pytest.mark.databases("sqlite")
def test_who_may_not_keep_the_diary_lengthens_nothing(play: Play) -> None:
    missing = play.refused("chair", meetings.lengthen_meeting, 999, minutes=150)
    assert play.refused("nurse", meetings.lengthen_meeting, 1, minutes=150) == missing


@pytest.mark.databases("sqlite")
def test_the_agenda_offers_the_end_at_which_all_fits_and_the_least_pressing_cases(play: Play) -> None:
    for reference, level in (("WEST-0001", "high"), ("WEST-0002", "standard"), ("WEST-0003", "medium")):
        play.accepted(reference, risk_level=level)
    play.accepted("WEST-0666", closed=True)
    play.compiles()
    assert play.does("chair", triage.show_agenda, WEST).longer is None
    play.does("coordinator", lines.add_item, WEST, ItemForm("A long talk", minutes=24))
    agenda = play.does("chair", triage.show_agenda, WEST)
    assert agenda.overrun is not None
    over = agenda.overrun.minutes
    assert agenda.longer == datetime(2026, 3, 24, 16, tzinfo=LONDON) + timedelta(minutes=-(-over // 5) * 5)
    least_first = ["WEST-0002", "WEST-0666", "WEST-0003", "WEST-0001"]
    assert [reference for _, reference in agenda.droppable] == least_first[: -(-over // 10)]
    office = play.does("coordinator", triage.show_agenda, WEST)
    assert (office.longer is None, office.droppable) == (office.overrun is None, ())
    member = play.does("nurse", triage.show_agenda, WEST)
    assert (member.longer, member.droppable) == (None, ())
    dropped, _ = agenda.droppable[0]
    play.does("chair", triage.triage_flag, dropped, Verdict.DEFER, "No time.")
    assert "WEST-0002" not in play.agenda()


@pytest.mark.databases("sqlite")
def test_answers_to_the_invitation_stay(play: Play) -> None:
    with play.store.work() as work:
        meeting = work.session.get_one(Meeting, 1)
        starts_at, number = meeting.starts_at, id_of(meeting)
    play.does("nurse", answering.reply_to, number, int(starts_at.timestamp()), Reply.COMING)
    play.does("chair", meetings.lengthen_meeting, number, minutes=150)
    with play.store.reading() as work:
        (answer,) = work.session.exec(select(Rsvp)).all()
        assert (answer.reply, answer.starts_at) == (Reply.COMING, starts_at)


@pytest.mark.databases("sqlite")
def test_publishing_the_agenda_tells_nobody_of_a_lengthened_meeting_again(play: Play) -> None:
    play.accepted("WEST-0001")
    play.does("coordinator", triage.publish_agenda, WEST)
    change = play.does("chair", meetings.lengthen_meeting, 1, minutes=150)
    assert agenda_views.longer(change) == "The meeting now ends at 16:30. I'm telling members the new end."
    assert play.does("chair", triage.show_agenda, WEST).pending == ""
    told = play.sent()
    assert not play.does("coordinator", triage.publish_agenda, WEST).is_new
    assert play.sent() == told


@pytest.mark.databases("sqlite")
def test_suggestions_to_defer_say_how_many_more_there_are(play: Play) -> None:
    for number in range(1, 9):
        play.accepted(f"WEST-000{number}")
    play.compiles()
    for _ in range(2):
        play.does("coordinator", lines.add_item, WEST, ItemForm("A long talk", minutes=60))
    agenda = play.does("chair", triage.show_agenda, WEST)
    assert (len(agenda.droppable), agenda.droppable_more) == (5, 3)
    said = str(agenda_views.shown(agenda)[1])
    assert (
        "To make everything fit by deferring alone, defer 3 more cases too. "
        "Type `/agenda defer` and the case's reference." in said
    )
