"""Views of flags and hearings, the same in every list. Cases kept from the reader are left out."""

import json
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from bot.domain.case_facts import NARRATIVE, WITHOUT_WORDS, CaseFacts, is_repeat, is_stale
from bot.domain.case_origin import FLAGGED_HERE, CaseOrigin, Passed, Review
from bot.domain.decisions import excluded_by
from bot.domain.flag_state import LIVE_STATES
from bot.domain.optional_facts import Answer
from bot.domain.permissions import Actor
from bot.domain.risk import Risk
from bot.domain.states import UNCONFIRMED_STATES
from bot.models.actions import Action
from bot.models.cases import Case, Flag, Recusal
from bot.models.meetings import AgendaItem, Decision, Meeting
from bot.models.panels import Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import DecisionKind, FlagState, ItemState, MeetingState, Theme
from bot.records.access.queries import Standing, local_time, readable
from bot.records.actions.queries import opened_or_erased
from bot.records.cases.decisions import IS_DECIDED, IS_FLAG_DECIDED, IS_FLAG_HEARD, DecisionView, decisions_of_flags
from bot.records.cases.origins import origins_of, origins_served, panels_sent_to, passed_at, reasons_sent, sent_to
from bot.records.cases.references import references_leading_to
from bot.records.cases.served import is_concern_of, is_folded, is_merged_away, merged_into
from bot.records.cases.withdrawals import FlagWithdrawal
from bot.records.people.queries import names_of
from bot.store.key_ring import Erased
from bot.store.rows import WHOLE, Page, grouped, id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Concern:
    """What a merged flag says of the case. The flag is by another agency, or uses another reference of the child."""

    agency_name: str
    person_name: str
    facts: CaseFacts  #: as that agency gave them, without its words in lists
    risk: Risk | None  #: the level in them; none: not assessed yet
    review: Review | None = None  #: what the agency says has changed; none: not asked
    flagged_as: str = ""  #: the reference it was flagged by, where that leads to the case now


@dataclass(frozen=True, slots=True)
class FlagView:
    """One flag as a reader sees it, with what was known of the case when it was flagged."""

    id: int
    case_id: int
    reference: str
    state: FlagState
    facts: CaseFacts  #: as the agency gave them; without its words where a list shows none
    risk: Risk | None  #: the level in them; none: not assessed yet
    is_late: bool
    is_escalated: bool
    is_repeat: bool  #: heard by this or a sister panel within the definition's months
    is_stale: bool  #: the assessment, on the day of the meeting
    is_closed_item: bool
    agency_name: str
    presenter_id: int
    presenter_name: str
    flagged_at: datetime
    panel_id: int
    panel_key: str
    panel_title: str
    meeting_id: int
    meeting_at: datetime  #: the panel's own time
    last_heard_on: date | None
    origin: CaseOrigin = FLAGGED_HERE  #: why the case is before that meeting
    review: Review | None = None  #: what the agency says has changed; none: no review, or not asked
    sent_because: str = ""  #: why another panel's chair sent it here at triage
    cannot_wait: bool = False  #: the flagger says so
    urgent_because: str = ""  #: the flagger's reason
    sooner_because: str = ""  #: why the chair hears it before its meeting
    sent_on_to: str = ""  #: the title of the panel to which the chair sent it instead
    concerns: tuple[Concern, ...] = ()  #: of other agencies or references, in the order in which they were flagged
    also: tuple[str, ...] = ()  #: references that lead to the case since they were merged into it
    flagged_as: str = ""  #: the reference it was flagged by, if it is one of those in `also`
    is_merged: bool = False  #: the hearing of another flag at that meeting serves it too
    is_carried: bool = False  #: this flag itself was carried over from an earlier meeting


@dataclass(frozen=True, slots=True)
class FlagChange:
    """One edit of a flag by its agency, with the facts as they were before the edit."""

    by_name: str
    at: datetime  #: the panel's own time
    names: tuple[str, ...]  #: of the facts that were changed, by their names in `CaseFacts`
    before: CaseFacts | None  #: as they were; none: erased
    risk: Risk | None  #: the level in them


