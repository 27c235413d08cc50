"""Flagging a case to a panel by its reference."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import col, select

from bot.domain.case_facts import accept_facts
from bot.domain.language.identifiers import accept_line, check_reference
from bot.domain.language.references import check_new_reference
from bot.domain.notices import Notice
from bot.domain.optional_facts import accept_answers
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, OutOfDate, Stranger
from bot.models.cases import Case, CaseReader, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.models.people import Agency, Area
from bot.models.vocabulary import AreaKind, ReviewAnswer
from bot.records.access.changes import name_readers
from bot.records.access.queries import (
    Standing,
    Where,
    find_panel,
    panels_where,
    readable_cases,
    require,
    today_at,
)
from bot.records.cases.before_panel import is_before
from bot.records.cases.changes import add_case, answer_review, merge_flag, new_flag, share_assessment
from bot.records.cases.queries import FlagView, as_if_new, live_flag, merged_flags, own_flag, view_flag
from bot.records.cases.references import example_reference_of, is_meant, reference_with_other_marks
from bot.records.cases.served import is_copy
from bot.records.diary.queries import lock_diary, meeting_after, next_for_cases, open_meeting
from bot.records.invitations.changes import deadlines_of
from bot.records.people.queries import agency_kept, members_who_may, presiding_or_office
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class FlagForm:
    """The values of the form that flags a case to a panel."""

    reference: str
    #: the facts as typed, by their names in `CaseFacts`; `answers` by the keys of the optional facts
    given: Mapping[str, object]
    district_key: str | None = None  #: the panel's own area when not given
    cannot_wait: str = ""  #: why it can't wait for that meeting; empty: it can
    closed: bool = False  #: a closed item, where the reference is new: the flagger and the chairs are its named readers


def panel_to_hear(work: Work, actor: Actor, where: Where) -> Standing:
    """Return the person's standing on the panel to which they want to flag a case.

    Raise Mistake if the panel hears no cases.
    """
    standing = find_panel(work, actor, where, Verb.FLAG)
    if not work.definition(standing.panel.definition).hears_cases:
        raise Mistake(f"{standing.panel.title} hears no cases. Flag the case to a panel that does.", field="reference")
    return standing


def panels_to_hear(work: Work, actor: Actor) -> list[Panel]:
    """Return the running panels to which the person may flag a case, sorted by title."""
    return [one for one in panels_where(work, actor, Verb.FLAG) if work.definition(one.definition).hears_cases]


def districts(work: Work, panel: Panel) -> list[tuple[str, str]]:
    """Return the key and name of each district that a flag to the panel may name, sorted by name.

    Only a county panel's flag names a district. A case flagged to a district's own panel belongs to that district.
    """
    if work.definition(panel.definition).level != "county":
        return []
    query = select(Area).where(col(Area.kind) == AreaKind.DISTRICT).order_by(col(Area.name))
    return [(area.key, area.name) for area in work.session.exec(query)]


def example_reference(work: Work, actor: Actor) -> str:
    """Return an example of a reference in the shape that the person's agency uses."""
    return example_reference_of(work, actor.agency_id)


