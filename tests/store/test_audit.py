"""The audit chain: an entry that is changed, removed or slipped in behind our back is found."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import DBAPIError

from bot.errors import Misconfigured
from bot.models.bookkeeping import AuditEntry
from bot.store.audit import Entry, earlier_digest
from bot.store.audit_check import (
    CHECKPOINTS,
    AuditState,
    check_audit,
    read_checkpoints,
    whole_words,
    write_checkpoint,
)
from bot.store.key_ring import KeyRing
from bot.store.rows import table_of
from bot.store.sweeps import run_sweep
from bot.store.unit_of_work import Store
from tests.conftest import Abandoned
from tests.county import County


@contextmanager
def intruding(store: Store) -> Iterator[Connection]:
    """Yield a connection of an intruder who owns the database, and can switch off what protects the audit."""
    with store.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in (
                connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            ):
                connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection


def _look(store: Store) -> AuditState:
    with store.reading() as work:
        return check_audit(work.session.connection(), work.keys)


def _broken(store: Store) -> int | None:
    """Return the number of the first broken entry, out of the sentence that names it."""
    fault = _look(store).fault
    if fault is None:
        return None
    head, tail = "The audit is broken at entry ", ": it was changed, added or removed behind the bot's back."
    return int(fault.removeprefix(head).removesuffix(tail))


def _sign(store: Store) -> bool:
    with store.work() as work:
        return write_checkpoint(work)


def _write_five(store: Store, county: County) -> None:
    for number in range(1, 6):
        with store.work() as work:
            work.audit("read", "case", number, panel_id=county.west_id, actor_id=county.person["chair"])


def test_an_untouched_chain_is_whole(store: Store, county: County) -> None:
    assert _broken(store) is None
    _write_five(store, county)
    assert _broken(store) is None


def test_entries_of_one_transaction_follow_each_other(store: Store, county: County) -> None:
    with store.work() as work:
        for verb in ("flag", "read", "triage"):
            work.audit(verb, "case", 1)
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT id, verb FROM audit_entry ORDER BY id")).all() == [
            (1, "flag"),
            (2, "read"),
            (3, "triage"),
        ]
    assert _broken(store) is None


def test_what_was_rolled_back_leaves_no_entry_and_no_gap(store: Store, county: County) -> None:
    with suppress(Abandoned), store.work() as work:
        work.audit("read", "case", 1)
        raise Abandoned
    _write_five(store, county)
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT id FROM audit_entry ORDER BY id")).scalars().all() == [1, 2, 3, 4, 5]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    "change",
    [
        "at = (SELECT max(at) FROM audit_entry)",
        "actor_id = NULL",
        "actor_id = actor_id + 1",
        "verb = 'list'",
        "noun = 'item'",
        "noun_id = 9",
        "panel_id = NULL",
        "outcome = 'refused'",
        "digest = (SELECT digest FROM audit_entry WHERE id = 1)",
    ],
)
def test_a_changed_entry_is_found(store: Store, county: County, change: str) -> None:
    _write_five(store, county)
    with intruding(store) as connection:
        connection.execute(text(f"UPDATE audit_entry SET {change} WHERE id = 3"))  # noqa: S608 - words of ours
    assert _broken(store) == 3


@pytest.mark.parametrize("gone", [1, 3, 4])
def test_a_missing_entry_is_found(store: Store, county: County, gone: int) -> None:
    _write_five(store, county)
    with intruding(store) as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE id = :gone"), {"gone": gone})
    assert _broken(store) == gone


def test_a_missing_entry_is_found_though_the_rest_closed_up(store: Store, county: County) -> None:
    _write_five(store, county)
    with intruding(store) as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE id = 3"))
        for number in (4, 5):
            connection.execute(text("UPDATE audit_entry SET id = id - 1 WHERE id = :number"), {"number": number})
    assert _broken(store) == 3


def test_an_entry_slipped_in_at_the_end_is_found(store: Store, county: County) -> None:
    _write_five(store, county)
    with intruding(store) as connection:
        connection.execute(
            text(
                "INSERT INTO audit_entry (id, at, actor_id, verb, noun, noun_id, panel_id, outcome, digest) "
                "SELECT 6, at, actor_id, verb, noun, noun_id, panel_id, outcome, digest FROM audit_entry WHERE id = 5"
            )
        )
    assert _broken(store) == 6


@pytest.mark.databases("sqlite")
def test_another_master_key_did_not_write_this_chain(store: Store, county: County) -> None:
    _write_five(store, county)
    with store.reading() as work:
        assert check_audit(work.session.connection(), KeyRing(bytes(32))).fault == (
            "The audit is broken at entry 1: it was changed, added or removed behind the bot's back."
        )


def test_a_look_cannot_be_audited_by_mistake(store: Store, county: County) -> None:
    with pytest.raises(RuntimeError, match="neither audits nor sends"), store.reading() as work:
        work.audit("read", "case", 1)


def test_a_checkpoint_is_written_only_when_there_is_something_new(store: Store, county: County) -> None:
    assert not _sign(store)
    _write_five(store, county)
    assert [_sign(store), _sign(store)] == [True, False]
    state = _look(store)
    assert (state.head.number, state.fault) == (5, None)
    assert state.head.digest.startswith(state.head.short)
    assert whole_words(state) == "The audit is whole: 5 entries, the last checkpoint of 2 March 2026, 10:00 UTC."


def test_an_audit_without_a_checkpoint_says_so(store: Store, county: County) -> None:
    with store.work() as work:
        work.audit("read", "case", 1)
    assert whole_words(_look(store)) == "The audit is whole: 1 entry, no checkpoint yet."


@pytest.mark.parametrize("left", [0, 4])
def test_a_tail_that_was_cut_off_is_found(store: Store, county: County, left: int) -> None:
    _write_five(store, county)
    _sign(store)
    with intruding(store) as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE id > :left"), {"left": left})
    state = _look(store)
    assert state.head.number == left
    assert state.fault == (
        f"The audit ends before its checkpoint: it ends with entry {left}, and on 2 March 2026, 10:00 UTC it reached "
        "entry 5."
    )
    assert not _sign(store)  # no new checkpoint papers over it


def test_a_tail_that_was_cut_off_is_found_though_the_bot_went_on(store: Store, county: County) -> None:
    _write_five(store, county)
    _sign(store)
    with intruding(store) as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE id > 3"))
    _write_five(store, county)
    assert _look(store).fault == (
        "The audit is broken at entry 5 or before: on 2 March 2026, 10:00 UTC it was signed with other entries. "
        "Some were taken away before others were written."
    )


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("change", ["entry_id = 3", "digest = '0'", "signature = digest"])
def test_a_changed_checkpoint_is_found(store: Store, county: County, change: str) -> None:
    _write_five(store, county)
    _sign(store)
    number = 3 if change == "entry_id = 3" else 5
    with intruding(store) as connection:
        connection.execute(text(f"UPDATE audit_checkpoint SET {change}"))  # noqa: S608 - words of ours
    assert _look(store).fault == (
        f"The audit's checkpoint at entry {number} was changed, or another master key signed it."
    )


@pytest.mark.databases("sqlite")
def test_a_digest_cannot_be_passed_off_as_a_signature(store: Store) -> None:
    assert store.keys.sign("a", 1) != store.keys.digest("a", 1)


@pytest.mark.parametrize(
    "change", ["UPDATE audit_entry SET outcome = 'done'", "DELETE FROM audit_entry", "DELETE FROM audit_checkpoint"]
)
def test_the_database_refuses_to_change_or_remove_an_entry(store: Store, county: County, change: str) -> None:
    _write_five(store, county)
    _sign(store)
    with pytest.raises(DBAPIError, match="the audit is only ever added to"), store.engine.begin() as connection:
        connection.execute(text(change))
    assert (_look(store).head.number, _broken(store)) == (5, None)


class TestCheckpointsOutsideTheDatabase:
    """What an intruder who owns the database, and even the key, can't take back."""

    @pytest.fixture(autouse=True)
    def _kept_outside(self, store: Store, county: County, tmp_path: Path) -> None:
        store.checkpoint_file = tmp_path / "audit-checkpoints.jsonl"
        _write_five(store, county)
        assert run_sweep(store, CHECKPOINTS) == 1

    def _fault(self, store: Store) -> str | None:
        with store.reading() as work:
            return check_audit(work.session.connection(), work.keys, store.checkpoint_file).fault

    def test_each_is_copied_once(self, store: Store, county: County) -> None:
        run_sweep(store, CHECKPOINTS)
        _write_five(store, county)
        run_sweep(store, CHECKPOINTS)
        assert [one.entry_id for one in read_checkpoints(store.checkpoint_file)] == [5, 10]
        assert store.checkpoint_file is not None
        assert store.checkpoint_file.stat().st_mode & 0o777 == 0o600
        assert self._fault(store) is None

    def test_the_folder_that_is_made_for_them_is_its_owners(self, store: Store, tmp_path: Path) -> None:
        store.checkpoint_file = tmp_path / "data" / "audit-checkpoints.jsonl"
        run_sweep(store, CHECKPOINTS)
        assert [one.entry_id for one in read_checkpoints(store.checkpoint_file)] == [5]
        assert store.checkpoint_file.parent.stat().st_mode & 0o777 == 0o700

    def test_a_file_that_was_lost_is_written_again(self, store: Store) -> None:
        assert store.checkpoint_file is not None
        store.checkpoint_file.unlink()
        run_sweep(store, CHECKPOINTS)
        assert [one.entry_id for one in read_checkpoints(store.checkpoint_file)] == [5]

    @pytest.mark.parametrize("left", [0, 3])
    def test_a_tail_cut_off_with_its_checkpoints_is_found(self, store: Store, left: int) -> None:
        with intruding(store) as connection:
            connection.execute(text("DELETE FROM audit_checkpoint"))
            connection.execute(text("DELETE FROM audit_entry WHERE id > :left"), {"left": left})
        assert self._fault(store) == (
            f"The audit ends before its checkpoint: it ends with entry {left}, and on 2 March 2026, 10:00 UTC it "
            "reached entry 5."
        )

    def test_a_chain_that_was_written_again_under_the_key_is_found(self, store: Store, county: County) -> None:
        with intruding(store) as connection:
            connection.execute(text("DELETE FROM audit_checkpoint"))
            connection.execute(text("DELETE FROM audit_entry"))
        with store.work() as work:
            for number in range(11, 16):
                work.audit("read", "case", number, panel_id=county.west_id)
        _sign(store)
        assert _broken(store) is None  # the database alone tells nothing
        assert self._fault(store) == (
            "The audit is broken at entry 5 or before: on 2 March 2026, 10:00 UTC it was signed with other entries. "
            "Some were taken away before others were written."
        )

    def test_a_changed_line_is_named(self, store: Store) -> None:
        file = store.checkpoint_file
        assert file is not None
        file.write_text(file.read_text().replace('"entry_id": 5', '"entry_id": 4'))
        assert self._fault(store) == (
            f"The audit's checkpoint at entry 4 in {file} was changed, or another master key signed it."
        )
        file.write_text("nothing")
        with pytest.raises(Misconfigured, match="line 1: is no checkpoint of the audit"):
            self._fault(store)

    def test_a_line_that_was_written_by_half_is_logged_and_costs_no_checkpoint(
        self, store: Store, county: County, caplog: pytest.LogCaptureFixture
    ) -> None:
        file = store.checkpoint_file
        assert file is not None
        file.write_text(file.read_text()[:-20])
        broken = file.read_text()
        _write_five(store, county)
        assert run_sweep(store, CHECKPOINTS) == 1
        assert (
            f"the audit's checkpoints cannot be copied: {file}, line 1: is no checkpoint of the audit." in caplog.text
        )
        assert file.read_text() == broken
        assert _broken(store) is None

    def test_a_file_that_cannot_be_written_is_logged_and_costs_no_checkpoint(
        self, store: Store, county: County, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "file").touch()
        store.checkpoint_file = tmp_path / "file" / "audit-checkpoints.jsonl"  # a folder can't be there
        _write_five(store, county)
        assert run_sweep(store, CHECKPOINTS) == 1
        assert f"the audit's checkpoints cannot be written to {store.checkpoint_file}" in caplog.text


