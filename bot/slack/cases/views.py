"""Cases in chat: references in lists, narrative only in modals and replies that one reader sees."""

from collections.abc import Sequence
from typing import Any, Final

from bot.domain.decisions import decision_words
from bot.domain.language import day_words
from bot.domain.panel_definition import MOST_SCORE, RiskTool
from bot.domain.risk import RiskKey, change_in_words, levels_of
from bot.errors import OutOfDate
from bot.models.vocabulary import AgeBand, FlagState, LegalStatus, Purpose, Theme, Urgency
from bot.records.actions.queries import ActionView
from bot.records.cases.decisions import DecisionView
from bot.records.cases.queries import Concern, FlagView, Hearing
from bot.services.cases.assessments import AssessmentPrompt, ToAssess
from bot.services.cases.casebook import CaseHistory, FlagList
from bot.services.cases.readings import CaseReading, CaseReadings
from bot.slack.actions.views import kind_of
from bot.slack.blocks import (
    MESSAGE_BLOCKS,
    VIEW_BLOCKS,
    button,
    buttons,
    capital,
    choices,
    context,
    counted,
    cut,
    day,
    day_input,
    divider,
    escape,
    field,
    grouped_select,
    how_many_fit,
    modal,
    moment,
    number_input,
    page,
    paragraphs,
    section,
    select,
    spoken,
    text_input,
    tick_boxes,
    word_options,
)
from bot.slack.cases.nrm_views import referral_lines
from bot.slack.pages import FIRST, Starts, turning
from bot.slack.request import Block, Said, View

#: What *Flag a case* carries where several panels may be meant; no panel has such a key.
ANY_PANEL: Final = "*"


def flag_button(panel_key: str) -> Block:
    """Return the button that opens the form for a flag to this panel."""
    return button("Flag a case", "case.flag", panel_key)


def panels_to_hear(panels: Sequence[tuple[str, str]]) -> View:
    """Ask which panel is to hear a case; `panels` are keys and titles."""
    blocks = [section(f"*{escape(title)}*", flag_button(key)) for key, title in panels]
    return modal("notice", "Which panel?", blocks, submit=None)


def flag_form(
    reference: str,
    example: str,
    panel_title: str,
    districts: Sequence[tuple[str, str]],
    tools: Sequence[RiskTool],
    metadata: dict[str, Any],
) -> View:
    """Asking a panel to hear a case."""
    blocks: list[Block] = [
        context(f"For {escape(panel_title)}. *References only:* no name, date of birth, address, phone or school."),
        field(
            "reference",
            "Case reference",
            text_input(initial=reference, most=20, placeholder=example),
            hint="Your agency's own case number.",
        ),
    ]
    if districts:
        blocks.append(field("district", "Responsible district", select(districts)))
    blocks += [
        field("purpose", "Purpose", select(word_options(Purpose), initial=Purpose.NEW.value)),
        field("urgency", "Urgency", select(word_options(Urgency), initial=Urgency.ROUTINE.value)),
        field("age_band", "Age", select(word_options(AgeBand))),
        field("legal_status", "Legal status", select(word_options(LegalStatus))),
        field(
            "lead_professional",
            "Lead professional",
            text_input(most=120, placeholder="Children's Social Care, social worker"),
            optional=True,
            hint="Agency and role, not a name.",
        ),
        field("themes", "Themes", choices(word_options(Theme))),
        *_assessment(tools, optional=True),
        field(
            "assessment_due_on",
            "No assessment yet? Due by",
            day_input(),
            optional=True,
            hint="Instead of level and date. The panel sees that it is missing, and you are reminded that day.",
        ),
        field(
            "judgement",
            "Professional judgement",
            text_input(lines=True),
            hint="In words: what the score does not capture. The tool is not a tick box.",
        ),
        field(
            "childs_voice",
            "The child's voice",
            text_input(lines=True),
            optional=True,
            hint="What the child says about their life and what they want, and who heard it.",
        ),
        field("asked_of_panel", "What you ask of the panel", text_input(lines=True)),
        field("missing_episodes", "Missing episodes since last time", number_input(initial=0)),
        field("interviews_offered", "Return interviews offered", number_input(initial=0)),
        field("interviews_within_72h", "Return interviews done within 72 hours", number_input(initial=0)),
        field(
            "cannot_wait",
            "Can't wait for that meeting?",
            text_input(lines=True, most=1000),
            optional=True,
            hint="Say why. The chair is asked at once whether to hear it sooner.",
        ),
        field(
            "closed",
            "Closed item",
            tick_boxes(("closed", "Only you and the chairs may see it")),
            optional=True,
            hint="For a reference that nobody has flagged before. For any other, the chair decides.",
        ),
    ]
    return modal("case.flag", "Flag a case", blocks, submit="Flag", metadata=metadata)


