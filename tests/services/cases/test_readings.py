"""Every read of a case is noted with the case, wherever it is shown; and its chair can ask who has read it."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select

from bot.domain.notices import Notice
from bot.domain.permissions import Actor
from bot.models.bookkeeping import AuditEntry
from bot.models.cases import Case
from bot.services.actions import action_log, chasing, tracker
from bot.services.actions.changes import add_action
from bot.services.agenda import papers, returns, triage
from bot.services.cases import closed_items, interests, lists, readings
from bot.services.home import overview
from bot.services.meeting import discussion
from bot.services.minutes import papers as minutes_papers
from bot.slack.home.commands import home
from bot.slack.notices import RENDERERS
from bot.slack.outgoing import Gathering
from bot.store.rows import Page
from bot.store.unit_of_work import Work
from bot.ticks import TICKS
from tests.county import TEAM, WEST, actor, user_id
from tests.services.conftest import Play

Looks = Callable[[Work, Actor], object]


def _prepared(play: Play) -> int:
    """West's agenda is out with WEST-0001 and WEST-0002, the nurse has an action on the first. Return its flag."""
    flag_id = play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    given: Mapping[str, Any] = {"holder_user_id": user_id("nurse"), "text": "ring", "due": "4 March"}
    play.does("coordinator", add_action, WEST, case_reference="WEST-0001", **given)
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    return flag_id


def _noted(play: Play, who: str, verb: str, *, since: int = 0) -> set[str]:
    """Return the references of the cases of which an entry with this verb says that they did so."""
    with play.store.reading() as work:
        query = (
            select(Case.reference)
            .join(AuditEntry, col(AuditEntry.case_id) == col(Case.id))
            .where(AuditEntry.verb == verb, AuditEntry.actor_id == play.county.person[who], AuditEntry.id > since)
        )
        return set(work.session.exec(query))


def _last_entry(play: Play) -> int:
    with play.store.reading() as work:
        return work.find_all(AuditEntry, by=[col(AuditEntry.id).desc()], most=1)[0].id


def _west(play: Play) -> int:
    return play.county.west_meetings[0]


BOTH, FIRST = {"WEST-0001", "WEST-0002"}, {"WEST-0001"}
#: Each place that shows cases: who looks, how, and which of the two cases are shown there.
PLACES: dict[str, tuple[str, Callable[[Play, int], Looks], set[str]]] = {
    "/case list": ("nurse", lambda _, __: lambda work, who: lists.list_flags(work, who, WEST), BOTH),
    "/case history": (
        "nurse",
        lambda _, __: lambda work, who: lists.case_history(work, who, "WEST-0001"),
        FIRST,
    ),
    "/case readers": (
        "chair",
        lambda _, __: lambda work, who: closed_items.show_readers(work, who, WEST, "WEST-0001"),
        FIRST,
    ),
    "/agenda show": ("nurse", lambda _, __: lambda work, who: triage.show_agenda(work, who, WEST), BOTH),
    "a page of it": (
        "nurse",
        lambda play, _: lambda work, who: triage.agenda_of_meeting(work, who, _west(play), Page(0, 1)),
        set(),  # welcome and apologies alone
    ),
    "the agenda in Word": (
        "nurse",
        lambda play, _: lambda work, who: papers.agenda_document(work, who, _west(play)),
        BOTH,
    ),
    "the returns asked for": (
        "nurse",
        lambda _, __: lambda work, who: returns.returns_asked(work, who, WEST),
        BOTH,
    ),
    "a return's form": ("nurse", lambda _, flag: lambda work, who: returns.return_form(work, who, flag), FIRST),
    "returns on a case": ("chair", lambda _, flag: lambda work, who: returns.case_returns(work, who, flag), FIRST),
    "/action list": ("nurse", lambda _, __: lambda work, who: tracker.list_actions(work, who, WEST), FIRST),
    "/action show": ("nurse", lambda _, __: lambda work, who: tracker.show_action(work, who, 1), FIRST),
    "the tracker": (
        "coordinator",
        lambda play, _: lambda work, who: action_log.log_document(work, who, play.county.west_id),
        FIRST,
    ),
    "Home": ("nurse", lambda _, __: overview.home_of, FIRST),
}


@pytest.mark.parametrize("place", PLACES)
def test_each_place_that_shows_a_case_notes_it_once_and_no_other(play: Play, place: str) -> None:
    flag_id = _prepared(play)
    who, looks, shown = PLACES[place]
    before, before_reads = _last_entry(play), len(play.audited("read"))
    with play.store.looking() as work:
        looks(play, flag_id)(work, actor(work, who))
    assert _noted(play, who, "read", since=before) == shown
    cases = [entry for entry in play.audited("read")[before_reads:] if entry[0] == "case"]
    assert len(cases) == len(shown)


def test_the_item_being_discussed_is_read_and_not_the_whole_agenda(play: Play) -> None:
    _prepared(play)
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    before = _last_entry(play)
    play.does("nurse", discussion.current_item, WEST)
    assert _noted(play, "nurse", "read", since=before) == {"WEST-0001"}


def test_the_minutes_in_word_are_a_read_of_each_case_in_them(play: Play) -> None:
    _prepared(play)
    play.at(3, 24, 14)
    play.holds({})
    drafted = play.does("coordinator", minutes_papers.draft_minutes, WEST)
    before = _last_entry(play)
    play.does("coordinator", minutes_papers.minutes_document, drafted.id)
    assert _noted(play, "coordinator", "read", since=before) >= {"WEST-0001"}


