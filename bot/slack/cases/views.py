"""Cases in chat. Lists have references only. Narrative is shown only in modals and replies for one reader."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from bot.domain.case_facts import CaseFacts
from bot.domain.decisions import decision_words
from bot.domain.optional_facts import Answer
from bot.domain.risk import change_in_words
from bot.models.vocabulary import FlagState, Urgency, Word
from bot.records.actions.queries import ActionView
from bot.records.cases.decisions import DecisionView
from bot.records.cases.queries import Concern, FlagChange, FlagView, Hearing
from bot.records.cases.references import MergedReference
from bot.records.cases.withdrawals import FlagWithdrawal
from bot.services.cases.assessments import AssessmentPrompt
from bot.services.cases.lists import CaseHistory, FlagList
from bot.services.cases.readings import CaseReading, CaseReadings
from bot.services.cases.withdrawing import Withdrawal
from bot.slack.actions.views import kind_of
from bot.slack.blocks import (
    MESSAGE_BLOCKS,
    VIEW_BLOCKS,
    button,
    buttons,
    capital,
    context,
    counted,
    cut,
    day,
    divider,
    escape,
    field,
    how_many_fit,
    modal,
    moment,
    page,
    paragraphs,
    section,
    spoken,
    text_input,
)
from bot.slack.cases.nrm_views import referral_lines
from bot.slack.pages import FIRST, Starts, turning
from bot.slack.request import Block, Said, View


def assessed(flag: FlagView) -> str:
    """Return a sentence saying that an assessment was added, with its risk level."""
    return f"You have added an assessment of *{escape(flag.reference)}*: {_risk(flag)}."


def assessments_missing(prompt: AssessmentPrompt) -> Said:
    """Return a reminder to a presenter, and later to a chair, that flagged cases have no risk assessment yet."""
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
    """Return a message saying that a case was flagged and what happens next. `closed` adds a note on closed items.

    The note is the same for every reference, so it does not reveal whether the case is a closed item of other panels.
    """
    sooner = " I'm asking the chair whether to hear it sooner." if cannot_wait else ""
    late = " The cut-off has passed, so I'm asking the chair whether to hear it." if flag.is_late else ""
    stale = ""
    if flag.facts.assessed_on is None:
        stale = f" The panel will see: {_risk(flag)}."
    elif flag.is_stale:
        stale = f" The assessment of {day(flag.facts.assessed_on)} will be shown as stale."
    waits = "needs triage by the chair" if flag.state is FlagState.OPEN else "is on its agenda"
    served = " The panel hears it once, for all agencies that flagged it." if flag.concerns else ""
    return (
        f"*{escape(flag.reference)}* is flagged to {escape(flag.panel_title)} on {moment(flag.meeting_at)}, "
        f"and {waits}.{served}{late}{sooner}{stale} "
        f"To take it back: `/case withdraw {escape(flag.reference)} because REASON`."
        f"{_IF_NEW if closed else ''}"
    )


#: The same sentence for every reference: a different one would reveal cases of other panels.
_IF_NEW = (
    "\nYou asked for a closed item. If nobody has flagged this reference before, only you and the chairs can see it. "
    "If it was flagged before, a chair decides who can see it. Your flag doesn't change who can see it. Your chair "
    "can tell you more."
)


def withdrawn(flag: FlagView) -> str:
    """Return a sentence saying which flag was withdrawn."""
    return (
        f"You have withdrawn *{escape(flag.reference)}* from {escape(flag.panel_title)} on {moment(flag.meeting_at)}."
    )


def withdrawal_form(flag: FlagView) -> View:
    """Return the form that asks why a flag is withdrawn."""
    about = f"*{escape(flag.reference)}*, {escape(flag.panel_title)}, {moment(flag.meeting_at)}"
    reason = field(
        "reason",
        "Reason",
        text_input(lines=True, most=1000),
        hint="Each agency that flagged the case can read this. A chair who accepted the case or sent it here can, too.",
    )
    metadata = {"panel": flag.panel_key, "reference": flag.reference}
    return modal("case.withdraw", "Withdraw", [context(about), reason], submit="Withdraw", metadata=metadata)


def withdrawn_notice(found: Withdrawal) -> Said:
    """Return a message telling a person that a flag was withdrawn. A button shows the reason."""
    flag = found.flag
    whose = "which you flagged" if found.is_own else f"which {escape(flag.agency_name)} flagged"
    whose = (
        f"which was handed over to you after {escape(flag.agency_name)} flagged it" if found.is_handed_over else whose
    )
    whose = "which your panel sent" if found.is_sender else whose
    text = (
        f"{escape(found.by_name)} ({escape(found.by_agency)}) withdrew *{escape(flag.reference)}*, {whose} to "
        f"{escape(flag.panel_title)} for {moment(flag.meeting_at)}."
    )
    if found.is_still_heard is not None:
        heard = (
            "The panel will still hear the case, because another agency flagged it."
            if found.is_still_heard
            else "The panel won't hear the case then."
        )
        text += f" {heard}"
    return text, (section(text, button("Show the reason", "case.withdrawal", flag.id)),)


def withdrawal_reason(found: Withdrawal) -> View:
    """Return a modal with the reason why a flag was withdrawn."""
    text, *_ = withdrawn_notice(found)
    said = spoken(f"{found.by_name}: {found.reason}")
    return modal("notice", found.flag.reference, [section(text), said], submit=None)


def marks(flag: FlagView) -> str:
    """Return a short text about a flag: its urgency, its risk and more, and which other agencies flag the case."""
    beside = (f"{escape(one.agency_name)} flags it too: {_pressing(one)}" for one in flag.concerns)
    return " · ".join([_marks_of_flag(flag), *beside])


def _marks_of_flag(flag: FlagView) -> str:
    """Return a short text about one flag: its urgency, its risk, and words such as "late" or "repeat"."""
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
    if flag.review is not None:
        said.append(escape(flag.review.words))
    said += [f"also {escape(reference)}" for reference in flag.also]
    if flag.is_closed_item:
        said.append("closed item")
    return " · ".join(said)


def _pressing(concern: Concern) -> str:
    """Return the urgency that another agency gave a case, unless it is routine, followed by the risk level."""
    urgency = concern.facts.urgency
    return _risk(concern) if urgency is Urgency.ROUTINE else f"{urgency.label}, {_risk(concern)}"


def _risk(flag: FlagView | Concern) -> str:
    """Return the risk level with its tool or, without an assessment, the day by which an assessment is due."""
    if flag.facts.assessment_due_on is not None:
        return f"*not assessed yet, due {day(flag.facts.assessment_due_on)}*"
    return escape(flag.risk.words) if flag.risk else "unknown risk"


def listed(found: FlagList, starts: Starts = FIRST) -> Said:
    """Return one page of the flags for the next meeting. Cases are named by reference only."""
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
    """Return the buttons for triage under a list of flags, or nothing for readers other than the chair."""
    if not found.may_triage:
        return ()
    accepted = button("Accepted cases", "agenda.accepted", f"{found.panel_key}|{FIRST}")
    return (buttons(button("Triage", "home.triage", found.panel_key), accepted),)


def _listed(flag: FlagView) -> str:
    waits = "needs triage" if flag.state is FlagState.OPEN else flag.state.label
    return f"• *{escape(flag.reference)}* · {escape(flag.agency_name)} · {marks(flag)} · {waits}"


def seen(found: CaseReadings, starts: Starts = FIRST) -> Said:
    """Return one page of the people who have read a case, starting with the latest."""
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
    """Return all facts of a flag as blocks. Callers check the reader's access first."""
    facts = flag.facts
    themes = ", ".join(theme.label for theme in facts.themes)
    score = f", score {facts.score}" if facts.score is not None else ""
    assessed = f"assessed {day(facts.assessed_on)}{score} · " if facts.assessed_on and flag.risk else ""
    lead = f" · lead professional: {escape(facts.lead_professional)}" if facts.lead_professional else ""
    voice = [spoken(f"The child's voice: {cut(facts.childs_voice, 1400)}")] if facts.childs_voice else []
    heard = f"last heard {day(flag.last_heard_on)}" if flag.last_heard_on else "not heard before"
    counts = (
        f"Missing {facts.missing_episodes} · return interviews {facts.interviews_offered} offered, "
        f"{facts.interviews_within_72h} within 72 hours"
    )
    if flag.review is not None and flag.review.is_awaited:
        counts = "Missing episodes and return interviews since then: not known yet"
    reasons = (
        ("Sent on", flag.sent_because),
        ("Can't wait", flag.urgent_because),
        ("Heard sooner", flag.sooner_because),
    )
    because = [spoken(f"{what} because: {cut(words, 1000)}") for what, words in reasons if words]
    return [
        section(
            f"*{escape(flag.reference)}* · {_marks_of_flag(flag)}\n"
            f"{facts.age_band.label} · {facts.legal_status.label} · {themes}{lead}\n"
            f"{capital(assessed + heard)}\n"
            f"{counts} · {escape(flag.presenter_name)}, {escape(flag.agency_name)}"
        ),
        *because,
        spoken(f"Judgement: {cut(facts.judgement, 1400)}"),
        *voice,
        spoken(f"Request to the panel: {cut(facts.asked_of_panel, 1400)}"),
        *_answered(facts),
        *(block for concern in flag.concerns for block in _concern(concern)),
    ]


