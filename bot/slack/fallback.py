"""Refusals of lines that can't be carried out as typed, with the commands that a line may mean."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from bot.domain.language.day_words import MONTH_DAY, MONTH_OF, MONTHS, NAMED_DAYS, ON, YEAR
from bot.errors import Mistake, NotForYou, WhichItem
from bot.records.access.queries import allowed_here
from bot.slack.blocks import BUTTON_VALUE, button, cut, escape
from bot.slack.help import is_shown
from bot.slack.meant import MOST_OFFERS, label_of, left_out
from bot.slack.request import Block, Request, TypedAgain
from bot.slack.typed import plain

#: The name of a button that types a command with better words.
TYPE_AGAIN: Final = "command.again"
#: The button that opens a typed command in a form, where the person corrects and sends it.
EDIT: Final = "command.edit"
#: Yields whole commands for a line without a known verb, from the cases, people and numbers in the line.
Recogniser = Callable[[Request, str], Iterable[str]]

#: The sentence about typed words that are in neither the refusal nor a command that it offers.
NOT_USED: Final = "I ignored \u201c{}\u201d."


def commands_recognised(
    name: str, recogniser: Recogniser | None, request: Request, text: str, near: Sequence[str]
) -> list[str]:
    """Return the commands that the recogniser finds from the cases, people and numbers in a line.

    Commands that help does not show to this person are left out. Return an empty list if there is no recogniser, or if
    the first command in `near` can be typed as it is. The commands in `near` have a verb similar to the typed one.
    """
    is_filled = bool(near) and (len(near[0].split()) > 2 or len(text.split()) == 1)
    is_filled = is_filled and name not in _NAME_CASES
    if recogniser is None or (is_filled and not _lacks_number(name, near[0])):
        return []
    allowed = allowed_here(request.work, request.actor, request.where(), request.text)
    found = recogniser(request, text)
    return [one for one in found if is_shown(one, allowed, leads_agency=request.actor.leads_agency)]


_NAME_CASES: Final = frozenset({"/minutes", "/agenda"})  #: whose recognisers answer only lines that name a case
_WITHOUT_NUMBER: Final = frozenset({"add", "list", "tracker"})


def _lacks_number(name: str, command: str) -> bool:
    """Return whether a command that needs an action's number has none."""
    return name == "/action" and command.split()[1] not in _WITHOUT_NUMBER and not re.search("[0-9]", command)


_NAMED: Final = re.compile(r"(?<!such as )(?<![Tt]ype )(?<!example: )`(?P<command>/[a-z]+ [a-z][^`A-Z\[\u2026@]*)`")


def commands_instead(refused: Mistake | NotForYou, command: str, usage: str) -> tuple[tuple[str, str], ...]:
    """Return commands to offer, taken from a refusal itself, each as a button's label and the command.

    If the refusal suggests days, return the typed command once with each day. Otherwise return the commands that the
    refusal's sentence names. Commands for help, commands of another noun and commands with a reason are left out.
    """
    if "DAY" in usage and isinstance(refused, Mistake) and refused.days:
        found = [f"{command} {day:%-d %B %Y}" for day in refused.days]
    else:
        noun = command.split(maxsplit=1)[0]
        found = [one["command"] for one in _NAMED.finditer(str(refused)) if one["command"].split()[0] == noun]
        found = [one for one in found if not one.endswith(" help") and " because" not in one]
    return tuple((one, one) for one in dict.fromkeys(found[:MOST_OFFERS]))


def say_unused(refused: Mistake | NotForYou, rest: str) -> None:
    """Add a sentence to a refusal, quoting the typed words that the refusal and its commands do not use."""
    if not refused.commands or isinstance(refused, TypedAgain | NotForYou) or refused.days or refused.rules:
        return
    offered = " ".join((*(command for _, command in refused.commands), str(refused)))
    unused = left_out(_without_days_of(offered, rest), offered)
    if " " in unused or re.search("[0-9]", unused):
        refused.args = (f"{refused} {NOT_USED.format(escape(unused))}",)


_DATES: Final = tuple(
    re.compile(rf"(?<![0-9/.-]){shape}(?![0-9])", re.IGNORECASE)
    for shape in (*NAMED_DAYS, f"{ON}{MONTH_DAY}(?:,? {YEAR})?")
)


def _without_days_of(said: str, text: str) -> str:
    """Return the typed `text` without the days that `said` names. "10/12" counts as "10 December"."""

    def kept(found: re.Match[str]) -> str:
        month = MONTH_OF.get(found["month"].lower()) or int(found["month"])
        is_said = month <= len(MONTHS) and f"{int(found['day'])} {MONTHS[month - 1]}" in said
        return "" if is_said else found[0]

    for date_typed in _DATES:
        text = date_typed.sub(kept, text)
    return text


def one_at_a_time(commands: Sequence[str]) -> Mistake:
    """Return the refusal of a line with several commands. It offers two choices: run all the commands, or only the
    first.
    """
    refused = Mistake(f"These are {len(commands)} commands. Should I do all of them, or the first alone?")
    refused.commands = (
        (f"All {len(commands)}", "\n".join(commands)),
        (f"Only {label_of(commands[0])}", commands[0]),
    )
    return refused


def which_item(unsure: WhichItem, command: str, text: str) -> TypedAgain:
    """Return a refusal that asks which agenda item a line is about, and repeats the line.

    Each button types the command with one item.
    """
    return TypedAgain(
        f"{unsure}\nNothing is recorded yet. You typed: \u201c{cut(plain(text), _MOST_REPEATED)}\u201d",
        [(f"{title}, item {number}", f"{command} item {number}: {text.strip()}") for title, number in unsure.answers],
    )


_MOST_REPEATED: Final = 600  #: characters of a line that a refusal repeats


def again_buttons(commands: Sequence[tuple[str, str]]) -> tuple[Block, ...]:
    """Return buttons that each type a command. Commands too long for a button are left out."""
    return tuple(
        button(label, TYPE_AGAIN, number) | {"value": command}
        for number, (label, command) in enumerate(commands)
        if len(command) <= BUTTON_VALUE
    )


def edit_button(command: str) -> tuple[Block, ...]:
    """Return the button that opens a refused command in a form, or nothing if the command is too long for a button."""
    is_to_edit = 0 < len(command) <= BUTTON_VALUE
    return (button("Edit and send", EDIT, 0) | {"value": command},) if is_to_edit else ()
