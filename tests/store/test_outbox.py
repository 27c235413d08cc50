"""The outbox: an effect is queued once, leaves in its lane's order and pace, and is never sent twice by guesswork."""

import multiprocessing
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import Session, col, select

from bot.models.outbox import EffectState, OutboxLane, OutboxRow
from bot.store.engine import create_store_engine
from bot.store.outbox import (
    LEASE_SECONDS,
    PERSON,
    Claim,
    Effect,
    begin_together,
    claim_due,
    finish,
    look,
    mark_opened,
    put_back,
    reap_expired,
)
from bot.store.slack_methods import EVERYTHING, OPENING, Pace, end_trials, hold, release, rest_method, try_one
from bot.store.unit_of_work import Store
from tests.conftest import Abandoned


def claim_next(session: Session, owner: str, gathered: Mapping[str, int] | None = None) -> Claim | None:
    """Return one claim, or None."""
    found = claim_due(session, owner, most=1, gathered=gathered or {})
    return found[0] if found else None


def seconds_until_next(session: Session) -> float | None:
    """Return how long until something may be sent, or None when nothing waits."""
    return look(session).wait


def _queue(store: Store, *effects: Effect) -> None:
    with store.work() as work:
        for effect in effects:
            work.send(effect)


def _in_session(store: Store, do: Callable[[Session], Any]) -> Any:
    with Session(store.engine) as session:
        result = do(session)
        session.commit()
    return result


def _claim(store: Store, owner: str = "us") -> Claim | None:
    return _in_session(store, lambda session: claim_next(session, owner))


def _claimed(store: Store, owner: str = "us") -> Claim:
    claim = _claim(store, owner)
    assert claim is not None
    return claim


def _gathered(store: Store) -> Claim:
    claim = _in_session(store, lambda session: claim_next(session, "us", {"given": 3}))
    assert claim is not None
    return claim


def _begin(store: Store, claim: Claim) -> bool:
    with store.work() as work:
        begun = bool(begin_together(work.session, [claim]))
        if not begun:
            work.abandon()
    return begun


def _finish(store: Store, claim: Claim, state: EffectState = EffectState.DONE, **more: Any) -> None:
    _in_session(store, lambda session: finish(session, claim, state, **more))


def _reap(store: Store) -> int:
    return _in_session(store, reap_expired)


def _states(store: Store) -> dict[str, str]:
    with Session(store.engine) as session:
        return dict(session.execute(select(col(OutboxRow.key), col(OutboxRow.state)).order_by(col(OutboxRow.id))).all())


def _wait_of(store: Store, lane: str) -> float:
    """Return how long the lane rests from now on, by the database's clock."""
    clock = {
        "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
        "postgresql": "extract(epoch from clock_timestamp())::float8",
    }[store.engine.dialect.name]
    with store.engine.connect() as connection:
        waits = connection.execute(
            text(f"SELECT next_at - {clock} FROM outbox_lane WHERE name = :lane"),  # noqa: S608 - words of ours
            {"lane": lane},
        ).scalar_one()
    return float(waits)


def _time_passes(store: Store, seconds: float) -> None:
    """Move everything that is timed into the past, since the database's clock cannot be moved."""
    with store.engine.begin() as connection:
        for change in (
            "outbox SET lease_until = lease_until - :seconds, due_at = due_at - :seconds, "
            "finished_at = finished_at - :seconds",
            "outbox_lane SET next_at = next_at - :seconds",
        ):
            connection.execute(text(f"UPDATE {change}"), {"seconds": seconds})


def test_an_effect_is_queued_once_whatever_its_key_is_queued_with(store: Store) -> None:
    _queue(store, Effect("a", "one", "digest", {"person_id": 1}))
    _queue(store, Effect("a", "two", "prompt", {"person_id": 2}), Effect("b", "one", "digest"))
    with Session(store.engine) as session:
        rows = session.exec(select(OutboxRow).order_by(col(OutboxRow.id))).all()
        assert [(row.key, row.lane, row.kind, row.payload) for row in rows] == [
            ("a", "one", "digest", {"person_id": 1}),
            ("b", "one", "digest", {}),
        ]


