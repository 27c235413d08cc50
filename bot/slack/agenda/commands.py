"""`/agenda` and its buttons: the chair's triage, the agenda with its lines, and agencies' returns."""

import re
from dataclasses import replace
from functools import partial
from typing import Final

from bot.domain.language.case_words import read_return
from bot.domain.language.item_lines import read_item
from bot.domain.language.references import named_in
from bot.domain.permissions import Verb as May
from bot.errors import Mistake, NotForYou
from bot.models.vocabulary import ItemKind, ReturnKnowledge
from bot.records.access.queries import Where, find_panel
from bot.services.agenda import lines, papers, returns, sooner, triage
from bot.services.agenda.triage import Verdict
from bot.services.rescheduling import meetings
from bot.slack import pages
from bot.slack.agenda import fallback, lines_views, returns_views, sooner_views, views
from bot.slack.blocks import counted, escape
from bot.slack.editing import quoting
from bot.slack.references import case_and_words, only_reference_before_reason, take_reason_of_case
from bot.slack.registry import Command, Noun, Verb
from bot.slack.request import (
    Reply,
    Request,
    View,
    for_number,
    number_of,
    offering,
    option_of,
    refuse_panel,
    take_panel,
    the_panel,
)
from bot.slack.typed import only_key, plain
from bot.store.rows import Page

_PAGE = Page(0, pages.LINES)
#: The most lines with a button each that fit a modal together with the blocks above and below them.
_MOST_LINES: Final = 90


def _triage(request: Request) -> Reply:
    """Show one page of the flags that need triage. *Previous* and *Next* replace the page with another.

    If a case is typed, the page begins with that case. Other typed words are quoted above the list and not recorded.
    """
    if request.clicked is None and re.search(r"[0-9]{3}", request.text):
        where, text = take_panel(request, request.text, May.TRIAGE)
        reference, words = case_and_words(request, text)
        if reference:
            with offering(*([] if words else ["/agenda triage"])):
                place = request.do(triage.place_in_triage, where, reference)
            starts = pages.Starts((0, place)) if place else pages.FIRST
            return quoting(request.shown(_triaging(request, where, starts=starts)), words)
    where, starts = pages.meant(request)
    return request.shown(_triaging(request, where, starts=starts))


def _triaging(request: Request, where: Where, note: str = "", starts: pages.Starts = pages.FIRST) -> View:
    page = starts.page(pages.FLAGS)
    return views.triage(request.do(triage.flags_to_triage, where, page), note, starts)


def _accepted_list(request: Request) -> Reply:
    """Show the chair one page of cases accepted for the next meeting. *Previous* and *Next* replace it with another."""
    where, starts = pages.meant(request)
    return request.shown(_thinking_again(request, where, starts=starts))


def _thinking_again(request: Request, where: Where, note: str = "", starts: pages.Starts = pages.FIRST) -> View:
    return views.accepted(request.do(triage.accepted_flags, where, starts.page(pages.LINES)), note, starts)


def _show(request: Request) -> Reply:
    """Show one page of the agenda. *Previous* and *Next* replace the page with another."""
    if request.clicked is None:
        where, starts, meant = the_panel(request), pages.FIRST, None
    else:
        about, starts = pages.taken(request.value)
        panel_key, _, meeting_id = about.partition(":")  # the pages of a closed meeting carry it
        where, meant = Where(panel_key=panel_key), triage.MeantMeeting(number_of(meeting_id or "0"))
    agenda = request.do(triage.show_agenda, where, starts.page(pages.LINES), meant)
    return request.shown(views.shown(agenda, starts=starts), replaces=request.clicked is not None)


def _compile(request: Request) -> Reply:
    agenda = request.do(triage.compile_agenda, the_panel(request), _PAGE)
    return request.shown(views.shown(agenda, "Compiled. To send the agenda to members, type `/agenda publish`."))


def _publish(request: Request) -> Reply:
    found = request.do(triage.publish_agenda, the_panel(request), _PAGE)
    return request.shown(views.shown(found.agenda, views.publication(found)))


