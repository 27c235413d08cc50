"""Sending the agenda, and telling people which returns their agency still owes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.documents.papers import File
from bot.domain.permissions import Actor
from bot.services.agenda.papers import agenda_document, tracker_document
from bot.services.agenda.return_prompts import asked_with_agenda, compose_prompt
from bot.services.agenda.triage import agenda_of_meeting, triaged_flag_for_notice
from bot.services.cases.casebook import closed_flag_for_notice
from bot.services.minutes.papers import minutes_document, minutes_for_notice
from bot.slack.agenda import returns_views
from bot.slack.agenda import views as agenda_views
from bot.slack.cases import views
from bot.slack.minutes import views as minutes_views
from bot.slack.outgoing import Outgoing, Renderer, Upload, for_person, to_them
from bot.slack.pages import LINES
from bot.store.audit import Entry
from bot.store.pages import Page
from bot.store.unit_of_work import Work


@for_person
def prompt(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """At the deadline; dropped when all was answered meanwhile or the meeting moved."""
    found = compose_prompt(work, actor, payload["meeting_id"], date.fromisoformat(payload["due_on"]))
    return None if found is None else to_them(actor, *returns_views.prompt(found))


RETURN_RENDERERS: dict[str, Renderer] = {"returns_prompt": prompt}


def _handed(actor: Actor, file: File, noun: str, noun_id: int) -> Outgoing:
    entry = Entry("disclose", noun, noun_id, actor_id=actor.person_id)
    return Outgoing(Upload(actor.team_id, actor.user_id, file.name, file.title, file.write), (entry,))


@for_person
def agenda_file(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
    """The agenda in Word."""
    meeting_id = payload["meeting_id"]
    return _handed(actor, agenda_document(work, actor, meeting_id), "agenda", meeting_id)


@for_person
def agenda_published(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
    """The agenda in chat, as this member may see it."""
    agenda = agenda_of_meeting(work, actor, payload["meeting_id"], Page(0, LINES))
    asked = asked_with_agenda(work, actor, agenda.meeting_id)
    return to_them(
        actor,
        *agenda_views.published(agenda, returns_views.asked(asked) if asked else ()),
        Entry("send", "agenda", agenda.meeting_id, actor_id=actor.person_id),
    )


@for_person
def flag_triaged(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
    """What the chair said of a flag."""
    flag, reason = triaged_flag_for_notice(work, actor, payload["flag_id"])
    entry = Entry("send", "case", flag.case_id, actor_id=actor.person_id)
    return to_them(actor, *views.triaged_notice(flag, reason), entry)


@for_person
def closed_flag(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
    """What somebody flagged of a closed item that is kept from them, to its named readers."""
    flag = closed_flag_for_notice(work, actor, payload["flag_id"])
    entry = Entry("send", "case", flag.case_id, actor_id=actor.person_id)
    return to_them(actor, *views.closed_notice(flag), entry)


@for_person
def minutes_file(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
    """The minutes in Word."""
    minutes_id = payload["minutes_id"]
    return _handed(actor, minutes_document(work, actor, minutes_id), "minutes", minutes_id)


@for_person
def minutes_approved(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
    """That minutes are approved and where to get them."""
    return to_them(actor, minutes_views.told(minutes_for_notice(work, actor, payload["minutes_id"])))


@for_person
def tracker_file(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
    """The action tracker in Excel."""
    panel_id = payload["panel_id"]
    return _handed(actor, tracker_document(work, actor, panel_id), "tracker", panel_id)


RENDERERS: dict[str, Renderer] = {
    "agenda_file": agenda_file,
    "agenda_published": agenda_published,
    "flag_triaged": flag_triaged,
    "closed_flag": closed_flag,
    "minutes_file": minutes_file,
    "minutes_approved": minutes_approved,
    "tracker_file": tracker_file,
}