def test_an_effect_of_a_transaction_that_failed_was_never_queued(store: Store) -> None:
    with suppress(Abandoned), store.work() as work:
        work.send(Effect("a", "one", "digest"))
        raise Abandoned
    assert _states(store) == {}
    assert _claim(store) is None


def test_the_courier_is_woken_after_the_commit_and_only_then(store: Store) -> None:
    seen: list[tuple[frozenset[str], dict[str, str]]] = []
    store.on_effects = lambda lanes: seen.append((lanes, _states(store)))
    _queue(store, Effect("a", "one", "digest"))
    with store.work() as work:
        work.audit("read", "case")
    assert seen == [(frozenset({"one"}), {"a": "ready"})]


def test_a_lane_keeps_its_order_and_the_urgent_go_first(store: Store) -> None:
    _queue(
        store,
        Effect("second", "one", "digest", gap=0.0),
        Effect("third", "one", "digest", gap=0.0),
        Effect("first", "one", "digest", priority=0, gap=0.0),
    )
    order = []
    for _ in range(3):
        claim = _claimed(store)
        order.extend(claim.ids)
        assert _begin(store, claim)
        _finish(store, claim)
    with Session(store.engine) as session:
        keys = {row.id: row.key for row in session.exec(select(OutboxRow))}
    assert [keys[each] for each in order] == ["first", "second", "third"]


def test_a_lane_sends_one_thing_at_a_time_and_others_do_not_wait_for_it(store: Store) -> None:
    _queue(store, Effect("a", "one", "digest"), Effect("b", "one", "digest"), Effect("c", "two", "digest"))
    assert [_claimed(store).lane, _claimed(store).lane] == ["one", "two"]
    assert _claim(store) is None


def test_a_lane_rests_for_its_gap_from_the_end_of_a_send(store: Store) -> None:
    _queue(store, Effect("a", "one", "digest", gap=1.0), Effect("b", "one", "digest", gap=1.0))
    claim = _claimed(store)
    _begin(store, claim)
    _finish(store, claim, result={"ts": "1.2"})
    assert 0.0 < _wait_of(store, "one") <= 1.0
    assert _claim(store) is None
    _time_passes(store, 1.0)
    assert _claimed(store).ids != claim.ids


def test_a_lane_goes_on_at_once_after_what_was_never_sent(store: Store) -> None:
    _queue(store, Effect("a", "channel:C1", "given", {}, gap=1.0), Effect("b", "channel:C1", "given", {}, gap=1.0))
    _finish(store, _claimed(store), EffectState.DROPPED, was_called=False)
    assert _claim(store) is not None


def test_what_is_gathered_is_claimed_together_up_to_what_one_message_holds(store: Store) -> None:
    _queue(
        store,
        Effect("a", "one", "given", {"action_id": 1}),
        Effect("b", "one", "prompt"),
        Effect("c", "two", "given"),
        *(Effect(f"d{number}", "one", "given", {"action_id": number}) for number in (2, 3)),
        Effect("e", "one", "given", {"action_id": 4}),
    )
    claim = _gathered(store)
    assert (claim.lane, claim.kind, claim.fence, claim.tries) == ("one", "given", 1, 1)
    assert claim.payloads == ({"action_id": 1}, {"action_id": 2}, {"action_id": 3})
    assert _begin(store, claim)
    _finish(store, claim, result={"ts": "1.2"})
    assert _states(store) == {"a": "done", "b": "ready", "c": "ready", "d2": "done", "d3": "done", "e": "ready"}


def test_what_is_not_gathered_is_claimed_alone(store: Store) -> None:
    _queue(store, Effect("a", "one", "digest"), Effect("b", "one", "digest"))
    assert len(_gathered(store).ids) == 1


def test_a_courier_that_died_while_sending_leaves_all_it_had_gathered_to_a_person(store: Store) -> None:
    _queue(store, Effect("a", "one", "given"), Effect("b", "one", "given"))
    assert _begin(store, _gathered(store))
    _time_passes(store, LEASE_SECONDS + 1)
    assert _reap(store) == 2
    assert _states(store) == {"a": "ambiguous", "b": "ambiguous"}


