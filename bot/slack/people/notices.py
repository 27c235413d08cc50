"""Telling people what they were handed, for whom they stand in, and what Slack says of accounts."""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.domain.permissions import Actor
from bot.services.leaving import departure, notices
from bot.services.people import deputies
from bot.slack.outgoing import Outgoing, Renderer, for_person, to_them
from bot.slack.people import views
from bot.store.audit import Entry
from bot.store.requests import first_answer, remember_answer
from bot.store.unit_of_work import Work


@for_person
def handed_over(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """All that somebody was handed by one colleague; dropped when it has moved on since."""
    found = notices.inheritance_for_notice(work, actor, payload)
    if found is None:
        return None
    entries = (Entry("send", "action", action.id, action.panel_id, actor.person_id) for action in found.actions)
    return to_them(actor, *views.inherited(found), *entries)


@for_person
def deputy_named(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Somebody stands in; dropped once it is no longer so."""
    found = deputies.deputyship_for_notice(work, actor, payload["places"])
    if found is None:
        return None
    is_deputy = any(place.person_id == actor.person_id for place in found.places)
    return to_them(actor, *views.deputy_named(found, is_deputy=is_deputy))


@for_person
def person_left(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """A co-ordinator hears that an account was switched off, and what went where."""
    found = departure.left_for_notice(work, actor, payload)
    return None if found is None else to_them(actor, *views.account_off(found))


@for_person
def account_back(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """A co-ordinator hears that it is on again."""
    name = departure.back_for_notice(work, actor, payload["left_id"])
    return None if name is None else to_them(actor, *views.account_on(name))


def on_user_change(work: Work, team_id: str, user_id: str, body: Mapping[str, Any]) -> None:
    """Slack says that somebody's account changed: of interest is only whether it is switched off.

    Slack says so of everybody in the workspace and of every status, and says it again when it heard no answer; what
    an event did is remembered by its number, so that a late repetition undoes nothing.
    """
    if team_id != body["team_id"]:
        return  # somebody of another workspace: their own Slack is not ours to believe
    key = hashlib.sha256(f"event:{body['event_id']}".encode()).hexdigest()
    if first_answer(work, key) is not None:
        return
    if body["event"]["user"].get("deleted"):
        concerns = departure.account_switched_off(work, team_id, user_id)
    else:
        concerns = departure.account_switched_on(work, team_id, user_id)
    if concerns:
        remember_answer(work, key, {})


RENDERERS: dict[str, Renderer] = {
    "handed_over": handed_over,
    "deputy_named": deputy_named,
    "person_left": person_left,
    "account_back": account_back,
}
