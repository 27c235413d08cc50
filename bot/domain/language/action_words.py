"""The holder of an action in a message: "ACTION: Farah to ring the school", "Farah Siddiqi – ring the school"."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.language.agency_names import is_kind_of_agency, plain_name, with_name_hyphens
from bot.domain.language.day_words import MONTH_OF, WEEKDAY_OF, any_of
from bot.domain.language.due_sentences import split_due
from bot.domain.language.person_names import JOINS_NAMES, with_initial
from bot.domain.language.pictures import BULLETS, PICTURE
from bot.domain.language.task_words import says_what_to_do

_IS_TO: Final = r"(?:\s+(?:(?:is|are)\s+)?to\s+|\s+will\s+)"
#: A word before "to" that looks like a name, perhaps of a person or agency that is not on this panel.
_SOMEONE: Final = re.compile(
    rf"\s*(?P<who>[A-Z][\w'\u2019-]*(?:\s+(?:[A-Z&][\w'\u2019-]*|and|of|the)){{0,4}}){_IS_TO}(?=[a-z])"
)
_MENTION: Final = re.compile(r"<@(?P<user>[UW][A-Z0-9]+)(?:\|[^>]*)?>")
#: The same if the line is known to give an action: "joon to send the form", "marcus find out who the worker is".
_SOMEONE_LOWER: Final = re.compile(
    rf"\s*(?P<who>@?[^\W\d][\w'\u2019-]*(?:\s+[^\W\d][\w'\u2019-]*)?){_IS_TO}(?!be\b)(?=\w)", re.I
)
_FIRST_WORD: Final = re.compile(r"\s*(?P<who>@?[^\W\d][\w'\u2019-]+)\s+(?=\w)")
#: Words that can't follow a name without "to", since they describe the person or add other people.
_TELLS_OF: Final = re.compile(
    r"\s*(?:(?:and|or|is|isn't|are|was|wasn't|were|has|hasn't|had|said|says|told|rang|went|saw|came|left|sent|gave|made"
    r"|got|took|thinks|knows|wants|did|didn't|does|doesn't|can't|cannot|won't|would|could|who|whose|from|of|in|at|on"
    r"|off|the|a|an|up|s)\b|(?!need|feed|speed|shed|embed|proceed)[a-z]+ed\b|[,&+/;.?!])",
    re.IGNORECASE,
)
#: Another person who is to do something, later in the line.
_ANOTHER_IS_TO: Final = r"[.,;:\u2013\u2014-]\s*(?:and\s+)?@?(?:{names})" + _IS_TO
#: First names that are also English words. Alone at the beginning of a line, they say what to do or when.
_ALSO_WORDS: Final = frozenset(
    """
    abbey amber angel april art ash august autumn barb basil bay bea bill blaze bliss bob bonny brad brook brooke buck
    bud buddy carol case chance charity chase cherry chip chuck clay cliff constance coral crystal curt daisy dale dawn
    dean destiny dick don drew duke earl eden ernest eve fabian faith fay fern flora forest frank gale gay gene gill
    ginger glen grace grant guy harmony harry harp hazel heath heather holly honor honour hope hunter iris ivy jack
    jade jasmine jay jean jenny jewel jim joey john josh joy june justice ken kit kitty lance laurel lee liberty lily
    major march mark martin mason mat matt max may melody mercy mike miles misty nat nick norm olive opal page pansy
    pat patience pearl peg penny pierce piers pip pippa poppy prudence ray read reed rich river rob robin rod roger
    rose rosemary rowan ruby rue rusty sage sally sandy scarlet serenity sky skip sonny stew sterling sue summer tab
    tad tanner terry tilly tom tony trinity tucker van verity victor viola violet wade ward warren will winter woody
    """.split()  # noqa: SIM905 - words to be read and added to
)
#: What forbids or sets a condition at the beginning of a line: never a person's name.
_NEVER_NAMES: Final = frozenset(
    """
    no not never none nobody nothing nowhere neither nor no-one noone don't dont don’t doesn't doesnt doesn’t
    won't wont won’t can't cant can’t cannot mustn't mustnt mustn’t shouldn't shouldnt shouldn’t avoid without stop
    only unless until till before after once when if while whilst because since except
    """.split()  # noqa: SIM905 - words to be read and added to
)
_NOT_A_NAME: Final = _NEVER_NAMES | {"we", "i", "you", "they", "please", "need", "happy", "able", "remember"}
_MARKED: Final = re.compile(r"(?<!\w)([*_~])(?=\S)([^\n]+?)(?<=\S)\1(?!\w)")
#: "Action:", "ACTION 1:", "Action no. 2 \u2013". A longer number is the number of an action that was given already.
_LABEL: Final = re.compile(
    r"\s*(?:actions?|ap|task)\s*(?:[:\u2013\u2014-]|(?:no\.?|number)?\s*#?[0-9]{1,2}\s*[:.)\u2013\u2014-])\s*",
    re.IGNORECASE,
)
_TO: Final = re.compile(r"^\s*[:,\u2013-]?\s*to\s+(?=[a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SaidHolder:
    """The holder of an action as typed: their Slack user, or an empty string if no holder was found.

    `text` is the action without the holder. `unplaced` has the typed names that match no person, and the names of other
    people who were mentioned.
    """

    user_id: str
    text: str
    unplaced: tuple[str, ...] = ()  #: names as they were typed, and the names of further people who were mentioned


def without_marks(text: str) -> str:
    """Return a text without the signs for bold, italics and strike-through around its words."""
    return _MARKED.sub(r"\2", text)


def take_label(text: str) -> tuple[bool, str]:
    """Return whether a message begins with "Action:" or the like, and the message without this label and bold marks."""
    unmarked = without_marks(text)
    found = _LABEL.match(unmarked)
    return found is not None, unmarked[found.end() :] if found else unmarked


def take_holder(text: str, people: Mapping[str, str], *, is_action: bool = False) -> SaidHolder:
    """Return the holder and the action in a text. `people` maps each possible holder's Slack user to a name.

    The holder is mentioned, or named at the beginning by a full name or by a first name that only one person has. If
    several people are mentioned at the beginning, the first is the holder. Other mentions are replaced by names.
    `is_action` says that the text is known to give an action. A name then needs no "to" after it, unless the name is
    also an English word ("Mark"). An unknown name at the beginning is then reported if a task follows the name.
    """
    first, rest, more = "", text, list[str]()
    while found := re.match(rf"[\s,/+&:]*(?:&amp;|and\s)?\s*{_MENTION.pattern}[\s,:\u2013-]*", rest):
        user, rest = found["user"], rest[found.end() :]
        if not first and (user in people or not people):
            first = user
        else:
            more.append(people.get(user, f"<@{user}>"))
    if not first:
        first, rest = _named_first(rest, people, is_action=is_action)
    if not first and (found := _MENTION.search(rest)) and (found["user"] in people or not people):
        first, rest = found["user"], f"{rest[: found.start()]} {rest[found.end() :]}"
    if not first and not more and (someone := _SOMEONE.match(rest)) and _may_be_name(someone["who"]):
        more.append(" ".join(someone["who"].split()))
    if is_action and not first and not more and (unknown := _unknown_first(rest)):
        more.append(unknown[0])
        rest = unknown[1]
    rest = _MENTION.sub(lambda one: people.get(one["user"], "\u2026"), rest)
    return SaidHolder(first, " ".join(_TO.sub("", rest, count=1).split()), tuple(dict.fromkeys(more)))


def _may_be_name(words: str) -> bool:
    """Return whether words can be someone's name: not "We", and nothing that begins with "No" or "Never"."""
    return words.lower() not in _NOT_A_NAME and words.split(maxsplit=1)[0].lower() not in _NEVER_NAMES