def test_a_courier_that_died_before_sending_leaves_all_it_had_gathered_to_another(store: Store) -> None:
    _queue(store, Effect("a", "one", "given"), Effect("b", "one", "given"))
    late = _gathered(store)
    _time_passes(store, LEASE_SECONDS + 1)
    assert _reap(store) == 2
    _queue(store, Effect("c", "one", "given"))
    current = _gathered(store)
    assert (current.ids[:2], current.fence, len(current.ids)) == (late.ids, 2, 3)
    assert not _begin(store, late)
    _finish(store, late, EffectState.DEAD, error="too late")
    assert set(_states(store).values()) == {"claimed"}


def test_a_part_of_what_was_gathered_can_end_by_itself_or_wait(store: Store) -> None:
    _queue(store, *(Effect(key, "one", "given", {"key": key}) for key in "abc"))
    claim = _gathered(store)
    _finish(store, claim.only([1]), EffectState.DROPPED, error="not theirs")
    _in_session(store, lambda session: put_back(session, claim.only([2]), wait=0.0))
    assert not _begin(store, claim)
    rest = claim.only([0])
    assert rest.payloads == ({"key": "a"},)
    assert _begin(store, rest)
    assert _states(store) == {"a": "sending", "b": "dropped", "c": "ready"}
    assert _claim(store) is None


def test_a_lane_rests_for_longer_when_it_is_told_to(store: Store) -> None:
    _queue(store, Effect("a", "one", "given", gap=1.0))
    claim = _gathered(store)
    _begin(store, claim)
    _finish(store, claim, rest=30.0)
    assert 29.0 < _wait_of(store, "one") <= 33.0  # until the next of ten beats in such a rest


def test_what_waits_says_for_how_long(store: Store) -> None:
    assert _in_session(store, seconds_until_next) is None
    _queue(store, Effect("a", "one", "digest"), Effect("b", "one", "digest"))
    assert _in_session(store, seconds_until_next) == 0.0
    claim = _claimed(store)
    _begin(store, claim)
    _finish(store, claim)
    wait = _in_session(store, seconds_until_next)
    assert wait is not None
    assert 0.0 < wait <= 1.0


def test_a_courier_that_died_before_sending_leaves_the_effect_to_another(store: Store) -> None:
    _queue(store, Effect("a", "one", "digest"))
    first = _claimed(store)
    assert _reap(store) == 0
    _time_passes(store, LEASE_SECONDS + 1)
    assert _reap(store) == 1
    assert _states(store) == {"a": "ready"}
    second = _claimed(store, "them")
    assert (second.ids, second.tries, second.fence) == (first.ids, 2, 2)


def test_a_courier_that_died_while_sending_leaves_the_effect_to_a_person(store: Store) -> None:
    _queue(store, Effect("a", "one", "digest"))
    claim = _claimed(store)
    assert _begin(store, claim)
    _time_passes(store, LEASE_SECONDS + 1)
    assert _reap(store) == 1
    assert _states(store) == {"a": "ambiguous"}
    assert _claim(store) is None
    with Session(store.engine) as session:
        row = session.exec(select(OutboxRow)).one()
        assert (row.error, row.owner, row.lease_until) == ("the process ended while sending", None, None)


def test_a_lease_that_runs_is_left_alone(store: Store) -> None:
    _queue(store, Effect("a", "one", "digest"), Effect("b", "two", "digest"))
    _begin(store, _claimed(store))
    _claimed(store)
    _time_passes(store, LEASE_SECONDS - 5)
    assert _reap(store) == 0
    assert _states(store) == {"a": "sending", "b": "claimed"}


def test_a_courier_that_lost_its_lease_can_neither_send_nor_report(store: Store) -> None:
    _queue(store, Effect("a", "one", "digest"))
    late = _claimed(store)
    _time_passes(store, LEASE_SECONDS + 1)
    _reap(store)
    current = _claimed(store, "them")
    assert not _begin(store, late)
    _finish(store, late, EffectState.DEAD, error="too late")
    _in_session(store, lambda session: put_back(session, late, wait=99.0, error="too late"))
    assert _states(store) == {"a": "claimed"}
    assert _begin(store, current)
    _finish(store, current)
    assert _states(store) == {"a": "done"}