def _concern(concern: Concern) -> list[Block]:
    """Return the blocks of another agency's flag of the same case: its risk, judgement and question to the panel."""
    said = concern.facts
    review = f" · {escape(concern.review.words)}" if concern.review else ""
    by = f" as {escape(concern.flagged_as)}" if concern.flagged_as else ""
    who = f"*{escape(concern.agency_name)}* flags it too{by}, {escape(concern.person_name)}"
    return [
        section(f"{who}: {_pressing(concern)}{review}"),
        spoken(f"Judgement: {cut(said.judgement, 700)}\nRequest to the panel: {cut(said.asked_of_panel, 700)}"),
        *_answered(said),
    ]


def _answered(facts: CaseFacts) -> list[Block]:
    """Return a flag's answers about the panel's optional facts, one line for each."""
    lines = "\n".join(answer.words for answer in facts.answers)
    return [spoken(cut(lines, 1400))] if lines else []


def decision_line(decision: DecisionView) -> str:
    """Return a decision of the panel in one line, without its rationale."""
    said = escape(decision_words(decision, day))
    if decision.risk_before and decision.risk_after and decision.risk_before != decision.risk_after:
        said += f", risk {escape(change_in_words(decision.risk_before, decision.risk_after))}"
    if decision.risk_assessed_on:
        said += f", risk assessed {day(decision.risk_assessed_on)}"
    return said


