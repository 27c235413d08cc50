"""`/panel create`, `change`, `reschedule`, `venue`, `cancel`, `reinstate`, `add`: each with a preview before saving."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final, Generic, TypeVar

from bot.domain.language.day_words import MONTH_OF, WEEKDAY_OF, any_of
from bot.domain.language.diary_words import (
    SaidChange,
    names_meeting,
    read_extra,
    read_meeting,
    read_move,
    read_venue,
    says_day,
)
from bot.domain.permissions import Verb as May
from bot.domain.recurrence import Scope
from bot.errors import Mistake, OutOfDate
from bot.models.vocabulary import BankHolidays
from bot.records.access.queries import Standing, Where, find_panel, today_at
from bot.records.diary.queries import MeetingChoice
from bot.services.diary.series import AS_THE_KIND, BankHolidayRule, create_series, preview_series
from bot.services.rescheduling import meetings, not_held, series
from bot.slack.editing import noting, quoting
from bot.slack.references import refuse_named_panel
from bot.slack.registry import Verb
from bot.slack.request import (
    Block,
    Carried,
    Handler,
    Reply,
    Request,
    View,
    blaming,
    fingerprint,
    for_number,
    number_of,
    option_of,
    reading_what_is_left,
    refuse_panel,
    take_panel,
    the_panel,
)
from bot.slack.rescheduling import rhythm_views, views
from bot.slack.rescheduling.rhythm_views import FIELDS, rule_of
from bot.slack.rescheduling.typed_rules import leaving_out, no_meeting_on, rules_again, take_rule
from bot.slack.typed import only_key, plain, take_reason

_Shown = TypeVar("_Shown")


@dataclass(frozen=True, slots=True)
class Change(Generic[_Shown]):
    """One kind of change to the diary, with a preview. A change is saved only if its preview is still right."""

    preview: Callable[..., _Shown]  #: the use case that saves nothing
    save: Callable[..., _Shown]  #: the use case that takes the same facts and the reason
    takes: tuple[str, ...]  #: the facts that both take
    show: Callable[[_Shown], views.Preview]
    said: Callable[[_Shown], str]  #: the sentence after saving
    asks_why: bool = True  #: members are told the reason

    def shown(self, request: Request, asked: Mapping[str, Any], *, again: bool = False) -> View:
        """Return a modal with the preview of a change and a button to save it. `asked` are the facts of the change."""
        found = self._preview(request, asked)
        metadata = {**asked, "seen": fingerprint(found)}
        reason = request.field("reason") if self.asks_why else None
        return self.show(found).modal(metadata, reason=reason, again=again)

    def submitted(self, request: Request) -> Reply:
        """Save the change, or show the preview again if the diary has changed since the preview."""
        asked = request.metadata.facts
        if asked.get("seen") != fingerprint(self._preview(request, asked)):
            return Reply(next_view=self.shown(request, asked, again=True))
        why = {"reason": request.field("reason")} if self.asks_why else {}
        return Reply(text=self.said(request.do(self.save, **self._facts(asked), **why)))

    def _preview(self, request: Request, asked: Mapping[str, Any]) -> _Shown:
        return request.do(self.preview, **self._facts(asked))

    def _facts(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {name: _FACTS[name](Carried(asked)) for name in self.takes}


_HOLIDAY_RULES: Final[tuple[BankHolidayRule, ...]] = (*BankHolidays, AS_THE_KIND)
#: How each fact that a use case takes is read from the modal's metadata.
_FACTS: Final[Mapping[str, Callable[[Carried], Any]]] = {
    "where": lambda asked: asked.panel(),
    "meeting_id": lambda asked: asked.number("meeting"),
    "meeting_ids": lambda asked: asked.numbers("meetings"),
    "series_id": lambda asked: asked.number("series"),
    "since": lambda asked: asked.if_any(asked.number, "since"),
    "rule": lambda asked: asked.text("rule"),
    "starts_on": lambda asked: asked.if_any(asked.day, "starts_on"),
    "count": lambda asked: asked.if_any(asked.number, "count"),
    "bank_holidays": lambda asked: asked.if_any(partial(asked.option, kind=_HOLIDAY_RULES), "bank_holidays"),
    "starts_at": lambda asked: asked.moment("at"),
    "venue": lambda asked: asked.text("venue"),
    "and_later": lambda asked: asked.truth("later"),
}


_NEW: Final = ("where", "rule", "starts_on", "count", "bank_holidays")
_TIME_AND_PLACE: Final = ("where", "starts_at", "venue")
_CREATE: Final = Change(preview_series, create_series, _NEW, views.series_preview, views.series_created, asks_why=False)
_CHANGE: Final = Change(
    series.preview_change,
    series.change_series,
    ("series_id", "rule", "since"),
    views.change_preview,
    views.series_changed,
)
_END: Final = Change(
    series.preview_end, series.end_series, ("series_id", "since"), views.change_preview, views.series_changed
)
_MOVE: Final = Change(
    meetings.preview_move,
    meetings.reschedule_meeting,
    (*_TIME_AND_PLACE, "meeting_id"),
    views.move_preview,
    views.rescheduled,
)
_CANCEL: Final = Change(
    meetings.preview_cancellation,
    meetings.cancel_meeting,
    ("where", "meeting_id"),
    views.cancel_preview,
    views.cancelled,
)
_ELSEWHERE: Final = Change(
    not_held.preview_elsewhere,
    not_held.say_elsewhere,
    ("meeting_id",),
    views.elsewhere_preview,
    views.elsewhere_noted,
)
_REINSTATE: Final = Change(
    meetings.preview_reinstatement,
    meetings.reinstate_meetings,
    ("where", "meeting_ids"),
    views.reinstate_preview,
    views.reinstated,
)
_ADD: Final = Change(meetings.preview_extra, meetings.add_meeting, _TIME_AND_PLACE, views.add_preview, views.added)
_VENUE: Final = Change(
    meetings.preview_venue,
    meetings.change_venue,
    ("meeting_id", "venue", "and_later"),
    views.venue_preview,
    views.venue_changed,
)


def _panel(request: Request, where: Where | None = None) -> tuple[Standing, dict[str, Any], Where]:
    """Return a person's standing on a panel if they may change its diary, metadata for its forms, and the panel."""
    standing = request.do(find_panel, where or the_panel(request), May.SCHEDULE)
    key = standing.panel.key
    return standing, {"panel": key}, Where(panel_key=key)


