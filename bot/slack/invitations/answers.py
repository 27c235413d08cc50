"""Reading a typed answer to an invitation, given for oneself, for a colleague or with a deputy."""

import re

from bot.domain.language.day_words import MONTH_OF, WEEKDAY_OF, any_of
from bot.domain.language.person_names import MENTION
from bot.errors import Mistake
from bot.models.vocabulary import Reply as Answer
from bot.slack.naming import ANYWHERE, with_mentions
from bot.slack.request import Request, TypedAgain, offering

FOR_MEMBER = re.compile(r"[\s,]+(?:for|from|on behalf of)\s+<@([UW][A-Z0-9]+)(?:\|[^>]*)?>", re.IGNORECASE)
_COMES = (
    r"(?:coming|attending|ok(?:ay)?|yes|yep|yeah|yup|yes please|sure|accept(?:ed)?|will do|in|present"
    r"|(?:i.?m|i am|we.?re|we are) (?:coming|attending)"
    r"|(?:i.?ll|i will|will|can|i can|happy to) (?:be there|come|attend|make it)"
    r"|(?:in person|online|remotely|by teams|on teams|via teams|there))"
)
#: Words after "coming" that say the person will be late. The chair is told, and nothing is recorded.
_BE_LATE = (
    r"(?:(?:(?:i.?ll|i.?m|i|will|may|might|be|running|about|a|bit|few|little"
    r"|probably|maybe|up|to|[0-9]{1,3}|ten|five|fifteen|twenty|half|an|mins?|minutes?|hours?)\s+)*late"
    r"(?:[\s,:.\u2013-]+(?:about|around|approx|by|at|until|till|to|from|[0-9]{1,2}(?:[:.][0-9]{2})?(?:\s*(?:am|pm|ish))?"
    r"|mins?|minutes?|hours?|half|past|quarter|an|a))*)"
)
_LATE = rf"(?:[\s,.\u2013-]+(?:but\s+|and\s+)?(?P<late>{_BE_LATE}))?"
#: "I'll be 15 mins late", "running late": a person who says only this is coming.
ONLY_LATE = re.compile(rf"{_BE_LATE}[\s.!]*", re.IGNORECASE)
#: "Can't make Tuesday": the answer is for the next meeting, whatever day that is.
_MAKE_DAY = rf"(?:make|do)\s+(?:(?:this|on)\s+)?(?:{any_of(WEEKDAY_OF)}|tomorrow|today|that|this one)"
#: With the slips that people make in it: "appologies", "apoligies", "apologys".
_APOLOGIES = r"app?oll?[aeio]?[gj](?:ies?|eis|ys?|es|is)"
#: What people type for each answer. The words in `rest` are information for the chair.
ANSWERS = {
    Answer.COMING: re.compile(rf"{_COMES}(?:[\s,.!]+{_COMES})*{_LATE}[\s.!]*", re.IGNORECASE),
    Answer.DEPUTY: re.compile(
        r"(?:(?:apologies|sorry|no|can.?t come|can.?t make it)[\s,.:;\u2013-]+)*(?:but |i.?m |i am |i.?ll be )*"
        r"(?:a |my )?(?:deputy|sending|substitute|sub|stand-in|cover)\b(?: a deputy\b| my deputy\b)?"
        r"[\s,:.\u2013-]*(?P<rest>.*)",
        re.IGNORECASE,
    ),
    Answer.APOLOGIES: re.compile(
        rf"(?:my |send |sends |sending )?(?:{_APOLOGIES}|apols?|apologise|regrets|sorry|no|nope|declined?"
        r"|not coming"
        r"|(?:i.?m |i am )?(?:not able|unable) to (?:attend|come|make it)"
        rf"|(?:i )?(?:can.?t|cannot|won.?t|will not) (?:make it|make this|{_MAKE_DAY}|come|attend|be there))\b"
        r"[\s,:.;\u2013-]*(?P<rest>.*)",
        re.IGNORECASE,
    ),
}