def _assessment(tools: Sequence[RiskTool], *, optional: bool) -> list[Block]:
    """The fields of a risk assessment; the level is chosen with its tool."""
    scored = [tool.title for tool in tools if tool.levels[0].from_score is not None]
    hint = f"{day_words.listed(scored)} only."
    score = field("score", "Score", number_input(most=MOST_SCORE), optional=True, hint=hint)
    return [
        field("risk_level", "Risk tool and level", risk_select(tools), optional=optional),
        *([score] if scored else []),
        field(
            "assessed_on",
            "Date assessed",
            day_input(),
            optional=optional,
            hint="Older than three months is shown as stale.",
        ),
    ]


def risk_select(tools: Sequence[RiskTool]) -> Block:
    """Every level of every tool, under its tool; what is chosen says its tool as well."""
    return grouped_select(
        (capital(tool.title), [(RISK_MARK.join(risk.key), capital(risk.words)) for risk in levels_of(tool)])
        for tool in tools
    )


RISK_MARK = ":"  # between the keys of tool and level, which have none


def risk_key(chosen: str) -> RiskKey:
    """Return the keys of the tool and level that were chosen. Raises OutOfDate for what none of ours carries."""
    tool, mark, level = chosen.partition(RISK_MARK)
    if not (tool and mark and level):
        raise OutOfDate
    return tool, level


def assessment_form(found: ToAssess) -> View:
    """Adding the assessment that was still to be made when the case was flagged."""
    flag = found.flag
    due = f" It was due {day(flag.facts.assessment_due_on)}." if flag.facts.assessment_due_on else ""
    about = context(f"*{escape(flag.reference)}*, {escape(flag.panel_title)}.{due}")
    blocks = [about, *_assessment(found.tools, optional=False)]
    return modal("case.assess", "Add an assessment", blocks, submit="Add", metadata={"flag": flag.id})


def assessed(flag: FlagView) -> str:
    """What the assessment came to."""
    return f"The assessment of *{escape(flag.reference)}* is added: {_risk(flag)}."


def assessments_missing(prompt: AssessmentPrompt) -> Said:
    """Reminding a presenter, and a chair when it is long overdue, of assessments that are still to be made."""
    own, others = len(prompt.own), len(prompt.others)
    text = f"{own + others} risk {'assessment is' if own + others == 1 else 'assessments are'} missing."
    groups: list[list[Block]] = []
    for flag in prompt.own:
        add = button("Add assessment", "case.assess", flag.id, style="primary")
        groups.append([section(_missing(flag)), buttons(add)])
    groups += [[section(f"{_missing(flag)} · {escape(flag.agency_name)}")] for flag in prompt.others]
    return text, (section(text), *page(groups, most_blocks=MESSAGE_BLOCKS - 1, more="`/case list` has the rest."))


def _missing(flag: FlagView) -> str:
    return f"*{escape(flag.reference)}* · {_risk(flag)} · {escape(flag.panel_title)}"


def flagged(flag: FlagView, *, closed: bool = False, cannot_wait: bool = False) -> str:
    """Say what was flagged and what happens next; `closed` where it was asked for as a closed item.

    The words about a closed item are the same whether the reference is new, held elsewhere, or kept from the reader.
    """
    sooner = " The chair is asked whether to hear it sooner." if cannot_wait else ""
    late = " It is after the cut-off, so the chair is asked whether it can still be heard." if flag.is_late else ""
    stale = ""
    if flag.facts.assessed_on is None:
        stale = f" The panel sees that it is {_risk(flag)}."
    elif flag.is_stale:
        stale = f" The assessment of {day(flag.facts.assessed_on)} will be shown as stale."
    waits = "waits for the chair" if flag.state is FlagState.OPEN else "is on its agenda"
    served = " One hearing serves every agency that flagged it." if flag.concerns else ""
    return (
        f"*{escape(flag.reference)}* is flagged to {escape(flag.panel_title)} on {moment(flag.meeting_at)}, "
        f"and {waits}.{served}{late}{sooner}{stale} To take it back: `/case withdraw {escape(flag.reference)}`."
        f"{_IF_NEW if closed else ''}"
    )


#: One sentence for every reference: to say more would tell what other panels hold.
_IF_NEW = (
    "\nYou asked for a closed item. If nobody has flagged this reference before, only you and the chairs can see it. "
    "If someone has, a chair decides who can see it, and your flag doesn't change that. Your chair can tell you which."
)


def withdrawn(flag: FlagView) -> str:
    """What was taken back."""
    return f"*{escape(flag.reference)}* is withdrawn from {escape(flag.panel_title)} on {moment(flag.meeting_at)}."


