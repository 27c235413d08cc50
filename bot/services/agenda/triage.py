"""Triage of flags by the chair, and compiling and publishing the agenda."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlmodel import col, select

from bot.domain.flag_state import LIVE_STATES, FlagEvent
from bot.domain.language.identifiers import accept_line, check_reference
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou, OutOfDate
from bot.models.cases import Case, Flag
from bot.models.meetings import AgendaItem, Meeting
from bot.models.panels import Panel
from bot.models.people import Person
from bot.models.vocabulary import FlagState, MeetingState
from bot.records.access.queries import (
    Standing,
    Where,
    find_panel,
    is_running,
    local_time,
    panels_where,
    readable,
    readable_cases,
    require,
    require_flag,
    require_meeting,
)
from bot.records.agenda.changes import add_line, compile_items, keep_version
from bot.records.agenda.gathering import gather_due
from bot.records.agenda.published import has_news, version_for
from bot.records.agenda.queries import has_agenda, lines_for
from bot.records.agenda.sending import County, let_receivers_read, tell_of_sent
from bot.records.cases.changes import change_flag, flag_again, give_moments, merge_flag
from bot.records.cases.order import most_pressing
from bot.records.cases.origins import panels_that_sent
from bot.records.cases.queries import (
    FLAGS_AND_CASES,
    FlagView,
    as_flagged,
    flagged_themselves,
    live_flag,
    merged_flags,
    view_flag,
    view_flags,
)
from bot.records.cases.references import is_meant
from bot.records.diary.queries import (
    OfMeeting,
    count_flags,
    lock_diary,
    meeting_after,
    next_for_cases,
    of_meeting,
    open_or_next,
    upcoming_meeting,
)
from bot.records.meeting.board import redraw_for_line
from bot.records.people.queries import members_who_may, presiding_or_office
from bot.services.agenda.overview import HAS_BEGUN, AgendaView, coming_meeting, view_agenda
from bot.store.rows import WHOLE, Condition, Page, id_of
from bot.store.unit_of_work import Work


class Verdict(StrEnum):
    """The chair's possible answers to a flag."""

    ACCEPT = "accept"
    DEFER = "defer"  # to the next meeting but one
    SIGNPOST = "signpost"  # it belongs elsewhere


_EVENTS: Final = {
    Verdict.ACCEPT: FlagEvent.ACCEPTED,
    Verdict.DEFER: FlagEvent.DEFERRED,
    Verdict.SIGNPOST: FlagEvent.SIGNPOSTED,
}


@dataclass(frozen=True, slots=True)
class TriageView:
    """The flags of a meeting that the chair has yet to triage."""

    panel_key: str
    panel_title: str
    meeting_at: datetime
    waiting: tuple[FlagView, ...]
    accepted: int
    unassessed: int  #: flags that need triage or are accepted, and have no assessment yet
    count: int  #: flags that need triage, on all pages
    first: int  #: where the page begins, from 0
    is_open: bool = False  #: the meeting is being held
    is_out: bool = False  #: its agenda has been published


@dataclass(frozen=True, slots=True)
class PanelsToReceive:
    """The panels to which one flag can be sent."""

    flag_id: int
    reference: str
    panels: tuple[tuple[str, str], ...]  #: key and title, by title


@dataclass(frozen=True, slots=True)
class AcceptedView(OfMeeting):
    """The accepted cases of a coming meeting, for a chair who may still defer or signpost them."""

    flags: tuple[FlagView, ...]
    count: int  #: of all pages
    first: int  #: where the page begins, from 0
    is_published: bool


