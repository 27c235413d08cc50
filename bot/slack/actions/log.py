"""`/action tracker`: send the action log of a panel, an agency, a member or oneself as a spreadsheet."""

import re

from bot.domain.language.day_words import without_period
from bot.domain.permissions import Verb as May
from bot.errors import UnknownAgency
from bot.services.actions import action_log
from bot.slack.actions import views
from bot.slack.blocks import escape
from bot.slack.request import Reply, Request, take_panel, unread
from bot.slack.typed import plain, take_mention


def send_log(request: Request) -> Reply:
    """Send the action log of the panel, an agency or a member, or the person's own actions on all their panels."""
    user_id, text = take_mention(request.text)
    where, text = take_panel(request, text, May.SEE_ACTIONS)
    whose = plain(_OF_WHICH.sub("", text.rstrip(" ,;")))
    whose, since = without_period(whose)
    whose = action_log.MINE if _MY_OWN.fullmatch(whose) else whose
    try:
        found = request.do(action_log.export_log, where, whose, request_key=request.key[:32], user_id=user_id)
    except UnknownAgency as unknown:
        raise unread(whose, str(unknown)) from None  # perhaps a panel's key
    said = f" It has all actions: I ignored \u201c{escape(since)}\u201d." if since else ""
    return Reply(text=views.log_sent(found) + said)


_OF_WHICH = re.compile(
    r"^(?:(?:as|in)\s+)?(?:an?\s+)?(?:excel|spreadsheet|xlsx)(?:\s+file)?\b\s*"
    r"|^(?:(?:for|of|the|all|every|our|open|panel's|panel)\s+)*(?:everything|everyone|everybody|all|actions?|panel)\b[\s.]*$"
    r"|^(?:(?:for|of)\s+)?(?:the\s+)?|\s+(?:for|of|on)$",
    re.IGNORECASE,
)
_MY_OWN = re.compile(r"mine|me|my own|my actions", re.IGNORECASE)
