"""Withdrawing a flag before its case is heard, with a reason that the people concerned are told."""

from dataclasses import dataclass

from bot.domain.language.identifiers import accept_line, check_reference
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.people import Agency, Person
from bot.models.vocabulary import FlagState
from bot.records.access.queries import Standing, Where, find_panel, readable_cases, require, require_flag
from bot.records.cases.changes import withdraw_flag as withdraw
from bot.records.cases.origins import panel_that_sent
from bot.records.cases.queries import (
    FlagView,
    as_if_new,
    flagged_themselves,
    live_flag,
    merged_flags,
    view_flag,
)
from bot.records.cases.standing_flags import flag_of_agency
from bot.records.diary.queries import lock_diary
from bot.records.leaving.handover import was_handed_over
from bot.records.people.queries import presiding_or_office
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawn flag, as one of the people concerned sees it."""

    flag: FlagView
    by_name: str
    by_agency: str
    is_own: bool  #: the reader's own flag, which another person took back
    is_handed_over: bool  #: the reader has the flag from a colleague
    is_sender: bool  #: the reader chairs the panel that sent the case by this flag
    is_still_heard: bool | None  #: by another flag at the same meeting; none: not for this reader to know
    reason: str


def flag_to_withdraw(work: Work, actor: Actor, where: Where, reference: str) -> FlagView:
    """Return the flag that the person is about to withdraw, for the form that asks for the reason.

    Raise the same errors as `withdraw_flag`.
    """
    _, flag, case = _found(work, actor, where, reference)
    if not readable_cases(work, actor.person_id, [id_of(case)]):
        return as_if_new(view_flag(work, flag))
    work.saw(actor.person_id, [(flag.case_id, flag.panel_id)])
    return view_flag(work, flag)


def withdraw_flag(work: Work, actor: Actor, where: Where, reference: str, reason: str) -> FlagView:
    """Withdraw the agency's own flag before its case is heard. A chair or co-ordinator may withdraw any agency's flag.

    The people who flagged the case to this meeting are told. The chair is told if the case was accepted or the agenda
    is published. If another panel sent the case by this flag, the people who chair that panel are told.
    """
    standing, flag, case = _found(work, actor, where, reference)
    reason = accept_line(
        reason,
        field="reason",
        missing="Please give the reason. I'll tell each agency that flagged the case.",
        today=work.now.date(),
    )
    meeting = work.session.get_one(Meeting, flag.meeting_id)
    there = live_flag(work, flag.case_id, flag.meeting_id)
    is_expected = meeting.agenda_published_at is not None or (there is not None and there.state is FlagState.ACCEPTED)
    kept_from_them = not readable_cases(work, actor.person_id, [id_of(case)])
    others = _others(work, flag) if not kept_from_them else set()
    withdrawn = withdraw(work, flag, actor.person_id, reason)
    told = {one.person_id for one in withdrawn} | others
    if is_expected:
        told |= {id_of(person) for person in presiding_or_office(work, standing.panel_id)}
    for person_id in sorted(told - {actor.person_id}):
        work.tell(person_id, Notice.FLAG_WITHDRAWN, flag_id=id_of(flag))
    for one in withdrawn:
        for person_id in sorted(_senders_of(work, one) - told - {actor.person_id}):
            told.add(person_id)
            work.tell(person_id, Notice.FLAG_WITHDRAWN, flag_id=id_of(one))
    work.audit("withdraw", "case", case.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    view = view_flag(work, flag)
    return as_if_new(view, FlagState.WITHDRAWN) if kept_from_them else view


def withdrawal_for_notice(work: Work, actor: Actor, flag_id: int) -> Withdrawal | None:
    """Return a withdrawn flag, for a message to a person concerned, or None if the flag is not withdrawn.

    Flaggers are told of their own flag even if the case is a closed item that they may not read. The chair of the panel
    that sent the case needs no place on the panel that was to hear the case.
    """
    flag = work.session.get(Flag, flag_id)
    is_sender = flag is not None and actor.person_id in _senders_of(work, flag)
    is_own = flag is not None and flag.person_id == actor.person_id and not is_sender
    if flag is None or not (is_sender or flagged_themselves(work, flag, actor.person_id)):
        _, flag, _ = require_flag(work, actor, flag_id, Verb.FLAG, noun="that flag")
    elif not is_sender:
        require(work, actor, flag.panel_id, Verb.FLAG, noun="that flag")
    if flag.withdrawn_by_id is None or flag.withdrawn_reason is None:
        return None
    view, is_still_heard = view_flag(work, flag), live_flag(work, flag.case_id, flag.meeting_id) is not None
    is_kept_from_them = not readable_cases(work, actor.person_id, [flag.case_id])
    by = work.session.get_one(Person, flag.withdrawn_by_id)
    return Withdrawal(
        flag=as_if_new(view, FlagState.WITHDRAWN) if is_kept_from_them else view,
        by_name=by.name,
        by_agency=work.session.get_one(Agency, by.agency_id).name,
        is_own=is_own,
        is_handed_over=is_own and was_handed_over(work, flag),
        is_sender=is_sender,
        is_still_heard=None if is_kept_from_them else is_still_heard,
        reason=work.open(flag.withdrawn_reason),
    )


def open_withdrawal(work: Work, actor: Actor, flag_id: int) -> Withdrawal:
    """Return a withdrawn flag with its reason, for a person who asked to see it, and record that the case was read."""
    found = withdrawal_for_notice(work, actor, flag_id)
    if found is None:
        raise Mistake("That flag has not been withdrawn.")
    work.saw(actor.person_id, [(found.flag.case_id, found.flag.panel_id)])
    return found


def _found(work: Work, actor: Actor, where: Where, reference: str) -> tuple[Standing, Flag, Case]:
    """Return the person's standing, and the flag and its case, if the person may withdraw the flag now.

    Raise NotForYou, NotAllowed or Mistake for other flags.
    """
    standing = find_panel(work, actor, where, Verb.FLAG)
    reference = check_reference(reference)
    lock_diary(work, standing.panel_id)
    flag, case, meeting = flag_of_agency(work, standing, reference)
    if flag.agency_id != actor.agency_id and not standing.may(Verb.COMPILE):
        raise NotAllowed(
            "Another agency flagged this case. Ask that agency, the chair or the co-ordinator to withdraw it."
        )
    if flag.origin_id is not None and not standing.may(Verb.COMPILE):
        raise Mistake("The panel itself decided to hear this case again. Ask the chair to defer it.")
    if meeting.opened_at is not None:
        raise Mistake("The meeting has begun. The chair will record the decision on this item.")
    return standing, flag, case


def _senders_of(work: Work, flag: Flag) -> set[int]:
    """Return the ids of the chairs of the panel that sent this flag's case, if they may read the case.

    If nobody chairs that panel, its co-ordinators are returned. The set is empty if no other panel sent the case.
    """
    panel = panel_that_sent(work, flag)
    chairs = {id_of(person) for person in presiding_or_office(work, id_of(panel))} if panel is not None else set()
    return {person_id for person_id in chairs if readable_cases(work, person_id, [flag.case_id])}


def _others(work: Work, flag: Flag) -> set[int]:
    """Return the ids of people of other agencies who flagged the case to the same meeting and may read it."""
    there = live_flag(work, flag.case_id, flag.meeting_id)
    flags = [*([there] if there else []), *merged_flags(work, flag.case_id, flag.meeting_id)]
    people = {one.person_id for one in flags if one.agency_id != flag.agency_id}
    return {person_id for person_id in people if readable_cases(work, person_id, [flag.case_id])}
