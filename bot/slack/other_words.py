"""Words that people type instead of a verb, but which may mean something else. The bot asks before it acts.

In the tables the words are in lower case, without apostrophes, and separated by commas. A word that can mean only one
verb is not here. It is an alias of that verb, in the table of its command.
"""

from collections.abc import Mapping
from typing import Final

_OFFERED_FOR: Final[Mapping[str, Mapping[str, str]]] = {
    "/action": {
        "add": "record, assign, create, task, todo, ask",
        "extend": "push, push back, have til, have until, have till, have more time for, have more time, have longer, "
        "have an extension, extension on, extension for, extension to, need more time for, "
        "need more time on, need more time, more time on, more time for, more time, more, longer, extension, delay, "
        "postpone, on hold, hold, paused",
        "reassign": "hand over, hand, handover, move",
        "reopen": "undo, send, send back, sent back, return",
        "accept": "agree with, agree, agreed, approve, okay, happy with, happy, with, sign off, signed off",
        "done": "did, sorted, tick, tick off, ticked, ticked off, marked",
        "show": "status of, status, progress on, progress with, update on, whats happening with, where are we with, "
        "where are we on, wheres, how is, hows, chase",
        "not-possible": "impossible, cant do, cannot do, cant, cannot",
        "not-ours": "wrong agency, not mine, not us",
        "edit": "change, fix, update",
        "put-back": "restore, undo",
        "tracker": "excel, spreadsheet, download",
    },
    "/meeting": {
        "attendance": "here, im here, i am here, present, register, arrived, roll call",
        "split": "share out, share the time, divide, divide the time, divide up, spread, share the rest, split up",
        "room": "quorum, are we quorate, are we quorum, is it quorate, is this quorate, quorate, have quorum, "
        "have a quorum, have we got quorum, have enough, whos present, who is present, whos missing, who is missing, "
        "whos joined, who is in, whos in, whos here, who is here, who do we have",
        "guest": "visitor",
        "postpone": "reschedule",
        "next": "move on, move, carry on, continue, back to, go back to",
        "later": "park, defer, come back to, come back",
        "skip": "pass, miss",
        "now": "no interests to declare, no interests, nothing to declare, "
        "here, im here, i am here, current, where are we, where, whats on, what, how long",
        "close": "were done, were finished, thats it, thats all, thats everything, thats the lot, meeting over, "
        "end of meeting, finish up, wrap up, done, all done",
        "interest": "know this family, know the family, know this child, know the child, know them, know, related",
        "item": "show, back to, back, go back, previous, prev",
        "note": "write, comment, add note, record note, add a note, minute",
        "dissent": "disagree, disagrees, disagreed, dissents, dissented, objects, objection, object",
        "decide": "decided, agreed, resolved, outcome, decided to, agreed to, were going to",
        "reply": "rsvp, respond, answer",
        "undo": "delete, remove, cancel, scrap, oops",
        "mine": "what did i record, what did i write, what did i note, what did i, what have i, what i, "
        "what ive, my entries, my notes, ive recorded, i recorded, i noted, ive noted",
        "board": "move board, move the board, bring board, bring the board, bring up the board, put the board, "
        "put board, post board, post the board, repost the board, where is the board, wheres the board",
        "interim": "carry on as interim, carry on as an interim, go on as interim, go on as an interim, "
        "continue as interim, continue as an interim, proceed as interim, proceed as an interim, hold as interim, "
        "hold it as interim, hold an interim, run as interim, run it as interim, make it interim, as interim, "
        "go ahead as interim, go ahead as an interim, have an interim",
        "replies": "whos coming, who is coming, whos going, who else is coming, is anyone coming, rsvps, "
        "is anyone else coming, "
        "will we be quorate, will it be quorate, will we have quorum, will we have a quorum",
    },
    "/agenda": {
        "show": "whats on, what is on, whats, read, see, remove, delete, take off, take, drop, move, change, edit",
        "defer": "postpone, put off, put back, push back, hold over, hold off",
        "item": "new",
        "compile": "make, build, prepare, draft",
        "publish": "share, post, issue",
        "triage": "accept, rule, screen",
        "returns": "whos not done, who hasnt done, who has not done, whos not sent, who hasnt sent, who has not sent, "
        "whos missing, who is missing, who still owes, who owes, whos outstanding, whos late, who hasnt returned, "
        "whos returned, who has returned, missing, "
        "whos not done their returns, who hasnt done their returns, who has not done their returns, "
        "whos not done their return, who hasnt done their return, whos not sent their returns, "
        "who hasnt sent their returns, who still owes returns, who owes returns, outstanding returns, missing returns",
    },
    "/minutes": {
        "pack": "my agencys actions, my agencies actions, my agencys, my agencies, my agency, my actions and items, "
        "our agencys, our agencies, our actions, our items, actions for my agency, actions for us",
        "draft": "write, make, start, type up",
        "send-back": "reject, return",
        "amend": "correct, fix, change",
        "approve": "sign off, agree, ok",
        "export": "download, copy",
        "summary": "what was decided, what did we decide, whats been decided, decisions and actions, decisions, "
        "actions and decisions, actions, what was agreed, what did we agree, whats been agreed, whats agreed, "
        "outcomes, outcome, decisions list, list of decisions",
    },
    "/panel": {
        "next": "whats on, what is on, when is, whens",
        "dates": "diary, calendar, all",
        "venue": "place, room, where",
        "reinstate": "put, put back, put back on, bring back, uncancel, un-cancel, restore, back on",
        "add": "book, schedule, arrange, new, put in",
    },
    "/people": {
        "end": "stop, finish, remove, take off, delete",
        "list": "whos who, who, whos, who is on, whos on, who is in, whos in, who is from, whos from, show, members",
        "deputise": "cover, stand in, substitute",
        "change": "edit, update, rename",
    },
    "/case": {
        "flag": "add, new, send, put",
        "history": "see, find, look up, whats, what do we know about, what do we know on, what do we have on, "
        "what have we got on, what is known about, anything on, details of, details for, tell about, look at",
        "list": "all, whats flagged, whats been flagged, what has been flagged, what is flagged, flagged, "
        "whats on the list, whats on, what is on, my flags, our flags, my cases, "
        "my",
        "withdraw": "remove, delete, cancel, take back, unflag",
        "urgent": "sooner, emergency",
        "close-item": "close, lock, restrict",
        "open-item": "unlock",
        "readers": "who can see, who can read, who sees",
        "seen": "who has seen, who has read, who has looked at, who has opened, whos seen, whos read, whos looked at, "
        "whos opened, who read, who saw, who looked at, who opened, read by, seen by",
        "edit": "change, update, correct",
        "nrm": "referral",
        "merge": "join, same as, duplicate",
    },
}
#: Phrases that the verb takes as its text, so they stay in the offered command.
_OFFERED_WITH: Final[Mapping[str, Mapping[str, str]]] = {
    "/action": {
        "list": "my, me, outstanding, late, over due, over-due, everything, whats, what, which, anything, how many",
        "extend": "another",
    },
    "/meeting": {
        "decide": "retain, retained, nrm, step down, stepdown, step, escalate, escalated, nfa, no further action, "
        "transfer, strategy, refer to mace, refer to mase, mace, mase",
        "attendance": "apologies from, apologies for, apols from, apols for",
        "reply": "not sure, unsure, maybe, might, possibly, probably, dont know yet, "
        "sorry, apologies, apols, apologise, cant, cannot, not coming, attending, yes, no, unable, im, i am, "
        "sending, regrets, ill be there, accept, decline, declined, late, running late",
    },
    "/agenda": {"returns": "nothing, not known, nothing known, known, our, my, we know"},
    "/minutes": {"export": "last, q1, q2, q3, q4, of, from, for"},
    "/panel": {
        "create": "monthly, weekly, fortnightly, quarterly, every, each, first, second, third, last, twice",
        "add": "another, extra, an extra, one more",
    },
}


