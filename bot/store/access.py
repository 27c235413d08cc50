"""Need to know: who is asking, what they are on which panel, and which cases are kept from them.

Deny by default: enrolled, active agency, member of the panel, not recused, a role that carries the verb.
The same sentence answers "it is not there" and "it is not for you".
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlmodel import col, select

from bot.domain.permissions import ADMINISTRATOR_VERBS, ROLES, Actor, Verb, may
from bot.errors import Mistake, NotForYou, Stranger
from bot.models.cases import Case, CaseReader, Recusal
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import Role
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Where:
    """How somebody said which panel they mean: by its key, or by the channel they typed in."""

    panel_key: str | None = None
    channel_id: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One person on one panel at the moment of one request."""

    actor: Actor
    panel: Panel
    panel_id: int
    roles: frozenset[Role]

    def may(self, verb: Verb) -> bool:
        """Whether they may do this here."""
        return may(verb, self.roles, is_administrator=self.actor.is_administrator)


_PERSON = (
    select(Person, Agency)
    .join(Agency, col(Agency.id) == col(Person.agency_id))
    .where(col(Person.left_at).is_(None), col(Agency.is_active))
)


def identify(work: Work, team_id: str, user_id: str) -> Actor:
    """The enrolled person behind a Slack account. Raises Stranger for anybody else, the same for all reasons."""
    found = work.session.exec(_PERSON.where(col(Person.team_id) == team_id, col(Person.user_id) == user_id)).first()
    if found is None:
        raise Stranger
    return _actor(*found)


def actor_of(work: Work, person_id: int) -> Actor | None:
    """The person as somebody who may be written to; None once they left or their agency did."""
    found = work.session.exec(_PERSON.where(col(Person.id) == person_id)).first()
    return None if found is None else _actor(*found)


def _actor(person: Person, agency: Agency) -> Actor:
    return Actor(
        person_id=id_of(person),
        name=person.name,
        team_id=person.team_id,
        user_id=person.user_id,
        agency_id=person.agency_id,
        agency_name=agency.name,
        leads_agency=person.leads_agency,
        is_administrator=person.is_administrator,
        timezone=person.timezone,
    )


def standing_on(work: Work, actor: Actor, panel: Panel) -> Standing:
    """What the person is on the panel; with no roles when they are not on it."""
    roles = work.session.exec(
        select(col(Membership.role)).where(
            col(Membership.panel_id) == id_of(panel),
            col(Membership.person_id) == actor.person_id,
            col(Membership.ended_at).is_(None),
        )
    )
    return Standing(actor, panel, id_of(panel), frozenset(roles))


def require(work: Work, actor: Actor, panel_id: int, *verbs: Verb, noun: str = "that panel") -> Standing:
    """The person's standing on a panel where they may do all this. Raises NotForYou otherwise."""
    panel = work.session.get(Panel, panel_id)
    if panel is None or not panel.is_active:
        raise NotForYou(noun)
    standing = standing_on(work, actor, panel)
    if not all(standing.may(verb) for verb in verbs):
        raise NotForYou(noun)
    return standing


def panels_where(work: Work, actor: Actor, verb: Verb) -> list[Panel]:
    """Every active panel on which the person may do this, by title."""
    query = select(Panel).where(col(Panel.is_active)).order_by(col(Panel.title))
    if not (actor.is_administrator and verb in ADMINISTRATOR_VERBS):
        query = query.where(
            col(Panel.id).in_(
                select(Membership.panel_id).where(
                    col(Membership.person_id) == actor.person_id,
                    col(Membership.ended_at).is_(None),
                    col(Membership.role).in_(sorted(ROLES[verb])),
                )
            )
        )
    return list(work.session.exec(query))


def find_panel(work: Work, actor: Actor, where: Where, verb: Verb) -> Standing:
    """The panel meant: the one named, else the channel's, else the person's only one.

    Raises NotForYou when it is not there or not theirs, Mistake naming the choices when it is not clear.
    """
    named = None
    if where.panel_key:
        named = work.session.exec(select(Panel).where(col(Panel.key) == where.panel_key.lower())).first()
        if named is None:
            raise NotForYou("that panel")
    elif where.channel_id:
        named = work.session.exec(select(Panel).where(col(Panel.channel_id) == where.channel_id)).first()
    if named is not None:
        return require(work, actor, id_of(named), verb)
    candidates = panels_where(work, actor, verb)
    if not candidates:
        raise NotForYou("a panel where you do this")
    if len(candidates) > 1:
        keys = ", ".join(f"`{panel.key}`" for panel in candidates)
        raise Mistake(f"Which panel? Type this in the panel's own channel, or add one of {keys} to the end.")
    return standing_on(work, actor, candidates[0])


def readable(person_id: int) -> ColumnElement[bool]:
    """The condition on Case that leaves out closed items without this reader, and declared conflicts."""
    named_reader = exists().where(and_(col(CaseReader.case_id) == col(Case.id), col(CaseReader.person_id) == person_id))
    recused = exists().where(and_(col(Recusal.case_id) == col(Case.id), col(Recusal.person_id) == person_id))
    return and_(~recused, or_(~col(Case.is_closed), named_reader))


def readable_cases(work: Work, reader_id: int, case_ids: Iterable[int]) -> set[int]:
    """Those of the cases that are not kept from the person; panel membership is checked apart from this."""
    wanted = set(case_ids)
    if not wanted:
        return set()
    query = select(Case.id).where(col(Case.id).in_(wanted), readable(reader_id))
    return {case_id for case_id in work.session.exec(query) if case_id is not None}
