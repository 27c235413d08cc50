"""The panels of a county file and their diary; one that the file no longer has ends."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import col, select

from bot.documents.county_file import Panel as DeclaredPanel
from bot.domain.language.rhythm_rule import Recurrence, Unit
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.meeting_state import MeetingEvent
from bot.domain.recurrence import words_of
from bot.errors import Misconfigured, Mistake
from bot.models.panels import Panel, Series
from bot.models.people import Area
from bot.models.vocabulary import MeetingChange
from bot.records.access.queries import today_at
from bot.records.diary.queries import meetings_after, meetings_of
from bot.records.leaving.panels import end_panel
from bot.records.rescheduling.changes import begin_series, change_meeting, hold_at, tell_of_many
from bot.records.rescheduling.queries import dates_for
from bot.services.county.run import Before, Run
from bot.store.rows import id_of


def apply_panel(run: Run, declared: DeclaredPanel) -> Panel:
    before = run.work.session.exec(select(Panel).where(col(Panel.key) == declared.key)).first()
    if before is not None:
        run.before[declared.key] = Before(before.venue, before.bank_holidays)
        if before.title != declared.title:
            _retitle_calendars(run, before)
    return run.declare(
        "panel",
        Panel,
        declared.key,
        {
            "title": declared.title,
            "definition": declared.definition,
            "area_id": id_of(run.areas[declared.area]),
            "channel_id": declared.channel,
            "is_active": True,
            # Unless the file says, what the co-ordinator chose in Slack stands.
            **({"venue": declared.venue} if declared.venue else {}),
            **({"bank_holidays": declared.bank_holidays} if declared.bank_holidays else {}),
        },
        lambda: {"data_key_id": run.work.keys.new_key(run.work.session, "panel", run.work.now)},
    )


def _retitle_calendars(run: Run, panel: Panel) -> None:
    """A calendar that has a coming meeting takes its new title only from a later version of it; nobody is told else."""
    for meeting in meetings_of(run.work, id_of(panel)):
        change_meeting(run.work, meeting, MeetingEvent.RETITLED)


def link_panels(run: Run) -> None:
    """Whom each panel escalates to, once all panels of the file are there."""
    for declared in run.file.panels:
        panel = run.panels[declared.key]
        above = id_of(run.panels[declared.escalates_to]) if declared.escalates_to else None
        if panel.escalates_to_id != above:
            if panel.escalates_to_id is not None or f"+ panel {declared.key}" not in run.changes:
                run.changes.append(f"~ panel {declared.key}: escalates to changed")
            panel.escalates_to_id = above
            run.work.session.add(panel)
    run.work.session.flush()


def end_missing_panels(run: Run) -> None:
    """A panel of this county that the file no longer has: nobody gets in, and it meets no more."""
    ours = {id_of(area) for area in run.areas.values()}
    for area in run.work.session.exec(select(Area).order_by(col(Area.id))):
        if area.parent_id in ours:
            ours.add(id_of(area))
    ended = run.work.session.exec(
        select(Panel)
        .where(col(Panel.is_active), col(Panel.area_id).in_(ours), col(Panel.key).not_in(list(run.panels)))
        .order_by(col(Panel.key))
    ).all()
    for panel in ended:
        run.changes += end_panel(run.work, panel)
    run.work.session.flush()


def follow_venue(run: Run, declared: DeclaredPanel) -> None:
    """The coming meetings that were to be held where the panel met are held where it meets now; members are told."""
    before = run.before.get(declared.key)
    if before is None or declared.venue in ("", before.venue):
        return
    panel_id = id_of(run.panels[declared.key])
    meetings = [one for one in meetings_after(run.work, panel_id, run.work.now) if one.venue == before.venue]
    if not meetings:
        return
    hold_at(run.work, meetings, declared.venue, reason=None, by_id=None)
    key = f"venue:{panel_id}:{meetings[0].id}.{meetings[0].sequence}"
    tell_of_many(run.work, panel_id, key, [(one, MeetingChange.ELSEWHERE, None) for one in meetings], besides=None)
    count = f"{len(meetings)} coming meeting{'' if len(meetings) == 1 else 's'}"
    run.changes.append(f"~ {declared.key}: {count} at another venue, members are told")


def fill_diary(run: Run, declared: DeclaredPanel) -> None:
    """Begin the panel's series, unless it has one; a file that says otherwise than the diary is remarked upon."""
    session = run.work.session
    panel = run.panels[declared.key]
    if declared.rule is None:
        return
    there = session.exec(
        select(Series)
        .where(col(Series.panel_id) == id_of(panel), col(Series.ended_at).is_(None))
        .order_by(col(Series.id))
    ).all()
    if there:
        _remark_on_diary(run, declared, there)
        return
    rule = parse_rule(declared.rule)
    start = declared.starts_on or today_at(run.work, panel)
    try:
        dates = dates_for(run.work, panel, rule, start=start, count=declared.count)
    except Mistake as mistake:
        raise Misconfigured(f"panels: {declared.key}: {mistake}") from mistake
    if not dates.new and not dates.already_there:
        raise Misconfigured(f'panels: {declared.key}: no date of "{rule.describe()}" is to come; let it start later.')
    begin_series(run.work, panel, rule, dates.new, starts_on=start, count=declared.count)
    run.changes.append(f"+ {declared.key}: {len(dates.new)} meetings, {rule.describe()}")


def _remark_on_diary(run: Run, declared: DeclaredPanel, there: Sequence[Series]) -> None:
    """What the file says and the diary does not follow: moving meetings takes somebody who looks first."""
    before = run.before.get(declared.key)
    if before is not None and declared.bank_holidays not in (None, before.bank_holidays):
        run.remarks.append(
            f"! {declared.key}: meetings in the diary stay where the rule for bank holidays before had them; "
            "/panel change with the same rule moves them"
        )
    rule = parse_rule(declared.rule or "")
    wanted = (_rhythm(rule, rule), declared.count if declared.count is not None else rule.times)
    found = [(parse_rule(series.rule), series.count) for series in there]
    if wanted in [(_rhythm(one, rule), count) for one, count in found]:
        return
    run.remarks.append(
        f"! {declared.key}: the file says {_said(rule, wanted[1])}, but the diary follows "
        f"{' and '.join(_said(one, count) for one, count in found)}: move its meetings with /panel change, "
        "or change the file"
    )


def _rhythm(rule: Recurrence, declared: Recurrence) -> str:
    """The rule without when it began; where the file names no day of the week, without that."""
    plain = replace(rule, begins=None, times=None)
    return (replace(plain, weekdays=()) if declared.unit is Unit.WEEK and not declared.weekdays else plain).describe()


def _said(rule: Recurrence, count: int | None) -> str:
    many = "" if count is None else f" for {count} meeting{'' if count == 1 else 's'}"
    return f'"{words_of(replace(rule, times=None))}{many}"'
