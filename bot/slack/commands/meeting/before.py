"""`/meeting reply`, `replies`, `calendar`: before it is held, who comes and when it is."""

import re

from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.models.vocabulary import Reply as Answer
from bot.services.diary import calendars
from bot.services.invitations import answering, replies
from bot.slack.diary import views
from bot.slack.parsing import plain, take_mention, take_panel, the_panel
from bot.slack.registry import Verb
from bot.slack.reply import Reply
from bot.slack.request import Request
from bot.slack.views import invitations as show_invitations

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
    return Reply(text=show_invitations.answered(answered))


def _replies(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(modal=show_invitations.replies(replies.show_replies(request.work, request.actor, where)))


def _calendar(request: Request) -> Reply:
    feed = calendars.feed_of(request.work, request.actor)
    if feed.can_subscribe:
        text, blocks = views.subscription(feed)
        return Reply(text=text, blocks=blocks)
    count = calendars.send_diary(request.work, request.actor, request_key=request.key[:32])
    return Reply(text=views.diary_file(count, can_subscribe=False))


_REPLY = Verb("reply", "coming, deputy @name, or apologies [WORDS] [for @name]", "say who comes", "coming", _reply)
VERBS = (
    _REPLY,
    Verb("replies", "[panel]", "who is coming, and whether it will be quorate", "", _replies, reads=True),
    Verb("calendar", "", "your panels' meetings in your own calendar", "", _calendar),
)
