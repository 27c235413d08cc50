"""Declared interests: a person steps back from a case, or returns to it, and the people concerned are told.

While the interest is in force, the person neither sees nor receives the case. Minutes of a meeting held in that time
say that the person stepped back, even after the interest is taken back.
"""

from dataclasses import dataclass, replace

from sqlalchemy import or_
from sqlmodel import col, select

from bot.domain.language.identifiers import accept_text
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed, NotForYou
from bot.models.actions import Action
from bot.models.cases import Case, Flag, Recusal
from bot.models.meetings import AgendaItem, Meeting
from bot.models.people import Person
from bot.models.vocabulary import ItemState, Role
from bot.records.access.queries import (
    Standing,
    Where,
    find_panel,
    panels_where,
    readable,
    readable_cases,
    require,
    standing_on,
)
from bot.records.actions.queries import ActionView, view_actions
from bot.records.cases.before_panel import case_before
from bot.records.cases.queries import standing_recusal
from bot.records.leaving.queries import ACTIONS
from bot.records.meeting.board import redraw_for_case
from bot.records.people.queries import members, person_by_account, presiding
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

#: The answer if there is no interest and also if another person declared it.
_NOT_YOURS_TO_TAKE_BACK = (
    "You haven't declared an interest in this case yourself, so you can't take one back. If something is wrong, "
    "speak to the chair."
)


@dataclass(frozen=True, slots=True)
class InterestView:
    """A person's interest in a case, for the person who declared the interest or took it back."""

    name: str
    reference: str
    is_own: bool  #: of the person who asks
    held: tuple[ActionView, ...] = ()  #: actions on the case that need another holder


@dataclass(frozen=True, slots=True)
class InterestNotice:
    """What a person is told of an interest that another person declared for them. The case is not named."""

    panel_title: str
    is_withdrawn: bool
    by_chair: bool


def declare_interest(
    work: Work, actor: Actor, where: Where, reference: str, user_id: str | None = None
) -> InterestView:
    """Record that a person steps back from a case. From now on they neither see nor receive the case.

    If another person declares the interest, the person concerned gets a message that doesn't name the case. They get no
    message if they could not read the case even before. Raise Mistake for a person without a place on the panel.
    """
    standing = find_panel(work, actor, where, Verb.READ_CASES)
    person, may_know = _meant(work, standing, user_id)
    case = case_before(work, standing.panel_id, reference, readable(actor.person_id))
    is_own = id_of(person) == actor.person_id
    # The actions are looked up while a person who steps back themselves may still see them.
    held = _held(work, standing, case, person)
    if standing_recusal(work, id_of(case), id_of(person)) is None:
        may_know = may_know and bool(readable_cases(work, id_of(person), [id_of(case)]))
        recusal = Recusal(
            case_id=id_of(case), person_id=id_of(person), declared_at=work.now, declared_by_id=actor.person_id
        )
        work.session.add(recusal)
        work.session.flush()
        redraw_for_case(work, id_of(case))
        if not is_own and may_know:
            ids = {"recusal_id": id_of(recusal), "panel_id": standing.panel_id}
            work.tell(recusal.person_id, Notice.INTEREST_NOTED, **ids)
        if is_own and held:
            _tell_chairs(work, standing, recusal)
    _audit(work, standing, "recuse", case, person)
    return InterestView(person.name, case.reference, is_own, held)


def withdraw_interest(
    work: Work, actor: Actor, where: Where, reference: str, user_id: str | None = None, reason: str = ""
) -> InterestView:
    """Take back a declared interest.

    Minutes of meetings held while the interest was in force still say that the person stepped back.

    A chair or co-ordinator who may read the case can take the interest back, with a reason. The person concerned can
    take it back only if they declared it themselves and the case has not been discussed since. Raise NotForYou or
    NotAllowed for others.
    """
    standing = find_panel(work, actor, where, Verb.READ_CASES)
    person, may_know = _meant(work, standing, user_id)
    is_own = id_of(person) == actor.person_id
    try:
        case = case_before(work, standing.panel_id, reference)
    except NotForYou as unknown:
        # A person who stepped back can't find out by trying references here which case it was.
        raise (NotAllowed(_NOT_YOURS_TO_TAKE_BACK) if is_own else unknown) from None
    recusal = standing_recusal(work, id_of(case), id_of(person))
    if is_own:
        if recusal is None or recusal.declared_by_id != actor.person_id or _discussed_since(work, case, recusal):
            raise NotAllowed(_NOT_YOURS_TO_TAKE_BACK)
    elif not readable_cases(work, actor.person_id, [id_of(case)]):
        raise NotForYou(f"case {case.reference}")
    elif recusal is None:
        raise Mistake(f"{person.name} has no declared interest in {case.reference}.")
    if reason.strip() or not is_own:
        said = accept_text(
            reason,
            field="reason",
            missing=f"Why are you taking it back? Add the reason, such as `/meeting no-interest {case.reference} "
            f"@{person.name} because it was declared for the wrong case`.",
            today=work.now.date(),
        )
        recusal.withdrawn_reason = work.seal(case.data_key_id, said)
    recusal.withdrawn_at = work.now
    recusal.withdrawn_by_id = actor.person_id
    redraw_for_case(work, id_of(case))
    if not is_own and may_know and readable_cases(work, id_of(person), [id_of(case)]):
        ids = {"recusal_id": id_of(recusal), "panel_id": standing.panel_id}
        work.tell(recusal.person_id, Notice.INTEREST_WITHDRAWN, **ids)
    _audit(work, standing, "take_back_recusal", case, person)
    return InterestView(person.name, case.reference, is_own)


