"""Case references in typed text: references typed as digits alone, words after a reference, and merged references."""

import re
from dataclasses import replace
from typing import Final

from bot.records.cases.references import references_ending, references_now
from bot.slack.blocks import context, escape
from bot.slack.request import Reply, Request, only_reference, refuse_panel
from bot.slack.typed import plain, without_lead

#: The digits of a reference whose letters were left out, at the beginning of what follows a verb.
BARE_DIGITS: Final = re.compile(
    r"(?:(?:for|about|of|on|in|with|case|ref(?:erence)?|no\.?|number|the)\s+)*(?:case\s*:\s*)?#?(?P<digits>[0-9]{3,8})"
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
    """Raise NotForYou if a text ends in "for" and a word that may be the key of another person's panel.

    `said` is added to the error.
    """
    if _NAMES_PANEL.fullmatch(text):
        refuse_panel(text.rstrip(".!"), said)


def reference_and_words(text: str, usage: str) -> tuple[str, str]:
    """Return the case reference at the start of a text, and the words after the reference, or "" if there are none.

    The caller fills in a form with these words. Raise Mistake with the usage if the text has no reference, or if the
    words may name a panel. A single word may do so, and so may an ending such as "for north", but not "to high".
    """
    reference, _, words = without_lead(text).partition(" ")
    is_prose = " " in words.strip() and not (_NAMES_PANEL.fullmatch(words) and not _NAMES_LEVEL.search(words))
    if not is_prose or not any(sign.isdigit() for sign in reference):
        return only_reference(text, usage), ""
    return reference.rstrip(".,:;"), plain(words)
