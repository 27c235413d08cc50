"""Words that people type in place of a verb but that may mean something else, so the bot asks before it acts.

The words are in lower case, without apostrophes, and separated by commas. A word that can mean one verb alone is an
alias of that verb, in the table of its command.
"""

from collections.abc import Mapping
from typing import Final

_OFFERED_FOR: Final[Mapping[str, Mapping[str, str]]] = {
    "/action": {
        "add": "record, assign, create, task, todo, ask",
        "extend": "need more time for, need more time on, need more time, "
        "more time on, more time for, more time, more, longer, extension, delay, postpone",
        "reassign": "hand over, hand, handover, move",
        "reopen": "undo",
        "accept": "agree with, agree, agreed, approve, okay, happy with, happy, with",
        "done": "did, sorted, tick, tick off",
        "not-possible": "impossible, cant do, cannot do, cant, cannot",
        "not-ours": "wrong agency, not mine, not us",
        "edit": "change, fix, update",
        "put-back": "restore, undo",
        "tracker": "excel, spreadsheet, download",
    },
    "/meeting": {
        "attendance": "here, present, register, arrived, roll call",
        "room": "quorum, who is in, whos in, whos here, who is here, who do we have",
        "guest": "visitor",
        "postpone": "reschedule",
        "next": "move on, move, carry on, continue",
        "later": "park, defer, come back to, come back",
        "skip": "pass, miss",
        "now": "current, where are we, where, whats on, what",
        "item": "show, back to, back, go back, previous, prev",
        "note": "write, comment, add note, record note, add a note, minute",
        "dissent": "disagree, disagrees, disagreed, dissents, dissented, objects, objection, object",
        "decide": "decided, agreed, resolved, outcome",
        "reply": "rsvp, respond, answer",
        "undo": "delete, remove, cancel, scrap, oops",
        "mine": "what did i record, what did i write, what did i note, what did i, what have i, what i",
        "replies": "whos coming, who is coming, rsvps",
    },
    "/agenda": {
        "show": "whats on, what is on, whats, read, see, remove, delete, take off, drop, move, change, edit",
        "defer": "postpone, put off",
        "item": "new",
        "compile": "make, build, prepare, draft",
        "publish": "share, post, issue",
        "triage": "accept, rule, screen",
    },
    "/minutes": {
        "draft": "write, make, start, type up",
        "send-back": "reject, return",
        "amend": "correct, fix, change",
        "approve": "sign off, agree, ok",
        "export": "download, copy, last",
    },
    "/panel": {"next": "whats on, what is on, when is", "dates": "diary, calendar, all", "venue": "place, room, where"},
    "/people": {
        "end": "stop, finish, remove, take off, delete",
        "list": "whos who, who, show, members",
        "deputise": "cover, stand in, substitute",
        "change": "edit, update, rename",
    },
    "/case": {
        "flag": "add, new, send, put",
        "history": "see, find, look up, whats",
        "list": "all, whats flagged, flagged",
        "withdraw": "remove, delete, cancel, take back, unflag",
        "urgent": "sooner, emergency",
        "close-item": "close, lock, restrict",
        "open-item": "unlock",
        "readers": "who can see, who can read",
        "seen": "who has seen, who has read, whos seen, read by",
        "edit": "change, update, correct",
        "assess": "assessment",
        "nrm": "referral",
        "merge": "join, same as, duplicate",
    },
}
#: Phrases that are part of what the verb takes, so they stay in the offered command.
_OFFERED_WITH: Final[Mapping[str, Mapping[str, str]]] = {
    "/action": {"list": "my, me, outstanding, late, everything, whats, what"},
    "/meeting": {
        "reply": "sorry, cant, cannot, not coming, attending, yes, no, unable, im, i am, sending, regrets, "
        "ill be there, accept, decline, declined, late, running late"
    },
    "/minutes": {"export": "q1, q2, q3, q4"},
}


def offered_for(command: str, verb: str) -> tuple[str, ...]:
    """Return the phrases for which the bot offers this verb. In the offered command, the verb replaces the phrase."""
    return _phrases(_OFFERED_FOR, command, verb)


def offered_with(command: str, verb: str) -> tuple[str, ...]:
    """Return the phrases for which the bot offers this verb. In the offered command, the phrase follows the verb."""
    return _phrases(_OFFERED_WITH, command, verb)


def _phrases(table: Mapping[str, Mapping[str, str]], command: str, verb: str) -> tuple[str, ...]:
    said = table.get(command, {}).get(verb, "")
    return tuple(phrase.strip() for phrase in said.split(",")) if said else ()