def interest_for_notice(work: Work, actor: Actor, recusal_id: int, panel_id: int, *, withdrawn: bool) -> InterestNotice:
    """Return the facts for a message to a person about their own interest.

    `withdrawn` says whether the message is about taking the interest back. Raise NotForYou if the interest is another
    person's, or if the message is out of date because the interest was taken back or declared again.
    """
    recusal = work.session.get(Recusal, recusal_id)
    if recusal is None or recusal.person_id != actor.person_id or (recusal.withdrawn_at is not None) != withdrawn:
        raise NotForYou("that item")
    standing = require(work, actor, panel_id, Verb.SEE_DIARY, noun="that item")
    by = recusal.withdrawn_by_id if withdrawn else recusal.declared_by_id
    chairs = {person.id for person in members(work, panel_id, {Role.CHAIR, Role.VICE_CHAIR})}
    return InterestNotice(standing.panel.title, withdrawn, by_chair=by in chairs)


def held_for_notice(work: Work, actor: Actor, recusal_id: int, panel_id: int) -> InterestView:
    """Return the actions on a case that are held by a person who has stepped back from the case.

    They are for the message that asks the chair to choose another holder. Raise NotForYou for people who may not read
    the case, and once the interest is taken back.
    """
    recusal = work.session.get(Recusal, recusal_id)
    if recusal is None or recusal.withdrawn_at is not None:
        raise NotForYou("that item")
    standing = require(work, actor, panel_id, Verb.STEER_ACTIONS, noun="that item")
    case = work.session.get_one(Case, recusal.case_id)
    if not readable_cases(work, actor.person_id, [id_of(case)]):
        raise NotForYou("that item")
    person = work.session.get_one(Person, recusal.person_id)
    return InterestView(person.name, case.reference, is_own=False, held=_held(work, standing, case, person))


def _meant(work: Work, standing: Standing, user_id: str | None) -> tuple[Person, bool]:
    """Return the person whose interest is declared or taken back, and whether they may read cases of the panel.

    `user_id` is their Slack user. Without it, this is the actor. An interest counts on every panel, so chairs and
    co-ordinators may declare one only for people of their own panel. The error for other people does not tell whether
    they are enrolled.
    """
    actor = standing.actor
    if user_id is None or user_id == actor.user_id:
        return work.session.get_one(Person, actor.person_id), True
    if not standing.may(Verb.RUN_MEETING):
        raise NotAllowed("Only the chair and the co-ordinator can declare another member's interest, or take it back.")
    other = person_by_account(work, actor.team_id, user_id)
    place = None if other is None else standing_on(work, replace(actor, person_id=id_of(other)), standing.panel)
    if other is None or place is None or not place.roles:
        raise Mistake(
            f"<@{user_id}> has no place on {standing.panel.title}. I can note an interest only for its members."
        )
    return other, place.may(Verb.READ_CASES)


def _held(work: Work, standing: Standing, case: Case, person: Person) -> tuple[ActionView, ...]:
    theirs = {id_of(panel) for panel in panels_where(work, standing.actor, Verb.SEE_ACTIONS)}
    return tuple(
        view_actions(
            work,
            standing.actor.person_id,
            col(Action.case_id) == id_of(case),
            col(Action.holder_id) == id_of(person),
            col(Action.panel_id).in_(theirs),
            ACTIONS.is_open,
        )
    )


def _discussed_since(work: Work, case: Case, recusal: Recusal) -> bool:
    """Return whether the case was discussed at a meeting that had not ended when the person stepped back."""
    found = work.session.exec(
        select(AgendaItem.id)
        .join(Flag, col(Flag.id) == col(AgendaItem.flag_id))
        .join(Meeting, col(Meeting.id) == col(AgendaItem.meeting_id))
        .where(
            col(Flag.case_id) == id_of(case),
            col(AgendaItem.state).in_([ItemState.DISCUSSED, ItemState.CURRENT]),
            or_(col(Meeting.closed_at).is_(None), col(Meeting.closed_at) >= recusal.declared_at),
        )
    ).first()
    return found is not None


def _tell_chairs(work: Work, standing: Standing, recusal: Recusal) -> None:
    for chair in presiding(work, standing.panel_id):
        if chair.id != recusal.person_id and readable_cases(work, id_of(chair), [recusal.case_id]):
            work.tell(id_of(chair), Notice.INTEREST_HOLDS, recusal_id=id_of(recusal), panel_id=standing.panel_id)


def _audit(work: Work, standing: Standing, verb: str, case: Case, person: Person) -> None:
    for noun, noun_id in (("case", id_of(case)), ("person", id_of(person))):
        work.audit(verb, noun, noun_id, panel_id=standing.panel_id, actor_id=standing.actor.person_id)
