"""Invitations: one click answers; who is coming, and the office's reminders."""

import re

from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.models.vocabulary import Reply as Answer
from bot.records.access.queries import Where
from bot.services.diary import calendars
from bot.services.invitations import answering, replies
from bot.services.rescheduling import meetings
from bot.slack.blocks import notice
from bot.slack.diary import views
from bot.slack.invitations import views as invitations_views
from bot.slack.registry import Noun, Verb
from bot.slack.request import Reply, Request, plain, take_mention, take_panel, the_panel
from bot.slack.rescheduling import views as rescheduling_views


def _asked(request: Request) -> tuple[int, int]:
    """The meeting and the time that a button carries."""
    meeting_id, _, at = request.value.partition(":")
    return int(meeting_id), int(at)


def _coming(request: Request) -> Reply:
    found = answering.reply_to(request.work, request.actor, *_asked(request), Answer.COMING)
    if request.is_from("modal"):
        return Reply(next_view=notice(invitations_views.answered(found), title="Done"))
    text, blocks = invitations_views.invitation(found.invitation)
    return Reply(text=text, blocks=blocks, replaces=True)


def _change(request: Request) -> Reply:
    view = answering.invitation_of(request.work, request.actor, *_asked(request))
    if request.is_from("home"):
        return Reply(modal=invitations_views.changing_form(view))
    text, blocks = invitations_views.changing(view)
    return Reply(text=text, blocks=blocks, replaces=True)


def _leave(request: Request) -> Reply:
    text, blocks = invitations_views.invitation(answering.invitation_of(request.work, request.actor, *_asked(request)))
    return Reply(text=text, blocks=blocks, replaces=True)


def _deputy(request: Request) -> Reply:
    meeting_id, at = _asked(request)
    form = answering.deputy_form(request.work, request.actor, meeting_id, at)
    return request.shown(invitations_views.deputy_form(form, {"meeting": meeting_id, "at": at}))


def _deputy_named(request: Request) -> Reply:
    found = answering.reply_to(
        request.work,
        request.actor,
        request.metadata["meeting"],
        request.metadata["at"],
        Answer.DEPUTY,
        deputy=request.field("deputy"),
    )
    return Reply(text=invitations_views.answered(found))


def _apologies(request: Request) -> Reply:
    meeting_id, at = _asked(request)
    view, before = answering.apologies_form(request.work, request.actor, meeting_id, at)
    return request.shown(invitations_views.apologies_form(view, before, {"meeting": meeting_id, "at": at}))


def _apologies_sent(request: Request) -> Reply:
    found = answering.reply_to(
        request.work,
        request.actor,
        request.metadata["meeting"],
        request.metadata["at"],
        Answer.APOLOGIES,
        information=request.field("information"),
    )
    return Reply(text=invitations_views.answered(found))


def _clicked_replies(request: Request) -> Reply:
    view = replies.show_replies(request.work, request.actor, Where(), request.number())
    return Reply(modal=invitations_views.replies(view))


def _remind(request: Request) -> Reply:
    return Reply(next_view=invitations_views.replies(replies.remind(request.work, request.actor, request.number())))


def _move(request: Request) -> Reply:
    view = replies.show_replies(request.work, request.actor, Where(), request.number())
    where = Where(panel_key=view.panel_key)
    found = meetings.meetings_to_change(request.work, request.actor, where)
    this_first = sorted(found, key=lambda one: one.id != view.meeting_id)
    metadata = {"panel": view.panel_key}
    return Reply(modal=rescheduling_views.move_form(this_first, panel_title=view.panel_title, metadata=metadata))


NOUN = Noun(
    clicks={
        "invitation.coming": _coming,
        "invitation.change": _change,
        "invitation.leave": _leave,
        "invitation.deputy": _deputy,
        "invitation.apologies": _apologies,
        "invitation.replies": _clicked_replies,
        "invitation.remind": _remind,
        "invitation.move": _move,
    },
    submissions={"invitation.deputy": _deputy_named, "invitation.apologies": _apologies_sent},
    reads=frozenset({"invitation.replies"}),
)

_FOR = re.compile(r"\s+for\s+<@([UW][A-Z0-9]+)(?:\|[^>]*)?>\s*$", re.IGNORECASE)
_ANSWERS = {"coming": Answer.COMING, "deputy": Answer.DEPUTY, "apologies": Answer.APOLOGIES}


def _reply(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.SEE_DIARY)
    found = _FOR.search(text)
    whom, text = (found[1], text[: found.start()].strip()) if found else (None, text)
    if where.panel_key is None:
        where, text = take_panel(request, text, May.SEE_DIARY)
    word, _, rest = text.partition(" ")
    answer = _ANSWERS.get(word.lower())
    if answer is None or (answer is Answer.COMING and rest.strip()):
        raise Mistake(f"Coming, a deputy, or apologies? {_REPLY.how_to('/meeting')}")
    deputy = take_mention(rest)[0] if answer is Answer.DEPUTY else None
    if answer is Answer.DEPUTY and deputy is None:
        raise Mistake("Who comes instead? Type `/meeting reply deputy @name`.")
    answered = answering.reply_to_next(
        request.work,
        request.actor,
        where,
        answer,
        deputy=deputy,
        information=plain(rest) if answer is Answer.APOLOGIES else "",
        for_user=whom,
    )
    return Reply(text=invitations_views.answered(answered))


def _replies(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(modal=invitations_views.replies(replies.show_replies(request.work, request.actor, where)))


def _calendar(request: Request) -> Reply:
    feed = calendars.feed_of(request.work, request.actor)
    if feed.can_subscribe:
        text, blocks = views.subscription(feed)
        return Reply(text=text, blocks=blocks)
    count = calendars.send_diary(request.work, request.actor, request_key=request.key[:32])
    return Reply(text=views.diary_file(count, can_subscribe=False))


_REPLY = Verb("reply", "coming, deputy @name, or apologies [WORDS] [for @name]", "say who comes", "coming", _reply)
BEFORE_VERBS = (
    _REPLY,
    Verb("replies", "[panel]", "who is coming, and whether it will be quorate", "", _replies, reads=True),
    Verb("calendar", "", "your panels' meetings in your own calendar", "", _calendar),
)
