"""What is logged when the database is in trouble: its own reason, once a minute."""

import logging

import pytest

from bot.slack.incidents import Outages
from bot.store.faults import Fault


def test_the_reason_is_logged_once_a_minute_with_how_often_it_was_met(caplog: pytest.LogCaptureFixture) -> None:
    now = [1000.0]
    outages = Outages(lambda: now[0])
    with caplog.at_level(logging.ERROR):
        for seconds in (0.0, 1.0, 58.0, 1.5):
            now[0] += seconds
            outages.met(Fault.AWAY, "connection refused")
        outages.met(Fault.FULL, "database or disk is full")
    assert [record.getMessage() for record in caplog.records] == [
        "the database is away: connection refused (met 1 time)",
        "the database is away: connection refused (met 3 times)",
        "the database is full: database or disk is full (met 1 time)",
    ]
