"""Returns in Slack: an agency's own list and form, and for the chair the missing returns and one case's returns."""

from collections.abc import Sequence
from typing import Final

from bot.domain.case_facts import CaseFacts
from bot.models.vocabulary import ReturnKnowledge
from bot.services.agenda.return_prompts import ReturnPrompt
from bot.services.agenda.returns import (
    AgencyMissing,
    CaseReturns,
    GridCell,
    MissingReturns,
    ReturnForm,
    ReturnGrid,
    ReturnLine,
    ReturnList,
)
from bot.slack.blocks import (
    VIEW_BLOCKS,
    button,
    buttons,
    context,
    counted,
    cut,
    day,
    divider,
    escape,
    field,
    header,
    modal,
    moment,
    plain,
    radio,
    section,
    select,
    spoken,
    sure,
    text_input,
)
from bot.slack.pages import earlier_later, page_of
from bot.slack.request import Block, Said, View

PAGE = 40  # cases or agencies: short enough to look through, and with two blocks a case within a modal's 100
_WORDS = {
    ReturnKnowledge.KNOWN: "Known to us",
    ReturnKnowledge.NOT_KNOWN: "Not known to us",
    ReturnKnowledge.NOTHING_TO_ADD: "Known, nothing to add",
}


def owed(found: ReturnList, note: str = "", page: int = 0) -> View:
    """Return the cases on which an agency is asked for a return, a line each, with buttons to answer."""
    top: list[Block] = [section(note)] if note else []
    top.append(section(f"*{escape(found.panel_title)}*, {moment(found.starts_at)} · {escape(found.agency_name)}"))
    if not found.lines:
        top.append(section("No case on this agenda needs a return from your agency."))
    elif found.is_open:
        left = f"*{found.owed} of {len(found.lines)}* to answer" if found.owed else "All answered. Thank you."
        top.append(context(f"{left} · due {day(found.due_on)} · you can change them until the meeting opens."))
    else:
        top.append(context("The meeting has begun or is over, so returns can't change."))
    first, shown = page_of(found.lines, page, PAGE)
    blocks = [*top, *(block for line in shown for block in _line(line, is_open=found.is_open))]
    if found.is_open and found.owed:
        blocks.append(
            buttons(
                _all_the_rest(found, "Nothing to add", "returns.rest"),
                _all_the_rest(found, "Not known to us", "returns.unknown"),
            )
        )
    blocks += earlier_later("returns.page", found.meeting_id, len(found.lines), first, PAGE)
    if found.may_see_gaps:
        blocks.append(buttons(button("Who has answered", "returns.gaps", found.meeting_id)))
    metadata = {"meeting": found.meeting_id, "page": page}
    return modal("returns.list", "Returns", blocks, submit=None, metadata=metadata)


def _all_the_rest(found: ReturnList, answer: str, action: str) -> Block:
    text = f"{found.agency_name} answers “{answer.lower()}” on {counted(found.owed, 'case')}. "
    confirm = sure(f"{answer}?", f"{text}You can change each answer afterwards.", answer)
    return button(f"{answer}: all the rest", action, found.meeting_id, confirm=confirm)


def _line(line: ReturnLine, *, is_open: bool) -> list[Block]:
    if line.knowledge is None:
        said = "*not answered*"
    else:
        said = f"{line.knowledge.label}{f', by {escape(line.answered_by)}' if line.answered_by else ''}"
    own = f" · yours: {escape(line.own_reference)}" if line.own_reference else ""
    label, style = ("Change", None) if line.knowledge else ("Answer", "primary")
    answer = button(label, "returns.answer", line.flag_id, style=style) if is_open else None
    return [
        section(
            f"*{escape(line.reference)}*{own} · {said}\n{_outline(line.facts)} · {escape(line.presented_by)} presents",
            answer,
        ),
        spoken(f"Request to the panel: {cut(line.facts.asked_of_panel, 200)}"),
    ]


def _outline(facts: CaseFacts) -> str:
    """Return a child's age band and themes, by which an agency finds the child in its own records."""
    return f"{facts.age_band.label} · {', '.join(theme.label for theme in facts.themes)}"


