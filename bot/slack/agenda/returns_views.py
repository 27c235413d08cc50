"""Returns in Slack: an agency's list and its form, the chair's gaps, and one case's returns."""

from collections.abc import Sequence
from typing import Any

from bot.models.vocabulary import ReturnKnowledge
from bot.services.agenda.return_prompts import ReturnPrompt
from bot.services.agenda.returns import AgencyGaps, CaseReturns, Gaps, ReturnForm, ReturnLine, ReturnList
from bot.slack.blocks import (
    VIEW_BLOCKS,
    button,
    buttons,
    context,
    cut,
    day,
    divider,
    escape,
    field,
    header,
    modal,
    moment,
    plain,
    section,
    spoken,
    text_input,
)
from bot.slack.request import Block, View

PAGE = 40  # cases or agencies: short enough to look through, far from the limit of a modal
_WORDS = {
    ReturnKnowledge.KNOWN: "Known to us",
    ReturnKnowledge.NOT_KNOWN: "Not known to us",
    ReturnKnowledge.NOTHING_TO_ADD: "Known, nothing to add",
}
_SAID = {
    ReturnKnowledge.KNOWN: "known",
    ReturnKnowledge.NOT_KNOWN: "not known",
    ReturnKnowledge.NOTHING_TO_ADD: "nothing to add",
}


def owed(found: ReturnList, note: str = "", page: int = 0) -> View:
    """What an agency is asked, one line a case."""
    top: list[Block] = [section(note)] if note else []
    top.append(section(f"*{escape(found.panel_title)}*, {moment(found.starts_at)} · {escape(found.agency_name)}"))
    if not found.lines:
        top.append(section("No case on this agenda asks for your agency's return."))
    elif found.is_open:
        left = f"*{found.owed} of {len(found.lines)}* to answer" if found.owed else "All answered. Thank you."
        top.append(context(f"{left} · due {day(found.due_on)} · you can change them until the meeting opens."))
    else:
        top.append(context("The meeting has begun or is over: returns do not change any more."))
    first, shown = _page(found.lines, page)
    blocks = [*top, *(_line(line, is_open=found.is_open) for line in shown)]
    if found.is_open and found.owed:
        blocks.append(buttons(_nothing_to_add(found)))
    blocks += _turning("returns.page", found.meeting_id, len(found.lines), first)
    if found.may_see_gaps:
        blocks.append(buttons(button("Who has answered", "returns.gaps", found.meeting_id)))
    metadata = {"meeting": found.meeting_id, "page": page}
    return modal("returns.list", "Returns", blocks, submit=None, metadata=metadata)


def _line(line: ReturnLine, *, is_open: bool) -> Block:
    if line.knowledge is None:
        said = "*not answered*"
    else:
        said = f"{_SAID[line.knowledge]}{f', by {escape(line.answered_by)}' if line.answered_by else ''}"
    label, style = ("Change", None) if line.knowledge else ("Answer", "primary")
    answer = button(label, "returns.answer", line.flag_id, style=style) if is_open else None
    return section(f"*{escape(line.reference)}* · {escape(line.presented_by)} presents · {said}", answer)


def _nothing_to_add(found: ReturnList) -> Block:
    cases = f"{found.owed} case{'' if found.owed == 1 else 's'}"
    made = button("Nothing to add to all the rest", "returns.rest", found.meeting_id)
    made["confirm"] = {
        "title": plain("Nothing to add?"),
        "text": plain(f"{found.agency_name} answers “nothing to add” on {cases}. You can change each one afterwards."),
        "confirm": plain("Nothing to add"),
        "deny": plain("Not yet"),
    }
    return made


def form(found: ReturnForm, page: int = 0) -> View:
    """One case: what the agency knows, and what it will bring."""
    options = [_option(knowledge) for knowledge in ReturnKnowledge]
    radio: dict[str, Any] = {"type": "radio_buttons", "options": options}
    if found.knowledge is not None:
        radio["initial_option"] = _option(found.knowledge)
    return modal(
        "returns.answer",
        "Return",
        [
            context(
                f"*{escape(found.reference)}* · {escape(found.panel_title)} · for {escape(found.agency_name)}. "
                "*References only:* no name, date of birth, address, phone or school."
            ),
            field("knowledge", "What your agency knows", radio),
            field(
                "text",
                "What you will bring",
                text_input(initial=found.text, lines=True),
                hint="Needed where the case is known. The chair reads it before the meeting.",
                optional=True,
            ),
        ],
        submit="Return",
        metadata={"flag": found.flag_id, "meeting": found.meeting_id, "page": page},
    )


def _option(knowledge: ReturnKnowledge) -> dict[str, Any]:
    return {"text": plain(_WORDS[knowledge]), "value": knowledge.value}


