"""Whatever a button or a form carries that none of ours would: a refusal that is noted, and nothing changed."""

import logging
from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import select

from bot.errors import PanelbotError
from bot.models.bookkeeping import AuditEntry
from bot.records.access.queries import identify
from bot.services.cases.flags import flag_case
from bot.slack.delivery import Delivery
from bot.slack.listener import LONG_PATIENCE, Listener, Settling
from bot.slack.request import Carried, Clicked, Request
from bot.slack.screens import Screens
from bot.slack.sender import web_client
from bot.slack.tables import build_registry
from bot.store.schema import METADATA
from bot.store.unit_of_work import Store
from tests.conftest import Abandoned
from tests.county import TEAM, WEST, County, actor, flag_form, user_id

#: Of PostgreSQL, which refuses other characters, `tests/proof/test_mutated_payloads.py` sends a share.
pytestmark = [pytest.mark.slow, pytest.mark.databases("sqlite")]

_WORDS = ("", "x", str(2**63), "2026-13-45")
_UNTYPED = ("west-met:1\0", "\ud800")
CLICKED = (*_WORDS, *_UNTYPED, "-1", "²", ":", "|", "1:x", "west-met:x", "west-met|x", "west-met:2026-13-45", "nan")
#: What a form may carry in the place of a number, a moment, an option or a list; None is missing.
CARRIED: tuple[Any, ...] = (None, *_WORDS, _UNTYPED[0], 2**63, -1, 1.5, ["x"], {"x": 1})

#: Buttons that carry nothing which is read.
TAKE_NOTHING = {"calendar.diary", "calendar.make", "calendar.off", "command.help"}
#: Words and keys, which are looked up or compared: any words will do.
FREE_METADATA = {"seen", "rule", "venue", "panel", "user", "deputy", "person", "channel"}
#: What a form need not carry.
OPTIONAL_METADATA = {"since", "starts_on", "count", "bank_holidays", "starts", "page", "item", "channel", "list"}

METADATA_OF_ALL: Mapping[str, Any] = {
    "panel": "west-met", "meeting": 1, "meetings": [1], "series": 1, "at": "2026-12-17T14:00:00", "venue": "Town Hall",
    "later": False, "rule": "every Friday at 9:00", "flag": 1, "verdict": "defer", "item": 1, "action": 1,
    "user": "UNURSE", "deputy": "UMIDWIFE", "person": "UNURSE", "starts": "0", "page": 0, "since": 1,
    "starts_on": "2026-12-01", "count": 3, "bank_holidays": "definition", "seen": "", "channel": "C1", "list": "",
    "account": dict.fromkeys(("user_id", "team_id", "name", "timezone"), "x")
    | dict.fromkeys(("is_bot", "is_guest", "is_deactivated"), False),
}  # fmt: skip
#: One choice of each field that is chosen from what a form offers, of one or of several.
CHOSEN: Mapping[str, str] = {
    "meeting": "1", "series": "1", "scope": "this", "knowledge": "known", "kind": "retain", "agency": "1",
    "how": "meeting", "panel": "west-met", "priority": "normal", "risk_after": "ceraf:high", "close_reason": "moved",
    "when": "2026-12-17T14:00:00", "sent_on": "2026-12-01", "starts_on": "2026-12-01", "from": "2026-12-01",
    "until": "2026-12-08", "date": "2026-12-17", "review": "2027-01-12", "bank_holidays": "definition",
}  # fmt: skip
SEVERAL: Mapping[str, tuple[str, ...]] = {"meetings": ("1",), "places": ("1",)}
TYPED: Mapping[str, str] = {"time": "14:00", "reason": "Because.", "text": "Ring the school.", "venue": "Town Hall"}


REFUSALS = ("That form is out of date. To find it again, ", "I can't find")


