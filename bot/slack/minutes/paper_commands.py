"""`/minutes summary` and the other papers of a meeting. Chat says only that they are on their way."""

import re
from typing import Final

from bot.domain.language.day_words import YearDay, listed
from bot.domain.permissions import Verb as May
from bot.errors import UnknownAgency
from bot.records.diary.queries import OfMeeting
from bot.services.minutes import annex, extract, pack, summary
from bot.services.minutes.extract import ExtractSent
from bot.services.minutes.pack import PackSent
from bot.slack.blocks import counted, escape, moment
from bot.slack.registry import Verb
from bot.slack.request import Reply, Request, take_panel, unread, without_lead
from bot.slack.typed import plain

_LATEST: Final = re.compile(
    r"^(?:the )?(?:last|latest|most recent|previous)(?: (?:one|meeting|minutes|panel))?$", re.IGNORECASE
)


def day_meant(text: str, without: str) -> YearDay | None:
    """Return the typed day of the meeting, or None for the last one or no day.

    Raises Mistake for anything else, which says what is taken `without` a day.
    """
    words = _LATEST.sub("", plain(text))
    on = YearDay.named(words)
    if words and on is None:
        raise unread(words, f"Which meeting? Give its day, such as `7 April 2026`. {without}")
    return on


def _of(meeting: OfMeeting) -> str:
    return f"{escape(meeting.panel_title)}, {moment(meeting.starts_at)},"


def summary_sent(meeting: OfMeeting) -> str:
    """Say that the decisions and actions are on their way."""
    return f"The decisions and actions of {_of(meeting)} are on their way to your direct messages."


def _summary(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.READ_MINUTES)
    on = day_meant(text, "Without a day I send those of the latest meeting.")
    found = request.do(summary.export_summary, where, request_key=request.key[:32], on=on)
    return Reply(text=summary_sent(found))


def _summary_of(request: Request) -> Reply:
    found = request.do(summary.send_summary, request.number(), request_key=request.key[:32])
    return Reply(text=summary_sent(found))


def extract_sent(found: ExtractSent) -> str:
    """Say that one child's part of the minutes is on its way, and what to check in it."""
    return (
        f"The extract for {escape(found.reference)} from the minutes of {counted(found.meetings, 'meeting')} of "
        f"{escape(found.panel_title)} is on its way to your direct messages. References of other children are taken "
        "out. Read it for names of people and places before it goes into a file."
    )


def _extract(request: Request) -> Reply:
    usage = "Type `/minutes extract REFERENCE`, and the day of a meeting for that one alone."
    where, text = take_panel(request, request.text, May.READ_MINUTES)
    reference, _, rest = without_lead(text).partition(" ")
    reference = reference.rstrip(".,:;")
    if not any(sign.isdigit() for sign in reference):
        raise unread(text, f"Which case? {usage}")
    on = day_meant(_ALL.sub("", rest), "Without a day I take all meetings that heard the case.")
    return Reply(
        text=extract_sent(request.do(extract.export_extract, where, reference, request_key=request.key[:32], on=on))
    )


_ALL: Final = re.compile(r"^(?:of )?all(?: meetings)?$", re.IGNORECASE)


def pack_sent(found: PackSent) -> str:
    """Say that an agency's pack is on its way, and to which people."""
    to_them = f"{listed(map(escape, found.people))}, each as they may see it" if found.people else "you"
    return f"The pack of {escape(found.agency_name)} from the minutes of {_of(found)} is on its way to {to_them}."


def _pack(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.READ_MINUTES)
    agency, day = _agency_and_day(plain(text))
    on = day_meant(day, "Without a day I take the latest approved minutes.")
    try:
        found = request.do(pack.export_pack, where, agency, request_key=request.key[:32], on=on)
    except UnknownAgency as unknown:
        raise unread(agency, str(unknown)) from None  # perhaps a panel's key
    return Reply(text=pack_sent(found))


def _agency_and_day(text: str) -> tuple[str, str]:
    """Return the typed agency and the day after it. If no day ends the text, all of it is the agency."""
    words = text.split()
    for at in range(len(words) + 1):
        if YearDay.named(" ".join(words[at:])) is not None:
            return " ".join(words[:at]).rstrip(",;"), " ".join(words[at:])
    return _LATEST.sub("", text), ""


def annex_sent(meeting: OfMeeting) -> str:
    """Say that the closed items are on their way."""
    return (
        f"The closed annex of the minutes of {_of(meeting)} is on its way to your direct messages. It is for named "
        "readers of those items only."
    )


def _annex(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.READ_MINUTES)
    on = day_meant(text, "Without a day I take the latest minutes.")
    return Reply(text=annex_sent(request.do(annex.export_annex, where, request_key=request.key[:32], on=on)))


VERBS: Final = (
    Verb(
        "summary",
        "[DAY] [panel]",
        "get decisions and actions without the discussion",
        "7 April 2026",
        _summary,
    ),
    Verb(
        "extract",
        "REFERENCE [DAY] [panel]",
        "get what the minutes say of one child, for that child's file",
        "SAMPLE-0012",
        _extract,
    ),
    Verb(
        "pack",
        "[AGENCY] [DAY] [panel]",
        "get your agency's actions and items",
        "Health",
        _pack,
    ),
    Verb(
        "annex",
        "[DAY] [panel]",
        "get the closed items that you read",
        "",
        _annex,
    ),
)
CLICKS: Final = {"minutes.summary": _summary_of}