def test_what_is_kept_from_a_person_is_not_noted_as_read_by_them(play: Play) -> None:
    _prepared(play)
    play.does("chair", closed_items.close_item, WEST, "WEST-0002", "A colleague is named.")
    play.does("matron", interests.declare_interest, WEST, "WEST-0001")
    before = _last_entry(play)
    for who in ("matron", "constable"):
        play.does(who, lists.list_flags, WEST)
        play.does(who, tracker.list_actions, WEST)
        play.does(who, triage.show_agenda, WEST)
    assert _noted(play, "matron", "read", since=before) == set()
    assert _noted(play, "constable", "read", since=before) == {"WEST-0001"}


def _render(play: Play, notice: Notice, **payload: Any) -> None:
    """Put a notice into words as the courier does, and have noted what it notes."""
    renderer = RENDERERS[notice]
    with play.store.reading(may_audit=True) as looked:
        if isinstance(renderer, Gathering):
            renderer.render(looked, [payload])
        else:
            renderer(looked, payload)
    with play.store.work() as work:
        work.take_over(looked)


def test_a_message_that_stays_is_noted_as_sent_and_a_file_and_home_as_read(play: Play) -> None:
    _prepared(play)
    nurse = play.county.person["nurse"]
    before = _last_entry(play)
    _render(play, Notice.ACTION_GIVEN, person_id=nurse, action_id=1, event_id=1)
    _render(play, Notice.AGENDA_PUBLISHED, person_id=nurse, meeting_id=_west(play))
    assert _noted(play, "nurse", "send", since=before) == BOTH
    assert _noted(play, "nurse", "read", since=before) == set()
    before = _last_entry(play)
    _render(play, Notice.AGENDA_FILE, person_id=nurse, meeting_id=_west(play))
    assert _noted(play, "nurse", "read", since=before) == BOTH
    before = _last_entry(play)
    _render(play, Notice.HOME, team=TEAM, user=user_id("nurse"))
    assert (_noted(play, "nurse", "read", since=before), home) == (FIRST, RENDERERS[Notice.HOME])


def test_ticks_read_nothing(play: Play) -> None:
    _prepared(play)
    before = len(play.audited("read"))
    play.at(3, 23, 9)
    for tick in TICKS:
        play.ticks(tick.sweep)
    assert "digest" in {kind for kind, _ in play.sent()}
    assert len(play.audited("read")) == before


def test_the_words_of_a_digest_are_a_read(play: Play) -> None:
    _prepared(play)
    play.at(3, 23, 9)
    play.ticks(chasing.DIGESTS)
    before = _last_entry(play)
    play.does("nurse", chasing.open_digest, date(2026, 3, 23))
    assert _noted(play, "nurse", "read", since=before) == {"WEST-0001"}


@pytest.mark.databases("sqlite", "postgresql")
def test_a_chair_asks_who_has_read_a_case(play: Play) -> None:
    play.accepted("WEST-0001")
    for hour, who in ((11, "nurse"), (12, "constable"), (13, "nurse")):
        play.at(3, 3, hour)
        play.does(who, lists.case_history, "WEST-0001")
        play.does(who, lists.list_flags, WEST)
    found = play.does("chair", readings.who_has_read, WEST, "west-0001")
    said = [(one.name, one.agency_name, one.times, f"{one.last_at:%d %H:%M}", one.has_left) for one in found.people]
    # Its chair triaged it, which is a decision and no reading.
    assert said == [("Nurse", "Health", 4, "03 13:00", False), ("Constable", "Police", 2, "03 12:00", False)]
    assert (found.reference, found.count) == ("WEST-0001", 2)
    page = play.does("vicechair", readings.who_has_read, WEST, "WEST-0001", Page(1, 1))
    assert ([one.name for one in page.people], page.first, page.count) == (["Constable"], 1, 2)
    # That they asked is noted with the case, and is no reading of it.
    assert _noted(play, "chair", "list") == {"WEST-0001"}
    assert play.does("chair", readings.who_has_read, WEST, "WEST-0001").count == 2


@pytest.mark.databases("sqlite")
def test_who_has_read_is_for_a_chair_who_may_read_the_case(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0666", closed=True)
    for who in ("coordinator", "nurse", "socialworker"):
        refused = {play.refused(who, readings.who_has_read, WEST, one) for one in ("WEST-0001", "WEST-0666", "NO-1")}
        assert refused == {
            "Only the chair or the vice-chair of a panel that hears a case can see who has read it. If you think "
            "that a person can read what they shouldn't, tell your chair."
        }
    assert play.does("chair", readings.who_has_read, WEST, "WEST-0666").count == 0
    play.does("chair", interests.declare_interest, WEST, "WEST-0666")
    hidden, absent = (play.refused("chair", readings.who_has_read, WEST, one) for one in ("WEST-0666", "WEST-0999"))
    assert hidden.replace("0666", "N") == absent.replace("0999", "N")


@pytest.mark.databases("sqlite")
def test_reads_noted_before_entries_had_a_case_count_too(play: Play) -> None:
    play.accepted("WEST-0001")
    with play.store.work() as work:
        nurse = actor(work, "nurse").person_id
        work.audit("read", "case", 1, actor_id=nurse)
        work._entries[-1] = work._entries[-1]._replace(case_id=None)
    assert [one.name for one in play.does("chair", readings.who_has_read, WEST, "WEST-0001").people] == ["Nurse"]
