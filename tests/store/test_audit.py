"""The audit chain: whoever changes, removes or slips in an entry behind our back is found out."""

from contextlib import suppress

import pytest
from sqlalchemy import text

from bot.store.audit import first_broken_link
from bot.store.key_ring import KeyRing
from bot.store.unit_of_work import Store
from tests.conftest import Abandoned
from tests.county import County


def _broken(store: Store) -> int | None:
    with store.reading() as work:
        return first_broken_link(work.session, work.keys)


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
    with store.engine.begin() as connection:
        connection.execute(text(f"UPDATE audit_entry SET {change} WHERE id = 3"))  # noqa: S608 - words of ours
    assert _broken(store) == 3


@pytest.mark.parametrize("gone", [1, 3, 4])
def test_a_missing_entry_is_found(store: Store, county: County, gone: int) -> None:
    _write_five(store, county)
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE id = :gone"), {"gone": gone})
    assert _broken(store) == gone


def test_a_missing_entry_is_found_though_the_rest_closed_up(store: Store, county: County) -> None:
    _write_five(store, county)
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE id = 3"))
        for number in (4, 5):
            connection.execute(text("UPDATE audit_entry SET id = id - 1 WHERE id = :number"), {"number": number})
    assert _broken(store) == 3


def test_an_entry_slipped_in_at_the_end_is_found(store: Store, county: County) -> None:
    _write_five(store, county)
    with store.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_entry (id, at, actor_id, verb, noun, noun_id, panel_id, outcome, digest) "
                "SELECT 6, at, actor_id, verb, noun, noun_id, panel_id, outcome, digest FROM audit_entry WHERE id = 5"
            )
        )
    assert _broken(store) == 6


def test_another_master_key_did_not_write_this_chain(store: Store, county: County) -> None:
    _write_five(store, county)
    with store.reading() as work:
        assert first_broken_link(work.session, KeyRing(bytes(32))) == 1


def test_a_look_cannot_be_audited_by_mistake(store: Store, county: County) -> None:
    with pytest.raises(RuntimeError, match="neither audits nor sends"), store.reading() as work:
        work.audit("read", "case", 1)
