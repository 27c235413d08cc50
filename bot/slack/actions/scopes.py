"""The words that choose which actions `/action list` shows: "mine", "over due", "my outstanding actions"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.language.agency_names import is_kind_of_agency
from bot.domain.language.person_names import MENTION
from bot.domain.language.references import named_in, with_hyphen
from bot.records.cases.references import references_ending
from bot.slack.naming import ANYWHERE, with_mentions
from bot.slack.references import case_and_words
from bot.slack.request import Request, TypedAgain
from bot.slack.typed import numbers_alone

SCOPES: Final = ("open", "overdue", "reported", "all", "mine")
_CALLED: Final[Mapping[str, str]] = {
    "my": "mine",
    "me": "mine",
    "late": "overdue",
    "outstanding": "open",
    "current": "open",
    "everything": "all",
    "every": "all",
    "done": "reported",  # its name in earlier versions, which their buttons still carry
    "completed": "reported",
    "finished": "reported",
}
_SAYS_NOTHING: Final = frozenset(
    """
    action actions the for of ones only now today panel are is that due whats what owe owes owed got has have do we i
    anything which how many need to should
    """.split()  # noqa: SIM905 - words to be read and added to
)
_OVER_DUE: Final = re.compile(r"\bover[ -]due\b")


@dataclass(frozen=True, slots=True)
class ListMeant:
    """A typed list of actions, split into scopes such as "overdue" and the other words."""

    scopes: tuple[str, ...]
    others: str


def scope_called(word: str) -> str:
    """Return the scope that a word means, such as "overdue" for "late", or the word itself if it means no scope."""
    return _CALLED.get(word, word)


def read_list(text: str) -> ListMeant:
    """Return the scopes in a text, such as "overdue", and its other words.

    "My open actions" counts as "mine" alone.
    """
    plain = _MY_OWN.sub("mine ", text.lower().replace("\u2019", "").replace("'", ""))
    words = [word.strip(".;!?") for word in _OVER_DUE.sub("overdue", plain).replace(",", " ").split()]
    scopes = dict.fromkeys(scope for word in words if (scope := scope_called(word)) in SCOPES)
    others = [word for word in words if scope_called(word) not in SCOPES and word not in _SAYS_NOTHING]
    if set(scopes) == {"mine", "open"}:
        scopes = {"mine": None}
    return ListMeant(tuple(scopes), " ".join(others).replace("<@u", "<@U"))


#: Words that lead to a case in a list: "for SAMPLE-0041", "on case 0041".
_LEADS_TO_CASE: Final = re.compile(
    r"\b(?:about|case|ref(?:erence)?|re|regarding|with|to|in|on|from|child)\b[.:]?", re.I
)


def take_case_of_list(request: Request, text: str) -> tuple[str, str]:
    """Split the words after "list" into the reference of the case that they name, and the other words. Return both.

    The case may be named by its reference or its digits. The reference is "" if the words name no case.
    """
    reference, typed = case_and_words(request, text)
    if not named_in(reference):
        reference, typed = _case_by_number(request, text)
    if not reference:
        return "", text
    digits = re.split("[^0-9]", reference)[-1]
    letters = re.escape(reference.removesuffix(digits).rstrip("-/"))
    rest = re.sub(rf"(?<![\w-])(?:{letters}[\s/-]*|#)?{digits}(?![\w-])", " ", typed, flags=re.IGNORECASE)
    return reference, _LEADS_TO_CASE.sub(" ", rest).strip(" ,:;-")


#: A case's letters and its number without the noughts before it: "about west 41".
_SHORT: Final = re.compile(r"(?<![\w-])(?P<letters>[a-z]{2,10})[ -](?P<number>[1-9][0-9]{0,2})[\s.?!]*$", re.IGNORECASE)


def _case_by_number(request: Request, text: str) -> tuple[str, str]:
    """Return the reference of the case meant by letters and a number at the end of a text, and the new text.

    The new text has the whole reference at its end. If the person may read no such case, or several, both are "".
    """
    found = _SHORT.search(text)
    if found is None:
        return "", ""
    known = references_ending(request.work, request.actor, found["number"])
    meant = [one for one in known if re.match(rf"{found['letters']}[/-]?0", one, re.IGNORECASE)]
    return (meant[0], f"{text[: found.start()]}{meant[0]}") if len(meant) == 1 else ("", "")


#: "What have I got due", "what do I need to do": the person's own.
_MY_OWN: Final = re.compile(r"\b(?:(?:have|do|am) i\b|i(?:ve| have)? (?:got|owe|need)\b)\s*")
_TO_GET: Final = re.compile(
    r"^(?:(?:get|send|have|give|a|an|the|me|us|i|we|can|could|please|file|sheet|as|in|of|for|my|own|all)\b\s*)+",
    re.IGNORECASE,
)


def tracker_offers(text: str) -> list[str]:
    """Return the `tracker` command to offer a person who typed a word such as "spreadsheet", followed by `text`.

    The command has the agency or member that the text names. For "can i get one of mine", return `tracker mine`.
    """
    is_own = re.search(r"\b(?:mine|my)\b", text, re.IGNORECASE) is not None
    rest = "mine" if is_own else re.sub(r"\bactions?$", "", _TO_GET.sub("", text).strip(" ?.!"), flags=re.IGNORECASE)
    return [f"tracker {rest}".strip()]


def show_of_one(request: Request, text: str) -> list[str]:
    """Return the commands to offer to a person who typed "show" and then `text`, such as "me farahs actions".

    If `text` names a case, offer the list of its actions. If it names an agency or a member, offer their action log and
    the list of open actions. Otherwise offer the lists that it names, such as overdue actions, or none if it has a
    digit.
    """
    if named_in(reference := case_and_words(request, text)[0]):
        return [f"/action list about {reference}"]
    if re.search("[0-9]", text):
        return []
    meant = read_list(_SHOW_ME.sub("", text))
    others = meant.others.removesuffix("s") if not is_of_one(request, meant.others) else meant.others
    if others and is_of_one(request, others):
        return [f"/action tracker {others}", "/action list open"]
    return [f"/action list {scope}" for scope in meant.scopes]


_SHOW_ME: Final = re.compile(r"^(?:me|us)\b\s*(?=\S)", re.IGNORECASE)


def list_offers(text: str) -> list[str]:
    """Return the commands to offer for the words typed after "list".

    They are `list` with each scope that the words name, and `tracker` if the words name a kind of agency.
    """
    if named_in(with_hyphen(text)):
        return [f"list {text}"]
    meant = read_list(text)
    is_of_one_of_them = is_kind_of_agency(meant.others) or (meant.scopes and _says_whose(text, meant.others))
    of_agency = [f"tracker {meant.others.removesuffix('?')}"] if is_of_one_of_them else []
    if not meant.others or not (of_agency or meant.scopes):
        return [f"list {text}".strip()]
    return [*of_agency, *(f"list {scope}" for scope in meant.scopes)]


def _says_whose(text: str, others: str) -> bool:
    """Return whether a text asks about the actions of the person or agency that `others` names, as in "for Farah"."""
    who = re.escape(others)
    return bool(others) and (
        re.search(rf"\b(?:for|of|by|with|from|does|has|is)\s+{who}(?:\W|$)|\b{who}['\u2019]s\b", text, re.IGNORECASE)
        is not None
    )


def show_offers(text: str) -> list[str]:
    """Return the command to offer a person who typed "show", followed by a text with exactly one action number.

    Without any words, return "show" alone.
    """
    numbers = numbers_alone(text)
    return [f"show {numbers[0]}"] if len(numbers) == 1 else [] if text else ["show"]


OF_ONE: Final = "I can list the whole panel's actions, or your own. For one agency or person, I can send an Excel file."
_ONE_PERSON: Final = re.compile(MENTION)


def is_of_one(request: Request, others: str) -> bool:
    """Return whether `others` limits a list of actions to one agency or one member.

    `others` are the words after the scopes. They limit the list if they are a kind of agency, such as "health", or name
    a member.
    """
    try:
        named = with_mentions(request, "/action tracker", others, after=ANYWHERE)
    except TypedAgain:  # several members have this name; the command that makes the file asks which is meant
        return True
    return is_kind_of_agency(others) or _ONE_PERSON.fullmatch(named) is not None
