"""`/meeting open`, `attendance`, `room`, what becomes of one that is not quorate, and `close`."""

from dataclasses import replace
from datetime import date

from bot.domain.permissions import Verb as May
from bot.records.access.queries import Where, find_panel
from bot.services.meeting import inquorate, opening
from bot.slack.parsing import the_panel
from bot.slack.registry import Verb
from bot.slack.reply import Reply
from bot.slack.request import Handler, Request
from bot.slack.views import inquorate as show_inquorate
from bot.slack.views import meetings as show


def _open(request: Request) -> Reply:
    where = the_panel(request)
    return Reply(text=show.opened(opening.open_panel_meeting(request.work, request.actor, where)))


def _attendance(request: Request) -> Reply:
    where = the_panel(request)
    panel = find_panel(request.work, request.actor, where, May.TAKE_ATTENDANCE).panel
    here = opening.room(request.work, request.actor, Where(panel_key=panel.key))
    return Reply(modal=show.attendance_form(here, {"panel": panel.key}))


def _attended(request: Request) -> Reply:
    sent_on = request.field("sent_on")
    here = opening.record_attendance(
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
    text, blocks = show.room(opening.room(request.work, request.actor, where))
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
    here = opening.acknowledge(request.work, request.actor, int(request.value))
    return Reply(text=show.welcomed(here))


def _close(request: Request) -> Reply:
    words = request.text.lower().split()
    at_once = "now" in words
    where = the_panel(replace(request, text=" ".join(word for word in words if word != "now")))
    if not at_once:
        left = opening.unfinished(request.work, request.actor, where)
        if left.carried:
            text, blocks = show.closing_question(left)
            return Reply(text=text, blocks=blocks)
    return Reply(text=show.closed(opening.close_meeting(request.work, request.actor, where)))


def _clicked_close(request: Request) -> Reply:
    where, meeting_id = request.panel_and_number()
    closing = opening.close_meeting(request.work, request.actor, where, meeting_id)
    return Reply(text=show.closed(closing), replaces=True)


VERBS = (
    Verb("open", "[panel]", "begin today's meeting", "", _open),
    Verb("attendance", "[panel]", "record who is here and who sent apologies", "", _attendance, reads=True),
    Verb("room", "[panel]", "who is here, and whether it is quorate", "", _room, reads=True),
    Verb("postpone", "[panel]", "not quorate: put the meeting off to a new date", "", _postpone, reads=True),
    Verb("interim", "[panel]", "not quorate: talk, note and give actions, decide nothing", "", _interim),
    Verb("quorate", "[panel]", "an interim discussion is a full meeting after all", "", _quorate),
)
#: The last of all in the help.
CLOSE = Verb("close", "[now] [panel]", "end the meeting; `now` asks nothing", "", _close)

CLICKS: dict[str, Handler] = {"meeting.acknowledge": _acknowledged, "meeting.close": _clicked_close}
SUBMISSIONS: dict[str, Handler] = {"meeting.attendance": _attended}
