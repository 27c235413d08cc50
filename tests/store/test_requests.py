"""A request that is delivered twice acts once, and both times gets the first answer."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.store.requests import first_answer, remember_answer
from bot.store.unit_of_work import Store
from tests.conftest import Abandoned

ANSWER = {"ack": {"response_type": "ephemeral", "text": "Action 1: ring the school nurse – due 6 March."}}


def test_a_new_request_has_no_answer_yet(store: Store) -> None:
    with store.reading() as work:
        assert first_answer(work, "a") is None


def test_the_second_delivery_gets_the_first_answer(store: Store, open_store: Callable[[], Store]) -> None:
    with store.work() as work:
        remember_answer(work, "a", ANSWER)
    with open_store().reading() as work:
        assert first_answer(work, "a") == ANSWER
        assert first_answer(work, "b") is None


def test_an_answer_is_kept_sealed(store: Store) -> None:
    with store.work() as work:
        remember_answer(work, "a", ANSWER)
    with store.engine.connect() as connection:
        assert b"nurse" not in bytes(connection.execute(text("SELECT answer FROM answered_request")).scalar_one())


def test_an_answer_rolled_back_was_never_given(store: Store) -> None:
    with suppress(Abandoned), store.work() as work:
        remember_answer(work, "a", ANSWER)
        raise Abandoned
    with store.reading() as work:
        assert first_answer(work, "a") is None


def test_a_request_cannot_be_answered_twice(store: Store) -> None:
    with store.work() as work:
        remember_answer(work, "a", ANSWER)
    with pytest.raises(IntegrityError), store.work() as work:
        remember_answer(work, "a", {"ack": None})


@pytest.mark.databases("postgresql")
def test_of_two_processes_that_answer_at_once_one_is_refused(
    store: Store, open_store: Callable[[], Store], backend: str
) -> None:
    """SQLite lets them in one after the other; PostgreSQL has both look before either has answered."""
    both_looked = threading.Barrier(2)
    outcomes: list[str] = []

    def answer(its_store: Store, name: str) -> None:
        try:
            with its_store.work() as work:
                assert first_answer(work, "a") is None
                both_looked.wait()
                remember_answer(work, "a", {"ack": name})
            outcomes.append(name)
        except IntegrityError:
            outcomes.append("refused")

    threads = [threading.Thread(target=answer, args=(one, name)) for one, name in ((store, "x"), (open_store(), "y"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("refused") == 1
    with store.reading() as work:
        assert first_answer(work, "a") == {"ack": next(name for name in outcomes if name != "refused")}