@dataclass(frozen=True, slots=True)
class Hearing:
    """One hearing of a case by a panel, with its decisions."""

    flag: FlagView
    decisions: tuple[DecisionView, ...]  #: those in force, in the order in which they were made
    edits: tuple[FlagChange, ...] = ()  #: of the flag, the latest first, where they were asked for
    withdrawal: FlagWithdrawal | None = None  #: of the flag, where it was asked for
    passed: Passed | None = None  #: what became of it at a meeting that is over and decided nothing on it


#: Selects flags with their cases.
FLAGS_AND_CASES: Final = select(Flag, Case).join(Case, col(Case.id) == col(Flag.case_id))
#: The SQL condition on Flag, true if it is neither withdrawn nor signposted, so that a panel hears its case.
IS_HEARD: Final = col(Flag.state).not_in([FlagState.WITHDRAWN, FlagState.SIGNPOSTED])
#: The SQL condition on Action, true if the panel has not accepted it yet.
IS_OWED: Final = col(Action.state).in_(sorted(UNCONFIRMED_STATES))
_SEALED: Final = (*NARRATIVE, "answers", "urgent_because", "sooner_because")
_NO_REASONS: Final[dict[str, Any]] = dict.fromkeys(("sent_because", "urgent_because", "sooner_because"), "")
#: A later flag of the same case. The alias is made once, since SQLAlchemy makes one from every column.
_NEWER = aliased(Flag)
_SERVING = aliased(Flag)  #: by which the meeting hears the case
#: A flag with its case, the panel it was flagged to and the meeting that is to hear it.
Flagged = tuple[Flag, Case, Panel, Meeting]


def view_flag(work: Work, flag: Flag) -> FlagView:
    """Return the view of a flag. The caller has checked that the reader may read the case."""
    case = work.session.get_one(Case, flag.case_id)
    panel = work.session.get_one(Panel, flag.panel_id)
    return view_flags(work, [(flag, case, panel, work.session.get_one(Meeting, flag.meeting_id))])[0]


def view_flags(work: Work, flagged: Sequence[Flagged], *, with_words: bool = True) -> list[FlagView]:
    """Return the views of flags, in the order given. The number of statements does not grow with the number of flags.

    The caller has checked that the reader may read the cases. If `with_words` is False, what people wrote is left out.
    """
    if not flagged:
        return []
    merged = merged_into(work, [flag for flag, *_ in flagged])
    every = [*(flag for flag, *_ in flagged), *(one for each in merged.values() for one in each)]
    agencies = names_of(work, Agency, {flag.agency_id for flag in every})
    people = names_of(work, Person, {one for flag in every for one in (flag.person_id, flag.reviewed_by_id) if one})
    heard = days_heard(work, {id_of(case) for _, case, *_ in flagged})
    origin_ids = origins_served(work, [flag for flag, *_ in flagged])
    origins = origins_of(work, [flag for flag, *_ in flagged], origin_ids)
    sent_on_to = panels_sent_to(work, [flag for flag, *_ in flagged])
    leading = references_leading_to(work, {id_of(case) for _, case, *_ in flagged})
    named = {row.id: row.reference for rows in leading.values() for row in rows}
    because: dict[int, bytes] = {}
    if with_words:
        because = reasons_sent(work, [flag for flag, *_ in flagged], origin_ids)
        sealed = (getattr(flag, name) for flag in every for name in _SEALED)
        work.keys.fetch(work.session, (words for words in (*sealed, *because.values()) if words))
    views = []
    for flag, case, panel, meeting in flagged:
        definition = work.definition(panel.definition)
        meeting_at = local_time(work, panel, meeting.starts_at)
        last_heard_on = last_before(heard.get(id_of(case), ()), meeting)
        views.append(
            FlagView(
                id=id_of(flag),
                case_id=id_of(case),
                reference=case.reference,
                state=flag.state,
                facts=_facts(work, flag, with_words=with_words),
                risk=work.risk(flag.risk_tool, flag.risk_level),
                is_late=flag.is_late,
                is_escalated=flag.is_escalated,
                is_repeat=is_repeat(last_heard_on, meeting_at.date(), definition.repeat_within_months),
                is_stale=is_stale(flag.assessed_on, meeting_at.date(), definition.stale_after_months),
                is_closed_item=case.is_closed,
                agency_name=agencies[flag.agency_id],
                presenter_id=flag.person_id,
                presenter_name=people[flag.person_id],
                flagged_at=flag.flagged_at,
                panel_id=id_of(panel),
                panel_key=panel.key,
                panel_title=panel.title,
                meeting_id=id_of(meeting),
                meeting_at=meeting_at,
                last_heard_on=last_heard_on,
                origin=origins[id_of(flag)],
                review=_review(work, panel, flag, agencies, people),
                sent_because=_opened(work, because.get(id_of(flag))),
                cannot_wait=flag.urgent_because is not None,
                urgent_because=_opened(work, flag.urgent_because) if with_words else "",
                sooner_because=_opened(work, flag.sooner_because) if with_words else "",
                sent_on_to=sent_on_to.get(id_of(flag), ""),
                concerns=tuple(
                    Concern(
                        agencies[one.agency_id],
                        people[one.person_id],
                        _facts(work, one, with_words=with_words),
                        work.risk(one.risk_tool, one.risk_level),
                        _review(work, panel, one, agencies, people),
                        named.get(one.named_id, ""),
                    )
                    for one in merged.get(id_of(flag), ())
                ),
                also=tuple(row.reference for row in leading.get(id_of(case), ())),
                flagged_as=named.get(flag.named_id, ""),
                is_merged=is_merged_away(flag),
                is_carried=flag.carried_from_id is not None,
            )
        )
    return views