def marks(flag: FlagView) -> str:
    """What stands out about a flag, in a few words."""
    facts = flag.facts
    said = [facts.urgency.label, _risk(flag)]
    if facts.purpose is not None:
        said.append(facts.purpose.label)
    if flag.is_stale and facts.assessed_on is not None:
        said.append("*stale assessment*")
    if flag.is_repeat:
        said.append("repeat")
    if flag.is_late:
        said.append("*late*")
    if flag.cannot_wait:
        said.append("*can't wait*")
    said += [f"*{escape(words)}*" for words in flag.origin.words] or (["escalated"] if flag.is_escalated else [])
    if flag.is_closed_item:
        said.append("closed item")
    return " · ".join(said)


def _risk(flag: FlagView | Concern) -> str:
    """The level of risk with its tool, or by when it will be known."""
    if flag.facts.assessment_due_on is not None:
        return f"*not assessed yet, due {day(flag.facts.assessment_due_on)}*"
    return escape(flag.risk.words) if flag.risk else "unknown risk"


def listed(found: FlagList, starts: Starts = FIRST) -> Said:
    """One page of what is flagged to the next meeting: references only."""
    flags = found.flags
    if not flags:
        return "No case is flagged to the next meeting.", ()
    head = f"*{escape(flags[0].panel_title)}*, {moment(flags[0].meeting_at)}: {found.count} flagged"
    if found.unassessed:
        head += f", {found.unassessed} not assessed yet"
    lines = [head, *(_listed(flag) for flag in flags)]
    rule = _for_the_chair(found)
    if len(flags) == found.count:
        text = "\n".join(lines)
        return (cut(text, 3000), (*paragraphs(lines), *rule)) if rule else (text, ())
    turn = turning("case.page", found.panel_key, starts.at(found.first), len(flags), found.count)
    return head, (*paragraphs(lines), *turn, *rule)


def _for_the_chair(found: FlagList) -> Sequence[Block]:
    """Return the buttons of the chair under what is flagged."""
    if not found.may_triage:
        return ()
    accepted = button("Accepted cases", "agenda.accepted", f"{found.panel_key}|{FIRST}")
    return (buttons(button("Triage", "home.triage", found.panel_key), accepted),)


def _listed(flag: FlagView) -> str:
    waits = "waits for the chair" if flag.state is FlagState.OPEN else flag.state.label
    return f"• *{escape(flag.reference)}* · {escape(flag.agency_name)} · {marks(flag)} · {waits}"


def seen(found: CaseReadings, starts: Starts = FIRST) -> Said:
    """One page of the people who have read a case, who read it last first."""
    head = f"*{escape(found.reference)}* was read by {counted(found.count, 'person', 'people')}"
    if not found.people:
        return f"Nobody has read *{escape(found.reference)}* yet.", ()
    lines = [f"{head}, the latest first:", *map(_reader, found.people)]
    if len(found.people) == found.count:
        return "\n".join(lines), ()
    about = f"{found.panel_key} {found.reference}"
    turn = turning("case.seen", about, starts.at(found.first), len(found.people), found.count)
    return head, (*paragraphs(lines), *turn)


def _reader(one: CaseReading) -> str:
    left = ", has left" if one.has_left else ""
    times = "once" if one.times == 1 else f"{one.times} times"
    return f"• {escape(one.name)} ({escape(one.agency_name)}{left}) · {times} · last on {moment(one.last_at)}"


def summary(flag: FlagView) -> list[Block]:
    """All that was said when a case was flagged, for one reader after their access check."""
    facts = flag.facts
    themes = ", ".join(theme.label for theme in facts.themes)
    score = f", score {facts.score}" if facts.score is not None else ""
    assessment = "Not assessed yet"
    if facts.assessed_on and flag.risk:
        assessment = f"{escape(capital(flag.risk.words))}{score}, assessed {day(facts.assessed_on)}"
    lead = f" · lead professional: {escape(facts.lead_professional)}" if facts.lead_professional else ""
    voice = [spoken(f"The child's voice: {cut(facts.childs_voice, 1400)}")] if facts.childs_voice else []
    heard = f" · last heard {day(flag.last_heard_on)}" if flag.last_heard_on else " · not heard before"
    reasons = (
        ("Sent on", flag.sent_because),
        ("Can't wait", flag.urgent_because),
        ("Heard sooner", flag.sooner_because),
    )
    because = [spoken(f"{what} because: {cut(words, 1000)}") for what, words in reasons if words]
    return [
        section(
            f"*{escape(flag.reference)}* · {marks(flag)}\n"
            f"{facts.age_band.label} · {facts.legal_status.label} · {themes}{lead}\n"
            f"{assessment}{heard}\n"
            f"Missing {facts.missing_episodes} · return interviews {facts.interviews_offered} offered, "
            f"{facts.interviews_within_72h} within 72 hours · {escape(flag.presenter_name)}, {escape(flag.agency_name)}"
        ),
        *because,
        spoken(f"Judgement: {cut(facts.judgement, 1400)}"),
        *voice,
        spoken(f"Asked of the panel: {cut(facts.asked_of_panel, 1400)}"),
        *(block for concern in flag.concerns for block in _concern(concern)),
    ]


