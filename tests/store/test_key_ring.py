"""Narrative is sealed: the wrong key, an altered byte or a destroyed key opens nothing."""

import secrets
from contextlib import suppress

import pytest
from sqlalchemy import text

from bot.errors import Misconfigured, PanelbotError
from bot.models.bookkeeping import DataKey
from bot.store.key_ring import SERVICE_KEY, Erased, KeyRing
from bot.store.unit_of_work import Store
from tests.conftest import MASTER_KEY, Abandoned

WORDS = "Seen with an older man near the river - café, £20, ‘gift’."


def _key(store: Store, purpose: str = "case") -> int:
    with store.work() as work:
        return work.keys.new_key(work.session, purpose, work.now)


def test_what_was_sealed_opens_again(store: Store) -> None:
    key_id = _key(store)
    with store.work() as work:
        sealed = work.seal(key_id, WORDS)
    assert WORDS.encode() not in sealed
    with store.reading() as work:
        assert work.open(sealed) == WORDS


def test_the_same_words_are_sealed_differently_each_time(store: Store) -> None:
    key_id = _key(store)
    with store.reading() as work:
        assert work.seal(key_id, WORDS) != work.seal(key_id, WORDS)


def test_another_process_with_the_same_master_key_opens_it(store: Store) -> None:
    key_id = _key(store)
    with store.reading() as work:
        sealed = work.seal(key_id, WORDS)
        assert KeyRing(MASTER_KEY).open(work.session, sealed) == WORDS


def test_another_master_key_opens_nothing(store: Store) -> None:
    key_id = _key(store)
    stranger = KeyRing(secrets.token_bytes(32))
    with store.reading() as work:
        case_words, answer = work.seal(key_id, WORDS), work.seal(SERVICE_KEY, WORDS)
        with pytest.raises(Misconfigured, match="does not belong to this database"):
            stranger.open(work.session, case_words)
        with pytest.raises(PanelbotError, match="altered or belongs to another installation"):
            stranger.open(work.session, answer)


def test_a_change_of_any_byte_is_noticed(store: Store) -> None:
    key_id = _key(store)
    with store.reading() as work:
        sealed = work.seal(key_id, WORDS)
        for place in range(len(sealed)):
            altered = bytearray(sealed)
            altered[place] ^= 0x01
            with pytest.raises(PanelbotError):
                work.open(bytes(altered))


def test_words_moved_to_another_case_do_not_open_there(store: Store) -> None:
    first, second = _key(store), _key(store)
    with store.reading() as work:
        sealed = work.seal(first, WORDS)
        moved = sealed[:1] + second.to_bytes(8, "big") + sealed[9:]
        with pytest.raises(PanelbotError, match="altered"):
            work.open(moved)


def test_a_wrapped_key_put_to_another_purpose_opens_nothing(store: Store) -> None:
    key_id = _key(store, "case")
    with store.reading() as work:
        sealed = work.seal(key_id, WORDS)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE data_key SET purpose = 'panel'"))
    with store.reading() as work, pytest.raises(Misconfigured):
        KeyRing(MASTER_KEY).open(work.session, sealed)


def test_a_destroyed_key_erases_what_it_sealed(store: Store) -> None:
    key_id = _key(store)
    with store.work() as work:
        sealed = KeyRing(MASTER_KEY).seal(work.session, key_id, WORDS)
        row = work.session.get_one(DataKey, key_id)
        row.wrapped, row.destroyed_at = None, work.now
    for _ in range(2):
        with store.reading() as work, pytest.raises(Erased):
            work.open(sealed)
    with store.reading() as work, pytest.raises(Erased):
        work.seal(key_id, "more")


def test_a_key_that_was_destroyed_erases_at_once_though_it_was_open(store: Store) -> None:
    with store.work() as work:
        key_id = work.keys.new_key(work.session, "case", work.now)
        sealed = work.seal(key_id, "words")
    with store.work() as work:
        assert work.open(sealed) == "words"
        work.keys.destroy(work.session, key_id, work.now)
        with pytest.raises(Erased):
            work.open(sealed)
    with store.reading() as work, pytest.raises(Erased):
        work.open(sealed)


def test_an_opened_key_is_forgotten_after_a_quarter_of_an_hour(store: Store) -> None:
    seconds = [0.0]
    keys = KeyRing(bytes(32), elapsed=lambda: seconds[0])
    with store.work() as work:
        key_id = keys.new_key(work.session, "case", work.now)
        sealed = keys.seal(work.session, key_id, "words")
    with store.work() as work:
        assert keys.open(work.session, sealed) == "words"
    with store.engine.begin() as connection:  # another process destroys it
        connection.execute(text("UPDATE data_key SET wrapped = NULL WHERE id = :id"), {"id": key_id})
    seconds[0] = 899.0
    with store.reading() as work:
        assert keys.open(work.session, sealed) == "words"
    seconds[0] = 900.0
    with store.reading() as work, pytest.raises(Erased):
        keys.open(work.session, sealed)


def test_a_key_that_was_rolled_back_is_never_used_again(store: Store) -> None:
    """SQLite gives the same number to the next key; a cached one would seal what nobody can open after a restart."""
    with suppress(Abandoned), store.work() as work:
        lost = work.keys.new_key(work.session, "case", work.now)
        work.seal(lost, WORDS)
        raise Abandoned
    with store.work() as work:
        key_id = work.keys.new_key(work.session, "case", work.now)
        sealed = work.seal(key_id, WORDS)
    with store.reading() as work:
        assert KeyRing(MASTER_KEY).open(work.session, sealed) == WORDS
        again = work.seal(key_id, WORDS)
        assert KeyRing(MASTER_KEY).open(work.session, again) == WORDS


def test_digests_are_equal_for_equal_facts_and_keyed() -> None:
    ring = KeyRing(MASTER_KEY)
    assert ring.digest("a", 1) == KeyRing(MASTER_KEY).digest("a", 1)
    assert len({ring.digest("a", 1), ring.digest("a", 2), ring.digest("a1"), KeyRing(bytes(32)).digest("a", 1)}) == 4
