"""The extract: one child's part of a panel's minutes, from one meeting or all, for that child's file."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlmodel import col, select

from bot.documents.extract import ExtractFacts, HearingFacts, render_extract
from bot.documents.meeting_facts import ActionFacts
from bot.documents.minutes import ItemFacts
from bot.documents.papers import File
from bot.domain.language.day_words import YearDay
from bot.domain.language.references import ANOTHER_CHILD, hider_of_references
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.cases import Case
from bot.models.meetings import Meeting
from bot.models.minutes import Minutes, MinutesPart
from bot.records.access.queries import Standing, Where, find_panel, local_time, readable, require, today_at
from bot.records.cases.before_panel import case_before
from bot.records.cases.references import references_leading_to
from bot.records.minutes.queries import IS_APPROVED, held_on
from bot.services.minutes.papers import version_facts
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

_Said = TypeVar("_Said", ItemFacts, ActionFacts)


@dataclass(frozen=True, slots=True)
class ExtractSent:
    """The case whose extract is being sent, and the number of meetings whose minutes the extract is from."""

    reference: str
    panel_title: str
    meetings: int  #: from the minutes of how many


def export_extract(
    work: Work, actor: Actor, where: Where, reference: str, *, request_key: str, on: YearDay | None = None
) -> ExtractSent:
    """Send the asker one child's part of the minutes as a Word file.

    `on` is the day of one meeting. Without it, take all meetings of the panel. `request_key` names this request. Raise
    NotForYou for a case that the asker may not read or that doesn't exist, and Mistake if no minutes are about the
    case.
    """
    standing = find_panel(work, actor, where, Verb.READ_MINUTES)
    case = case_before(work, standing.panel_id, reference, readable(actor.person_id))
    meeting_id = None if on is None else held_on(work, standing, on)
    found = _versions(work, standing, id_of(case), meeting_id)
    if not found:
        which = "no minutes" if on is None else "no minutes of that meeting"
        raise Mistake(f"There are {which} of {standing.panel.title} about this case that you may read.")
    work.audit("export", "extract", meeting_id, panel_id=standing.panel_id, actor_id=actor.person_id, case_id=case.id)
    ids = {"panel_id": standing.panel_id, "case_id": id_of(case), "meeting_id": meeting_id}
    work.tell(actor.person_id, Notice.EXTRACT_FILE, once=request_key, **ids)
    return ExtractSent(case.reference, standing.panel.title, len(found))


def extract_document(work: Work, actor: Actor, case_id: int, panel_id: int, meeting_id: int | None) -> File:
    """Return one child's part of the minutes as a Word file. Raise NotForYou if the person may not read the case."""
    standing = require(work, actor, panel_id, Verb.READ_MINUTES, noun="that case")
    case = work.find(Case, col(Case.id) == case_id, readable(actor.person_id))
    if case is not None and case.merged_into_id is not None:
        case = work.find(Case, col(Case.id) == case.merged_into_id, readable(actor.person_id))
    if case is None:
        raise NotForYou("that case")
    found = _versions(work, standing, id_of(case), meeting_id)
    hide = _hider(work, case)
    hearings = tuple(
        hearing
        for minutes, meeting in found
        for hearing in _hearings(work, standing, minutes, meeting, id_of(case), hide)
    )
    if not hearings:
        raise NotForYou("that case")
    panel = standing.panel
    facts = ExtractFacts(
        panel=panel.title,
        reference=case.reference,
        confidentiality=work.definition(panel.definition).printed_statement,
        marking=work.definition(panel.definition).marking,
        made_on=today_at(work, panel),
        made_for=f"{actor.name}, {actor.agency_name}",
        hearings=hearings,
    )
    which = (
        hearings[0].on.isoformat() if len(hearings) == 1 else f"{hearings[0].on:%Y-%m-%d}-to-{hearings[-1].on:%Y-%m-%d}"
    )
    return File(
        name=f"{panel.key}-{which}-extract{'' if all(one.approved_on for one in hearings) else '-draft'}.docx",
        title=f"Extract from minutes, {panel.title}",
        write=partial(render_extract, facts, work.templates),
        panel_id=panel_id,
        meeting_id=meeting_id,
        case_ids=frozenset({id_of(case)}),
    )


def _versions(work: Work, standing: Standing, case_id: int, meeting_id: int | None) -> list[tuple[Minutes, Meeting]]:
    """Return the latest version of each meeting's minutes that are about the case, the earliest meeting first.

    Versions that the person may not have are left out: only people who record or chair may have drafts.
    """
    query = (
        select(Minutes, Meeting)
        .join(Meeting, col(Meeting.id) == col(Minutes.meeting_id))
        .where(col(Meeting.panel_id) == standing.panel_id)
        .order_by(col(Meeting.starts_at), col(Minutes.version))
    )
    if meeting_id is not None:
        query = query.where(col(Meeting.id) == meeting_id)
    if not standing.may(Verb.DRAFT_MINUTES):
        query = query.where(IS_APPROVED)
    latest = {id_of(meeting): (minutes, meeting) for minutes, meeting in work.session.execute(query)}
    numbers = [id_of(minutes) for minutes, _ in latest.values()]
    telling = select(MinutesPart.minutes_id).where(
        col(MinutesPart.minutes_id).in_(numbers), col(MinutesPart.case_id) == case_id
    )
    of_case = set(work.session.exec(telling))
    return [(minutes, meeting) for minutes, meeting in latest.values() if minutes.id in of_case]


def _hearings(
    work: Work, standing: Standing, minutes: Minutes, meeting: Meeting, case_id: int, hide: Callable[[str], str]
) -> list[HearingFacts]:
    """Return what one version of the minutes says of the case's hearing.

    The list is empty if the version contains only an action on the case.
    """
    said, _ = version_facts(work, standing, minutes, of_cases={case_id})
    there = dict.fromkeys(one.agency for one in said.present)
    return [
        HearingFacts(
            on=local_time(work, standing.panel, meeting.starts_at).date(),
            when=said.when,
            venue=said.venue,
            chair=said.chair,
            agencies=tuple(there),
            version=said.version,
            approved_on=None if said.is_draft else said.approved_on,
            digest=said.digest,
            item=_of_child(item, hide),
            outstanding=tuple(_without_others(action, hide) for action in said.outstanding),
        )
        for item in said.items
    ]


def _of_child(item: ItemFacts, hide: Callable[[str], str]) -> ItemFacts:
    """Return an item for a child's file. It leaves out other children's actions, and the people who stepped back."""
    hidden = _without_others(item, hide)
    own = tuple(action for action in hidden.actions if action.case != ANOTHER_CHILD)
    return hidden.model_copy(update={"withdrew": (), "actions": own})


def _hider(work: Work, case: Case) -> Callable[[str], str]:
    """Return a function that replaces references of other children in a text.

    It replaces any word that has the shape of a known reference.
    """
    own = {case.reference, *(row.reference for row in references_leading_to(work, [id_of(case)]).get(id_of(case), ()))}
    return hider_of_references(list(work.session.exec(select(Case.reference))), own)


def _without_others(facts: _Said, hide: Callable[[str], str]) -> _Said:
    """Return a copy of the facts in which `hide` is applied to each text."""

    def hidden(value: Any) -> Any:
        if isinstance(value, str):
            return hide(value)
        if isinstance(value, dict):
            return {name: hidden(inner) for name, inner in value.items()}
        return [hidden(inner) for inner in value] if isinstance(value, list) else value

    return type(facts).model_validate_json(json.dumps(hidden(facts.model_dump(mode="json"))))
