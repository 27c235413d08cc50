"""Invitations: answered by one click, with lists of who is coming and the office's reminders."""

import re
from functools import partial

from bot.domain.language.day_words import MONTH_OF, WEEKDAY_OF, any_of
from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.models.vocabulary import Reply as Answer
from bot.records.access.queries import Where
from bot.services.invitations import answering, replies
from bot.services.rescheduling import meetings
from bot.slack.blocks import notice
from bot.slack.invitations import views as invitations_views
from bot.slack.naming import ANYWHERE, with_mentions
from bot.slack.registry import Noun, Verb
from bot.slack.request import LATEST, Reply, Request, TypedAgain, for_number, for_panel, offering, take_panel, unread
from bot.slack.rescheduling import views as rescheduling_views
from bot.slack.typed import plain, take_mention


def _coming(request: Request) -> Reply:
    found = request.do(answering.reply_to, *request.two_numbers(), Answer.COMING)
    if request.is_from("modal"):
        return Reply(next_view=notice(invitations_views.answered(found), title="Done"))
    return request.shown(invitations_views.invitation(found.invitation), replaces=True)


def _change(request: Request) -> Reply:
    view = request.do(answering.invitation_of, *request.two_numbers())
    if request.is_from("home"):
        return Reply(modal=invitations_views.changing_form(view))
    return request.shown(invitations_views.changing(view), replaces=True)


def _leave(request: Request) -> Reply:
    view = request.do(answering.invitation_of, *request.two_numbers())
    return request.shown(invitations_views.invitation(view), replaces=True)


def _deputy(request: Request) -> Reply:
    return request.shown(invitations_views.deputy_form(request.do(answering.deputy_form, *request.two_numbers())))


def _apologies(request: Request) -> Reply:
    view, before = request.do(answering.apologies_form, *request.two_numbers())
    return request.shown(invitations_views.apologies_form(view, before))


def _answered(request: Request, answer: Answer) -> Reply:
    """Record what was put into the form of an answer, which has only one of the two fields."""
    found = request.do(
        answering.reply_to,
        request.metadata.number("meeting"),
        request.metadata.number("at", most=LATEST),
        answer,
        deputy=request.field("deputy"),
        information=request.field("information"),
    )
    return Reply(text=invitations_views.answered(found))


def _clicked_replies(request: Request) -> Reply:
    return Reply(modal=invitations_views.replies(request.do(replies.show_replies, Where(), request.number())))


def _move(request: Request) -> Reply:
    view = request.do(replies.show_replies, Where(), request.number())
    found = request.do(meetings.meetings_to_change, Where(panel_key=view.panel_key))
    this_first = sorted(found, key=lambda one: one.id != view.meeting_id)
    return Reply(modal=rescheduling_views.move_form(this_first, view.panel_title, {"panel": view.panel_key}))


NOUN = Noun(
    clicks={
        "invitation.coming": _coming,
        "invitation.change": _change,
        "invitation.leave": _leave,
        "invitation.deputy": _deputy,
        "invitation.apologies": _apologies,
        "invitation.replies": _clicked_replies,
        "invitation.remind": for_number(replies.remind, invitations_views.replies),
        "invitation.move": _move,
    },
    submissions={
        "invitation.deputy": partial(_answered, answer=Answer.DEPUTY),
        "invitation.apologies": partial(_answered, answer=Answer.APOLOGIES),
    },
    reads=frozenset({"invitation.replies"}),
)

_FOR = re.compile(r"[\s,]+(?:for|from|on behalf of)\s+<@([UW][A-Z0-9]+)(?:\|[^>]*)?>", re.IGNORECASE)
_COMES = (
    r"(?:coming|attending|yes|in|present|(?:i.?m|i am) (?:coming|attending)"
    r"|(?:i.?ll|i will|will) (?:be there|come|attend))"
)
#: How people answer, by the answer; what follows is information for the chair.
_ANSWERS = {
    Answer.COMING: re.compile(rf"{_COMES}(?:[\s,.!]+{_COMES})*[\s.!]*", re.IGNORECASE),
    Answer.DEPUTY: re.compile(
        r"(?:a |my )?(?:deputy|sending)\b(?: a deputy\b| my deputy\b)?[\s,:.\u2013-]*(?P<rest>.*)", re.IGNORECASE
    ),
    Answer.APOLOGIES: re.compile(
        r"(?:my )?(?:apologies|apology|sorry|no|not coming|unable to (?:attend|come)"
        r"|(?:i )?(?:can.?t|cannot) (?:make it|come|attend))\b[\s,:.;\u2013-]*(?P<rest>.*)",
        re.IGNORECASE,
    ),
}