class Noted(dict[str, Any]):
    """Facts that note which of them a handler asks for."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__(facts)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:  # type: ignore[override]
        self.asked.add(name)
        return super().get(name, default)


class Door:
    """The listener of a bot whose Slack is away, with a look at what a delivery changed and noted."""

    def __init__(self, store: Store, caplog: pytest.LogCaptureFixture) -> None:
        away = web_client("xoxb-away", "http://127.0.0.1:9/")
        screens = Screens(away, away)
        self.store = store
        self.registry = build_registry()
        self.listener = Listener(store, self.registry, screens, Settling(store, screens), LONG_PATIENCE)
        self.caplog = caplog
        self.faults: list[str] = []
        self._keys = count()
        self._before = self.noted()

    def rows(self) -> dict[str, int]:
        """Return how many rows each table has, but for the audit."""
        with self.store.reading() as work:
            return {
                table.name: work.session.exec(select(func.count()).select_from(table)).one()
                for table in METADATA.sorted_tables
                if not table.name.startswith("audit")
            }

    def noted(self) -> tuple[int, int]:
        """Return how many entries the audit has, and how many of them are refusals."""
        with self.store.reading() as work:
            refused = func.count().filter(AuditEntry.outcome == "refused")  # type: ignore[arg-type]
            return work.session.exec(select(func.count(), refused).select_from(AuditEntry)).one()

    def is_refused(self, kind: Any, name: str, what: str, **facts: Any) -> None:
        """Deliver what is malformed and note as a fault anything but a refusal with one entry in the audit."""
        self._deliver(kind, name, what, (1, 1), facts)

    def is_answered(self, kind: Any, name: str, what: str, **facts: Any) -> None:
        """Deliver what is malformed and note as a fault only that it broke something."""
        self._deliver(kind, name, what, None, facts)

    def _deliver(self, kind: Any, name: str, what: str, expected: tuple[int, int] | None, facts: Any) -> None:
        view = None if kind == "click" else {"type": "modal", "id": "V1", "blocks": []}
        delivery = Delivery(kind=kind, name=name, team_id=TEAM, key=f"malformed-{next(self._keys)}", view=view, **facts)
        before = self._before
        self.caplog.clear()
        ack = self.listener.answer(delivery)
        self._before = after = self.noted()
        if "incident" in self.caplog.text:
            self.faults.append(f"{kind} {name}, {what}: {self.caplog.text}")
        elif expected is not None and (after[0] - before[0], after[1] - before[1]) != expected:
            self.faults.append(f"{kind} {name}, {what}: is not refused: {str(ack)[:200]}")
        elif expected is not None and kind == "submission" and not any(one in str(ack) for one in REFUSALS):
            self.faults.append(f"{kind} {name}, {what}: says {str(ack)[:200]}")


@pytest.fixture
def door(store: Store, county: County, caplog: pytest.LogCaptureFixture) -> Door:
    """Return the county with a case that is flagged to its next meeting."""
    with store.work() as work:
        flag_case(work, actor(work, "nurse"), WEST, flag_form("WEST-0001"))
    caplog.set_level(logging.CRITICAL)
    caplog.set_level(logging.ERROR, "bot.slack.incidents")
    caplog.set_level(logging.CRITICAL, "slack_sdk")
    caplog.set_level(logging.CRITICAL, "bot.slack.screens")
    return Door(store, caplog)


def test_no_button_breaks_or_changes_anything(door: Door) -> None:
    rows = door.rows()
    for name in door.registry.clicks.keys() - TAKE_NOTHING:
        for value in CLICKED:
            facts = {"value": value, "clicked": Clicked("modal"), "user_id": user_id("chair")}
            door.is_refused("click", name, repr(value), **facts)
    assert not door.faults, "\n".join(door.faults)
    assert door.rows() == rows


def test_no_form_breaks_or_changes_anything(door: Door) -> None:
    for name in door.registry.submissions:
        who, metadata, values = asked_by(door, name)
        for each in sorted(metadata):
            for bad in CARRIED:
                if each in OPTIONAL_METADATA and bad in (None, ""):
                    continue
                is_free = each in FREE_METADATA and isinstance(bad, str) and bad not in _UNTYPED
                is_open = is_free or each == "seen"
                deliver = door.is_answered if is_open else door.is_refused
                form = {"metadata": Carried({**METADATA_OF_ALL, each: bad}), "values": all_values(), "user_id": who}
                deliver("submission", name, f"{each} carried as {bad!r}", **form)
        for each in sorted(values):
            for bad in (*_WORDS, "0001-01-01", _UNTYPED[0]):
                value = (bad,) if each in SEVERAL else bad
                is_refused = bad in _UNTYPED or (each in {*CHOSEN, *SEVERAL} and bad != "" and each != "review")
                deliver = door.is_refused if is_refused else door.is_answered
                form = {"metadata": Carried(METADATA_OF_ALL), "values": {**all_values(), each: value}}
                deliver("submission", name, f"{each} filled in with {bad!r}", user_id=who, **form)
    assert not door.faults, "\n".join(door.faults)


def all_values() -> dict[str, Any]:
    return {**CHOSEN, **SEVERAL, **TYPED}


def asked_by(door: Door, name: str) -> tuple[str, set[str], set[str]]:
    """Return who gets furthest with a filled-in form, and the facts and fields it asks for. Nothing is saved."""
    found = []
    for who in (*map(user_id, ("administrator", "chair", "coordinator", "nurse")),):
        metadata, values = Noted(METADATA_OF_ALL), Noted(all_values())
        try:
            with door.store.work() as work:
                actor = identify(work, TEAM, who)
                form = Request(work=work, actor=actor, metadata=Carried(metadata), values=values)
                door.registry.submissions[name](form)
                raise Abandoned
        except (PanelbotError, Abandoned):
            found.append((who, metadata.asked, values.asked))
    return max(found, key=lambda one: len(one[1]) + len(one[2]))
