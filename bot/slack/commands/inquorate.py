"""The buttons and forms of a meeting that is not quorate."""

import re
from datetime import datetime

from bot.errors import Mistake
from bot.records.access.queries import Where
from bot.services.meeting import inquorate
from bot.slack.registry import Noun
from bot.slack.reply import Reply
from bot.slack.request import Request
from bot.slack.views import inquorate as show

_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_HERE = Where()


def _wait(request: Request) -> Reply:
    inquorate.look(request.work, request.actor, _HERE, int(request.value))
    return Reply(text=show.waiting())


def _postpone(request: Request) -> Reply:
    found = inquorate.look(request.work, request.actor, _HERE, int(request.value))
    return Reply(modal=show.postpone_form(found))


def _postponed(request: Request) -> Reply:
    found = inquorate.postpone(
        request.work,
        request.actor,
        _HERE,
        starts_at=_chosen(request),
        reason=request.field("reason"),
        meeting_id=int(request.metadata["meeting"]),
    )
    return Reply(text=show.postponed(found))


def _interim(request: Request) -> Reply:
    found = inquorate.hold_interim(request.work, request.actor, _HERE, int(request.value))
    text, blocks = show.interim(found)
    modal = show.date_form(found) if found.needs_date else None
    return Reply(text=text, blocks=blocks, replaces=True, modal=modal)


def _date(request: Request) -> Reply:
    return Reply(modal=show.date_form(inquorate.look(request.work, request.actor, _HERE, int(request.value))))


def _dated(request: Request) -> Reply:
    meeting_id = int(request.metadata["meeting"])
    if request.field("when") == show.NONE:
        found = inquorate.decline_new_date(request.work, request.actor, _HERE, request.field("reason"), meeting_id)
        return Reply(text=show.declined(found))
    found = inquorate.set_new_date(
        request.work, request.actor, _HERE, starts_at=_chosen(request), meeting_id=meeting_id
    )
    return Reply(text=show.dated(found))


def _quorate(request: Request) -> Reply:
    found = inquorate.become_quorate(request.work, request.actor, _HERE, int(request.value))
    return Reply(text=show.quorate(found))


def _chosen(request: Request) -> datetime:
    when = request.field("when")
    if when != show.OTHER:
        return datetime.fromisoformat(when)
    if not request.field("date"):
        raise Mistake("Choose the other date here.", field="date")
    found = _TIME.fullmatch(request.field("time").strip())
    if found is None:
        raise Mistake("Write the time as hours and minutes, such as 14:00.", field="time")
    return datetime.fromisoformat(f"{request.field('date')}T{int(found[1]):02d}:{found[2]}")


NOUN = Noun(
    clicks={
        "meeting.wait": _wait,
        "meeting.postpone": _postpone,
        "meeting.interim": _interim,
        "meeting.date": _date,
        "meeting.quorate": _quorate,
    },
    submissions={"meeting.postpone": _postponed, "meeting.new_date": _dated},
)
