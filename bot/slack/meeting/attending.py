"""Handlers of *I'm here*, and of the two forms for attendance: for members, and for guests."""

import re
from datetime import datetime
from typing import Final

from bot.domain.language.clock_words import read_clock
from bot.domain.language.person_names import MENTION
from bot.domain.permissions import Verb as May
from bot.models.vocabulary import AttendanceStatus
from bot.records.access.queries import Where
from bot.records.meeting.duties import find_for_meeting
from bot.services.meeting import guests, opening
from bot.services.meeting.arrivals import Moves
from bot.slack.editing import quoting
from bot.slack.meeting import attendance_views, statement_views, views
from bot.slack.naming import ANYWHERE, with_mentions
from bot.slack.request import Reply, Request, number_of, take_panel, the_panel
from bot.slack.typed import only_key, plain


def here(request: Request) -> Reply:
    """Record that the person is here. If they have not accepted the statement yet, show it in a form first."""
    asked = request.do(opening.show_statement, request.number())
    if asked is not None:
        return Reply(modal=statement_views.statement_form(asked))
    return request.shown(views.welcomed(request.do(opening.acknowledge, request.number())))


def accepted(request: Request) -> Reply:
    """Record that the person is here and accepts the statement, which the submitted form shows."""
    return Reply(text=views.welcomed(request.do(opening.acknowledge, request.metadata.number("meeting"))))


def attendance_form(request: Request) -> Reply:
    """Open the attendance form of the typed panel or the channel's. A typed arrival or apology is filled in."""
    if " " not in only_key(request.text):
        return _attendance_of(request, the_panel(request))
    where, text = take_panel(request, request.text, May.TAKE_ATTENDANCE)
    text = with_mentions(request, "/meeting attendance", text, after=ANYWHERE)
    reply = _attendance_of(request, where, text)
    return quoting(reply, plain(request.text))


def _said(text: str, now: datetime) -> attendance_views.Said:
    """Return what a typed line says about attendance: which members, what they did, and when.

    If the line says more than one thing, such as arrivals and apologies, return no members. A time that can't be read
    is returned as typed, so that the form is refused and no other time is recorded.
    """
    users = tuple(dict.fromkeys(_MENTIONED.findall(text)))
    meant = [state for state, words in _STATES.items() if words.search(text)]
    if len(meant) != 1 or not users or _NOT_YET.search(text):
        return attendance_views.Said()
    state, when = meant[0], _MENTION.sub(" ", text)
    if state == "apologies":
        return attendance_views.Said(users, state)
    said = read_clock(when, now)
    at = f"{said.at:%H:%M}" if said.at else _unread(plain(when)) if said.is_unclear else ""
    is_late = state == "present" and (at or _LATE.search(text))
    return attendance_views.Said(users, "late" if is_late else state, at)


def _unread(when: str) -> str:
    return " ".join(when.split())[: attendance_views.MOST_OF_TIME]


_MENTIONED: Final = re.compile(r"<@([UW][A-Z0-9]+)")
_MENTION: Final = re.compile(MENTION)
_LATE: Final = re.compile(r"\blate\b", re.IGNORECASE)
#: Words about the future, which are not recorded as attendance.
_NOT_YET: Final = re.compile(
    r"\b(?:will|won.?t|[a-z]+'ll|going to|gonna|running|may|might|hopes?|expects?|needs?)\b", re.IGNORECASE
)
#: Words about the members in a line, by the form's field in which they belong.
_STATES: Final = {
    "apologies": re.compile(
        r"\b(?:apolog\w+|apols?|sorry|away|sick|ill|absent|not (?:coming|here|able)|unable|can.?t|cannot)\b", re.I
    ),
    "left": re.compile(r"\b(?:left|leaves|leaving|gone|going|went|has to go|had to go)\b", re.IGNORECASE),
    "present": re.compile(
        r"\b(?:arrived|joined|joins|came|comes|present|(?<!not )here|in the room|online|late|got here)\b", re.IGNORECASE
    ),
}


def _attendance_of(request: Request, where: Where, typed: str = "") -> Reply:
    panel = request.do(find_for_meeting, where, May.TAKE_ATTENDANCE).panel
    here = request.do(opening.room, Where(panel_key=panel.key), May.TAKE_ATTENDANCE)
    said = _said(typed, request.work.now.astimezone(here.starts_at.tzinfo))
    return Reply(modal=attendance_views.attendance_form(here, {"panel": panel.key}, said))


def clicked_attendance(request: Request) -> Reply:
    """Open the attendance form for the panel in the clicked button's value."""
    where, _ = request.panel_and_number()
    return _attendance_of(request, where)


def attended(request: Request) -> Reply:
    """Record the attendance from the form. Return a reply that says who is in the room."""
    here = request.do(
        opening.record_attendance,
        request.panel(),
        present=request.choices("present"),
        apologies=request.choices("apologies"),
        information=request.field("information"),
        sent_on=request.day("sent_on"),
        accepted="accepted" in request.choices("accepted"),
        moves=_moves(request),
    )
    return Reply(text=views.present(here))


def _moves(request: Request) -> Moves:
    carried = request.metadata
    # A form shown by an earlier version has no such field. It counts as empty.
    drawn = carried.if_any(lambda name: carried.record(name, dict[str, list[str]]), "drawn") or {}
    return Moves(
        late=request.choices("late"),
        left=request.choices("left"),
        were_here=tuple(drawn.get("here", ())),
        were_away=tuple(drawn.get("away", ())),
        were_late=tuple(drawn.get("late", ())),
        had_left=tuple(drawn.get("left", ())),
        guests_left=request.numbers("guests_left"),
        guests_had_left=tuple(map(number_of, drawn.get("guests", ()))),
        at=request.field("at"),
    )


def guest_form(request: Request) -> Reply:
    """Open the form for a guest. A typed name and agency are filled in: "Jo Whitlow from the school"."""
    if " " not in only_key(request.text):
        return Reply(modal=attendance_views.guest_form(request.do(guests.offer_guest, the_panel(request))))
    where, text = take_panel(request, request.text, May.TAKE_ATTENDANCE)
    name, *agency = _FROM_AGENCY.split(plain(text).strip(" .()"), maxsplit=1)
    found = request.do(guests.offer_guest, where)
    return Reply(modal=attendance_views.guest_form(found, name[:120], agency[0][:120] if agency else ""))


_FROM_AGENCY: Final = re.compile(
    r"\s+(?:from|of|for|at)\s+(?:the\s+)?|\s*[,(:]\s*|\s+[\u2013\u2014-]\s+", re.IGNORECASE
)


def clicked_guest(request: Request) -> Reply:
    """Open the form for a guest, on top of the attendance form."""
    where, _ = request.panel_and()
    return Reply(modal=attendance_views.guest_form(request.do(guests.offer_guest, where)))


def guest_recorded(request: Request) -> Reply:
    """Record a guest from the form. Return a reply that says who is in the room."""
    form = guests.GuestForm(
        name=request.field("name"),
        status=request.option("part", AttendanceStatus),
        agency_id=request.if_any(request.chosen, "agency"),
        other_agency=request.field("other"),
        accepted="accepted" in request.choices("accepted"),
        is_late="late" in request.choices("late"),
    )
    return Reply(text=views.present(request.do(guests.record_guest, request.panel(), form)))