def _named_first(text: str, people: Mapping[str, str], *, is_action: bool) -> tuple[str, str]:
    called = _called(people)
    if not called:
        return "", text
    names = any_of(re.escape(name).replace(r"\ ", r"\s+") for name in called)
    # The text keeps its length, so positions stay the same.
    typed = with_name_hyphens(text, people.values()).replace("\u2019", "'")
    found = re.match(rf"\s*@?(?P<who>{names})(?:{_IS_TO}|\s*[:,]\s*|\s+[\u2013\u2014-]\s+)(?=\S)", typed, re.IGNORECASE)
    if found is None and is_action:  # "@sam ring the school"
        found = re.match(rf"\s*@(?P<who>{names})\s+(?=\S)", typed, re.IGNORECASE)
    if found is None and is_action and (whole := [name for name in called if " " in name]):
        in_full = any_of(re.escape(name).replace(r"\ ", r"\s+") for name in whole)
        found = re.match(rf"\s*@?(?P<who>{in_full})\s+(?=\S)", typed, re.IGNORECASE)
    if found is None and is_action:  # "farah ring the school"
        alone = any_of(re.escape(name) for name in called if " " not in name and not _is_word(name))
        found = re.match(rf"\s*(?P<who>{alone})\s+(?=\S)", typed, re.IGNORECASE) if alone else None
        if found is not None and (
            _TELLS_OF.match(typed, found.end())
            or _is_surname(typed[found.end() :])
            or re.search(_ANOTHER_IS_TO.format(names=names), typed[found.end() :], re.IGNORECASE)
        ):
            found = None
    return (called[plain_name(found["who"])], text[found.end() :]) if found else ("", text)