def form(found: ReturnForm, page: int = 0) -> View:
    """Return the form for an agency's return on one case: what the agency knows, and what it will bring."""
    options = [(knowledge.value, _WORDS[knowledge]) for knowledge in ReturnKnowledge]
    blocks = [
        context(
            f"*{escape(found.reference)}* · {escape(found.panel_title)} · for {escape(found.agency_name)}. "
            "*References only:* no name, date of birth, address, phone or school."
        ),
        section(_outline(found.facts)),
        spoken(f"Request to the panel: {cut(found.facts.asked_of_panel, 1400)}"),
        field("knowledge", "What your agency knows", radio(options, initial=found.knowledge)),
        field(
            "text",
            "What you will bring",
            text_input(initial=found.text, lines=True),
            hint="Fill this in if your agency knows the child. The chair reads it before the meeting.",
            optional=True,
        ),
        field(
            "reference",
            "Your own reference for this child",
            text_input(initial=found.own_reference, placeholder=f"For example {found.example}"),
            hint="I'll ask for this only once. Only people in your agency see your reference.",
            optional=True,
        ),
    ]
    return modal(
        "returns.answer",
        "Return",
        blocks,
        submit="Return",
        metadata={"flag": found.flag_id, "meeting": found.meeting_id, "page": page},
    )


def missing_returns(found: MissingReturns, page: int = 0) -> View:
    """Return a modal for the chair and the office with the agencies that have sent returns and those that have not.

    The modal does not show what a return says.
    """
    blocks: list[Block] = [section(f"*{escape(found.panel_title)}*, {moment(found.starts_at)}")]
    if not found.is_published:
        blocks.append(section(f"To ask agencies for returns, publish the agenda: `/agenda publish {found.panel_key}`."))
    elif not found.agencies:
        blocks.append(section("No case on the agenda needs a return."))
    else:
        gap = sum(len(agency.missing) for agency in found.agencies)
        blocks.append(context(f"{f'*{gap} missing*' if gap else 'All returned'} · due {day(found.due_on)}"))
    first, shown = page_of(found.agencies, page, PAGE)
    blocks += [section(_agency(agency)) for agency in shown]
    blocks += earlier_later("returns.gaps_page", found.meeting_id, len(found.agencies), first, PAGE)
    if found.cases:
        blocks += [divider(), header("What agencies will bring")]
        blocks += [_chooser(found.cases[at : at + 100], at) for at in range(0, len(found.cases), 100)]
    if found.agencies:
        blocks.append(buttons(button("Grid of cases and agencies", "returns.grid", found.meeting_id)))
    if found.answers_too:
        blocks.append(buttons(button("My agency's returns", "returns.mine", found.meeting_id)))
    metadata = {"meeting": found.meeting_id, "page": page}
    return modal("returns.gaps", "Returns", blocks[:VIEW_BLOCKS], submit=None, metadata=metadata)


#: The letter for each kind of cell, since the narrowest phones show about 40 characters in a line.
_CELLS: Final = {
    GridCell.KNOWN: "A",
    GridCell.NOTHING_TO_ADD: "N",
    GridCell.NOT_KNOWN: "–",
    GridCell.AWAITED: "?",
    GridCell.NOT_ASKED: " ",
}
_ACROSS, _DOWN = 9, 40  # agencies side by side, and cases below each other, in one part of the grid


def grid(found: ReturnGrid, note: str = "") -> View:
    """Return a grid of cases and agencies that marks missing returns, without the words of any return."""
    blocks: list[Block] = [section(note)] if note else []
    blocks.append(section(f"*{escape(found.panel_title)}*, {moment(found.starts_at)}"))
    if not found.rows:
        blocks.append(section("No case on the agenda needs a return."))
        return modal("returns.gaps", "Grid of returns", blocks, submit=None)
    waits = f"*{found.awaited} still to come*" if found.awaited else "All returned"
    blocks.append(context(f"{waits} · due {day(found.due_on)}"))
    blocks.append(context("*A* answered · *N* nothing to add · *–* not known · *?* still to come · blank: not asked"))
    parts = [
        _part(found, across, down)
        for across in range(0, len(found.agencies), _ACROSS)
        for down in range(0, len(found.rows), _DOWN)
    ]
    most = VIEW_BLOCKS - len(blocks) - 2
    blocks += parts[:most]
    if len(parts) > most:
        blocks.append(context("The spreadsheet has the rest."))
    blocks.append(buttons(button("Spreadsheet", "returns.grid_file", found.meeting_id)))
    return modal("returns.gaps", "Grid of returns", blocks, submit=None)


