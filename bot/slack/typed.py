"""Typed text after a command, put into the order that commands expect: the verb first, then what the verb takes.

Phones and word processors insert unusual spaces and dashes. People put a panel's key first, leave out a verb's hyphen,
and say please. Words that a verb records are not changed.
"""

import re
from collections.abc import Collection
from html import unescape
from typing import Final

from bot.domain.language.day_words import NUMBER_OF
from bot.domain.language.pictures import (
    BULLETS,
    PICTURE,
    without_first_pictures,
    without_last_pictures,
    without_pictures,
)
from bot.domain.language.reasons import DASH, WORD
from bot.domain.language.references import with_hyphen
from bot.errors import Mistake

#: Spaces of other widths become plain spaces, and invisible characters are removed. Quotes and dashes stay.
_SPACES: Final = re.compile("[\u00a0\u2000-\u200a\u202f\u3000\t]+")
_UNSEEN: Final = re.compile("[\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff]")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
_PLEASE: Final = re.compile(
    r"(?:(?:^|[\s,.!\u2013\u2014-]+)"
    r"(?:please|pls|plz|many thanks|thanks|thank you|thankyou|thx|tnx|cheers|ta|when you can|if you can))+[\s.!]*$",
    re.IGNORECASE,
)
#: Words before a verb without meaning: greetings, courtesy, the number of a list, the command's name again.
_FILLER: Final = re.compile(
    rf"(?:[\s,.!:;*{BULLETS}\u2013\u2014-]+|\(?[0-9]{{1,2}}[.)]\s+"
    r"|(?:good\s+)?(?:morning|afternoon)\b|(?:hi|hello|hey|hiya|there|all|team|panelbot|ok|okay|right|so)\b"
    r"|(?:i|we)\s+have\s+(?=(?:just\s+|now\s+|already\s+)?(?:done|completed?|finished)\b)|already\b"
    r"|(?:please|pls|plz|kindly|just|now|can|could|would|will|you|i|we|i'd|we'd|id|i'?ve|we'?ve|want|wants|like|need|to"
    r"|let's|lets|let|us|me|the|do|mark|thanks|thx)\b(?!')"
    r"|/?(?:case|action|meeting|agenda|minutes|panel|people)s?\b(?!-|\s*(?:and\b|&)))+",
    re.IGNORECASE,
)
_WHOLE_QUOTED: Final = re.compile('[\u201c"\u2018\'`]+([^\u201c\u201d"`]+)[\u201d"\u2019\'`]+')
_IS: Final = r"(?:(?:is|are|was|were|has|have|been|being|now|all|both|should|can|be|to|it's)\s+)*"
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*(?:-[a-z0-9_]+)+", re.IGNORECASE)


#: Punctuation marks that a phone wrote as words during dictation.
_SPOKEN: Final = (
    (re.compile(r"\s+comma\b,?(?=\s)", re.IGNORECASE), ","),
    (re.compile(r"\s+full stop\b\.?(?=\s|$)", re.IGNORECASE), "."),
    (re.compile(r"\s+question mark\s*[.?]?$", re.IGNORECASE), "?"),
    (re.compile(r"^((?:[\w'\u2019]+\s+){0,4}?[\w'\u2019]+)\s+colon\s+", re.IGNORECASE), r"\1: "),
    (re.compile(r"\b([a-z]{2,10})\s+(?:dash|hyphen)\s+(?=[0-9]{3,8}\b)", re.IGNORECASE), r"\1-"),
)
#: The end of an e-mail: its closing words and the few short lines with a name and an office.
_SIGNED: Final = re.compile(
    r"\n\s*(?:(?:(?:kind|kindest|best|warm|warmest)\s+(?:regards|wishes)|regards|many thanks|thanks|thank you|cheers"
    r"|yours (?:sincerely|faithfully))[\s,.!]*(?:\n(?:[^\S\n]*[A-Z\[(][^\n]{0,60})?){0,6}"
    r"|--[^\S\n]*(?:\n[^\n]{0,60}){0,6}|(?:sent from my|get outlook for)\b[^\n]{0,60})\s*$",
    re.IGNORECASE,
)