def _returns(request: Request) -> Reply:
    """Show the chair and the office which returns are missing, and other members the returns asked of their agency."""
    words = plain(request.text) if " " in only_key(request.text) else ""
    where = the_panel(request) if not words else take_panel(request, request.text, May.SEE_AGENDA)[0]
    try:
        request.do(find_panel, where, May.SEE_RETURNS)
    except NotForYou:
        found = request.do(returns.returns_asked, where)
        return quoting(Reply(modal=_return_meant(request, found, words) or returns_views.owed(found)), words)
    return quoting(Reply(modal=returns_views.missing_returns(request.do(returns.missing_returns, where))), words)


def _return_meant(request: Request, found: returns.ReturnList, words: str) -> View | None:
    """Return the form for a return on the one case of the list that `words` name.

    Return None if the words name no case or several. An answer in the words, such as "not known", is filled in.
    """
    parts = {part.upper() for part in re.findall(r"[\w/-]+", words)}
    named = [
        line for line in found.lines if not parts.isdisjoint({line.reference, re.split("[-/]", line.reference)[-1]})
    ]
    if len(named) != 1 or not found.is_open:
        return None
    asked = request.do(returns.return_form, named[0].flag_id)
    said = read_return(words, named[0].reference)
    return returns_views.form(
        replace(asked, knowledge=said.knowledge or asked.knowledge, text=asked.text or said.brings)
    )


def _defer_typed(request: Request) -> Reply:
    """Defer a case, typed as `REFERENCE [panel] because REASON`."""
    typed = _LATER.sub(", ", request.text).rstrip(" ,")
    head, why = take_reason_of_case(typed)
    if not why:
        head, _, why = (plain(part) for part in head.partition(", "))
    where, text = take_panel(request, head, May.READ_CASES)
    reference = only_reference_before_reason(text, typed, "/agenda defer", COMMAND.usage("defer"))
    return Reply(text=views.deferred(request.do(triage.defer_case, where, reference, why)))


#: Words that the command itself says already: "till next month", "to the next meeting".
_LATER: Final = re.compile(
    r"\s+(?:(?:un)?till?|to|for)\s+(?:the\s+)?(?:next\s+(?:month|meeting|time|one|panel)|later)(?:\s+meeting)?"
    r"(?![\w'\u2019-])[\s,;:]*",
    re.IGNORECASE,
)


def _accepted(request: Request) -> Reply:
    flag = request.do(triage.triage_flag, request.number(), Verdict.ACCEPT)
    return Reply(next_view=_remaining(request, f"{escape(flag.reference)} is accepted."))


def _defer(request: Request) -> Reply:
    return Reply(next_view=views.reason_form(request.number(), Verdict.DEFER, _carried(request)))


def _signpost(request: Request) -> Reply:
    return Reply(next_view=views.reason_form(request.number(), Verdict.SIGNPOST, _carried(request)))


def _panels(request: Request) -> Reply:
    return Reply(next_view=views.panel_form(request.do(triage.panels_to_receive, request.number()), _carried(request)))


def _sent_on(request: Request) -> Reply:
    flag_id, _ = request.metadata.number("flag"), _carried(request)
    flag = request.do(triage.change_panel, flag_id, request.field("panel"), request.field("reason"))
    return Reply(next_view=_remaining(request, views.sent_on(flag)))


def _reasoned(request: Request) -> Reply:
    verdict, back = request.metadata.option("verdict", Verdict), _carried(request)
    flag = request.do(triage.triage_flag, request.metadata.number("flag"), verdict, request.field("reason"))
    note = f"{escape(flag.reference)} is {flag.state.label}."
    if back["list"] == views.AGENDA:
        return Reply(text=f"{note} I'm telling the agency that flagged it. The agenda no longer lists the case.")
    return Reply(next_view=_remaining(request, note))


def _drop(request: Request) -> Reply:
    """Open the form that asks why an accepted case is deferred. Its button is on an agenda that is too long."""
    where, flag_id = request.panel_and_number()
    found = request.do(triage.flag_to_rule_on, flag_id)
    carried = {"panel": where.panel_key or "", "list": views.AGENDA}
    return Reply(modal=views.reason_form(found, Verdict.DEFER, carried))


