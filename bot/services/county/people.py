"""Applying the agencies, people and places of a county file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from bot.documents.county_file import Member
from bot.documents.county_file import Panel as DeclaredPanel
from bot.documents.county_file import Person as DeclaredPerson
from bot.domain.permissions import Verb
from bot.errors import Misconfigured
from bot.models.panels import Membership
from bot.models.people import Agency, Person
from bot.models.vocabulary import Departure, Role
from bot.records.access.changes import end_presiding
from bot.records.access.queries import day_begins, day_ends, is_to_hold, last_day, local_time
from bot.records.invitations.stand_ins import tell_who_counted_on
from bot.records.leaving.changes import end_access, lock_person
from bot.records.people.changes import give_places
from bot.records.people.queries import (
    administrators,
    chair_of,
    is_enrolled_in_slack,
    lead_of,
    members_who_may,
    to_invite,
)
from bot.services.county.run import Run
from bot.store.rows import id_of


def make_room_for_leads(run: Run) -> None:
    """Take the lead role away from people who are not leads in the file. An agency can have only one lead at a time.

    If the file names no lead for an agency, the lead chosen in Slack stays.
    """
    for agency in run.file.agencies:
        leads = lead_of(run.work, id_of(run.agencies[agency.key]))
        if agency.lead is None or leads is None or leads.key == agency.lead:
            continue
        leads.leads_agency = False
        run.changes.append(f"~ person {leads.key}: leads agency changed")
    run.work.session.flush()


def apply_person(run: Run, declared: DeclaredPerson) -> Person:
    """Add or update one person of the county file. Return the person's row.

    A person who was recorded in Slack as left is not brought back. A remark says so.
    """
    session = run.work.session
    row = session.exec(select(Person).where(col(Person.key) == declared.key)).first()
    if row is not None and row.left_at is not None and row.departure not in (None, Departure.FILE):
        run.away.add(declared.key)
        run.remarks.append(
            f"! person {declared.key} left on {row.left_at:%-d %B %Y} and stays away: take them out of the file, "
            "or bring them back with /people return"
        )
        return row
    agency_id = id_of(run.agencies[declared.agency])
    if row is not None and row.left_at is None and row.agency_id != agency_id:
        run.moved[id_of(row)] = row.agency_id
        if row.leads_agency:  # cleared before the agency changes, since an agency has at most one lead
            row.leads_agency = False
    lead = next(agency.lead for agency in run.file.agencies if agency.key == declared.agency)
    return run.declare(
        "person",
        Person,
        declared.key,
        {
            "name": declared.name,
            **({"job_title": declared.job_title.strip()} if declared.job_title is not None else {}),
            "team_id": declared.team,
            "user_id": declared.user,
            "agency_id": agency_id,
            **({"leads_agency": declared.key == lead} if lead is not None else {}),
            "is_administrator": declared.administrator,
            "timezone": declared.timezone,
            "left_at": None,
            **({"enrolled_at": run.work.now} if row is not None and row.left_at is not None else {}),
            "departure": None,
        },
        lambda: {"enrolled_at": run.work.now},
    )


def end_missing_people(run: Run) -> None:
    """Mark people who are no longer in the file as left.

    People who were enrolled in Slack are never in the file, and stay.
    """
    gone = run.work.session.exec(
        select(Person)
        .where(
            col(Person.left_at).is_(None),
            col(Person.team_id).in_(run.teams),
            col(Person.key).not_in(list(run.people)),
        )
        .order_by(col(Person.id))
    ).all()
    for person in gone:
        if is_enrolled_in_slack(person):
            continue
        end_access(run.work, lock_person(run.work, person), Departure.FILE)
        run.gone.add(id_of(person))
        run.changes.append(f"- person {person.key} left")
    run.work.session.flush()


def require_administrator(run: Run, before: Sequence[str]) -> None:
    """Raise Misconfigured if applying the file would leave no administrator.

    `before` has the names of the administrators before the file was applied. The forms in Slack refuse this too.
    """
    if before and not administrators(run.work):
        who = f"{before[0]} is the only administrator" if len(before) == 1 else f"{', '.join(before)} administer"
        raise Misconfigured(
            f"people: {who}, and after this file nobody would: keep administrator = true for them, "
            "or make another person administrator."
        )


def end_missing_agencies(run: Run) -> None:
    """End the agencies that are no longer in the file, unless they belong to another county.

    Raise Misconfigured if such an agency still has people.
    """
    session = run.work.session
    for agency in session.exec(select(Agency).where(col(Agency.is_active)).order_by(col(Agency.key))).all():
        if agency.key in run.agencies:
            continue
        people = session.exec(
            select(Person).where(col(Person.agency_id) == id_of(agency)).order_by(col(Person.key))
        ).all()
        if people and not any(person.team_id in run.teams for person in people):
            continue
        remaining = [person.key for person in people if person.left_at is None]
        if remaining:
            raise Misconfigured(
                f"agencies: {agency.key} is gone from the file but still has people: {', '.join(remaining)}."
            )
        agency.is_active = False
        run.changes.append(f"- agency {agency.key} ended")
    session.flush()


@dataclass(frozen=True, slots=True)
class _Place:
    """One place on a panel that the county file gives to a person."""

    person_id: int
    role: Role
    deputy_for_id: int | None
    began_at: datetime | None  #: none: from now on
    lapses_at: datetime | None


def apply_places(run: Run, declared: DeclaredPanel) -> None:
    """Make a panel's permanent places the same as in the file, by adding and ending places.

    Deputies for a period are added or get a new last day.
    """
    panel = run.panels[declared.key]
    wanted = [_place(run, declared, member) for member in declared.members if member.person not in run.away]
    session = run.work.session
    current = session.exec(
        select(Membership)
        .where(col(Membership.panel_id) == id_of(panel), is_to_hold(run.work.now))
        .order_by(col(Membership.id))
    ).all()
    standing = {(one.person_id, one.role): one for one in wanted if one.lapses_at is None}
    kept = _standing_places_that_stay(run, declared.key, [row for row in current if row.lapses_at is None], standing)
    session.flush()
    begun = [
        _begin(run, declared.key, one)
        for place, one in standing.items()
        if place not in kept and not _is_chaired_already(run, declared.key, one)
    ]
    for one in wanted:
        if one.lapses_at is not None and one.lapses_at > run.work.now:
            begun += _for_a_while(run, declared.key, one, [row for row in current if row.lapses_at is not None])
    give_places(run.work, begun, by_id=None)
    if names := [person.name for _, person in to_invite(run.work, begun)]:
        run.remarks.append(f"! panel {declared.key}: invite to its channel in Slack: {', '.join(names)}")
    end_presiding(run.work, [row for row in current if row.ended_at is not None], by_id=None)
    for person_id in {row.person_id for row in current if row.ended_at is not None}:
        tell_who_counted_on(run.work, person_id, {id_of(panel)})
    meets = bool(declared.members) or declared.rule is not None
    if meets and not members_who_may(run.work, id_of(panel), Verb.TRIAGE):
        run.remarks.append(f"! panel {declared.key} has no chair: nobody can triage its flags or approve its minutes")


def _place(run: Run, declared: DeclaredPanel, member: Member) -> _Place:
    panel = run.panels[declared.key]
    absent = member.deputy_for
    return _Place(
        person_id=id_of(run.people[member.person]),
        role=member.role,
        deputy_for_id=id_of(run.people[absent]) if absent and absent not in run.away else None,
        began_at=day_begins(run.work, panel, member.begins_on) if member.begins_on else None,
        lapses_at=day_ends(run.work, panel, member.until) if member.until else None,
    )


def _standing_places_that_stay(
    run: Run, panel_key: str, current: list[Membership], wanted: dict[tuple[int, Role], _Place]
) -> set[tuple[int, Role]]:
    kept = set()
    for row in current:
        place = (row.person_id, row.role)
        one = wanted.get(place)
        person = run.work.session.get_one(Person, row.person_id)
        if one is None and is_enrolled_in_slack(person) and person.left_at is None:
            continue
        if one is not None and row.deputy_for_id == one.deputy_for_id:
            kept.add(place)
            if one.began_at is not None and row.began_at > run.work.now and row.began_at != one.began_at:
                row.began_at = one.began_at
                run.changes.append(f"~ {panel_key}: {person.key} is {row.role.label} from another day")
            continue
        row.ended_at = run.work.now
        run.changes.append(f"- {panel_key}: {person.key} is no longer {row.role.label}")
    return kept


def _is_chaired_already(run: Run, panel_key: str, one: _Place) -> bool:
    """Return whether the panel has a chair chosen in Slack, who is not in the file. Add a remark if so."""
    if one.role is not Role.CHAIR:
        return False
    chair = chair_of(run.work, id_of(run.panels[panel_key]))
    if chair is None:
        return False
    run.remarks.append(
        f"! panel {panel_key}: the file makes {_key(run, one)} chair, but {chair.name} chairs it (chosen in Slack): "
        "end their place with /people end and apply the file again, or let the file name them"
    )
    return True


def _for_a_while(run: Run, panel_key: str, one: _Place, current: list[Membership]) -> list[Membership]:
    """Return a list with the new place of a deputy for a period, or an empty list if the deputy has the place already.

    If the deputy has the place with another last day, the last day is changed.
    """
    for row in current:
        if (row.person_id, row.deputy_for_id) != (one.person_id, one.deputy_for_id) or row.meeting_id is not None:
            continue
        if one.began_at is not None and row.began_at != one.began_at:
            continue
        if row.lapses_at != one.lapses_at:
            row.lapses_at = one.lapses_at
            run.changes.append(f"~ {panel_key}: {_key(run, one)} is deputy until another day")
        return []
    return [_begin(run, panel_key, one)]


def _begin(run: Run, panel_key: str, one: _Place) -> Membership:
    panel = run.panels[panel_key]
    days = ""
    if one.began_at is not None and one.began_at > run.work.now:
        days += f" from {local_time(run.work, panel, one.began_at):%-d %B %Y}"
    if one.lapses_at is not None:
        days += f" until {last_day(run.work, panel, one.lapses_at):%-d %B %Y}"
    run.changes.append(f"+ {panel_key}: {_key(run, one)} is {one.role.label}{days}")
    return Membership(
        panel_id=id_of(panel),
        person_id=one.person_id,
        role=one.role,
        deputy_for_id=one.deputy_for_id,
        began_at=one.began_at or run.work.now,
        lapses_at=one.lapses_at,
    )


def _key(run: Run, one: _Place) -> str:
    return run.work.session.get_one(Person, one.person_id).key