_DOUBLE_BARRELLED: Final = re.compile(r"[A-Z][a-z]+[\u2010-\u2015-][A-Z][a-z]+")


def _is_surname(rest: str) -> bool:
    """Return whether the words after a first name begin with a surname, as in "Farah Jones ring mum"."""
    word, _, after = rest.partition(" ")
    if _DOUBLE_BARRELLED.fullmatch(word):
        return True
    if not word.isalpha() or word.lower() in _LEADS_ON or says_what_to_do(rest):
        return False
    return word.istitle() or says_what_to_do(after)


def _is_word(name: str) -> bool:
    """Return whether a first name is also a word that can begin a line: "Mark", "Sue", "June"."""
    return name in _ALSO_WORDS or name in MONTH_OF or name in WEEKDAY_OF or says_what_to_do(name)


_LEADS_ON: Final = frozenset(
    "hi hello hey please pls kindly just now also about for re regarding on can could should must will needs".split()  # noqa: SIM905
)
_LEADS: Final = frozenset(
    """
    the a an all everyone everybody both his her their our my your someone anyone each these those this that urgent
    urgently asap then also next and but new old do does must should refrain cease
    """.split()  # noqa: SIM905 - words to be read and added to
)


def _unknown_first(text: str) -> tuple[str, str] | None:
    """Return the unknown name at the beginning of a line and the task after it, or None if there is no such name."""
    found = _FIRST_WORD.match(text)
    if found is None or found["who"].lower().replace("\u2019", "'") in _NOT_A_NAME | _ALSO_WORDS | _LEADS:
        return None
    if (someone := _SOMEONE_LOWER.match(text)) and not says_what_to_do(someone["who"]):
        return someone["who"], text[someone.end() :]
    if says_what_to_do(text):
        return None
    rest = text[found.end() :]
    return (found["who"], rest) if says_what_to_do(rest) else None


