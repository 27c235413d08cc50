"""A case comes back for review: its agency is asked what has changed, once, and its answer stands beside the case."""

from datetime import date, datetime

import pytest
from sqlmodel import col

from bot.documents.papers import presented
from bot.models.cases import Flag
from bot.models.vocabulary import DecisionKind, FlagState, Purpose, ReviewAnswer
from bot.records.cases.queries import FlagView
from bot.records.cases.reviews import ReviewAsked
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import triage
from bot.services.agenda.owed import GATHERINGS
from bot.services.cases import closed_items, flags, interests, lists, reviews, withdrawing
from bot.services.cases.reviews import REVIEW_PROMPTS
from bot.services.home import overview
from bot.slack.cases import review_views, views
from tests.county import SHIRE, WEST, flag_form, user_id
from tests.services.conftest import LONDON, Play, unseen
from tests.statements import counting

pytestmark = pytest.mark.databases("sqlite")

IN_APRIL = DecisionForm(DecisionKind.RETAIN, "Watch.", review=date(2026, 4, 21))
NOT_SAID = "Social Care has not said what changed"


def comes_back(play: Play, *references: str, **facts: object) -> list[int]:
    """Let West hear cases on 24 March, to be reviewed on 21 April.

    Return the numbers of their flags there, on 1 April.
    """
    for reference in references:
        play.accepted(reference, **facts)
    play.at(3, 24, 14)
    play.holds(dict.fromkeys(references, IN_APRIL))
    play.at(4, 1)
    play.ticks(GATHERINGS)
    with play.store.reading() as work:
        found = work.find_all(Flag, col(Flag.review_answer).is_not(None), by=[col(Flag.id)])
        return [flag.id or 0 for flag in found]


def listed(play: Play, who: str = "chair") -> FlagView:
    """Return the one flag of the coming meeting."""
    (flag,) = play.does(who, lists.list_flags, WEST).flags
    return flag


def asked_on_home(play: Play, who: str) -> list[str]:
    """Return the references about which a person's Home asks."""
    return [one.reference for one in play.does(who, overview.home_of).reviews]


def test_of_a_case_that_the_county_returns_the_agency_is_asked_what_has_changed_since_it_was_heard_there(
    play: Play,
) -> None:
    play.accepted("WEST-0001", missing_episodes=7, interviews_offered=3, interviews_within_72h=2)
    play.at(3, 24, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.ESCALATE, "Three districts are touched.")})
    play.ticks(GATHERINGS)
    (sent,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    # The county hears it for the first time, so it sees the figures that West saw.
    assert (sent.facts.missing_episodes, sent.review) == (7, None)
    play.does("countychair", triage.triage_flag, sent.id, triage.Verdict.ACCEPT)
    play.at(3, 31, 10)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.RETURN, "The district can hold it.")}, "countychair", SHIRE)
    play.at(4, 1)
    play.ticks(GATHERINGS)
    back = listed(play)
    assert back.review is not None
    assert (back.state, back.facts.purpose, back.review.words) == (FlagState.OPEN, Purpose.REVIEW, NOT_SAID)
    counts = (back.facts.missing_episodes, back.facts.interviews_offered, back.facts.interviews_within_72h)
    assert counts == (0, 0, 0)
    assert asked_on_home(play, "socialworker") == ["WEST-0001"]
    play.does("socialworker", reviews.say_unchanged, back.id)
    assert asked_on_home(play, "socialworker") == []
    said = listed(play).review
    assert said is not None
    assert said.words == "nothing has changed, Social Care said on 1 April 2026"