AWAY = re.compile(
    r"\b(?:not(?!\s+(?:sure|certain|decided|known))|can.?t|cannot|won.?t|away|leave|sick|ill|court|unable|busy|clash"
    r"|regret|apol\w*)\b",
    re.IGNORECASE,
)
#: "Yes, I'll be there for the 7th": begins like the answer of a person who comes, and "ill" is no illness.
SURELY_COMING = re.compile(
    rf"{_COMES}(?:[\s,.!]+{_COMES})*\b(?!.*\b(?:but|not|can.?t|cannot|won.?t|unless)\b)", re.IGNORECASE
)
#: Words beside apologies that are no information for the meeting.
ONLY_SORRY = re.compile(
    r"(?:(?:so|very|really)?\s*sorry|i.?m afraid|thanks|thank you|all|everyone|no|please|pls|regards|[\s,.!]+)+",
    re.IGNORECASE,
)
#: The meeting that an answer names: "apologies for 21 April", "apologies for the April meeting".
FOR_A_DAY = re.compile(
    rf"(?:for|on|re|about)\s+(?:the\s+)?(?P<day>(?:[0-9]{{1,2}}[\w/.-]*\s+(?:of\s+)?)?(?:{any_of(MONTH_OF)})\b.*"
    r"|[0-9]{1,2}(?:st|nd|rd|th)\b.*|[0-9]{1,2}[/.][0-9]{1,2}\b.*|(?:next month|the one after)\b.*)",
    re.IGNORECASE,
)
#: "Coming to 5 May", "attending on Tuesday 7 April": an answer with the day of its meeting.
COMING_ON = re.compile(
    rf"(?P<coming>{_COMES}(?:[\s,.!]+{_COMES})*)\s+(?:to\s+|on\s+|for\s+|at\s+|the\s+|meeting\s+)*(?P<day>"
    rf"(?:(?:{any_of(WEEKDAY_OF)})\s+)?(?:the\s+)?[0-9]{{1,2}}(?:st|nd|rd|th)?(?:\s+(?:of\s+)?(?:{any_of(MONTH_OF)})\b|[/.][0-9]{{1,2}})"
    r"(?:[\s,/.]+(?:20)?[0-9]{2})?)(?:\s+(?:meeting|panel))?[\s.!]*",
    re.IGNORECASE,
)
_DOING = r"(?:is|will|to|can|can.?t|cannot|has|have|wants|comes?|coming|attends?|attending|sen[dt]s?|sending|gives?)\b"
#: A person, by a mention picked from Slack's list or by one or two names.
_WHO = rf"(?P<who>{MENTION}|[^\W\d][\w'\u2019.-]*(?:\s+(?!{_DOING})[^\W\d][\w'\u2019-]*)?)"
#: A deputy at the start of an answer: "@sam is coming instead of me".
_COMES_INSTEAD = re.compile(
    r"^(?:(?:my\s+)?(?:apologies|sorry|no)\b[\s,:.;\u2013-]*)?"
    rf"(?:(?:i\s+)?(?:can.?t|cannot) (?:come|attend|make it|make this|{_MAKE_DAY})[\s,.;\u2013-]+)?(?:but\s+)?"
    rf"{_WHO}\s+"
    r"(?:(?:is|will be|will|to|can)\s+)?"
    r"(?:coming|come|comes|attend|attending|attends|stand in|standing in|covers?|covering"
    r"|deputise|deputising|there|going|go)\b"
    r"(?=.*\b(?:instead|in my place|for me|on my behalf|as my deputy|my deputy)\b|$)(?P<rest>.*)",
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    r"\b(?:instead|in my place|for me|on my behalf|deputy|deputis\w+|stand(?:s|ing)? in|cover)\b", re.IGNORECASE
)
#: A person at the start of an answer, and what they do: "@sam sends apologies".
_DOES = re.compile(
    rf"{_WHO}\s*[,:]?\s+"
    r"(?:(?:has |have |is |will be )?(?:sen[dt]s?|sending|gives?|giving|given)\s+(?:h(?:is|er)\s+|their\s+)?(?=apolog)"
    r"|(?:is|will be|has|will|wants to)\s+(?=coming|attending|there|attend|come|unable|not coming)"
    r"|(?=can.?t |cannot ))",
    re.IGNORECASE,
)
_CANNOT = (
    rf"(?:(?:my |send |sends |sending )?{_APOLOGIES}|apols?|apologise|regrets|sorry|no|nope|declined?|not coming|away"
    r"|(?:i.?m |i am )?(?:not able|unable) to (?:attend|come|make it)"
    rf"|(?:i )?(?:can.?t|cannot|won.?t|will not)(?: (?:make it|make this|{_MAKE_DAY}|come|attend|be there|do it))?)"
    r"(?:\s+(?:from|for)\s+me)?"
)
_ATTENDS = (
    r"(?:com(?:e|es|ing)|attend(?:s|ing)?|stand(?:s|ing)? in|cover(?:s|ing)?|deputis(?:e|es|ing)|be there|there"
    r"|go(?:es|ing)?|do it|make it)"
)
_FOR_ME = r"(?:\s+(?:instead|in my place|for me|on my behalf|as (?:my )?deputy|to cover))?"
#: A deputy named after apologies: "can't come, Samir will", "not coming, sending @sam", "sorry \u2013 Samir instead".
_DEPUTY_LATER = re.compile(
    rf"{_CANNOT}\b(?P<why>.*?)(?:[\s,.:;\u2013-]+(?:but|and|so|then)\s+|[,.:;\u2013-]+\s*|\s+)"
    rf"(?:(?:i.?m |i am |i.?ll be |have |will be )?(?P<sends>sending|sent|send)\s+{_WHO}{_FOR_ME}"
    r"|(?:my |the |our )?(?:cover|deputy|stand-in|sub|substitute|replacement)\s+"
    rf"(?:is going to be|will be|is)\s+{_WHO.replace('who', 'named')}"
    rf"|(?:my (?:deputy|colleague|manager)[\s,]+)?{_WHO.replace('who', 'other')}\s+"
    rf"(?:(?:(?:is|will|will be|can|to|has agreed to|is going to|is able to|is free to)\s+)?{_ATTENDS}{_FOR_ME}"
    r"|will|can|instead|in my place|for me))"
    r"[\s,.!]*(?:(?:please|thanks|thank you|sorry)[\s,.!]*)*",
    re.IGNORECASE,
)
_NO_NAME = frozenset(
    """
    can't cant cannot won't wont not unable able available free one nobody none no to be being been going hoping trying
    unfortunately sadly due have has had meant supposed need needs
    """.split()  # noqa: SIM905 - words to be read and added to
)
#: "Apologies from Health, …": another's apologies.
_FROM_OTHER = re.compile(r"\b(?:from|on behalf of)\s+(?!(?:me|us|our|my|myself|work|the)\b)", re.IGNORECASE)
#: What people send in their place: it tells the meeting something, and is no deputy.
_THINGS = re.compile(
    r"\b(?:reports?|updates?|notes?|info|information|e-?mails?|summary|returns?|documents?|docs?|papers?|feedback"
    r"|details|statements?|chronology|forms?|letters?|apologies|words?|written|something|comments?|input|reply|minutes)\b",
    re.IGNORECASE,
)
#: People who are no name: "a colleague will come".
_UNNAMED = re.compile(
    r"(?:(?:my|a|an|our|the|another)\s+)?(?:deputy|colleague|manager|supervisor|some(?:one|body)|team|one of us)"
    r"(?:\s+else)?",
    re.IGNORECASE,
)
_I = re.compile(r"(?:i|we)(?:['\u2019]?(?:ll|m|re))?", re.IGNORECASE)
_SORRY = re.compile(r"(?:apologies|apology|sorry)\b[\s,:.;\u2013-]*(?=\S)", re.IGNORECASE)
#: A person with a name that no member here has: "apologies from Bob".
_FROM = re.compile(
    r"^(?i:apologies|apology|sorry)[\s,:.;\u2013-]+(?:(?i:from|on behalf of)\s+(?P<who>(?!<@)[\w'\u2019-]+)"
    rf"|(?i:for)\s+(?P<name>(?!(?i:{any_of((*WEEKDAY_OF, *MONTH_OF))})\b)[A-Z][a-z'\u2019-]+))"
)
_ONESELF = frozenset(
    """
    i we me my mine myself us our all this that it he she a an the sorry apologies i'm i\u2019m im i'll i\u2019ll not
    will can
    """.split()  # noqa: SIM905 - words to be read and added to
)


