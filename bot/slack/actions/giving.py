"""Reading the holder typed after `/action add`, and offering commands if the holder or the due date is unclear."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bot.domain.language.action_words import plain_holder, take_holder, take_label
from bot.domain.language.agency_names import is_kind_of_agency
from bot.domain.language.day_words import full_date
from bot.domain.language.person_names import JOINS_NAMES, MENTION, mention_first, mention_typed
from bot.domain.language.pictures import BULLETS
from bot.errors import Mistake, OtherAgency, WhichCase, WhichItem
from bot.records.access.queries import Where
from bot.services.actions import changes, tracker
from bot.slack.actions import views
from bot.slack.actions.drafts import reason_in, what_and_when
from bot.slack.actions.numbers import refuse_numbers
from bot.slack.fallback import which_item
from bot.slack.request import Reply, Request, TypedAgain
from bot.slack.typed import plain, take_mention, take_number, without_courtesy

_SEVERAL = re.compile(rf"(?P<all>{MENTION}(?:(?:{JOINS_NAMES}|\s*){MENTION})+)\)?[\s,:]*", re.IGNORECASE)
#: "Can @sam please ring the school?" asks the same as "@sam ring the school".
_ASKED = re.compile(
    r"^(?:(?:please|can|could|would|will|ask|tell|get|need|needs|we|i|want|like|you)\s+)+(?=<@)"
    r"|(?<=>)\s*[,:]?\s*"
    r"(?:(?:hi|hello|hey|please|pls|kindly|(?:can|could|would) (?:you|u)|can|could|needs"
    r"|should(?!\s+have\b)|must(?!\s+have\b)|will)[\s,]+)+"
    r"(?:to\s+)?",
    re.IGNORECASE,
)
_MAY_BE_ASKED = re.compile(r"^(?:(?:please|pls|can|could|would)\s+)+(?=\w)", re.IGNORECASE)
_I_DO = re.compile(r"^(?:(?:me|myself|i)\s*[,:]?\s+(?:will\s+|am to\s+|to\s+)?|i'll\s+)(?=\w)", re.IGNORECASE)
#: "An action for police to share the log", "for police to share the log".
_FOR = re.compile(
    r"^\s*(?:(?:an?\s+|new\s+)*actions?\s+(?:for|on)\s+"
    r"|for\s+(?=(?:the\s+)?[^\W\d][\w'\u2019&. -]{1,40}?(?:\s+to\s+|\s*:\s*|\s+[\u2013\u2014-]\s+)[a-z]))(?:the\s+)?",
    re.IGNORECASE,
)
_NEW_ACTION = re.compile(r"\s*(?:an?\s+|new\s+)*actions?\s+(?=\w)", re.IGNORECASE)
_QUOTES = ' \u201c\u201d"'
_BULLET = re.compile(rf"\s*(?:(?:for|to)\s*:\s*|[0-9]{{1,2}}[.)]\s+|[*{BULLETS}:,\u2013\u2014-]+\s*)+")
#: Words that may be between the number of an action and its new holder: "on to", "over to".
TO_HOLDER = re.compile(
    r"[\s,.:>\u2192-]*(?:(?:on|over|across|along|back|out)\s*)?(?:(?:to|onto|for|with)[\s,.:>\u2192-]*)?", re.IGNORECASE
)
MOST_MEMBERS = 4  #: of an agency, each of them a button


def take_who(
    request: Request, where: Where, text: str, number: str | None = None
) -> tuple[str | None, str, Mapping[str, str]]:
    """Return the holder's account or None, the rest of the text, and the names of the people who may hold the action.

    If a person is mentioned, no names are returned. If an agency with one member is named, that member is the holder.
    If the agency has several, raise TypedAgain with a button for each member. `number` is the number of the agenda
    item, which the commands of these buttons repeat.
    """
    text = plain_holder(_FOR.sub("", text, count=1))
    text = _I_DO.sub(f"<@{request.actor.user_id}> ", _unmarked(text), count=1)
    holder, rest = take_mention(_ASKED.sub(" ", text))
    if holder is not None:
        return holder, _unmarked(rest).removesuffix("?").rstrip(), {}
    people = request.do(changes.people_to_hold, where)
    named = take_holder(_MAY_BE_ASKED.sub("", text, count=1), people, is_action=True)
    if not named.user_id and (lead := _NEW_ACTION.match(text)):
        named = take_holder(text[lead.end() :], people, is_action=True)
    if named.user_id:
        _, rest = take_mention(_ASKED.sub(" ", f"<@{named.user_id}> {named.text}"))
        return named.user_id, rest.removesuffix("?").rstrip(), people
    members, rest = request.do(changes.members_of_agency, where, text)
    if len(members) > 1:
        about, key = f"item {number}: " if number else "", f" {where.panel_key}" if where.panel_key else ""
        raise TypedAgain(
            "An action has one holder. Who in that agency is it?",
            [(name, f"/action add {about}<@{user}> {rest}{key}") for user, name in members[:MOST_MEMBERS]],
        )
    if members:
        return members[0][0], rest, people
    named_first = mention_typed(text, people, after=r"^\s*(?=\S+(?:\s+\S+)?\s+(?:the|an?|his|her|their|this|these)\s)")
    return None, text if named_first.unsure else named_first.text, people


def _unmarked(text: str) -> str:
    """Return a pasted line without quotation marks around it and without a leading number, bullet or "ACTION:"."""
    text = text.strip(_QUOTES) if text[:1] in _QUOTES[1:] else text
    is_action, after = take_label(text)
    return _BULLET.sub("", after if is_action else text, count=1) if is_action or _BULLET.match(text) else text


def without_day(request: Request, where: Where, text: str) -> TypedAgain:
    """Return a refusal of a line without a due date, with a button for each day that the panel's rules suggest.

    `text` is the line without its holder. A ban, such as "not to ring mum", is a special case: "by Friday" at its end
    would say how long the ban lasts. The buttons of such a line give the day after "due" instead.
    """
    said = f"I couldn't see a due date. End with a day, such as `by Friday` or `by 27 November`. You wrote: {text}"
    typed = without_courtesy(request.text).rstrip(" .")
    commands = [(full_date(day), full_date(day)) for day in request.do(changes.days_to_offer, where)]
    joins = (lead for lead in (" by ", ", due ") if what_and_when(f"{text.rstrip(' .')}{lead}{commands[0][0]}")[1])
    lead = next(joins, " by ") if commands else ""
    return TypedAgain(said, [(title, f"/action add {typed}{lead}{day}") for title, day in commands])


def reassign(request: Request, usage: str) -> Reply:
    """Give an action to the typed holder.

    If the person may choose only a holder of their own agency, and the typed holder is of another one, offer the
    command `not-ours`. The words after the holder are then the reason. `usage` says how to type the command.
    """
    refuse_numbers(request.text, "reassign")
    holder, rest = take_mention(_FROM_HOLDER.sub("", request.text))
    number, rest = take_number(_LEADS_TO_NUMBER.sub("", rest), usage)
    if holder is None:
        members, _ = request.do(changes.members_of_agency, request.where(), f"{_LEADS_TO_NUMBER.sub('', rest)}: it")
        offered = [(name, f"/action reassign {number} <@{user}>") for user, name in members[:MOST_MEMBERS]]
        raise TypedAgain(f"Who takes the action on? {usage}", offered)
    try:
        given = request.do(changes.reassign_action, number, holder_user_id=holder)
    except OtherAgency as refused:
        if not request.do(tracker.show_action, number).may_answer:
            raise
        lead = TO_HOLDER.match(rest)
        why = reason_in(plain(rest[lead.end() :] if lead else rest).lstrip(" ,.;:"))
        command = f"/action not-ours {number} because {why}"
        if why:
            refused.commands = ((f"/action not-ours {number}", command),)
        else:
            refused.to_edit = command
        raise
    if not TO_HOLDER.fullmatch(rest):
        raise Mistake(f"One action and one person, please. {usage}")
    return Reply(text=views.reassigned(given))


_FROM_HOLDER = re.compile(rf"\bfrom\s+{MENTION}\s*(?=.*<@)", re.IGNORECASE)
_LEADS_TO_NUMBER = re.compile(r"^(?:(?:to|gets|takes|has|over)\s+)+", re.IGNORECASE)


@contextmanager
def typed_again(request: Request, verb: str, due: str) -> Iterator[None]:
    """Turn a refusal in the `with` block into TypedAgain with a button for each date, item or case that may be meant.

    `due` is the typed due phrase, which each offered date replaces.
    """
    try:
        yield
    except WhichItem as unsure:
        raise which_item(unsure, f"/action {verb}", request.text) from unsure
    except WhichCase as unsure:
        commands = [(case, f"/action {verb} case:{case} {request.text}") for case in unsure.answers]
        raise TypedAgain(str(unsure), commands) from unsure
    except Mistake as mistake:
        before, found, after = request.text.rpartition(due) if due else ("", "", "")
        if not mistake.days or not found:
            raise
        commands = [(full_date(day), f"/action {verb} {before}{full_date(day)}{after}") for day in mistake.days]
        raise TypedAgain(str(mistake), commands) from mistake


#: A new line, or the bullet of a list that was pasted into one line.
_ANOTHER_LINE = re.compile(rf"\n|(?:^|\s)[{BULLETS}]\s*")


def refuse_lines(typed: str) -> None:
    """Raise TypedAgain if several lines were pasted. They may be parts of one action, or each line may be an action."""
    lines = [line.strip() for line in _ANOTHER_LINE.split(typed) if line.strip()]
    if len(lines) > 1:
        each = "\n".join(f"/action add {line}" for line in lines)
        raise TypedAgain(
            f"These are {len(lines)} lines. Is each an action of its own?",
            [(f"One each, {len(lines)} actions", each), ("All as one action", f"/action add {' '.join(lines)}")],
        )


_SEEMS_SEVERAL = re.compile(rf"^[^.;]{{2,80}}?{JOINS_NAMES}", re.IGNORECASE)
_AND_ANOTHER = re.compile(
    rf"(?!\s*,\s*(?:and\s+)?[^@\s])(?!\s*(?:\(|also\b|n\b))"
    rf"(?!\s*(?:with|alongside|along|jointly)\b(?!.{{2,24}}\s+to\s)){JOINS_NAMES}"
    r"(?P<who>@?[\w.'\u2019-]+)[\s,:]*(?:to\s+)?",
    re.IGNORECASE,
)


def refuse_several(request: Request, where: Where) -> None:
    """Raise TypedAgain if several people are named as holders, since an action can have only one."""
    typed = _BOTH_FIRST.sub("", _unmarked(request.text), count=1)
    if _SEEMS_SEVERAL.match(typed):
        typed = mention_first(typed, request.do(changes.people_to_hold, where))
    found = _SEVERAL.search(typed)
    if found is None:
        return
    holders = list(dict.fromkeys(re.findall(MENTION, found["all"])))
    if len(holders) < 2:
        return
    rest = _BOTH.sub("", typed[found.end() :])
    lines = [f"/action add {typed[: found.start()]}{holder} {rest}" for holder in holders]
    count = len(holders)
    raise TypedAgain(
        f"An action has one holder, and you named {count}. Give one to each of them, or to the first alone?",
        [(f"One each, {count} actions", "\n".join(lines)), ("Only to the first", lines[0])],
    )


#: A further sentence that says what a person is to do: "… by Friday. Esme to update the plan by Monday".
_NEXT_ONE = re.compile(
    r"[.;]\s+(?:and\s+|then\s+)?(?=(?:<@|@?[^\W\d])[^.;]{1,60}?\s+(?:to|will)\s+[a-z])", re.IGNORECASE
)


def _says_who(sentence: str, people: Mapping[str, str]) -> bool:
    """Return whether a sentence begins with a person or an agency that is to do something."""
    agency = re.split(r"\s+(?:to|will)\s+", sentence, maxsplit=1)[0].removeprefix("the ")
    is_person = re.match(MENTION, sentence) is not None or bool(take_holder(sentence, people).user_id)
    return is_person or is_kind_of_agency(agency)


def refuse_sentences(request: Request, where: Where) -> None:
    """Raise TypedAgain for a line that gives actions to several people in separate sentences."""
    parts = _NEXT_ONE.split(_unmarked(request.text))
    if len(parts) < 2:
        return
    people = request.do(changes.people_to_hold, where)
    if all(_says_who(part, people) for part in parts[1:]):
        lines = [f"/action add {part.strip(' .;')}" for part in parts]
        count = len(lines)
        raise TypedAgain(
            f"That reads like {count} actions. Each action needs its own holder and day.",
            [(f"One each, {count} actions", "\n".join(lines))],
        )


_BOTH_FIRST = re.compile(r"^\s*both\s+(?=\S)", re.IGNORECASE)
_BOTH = re.compile(r"^(?:are\s+)?both\s+(?=to\b)", re.IGNORECASE)


def refuse_unknown(holder: str, text: str, key: str | None) -> None:
    """Raise TypedAgain if the text typed after `holder` names a second holder that the bot does not know."""
    if found := _AND_ANOTHER.match(text):
        only = f"/action add {holder} {text[found.end() :]}{f' {key}' if key else ''}"
        raise TypedAgain(
            f"An action has one holder, and I don't know who “{found['who']}” is. "
            "Give it to the first person alone, or type @ and choose the other.",
            [("Only to the first", only)],
        )


_GIVEN = r"(?i:(?:action\s+)?(?:no\.?\s*)?)#?[0-9]{1,9}\s+"
#: "Give 4127 to Dmitri Volkov, he is on it": the number of an action, then its new holder, then any words.
_GIVES_TO = re.compile(
    rf"{_GIVEN}(?i:over\s+)?(?i:to|onto)\s+(?:{MENTION}|@?[^\W\d][\w.\u2019-]*(?:\s+[A-Z][\w\u2019-]*)?)"
)
#: "Give 4127 Dmitri Volkov": the same without "to", where no words may follow the name.
_GIVES = re.compile(
    rf"{_GIVEN}(?:{MENTION}|@?[^\W\d][\w.'\u2019-]*(?:\s+[^\W\d][\w.'\u2019-]*)?)(?:\s+(?i:please))?[.\s]*"
)


def refuse_new_holder(typed: str) -> None:
    """Raise TypedAgain if a text passes an existing action to another holder, as in "4127 to Dmitri Volkov"."""
    gives = _GIVES_TO.match(typed) or _GIVES.fullmatch(typed)
    if gives is not None and (gives.re is _GIVES_TO or what_and_when(typed)[1] is None):
        command = f"/action reassign {gives[0]}"
        raise TypedAgain("Do you mean to give that action to another holder?", [(command, command)])
