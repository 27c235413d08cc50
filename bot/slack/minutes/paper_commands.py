"""`/minutes summary` and the other papers of a meeting. Chat says only that a paper is on its way."""

import re
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Final

from bot.domain.language.day_words import MONTH_OF, YearDay, any_of, days_in_month, listed
from bot.domain.language.references import with_hyphen
from bot.domain.permissions import Verb as May
from bot.errors import Mistake, UnknownAgency
from bot.records.diary.queries import OfMeeting
from bot.services.minutes import annex, exporting, extract, pack, summary
from bot.services.minutes.exports import Period
from bot.services.minutes.extract import ExtractSent
from bot.services.minutes.pack import PackSent
from bot.slack.blocks import counted, escape, moment
from bot.slack.minutes import export_views
from bot.slack.registry import Verb
from bot.slack.request import Reply, Request, offering, take_panel, unread
from bot.slack.typed import plain, without_lead

_LATEST: Final = re.compile(
    r"^(?:the )?(?:last|latest|most recent|previous)(?: (?:one|meeting|minutes|panel))?$", re.IGNORECASE
)


#: Words that add nothing to the command: "draft the minutes of the meeting".
_NOTHING_SAID: Final = re.compile(
    r"^(?:(?:the|of|for|minutes?|meeting|panel|draft|them|it|last|latest|me|us|a|copy|one|please)\b\s*)+", re.IGNORECASE
)
#: The kind of file, which is always Word: "7 April as word", "in Word please".
AS_WORD: Final = re.compile(
    r"\s*\b(?:(?:as|in)\s+)(?:an?\s+)?(?:word|docx?|ms word)\b(?:\s+(?:doc(?:ument)?|docx|file|format|version))?"
    r"(?:[\s,]+(?:please|pls))?[\s.!]*$",
    re.IGNORECASE,
)
_OF: Final = re.compile(r"^(?:(?:of|for|from|on)\s+)+(?:the\s+)?", re.IGNORECASE)


def day_meant(text: str, without: str) -> YearDay | None:
    """Return the typed day of a meeting.

    Return None if no day is typed, or if "the last meeting" is typed. Raise Mistake for other text. The sentence
    `without` says which meeting is meant if no day is typed.
    """
    words = _LATEST.sub("", _OF.sub("", AS_WORD.sub("", plain(text)).strip(" .,;")))
    words = _OF.sub("", _NOTHING_SAID.sub("", words)).strip()
    on = _day_named(words)
    if words and on is None:
        raise unread(words, f"Which meeting? Give its day, such as `7 April 2026`. {without}")
    return on


_TO_SEND: Final = re.compile(
    r"\b(?:can|could|you|please|pls|plz|send|get|give|me|us|a|an|the|copy|as|in|of|for|from|word|doc|document|file|minutes?"
    r"|last|latest|meeting(?:'?s)?|ones?)\b",
    re.IGNORECASE,
)


def export_offers(text: str) -> list[str]:
    """Return the `export` command to offer for words such as "send me last meetings as word"."""
    is_latest = not re.search(r"\w", _TO_SEND.sub("", text.replace("\u2019", "'")))
    return ["export"] if is_latest else [f"export {text}"]


_MARK: Final = re.compile(r"\s*[:;,\u2013\u2014-]\s+|\s+(?=items?\s+[0-9])", re.IGNORECASE)


def split_day(text: str) -> tuple[str, str]:
    """Return the day at the beginning of a text, and the words after the day.

    An example is "7 April: item 6 should say Thursday". If a text without a day begins with an item, return an empty
    day and the text. Any other text is returned as the day, for the caller to refuse.
    """
    for mark in _MARK.finditer(text):
        day = _OF.sub("", _NOTHING_SAID.sub("", text[: mark.start()]))
        if not day.strip() or _day_named(day) is not None:
            return day, text[mark.end() :].strip()
    return ("", text) if _ITEM_FIRST.match(text) else (text, "")


_ITEM_FIRST: Final = re.compile(r"item\s+[0-9]{1,3}[a-z]?\b\W*\w+\s+\w", re.IGNORECASE)


def _day_named(words: str) -> YearDay | None:
    """Return the typed day, with the time after it if one is typed, or None if the words are no day."""
    found = _AT.search(words)
    if found is None:
        return YearDay.named(words)
    on = YearDay.named(words[: found.start()])
    return None if on is None else replace(on, at=time(int(found["hour"]), int(found["minute"])))


_AT: Final = re.compile(r",?\s+(?:at\s+)?(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)$")


def _of(meeting: OfMeeting) -> str:
    return f"{escape(meeting.panel_title)}, {moment(meeting.starts_at)},"


