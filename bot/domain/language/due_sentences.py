"""Splitting a typed action into the task and its due phrase."""

import re
from typing import Final

from bot.domain.language.day_words import WEEKDAY, WEEKDAY_OF, any_of, unnamed
from bot.domain.language.due_forms import COUNT_AND_UNIT
from bot.domain.language.due_phrases import LONGEST_PHRASE, is_hour, recognises
from bot.domain.language.reasons import SURE_WORD

_AROUND: Final = " ,;:–—-(["
_BEHIND: Final = " .!?;:()[]"


def _spaced(shape: str) -> str:
    """Return a pattern in which each space matches any white space, also inside a pattern with re.VERBOSE."""
    return unnamed(shape).replace(" ", r"\s+")


#: The words that may stand between the task and the due phrase. If several do, the last one before a due phrase counts.
#: A count or weekday in front of "before" belongs to the phrase: "5 working days before the next meeting".
_SEPARATOR: Final = re.compile(
    rf"""(?:^|(?<=[\s,;:.(\[–—-]))
    (?:
      (?P<due> due (?:\s*:\s*|\s+) (?:(?:by|on)\s+)? ) (?P<due_before>before\s+)?
    | (?:by\s+when|deadline) \s*:?\s+
    | (?:by\s+)+
    | (?:(?:no|not)\s+later\s+than|on\s+or\s+before|latest\s+by)\s+
    | (?P<before> (?:(?:the\s+|a\s+)?(?:{_spaced(COUNT_AND_UNIT)}|day|{_spaced(WEEKDAY)})\s+)?
        (?:before|b4|ahead\s+of|prior\s+to|in\s+advance\s+of)\s+ )
    )""",
    re.IGNORECASE | re.VERBOSE,
)
#: "The review is due 3 March" mentions a day but sets no due date.
_TELLS: Final = re.compile(r"\b(?:is|are|was|were|be|been|being|falls|fell|becomes|not|s|re)\s+$", re.IGNORECASE)
#: "Do not ring the mother before Friday", "hold off visiting", "no contact": forbids or delays something, and sets no
#: due date.
_FORBIDS: Final = re.compile(
    r"""\b(?:
      (?:do|does|did|must|should|may|can|could|would|need|will)n.?t | don.?t | mustn.?t | can.?t | cannot | won.?t | nor
    | (?<!\bif\s)(?<!\bor\s)(?<!\b(?:is|it)\s)(?<!\b(?:has|was|are)\s)(?<!\bhave\s)not(?!\s+(?:only|just|yet)\b)
    | never | nobody | no[ -]?one | nothing | without | (?<!in\s)no\s+(?!later\b|more\s+than\b)[a-z-]+
    | avoid(?:s|ed|ing)? | refrain(?:s|ed|ing)? | resist(?:s|ing)? | abstain(?:s|ing)? | desist(?:s|ing)?
    | (?:hold|holds|holding|held)\s+(?:off|fire|back|on)
    | (?:stays?|keeps?|steer)\s+(?:well\s+)?(?:away|off|out|clear|from)
    | (?:keeps?|keeping)\s+[^.;:]*\b(?:away|off|out|back|from)
    | wait(?:s|ing)? | delay(?:s|ing)? | postpones? | pauses? | suspends? | defers? | (?:put|leave|back)\s+off
    | (?:stop|stops|cease|ceases|withhold|withholds|forbid|forbids|prevent|prevents|ban|bans)
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)
#: What may follow a due phrase in the middle of a line.
_GOES_ON: Final = re.compile(
    rf"\s*(?:[,;.()\[\]–—]|-\s|(?:and|but|so|then|if|unless|or else|{SURE_WORD}|please|to|with|via|as|when|about|for"
    r"|re|whether|who|that|in|at)\b)",
    re.IGNORECASE,
)
#: Words that keep a day at the end of a line from being a due date: "ask about Monday".
_ABOUT: Final = re.compile(
    r"\b(?:about|from|since|until|till|into|through|after|than|and|or|between|covering|lasting|past|previous|re"
    r"|regarding|of|the|last|every|each|this|that|dr|mr|mrs|ms|miss|ask|call|see)\s*:?\s+$",
    re.IGNORECASE,
)
#: "Support for six weeks" says how long, and "the CCTV for Friday night" says which CCTV, but "for the next meeting"
#: sets a due date.
_HOW_LONG: Final = re.compile(r"for\s+(?!(?:(?:the|our)\s+)?(?:next\s+)?(?:meeting|panel)\b)", re.IGNORECASE)
#: "Ask what happened on Friday", "check whether the order ends by 31 January": the day belongs to the question.
_ASKS: Final = re.compile(r"\b(?:what|where|why|who|when|how|whether|if|that|which)\b[^.;:,]*$", re.IGNORECASE)
_ENDS: Final = re.compile(
    r"\b(?:whether|if|that)\b[^.;:,]*"
    r"\b(?:ends?|expires?|begins?|starts?|falls?|lasts?|runs?|is|are|will be|must be)\s+$",
    re.I,
)
#: "Extend the order to 31 March"; but people bring things to the next meeting, which sets a due date.
_TOWARDS: Final = re.compile(r"\bto\s+$", re.IGNORECASE)
_A_MEETING: Final = re.compile(r"\b(?:meeting|panel)\b", re.IGNORECASE)
#: "The referral made on 12 December", "tell her the hearing is on Friday".
_HAPPENED: Final = re.compile(
    r"\b(?:[a-z]+(?<!need)ed|made|held|taken|seen|given|sent|is|are|was|were)\s+$", re.IGNORECASE
)
_COUNTS: Final = re.compile(r"(?:in|within|w/in)\s", re.IGNORECASE)
_ON: Final = re.compile(r"(?:on|at)\s", re.IGNORECASE)
#: "Home by 5pm" is a rule for the child.
_HOME: Final = re.compile(r"\b(?:home|back|in|indoors|inside|out|curfew)\s+$", re.IGNORECASE)
#: Words before a day in a line that says what to do but has neither "by" nor "due".
_AT: Final = re.compile(r"(?:^|(?<=\s))(?=(?:on|in|within|at|for)\s)", re.IGNORECASE)
#: "Overdue by 12 days" measures a time, and sets no due date.
_MEASURES: Final = re.compile(
    r"\b(?:overdue|late|early|fell|rose|risen|fallen|down|up|more|less|extended|delayed|short|increased|reduced)\s+$",
    re.I,
)
#: A line that reports something has one of these words, or a word in -ed that is not its first.
_NARRATES: Final = re.compile(
    r"\b(?:was|were|is|are|has|had|have|went|goes|comes|said|says|lives|did|does|will|would|came|left|seen|been|ends"
    r"|begins?|starts|expires|lasts|runs|falls|fell|rose|stands|took|takes|gave|gives|given|got|gets|made|sat|thinks"
    r"|knows|rang|told|might|(?<!^)(?!need|bed|shed|feed|speed|red)[a-z]+ed)\b",
    re.IGNORECASE,
)
#: Words with which a line begins that says what to do.
_TASKS: Final = frozenset(
    """
    action add address advise agree alert allocate amend apply approach arrange ask assess assign assist attend
    audit book brief bring build call cancel carry challenge chase check circulate clarify close co- ordinate
    collate collect complete confirm consider consult contact continue convene coordinate copy cover create deliver
    develop discuss disrupt distribute do draft e-mail email encourage engage ensure escalate escort establish
    evidence examine explain explore extend feed file find finish fix flag follow forward fund gather get give go
    hand have help hold house identify inform inspect instruct interview investigate invite issue join keep kindly
    let liaise list locate log look make map meet message monitor move name nominate note notify obtain offer open
    organise pass pick place plan please prepare present probe produce progress propose provide pull push put raise
    re-do read record redo reduce refer refresh remind remove reply report request research resend respond return
    review revisit rewrite ring risk-assess run schedule screen secure see seek send serve set share show sign sort
    source speak stand start stop strategise submit summarise supply support take talk task teach tell test text
    trace track train transfer try update upload urge use verify view visit warn watch work write
    """.split()  # noqa: SIM905 - words to be read and added to
)
_TO_DO: Final = re.compile(
    r"(?P<who>(?:\S+\s+){1,7}?)(?:(?:is|are)\s+to|to|will)\s+(?!(?:the|a|an|all|both|each|his|her|their|our)\b)[a-z]",
    re.I,
)
#: "Action closed 5 Jan": the first word is a noun here.
_IS_NAMED: Final = re.compile(
    r"\S+\s+(?:(?:was|were|is|are|has|had|will)\b|[a-z]+ed\s*(?:$|(?:by|on|at|in|to|with)\b))", re.IGNORECASE
)
#: "CIN visit within 10 working days": a noun for something that people do.
_DEED: Final = re.compile(
    r"(?:[\w&-]+\s+){0,2}(?:visits?|assessment|referral|interview|discussion|letter|chronology|mapping|briefing)\b",
    re.I,
)
_TO: Final = re.compile(r"^to\s+", re.IGNORECASE)
_OF_TIME: Final = (
    r"(?:half|quarter|weeks?|week-?end|fortnight|months?|days?|first|second|third|last|next|some ?time|during|early"
    rf"|later?|mid|middle|beginning|start|(?:back )?end|term|w/?[bc]|{any_of(WEEKDAY_OF)})"
)
#: Words of time just before what was read as a due phrase, or just after it: the phrase is then only a part of what was
#: typed.
_TIME_BEFORE: Final = re.compile(
    rf"(?:(?<=\s)|^)(?:by\s+)?(?P<more>(?:(?:the|a|of|in|{_OF_TIME})\s+)*?{_OF_TIME}\s+(?:(?:of|in|the|a|to)\s+)*)$",
    re.I,
)
_TIME_AFTER: Final = re.compile(
    rf"\s*(?:(?:in|of|or|to|-|–)\s*)?(?:(?:the|a|on)\s+)?{_OF_TIME}\b(?!\s+(?:school|team|panel))", re.I
)
_LABEL: Final = re.compile(r"(?:(?:action|ap|task)\s*[:–-]\s*|[0-9]{1,2}[.)]\s*|[•*-]\s*)+", re.IGNORECASE)
_MOST_WORDS: Final = 9  # of a due phrase


def split_due(text: str, *, without_by: bool = False) -> tuple[str, str | None]:
    """Return the task and the due phrase: ("Ring the GP", "Friday") for "Ring the GP by Friday".

    The last "by", "due", "before" or the like in front of a due phrase splits the line. If there is no such word,
    return the whole line and None. If more words follow the phrase, the task is the whole line: words are only removed
    from an end, never from the middle. A phrase after "before" keeps that word.

    A phrase without a clear day ("next week", "next Friday", "31 February") is returned too, so that the person can be
    asked for its day. A day in a line that reports what happened is no due date. With `without_by`, a line that says
    what to do may also give the day at its beginning, at its end, or after "on" or "within".
    """
    whole = text.strip()
    separators = list(_SEPARATOR.finditer(whole))
    for separator in reversed(separators):
        kept = separator["before"] or separator["due_before"] or ""
        begin = separator.end() - len(kept)
        end = _end_of_phrase(whole, begin, begins_line=separator.start() == 0)
        if end is None or _sets_no_day(whole, separator, end):
            continue
        if kept and (more := _time_before(whole, separator.start())):
            return whole[: more.start()].rstrip(_AROUND), whole[more.start("more") : end].strip(_BEHIND)
        if (
            is_hour(whole[begin:end])
            and not whole[end:].strip(_BEHIND)
            and (day := _ends_in_day(whole[: separator.start()])) is not None
        ):
            return _without_separator(whole[:day]), whole[day:end].strip(_BEHIND)  # "tomorrow by noon"
        phrase = whole[begin:end].strip(_BEHIND)
        after = whole[end:].lstrip(_AROUND)
        if separator.start() == 0 and (task := _TO.sub("", after)) and says_what_to_do(task):
            return task, phrase
        if after.strip(_BEHIND):
            return whole, phrase
        # "by the Friday before the next meeting": the separator is "by", not "before".
        first = next((one for one in separators if one.end() == separator.start()), separator)
        return whole[: first.start()].rstrip(_AROUND), phrase
    return _without_by(whole) if without_by else (whole, None)


def _sets_no_day(whole: str, separator: re.Match[str], end: int) -> bool:
    """Return whether the line only mentions a day, forbids something until then, or says what happened."""
    before, after = whole[: separator.start()], whole[end:].lstrip(_AROUND)
    if separator["due"] is not None and _TELLS.search(before):
        return True
    if separator["before"] is not None and _FORBIDS.search(before):
        return True
    if _ENDS.search(before) or (is_hour(whole[separator.end() : end]) and _HOME.search(before)):
        return True
    return _MEASURES.search(before) is not None or _tells(before if before.strip() else after)


def _end_of_phrase(whole: str, begin: int, *, begins_line: bool) -> int | None:
    """Return where the due phrase that starts at `begin` ends, or None if no due phrase starts there."""
    tail = whole[begin:]
    if len(tail.strip()) <= LONGEST_PHRASE and recognises(tail):
        return len(whole)
    words = list(re.finditer(r"\S+", tail))[:_MOST_WORDS]
    for word in reversed(words[:-1] if len(tail) < LONGEST_PHRASE else words):
        end = word.end()
        if tail[end - 1] in ",;.)]:":
            end -= 1
        # "By Friday the nurse will ring": at the beginning of a line anything may follow.
        if (begins_line or _GOES_ON.match(tail, end)) and recognises(tail[:end]):
            # "Thursday in the week after half term" is not that Thursday: the whole phrase is refused for its own
            # reason.
            return begin + (len(tail) if _TIME_AFTER.match(tail, end) else end)
    return None


def _without_by(whole: str) -> tuple[str, str | None]:
    """Return the task and a day given without "by": at an end of the line, or after "on" or "within".

    The day is None if the line does not say what to do.
    """
    for word in list(re.finditer(r"\S+", whole))[-_MOST_WORDS:]:
        before, phrase = whole[: word.start()], whole[word.start() :].strip(_BEHIND)
        if not recognises(phrase):
            continue
        if (
            _FORBIDS.search(before)
            or _ABOUT.search(before)
            or _belongs_to_words(before, phrase)
            or not says_what_to_do(before)
        ):
            return whole, None
        if more := _time_before(whole, word.start()):
            return whole[: more.start()].rstrip(_AROUND), f"{more['more']}{phrase}"
        if (day := _ends_in_day(before)) is not None:
            return _without_separator(whole[:day]), whole[day:].strip(_BEHIND)
        # "Bring the log to the next meeting": the meeting is also the place.
        return whole if _TOWARDS.search(before) else before.rstrip(_AROUND), phrase
    for place in reversed(list(_AT.finditer(whole))):
        before = whole[: place.start()]
        end = _end_of_phrase(whole, place.start(), begins_line=not before)
        if end is None or _FORBIDS.search(before) or _belongs_to_words(before, whole[place.start() :]):
            continue
        if says_what_to_do(before or whole[end:].lstrip(_AROUND)):
            return whole, whole[place.start() : end].strip(_BEHIND)
    end = _end_of_phrase(whole, 0, begins_line=True)
    if end is not None and says_what_to_do(whole[end:].lstrip(_AROUND)):
        return whole, whole[:end].strip(_BEHIND)
    return whole, None


def _time_before(whole: str, end: int) -> re.Match[str] | None:
    """Return the match of words such as "first half of" that end at position `end`, or None if there are none."""
    return _TIME_BEFORE.search(whole[:end], max(0, end - LONGEST_PHRASE))


def _ends_in_day(text: str) -> int | None:
    """Return the position of the due phrase at the end of a text, or None if the text does not end in one.

    If several due phrases end there, it is the position of the longest.
    """
    places = [word.start() for word in re.finditer(r"\S+", text)][-_MOST_WORDS:]
    return next((place for place in places if recognises(text[place:])), None)


def _without_separator(text: str) -> str:
    return re.sub(r"[\s,;:–—-]*(?:\b(?:due|by|on)\s*)*$", "", text)


def _belongs_to_words(before: str, phrase: str) -> bool:
    """Return whether a day is part of the task and no due date: how long something lasts, or when it happened."""
    asked = _ASKS.search(before)
    return (
        _HOW_LONG.match(phrase) is not None
        or (asked is not None and _is_past(asked[0], phrase))
        or (_TOWARDS.search(before) is not None and not _A_MEETING.search(phrase))
        or (_ON.match(phrase) is not None and _HAPPENED.search(before) is not None)
        or (is_hour(phrase) and _HOME.search(before) is not None)
    )


def _is_past(asked: str, phrase: str) -> bool:
    """Return whether a question is about the past: "what happened on Friday", "why it was not done in time"."""
    counts = _COUNTS.match(phrase) is not None and not asked.lower().startswith("why")
    return not counts and _NARRATES.search(asked) is not None


def says_what_to_do(text: str) -> bool:
    """Return whether a line says what to do: "Ring the school", "Police to share the log"."""
    words = _LABEL.sub("", text.strip(), count=1)
    first = re.match(r"[a-z-]+", words, re.IGNORECASE)
    if first is not None and first[0].lower() in _TASKS:
        return _IS_NAMED.match(words) is None
    if _DEED.match(words) and not _NARRATES.search(words):
        return True
    found = _TO_DO.match(words)
    return found is not None and _NARRATES.search(found["who"]) is None


def _tells(text: str) -> bool:
    """Return whether a line reports what happened or describes a situation, rather than giving a task."""
    return not says_what_to_do(text) and _NARRATES.search(text) is not None
