"""Inviting people, telling them what their answers brought about, and handing over calendar files."""

from collections.abc import Mapping
from typing import Any

from bot.domain.permissions import Actor
from bot.models.vocabulary import Notice
from bot.records.rescheduling.changes import SentMessage, sent_message
from bot.services.diary.calendars import diary_document, meeting_document
from bot.services.invitations.answering import answer_for_message, standing_in
from bot.services.invitations.asking import Overtaken, compose_invitation, compose_warning, look_again
from bot.slack.invitations import views
from bot.slack.outgoing import Outgoing, Renderer, Rewrite, Upload, for_person, to_them
from bot.store.audit import Entry
from bot.store.unit_of_work import Work


@for_person
def invitation(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Who is asked to a meeting; dropped when it has moved or will not be."""
    view = compose_invitation(work, actor, payload["meeting_id"], payload["at"])
    return None if view is None else to_them(actor, *views.invitation(view, flags=payload["flags"]))


@for_person
def reminder(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """Asking once more; dropped when it was answered meanwhile."""
    view = compose_invitation(work, actor, payload["meeting_id"], payload["at"])
    return None if view is None or view.reply is not None else to_them(actor, *views.invitation(view, again=True))


@for_person
def quorum(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """A meeting may not be quorate; dropped once it certainly is."""
    found = compose_warning(work, actor, payload["meeting_id"], payload["at"])
    return None if found is None else to_them(actor, *views.warning(found))


@for_person
def stand_in(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
    """Somebody comes instead of a colleague, or no longer does."""
    return to_them(actor, *views.stand_in(standing_in(work, actor, payload["meeting_id"])))


@for_person
def deputy_away(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """The deputy somebody named cannot come; dropped when they have answered otherwise since."""
    view = compose_invitation(work, actor, payload["meeting_id"], payload["at"])
    return None if view is None or view.reply is not None else to_them(actor, *views.deputy_away(view))


@for_person
def answered(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """The message that asked says what was answered."""
    view = answer_for_message(work, actor, payload["meeting_id"], payload["at"])
    # The lane's earlier message has been sent by now, so that it is known where it stands. Version 0.1 named the place
    # instead of the message; what it queued is dropped, since the message's buttons say the same when they are clicked.
    sent = sent_message(work, payload["message"]) if "message" in payload else None
    if view is None or sent is None:
        return None
    return Outgoing(Rewrite(sent.channel_id, sent.ts, *views.invitation(view)))


@for_person
def overtaken(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """An earlier message says what is so now of a meeting that changed; dropped once the meeting is over."""
    sent = sent_message(work, payload["message"])
    found = look_again(work, actor, sent.meeting_id, sent.at) if sent is not None else None
    if sent is None or found is None:
        return None
    said = views.overtaken(found) or _as_it_is(work, actor, sent, found)
    return Outgoing(Rewrite(sent.channel_id, sent.ts, *said))


def _as_it_is(work: Work, actor: Actor, sent: SentMessage, found: Overtaken) -> views.Said:
    """The message of its kind about a meeting that is still, or again, at its time: elsewhere, or put back."""
    view = found.invitation
    if sent.kind == "stand_in":
        return views.stand_in(standing_in(work, actor, found.meeting_id))
    if sent.kind == "quorum":
        warned = compose_warning(work, actor, found.meeting_id, sent.at)
        return views.meets(found) if warned is None else views.warning(warned)
    asked_nothing = sent.kind == "meeting_notice" and not found.is_asked
    if view is None or asked_nothing or sent.notice in (Notice.CANCELLED, Notice.ELSEWHERE):
        return views.meets(found)
    again = sent.kind in ("reply_reminder", "deputy_away") and view.reply is None
    return views.invitation(view, flags=sent.says_flags_open, again=again)


@for_person
def answered_for_you(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
    """The chair or co-ordinator answered for somebody."""
    view = answer_for_message(work, actor, payload["meeting_id"], payload["at"])
    return None if view is None else to_them(actor, *views.answered_for(view))


@for_person
def calendar_file(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
    """One meeting, or all of somebody's, for their own calendar."""
    meeting_id = payload.get("meeting_id")
    file = diary_document(work, actor) if meeting_id is None else meeting_document(work, actor, meeting_id)
    entry = Entry("disclose", "calendar", meeting_id, actor_id=actor.person_id)
    return Outgoing(Upload(actor.team_id, actor.user_id, file.name, file.title, file.write), (entry,))


RENDERERS: dict[str, Renderer] = {
    "invitation": invitation,
    "reply_reminder": reminder,
    "quorum": quorum,
    "stand_in": stand_in,
    "deputy_away": deputy_away,
    "invitation_answered": answered,
    "answered_for_you": answered_for_you,
    "message_overtaken": overtaken,
    "calendar_file": calendar_file,
}
