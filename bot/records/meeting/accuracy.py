"""The minutes of a panel's last meeting, and whether the present meeting agrees that they are accurate."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col

from bot.domain.minutes import APPROVED_STATES
from bot.models.meetings import Meeting
from bot.models.minutes import Minutes, MinutesAccuracy
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import Accuracy
from bot.records.access.queries import local_time
from bot.records.diary.queries import last_closed_meeting
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class LastMinutes:
    """The minutes of the panel's last meeting, and whether the present meeting found them accurate."""

    held_on: date
    minutes_id: int | None = None  #: none: they are not approved, so nothing can be confirmed
    version: int = 0
    answer: Accuracy | None = None
    by_name: str = ""

    @property
    def words(self) -> str:
        """Return the minutes' date and version in words: "of 24 March 2026 (version 2)"."""
        held = f"of {self.held_on:%-d %B %Y}"
        return held if self.minutes_id is None else f"{held} (version {self.version})"


def last_minutes(work: Work, panel: Panel, meeting: Meeting) -> LastMinutes | None:
    """Return the minutes of the panel's last meeting before this one, or None if there was none."""
    previous = last_closed_meeting(work, id_of(panel), before=meeting.starts_at)
    if previous is None:
        return None
    held_on = local_time(work, panel, previous.starts_at).date()
    answer = work.find(MinutesAccuracy, col(MinutesAccuracy.meeting_id) == id_of(meeting))
    if answer is not None:
        minutes = work.session.get_one(Minutes, answer.minutes_id)
        by = work.session.get_one(Person, answer.by_id)
        return LastMinutes(held_on, answer.minutes_id, minutes.version, answer.answer, by.name)
    approved = col(Minutes.state).in_(sorted(APPROVED_STATES))
    found = work.find(Minutes, col(Minutes.meeting_id) == id_of(previous), approved)
    return LastMinutes(held_on) if found is None else LastMinutes(held_on, id_of(found), found.version)
