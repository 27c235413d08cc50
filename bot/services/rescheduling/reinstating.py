"""Cancelled meetings that are held after all."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import col, select

from bot.domain.language.identifiers import accept_reason
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.meetings import Meeting
from bot.models.panels import Series
from bot.models.vocabulary import MeetingState, Notice
from bot.records.access.clocks import local_time
from bot.records.access.queries import Standing, Where, find_panel
from bot.records.diary.clashes import Clash, clashes_at
from bot.records.diary.queries import MeetingChoice, MeetingView, choices_of, lock_diary, view_meeting
from bot.records.invitations.stand_ins import seat_again
from bot.records.rescheduling.changes import tell_of, tell_of_many
from bot.records.rescheduling.queries import refuse_taken, remarks_on, words_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Reinstatement:
    """Cancelled meetings at their times again."""

    panel_title: str
    meetings: tuple[MeetingView, ...]  #: soonest first
    remarks: tuple[tuple[datetime, str], ...]  #: what is unusual about a date, by the panel's own time
    clashes: tuple[Clash, ...]
    ended_rules: tuple[str, ...]  #: of series that ended before these meetings, and are not filled any further


def meetings_to_reinstate(work: Work, actor: Actor, where: Where) -> tuple[MeetingChoice, ...]:
    """The coming meetings that were cancelled, soonest first. Raises Mistake when there are none."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    cancelled = work.session.exec(
        select(Meeting)
        .where(
            col(Meeting.panel_id) == standing.panel_id,
            col(Meeting.state) == MeetingState.CANCELLED,
            col(Meeting.starts_at) > work.now,
        )
        .order_by(col(Meeting.starts_at), col(Meeting.id))
    ).all()
    if not cancelled:
        raise Mistake(f"No coming meeting of {standing.panel.title} is cancelled.")
    return choices_of(work, standing, list(cancelled))


def preview_reinstatement(work: Work, actor: Actor, where: Where, *, meeting_ids: tuple[int, ...]) -> Reinstatement:
    """What putting meetings back would do; nothing is saved. Raises Mistake as putting them back would."""
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    return _shown(work, standing, _cancelled(work, standing, meeting_ids))


def reinstate_meetings(
    work: Work, actor: Actor, where: Where, *, meeting_ids: tuple[int, ...], reason: str
) -> Reinstatement:
    """Put cancelled meetings back at their times; members are told once. Cases stay where they went meanwhile.

    Raises Mistake when a time has passed or is taken.
    """
    standing = find_panel(work, actor, where, Verb.SCHEDULE)
    reason = accept_reason(reason)
    lock_diary(work, standing.panel_id)
    found = _cancelled(work, standing, meeting_ids)
    shown = _shown(work, standing, found)
    for meeting in found:
        meeting.state = MeetingState.SCHEDULED
        meeting.sequence += 1
        meeting.reason = work.seal(standing.panel.data_key_id, reason)
        work.session.add(meeting)
        work.session.flush()
        seat_again(work, standing.panel, meeting)
        meeting.cancelled_at = None
        work.audit("reinstate", "meeting", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    if len(found) == 1:
        tell_of(work, standing, found[0], Notice.REINSTATED)
    else:
        key = "reinstated:" + ":".join(f"{meeting.id}.{meeting.sequence}" for meeting in found[:3])
        told = [(meeting, Notice.REINSTATED, None) for meeting in found]
        tell_of_many(work, standing.panel_id, key, told, besides=actor.person_id)
    return replace(shown, meetings=tuple(view_meeting(work, standing, meeting) for meeting in found))


def _cancelled(work: Work, standing: Standing, meeting_ids: tuple[int, ...]) -> list[Meeting]:
    """The meetings, soonest first. Raises Mistake for one that cannot be put back, or where two would meet at once."""
    if not meeting_ids:
        raise Mistake("Choose the meetings to put back.", field="meetings")
    found: list[Meeting] = []
    for meeting_id in sorted(set(meeting_ids)):
        meeting = work.session.get(Meeting, meeting_id)
        if meeting is None or meeting.panel_id != standing.panel_id:
            raise NotForYou("that meeting")
        when = f"{local_time(work, standing.panel, meeting.starts_at):%-d %B %Y at %H:%M}"
        if meeting.state is not MeetingState.CANCELLED:
            raise Mistake(f"The meeting on {when} is not cancelled.", field="meetings")
        if meeting.starts_at <= work.now:
            raise Mistake(f"The time of the meeting on {when} has passed.", field="meetings")
        if any(one.starts_at < meeting.ends_at and meeting.starts_at < one.ends_at for one in found):
            raise Mistake(f"Two of these are at the time of the one on {when}. Choose one.", field="meetings")
        try:
            refuse_taken(work, standing.panel, meeting.starts_at, meeting.ends_at - meeting.starts_at)
        except Mistake:
            raise Mistake(
                f"Another meeting took the place of the one on {when}. Move that one first, or use `/panel add`.",
                field="meetings",
            ) from None
        found.append(meeting)
    return sorted(found, key=lambda meeting: meeting.starts_at)


def _shown(work: Work, standing: Standing, found: list[Meeting]) -> Reinstatement:
    panel = standing.panel
    clashes: list[Clash] = []
    for meeting in found:  # each by itself: they may be in different rooms, and of different length
        lasts = meeting.ends_at - meeting.starts_at
        clashes += clashes_at(work, standing, [meeting.starts_at], lasts=lasts, venue=meeting.venue)
    return Reinstatement(
        panel_title=panel.title,
        meetings=tuple(view_meeting(work, standing, meeting) for meeting in found),
        remarks=tuple(
            (at, remark)
            for at in (local_time(work, panel, meeting.starts_at) for meeting in found)
            for remark in remarks_on(work, standing, at.replace(tzinfo=None))
        ),
        clashes=tuple(clashes),
        ended_rules=tuple(dict.fromkeys(rule for meeting in found for rule in _ended_rule(work, meeting))),
    )


def _ended_rule(work: Work, meeting: Meeting) -> Iterator[str]:
    """How often its series was to go on, had it not been ended by hand before this meeting."""
    series = work.session.get(Series, meeting.series_id) if meeting.series_id is not None else None
    if series is None or meeting.rule_on is None:
        return
    rule = parse_rule(series.rule)
    if rule.ends is not None and rule.ends.year is not None and rule.ends.on_or_after(date.min) < meeting.rule_on:
        yield words_of(replace(rule, ends=None))
