"""The dates that hang on a meeting: prompts and cut-offs before it, summary and minutes after it."""

from dataclasses import dataclass
from datetime import date

from bot.domain.panel_definition import PanelDefinition
from bot.domain.working_days import add_working_days


@dataclass(frozen=True, slots=True)
class MeetingDeadlines:
    """One meeting's dates, earliest first; each falls on a working day."""

    flags_open: date  #: representatives are asked for cases
    flags_close: date  #: later flags need the chair's yes
    triage: date  #: the chair accepts, defers or signposts
    agenda: date  #: the agenda is circulated and returns are asked for
    returns: date  #: each agency has said what it will bring
    summary: date  #: decisions and actions are out
    draft_minutes: date  #: the chair has a draft
    approved_minutes: date  #: approved and circulated


def meeting_deadlines(definition: PanelDefinition, meeting_on: date) -> MeetingDeadlines:
    """Count the definition's working days back and forward from the day of the meeting.

    The meeting's own day is never counted. A deadline of zero days on a meeting held on a bank holiday
    (a panel that keeps them) falls on the next working day.
    """
    counts = definition.deadlines.model_dump()
    subdivision = definition.bank_holiday_subdivision
    return MeetingDeadlines(**{name: add_working_days(meeting_on, days, subdivision) for name, days in counts.items()})
