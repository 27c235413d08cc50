"""Buttons and forms of an invitation: one click answers it."""

from bot.models.vocabulary import Reply as Answer
from bot.records.access.queries import Where
from bot.services.invitations import answering, replies
from bot.services.rescheduling import meetings
from bot.slack.registry import Noun
from bot.slack.reply import Reply
from bot.slack.request import Request
from bot.slack.views import diary as show_diary
from bot.slack.views import invitations as show
from bot.slack.views.notice import notice


def _asked(request: Request) -> tuple[int, int]:
    """The meeting and the time that a button carries."""
    meeting_id, _, at = request.value.partition(":")
    return int(meeting_id), int(at)


def _coming(request: Request) -> Reply:
    found = answering.reply_to(request.work, request.actor, *_asked(request), Answer.COMING)
    if request.is_from("modal"):
        return Reply(next_view=notice(show.answered(found), title="Done"))
    text, blocks = show.invitation(found.invitation)
    return Reply(text=text, blocks=blocks, replaces=True)


def _change(request: Request) -> Reply:
    view = answering.invitation_of(request.work, request.actor, *_asked(request))
    if request.is_from("home"):
        return Reply(modal=show.changing_form(view))
    text, blocks = show.changing(view)
    return Reply(text=text, blocks=blocks, replaces=True)


def _leave(request: Request) -> Reply:
    text, blocks = show.invitation(answering.invitation_of(request.work, request.actor, *_asked(request)))
    return Reply(text=text, blocks=blocks, replaces=True)


def _deputy(request: Request) -> Reply:
    meeting_id, at = _asked(request)
    form = answering.deputy_form(request.work, request.actor, meeting_id, at)
    return request.shown(show.deputy_form(form, {"meeting": meeting_id, "at": at}))


def _deputy_named(request: Request) -> Reply:
    found = answering.reply_to(
        request.work,
        request.actor,
        request.metadata["meeting"],
        request.metadata["at"],
        Answer.DEPUTY,
        deputy=request.field("deputy"),
    )
    return Reply(text=show.answered(found))


def _apologies(request: Request) -> Reply:
    meeting_id, at = _asked(request)
    view, before = answering.apologies_form(request.work, request.actor, meeting_id, at)
    return request.shown(show.apologies_form(view, before, {"meeting": meeting_id, "at": at}))


def _apologies_sent(request: Request) -> Reply:
    found = answering.reply_to(
        request.work,
        request.actor,
        request.metadata["meeting"],
        request.metadata["at"],
        Answer.APOLOGIES,
        information=request.field("information"),
    )
    return Reply(text=show.answered(found))


def _replies(request: Request) -> Reply:
    view = replies.show_replies(request.work, request.actor, Where(), int(request.value))
    return Reply(modal=show.replies(view))


def _remind(request: Request) -> Reply:
    return Reply(next_view=show.replies(replies.remind(request.work, request.actor, int(request.value))))


def _move(request: Request) -> Reply:
    view = replies.show_replies(request.work, request.actor, Where(), int(request.value))
    where = Where(panel_key=view.panel_key)
    found = meetings.meetings_to_change(request.work, request.actor, where)
    this_first = sorted(found, key=lambda one: one.id != view.meeting_id)
    metadata = {"panel": view.panel_key}
    return Reply(modal=show_diary.move_form(this_first, panel_title=view.panel_title, metadata=metadata))


NOUN = Noun(
    clicks={
        "invitation.coming": _coming,
        "invitation.change": _change,
        "invitation.leave": _leave,
        "invitation.deputy": _deputy,
        "invitation.apologies": _apologies,
        "invitation.replies": _replies,
        "invitation.remind": _remind,
        "invitation.move": _move,
    },
    submissions={"invitation.deputy": _deputy_named, "invitation.apologies": _apologies_sent},
    reads=frozenset({"invitation.replies"}),
)
