"""Agendas in chat, which name cases by reference, and the modals of the chair's triage."""

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from typing import Final

from bot.domain.agenda_order import Overrun
from bot.models.vocabulary import FlagState
from bot.records.agenda.queries import ItemView
from bot.records.cases.queries import FlagView
from bot.services.agenda.overview import AgendaView
from bot.services.agenda.owed import CasesSent, LateFlag
from bot.services.agenda.triage import AcceptedView, PanelsToReceive, Publication, TriageView, Verdict
from bot.services.rescheduling.meetings import ChangeOfDate
from bot.slack.blocks import (
    VIEW_BLOCKS,
    button,
    buttons,
    context,
    counted,
    divider,
    escape,
    field,
    header,
    how_many_fit,
    modal,
    moment,
    paragraphs,
    plain,
    section,
    select,
    sitting,
    sure,
    text_input,
)
from bot.slack.cases.views import marks, summary
from bot.slack.pages import FIRST, Starts, turning
from bot.slack.request import Block, Said, View
from bot.slack.rescheduling.views import clashes


def shown(agenda: AgendaView, note: str = "", last: Sequence[Block] = (), starts: Starts | None = FIRST) -> Said:
    """Return one page of the agenda for chat: headings, times and references.

    `note` is shown at the top and `last` at the end. Without `starts` the message has no buttons to turn its pages.
    """
    version = f"version {agenda.version}" if agenda.version else "not published yet"
    text = f"Agenda of {escape(agenda.panel_title)}, {moment(agenda.starts_at)} ({version})"
    venue = f" · {escape(agenda.venue)}" if agenda.venue else ""
    top: list[Block] = [
        header(f"Agenda: {agenda.panel_title}"),
        section(f"{sitting(agenda.starts_at, agenda.ends_at)}{venue} · {version}"),
    ]
    if note:
        top.insert(1, section(note))
    if agenda.is_over:
        top.append(context(f"This meeting is closed. For the next agenda: `/agenda show {agenda.panel_key}`."))
    below: list[Block] = []
    if agenda.changed:
        top.append(context(escape(agenda.changed)))
    if agenda.pending:
        below.append(
            context(
                f"*Not published yet.* {escape(agenda.pending)} To tell members, type `/agenda publish "
                f"{agenda.panel_key}`."
            )
        )
    if agenda.overrun is not None and agenda.may_compile:
        below += _too_long(agenda, agenda.overrun, is_message=starts is None)
    if agenda.waiting and agenda.may_compile:
        need = f"{counted(agenda.waiting, 'case needs', 'cases need')} triage by the chair."
        below.append(section(need, button("Triage", "home.triage", agenda.panel_key) if agenda.may_triage else None))
    if not agenda.is_compiled:
        how = (
            "To lay out the agenda, type `/agenda compile`."
            if agenda.may_compile
            else "You'll get a message once the agenda is published."
        )
        below.append(section(f"The agenda is not compiled yet. {how}"))
    changes = [
        button("Change lines", "agenda.lines", f"{agenda.panel_key}|0"),
        button("Add an item", "agenda.item", agenda.panel_key),
    ]
    may_change = agenda.may_compile and agenda.is_compiled and starts is not None
    row = [*(changes if may_change else []), *([accepted_button(agenda.panel_key)] if agenda.may_defer else [])]
    if row:
        below.append(buttons(*row))
    if agenda.is_open and agenda.items and starts is not None:
        below.append(buttons(_items_to_open(agenda)))
    below += last
    lines = [line(item, is_message=starts is None) for item in agenda.items]
    # A page has few lines, so they fit a message: each is a title and a few words.
    body = paragraphs(lines)
    if starts is not None:
        about = f"{agenda.panel_key}:{agenda.meeting_id}" if agenda.is_over else agenda.panel_key
        turn = turning("agenda.page", about, starts.at(agenda.first), len(lines), agenda.count)
    else:
        left = agenda.count - len(lines)
        turn = [context(f"{left} more. The Word file has the whole agenda.")] if left else []
    return text, (*top, *body, *turn, *below)


