"""The table of who may do what, as `authorisation.md` has it, and the states of a meeting that it speaks of."""

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from sqlmodel import col

from bot.models.cases import Case
from bot.models.outbox import EffectState, OutboxRow
from bot.models.panels import Membership, ReadingAsked
from bot.models.vocabulary import DecisionKind, Role
from bot.records.meeting.deciding import DecisionForm
from bot.services.actions.changes import add_action, extend_action
from bot.services.agenda import triage
from bot.services.cases.interests import declare_interest
from bot.services.diary.series import create_series
from bot.services.meeting import discussion
from bot.services.meeting.opening import close_meeting
from bot.services.minutes.papers import draft_minutes
from bot.store.rows import id_of
from tests.county import WEST, user_id
from tests.proof import desk
from tests.proof.desk import Body
from tests.services.conftest import Play

TABLE = Path(__file__).with_name("authorisation.md")
_BAR = re.compile(r"(?<!\\)\|")


def _flagged(play: Play) -> None:
    """Flag a case of the social worker's and a closed one, with actions. The matron steps back."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0666", closed=True)
    play.compiles()  # so that lines have their numbers before anything is tried and taken back
    play.does("matron", declare_interest, WEST, "WEST-0001")
    for text, case in (("ring the school nurse", "WEST-0001"), ("ring the clinic", None)):
        given = {"holder_user_id": user_id("nurse"), "text": text, "due": "Friday", "case_reference": case}
        play.does("coordinator", add_action, WEST, **given)
    given = {"holder_user_id": user_id("socialworker"), "text": "visit", "due": "Friday", "case_reference": "WEST-0666"}
    play.does("socialworker", add_action, WEST, **given)
    for persona, action in ("nurse", 1), ("socialworker", 3):
        for due in ("in 2 weeks", "in 3 weeks"):  # the chair decides about more time the second time
            play.does(persona, extend_action, action, due=due, reason="The clinic is shut.")
    play.does("coordinator", create_series, WEST, rule="every Friday at 9:00", starts_on=date(2026, 11, 6), count=1)
    with play.store.work() as work:
        to_nurse = col(OutboxRow.payload)["person_id"].as_integer() == play.county.person["nurse"]
        message = work.find_all(OutboxRow, to_nurse, by=[col(OutboxRow.id)])[0]
        message.state, message.finished_at = EffectState.DEAD, message.created_at
        place = work.find(Membership, col(Membership.role) == Role.VICE_CHAIR)
        closed = work.find(Case, col(Case.reference) == "WEST-0666")
        assert place is not None
        assert closed is not None
        given_by_id = play.county.person["coordinator"]
        work.session.add_all(
            [message, ReadingAsked(place_id=id_of(place), case_id=id_of(closed), given_by_id=given_by_id)]
        )


def _circulated(play: Play) -> None:
    play.at(3, 18)
    play.does("coordinator", triage.publish_agenda, WEST)


def _sitting(play: Play) -> None:
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    play.at(3, 24, 14, 20)  # long after the chair moved on: who asks at that moment is told so instead


def _over(play: Play) -> None:
    play.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.RETAIN, "Still missing.", review="4 weeks"))
    play.does("chair", close_meeting, WEST)
    play.does("coordinator", draft_minutes, WEST)


#: What has happened, each after the one before it.
STATES: Mapping[str, Callable[[Play], None]] = {
    "flagged": _flagged,
    "circulated": _circulated,
    "sitting": _sitting,
    "over": _over,
}


#: Words for several states.
WHEN: Mapping[str, tuple[str, ...]] = {"before": ("flagged", "circulated", "sitting")}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what is done, in which states of the meeting, and who may."""

    kind: str
    done: str
    when: str
    may: Mapping[str, bool]

    def is_for(self, state: str) -> bool:
        """Return whether the line says something of this state."""
        return self.when == "always" or state in WHEN.get(self.when, self.when.split())

    def sent_by(self, persona: str) -> Body:
        """Return what Slack sends when the persona does it."""
        name, _, rest = self.done.partition(" ")
        if self.kind == "Typed":
            return desk.command(persona, self.done)
        if self.kind == "Submitted":
            return desk.submission(persona, name, *map(_facts, rest.partition(" / ")[::2]))
        if name == "shortcut":
            return desk.shortcut(persona, rest)
        value, _, carried = rest.partition(" / ")
        place = "modal" if carried else "message"
        return desk.click(persona, name, value, place=place, metadata=_facts(carried))


#: Of what a row carries: the number of a thing, a reference and the key of a panel; and what nothing is called.
_NAMES = (
    (re.compile(r"(?<![\w.+-])[1-9]\d{0,3}(?![\w.+:-]| weeks)|(?<= )2(?=:\d)"), "987654"),
    (re.compile(r"WEST-0(?:001|666)"), "WEST-0987"),
    (re.compile("west-met"), "west-nil"),
)
#: They read the closed item WEST-0666.
_READERS = ("chair", "vicechair", "socialworker")
_OUTSIDE = frozenset({"countychair", "administrator", "outsider"})
_OF_CLOSED = re.compile(
    r"WEST-0666|(?:flag|action\S*) ?=?3\b|flag=2|case=2\b|west-met:2\b|(?:agenda|returns|case)\.\w+ 2\b|action\.\w+ 7"
)


def with_missing(row: Row, persona: str) -> Iterator[tuple[Row, str, str, bool]]:
    """Yield the row with one name after the other replaced by one of nothing, the name, and what replaces it.

    And whether the persona may learn that the thing is there: people on a panel may, of what isn't a closed item.
    """
    name, _, rest = row.done.partition(" ")
    is_outside = persona in _OUTSIDE
    for pattern, missing in _NAMES:
        *_, found = None, *pattern.finditer(rest)
        if found is not None and (is_outside or found[0] != "west-met"):
            forged = rest[: found.start()] + missing + rest[found.end() :]
            may_know = persona in _READERS or not (is_outside or _OF_CLOSED.search(row.done))
            yield replace(row, done=f"{name} {forged}"), found[0], missing, may_know


def _facts(said: str) -> dict[str, Any]:
    """Return what a form carries or is filled in with: `name=value`, where a value may be JSON."""
    found: dict[str, Any] = {}
    for each in shlex.split(said):
        name, _, value = each.partition("=")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


@cache
def table() -> tuple[Row, ...]:
    """Return the lines of the tables."""
    found, kind, personas = [], "", [""]
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in _BAR.split(line.strip("|"))]
        if not line.startswith("|") or cells[0].startswith("---"):
            continue
        if not cells[0].startswith("`"):
            kind, _, *personas = cells
            continue
        done, when, *marks = cells
        may = {who: mark == "●" for who, mark in zip(personas, marks, strict=True)}
        found.append(Row(kind, done.strip("`").replace(r"\|", "|"), when, may))
    return tuple(found)
