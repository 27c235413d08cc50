"""Telling people about declared interests: that one was noted for them, and who needs another holder now."""

from collections.abc import Mapping
from typing import Any

from bot.domain.permissions import Actor
from bot.services.cases.interests import held_for_notice, interest_for_notice
from bot.slack.effects.addressee import for_person, to_them
from bot.slack.outgoing import Outgoing, Renderer
from bot.slack.views import interests as show
from bot.store.audit import Entry
from bot.store.unit_of_work import Work


@for_person
def noted(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
    """Somebody else declared an interest for them; dropped once it was taken back."""
    return _notice(work, actor, payload, withdrawn=False)


@for_person
def withdrawn(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
    """Somebody else took their interest back."""
    return _notice(work, actor, payload, withdrawn=True)


def _notice(work: Work, actor: Actor, payload: Mapping[str, Any], *, withdrawn: bool) -> Outgoing:
    found = interest_for_notice(work, actor, payload["recusal_id"], payload["panel_id"], withdrawn=withdrawn)
    return to_them(actor, show.noted(found))


@for_person
def holds(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """A holder stepped back from a case; dropped when all their actions on it found another holder."""
    found = held_for_notice(work, actor, payload["recusal_id"], payload["panel_id"])
    if not found.held:
        return None
    entries = (Entry("send", "action", one.id, one.panel_id, actor.person_id) for one in found.held)
    return to_them(actor, show.needs_holder(found), (), *entries)


RENDERERS: dict[str, Renderer] = {"interest_noted": noted, "interest_withdrawn": withdrawn, "interest_holds": holds}