#: A person at the start, with what they do: "@sam sends apologies".
_DOES = re.compile(
    r"(?P<who><@[UW][A-Z0-9]+(?:\|[^>]*)?>|[^\W\d][\w'\u2019.-]*(?:\s+[^\W\d][\w'\u2019-]*)?)\s*[,:]?\s+"
    r"(?:(?:has |have |is |will be )?(?:sen[dt]s?|sending|gives?|giving|given)\s+(?:h(?:is|er)\s+|their\s+)?(?=apolog)"
    r"|(?:is|will be|has|will|wants to)\s+(?=coming|attending|there|attend|come|unable|not coming)"
    r"|(?=can.?t |cannot ))",
    re.IGNORECASE,
)
_SORRY = re.compile(r"(?:apologies|apology|sorry)\b[\s,:.;\u2013-]*(?=\S)", re.IGNORECASE)
#: Another person, if nobody here is called so: "apologies from Bob".
_FROM = re.compile(
    r"^(?i:apologies|apology|sorry)[\s,:.;\u2013-]+(?:(?i:from|on behalf of)\s+(?P<who>(?!<@)[\w'\u2019-]+)"
    rf"|(?i:for)\s+(?P<name>(?!(?i:{any_of((*WEEKDAY_OF, *MONTH_OF))})\b)[A-Z][a-z'\u2019-]+))"
)
_ONESELF = frozenset(
    "i we me my mine myself us our all this that it he she a an the sorry apologies".split()  # noqa: SIM905 - words
)


def _about_first(request: Request, text: str) -> str:
    """Return an answer with the person it is about at its end: "apologies for @sam" of "Sam sends apologies".

    Raises Mistake for a name that is nobody's here, and offers both answers where the one who is away may be named.
    """
    lead = _SORRY.match(text)
    found = _DOES.match(text, lead.end() if lead else 0)
    if found is None and (other := _FROM.search(text)) and _who(other).lower() not in _ONESELF:
        with offering("/meeting reply apologies"):
            raise Mistake(f"I don't know who “{_who(other)}” is. Choose their name from the list that @ opens.")
    if found is None or found["who"].lower().split()[0] in _ONESELF:
        return text
    who = with_mentions(request, "/meeting reply", found["who"], after=ANYWHERE)
    said = text[found.end() :]
    if not _MENTION.fullmatch(who):
        own = f"/meeting reply {text}" if lead else "/meeting reply apologies"
        with offering(own.replace(found["who"], f"\u2013 {found['who']}", 1) if lead else own):
            raise Mistake(f"I don't know who “{found['who']}” is. Choose their name from the list that @ opens.")
    return f"{lead[0] if lead and not _SORRY.match(said + ' x') else ''}{said} for {who}"


def _who(found: re.Match[str]) -> str:
    return found["who"] or found["name"]


_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
#: Two people whose answer is the same.
_SEVERAL = re.compile(
    rf"(?<!deputy)(?<!sending)(?:\s+(?:for|from|on behalf of))?\s+{_MENTION.pattern}"
    rf"(?:\s*(?:,|/|\+|&amp;|&|\band\b)\s*(?:and\s+)?{_MENTION.pattern})+",
    re.IGNORECASE,
)


def _reply(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.SEE_DIARY)
    text = _about_first(request, text)
    if several := _SEVERAL.search(text):
        before, after = text[: several.start()], text[several.end() :]
        lines = [f"/meeting reply {before} for {one}{after}" for one in _MENTION.findall(several[0])]
        raise TypedAgain("One person at a time. Say the same for each?", [("Each of them", "\n".join(lines))])
    found = _FOR.search(text)
    member, text = (found[1], f"{text[: found.start()]}{text[found.end() :]}".strip()) if found else (None, text)
    if where.panel_key is None:
        where, text = take_panel(request, text, May.SEE_DIARY)
    matches = ((answer, shape.fullmatch(text)) for answer, shape in _ANSWERS.items())
    answer, said = next(((answer, said) for answer, said in matches if said), (None, None))
    if answer is None or said is None:
        with offering(*(f"/meeting reply {one}" for one in ("coming", "apologies"))):
            raise unread(text.partition(" ")[2], f"Coming, a deputy, or apologies? {_REPLY.how_to('/meeting')}")
    rest = said["rest"] if answer is not Answer.COMING else ""
    deputy = take_mention(rest)[0] if answer is Answer.DEPUTY else None
    if answer is Answer.APOLOGIES and member is None:
        member, rest = take_mention(rest)  # "apologies @sam, on leave"
    if answer is Answer.DEPUTY and deputy is None:
        raise Mistake("Who comes instead? Type `/meeting reply deputy @name`.")
    answered = request.do(
        answering.reply_to_next,
        where,
        answer,
        deputy=deputy,
        information=plain(rest) if answer is Answer.APOLOGIES else "",
        for_user=member,
    )
    return Reply(text=invitations_views.answered(answered))


_REPLY = Verb("reply", "coming, deputy @name, or apologies [WORDS] [for @name]", "say who comes", "coming", _reply)
BEFORE_VERBS = (
    _REPLY,
    Verb(
        "replies",
        "[panel]",
        "show who is coming, and whether the meeting will be quorate",
        "",
        for_panel(replies.show_replies, invitations_views.replies),
        reads=True,
        offered_for=("who", "whos", "who's", "who\u2019s"),
    ),
)
