"""Messages whose arrival nobody knows, or that Slack refused: a person decides, nothing is blindly repeated."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.outbox import EffectState, OutboxRow
from bot.models.panels import Membership
from bot.models.people import Person
from bot.store.access import panels_where
from bot.store.outbox import decide, stranded
from bot.store.places import holds_at
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Undelivered:
    """One message that did not arrive for certain; what it says is not told, only to whom and of which kind."""

    id: int
    addressee: str  #: a name, or "a channel"
    kind: str  #: in words
    since: datetime
    may_have_arrived: bool  #: false: Slack refused it
    error: str


_KINDS = {
    "action_given": "a new action",
    "digest": "a reminder of actions",
    "extension_asked": "a request for more time",
    "extension_answered": "the chair's answer on more time",
    "meeting_actions": "the actions of a meeting",
    "meeting_notice": "a change of date",
    "panel_ended": "the end of a panel",
    "meeting_opened": "the opening of a meeting",
    "prompt": "a prompt about a deadline",
    "invitation": "an invitation",
    "reply_reminder": "a second request for an answer",
    "quorum": "a warning that a meeting may not be quorate",
    "stand_in": "word that somebody stands in",
    "deputy_away": "word that a deputy cannot come",
    "invitation_answered": "an answered invitation",
    "answered_for_you": "an answer entered for somebody",
    "calendar_file": "a calendar file",
    "flag_triaged": "the chair's answer on a flag",
    "interest_noted": "a declared interest",
    "interest_withdrawn": "the end of a declared interest",
    "interest_holds": "actions that need another holder",
    "closed_flag": "a flag on a closed item",
    "agenda_file": "an agenda",
    "agenda_published": "an agenda",
    "minutes_file": "minutes",
    "minutes_approved": "the approval of minutes",
    "returns_prompt": "a prompt about returns",
    "tracker_file": "an action tracker",
    "handed_over": "what a colleague handed over",
    "deputy_named": "the naming of a deputy",
    "person_left": "that somebody has left",
    "account_back": "that an account is on again",
}


def list_undelivered(work: Work, actor: Actor) -> tuple[Undelivered, ...]:
    """What is stranded on its way to people of the panels whose diary this person keeps; an administrator sees all."""
    rows = _theirs(work, actor)
    names = {
        person.id: person.name
        for person in work.session.exec(select(Person).where(col(Person.id).in_([_addressee(row) for row in rows])))
    }
    return tuple(
        Undelivered(
            id=id_of(row),
            addressee=names.get(_addressee(row), "a channel"),
            kind=_KINDS.get(row.kind, "a message"),
            since=datetime.fromtimestamp(row.finished_at or row.created_at, ZoneInfo(actor.timezone)),
            may_have_arrived=row.state == EffectState.AMBIGUOUS,
            error=row.error or "",
        )
        for row in rows[:MOST_SHOWN]
    )


def send_again(work: Work, actor: Actor, effect_id: int) -> None:
    """The person knows that it did not arrive, or takes the risk of a second one."""
    _decide(work, actor, effect_id, EffectState.READY, "send_again")


def let_be(work: Work, actor: Actor, effect_id: int) -> None:
    """It arrived after all, or is not worth sending any more."""
    _decide(work, actor, effect_id, EffectState.DROPPED, "let_be")


def _decide(work: Work, actor: Actor, effect_id: int, state: EffectState, verb: str) -> None:
    if not any(row.id == effect_id for row in _theirs(work, actor)):
        raise NotForYou("that message")
    if not decide(work.session, effect_id, state):
        raise Mistake("Somebody has decided about this message already.")
    work.audit(verb, "effect", effect_id, actor_id=actor.person_id)


def _theirs(work: Work, actor: Actor) -> list[OutboxRow]:
    # The answer to a click reaches one person at one moment; nobody else can tell what it was worth.
    rows = [row for row in stranded(work.session) if row.kind in _KINDS]
    if actor.is_administrator or not rows:
        return rows
    panels = [id_of(panel) for panel in panels_where(work, actor, Verb.COMPILE)]
    people = set(
        work.session.exec(select(Membership.person_id).where(col(Membership.panel_id).in_(panels), holds_at(work.now)))
    )
    return [row for row in rows if _addressee(row) in people]


def _addressee(row: OutboxRow) -> int | None:
    person_id = row.payload.get("person_id")
    return person_id if isinstance(person_id, int) else None
