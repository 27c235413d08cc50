"""Telling people about actions: that one is theirs, that more time is asked for, what the chair said."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col

from bot.domain.permissions import Actor, Verb
from bot.models.actions import Action, ActionEvent
from bot.models.people import Person
from bot.slack.outgoing import Outgoing, PostToPerson, Renderer
from bot.slack.views import actions as show
from bot.slack.views.days import day
from bot.store.access import actor_of, require
from bot.store.audit import Entry
from bot.store.tracker import ActionView, opened_or_erased, view_actions
from bot.store.unit_of_work import Work


def _addressee(work: Work, payload: Mapping[str, Any], verb: Verb) -> tuple[Actor, ActionView] | None:
    """Who is told and what they may see of it now; None once it is no longer for them."""
    actor = actor_of(work, payload["person_id"])
    if actor is None:
        return None
    found = view_actions(work, actor.person_id, col(Action.id) == payload["action_id"])
    if not found:
        return None
    require(work, actor, found[0].panel_id, verb)
    return actor, found[0]


def _told(actor: Actor, action: ActionView, text: str, blocks: tuple[dict[str, Any], ...] = ()) -> Outgoing:
    entry = Entry("send", "action", action.id, action.panel_id, actor.person_id)
    return Outgoing(PostToPerson(actor.user_id, text, blocks), (entry,))


def given(work: Work, payload: Mapping[str, Any]) -> Outgoing | None:
    """An action is somebody's; dropped when it has moved on since."""
    found = _addressee(work, payload, Verb.SEE_ACTIONS)
    if found is None or found[1].holder_id != found[0].person_id:
        return None
    actor, action = found
    return _told(actor, action, *show.given(action))


def extension_asked(work: Work, payload: Mapping[str, Any]) -> Outgoing | None:
    """A chair is asked for more time."""
    found = _addressee(work, payload, Verb.CONFIRM_ACTIONS)
    event = work.session.get(ActionEvent, payload["event_id"])
    if found is None or event is None or event.due_on is None:
        return None
    actor, action = found
    asker = work.session.get(Person, event.person_id)
    reason = opened_or_erased(work, event.reason) if event.reason else ""
    name = asker.name if asker else "Somebody"
    text, blocks = show.extension_asked(action, payload["event_id"], name, day(event.due_on), reason)
    return _told(actor, action, text, blocks)


def extension_answered(work: Work, payload: Mapping[str, Any]) -> Outgoing | None:
    """A holder hears what the chair said."""
    found = _addressee(work, payload, Verb.SEE_ACTIONS)
    event = work.session.get(ActionEvent, payload["event_id"])
    if found is None or event is None or event.due_on is None:
        return None
    actor, action = found
    text = show.extension_answered(action, day(event.due_on), granted=action.due_on == event.due_on)
    return _told(actor, action, text)


RENDERERS: dict[str, Renderer] = {
    "action_given": given,
    "extension_asked": extension_asked,
    "extension_answered": extension_answered,
}
