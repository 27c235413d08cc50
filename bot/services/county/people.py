"""The agencies and people of a county file: who is there, who leads, who has left."""

from collections.abc import Sequence

from sqlmodel import col, select

from bot.documents.county_file import Person as DeclaredPerson
from bot.errors import Misconfigured
from bot.models.people import Agency, Person
from bot.models.vocabulary import Departure
from bot.records.leaving.changes import end_access, lock_person
from bot.records.people.queries import administrators, is_enrolled_in_slack
from bot.services.county.run import Run
from bot.store.rows import id_of


def make_room_for_leads(run: Run) -> None:
    """Somebody who leads no longer stops first: an agency has one lead at a time.

    Where the file names no lead, the one chosen in Slack stands.
    """
    for agency in run.file.agencies:
        leads = run.work.session.exec(
            select(Person).where(col(Person.agency_id) == id_of(run.agencies[agency.key]), col(Person.leads_agency))
        ).first()
        if agency.lead is None or leads is None or leads.key == agency.lead:
            continue
        leads.leads_agency = False
        run.work.session.add(leads)
        run.changes.append(f"~ person {leads.key}: leads agency changed")
    run.work.session.flush()


def apply_person(run: Run, declared: DeclaredPerson) -> Person:
    """Somebody of the file; who left otherwise than by the file stays away, whatever the file says."""
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
        if row.leads_agency:  # of the agency before; before the next line, since an agency has one lead
            row.leads_agency = False
            session.add(row)
    lead = next(agency.lead for agency in run.file.agencies if agency.key == declared.agency)
    return run.declare(
        "person",
        Person,
        declared.key,
        {
            "name": declared.name,
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
    """Who is no longer in the file has left; whom somebody enrolled in Slack was never in it, and stays."""
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
        end_access(run.work, lock_person(run.work, id_of(person)), Departure.FILE)
        run.gone.add(id_of(person))
        run.changes.append(f"- person {person.key} left")
    run.work.session.flush()


def require_administrator(run: Run, before: Sequence[str]) -> None:
    """Raises Misconfigured for a file that takes the office from the last who had it, as is refused in Slack."""
    if before and not administrators(run.work):
        who = f"{before[0]} is the only administrator" if len(before) == 1 else f"{', '.join(before)} administer"
        raise Misconfigured(
            f"people: {who}, and after this file nobody would: keep administrator = true for them, "
            "or give it to somebody else who is here."
        )


def end_missing_agencies(run: Run) -> None:
    """An agency that the file no longer has, unless it is another county's."""
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
        session.add(agency)
        run.changes.append(f"- agency {agency.key} ended")
    session.flush()