def _items_to_open(agenda: AgendaView) -> Block:
    """Return a menu of agenda items. Choosing one moves the meeting to it if the person may do so, or else shows it."""
    options = [(f"{agenda.panel_key}:{item.id}", f"{item.number}. {item.title}") for item in agenda.items]
    name, asked = ("meeting.go_to", "Go to") if agenda.may_run else ("meeting.item", "Open item")
    menu = {"action_id": f"{name}:{agenda.panel_key}", "placeholder": plain(asked)}
    return {**select(options), **menu}


def _too_long(agenda: AgendaView, overrun: Overrun, *, is_message: bool) -> list[Block]:
    """Return blocks saying by how much an agenda exceeds its meeting, with buttons to act unless `is_message`."""
    said = context(f"*Too long.* {escape(overrun.words)} Defer cases, or give the meeting more time.")
    made: list[Block] = []
    if agenda.longer is not None:
        until = f"{agenda.longer:%H:%M}"
        confirm = sure(
            "Lengthen the meeting?", f"The meeting will end at {until}. I'll tell members the new end.", "Lengthen"
        )
        value = f"{agenda.meeting_id}:{(agenda.longer.astimezone(UTC) - agenda.starts_at) // timedelta(minutes=1)}"
        made.append(button(f"Lengthen to {until}", "agenda.lengthen", value, confirm=confirm))
    made += [
        button(f"Defer {reference}", "agenda.drop", f"{agenda.panel_key}:{flag_id}")
        for flag_id, reference in agenda.droppable
    ]
    if not made or is_message:
        return [said]
    if not agenda.droppable_more:
        return [said, buttons(*made)]
    more = counted(agenda.droppable_more, "more case", "more cases")
    rest = (
        f"To make everything fit by deferring alone, defer {more} too. Type `/agenda defer` and the case's reference."
    )
    return [said, buttons(*made), context(rest)]


def longer(change: ChangeOfDate) -> str:
    """Return a sentence saying at what time a meeting now ends."""
    return f"The meeting now ends at {change.meeting.ends_at:%H:%M}. I'm telling members the new end."


def lengthened(change: ChangeOfDate, agenda: AgendaView) -> Said:
    """Return the agenda as a message, with the meeting's new end at the top and any clashes with it at the bottom."""
    return shown(agenda, longer(change), clashes(change.clashes))


def line(item: ItemView, *, is_message: bool = False) -> str:
    """Return one line of the agenda. With `is_message`, an item added by hand shows its kind instead of its title."""
    said = f"{item.starts_at:%H:%M}  {item.number}. "
    if item.kind is not None:
        title, by = ("", "") if is_message else (f": {escape(item.title)}", escape(item.presenter))
        return f"{said}*{item.heading}{title}* ({item.minutes} min){f' · {by}' if by else ''}"
    if item.flag is None:
        tabled = "".join(f"\n\u2022 {escape(one.words)}." for one in item.tabled)
        return f"{said}*{escape(item.title)}* ({item.minutes} min){tabled}"
    return f"{said}{escape(item.title)} ({item.minutes} min) · {escape(item.flag.presenter_name)} · {marks(item.flag)}"