def _typed(request: Request) -> tuple[Where, str]:
    """Return the typed panel, or else the channel's, and the other typed words, such as a day, a time or a venue.

    Raise NotForYou if one of the words may be the key of a panel that isn't the person's.
    """
    key = only_key(request.text)
    if not key or (" " not in key and not says_day(key) and not names_meeting(plain(request.text))):
        return the_panel(request), ""
    where, text = take_panel(request, plain(request.text), May.SCHEDULE)
    if _KEY_LAST.search(text):
        refuse_panel(text, "If the last word isn't a panel's name, end your text with a full stop.")
    return where, text


#: Words before a day that don't introduce a panel: "to 12 May", "on Friday".
_FOR_PANEL: Final = re.compile(
    rf"\b(?:to|on|at|in)\s+(?:the\s+)?[\w-]+$|\bfor\s+(?:{any_of((*WEEKDAY_OF, *MONTH_OF))})$", re.IGNORECASE
)
_KEY_LAST: Final = re.compile(r"(?:^|\s)[a-z][a-z0-9_]*(?:-[a-z0-9_]+)+$")


def _meant(meetings: Sequence[MeetingChoice], said: SaidChange) -> views.Meant:
    """Return what was typed about a change.

    If no meeting is typed, the first one is used. If the typed words fit no meeting or several, the meeting is None.
    """
    meeting = said.meeting
    if meeting is None:
        fitting = list(meetings[:1])
    elif meeting.is_next:
        fitting = [one for one in meetings if one.is_next]
    else:
        fitting = [one for one in meetings if meeting.matches(one.starts_at.date())]
    chosen = fitting[0] if len(fitting) == 1 else None
    to = chosen.starts_at.date() + said.later_by if said.later_by and chosen else said.to
    return views.Meant(chosen.id if chosen else None, to, said.at, said.venue, said.and_later)