def _opened(work: Work, words: bytes | None) -> str:
    return opened_or_erased(work, words) if words else ""


def _review(
    work: Work, panel: Panel, flag: Flag, agencies: Mapping[int, str], people: Mapping[int, str]
) -> Review | None:
    """Return the agency's answer to the review of its flag, or None if the agency was not asked."""
    if flag.review_answer is None:
        return None
    by_name = people[flag.reviewed_by_id] if flag.reviewed_by_id is not None else ""
    on = local_time(work, panel, flag.reviewed_at).date() if flag.reviewed_at is not None else None
    return Review(flag.review_answer, agencies[flag.agency_id], by_name, on)


def _facts(work: Work, flag: Flag, *, with_words: bool) -> CaseFacts:
    """Return a flag's facts, without validating them, so that facts from before a change of the rules can be shown."""
    given = {name: getattr(flag, name) for name in CaseFacts.model_fields}
    for name in NARRATIVE:
        given[name] = opened_or_erased(work, given[name]) if with_words and given[name] else ""
    given["answers"] = _answers(work, flag) if with_words else ()
    given["themes"] = tuple(Theme(theme) for theme in flag.themes)
    return CaseFacts.model_construct(**given)


def _answers(work: Work, flag: Flag) -> tuple[Answer, ...]:
    """Return the agency's answers to optional facts, or an empty tuple if their key was destroyed."""
    if flag.answers is None:
        return ()
    try:
        return tuple(Answer.model_validate(one) for one in json.loads(work.open(flag.answers)))
    except Erased:
        return ()


def days_heard(work: Work, case_ids: Collection[int]) -> dict[int, list[datetime]]:
    """Return a dict from case id to the starts of all panels' meetings that discussed the case, the earliest first."""
    rows = work.session.execute(
        select(col(Flag.case_id), col(Meeting.starts_at))
        .join(AgendaItem, col(AgendaItem.flag_id) == col(Flag.id))
        .join(Meeting, col(Meeting.id) == col(AgendaItem.meeting_id))
        .where(col(Flag.case_id).in_(case_ids), col(AgendaItem.state) == ItemState.DISCUSSED)
        .order_by(col(Meeting.starts_at))
    )
    return grouped((case_id, starts_at) for case_id, starts_at in rows)


def last_before(heard: Sequence[datetime], meeting: Meeting) -> date | None:
    """Return the UTC date of the last moment in `heard` before the meeting, or None. `heard` is sorted."""
    before = bisect_left(heard, meeting.starts_at)
    return heard[before - 1].date() if before else None


