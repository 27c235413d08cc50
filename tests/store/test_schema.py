"""The schema goes up and down on both databases and is what the models say, to the last constraint."""

import json
import multiprocessing
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, inspect, select, text

from bot.errors import Misconfigured
from bot.models.cases import CaseReader
from bot.models.meetings import AgendaItem, PublishedAgenda, PublishedLine
from bot.models.outbox import SlackFile
from bot.store import schema
from bot.store.engine import create_store_engine
from bot.store.schema import METADATA
from bot.store.unit_of_work import Store
from tests.conftest import compiling_once, prove_key
from tests.store.full_county import fill

#: Databases are made again and migrated.
pytestmark = pytest.mark.slow

NEW_SINCE_0001 = {
    "agency_reference",
    "paper_export",
    "paper_export_file",
    "rsvp",
    "nrm_referral",
    "published_agenda",
    "published_line",
    "flag_edit",
    "access_event",
    "reading_asked",
    "agency_return",
    "calendar_feed",
    "audit_checkpoint",
    "outbox_method",
    "direct_channel",
    "installation",
    "county_settings",
    "channel_guest",
    "shared_channel",
    "slack_file",
    "slack_file_case",
    "board",
    "guest",
    "attendance_entry",
    "minutes_accuracy",
    "minutes_event",
    "minutes_copy",
    "correction",
    "amendment_slip",
}


@pytest.fixture
def engine(empty_database_url: str) -> Any:
    """Return an engine on a database without a schema."""
    engine = compiling_once(create_store_engine(empty_database_url))
    yield engine
    engine.dispose()


def test_a_new_database_comes_to_the_current_schema(engine: Engine) -> None:
    assert schema.current_revision(engine) is None
    assert not schema.is_current(engine)
    schema.upgrade(engine)
    assert schema.current_revision(engine) == schema.CURRENT
    assert schema.is_current(engine)


def test_the_schema_goes_up_and_down_and_up_again(engine: Engine) -> None:
    schema.upgrade(engine)
    first = _everything(engine)
    schema.downgrade(engine)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert schema.current_revision(engine) is None
    schema.migrate(engine)
    assert _everything(engine) == first


def test_the_migrated_schema_is_what_the_models_say(engine: Engine) -> None:
    schema.migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_every_constraint_and_index_is_what_the_models_say(engine: Engine) -> None:
    """Alembic compares no CHECK, no condition of a partial index and no trigger, and these carry the invariants."""
    schema.upgrade(engine)
    made_at_once = _everything(engine)
    schema.downgrade(engine)
    schema.migrate(engine)
    assert _everything(engine) == made_at_once
    assert set(_rows(engine).values()) == {0}


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    schema.upgrade(engine)
    first = _everything(engine)
    schema.upgrade(engine)
    assert _everything(engine) == first


def test_the_constant_names_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.CURRENT]


def test_a_database_of_a_newer_version_is_refused_and_left_alone(engine: Engine) -> None:
    schema.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured, match="schema 9999, which this version of panelbot does not know"):
        schema.upgrade(engine)
    assert schema.current_revision(engine) == "9999"