def _form(
    request: Request,
    find: Callable[..., tuple[MeetingChoice, ...]],
    form: Callable[..., View],
    read: Callable[[str, date], SaidChange],
) -> Reply:
    """Open a form about one of the meetings that `find` returns, with typed words filled in or, if unclear, quoted."""
    where, text = _typed(request)
    refuse_named_panel(
        _FOR_PANEL.sub("", take_reason(text)[0]),
        "If that word isn't a panel, leave it out: I'll ask for the reason next.",
    )
    standing, metadata, where = _panel(request, where)
    found = request.do(find, where)
    if not text:
        return Reply(modal=form(found, standing.panel.title, metadata))
    said = read(text, today_at(request.work, standing.panel))
    meant = _meant(found, said)
    reply = Reply(modal=form(found, standing.panel.title, metadata, meant=meant))
    if said.is_clear and meant.meeting_id is not None:
        return reply
    return noting(quoting(reply, text), "" if said.meeting is None else no_meeting_on(found, said.meeting))


def _create(request: Request) -> Reply:
    """Open the form for a new series, or show the dates of the series at once if its rule is typed."""
    where, rule, left_out = take_rule(request)
    standing, metadata, _ = _panel(request, where)
    if rule:
        with rules_again(request, "create"), reading_what_is_left(rule):
            reply = Reply(modal=_CREATE.shown(request, {**metadata, "rule": rule}))
            return leaving_out(reply, left_out)
    return Reply(modal=rhythm_views.rule_form(standing.panel.title, standing.panel.bank_holidays, metadata))


def _previewed(request: Request) -> Reply:
    count = request.field("count").strip()
    if count and not re.fullmatch("[0-9]{1,4}", count):
        raise Mistake("Write how many meetings as a whole number, such as 12, or leave it empty.", field="count")
    asked = {
        "panel": request.metadata.text("panel"),
        "rule": rule_of(request),
        "starts_on": str(starts_on) if (starts_on := request.day("starts_on")) else None,
        "count": int(count) if count else None,
        "bank_holidays": request.field("bank_holidays") or None,
    }
    with blaming("rule"):
        return Reply(next_view=_CREATE.shown(request, asked))


def _drawn_again(request: Request, show: Callable[[str], Block]) -> Block:
    """Return the block that `show` makes of the rule in the form.

    If there is no valid rule yet, return a block that says why.
    """
    try:
        return show(rule_of(request))
    except Mistake as not_yet:
        return rhythm_views.not_yet(str(not_yet))


def _chosen(request: Request, *names: str) -> dict[str, str]:
    return {name: request.field(name) for name in (*FIELDS, *names)}


def _new_rhythm(request: Request) -> Reply:
    """Show the form for a new series again, with the first dates of the rule chosen so far."""
    standing, _, where = _panel(request, request.panel())
    starts_on = request.day("starts_on")
    holidays = request.if_any(partial(request.option, kind=_HOLIDAY_RULES), "bank_holidays")

    def show(rule: str) -> Block:
        found = request.do(preview_series, where, rule=rule, starts_on=starts_on, bank_holidays=holidays)
        return rhythm_views.dates_beside(found)

    form = rhythm_views.rule_form(
        standing.panel.title,
        standing.panel.bank_holidays,
        dict(request.metadata.facts),
        chosen=_chosen(request, "starts_on", "count", "bank_holidays"),
        beside=_drawn_again(request, show),
    )
    return Reply(next_view=form, unless_changed=True)


def _other_rhythm(request: Request) -> Reply:
    """Show the form for a new rule again, with the meetings that the rule chosen so far would move."""
    standing, _, where = _panel(request, request.panel())
    carried = request.metadata
    one, since = carried.if_any(carried.number, "series"), carried.if_any(carried.number, "since")
    found = request.do(series.series_to_change, where)
    offered = [each for each in found if one in (None, each.id)]
    if not offered:
        raise OutOfDate
    picked = request.field("series")
    number = one or (number_of(picked) if picked else offered[0].id)

    def show(rule: str) -> Block:
        return rhythm_views.changes_beside(request.do(series.preview_change, number, rule=rule, since=since))

    form = rhythm_views.change_form(
        offered,
        panel_title=standing.panel.title,
        metadata=dict(carried.facts),
        chosen=_chosen(request, "series"),
        beside=_drawn_again(request, show),
    )
    return Reply(next_view=form, unless_changed=True)


