"""Telling people which returns their agency still owes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.domain.permissions import Actor
from bot.services.agenda.return_prompts import compose_prompt
from bot.slack.effects.addressee import for_person, to_them
from bot.slack.outgoing import Outgoing, Renderer
from bot.slack.views import returns as show
from bot.store.unit_of_work import Work


@for_person
def prompt(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """At the deadline; dropped when all was answered meanwhile or the meeting moved."""
    found = compose_prompt(work, actor, payload["meeting_id"], date.fromisoformat(payload["due_on"]))
    return None if found is None else to_them(actor, *show.prompt(found))


RENDERERS: dict[str, Renderer] = {"returns_prompt": prompt}