def folded(text: str) -> str:
    """Return typed text with plain spaces, and without invisible characters or an e-mail's signature.

    Punctuation that was dictated to a telephone as words ("comma", "full stop") is replaced by the marks.
    """
    text = _UNSEEN.sub("", _SPACES.sub(" ", text)).strip()
    while (found := _SIGNED.search(text)) and not _TELLS_MORE.search(found[0]):
        text = text[: found.start()].rstrip()
    for said, mark in _SPOKEN:
        text = said.sub(mark, text)
    return text


#: Text that no signature has. Lines with such text belong to the command.
_TELLS_MORE: Final = re.compile(
    rf"/\w+ \w|\bto\s+[a-z]|\bby\s+\w|\b(?:please|also|action)\b|@|[{BULLETS}]", re.IGNORECASE
)


def plain_dashes(text: str) -> str:
    """Return the text with each kind of dash replaced by a plain hyphen, as in references, keys and dates."""
    return _DASHES.sub("-", text)


def without_courtesy(text: str) -> str:
    """Return the text without a "please", "thank you" or emoji at its end."""
    while (shorter := _PLEASE.sub("", without_last_pictures(text))) != text:
        text = shorter
    return text


def parted(text: str, verbs: Collection[str]) -> tuple[str, str]:
    """Return the verb in lower case and the text after it, or the first word and the other words if there is no verb.

    A verb of two words may be typed with a space ("close item"). A panel's key typed before the verb is moved to the
    end of the text.
    """
    text = _unquoted(folded(text))
    found = _begun(text, verbs)
    if found[0] in verbs:
        return found
    if (subject := _subject_first(text, verbs)) is not None:
        return subject
    filler = _FILLER.match(text.replace("\u2019", "'"))
    if filler is None:
        return found
    led = text[filler.end() :]
    later = _begun(led, verbs)
    if later[0] in verbs or not later[0]:
        return later
    return _subject_first(led, verbs) or found


_NOUNS: Final = "case|action|meeting|agenda|minutes|panel|people"
_ANOTHER: Final = re.compile(rf"[\s;,.]+(?:(?:and|then)\s+)*(?=/(?:{_NOUNS})\s+\w)", re.IGNORECASE)
_THEN: Final = re.compile(r"(?:\s*[;\n]\s*|\s+)(?:(?:and\s+)?then\s+|(?<=[;\n])\s*(?:and\s+)?)", re.IGNORECASE)


#: What may separate two commands if a verb and a number follow: "not-done 4127 because …, done 4128".
_COMMA: Final = re.compile(
    r"(?:\s*[,.]\s+(?:(?:and|but)\s+)?|\s+(?:and|but)\s+)(?!\s*(?:and\s+)?then\b)", re.IGNORECASE
)
_OF_NUMBER: Final = re.compile(r"(?:actions?\s+)?#?[0-9]+(?![\w/:-]|\.[0-9])", re.IGNORECASE)


def several_commands(
    name: str, text: str, verbs: Collection[str], of_number: Collection[str] = (), *, takes_words: bool
) -> list[str]:
    """Return the commands typed in one text, each in full, or an empty list if there is only one.

    A further command begins with a slash. Unless `takes_words` is set, it may also begin with a verb after a semicolon
    or "then". A verb in `of_number` with a number may also follow a comma or "and", as in "done 12, reopen 13".
    """
    parts = _ANOTHER.split(text)
    if len(parts) == 1 and not takes_words:
        pieces = re.split(rf"({_THEN.pattern}|{_COMMA.pattern})", text, flags=re.IGNORECASE)
        parts = pieces[:1]
        for mark, piece in zip(pieces[1::2], pieces[2::2], strict=True):
            verb, rest = _begun(piece, of_number)
            is_of_number = verb in of_number and _OF_NUMBER.match(rest) is not None
            is_next = is_of_number or (_THEN.fullmatch(mark) is not None and parted(piece, verbs)[0] in verbs)
            is_next = is_next and re.search("[^\\W\\d]", parts[-1]) is not None
            parts = [*parts, piece] if is_next else [*parts[:-1], parts[-1] + mark + piece]
        parts = [re.sub(r"(?:[\s;,]|\b(?:and|then)\b)+$", "", part) for part in parts]
    if len(parts) == 1:
        return []
    return [part.strip() if part.startswith("/") else f"{name} {part.strip()}" for part in parts]