def summary_sent(meeting: OfMeeting) -> str:
    """Return a sentence saying that the paper with a meeting's decisions and actions is on its way."""
    return f"The decisions and actions of {_of(meeting)} are on their way to your direct messages."


def _summary(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.READ_MINUTES)
    on = day_meant(text, "If you leave the day out, I'll use the latest meeting.")
    found = request.do(summary.export_summary, where, request_key=request.key[:32], on=on)
    return Reply(text=summary_sent(found))


def _summary_of(request: Request) -> Reply:
    found = request.do(summary.send_summary, request.number(), request_key=request.key[:32])
    return Reply(text=summary_sent(found))


def extract_sent(found: ExtractSent) -> str:
    """Return a sentence saying that one child's part of the minutes is on its way, and what to check in the paper."""
    return (
        f"The extract for {escape(found.reference)} from the minutes of {counted(found.meetings, 'meeting')} of "
        f"{escape(found.panel_title)} is on its way to your direct messages. I have taken out other children's "
        "references. Before you file the extract, check it for names of people and places."
    )


def _extract(request: Request) -> Reply:
    usage = "Type `/minutes extract REFERENCE`. For one meeting only, add its day."
    where, text = take_panel(request, request.text, May.READ_MINUTES)
    reference, _, rest = without_lead(text).partition(" ")
    reference = reference.rstrip(".,:;")
    if not any(sign.isdigit() for sign in reference):
        raise unread(text, f"Which case? {usage}")
    rest = _ALL.sub("", _FOR_FILE.sub("", rest).strip())
    on = day_meant(rest, "If you leave the day out, I'll use all meetings that heard the case.")
    return Reply(
        text=extract_sent(request.do(extract.export_extract, where, reference, request_key=request.key[:32], on=on))
    )


#: What the extract is for: "for that child's file", "to put on his record".
_FOR_FILE: Final = re.compile(
    r"(?:^|\s+)(?:for|to (?:go|put|be put|keep|file) (?:on|in(?:to)?)|to add to)\s+"
    r"(?:(?:the|that|this|their|his|her|our|my|your|case|social care|health|school"
    r"|(?:child|young person)(?:['\u2019]?s)?)\s+)*"
    r"(?:files?|records?|chronology|notes|system|paperwork|folder)\b",
    re.IGNORECASE,
)
_ALL: Final = re.compile(r"^(?:of )?all(?: meetings)?$", re.IGNORECASE)


def pack_sent(found: PackSent) -> str:
    """Return a sentence saying that an agency's pack of minutes is on its way, and to which people."""
    to_them = f"{listed(map(escape, found.people))}. Each person gets only what they may see" if found.people else "you"
    return f"I'm sending {escape(found.agency_name)}'s pack from the minutes of {_of(found)} to {to_them}."


def _pack(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.READ_MINUTES)
    agency, day = _agency_and_day(_OF.sub("", plain(text)))
    agency = "" if _US.fullmatch(agency) else agency
    on = day_meant(day, "If you leave the day out, I'll use the latest approved minutes.")
    try:
        found = request.do(pack.export_pack, where, agency, request_key=request.key[:32], on=on)
    except UnknownAgency as unknown:
        raise unread(agency, str(unknown)) from None  # perhaps a panel's key
    return Reply(text=pack_sent(found))


_US: Final = re.compile(
    r"(?:for\s+)?(?:us|ours?|me|mine|my|(?:our|my)\s+(?:own\s+)?(?:agency|team|service|one))", re.IGNORECASE
)


def _agency_and_day(text: str) -> tuple[str, str]:
    """Return the typed agency and the day after it. Without a day, the whole text is the agency."""
    words = text.split()
    for at in range(len(words) + 1):
        if _day_named(" ".join(words[at:])) is not None:
            return " ".join(words[:at]).rstrip(",;"), " ".join(words[at:])
    return _LATEST_LAST.sub("", _LATEST.sub("", text)).rstrip(" ,;"), ""


_LATEST_LAST: Final = re.compile(
    r"[\s,;]+(?:(?:of|for|from|at|on)\s+)?(?:the\s+)?(?:last|latest|most recent|previous)"
    r"(?:\s+(?:one|meeting|minutes|panel))?(?:['\u2019]s)?[\s.!]*$",
    re.IGNORECASE,
)


def annex_sent(meeting: OfMeeting) -> str:
    """Return a sentence saying that the annex with the closed items of the minutes is on its way."""
    return (
        f"The closed annex of the minutes of {_of(meeting)} is on its way to your direct messages. "
        "The annex is only for the named readers of the closed items."
    )


