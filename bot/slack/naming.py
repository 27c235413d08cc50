"""Typed names of people, which are replaced by mentions before a command is carried out."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from bot.domain.language.person_names import MENTION, TypedPeople, mention_typed
from bot.domain.language.reasons import DASH, SURE_WORD
from bot.errors import Mistake
from bot.records.people.queries import people_beside
from bot.slack.request import Request, TypedAgain

#: Words after which a name without "@" counts, in commands that also take words to be recorded.
AFTER_A_LEAD: Final = (
    r"(?:^|(?<=[\s,(]))(?:for|from|on behalf of|sending|deputy|sub|substitute|cover|instead)[\s:,]+(?:the\s+)?"
)
#: The start of any word, since in commands without such words a name may be anywhere.
ANYWHERE: Final = r"(?<![\w@.|<-])"
_REASON: Final = re.compile(rf"\s*(?:\b{SURE_WORD}\b|{DASH})", re.IGNORECASE)
MOST_PEOPLE: Final = 4  #: people with the same name, who get a button each
_ME: Final = re.compile(r"\b(?:me|myself)\b(?=\W*$)", re.IGNORECASE)
_MENTION: Final = re.compile(MENTION)


def mention_people(request: Request, command: str, usage: str, text: str) -> str:
    """Replace typed names by mentions in the text after a verb, if the verb's `usage` takes people.

    Return the new text. Names in a reason stay as typed. Raise Mistake for an "@name" that no member has, unless the
    text is to be recorded. Raise TypedAgain for a name that several people have.
    """
    if "@" not in usage:
        return text
    if "what" in usage:  # an action's words may name anyone
        return with_mentions(request, command, text, after=None)
    if "WORDS" in usage:
        made = with_mentions(request, command, text, after=AFTER_A_LEAD)
        refuse_unknown(made)
        return made
    reason = _REASON.search(text)
    head, tail = (text[: reason.start()], text[reason.start() :]) if reason else (text, "")
    if "mine" not in usage:
        head = _ME.sub(f"<@{request.actor.user_id}>", head)
    made = with_mentions(request, command, head, after=ANYWHERE, tail=tail)
    refuse_unknown(made.removesuffix(tail))
    return made


def with_mentions(request: Request, command: str, text: str, *, after: str | None, tail: str = "") -> str:
    """Return a text with typed names replaced by mentions. `tail` is appended to the text unchanged.

    Names of the channel's panel count first, then those of the person's other panels. If several people have a name,
    raise TypedAgain with a button for each person, which types `command`, the text and `tail`.
    """
    left = _MENTION.sub(" ", text)
    if "@" not in left and (after is None or not re.search(after + "[a-z]", left, re.IGNORECASE)):
        return text + tail
    found = TypedPeople(text)
    for people in _known(request):
        found = mention_typed(text, people, after=after)
        if found.unsure is not None:
            name, users = found.unsure
            raise TypedAgain(
                f"{len(users)} people here are called {name.strip()}. Which one do you mean?",
                [
                    (people[user], f"{command} {text.replace(name, f'<@{user}>', 1)}{tail}".strip())
                    for user in users[:MOST_PEOPLE]
                ],
            )
        if found.text != text and not found.unknown:
            break
    return found.text + tail


def _known(request: Request) -> Iterator[Mapping[str, str]]:
    """Yield dicts of people's names: first for the channel's panel, then for all panels of the person asking.

    The first dict is left out if the person asking has no role on the channel's panel.
    """
    if request.here is not None and request.here.roles:
        yield people_beside(request.work, request.actor, request.here.panel_id)
    yield people_beside(request.work, request.actor)


def refuse_unknown(text: str) -> None:
    """Raise Mistake for an "@name" that no member has, so that nothing is recorded about the wrong person."""
    if unknown := mention_typed(_MENTION.sub(" ", text), {}).unknown:
        raise Mistake(f"I don't know who “{unknown}” is. Choose their name from the list that @ opens.")