def holder_apart(text: str, people: Mapping[str, str]) -> tuple[str, str]:
    """Return the Slack user of the person who is named apart from the task, and the text without this name.

    Examples are "ring the school by Friday, Sam Carter", "ring the school (Sam)" and "ring the nurse for Sam Carter by
    Friday". A first name counts only in brackets, between dashes or at the end after a comma or a dash. For other
    texts, return "" and the text.
    """
    called = _called(people)
    if not called:
        return "", text
    every = any_of(re.escape(name).replace(r"\ ", r"\s+") for name in called)
    whole = any_of(re.escape(name).replace(r"\ ", r"\s+") for name in called if " " in name) or "(?!)"
    typed = with_name_hyphens(text, people.values()).replace("\u2019", "'")
    shapes = (
        rf"\s*\(\s*@?(?P<who>{every})\s*\)",
        rf"\s+[\u2013\u2014-]\s+@?(?P<who>{every})(?=\s*(?:$|[.!]\s*$|[\u2013\u2014,-]\s))",
        rf"\s*[,;]\s*(?:(?:for|holder|owner|lead)\s*:?\s*)?@?(?P<who>{every})(?=[\s.!]*$)",
        rf"(?:^|[\s,]+)(?:for|holder|owner|lead)\s*:?\s+@?(?P<who>{whole})(?!['\w-])(?!\s+and\b)",
    )
    for shape in shapes:
        if (found := re.search(shape, typed, re.IGNORECASE)) is not None:
            rest = re.sub(r"^\s+[\u2013\u2014-]\s*(?=by\b)", " ", text[found.end() :])
            return called[plain_name(found["who"])], " ".join(f"{text[: found.start()]} {rest}".split())
    return "", text


def _called(people: Mapping[str, str]) -> dict[str, str]:
    """Return a dict from name to Slack user, with each full name and first name that only one person has."""
    meant: dict[str, set[str]] = {}

    def add(names: Iterable[tuple[str, str]]) -> None:
        for name, user in names:
            meant.setdefault(plain_name(name), set()).add(user)

    add((name, user) for user, name in people.items())
    add((name.split(" ")[0], user) for user, name in people.items())
    add((without_hyphens(part), user) for user, name in people.items() for part in {name, name.split(" ")[0]})
    add((short, user) for user, name in people.items() for short in with_initial(name))
    return {name: min(users) for name, users in meant.items() if len(users) == 1}


def without_hyphens(name: str) -> str:
    """Return a name with a space in place of each hyphen, as people type double names."""
    return name.replace("-", " ")


#: The mark of a pasted list's line, and polite words before a request.
_LINE_LEAD: Final = re.compile(
    rf"^(?:[\s*{BULLETS}\u2013\u2014-]+|\(?[0-9]{{1,2}}[.)]\s+"
    r"|(?:please\s+|pls\s+)?(?:can|could|would)\s+(?:you|u|we)\s+(?:(?:please|pls)\s+)?(?:ask|tell|get)\s+(?=\S+\s+to\s)"
    r"|(?:please|pls|plz|kindly|can|could)\b[\s,]+(?!(?:you|u|we|i|they|he|she|it)\b))+",
    re.IGNORECASE,
)
_QUOTED_NAME: Final = re.compile(
    '^\\s*[\u201c"\u2018\'](?P<who>[^\\W\\d][^\u201c\u201d"\u2018]{1,38}?)[\u201d"\u2019\'](?=[\\s,:])'
)
_IN_BRACKETS: Final = re.compile(r"^\s*(?P<before>@?[^\W\d][^()<>:;,.]{1,39}?)\s*\((?P<inside>[^\W\d][^()<>]{1,39})\)")


def plain_holder(text: str) -> str:
    """Return a line without quotation marks around the name at its beginning, and without an agency beside the name.

    "Police (Farah) to ring" and "Farah (Police) to ring" both become "Farah to ring".
    """
    text = _QUOTED_NAME.sub(lambda found: found["who"], text, count=1)
    if (found := _IN_BRACKETS.match(text)) is None:
        return text
    before, inside = found["before"], found["inside"]
    if is_kind_of_agency(before):
        return f"{inside}{text[found.end() :]}"
    return f"{before}{text[found.end() :]}" if is_kind_of_agency(inside) else text