def _annex(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.READ_MINUTES)
    on = day_meant(text, "If you leave the day out, I'll use the latest minutes.")
    return Reply(text=annex_sent(request.do(annex.export_annex, where, request_key=request.key[:32], on=on)))


_YEAR: Final = re.compile(
    r"^(?:(?:of|for|in)\s+)?(?:(?:the\s+)?(?:q|quarter\s*)(?P<quarter>[1-4])(?:\s+of)?[\s,/'\u2019-]+)?(?:year\s+)?"
    r"(?P<year>20\d\d|(?(quarter)\d\d|(?!)))(?:[\s,]+q(?P<after>[1-4]))?$",
    re.IGNORECASE,
)
_TOGETHER: Final = re.compile(r"^(?:of |for )?(?P<what>agency|case)\s+(?P<which>\S.*)$", re.IGNORECASE)


def period_meant(text: str) -> Period | None:
    """Return the typed year or quarter as a period, such as "2026" or "Q1 2026", or None for other text."""
    said = _NTH_QUARTER.sub(lambda nth: f"q{_NTHS[nth[1].lower()]}", _OF.sub("", plain(text).strip(" .,;")))
    found = _YEAR.match(said)
    if found is None:
        return _months_meant(said)
    year, quarter = int(found["year"]) % 100 + 2000, found["quarter"] or found["after"]
    if quarter is None:
        return Period(date(year, 1, 1), date(year, 12, 31))
    first = 3 * int(quarter) - 2
    after = date(year + first // 10, first % 12 + 3 if first < 10 else 1, 1)
    return Period(date(year, first, 1), after - timedelta(days=1))


_NTHS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_NTH_QUARTER: Final = re.compile(rf"\b({any_of(_NTHS)})\s+quarter\b", re.IGNORECASE)
_MONTHS: Final = re.compile(
    rf"^(?P<first>{any_of(MONTH_OF)})\.?(?:\s+(?P<in>20\d\d|\d\d))?"
    rf"(?:\s*(?:-|\u2013|\u2014|\bto\b|\btill?\b|\buntil\b|\band\b)\s*(?P<last>{any_of(MONTH_OF)})\.?)?"
    r"[\s,]+(?P<year>20\d\d|\d\d)$",
    re.IGNORECASE,
)


def _months_meant(said: str) -> Period | None:
    """Return the typed months of one year as a period, such as "January to March 2026", or None for other text."""
    found = _MONTHS.match(said)
    if found is None:
        return None
    last_year = int(found["year"]) % 100 + 2000
    first = MONTH_OF[found["first"].lower()]
    last = MONTH_OF[(found["last"] or found["first"]).lower()]
    first_year = int(found["in"]) % 100 + 2000 if found["in"] else last_year - (first > last)
    begins, ends = date(first_year, first, 1), date(last_year, last, days_in_month(last_year, last))
    return Period(begins, ends) if begins <= ends else None


_QUARTER: Final = re.compile(r"(?:the\s+)?(?:q|quarter\s*)(?P<quarter>[1-4])", re.IGNORECASE)


def _offer_years(request: Request, text: str) -> None:
    """Raise Mistake if a quarter is typed without a year, with buttons for this year and last year."""
    if _QUARTER.fullmatch(said := _OF.sub("", plain(text).strip(" .,;"))):
        this = request.work.now.year
        with offering(*(f"/minutes export {said.upper()} {year}" for year in (this, this - 1))):
            raise Mistake(f"Which year? Type `/minutes export {said.upper()} {this}`.")


def export_together(request: Request) -> Reply | None:
    """Begin an export of the typed period, agency or case, and return the reply.

    Return None if none of these is typed.
    """
    if found := _TOGETHER.match(plain(request.text).strip()):
        ask = exporting.ask_for_agency if found["what"].lower() == "agency" else exporting.ask_for_case
        # These exports are on all panels, so a panel that is typed as well changes nothing.
        which = take_panel(request, found["which"], May.READ_MINUTES)[1] or found["which"]
        return Reply(text=export_views.begun(request.do(ask, with_hyphen(which.rstrip(".,;")))))
    where, text = take_panel(request, request.text, May.READ_MINUTES)
    period = period_meant(text)
    if period is None:
        _offer_years(request, text)
        return None
    return Reply(text=export_views.begun(request.do(exporting.ask_for_meetings, where, period)))


def _cancel_export(request: Request) -> Reply:
    text, blocks = export_views.shown(request.do(exporting.cancel_export, request.number()))
    if request.clicked is None or request.clicked.place != "message":
        return request.shown(text)
    return Reply(text=text, blocks=blocks, replaces=True)


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
        "get what the minutes say about one child, for that child's file",
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
CLICKS: Final = {"minutes.summary": _summary_of, "minutes.export_cancel": _cancel_export}
