"""Telling people about actions: that one is theirs, that more time is asked for, what the chair said."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import col

from bot.domain.permissions import Actor, Verb
from bot.errors import NotForYou
from bot.models.actions import Action, ActionEvent
from bot.models.people import Person
from bot.records.access.queries import actor_of, require
from bot.records.actions.queries import ActionView, opened_or_erased, view_actions
from bot.services.actions.chasing import compose_digest
from bot.services.meeting.opening import actions_of_meeting
from bot.slack.actions import views
from bot.slack.actions.views import given as show_given
from bot.slack.blocks import day
from bot.slack.outgoing import Gathering, Outgoing, PostToPerson, Renderer, for_person, to_them
from bot.slack.request import Block
from bot.store.audit import Entry
from bot.store.unit_of_work import Work

MOST_TOGETHER = 20  # actions in one message: two blocks each, of fifty


def _still_theirs(work: Work, actor: Actor, payload: Mapping[str, Any], verb: Verb) -> ActionView | None:
    """The action as the addressee may see it now; None when it is kept from them. Raises NotForYou."""
    found = view_actions(work, actor.person_id, col(Action.id) == payload["action_id"])
    if not found:
        return None
    require(work, actor, found[0].panel_id, verb)
    return found[0]


def _told(actor: Actor, action: ActionView, text: str, blocks: tuple[Block, ...] = ()) -> Outgoing:
    return to_them(actor, text, blocks, Entry("send", "action", action.id, action.panel_id, actor.person_id))


def given(work: Work, payloads: Sequence[Mapping[str, Any]]) -> Outgoing | None:
    """Actions are somebody's, in one message; those that are kept from them or have moved on since are left out."""
    actor = actor_of(work, payloads[0]["person_id"])
    if actor is None:
        return None
    numbers = [payload["action_id"] for payload in payloads]
    theirs = col(Action.id).in_(set(numbers)), col(Action.holder_id) == actor.person_id
    found = _where_they_may(work, actor, view_actions(work, actor.person_id, *theirs), Verb.SEE_ACTIONS)
    if not found:
        return None
    text, blocks, shown = show_given(found)
    told = {action.id for action in found[:shown]}
    waiting = {action.id for action in found[shown:]}
    return Outgoing(
        PostToPerson(actor.team_id, actor.user_id, text, blocks),
        tuple(Entry("send", "action", one.id, one.panel_id, actor.person_id) for one in found[:shown]),
        dropped=tuple(at for at, number in enumerate(numbers) if number not in told | waiting),
        waiting=tuple(at for at, number in enumerate(numbers) if number in waiting),
    )


def _where_they_may(work: Work, actor: Actor, actions: Sequence[ActionView], verb: Verb) -> list[ActionView]:
    """Those on panels where the addressee may still do this."""
    allowed: dict[int, bool] = {}
    for panel_id in {action.panel_id for action in actions}:
        try:
            require(work, actor, panel_id, verb)
        except NotForYou:
            allowed[panel_id] = False
        else:
            allowed[panel_id] = True
    return [action for action in actions if allowed[action.panel_id]]


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
    return _told(actor, action, *views.extension_asked(action, payload["event_id"], name, day(event.due_on), reason))


@for_person
def extension_answered(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """A holder hears what the chair said."""
    action = _still_theirs(work, actor, payload, Verb.SEE_ACTIONS)
    event = work.session.get(ActionEvent, payload["event_id"])
    if action is None or event is None or event.due_on is None:
        return None
    granted = action.due_on == event.due_on
    return _told(actor, action, views.extension_answered(action, day(event.due_on), granted=granted))


@for_person
def digest(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """One day's reminders; dropped when all was done meanwhile."""
    found = compose_digest(work, actor, date.fromisoformat(payload["on"]))
    if not found.lines:
        return None
    entries = (Entry("send", "action", one.action.id, one.action.panel_id, actor.person_id) for one in found.lines)
    return to_them(actor, *views.digest(found), *entries)


@for_person
def of_meeting(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """After a meeting: what one holder was given there."""
    title, actions = actions_of_meeting(work, actor, payload["meeting_id"])
    if not actions:
        return None
    entries = (Entry("send", "action", action.id, action.panel_id, actor.person_id) for action in actions)
    return to_them(actor, *views.given_at_meeting(title, actions), *entries)


RENDERERS: dict[str, Renderer] = {
    "action_given": Gathering(given, most=MOST_TOGETHER),
    "extension_asked": extension_asked,
    "extension_answered": extension_answered,
    "digest": digest,
    "meeting_actions": of_meeting,
}
