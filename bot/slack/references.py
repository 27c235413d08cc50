"""Case references in typed text: references typed as digits alone, words after a reference, and merged references."""

import re
from dataclasses import replace
from typing import Final

from bot.domain.language.person_names import MENTION
from bot.domain.language.reasons import BECAUSE
from bot.domain.language.references import named_in, with_hyphen, with_hyphen_in_word
from bot.records.cases.references import references_ending, references_now
from bot.slack.blocks import context, escape
from bot.slack.request import Reply, Request, TypedAgain, only_reference, refuse_panel
from bot.slack.typed import numbers_alone, plain, plain_dashes, take_reason, without_lead

#: The digits of a reference whose letters were left out, at the beginning of what follows a verb.
BARE_DIGITS: Final = re.compile(
    r"(?:(?:for|about|of|on|in|with|case|ref(?:erence)?|no\.?|number|the|my|our|own|flag)\s+)*(?:case\s*:\s*)?#?(?P<digits>[0-9]{3,8})"
    r"(?![\w/-]|[.:][0-9])",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile("#?[0-9]{3,8}")


def whole_reference(request: Request, typed: str) -> str:
    """Return the whole reference if only its digits were typed, as "WEST-0041" for "0041".

    Return the typed text unchanged if it is not digits, or if no case or several cases that the person may read end in
    these digits.
    """
    meant = references_ending(request.work, request.actor, typed.lstrip("#")) if _DIGITS.fullmatch(typed) else []
    return meant[0] if len(meant) == 1 else typed


#: "Case 4", "west 4" and "@sam 9": the last digits of a case, fewer than a reference has.
_FEW_DIGITS: Final = re.compile(
    rf"(?P<who>{MENTION}\s+)?(?:(?:for|about|of|on|in|case|ref(?:erence)?|no\.?|number|the|my|our|flag)\s+)*"
    r"(?:(?P<letters>[a-z]{2,10})[ -])?#?(?P<digits>[0-9]{1,2})(?![\w/-]|[.:][0-9])",
    re.IGNORECASE,
)


def cases_of_few_digits(request: Request, text: str) -> list[str]:
    """Return a text once for each case that its one or two digits may mean, with the case's whole reference.

    For "west 4 because …", return "WEST-0004 because …". Return an empty list if no such case may be read by the
    person.
    """
    found = _FEW_DIGITS.match(text)
    if found is None:
        return []
    letters = (found["letters"] or "").upper()
    meant = [one for one in references_ending(request.work, request.actor, found["digits"]) if one.startswith(letters)]
    after = text[found.end() :].strip(" ,:")
    return [f"{one} {found['who'] or ''}{after}".strip() for one in meant[:MOST_CASES]]


MOST_CASES: Final = 4  #: of a line, each of them a button
_CASE_LAST: Final = re.compile(
    r"(?<=[\s(,;])(?P<lead>(?:case|ref(?:erence)?)\b[\s.:]*(?:no\.?\s*)?)(?P<digits>#?0[0-9]{2,7}|#?[0-9]{5,8})(?=[\s).]*$)",
    re.I,
)


def with_whole_case_last(request: Request, text: str) -> str:
    """Return the text with the case digits at its end replaced by the whole reference: "by Friday case WEST-0016".

    If the digits fit no case or several cases that the person may read, put "case:" before them. The command is then
    refused because no such case is found.
    """
    found = _CASE_LAST.search(text)
    if found is None:
        return text
    whole = whole_reference(request, found["digits"])
    is_whole = whole != found["digits"]
    return f"{text[: found.start()]}{'case ' if is_whole else 'case:'}{whole}{text[found.end() :]}"


#: A word with a letter and a digit, as every case reference has. Most typed text has no such word.
_MAY_BE_REFERENCE: Final = re.compile(r"(?=[\w/-]*[A-Za-z])(?=[\w/-]*[0-9])[\w/-]{4,20}", re.ASCII)


def with_references_now(request: Request, reply: Reply, typed: str) -> Reply:
    """Return the reply with a line for each typed reference that was merged, saying which reference replaced it."""
    words = list(dict.fromkeys(_MAY_BE_REFERENCE.findall(typed)))[:_MOST_REFERENCES]
    found = references_now(request.work, request.actor, words) if words else {}
    if not found:
        return reply
    said = " ".join(f"*{escape(old)}* is now *{escape(now)}*." for old, now in found.items())
    if reply.modal is not None:
        return replace(reply, modal={**reply.modal, "blocks": [context(said), *reply.modal["blocks"]]})
    blocks = (*reply.blocks, context(said)) if reply.blocks else ()
    return replace(reply, text=f"{reply.text}\n{said}", blocks=blocks)


_MOST_REFERENCES: Final = 20


#: "… for Shire": words that may name another person's panel are not put into a form.
_NAMES_PANEL = re.compile(r"(?:.*\s)?(?:for|to|of|in|at|on)\s+(?:the\s+)?[\w-]+[.!]?", re.IGNORECASE)


#: "Change risk to high" names no panel.
_NAMES_LEVEL = re.compile(r"\b(?:high|medium|moderate|low|significant|standard|emerging|urgent|routine)[.!]?$", re.I)


def refuse_named_panel(text: str, said: str) -> None:
    """Raise NotForYou if a text ends in "for" and a word that may be a panel's key.

    `said` is added to the error.
    """
    if _NAMES_PANEL.fullmatch(text):
        refuse_panel(text.rstrip(".!"), said)


def reference_and_words(text: str, usage: str) -> tuple[str, str]:
    """Return the case reference at the start of a text, and the words after the reference, or "" if there are none.

    The caller fills in a form with these words. Raise Mistake with the usage if the text has no reference, or if the
    words may name a panel. A single word may name a panel, and so may an ending such as "for north". An ending such as
    "to high" doesn't, since it names a risk level.
    """
    reference, _, words = without_lead(text).partition(" ")
    is_prose = " " in words.strip() and not (_NAMES_PANEL.fullmatch(words) and not _NAMES_LEVEL.search(words))
    if not is_prose or not any(sign.isdigit() for sign in reference):
        return only_reference(text, usage), ""
    return reference.rstrip(".,:;"), plain(words)


def case_and_words(request: Request, text: str) -> tuple[str, str]:
    """Return the reference of the case that a line names in full or by its digits, and the line itself.

    The reference is "" if the line names no case, and the line is "" if it has no other words. For "accept 0041",
    return "WEST-0041" and "accept 0041".
    """
    typed = plain_dashes(plain(text))
    named = next((word for word in (typed, with_hyphen_in_word(with_hyphen(typed))) if named_in(word)), "")
    digits = [number for number in numbers_alone(typed) if _DIGITS.fullmatch(number)]
    if named:
        reference = named_in(named)
        rest = re.sub(re.escape(reference), "", named, flags=re.IGNORECASE)
    elif len(digits) == 1:
        reference, rest = whole_reference(request, digits[0]), typed.replace(digits[0], "")
    else:
        return "", typed
    return reference, typed if re.search(r"\w", rest) else ""


#: A case and perhaps its panel, then a mark and at least two words: "WEST-0001, family moved out of area".
_THEN_WORDS: Final = re.compile(
    r"(?P<head>\S*[0-9]\S*?(?:\s+(?:for|to|in|at|on|panel|the|[\w-]+|<@\w+[^>]*>)){0,3}?)\s*[,;:]\s+(?P<why>\S+\s+\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_SURELY: Final = re.compile(rf"(?:and\s+)?{BECAUSE}\b[\s:]*", re.IGNORECASE)
_LEADS_TO_PANEL: Final = re.compile(r"(?:for|to|panel|from|in|at|on)\b", re.IGNORECASE)


def take_reason_of_case(text: str) -> tuple[str, str]:
    """Return the text before a reason, and the reason after "because", a dash, or punctuation that follows the case.

    In "WEST-0001, missing since Sunday" the reason is "missing since Sunday". Without a reason it is "".
    """
    found = _THEN_WORDS.fullmatch(text.strip())
    if found and not _LEADS_TO_PANEL.match(found["why"]):
        first = _SURELY.split(found["why"], maxsplit=1)[0] if not _SURELY.match(found["why"]) else ""
        if " " in first.strip():
            return found["head"], plain(found["why"])
    return take_reason(text)


def only_reference_before_reason(text: str, typed: str, verb: str, usage: str) -> str:
    """Return the case reference if `text` is nothing else. If words follow the reference, ask if they are the reason.

    To ask, raise TypedAgain with the command that puts "because" before these words. `typed` is the whole line, of
    which `text` may be a part. If the line has a reason already, or if the words may name a panel, raise the errors of
    `only_reference`.
    """
    if take_reason(typed)[1]:
        return only_reference(text, usage)
    reference, _, words = without_lead(text).partition(" ")
    rest = (plain_dashes(plain(typed)).partition(reference)[2].strip(" ,.;:") if reference else "") or words
    if any(sign.isdigit() for sign in reference) and " " in rest and words and not _LEADS_TO_PANEL.match(rest):
        because = f"{verb} {reference.rstrip(',.;:')} because {rest}"
        said = f"Is “{escape(rest)}” the reason? Then type `because` before it. {usage}"
        raise TypedAgain(said, [(because, because)])
    return only_reference(text, usage)