def _lengthen(request: Request) -> Reply:
    """Set a later end for the meeting. Show the agenda again in place of the one that was too long."""
    meeting_id, minutes = request.two_numbers()
    change = request.do(meetings.lengthen_meeting, meeting_id, minutes=minutes)
    try:
        agenda = request.do(triage.show_agenda, Where(panel_key=change.meeting.panel_key), _PAGE)
    except NotForYou:  # an administrator may change the diary but not see the agenda
        return Reply(text=views.longer(change))
    return request.shown(views.lengthened(change, agenda), replaces=True)


def _late(request: Request, verdict: Verdict) -> Reply:
    """Accept or defer a late flag, after a click in the message that asked the chair about the flag."""
    why = "" if verdict is Verdict.ACCEPT else "The case was flagged after the cut-off."
    return Reply(text=views.ruled(request.do(triage.triage_flag, request.number(), verdict, why)))


def _heard_today(request: Request) -> Reply:
    flag = request.do(sooner.hear_today, request.metadata.number("flag"), request.field("reason"))
    return Reply(text=sooner_views.heard(flag))


def _heard_now(request: Request) -> Reply:
    flag = request.do(
        sooner.hear_now,
        request.metadata.number("flag"),
        starts_at=request.wall_clock("On which day should the panel hear it?"),
        venue=request.field("venue"),
        reason=request.field("reason"),
    )
    return Reply(text=sooner_views.heard(flag))


def _carried(request: Request) -> dict[str, str]:
    """Return the panel, page and list from the form's metadata. They say what to show after the form is submitted.

    Raise OutOfDate if the form's metadata is malformed.
    """
    carried = request.metadata
    starts, of = (carried.if_any(carried.text, name) or "" for name in ("starts", "list"))
    pages.Starts.read(starts)
    return {"panel": carried.text("panel"), "starts": starts, "list": option_of(views.LISTS, of)}


def _remaining(request: Request, note: str) -> View:
    back = _carried(request)
    show = _thinking_again if back["list"] == views.ACCEPTED else _triaging
    return show(request, request.panel(), note, pages.Starts.read(back["starts"]))


def _lines(request: Request) -> Reply:
    """Show one page of the agenda with a button at each line. *Previous* and *Next* replace the page with another."""
    where, starts = pages.meant(request)
    return request.shown(_arranging(request, where, starts=starts))


def _arranging(request: Request, where: Where, note: str = "", starts: pages.Starts = pages.FIRST) -> View:
    return lines_views.lines(request.do(lines.arrange_agenda, where, starts.page(_MOST_LINES)), note, starts)


def _arranged(request: Request, note: str) -> View:
    return _arranging(request, request.panel(), note, pages.Starts.read(_carried(request)["starts"]))


def _line(request: Request) -> Reply:
    return Reply(
        next_view=lines_views.line_form(request.do(lines.find_line, request.number()), _carried(request)["starts"])
    )


def _changed(request: Request) -> Reply:
    change = lines.LineChange(
        move=request.if_any(partial(request.option, kind=lines.Move), "move"),
        minutes=number_of(request.field("minutes")),
        is_pinned=lines_views.PINNED in request.choices("pin"),
    )
    request.do(lines.change_line, request.metadata.number("item"), change, _PAGE)
    return Reply(next_view=_arranged(request, "I've changed the agenda item."))


def _removed(request: Request) -> Reply:
    request.do(lines.remove_item, request.number(), _PAGE)
    return Reply(next_view=_arranged(request, "I've removed the item."))


def _item_form(request: Request) -> Reply:
    where, _ = request.panel_and()
    starts = request.metadata.if_any(request.metadata.text, "starts") or ""
    return request.shown(lines_views.item_form(request.do(lines.headings_for_item, where), starts))