def _change(request: Request) -> Reply:
    """Open the form for a new rule. If the rule is typed and the panel has one series, show the changes at once."""
    where, rule, left_out = take_rule(request)
    standing, metadata, where = _panel(request, where)
    with rules_again(request, "change"), reading_what_is_left(rule):
        found = request.do(series.series_to_change, where)
        if rule and len(found) == 1:
            with blaming("rule"):
                shown = _CHANGE.shown(request, {**metadata, "series": found[0].id, "rule": rule})
            return leaving_out(Reply(modal=shown), left_out)
    form = rhythm_views.change_form(found, panel_title=standing.panel.title, metadata=metadata, rule=rule)
    return leaving_out(Reply(modal=form), left_out)


def _ruled(request: Request) -> Reply:
    chosen = request.field("series")
    asked = {
        "panel": request.metadata.text("panel"),
        "series": number_of(chosen) if chosen else request.metadata.number("series"),
        "since": request.metadata.if_any(request.metadata.number, "since"),
        "rule": rule_of(request),
    }
    with blaming("rule"):
        return Reply(next_view=_CHANGE.shown(request, asked))


def _moving(request: Request) -> Reply:
    meeting_id = request.chosen("meeting")
    asked = {"panel": request.metadata.text("panel"), "meeting": meeting_id}
    scope = _scope(request)
    if scope is not Scope.THIS:
        found = request.do(series.series_of_meeting, meeting_id)
        standing, metadata, _ = _panel(request, request.where())
        metadata["since"] = meeting_id if scope is Scope.FOLLOWING else None
        return Reply(next_view=rhythm_views.change_form([found], panel_title=standing.panel.title, metadata=metadata))
    return Reply(next_view=_MOVE.shown(request, {**asked, **_time_and_place(request)}))


def _cancelling(request: Request) -> Reply:
    meeting_id = request.chosen("meeting")
    asked = {"panel": request.metadata.text("panel"), "meeting": meeting_id}
    scope = _scope(request)
    if scope is not Scope.THIS:
        found = request.do(series.series_of_meeting, meeting_id)
        since = meeting_id if scope is Scope.FOLLOWING else None
        return Reply(next_view=_END.shown(request, {"panel": asked["panel"], "series": found.id, "since": since}))
    return Reply(next_view=_CANCEL.shown(request, asked))


def _reinstating(request: Request) -> Reply:
    numbers = list(request.numbers("meetings"))
    return Reply(next_view=_REINSTATE.shown(request, {"panel": request.metadata.text("panel"), "meetings": numbers}))


def _add(request: Request) -> Reply:
    """Open the form for one more meeting. A typed day, time and venue are filled in."""
    where, text = _typed(request)
    standing, metadata, _ = _panel(request, where)
    panel = standing.panel
    said = read_extra(text, today_at(request.work, panel))
    meant = views.Meant(None, said.to, said.at, said.venue)
    form = views.add_form(panel_title=panel.title, venue=panel.venue, metadata=metadata, meant=meant)
    return Reply(modal=form) if said.is_clear else quoting(Reply(modal=form), text)


def _adding(request: Request) -> Reply:
    return Reply(next_view=_ADD.shown(request, {"panel": request.metadata.text("panel"), **_time_and_place(request)}))


def _venue(request: Request) -> Reply:
    """Open the form for a new venue, filled in from the typed words.

    If none are typed, the form shows the next meeting and the usual venue.
    """
    where, text = _typed(request)
    standing, metadata, where = _panel(request, where)
    found = request.do(meetings.meetings_to_change, where)
    said = read_venue(text)
    meant = _meant(found, said)
    reply = Reply(modal=views.venue_form(found, standing.panel.title, standing.panel.venue, metadata, meant))
    return reply if said.is_clear and meant.meeting_id is not None else quoting(reply, text)


