"""Whatever people record of who is there, and take back, in any order: the last entry that stands says what is so.

What stands is worked out a second time here, from what was done, and compared with the rows.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import col

from bot.models.meetings import Attendance
from bot.services.meeting import opening, undoing
from bot.services.meeting.arrivals import Moves
from tests.county import WEST, user_id
from tests.services.conftest import Play, Stage

pytestmark = pytest.mark.slow

RECORDERS = ("coordinator", "minutetaker")
MEMBERS = ("nurse", "matron", "constable")
recorder, member = st.sampled_from(RECORDERS), st.sampled_from(MEMBERS)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("here"), recorder, member),
        st.tuples(st.just("sorry"), recorder, member),
        st.tuples(st.just("gone"), recorder, member),
        st.tuples(st.just("says so"), member, member),
        st.tuples(st.just("undo"), st.one_of(recorder, member), member),
    ),
    min_size=4,
    max_size=20,
)
Fact = tuple[str, bool, bool]  #: how a person takes part, whether they left, whether they accepted the statement


@dataclass
class Room:
    """What is done, and what stands for it: of each member the entries that stand, with what each made of them."""

    play: Play
    standing: dict[str, list[tuple[str, int, Fact]]] = field(default_factory=lambda: {name: [] for name in MEMBERS})
    count: int = 0

    def now(self, name: str) -> Fact | None:
        return self.standing[name][-1][2] if self.standing[name] else None

    def does(self, step: tuple[str, str, str]) -> None:
        what, who, about = step
        name = who if what == "says so" else about
        self.play.clock.move_to(self.play.clock.now() + timedelta(seconds=1))
        if what == "undo":
            return self.undoes(who)
        before = self.now(name)
        accepted, gone = (before[2], before[1]) if before else (False, False)
        if what == "here":
            made = ("present", gone, accepted)
            self.play.does(who, opening.record_attendance, WEST, present=(user_id(name),))
        elif what == "sorry":
            made = ("apologies", False, accepted)
            self.play.does(who, opening.record_attendance, WEST, apologies=(user_id(name),))
        elif what == "gone":
            made = ("present", True, accepted)
            self.play.does(who, opening.record_attendance, WEST, moves=Moves(left=(user_id(name),)))
        else:
            made = ("present", False, True)
            self.play.does(who, opening.acknowledge, self.play.county.west_meetings[0])
        if made != before:
            self.count += 1
            self.standing[name].append((who, self.count, made))
        return None

    def undoes(self, who: str) -> None:
        own = [(number, name) for name, entries in self.standing.items() for by, number, _ in entries if by == who]
        if not own:
            assert self.play.refused(who, undoing.last_entry, WEST).startswith("You have recorded nothing")
            return
        number, name = max(own)
        found = self.play.does(who, undoing.last_entry, WEST)
        taken = self.play.does(who, undoing.undo_attendance, WEST, found.key)
        assert [line.name.lower() for line in taken.lines] == [name]
        is_last = self.standing[name][-1][1] == number
        assert taken.lines[0].is_overtaken is not is_last
        self.standing[name] = [one for one in self.standing[name] if one[1] != number]

    def is_as_recorded(self) -> None:
        names = {number: key for key, number in self.play.county.person.items()}
        with self.play.store.reading() as work:
            rows = work.find_all(Attendance, col(Attendance.meeting_id) == self.play.county.west_meetings[0])
            found: dict[str, Fact | None] = dict.fromkeys(MEMBERS)
            for row in rows:
                if names[row.person_id] in MEMBERS:
                    fact = (row.status.value, row.left_at is not None, row.acknowledged_at is not None)
                    found[names[row.person_id]] = fact
        assert found == {name: self.now(name) for name in MEMBERS}


_SETTINGS: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    "phases": (Phase.explicit, Phase.generate, Phase.shrink),
}


@pytest.mark.databases("sqlite")
@settings(max_examples=15, **_SETTINGS)
@given(steps=STEPS)
def test_what_stands_is_what_the_last_entry_that_stands_says(stage: Stage, steps: list[tuple[str, str, str]]) -> None:
    is_kept(stage, steps)


@pytest.mark.proof
@settings(max_examples=200, **_SETTINGS)
@given(steps=STEPS)
def test_the_same_at_length(stage: Stage, steps: list[tuple[str, str, str]]) -> None:
    is_kept(stage, steps)


def is_kept(stage: Stage, steps: list[tuple[str, str, str]]) -> None:
    """Do these steps in an open meeting, and compare what is recorded after each."""
    with stage() as play:
        play.at(3, 24, 14)
        play.does("chair", opening.open_panel_meeting, WEST)
        room = Room(play)
        for step in steps:
            room.does(step)
            room.is_as_recorded()