def hearings_of_each(
    work: Work,
    case_ids: Collection[int],
    before: Meeting | None = None,
    *,
    whole: Collection[int] = (),
    conditions: Sequence[ColumnElement[bool]] = (),
    page: Page = WHOLE,
    with_words: bool = True,
    withdrawn: bool = False,
) -> dict[int, tuple[Hearing, ...]]:
    """Return a dict from case id to the case's hearings at every panel, the newest first.

    `before` leaves out hearings at or after that meeting. Hearings are complete if they were at a panel in `whole`, at
    the panel of `before`, or at a panel that sent the case to one of these. Other hearings have only date and
    decisions. If `with_words` is False, what people wrote is left out. `withdrawn` adds withdrawn flags to the former.
    """
    own = {*whole, before.panel_id} if before is not None else set(whole)
    query = (
        select(Flag, Case, Panel, Meeting)
        .add_columns(sent_to(own), IS_FLAG_HEARD)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .join(Panel, col(Panel.id) == col(Flag.panel_id))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(*_heard(case_ids, before, own, withdrawn=withdrawn), *conditions)
        .order_by(col(Meeting.starts_at).desc(), col(Flag.id).desc())
    )
    rows = work.session.execute(page.of(query)).all()
    passed = {id_of(flag): passed_at(work, flag, meeting, bool(said)) for flag, _, _, meeting, _, said in rows}
    flagged = [(flag, case, panel, meeting) for flag, case, panel, meeting, *_ in rows]
    theirs = {id_of(flag) for flag, *_, is_sent, _ in rows if is_sent or flag.panel_id in own}
    decided = decisions_of_flags(work, [id_of(flag) for flag, *_ in flagged], with_words=with_words) if flagged else {}
    found: dict[int, list[Hearing]] = {}
    for view in view_flags(work, flagged, with_words=with_words):
        made = decided.get(view.id, ())
        hearing = Hearing(view, made, passed=None if made else passed[view.id])
        found.setdefault(view.case_id, []).append(hearing if view.id in theirs else _outline(hearing))
    return {case_id: tuple(heard) for case_id, heard in found.items()}


def count_hearings(
    work: Work, case: Case, *, whole: Collection[int] = (), conditions: Sequence[ColumnElement[bool]] = ()
) -> int:
    """Return how many hearings `hearings_of_each` would return for one case, if called with the same arguments."""
    heard = _heard([id_of(case)], None, set(whole), withdrawn=True)
    count: int = work.session.execute(select(func.count()).select_from(Flag).where(*heard, *conditions)).scalar_one()
    return count


def _heard(
    case_ids: Collection[int], before: Meeting | None, own: Collection[int], *, withdrawn: bool
) -> list[ColumnElement[bool]]:
    """Return SQL conditions on Flag: the flag is to a panel in `own`, or to another panel that decided on the case."""
    stands, is_own = col(Flag.state) != FlagState.WITHDRAWN, col(Flag.panel_id).in_(own)
    conditions = [
        col(Flag.case_id).in_(case_ids),
        ~and_(is_folded(), col(Flag.origin_id).is_not(None)),  # a merged copy adds nothing to the hearing
        or_(is_own, and_(IS_FLAG_DECIDED, stands)) if withdrawn else and_(or_(is_own, IS_FLAG_DECIDED), stands),
    ]
    if before is not None:
        conditions.append(col(Meeting.starts_at) < before.starts_at)
    return conditions


def _outline(hearing: Hearing) -> Hearing:
    """Return another panel's hearing with only its date and decisions, without anything that people wrote."""
    facts = hearing.flag.facts.model_copy(update=WITHOUT_WORDS)
    flag = replace(hearing.flag, facts=facts, origin=FLAGGED_HERE, review=None, concerns=(), **_NO_REASONS)
    return Hearing(flag, tuple(replace(decision, rationale="", risk_judgement="") for decision in hearing.decisions))


def transfer_to_accept(earlier: Sequence[Hearing], panel_id: int) -> DecisionView | None:
    """Return the panel's newest transfer among these hearings that the other area has yet to accept, or None."""
    for hearing in earlier:
        for decision in reversed(hearing.decisions) if hearing.flag.panel_id == panel_id else ():
            if decision.kind is DecisionKind.TRANSFER:
                return decision
            if decision.kind in excluded_by(DecisionKind.TRANSFER):
                return None
    return None


