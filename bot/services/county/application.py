"""Applying a county file: what it declares becomes so; applying it twice changes nothing."""

from sqlmodel import col, select

from bot.documents.county_file import CountyFile
from bot.models.actions import Action
from bot.models.cases import Flag
from bot.models.panels import Panel
from bot.models.people import Agency, Area
from bot.records.access.changes import end_readings
from bot.records.diary.queries import lock_diary
from bot.records.leaving.changes import hold_everybody, nearest
from bot.records.leaving.handover import pass_on, unconfirmed_actions, waiting_flags
from bot.records.leaving.panels import changes_of, hand_over
from bot.records.people.queries import administrators
from bot.services.county.accounts import make_room_for_accounts, make_room_for_channels
from bot.services.county.cases import apply_case
from bot.services.county.panels import apply_panel, end_missing_panels, fill_diary, follow_venue, link_panels
from bot.services.county.people import (
    apply_person,
    end_missing_agencies,
    end_missing_people,
    make_room_for_leads,
    require_administrator,
)
from bot.services.county.places import apply_places
from bot.services.county.run import Run
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


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
