"""Cases heard urgently between meetings are tabled at the next ordinary one, under matters arising, for their readers.

Agenda in chat, agenda in Word, the item's card and the minutes say the same.
"""

from datetime import date, datetime, timedelta
from typing import Final

import pytest
from sqlmodel import col

from bot.documents.minutes import minutes_fields
from bot.models.cases import Case
from bot.models.minutes import Minutes
from bot.models.vocabulary import DecisionKind
from bot.records.diary.queries import not_held
from bot.services.agenda import sooner, triage
from bot.services.agenda.owed import GATHERINGS
from bot.services.agenda.papers import agenda_document
from bot.services.cases import lists
from bot.services.meeting import discussion, opening
from bot.services.meeting.discussion import DecisionForm
from bot.services.minutes import annex, papers
from bot.services.minutes.extract import extract_document
from bot.services.minutes.record import facts_for
from bot.services.rescheduling.meetings import cancel_meeting
from bot.services.rescheduling.not_held import say_elsewhere, take_back_elsewhere
from bot.slack.agenda import views as agenda_views
from bot.slack.meeting import views as meeting_views
from bot.store.rows import id_of
from tests.county import WEST, actor
from tests.documents.word_files import texts
from tests.services.conftest import Play

TUESDAY = datetime(2026, 3, 3, 16, 0)  # noqa: DTZ001 - the panel's wall clock
STEP_DOWN = DecisionForm(DecisionKind.STEP_DOWN, "Contact is rebuilding.")
RETAIN = DecisionForm(DecisionKind.RETAIN, "The risk is new.", review=date(2026, 4, 21))
OPEN: Final = "WEST-0001 was heard urgently on 3 March 2026: step down."
CLOSED: Final = "WEST-0666 (closed item) was heard urgently on 4 March 2026: retain and review by 21 April 2026."


def hear_two_urgently(play: Play) -> None:
    """Hear an open and a closed case on 3 and 4 March, each at a meeting of its own."""
    first, second = play.flags("WEST-0001"), play.accepted("WEST-0666", closed=True)
    play.accepted("WEST-0002")
    play.does("chair", sooner.hear_now, first, starts_at=TUESDAY, reason="Missing since Friday.")
    after = TUESDAY + timedelta(days=1)
    play.does("chair", sooner.hear_now, second, starts_at=after, reason="A professional is a suspect.")
    play.at(3, 3, 16)
    play.holds({"WEST-0001": STEP_DOWN})
    play.at(3, 4, 16)
    play.holds({"WEST-0666": RETAIN})


def in_chat(play: Play, who: str) -> list[str]:
    """Return what a person's agenda in chat says of urgent hearings."""
    items = play.does(who, triage.show_agenda, WEST).items
    return [
        line.removeprefix("\u2022 ")
        for item in items
        for line in agenda_views.line(item).splitlines()
        if "urgently" in line
    ]


def in_word(play: Play, who: str, meeting_id: int) -> list[str]:
    """Return the lines of a person's Word agenda that tell of urgent hearings."""
    lines = texts(play.does(who, agenda_document, meeting_id).write())
    return [line.split(" | ")[2] for line in lines if "urgently" in line]


@pytest.mark.databases("sqlite")
def test_every_paper_of_the_next_meeting_has_what_was_heard_urgently(play: Play) -> None:
    hear_two_urgently(play)
    march, april = play.county.west_meetings[:2]
    assert play.compiles() == ["WEST-0002"]
    assert (in_chat(play, "chair"), in_chat(play, "matron")) == ([OPEN, CLOSED], [OPEN])
    heading = "Matters arising: outstanding actions"
    assert in_word(play, "matron", march) == [f"{heading}. {OPEN}"]
    assert in_word(play, "chair", march) == [f"{heading}. {OPEN} {CLOSED}"]
    assert play.does("matron", agenda_document, april).case_ids == frozenset()
    play.at(3, 24, 14)
    play.opens()
    current = play.does("chair", discussion.next_item, WEST)
    while current.item is not None and not current.item.tabled:
        current = play.does("chair", discussion.next_item, WEST)
    assert current.item is not None
    said = [block["text"]["text"] for block in meeting_views.current(current)[1] if block["type"] == "section"]
    at = said.index(OPEN)
    assert said[at : at + 4] == [OPEN, "Contact is rebuilding.", CLOSED, "The risk is new."]
    play.does("matron", opening.acknowledge, march)
    theirs = play.does("matron", discussion.show_item, WEST, current.item.id)
    assert theirs.item is not None
    assert [one.words for one in theirs.item.tabled] == [OPEN.rstrip(".")]


