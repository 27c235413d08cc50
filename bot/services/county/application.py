"""Applying a county file, so that the database says what the file says. Applying a file twice changes nothing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_
from sqlmodel import col, select

from bot.documents.county_file import Case as DeclaredCase
from bot.documents.county_file import CountyFile
from bot.documents.county_file import Panel as DeclaredPanel
from bot.domain.deadlines import meeting_deadlines
from bot.domain.language.day_words import listed, short_date
from bot.domain.language.rhythm_rule import Recurrence, Unit
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.recurrence import words_of
from bot.domain.states import MeetingEvent
from bot.errors import Misconfigured, Mistake
from bot.models.cases import Case, CaseReader
from bot.models.meetings import Meeting
from bot.models.panels import CountySettings, Panel, Series
from bot.models.people import Agency, Area, Person
from bot.models.vocabulary import MeetingChange
from bot.records.access.queries import today_at
from bot.records.cases.changes import add_case, new_flag
from bot.records.diary.queries import lock_diary, meetings_after, meetings_of, next_for_cases
from bot.records.leaving.changes import leave_agency, lock_everyone
from bot.records.leaving.handover import hand_over, is_left_behind
from bot.records.leaving.panels import end_panel
from bot.records.leaving.queries import HandedOver
from bot.records.people.queries import administrators
from bot.records.rescheduling.changes import begin_series, change_meeting, hold_at, tell_of_many
from bot.records.rescheduling.queries import dates_for
from bot.services.county.people import (
    apply_person,
    apply_places,
    end_missing_agencies,
    end_missing_people,
    make_room_for_leads,
    require_administrator,
)
from bot.services.county.run import Audited, Before, Run
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def make_room_for_accounts(run: Run) -> None:
    """Take Slack accounts away from people if the file gives the accounts to people with other keys.

    Call this before people are applied. If the file lacks the old key and the database lacks the new one, both keys
    belong to one person. Then only the person's key is changed.
    """
    session = run.work.session
    owner = {(person.team, person.user): person.key for person in run.file.people}
    declared = set(owner.values())
    rows = session.exec(select(Person).order_by(col(Person.id))).all()
    known = {row.key for row in rows}
    for row in rows:
        key = owner.get((row.team_id, row.user_id), row.key)
        if key == row.key:
            continue
        if key not in known and row.key not in declared:
            run.changes.append(f"~ person {row.key}: key changed to {key}")
            row.key = key
        else:
            if row.key not in declared:
                run.changes.append(f"~ person {row.key}: their Slack account is {key}'s now")
            row.user_id = f"-{row.id}"
    session.flush()


def make_room_for_channels(run: Run) -> None:
    """Take channels away from panels if the file gives the channels to panels with other keys.

    Call this before panels are applied. If only a panel's key differs, the panel keeps its channel and gets the new
    key. The panel must then be active and have the same area and kind. The file must lack the old key, and the database
    the new one.
    """
    session = run.work.session
    owner = {panel.channel: panel for panel in run.file.panels if panel.channel}
    declared = {panel.key for panel in run.file.panels}
    rows = session.exec(select(Panel).where(col(Panel.channel_id).is_not(None)).order_by(col(Panel.id))).all()
    known = set(session.exec(select(Panel.key)))
    for row in rows:
        panel = owner.get(row.channel_id or "")
        if panel is None or panel.key == row.key:
            continue
        is_same = (row.definition, row.area_id) == (panel.definition, run.areas[panel.area].id)
        if row.is_active and is_same and panel.key not in known and row.key not in declared:
            run.changes.append(f"~ panel {row.key}: key changed to {panel.key}")
            row.key = panel.key
        else:
            if row.key not in declared:
                run.changes.append(f"~ panel {row.key}: its channel is {panel.key}'s now")
            row.channel_id = None
    session.flush()


def apply_case(run: Run, declared: DeclaredCase) -> None:
    session = run.work.session
    if session.exec(select(Case.id).where(col(Case.reference) == declared.reference)).first() is not None:
        return
    panel = run.panels[declared.panel]
    meeting = next_for_cases(run.work, id_of(panel))
    if meeting is None:
        raise Misconfigured(
            f"cases: {declared.reference} is flagged to {declared.panel}, which has no meeting in its diary."
        )
    try:
        facts = declared.facts(today_at(run.work, panel))
    except Mistake as mistake:
        raise Misconfigured(f'cases (reference "{declared.reference}").{mistake.field}: {mistake}') from mistake
    case = add_case(run.work, declared.reference, id_of(run.areas[declared.district]), is_closed=declared.closed)
    for reader in declared.readers:
        session.add(CaseReader(case_id=id_of(case), person_id=id_of(run.people[reader])))
    agency_id, person_id = id_of(run.agencies[declared.agency]), id_of(run.people[declared.flagged_by])
    session.add(new_flag(run.work, case, meeting, facts, agency_id=agency_id, person_id=person_id))
    run.work.audit("flag", "case", id_of(case), panel_id=id_of(panel))
    run.changes.append(f"+ case {declared.reference}, flagged to {declared.panel}")


def apply_county(work: Work, file: CountyFile) -> tuple[str, ...]:
    """Apply a county file to the database. Return one line for each change, so none if nothing changed.

    People who are no longer in the file are recorded as left. Their open actions pass to others, and so do actions of
    people who lost their place or changed agency. Panels and agencies missing from the file end, and begin again if
    they come back. Meetings and cases are only added. Coming meetings follow a new venue or title, but a panel's series
    keeps its rule. What was done in Slack and is not in the file stays, such as other people and deputies for a period.
    People who were recorded in Slack as left stay so. A line that begins with `!` is a remark and not a change. Raise
    Misconfigured if an action would be left without a holder or a panel, or if no administrator would be left.
    """
    lock_diary(work, *[id_of(panel) for panel in work.session.exec(select(Panel))])
    lock_everyone(work)
    administered = [person.key for person in administrators(work)]
    audited = Audited(work)
    run = Run(work, file)
    _county_settings(run)
    _areas_and_agencies(run)
    make_room_for_leads(run)
    make_room_for_accounts(run)
    for person in file.people:
        run.people[person.key] = apply_person(run, person)
    make_room_for_channels(run)
    for panel in file.panels:
        run.panels[panel.key] = apply_panel(run, panel)
    link_panels(run)
    end_missing_people(run)
    require_administrator(run, administered)
    end_missing_panels(run)
    end_missing_agencies(run)
    for panel in file.panels:
        apply_places(run, panel)
    _hand_over(run)
    for panel in file.panels:
        update_meetings(run, panel)
        fill_diary(run, panel)
    for case in file.cases:
        apply_case(run, case)
    if run.changes:
        work.audit("apply", "county")
        audited.note()
    return (*run.changes, *run.remarks)


def _county_settings(run: Run) -> None:
    """Store the settings of the county as a whole, such as the number of days until files are removed from Slack.

    If this number changes, files sent earlier keep their day of removal.
    """
    row = run.work.session.get(CountySettings, 1) or CountySettings()
    county = run.file.county
    days = county.slack_files_days
    if row.slack_files_days != days:
        row.slack_files_days = days
        run.changes.append(f"~ county: files are removed from Slack after {days} day{'' if days == 1 else 's'}")
    agreed = (county.action_text_agreed_by, county.action_text_agreed_on)
    agreed = agreed if county.action_text_in_messages else (None, None)
    today = run.work.now.astimezone(ZoneInfo(county.timezone)).date()
    if agreed[1] is not None and agreed[1] > today:
        raise Misconfigured(
            f"county.action_text_agreed_on: {agreed[1]} is still to come. Give the day on which it was agreed."
        )
    if (row.action_text_agreed_by, row.action_text_agreed_on) != agreed:
        row.action_text_agreed_by, row.action_text_agreed_on = agreed
        said = f"stay in messages, as {agreed[0]} agreed on {agreed[1]}" if agreed[0] else "stay out of messages"
        run.changes.append(f"~ county: the words of actions {said}")
    run.work.session.add(row)


def _areas_and_agencies(run: Run) -> None:
    for area in sorted(run.file.areas, key=lambda one: one.parent is not None):
        parent = id_of(run.areas[area.parent]) if area.parent else None
        facts = {"name": area.name, "kind": area.kind, "parent_id": parent}
        run.areas[area.key] = run.declare("area", Area, area.key, facts)
    for agency in run.file.agencies:
        declared: dict[str, Any] = {
            "name": agency.name,
            "kind": agency.kind,
            "reference_pattern": agency.reference_pattern,
            "short_names": list(agency.short_names),
            "sharing_agreement_signed_on": agency.sharing_agreement_signed,
            "sharing_agreement_review_on": agency.sharing_agreement_review,
            "is_active": True,
        }
        run.agencies[agency.key] = run.declare("agency", Agency, agency.key, declared)


def _hand_over(run: Run) -> None:
    """Hand over actions and flags whose holder left, changed agency or lost the place needed to hold them."""
    work = run.work
    panels = [id_of(panel) for panel in run.panels.values()]
    done = hand_over(
        work,
        lambda kind: [or_(kind.panel.in_(panels), kind.holder.in_(run.gone)), is_left_behind(work, kind)],
        run.deputies,
    )
    _note_handover(run, done)
    for person_id, agency_id in sorted(run.moved.items()):
        _note_handover(run, leave_agency(work, person_id, agency_id, run.deputies))


def _note_handover(run: Run, done: Iterable[HandedOver]) -> None:
    """Add lines to the list of changes: one for each action handed over, one for each new holder of flags.

    Raise Misconfigured if an action has no new holder. A flag without a new holder keeps its old one, since the case is
    heard anyway.
    """
    session = run.work.session
    flags: Counter[tuple[str, str, str]] = Counter()
    for one in done:
        before, panel = session.get_one(Person, one.from_id), session.get_one(Panel, one.panel_id)
        now = None if one.to_id is None else session.get_one(Person, one.to_id)
        if now is None and one.noun == "action":
            where = "is gone from the file" if before.left_at else f"is no longer on {panel.key}"
            raise Misconfigured(
                f"people: {before.key} {where} but holds action {one.number}, and nobody on that panel can take it. "
                f"Give {panel.key} a co-ordinator or chair who may, or reassign the action first."
            )
        if now is not None and one.noun == "action":
            run.changes.append(f"~ action {one.number}: passed from {before.key} to {now.key}")
        elif now is not None:
            flags[panel.key, before.key, now.key] += 1
    for (panel_key, from_key, to_key), count in flags.items():
        what = f"{count} waiting flag{'' if count == 1 else 's'}"
        run.changes.append(f"~ {panel_key}: {what} passed from {from_key} to {to_key}")


def apply_panel(run: Run, declared: DeclaredPanel) -> Panel:
    before = run.work.session.exec(select(Panel).where(col(Panel.key) == declared.key)).first()
    if before is not None:
        run.before[declared.key] = Before(before.title, before.venue, before.bank_holidays)
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
            # If the file doesn't give a value, the one chosen by the co-ordinator in Slack stays.
            **({"venue": declared.venue} if declared.venue else {}),
            **({"bank_holidays": declared.bank_holidays} if declared.bank_holidays else {}),
        },
        lambda: {"data_key_id": run.work.keys.new_key(run.work.session, "panel", run.work.now)},
    )


def link_panels(run: Run) -> None:
    """Set the panel to which each panel escalates, once all panels of the file exist."""
    for declared in run.file.panels:
        panel = run.panels[declared.key]
        above = id_of(run.panels[declared.escalates_to]) if declared.escalates_to else None
        if panel.escalates_to_id != above:
            if panel.escalates_to_id is not None or f"+ panel {declared.key}" not in run.changes:
                run.changes.append(f"~ panel {declared.key}: escalates to changed")
            panel.escalates_to_id = above
    run.work.session.flush()


def end_missing_panels(run: Run) -> None:
    """End the county's panels that are no longer in the file.

    Ended panels hold no meetings, and no one has access to them.
    """
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


def update_meetings(run: Run, declared: DeclaredPanel) -> None:
    """Give a panel's coming meetings the panel's new venue and title. Members are told of the venue.

    Calendars show either change only if the meeting gets a new version. If venue and title both change, the meeting
    gets one new version.
    """
    before = run.before.get(declared.key)
    if before is None:
        return
    moved = _follow_venue(run, declared, before)
    if before.title != declared.title:
        for meeting in meetings_of(run.work, id_of(run.panels[declared.key])):
            if meeting not in moved:
                change_meeting(run.work, meeting, MeetingEvent.RETITLED)


def _follow_venue(run: Run, declared: DeclaredPanel, before: Before) -> list[Meeting]:
    """Change the venue of the coming meetings that are still at the panel's old venue. Return these meetings."""
    if declared.venue in ("", before.venue):
        return []
    panel_id = id_of(run.panels[declared.key])
    meetings = [one for one in meetings_after(run.work, panel_id, run.work.now) if one.venue == before.venue]
    if not meetings:
        return []
    hold_at(run.work, meetings, declared.venue, reason=None, by_id=None)
    key = f"venue:{panel_id}:{meetings[0].id}.{meetings[0].sequence}"
    tell_of_many(run.work, panel_id, key, [(one, MeetingChange.ELSEWHERE, None) for one in meetings], except_for=None)
    count = f"{len(meetings)} coming meeting{'' if len(meetings) == 1 else 's'}"
    run.changes.append(f"~ {declared.key}: {count} at another venue, members are told")
    return meetings


