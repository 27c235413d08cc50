"""A panel's channel that another workspace sees: nothing is posted there, and who answers for the panel hears of it."""

from dataclasses import dataclass
from typing import Final

from sqlmodel import col

from bot.domain.notices import Notice
from bot.domain.permissions import Actor
from bot.models.panels import Panel, SharedChannel
from bot.models.vocabulary import Role
from bot.records.people.queries import members, presiding
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_SHARE: Final = {True: "share", False: "unshare"}


@dataclass(frozen=True, slots=True)
class SharedView:
    """A panel whose channel is shared with another workspace, or is not any longer."""

    panel_title: str
    channel_id: str
    is_shared: bool


def note_channel(work: Work, channel_id: str, *, is_shared: bool) -> bool:
    """Note what Slack says of a channel; tell the chair and the co-ordinators what is new. Return whether it is.

    A channel of no panel is nothing to note.
    """
    panel = work.find(Panel, col(Panel.channel_id) == channel_id, col(Panel.is_active))
    row = work.session.get(SharedChannel, channel_id)
    if panel is None or is_shared == (row is not None):
        return False
    if row is None:
        work.session.add(SharedChannel(channel_id=channel_id, since=work.now))
    else:
        work.session.delete(row)
    panel_id = id_of(panel)
    work.audit(_SHARE[is_shared], "channel", panel_id, panel_id=panel_id)
    told = {id_of(one) for one in (*presiding(work, panel_id), *members(work, panel_id, {Role.COORDINATOR}))}
    for person_id in sorted(told):
        once = f"{is_shared}:{work.now.isoformat()}"
        work.tell(person_id, Notice.CHANNEL_SHARED, once=once, panel_id=panel_id)
    return True


def is_shared(work: Work, channel_id: str) -> bool:
    """Return whether another workspace sees a channel, as Slack last said."""
    return work.session.get(SharedChannel, channel_id) is not None


def shared_for_notice(work: Work, actor: Actor, panel_id: int) -> SharedView | None:
    """Return whether a panel's channel is shared now; None for a person who no longer answers for the panel."""
    panel = work.session.get_one(Panel, panel_id)
    told = {id_of(one) for one in (*presiding(work, panel_id), *members(work, panel_id, {Role.COORDINATOR}))}
    if panel.channel_id is None or actor.person_id not in told:
        return None
    return SharedView(panel.title, panel.channel_id, is_shared(work, panel.channel_id))