def flags_to_triage(work: Work, actor: Actor, where: Where, page: Page = WHOLE) -> TriageView:
    """Return the flags of the open or next meeting that need triage, most pressing first."""
    standing, meeting = coming_meeting(work, actor, where, Verb.TRIAGE, or_open=True)
    is_open = meeting.state is MeetingState.OPEN
    if not is_open and gather_due(work, standing.panel, meeting):
        work.audit("gather", "agenda", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    count = count_flags(work, actor, meeting, FlagState.OPEN)
    page = page.within(count)
    waiting = FLAGS_AND_CASES.where(*_needs_triage(actor, meeting))
    rows = work.session.execute(page.of(waiting.order_by(*most_pressing(work, standing.panel, meeting)))).all()
    work.saw(actor.person_id, ((flag.case_id, flag.panel_id) for flag, _ in rows))
    return TriageView(
        panel_key=standing.panel.key,
        panel_title=standing.panel.title,
        meeting_at=local_time(work, standing.panel, meeting.starts_at),
        waiting=tuple(view_flags(work, [(flag, case, standing.panel, meeting) for flag, case in rows])),
        accepted=count_flags(work, actor, meeting, FlagState.ACCEPTED),
        unassessed=count_flags(work, actor, meeting, *LIVE_STATES, unassessed=True),
        count=count,
        first=page.first,
        is_open=is_open,
        is_out=meeting.agenda_version > 0,
    )


def _needs_triage(actor: Actor, meeting: Meeting) -> tuple[Condition, ...]:
    is_open = col(Flag.state) == FlagState.OPEN
    return col(Flag.meeting_id) == id_of(meeting), is_open, readable(actor.person_id)


def place_in_triage(work: Work, actor: Actor, where: Where, reference: str) -> int:
    """Return the position of the case's flag in the list of flags to triage, counted from 0.

    Raise NotForYou if the list has no flag of this case.
    """
    standing, meeting = coming_meeting(work, actor, where, Verb.TRIAGE, or_open=True)
    waiting = select(col(Flag.case_id)).join(Case, col(Case.id) == col(Flag.case_id))
    order = most_pressing(work, standing.panel, meeting)
    cases = work.session.execute(waiting.where(*_needs_triage(actor, meeting)).order_by(*order)).scalars().all()
    meant = work.find(Case, is_meant(check_reference(reference)), readable(actor.person_id))
    if meant is None or id_of(meant) not in cases:
        raise NotForYou(f"a flag for {reference} that needs triage")
    return cases.index(id_of(meant))


def accepted_flags(work: Work, actor: Actor, where: Where, page: Page = WHOLE) -> AcceptedView:
    """Return the accepted cases of the next meeting, most pressing first, so that the chair can defer or signpost them.

    The agencies' own words are left out. Raise Mistake once the meeting is open.
    """
    standing = find_panel(work, actor, where, Verb.TRIAGE)
    meeting = upcoming_meeting(work, standing, for_cases=True)
    if meeting.state is MeetingState.OPEN:
        raise Mistake(HAS_BEGUN)
    count = count_flags(work, actor, meeting, FlagState.ACCEPTED)
    page = page.within(count)
    accepted = FLAGS_AND_CASES.where(
        col(Flag.meeting_id) == id_of(meeting), col(Flag.state) == FlagState.ACCEPTED, readable(actor.person_id)
    ).order_by(*most_pressing(work, standing.panel, meeting))
    rows = work.session.execute(page.of(accepted)).all()
    work.saw(actor.person_id, ((flag.case_id, flag.panel_id) for flag, _ in rows))
    views = view_flags(work, [(flag, case, standing.panel, meeting) for flag, case in rows], with_words=False)
    return AcceptedView(
        *of_meeting(work, standing.panel, meeting),
        flags=tuple(views),
        count=count,
        first=page.first,
        is_published=meeting.agenda_published_at is not None,
    )


def flag_to_rule_on(work: Work, actor: Actor, flag_id: int) -> int:
    """Return the id of a flag that this person may triage. Raise NotForYou for any other flag."""
    return id_of(require_flag(work, actor, flag_id, Verb.TRIAGE, noun="that flag")[1])


def defer_case(work: Work, actor: Actor, where: Where, reference: str, reason: str) -> FlagView:
    """Defer a case of the next meeting, named by its reference.

    Return the flag. Raise the same errors as `triage_flag`.
    """
    standing = find_panel(work, actor, where, Verb.TRIAGE)
    reference = check_reference(reference)
    meeting = upcoming_meeting(work, standing, for_cases=True)
    found = work.session.execute(
        FLAGS_AND_CASES.where(
            col(Flag.meeting_id) == id_of(meeting),
            col(Flag.state).in_(LIVE_STATES),
            is_meant(reference),
            readable(actor.person_id),
        )
    ).first()
    if found is None:
        raise NotForYou(f"a flag for {reference}")
    return triage_flag(work, actor, id_of(found[0]), Verdict.DEFER, reason)


def triage_flag(work: Work, actor: Actor, flag_id: int, verdict: Verdict, reason: str = "") -> FlagView:
    """Accept a flag, defer it to the next meeting, or signpost it elsewhere, as the chair. Return the flag.

    If a flag is accepted, the flaggers who flagged late, or said that the case can't wait, are told. If the meeting is
    open, the flag goes to the end of the agenda.

    To defer or signpost needs a reason, and applies to all flags merged into this one. All flaggers are told, and so is
    the chair of a panel that sent the case. An accepted flag can be deferred or signposted until the meeting opens. The
    agenda is then compiled again if there is one.

    Raise Mistake if the reason is missing, or if the flag can no longer be triaged.
    """
    standing, flag, case = require_flag(work, actor, flag_id, Verb.TRIAGE, noun="that flag")
    lock_diary(work, standing.panel_id)
    return _rule(work, standing, flag, case, verdict, reason)


def panels_to_receive(work: Work, actor: Actor, flag_id: int) -> PanelsToReceive:
    """Return the panels to which the chair may send a flag.

    These are panels of the same county, and panels where the chair has a place. Raise Mistake if there are none.
    """
    standing, _, case = require_flag(work, actor, flag_id, Verb.TRIAGE, noun="that flag")
    work.saw(actor.person_id, [(id_of(case), standing.panel_id)])
    return PanelsToReceive(flag_id, case.reference, tuple((one.key, one.title) for one in _receivers(work, standing)))


def change_panel(work: Work, actor: Actor, flag_id: int, panel_key: str, reason: str) -> FlagView:
    """Send a flag to another panel's next meeting, as the chair, with a reason.

    Flags merged into this flag are sent too. The flaggers and the receiving chair and co-ordinators are told.
    """
    standing, flag, case = require_flag(work, actor, flag_id, Verb.TRIAGE, noun="that flag")
    panel = next((one for one in _receivers(work, standing) if one.key == panel_key), None)
    if panel is None:
        raise OutOfDate("that panel")
    lock_diary(work, standing.panel_id, id_of(panel))
    meeting = next_for_cases(work, id_of(panel))
    if meeting is not None and meeting.starts_at <= work.now:  # about to open, so new cases go to the next one
        meeting = meeting_after(work, id_of(panel), work.now)
    if meeting is None:
        raise Mistake(
            f"{panel.title} has no meeting in the diary yet, so nothing was saved. Ask its co-ordinator.", field="panel"
        )
    view = _rule(work, standing, flag, case, Verdict.SIGNPOST, reason, receiver=meeting)
    let_receivers_read(work, panel, {id_of(case): actor.person_id})
    tell_of_sent(work, panel, meeting, [id_of(case)], except_for=actor.person_id)
    work.audit("receive", "case", case.id, panel_id=panel.id, actor_id=actor.person_id)
    return view


def _receivers(work: Work, standing: Standing) -> list[Panel]:
    """Return the other running panels that hear cases and that the person may know about, sorted by title.

    Raise Mistake if there is no such panel.
    """
    known = {id_of(panel) for panel in panels_where(work, standing.actor, Verb.SEE_DIARY)}
    known |= County.read(work).around(standing.panel_id)
    found = work.find_all(
        Panel, col(Panel.id).in_(known - {standing.panel_id}), is_running(work), by=[col(Panel.title)]
    )
    panels = [one for one in found if work.definition(one.definition).hears_cases]
    if not panels:
        raise Mistake("There is no other panel to send the case to. Choose *Signpost*, and say where the case belongs.")
    return panels


def _rule(
    work: Work,
    standing: Standing,
    flag: Flag,
    case: Case,
    verdict: Verdict,
    reason: str,
    *,
    receiver: Meeting | None = None,
) -> FlagView:
    """Carry out the chair's answer to a flag and to the flags merged into it. Return the flag.

    `receiver` is the meeting of another panel to which the flag is sent, if it is sent to one.
    """
    actor = standing.actor
    meeting = work.session.get_one(Meeting, flag.meeting_id)
    is_open = meeting.state is MeetingState.OPEN and flag.state is FlagState.OPEN
    if flag.state is FlagState.ACCEPTED and meeting.state is MeetingState.OPEN:
        raise Mistake(HAS_BEGUN)
    if flag.state not in LIVE_STATES or not (is_open or meeting.state is MeetingState.SCHEDULED):
        raise Mistake(f"{case.reference} is {flag.state.label} already, or its meeting has begun.")
    was_accepted = flag.state is FlagState.ACCEPTED
    sealed = None
    if verdict is not Verdict.ACCEPT:
        reason = accept_line(
            reason,
            field="reason",
            missing="Please give the reason. I'll tell the agency that flagged the case.",
            today=work.now.date(),
        )
        sealed = work.seal(case.data_key_id, reason)
    next_hearing = _later_than(work, meeting) if verdict is Verdict.DEFER else receiver
    merged = [] if sealed is None else merged_flags(work, flag.case_id, flag.meeting_id)
    told = {actor.person_id}
    for one in [flag, *merged]:
        if one is not flag:
            change_flag(work, one, FlagEvent.UNMERGED)
        one.triage_reason = sealed or one.triage_reason
        one.triaged_by_id, one.triaged_at = actor.person_id, work.now
        change_flag(work, one, _EVENTS[verdict])
        if next_hearing is not None:
            _put_again(work, one, next_hearing)
        if verdict is not Verdict.ACCEPT and one.person_id not in told:
            told.add(one.person_id)
            work.tell(one.person_id, Notice.FLAG_TRIAGED, once=one.state.value, flag_id=one.id)
    if verdict is Verdict.ACCEPT:
        _tell_who_asked(work, actor, flag)
        if is_open:
            add_line(work, standing.panel, meeting, flag, case)
            redraw_for_line(work, meeting, flag.id)
    else:
        if was_accepted and has_agenda(work, meeting):
            compile_items(work, standing.panel, meeting)
        senders = {id_of(person) for person in _senders_of(work, flag)}
        for person_id in sorted(senders - told):
            work.tell(person_id, Notice.FLAG_TRIAGED, once=flag.state.value, flag_id=flag.id)
    work.audit(verdict.value, "case", case.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return view_flag(work, flag)


def _tell_who_asked(work: Work, actor: Actor, flag: Flag) -> None:
    """Tell flaggers who were waiting for the chair's answer that the chair accepted the case.

    Flaggers wait for an answer if they flagged the case late, or said that the case can't wait. Those who may not read
    the case aren't told, since they must not learn of other flags under its reference.
    """
    every = [flag, *merged_flags(work, flag.case_id, flag.meeting_id)]
    asked = {one.person_id for one in every if one.is_late or one.urgent_because is not None}
    for person_id in sorted(asked - {actor.person_id}):
        if readable_cases(work, person_id, [flag.case_id]):
            work.tell(person_id, Notice.FLAG_TRIAGED, once=flag.state.value, flag_id=flag.id)


def triaged_flag_for_notice(work: Work, actor: Actor, flag_id: int) -> tuple[FlagView, str]:
    """Return a flag with the chair's reason, for a message to its flagger or to the chair of the sending panel.

    A flagger gets the message even if the case is a closed item that they may not read.
    """
    flag = work.session.get(Flag, flag_id)
    is_sender = flag is not None and actor.person_id in {id_of(person) for person in _senders_of(work, flag)}
    if flag is not None and is_sender and readable_cases(work, actor.person_id, [flag.case_id]):
        return view_flag(work, flag), work.open(flag.triage_reason) if flag.triage_reason else ""
    if flag is None or not flagged_themselves(work, flag, actor.person_id):
        require_flag(work, actor, flag_id, Verb.FLAG, noun="that flag")
    else:
        require(work, actor, flag.panel_id, Verb.FLAG, noun="that flag")
    flag = work.session.get_one(Flag, flag_id)
    view, reason = view_flag(work, flag), work.open(flag.triage_reason) if flag.triage_reason else ""
    return (view if readable_cases(work, actor.person_id, [flag.case_id]) else as_flagged(view)), reason


def open_triaged_flag(work: Work, actor: Actor, flag_id: int) -> tuple[FlagView, str]:
    """Return a flag with the chair's reason, for a person who asked to see it, and record that the case was read."""
    flag, reason = triaged_flag_for_notice(work, actor, flag_id)
    work.saw(actor.person_id, [(flag.case_id, flag.panel_id)])
    return flag, reason


@dataclass(frozen=True, slots=True)
class MeantMeeting:
    """The meeting that a button is about, given by `meeting_id` or by an agenda item's `item_id`. 0 means not given."""

    meeting_id: int = 0
    item_id: int = 0


def show_agenda(
    work: Work, actor: Actor, where: Where, page: Page = WHOLE, meant: MeantMeeting | None = None
) -> AgendaView:
    """Return the agenda of the open or next meeting, or of the panel's meeting `meant`, as this reader may see it."""
    standing = find_panel(work, actor, where, Verb.SEE_AGENDA)
    meeting = None if meant is None else _meant(work, standing, meant)
    if meeting is None:
        meeting = open_or_next(work, [standing.panel_id], for_cases=True).get(standing.panel_id)
    if meeting is None:
        raise Mistake(f"{standing.panel.title} has no meeting in the diary.")
    return view_agenda(work, standing, meeting, page)


def _meant(work: Work, standing: Standing, meant: MeantMeeting) -> Meeting | None:
    item = work.session.get(AgendaItem, meant.item_id) if meant.item_id and not meant.meeting_id else None
    meeting_id = item.meeting_id if item is not None else meant.meeting_id
    meeting = work.session.get(Meeting, meeting_id) if meeting_id else None
    return meeting if meeting is not None and meeting.panel_id == standing.panel_id else None


def compile_agenda(work: Work, actor: Actor, where: Where, page: Page = WHOLE) -> AgendaView:
    """Compile the next meeting's agenda: headings, accepted cases and cases due from earlier meetings."""
    standing, meeting = coming_meeting(work, actor, where, Verb.COMPILE)
    gather_due(work, standing.panel, meeting)
    compile_items(work, standing.panel, meeting)
    work.audit("compile", "agenda", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    return view_agenda(work, standing, meeting, page)


@dataclass(frozen=True, slots=True)
class Publication:
    """An agenda after it was published, and whether the publisher sees a change from the version before."""

    agenda: AgendaView
    is_new: bool


def publish_agenda(work: Work, actor: Actor, where: Where, page: Page = WHOLE) -> Publication:
    """Publish the agenda. Members are told what they may see of it, and the publisher gets the Word file.

    If nothing has changed since the last version, no new version is made and no one is told. If all changes are kept
    from the publisher, they get the same answer as if nothing had changed.
    """
    standing, meeting = coming_meeting(work, actor, where, Verb.COMPILE)
    gather_due(work, standing.panel, meeting)
    compile_items(work, standing.panel, meeting)
    record = version_for(work, None, standing.panel, meeting, lines_for(work, None, meeting), with_facts=True)
    if record.pending is not None and not record.pending.is_any:
        work.audit("compile", "agenda", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
        return Publication(view_agenda(work, standing, meeting, page), is_new=False)
    mine = (work, actor.person_id, standing.panel, meeting, lines_for(work, actor.person_id, meeting))
    before = version_for(*mine).number
    keep_version(work, meeting)
    is_new = version_for(*mine).number > before
    work.audit("publish", "agenda", meeting.id, panel_id=standing.panel_id, actor_id=actor.person_id)
    for person in members_who_may(work, standing.panel_id, Verb.SEE_AGENDA):
        version = meeting.agenda_version
        if person.id != actor.person_id:
            work.tell(id_of(person), Notice.AGENDA_PUBLISHED, once=version, meeting_id=meeting.id, version=version)
        elif is_new:
            work.tell(actor.person_id, Notice.AGENDA_FILE, once=version, meeting_id=meeting.id)
    return Publication(view_agenda(work, standing, meeting, page), is_new)


def agenda_of_meeting(
    work: Work, actor: Actor, meeting_id: int, page: Page = WHOLE, *, version: int | None = None
) -> AgendaView | None:
    """Return a meeting's agenda for the message about a version of the agenda.

    Return None if this reader sees no change in that version. Messages that an earlier release queued have no
    `version`. For these, always return the agenda.
    """
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SEE_AGENDA, noun="that agenda")
    lines = lines_for(work, actor.person_id, meeting)
    if version is not None and not has_news(work, actor.person_id, standing.panel, meeting, lines, version):
        return None
    return view_agenda(work, standing, meeting, page)


def _senders_of(work: Work, flag: Flag) -> list[Person]:
    """Return the people who chair the panels that sent a case to this panel.

    For a panel that nobody chairs, its co-ordinators are returned. The list is empty if no other panel sent the case.
    """
    return [person for panel_id in panels_that_sent(work, flag) for person in presiding_or_office(work, panel_id)]


def _later_than(work: Work, meeting: Meeting) -> Meeting:
    later = meeting_after(work, meeting.panel_id, meeting.starts_at)
    if later is None:
        raise Mistake("There is no later meeting. First add meetings with `/panel create`, then defer the case.")
    return later


def _put_again(work: Work, flag: Flag, meeting: Meeting) -> None:
    """Copy a flag to a later meeting, or to a meeting of another panel.

    If the case already has a live flag there, the copy is merged into that flag.
    """
    if meeting.panel_id == flag.panel_id:
        again = flag_again(work, flag, FlagEvent.FLAGGED, flag.panel_id, id_of(meeting))
    else:
        again = flag_again(work, flag, FlagEvent.SENT, meeting.panel_id, id_of(meeting), is_escalated=False)
        again.origin_id, again.carried_from_id = id_of(flag), None
    give_moments(work, again.panel_id, [again])
    there = live_flag(work, flag.case_id, again.meeting_id)
    if there is not None:
        merge_flag(work, again, there, said_at=flag.flagged_at)
    work.session.add(again)
    work.session.flush()
