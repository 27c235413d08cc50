"""Messages that Slack refused, or that may not have arrived. A person decides whether each is sent again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, literal, or_
from sqlmodel import col, select

from bot.domain.notices import notice_of
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.outbox import EffectState, OutboxRow
from bot.models.panels import Membership, Panel
from bot.models.people import Person
from bot.records.access.queries import holds_at, panels_where
from bot.store.outbox import STRANDED, decide
from bot.store.rows import id_of
from bot.store.slack_methods import Alarm, alarms
from bot.store.unit_of_work import Work

SHOWN = 5
_ANSWERS = "response:"  # lanes of answers to clicks end with the Slack user


@dataclass(frozen=True, slots=True)
class Undelivered:
    """One message that may not have arrived, with its addressee and kind but without its words."""

    id: int
    addressee: str  #: a name, or "a channel"
    kind: str  #: in words
    since: datetime
    may_have_arrived: bool  #: false: Slack refused it
    error: str


@dataclass(frozen=True, slots=True)
class Stranded:
    """One page of the messages that may not have arrived, the oldest first, and the number of all such messages."""

    messages: tuple[Undelivered, ...] = ()
    first: int = 0  #: where the page begins
    total: int = 0
    until: float = 0.0  #: the newest message of all, so that a decision about all leaves out later ones


def list_undelivered(work: Work, actor: Actor, places: Mapping[str, int] | None = None) -> Stranded:
    """Return messages that may not have arrived, if they were for people on panels whose diary this person keeps.

    An administrator sees all such messages, even those to accounts that are not enrolled.
    """
    theirs = _theirs(work, actor)
    facts = select(func.count(), func.max(OutboxRow.finished_at)).where(*theirs)
    total, until = work.session.exec(facts).one()
    if not total:
        return Stranded()
    first = min((places or {}).get("stranded", 0), (total - 1) // SHOWN) * SHOWN
    rows = work.session.exec(
        select(OutboxRow).where(*theirs).order_by(col(OutboxRow.id)).offset(first).limit(SHOWN)
    ).all()
    names = _addressees(work, rows)
    shown = tuple(
        Undelivered(
            id=id_of(row),
            addressee=names[id_of(row)],
            kind=notice.label if (notice := notice_of(row.kind)) else "a message",
            since=datetime.fromtimestamp(row.finished_at or row.created_at, ZoneInfo(actor.timezone)),
            may_have_arrived=row.state == EffectState.AMBIGUOUS,
            error=row.error or "",
        )
        for row in rows
    )
    return Stranded(shown, first, total, until or 0.0)


def list_held_back(work: Work, actor: Actor) -> tuple[Alarm, ...]:
    """Return the alarms that say why no message is being sent at all. Their times are by the reader's own clock.

    Only administrators, who can repair this, get reasons. For other people, the tuple is empty.
    """
    if not actor.is_administrator:
        return ()
    zone = ZoneInfo(actor.timezone)
    return tuple(replace(alarm, since=alarm.since.astimezone(zone)) for alarm in alarms(work.session))


def send_again(work: Work, actor: Actor, effect_id: int) -> None:
    """Send a message again.

    The person knows that the message did not arrive, or accepts that it may arrive twice.
    """
    _decide(work, actor, effect_id, EffectState.READY, "send_again")


def dismiss(work: Work, actor: Actor, effect_id: int) -> None:
    """Take a message off the undelivered list, because it arrived after all or is no longer worth sending."""
    _decide(work, actor, effect_id, EffectState.DROPPED, "let_be")


def send_all_again(work: Work, actor: Actor, until: float) -> int:
    """Send again all messages that Home showed as undelivered, up to the moment `until`.

    Return the number of messages.
    """
    return _decide_all(work, actor, until, EffectState.READY, "send_again")


def dismiss_all(work: Work, actor: Actor, until: float) -> int:
    """Dismiss all messages that Home showed as undelivered, up to the moment `until`. Return the number of messages."""
    return _decide_all(work, actor, until, EffectState.DROPPED, "let_be")


def _decide(work: Work, actor: Actor, effect_id: int, state: EffectState, verb: str) -> None:
    mine = select(OutboxRow.id).where(*_theirs(work, actor), col(OutboxRow.id) == effect_id)
    if work.session.exec(mine).first() is None:
        raise NotForYou("that message")
    if not decide(work.session, [effect_id], state):
        raise Mistake("Someone has already dealt with this message.")
    work.audit(verb, "effect", effect_id, actor_id=actor.person_id)


def _decide_all(work: Work, actor: Actor, until: float, state: EffectState, verb: str) -> int:
    shown_then = col(OutboxRow.finished_at) <= until
    mine = select(OutboxRow.id).where(*_theirs(work, actor), shown_then).order_by(col(OutboxRow.id))
    numbers = [number for number in work.session.exec(mine).all() if number is not None]
    if not numbers:
        raise Mistake("Someone has already dealt with these messages.")
    decided = decide(work.session, numbers, state)
    for number in numbers:
        work.audit(verb, "effect", number, actor_id=actor.person_id)
    return decided


def _theirs(work: Work, actor: Actor) -> list[ColumnElement[bool]]:
    """Return SQL conditions that select the undelivered messages about which this person may decide."""
    state = col(OutboxRow.state)
    # The states are listed, since the index is by state and most rows of the table are done.
    is_stranded: ColumnElement[bool] = state.in_(STRANDED)
    if actor.is_administrator:
        return [is_stranded]
    panels = [id_of(panel) for panel in panels_where(work, actor, Verb.COMPILE)]
    if not panels:
        return [col(OutboxRow.id).is_(None)]
    members = select(Membership.person_id).where(col(Membership.panel_id).in_(panels), holds_at(work.now))
    users = select(Person.user_id).where(col(Person.id).in_(members))
    answers = select(literal(_ANSWERS) + col(Person.user_id)).where(col(Person.id).in_(members))
    channels = select(Panel.channel_id).where(col(Panel.id).in_(panels), col(Panel.channel_id).is_not(None))
    payload = col(OutboxRow.payload)
    return [
        is_stranded,
        or_(
            payload["person_id"].as_integer().in_(members),
            payload["channel_id"].as_string().in_(channels),
            payload["user"].as_string().in_(users),
            col(OutboxRow.lane).in_(answers),
        ),
    ]


def _addressees(work: Work, rows: Sequence[OutboxRow]) -> dict[int, str]:
    """Return a dict from message id to its addressee: a person's name, or the channel of a panel."""
    persons = {row.payload.get("person_id") for row in rows} - {None}
    users = {_user(row) for row in rows} - {None}
    channels = {row.payload.get("channel_id") for row in rows} - {None}
    names: dict[object, str] = {}
    if persons or users:
        found = select(Person).where(or_(col(Person.id).in_(persons), col(Person.user_id).in_(users)))
        for person in work.session.exec(found):
            names[person.id] = names[person.user_id] = person.name
    if channels:
        titles = select(Panel.channel_id, Panel.title).where(col(Panel.channel_id).in_(channels))
        names |= {channel: f"the channel of {title}" for channel, title in work.session.exec(titles)}

    def named(row: OutboxRow) -> str:
        to = row.payload.get("person_id") or _user(row)
        return (
            names.get(to, "someone who isn't enrolled") if to else names.get(row.payload.get("channel_id"), "a channel")
        )

    return {id_of(row): named(row) for row in rows}


def _user(row: OutboxRow) -> str | None:
    """Return the Slack user whose Home a message updates or whose click it answers, or None for other messages."""
    user = row.payload.get("user")
    if isinstance(user, str):
        return user
    return row.lane.removeprefix(_ANSWERS) if row.lane.startswith(_ANSWERS) else None
