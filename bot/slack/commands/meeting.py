"""`/meeting`: hold it, item by item, and record what was said and decided."""

import re
from dataclasses import replace
from datetime import date

from bot.domain.permissions import Verb as May
from bot.errors import Inquorate, Mistake
from bot.models.vocabulary import CloseReason, DecisionKind, NoteKind, RiskLevel
from bot.models.vocabulary import Reply as Answer
from bot.services import answering, attendance, calendars, discussion, inquorate, interests, meetings, replies
from bot.slack.parsing import blaming, plain, take_mention, take_panel, the_panel
from bot.slack.registry import Command, Noun, Verb
from bot.slack.reply import Reply
from bot.slack.request import Request
from bot.slack.views import calendars as show_calendars
from bot.slack.views import discussion as show_discussion
from bot.slack.views import inquorate as show_inquorate
from bot.slack.views import interests as show_interests
from bot.slack.views import invitations as show_invitations
from bot.slack.views import meetings as show
from bot.store.access import Where, find_panel
from bot.store.current_item import CurrentItem

_FOR = re.compile(r"\s+for\s+<@([UW][A-Z0-9]+)(?:\|[^>]*)?>\s*$", re.IGNORECASE)
_ANSWERS = {"coming": Answer.COMING, "deputy": Answer.DEPUTY, "apologies": Answer.APOLOGIES}
_BECAUSE = re.compile(r"\s+because\b[\s:]*", re.IGNORECASE)


