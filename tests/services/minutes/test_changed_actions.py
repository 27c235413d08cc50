"""Actions corrected after the draft, and corrections that are saved while the minutes are being approved."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import text

from bot.errors import PanelbotError
from bot.models.minutes import Minutes
from bot.models.vocabulary import ActionKind, CorrectionKind
from bot.records.minutes.queries import IS_APPROVED
from bot.services.actions import correcting as mistaken
from bot.services.actions import editing
from bot.services.actions.changes import add_action
from bot.services.actions.editing import ActionForm
from bot.services.cases import closed_items
from bot.services.meeting import discussion, opening
from bot.services.minutes import approving, correcting, looking, papers
from bot.services.minutes.record import facts_for
from bot.store.unit_of_work import Store
from tests.county import WEST, actor, user_id
from tests.services.conftest import Play
from tests.services.minutes.test_correcting import newest, page_of_case, said


@pytest.fixture
def drafted(play: Play) -> Play:
    """Hear two cases, give action 1 on the first, and have the minute-taker draft the minutes."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    play.does("coordinator", discussion.add_note, WEST, "Health: attended the clinic twice")
    play.does("chair", add_action, WEST, holder_user_id=user_id("nurse"), text="ring the school", due="2 April")
    play.does("chair", opening.close_meeting, WEST)
    play.does("minutetaker", papers.draft_minutes, WEST)
    return play


FORM = ActionForm("ring the college", ActionKind.OTHER, user_id("matron"), "3 April", "WEST-0001", "It was misheard.")
WAS = "Action 1: ring the school (other, Nurse, Health, due 2 April 2026)"
IS_NOW = "Action 1: ring the college (other, Matron, Health, due 3 April 2026)"


def changes_of(play: Play, who: str) -> list[tuple[CorrectionKind, str, str, str, str]]:
    """Return what this person reads under "Changed since the draft"."""
    found = play.does(who, looking.changed_since, newest(play))
    return [(one.kind, one.title, one.before, one.after, one.reason) for one in found]


def test_words_holder_and_day_of_an_action_are_changed_since_the_draft_and_approved_only_once_read(
    drafted: Play,
) -> None:
    drafted.does("coordinator", editing.edit_action, 1, FORM)
    assert changes_of(drafted, "chair") == [(CorrectionKind.ACTION, "WEST-0001", WAS, IS_NOW, "It was misheard.")]
    assert [one.reason for one in page_of_case(drafted).changes] == ["It was misheard."]
    rewritten = drafted.does("chair", approving.approve_minutes, WEST)
    assert (rewritten.version, rewritten.is_rewritten) == (2, True)
    (action,) = said(drafted).actions or ()
    assert (action.text, action.holder, action.due) == ("ring the college", "Matron", date(2026, 4, 3))
    assert drafted.does("chair", approving.approve_minutes, WEST).approved_at is not None
    # What is approved doesn't change any more, and nothing is changed since the draft.
    drafted.does("coordinator", editing.edit_action, 1, replace(FORM, text="ring the clinic", reason="It moved."))
    assert [one.text for one in said(drafted).actions or ()] == ["ring the college"]


@pytest.mark.databases("sqlite")
def test_an_action_that_was_a_mistake_is_taken_out_and_put_back(drafted: Play) -> None:
    drafted.does("chair", mistaken.withdraw_action, 1, "It was given twice.")
    drafted.does("chair", mistaken.put_back_action, 1)
    assert changes_of(drafted, "minutetaker") == [
        (CorrectionKind.ACTION, "WEST-0001", "", WAS, "It was no mistake."),
        (CorrectionKind.ACTION, "WEST-0001", WAS, "", "It was given twice."),
    ]


@pytest.mark.databases("sqlite")
def test_an_action_under_the_wrong_case_tells_readers_of_one_nothing_of_the_other(drafted: Play) -> None:
    moved = ActionForm(
        "ring the school", ActionKind.OTHER, user_id("nurse"), "2 April", "WEST-0002", "WEST-0002 was meant."
    )
    drafted.does("chair", editing.edit_action, 1, moved)
    drafted.does("chair", closed_items.close_item, WEST, "WEST-0002", "A professional is a suspect.")
    assert changes_of(drafted, "minutetaker") == [
        (CorrectionKind.ACTION, "WEST-0001", WAS, "", "It was about another case.")
    ]
    assert changes_of(drafted, "chair") == [
        (CorrectionKind.ACTION, "WEST-0002", "", WAS, "It was about another case."),
        (CorrectionKind.ACTION, "WEST-0001", WAS, "", "It was about another case."),
    ]


@pytest.mark.databases("sqlite")
def test_an_action_of_another_meeting_changes_no_draft(drafted: Play) -> None:
    drafted.does("chair", add_action, WEST, holder_user_id=user_id("nurse"), text="write", due="2 April")
    other = ActionForm("write soon", ActionKind.OTHER, user_id("nurse"), "2 April", "", "Soon.")
    drafted.does("chair", editing.edit_action, 2, other)
    assert changes_of(drafted, "chair") == []


def is_blocked(play: Play) -> bool:
    """Return whether a transaction waits for another one's row. SQLite admits one writer, so there it always does."""
    with play.store.reading() as work:
        if work.session.connection().dialect.name == "sqlite":
            return True
        waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(work.session.execute(waiting).scalar())


@pytest.mark.databases("sqlite", "postgresql")
def test_minutes_are_not_approved_past_a_correction_that_is_being_saved(
    drafted: Play, open_store: Callable[[], Store]
) -> None:
    page = page_of_case(drafted)
    entry = next(one for one in page.entries if one.text == "attended the clinic twice")
    begins, ended = Event(), Event()
    store = open_store()

    def approves() -> None:
        begins.wait()
        with store.work() as work:
            approving.approve_this(work, actor(work, "chair"), page.minutes_id)
        ended.set()

    approver = Thread(target=approves)
    approver.start()
    with drafted.store.work() as work:
        changed = [looking.Changed(entry.key, "Once.", entry.mark)]
        correcting.correct_item(
            work, actor(work, "coordinator"), page.minutes_id, page.item_id, changed, reason="It was misheard."
        )
        begins.set()
        while not ended.is_set() and not is_blocked(drafted):
            pass
    approver.join()
    # The approval saw the correction: the next version says it, and is to be read first.
    with drafted.store.work() as work:
        assert work.find_all(Minutes, IS_APPROVED) == []
        versions = work.find_all(Minutes)
        facts, _ = facts_for(work, actor(work, "chair"), max(versions, key=lambda one: one.version))
    assert len(versions) == 2
    assert [one.text for item in facts.items for one in item.shared] == ["Once."]


@pytest.mark.databases("sqlite", "postgresql")
def test_whichever_comes_first_no_correction_is_lost(drafted: Play, open_store: Callable[[], Store]) -> None:
    page = page_of_case(drafted)
    entry = next(one for one in page.entries if one.text == "attended the clinic twice")
    together, refusals = Barrier(2), list[str]()
    store = open_store()

    def corrects() -> None:
        together.wait()
        changed = [looking.Changed(entry.key, "Once.", entry.mark)]
        try:
            with store.work() as work:
                correcting.correct_item(
                    work, actor(work, "coordinator"), page.minutes_id, page.item_id, changed, reason="It was misheard."
                )
        except PanelbotError as refused:
            refusals.append(str(refused))

    corrector = Thread(target=corrects)
    corrector.start()
    together.wait()
    drafted.does("chair", approving.approve_this, page.minutes_id)
    corrector.join()
    words = "attended the clinic twice" if refusals else "Once."
    assert [one.text for item in said(drafted).items for one in item.shared] == [words]
