"""Enrolling people, giving them places, and bringing back people who left. Their former places are not restored."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bot.domain.language.identifiers import accept_line
from bot.domain.permissions import Actor
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.panels import Membership
from bot.models.people import Person
from bot.models.vocabulary import Role
from bot.records.access.queries import is_to_hold
from bot.records.diary.queries import lock_diary
from bot.records.leaving.changes import lock_person
from bot.records.people.changes import PRESIDES, READS_CASES, give_places
from bot.records.people.queries import (
    active_agencies,
    chair_of,
    ever_enrolled,
    find_agency,
    key_in_slack,
    managed_panels,
    require_over,
    to_invite,
)
from bot.records.people.views import PersonView, view_person
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: Roles that the form can give. Deputies are named with `/people deputise`.
ROLES_TO_GIVE = tuple(role for role in Role if role is not Role.DEPUTY)
_HAS_LEFT = "{name} was here before and has left. To bring them back: `/people return`."
MAX_JOB_TITLE: Final = 120  # characters
Purpose = Literal["enrol", "add", "return"]
Place = tuple[int, Role]  #: the panel and the role on it


@dataclass(frozen=True, slots=True)
class Account:
    """The details of a Slack account, as Slack gives them."""

    user_id: str
    team_id: str
    name: str
    timezone: str | None  #: none where Slack does not say, as of a deactivated account
    is_bot: bool
    is_guest: bool
    is_deactivated: bool


@dataclass(frozen=True, slots=True)
class EnrolmentForm:
    """The values and choices of the form that enrols a person, gives them places or brings them back."""

    purpose: Purpose
    account: Account
    name: str
    timezone: str
    job_title: str
    agency_id: int | None
    agencies: tuple[tuple[int, str], ...]
    panels: tuple[tuple[int, str], ...]  #: panels on which the reader may give places
    has_places: frozenset[Place]
    roles: tuple[Role, ...]  #: roles that the reader may give this person
    confirm: str | None  #: why an administrator must confirm it: "guest" or "foreign"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person's details after enrolment, and how many places were added."""

    person: PersonView
    purpose: Purpose
    added: int
    user_id: str
    to_join: tuple[str, ...] = ()  #: channels of the panels they joined in which they were not seen


def propose_enrolment(work: Work, actor: Actor, account: Account) -> EnrolmentForm:
    """Return the form that enrols a person or, if the person is enrolled, gives them more places.

    Raise Mistake for an app, a deactivated account or a person who left. Raise NotAllowed if only an administrator may
    enrol the person.
    """
    person = ever_enrolled(work, actor, account.user_id)
    if person is not None and person.left_at is not None:
        raise Mistake(_HAS_LEFT.format(name=person.name))
    return _form(work, actor, "enrol" if person is None else "add", account, person)


def propose_return(work: Work, actor: Actor, account: Account) -> EnrolmentForm:
    """Return the form that brings back a person who left. Their places must be chosen again."""
    managed_panels(work, actor)
    person = ever_enrolled(work, actor, account.user_id)
    if person is None:
        raise Mistake("This person was never enrolled here. Use `/people enrol`.")
    if person.left_at is None:
        raise Mistake(f"{person.name} has not left, so you can't bring them back.")
    return _form(work, actor, "return", account, person)


def _form(work: Work, actor: Actor, purpose: Purpose, account: Account, person: Person | None) -> EnrolmentForm:
    panels = managed_panels(work, actor)
    if account.is_bot:
        raise Mistake("That account is an app. Only people can have a place on a panel.")
    if account.is_deactivated:
        raise Mistake("Slack says that this account is switched off. Ask your Slack administrator first.")
    confirm = "foreign" if account.team_id != actor.team_id else "guest" if account.is_guest else None
    if confirm is not None and purpose != "add" and not actor.is_administrator:
        raise NotAllowed("This person is a guest, or from another workspace. Only an administrator can enrol them.")
    sitting: Collection[Membership] = ()
    if person is not None and purpose == "return":
        require_over(work, actor, person)
    elif person is not None:
        sitting = work.session.exec(
            select(Membership).where(col(Membership.person_id) == id_of(person), is_to_hold(work.now))
        ).all()
    return EnrolmentForm(
        purpose=purpose,
        account=account,
        name=person.name if person else account.name,
        timezone=person.timezone if person else account.timezone or actor.timezone,
        job_title=person.job_title if person else "",
        agency_id=person.agency_id if person else None,
        agencies=tuple((id_of(agency), agency.name) for agency in active_agencies(work)),
        panels=tuple((id_of(panel), panel.title) for panel in panels),
        has_places=frozenset((place.panel_id, place.role) for place in sitting),
        roles=tuple(
            role for role in ROLES_TO_GIVE if person is None or person.id != actor.person_id or role not in READS_CASES
        ),
        confirm=None if purpose == "add" else confirm,
    )