#: Words that people add to a command that takes only a panel, and that don't change the command's meaning.
_SAYS_NOTHING: Final = frozenset(
    """
    the our this that meeting meeting's agenda minutes panel it now today today's todays me case item one diary board
    for of on in at to time register attendance triage my return returns
    """.split()  # noqa: SIM905 - words to be read and added to
)


_ASKS: Final = re.compile(
    r"(?:are|is|was|were|(?:do|does|did|have|has)\s+(?:we|i|you|they|he|she)|who|whos|who's|what|whats|what's|when|whens|when's|where|wheres|where's"
    r"|which|how|why|am)\b",
    re.IGNORECASE,
)


def is_question(text: str) -> bool:
    """Return whether a text asks something: it ends with a question mark, or begins as questions do."""
    said = without_courtesy(text.replace("\u2019", "'").strip())
    return said.endswith("?") or _ASKS.match(said.lstrip(" *_,.")) is not None


_SEES: Final = re.compile(r"[\s*_,.]*(?:show|list|see|view|display)(?:\s+me)?\b\s*", re.IGNORECASE)


def asks_to_see(text: str) -> bool:
    """Return whether a text asks to be shown something, so that it should not be recorded."""
    return _SEES.match(text) is not None


def seen(text: str) -> str:
    """Return a text that asks to see something, with a first word such as "show" removed.

    Any other text is returned unchanged.
    """
    return _SEES.sub("", text, count=1) if asks_to_see(text) else text


def only_key(text: str) -> str:
    """Return a typed panel's key in lower case, without words around it such as "the" or "meeting"."""
    words = plain_dashes(without_pictures(text).strip(" .,;!?")).lower().split()
    return " ".join(word for word in words if word.strip(".,;!?") not in _SAYS_NOTHING)


def unled(text: str) -> str:
    """Return a text without the greeting or filler before its command. A text of filler alone is returned whole."""
    text = _unquoted(folded(text))
    filler = _FILLER.match(text.replace("\u2019", "'"))
    is_number = filler is not None and re.search("[0-9]", filler[0])
    return text if filler is None or is_number else text[filler.end() :] or text


def _unquoted(text: str) -> str:
    """Return a text without quotation marks if they enclose all of it."""
    found = _WHOLE_QUOTED.fullmatch(text)
    return found[1].strip() if found else text


def _subject_first(text: str, verbs: Collection[str]) -> tuple[str, str] | None:
    """Return the verb and the other words of a text in which a number, case or person comes first ("3 is done").

    For any other text, return None.
    """
    found = _SUBJECT.match(text)
    if found is None:
        return None
    verb, rest = _begun(text[found.end() :], verbs)
    is_list = re.fullmatch(r"\(?[0-9]{1,2}[.)]\s*", found[0]) is not None and _NAMED.search(rest)
    if verb not in verbs or (verb in _DONE and _NOT_SURE.search(found[0])):
        return None
    return verb, rest if is_list else f"{found['subject'].rstrip('.,;: ')} {rest}".strip()


#: Verbs that report something as done, and words that leave it open: "3 should be done by now".
_DONE: Final = frozenset({"done", "complete", "completed", "finish", "finished"})
_NOT_SURE: Final = re.compile(r"\b(?:should|can|to)\s+(?:be\s+)?$", re.IGNORECASE)


def _begun(text: str, verbs: Collection[str]) -> tuple[str, str]:
    words = text.split(maxsplit=2)
    if not words:
        return "", ""
    first = plain_dashes(words[0]).lower().strip("*_:,.;!?")
    both = f"{first}-{words[1].lower().strip(':,.;!')}" if len(words) > 1 else ""
    if both in verbs:
        return both, words[2] if len(words) > 2 else ""
    second = words[1].lower().strip(":,.;!") if len(words) > 1 else ""
    if first not in verbs and second in verbs and _KEY.fullmatch(plain_dashes(words[0])):
        rest = words[2] if len(words) > 2 else ""
        is_case = any(sign.isdigit() for sign in words[0])
        return second, (f"{words[0]} {rest}" if is_case else f"{rest} {words[0]}").strip()
    return first, text.split(maxsplit=1)[1] if len(words) > 1 else ""


