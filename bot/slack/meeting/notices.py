"""Telling people about meetings: that one moved, is open, what the diary asks of them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.domain.permissions import Actor
from bot.models.vocabulary import MeetingState, Notice, PromptKind
from bot.services.diary.panels import diary_for_notice, meeting_for_notice
from bot.services.diary.prompts import compose_prompt
from bot.services.invitations.asking import question_for_notice
from bot.services.leaving.notices import compose_end
from bot.services.meeting.opening import room_for_notice
from bot.slack.diary import views
from bot.slack.invitations import views as invitations_views
from bot.slack.meeting import views as meeting_views
from bot.slack.outgoing import Outgoing, Post, Renderer, for_person, to_them
from bot.store.unit_of_work import Work


@for_person
def notice(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """A meeting moved, or will not be; dropped when that is no longer so, since what came after has its own message."""
    kind = Notice(payload["notice"])
    meeting, reason = meeting_for_notice(work, actor, payload["meeting_id"])
    if (meeting.state is MeetingState.CANCELLED) != (kind is Notice.CANCELLED):
        return None
    text, blocks = views.notice(meeting, kind, reason)
    # Another venue asks nobody anew: the message that did has its buttons, and says the new venue.
    asks = None if kind is Notice.ELSEWHERE else question_for_notice(work, actor, payload["meeting_id"])
    return to_them(actor, text, (*blocks, *invitations_views.under_notice(asks, payload["meeting_id"])))


@for_person
def diary_notice(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Several meetings of a panel changed at once."""
    found = diary_for_notice(work, actor, payload["panel_id"], payload["changes"], payload["series_id"])
    return None if found is None else to_them(actor, *views.diary_notice(found))


@for_person
def panel_ended(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """A panel is no more; dropped when it is back."""
    found = compose_end(work, actor, payload["panel_id"], payload["flags"], payload["meetings"])
    return None if found is None else to_them(actor, *views.ended(found))


@for_person
def prompt(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """What the diary asks of somebody; dropped when it no longer holds."""
    deadline_on = date.fromisoformat(payload["deadline_on"])
    found = compose_prompt(work, actor, payload["meeting_id"], PromptKind(payload["prompt"]), deadline_on)
    return None if found is None else to_them(actor, *views.prompt(found))


def opened(work: Work, payload: Mapping[str, Any]) -> Outgoing | None:
    """A meeting is open, in its panel's channel; dropped when it is over."""
    room = room_for_notice(work, payload["meeting_id"])
    return None if room is None else Outgoing(Post(payload["channel_id"], *meeting_views.opening(room)))


RENDERERS: dict[str, Renderer] = {
    "meeting_notice": notice,
    "diary_notice": diary_notice,
    "panel_ended": panel_ended,
    "prompt": prompt,
    "meeting_opened": opened,
}