def decided_lines(decisions: Sequence[DecisionView], label: str) -> list[list[Block]]:
    """Return a group of blocks for each decision and its rationale. A group begins with `label`, such as "Decided"."""
    return [
        [
            section(f"*{label}:* {decision_line(decision)}"),
            *decided_words(decision, most=1400),
        ]
        for decision in decisions
    ]


def decided_words(decision: DecisionView, *, most: int) -> list[Block]:
    """Return the panel's rationale for a decision and its judgement of the risk, each cut to `most` characters."""
    return [spoken(cut(words, most)) for words in reasons_of(decision)]


def reasons_of(decision: DecisionView) -> list[str]:
    """Return a decision's rationale, and the panel's judgement of the risk if there is one. Neither text is escaped."""
    judged = f"Risk now: {decision.risk_judgement}" if decision.risk_judgement else ""
    return [words for words in (decision.rationale, judged) if words]


def history(found: CaseHistory, starts: Starts = FIRST) -> View:
    """Return one page of a case's history: its hearings with their results, then its actions."""
    top = [section(f"Responsible district: {escape(found.district)}")] if found.district else []
    top += [block for reference in found.merged for block in _merged(reference)]
    top += referral_lines(found.referrals)
    if found.edited_at:
        top.append(buttons(button("Edit your flag", "case.edit", f"{found.edited_at}:{found.reference}")))
    groups = [_heard(hearing) for hearing in found.hearings]
    for number, action in enumerate(found.actions):
        heading = [divider(), section("*Actions*")] if not number else []
        groups.append([*heading, _action_line(action)])
    fit = how_many_fit(groups, most_blocks=VIEW_BLOCKS - 5)
    turn = turning("case.history", found.reference, starts.at(found.first), fit, found.count)
    blocks = (*top, *(block for group in groups[:fit] for block in group), *turn)
    return modal("notice", found.reference, blocks, submit=None)


def _merged(one: MergedReference) -> list[Block]:
    """Return blocks saying when an earlier reference was merged into this case, who merged it, and why."""
    by, panel = escape(one.by_name), escape(one.panel_title)
    said = section(
        f"*{escape(one.reference)}* has been part of this case since {day(one.on)}: {by} merged them for {panel}."
    )
    return [said, *([spoken(f"{one.by_name}: {one.reason}")] if one.reason else [])]


def _heard(hearing: Hearing) -> list[Block]:
    flag = hearing.flag
    blocks = [divider(), context(f"{escape(flag.panel_title)}, {moment(flag.meeting_at)}: {_became(hearing)}")]
    if not flag.facts.judgement:  # another panel's hearing, of which this panel sees only the decisions
        return [*blocks, *(section(f"*Decision:* {decision_line(one)}") for one in hearing.decisions), _kept_by(flag)]
    if hearing.withdrawal is not None:
        blocks += _withdrawal(hearing.withdrawal)
    blocks += summary(flag)
    blocks += (block for edit in hearing.edits for block in _edit(edit))
    return [*blocks, *(block for group in decided_lines(hearing.decisions, "Decision") for block in group)]