def fill_diary(run: Run, declared: DeclaredPanel) -> None:
    """Begin the panel's series of meetings.

    If the panel has a series already, add remarks where it differs from the file.
    """
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
    days = [one.starts_at.date() for one in dates.new]
    many = f"{len(days)} meeting{'' if len(days) == 1 else 's'}"
    begins = f", the first on {short_date(days[0])}" if days else ""
    run.changes.append(f"+ {declared.key}: {many}, {rule.describe()}{begins}")
    _remark_on_cut_off(run, panel, days)


def _remark_on_cut_off(run: Run, panel: Panel, days: Sequence[date]) -> None:
    """Add a remark if the time to flag cases has already passed for some of the new meetings, which are on `days`."""
    today, definition = today_at(run.work, panel), run.work.definition(panel.definition)
    if not definition.hears_cases:
        return
    late = [day for day in days if meeting_deadlines(definition, day).flags_close < today]
    if late:
        run.remarks.append(
            f"! {panel.key}: the cut-off for flags to {listed([short_date(day) for day in late])} has passed. The "
            "chair decides on each flag. To begin later, set starts_on before you apply the file, or cancel in "
            f"Slack: /panel cancel {short_date(late[0])}"
        )


def _remark_on_diary(run: Run, declared: DeclaredPanel, there: Sequence[Series]) -> None:
    """Add remarks where the diary differs from the file.

    The diary is not changed, because people move meetings deliberately.
    """
    before = run.before.get(declared.key)
    if before is not None and declared.bank_holidays not in (None, before.bank_holidays):
        run.remarks.append(
            f"! {declared.key}: meetings in the diary keep the dates of the earlier rule for bank holidays; "
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
    """Return `rule` in words, without its first day and its number of meetings.

    If the file's weekly rule names no weekday, the weekday is left out too.
    """
    plain = replace(rule, begins=None, times=None)
    return (replace(plain, weekdays=()) if declared.unit is Unit.WEEK and not declared.weekdays else plain).describe()


def _said(rule: Recurrence, count: int | None) -> str:
    many = "" if count is None else f" for {count} meeting{'' if count == 1 else 's'}"
    return f'"{words_of(replace(rule, times=None))}{many}"'
