"""What hangs on a meeting's date and follows it: flags, deputies who come for it, calendars, who was asked."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.day_words import full_date
from bot.domain.deadlines import meeting_deadlines
from bot.domain.permissions import Verb
from bot.domain.recurrence import Occurrence
from bot.domain.working_days import FRIDAY, ONE_DAY, is_bank_holiday
from bot.errors import Mistake
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.panels import Membership, Panel
from bot.models.vocabulary import MeetingState
from bot.records.access.clocks import local_time, today_at, zone_of
from bot.records.access.queries import Standing, is_to_hold, readable
from bot.records.agenda.queries import LIVE_FLAGS
from bot.records.cases.changes import merge_flag, move_merged
from bot.records.cases.queries import live_flag
from bot.records.diary.queries import meetings_of
from bot.records.invitations.changes import forget_asked
from bot.records.invitations.stand_ins import tell_stand_in
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

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


def move(work: Work, panel: Panel, meeting: Meeting, begins: datetime) -> None:
    """Give a meeting another time; it stays the same meeting for its flags, replies and calendars."""
    meeting.ends_at = begins + (meeting.ends_at - meeting.starts_at)
    meeting.starts_at = begins
    meeting.sequence += 1
    work.session.add(meeting)
    work.session.flush()
    day = local_time(work, panel, begins).date()
    _take_deputies_along(work, panel, meeting, day)
    for flag in _live_flags(work, [id_of(meeting)]):
        flag.is_late = flag.is_late and _is_late(work, panel, flag, meeting)
        work.session.add(flag)
    forget_asked(work, panel, meeting)


def cancel(work: Work, meeting: Meeting, to: Meeting | None) -> int:
    """Take a meeting out of the diary; what is flagged to it goes to another. How many flags did.

    The panel's diary has been locked. Raises Mistake when there is no other meeting.
    """
    if to is None:
        raise Mistake(LAST_MEETING)
    flags = _live_flags(work, [id_of(meeting)])
    _end_deputies(work, meeting)
    for flag in flags:
        _carry(work, flag, to)
    meeting.state = MeetingState.CANCELLED
    meeting.cancelled_at = work.now
    meeting.sequence += 1
    work.session.add(meeting)
    work.session.flush()
    return len(flags)


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


def _live_flags(work: Work, meeting_ids: Sequence[int]) -> list[Flag]:
    return list(
        work.session.exec(
            select(Flag)
            .where(col(Flag.meeting_id).in_(meeting_ids), col(Flag.state).in_(LIVE_FLAGS))
            .order_by(col(Flag.id))
        )
    )


def _carry(work: Work, flag: Flag, to: Meeting) -> None:
    # A line left behind on the agenda of a meeting that is not held would make the case look unheard for ever.
    for item in work.session.exec(select(AgendaItem).where(col(AgendaItem.flag_id) == id_of(flag))):
        work.session.delete(item)
    before = flag.meeting_id
    taken = live_flag(work, flag.case_id, id_of(to))
    flag.is_late = _is_late(work, work.session.get_one(Panel, to.panel_id), flag, to)
    if taken is not None:  # flagged to that meeting too: one hearing serves both
        merge_flag(work, flag, taken)
    else:
        flag.meeting_id = id_of(to)
        work.session.add(flag)
        work.session.flush()
    move_merged(work, flag.case_id, before, id_of(to))


def _is_late(work: Work, panel: Panel, flag: Flag, meeting: Meeting) -> bool:
    """Whether a flag came after the cut-off of a meeting at the time that this has now."""
    day = local_time(work, panel, meeting.starts_at).date()
    cut_off = meeting_deadlines(work.definition(panel.definition), day).flags_close
    return local_time(work, panel, flag.flagged_at).date() > cut_off


def _end_deputies(work: Work, meeting: Meeting) -> None:
    """Who was to come for this meeting only has no business on the panel any more."""
    places = work.session.exec(
        select(Membership)
        .where(col(Membership.meeting_id) == id_of(meeting), is_to_hold(work.now))
        .order_by(col(Membership.id))
    ).all()
    for place in places:
        place.ended_at = work.now
        work.session.add(place)
        work.audit("end", "membership", place.person_id, panel_id=place.panel_id)
        tell_stand_in(work, meeting, place.person_id)
    work.session.flush()


def _take_deputies_along(work: Work, panel: Panel, meeting: Meeting, day: date) -> None:
    """Who stands in at this meeting only, does so until the end of its new day."""
    zone = zone_of(work, panel)
    ends = datetime.combine(day + ONE_DAY, time(), tzinfo=zone).astimezone(UTC)
    places = work.session.exec(
        select(Membership).where(col(Membership.meeting_id) == id_of(meeting), col(Membership.ended_at).is_(None))
    ).all()
    for place in places:
        place.lapses_at = ends
        if place.began_at >= ends:
            place.began_at = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
        work.session.add(place)
    work.session.flush()