_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_LINK = re.compile(r"<(?:[#!@])?[^>|]*\|([^>]*)>|<([^>]*)>")


def plain(text: str) -> str:
    """Return the text as the person typed it, without Slack's escapes and its markup around links and mentions."""
    return unescape(_LINK.sub(lambda found: found[1] or found[2] or "", text)).strip()


def take_mention(text: str) -> tuple[str | None, str]:
    """Return the user id of the first person mentioned, or None, and the text without that mention."""
    found = _MENTION.search(text)
    if found is None:
        return None, text.strip()
    rest = text[: found.start()] + " " + text[found.end() :]
    return found[1], " ".join(rest.split())


# Messages say "Action 4127", so people type it like that.
_CALLED = r"(?:(?:me|us|my|the|with|on|about)\s+){0,2}(?:(?:actions?|items?|numbers?)\s+)?(?:nos?\.?\s*)?#?"
_NUMBER = re.compile(rf"{_CALLED}([0-9]{{1,9}})(?:[.,:;]?\s+|[.!?]*$|\s*(?={PICTURE}))", re.IGNORECASE)
NUMBERS: Final = (
    rf"{_CALLED}[0-9]{{1,9}}(?:(?:\s*[,;&+/]\s*(?:and\s+)?|\s+and\s+|-|\s+(?:-|to)\s+|\s+){_CALLED}[0-9]{{1,9}})*[.!?]*"
)
_NUMBERS = re.compile(NUMBERS, re.IGNORECASE)
_SUBJECT = re.compile(
    rf"\(?(?P<subject>{_NUMBERS.pattern}|{_MENTION.pattern}|@[\w.'\u2019-]+|[A-Za-z]{{2,10}}[ /-]?[0-9][\w/-]*)\)?"
    rf"(?:\s*[,:\u2013\u2014-]+\s*|\s+){_IS}",
    re.IGNORECASE,
)
_NAMED = re.compile(r"[0-9]|@")
_FROM_TO = re.compile(r"([0-9]{1,9})(?:-|\s+(?:-|to)\s+)#?([0-9]{1,9})", re.IGNORECASE)
_MOST_IN_A_ROW = 20


def take_number(text: str, usage: str) -> tuple[int, str]:
    """Return the whole number at the start of the text, and the text after the number.

    Raise Mistake with the usage if the text starts with no number.
    """
    text = without_first_pictures(text)
    found = _NUMBER.match(text)
    if found is None:
        raise Mistake(f"Which one? {usage}")
    return int(found[1]), without_first_pictures(text[found.end() :])


def only_number(text: str, usage: str) -> int:
    """Return the number if the text is nothing else. Raise Mistake with the usage for any other text."""
    number, rest = take_number(text, usage)
    if rest:
        raise Mistake(f"Please give one number and nothing after it. {usage}")
    return number


def only_numbers(text: str, usage: str) -> list[int]:
    """Return the numbers in a text that has only numbers ("2 3", "2, 3 and 5"), each once.

    Raise Mistake with the usage for any other text.
    """
    if not _NUMBERS.fullmatch(without_pictures(plain_dashes(unescape(text)))):
        take_number(text, usage)
        raise Mistake(f"Only whole numbers, please: I can't tell what to do with the rest of “{plain(text)}”. {usage}")
    return first_numbers(text)


def first_numbers(text: str) -> list[int]:
    """Return the numbers in a text, each once, if the text has nothing else.

    For any other text, return only the number at its start, or an empty list if there is none.
    """
    said = without_pictures(plain_dashes(unescape(text)))
    found = _NUMBERS.fullmatch(said) or _NUMBER.match(said)
    return [] if found is None else list(dict.fromkeys(map(int, re.findall(r"[0-9]+", _in_full(found[0])))))


_ALONE: Final = re.compile(r"(?<![\w/.:-])#?([0-9]{1,9})(?![\w/:-])")