def gaps(found: Gaps, page: int = 0) -> View:
    """Who has answered, agency by agency, for the chair and the office; without anybody's words."""
    blocks: list[Block] = [section(f"*{escape(found.panel_title)}*, {moment(found.starts_at)}")]
    if not found.is_published:
        blocks.append(section(f"Returns are asked for with the agenda: `/agenda publish {found.panel_key}`."))
    elif not found.agencies:
        blocks.append(section("The agenda asks nobody for a return."))
    else:
        gap = sum(len(agency.missing) for agency in found.agencies)
        blocks.append(context(f"{f'*{gap} missing*' if gap else 'All returned'} · due {day(found.due_on)}"))
    first, shown = _page(found.agencies, page)
    blocks += [section(_agency(agency)) for agency in shown]
    blocks += _turning("returns.gaps_page", found.meeting_id, len(found.agencies), first)
    if found.cases:
        blocks += [divider(), header("What agencies will bring")]
        blocks += [_chooser(found.cases[at : at + 100], at) for at in range(0, len(found.cases), 100)]
    if found.answers_too:
        blocks.append(buttons(button("My agency's returns", "returns.mine", found.meeting_id)))
    metadata = {"meeting": found.meeting_id, "page": page}
    return modal("returns.gaps", "Returns", blocks[:VIEW_BLOCKS], submit=None, metadata=metadata)


def _agency(agency: AgencyGaps) -> str:
    counted = ", ".join(f"{count} {_SAID[knowledge]}" for knowledge, count in agency.counts if count)
    returned = f"{agency.asked - len(agency.missing)} of {agency.asked} returned"
    lines = [f"*{escape(agency.agency_name)}* · {returned}{f': {counted}' if counted else ''}"]
    if agency.missing:
        lines.append(cut(f"Not returned: {escape(', '.join(agency.missing))}", 2500))
    return "\n".join(lines)


def _chooser(cases: Sequence[tuple[int, str]], at: int) -> Block:
    options = [{"text": plain(cut(reference, 75)), "value": str(flag_id)} for flag_id, reference in cases]
    chooser = {
        "type": "static_select",
        "action_id": f"returns.open:{at}",
        "placeholder": plain("Open a case's returns"),
        "options": options,
    }
    return {"type": "actions", "elements": [chooser]}


def case(found: CaseReturns) -> View:
    """What each agency will bring to one case, in its words: for one chair after their access check."""
    blocks: list[Block] = [section(f"*{escape(found.reference)}* · {escape(found.panel_title)}")]
    if not found.returns:
        blocks.append(section("No agency was asked about it."))
    for one in found.returns:
        said = _SAID[one.knowledge] if one.knowledge else "*not returned*"
        by = f" · {escape(one.answered_by)}" if one.answered_by else ""
        blocks.append(section(f"*{escape(one.agency_name)}*: {said}{by}"))
        if one.text:
            blocks.append(spoken(one.text))
    return modal("notice", "Returns", blocks[:VIEW_BLOCKS], submit=None)


def asked(found: ReturnPrompt) -> tuple[Block, ...]:
    """Below an agenda that is out: what it asks of the reader's agency."""
    count = f"{found.asked} return{'' if found.asked == 1 else 's'}"
    return (
        section(
            f"*{count}* {'is' if found.asked == 1 else 'are'} asked of {escape(found.agency_name)} by "
            f"*{day(found.due_on)}*: what you will bring to each case."
        ),
        buttons(button("Make the returns", "returns.mine", found.meeting_id, style="primary")),
    )


def prompt(found: ReturnPrompt) -> tuple[str, tuple[Block, ...]]:
    """At the deadline, to who still owes some."""
    title, when = escape(found.panel_title), moment(found.starts_at)
    if found.is_orphaned:
        text = (
            f"{escape(found.agency_name)} still owes returns to {title} on {when}, and nobody sits there for it. "
            "Please ask the panel's co-ordinator to give somebody of your agency a place."
        )
        return text, (section(text),)
    count = f"{found.owed} return{'' if found.owed == 1 else 's'}"
    text = f"{title} meets on {when}, and {escape(found.agency_name)} still owes {count}, due {day(found.due_on)}."
    return text, (
        section(text),
        buttons(button("Make the returns", "returns.mine", found.meeting_id, style="primary")),
    )


def _page(rows: Sequence[Any], page: int) -> tuple[int, Sequence[Any]]:
    first = min(max(0, page), max(0, (len(rows) - 1) // PAGE)) * PAGE
    return first, rows[first : first + PAGE]


def _turning(action: str, meeting_id: int, count: int, first: int) -> list[Block]:
    if count <= PAGE:
        return []
    made = []
    if first:
        made.append(button("Earlier", action, f"{meeting_id}:{first // PAGE - 1}"))
    if first + PAGE < count:
        made.append(button("Later", action, f"{meeting_id}:{first // PAGE + 1}"))
    return [context(f"{first + 1} to {min(count, first + PAGE)} of {count}"), buttons(*made)]