def needs_triage(flag: Flag) -> bool:
    """Return whether an agency made the flag itself and the chair has yet to triage it.

    A flag that was merged into another before triage counts too. A copy that a decision or another panel's chair made
    doesn't count, since the agency didn't flag the case to this meeting itself.
    """
    waits = flag.state is FlagState.OPEN or (flag.state is FlagState.DEFERRED and flag.triaged_at is None)
    return waits and flag.origin_id is None


def flagged_themselves(work: Work, flag: Flag, person_id: int) -> bool:
    """Return whether the person made this flag, so that they may see it even if they may not read the case.

    Return False for a copy that a decision or another panel's chair made, although the copy names the person as
    presenter. Return False also if the person has declared an interest in the case.
    """
    is_theirs = flag.person_id == person_id and flag.origin_id is None
    return is_theirs and standing_recusal(work, flag.case_id, person_id) is None


def standing_recusal(work: Work, case_id: int, person_id: int) -> Recusal | None:
    """Return the person's declared interest in the case, or None if they have declared none or withdrawn it."""
    is_theirs = (col(Recusal.case_id) == case_id, col(Recusal.person_id) == person_id)
    return work.find(Recusal, *is_theirs, col(Recusal.withdrawn_at).is_(None))


def own_flag(work: Work, actor: Actor, case: Case, meeting: Meeting, named_id: int | None) -> Flag | None:
    """Return the flag that this person made of the case for this meeting, or None if none of theirs needs triage.

    `named_id` is the id of the merged reference that the flag was made with, or None for the case's own.
    """
    theirs = (*_at_meeting(id_of(case), id_of(meeting)), col(Flag.person_id) == actor.person_id)
    return next(filter(needs_triage, work.find_all(Flag, *theirs, col(Flag.named_id) == named_id)), None)


#: The rule of `needs_triage` for flags that are merged into another.
_WAITS_BESIDE: Final = and_(
    col(Flag.state) == FlagState.DEFERRED, col(Flag.triaged_at).is_(None), col(Flag.origin_id).is_(None)
)
#: The rule of `needs_triage`.
_NEEDS_TRIAGE: Final = or_(
    and_(col(Flag.state) == FlagState.OPEN, col(Flag.origin_id).is_(None)),
    _WAITS_BESIDE,
)
#: The SQL condition on Flag joined with Case, true if the presenter of a closed item is not one of its readers, and has
#: declared no interest in it.
IS_WITHHELD: Final = and_(
    ~readable(col(Flag.person_id)),
    ~exists().where(
        col(Recusal.case_id) == col(Flag.case_id),
        col(Recusal.person_id) == col(Flag.person_id),
        col(Recusal.withdrawn_at).is_(None),
    ),
)


#: The SQL condition on Flag joined with Case, true if a person who is not one of its readers flagged a closed item. The
#: flagger sees this flag like any other of their own, but not the copies that a decision or another panel's chair made.
IS_OWN_WITHHELD: Final = and_(IS_WITHHELD, col(Flag.origin_id).is_(None))


def is_own_withheld(actor: Actor) -> ColumnElement[bool]:
    """Return the SQL condition on Flag and Case, true for the person's untriaged flags of cases kept from them."""
    return and_(col(Flag.person_id) == actor.person_id, _NEEDS_TRIAGE, IS_WITHHELD)


