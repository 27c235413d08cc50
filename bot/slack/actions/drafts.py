"""Reading an action out of typed text: its words, holder, due date, reason and case.

The text is what follows a command, a message on which the shortcut is used, or a message that mentions the bot. The bot
receives only those messages of a channel that mention it.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from bot.domain.language.action_words import SaidHolder, holder_apart, take_holder, take_label
from bot.domain.language.clock_words import impossible_time
from bot.domain.language.due_phrases import recognises
from bot.domain.language.due_reading import DueTerms
from bot.domain.language.due_sentences import split_due
from bot.domain.language.identifiers import leave_out_identifiers
from bot.domain.language.more_time import longer_by
from bot.domain.language.reasons import DASH, SURE_WORD, WORD
from bot.domain.language.references import words_like_bare_digits
from bot.domain.language.task_words import says_what_to_do
from bot.domain.notices import Notice
from bot.domain.permissions import Verb
from bot.errors import Mistake, NoSuchTime, NotForYou, Stranger
from bot.records.access.queries import Where, actor_of, has_lost_access, identify_in
from bot.services.actions import changes
from bot.slack.actions import form_views
from bot.slack.blocks import escape
from bot.slack.outgoing import Outgoing, Whisper
from bot.slack.typed import plain, plain_dashes
from bot.store.requests import answered_at, first_answer, remember_answer
from bot.store.unit_of_work import Work

_ANY_DAY = date(2026, 1, 7)
_REFERENCE = r"[A-Z]{2,10}[-/\u2010-\u2015][0-9]{2,8}"
#: "case:WEST-0001" is removed from the words; in "update the plan for WEST-0001" the reference is part of the words.
ABOUT = re.compile(r"(?:^|[\s(,])(?:case|ref)\s*:\s*(?P<case>[^\s,;)]+)\)?,?", re.IGNORECASE)
BECAUSE = re.compile(rf"(?:^|[\s,;]+)(?:{WORD}:?|:|(?!(?<=[0-9] )[–—-] [0-9])[–—-])\s+|{DASH}", re.IGNORECASE)
_BECAUSE_AGAIN = re.compile(rf"^(?:{SURE_WORD}\b(?!-)[\s:,–-]*)+", re.IGNORECASE)
_TO = re.compile(r"^\s*[:,–-]?\s*to\s+(?=[a-z])", re.IGNORECASE)
_QUOTED = re.compile(r"[\u201c\"](?P<words>[^\u201c\u201d\"]+)[\u201d\"]")
_BESIDE = re.compile(
    rf"^\s*(?:(?:for|about|on|re|regarding)\s+)?(?:(?:the\s+)?(?:case|ref)\s+)?(?P<first>{_REFERENCE})\b(?!['\u2019])[\s,:–—-]*|(?:[,;(]\s*|(?<!\bfor)(?<!\babout)(?<!\bon)(?<!\bre)(?<!\bof)(?<!\bwith)\s+)(?:[–—-]\s+)?(?:(?:case|ref)\s+)?"
    rf"(?P<last>{_REFERENCE})[\s.)]*$",
    re.IGNORECASE,
)
_BUY = re.compile(r"\s+(?:buy|bye|b4|bt)$", re.IGNORECASE)  # what phones write in place of "by"
_AT_HOUR = re.compile(r"(?P<hour>at\s+[0-9]{1,2}(?:[:.][0-9]{2})?\s*(?:am|pm)?)\s+(?:on\s+)?(?=[a-z])", re.IGNORECASE)
_ANY = re.compile(rf"(?<![\w-]){_REFERENCE}\b", re.IGNORECASE)
_IN_WORDS = re.compile(rf"\b(?:for|about|on|re|regarding|of|case)\s+(?P<case>{_REFERENCE})\b", re.IGNORECASE)


def what_and_when(text: str) -> tuple[str, str | None]:
    """Return the task, and the due phrase or None, from the text typed after the holder.

    The hour of an appointment stays with the task. For "arrange a visit at 3pm on Thursday", return "arrange a visit at
    3pm" and "Thursday". Raise NoSuchTime for an hour that doesn't exist, as in "at 25:00".
    """
    said = _TO.sub("", plain(text), count=1)
    said = said[2:].lstrip() if said[:2] == "2 " and says_what_to_do(said[2:]) else said  # "Gwen 2 chase the form"
    what, due = split_due(said, without_by=True, is_task=True)
    if due and (hour := _AT_HOUR.match(due)) and text.rstrip(" .").endswith(due) and recognises(due[hour.end() :]):
        what, due = f"{what} {hour['hour']}", due[hour.end() :]
    if due:
        what = _BUY.sub("", what)
    if (said := impossible_time(what)) and re.search(rf"(?:\bat|@)\s*{re.escape(said)}", what, re.IGNORECASE):
        raise NoSuchTime(said)
    quoted = _QUOTED.fullmatch(what)
    return quoted["words"] if quoted else what, due


def when_and_why(text: str) -> tuple[str, str]:
    """Return the due phrase and the reason typed to ask for more time. A part that was not typed is ""."""
    due, *reason = BECAUSE.split(plain(text).lstrip(" ,:;–—-"), maxsplit=1)
    if not reason and not _is_when(due):
        first, *after = re.split(r"[,;.]\s+", due, maxsplit=1)
        due, reason = (first, after) if after and _is_when(first) else (due, reason)
    due = _UNTIL.sub("", due.strip(" ,;"))
    return due, reason_in(reason[0]) if reason else ""


def when_first(text: str) -> tuple[str, str]:
    """Return the due phrase at the beginning of a text, and the words after the phrase, which may be a reason.

    For "next Friday the school is shut", return "next Friday" and "the school is shut".
    """
    words = [] if _is_when(_UNTIL.sub("", text)) else text.split()
    for count in range(min(_MOST_WORDS, len(words) - 1), 0, -1):
        if _is_when(_UNTIL.sub("", " ".join(words[:count]))):
            return _UNTIL.sub("", " ".join(words[:count])).rstrip(" ,;"), " ".join(words[count:])
    return _UNTIL.sub("", text), ""


_MOST_WORDS = 8  # of a due phrase
_ASKS_UNTIL = re.compile(
    r"(?P<why>.*?)[\s,;.]*(?:\b(?:can|could|may)\s+(?:i|we)\s+(?:please\s+)?(?:have|get)\s+)?\b(?:until|till?|by)\s+(?P<when>[^,;]+)",
    re.IGNORECASE | re.DOTALL,
)


def when_last(text: str) -> tuple[str, str] | None:
    """Return the due phrase at the end of a text, and the reason before it, or None if no due phrase is at the end.

    For "school closed for easter, can i have til 30 april", return "30 april" and "school closed for easter".
    """
    found = _ASKS_UNTIL.fullmatch(text.strip(" ,;:.?\u2013\u2014-"))
    return (found["when"], reason_in(found["why"])) if found and recognises(found["when"]) else None


_OF_NUMBER = re.compile(
    r"(?P<when>.+?)[\s,]+(?:for|on)\s+(?:action\s+)?(?:no\.?\s*)?#?(?P<number>[0-9]{1,9})\b(?![/.:-][0-9])[\s,:;]*(?P<why>.*)",
    re.IGNORECASE | re.DOTALL,
)


#: "The date on 4130 to 28/4", "4130's deadline is 28 April".
_DAY_OF_NUMBER = re.compile(
    r"(?:(?:the|its)\s+)?(?:(?:due\s+)?(?:date|day|deadline)\s+|due\s+)?(?:(?:on|of|for)\s+)?(?:the\s+)?(?:action\s+)?"
    r"#?(?P<number>[0-9]{1,9})(?:['\u2019]s)?\s+(?:due\s+)?(?:(?:date|day|deadline)\s+)?(?:back\s+)?"
    r"(?:(?:to|till|until|is|should be|now)\s+)*(?P<day>\S.*)",
    re.IGNORECASE,
)


def with_number_before_day(text: str) -> str:
    """Return "4130 due 28/4" for the words of a new due date, such as "the date on 4130 to 28/4".

    Any other text is returned unchanged.
    """
    found = _DAY_OF_NUMBER.fullmatch(plain(text).strip(" ."))
    return f"{found['number']} due {found['day']}" if found and recognises(found["day"]) else text


def with_number_first(text: str) -> str:
    """Move an action's number to the beginning of a typed request for more time, and return the request.

    For "until 1 May for 4128, …", return "4128 1 May because …". Any other text is returned unchanged.
    """
    found = _OF_NUMBER.fullmatch(text.strip())
    if found is None or not _is_when(_UNTIL.sub("", found["when"].strip(" ,"))):
        return text
    why = reason_in(found["why"].strip(" ,.–—-"))
    return f"{found['number']} {found['when']}" + (f" because {why}" if why else "")


_UNTIL = re.compile(r"^(?:(?:back|on|out)\s+)?(?:to|until|till|til)\s+", re.IGNORECASE)


def _is_when(phrase: str) -> bool:
    return recognises(phrase) or longer_by(phrase, _ANY_DAY, DueTerms(_ANY_DAY)) is not None


_SHOULD_SAY = re.compile(
    r"^[\s,:–—-]*(?:(?:it|that|this|the words?|words?|text|what)\s+)*(?:(?:should|needs? to|must|to|is to|now)\s+)*"
    r"(?:say|says|read|reads|be worded)\b[\s:,]*(?P<new>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
#: "Thursday, not Wednesday": the new words and those that they replace.
NOT_THE_OLD = re.compile(r"(?P<new>.+?)[\s,(]+(?:and\s+)?(?:not|instead of|rather than)\s+(?P<old>.+?)[\s.)]*", re.I)


#: "to “chase the download”", "to ring the school": the new words after the verb that changes an action.
_CHANGES_TO = re.compile(
    r"(?:(?:the\s+)?(?:words?|wording|text|what)\s+)?(?:in)?to:?\s+(?P<new>\S.*)|(?P<quoted>[\u201c\"].+[\u201d\"])[\s.]*",
    re.IGNORECASE | re.DOTALL,
)


def new_words(text: str, now: str) -> str:
    """Return an action's new words from a correction such as "should say bus station not station".

    `now` is the action's present text. In this example, "station" in the present text becomes "bus station". Return ""
    if the correction is not clear.
    """
    found = _SHOULD_SAY.fullmatch(text)
    if found is None:
        changes_to = _CHANGES_TO.fullmatch(text)
        said = (changes_to["new"] or changes_to["quoted"]).strip(' \u201c\u201d"') if changes_to else ""
        return said if said and ((changes_to and _QUOTED.search(text)) or says_what_to_do(said)) else ""
    new = found["new"].strip(' \u201c\u201d"')
    swap = NOT_THE_OLD.fullmatch(new)
    if swap is None:
        return new
    old = re.compile(rf"(?<!\w){re.escape(swap['old'])}(?!\w)", re.IGNORECASE)
    return old.sub(lambda _: swap["new"], now) if len(old.findall(now)) == 1 else ""


def reason_in(text: str) -> str:
    """Return the typed reason without a leading "because" or similar word, or "" if only that word was typed."""
    said = _BECAUSE_AGAIN.sub("", text.strip(" \u2013\u2014-"))
    return said if re.search(r"\w", said) else ""


def with_case_last(text: str) -> str:
    """Move "case:WEST-0001" from the start of a text to its end, so that the holder comes first. Return the text."""
    found = ABOUT.match(text)
    return f"{text[found.end() :].strip()} {found[0].strip(' ,')}" if found else text


_ITEM_LAST = re.compile(
    r"[\s,;(]+(?:(?:under|for|on|at)\s+)?(?:agenda\s+)?item\s+(?:no\.?\s*)?(?P<number>[0-9]{1,3}[a-z]?)[\s).]*$", re.I
)


def with_item_first(text: str) -> str:
    """Move an agenda item's number from the end of a text to its beginning, if a due date comes before the number.

    For "ring mum by Friday, item 7", return "item 7: ring mum by Friday". Any other text is returned unchanged.
    """
    found = _ITEM_LAST.search(text)
    if found is None or not (due := what_and_when(text[: found.start()])[1]):
        return text
    rest = text[: found.start()].rstrip(" ,.")
    return f"item {found['number']}: {rest}" if rest.endswith(due) else text


def take_case(text: str) -> tuple[str, str | None, bool]:
    """Return the text without its case reference, the reference or None, and whether "case:" was typed before it.

    A reference typed before or after the action's words, as in "case:WEST-0001", is removed from the text. If the text
    has several references and "case:" was not typed, the text is not changed.
    """
    if found := ABOUT.search(text):
        return f"{text[: found.start()]} {text[found.end() :]}".strip(), plain_dashes(found["case"]), True
    if found := _BESIDE.search(text):
        rest = f"{text[: found.start()]} {text[found.end() :]}".strip()
        is_alone = not (_ANY.search(rest) or words_like_bare_digits(rest))
        return rest if is_alone else text, plain_dashes(found["first"] or found["last"]), False
    found = _IN_WORDS.search(text)
    return text, plain_dashes(found["case"]) if found else None, False


def said_in(message: str, people: Mapping[str, str], today: date, *, is_action: bool = False) -> form_views.Draft:
    """Return the words, holder, due date and case of the action that a message describes, with a note on each problem.

    A problem is, for instance, an unknown holder or a missing due date. `is_action` says that the message is known to
    be an action, which helps `take_holder` to find the holder.
    """
    text, reference, _ = take_case(take_label(message)[1])
    said = take_holder(text, people, is_action=is_action)
    if is_action and not said.user_id and not said.unplaced and (apart := holder_apart(said.text, people))[0]:
        said = SaidHolder(*apart)
    what, due = split_due(plain(said.text), without_by=True, is_task=is_action)
    what, identifiers = leave_out_identifiers(what, today=today)
    names = [name if name.startswith("<@") else escape(plain(name)) for name in said.unplaced]
    left_out = [f"I didn't add {name}: an action has only one holder." for name in names if said.user_id]
    left_out += [f"I don't know who {name} is. Choose a member of the panel." for name in names if not said.user_id]
    if identifiers:
        left_out.append(f"I left out {identifiers}. Use the case reference instead.")
    if len(what) > form_views.MOST_WORDS:
        left_out.append(f"Only the first {form_views.MOST_WORDS:,} characters fit; I cut the rest.")
    if not due:
        left_out.append("I couldn't see a due date.")
    return form_views.Draft(what, said.user_id, due or "", reference or "", tuple(left_out))


def on_mentioned(work: Work, team_id: str, user_id: str, body: Mapping[str, Any]) -> None:
    """Answer a message that mentions the bot, by offering to record the message as an action.

    The bot answers only a message that begins with "ACTION:" or has a holder and a due date, and only in the channel of
    a panel where the author of the message may give actions.
    """
    event, key = body["event"], body["event_id"]
    try:
        actor, here = identify_in(work, team_id, user_id, event["channel"])
    except Stranger:
        return
    if here is None or not here.may(Verb.ADD_ACTION) or first_answer(work, key) is not None:
        return
    try:
        people = changes.people_to_hold(work, actor, Where(channel_id=event["channel"], here=here))
    except (Mistake, NotForYou):  # the panel has ended or can't be used
        return
    bots = {one.get("user_id") for one in body.get("authorizations", ())}
    text = re.sub(
        r"<@([A-Z0-9]+)(?:\|[^>]*)?>", lambda one: "" if one[1] in bots else one[0], event.get("text", "")
    ).strip()
    draft = said_in(text, people, work.now.date())
    if take_label(text)[0] or (draft.holder and draft.due):
        # The draft's words are stored encrypted, as answers are, and not in the outbox.
        remember_answer(work, key, {"person": actor.person_id, "draft": asdict(draft)})
        work.tell(event["channel"], Notice.ACTION_HINT, once=key, request=key, thread=event.get("thread_ts", ""))


def hint(work: Work, payload: Mapping[str, Any]) -> Outgoing | None:
    """Return the offer to record a message as an action, or None if its author lost access or the draft is deleted."""
    kept = first_answer(work, payload["request"])
    actor = None if kept is None else actor_of(work, kept["person"])
    if kept is None or actor is None:
        return None
    if has_lost_access(work, actor.person_id, answered_at(work, payload["request"])):
        return None
    text, blocks = form_views.hint(form_views.Draft(**kept["draft"]))
    return Outgoing(Whisper(payload["channel_id"], actor.user_id, text, blocks, payload["thread"]))
