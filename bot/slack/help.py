"""The table of verbs that a person sees in a command's help, with the most needed first."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.permissions import Verb as May
from bot.slack.blocks import escape


@dataclass(frozen=True, slots=True)
class Shown:
    """Some verbs in a command's help, and the permission that a person needs to see these verbs there."""

    verbs: str  #: with spaces between them
    may: May | None = None  #: None shows them to everyone
    to_leads: bool = False  #: shown to an agency's lead too
    often: bool = True  #: True: shown with an example; False: by name alone


#: The verbs of each command. Help leaves out what a person may not do, since the bot would refuse it.
SHOWN: Final[Mapping[str, tuple[Shown, ...]]] = {
    "/case": (
        Shown("flag", May.FLAG),
        Shown("list", May.READ_CASES),
        Shown("edit withdraw", May.FLAG),
        Shown("history", May.READ_CASES),
        Shown("assess urgent", May.FLAG),
        Shown("nrm", May.READ_CASES, often=False),
        Shown("close-item open-item readers add-reader end-reader seen", May.CLOSE_ITEMS, often=False),
        Shown("merge", May.TRIAGE, often=False),
    ),
    "/action": (
        Shown("list"),
        Shown("done extend", May.HOLD_ACTIONS),
        Shown("add", May.ADD_ACTION),
        Shown("show", May.SEE_ACTIONS),
        Shown("reassign", May.HOLD_ACTIONS),
        Shown("accept", May.NOTE),
        Shown("not-possible not-done not-ours reopen", May.HOLD_ACTIONS, often=False),
        Shown("edit withdraw put-back", May.ADD_ACTION, often=False),
        Shown("tracker", often=False),
    ),
    "/meeting": (
        Shown("reply calendar"),
        Shown("replies open", May.RUN_MEETING),
        Shown("attendance", May.TAKE_ATTENDANCE),
        Shown("now", May.SEE_AGENDA),
        Shown("next", May.RUN_MEETING),
        Shown("record decide", May.DECIDE),
        Shown("mine", May.NOTE),
        Shown("interest", May.READ_CASES),
        Shown("close", May.RUN_MEETING),
        Shown("guest", May.TAKE_ATTENDANCE, often=False),
        Shown("item", May.SEE_AGENDA, often=False),
        Shown("note dissent", May.NOTE, often=False),
        Shown("undo mine", May.ADD_ACTION, often=False),
        Shown("later skip split", May.RUN_MEETING, often=False),
        Shown("no-interest", May.READ_CASES, often=False),
        Shown("room", May.SEE_DIARY, often=False),
        Shown("board", May.SEE_AGENDA, often=False),
        Shown("postpone interim quorate", May.RUN_MEETING, often=False),
    ),
    "/agenda": (
        Shown("show", May.SEE_AGENDA),
        Shown("returns", May.RETURN),
        Shown("triage defer", May.TRIAGE),
        Shown("compile publish item", May.COMPILE),
        Shown("returns", May.SEE_RETURNS, often=False),
    ),
    "/minutes": (
        Shown("draft look", May.DRAFT_MINUTES),
        Shown("approve send-back", May.APPROVE_MINUTES),
        Shown("export summary extract", May.READ_MINUTES),
        Shown("pack annex amend", May.READ_MINUTES, often=False),
    ),
    "/panel": (
        Shown("next dates", May.SEE_DIARY),
        Shown("list"),
        Shown("create reschedule cancel", May.SCHEDULE),
        Shown("venue add change reinstate", May.SCHEDULE, often=False),
    ),
    "/people": (
        Shown("deputise end"),
        Shown("list", May.MANAGE_PEOPLE, to_leads=True),
        Shown("enrol leave", May.MANAGE_PEOPLE),
        Shown("change return", May.MANAGE_PEOPLE, often=False),
        Shown("attendance", May.SEE_ATTENDANCE, to_leads=True, often=False),
        Shown("closed", May.CLOSE_ITEMS, often=False),
    ),
}


def verbs_shown(command: str, allowed: Collection[May], *, leads_agency: bool) -> tuple[list[str], list[str]]:
    """Return the names of a command's verbs that a person may use: those needed often, and those needed less often.

    `allowed` are the person's permissions: for help, on any of their panels, and for a refusal, on one panel.
    """
    rows = [row for row in SHOWN[command] if row.may is None or row.may in allowed or (row.to_leads and leads_agency)]
    often, seldom = (
        [verb for row in rows if row.often is often for verb in row.verbs.split()] for often in (True, False)
    )
    return often, [verb for verb in seldom if verb not in often]


_OFFERED: Final = re.compile(r"`(/[a-z]+) ([a-z-]+)[^`]*`")
_SENTENCE_ENDS: Final = re.compile(r"(?<=[.?!])\s+")
#: A sentence with one of these roles says who acts. It stays in a refusal without its command.
_ROLE: Final = re.compile(r"\b(?:chairs?|vice-chair|co-ordinators?|administrators?)\b", re.IGNORECASE)
_BEHIND_A_ROLE: Final = re.compile(r"(?:,? with|:) `[^`]*`")


def without_hints_for_others(refusal: str, allowed: Collection[May], *, leads_agency: bool) -> str:
    """Return a refusal without the commands that its reader may not use.

    A sentence with such a command is left out. If the sentence also names a role, only the command is left out of it.
    """
    kept = []
    for sentence in _SENTENCE_ENDS.split(refusal):
        offered = _OFFERED.findall(sentence)
        if all(_is_shown(command, verb, allowed, leads_agency=leads_agency) for command, verb in offered):
            kept.append(sentence)
        elif _ROLE.search(sentence):
            kept.append(_BEHIND_A_ROLE.sub("", sentence))
    return " ".join(kept) or refusal


def is_shown(command: str, allowed: Collection[May], *, leads_agency: bool) -> bool:
    """Return whether the verb of `command` is in the help of a person with these permissions."""
    name, verb = command.split()[:2]
    return _is_shown(name, verb, allowed, leads_agency=leads_agency)


def _is_shown(command: str, verb: str, allowed: Collection[May], *, leads_agency: bool) -> bool:
    if not any(verb in row.verbs.split() for row in SHOWN.get(command, ())):
        return True
    often, seldom = verbs_shown(command, allowed, leads_agency=leads_agency)
    return verb in often or verb in seldom


def line_of(command: str, verb: str, rest: str) -> str:
    """Return the line to type for a verb, such as "/action done 12", escaped so that Slack reads no markup in it."""
    return f"{command} {verb} {escape(rest)}".rstrip()
