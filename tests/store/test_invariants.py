"""What must never be true is refused by the database itself, whatever the code above it does."""

from typing import Final

import pytest
from sqlalchemy import CheckConstraint, func, select, text
from sqlalchemy.exc import IntegrityError

from bot.store.schema import METADATA
from bot.store.unit_of_work import Store
from tests.store.full_county import fill

#: Each begins with a whole county in a database of its own.
pytestmark = pytest.mark.slow

_WORDS = sorted(
    (table.name, str(constraint.name).removesuffix("_is_known"))
    for table in METADATA.tables.values()
    for constraint in table.constraints
    if isinstance(constraint, CheckConstraint) and str(constraint.name).endswith("_is_known")
)

#: The columns that stand for these words in a statement.
_COLUMNS: Final = {
    "ITEM": "number, late, is_timed, is_pinned, section, title, minutes",
    "LINE": "number, late, section, title, minutes, is_closed, readers, stepped_back",
}

#: What would be wrong, and the statement that would make it so in the county of `full_county.py`.
_WRONGS = {
    "two people with one Slack account": "UPDATE person SET user_id = 'UCHAIR' WHERE user_id = 'UNURSE'",
    "two people with one key": "UPDATE person SET key = 'chair' WHERE key = 'nurse'",
    "two leads of one agency": "UPDATE person SET leads_agency = true WHERE key = 'nurse'",
    "a person of no agency": "UPDATE person SET agency_id = 999 WHERE key = 'nurse'",
    "two panels in one channel": "UPDATE panel SET channel_id = 'CWEST'",
    "two panels with one key": "UPDATE panel SET key = 'west-met'",
    "a representative who stands in for a person": (
        "UPDATE membership SET deputy_for_id = person_id WHERE role = 'representative'"
    ),
    "one place on a panel held twice": (
        "INSERT INTO membership (panel_id, person_id, role, began_at) "
        "SELECT panel_id, person_id, role, began_at FROM membership WHERE role = 'observer'"
    ),
    "two chairs of one panel": "UPDATE membership SET role = 'chair' WHERE role = 'vice_chair'",
    "a meeting that ends as it begins": "UPDATE meeting SET ends_at = starts_at",
    "an open meeting that was never opened": "UPDATE meeting SET opened_at = NULL WHERE state = 'open'",
    "a closed meeting without its time": "UPDATE meeting SET state = 'closed' WHERE state = 'open'",
    "a scheduled meeting that has closed": "UPDATE meeting SET closed_at = starts_at WHERE state = 'scheduled'",
    "two open meetings of one panel": "UPDATE meeting SET state = 'open', opened_at = starts_at",
    "two meetings of one panel at one time": (
        "UPDATE meeting SET starts_at = (SELECT min(starts_at) FROM meeting WHERE panel_id = 1), "
        "ends_at = (SELECT max(ends_at) FROM meeting) WHERE panel_id = 1"
    ),
    "two items in one place": (
        "INSERT INTO agenda_item (meeting_id, position, ITEM, state) "
        "SELECT meeting_id, position, ITEM, 'pending' FROM agenda_item"
    ),
    "one flag heard twice at a meeting": (
        "INSERT INTO agenda_item (meeting_id, position, ITEM, state, flag_id) "
        "SELECT meeting_id, 2, ITEM, 'pending', flag_id FROM agenda_item"
    ),
    "two current items": (
        "INSERT INTO agenda_item (meeting_id, position, ITEM, state) "
        "SELECT meeting_id, 2, ITEM, 'current' FROM agenda_item UNION ALL "
        "SELECT meeting_id, 3, ITEM, 'current' FROM agenda_item"
    ),
    "an added item without a title": "UPDATE agenda_item SET kind = 'paper', flag_id = NULL",
    "a case as an added item": "UPDATE agenda_item SET kind = 'paper', words = (SELECT text FROM note LIMIT 1)",
    "one version of an agenda published twice": (
        "INSERT INTO published_agenda (meeting_id, version, published_at, starts_at, ends_at, venue) "
        "SELECT meeting_id, version, published_at, starts_at, ends_at, venue FROM published_agenda"
    ),
    "two published lines of one number": (
        "INSERT INTO published_line (agenda_id, position, LINE) SELECT agenda_id, 2, LINE FROM published_line"
    ),
    "two cases with one reference": (
        "INSERT INTO cases (reference, area_id, is_closed, data_key_id, created_at) "
        "SELECT reference, area_id, is_closed, 1, created_at FROM cases"
    ),
    "two cases under one key": (
        "INSERT INTO cases (reference, area_id, is_closed, data_key_id, created_at) "
        "SELECT 'WEST-0002', area_id, is_closed, data_key_id, created_at FROM cases"
    ),
    "one case flagged twice to one meeting": (
        "INSERT INTO flag (case_id, panel_id, meeting_id, agency_id, person_id, state, urgency, is_late, is_escalated, "
        "risk_tool, risk_level, assessed_on, judgement, asked_of_panel, themes, missing_episodes, interviews_offered, "
        "interviews_within_72h, flagged_at) SELECT case_id, panel_id, meeting_id, agency_id, person_id, 'open', "
        "urgency, is_late, is_escalated, risk_tool, risk_level, assessed_on, judgement, asked_of_panel, themes, "
        "missing_episodes, interviews_offered, interviews_within_72h, "
        "(SELECT max(starts_at) FROM meeting) FROM flag"
    ),
    "fewer than no missing episodes": "UPDATE flag SET missing_episodes = -1",
    "interviews held that were never offered": "UPDATE flag SET interviews_within_72h = 1",
    "a person there twice": (
        "INSERT INTO attendance (meeting_id, person_id, agency_id, status) "
        "SELECT meeting_id, person_id, agency_id, 'absent' FROM attendance"
    ),
    "a case closed without a reason": "UPDATE decision SET close_reason = NULL",
    "a reason for closing what is not closed": "UPDATE decision SET kind = 'escalate'",
    "a case retained without a review date": "UPDATE decision SET kind = 'retain', close_reason = NULL",
    "two decisions of one kind that stand for one item": (
        "INSERT INTO decision (item_id, kind, rationale, close_reason, decided_by_id, decided_at) "
        "SELECT item_id, kind, rationale, close_reason, decided_by_id, decided_at FROM decision"
    ),
    "an adult route before eighteen": "UPDATE decision SET adult_route = 'marac'",
    "an area of what is not transferred": "UPDATE decision SET area = rationale",
    "a decision replaced by none": "UPDATE decision SET superseded_by_id = 999",
    "grounds decided on without a day": "UPDATE nrm_referral SET reasonable = 'positive'",
    "conclusive before reasonable grounds": (
        "UPDATE nrm_referral SET conclusive = 'positive', conclusive_on = referred_on"
    ),
    "two referrals of a case on one day": (
        "INSERT INTO nrm_referral (case_id, panel_id, referred_on, organisation, route, reasonable, conclusive, "
        "written_by_id, written_at) SELECT case_id, panel_id, referred_on, organisation, route, reasonable, "
        "conclusive, written_by_id, written_at FROM nrm_referral"
    ),
    "one prompt for one deadline sent twice": (
        "INSERT INTO prompt (meeting_id, kind, person_id, deadline_on, queued_at) "
        "SELECT meeting_id, kind, person_id, deadline_on, queued_at FROM prompt"
    ),
    "one rung climbed twice": (
        "INSERT INTO chase (action_id, due_on, step, recipient_id, queued_at) "
        "SELECT action_id, due_on, step, recipient_id, queued_at FROM chase"
    ),
    "an action on a case that is not there": "UPDATE action SET case_id = 999",
    "a draft that was approved": "UPDATE minutes SET state = 'draft'",
    "approved minutes without their time": "UPDATE minutes SET approved_at = NULL",
    "approved minutes beside a living draft of them": (
        "INSERT INTO minutes (meeting_id, version, state, drafted_by_id, drafted_at) "
        "SELECT meeting_id, 2, 'draft', drafted_by_id, drafted_at FROM minutes"
    ),
    "the digest of a draft": (
        "INSERT INTO minutes (meeting_id, version, state, drafted_by_id, drafted_at, digest) "
        "SELECT meeting_id, 2, 'replaced', drafted_by_id, drafted_at, 'a' FROM minutes"
    ),
    "a member told twice of approved minutes": (
        "INSERT INTO minutes_copy (minutes_id, person_id, told_at) "
        "SELECT minutes_id, person_id, told_at FROM minutes_copy"
    ),
    "a slip with a number that nobody approved": "UPDATE amendment_slip SET number = 1",
    "a slip that is approved and says why it was refused": (
        "UPDATE amendment_slip SET number = 1, decided_by_id = written_by_id, decided_at = written_at, refusal = says"
    ),
    "two exports of one person at a time": (
        "INSERT INTO paper_export (person_id, panel_id, asked, title, state, done, asked_at) "
        "SELECT person_id, panel_id, asked, title, 'ready', done, asked_at FROM paper_export"
    ),
    "a slip decided on by nobody": "UPDATE amendment_slip SET decided_at = written_at",
    "a corrected line of no item": "UPDATE correction SET item_id = NULL",
    "one version of minutes twice": (
        "INSERT INTO minutes (meeting_id, version, state, drafted_by_id, drafted_at) "
        "SELECT meeting_id, version, 'draft', drafted_by_id, drafted_at FROM minutes"
    ),
    "two parts of minutes in one place": (
        "INSERT INTO minutes_part (minutes_id, position, facts) SELECT minutes_id, position, facts FROM minutes_part"
    ),
    "one effect queued twice": (
        "INSERT INTO outbox (key, lane, kind, priority, state, due_at, tries, fence, payload, created_at) "
        "SELECT key, lane, kind, priority, state, due_at, tries, fence, payload, created_at FROM outbox"
    ),
    "one request answered twice": (
        "INSERT INTO answered_request (key, answered_at, answer) SELECT key, answered_at, answer FROM answered_request"
    ),
    "two entries of the audit with one number": (
        "INSERT INTO audit_entry (id, at, verb, noun, outcome, digest) "
        "SELECT id, at, verb, noun, outcome, digest FROM audit_entry"
    ),
    "a case deleted under its actions": "DELETE FROM cases",
}