def flag_case(work: Work, actor: Actor, where: Where, form: FlagForm) -> FlagView:
    """Flag a case to a panel's next meeting. A flag after the cut-off is marked late, and the chair is asked to decide.

    Raise Mistake, attached to the field at fault, if a fact is wrong or the agency has flagged the case to this meeting
    already.
    """
    panel_id = panel_to_hear(work, actor, where).panel_id
    lock_diary(work, panel_id)
    agency_id = agency_kept(work, actor.person_id)
    if agency_id is None:
        raise Stranger
    # The person's agency and place may just have changed. The flag would stay with its flagger, so both are checked
    # again.
    actor = replace(actor, agency_id=agency_id)
    standing = require(work, actor, panel_id, Verb.FLAG)
    reference = check_reference(form.reference)
    definition = work.definition(standing.panel.definition)
    answers = accept_answers(definition.optional_facts, form.given.get("answers"), today=work.now.date())
    facts = accept_facts(form.given, today_at(work, standing.panel), definition.risk_tools, answers)
    meeting = _meeting_to_hear(work, standing)
    urgent = (
        accept_line(form.cannot_wait, field="cannot_wait", missing="", today=work.now.date())
        if form.cannot_wait.strip()
        else ""
    )
    case = _case(work, actor, standing, form, reference)
    # A person who may not read the case must get the answer for a new case. Their flag is still saved.
    kept_from_them = not readable_cases(work, actor.person_id, [id_of(case)])
    there = live_flag(work, id_of(case), id_of(meeting))
    named_id = None if case.reference == reference else id_of(_named(work, reference))
    theirs = (
        own_flag(work, actor, case, meeting, named_id) if kept_from_them else _of_agency(work, agency_id, case, meeting)
    )
    if theirs is not None:
        raise Mistake(
            f"{reference} is flagged to that meeting already. To change the flag: `/case edit {reference}`.",
            field="reference",
        )
    is_late = today_at(work, standing.panel) > deadlines_of(work, standing.panel, meeting).flags_close
    flag = new_flag(work, case, meeting, facts, agency_id=agency_id, person_id=actor.person_id, is_late=is_late)
    flag.named_id = named_id
    if urgent:
        flag.urgent_because = work.seal(case.data_key_id, urgent)
    if there is not None:
        merge_flag(work, flag, there)
    _answer_reviews(work, flag, actor)
    work.session.add(flag)
    work.session.flush()
    if flag.assessed_on is not None:
        share_assessment(work, flag, is_withheld=kept_from_them)
    work.audit("flag", "case", case.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    view = own = view_flag(work, flag)
    if there is not None and not kept_from_them:  # the live flag, with the facts and assessment that this agency gave
        view = replace(view_flag(work, there), facts=own.facts, risk=own.risk, is_stale=own.is_stale)
    if kept_from_them:
        # The named readers are told of this flag, since nobody else may know of it.
        for reader_id in work.session.exec(select(CaseReader.person_id).where(col(CaseReader.case_id) == case.id)):
            work.tell(reader_id, Notice.CLOSED_FLAG, flag_id=id_of(flag))
        if urgent:
            _ask_chair(work, actor, flag, Notice.URGENT_FLAG)
        return as_if_new(view)
    if urgent or (there is None and open_meeting(work, standing.panel_id) is not None):
        _ask_chair(work, actor, flag, Notice.URGENT_FLAG)
    elif is_late and there is None:
        _ask_chair(work, actor, flag, Notice.LATE_FLAG)
    return view


def _answer_reviews(work: Work, flag: Flag, actor: Actor) -> None:
    """Record the new flag as the agency's answer, if the agency was asked what has changed about the case."""
    if not readable_cases(work, actor.person_id, [flag.case_id]):
        return
    there = live_flag(work, flag.case_id, flag.meeting_id)
    for one in [*([there] if there else []), *merged_flags(work, flag.case_id, flag.meeting_id)]:
        if one.review_answer is not None and one.agency_id == flag.agency_id:
            answer_review(one, ReviewAnswer.CHANGED, actor.person_id, work.now)
            work.session.add(one)


def _ask_chair(work: Work, actor: Actor, flag: Flag, notice: Notice) -> None:
    """Queue a notice that asks the panel's chairs whether, or when, a flagged case is heard.

    If the flagger is one of these people, they are not asked.
    """
    for person in presiding_or_office(work, flag.panel_id):
        if person.id != actor.person_id:
            work.tell(id_of(person), notice, once=notice.value, flag_id=id_of(flag))


def _of_agency(work: Work, agency_id: int, case: Case, meeting: Meeting) -> Flag | None:
    """Return the agency's own flag of a case to a meeting, or None if there is none. Copies of flags don't count."""
    flags = [live_flag(work, id_of(case), id_of(meeting)), *merged_flags(work, id_of(case), id_of(meeting))]
    theirs = (flag for flag in flags if flag is not None and flag.agency_id == agency_id)
    return next((flag for flag in theirs if not is_copy(flag)), None)


def _meeting_to_hear(work: Work, standing: Standing) -> Meeting:
    meeting = next_for_cases(work, standing.panel_id)
    if meeting is None:
        meeting = open_meeting(work, standing.panel_id)
        if meeting is not None and not meeting.is_extraordinary:  # the last in the diary: the case has no other meeting
            return meeting
        raise Mistake(
            f"{standing.panel.title} has no meeting in the diary yet, so nothing was saved. Ask its co-ordinator."
        )
    if meeting.starts_at <= work.now:  # about to open, so new cases go to the next one
        return meeting_after(work, standing.panel_id, work.now) or meeting
    return meeting


def _case(work: Work, actor: Actor, standing: Standing, form: FlagForm, reference: str) -> Case:
    """Return the case with this reference. Add a new case if the reference is new.

    An existing case keeps its district and its readers. Raise Mistake if the form says "closed" and the case is before
    this panel already without being a closed item.
    """
    area_id = _district(work, standing, form.district_key)
    case = work.find(Case, is_meant(reference))
    # A case kept from this person gets the answer for a new reference, so its shape is checked like a new one.
    is_new_to_them = case is None or not readable_cases(work, actor.person_id, [id_of(case)])
    if is_new_to_them:
        agency = work.session.get_one(Agency, actor.agency_id)
        today = today_at(work, standing.panel)
        check_new_reference(reference, shape=agency.reference_pattern, agency=agency.name, today=today)
    if case is None:
        if (there := reference_with_other_marks(work, actor, reference)) is not None:
            raise Mistake(f"{there} is known already. If you mean that child, write {there}.", field="reference")
        case = add_case(work, reference, area_id, is_closed=form.closed)
    elif not form.closed or case.is_closed or is_new_to_them:
        return case  # a closed item kept from this person gets the answer for a new reference
    elif is_before(work, case, standing.panel_id):
        raise Mistake(
            f"{reference} is already on {standing.panel.title}, so a flag can't make it a closed item. "
            "Leave the tick out, or ask the chair to make it a closed item first: "
            f"`/case close-item {reference} {standing.panel.key} because REASON`.",
            field="closed",
        )
    elif is_before(work, case):
        return case  # no error, since this person must not learn which panels hear it
    case.is_closed = form.closed
    if form.closed:
        _name_readers(work, actor, standing, case)
    return case


def _named(work: Work, reference: str) -> Case:
    """Return the case row with this reference, which was merged into another case."""
    return work.session.exec(select(Case).where(col(Case.reference) == reference)).one()


def _name_readers(work: Work, actor: Actor, standing: Standing, case: Case) -> None:
    """Make the flagger and the chairs of the panel the named readers of a new closed item."""
    chairs = {id_of(person) for person in members_who_may(work, standing.panel_id, Verb.TRIAGE)}
    name_readers(work, [id_of(case)], {actor.person_id} | chairs)


def _district(work: Work, standing: Standing, key: str | None) -> int:
    if key is None:
        return standing.panel.area_id
    if key not in {each for each, _ in districts(work, standing.panel)}:
        raise OutOfDate("that district")  # a district that the form did not offer, whether it exists or not
    return id_of(work.session.exec(select(Area).where(col(Area.key) == key)).one())