def test_an_effect_is_begun_once(store: Store) -> None:
    _queue(store, Effect("a", "one", "digest"))
    claim = _claimed(store)
    assert _begin(store, claim)
    assert not _begin(store, claim)


def test_what_slack_held_back_waits_and_holds_only_its_own_lane(store: Store) -> None:
    _queue(store, Effect("a", "one", "digest"), Effect("b", "two", "digest"))
    claim = _claimed(store)
    _begin(store, claim)
    _in_session(store, lambda session: put_back(session, claim, wait=30.0, error="ratelimited"))
    assert _states(store) == {"a": "ready", "b": "ready"}
    assert 29.0 < _wait_of(store, "one") <= 33.0  # until the next of ten beats in such a rest
    assert _claimed(store).lane == "two"
    assert _claim(store) is None
    _time_passes(store, 30.0)
    again = _claimed(store)
    assert (again.ids, again.tries) == (claim.ids, 2)


@pytest.mark.parametrize("state", [EffectState.DONE, EffectState.DROPPED, EffectState.DEAD, EffectState.AMBIGUOUS])
def test_what_has_ended_is_never_claimed_again(store: Store, state: EffectState) -> None:
    _queue(store, Effect("a", "one", "digest", gap=0.0))
    claim = _claimed(store)
    _begin(store, claim)
    _finish(store, claim, state)
    _time_passes(store, 3600.0)
    assert _reap(store) == 0
    assert _claim(store) is None


def test_two_transactions_that_queue_for_the_same_lanes_do_not_wait_for_each_other(store: Store) -> None:
    """Lanes are locked in one order, whatever order the effects came in; PostgreSQL would end one of them."""
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(2) as pool:
        pool.starmap(_queue_many, [(_url(store), "x", False), (_url(store), "y", True)])
    with Session(store.engine) as session:
        assert len(session.exec(select(OutboxRow)).all()) == 400
        assert len(session.exec(select(OutboxLane)).all()) == 10


@pytest.mark.slow
def test_two_processes_never_claim_the_same_effect(store: Store) -> None:
    _queue(store, *(Effect(f"{number}", f"lane {number}", "digest") for number in range(150)))
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(3) as pool:
        claimed = pool.map(_claim_all, [_url(store)] * 3)
    every = [number for numbers in claimed for number in numbers]
    assert len(every) == len(set(every)) == 150
    assert set(_states(store).values()) == {"claimed"}


def _url(store: Store) -> str:
    return store.engine.url.render_as_string(hide_password=False)


def _claim_all(url: str) -> list[int]:
    engine = create_store_engine(url)
    numbers: list[int] = []
    while True:
        with Session(engine) as session:
            claim = claim_next(session, "a process")
            session.commit()
        if claim is None:
            engine.dispose()
            return numbers
        numbers.extend(claim.ids)


def _queue_many(url: str, name: str, backwards: bool) -> None:
    from bot.store.outbox import queue_effects  # noqa: PLC0415 - used in the other process only

    engine = create_store_engine(url)
    lanes = range(10)
    for turn in range(20):
        with Session(engine) as session:
            effects = [Effect(f"{name}:{turn}:{lane}", f"lane {lane}", "digest") for lane in lanes]
            queue_effects(session, effects[::-1] if backwards else effects)
            session.commit()
    engine.dispose()


def _keys(store: Store, claims: list[Claim]) -> list[str]:
    with Session(store.engine) as session:
        keys = {row.id: row.key for row in session.exec(select(OutboxRow))}
    return [keys[claim.ids[0]] for claim in claims]


def _claims(store: Store, most: int, **more: Any) -> list[Claim]:
    found: list[Claim] = _in_session(store, lambda session: claim_due(session, "us", most=most, **more))
    return found