@pytest.mark.databases("sqlite", "postgresql")
def test_the_agency_is_asked_once_in_good_time_by_message_and_on_home(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": IN_APRIL})
    play.at(3, 25)
    play.ticks(GATHERINGS)
    assert play.ticks(REVIEW_PROMPTS) == 0  # nothing can have changed yet
    assert asked_on_home(play, "socialworker") == []
    play.at(4, 1)
    assert (play.ticks(REVIEW_PROMPTS), play.ticks(REVIEW_PROMPTS)) == (1, 0)
    assert play.sent("reviews_prompt") == [("reviews_prompt", "socialworker")]
    meeting_id = play.county.west_meetings[1]
    found = play.does("socialworker", reviews.compose_reviews, meeting_id)
    assert found is not None
    (one,) = found.asked
    assert one == ReviewAsked(
        one.flag_id, "WEST-0001", "West Operational MET", datetime(2026, 4, 21, 14, 0, tzinfo=LONDON)
    )
    text, blocks = review_views.asked(found)
    assert text == (
        "1 case comes back to West Operational MET on Tue 21 Apr 2026, 14:00 for review. "
        "What has changed since the panel last discussed the case?"
    )
    assert f"case.unchanged:{one.flag_id}" in str(blocks)
    assert "More worried" not in str(blocks)
    assert asked_on_home(play, "socialworker") == ["WEST-0001"]
    assert asked_on_home(play, "nurse") == []
    assert play.does("nurse", reviews.compose_reviews, meeting_id) is None


def test_counts_since_the_last_hearing_begin_at_nought_and_are_not_shown_as_known(play: Play) -> None:
    comes_back(play, "WEST-0001")
    flag = listed(play)
    facts = flag.facts
    assert (facts.missing_episodes, facts.interviews_offered, facts.interviews_within_72h) == (0, 0, 0)
    assert facts.purpose is Purpose.REVIEW
    assert NOT_SAID in views.marks(flag)
    shown = str(views.summary(flag))
    assert "Missing episodes and return interviews since then: not known yet" in shown
    assert (presented(flag).review, presented(flag).is_counted) == (NOT_SAID, False)


def test_nothing_has_changed_stands_beside_the_case_wherever_it_is_read(play: Play) -> None:
    (flag_id,) = comes_back(play, "WEST-0001")
    said = play.does("socialworker", reviews.say_unchanged, flag_id)
    assert review_views.unchanged(said) == (
        "Thank you. West Operational MET will see at its meeting on Tue 21 Apr 2026, 14:00 that nothing has "
        "changed for *WEST-0001*. If something changes: `/case flag WEST-0001`."
    )
    words = "nothing has changed, Social Care said on 1 April 2026"
    assert words in views.marks(listed(play))
    play.compiles()
    (item,) = [one for one in play.does("nurse", triage.show_agenda, WEST).items if one.flag is not None]
    assert item.flag is not None
    assert words in views.marks(item.flag)
    assert "Missing 0 · return interviews 0 offered" in str(views.summary(item.flag))
    assert presented(item.flag).review == words
    assert asked_on_home(play, "socialworker") == []
    assert play.ticks(REVIEW_PROMPTS) == 0
    play.does("vicechair", reviews.say_unchanged, flag_id)  # a colleague says it again
    assert listed(play).review == said.review
    play.at(4, 21, 14)
    play.opens()
    shown = play.goes_to("WEST-0001")
    assert shown.item is not None
    assert shown.item.flag is not None
    assert words in str(views.summary(shown.item.flag))


def test_what_has_changed_is_the_agencys_own_flag_at_the_same_hearing(play: Play) -> None:
    (flag_id,) = comes_back(play, "WEST-0001")
    form = review_views.changed_form(play.does("socialworker", reviews.review_to_change, flag_id))
    filled = str(form)
    assert "'initial_value': 'More worried than the score says.'" in filled
    assert "'initial_value': 'WEST-0001'" in filled
    assert "ceraf:medium" in filled
    play.does("socialworker", flags.flag_case, WEST, flag_form("WEST-0001", judgement="Calmer.", missing_episodes=1))
    flag = listed(play)
    assert (flag.id, flag.state, flag.facts.missing_episodes) == (flag_id, FlagState.ACCEPTED, 1)
    assert "Social Care said on 1 April 2026 what changed" in views.marks(flag)
    assert asked_on_home(play, "socialworker") == []
    assert play.refused("socialworker", reviews.say_unchanged, flag_id) == (
        "Your agency has said what changed already. `/case history` shows it."
    )
    play.does("socialworker", withdrawing.withdraw_flag, WEST, "WEST-0001", "It was another child.")
    assert NOT_SAID in views.marks(listed(play))
    assert asked_on_home(play, "socialworker") == ["WEST-0001"]


def test_an_agency_that_flagged_the_case_for_that_meeting_already_has_said_what_changed(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": IN_APRIL})
    play.does("socialworker", flags.flag_case, WEST, flag_form("WEST-0001", judgement="Calmer.", missing_episodes=1))
    play.at(4, 1)
    play.ticks(GATHERINGS)
    assert play.ticks(REVIEW_PROMPTS) == 0
    flag = listed(play)
    assert flag.review is not None
    assert flag.review.answer is ReviewAnswer.CHANGED


def test_another_agencys_flag_answers_nothing_for_the_agency_that_is_asked(play: Play) -> None:
    (flag_id,) = comes_back(play, "WEST-0001")
    play.does("nurse", flags.flag_case, WEST, flag_form("WEST-0001", judgement="Seen at the clinic."))
    assert NOT_SAID in views.marks(listed(play))
    assert play.refused("nurse", reviews.say_unchanged, flag_id) == (
        "Another agency flagged this case, so that agency says what has changed."
    )


def test_a_review_that_is_not_reached_is_asked_about_again(play: Play) -> None:
    (flag_id,) = comes_back(play, "WEST-0001")
    play.does("socialworker", reviews.say_unchanged, flag_id)
    play.at(4, 21, 14)
    play.holds({})
    play.at(5, 5)
    play.ticks(GATHERINGS)
    assert NOT_SAID in views.marks(listed(play))
    assert play.ticks(REVIEW_PROMPTS) == 1


def test_after_the_meeting_began_the_answer_is_given_there(play: Play) -> None:
    (flag_id,) = comes_back(play, "WEST-0001")
    play.at(4, 21, 14)
    play.opens()
    assert play.refused("socialworker", reviews.say_unchanged, flag_id) == (
        "The meeting that hears WEST-0001 has begun. Tell the meeting what has changed."
    )
    first = play.flags("WEST-0002")
    play.at(5, 4)
    assert play.refused("socialworker", reviews.say_unchanged, first) == (
        "WEST-0002 is not due for review now. To flag it: `/case flag WEST-0002`."
    )


def test_nobody_is_asked_about_what_is_kept_from_them(play: Play) -> None:
    (flag_id,) = comes_back(play, "WEST-0001", "WEST-0002")[:1]
    play.does("chair", interests.declare_interest, WEST, "WEST-0001", user_id("socialworker"))
    play.does("chair", closed_items.close_item, WEST, "WEST-0002", "A professional is a suspect.")
    play.does("chair", closed_items.end_reader, WEST, "WEST-0002", user_id("socialworker"), "They are the suspect.")
    assert play.ticks(REVIEW_PROMPTS) == 0
    assert asked_on_home(play, "socialworker") == []
    assert play.does("socialworker", reviews.compose_reviews, play.county.west_meetings[1]) is None
    assert play.refused("socialworker", reviews.say_unchanged, flag_id).startswith("I can't find that case")
    assert play.refused("socialworker", reviews.review_to_change, flag_id).startswith("I can't find that case")


def test_reviews_are_found_in_one_statement_however_many_there_are(play: Play) -> None:
    def asked(*references: str) -> int:
        comes_back(play, *references)
        with play.store.reading() as work:
            pieces = REVIEW_PROMPTS.find(work)
        assert len(list(pieces)) == 1
        with counting(play.store.engine) as statements, play.store.reading() as work:
            REVIEW_PROMPTS.find(work)
        return len(statements)

    assert asked(*(f"WEST-{number:04}" for number in range(12))) <= 6


def test_a_colleague_who_may_not_read_the_case_never_answers_for_the_agency(play: Play) -> None:
    (flag_id,) = comes_back(play, "WEST-0001")
    play.does("chair", interests.declare_interest, WEST, "WEST-0001", user_id("coordinator"))
    play.does("coordinator", flags.flag_case, WEST, flag_form("WEST-0001"))  # of the same agency
    assert listed(play, "socialworker").review == listed(play, "chair").review
    with play.store.reading() as work:
        assert work.session.get_one(Flag, flag_id).review_answer is ReviewAnswer.AWAITED


@pytest.mark.parametrize("who", ["observer", "minutetaker", "outsider"])
def test_only_who_may_flag_cases_is_asked_what_has_changed(play: Play, who: str) -> None:
    comes_back(play, "WEST-0001")
    assert play.refused(who, reviews.compose_reviews, play.county.west_meetings[1]) == unseen("that meeting")