def _item_added(request: Request) -> Reply:
    form = lines.ItemForm(
        title=request.field("title"),
        kind=request.option("kind", ItemKind),
        minutes=number_of(request.field("minutes")),
        presenter=request.field("presenter"),
        section=request.field("section"),
    )
    agenda = request.do(lines.add_item, request.panel(), form, _PAGE)
    if agenda.is_open:
        return Reply(text=_AT_END)
    return Reply(next_view=_arranged(request, "I've added the item to the agenda."))


_AT_END: Final = "I've added the item as the last of this meeting. To reach it, type `/meeting next`."
_KEY_LAST = re.compile(r"(?:^|\s)[a-z0-9_]+(?:-[a-z0-9_]+)+$")
_KINDS = {"presentation": ItemKind.PRESENTATION, "paper": ItemKind.PAPER, "other": ItemKind.OTHER_BUSINESS}


_BESIDE_A_CASE: Final = re.compile(r"\b(?:CASE|CHILD|REVIEW|NEW|THE|OF|FOR|DISCUSS)\b|[\W_]")


def _item(request: Request) -> Reply:
    """Add an agenda item with the typed words, or open the form for an item if none were typed."""
    where, text = take_panel(request, request.text, May.COMPILE, is_title=True)
    if _KEY_LAST.search(text):  # otherwise the item would be added to another panel's agenda, with the key in its title
        refuse_panel(text, "If that word belongs to the title, end the title with a full stop.")
    said = read_item(plain(text))
    reference = named_in(said.title)
    if reference and not _BESIDE_A_CASE.sub("", said.title.upper().replace(reference, "")):
        with offering(f"/case flag {reference}"):
            raise Mistake(f"To bring a case to the agenda, flag it: `/case flag {reference}`.")
    if not re.search("[^\\W\\d]", said.title):
        return Reply(modal=lines_views.item_form(request.do(lines.headings_for_item, where)))
    kind = _KINDS.get(said.kind, ItemKind.OTHER_BUSINESS)
    form = lines.ItemForm(said.title, kind, lines.ItemForm("").minutes if said.minutes is None else said.minutes)
    agenda = request.do(lines.add_item, where, form, _PAGE)
    if agenda.is_open:
        return Reply(text=_AT_END)
    return request.shown(
        views.shown(agenda, "I've added the item to the agenda. To move or remove it, press *Change lines*.")
    )


COMMAND = Command(
    "/agenda",
    "The agenda of the next meeting",
    shows="show",
    recognised=fallback.commands_for,
    verbs=(
        Verb(
            "show",
            "[panel]",
            "show the agenda as it is now",
            "",
            _show,
            reads=True,
            aliases=(
                "list",
                "view",
            ),
        ),
        Verb(
            "returns",
            "[panel]",
            "say what your agency will bring to each case",
            "",
            _returns,
            reads=True,
            aliases=("return",),
            fills_in=True,
        ),
        Verb("triage", "[REFERENCE] [panel]", "triage each flag: accept, defer, signpost or send on", "", _triage),
        Verb(
            "defer",
            "REFERENCE [panel] because REASON",
            "move an accepted case to the meeting after next",
            "SAMPLE-0012 because the assessment is not done",
            _defer_typed,
        ),
        Verb(
            "item",
            "[presentation] [MINUTES] [WORDS] [panel]",
            "add an item that is not a case, such as a paper",
            "presentation 10 Online harm in the school holidays",
            _item,
            aliases=("add",),
        ),
        Verb(
            "compile",
            "[panel]",
            "lay out the agenda from accepted cases and those due for review",
            "",
            _compile,
            acts=True,
        ),
        Verb(
            "publish",
            "[panel]",
            "send the agenda to the members",
            "",
            _publish,
            offered_for=(
                "send",
                "circulate",
            ),
            acts=True,
        ),
    ),
)


def _page(request: Request) -> Reply:
    meeting_id, page = request.two_numbers()
    return request.shown(returns_views.owed(request.do(returns.returns_of_meeting, meeting_id), page=page))


def _gaps_page(request: Request) -> Reply:
    meeting_id, page = request.two_numbers()
    return request.shown(returns_views.missing_returns(request.do(returns.missing_at_meeting, meeting_id), page))


def _answer(request: Request) -> Reply:
    found = request.do(returns.return_form, request.number())
    return Reply(next_view=returns_views.form(found, _of_page(request)))


