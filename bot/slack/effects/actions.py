"""Telling people about actions: that one is theirs, that more time is asked for, what the chair said."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import col

from bot.domain.permissions import Actor, Verb
from bot.models.actions import Action, ActionEvent
from bot.models.people import Person
from bot.services.chasing import compose_digest
from bot.services.meetings import actions_of_meeting
from bot.slack.effects.addressee import for_person, to_them
from bot.slack.outgoing import Outgoing, Renderer
from bot.slack.reply import Block
from bot.slack.views import actions as show
from bot.slack.views.days import day
from bot.store.access import require
from bot.store.audit import Entry
from bot.store.tracker import ActionView, opened_or_erased, view_actions
from bot.store.unit_of_work import Work


def _still_theirs(work: Work, actor: Actor, payload: Mapping[str, Any], verb: Verb) -> ActionView | None:
    """The action as the addressee may see it now; None when it is kept from them. Raises NotForYou."""
    found = view_actions(work, actor.person_id, col(Action.id) == payload["action_id"])
    if not found:
        return None
    require(work, actor, found[0].panel_id, verb)
    return found[0]


def _told(actor: Actor, action: ActionView, text: str, blocks: tuple[Block, ...] = ()) -> Outgoing:
    return to_them(actor, text, blocks, Entry("send", "action", action.id, action.panel_id, actor.person_id))


@for_person
def given(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """An action is somebody's; dropped when it has moved on since."""
    action = _still_theirs(work, actor, payload, Verb.SEE_ACTIONS)
    if action is None or action.holder_id != actor.person_id:
        return None
    return _told(actor, action, *show.given(action))


@for_person
def extension_asked(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """A chair is asked for more time."""
    action = _still_theirs(work, actor, payload, Verb.CONFIRM_ACTIONS)
    event = work.session.get(ActionEvent, payload["event_id"])
    if action is None or event is None or event.due_on is None:
        return None
    asker = work.session.get(Person, event.person_id)
    reason = opened_or_erased(work, event.reason) if event.reason else ""
    name = asker.name if asker else "Somebody"
    return _told(actor, action, *show.extension_asked(action, payload["event_id"], name, day(event.due_on), reason))


@for_person
def extension_answered(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """A holder hears what the chair said."""
    action = _still_theirs(work, actor, payload, Verb.SEE_ACTIONS)
    event = work.session.get(ActionEvent, payload["event_id"])
    if action is None or event is None or event.due_on is None:
        return None
    granted = action.due_on == event.due_on
    return _told(actor, action, show.extension_answered(action, day(event.due_on), granted=granted))


@for_person
def digest(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """One day's reminders; dropped when all was done meanwhile."""
    found = compose_digest(work, actor, date.fromisoformat(payload["on"]))
    if not found.lines:
        return None
    entries = (Entry("send", "action", one.action.id, one.action.panel_id, actor.person_id) for one in found.lines)
    return to_them(actor, *show.digest(found), *entries)


@for_person
def of_meeting(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """After a meeting: what one holder was given there."""
    title, actions = actions_of_meeting(work, actor, payload["meeting_id"])
    if not actions:
        return None
    entries = (Entry("send", "action", action.id, action.panel_id, actor.person_id) for action in actions)
    return to_them(actor, *show.given_at_meeting(title, actions), *entries)


RENDERERS: dict[str, Renderer] = {
    "action_given": given,
    "extension_asked": extension_asked,
    "extension_answered": extension_answered,
    "digest": digest,
    "meeting_actions": of_meeting,
}