def about_first(request: Request, text: str) -> str:
    """Move the name at the beginning of a typed answer to its end, and return the answer.

    "Sam sends apologies" becomes "apologies for @sam". If nobody on the panel has the name, raise Mistake, with
    commands for the answers that may be meant.
    """
    if (later := _deputy_later(request, text)) is not None:
        return later
    lead = _SORRY.match(text)
    deputy = _COMES_INSTEAD.match(text)
    if deputy and (lead or _INSTEAD.search(text)) and not _names_oneself(deputy["who"]):
        who = with_mentions(request, "/meeting reply", deputy["who"], after=ANYWHERE)
        if not _PICKED.fullmatch(who) and not lead:
            with offering("/meeting reply apologies"):
                raise Mistake(f"I don't know who “{deputy['who']}” is. Choose their name from the list that @ opens.")
        return f"deputy {who}" if _PICKED.fullmatch(who) else text
    found = _DOES.match(text, lead.end() if lead else 0)
    if found is None and (other := _FROM.search(text)) and _who(other).lower() not in _ONESELF:
        with offering("/meeting reply apologies"):
            raise Mistake(f"I don't know who “{_who(other)}” is. Choose their name from the list that @ opens.")
    if found is None or _names_oneself(found["who"]):
        return text
    who = with_mentions(request, "/meeting reply", found["who"], after=ANYWHERE)
    said = text[found.end() :]
    if not _PICKED.fullmatch(who):
        own = f"/meeting reply {text}" if lead else "/meeting reply apologies"
        with offering(own.replace(found["who"], f"\u2013 {found['who']}", 1) if lead else own):
            raise Mistake(f"I don't know who “{found['who']}” is. Choose their name from the list that @ opens.")
    if (later := _deputy_later(request, said)) is not None:
        return f"{later} for {who}"
    return f"{lead[0] if lead and not _SORRY.match(said + ' x') else ''}{said} for {who}"


