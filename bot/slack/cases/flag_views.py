"""The forms with which an agency flags a case, changes its flag, and adds a later risk assessment."""

from collections.abc import Sequence
from typing import Any, Final

from bot.domain.case_facts import CaseFacts
from bot.domain.language import day_words
from bot.domain.language.identifiers import MAX_LINE
from bot.domain.optional_facts import field_of
from bot.domain.panel_definition import MOST_SCORE, FactKind, OptionalFact, RiskTool
from bot.domain.risk import RiskKey, levels_of
from bot.errors import OutOfDate
from bot.models.vocabulary import AgeBand, LegalStatus, Purpose, Theme, Urgency
from bot.records.cases.queries import FlagView
from bot.services.cases.assessments import ToAssess
from bot.services.cases.editing import FlagToEdit
from bot.slack.blocks import (
    button,
    buttons,
    capital,
    choices,
    context,
    day,
    day_input,
    escape,
    field,
    grouped_select,
    modal,
    number_input,
    section,
    select,
    text_input,
    tick_boxes,
    word_options,
)
from bot.slack.request import Block, View

#: The risk tools of a panel, and the optional facts that its definition asks for.
Asked = tuple[Sequence[RiskTool], Sequence[OptionalFact]]

#: What *Flag a case* carries if the person has several panels. No panel has this key.
ANY_PANEL: Final = "*"


def flag_button(panel_key: str, reference: str = "") -> Block:
    """Return the button that opens the form for a flag to the panel `panel_key`, with the reference filled in."""
    return button("Flag a case", "case.flag", f"{panel_key}:{reference}" if reference else panel_key)


def panels_to_hear(panels: Sequence[tuple[str, str]], reference: str = "") -> View:
    """Return a modal that asks which panel should hear a case. `panels` are pairs of key and title."""
    blocks = [section(f"*{escape(title)}*", flag_button(key, reference)) for key, title in panels]
    if reference:
        blocks.insert(0, section(f"Which panel should hear *{escape(reference)}*?"))
    return modal("notice", "Which panel?", blocks, submit=None)


def flag_form(
    reference: str,
    example: str,
    panel_title: str,
    districts: Sequence[tuple[str, str]],
    asked: Asked,
    metadata: dict[str, Any],
    given: CaseFacts | None = None,
) -> View:
    """Return the form for a flag. Facts that the agency reported earlier, in `given`, are filled in to be corrected."""
    blocks: list[Block] = [
        context(f"For {escape(panel_title)}. *References only:* no name, date of birth, address, phone or school."),
        field(
            "reference",
            "Case reference",
            text_input(initial=reference, most=20, placeholder=example),
            hint="Use your agency's own case number.",
        ),
    ]
    if districts:
        blocks.append(field("district", "Responsible district", select(districts)))
    blocks += _facts(asked, given)
    if given is None:
        blocks += [
            field(
                "cannot_wait",
                "Can't wait for that meeting?",
                text_input(lines=True, most=1000),
                optional=True,
                hint="Say why. I'll ask the chair now whether to hear the case sooner.",
            ),
            field(
                "closed",
                "Closed item",
                tick_boxes(("closed", "Only you and the chairs may see it")),
                optional=True,
                hint="Tick this only if nobody has flagged the reference before. "
                "Otherwise, the chair decides who sees the case.",
            ),
        ]
    return modal("case.flag", "Flag a case", blocks, submit="Flag", metadata=metadata)


def edit_form(found: FlagToEdit, *, is_again: bool = False) -> View:
    """Return the form that changes a flag. Its fields show the flag's present facts.

    `is_again` is for a person who wanted to flag a case that their agency has flagged already.
    """
    flag = found.flag
    already = f"{escape(flag.agency_name)} has already flagged this case. Change that flag here. " if is_again else ""
    about = f"*{escape(flag.reference)}*, {escape(flag.panel_title)}. {already}The case history keeps your changes."
    blocks = [context(about), *_facts((found.tools, found.asked), flag.facts)]
    return modal("case.edit", "Edit a flag", blocks, submit="Save", metadata={"flag": flag.id})


def edited(flag: FlagView) -> str:
    """Return a sentence saying that a flag was corrected."""
    return f"*{escape(flag.reference)}* is changed. `/case history {escape(flag.reference)}` shows the old version."


def flagged(said: str, flag: FlagView) -> View:
    """Return a modal with the sentence `said` about a flag, and a button to correct the flag."""
    edit = button("Edit", "case.edit", f"{flag.panel_key}:{flag.reference}")
    return modal("notice", "Done", [section(said), buttons(edit)], submit=None)


