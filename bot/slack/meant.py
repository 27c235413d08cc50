"""Finding the command that a person probably meant when the bot can't read what they typed, and filling it in.

Only the typed words are used, so that an offer reveals nothing about cases, panels or people.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol

from bot.domain.language.agency_names import is_kind_of_agency, said_by_agency
from bot.domain.language.day_words import ANY_MONTH, TH
from bot.domain.language.person_names import MENTION
from bot.domain.language.reasons import BECAUSE, WORD
from bot.domain.language.references import with_hyphen, with_hyphen_in_word
from bot.slack.typed import plain_dashes, without_courtesy

MOST_OFFERS: Final = 2
_MENTION: Final = re.compile(MENTION)
_REFERENCE: Final = re.compile(
    r"(?<![\w-])(?![0-9]{1,2}(?:am|pm|st|nd|rd|th)\b)(?=[\w/-]*[A-Za-z])(?=[\w/-]*[0-9])[\w/-]{4,20}(?![\w-])"
    r"|(?<![\w/.:-])0[0-9]{3,7}(?![\w/.:-])",  # its digits alone
    re.ASCII | re.IGNORECASE,
)
_KEY: Final = re.compile(r"(?<![\w-])[a-z]{2,}(?:-[a-z]+)+(?![\w-])", re.IGNORECASE)
_DAY: Final = re.compile(
    rf"(?<![\w/:.-])(?:[0-9]{{1,2}}{TH}?\s+(?:of\s+)?{ANY_MONTH}\b(?:,?\s+20[0-9]{{2}}\b)?"
    rf"|{ANY_MONTH}\s+[0-9]{{1,2}}{TH}?\b(?:,?\s+20[0-9]{{2}}\b)?"
    r"|[0-9]{1,2}[/.-][0-9]{1,2}[/.-](?:20)?[0-9]{2}\b|[0-9]{1,2}/[0-9]{1,2}\b|20[0-9]{2}-[0-9]{2}-[0-9]{2}\b)",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"(?<![\w-])#?[0-9]{1,9}(?![\w-])")
_SHAPES: Final = (
    ("@", _MENTION),
    ("REFERENCE", _REFERENCE),
    ("panel", _KEY),
    ("DAY", _DAY),
    ("NUMBER", _NUMBER),
    ("now", re.compile(r"\bnow\b", re.IGNORECASE)),
)
_BECAUSE: Final = re.compile(rf"{WORD}\b[\s:]*", re.IGNORECASE)
_SURELY_BECAUSE: Final = re.compile(rf"\s(?:{BECAUSE}\b[\s:]*)+", re.IGNORECASE)
#: Words that introduce a reason, so that a verb can already read the reason.
_LEADS_TO_REASON: Final = re.compile(
    rf"(?:[\s,;:]|\b(?:case|for|from|in|of|on|panel|the|to)\b)*(?:-|{WORD}\b)", re.IGNORECASE
)
_EDGES: Final = " ,.;:()#\u2013\u2014-\u201c\u201d\"'"
#: Words before a part of a command that mean nothing by themselves.
_LEADS: Final = frozenset(
    """
    a an and about back by case for from in into item of on or panel please re ref reference that the this to with
    """.split()  # noqa: SIM905 - words to be read and added to
)
#: Words that are ignored when a command is compared with what was typed.
_OVERLOOKED: Final = _LEADS - {"a", "an", "and", "back", "into", "item", "or", "please", "since", "that", "this"} | {
    "because"
}
#: The parts of a usage that can be filled in here. Usages with other parts (words, days, agencies) can't be.
_PARTS: Final = frozenset(
    {"REFERENCE", "NUMBER", "[NUMBER]", "[DAY]", "[REFERENCE]", "@", "[@]", "[panel]", "because", "[because]", "[now]"}
)


#: Words that ask for nothing when they stand alone. Help is the answer to them.
_FILLERS: Final = frozenset(
    "please pls plz thanks thx ta cheers hi hello hey the a i we you can could would ok okay and or so asap".split()  # noqa: SIM905
)
_ENDINGS: Final = ("s", "es", "d", "ed", "ing")
_SHORTEST_BEGINNING: Final = 3
_SPEAKER: Final = re.compile(r"[^\W\d][\w&'\u2019. -]{1,30}(?::|\s[\u2013\u2014-])\s*\S")


class TypedVerb(Protocol):
    """What is asked of a verb when a typed line is read. The registry, which stands above, has the verbs."""

    @property
    def name(self) -> str: ...
    @property
    def usage(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...
    @property
    def offered_for(self) -> tuple[str, ...]: ...
    @property
    def offered_with(self) -> tuple[str, ...]: ...
    @property
    def offered_behind(self) -> tuple[str, ...]: ...
    @property
    def offered_behind_number(self) -> tuple[str, ...]: ...
    @property
    def fills_in(self) -> bool: ...
    @property
    def reads(self) -> bool: ...
    @property
    def acts(self) -> bool: ...


def other_verbs(text: str, verbs: Iterable[TypedVerb]) -> Iterator[str]:
    """Yield the commands that a text may mean if its first word is no verb, the likeliest first.

    Each command is a verb with words of the text. A verb is yielded if the bot offers the verb for words of the text,
    or if the verb is spelt like the first word. A verb is also yielded if such a text may follow it, as a number may
    follow "show".
    """
    verbs = tuple(verbs)
    word, _, rest = text.partition(" ")
    word, rest = _plain(word), rest.strip()
    if word in _FILLERS:
        return
    said = " ".join(map(_plain, text.split()))
    asked = [
        (len(phrase), f"{verb.name} {text}" if phrase in verb.offered_with else _offer(verb, _after(text, phrase)))
        for verb in verbs
        if (phrase := _longest(said, (*verb.offered_for, *verb.offered_with)))
    ]
    asked += _asked_behind_number(text, verbs)
    yield from (offer for _, offer in sorted(asked, key=lambda one: -one[0]))
    if word not in _DENIED:
        yield from (_offer(verb, rest) for verb in verbs if _is_form_of(word, (verb.name, *verb.aliases)))
    spelt = (
        ()
        if asked or word in _DENIED
        else difflib.get_close_matches(word, [verb.name for verb in verbs], n=1, cutoff=_ALIKE)
    )
    notes = [f"{verb.name} {said_by_agency(text) or text}" for verb in verbs if _begins_words(verb, text)]
    later = set(map(_plain, text.split()[1:6]))
    behind = [_said_behind(verb, text) for verb in verbs if later.intersection(verb.offered_behind)]
    behind = [] if _ASKS_WHO.match(text) else behind
    behind = [] if _NO_LONGER.search(text.replace("\u2019", "'")) else behind
    yield from behind
    is_clear = bool(asked or notes or behind)
    if not is_clear:
        yield from _named_later(text, verbs)
    yield from (_offer(verb, rest) for verb in verbs if verb.name in spelt)
    yield from notes
    is_denied = any(_plain(one) in _DENIED for one in text.split())
    # What follows an action's number is known, so no other verb may record these words.
    is_of_number = bool(asked) and _NUMBER_FIRST.match(text) is not None
    yield from (
        f"{verb.name} {text}"
        for verb in verbs
        if _takes(verb, word) and (verb.reads or not (is_denied or is_of_number))
    )
    yield from _asked_later(text, verbs)
    if not spelt and not is_clear and word not in _DENIED:
        looser = difflib.get_close_matches(word, [verb.name for verb in verbs], n=1, cutoff=_RATHER_ALIKE)
        yield from (_offer(verb, rest) for verb in verbs if verb.name in looser)


def _said_behind(verb: TypedVerb, text: str) -> str:
    """Return the command for words behind a name, with a colon after the agency if the verb records what one says.

    For "police disagree with this" return "dissent police: disagree with this".
    """
    if "AGENCY:" in verb.usage:
        words = text.split()
        at = next(place for place, word in enumerate(words[1:6], 1) if _plain(word) in verb.offered_behind)
        return f"{verb.name} {' '.join(words[:at]).rstrip(' :,')}: {' '.join(words[at:])}"
    return f"{verb.name} {text}"


_ASKS_WHO: Final = re.compile(r"\W*(?:who|what|which|when|is|are|was|were|does|do)\b", re.IGNORECASE)
#: Words that take back what follows a name: "Sam is no longer my deputy".
_NO_LONGER: Final = re.compile(
    r"\bno longer\b|\bany ?more\b|\b(?:isn't|isnt|is not|not|stopped|ceased)\s+"
    r"(?:being\s+)?(?:my|our|the|deputi\w+|cover\w*)\b",
    re.IGNORECASE,
)
_ALIKE: Final = 0.75
_RATHER_ALIKE: Final = 0.62


def whole_commands(text: str, phrases: Mapping[str, Iterable[str]]) -> list[str]:
    """Return commands of other nouns that answer a text, such as "/panel next" for "when is the meeting".

    `phrases` is a dict from command to the phrases that mean it. Commands with the longest matching phrase come first.
    """
    said = " ".join(map(_plain, text.split()))
    found = {command: _longest(said, some) for command, some in phrases.items()}
    return sorted((command for command, phrase in found.items() if phrase), key=lambda one: -len(found[one]))


def _asked_behind_number(text: str, verbs: Iterable[TypedVerb]) -> list[tuple[int, str]]:
    """Return commands to offer for words typed after an action's number, as in "4127 isn't ours".

    Each command comes in a pair. The pair's first part is the length of the words for which the command is offered.
    """
    found = _NUMBER_FIRST.match(text)
    if found is None:
        return []
    rest = text[found.end() :]
    if (person := _IS_FOR.match(rest)) and not is_kind_of_agency(person["who"]):
        return [(len(rest), f"reassign {found['number']} {person['who']}")]
    if (person := _IS_SOMEONES.match(rest.replace("\u2019", "'"))) and any(verb.name == "reassign" for verb in verbs):
        return [(len(rest), f"reassign {found['number']} {person['who']}")]
    said = " ".join(map(_plain, rest.split()))
    offers = [(verb, _longest(said, verb.offered_behind_number)) for verb in verbs]
    return [
        (len(phrase), _offer(verb, f"{found['number']} {_NO_REASON.sub('', _after(rest, phrase))}".strip()))
        for verb, phrase in offers
        if phrase
    ]


#: "4127 should be Dmitri's now": an action that changes its holder.
_IS_SOMEONES: Final = re.compile(
    r"(?:(?:should|needs to|ought to|is|are|will|must|was meant to)\s+)?(?:be\s+|now\s+|really\s+)*"
    rf"(?P<who>{MENTION}|@?[^\W\d][\w.-]+(?:\s+[A-Z][\w-]+)?)'s\b"
    r"(?:\s+(?:now|instead|action|not mine|really))*[\s.!]*$",
    re.IGNORECASE,
)
#: "4129 is for Zara, not me": an action for another holder.
_IS_FOR: Final = re.compile(
    r"(?:is|was|should be|should have been)\s+(?:really\s+|meant\s+)?for\s+"
    r"(?!(?:the|a|an|our|my|his|her|their|us|me)\b)"
    rf"(?P<who>{MENTION}|@?[^\W\d][\w.'-]+(?:\s+[A-Z][\w-]+)?)(?:[\s,]+(?:and\s+)?not\s+(?:me|us|mine|ours))?[\s.!]*$",
    re.IGNORECASE,
)
#: The rest of "isn't done yet", which gives no reason.
_NO_REASON: Final = re.compile(r"^(?:(?:yet|still|now|at all|sorry)[\s,.!?]*)+$", re.IGNORECASE)
_NUMBER_FIRST: Final = re.compile(
    r"\s*(?:(?:oops|whoops|sorry|ah|oh)[\s,.!-]+)*(?:action\s+)?#?(?P<number>[0-9]{1,9})\s*[:,\u2013\u2014-]*\s+",
    re.IGNORECASE,
)


def _longest(said: str, phrases: Iterable[str]) -> str:
    """Return the longest of `phrases` that `said` begins with, or an empty string if there is none."""
    return max((phrase for phrase in phrases if f"{said} ".startswith(f"{phrase} ")), key=len, default="")


def _plain(word: str) -> str:
    return word.lower().replace("\u2019", "'").strip(_EDGES + "?!*_").replace("'", "")


def _after(text: str, phrase: str) -> str:
    return " ".join(text.split()[len(phrase.split()) :])


def _is_form_of(word: str, called: Iterable[str]) -> bool:
    """Return whether a word, such as "hist" or "published", is the beginning or another form of one of these verbs."""
    names = {name for name in called if len(name) >= _SHORTEST_BEGINNING}
    if len(word) >= _SHORTEST_BEGINNING and any(name.startswith(word) for name in names):
        return True
    stems = {word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)}
    stems |= {f"{stem}e" for stem in stems} | {stem[:-1] for stem in stems if stem[-2:-1] == stem[-1:]}
    return not names.isdisjoint(stems)


def _begins_words(verb: TypedVerb, text: str) -> bool:
    """Return whether a text may be a note typed without the verb, such as "Police: seen twice"."""
    return verb.usage.startswith("[AGENCY:]") and (_SPEAKER.match(text) is not None or said_by_agency(text) is not None)


def _asked_later(text: str, verbs: Iterable[TypedVerb]) -> Iterator[str]:
    """Yield the commands to offer if the second or third word of a text may mean a verb.

    In a command, the verb comes first and replaces that word. The text's other words follow.
    """
    words = text.split()
    for place, word in enumerate(words[1:3], 1):
        rest = " ".join((*words[:place], *words[place + 1 :]))
        said = _plain(word)
        asked = (verb for verb in verbs if said in verb.offered_for and said not in verb.offered_behind)
        yield from (_offer(verb, rest) for verb in asked)


def _offer(verb: TypedVerb, rest: str) -> str:
    made = None if verb.fills_in else filled_in(verb.usage, rest)
    if made is None and verb.usage == "[panel]" and not verb.fills_in:
        made = key[0] if (key := _KEY.fullmatch(rest)) else ""
    return f"{verb.name} {rest if made is None else made}".strip()


def _named_later(text: str, verbs: Iterable[TypedVerb]) -> Iterator[str]:
    """Yield a command if a later word of the text is a verb. The verb comes first in the command.

    For "what's next west-met", yield "next west-met". If the verb takes people, all words before the verb are kept.
    Otherwise only the numbers, case references and panel keys among them are kept.
    """
    usages, words = {verb.name: verb.usage for verb in verbs}, text.split()
    for place, word in enumerate(words[1:], 1):
        if (name := word.lower().strip(_EDGES + "?!")) in usages:
            if any(_plain(one) in _DENIED for one in words[:place]):
                return
            takes_people = usages[name].startswith("@")
            before = [one for one in words[:place] if takes_people or _has_shape(one.strip(_EDGES))]
            yield " ".join((name, *before, *words[place + 1 :]))
            return


#: For "4127 can't be done", no command is offered that says the action is done.
_DENIED: Final = frozenset(
    """
    not cant cannot wont isnt wasnt never dont didnt hasnt havent no unable nearly almost half partly partially still
    hardly mostly
    """.split()  # noqa: SIM905 - words to be read and added to
)


def _has_shape(word: str) -> bool:
    return any(shape.fullmatch(word) for _, shape in _SHAPES)


def _takes(verb: TypedVerb, word: str) -> bool:
    if _MENTION.fullmatch(word.upper()):
        return verb.usage.startswith("@")
    if _NUMBER.fullmatch(word):
        return verb.usage.startswith(("NUMBER", "[NUMBER]"))
    if _REFERENCE.fullmatch(word):
        return verb.usage.startswith("REFERENCE")
    return word.isalpha() and word in re.findall(r"\b[a-z]{4,}\b", re.sub("@[a-z]+", "", verb.usage))


def filled_in(usage: str, text: str) -> str | None:
    """Return what to type after a verb, with the parts of its `usage` filled in from the typed text.

    Return None if a part is missing or the text would not change. Words that fit no part of the usage are left out.
    """
    found = _taken_from(usage, text)
    if found is None:
        return None
    parts, taken, is_led = found
    if any(part not in taken for part in parts if not part.startswith("[")):
        return None
    made = " ".join(taken[name] for part in parts if (name := part.strip("[]")) in taken)
    return None if is_led and _telling(made) == _telling(text) else made


def left_out(rest: str, offered: str) -> str:
    """Return the words of `rest` that do not occur in `offered`, in the order typed. Filler words are not returned.

    `rest` is the text typed after a verb. `offered` is the sentence of the refusal with the commands that it suggests.
    """
    kept = set(_telling(offered)) | set(_telling(with_hyphen_in_word(with_hyphen(rest)))).intersection(
        _telling(offered)
    )
    figures = {digits for word in kept if (digits := re.sub(r"^[a-z]+[-/]?(?=[0-9])", "", word))}
    typed = [(word, set(_telling(word))) for word in rest.split()]
    is_left = [bool(said) and not said <= kept | figures for _, said in typed]
    words = list[str]()
    between = list[str]()  # filler words, which belong to the words on both sides if those are left out
    for (word, said), left in zip(typed, is_left, strict=True):
        if left:
            words += [*between, word] if words else [word]
        between = [] if left or said else [*between, word]
    return " ".join(words)


def lacking_reason(usage: str, text: str) -> str | None:
    """Return what to type after the verb, with "because REASON" at the end, if a text lacks only a reason.

    For any other text, return None.
    """
    found = _taken_from(usage, text)
    if found is None or "because" not in found[0] or "because" in found[1]:
        return None
    parts, taken, _ = found
    taken = {**taken, "because": "because REASON"}
    if any(part not in taken for part in parts if not part.startswith("[")):
        return None
    return " ".join(taken[name] for part in parts if (name := part.strip("[]")) in taken)


def _taken_from(usage: str, text: str) -> tuple[list[str], dict[str, str], bool] | None:
    """Return the parts of a usage, the words typed for each part, and whether a typed reason has its "because".

    Return None if the usage has parts that can't be filled in, or if the text has a number or case that fits no part.
    """
    parts = _parts_of(usage)
    if not set(parts) <= _PARTS:
        return None
    left = with_hyphen_in_word(with_hyphen(without_courtesy(plain_dashes(text))))
    wanted, reason = {part.strip("[]") for part in parts}, ""
    taken = dict[str, str]()
    for name, shape in _SHAPES:
        found = shape.search(left)
        if found is None:
            continue
        if name not in wanted and name == "REFERENCE":
            return None  # the text names a case, and the verb takes none
        if name == "NUMBER" and name in wanted and len(shape.findall(left)) > 1:
            return None  # several could be meant
        if name in wanted:
            taken[name] = found[0].lstrip("#")
            left = f"{left[: found.start()]} {left[found.end() :]}"
    if "because" in wanted:
        reason = _reason_in(left)
        taken |= {"because": f"because {reason}"} if reason else {}
    return parts, taken, not reason or _LEADS_TO_REASON.match(left) is not None


def _parts_of(usage: str) -> list[str]:
    """Return the parts of a verb's usage, with "@" for a mention and "because" for a reason.

    Optional parts are in brackets.
    """
    plain = re.sub(r"@[a-z]+", "@", usage).replace("because REASON", "because").replace(" \u2026", "")
    plain = plain.replace("[@ because]", "[@] [because]")
    return plain.split()


#: Words that "defer" says already, so they are no part of the reason.
_NEXT_TIME: Final = re.compile(
    r"^(?:(?:un)?till?|to|for)\s+(?:the\s+)?next\s+(?:month|meeting|time|one|panel)\b[\s,;:]*", re.IGNORECASE
)


#: "My flag for 0041", once the case is taken out.
_OUR_FLAG: Final = re.compile(
    r"^(?:my|our|the)\s+(?:own\s+)?(?:flag|case|referral)\b(?:\s+(?:for|of|on|about))?[\s,;:]*", re.IGNORECASE
)


def _reason_in(left: str) -> str:
    found = _SURELY_BECAUSE.search(left)
    if found:
        return left[found.end() :].strip(_EDGES)
    words = _OUR_FLAG.sub("", _NEXT_TIME.sub("", left.strip(_EDGES)))
    while words and (lead := re.match(r"\w+", words)) and lead[0].lower() in _LEADS and not _BECAUSE.match(words):
        words = words[lead.end() :].strip(_EDGES)
    return words[lead.end() :].strip() if (lead := _BECAUSE.match(words)) else words


def _telling(text: str) -> list[str]:
    """Return the words of a text in lower case and sorted, without filler words."""
    words = re.findall(r"<@\w+|[\w/'\u2019-]+", plain_dashes(without_courtesy(text)).lower())
    return sorted(word.strip("-") for word in words if word.strip("-") and word not in _OVERLOOKED)


def label_of(command: str) -> str:
    """Return the label of a button that types a command. Mentions in the label have no account id."""
    return _MENTION.sub("@\u2026", command)