def _part(found: ReturnGrid, across: int, down: int) -> Block:
    """Return one part of the grid of returns as fixed-width text, below a numbered list of its agencies."""
    agencies = found.agencies[across : across + _ACROSS]
    rows = found.rows[down : down + _DOWN]
    names = " · ".join(f"{number} {escape(name)}" for number, name in enumerate(agencies, start=1))
    width = max(len(reference) for reference, _ in found.rows)
    head = " " * width + "".join(f" {number}" for number in range(1, 1 + len(agencies)))
    lines = [
        reference.ljust(width) + "".join(f" {_CELLS[cell]}" for cell in cells[across : across + _ACROSS])
        for reference, cells in rows
    ]
    return section(f"{names}\n```{escape(chr(10).join([head, *lines]))}```")


def _agency(agency: AgencyMissing) -> str:
    counts = ", ".join(f"{count} {knowledge.label}" for knowledge, count in agency.counts if count)
    returned = f"{agency.asked - len(agency.missing)} of {agency.asked} returned"
    lines = [f"*{escape(agency.agency_name)}* · {returned}{f': {counts}' if counts else ''}"]
    if agency.missing:
        lines.append(cut(f"Not returned: {escape(', '.join(agency.missing))}", 2500))
    return "\n".join(lines)


def _chooser(cases: Sequence[tuple[int, str]], at: int) -> Block:
    menu = select([(str(flag_id), reference) for flag_id, reference in cases])
    return buttons({**menu, "action_id": f"returns.open:{at}", "placeholder": plain("Open a case's returns")})


def case(found: CaseReturns) -> View:
    """Return a modal with the words of each agency's return on one case. Callers check the reader's access first."""
    blocks: list[Block] = [section(f"*{escape(found.reference)}* · {escape(found.panel_title)}")]
    if not found.returns:
        blocks.append(section("No agency was asked about this case."))
    for one in found.returns:
        said = one.knowledge.label if one.knowledge else "*not returned*"
        by = f" · {escape(one.answered_by)}" if one.answered_by else ""
        blocks.append(section(f"*{escape(one.agency_name)}*: {said}{by}"))
        if one.text:
            blocks.append(spoken(one.text))
    return modal("notice", "Returns", blocks[:VIEW_BLOCKS], submit=None)


def asked(found: ReturnPrompt) -> tuple[Block, ...]:
    """Return the blocks below a published agenda that say how many returns the reader's agency owes."""
    return (
        section(
            f"{escape(found.agency_name)} has *{counted(found.asked, 'return')}* to make by *{day(found.due_on)}*. "
            "For each case, say what your agency knows and will share at the meeting."
        ),
        buttons(make_returns(found.meeting_id)),
    )


def make_returns(meeting_id: int | None) -> Block:
    """Return the button that opens the list of cases on which an agency is asked for returns."""
    return button("Answer returns", "returns.mine", meeting_id, style="primary")


def prompt(found: ReturnPrompt) -> Said:
    """Return the reminder, sent at the deadline, that an agency still owes returns."""
    title, when = escape(found.panel_title), moment(found.starts_at)
    if found.is_orphaned:
        text = (
            f"{escape(found.agency_name)} still owes returns to {title} on {when}, and has no member there. "
            "Please ask the panel's co-ordinator to give a colleague a place."
        )
        return text, (section(text),)
    owes = f"{escape(found.agency_name)} still owes {counted(found.owed, 'return')}"
    text = f"{title} meets on {when}, and {owes}, due {day(found.due_on)}."
    return text, (section(text), buttons(make_returns(found.meeting_id)))
