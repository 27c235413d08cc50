"""Whoever is written to is looked up anew: who has left since is written to no more."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from bot.domain.permissions import Actor
from bot.records.access.queries import actor_of
from bot.slack.outgoing import Outgoing, PostToPerson, RenderOne
from bot.slack.reply import Block
from bot.store.audit import Entry
from bot.store.unit_of_work import Work


def for_person(render: Callable[[Work, Actor, Mapping[str, Any]], Outgoing | None]) -> RenderOne:
    """A renderer for the payload's `person_id`; nothing goes out once they or their agency left."""

    @wraps(render)
    def rendered(work: Work, payload: Mapping[str, Any]) -> Outgoing | None:
        actor = actor_of(work, payload["person_id"])
        return None if actor is None else render(work, actor, payload)

    return rendered


def to_them(actor: Actor, text: str, blocks: tuple[Block, ...] = (), *entries: Entry) -> Outgoing:
    """A direct message, with what the audit shall know of it."""
    return Outgoing(PostToPerson(actor.team_id, actor.user_id, text, blocks), entries)