def test_a_migration_that_breaks_leaves_the_database_as_it_was(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE outbox (id integer)"))  # in the way half-way through
    with pytest.raises(Exception, match="outbox"):
        schema.upgrade(engine)
    assert inspect(engine).get_table_names() == ["outbox"]
    assert schema.current_revision(engine) is None


def test_foreign_keys_are_on_again_after_a_migration(engine: Engine) -> None:
    schema.upgrade(engine)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


@pytest.mark.slow
def test_processes_that_start_together_migrate_once(engine: Engine, empty_database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(4) as pool:
        revisions = pool.map(_upgrade_in_a_process, [empty_database_url] * 4)
    assert revisions == [schema.CURRENT] * 4


def _upgrade_in_a_process(url: str) -> str | None:
    engine = create_store_engine(url)
    try:
        schema.upgrade(engine)
        return schema.current_revision(engine)
    finally:
        engine.dispose()


def _everything(engine: Engine) -> dict[str, list[str]]:
    """Columns, constraints and indexes of each table, as the database itself words them."""
    inspector = inspect(engine)
    inspector.clear_cache()
    return {
        table: sorted(_columns(inspector, table) + _constraints(engine, inspector, table))
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def _columns(inspector: Any, table: str) -> list[str]:
    return [
        f"{column['name']} {column['type']!r} null={column['nullable']} default={column['default']}"
        for column in inspector.get_columns(table)
    ]


def _constraints(engine: Engine, inspector: Any, table: str) -> list[str]:
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            found = connection.execute(
                text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass(:table)"),
                {"table": table},
            ).scalars()
            indexes = connection.execute(
                text("SELECT indexdef FROM pg_indexes WHERE tablename = :table"), {"table": table}
            ).scalars()
            triggers = connection.execute(
                text(
                    "SELECT pg_get_triggerdef(oid) FROM pg_trigger "
                    "WHERE tgrelid = to_regclass(:table) AND NOT tgisinternal"
                ),
                {"table": table},
            ).scalars()
            return [*found, *indexes, *triggers]
        # A word of the CREATE TABLE is all that SQLite keeps of AUTOINCREMENT and of conditions.
        statements = connection.execute(
            text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL"),
            {"table": table},
        ).scalars()
        lines = [line for statement in statements for line in statement.splitlines()]
        # A table that was made again by a migration has its name and its constraints' in quotes.
        unnamed = [re.sub(r"CONSTRAINT \S+ ", "", line.replace('"', "")).strip(" \t,") for line in lines]
        return [line for line in unnamed if line not in ("", "(", ")")]


def test_going_back_one_revision_and_up_again_loses_no_row(store: Store) -> None:
    fill(store)
    before = _rows(store.engine)
    schema.downgrade(store.engine, "0001")
    schema.upgrade(store.engine, prove_key)
    after = _rows(store.engine)
    assert {table: count for table, count in before.items() if table not in NEW_SINCE_0001} == {
        table: count for table, count in after.items() if table not in NEW_SINCE_0001
    }
    with store.engine.connect() as connection:
        uids = connection.execute(text("SELECT id, uid, sequence FROM meeting")).all()
    assert [(row.uid, row.sequence) for row in uids] == [(f"meeting-{row.id}", 0) for row in uids]


def test_a_database_whose_panels_have_two_chairs_keeps_the_last_one_who_has_not_left(store: Store) -> None:
    county = fill(store)
    schema.downgrade(store.engine, "0002")
    both = "INSERT INTO membership (panel_id, person_id, role, began_at) VALUES "
    both += "(:panel, :person, 'chair', '2026-03-09 10:00:00')"
    nurse, matron = county.person["nurse"], county.person["matron"]
    with store.engine.begin() as connection:
        for panel_id, person_id in ((county.west_id, nurse), (county.shire_id, matron)):
            connection.execute(text(both), {"panel": panel_id, "person": person_id})
        connection.execute(text("UPDATE person SET left_at = '2026-03-09 10:00:00' WHERE key = 'matron'"))
    schema.upgrade(store.engine, prove_key)
    with store.engine.connect() as connection:
        chairs = connection.execute(
            text("SELECT panel_id, person_id FROM membership WHERE role = 'chair' AND ended_at IS NULL")
        ).all()
    assert sorted(map(tuple, chairs)) == [(county.west_id, nurse), (county.shire_id, county.person["countychair"])]


def test_an_action_given_before_there_were_kinds_is_of_the_kind_other(store: Store) -> None:
    fill(store)
    schema.downgrade(store.engine, "0014")
    schema.upgrade(store.engine, prove_key)
    with store.engine.connect() as connection:
        assert set(connection.execute(text("SELECT kind FROM action")).scalars()) == {"other"}


def test_a_reminder_sent_before_there_was_a_day_for_it_gets_the_recipients(store: Store) -> None:
    county = fill(store)
    schema.downgrade(store.engine, "0004")
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE chase SET queued_at = '2026-03-09 20:00:00+00:00'"))
        connection.execute(text("UPDATE person SET timezone = 'America/New_York'"))
    schema.upgrade(store.engine, prove_key)
    with store.engine.connect() as connection:
        told = connection.execute(text("SELECT recipient_id, CAST(told_on AS VARCHAR) FROM chase")).all()
    assert told == [(county.person["nurse"], "2026-03-09")]


#: Tool and level on the one scale, and as the tool has them.
LEVELS = {
    ("ceraf", "not_at_risk"): ("ceraf", "not_at_risk"),
    ("ceraf", "standard"): ("ceraf", "standard"),
    ("ceraf", "medium"): ("ceraf", "medium"),
    ("ceraf", "high"): ("ceraf", "high"),
    ("seraf", "not_at_risk"): ("seraf", "not_at_risk"),
    ("seraf", "standard"): ("seraf", "mild"),
    ("seraf", "medium"): ("seraf", "moderate"),
    ("seraf", "high"): ("seraf", "significant"),
    ("other", "not_at_risk"): ("other", "not_at_risk"),
    ("other", "standard"): ("other", "low"),
    ("other", "medium"): ("other", "medium"),
    ("other", "high"): ("other", "high"),
}


def test_a_level_of_the_one_scale_becomes_its_tools_and_goes_back(store: Store) -> None:
    fill(store)
    schema.downgrade(store.engine, "0018")
    for (tool, level), after in LEVELS.items():
        facts = {"tool": tool, "level": level}
        with store.engine.begin() as connection:
            connection.execute(text("UPDATE flag SET risk_tool = :tool, risk_level = :level"), facts)
            connection.execute(text("UPDATE decision SET risk_before = NULL, risk_after = :level"), facts)
        schema.migrate(store.engine, "0020")
        made = "SELECT risk_tool_before, risk_before, risk_tool_after, risk_after FROM decision"
        with store.engine.connect() as connection:
            assert set(connection.execute(text("SELECT risk_tool, risk_level FROM flag"))) == {after}
            assert set(connection.execute(text(made))) == {(None, None, *after)}
        schema.downgrade(store.engine, "0018")
        with store.engine.connect() as connection:
            assert set(connection.execute(text("SELECT risk_tool, risk_level FROM flag"))) == {(tool, level)}
            assert set(connection.execute(text("SELECT risk_before, risk_after FROM decision"))) == {(None, level)}
    schema.upgrade(store.engine, prove_key)


@pytest.mark.parametrize(
    ("tool", "level", "back"),
    [("london", "category_1", "standard"), ("london", "category_3", "high"), ("town-scale", "watch", "high")],
)
def test_a_level_that_the_one_scale_does_not_know_goes_back_to_one_that_is_not_heard_later(
    store: Store, tool: str, level: str, back: str
) -> None:
    fill(store)
    with store.engine.begin() as connection:
        facts = {"tool": tool, "level": level}
        connection.execute(text("UPDATE flag SET risk_tool = :tool, risk_level = :level"), facts)
        connection.execute(text("UPDATE decision SET risk_tool_after = :tool, risk_after = :level"), facts)
    schema.downgrade(store.engine, "0018")
    with store.engine.connect() as connection:
        assert set(connection.execute(text("SELECT risk_tool, risk_level FROM flag"))) == {("other", back)}
        assert set(connection.execute(text("SELECT risk_after FROM decision")).scalars()) == {back}
    schema.upgrade(store.engine, prove_key)


def _rows(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in METADATA.sorted_tables
        }


def test_files_that_were_sent_before_are_recorded_and_leave_after_fourteen_days(store: Store) -> None:
    county = fill(store)
    schema.downgrade(store.engine, "0015")
    sent = (
        "INSERT INTO outbox (key, lane, kind, way, priority, state, due_at, tries, fence, payload, result, created_at, "
        "finished_at) VALUES (:key, 'a', :key, 'file', 2, :state, 0, 1, 1, :payload, :result, 0, 1773050400)"
    )
    with store.engine.begin() as connection:
        for key, state, payload, result in (
            (
                "agenda_file",
                "done",
                {"person_id": 1, "meeting_id": county.west_meetings[0]},
                {"channel": "D1", "file": "F7"},
            ),
            ("minutes_file", "dead", {"person_id": 1, "minutes_id": 1}, None),
        ):
            facts = {"key": key, "state": state, "payload": json.dumps(payload), "result": json.dumps(result)}
            connection.execute(text(sent), facts)
    schema.upgrade(store.engine, prove_key)
    with store.reading() as work:
        (file,) = work.find_all(SlackFile)
        assert (file.slack_id, file.kind, file.person_id, file.channel_id, file.meeting_id) == (
            "F7", "agenda_file", 1, "D1", county.west_meetings[0],
        )  # fmt: skip
        sent_at = datetime(2026, 3, 9, 10, tzinfo=UTC)
        assert (file.sent_at, file.arrived_at, file.remove_after) == (sent_at, sent_at, sent_at + timedelta(days=14))


def test_what_was_published_before_numbers_stayed_keeps_the_numbers_it_has(store: Store) -> None:
    fill(store)
    schema.downgrade(store.engine, "0022")
    with store.engine.begin() as connection:
        published = "UPDATE meeting SET agenda_version = 3, agenda_published_at = opened_at WHERE state = 'open'"
        connection.execute(text(published))
        connection.execute(text("UPDATE cases SET is_closed = true"))
    schema.upgrade(store.engine, prove_key)
    with store.reading() as work:
        (agenda,) = work.find_all(PublishedAgenda)
        (line,) = work.find_all(PublishedLine)
        (item,) = work.find_all(AgendaItem)
        readers = sorted(one.person_id for one in work.find_all(CaseReader))
        assert (agenda.version, line.agenda_id, line.number, line.late, line.title) == (3, agenda.id, 1, 0, item.title)
        assert (item.number, item.late, item.is_timed, item.is_pinned) == (item.position, 0, False, False)
        assert (line.is_closed, line.readers, line.facts_digest) == (True, readers, None)
