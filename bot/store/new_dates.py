"""The new date of a meeting that was not quorate: by when, the nearest free days, and what its minutes say."""

from datetime import date, datetime
from typing import Final

from bot.domain.day_words import MONTHS, WEEKDAYS
from bot.domain.working_days import ONE_DAY, add_working_days, is_working_day
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.records.access.clocks import local_time, zone_of
from bot.records.access.queries import Standing
from bot.records.diary.clashes import clashes_at
from bot.records.diary.queries import meetings_after
from bot.store.key_ring import Erased
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

OFFERED: Final = 3
NOT_QUORATE: Final = "Not quorate"  # how the reason of a postponed meeting begins


def new_date_by(work: Work, panel: Panel, meeting: Meeting) -> date:
    """The last day on which the new meeting may be."""
    definition = work.definition(panel.definition)
    day = local_time(work, panel, meeting.starts_at).date()
    return add_working_days(day, definition.new_date_within, definition.bank_holiday_subdivision)


def new_date_owed(work: Work, panel: Panel, meeting: Meeting) -> date | None:
    """By when a new date is needed; None where the diary has one in time."""
    by = new_date_by(work, panel, meeting)
    following = meetings_after(work, id_of(panel), meeting.starts_at)
    if following and local_time(work, panel, following[0].starts_at).date() <= by:
        return None
    return by


def free_dates(work: Work, standing: Standing, meeting: Meeting) -> tuple[datetime, ...]:
    """The nearest working days by then at the same hour, free of clashes for the panel; its own clock."""
    panel = standing.panel
    subdivision = work.definition(panel.definition).bank_holiday_subdivision
    was = local_time(work, panel, meeting.starts_at)
    by, day, zone = (
        new_date_by(work, panel, meeting),
        max(was, local_time(work, panel, work.now)).date(),
        zone_of(work, panel),
    )
    candidates = []
    while day < by:
        day += ONE_DAY
        if is_working_day(day, subdivision):
            candidates.append(datetime.combine(day, was.time(), tzinfo=zone))
    lasts = meeting.ends_at - meeting.starts_at
    clashes = clashes_at(work, standing, candidates, lasts=lasts, venue=meeting.venue, besides=[id_of(meeting)])
    taken = {clash.starts_at for clash in clashes}
    return tuple(at for at in candidates if at not in taken)[:OFFERED]


def postponed_words(work: Work, panel: Panel, meeting: Meeting) -> str:
    """That the meeting was to be held earlier, and why not then; empty for one that was not postponed."""
    if meeting.postponed_from is None:
        return ""
    was = local_time(work, panel, meeting.postponed_from)
    day = f"{WEEKDAYS[was.weekday()][:3]} {was.day} {MONTHS[was.month - 1]} {was.year}"
    return f"Postponed from {day}: {_why(work, meeting)}."


def _why(work: Work, meeting: Meeting) -> str:
    try:
        reason = work.open(meeting.postponed_because) if meeting.postponed_because else ""
    except Erased:
        reason = ""
    # Where it was moved once more since, the reason is that of the move.
    if not reason.startswith(NOT_QUORATE):
        return NOT_QUORATE.lower()
    return f"{reason[:1].lower()}{reason[1:]}".rstrip(".")
