"""What minutes say of a case stays with those who may read it, with every correction, erasure and approval."""

import json
from datetime import date

import pytest
from sqlmodel import col

from bot.models.actions import Action
from bot.models.minutes import Minutes, MinutesPart
from bot.models.panels import Panel
from bot.services.actions.changes import add_action
from bot.services.meeting.opening import close_meeting
from bot.services.minutes import approving, correcting, papers
from bot.services.minutes.looking import Changed, DraftPage, look_through
from bot.services.minutes.record import facts_for
from tests.county import WEST, user_id
from tests.documents.word_files import texts
from tests.services.conftest import Play, actor
from tests.services.minutes.heard import CLOSED, hear
from tests.services.minutes.test_proof import erase


def printed(play: Play, who: str, minutes_id: int) -> str:
    """Return the words of the minutes as they are made for a person."""
    with play.store.work() as work:
        file = papers.minutes_document(work, actor(work, who), minutes_id)
    return "\n".join(texts(file.write()))


def test_an_action_about_a_case_that_is_not_the_item_is_for_the_readers_of_that_case(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted(CLOSED, closed=True)
    play.compiles()
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    given = {"holder_user_id": user_id("socialworker"), "text": "visit Cedar", "due": "2 April"}
    play.does("chair", add_action, WEST, **given, case_reference=CLOSED)
    with play.store.work() as work:
        for action in work.find_all(Action):
            action.item_id = None
    play.does("chair", close_meeting, WEST)
    draft = play.does("minutetaker", papers.draft_minutes, WEST)
    seen = {who: "Visit Cedar" in printed(play, who, draft.id) for who in ("chair", "vicechair", "minutetaker")}
    assert seen == {"chair": True, "vicechair": True, "minutetaker": False}
    erase(play, CLOSED)
    assert "Visit Cedar" not in printed(play, "chair", draft.id)


def test_minutes_are_written_again_after_a_case_was_erased(play: Play) -> None:
    hear(play)
    play.does("minutetaker", papers.draft_minutes, WEST)
    erase(play, "WEST-0001")
    again = play.does("minutetaker", papers.draft_minutes, WEST)
    words = printed(play, "chair", again.id)
    assert "Removed under retention on" in words
    assert "Alder" not in words
    assert "Birchdiscussed" in words


def page_of(play: Play, who: str, minutes_id: int, title: str) -> DraftPage:
    """Return the page on which a draft is looked through for one case."""
    pages = (play.does(who, look_through, minutes_id, number) for number in range(1, 40))
    return next(page for page in pages if page.title == title)


def test_the_person_who_recorded_a_closed_item_does_not_approve_it_after_another_corrected_it(play: Play) -> None:
    hear(play)
    draft = play.does("minutetaker", papers.draft_minutes, WEST)
    page = page_of(play, "vicechair", draft.id, CLOSED)
    changed = [Changed(one.key, f"{one.text} Put right.", one.mark, one.review_on) for one in page.entries]
    play.does("vicechair", correcting.correct_item, draft.id, page.item_id, changed, reason="Misheard.", page=page.page)
    play.does("minutetaker", papers.draft_minutes, WEST)
    play.does("chair", approving.approve_minutes, WEST)
    with play.store.reading() as work:
        waits = work.find_all(MinutesPart, col(MinutesPart.needs_another))
    assert len(waits) == 1


def test_a_corrected_day_of_review_is_not_before_the_meeting(play: Play) -> None:
    hear(play)
    draft = play.does("minutetaker", papers.draft_minutes, WEST)
    page = page_of(play, "chair", draft.id, "WEST-0001")
    changed = [
        Changed(one.key, one.text, one.mark, date(2020, 1, 1)) for one in page.entries if one.key.startswith("decision")
    ]
    assert (
        play.refused(
            "chair", correcting.correct_item, draft.id, page.item_id, changed, reason="Misheard.", page=page.page
        )
        == "That day is before the meeting. Give a later date."
    )


@pytest.mark.databases("sqlite")
def test_in_minutes_of_an_older_version_an_action_on_a_case_is_only_for_its_readers(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted(CLOSED, closed=True)
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    given = {"holder_user_id": user_id("socialworker"), "text": "visit Cedar", "due": "2 April"}
    play.does("chair", add_action, WEST, **given, case_reference=CLOSED)
    play.does("chair", close_meeting, WEST)
    draft = play.does("minutetaker", papers.draft_minutes, WEST)
    with play.store.work() as work:  # such a version kept the action with the facts of the meeting
        parts = [(part, json.loads(work.open(part.facts))) for part in work.find_all(MinutesPart)]
        frame, of_meeting = next(one for one in parts if "frame" in one[1])
        beside, of_action = next(one for one in parts if isinstance(one[1].get("loose"), dict))
        of_meeting["loose"] = [of_action["loose"]]
        frame.facts = work.seal(work.session.get_one(Panel, play.county.west_id).data_key_id, json.dumps(of_meeting))
        work.session.add(frame)
        work.session.delete(beside)
    seen = {}
    for who in ("chair", "socialworker", "minutetaker", "nurse"):
        with play.store.work() as work:
            facts, _ = facts_for(work, actor(work, who), work.session.get_one(Minutes, draft.id))
        seen[who] = [one.text for one in facts.actions or ()]
    assert seen == {"chair": ["visit Cedar"], "socialworker": ["visit Cedar"], "minutetaker": [], "nurse": []}