#: Words after the name of a person.
_OFFERED_BEHIND: Final[Mapping[str, Mapping[str, str]]] = {
    "/meeting": {
        "attendance": "arrived, joined, left, leave, gone",
        "dissent": "disagree, disagrees, disagreed, dissents, dissented, dissenting, object, objects, objected",
    },
    "/people": {
        "deputise": "covering, covers, cover, deputising, deputises, deputise, standing, stands, deputy",
        "leave": "left, leaving, leaves, gone",
    },
    "/action": {"reassign": "has, takes, gets"},
}
#: Words after the number of an action, and the verb that they mean.
_BEHIND_NUMBER: Final[Mapping[str, Mapping[str, str]]] = {
    "/action": {
        "not-ours": "isnt ours, is not ours, isnt mine, is not mine, not mine, not ours, belongs to another, is for, "
        "isnt for us, is not for us, not for us, isnt for, is not for, not our job, isnt our job, is not our job, "
        "not my job, isnt my job, not one of ours, isnt one of ours, nothing to do with us",
        "not-possible": "cant be done, cannot be done, cant, cannot, no longer possible, isnt possible, impossible",
        "extend": "hasnt been done yet, has not been done yet, hasnt been done, has not been done, havent done yet, "
        "havent done it yet, hasnt happened yet, havent managed, havent been able to, havent started, not started, "
        "not finished, not done, partly done, part done, partially done, mostly done, "
        "partly finished, half finished, partly, "
        "needs more time, need more time, more time, needs, need, until, till, til, by, wont be done until, "
        "wont be done till, wont be done til, wont be done by, not done until, not done til, "
        "isnt done yet, is not done yet, isnt finished yet, is not finished yet, not finished yet, still not done, "
        "not yet done, not yet, "
        "nearly done, almost done, nearly finished, almost finished, half done, is nearly done, is almost done, "
        "in progress, is in progress, ongoing, is ongoing",
        "reassign": "to, over to, goes to, passed to, given to, is now, now with, is with, belongs to",
        "accept": "accepted, is accepted, agreed, ok, okay, approved, is ok, is fine, fine, confirmed",
        "show": "should be done, should have been done, should be finished, should be complete, should have been, "
        "should be done by now, where are we",
        "done": "should be done, should be finished, should be complete, should be done by now",
        "reopen": "back, isnt done after all, not done after all, isnt done, is not done, isnt finished, "
        "needs redoing, redo",
        "withdraw": "duplicate, is a duplicate, not needed, isnt needed, is not needed, no longer needed",
        "edit": "should be, should, is wrong, wrong",
    },
}
#: Whole texts that another command answers.
_ELSEWHERE: Final[Mapping[str, Mapping[str, str]]] = {
    "/meeting": {
        "/panel next": "when is, when, whens, is it, is it still on, is the meeting on, next meeting",
        "/action list mine": "my actions",
    },
    "/minutes": {"/action list": "my actions, outstanding actions", "/panel next": "when is, whens"},
    "/agenda": {"/panel next": "when is, whens, when", "/action list": "actions, outstanding actions"},
    "/action": {"/panel next": "when is the meeting, when is the next meeting, whens the meeting"},
}