def _open(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(text=show.opened(meetings.open_panel_meeting(request.work, request.actor, where)))


def _attendance(request: Request) -> Reply:
    where = the_panel(request)
    panel = find_panel(request.work, request.actor, where, May.TAKE_ATTENDANCE).panel
    here = attendance.room(request.work, request.actor, Where(panel_key=panel.key))
    return Reply(modal=show.attendance_form(here, {"panel": panel.key}))


def _attended(request: Request) -> Reply:
    sent_on = request.field("sent_on")
    here = attendance.record_attendance(
        request.work,
        request.actor,
        Where(panel_key=request.metadata["panel"]),
        present=request.choices("present"),
        apologies=request.choices("apologies"),
        information=request.field("information"),
        sent_on=date.fromisoformat(sent_on) if sent_on else None,
    )
    return Reply(text=show.present(here))


def _room(request: Request) -> Reply:
    where = the_panel(request)
    text, blocks = show.room(attendance.room(request.work, request.actor, where))
    return Reply(text=text, blocks=blocks)


def _postpone(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(modal=show_inquorate.postpone_form(inquorate.look(request.work, request.actor, where)))


def _interim(request: Request) -> Reply:
    where = the_panel(request)
    found = inquorate.hold_interim(request.work, request.actor, where)
    text, blocks = show_inquorate.interim(found)
    return Reply(text=text, blocks=blocks, modal=show_inquorate.date_form(found) if found.needs_date else None)


def _quorate(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(text=show_inquorate.quorate(inquorate.become_quorate(request.work, request.actor, where)))


def _acknowledged(request: Request) -> Reply:
    here = attendance.acknowledge(request.work, request.actor, int(request.value))
    return Reply(text=show.welcomed(here))


def _interest(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.READ_CASES)
    who, text = take_mention(text)
    reference = plain(text)
    if not reference:
        raise Mistake(f"In which case? {COMMAND.usage('interest')}")
    found = interests.declare_interest(request.work, request.actor, where, reference, who)
    return Reply(text=show_interests.stepped_back(found))


def _no_interest(request: Request) -> Reply:
    head, *reason = _BECAUSE.split(request.text, maxsplit=1)
    where, text = take_panel(request, head, May.READ_CASES)
    who, text = take_mention(text)
    reference = plain(text)
    if not reference or " " in reference:
        raise Mistake(f"In which case? {COMMAND.usage('no-interest')}")
    found = interests.withdraw_interest(
        request.work, request.actor, where, reference, who, plain(reason[0]) if reason else ""
    )
    return Reply(text=show_interests.taken_back(found))


def _now(request: Request) -> Reply:
    where = the_panel(request)
    return _shown(discussion.current_item(request.work, request.actor, where))


def _next(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.RUN_MEETING)
    if text and not text.isdecimal():
        raise Mistake(f"Which item? {COMMAND.usage('next')}")
    return _went_on(request, where, int(text) if text else None)


def _went_on(request: Request, where: Where, position: int | None = None, leaving_id: int | None = None) -> Reply:
    """The next item; before the first case of a meeting that is not quorate, the choice what becomes of it."""
    try:
        return _shown(discussion.next_item(request.work, request.actor, where, position, leaving_id=leaving_id))
    except Inquorate as refused:
        text, blocks = show_inquorate.choice(str(refused), refused.meeting_id)
        return Reply(text=text, blocks=blocks)


def _shown(found: CurrentItem) -> Reply:
    text, blocks = show_discussion.current(found)
    return Reply(text=text, blocks=blocks)


def _pressed(request: Request) -> tuple[Where, int]:
    """The panel and the number that a button carries; 0, which nothing has, on one from before it carried any."""
    panel_key, _, number = request.value.partition(":")
    return Where(panel_key=panel_key), int(number or 0)


def _clicked_next(request: Request) -> Reply:
    where, item_id = _pressed(request)
    return _went_on(request, where, leaving_id=item_id)


def _note(request: Request) -> Reply:
    text = plain(request.text)
    return Reply(text=show_discussion.noted(discussion.add_note(request.work, request.actor, request.where(), text)))


def _dissent(request: Request) -> Reply:
    text = plain(request.text)
    found = discussion.add_note(request.work, request.actor, request.where(), text, NoteKind.DISSENT)
    return Reply(text=show_discussion.noted(found))


def _clicked_note(request: Request) -> Reply:
    where, item_id = _pressed(request)
    find_panel(request.work, request.actor, where, May.NOTE)
    found = discussion.current_item(request.work, request.actor, where)
    if found.item is None or found.item.id != item_id:
        return _shown(replace(found, moved_on=True))
    return Reply(modal=show_discussion.note_form(found.item.title, {"panel": where.panel_key, "item": item_id}))


def _noted(request: Request) -> Reply:
    kind = request.field("kind")
    found = discussion.add_note(
        request.work,
        request.actor,
        Where(panel_key=request.metadata["panel"]),
        request.field("text"),
        NoteKind(kind) if kind else None,
        item_id=request.metadata.get("item", 0),
    )
    return Reply(text=show_discussion.noted(found))


def _decide(request: Request) -> Reply:
    return _decision_form(request, the_panel(request))


def _clicked_decide(request: Request) -> Reply:
    return _decision_form(request, *_pressed(request))


def _decision_form(request: Request, where: Where, item_id: int | None = None) -> Reply:
    panel = find_panel(request.work, request.actor, where, May.DECIDE).panel
    found = discussion.current_item(request.work, request.actor, Where(panel_key=panel.key))
    if item_id is not None and (found.item is None or found.item.id != item_id):
        return _shown(replace(found, moved_on=True))
    if found.interim:
        raise Mistake(found.interim)
    if found.item is None:
        raise Mistake(discussion.NOTHING_DISCUSSED)
    if found.item.flag is None:
        raise Mistake("The current item is not a case. `/meeting next` goes on, `/meeting note` writes a line.")
    kinds = request.work.definition(panel.definition).decisions
    return Reply(modal=show_discussion.decide_form(found, kinds, {"panel": panel.key, "item": found.item.id}))


def _decided(request: Request) -> Reply:
    where = Where(panel_key=request.metadata["panel"])
    risk, reason = request.field("risk_after"), request.field("close_reason")
    form = discussion.DecisionForm(
        kind=DecisionKind(request.field("kind")),
        rationale=request.field("rationale"),
        review=request.field("review") or None,
        close_reason=CloseReason(reason) if reason else None,
        risk_after=RiskLevel(risk) if risk else None,
    )
    with blaming("review"):
        found = discussion.decide(request.work, request.actor, where, form, item_id=request.metadata["item"])
    return Reply(text=show_discussion.decided(found))


def _undo(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(text=show_discussion.undone(discussion.undo_last(request.work, request.actor, where)))


def _close(request: Request) -> Reply:
    words = request.text.lower().split()
    at_once = "now" in words
    where = the_panel(replace(request, text=" ".join(word for word in words if word != "now")))
    if not at_once:
        left = meetings.unfinished(request.work, request.actor, where)
        if left.carried:
            text, blocks = show.closing_question(left)
            return Reply(text=text, blocks=blocks)
    return Reply(text=show.closed(meetings.close_meeting(request.work, request.actor, where)))


def _clicked_close(request: Request) -> Reply:
    where, meeting_id = _pressed(request)
    closing = meetings.close_meeting(request.work, request.actor, where, meeting_id)
    return Reply(text=show.closed(closing), replaces=True)


def _reply(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.SEE_DIARY)
    found = _FOR.search(text)
    whom, text = (found[1], text[: found.start()].strip()) if found else (None, text)
    if where.panel_key is None:
        where, text = take_panel(request, text, May.SEE_DIARY)
    word, _, rest = text.partition(" ")
    answer = _ANSWERS.get(word.lower())
    if answer is None or (answer is Answer.COMING and rest.strip()):
        raise Mistake(f"Coming, a deputy, or apologies? {COMMAND.usage('reply')}")
    deputy = take_mention(rest)[0] if answer is Answer.DEPUTY else None
    if answer is Answer.DEPUTY and deputy is None:
        raise Mistake("Who comes instead? Type `/meeting reply deputy @name`.")
    answered = answering.reply_to_next(
        request.work,
        request.actor,
        where,
        answer,
        deputy=deputy,
        information=plain(rest) if answer is Answer.APOLOGIES else "",
        for_user=whom,
    )
    return Reply(text=show_invitations.answered(answered))


def _replies(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(modal=show_invitations.replies(replies.show_replies(request.work, request.actor, where)))


def _calendar(request: Request) -> Reply:
    feed = calendars.feed_of(request.work, request.actor)
    if feed.can_subscribe:
        text, blocks = show_calendars.subscription(feed)
        return Reply(text=text, blocks=blocks)
    count = calendars.send_diary(request.work, request.actor, request_key=request.key[:32])
    return Reply(text=show_calendars.diary_file(count, can_subscribe=False))


COMMAND = Command(
    "/meeting",
    "Hold a meeting and record it",
    (
        Verb("reply", "coming, deputy @name, or apologies [WORDS] [for @name]", "say who comes", "coming", _reply),
        Verb("replies", "[panel]", "who is coming, and whether it will be quorate", "", _replies),
        Verb("calendar", "", "your panels' meetings in your own calendar", "", _calendar),
        Verb("open", "[panel]", "begin today's meeting", "", _open),
        Verb("attendance", "[panel]", "record who is here and who sent apologies", "", _attendance),
        Verb("room", "[panel]", "who is here, and whether it is quorate", "", _room),
        Verb("postpone", "[panel]", "not quorate: put the meeting off to a new date", "", _postpone),
        Verb("interim", "[panel]", "not quorate: talk, note and give actions, decide nothing", "", _interim),
        Verb("quorate", "[panel]", "an interim discussion is a full meeting after all", "", _quorate),
        Verb("interest", "REFERENCE [@name]", "declare an interest: step back from a case", "SAMPLE-0012", _interest),
        Verb(
            "no-interest",
            "REFERENCE [@name because REASON]",
            "take a declared interest back",
            "SAMPLE-0012 @sam because it was declared for the wrong case",
            _no_interest,
        ),
        Verb("next", "[NUMBER] [panel]", "go to the next item, or to one by its number", "4", _next),
        Verb("now", "[panel]", "the item being discussed", "", _now),
        Verb("note", "[AGENCY:] WORDS", "write a line under the item", "Police: seen twice this week", _note),
        Verb("dissent", "AGENCY: WORDS", "record that an agency disagrees", "Health: would retain", _dissent),
        Verb("decide", "[panel]", "record the decision on the case, with its rationale", "", _decide),
        Verb("undo", "[panel]", "take back the last note or decision", "", _undo),
        Verb("close", "[now] [panel]", "end the meeting; `now` asks nothing", "", _close),
    ),
)

NOUN = Noun(
    command=COMMAND,
    clicks={
        "meeting.acknowledge": _acknowledged,
        "meeting.next": _clicked_next,
        "meeting.decide": _clicked_decide,
        "meeting.note": _clicked_note,
        "meeting.close": _clicked_close,
    },
    submissions={
        "meeting.attendance": _attended,
        "meeting.note": _noted,
        "meeting.decide": _decided,
    },
)