def triage(view: TriageView, note: str = "", starts: Starts = FIRST) -> View:
    """Return one page of the flags that need triage, each with its facts and with buttons for the chair's answer."""
    top: list[Block] = [section(note)] if note else []
    missing = f" · {view.unassessed} not assessed yet" if view.unassessed else ""
    change = accepted_button(view.panel_key) if view.accepted and not view.is_open else None
    about = f"*{escape(view.panel_title)}*, {moment(view.meeting_at)} · {view.accepted} accepted{missing}"
    top.append(section(about, change))
    if view.is_open:
        top.append(context("The meeting is open: cases that you accept now go to the end of its agenda."))
    if not view.waiting and view.is_open:
        return modal("agenda.triage", "Triage", [*top, section("No case needs triage.")], submit=None)
    if not view.waiting:
        verb, does = ("publish", "tell members what changed") if view.is_out else ("compile", "lay out the agenda")
        top.append(section(f"No case needs triage. To {does}, type `/agenda {verb} {view.panel_key}`."))
        return modal("agenda.triage", "Triage", top, submit=None)
    groups = [
        [
            divider(),
            *summary(flag),
            buttons(
                button("Accept", "agenda.accept", flag.id, style="primary"),
                button("Defer", "agenda.defer", flag.id),
                button("Signpost", "agenda.signpost", flag.id),
                button("Change panel", "agenda.panels", flag.id),
            ),
        ]
        for flag in view.waiting
    ]
    starts = starts.at(view.first)
    fit = how_many_fit(groups, most_blocks=VIEW_BLOCKS - len(top) - 2)
    turn = turning("agenda.triage_page", view.panel_key, starts, fit, view.count)
    blocks = [*top, *(block for group in groups[:fit] for block in group), *turn]
    metadata = {"panel": view.panel_key, "starts": str(starts)}
    return modal("agenda.triage", "Triage", blocks, submit=None, metadata=metadata)


#: Which list a form leads back to, as the form carries it: the accepted cases, or only the agenda.
ACCEPTED: Final = "accepted"
AGENDA: Final = "agenda"
#: All lists to which a form may lead back. The first, an empty string, is the triage.
LISTS: Final = ("", ACCEPTED, AGENDA)


def accepted_button(panel_key: str) -> Block:
    """Return the button that shows the chair the list of accepted cases, to change a decision on one of them."""
    return button("Accepted cases", "agenda.accepted", f"{panel_key}|{FIRST}")


def accepted(found: AcceptedView, note: str = "", starts: Starts = FIRST) -> View:
    """Return one page of the cases accepted for a meeting, each with buttons to defer, signpost or send on the case."""
    top: list[Block] = [section(note)] if note else []
    top.append(section(f"*{escape(found.panel_title)}*, {moment(found.starts_at)} · {found.count} accepted"))
    if found.is_published:
        again = f"To send the agenda out again, type `/agenda publish {found.panel_key}`."
        top.append(
            context(f"The agenda is published. A case you defer, signpost or move leaves the agenda at once. {again}")
        )
    if not found.flags:
        top.append(section("No case is accepted yet."))
    groups = [
        [
            section(f"*{escape(flag.reference)}* · {escape(flag.agency_name)} · {marks(flag)}"),
            buttons(
                button("Defer", "agenda.defer", flag.id),
                button("Signpost", "agenda.signpost", flag.id),
                button("Change panel", "agenda.panels", flag.id),
            ),
        ]
        for flag in found.flags
    ]
    starts = starts.at(found.first)
    fit = how_many_fit(groups, most_blocks=VIEW_BLOCKS - len(top) - 3)
    turn = turning("agenda.accepted", found.panel_key, starts, fit, found.count)
    back = buttons(button("Back to triage", "agenda.triage_page", f"{found.panel_key}|{FIRST}"))
    blocks = [*top, *(block for group in groups[:fit] for block in group), *turn, back]
    metadata = {"panel": found.panel_key, "starts": str(starts), "list": ACCEPTED}
    return modal("agenda.triage", "Accepted cases", blocks, submit=None, metadata=metadata)


def reason_form(flag_id: int, verdict: Verdict, carried: Mapping[str, str]) -> View:
    """Return the form that asks why a flag is not heard at this meeting.

    `carried` names the list to show afterwards.
    """
    title, what = {
        Verdict.DEFER: ("Defer", "The case goes to the following meeting."),
        Verdict.SIGNPOST: ("Signpost", "Say where the case belongs."),
    }[verdict]
    blocks = [
        context(what),
        field(
            "reason",
            "Reason",
            text_input(lines=True, most=1000),
            hint="Each agency that flagged the case can read this, even if it can't see the closed item.",
        ),
    ]
    return modal(
        "agenda.reason",
        title,
        blocks,
        submit=title,
        metadata={**carried, "flag": flag_id, "verdict": verdict.value},
    )


