"""Correcting an agency's own flag before triage. The earlier values are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.case_facts import ASSESSMENT, accept_facts
from bot.domain.language.day_words import date_words
from bot.domain.language.identifiers import check_reference
from bot.domain.optional_facts import accept_answers
from bot.domain.panel_definition import OptionalFact, RiskTool
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.vocabulary import FlagState
from bot.records.access.queries import Standing, Where, find_panel, local_time, readable_cases, require, today_at
from bot.records.cases.changes import share_assessment
from bot.records.cases.edits import edit_flag as keep_edit
from bot.records.cases.queries import FlagView, as_if_new, live_flag, view_flag
from bot.records.cases.standing_flags import flag_of_agency
from bot.records.diary.queries import lock_diary
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class FlagToEdit:
    """An agency's own flag, with the risk tools and optional facts of the form that corrects it."""

    flag: FlagView
    tools: Sequence[RiskTool]
    asked: Sequence[OptionalFact]  #: questions that this panel asks in addition to those of every panel


def flag_to_edit(work: Work, actor: Actor, where: Where, reference: str) -> FlagToEdit:
    """Return the agency's own flag of a case, for the form that corrects it.

    Raise Mistake after triage. The error says what to do instead.
    """
    standing = find_panel(work, actor, where, Verb.FLAG)
    flag, case, meeting = flag_of_agency(work, standing, check_reference(reference))
    _check(work, standing, flag, case, meeting)
    definition = work.definition(standing.panel.definition)
    return FlagToEdit(_seen(work, actor, flag), definition.risk_tools, definition.optional_facts)


def edit_flag(work: Work, actor: Actor, flag_id: int, given: Mapping[str, object]) -> FlagView:
    """Change the facts of the agency's own flag, and keep the earlier values.

    `given` is a dict from field names of `CaseFacts` to new values. Answers to other panels' questions stay as they
    are. Raise Mistake, attached to the field at fault, if a fact is wrong. Raise also the errors of `flag_to_edit`.
    """
    flag = work.session.get(Flag, flag_id)
    if flag is None:
        raise NotForYou("that flag")
    standing = require(work, actor, flag.panel_id, Verb.FLAG, noun="that flag")
    lock_diary(work, standing.panel_id)
    case = work.session.get_one(Case, flag.case_id)
    try:
        flag, case, meeting = flag_of_agency(work, standing, case.reference)
    except NotForYou:
        raise NotForYou("that flag") from None
    _check(work, standing, flag, case, meeting)
    before, definition = view_flag(work, flag).facts, work.definition(standing.panel.definition)
    answered = accept_answers(definition.optional_facts, given.get("answers"), before.answers, today=work.now.date())
    facts = accept_facts(given, today_at(work, standing.panel), definition.risk_tools, answered)
    names = keep_edit(work, flag, case, before, facts, actor.person_id)
    if not names:
        raise Mistake("You haven't changed anything yet. Change an answer, or close the form.", field="purpose")
    if flag.assessed_on is not None and set(names) & set(ASSESSMENT):
        share_assessment(work, flag, is_withheld=not readable_cases(work, actor.person_id, [flag.case_id]))
    work.audit("edit", "case", case.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return _seen(work, actor, flag)


def _check(work: Work, standing: Standing, flag: Flag, case: Case, meeting: Meeting) -> None:
    """Raise NotAllowed unless the flag is of the person's own agency, and Mistake if it can no longer be corrected."""
    reference, panel_key = case.reference, standing.panel.key
    if flag.agency_id != standing.actor.agency_id:
        raise NotAllowed(
            f"Another agency flagged {reference}. To add what your agency knows: `/case flag {reference} {panel_key}`."
        )
    if meeting.opened_at is not None:
        raise Mistake(f"The meeting that hears {reference} has begun. Tell the meeting what has changed.")
    if flag.origin_id is not None:
        raise Mistake(
            f"The panel itself decided to hear {reference} again. To say what has changed: "
            f"`/case flag {reference} {panel_key}`."
        )
    there = live_flag(work, flag.case_id, flag.meeting_id)
    is_known = bool(readable_cases(work, standing.actor.person_id, [flag.case_id]))
    if flag.triaged_at is not None or (is_known and there is not None and there.state is FlagState.ACCEPTED):
        on = local_time(work, standing.panel, meeting.starts_at).date()
        raise Mistake(
            f"The chair has accepted {reference} for {date_words(on)}, so the flag can't change now. "
            f"Say in the meeting what has changed, or withdraw the case (`/case withdraw {reference} "
            f"{panel_key} because "
            "REASON`) and flag it again."
        )


def _seen(work: Work, actor: Actor, flag: Flag) -> FlagView:
    """Return a flag as the person may see it, and record that the person has read the case."""
    if not readable_cases(work, actor.person_id, [flag.case_id]):
        return as_if_new(view_flag(work, flag))
    work.saw(actor.person_id, [(flag.case_id, flag.panel_id)])
    return view_flag(work, flag)