def enrol(
    work: Work,
    actor: Actor,
    account: Account,
    *,
    name: str,
    timezone: str,
    agency_id: int,
    places: Collection[Place],
    job_title: str = "",
    is_confirmed: bool = False,
) -> Enrolled:
    """Enrol a person, give an enrolled person more places, or bring back a person who left.

    Raise Mistake, attached to the field at fault, if a value is wrong. Raise NotAllowed if only an administrator may do
    so.
    """
    person = ever_enrolled(work, actor, account.user_id)
    _lock(work, person, places, was_asked_for=bool(agency_id))
    purpose: Purpose = "enrol" if person is None else "add" if person.left_at is None else "return"
    form = _form(work, actor, purpose, account, person)
    if form.confirm is not None and not is_confirmed:
        raise Mistake("This person is not from this workspace. To enrol them anyway, tick the box.", field="sure")
    if person is None or purpose != "add":
        name, timezone = accept_name(name, work.now.date()), accept_timezone(timezone)
        job_title = accept_job_title(job_title, work.now.date())
        agency = find_agency(work, agency_id)
        if person is None:
            person = Person(
                key=key_in_slack(account.team_id, account.user_id),
                name=name,
                job_title=job_title,
                team_id=account.team_id,
                user_id=account.user_id,
                agency_id=id_of(agency),
                timezone=timezone,
                enrolled_at=work.now,
            )
        else:
            person.name, person.timezone, person.agency_id = name, timezone, id_of(agency)
            person.job_title = job_title
            person.left_at = person.departure = None
            person.enrolled_at = work.now
        work.session.add(person)
        work.session.flush()
    work.audit(purpose if purpose != "add" else "place", "person", person.id, actor_id=actor.person_id)
    added = [_place(work, form, person, place) for place in sorted(set(places)) if place not in form.has_places]
    give_places(work, added, by_id=actor.person_id)
    for one in added:
        work.audit("place", "membership", person.id, panel_id=one.panel_id, actor_id=actor.person_id)
    # Places on panels that the reader doesn't manage are left out, as in the list of people.
    return Enrolled(
        view_person(work, person, [number for number, _ in form.panels]),
        purpose,
        len(added),
        account.user_id,
        tuple(panel.channel_id for panel, _ in to_invite(work, added) if panel.channel_id),
    )


def _lock(work: Work, person: Person | None, places: Collection[Place], *, was_asked_for: bool) -> None:
    """Lock the person, and the diary of each panel that they will chair.

    Diaries are locked because flagging a case reads who chairs the panel. Raise Mistake for a person who has left since
    the form was opened, because that form did not ask for an agency.
    """
    was_here = person is not None and person.left_at is None
    presides = {panel_id for panel_id, role in places if role in PRESIDES}
    if presides:
        lock_diary(work, *presides)
    if person is not None and lock_person(work, person).left_at is not None and (was_here or not was_asked_for):
        raise Mistake(_HAS_LEFT.format(name=person.name))


def _place(work: Work, form: EnrolmentForm, person: Person, place: Place) -> Membership:
    panel_id, role = place
    title = dict(form.panels).get(panel_id)
    if title is None or role not in ROLES_TO_GIVE:
        raise NotForYou("that panel")
    if role is Role.CHAIR and (chair := chair_of(work, panel_id)) is not None:
        raise Mistake(
            f"{chair.name} chairs {title}. A panel has one chair: `/people end` ends their place first.",
            field="places",
        )
    return Membership(panel_id=panel_id, person_id=id_of(person), role=role, began_at=work.now)


def accept_name(name: str, today: date) -> str:
    """Return a person's name with single spaces. Raise Mistake if the name is missing or too long."""
    name = accept_line(name, field="name", missing="Please give their name.", today=today)
    if len(name) > 120:
        raise Mistake("A name has at most 120 characters.", field="name")
    return name


def accept_job_title(title: str, today: date) -> str:
    """Return a job title, or an empty string if none is given.

    Raise Mistake if the title is too long or identifies someone.
    """
    if not title.strip():
        return ""
    title = accept_line(title, field="job_title", missing="", today=today)
    if len(title) > MAX_JOB_TITLE:
        raise Mistake(f"A job title has at most {MAX_JOB_TITLE} characters.", field="job_title")
    return title


def accept_timezone(timezone: str) -> str:
    """Return the name of a time zone. Raise Mistake for a time zone that doesn't exist."""
    try:
        return ZoneInfo(timezone.strip()).key
    except (ValueError, LookupError, OSError):  # also for an absolute path, or one that leaves the folder
        raise Mistake("I don't know that time zone. Write it like this: Europe/London.", field="timezone") from None