def numbers_alone(text: str) -> list[str]:
    """Return the numbers in a text as typed, each once. Numbers in dates, times and references are left out."""
    return list(dict.fromkeys(_ALONE.findall(text)))


def _in_full(numbers: str) -> str:
    """Return the text with a range such as "4-6" written out as "4 5 6".

    Raise Mistake if a range is reversed or too long.
    """

    def between(found: re.Match[str]) -> str:
        first, last = int(found[1]), int(found[2])
        if not first <= last < first + _MOST_IN_A_ROW:
            raise Mistake(f"I can't tell which numbers “{found[0]}” are. Name each of them, please.")
        return " ".join(map(str, range(first, last + 1)))

    return _FROM_TO.sub(between, numbers)


_IN_WORDS: Final = {word: str(count) for word, count in NUMBER_OF.items() if len(word) > len("an")}
_ITEM_NUMBER: Final = re.compile(
    r"(?:items?\s+)?(?:(?:no|number)\.?\s*)?#?(?P<number>[0-9]{1,3}[a-z]{0,2})\.?", re.IGNORECASE
)


_LIST: Final = re.compile(
    rf"{_CALLED}[0-9]{{1,9}}(?:\s*(?:[,&+/]|\band\b)\s*(?:and\s+)?{_CALLED}[0-9]{{1,9}}(?![0-9]|\s*(?:days?|w))"
    r")+(?=\s|$)",
    re.IGNORECASE,
)


def several_numbers(text: str) -> tuple[list[int], str]:
    """Return the numbers listed at the start of a text ("4 and 5 by Friday"), and the text after them."""
    found = _LIST.match(text.strip())
    if found is None:
        return [], text
    return first_numbers(found[0]), text.strip()[found.end() :].strip()


def item_number(text: str) -> str | None:
    """Return the typed number of an agenda item, such as "6" or "6a" (added after item 6), or None for other text."""
    words = [_IN_WORDS.get(word.lower(), word) for word in without_pictures(text).strip("() ").split()]
    found = _ITEM_NUMBER.fullmatch(" ".join(words))
    return found["number"] if found else None


_BECAUSE: Final = re.compile(rf"(?:^|[\s,;]+){WORD}\b[\s:]*|{DASH}", re.IGNORECASE)


def take_reason(text: str) -> tuple[str, str]:
    """Return the words before "because" or a dash, and the reason after it. Without either, the reason is ""."""
    head, *reason = _BECAUSE.split(text, maxsplit=1)
    return head, plain(reason[0]).lstrip(" :\u2013\u2014-") if reason else ""


def may_end_in_panel(text: str) -> bool:
    """Return whether a text that was refused may have a panel's key at its end.

    The text must have at most two words, or its last word must have a hyphen or follow "for", "to" and the like. The
    panel itself is not looked up, so the answer does not show whether it exists.
    """
    words = text.lower().split()
    return len(words) <= _FEW or "-" in words[-1] or words[-2] in _LEAD_TO_PANEL


_FEW: Final = 2
_LEAD_TO_PANEL: Final = frozenset({"for", "to", "of", "in", "at", "on", "panel", "from", "by"})


_EDGES: Final = " .,;:?!()\"'\u201c\u201d\u2018\u2019-"
_LEADS_NOWHERE: Final = re.compile(r"(?:^|(?<=\s))(?:for|from|by|of|to|on|with|in|as|is)$", re.IGNORECASE)
_LEADS_TO_CASE: Final = re.compile(
    r"^(?:(?:the\s+)?(?:case|ref(?:erence)?)\s*:?\s*(?=\S*[0-9])|(?:for|about|re|on|to|of|by|in|from|with)\s+"
    r"|(?:my|our)\s+(?:own\s+)?(?:flag\s+)?(?=\S*[0-9])|(?:the\s+)?flag\s+(?=\S*[0-9]))+",
    re.IGNORECASE,
)


def without_lead(text: str) -> str:
    """Return the text without words that introduce a case reference: "WEST-0001" for "case: WEST-0001"."""
    left = _LEADS_NOWHERE.sub("", plain_dashes(without_pictures(plain(text))).strip(_EDGES)).strip(_EDGES)
    return with_hyphen(_LEADS_TO_CASE.sub("", left))
