"""Case references in what is typed: digits whose letters were left out, and references that were merged since."""

import re
from dataclasses import replace
from typing import Final

from bot.records.cases.references import references_ending, references_now
from bot.slack.blocks import context, escape
from bot.slack.request import Reply, Request

#: The digits of a reference whose letters were left out, at the beginning of what follows a verb.
BARE_DIGITS: Final = re.compile(
    r"(?:(?:for|about|of|on|in|with|case|ref(?:erence)?|no\.?|number|the)\s+)*(?:case\s*:\s*)?#?(?P<digits>[0-9]{3,8})"
    r"(?![\w/-]|[.:][0-9])",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile("#?[0-9]{3,8}")


def whole_reference(request: Request, typed: str) -> str:
    """Return the reference that digits alone mean, if one case that the person may read has them, or what was typed."""
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