def _withdrawal(one: FlagWithdrawal) -> list[Block]:
    """Return blocks saying who withdrew a flag, when and why."""
    made = f"Withdrawn by {escape(one.by_name)}, {escape(one.by_agency)}, on {moment(one.at)}."
    return [section(made), spoken(f"{one.by_name}: {cut(one.reason, 1000)}")]


def _edit(change: FlagChange) -> list[Block]:
    """Return blocks about one edit of a flag: who made it, when, and the earlier values of the changed facts."""
    made = context(f"Changed by {escape(change.by_name)} on {moment(change.at)}. Before:")
    before = change.before
    if before is None:
        return [made, spoken("(erased)")]
    lines = [f"{_FACTS[name]}: {cut(_fact(getattr(before, name)), 600)}" for name in change.names if name in _FACTS]
    if {"risk_tool", "risk_level"} & set(change.names):
        lines.append(f"Risk level: {change.risk.words if change.risk else '–'}")
    return [made, spoken(cut("\n".join(lines), 2400))]


#: The label of each fact, for an edit that shows the fact alone. The level of risk has its own line.
_FACTS: Final = {
    "age_band": "Age",
    "legal_status": "Legal status",
    "purpose": "Purpose",
    "lead_professional": "Lead professional",
    "urgency": "Urgency",
    "themes": "Themes",
    "score": "Score",
    "assessed_on": "Date assessed",
    "assessment_due_on": "Assessment due by",
    "judgement": "Judgement",
    "childs_voice": "The child's voice",
    "asked_of_panel": "Request to the panel",
    "missing_episodes": "Missing episodes",
    "interviews_offered": "Return interviews offered",
    "interviews_within_72h": "Return interviews within 72 hours",
    "answers": "Further facts",
}


def _fact(value: object) -> str:
    """Return the value of one fact about a case as text, or a dash if the fact is empty."""
    if isinstance(value, Word):
        return value.label
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Answer):
        return value.words
    if isinstance(value, tuple):
        return ", ".join(map(_fact, value)) or "–"
    return str(value) if value not in (None, "") else "–"


def _became(hearing: Hearing) -> str:
    by = f", flagged as {escape(hearing.flag.flagged_as)}" if hearing.flag.flagged_as else ""
    return _came_of(hearing) + by


def _came_of(hearing: Hearing) -> str:
    flag = hearing.flag
    if flag.is_merged:
        return "heard together with another flag"
    if hearing.passed is not None:
        return hearing.passed.label
    return f"sent on to {escape(flag.sent_on_to)}" if flag.sent_on_to else flag.state.label


def _kept_by(flag: FlagView) -> Block:
    return context(f"{escape(flag.panel_title)} keeps the record of what was said there. Its chair may tell you more.")


def _action_line(action: ActionView) -> Block:
    return context(
        f"*{action.id}* {escape(cut(action.text, 300))}{kind_of(action)} · {escape(action.agency_name)} · "
        f"due {day(action.due_on)} · {action.state.label}"
    )


def triaged_notice(flag: FlagView, reason: str) -> Said:
    """Return a message telling a flagger what the chair decided. A button shows the chair's reason."""
    what = {
        FlagState.DEFERRED: "is deferred to a later meeting",
        FlagState.SIGNPOSTED: "belongs elsewhere",
        FlagState.ACCEPTED: f"is accepted for the meeting on {moment(flag.meeting_at)}",
    }.get(flag.state, f"is {flag.state.label}")
    if flag.sent_on_to:
        what = f"goes to {escape(flag.sent_on_to)} instead"
    text = f"{escape(flag.reference)}, flagged to {escape(flag.panel_title)}, {what}."
    return text, (section(text, button("Show the reason", "case.reason", flag.id) if reason else None),)


def triage_reason(found: tuple[FlagView, str]) -> View:
    """Return a modal with the chair's reason for the decision on a flag."""
    flag, reason = found
    text, *_ = triaged_notice(flag, reason)
    return modal("notice", flag.reference, [section(text), spoken(f"The chair: {reason}")], submit=None)


def closed_notice(flag: FlagView) -> Said:
    """Return a message to readers of a closed item: a person who can't see the item flagged the same case."""
    text = (
        f"{escape(flag.reference)}, a closed item, was flagged to {escape(flag.panel_title)} by "
        f"{escape(flag.presenter_name)}, {escape(flag.agency_name)}, who is not one of its readers."
    )
    return text, (section(text, button("Open", "case.history", f"{flag.reference}|{FIRST}")),)
