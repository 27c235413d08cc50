"""Applying a county file: what it declares becomes so; applying it twice changes nothing."""

from sqlmodel import col, select

from bot.documents.county_file import Case as DeclaredCase
from bot.documents.county_file import CountyFile
from bot.errors import Misconfigured
from bot.models.actions import Action
from bot.models.cases import Case, CaseReader, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.people import Agency, Area, Person
from bot.records.access.changes import end_readings
from bot.records.access.queries import today_at
from bot.records.cases.changes import facts_on_flag
from bot.records.diary.queries import lock_diary, next_meeting
from bot.records.leaving.changes import hold_everybody, nearest
from bot.records.leaving.handover import pass_on, unconfirmed_actions, waiting_flags
from bot.records.leaving.panels import changes_of, hand_over
from bot.records.people.queries import administrators
from bot.services.county.panels import apply_panel, end_missing_panels, fill_diary, follow_venue, link_panels
from bot.services.county.people import (
    apply_person,
    apply_places,
    end_missing_agencies,
    end_missing_people,
    make_room_for_leads,
    require_administrator,
)
from bot.services.county.run import Run
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def make_room_for_accounts(run: Run) -> None:
    """Slack accounts that change hands are let go first; one whose old key is gone is a person under a new key."""
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
        session.add(row)
    session.flush()


def make_room_for_channels(run: Run) -> None:
    """The same for the channels of panels: a panel under a new key keeps its channel, area and kind."""
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
        session.add(row)
    session.flush()


def apply_case(run: Run, declared: DeclaredCase) -> None:
    session = run.work.session
    if session.exec(select(Case.id).where(col(Case.reference) == declared.reference)).first() is not None:
        return
    panel = run.panels[declared.panel]
    meeting = next_meeting(run.work, id_of(panel))
    if meeting is None:
        raise Misconfigured(
            f"cases: {declared.reference} is flagged to {declared.panel}, which has no meeting in its diary."
        )
    case = Case(
        reference=declared.reference,
        area_id=id_of(run.areas[declared.district]),
        age_band=declared.age_band,
        legal_status=declared.legal_status,
        is_closed=declared.closed,
        data_key_id=run.work.keys.new_key(session, "case", run.work.now),
        created_at=run.work.now,
    )
    session.add(case)
    session.flush()
    for reader in declared.readers:
        session.add(CaseReader(case_id=id_of(case), person_id=id_of(run.people[reader])))
    session.add(_flag(run, declared, case, panel, meeting))
    run.changes.append(f"+ case {declared.reference}, flagged to {declared.panel}")


def _flag(run: Run, declared: DeclaredCase, case: Case, panel: Panel, meeting: Meeting) -> Flag:
    return Flag(
        case_id=id_of(case),
        panel_id=id_of(panel),
        meeting_id=id_of(meeting),
        agency_id=id_of(run.agencies[declared.agency]),
        person_id=id_of(run.people[declared.flagged_by]),
        flagged_at=run.work.now,
        **facts_on_flag(run.work, declared.facts(today_at(run.work, panel)), case.data_key_id),
    )


def apply_county(work: Work, file: CountyFile) -> tuple[str, ...]:
    """Make the database say what the file says; the changes, a line each, none when all was so already.

    Somebody who is no longer in the file has left; their open actions, and those of who is no longer on the panel or
    works for another agency, pass on. Panels and agencies that are no longer in it end, and begin again once they are
    back. Meetings and cases are added where there are none; of meetings that are there only the venue follows. Left
    alone is what was said in Slack of what the file does not speak of: people whom it does not name, deputies for one
    meeting or a period. Whoever left in Slack stays away, and a diary stays under its rule (a line that begins with
    `!` and changes nothing). Raises Misconfigured when an action would be left without a holder or without its panel,
    or when nobody would administer any more.
    """
    lock_diary(work, *[id_of(panel) for panel in work.session.exec(select(Panel))])
    hold_everybody(work)
    administered = [person.key for person in administrators(work)]
    run = Run(work, file)
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
    _pass_on(run)
    for panel in file.panels:
        follow_venue(run, panel)
        fill_diary(run, panel)
    for case in file.cases:
        apply_case(run, case)
    if run.changes:
        work.audit("apply", "county")
    return (*run.changes, *run.remarks)


def _areas_and_agencies(run: Run) -> None:
    for area in sorted(run.file.areas, key=lambda one: one.parent is not None):
        parent = id_of(run.areas[area.parent]) if area.parent else None
        facts = {"name": area.name, "kind": area.kind, "parent_id": parent}
        run.areas[area.key] = run.declare("area", Area, area.key, facts)
    for agency in run.file.agencies:
        facts = {"name": agency.name, "kind": agency.kind, "is_active": True}
        run.agencies[agency.key] = run.declare("agency", Agency, agency.key, facts)


def _pass_on(run: Run) -> None:
    """What somebody holds who left, sits there no more, or works for another agency now."""
    work = run.work
    panels = [id_of(panel) for panel in run.panels.values()]
    run.changes += hand_over(work, panels, run.gone, run.deputies)
    for person_id, agency_id in sorted(run.moved.items()):
        end_readings(work, person_id)
        passed = pass_on(
            work,
            unconfirmed_actions(work, col(Action.holder_id) == person_id, col(Action.agency_id) == agency_id),
            waiting_flags(work, col(Flag.person_id) == person_id, col(Flag.agency_id) == agency_id),
            nearest(run.deputies, None),
        )
        run.changes += changes_of(work, passed)
