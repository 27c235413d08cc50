"""Meetings that move and series under a new rule: to which dates, what would come along, and what stands in the way."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from dateutil.relativedelta import relativedelta
from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.deadlines import meeting_deadlines
from bot.domain.language.day_words import MONTHS, WEEKDAYS, full_date
from bot.domain.language.rhythm_rule import Recurrence, Unit, YearDay
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.panel_definition import PanelDefinition
from bot.domain.permissions import Verb
from bot.domain.rearrangement import Rearrangement, period_of
from bot.domain.recurrence import Occurrence, occurrences
from bot.domain.working_days import FRIDAY, ONE_DAY, add_working_days, is_bank_holiday, is_working_day
from bot.errors import Mistake
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Panel, Series
from bot.models.vocabulary import MeetingState
from bot.records.access.clocks import local_time, rules_of, today_at, zone_of
from bot.records.access.queries import Standing, readable
from bot.records.agenda.queries import LIVE_FLAGS
from bot.records.diary.clashes import Clash, clashes_at
from bot.records.diary.queries import AHEAD, is_open_ended, meetings_after, meetings_of
from bot.store.key_ring import Erased
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_SPARE: Final = 12  # dates beyond those needed, in the place of such as cannot be had


def coming_of(work: Work, series: Series, first: Meeting | None) -> list[Meeting]:
    """The meetings of a series that are still to begin, those cancelled too, from one of them on."""
    query = select(Meeting).where(
        col(Meeting.series_id) == id_of(series),
        col(Meeting.state).in_([MeetingState.SCHEDULED, MeetingState.CANCELLED]),
        col(Meeting.starts_at) > work.now,
    )
    if first is not None:
        query = query.where(col(Meeting.starts_at) >= first.starts_at)
    return list(work.session.exec(query.order_by(col(Meeting.starts_at), col(Meeting.id))))


def keeps_its_date(meeting: Meeting) -> bool:
    """Whether a new rule leaves it where it is: it was cancelled by hand, or its agenda is out."""
    return meeting.state is MeetingState.CANCELLED or meeting.agenda_published_at is not None


def dates_wanted(series: Series, rule: Recurrence, slots: int) -> int | None:
    """How many dates the new rule is asked for; none where it says itself when it ends."""
    if rule.ends is not None or rule.times is not None:
        return None
    return slots if series.count is not None else max(slots, AHEAD)


def meetings_kept(series: Series, rule: Recurrence, count: int | None) -> int | None:
    """The count that the series has under its new rule; none when it goes on, or its words say when it ends."""
    return count if series.count is not None and rule.ends is None else None


def starts_from(
    work: Work, standing: Standing, series: Series, first: Meeting, rule: Recurrence, today: date, *, same: bool
) -> date:
    """From when the new rule gives its dates: the week or month of the first meeting that it moves."""
    panel = standing.panel
    on = local_time(work, panel, first.starts_at).date()
    if same and first.rule_on is not None:
        on = first.rule_on  # where it was moved by hand, its own place in the rhythm counts
    before = work.session.exec(
        select(Meeting.starts_at)
        .where(
            col(Meeting.series_id) == id_of(series),
            col(Meeting.state) != MeetingState.CANCELLED,
            col(Meeting.starts_at) < first.starts_at,
        )
        .order_by(col(Meeting.starts_at).desc())
    ).first()
    earliest = [period_of(rule, on), today]
    if before is not None:
        earliest.append(local_time(work, panel, before).date() + ONE_DAY)
    return max(earliest)


def in_phase(rule: Recurrence, series_rule_on: date, definition: PanelDefinition) -> Recurrence:
    """The rule counting from the week or month of the first meeting it moves, even where that date has gone by."""
    if rule.begins is not None or rule.every == 1:
        return rule
    first = occurrences(rule, start=period_of(rule, series_rule_on), count=1, definition=definition)[0].rule_on
    return replace(rule, begins=YearDay(first.month, first.day, first.year))


def dates_free(
    work: Work, standing: Standing, rule: Recurrence, start: date, count: int | None, moving: set[int]
) -> list[Occurrence]:
    """The coming dates of the rule that no other meeting of the panel takes up."""
    panel = standing.panel
    wanted = None if count is None else count + _SPARE
    given = occurrences(rule, start=start, count=wanted, definition=rules_of(work, panel))
    lasts = timedelta(minutes=work.definition(panel.definition).duration)
    others = [
        (meeting.starts_at, meeting.ends_at)
        for meeting in meetings_of(work, standing.panel_id)
        if meeting.id not in moving
    ]
    free = [
        one
        for one in given
        if one.starts_at > work.now
        and not any(begin < one.starts_at + lasts and one.starts_at < end for begin, end in others)
    ]
    return free if count is None else free[:count]


def in_order(moves: list[tuple[Meeting, Occurrence]]) -> list[tuple[Meeting, Occurrence]]:
    """So that no two ever stand at one time: what goes later from the last on, what comes earlier from the first."""
    later = [one for one in moves if one[1].starts_at > one[0].starts_at]
    earlier = [one for one in moves if one[1].starts_at <= one[0].starts_at]
    return [*reversed(later), *earlier]


def words_of(rule: Recurrence) -> str:
    """The rule without the day on which it began, so that it can be said again of the meetings to come."""
    if rule.begins is None:
        return rule.describe()
    weekdays = rule.weekdays
    if rule.unit is Unit.WEEK and not weekdays and rule.begins.year and rule.begins.day:
        weekdays = (date(rule.begins.year, rule.begins.month, rule.begins.day).weekday(),)
    return replace(rule, begins=None, weekdays=weekdays).describe()


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


FAR_MONTHS = 18  # a new date beyond is more likely a slip
#: The same whether anything is flagged or not: the refusal must not tell of a case that the reader does not see.
LAST_MEETING = (
    "That would leave the diary empty. Let one meeting stay or move it, or put another in first with `/panel create` "
    "or `/panel add`."
)


def begins_at(work: Work, panel: Panel, wall_clock: datetime) -> datetime:
    """The moment of a time on the panel's clocks. Raises Mistake for one that does not exist or has passed."""
    zone = zone_of(work, panel)
    begins = wall_clock.replace(tzinfo=zone).astimezone(UTC)
    if begins.astimezone(zone).replace(tzinfo=None) != wall_clock:
        raise Mistake(
            f"On {wall_clock:%-d %B %Y} the clocks go forward: {wall_clock:%H:%M} does not exist. "
            "Choose an hour later.",
            field="time",
        )
    if begins <= work.now:
        raise Mistake("That time has passed. Choose a later one.", field="date")
    return begins