@pytest.mark.databases("sqlite")
def test_the_minutes_have_it_under_the_case_s_own_key_and_the_meeting_after_does_not(play: Play) -> None:
    hear_two_urgently(play)
    play.compiles()
    play.at(3, 24, 14)
    play.holds({"WEST-0002": STEP_DOWN})
    play.does("minutetaker", papers.draft_minutes, WEST)
    for who, expected in (("chair", [OPEN, CLOSED]), ("matron", [OPEN])):
        with play.store.work() as work:
            (minutes,) = work.find_all(Minutes, by=[col(Minutes.id)])
            facts, _ = facts_for(work, actor(work, who), minutes)
        told = {item["key"]: item["discussion"] for item in minutes_fields(facts)["items"] if item["discussion"]}
        assert told == {"matters-arising": expected}
    # The closed annex and the extract for a child's file have that case alone.
    with play.store.work() as work:
        chair = actor(work, "chair")
        closed = annex.annex_document(work, chair, id_of(minutes)).write()
        (case,) = work.find_all(Case, col(Case.reference) == "WEST-0001")
        own = extract_document(work, chair, id_of(case), play.county.west_id, None).write()
    assert [line for content in (closed, own) for line in texts(content) if "urgently" in line] == [CLOSED, OPEN]
    play.at(3, 25)
    play.ticks(GATHERINGS)
    assert [flag.reference for flag in play.does("chair", lists.list_flags, WEST).flags] == ["WEST-0666"]
    play.compiles()
    assert in_chat(play, "chair") == []


@pytest.mark.databases("sqlite")
def test_the_meeting_after_a_cancelled_one_has_it(play: Play) -> None:
    hear_two_urgently(play)
    play.does("chair", cancel_meeting, WEST, reason="The building is closed.")
    play.compiles()
    assert in_chat(play, "matron") == [OPEN]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_case_heard_elsewhere_is_tabled_alike_until_that_is_taken_back(play: Play) -> None:
    flag_id, closed_id = play.flags("WEST-0001"), play.accepted("WEST-0666", closed=True)
    play.does("chair", sooner.hear_now, flag_id, starts_at=TUESDAY, reason="Missing since Friday.")
    after = TUESDAY + timedelta(days=1)
    play.does("chair", sooner.hear_now, closed_id, starts_at=after, reason="A professional is a suspect.")
    play.at(3, 5)
    with play.store.reading() as work:
        first, second = (id_of(one) for one in not_held(work, [play.county.west_id]))
    for number in (first, second):
        play.does("coordinator", say_elsewhere, number, reason="Held at the police station.")
    play.ticks(GATHERINGS)
    assert play.compiles() == ["WEST-0001"]  # the co-ordinator reads no closed item
    said = "was heard urgently on 3 March 2026: held elsewhere, no decision recorded."
    closed = "WEST-0666 (closed item) " + said.replace("3 March", "4 March")
    assert (in_chat(play, "chair"), in_chat(play, "matron")) == ([f"WEST-0001 {said}", closed], [f"WEST-0001 {said}"])
    (march, *_) = play.county.west_meetings
    assert in_word(play, "matron", march) == [f"Matters arising: outstanding actions. WEST-0001 {said}"]
    # The case is heard again there, and its label agrees with what is tabled.
    found = play.does("matron", triage.show_agenda, WEST).items
    (origin,) = [item.flag.origin.words for item in found if item.flag is not None]
    assert origin == ("heard on 3 March 2026 without a decision",)
    play.does("chair", take_back_elsewhere, first)
    assert in_chat(play, "chair") == [closed]