def _facts(asked: Asked, given: CaseFacts | None) -> list[Block]:
    """Return the fields for the facts of a case, filled in from `given`."""
    tools, optional_facts = asked
    age, status = (given.age_band.value, given.legal_status.value) if given else (None, None)
    purpose = given.purpose if given and given.purpose else Purpose.NEW
    due_on = given.assessment_due_on if given else None
    return [
        field("purpose", "Purpose", select(word_options(Purpose), initial=purpose.value)),
        field(
            "urgency",
            "Urgency",
            select(word_options(Urgency), initial=(given.urgency if given else Urgency.ROUTINE).value),
        ),
        field("age_band", "Age", select(word_options(AgeBand), initial=age)),
        field("legal_status", "Legal status", select(word_options(LegalStatus), initial=status)),
        field(
            "lead_professional",
            "Lead professional",
            text_input(
                initial=given.lead_professional if given else "",
                most=120,
                placeholder="Children's Social Care, social worker",
            ),
            optional=True,
            hint="Give the agency and role, not a name.",
        ),
        field(
            "themes",
            "Themes",
            choices(word_options(Theme), initial=[theme.value for theme in given.themes] if given else ()),
        ),
        *_assessment(tools, given, optional=True),
        field(
            "assessment_due_on",
            "No assessment yet? Due by",
            day_input(initial=due_on.isoformat() if due_on else ""),
            optional=True,
            hint="Use this instead of level and date. The panel will see that the assessment is missing. I'll remind "
            "you on that day.",
        ),
        field(
            "judgement",
            "Professional judgement",
            text_input(initial=given.judgement if given else "", lines=True),
            hint="Say what the score does not show. Don't use the tool as a tick box.",
        ),
        field(
            "childs_voice",
            "The child's voice",
            text_input(initial=given.childs_voice if given else "", lines=True),
            optional=True,
            hint="Write what the child says about their life, what they want, and who heard it.",
        ),
        field(
            "asked_of_panel",
            "Your request to the panel",
            text_input(initial=given.asked_of_panel if given else "", lines=True),
        ),
        field(
            "missing_episodes",
            "Missing episodes since last time",
            number_input(initial=given.missing_episodes if given else 0),
        ),
        field(
            "interviews_offered",
            "Return interviews offered",
            number_input(initial=given.interviews_offered if given else 0),
        ),
        field(
            "interviews_within_72h",
            "Return interviews done within 72 hours",
            number_input(initial=given.interviews_within_72h if given else 0),
        ),
        *(_optional(fact, given) for fact in optional_facts),
    ]


def _optional(fact: OptionalFact, given: CaseFacts | None) -> Block:
    """Return the field for one optional fact. An earlier answer is filled in if it is still an option."""
    answer = next((one for one in given.answers if one.key == fact.key), None) if given else None
    options = [(choice.key, capital(choice.title)) for choice in fact.choices]
    known = [key for key in answer.chosen if key in dict(options)] if answer else []
    if fact.kind is FactKind.WORDS:
        element = text_input(initial=answer.said if answer else "", most=MAX_LINE)
    elif fact.kind is FactKind.SEVERAL:
        element = choices(options, initial=known)
    else:
        element = select(options, initial=known[0] if known else None)
    return field(field_of(fact.key), fact.title, element, optional=True)


def _assessment(tools: Sequence[RiskTool], given: CaseFacts | None = None, *, optional: bool) -> list[Block]:
    """Return the fields for a risk assessment. One menu chooses the tool and its level together."""
    scored = [tool.title for tool in tools if tool.levels[0].from_score is not None]
    hint = f"{day_words.listed(scored)} only."
    number = number_input(initial=given.score if given else None, most=MOST_SCORE)
    score = field("score", "Score", number, optional=True, hint=hint)
    chosen = (given.risk_tool, given.risk_level) if given and given.risk_tool and given.risk_level else None
    on = given.assessed_on if given else None
    return [
        field("risk_level", "Risk tool and level", risk_select(tools, initial=chosen), optional=optional),
        *([score] if scored else []),
        field(
            "assessed_on",
            "Date assessed",
            day_input(initial=on.isoformat() if on else ""),
            optional=optional,
            hint="An assessment older than three months is marked as stale.",
        ),
    ]


def risk_select(tools: Sequence[RiskTool], *, initial: RiskKey | None = None) -> Block:
    """Return a menu of all tools' levels, grouped by tool. Each option's value has the tool and the level."""
    groups = (
        (capital(tool.title), [(RISK_MARK.join(risk.key), capital(risk.words)) for risk in levels_of(tool)])
        for tool in tools
    )
    return grouped_select(groups, initial=RISK_MARK.join(initial) if initial else None)


RISK_MARK = ":"  # stands between the keys of tool and level, which never contain it


def risk_key(chosen: str) -> RiskKey:
    """Return the keys of the risk tool and the risk level in a chosen option. Raise OutOfDate if either is missing."""
    tool, mark, level = chosen.partition(RISK_MARK)
    if not (tool and mark and level):
        raise OutOfDate
    return tool, level


def assessment_form(found: ToAssess) -> View:
    """Return the form for a risk assessment that was missing when the case was flagged."""
    flag = found.flag
    due = f" The assessment was due {day(flag.facts.assessment_due_on)}." if flag.facts.assessment_due_on else ""
    about = context(f"*{escape(flag.reference)}*, {escape(flag.panel_title)}.{due}")
    blocks = [about, *_assessment(found.tools, optional=False)]
    return modal("case.assess", "Add an assessment", blocks, submit="Add", metadata={"flag": flag.id})
