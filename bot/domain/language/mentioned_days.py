"""Recognises days that a line mentions without making them a due date, such as "ask what happened on Friday"."""

import re
from typing import Final

from bot.domain.language.due_phrases import is_hour
from bot.domain.language.task_words import NARRATES, reports

#: "The review is due 3 March" tells of a day and sets none.
_TELLS: Final = re.compile(r"\b(?:is|are|was|were|be|been|being|falls|fell|becomes|not|s|re)\s+$", re.IGNORECASE)
#: "Do not ring the mother before Friday", "hold off visiting", "no contact": forbids or delays, and sets no day.
_FORBIDS: Final = re.compile(
    r"""\b(?:
      (?:do|does|did|must|should|may|can|could|would|need|will)\s?n.?t\b | don.?t | mustn.?t | can.?t | cannot | won.?t
    | nor | none | neither
    | (?<!\bif\s)(?<!\bor\s)(?<!\b(?:is|it)\s)(?<!\b(?:has|was|are)\s)(?<!\bhave\s)not(?!\s+(?:only|just|yet)\b)
    | never | nobody | no[ -]?one | nothing | without | (?<!in\s)no\s+(?!later\b|more\s+than\b)[a-z-]+
    | avoid(?:s|ed|ing)? | refrain(?:s|ed|ing)? | resist(?:s|ing)? | abstain(?:s|ing)? | desist(?:s|ing)?
    | (?:hold|holds|holding|held)\s+(?:off|fire|back|on) | (?:hang|hangs|hanging)\s+(?:fire|back|off|on)
    | (?:on|put)\s+(?:hold|ice) | hold(?:s|ing)?\s+(?!(?:[\w'\u2019&/-]+\s+){0,6}
        (?:meet(?:ing)?s?|discussions?|conferences?|sessions?|visits?|interviews?|reviews?|panels?|calls?|events?
        |strateg(?:y|ies)|briefings?|workshops?|mapping|debriefs?|talks?|assembl(?:y|ies)|groups?|surger(?:y|ies)
        |clinics?|chats?|hearings?|circles?|one|it)\b)(?=\w)
    | sit(?:s|ting)?\s+(?:tight|on)
    | (?:stays?|keeps?|steer)\s+(?:well\s+)?(?:away|off|out|clear|from|quiet|silent|schtum|shtum|put|mum\s*$)
    | (?:keeps?|keeping|kept|leaves?|leaving|left)\s+[^.;:]*
        \b(?:away|off|out|back|from|dark|quiet|silent|hidden|unaware|unheard|untold|alone|wraps|ice|hold|be\s*$)
    | wait(?:s|ing)? | delay(?:s|ing)? | postpones? | pauses? | suspends? | defers? | (?:put|leave|back)\s+off
    | (?:stop|stops|cease|ceases|withhold|withholds|forbid|forbids|prevent|prevents|ban|bans|prohibit|prohibits)
    | refuse|refuses|refusing|deny|denies|denying|banned|barred|forbidden|prohibited|disallowed|embargoed|suspended
    | (?<!\bthe\s)(?<!\b[a-z]\s)(?<!\b(?:tower|which)\s)block(?:s|ing)?\s+(?!of\b)(?=\w)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
_CLAUSE: Final = re.compile(r"[.;:,]|\b(?:and|but|then)\b", re.IGNORECASE)
#: "No unannounced visits by Friday"
_BAN: Final = re.compile(
    r"\s*(?:please\s+)?(?:no|never|none|nobody|nothing|don['\u2019]?t|do\s+not|not)\b", re.IGNORECASE
)
#: "Make sure mum isn't told before Friday". Not a ban in a question: "ask why he isn't in school".
_IS_NOT: Final = re.compile(
    r"\b(?:(?:is|are|was|were|has|have|had)\s?n.?t|(?:is|it|has|was|are|have|be)\s+not)\b", re.IGNORECASE
)
_ASKS_WHY: Final = re.compile(r"\b(?:why|whether|if|who|which|how|what|where)\b[^.;:,]*$", re.IGNORECASE)
#: Words that keep a day at the end of a line from being a due date: "ask about Monday".
_ABOUT: Final = re.compile(
    r"\b(?:about|from|since|until|till|into|through|after|than|and|or|between|covering|lasting|past|previous|re"
    r"|regarding|of|the|last|every|each|per|plus|this|that|dr|mr|mrs|ms|miss|ask|call|see)\s*:?\s+$",
    re.IGNORECASE,
)
#: "Any day except Friday", "earliest Friday", and "Friday at the earliest": another day is meant.
_EXCEPT: Final = re.compile(
    r"\b(?:except|excepting|excluding|but|bar|barring|besides|other\s+than|apart\s+from|instead\s+of|rather\s+than|not"
    r"|earliest|(?:no|not)\s+(?:sooner|earlier)\s+than|only\s+after|w\.?e\.?f\.?|effective(?:\s+from)?|alternate"
    r"|(?:every|each)\s+(?:other|second|2nd|third|3rd|fourth|4th|last|first|1st))\s*:?\s*(?:for\s+|on\s+)?$",
    re.IGNORECASE,
)
_OR_LATER: Final = re.compile(
    r"[\s,(]*(?:(?:at\s+)?(?:the\s+)?(?:very\s+)?earliest|onwards?|(?:or|and)\s+(?:after|later|since|beyond|onwards?))\b",
    re.IGNORECASE,
)
#: "Twice a week", "10 hours a month", "£50 a fortnight": how often, or how much.
_HOW_OFTEN: Final = re.compile(
    r"\b(?:once|twice|thrice|times|[0-9]+\s?x|hours?|hrs?|days?|nights?|visits?|sessions?|calls?|meetings?|every|each"
    r"|per|£\s?[0-9.,]+|[0-9]+p|pounds)\s+(?:(?:every|each|per|in)\s+)?$",
    re.IGNORECASE,
)
_A_UNIT: Final = re.compile(r"(?:(?:an?|per|each|every)\s+)?(?:day|night|week|fortnight|month|quarter|year)s?\b", re.I)
#: "Provide the data by month": by what the data are grouped.
_UNIT_ALONE: Final = re.compile(r"(?:by\s+)?(?:day|week|fortnight|month|quarter|year)s?", re.IGNORECASE)
#: "Phone home each day by 10am" is a rule, not a deadline.
_EACH_DAY: Final = re.compile(
    r"\b(?:each|every|daily|nightly|weekly|fortnightly|monthly|weekdays|weekends|(?:mon|tues|wednes|thurs|fri|satur|sun)days"
    r"|(?:school\s+)?(?:days|nights|mornings|evenings))\b",
    re.IGNORECASE,
)
#: "Support for six weeks" says how long, and "the CCTV for Friday night" which; "for the next meeting" sets a day.
_HOW_LONG: Final = re.compile(r"for\s+(?!(?:(?:the|our)\s+)?(?:next\s+)?(?:meeting|panel)\b)", re.IGNORECASE)
#: "Ask what happened on Friday", "check whether the order ends by 31 January": the day belongs to what is asked.
_ASKS: Final = re.compile(r"\b(?:what|where|why|who|when|how|whether|if|that|which)\b[^.;:,]*$", re.IGNORECASE)
_ENDS: Final = re.compile(
    r"\b(?:whether|if|that)\b[^.;:,]*"
    r"\b(?:ends?|expires?|begins?|starts?|falls?|lasts?|runs?|is|are|will be|must be)\s+$",
    re.I,
)
#: "Extend the order to 31 March"; but one brings things to the next meeting.
_TOWARDS: Final = re.compile(r"\bto\s+$", re.IGNORECASE)
_A_MEETING: Final = re.compile(r"\b(?:meeting|panel)\b", re.IGNORECASE)
_DONE: Final = (
    r"(?:(?!need|bleed|breed|embed|exceed|feed|proceed|speed|weed|unborn)[a-z]+ed"
    r"|made|held|taken|seen|given|sent|done|built|written|got|paid|told|brought|found|lost|heard)"
)
#: "The referral made on 12 December", "tell her the hearing is on Friday".
_HAPPENED: Final = re.compile(rf"\b(?:(?<!\bto\sbe\s){_DONE}|is|are|was|were)\s+$", re.IGNORECASE)
#: "Chase the referral sent Monday".
_SENT: Final = re.compile(rf"\S\s+(?<!\bto\sbe\s)(?<!\bbe\s){_DONE}\s+$", re.IGNORECASE)
#: "The tenancy ending 30 April", "bail ends 20 April": when another thing ends or begins.
_RUNS_UNTIL: Final = re.compile(
    r"\S\s+(?:end(?:s|ed|ing)|expir(?:es|ed|ing)|finish(?:es|ed|ing)|(?P<start>start|begin)(?:s|ed|ning|ing)|began"
    r"|leav(?:es|ing)|return(?:s|ed|ing)|fall(?:s|ing)|clos(?:es|ing)|open(?:s|ing)|arriv(?:es|ing)|mov(?:es|ing)"
    r"|happen(?:s|ing)|tak(?:es|ing)\s+place|turn(?:s|ing)|dated|listed|booked|scheduled|arranged|planned|postponed"
    r"|expected|adjourned|dob|due|born|released?|turn(?:s|ing)\s+[0-9]{1,2}|birthday)\s*(?:up|back|out|in)?\s*:?\s+$",
    re.IGNORECASE,
)
#: "Get the form signed Friday", "ensure that the visit is made": what is to come about, so that its day is a deadline.
_SEES_TO_IT: Final = re.compile(
    r"\b(?:get|gets|have|has|need|needs|want|wants|ensure|ensures|make\s+sure|see\s+(?:that|to)|aim|must|should)\b"
    r"(?![^.;:,]*\b(?:whether|if|when|why|what|who|which)\b)[^.;:,]*$",
    re.IGNORECASE,
)
#: "See the child before she leaves on Friday": the day is the event's, and the deadline is another one.
_AHEAD_OF_IT: Final = re.compile(
    r"\b(?:before|b4|ahead\s+of|prior\s+to|in\s+advance\s+of|until|till)\s+"
    r"(?!(?:the\s+)?(?:school|work|lunch|lunch\s?time|noon|midday|breakfast|tea|bed|bed\s?time|clos(?:e|ing)|registration"
    r"|assembly|handover|shift|morning|half\s+past|(?:the\s+)?end\b|[0-9]|next\s+(?:meeting|panel)|meeting|panel)\b)"
    r"[^.;:,]*\w\s+$",
    re.IGNORECASE,
)
_COUNTS: Final = re.compile(r"(?:in|within|w/in)\s", re.IGNORECASE)
_WITHIN: Final = re.compile(r"(?:within|w/in)\s", re.IGNORECASE)
_ON: Final = re.compile(r"(?:on|at)\s", re.IGNORECASE)
_WAS: Final = re.compile(rf"\b(?:was|were|been|(?:check|audit|confirm|that)\b[^.;:,]*\b(?:is|are))\s+{_DONE}\s+$", re.I)
#: "Mum has been told to report by Friday" reports, also where a task was asked for.
_TOLD: Final = re.compile(r"\b(?:was|were|has|had|been|said|says|did|went|came)\b", re.IGNORECASE)
#: "Should have been done by now": by now it was to be done, and no day is set.
_BY_NOW: Final = re.compile(r"(?:right\s+)?now|this\s+(?:point|stage)", re.IGNORECASE)
_SHOULD_HAVE: Final = re.compile(
    r"\W*(?:\S+\s+){0,3}?(?:(?:should|ought\s+to|could|must|would)(?:\s+have|['\u2019]?ve)"
    r"|(?:was|were)\s+(?:meant|supposed|due|going)\s+to)\b",
    re.IGNORECASE,
)
#: "Home by 5pm" is a rule for the child.
_HOME: Final = re.compile(r"\b(?:home|back|in|indoors|inside|out|curfew)\s+$", re.IGNORECASE)
#: "Overdue by 12 days" measures, and sets no day.
_MEASURES: Final = re.compile(
    r"\b(?:overdue|late|early|fell|rose|risen|fallen|down|up|more|less|extended|delayed|short|increased|reduced)\s+$",
    re.I,
)


def forbids(text: str) -> bool:
    """Return whether words forbid or delay something: "do not ring mum", "make sure that mum isn't told"."""
    if _FORBIDS.search(text):
        return True
    found = _IS_NOT.search(text)
    return found is not None and _ASKS_WHY.search(text[: found.start()]) is None


def sets_no_day(before: str, phrase: str, after: str, *, kind: str, is_task: bool) -> bool:
    """Return whether the day after "due", "before" or "by" is not the due date of the line.

    For instance, the line may forbid something until this day, or report what happened. `kind` is the word in front of
    the day ("due", "before" or "by"), and `after` the text behind the day. If the line is known to be a task, a "by
    Friday" at its end does give the due date, even if the line reads like a report.
    """
    if kind == "due" and _TELLS.search(before):
        return True
    if kind == "before" and (forbids(before) if before.strip() else begins_with_ban(after)):
        return True
    if kind == "by" and (_UNIT_ALONE.fullmatch(phrase) or _BAN.match(_CLAUSE.split(before)[-1])):
        return True
    if kind == "by" and (_BY_NOW.fullmatch(phrase) or _SHOULD_HAVE.match(before)):
        return True
    if is_hour(phrase) and (_HOME.search(before) or _EACH_DAY.search(before)):
        return True
    if _ENDS.search(before) or _EXCEPT.search(before) or _OR_LATER.match(after):
        return True
    if _MEASURES.search(before):
        return True
    if is_task and kind == "by" and before.strip() and not after.strip(" .!?;:()[]") and not _TOLD.search(before):
        return False
    return reports(before if before.strip() else after)


def is_of_the_words(before: str, phrase: str, after: str = "") -> bool:
    """Return whether a day given without "by" is part of the task and not the due date.

    Examples are "ask what happened on Monday", "ring once a week" and "do not ring mum until Friday". The day may also
    be an exception, or say when something ends.
    """
    asked = _ASKS.search(before)
    is_by_now = _BY_NOW.fullmatch(re.sub(r"^by\s+", "", phrase, flags=re.IGNORECASE)) is not None
    return (
        forbids(before)
        or (is_by_now and re.search(r"\bby\s+", f"{before[-4:]}{phrase}", re.IGNORECASE) is not None)
        or _HOW_LONG.match(phrase) is not None
        or (asked is not None and _is_past(asked[0], phrase))
        or (_TOWARDS.search(before) is not None and not _A_MEETING.search(phrase))
        or (_ON.match(phrase) is not None and _HAPPENED.search(before) is not None)
        or (is_hour(phrase) and (_HOME.search(before) is not None or _EACH_DAY.search(before) is not None))
        or _EXCEPT.search(before) is not None
        or _OR_LATER.match(after) is not None
        or _UNIT_ALONE.fullmatch(phrase) is not None
        or (_HOW_OFTEN.search(before) is not None and _A_UNIT.match(phrase) is not None)
        or _is_of_an_event(before, phrase)
    )


def begins_with_ban(text: str) -> bool:
    """Return whether the first clause of a text forbids something: "do not ring mum, she is at work"."""
    return forbids(_CLAUSE.split(text, maxsplit=1)[0])


def is_asked_about(before: str) -> bool:
    """Return whether the words before a day keep the day from being a due date, as in "ask about Monday"."""
    return _ABOUT.search(before) is not None


def goes_to(before: str) -> bool:
    """Return whether the words before a day end with "to", as in "bring the log to the next meeting"."""
    return _TOWARDS.search(before) is not None


def _is_of_an_event(before: str, phrase: str) -> bool:
    """Return whether a day belongs to another event: "sent Monday", "ending 30 April", "before she leaves"."""
    sees_to_it = _SEES_TO_IT.search(before) is not None
    if _WITHIN.match(phrase):
        asks = _ASKS.search(before) is not None and not sees_to_it
        return (_SENT.search(before) is not None and asks) or (_WAS.search(before) is not None and not sees_to_it)
    if _COUNTS.match(phrase):
        return False
    if (runs := _RUNS_UNTIL.search(before)) and not (runs["start"] and sees_to_it):
        return True
    if not sees_to_it and _SENT.search(before):
        return True
    return _AHEAD_OF_IT.search(before) is not None


def _is_past(asked: str, phrase: str) -> bool:
    """Return whether a question is about the past: "what happened on Friday", "why it was not done in time"."""
    counts = _COUNTS.match(phrase) is not None and not asked.lower().startswith("why")
    return not counts and NARRATES.search(asked) is not None
