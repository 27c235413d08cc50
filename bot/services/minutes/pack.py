"""The pack: an agency's actions and items from approved minutes. Each representative gets what they may see."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from sqlmodel import col, select

from bot.documents.agency_pack import PackFacts, render_pack
from bot.documents.papers import File, action_facts
from bot.domain.language.day_words import YearDay
from bot.domain.minutes import APPROVED_STATES
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.domain.states import UNCONFIRMED_STATES
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.actions import Action
from bot.models.meetings import Meeting
from bot.models.minutes import Minutes
from bot.models.people import Agency, Person
from bot.models.vocabulary import Role
from bot.records.access.queries import Standing, Where, find_panel, local_time, today_at
from bot.records.actions.queries import view_actions
from bot.records.diary.queries import OfMeeting, of_meeting
from bot.records.minutes.queries import IS_APPROVED, held_on, require_minutes
from bot.records.people.queries import agency_meant, members
from bot.services.minutes.papers import version_facts
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class PackSent(OfMeeting):
    """The agency whose pack is being sent, and the people who get the pack."""

    agency_name: str
    people: tuple[str, ...]  #: names of the representatives that it goes to; none: to the asker


def export_pack(
    work: Work, actor: Actor, where: Where, agency: str = "", *, request_key: str, on: YearDay | None = None
) -> PackSent:
    """Send an agency's pack as a Word file, from the latest approved minutes or those of one day.

    Without `agency`, the asker gets the pack of their own agency. If a chair or co-ordinator names an agency, its
    representatives and deputies get the pack, each with what they may see. Raise NotAllowed if other people name
    another agency, and UnknownAgency if no agency has that name.
    """
    standing = find_panel(work, actor, where, Verb.READ_MINUTES)
    named = agency_meant(work, standing.panel_id, agency).id if agency else actor.agency_id
    if agency and not standing.may(Verb.RUN_MEETING) and named != actor.agency_id:
        raise NotAllowed(
            "Only the chair or the co-ordinator can send other agencies' packs. `/minutes pack` sends you your own."
        )
    meeting, minutes = _approved(work, standing, on)
    people = _speak_for(work, standing.panel_id, named) if agency and standing.may(Verb.RUN_MEETING) else None
    name = work.session.get_one(Agency, named).name
    if people == []:
        raise Mistake(
            f"Nobody speaks for {name} on {standing.panel.title} now. To give a person a place: `/people enrol`."
        )
    for person_id in [actor.person_id] if people is None else [id_of(person) for person in people]:
        work.tell(person_id, Notice.PACK_FILE, once=request_key, minutes_id=id_of(minutes), agency_id=named)
    work.audit("export", "pack", minutes.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return PackSent(*of_meeting(work, standing.panel, meeting), name, tuple(person.name for person in people or ()))


def pack_document(work: Work, actor: Actor, minutes_id: int, agency_id: int) -> File:
    """Return an agency's pack, with what this member of the agency may see. Raise NotForYou for other people."""
    standing, meeting, minutes = require_minutes(work, actor, minutes_id)
    if actor.agency_id != agency_id or minutes.state not in APPROVED_STATES:
        raise NotForYou("those minutes")
    said, case_ids = version_facts(work, standing, minutes)
    panel = standing.panel
    given = said.actions or ()
    own = _own(work, agency_id, [action.number for action in given])
    earlier = view_actions(
        work,
        actor.person_id,
        col(Action.panel_id) == standing.panel_id,
        col(Action.agency_id) == agency_id,
        col(Action.state).in_(sorted(UNCONFIRMED_STATES)),
        col(Action.id).not_in([action.number for action in given]),
    )
    facts = PackFacts(
        **dict(said)
        | {
            "agency": actor.agency_name,
            "actions": tuple(action for action in given if action.number in own),
            "earlier": tuple(action_facts(action) for action in earlier),
            "made_on": today_at(work, panel),
        }
    )
    day = local_time(work, panel, meeting.starts_at).date()
    key = work.session.get_one(Agency, agency_id).key
    return File(
        name=f"{panel.key}-{day.isoformat()}-pack-{key}-v{minutes.version}.docx",
        title=f"Pack for {actor.agency_name}, {panel.title}, {day:%-d %B %Y}",
        write=partial(render_pack, facts, work.templates),
        panel_id=standing.panel_id,
        meeting_id=minutes.meeting_id,
        case_ids=case_ids | {action.case_id for action in earlier if action.case_id is not None},
    )


def _approved(work: Work, standing: Standing, on: YearDay | None) -> tuple[Meeting, Minutes]:
    query = (
        select(Meeting, Minutes)
        .join(Minutes, col(Minutes.meeting_id) == col(Meeting.id))
        .where(col(Meeting.panel_id) == standing.panel_id, IS_APPROVED)
        .order_by(col(Meeting.starts_at).desc(), col(Minutes.version).desc())
    )
    if on is not None:
        query = query.where(col(Meeting.id) == held_on(work, standing, on))
    found = work.session.execute(query.limit(1)).first()
    if found is None:
        raise Mistake(f"{standing.panel.title} has no approved minutes yet, so there is no pack.")
    return found[0], found[1]


def _speak_for(work: Work, panel_id: int, agency_id: int) -> list[Person]:
    """Return an agency's representatives and deputies on a panel, sorted by name."""
    return [
        person
        for person in members(work, panel_id, {Role.REPRESENTATIVE, Role.DEPUTY})
        if person.agency_id == agency_id
    ]


def _own(work: Work, agency_id: int, numbers: Collection[int]) -> set[int]:
    """Return the action ids in `numbers` whose actions belong to the agency now."""
    query = select(Action.id).where(col(Action.id).in_(numbers), col(Action.agency_id) == agency_id)
    return {number for number in work.session.exec(query) if number is not None}