def panel_form(found: PanelsToReceive, carried: Mapping[str, str]) -> View:
    """Return the form that asks which other panel should hear a case, and why. `carried` says which list comes next."""
    blocks = [
        context(
            f"*{escape(found.reference)}* goes to the other panel's next meeting, with everything in its flag. "
            "That panel's chair will triage the case."
        ),
        field("panel", "Panel", select(found.panels)),
        field(
            "reason",
            "Reason",
            text_input(lines=True, most=1000),
            hint="That panel and each agency that flagged the case can read this.",
        ),
    ]
    metadata = {**carried, "flag": found.flag_id}
    return modal("agenda.panels", "Change panel", blocks, submit="Send", metadata=metadata)


def sent_on(flag: FlagView) -> str:
    """Return a sentence saying to which panel a case was sent on."""
    return f"{escape(flag.reference)} is sent to {escape(flag.sent_on_to)}. I'm telling its chair."


def sent(found: CasesSent) -> Said:
    """Return the message about cases that another panel sent. Readers who may triage get the *Triage* button."""
    count = counted(len(found.flags), "case was", "cases were")
    text = f"{count} sent to {escape(found.panel_title)}, for the meeting on {moment(found.starts_at)}."
    lines = [f"• *{escape(flag.reference)}* · {marks(flag)}" for flag in found.flags]
    waits = [flag for flag in found.flags if flag.state is FlagState.OPEN]
    rule = button("Triage", "home.triage", found.panel_key, style="primary") if found.may_triage and waits else None
    return text, (section(text), *paragraphs(lines), *(buttons(rule) for rule in [rule] if rule))


def late(found: LateFlag) -> Said:
    """Return the message that asks the chair whether a late flag is heard at this meeting or the next."""
    flag = found.flag
    text = (
        f"{escape(flag.presenter_name)} ({escape(flag.agency_name)}) flagged *{escape(flag.reference)}* late to "
        f"{escape(flag.panel_title)}, for the meeting on {moment(flag.meeting_at)}."
    )
    answers = buttons(
        button("Hear it", "agenda.hear", flag.id, style="primary"),
        button("Next meeting", "agenda.later", flag.id),
        button("Triage", "home.triage", flag.panel_key),
    )
    asks = (
        answers
        if found.may_triage
        else context("Only a chair can decide whether to hear the case. The panel has no chair just now.")
    )
    return text, (section(text), context(marks(flag)), asks)


def deferred(flag: FlagView) -> str:
    """Return a sentence saying that a case is deferred, and to which meeting."""
    return (
        f"*{escape(flag.reference)}* is deferred to the meeting after {moment(flag.meeting_at)}. "
        "I'm telling each agency that flagged it."
    )


def ruled(flag: FlagView) -> str:
    """Return a sentence to the chair, saying whether a late flag is accepted or deferred."""
    if flag.state is FlagState.ACCEPTED:
        return f"*{escape(flag.reference)}* will be heard on {moment(flag.meeting_at)}."
    return deferred(flag)


def published(agenda: AgendaView, asked: Sequence[Block] = ()) -> Said:
    """Return a message with a published agenda: items that its reader may see, what changed, and returns asked for."""
    title = escape(agenda.panel_title)
    note = f"The agenda of {title} has changed." if agenda.changed else f"The agenda of {title} is out."
    return shown(agenda, note, asked, None)


def publication(found: Publication) -> str:
    """Return a sentence saying that the agenda is published, or that nothing has changed since the last version."""
    if not found.is_new:
        return f"Nothing has changed since version {found.agenda.version}, so I won't tell anyone again."
    return "Published. I'm telling members, and the Word file is on its way to you."