def test_over_all_lanes_answers_go_first_then_news_then_digests_then_the_rest(store: Store) -> None:
    kinds = ("message_overtaken", "prompt", "digest", "action_given", "tracker_file", "home", "response")
    _queue(store, *(Effect(kind, kind, kind) for kind in kinds))
    assert _keys(store, _claims(store, 9)) == list(reversed(kinds))


def test_a_new_action_is_claimed_before_a_thousand_digests(store: Store) -> None:
    _queue(store, *(Effect(f"digest:{number}", f"{PERSON}{number}", "digest") for number in range(1000)))
    _queue(store, Effect("news", f"{PERSON}0", "action_given"))
    assert _keys(store, _claims(store, 1)) == ["news"]


def test_direct_messages_are_opened_at_a_pace_and_those_that_are_open_do_not_wait_for_it(store: Store) -> None:
    _queue(store, *(Effect(f"{number}", f"{PERSON}{number}", "digest") for number in range(5)))
    for number in (3, 4):
        _in_session(store, lambda session, lane=f"{PERSON}{number}": mark_opened(session, lane, is_opened=True))
    slow = {OPENING: Pace(1000.0, 2)}
    first = _claims(store, 9, paces=slow)
    assert _keys(store, first) == ["0", "1", "3", "4"]  # a burst of two
    assert [claim.may_open for claim in first] == [True, True, False, False]
    assert _claims(store, 9, paces=slow) == []
    wait = _in_session(store, look).wait
    assert wait is not None
    assert 900.0 < wait <= 1000.0


def test_a_method_that_rests_holds_up_no_other_in_the_same_lane(store: Store) -> None:
    _queue(store, Effect("paper", "one", "tracker_file"), Effect("news", "one", "action_given"))
    _in_session(store, lambda session: rest_method(session, "files", 30.0, was_tried=False))
    assert _keys(store, _claims(store, 9)) == ["news"]


def test_a_method_that_was_refused_is_tried_with_one_before_others(store: Store) -> None:
    _queue(store, *(Effect(f"{number}", f"{number}", "digest") for number in range(4)))
    _in_session(store, lambda session: rest_method(session, "chat.postMessage", 0.0, was_tried=False))
    [tried] = _claims(store, 9)
    assert tried.trials == {"chat.postMessage"}
    assert _claims(store, 9) == []
    _in_session(store, lambda session: release(session, "chat.postMessage"))
    assert len(_claims(store, 9)) == 3


def test_an_alarm_is_raised_once_and_nothing_is_claimed_until_slack_was_asked(store: Store) -> None:
    _queue(store, Effect("a", "one", "digest"), Effect("b", "two", "digest"))
    news = [
        _in_session(store, lambda session: hold(session, EVERYTHING, "token_revoked", was_tried=False)) for _ in "ab"
    ]
    assert news == [True, False]
    assert _claims(store, 9) == []
    _in_session(store, lambda session: end_trials(session, [EVERYTHING]))  # it has rested long enough
    assert _in_session(store, look).must_ask
    _in_session(store, try_one)
    [tried] = _claims(store, 9)
    assert tried.trials == {EVERYTHING}
    assert _claims(store, 9) == []
    assert _in_session(store, lambda session: release(session, EVERYTHING)) == "token_revoked"
    assert len(_claims(store, 9)) == 1


def test_what_slack_took_is_known_though_the_lease_ran_out_meanwhile(store: Store) -> None:
    _queue(store, Effect("a", "one", "digest"))
    claim = _claimed(store)
    assert _begin(store, claim)
    _time_passes(store, LEASE_SECONDS + 1)
    assert _reap(store) == 1
    _finish(store, claim)
    assert _states(store) == {"a": "done"}


@pytest.mark.parametrize("waiting", [10, 300])
def test_a_claim_asks_no_more_of_the_database_where_more_waits(store: Store, waiting: int) -> None:
    _queue(store, *(Effect(f"{number}", f"{number}", "digest") for number in range(waiting)))
    asked: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    assert len(_claims(store, 1)) == 1
    _in_session(store, look)
    assert len(asked) <= 8, asked