def _deputy_later(request: Request, text: str) -> str | None:
    """Return "deputy @sam" for apologies that name a deputy, such as "can't come, Sam will", or None for other answers.

    Raise Mistake if no member has the name, so that apologies are not recorded without the deputy.
    """
    found = _DEPUTY_LATER.fullmatch(text)
    if found is None:
        return None
    who = found["who"] or found["named"] or found["other"]
    member = FOR_MEMBER.search(f" {found['why']}")
    if member is None and _FROM_OTHER.search(found["why"]):
        return None
    if _I.fullmatch(who):  # "sorry, I will be there"
        ways = ("/meeting reply coming", "/meeting reply apologies")
        raise TypedAgain("Are you coming, or sending apologies?", [(way, way) for way in ways])
    if not _NO_NAME.isdisjoint(who.lower().replace("\u2019", "'").split()):
        return None  # "sorry, won't be able to attend"
    if _names_oneself(who) and not _UNNAMED.fullmatch(who):
        return None
    named = with_mentions(request, "/meeting reply deputy", who, after=ANYWHERE)
    if not _PICKED.fullmatch(named):
        if _THINGS.search(who) or (found["sends"] or "sending").lower() != "sending":
            return None  # "apologies, will send written update"
        raise TypedAgain(
            f"I don't know who \u201c{who}\u201d is, so I recorded nothing. "
            "If they come in your place, type `/meeting reply deputy @name`.",
            [("/meeting reply apologies", "/meeting reply apologies")],
        )
    return f"deputy {named}{member[0] if member else ''}"


def _names_oneself(who: str) -> bool:
    """Return whether the words before "is coming" mean the person who types, or name nobody at all."""
    words = re.findall(r"[\w'\u2019]+", who.lower())
    return any(word in _ONESELF or re.fullmatch(_COMES, word) for word in words)


def _who(found: re.Match[str]) -> str:
    return found["who"] or found["name"]


_PICKED = re.compile(MENTION)
#: Two or more people who give the same answer.
SEVERAL = re.compile(
    rf"(?<!deputy)(?<!sending)(?:\s+(?:for|from|on behalf of))?\s+{MENTION}"
    rf"(?:\s*(?:,|/|\+|&amp;|&|\band\b)\s*(?:and\s+)?{MENTION})+",
    re.IGNORECASE,
)
