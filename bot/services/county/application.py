"""Applying a county file: what it declares becomes so; applying it twice changes nothing."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import or_
from sqlmodel import col, select

from bot.documents.county_file import Case as DeclaredCase
from bot.documents.county_file import CountyFile
from bot.errors import Misconfigured
from bot.models.cases import Case, CaseReader, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.people import Agency, Area, Person
from bot.models.vocabulary import FlagState
from bot.records.access.queries import today_at
from bot.records.cases.changes import facts_on_flag
from bot.records.diary.queries import lock_diary, next_meeting
from bot.records.leaving.changes import leave_agency, lock_everyone
from bot.records.leaving.handover import hand_over, is_left_behind
from bot.records.leaving.queries import HandedOver
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
        state=FlagState.OPEN,
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
    lock_everyone(work)
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
    _hand_over(run)
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


def _hand_over(run: Run) -> None:
    """Hand over what people hold who left, have no place for it any longer, or work for another agency now."""
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
    """Note what was handed over, a line each; flags only by how many. Raise Misconfigured for an unassigned action.

    An unassigned flag stays where it is: the case is heard all the same.
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