def refuse_taken(work: Work, panel: Panel, begins: datetime, lasts: timedelta, *, besides: int | None = None) -> None:
    """Raises Mistake where the panel has another meeting at that time."""
    query = select(Meeting.id).where(
        col(Meeting.panel_id) == id_of(panel),
        col(Meeting.state) != MeetingState.CANCELLED,
        col(Meeting.starts_at) < begins + lasts,
        col(Meeting.ends_at) > begins,
    )
    if any(number != besides for number in work.session.exec(query)):
        raise Mistake(f"{panel.title} already meets at that time.", field="date")


def heirs_of(
    work: Work, panel_id: int, gone: Sequence[Meeting], moved: Mapping[int, Occurrence] | None = None
) -> dict[int, Meeting | None]:
    """By meeting that is cancelled, which other one takes its cases; none where the diary would be empty.

    It is the next that remains, or the last where none is later; `moved` are the new times of those that move.
    """
    numbers, times = {id_of(meeting) for meeting in gone}, moved or {}
    remaining = sorted(
        (
            (times[id_of(one)].starts_at.astimezone(UTC) if id_of(one) in times else one.starts_at, id_of(one), one)
            for one in meetings_of(work, panel_id)
            if id_of(one) not in numbers and one.state is MeetingState.SCHEDULED and one.starts_at > work.now
        ),
        key=lambda each: each[:2],
    )
    last = remaining[-1][2] if remaining else None
    return {id_of(meeting): next((one for at, _, one in remaining if at > meeting.starts_at), last) for meeting in gone}


def cases_seen(work: Work, standing: Standing, meeting_ids: Sequence[int]) -> Counter[int]:
    """By meeting, how many live flags this reader may see; none for who may not read cases."""
    if not standing.may(Verb.READ_CASES) or not meeting_ids:
        return Counter()
    rows = work.session.execute(
        select(Flag.meeting_id, func.count())
        .join(Case, col(Case.id) == col(Flag.case_id))
        .where(
            col(Flag.meeting_id).in_(meeting_ids),
            col(Flag.state).in_(LIVE_FLAGS),
            readable(standing.actor.person_id),
        )
        .group_by(col(Flag.meeting_id))
    )
    return Counter(dict(list(rows)))