def _asked_venue(request: Request) -> Reply:
    asked = {
        "panel": request.metadata.text("panel"),
        "meeting": request.chosen("meeting"),
        "venue": request.field("venue"),
        "later": request.field("reach") == "later",
    }
    return Reply(next_view=_VENUE.shown(request, asked))


def _scope(request: Request) -> Scope:
    return request.if_any(partial(request.option, kind=Scope), "scope") or Scope.THIS


def _time_and_place(request: Request) -> dict[str, str]:
    return {"at": request.wall_clock("Choose a day.").isoformat(), "venue": request.field("venue")}


def _not_held(request: Request) -> Reply:
    """Ask what happened to a meeting that nobody opened."""
    _, meeting_id = request.panel_and_number()
    return request.shown(views.not_held(request.do(not_held.show_not_held, meeting_id)))


def _became(request: Request) -> Reply:
    """Open the form for a new date, or the preview for recording a meeting as cancelled or held elsewhere."""
    number, _, chosen = request.value.partition(":")
    became = option_of(views.Became, chosen)
    meeting = request.do(not_held.show_not_held, number_of(number))
    if became is views.Became.POSTPONED:
        choice = MeetingChoice(meeting.id, meeting.starts_at, is_next=False, in_series=False)
        return request.shown(views.move_form([choice], meeting.panel_title, {"panel": meeting.panel_key}))
    change = _CANCEL if became is views.Became.CANCELLED else _ELSEWHERE
    return request.shown(change.shown(request, {"panel": meeting.panel_key, "meeting": meeting.id}))


_reschedule = partial(_form, find=meetings.meetings_to_change, form=views.move_form, read=read_move)
_cancel = partial(_form, find=meetings.meetings_to_change, form=views.cancel_form, read=read_meeting)
_reinstate = partial(_form, find=meetings.meetings_to_reinstate, form=views.reinstate_form, read=read_meeting)

#: The verbs of `/panel` that change the diary.
VERBS: Final = (
    Verb(
        "create",
        "[HOW OFTEN] [panel]",
        "put a series of meetings in the diary",
        "second Tuesday of the month at 14:00",
        _create,
    ),
    Verb(
        "change",
        "[HOW OFTEN] [panel]",
        "change how often a series meets",
        "second Wednesday of the month at 14:00",
        _change,
    ),
    Verb(
        "reschedule",
        "[panel]",
        "move a meeting, or that one and all that follow",
        "",
        _reschedule,
        aliases=("move", "postpone", "change-date", "change-day"),
        fills_in=True,
    ),
    Verb(
        "venue",
        "[panel]",
        "change the venue, once or from one meeting on",
        "",
        _venue,
        aliases=("change-venue", "move-venue", "new-venue"),
        fills_in=True,
    ),
    Verb("cancel", "[panel]", "cancel a meeting, or that one and all that follow", "", _cancel, fills_in=True),
    Verb("reinstate", "[panel]", "put cancelled meetings back", "", _reinstate, fills_in=True),
    Verb("add", "[panel]", "add one meeting to the diary", "", _add, fills_in=True),
)

SUBMISSIONS: Final[Mapping[str, Handler]] = {
    "panel.preview": _previewed,
    "panel.create": _CREATE.submitted,
    "panel.rule": _ruled,
    "panel.change": _CHANGE.submitted,
    "panel.end": _END.submitted,
    "panel.move": _moving,
    "panel.reschedule": _MOVE.submitted,
    "panel.cancelling": _cancelling,
    "panel.cancel": _CANCEL.submitted,
    "panel.reinstating": _reinstating,
    "panel.reinstate": _REINSTATE.submitted,
    "panel.adding": _adding,
    "panel.add": _ADD.submitted,
    "panel.venue_asked": _asked_venue,
    "panel.venue": _VENUE.submitted,
    "panel.elsewhere": _ELSEWHERE.submitted,
}

CLICKS: Final[Mapping[str, Handler]] = {
    "panel.not_held": _not_held,
    "panel.became": _became,
    rhythm_views.NEW_RHYTHM: _new_rhythm,
    rhythm_views.OTHER_RHYTHM: _other_rhythm,
    "panel.not_elsewhere": for_number(not_held.take_back_elsewhere, views.elsewhere_taken_back),
}
