"""What each tick asks of the database: as much for hundreds of rows as for ten, and no lock where nothing is new."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlmodel import col, select, update

from bot.clock import MovedClock
from bot.models.actions import Action
from bot.models.bookkeeping import AnsweredRequest
from bot.models.cases import Flag, NrmReferral
from bot.models.meetings import AgendaItem, Decision, Meeting, Rsvp
from bot.models.outbox import SlackFile
from bot.models.panels import Membership, Panel, Series
from bot.models.people import Agency
from bot.models.vocabulary import (
    ActionState,
    DecisionKind,
    FirstResponder,
    FlagState,
    ItemState,
    MeetingState,
    NrmOutcome,
    NrmRoute,
    Priority,
    Reply,
    ReviewAnswer,
    Role,
)
from bot.services.agenda.owed import GATHERINGS
from bot.services.agenda.return_prompts import RETURN_PROMPTS
from bot.services.cases.assessments import ASSESSMENT_PROMPTS, MOST_PEOPLE
from bot.services.cases.nrm_chasing import MOST_REFERRALS, NRM_CHASES
from bot.services.cases.reviews import REVIEW_PROMPTS
from bot.services.county.agreements import AGREEMENT_REVIEWS
from bot.services.county.slack_files import FILE_REMOVALS
from bot.services.diary import prompts
from bot.services.diary.channels import CHANNEL_LOOKS
from bot.services.diary.series import DIARIES
from bot.services.invitations.asking import INVITATIONS
from bot.services.leaving import places as leaving_places
from bot.services.meeting.left_open import MEETINGS_LEFT_OPEN
from bot.store.audit_check import CHECKPOINTS
from bot.store.requests import ANSWERS_KEPT, FORGETTING
from bot.store.rows import table_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Store
from bot.ticks import TICKS
from tests.services.leaving.meanwhile import meanwhile
from tests.services.many_panels import SEATS, Panels, furnish_panels, publish_agendas
from tests.statements import counting, noting

#: Many rows of everything take a while to put in.
pytestmark = pytest.mark.slow

#: Every panel meets on Tuesday 24 March 2026 at two.
MEETS_AT = datetime(2026, 3, 24, 14, tzinfo=UTC)
SIZES = pytest.mark.parametrize("rows", [10, 60, pytest.param(300, marks=pytest.mark.proof)])


@pytest.fixture
def many(store: Store, rows: int) -> Panels:
    """Return as many panels as rows."""
    return furnish_panels(store, rows, starts_at=MEETS_AT)


def sweeps(store: Store, sweep: Sweep) -> tuple[int, list[int], int]:
    """Return how many statements the look made, the numbers that pieces made, and how much was done.

    What only begins a transaction is not counted: the two databases differ there.
    """
    with counting(store.engine) as asked, store.reading() as work:
        pieces = sweep.find(work)
    assert not [one for one in asked if _writes_or_locks(one)]
    done, each = 0, []
    for piece in pieces:
        with counting(store.engine) as written, store.work() as work:
            done += sweep.do(work, piece)
        each.append(_count(written))
    return _count(asked), each, done


def _count(statements: list[str]) -> int:
    return sum(not statement.startswith("BEGIN") for statement in statements)


def _writes_or_locks(statement: str) -> bool:
    return statement.startswith(("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE")) or " FOR " in statement


def due(store: Store, sweep: Sweep, *, look: int, piece: int, pieces: int, done: int) -> None:
    """Check that a tick does this much with these numbers of statements, and that the next finds nothing.

    What writes the audit, or takes turns, makes one statement less that is counted on one of the two databases.
    """
    asked, each, did = sweeps(store, sweep)
    assert (asked, len(each), did) == (look, pieces, done)
    assert set(each) in ({piece}, {piece - 1})
    asked, each, did = sweeps(store, sweep)
    assert (asked <= look, each, did) == (True, [], 0)


def at(clock: MovedClock, day: int, hour: int = 10) -> None:
    clock.move_to(datetime(2026, 3, day, hour, tzinfo=UTC))


@SIZES
def test_invitations_are_found_in_six_statements(store: Store, clock: MovedClock, many: Panels, rows: int) -> None:
    at(clock, 3)
    due(store, INVITATIONS, look=6, piece=10, pieces=rows, done=rows * len(SEATS))


@SIZES
def test_reminders_and_warnings_are_found_in_six_statements(
    store: Store, clock: MovedClock, many: Panels, rows: int
) -> None:
    at(clock, 3)
    sweeps(store, INVITATIONS)
    at(clock, 20)
    warned = 3  # chair, vice-chair, co-ordinator
    due(store, INVITATIONS, look=6, piece=9, pieces=rows, done=rows * (len(SEATS) + warned))


@SIZES
def test_questions_about_reviews_are_found_in_five_statements(
    store: Store, clock: MovedClock, many: Panels, rows: int
) -> None:
    publish_agendas(store, many, at=datetime(2026, 3, 2, 10, tzinfo=UTC))
    with store.work() as work:
        work.session.execute(update(Flag).values(review_answer=ReviewAnswer.AWAITED))
    at(clock, 3)
    due(store, REVIEW_PROMPTS, look=5, piece=9, pieces=rows, done=rows)


@SIZES
def test_meetings_left_open_are_found_in_one_statement(
    store: Store, clock: MovedClock, many: Panels, rows: int
) -> None:
    with store.work() as work:
        work.session.execute(
            update(Meeting)
            .where(col(Meeting.id).in_(many.meetings))
            .values(state=MeetingState.OPEN, opened_at=MEETS_AT)
        )
    at(clock, 25)
    asked = 2  # chair and co-ordinator
    due(store, MEETINGS_LEFT_OPEN, look=1, piece=12, pieces=rows, done=rows * asked)


@SIZES
def test_who_has_answered_is_not_gone_through(store: Store, clock: MovedClock, many: Panels, rows: int) -> None:
    at(clock, 3)
    sweeps(store, INVITATIONS)
    with store.work() as work:
        answers = [
            {
                "meeting_id": meeting,
                "person_id": person,
                "agency_id": 1,
                "reply": Reply.COMING,
                "starts_at": MEETS_AT,
                "replied_at": work.now,
            }
            for meeting, numbers in zip(many.meetings, many.people, strict=True)
            for person in numbers
        ]
        work.session.connection().execute(insert(table_of(Rsvp)), answers)
    at(clock, 18)
    asked, each, _ = sweeps(store, INVITATIONS)
    assert (asked, each) == (6, [])


@SIZES
@pytest.mark.parametrize(
    ("day", "told", "state", "more"),
    [
        (3, 3, MeetingState.SCHEDULED, 0),  # flags are open: representatives
        (12, 1, MeetingState.SCHEDULED, 1),  # triage: the chair, where a flag waits
        (25, 8, MeetingState.CLOSED, 0),  # the summary: all who read minutes
    ],
    ids=["flags_open", "triage", "summary"],
)
def test_prompts_are_found_in_two_or_three_statements(
    store: Store, clock: MovedClock, rows: int, day: int, told: int, state: MeetingState, more: int
) -> None:
    many = furnish_panels(store, rows, starts_at=MEETS_AT, state=state)
    publish_agendas(store, many, at=datetime(2026, 3, 2, 10, tzinfo=UTC))
    with store.work() as work:
        work.session.execute(update(Flag).values(state=FlagState.OPEN))
    at(clock, day)
    due(store, prompts.PROMPTS, look=2 + more, piece=6 + more, pieces=rows, done=rows * told)


@SIZES
def test_meetings_to_gather_for_are_found_in_one_statement(store: Store, many: Panels, rows: int) -> None:
    with counting(store.engine) as asked, store.reading() as work:
        pieces = GATHERINGS.find(work)
    assert (_count(asked), len(pieces)) == (1, rows)
    with counting(store.engine) as written, store.work() as work:
        assert GATHERINGS.do(work, pieces[0]) == 0
    assert _count(written) <= 13
    with store.reading() as work:
        assert len(GATHERINGS.find(work)) == rows - 1


@SIZES
def test_missing_returns_are_found_in_seven_statements(
    store: Store, clock: MovedClock, many: Panels, rows: int
) -> None:
    publish_agendas(store, many, at=datetime(2026, 3, 17, 10, tzinfo=UTC))
    at(clock, 20)
    due(store, RETURN_PROMPTS, look=6, piece=10, pieces=rows, done=rows * 2)


@SIZES
def test_assessments_that_are_missing_are_found_in_seven_statements(
    store: Store, clock: MovedClock, many: Panels, rows: int
) -> None:
    """So long that chair and vice-chair hear of each, as its presenter does."""
    publish_agendas(store, many, at=datetime(2026, 3, 17, 10, tzinfo=UTC))
    missing = {"risk_tool": None, "risk_level": None, "assessed_on": None, "assessment_due_on": date(2026, 3, 10)}
    with store.work() as work:
        work.session.execute(update(Flag).values(**missing))
    at(clock, 20)
    due(store, ASSESSMENT_PROMPTS, look=7, piece=11, pieces=-(-rows * 3 // MOST_PEOPLE), done=rows * 3)


@SIZES
def test_awaited_nrm_decisions_are_found_in_four_statements(
    store: Store, clock: MovedClock, many: Panels, rows: int
) -> None:
    """Each is told to the representative who wrote the referral; one in two awaits conclusive grounds."""
    publish_agendas(store, many, at=datetime(2026, 2, 2, 10, tzinfo=UTC))
    positive = {"reasonable": NrmOutcome.POSITIVE, "reasonable_on": date(2026, 2, 6)}
    awaited = {"reasonable": NrmOutcome.AWAITED, "reasonable_on": None}
    with store.work() as work:
        items = [
            {
                "id": panel,
                "meeting_id": panel,
                "position": 1,
                "number": 1,
                "late": 0,
                "section": "new",
                "title": f"SAMPLE-{panel:04}",
                "minutes": 5,
                "is_timed": False,
                "is_pinned": False,
                "flag_id": panel,
                "state": ItemState.DISCUSSED,
            }
            for panel in many.panels
        ]
        decisions = [
            {
                "item_id": panel,
                "kind": DecisionKind.NRM,
                "rationale": b"sealed",
                "decided_by_id": people[0],
                "decided_at": work.now,
            }
            for panel, people in zip(many.panels, many.people, strict=True)
        ]
        referrals = [
            {
                "case_id": panel,
                "panel_id": panel,
                "referred_on": date(2026, 2, 2),
                "organisation": FirstResponder.POLICE,
                "route": NrmRoute.AUTHORITY,
                "conclusive": NrmOutcome.AWAITED,
                "written_by_id": people[6],
                "written_at": work.now,
            }
            | (positive if panel % 2 else awaited)
            for panel, people in zip(many.panels, many.people, strict=True)
        ]
        for model, values in ((AgendaItem, items), (Decision, decisions), (NrmReferral, referrals)):
            work.session.connection().execute(insert(table_of(model)), values)
    at(clock, 20)
    due(store, NRM_CHASES, look=4, piece=7, pieces=-(-rows // MOST_REFERRALS), done=rows)


def _action(panel: int, holder: int, now: datetime) -> dict[str, object]:
    return {
        "panel_id": panel,
        "text": b"sealed",
        "agency_id": 1,
        "holder_id": holder,
        "due_on": date(2026, 5, 1),
        "priority": Priority.NORMAL,
        "state": ActionState.OPEN,
        "created_by_id": holder,
        "created_at": now,
    }


@SIZES
def test_what_is_left_behind_is_found_in_eleven_statements(
    store: Store, clock: MovedClock, many: Panels, rows: int
) -> None:
    """A representative of each panel lost their place and holds an action and a flag there."""
    publish_agendas(store, many, at=datetime(2026, 3, 17, 10, tzinfo=UTC))
    gone = [numbers[6] for numbers in many.people]
    with store.work() as work:
        actions = [_action(panel, holder, work.now) for panel, holder in zip(many.panels, gone, strict=True)]
        work.session.connection().execute(insert(table_of(Action)), actions)
        work.session.execute(update(Membership).where(col(Membership.person_id).in_(gone)).values(ended_at=work.now))
    at(clock, 3, 8)
    assert sweeps(store, leaving_places.PLACES)[1:] == ([], 0)  # nobody is woken by it
    at(clock, 3)
    due(store, leaving_places.PLACES, look=11, piece=16, pieces=rows, done=rows * 2)
    with store.reading() as work:
        of_police = {numbers[4] for numbers in many.people}
        assert set(work.session.exec(select(Action.holder_id))) == of_police
        coordinators = {numbers[2] for numbers in many.people}  # nobody else represents social care
        assert set(work.session.exec(select(Flag.person_id))) == coordinators


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("rows", [10])
def test_what_is_left_behind_is_looked_for_by_who_held_it(store: Store, many: Panels) -> None:
    """The database says how it looks: never through every open action, of the state or of a panel."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if " FROM action " in statement.replace("\n", " "):
            asked.append((statement, parameters))

    with noting(store.engine, note), store.reading() as work:
        leaving_places.PLACES.find(work)
    with store.engine.connect() as connection:
        plan = [
            row[3]
            for statement, parameters in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert [line for line in plan if line.split()[1] == "action"] == [
        "SEARCH action USING INDEX actions_by_holder_and_state (holder_id=? AND state=?)"
    ]


@SIZES
def test_what_nobody_may_take_is_no_work(store: Store, clock: MovedClock, many: Panels, rows: int) -> None:
    with store.work() as work:
        actions = [_action(panel, people[4], work.now) for panel, people in zip(many.panels, many.people, strict=True)]
        work.session.connection().execute(insert(table_of(Action)), actions)
        work.session.execute(update(Membership).values(ended_at=work.now))
    at(clock, 3)
    asked, each, _ = sweeps(store, leaving_places.PLACES)
    assert (asked <= 11, each) == (True, [])


@SIZES
def test_places_end_a_hundred_at_once_and_follow_their_meeting(
    store: Store, clock: MovedClock, many: Panels, rows: int
) -> None:
    with store.work() as work:
        places = [
            {
                "panel_id": panel,
                "person_id": people[7],
                "role": Role.DEPUTY,
                "deputy_for_id": people[5],
                "meeting_id": panel if is_for_meeting else None,
                "began_at": work.now,
                "lapses_at": work.now + timedelta(hours=1),
            }
            for panel, people in zip(many.panels, many.people, strict=True)
            for is_for_meeting in (True, False)
        ]
        work.session.connection().execute(insert(table_of(Membership)), places)
    # Those for the meeting lapse with its day, those for a time when it is over.
    due(store, leaving_places.PLACES, look=5, piece=5, pieces=rows, done=rows)
    clock.move_to(work.now + timedelta(hours=2))
    due(store, leaving_places.PLACES, look=5, piece=4, pieces=-(-rows // 100), done=rows)


@SIZES
def test_diaries_are_looked_over_in_three_statements(store: Store, clock: MovedClock, many: Panels, rows: int) -> None:
    with store.work() as work:
        series = [
            {
                "panel_id": panel,
                "rule": "first Tuesday of the month at 14:00",
                "starts_on": date(2026, 3, 1),
                "created_at": work.now,
            }
            for panel in many.panels
        ]
        work.session.connection().execute(insert(table_of(Series)), series)
    due(store, DIARIES, look=3, piece=7, pieces=rows, done=rows * 12)


@SIZES
def test_answers_are_counted_and_dropped(store: Store, clock: MovedClock, rows: int) -> None:
    with store.work() as work:
        answers = [{"key": f"{n}", "answered_at": work.now, "answer": b"sealed"} for n in range(rows)]
        work.session.connection().execute(insert(table_of(AnsweredRequest)), answers)
        clock.move_to(work.now + ANSWERS_KEPT + timedelta(minutes=1))
    due(store, FORGETTING, look=2, piece=1, pieces=1, done=rows)


@SIZES
def test_files_are_removed_a_hundred_at_once(store: Store, clock: MovedClock, many: Panels, rows: int) -> None:
    with store.work() as work:
        files = [
            {
                "slack_id": f"F{person}",
                "kind": "agenda_file",
                "person_id": person,
                "channel_id": "D1",
                "sent_at": work.now,
                "remove_after": work.now + timedelta(days=14),
            }
            for person in range(1, rows + 1)
        ]
        work.session.connection().execute(insert(table_of(SlackFile)), files)
        clock.move_to(work.now + timedelta(days=13))
    assert sweeps(store, FILE_REMOVALS) == (1, [], 0)
    clock.move_to(work.now + timedelta(days=14))
    due(store, FILE_REMOVALS, look=1, piece=5, pieces=-(-rows // 100), done=rows)


@SIZES
def test_panels_whose_channels_are_to_be_looked_at_are_found_in_two_statements(
    store: Store, clock: MovedClock, many: Panels, rows: int
) -> None:
    with store.work() as work:
        work.session.execute(update(Panel).values(channel_id=col(Panel.key)))
    due(store, CHANNEL_LOOKS, look=2, piece=3, pieces=rows, done=rows)


@SIZES
def test_agreements_to_review_are_found_in_one_statement(
    store: Store, clock: MovedClock, many: Panels, rows: int
) -> None:
    with store.work() as work:
        work.session.execute(update(Agency).values(sharing_agreement_review_on=date(2026, 3, 20)))
        agencies = len(work.find_all(Agency))
        people = len({place.person_id for place in work.find_all(Membership, col(Membership.role) == Role.COORDINATOR)})
    asked, each, done = sweeps(store, AGREEMENT_REVIEWS)
    assert (asked, len(each), done > 0, done <= agencies * max(people, 1)) == (1, agencies, True, True)
    assert sweeps(store, AGREEMENT_REVIEWS) == (1, [], 0)


@SIZES
def test_the_audit_is_signed_once(store: Store, rows: int) -> None:
    with store.work() as work:
        for number in range(rows):
            work.audit("read", "case", number)
    due(store, CHECKPOINTS, look=2, piece=4, pieces=1, done=1)


@SIZES
def test_panels_that_stand_still_and_the_audits_head_are_only_looked_at(store: Store, many: Panels, rows: int) -> None:
    with store.work() as work:
        work.session.execute(update(Panel).values(definition="town-centre"))
    for name in ("panels", "audit head"):
        (sweep,) = (tick.sweep for tick in TICKS if tick.name == name)
        asked, each, _ = sweeps(store, sweep)
        assert (asked <= 2, each) == (True, [])


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize(
    ("sweep", "day", "done"),
    [(INVITATIONS, 3, 9), (prompts.PROMPTS, 12, 1), (RETURN_PROMPTS, 20, 2), (DIARIES, 3, 12), (CHECKPOINTS, 3, 1)],
    ids=["invitations", "prompts", "returns", "diaries", "checkpoints"],
)
def test_two_processes_do_each_piece_once(
    store: Store, open_store: Callable[[], Store], clock: MovedClock, sweep: Sweep, day: int, done: int
) -> None:
    """Both found the same piece; the second does it when the first has done all but commit."""
    many = furnish_panels(store, 1, starts_at=MEETS_AT)
    publish_agendas(store, many, at=datetime(2026, 3, 17, 10, tzinfo=UTC))
    with store.work() as work:
        rule = {"panel_id": 1, "rule": "first Tuesday of the month at 14:00", "starts_on": date(2026, 3, 1)}
        work.session.connection().execute(insert(table_of(Series)), [{**rule, "created_at": work.now}])
        work.audit("read", "case", 1)
        if sweep is prompts.PROMPTS:  # for the triage, where something waits
            work.session.execute(update(Flag).values(state=FlagState.OPEN))
    at(clock, day)
    with store.reading() as one, open_store().reading() as other:
        (piece,), (same,) = sweep.find(one), sweep.find(other)
    did: list[int] = []
    tasks = [lambda work, it=it: did.append(sweep.do(work, it)) for it in (piece, same)]
    assert meanwhile(store, tasks[0], tasks[1]) == ["", ""]
    assert sorted(did) == [0, done]