def awaits_assessment(work: Work) -> ColumnElement[bool]:
    """Return the SQL condition on Flag, Case and Meeting, true if the agency still owes the assessment it promised.

    The assessment is owed even after the meeting, until the panel closes or steps down the case, or the agency flags
    the case again. Merged flags count too, if they are by another agency or use another reference.
    """
    at_panel = (col(_NEWER.case_id) == col(Flag.case_id), col(_NEWER.panel_id) == col(Flag.panel_id))
    # The flagger of a closed item did not make its copies and may not know of them, so those copies don't count.
    is_unseen = and_(IS_OWN_WITHHELD, col(_NEWER.person_id) == col(Flag.person_id), col(_NEWER.origin_id).is_not(None))
    goes_on = exists().where(
        *at_panel, col(_NEWER.agency_id) == col(Flag.agency_id), col(_NEWER.id) > col(Flag.id), ~is_unseen
    )
    is_over = exists().where(
        *at_panel,
        or_(col(_NEWER.id) >= col(Flag.id), col(_NEWER.meeting_id) == col(Flag.meeting_id)),
        col(AgendaItem.flag_id) == col(_NEWER.id),
        IS_DECIDED,
        col(Decision.kind).in_([DecisionKind.CLOSE, DecisionKind.STEP_DOWN]),
    )
    to_come = or_(
        col(Meeting.state) == MeetingState.OPEN,
        and_(col(Meeting.state) == MeetingState.SCHEDULED, col(Meeting.ends_at) > work.now),
    )
    is_heard_with = exists().where(col(_SERVING.state).in_(LIVE_STATES), is_concern_of(Flag, _SERVING))
    is_heard = or_(col(Flag.state).in_(LIVE_STATES), and_(is_heard_with, ~IS_OWN_WITHHELD))
    return and_(
        col(Flag.assessment_due_on).is_not(None),
        or_(
            and_(is_heard, or_(to_come, and_(~is_over, ~goes_on))),
            and_(_WAITS_BESIDE, col(Meeting.closed_at).is_(None), IS_WITHHELD),
        ),
    )


def withheld_own_flags(
    work: Work, actor: Actor, standing: Standing, *conditions: ColumnElement[bool]
) -> list[tuple[Flag, Case, Meeting]]:
    """Return the person's untriaged flags of closed items kept from them. The panel's closed meetings don't count."""
    rows = work.session.execute(
        select(Flag, Case, Meeting)
        .join(Case, col(Case.id) == col(Flag.case_id))
        .join(Meeting, col(Meeting.id) == col(Flag.meeting_id))
        .where(col(Flag.panel_id) == standing.panel_id, col(Meeting.closed_at).is_(None), is_own_withheld(actor))
        .where(*conditions)
        .order_by(col(Flag.id).desc())
    )
    return [(flag, case, meeting) for flag, case, meeting in rows]


def as_if_new(view: FlagView, state: FlagState = FlagState.OPEN) -> FlagView:
    """Return the view as if the case were new and not a closed item, without earlier hearings and other references."""
    new = replace(as_flagged(view), state=state, is_escalated=False, is_repeat=False, is_closed_item=False)
    return replace(
        new,
        last_heard_on=None,
        origin=replace(view.origin, decided=(), sent_on=None) if view.is_carried else FLAGGED_HERE,
        review=None,
        concerns=(),
        sent_because="",
        sooner_because="",
        is_merged=False,
    )


def as_flagged(view: FlagView) -> FlagView:
    """Return the flag's view under the reference that the flagger used, without the child's other references."""
    return replace(view, reference=view.flagged_as or view.reference, also=(), flagged_as="")


def live_flag(work: Work, case_id: int, meeting_id: int) -> Flag | None:
    """Return the case's live flag at the meeting, or None if it has none."""
    return work.find(Flag, *_at_meeting(case_id, meeting_id), col(Flag.state).in_(LIVE_STATES))


def merged_flags(work: Work, case_id: int, meeting_id: int) -> list[Flag]:
    """Return a case's flags that are merged into another flag at the meeting. Flags that were triaged come first."""
    found = work.find_all(Flag, *_at_meeting(case_id, meeting_id), is_folded(), by=[col(Flag.id)])
    return sorted(found, key=lambda flag: flag.triaged_at is None)


def _at_meeting(case_id: int, meeting_id: int) -> tuple[ColumnElement[bool], ...]:
    return col(Flag.case_id) == case_id, col(Flag.meeting_id) == meeting_id


def is_merged(work: Work, flag: Flag) -> bool:
    """Return whether the flag is merged into a live flag of the same case and meeting."""
    return is_merged_away(flag) and live_flag(work, flag.case_id, flag.meeting_id) is not None
