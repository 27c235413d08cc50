"""Lists, Home and papers ask the database a number of questions that does not grow with their rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.language.day_words import YearDay
from bot.models.minutes import Minutes
from bot.services.actions import action_log, tracker
from bot.services.agenda import papers, returns, triage
from bot.services.cases import lists, readings
from bot.services.diary import calendars, panels
from bot.services.home import overview
from bot.services.invitations import replies
from bot.services.leaving import departure, places
from bot.services.meeting import discussion, opening
from bot.services.minutes import amending, approving, circulating, looking
from bot.services.minutes import papers as minutes_papers
from bot.services.minutes.proof import verify
from bot.services.people import changing, directory
from bot.store.key_ring import KeyRing
from bot.store.unit_of_work import Store, Work
from tests.conftest import MASTER_KEY
from tests.county import SHIRE, WEST, County, actor, user_id
from tests.services.grown import HEARD_OFTEN, Grown, grow
from tests.statements import counting, noting

#: Three hundred rows of everything take a while to put in.
pytestmark = pytest.mark.slow

SMALL, SHARE, LARGE = 10, 40, 300
#: When West's next meeting begins.
ON_THE_DAY = datetime(2026, 3, 24, 14, 0, tzinfo=UTC)
Asks = Callable[[Work, Any, Grown], object]


@dataclass(frozen=True, slots=True)
class Listed:
    """One list: who asks for it, and what was done just before."""

    who: str
    asks: Asks
    after: Asks | None = None


def _opens(work: Work, _: Any, __: Grown) -> None:
    opening.open_panel_meeting(work, actor(work, "chair"), WEST)
    here = tuple(map(user_id, ("chair", "nurse", "socialworker")))
    opening.record_attendance(work, actor(work, "coordinator"), WEST, present=here, accepted=True)


def _at_first_case(work: Work, _: Any, grown: Grown) -> None:
    _opens(work, None, grown)
    chair = actor(work, "chair")
    while (current := discussion.next_item(work, chair, WEST)).item is not None and current.item.flag is None:
        pass


def _drafted(work: Work, who: Any, _: Grown) -> int:
    return minutes_papers.draft_minutes(work, who, WEST).id


def _approved(work: Work, _: Any, grown: Grown) -> None:
    _drafted(work, actor(work, "coordinator"), grown)
    approving.approve_minutes(work, actor(work, "chair"), WEST)


def _last_meeting(work: Work) -> int:
    return work.session.get_one(Minutes, _last_minutes(work)).meeting_id


def _last_minutes(work: Work) -> int:
    return work.session.exec(select(func.max(col(Minutes.id)))).one() or 0


def _feeds(work: Work, who: Any, grown: Grown) -> None:
    work.public_url = "https://bot.example.org"
    grown.secret = calendars.make_feed_address(work, who).rpartition("/")[2].removesuffix(".ics")


def _takes_attendance(work: Work, who: Any, grown: Grown) -> object:
    everybody = [user_id(f"person{number}") for number in range(grown.size)]
    return opening.record_attendance(
        work, who, WEST, present=tuple(everybody[::2]), apologies=tuple(everybody[1::2]), information="A letter."
    )


#: Every list, paper and Home; those of an open meeting come after its opening.
LISTS = {
    "/panel list": Listed("coordinator", lambda work, who, _: panels.list_panels(work, who)),
    "/panel list of an administrator": Listed("administrator", lambda work, who, _: panels.list_panels(work, who)),
    "/panel next": Listed("nurse", lambda work, who, _: panels.show_next_meeting(work, who, WEST)),
    "/panel dates": Listed("nurse", lambda work, who, _: panels.diary(work, who, WEST)),
    "/case list": Listed("nurse", lambda work, who, _: lists.list_flags(work, who, WEST)),
    "/case history": Listed("nurse", lambda work, who, _: lists.case_history(work, who, HEARD_OFTEN)),
    "/case seen": Listed("chair", lambda work, who, _: readings.who_has_read(work, who, WEST, HEARD_OFTEN)),
    "/agenda show": Listed("nurse", lambda work, who, _: triage.show_agenda(work, who, WEST)),
    "/agenda triage": Listed("chair", lambda work, who, _: triage.flags_to_triage(work, who, WEST)),
    "/agenda triage of the county": Listed(
        "countychair", lambda work, who, _: triage.flags_to_triage(work, who, SHIRE)
    ),
    "accepted cases": Listed("chair", lambda work, who, _: triage.accepted_flags(work, who, WEST)),
    "/agenda compile": Listed("coordinator", lambda work, who, _: triage.compile_agenda(work, who, WEST)),
    "/agenda compile again": Listed(
        "coordinator",
        lambda work, who, _: triage.compile_agenda(work, who, WEST),
        after=lambda work, who, _: triage.compile_agenda(work, who, WEST),
    ),
    "/agenda publish": Listed("coordinator", lambda work, who, _: triage.publish_agenda(work, who, WEST)),
    "/agenda returns of an agency": Listed("matron", lambda work, who, _: returns.returns_asked(work, who, WEST)),
    "/agenda returns of the chair": Listed("chair", lambda work, who, _: returns.missing_returns(work, who, WEST)),
    "the grid of returns": Listed(
        "coordinator", lambda work, who, grown: returns.grid_of_meeting(work, who, grown.county.west_meetings[0])
    ),
    "returns on one case": Listed("chair", lambda work, who, grown: returns.case_returns(work, who, grown.flag_ids[0])),
    **{
        f"/action list {scope}": Listed(
            "nurse", lambda work, who, _, scope=scope: tracker.list_actions(work, who, WEST, scope)
        )
        for scope in ("open", "overdue", "reported", "all", "mine")
    },
    "/action show": Listed("nurse", lambda work, who, _: tracker.show_action(work, who, 1)),
    "the action tracker": Listed(
        "coordinator", lambda work, who, grown: action_log.log_document(work, who, grown.county.west_id)
    ),
    "the agenda in Word": Listed(
        "nurse", lambda work, who, grown: papers.agenda_document(work, who, grown.county.west_meetings[0])
    ),
    "the agenda in a message": Listed(
        "nurse", lambda work, who, grown: triage.agenda_of_meeting(work, who, grown.county.west_meetings[0])
    ),
    "/meeting replies": Listed("coordinator", lambda work, who, _: replies.show_replies(work, who, WEST)),
    "/meeting open": Listed("chair", lambda work, who, _: opening.open_panel_meeting(work, who, WEST)),
    "/meeting attendance": Listed("coordinator", _takes_attendance, after=_opens),
    "/meeting room": Listed("nurse", lambda work, who, _: opening.room(work, who, WEST), after=_opens),
    "/meeting next": Listed("chair", lambda work, who, _: discussion.next_item(work, who, WEST), after=_at_first_case),
    "/meeting now": Listed(
        "nurse", lambda work, who, _: discussion.current_item(work, who, WEST), after=_at_first_case
    ),
    "/meeting close": Listed("chair", lambda work, who, _: opening.close_meeting(work, who, WEST), after=_opens),
    "what would be carried": Listed("chair", lambda work, who, _: opening.unfinished(work, who, WEST), after=_opens),
    **{
        f"Home of a {who}": Listed(who, lambda work, who, _: overview.home_of(work, who))
        for who in ("nurse", "chair", "countychair", "coordinator", "administrator", "minutetaker", "observer")
    },
    "/minutes draft": Listed("coordinator", lambda work, who, _: minutes_papers.draft_minutes(work, who, WEST)),
    "/minutes approve": Listed(
        "chair",
        lambda work, who, _: approving.approve_minutes(work, who, WEST),
        after=lambda work, _, grown: _drafted(work, actor(work, "coordinator"), grown),
    ),
    "/minutes look": Listed(
        "chair", lambda work, who, _: looking.look_through(work, who, _last_minutes(work), 9), after=_drafted
    ),
    "changed since the draft": Listed(
        "chair", lambda work, who, _: looking.changed_since(work, who, _last_minutes(work)), after=_drafted
    ),
    "/minutes amend": Listed("nurse", lambda work, who, _: amending.offer_slip(work, who, WEST), after=_approved),
    "who has the minutes": Listed(
        "coordinator",
        lambda work, who, _: circulating.show_receipts(work, who, WEST, _last_meeting(work)),
        after=_approved,
    ),
    "the digest of minutes": Listed(
        "chair",
        lambda work, _, __: verify(work, work.session.get_one(Minutes, _last_minutes(work))),
        after=_approved,
    ),
    "/minutes export": Listed(
        "coordinator",
        lambda work, who, _: minutes_papers.export_minutes(work, who, WEST, request_key="key"),
        after=_drafted,
    ),
    "/minutes export of a day": Listed(
        "coordinator",
        lambda work, who, _: minutes_papers.export_minutes(work, who, WEST, request_key="key", on=YearDay(2, 25, 2026)),
        after=_drafted,
    ),
    "the minutes in Word": Listed(
        "coordinator",
        lambda work, who, _: minutes_papers.minutes_document(work, who, _last_minutes(work)),
        after=_drafted,
    ),
    "/people list": Listed("coordinator", lambda work, who, _: directory.list_people(work, who)),
    "/people list of an administrator": Listed("administrator", lambda work, who, _: directory.list_people(work, who)),
    "/people list of an agency": Listed(
        "administrator", lambda work, who, _: directory.list_people(work, who, "health")
    ),
    "/people attendance": Listed("coordinator", lambda work, who, _: directory.attendance_history(work, who)),
    "/people leave": Listed("administrator", lambda work, who, _: departure.show_holdings(work, who, user_id("nurse"))),
    "/people change": Listed(
        "administrator", lambda work, who, _: changing.propose_change(work, who, user_id("nurse"))
    ),
    "/people end": Listed("administrator", lambda work, who, _: places.propose_end(work, who, user_id("nurse"))),
    "the calendar file": Listed("nurse", lambda work, who, _: calendars.diary_document(work, who)),
    "the calendar of one meeting": Listed(
        "nurse", lambda work, who, grown: calendars.meeting_document(work, who, grown.county.west_meetings[0])
    ),
    "the calendar feed": Listed("nurse", lambda work, _, grown: calendars.fetch_feed(work, grown.secret), after=_feeds),
}
#: Those that need West's meeting to be held today.
_ON_THE_DAY = {"/meeting open", *(name for name, one in LISTS.items() if one.after in (_opens, _at_first_case))}


@pytest.mark.databases("sqlite", "postgresql")
def test_a_list_asks_no_more_for_more_rows(open_store: Callable[[], Store], county: County) -> None:
    assert asked_for_more(open_store, county, SHARE) == {}


@pytest.mark.proof
def test_a_list_asks_no_more_for_hundreds_of_rows(open_store: Callable[[], Store], county: County) -> None:
    assert asked_for_more(open_store, county, LARGE) == {}


def asked_for_more(open_store: Callable[[], Store], county: County, large: int) -> dict[str, tuple[int, int]]:
    """Return the lists that make more statements for so many rows than for few, with both numbers."""
    store, grown = open_store(), Grown(county)
    asked: dict[int, dict[str, int]] = {}
    for size in (SMALL, large):
        grow(store, grown, size)
        asked[size] = {
            name: len(_statements(open_store, one, grown, on_the_day=name in _ON_THE_DAY))
            for name, one in LISTS.items()
        }
    return {name: (asked[SMALL][name], count) for name, count in asked[large].items() if count > asked[SMALL][name]}


#: Tables that have no end; what goes over all of a table's rows shows as SCAN in SQLite's plan.
ENDLESS = (
    "action", "action_event", "agency_return", "agenda_item", "attendance", "cases", "data_key", "decision", "flag",
    "meeting", "membership", "minutes", "minutes_part", "note", "rsvp",
)  # fmt: skip


@pytest.mark.databases("sqlite")
def test_no_list_goes_over_a_table_that_has_no_end(open_store: Callable[[], Store], county: County) -> None:
    store, grown = open_store(), Grown(county)
    grow(store, grown, SMALL)
    scans = {
        name: found
        for name, one in LISTS.items()
        if (found := _scans(open_store, one, grown, on_the_day=name in _ON_THE_DAY))
    }
    assert scans == {}


def _scans(open_store: Callable[[], Store], one: Listed, grown: Grown, *, on_the_day: bool) -> list[str]:
    """Return the lines of the plans of what a list asks that go over a whole table, each with its statement."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append((statement, parameters))

    store = open_store()
    with noting(store.engine, note):
        _statements(lambda: store, one, grown, on_the_day=on_the_day)
    with store.engine.connect() as connection:
        return [
            f"{row[3]}: {statement}"
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            if row[3].startswith("SCAN") and row[3].split()[1].rstrip("_0123456789") in ENDLESS
        ]


def _statements(open_store: Callable[[], Store], one: Listed, grown: Grown, *, on_the_day: bool) -> list[str]:
    """Return what one list asks in a process of its own, which has opened no key yet. Nothing of it is kept."""
    store = open_store()
    with store.work() as work:
        if on_the_day:
            work.now = ON_THE_DAY
        who = actor(work, one.who)
        if one.after is not None:
            one.after(work, who, grown)
        # As the next request finds it: nothing is in this one's memory.
        work.write_promises()
        work.write_audit()
        work._entries.clear(), work._effects.clear(), work._writes.clear()
        work.session.expunge_all()
        store.keys = work.keys = KeyRing(MASTER_KEY)
        with counting(store.engine) as statements:
            one.asks(work, who, grown)
            work.write_promises()
            work.write_audit()
        work.abandon()
    store.close()
    return statements
