"""Two who change the same people at once: the second hears what it would have heard a moment later."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from bot.errors import PanelbotError
from bot.models.people import Person
from bot.services import people
from bot.store.unit_of_work import Store, Work
from tests.county import TEAM, County, actor, user_id

#: SQLite admits one writer at a time, so that there one follows the other anyway.
pytestmark = pytest.mark.parametrize("backend", ["postgresql"])

Task = Callable[[Work], object]
ONLY = "They are the only administrator. Make somebody else one first"


def asks(who: str, use_case: Callable[..., object], *given: Any, **named: Any) -> Task:
    """Somebody does something, when it comes to that."""
    return lambda work: use_case(work, actor(work, who), *given, **named)


def meanwhile(store: Store, first: Task, then: Task) -> list[str]:
    """The other begins when the first has done all but commit; "" for each that succeeded, else its sentence.

    The first commits as soon as the other waits for a lock, or is through without waiting.
    """
    others: list[Future[str]] = []

    def all_but_commit(work: Work) -> None:
        first(work)
        work.session.flush()
        others.append(pool.submit(_said, store, then))
        while not wait(others, timeout=0.01).done and not _somebody_waits(store):
            pass

    with ThreadPoolExecutor(1) as pool:
        return [_said(store, all_but_commit), *(other.result() for other in others)]


def _said(store: Store, task: Task) -> str:
    try:
        with store.work() as work:
            task(work)
    except PanelbotError as refused:
        return str(refused)
    return ""


def _somebody_waits(store: Store) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with store.engine.connect() as connection:
        return bool(connection.execute(text(waiting)).scalar_one())


def demotes(county: County, who: str, whom: str) -> Task:
    """An administrator takes the office from another."""
    agency = county.agency["council" if whom == "administrator" else "health"]
    change = people.Change(whom.title(), agency, "Europe/London", False, False)
    return asks(who, people.change_person, user_id(whom), change)


def administrators(store: Store) -> list[str]:
    with store.reading() as work:
        query = select(Person.key).where(col(Person.is_administrator), col(Person.left_at).is_(None))
        return list(work.session.exec(query.order_by(col(Person.id))))


@pytest.fixture
def two_administrators(store: Store, county: County) -> County:
    """The outsider administers too."""
    with store.work() as work:
        person = work.session.get_one(Person, county.person["outsider"])
        person.is_administrator = True
        work.session.add(person)
    return county


def test_two_administrators_do_not_say_of_each_other_that_they_left(store: Store, two_administrators: County) -> None:
    leaves = asks("administrator", people.leave, user_id("outsider"))
    says_the_same = asks("outsider", people.leave, user_id("administrator"))
    assert meanwhile(store, leaves, says_the_same) == ["", f"{ONLY}, with `/people change`."]
    assert administrators(store) == ["administrator"]


def test_two_administrators_do_not_take_the_office_from_each_other(store: Store, two_administrators: County) -> None:
    one, other = "administrator", "outsider"
    said = meanwhile(store, demotes(two_administrators, other, one), demotes(two_administrators, one, other))
    assert said == ["", f"{ONLY}."]
    assert administrators(store) == ["outsider"]


def test_an_administrator_does_not_leave_while_the_other_is_switched_off(
    store: Store, two_administrators: County
) -> None:
    said = meanwhile(
        store,
        lambda work: people.account_switched_off(work, TEAM, user_id("administrator")),
        asks("administrator", people.leave, user_id("outsider")),
    )
    assert said == ["", f"{ONLY}, with `/people change`."]
    assert administrators(store) == ["outsider"]