def offered_behind_number(command: str, verb: str) -> tuple[str, ...]:
    """Return the phrases for which the bot offers this verb if they are typed after an action's number.

    For "4127 isn't ours" the bot offers `not-ours`.
    """
    return _phrases(_BEHIND_NUMBER, command, verb)


def offered_elsewhere(command: str) -> Mapping[str, tuple[str, ...]]:
    """Return the commands to offer in place of `command`, as a dict from each command to the phrases that may mean it.

    If one of the phrases is typed after `command`, the bot offers that command. An example is "/panel next" for
    "/meeting when is it".
    """
    return {other: _phrases(_ELSEWHERE, command, other) for other in _ELSEWHERE.get(command, {})}


def offered_behind(command: str, verb: str) -> tuple[str, ...]:
    """Return the phrases that make the bot offer this verb if they are typed after a person's name.

    For "Sam arrived" the bot offers `attendance Sam arrived`.
    """
    return _phrases(_OFFERED_BEHIND, command, verb)


def offered_for(command: str, verb: str) -> tuple[str, ...]:
    """Return the phrases for which the bot offers this verb. In the offered command, the verb replaces the phrase."""
    return _phrases(_OFFERED_FOR, command, verb)


def offered_with(command: str, verb: str) -> tuple[str, ...]:
    """Return the phrases that make the bot suggest this verb. The suggested command is the verb and all typed words."""
    return _phrases(_OFFERED_WITH, command, verb)


def _phrases(table: Mapping[str, Mapping[str, str]], command: str, verb: str) -> tuple[str, ...]:
    said = table.get(command, {}).get(verb, "")
    return tuple(phrase.strip() for phrase in said.split(",")) if said else ()