def _answered(request: Request) -> Reply:
    flag_id = request.metadata.number("flag")
    knowledge = request.option("knowledge", ReturnKnowledge)
    said = request.field("text"), request.field("reference")
    found = request.do(returns.make_return, flag_id, knowledge, *said)
    reference = next((line.reference for line in found.lines if line.flag_id == flag_id), "")
    note = f"Thank you: you've answered for {escape(reference)}."
    return Reply(next_view=returns_views.owed(found, note, _of_page(request)))


def _of_page(request: Request) -> int:
    """Return the page of the list of returns to show after the form is submitted, counted from 0."""
    return request.metadata.if_any(request.metadata.number, "page") or 0


def _rest(request: Request, knowledge: ReturnKnowledge, said: str) -> Reply:
    """Record the same return for every case that the agency has not answered yet. Return the list of returns."""
    found, count = request.do(returns.answer_rest, request.number(), knowledge)
    note = f"Thank you: you answered {said} on {counted(count, 'case')}."
    return Reply(next_view=returns_views.owed(found, note, _of_page(request)))


def _grid_file(request: Request) -> Reply:
    found = request.do(papers.export_grid, request.number(), request_key=request.key[:32])
    return request.shown(returns_views.grid(found, "The spreadsheet is on its way to you as a direct message."))


def _open(request: Request) -> Reply:
    return Reply(modal=returns_views.case(request.do(returns.case_returns, request.number())))


NOUN = Noun(
    command=COMMAND,
    clicks={
        "agenda.accept": _accepted,
        "agenda.accepted": _accepted_list,
        "agenda.defer": _defer,
        "agenda.signpost": _signpost,
        "agenda.panels": _panels,
        "agenda.today": for_number(sooner.flag_to_hear, sooner_views.today_form),
        "agenda.now": for_number(sooner.flag_to_hear, sooner_views.now_form),
        "agenda.why": for_number(sooner.show_urgency, sooner_views.why),
        "agenda.why_sooner": for_number(sooner.show_why_sooner, sooner_views.why_sooner),
        "agenda.hear": partial(_late, verdict=Verdict.ACCEPT),
        "agenda.later": partial(_late, verdict=Verdict.DEFER),
        "agenda.page": _show,
        "agenda.lengthen": _lengthen,
        "agenda.drop": _drop,
        "agenda.lines": _lines,
        "agenda.line": _line,
        "agenda.remove": _removed,
        "agenda.item": _item_form,
        "agenda.triage_page": _triage,
        "returns.mine": for_number(returns.returns_of_meeting, returns_views.owed),
        "returns.gaps": for_number(returns.missing_at_meeting, returns_views.missing_returns),
        "returns.grid": for_number(returns.grid_of_meeting, returns_views.grid),
        "returns.grid_file": _grid_file,
        "returns.page": _page,
        "returns.gaps_page": _gaps_page,
        "returns.answer": _answer,
        "returns.rest": partial(_rest, knowledge=ReturnKnowledge.NOTHING_TO_ADD, said="“nothing to add”"),
        "returns.unknown": partial(_rest, knowledge=ReturnKnowledge.NOT_KNOWN, said="“not known to us”"),
        "returns.open": _open,
    },
    submissions={
        "agenda.reason": _reasoned,
        "agenda.line": _changed,
        "agenda.item": _item_added,
        "agenda.panels": _sent_on,
        "agenda.today": _heard_today,
        "agenda.now": _heard_now,
        "returns.answer": _answered,
    },
    reads=frozenset(
        {
            "agenda.accepted",
            "agenda.page",
            "agenda.defer",
            "agenda.signpost",
            "agenda.panels",
            "agenda.today",
            "agenda.now",
            "agenda.why",
            "agenda.why_sooner",
            "returns.mine",
            "returns.gaps",
            "returns.page",
        }
        | {"agenda.drop", "agenda.lines", "agenda.line", "agenda.item"}
        | {"returns.grid", "returns.gaps_page", "returns.answer", "returns.open"}
    ),
)