@pytest.mark.parametrize("wrong", _WRONGS)
def test_the_database_refuses(store: Store, wrong: str) -> None:
    fill(store)
    statement = _WRONGS[wrong]
    for name, columns in _COLUMNS.items():
        statement = statement.replace(name, columns)
    with pytest.raises(IntegrityError), store.engine.begin() as connection:
        connection.execute(text(statement))


def test_the_database_refuses_words_that_are_in_no_vocabulary(store: Store) -> None:
    fill(store)
    for table, column in _WORDS:
        with pytest.raises(IntegrityError), store.engine.begin() as connection:
            connection.execute(text(f"UPDATE {table} SET {column} = 'nonsense'"))  # noqa: S608 - names are ours


def test_the_filled_county_has_a_row_in_every_table(store: Store) -> None:
    """Otherwise a refused UPDATE above would prove nothing."""
    fill(store)
    with store.reading() as work:
        counts = {
            table.name: work.session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in METADATA.tables.values()
        }
    assert [name for name, count in counts.items() if not count] == []


def test_the_number_of_an_action_is_never_given_twice(store: Store) -> None:
    fill(store)
    with store.engine.begin() as connection:
        last = connection.execute(text("SELECT max(id) FROM action")).scalar_one()
        for table in ("chase", "action_event", "action"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names are ours
        connection.execute(
            text(
                "INSERT INTO action (panel_id, kind, text, agency_id, holder_id, due_on, priority, state, "
                "created_by_id, created_at) SELECT 1, 'other', judgement, agency_id, person_id, assessed_on, 'normal', "
                "'open', person_id, flagged_at FROM flag"
            )
        )
        assert connection.execute(text("SELECT id FROM action")).scalars().all() == [last + 1]