def _concern(concern: Concern) -> list[Block]:
    """What one more agency said of the case."""
    said = concern.facts
    return [
        section(f"*{escape(concern.agency_name)}* flags it too, {escape(concern.person_name)}: {_risk(concern)}"),
        spoken(f"Judgement: {cut(said.judgement, 700)}\nAsked of the panel: {cut(said.asked_of_panel, 700)}"),
    ]


def decision_line(decision: DecisionView) -> str:
    """What was decided, in one line without its rationale."""
    said = escape(decision_words(decision, day))
    if decision.risk_before and decision.risk_after and decision.risk_before != decision.risk_after:
        said += f", risk {escape(change_in_words(decision.risk_before, decision.risk_after))}"
    return said


def decided_lines(decisions: Sequence[DecisionView], label: str) -> list[list[Block]]:
    """Each decision that stands, with its rationale: a group of blocks for each."""
    return [
        [section(f"*{label}:* {decision_line(decision)}"), spoken(cut(decision.rationale, 1400))]
        for decision in decisions
    ]


def history(found: CaseHistory, starts: Starts = FIRST) -> View:
    """One page of the hearings of a case with what came of each, and then of its actions."""
    top = [section(f"Responsible district: {escape(found.district)}")] if found.district else []
    top += referral_lines(found.referrals)
    groups = [_heard(hearing) for hearing in found.hearings]
    for number, action in enumerate(found.actions):
        heading = [divider(), section("*Actions*")] if not number else []
        groups.append([*heading, _action_line(action)])
    fit = how_many_fit(groups, most_blocks=VIEW_BLOCKS - 4)
    turn = turning("case.history", found.reference, starts.at(found.first), fit, found.count)
    blocks = (*top, *(block for group in groups[:fit] for block in group), *turn)
    return modal("notice", found.reference, blocks, submit=None)


def _heard(hearing: Hearing) -> list[Block]:
    flag = hearing.flag
    blocks = [divider(), context(f"{escape(flag.panel_title)}, {moment(flag.meeting_at)}: {_became(flag)}")]
    if not flag.facts.judgement:  # which no flag is without: a panel that sent the case nowhere near
        return [*blocks, *(section(f"*Decision:* {decision_line(one)}") for one in hearing.decisions), _kept_by(flag)]
    blocks += summary(flag)
    return [*blocks, *(block for group in decided_lines(hearing.decisions, "Decision") for block in group)]


def _became(flag: FlagView) -> str:
    return f"sent on to {escape(flag.sent_on_to)}" if flag.sent_on_to else flag.state.label


def _kept_by(flag: FlagView) -> Block:
    return context(f"What was said there is kept by {escape(flag.panel_title)}. Its chair may tell you.")


def _action_line(action: ActionView) -> Block:
    return context(
        f"*{action.id}* {escape(cut(action.text, 300))}{kind_of(action)} · {escape(action.agency_name)} · "
        f"due {day(action.due_on)} · {action.state.label}"
    )


def triaged_notice(flag: FlagView, reason: str) -> Said:
    """Tell the person who flagged a case what the chair said of it; the chair's words are shown when asked for."""
    what = {
        FlagState.DEFERRED: "is deferred to a later meeting",
        FlagState.SIGNPOSTED: "belongs elsewhere",
    }.get(flag.state, f"is {flag.state.label}")
    if flag.sent_on_to:
        what = f"goes to {escape(flag.sent_on_to)} instead"
    text = f"{escape(flag.reference)}, flagged to {escape(flag.panel_title)}, {what}."
    return text, (section(text, button("Show the reason", "case.reason", flag.id) if reason else None),)


def triage_reason(found: tuple[FlagView, str]) -> View:
    """Show the chair's words about a flag."""
    flag, reason = found
    text, *_ = triaged_notice(flag, reason)
    return modal("notice", flag.reference, [section(text), spoken(f"The chair: {reason}")], submit=None)


def closed_notice(flag: FlagView) -> Said:
    """Tell the readers of a closed item that a person who must not know of it flagged the reference too."""
    text = (
        f"{escape(flag.reference)}, a closed item, was flagged to {escape(flag.panel_title)} by "
        f"{escape(flag.presenter_name)}, {escape(flag.agency_name)}, who is not one of its readers."
    )
    return text, (section(text, button("Open", "case.history", f"{flag.reference}|{FIRST}")),)
