"""A panel's channel: whether another workspace can see it, and which accounts in it have no place on the panel.

The chair and co-ordinators are told if the channel is shared. They are also told of accounts without a place. The bot
asks Slack who is in the channel once a day, and when an account joins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, exists, or_
from sqlmodel import Session, col, select

from bot.domain.notices import Notice
from bot.domain.permissions import Actor
from bot.models.outbox import EffectState, OutboxRow
from bot.models.panels import ChannelGuest, Membership, Panel, SharedChannel
from bot.models.people import Agency, Person
from bot.models.vocabulary import Role
from bot.records.access.queries import holds_at
from bot.records.diary.queries import is_shared
from bot.records.people.queries import IS_HERE, members, presiding
from bot.store.rows import id_of
from bot.store.sweeps import Sweep
from bot.store.unit_of_work import Work

_UNFINISHED: Final = [state for state in EffectState if state not in (EffectState.DONE, EffectState.DROPPED)]
_SHARE: Final = {True: "share", False: "unshare"}


@dataclass(frozen=True, slots=True)
class SharedView:
    """Whether a panel's channel is shared with another workspace."""

    panel_title: str
    channel_id: str
    is_shared: bool


def note_channel(work: Work, channel_id: str, *, shared: bool) -> bool:
    """Record whether a channel is shared, and tell the chair and co-ordinators if this has changed.

    Return whether it has changed. Nothing is recorded for a channel that belongs to no panel.
    """
    panel = work.find(Panel, col(Panel.channel_id) == channel_id, col(Panel.is_active))
    row = work.session.get(SharedChannel, channel_id)
    if panel is None or shared == (row is not None):
        return False
    if row is None:
        work.session.add(SharedChannel(channel_id=channel_id, since=work.now))
    else:
        work.session.delete(row)
    panel_id = id_of(panel)
    work.audit(_SHARE[shared], "channel", panel_id, panel_id=panel_id)
    for person_id in sorted(_answering_for(work, panel_id)):
        once = f"{shared}:{work.now.isoformat()}"
        work.tell(person_id, Notice.CHANNEL_SHARED, once=once, panel_id=panel_id)
    return True


def shared_for_notice(work: Work, actor: Actor, panel_id: int) -> SharedView | None:
    """Return whether a panel's channel is shared now, or None if the person is no longer its chair or co-ordinator."""
    panel = work.session.get_one(Panel, panel_id)
    if panel.channel_id is None or actor.person_id not in _answering_for(work, panel_id):
        return None
    return SharedView(panel.title, panel.channel_id, is_shared(work, panel.channel_id))


def _answering_for(work: Work, panel_id: int) -> set[int]:
    """Return the ids of a panel's chair and co-ordinators, who are told about its channel."""
    return {id_of(one) for one in (*presiding(work, panel_id), *members(work, panel_id, {Role.COORDINATOR}))}


@dataclass(frozen=True, slots=True)
class ChannelToLookAt:
    """A panel's channel. The bot asks Slack who is in it.

    `expected` are the accounts of the people on the panel. `known` are accounts that need not be looked up in Slack to
    tell whether they are apps.
    """

    channel_id: str
    expected: frozenset[str]  #: of the people on the panel
    known: frozenset[str]  #: of these people, and of other accounts of which it is known whether they are apps


@dataclass(frozen=True, slots=True)
class GuestView:
    """An account in a panel's channel without a place on the panel. Name and agency are empty if it is not enrolled."""

    panel: Panel
    user_id: str
    name: str
    agency: str


@dataclass(frozen=True, slots=True)
class GuestsView:
    """The accounts without a place that were newly found in a panel's channel."""

    panel_title: str
    channel_id: str
    guests: tuple[GuestView, ...]


def look_soon(work: Work, channel_id: str, user_id: str, *, once: str) -> None:
    """Queue a request that asks Slack who is in a panel's channel, if the account `user_id` is not on the panel."""
    panel = work.find(Panel, col(Panel.channel_id) == channel_id, col(Panel.is_active))
    if panel is not None and user_id not in _on_panel(work, id_of(panel)):
        _ask(work, panel, once)


def channel_to_look_at(work: Work, panel_id: int) -> ChannelToLookAt | None:
    """Return a panel's channel, so that Slack can be asked who is in it.

    Return None if the panel has ended or has no channel.
    """
    panel = work.session.get_one(Panel, panel_id)
    if panel.channel_id is None or not panel.is_active:
        return None
    seen = work.session.exec(select(ChannelGuest.user_id).where(col(ChannelGuest.panel_id) == panel_id)).all()
    enrolled = work.session.exec(select(Person.user_id).where(IS_HERE)).all()
    return ChannelToLookAt(panel.channel_id, _on_panel(work, panel_id), frozenset([*seen, *enrolled]))