def _write_as_before(store: Store, county: County, *, count: int = 3) -> None:
    """Entries with the digest of the version before cases were named."""
    with store.engine.begin() as connection:
        previous = ""
        for number in range(1, count + 1):
            at = store.clock.now()
            entry = Entry(county.person["chair"], "read", "case", number, county.west_id)
            previous = earlier_digest(store.keys, previous, number, at, entry) or ""
            facts = {"id": number, "at": at, **entry._asdict(), "digest": previous}
            connection.execute(insert(table_of(AuditEntry)), facts)


def test_entries_from_before_cases_were_named_still_verify(store: Store, county: County) -> None:
    _write_as_before(store, county)
    with store.work() as work:
        work.audit("read", "case", 9)
    assert _broken(store) is None
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT case_id FROM audit_entry ORDER BY id")).scalars().all() == [
            None,
            None,
            None,
            9,
        ]


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("number", "change"),
    [
        (2, "case_id = 2"),
        (2, "account = 'T1.U1'"),
        (4, "case_id = NULL"),
        (4, "case_id = 8"),
        (4, "account = NULL"),
        (4, "case_id = NULL, account = NULL, outcome = 'refused' || char(31) || '9' || char(31) || 'T1.U1'"),
    ],
)
def test_no_entry_is_moved_from_one_form_to_the_other(store: Store, county: County, number: int, change: str) -> None:
    _write_as_before(store, county)
    with store.work() as work:
        work.audit("read", "case", 9, outcome="refused", case_id=9, account="T1.U1")
    assert _broken(store) is None
    with intruding(store) as connection:
        connection.execute(text(f"UPDATE audit_entry SET {change} WHERE id = {number}"))  # noqa: S608 - words of ours
    assert _broken(store) == number


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("change", ["sha256 = NULL", f"sha256 = '{'b' * 64}'"])
def test_a_paper_that_an_entry_names_cannot_be_changed_or_left_out(store: Store, change: str) -> None:
    with store.work() as work:
        work.audit("approve", "minutes", 1, sha256="a" * 64)
        work.audit("read", "case", 9)
    assert _broken(store) is None
    with intruding(store) as connection:
        connection.execute(text(f"UPDATE audit_entry SET {change} WHERE id = 1"))  # noqa: S608 - words of ours
    assert _broken(store) == 1


@pytest.mark.databases("sqlite")
def test_an_entry_without_a_paper_keeps_its_form_and_gets_none_later(store: Store) -> None:
    with store.work() as work:
        work.audit("read", "case", 9)
    assert _broken(store) is None
    with intruding(store) as connection:
        connection.execute(text(f"UPDATE audit_entry SET sha256 = '{'a' * 64}' WHERE id = 1"))  # noqa: S608 - ours
    assert _broken(store) == 1


@pytest.mark.databases("sqlite")
def test_an_entry_of_the_form_before_is_not_taken_after_a_new_one(store: Store, county: County) -> None:
    with store.work() as work:
        work.audit("read", "case", 9)
    with store.engine.begin() as connection:
        last = connection.execute(text("SELECT digest FROM audit_entry")).scalar_one()
        entry = Entry(None, "read", "case", 2)
        digest = earlier_digest(store.keys, last, 2, store.clock.now(), entry)
        facts = {"id": 2, "at": store.clock.now(), **entry._asdict(), "digest": digest}
        connection.execute(insert(table_of(AuditEntry)), facts)
    assert _broken(store) == 2