def remarks_on(work: Work, standing: Standing, starts_at: datetime) -> tuple[str, ...]:
    """What is unusual about a new date, though nothing forbids it; `starts_at` is the panel's wall clock."""
    day, zone = starts_at.date(), zone_of(work, standing.panel)
    definition = work.definition(standing.panel.definition)
    today = today_at(work, standing.panel)
    said = []
    if is_bank_holiday(day, definition.bank_holiday_subdivision):
        said.append(f"That is a bank holiday, a {day:%A}.")
    elif day.weekday() > FRIDAY:
        said.append(f"That is a {day:%A}.")
    if day > today + relativedelta(months=FAR_MONTHS):
        said.append(f"That is more than {FAR_MONTHS} months ahead.")
    if starts_at.replace(tzinfo=zone).utcoffset() != starts_at.replace(tzinfo=zone, fold=1).utcoffset():
        said.append(f"The clocks go back that night and {starts_at:%H:%M} comes twice: the first of the two is meant.")
    closed_on = meeting_deadlines(definition, day).flags_close
    if closed_on < today:
        said.append(f"Flags closed on {full_date(closed_on)}: agencies can only flag late.")
    return tuple(said)


@dataclass(frozen=True, slots=True)
class SeriesChoice:
    """A series with coming meetings, to choose from a list."""

    id: int
    rule: str  #: in words, without the day on which it began
    next_at: datetime
    coming: int
    goes_on: bool


@dataclass(frozen=True, slots=True)
class DateChange:
    """One meeting before and after; without a before it is new, without an after it is cancelled."""

    before: datetime | None
    after: datetime | None
    cases: int  #: that go along or elsewhere, of those the reader may see
    cases_to: datetime | None  #: where the cases of a cancelled meeting go
    remarks: tuple[str, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether anything becomes different."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """What a change of a series does, date by date."""

    panel_key: str
    panel_title: str
    series_id: int
    rule_before: str
    rule_after: str  #: empty when the series ends
    dates: tuple[DateChange, ...]
    stays: tuple[str, ...]  #: what the change leaves where it is, and why
    cannot: tuple[str, ...]  #: why it cannot be saved like this
    clashes: tuple[Clash, ...]
    goes_on: bool


def choice_of(work: Work, standing: Standing, series: Series, coming: list[Meeting]) -> SeriesChoice:
    """One series as it is offered in a list; `coming` are its meetings, the next one first."""
    rule = parse_rule(series.rule)
    return SeriesChoice(
        id=id_of(series),
        rule=words_of(rule),
        next_at=local_time(work, standing.panel, coming[0].starts_at),
        coming=len(coming),
        goes_on=is_open_ended(rule, series.count),
    )


def cancelled_date(
    work: Work, standing: Standing, meeting: Meeting, heir: Meeting | None, cases: int, new: Rearrangement | None
) -> DateChange:
    """A meeting that is cancelled, and where the cases go that the reader may see."""
    to = None
    if heir is not None and cases:
        moved = dict(new.moved) if new is not None else {}
        heir_at = moved[id_of(heir)].starts_at if id_of(heir) in moved else heir.starts_at
        to = local_time(work, standing.panel, heir_at)
    return DateChange(local_time(work, standing.panel, meeting.starts_at), None, cases, to)


def by_date(change: DateChange) -> float:
    """Sorts dates by when they were, new ones by when they will be."""
    at = change.before or change.after
    return at.timestamp() if at is not None else 0.0


def remarks_of(work: Work, standing: Standing, one: Occurrence) -> tuple[str, ...]:
    """What is unusual about a date of the rule, and why it is not the day that the rule gives."""
    moved = (f"Instead of {full_date(one.rule_on)}: {one.moved}.",) if one.moved else ()
    return (*moved, *remarks_on(work, standing, one.starts_at.replace(tzinfo=None)))


def _when(work: Work, standing: Standing, meeting: Meeting) -> str:
    return full_date(local_time(work, standing.panel, meeting.starts_at).date())


def stays_because(work: Work, standing: Standing, meeting: Meeting) -> str:
    """Why a new rule leaves a meeting where it is."""
    when = _when(work, standing, meeting)
    if meeting.state is MeetingState.CANCELLED:
        return f"{when} stays cancelled, and no meeting is made in its place."
    return f"{when} stays, because its agenda is out. To move it, move it by itself."


def falls_on_kept(
    work: Work, standing: Standing, coming: list[Meeting], after: list[datetime], lasts: timedelta
) -> list[str]:
    """Why dates cannot be had: a meeting that stays is there."""
    kept = [one for one in coming if one.state is MeetingState.SCHEDULED and keeps_its_date(one)]
    return [
        f"{full_date(at.date())} falls on the meeting of {_when(work, standing, one)}, whose agenda is out."
        for one in kept
        for at in after
        if one.starts_at < at + lasts and at < one.ends_at
    ]