def note_guests(work: Work, panel_id: int, *, guests: Sequence[str], bots: Sequence[str], is_whole: bool) -> None:
    """Record which accounts are in a panel's channel without a place. Tell the chair and co-ordinators of new ones.

    `guests` are all accounts that were seen, and `bots` are those of `guests` that are apps. Nobody is told of apps. An
    account that has left the channel, or has a place now, is deleted from the record. If it returns without a place,
    people are told again. If not all accounts were seen (`is_whole` is false), only accounts that now have a place are
    deleted.
    """
    on_panel = _on_panel(work, panel_id)
    seen = {row.user_id: row for row in work.find_all(ChannelGuest, col(ChannelGuest.panel_id) == panel_id)}
    for user_id, row in seen.items():
        if user_id in on_panel or (is_whole and user_id not in guests):
            work.session.delete(row)
    new = [one for one in dict.fromkeys(guests) if one not in seen and one not in on_panel]
    for user_id in new:
        is_bot = user_id in bots
        work.session.add(ChannelGuest(panel_id=panel_id, user_id=user_id, since=work.now, is_bot=is_bot))
    named = [one for one in new if one not in bots]
    if not named:
        return
    work.audit("name_guests", "channel", panel_id, panel_id=panel_id)
    for person_id in sorted(_answering_for(work, panel_id)):
        work.tell(person_id, Notice.CHANNEL_GUESTS, once=work.now.isoformat(), panel_id=panel_id, users=named)


def guests_for_notice(work: Work, actor: Actor, panel_id: int, users: Sequence[str]) -> GuestsView | None:
    """Return which of these accounts are still in a panel's channel without a place, or None if there are none.

    Return None also if the reader is no longer the panel's chair or co-ordinator.
    """
    panel = work.session.get_one(Panel, panel_id)
    found = [one for one in list_guests(work.session, work.now, panel_id) if one.user_id in users]
    if panel.channel_id is None or not found or actor.person_id not in _answering_for(work, panel_id):
        return None
    return GuestsView(panel.title, panel.channel_id, tuple(found))


def list_guests(session: Session, now: datetime, panel_id: int | None = None) -> list[GuestView]:
    """Return the accounts without a place in the channels of all active panels, or of one panel.

    The accounts are sorted by panel. Enrolled people come first, by name.
    """
    person = col(Person.user_id) == col(ChannelGuest.user_id)
    place = exists().where(
        col(Membership.panel_id) == col(ChannelGuest.panel_id),
        col(Membership.person_id) == col(Person.id),
        holds_at(now),
    )
    query = (
        select(Panel, ChannelGuest.user_id, Person.name, Agency.name)
        .join(ChannelGuest, col(ChannelGuest.panel_id) == col(Panel.id))
        .outerjoin(Person, person & IS_HERE)
        .outerjoin(Agency, col(Agency.id) == col(Person.agency_id))
        .where(col(Panel.is_active), col(Panel.channel_id).is_not(None), ~col(ChannelGuest.is_bot), ~place)
    )
    if panel_id is not None:
        query = query.where(col(Panel.id) == panel_id)
    found = [GuestView(panel, user, name or "", agency or "") for panel, user, name, agency in session.exec(query)]
    return sorted(found, key=lambda one: (one.panel.key, not one.name, one.name, one.user_id))


def _on_panel(work: Work, panel_id: int) -> frozenset[str]:
    """Return the Slack accounts of the people who have a place on the panel now."""
    seated = select(Membership.person_id).where(col(Membership.panel_id) == panel_id, holds_at(work.now))
    return frozenset(work.session.exec(select(Person.user_id).where(IS_HERE, col(Person.id).in_(seated))))


def _ask(work: Work, panel: Panel, once: str) -> None:
    panel_id = id_of(panel)
    to = f"panel-{panel_id}"  # a lane of its own, since the request posts nothing in the channel
    work.tell(to, Notice.CHANNEL_LOOK, once=once, panel_id=panel_id, channel_id=panel.channel_id)


def _day(work: Work) -> str:
    return work.now.date().isoformat()


def _find_unseen(work: Work) -> list[int]:
    """Return the ids of the panels whose channel must still be looked at today.

    For these panels, Slack was not asked today who is in the channel, and no request is queued. A request that Slack
    refused is shown on Home, where a person sends it again or dismisses it.
    """
    panels = work.find_all(Panel, col(Panel.is_active), col(Panel.channel_id).is_not(None), by=[col(Panel.id)])
    keys = [Notice.CHANNEL_LOOK.key.format(panel_id=panel.id, once=_day(work)) for panel in panels]
    of_panel = col(OutboxRow.payload)["panel_id"].as_integer()
    is_unfinished = and_(col(OutboxRow.state).in_(_UNFINISHED), col(OutboxRow.kind) == Notice.CHANNEL_LOOK.value)
    asked = set(
        work.session.execute(select(of_panel).where(or_(col(OutboxRow.key).in_(keys), is_unfinished))).scalars()
    )
    return [id_of(panel) for panel in panels if id_of(panel) not in asked]


def _look(work: Work, panel_id: int) -> int:
    _ask(work, work.session.get_one(Panel, panel_id), _day(work))
    return 1


#: Has Slack asked, once a day, who is in each panel's channel.
CHANNEL_LOOKS = Sweep(_find_unseen, _look)