_ONE_WORD: Final = r"[^\W\d][\w.'\u2019-]*"
_NAMED: Final = (
    r"\s*(?:(?:an?\s+|new\s+)*actions?\s+)?(?:(?:for|on)\s+)?"
    rf"(?P<who><@[UW][A-Z0-9]+(?:\|[^>]*)?>|@?{_ONE_WORD}(?:\s+{_ONE_WORD}){{0,2}}?"
)
_WITH_ANOTHER: Final = rf"(?:{JOINS_NAMES}@?{_ONE_WORD})"
#: A person or an agency before what they are to do: with "to" or a colon, or with nothing between.
_GIVEN_TO: Final = tuple(
    re.compile(rf"{_NAMED}{others})(?:{between})(?:also\s+)?(?=\w)", re.IGNORECASE)
    for others, between in (
        (rf"{_WITH_ANOTHER}{{0,2}}?", rf"{_IS_TO}|\s*:\s*|\s+[\u2013\u2014-]\s+"),
        (rf"{_WITH_ANOTHER}{{1,2}}?", r"\s+"),
        ("", r"\s+"),
    )
)
_OF_AN_ACTION: Final = re.compile(r"\S+\s+(?:(?:action|no\.?|number)\s+)*#?[0-9]{2,9}\b", re.IGNORECASE)
_NO_HOLDER: Final = frozenset(
    """
    able got going have how like ready time trying unable want wanting wants what when where who why wish
    """.split()  # noqa: SIM905 - words to be read and added to
)


def adding(text: str) -> str | None:
    """Return the text with "add" in front if it gives an action without the word "add", or None for any other text.

    The text names a person or an agency, then a task that begins with a verb: "Farah to ring the school". Without "to",
    as in "Farah ring the school", the text must begin with "Action:" or give a due date. A task that begins with an
    action's number, such as "close 4127", doesn't count.
    """
    line = _LINE_LEAD.sub("", text, count=1)
    if line != text and text.rstrip().endswith("?"):
        return None  # "can Farah ring the school?" asks
    is_action, said = take_label(_PICTURE_BEHIND_NAME.sub(r"\1 ", line, count=1))
    if (two := _TWO.match(said)) and says_what_to_do(said[two.end() :]):
        said = f"{two['who']} to {said[two.end() :]}"  # as telephones are typed: "Gwen 2 chase the form"
    if found := _I_WILL.match(said):
        what = said[found.end() :]
        is_task = says_what_to_do(what) and " " in what.strip() and not _OF_AN_ACTION.match(what)
        return f"add I will {what.strip()}" if is_task else None
    said = plain_holder(said)
    for is_sure, shape in zip((True, is_action, is_action), _GIVEN_TO, strict=True):
        found = shape.match(said)
        if found is None or _is_no_holder(found["who"]):
            continue
        what = said[found.end() :]
        if not says_what_to_do(what) or _OF_AN_ACTION.match(what) or " " not in what.strip():
            continue
        if is_sure or split_due(what, without_by=True)[1] is not None:
            return f"add {said.strip()}"
    return None


_TWO: Final = re.compile(
    r"\s*(?P<who>@?[^\W\d][\w'\u2019-]*(?:\s+[^\W\d][\w'\u2019-]*)?)\s+2\s+(?=[a-z])", re.IGNORECASE
)
#: Who takes an action on: "I will chase the CPS". A telephone leaves the apostrophe out of "I'll".
_I_WILL: Final = re.compile(
    r"\s*(?:i\s*['\u2019]?ll|we['\u2019]ll|(?:i|we)\s+will|(?:i['\u2019]?m|i\s+am|we\s+are|we['\u2019]re)\s+going\s+to)"
    r"\s+(?!(?:be|have|not|never|need|see|try|probably)\b)(?=\w)",
    re.IGNORECASE,
)
#: "Farah \U0001f44d get the film": an emoji between the holder and the task belongs to neither.
_PICTURE_BEHIND_NAME: Final = re.compile(rf"^(\s*\S+(?:\s+[^\W\d]\S*)?)\s*(?:{PICTURE}\s*)+(?=\w)", re.IGNORECASE)


def _is_no_holder(who: str) -> bool:
    """Return whether the words before a task can't be a holder's name, such as "need", "ask Farah" or "everyone"."""
    first = who.split(maxsplit=1)[0].lower()
    if first.startswith(("<", "@")):
        return False
    return first in _NOT_A_NAME | _LEADS | _NO_HOLDER or says_what_to_do(who) or says_what_to_do(first)
