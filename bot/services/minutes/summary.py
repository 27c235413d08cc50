"""The summary: the decisions and actions of one meeting. Each reader gets what they may see.

The summary is made from the approved minutes if there are any, and otherwise from the present record.
"""

from functools import partial

from sqlmodel import col

from bot.documents.minutes import DecisionFacts, missing_words, was_heard
from bot.documents.papers import File, action_facts
from bot.documents.summary import SummaryFacts, SummaryItem, render_summary
from bot.domain.language.day_words import YearDay
from bot.domain.notices import Notice
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.models.actions import Action
from bot.models.meetings import Meeting
from bot.models.minutes import Minutes
from bot.models.vocabulary import MeetingState
from bot.records.access.queries import Standing, Where, find_panel, local_time, require_meeting
from bot.records.actions.queries import AS_GIVEN, view_actions
from bot.records.agenda.queries import lines_for, view_items
from bot.records.cases.decisions import standing_decisions
from bot.records.diary.queries import OfMeeting, last_closed_meeting, of_meeting
from bot.records.meeting.notes import heard_among
from bot.records.meeting.room import room_of
from bot.records.minutes.queries import IS_APPROVED, held_on
from bot.services.minutes.frame import next_meeting_words, who_chaired
from bot.services.minutes.papers import version_facts
from bot.services.minutes.record import title_in_minutes
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def export_summary(work: Work, actor: Actor, where: Where, *, request_key: str, on: YearDay | None = None) -> OfMeeting:
    """Send the asker the decisions and actions of a meeting as a Word file. Return the meeting.

    `on` is the meeting's day. Without it, take the latest closed meeting. `request_key` names this request, so that one
    request sends one file.
    """
    standing = find_panel(work, actor, where, Verb.READ_MINUTES)
    return _send(work, standing, meeting_held(work, standing, on), request_key)


def send_summary(work: Work, actor: Actor, meeting_id: int, *, request_key: str) -> OfMeeting:
    """Send the asker the decisions and actions of this meeting as a Word file.

    Raise NotForYou if the asker may not have the summary of this meeting.
    """
    return _send(work, *_closed(work, actor, meeting_id), request_key)


def _send(work: Work, standing: Standing, meeting: Meeting, request_key: str) -> OfMeeting:
    actor_id, meeting_id = standing.actor.person_id, id_of(meeting)
    work.audit("export", "summary", meeting_id, panel_id=standing.panel_id, actor_id=actor_id)
    work.tell(actor_id, Notice.SUMMARY_FILE, once=request_key, meeting_id=meeting_id)
    return OfMeeting(*of_meeting(work, standing.panel, meeting))


def meeting_held(work: Work, standing: Standing, on: YearDay | None) -> Meeting:
    """Return the meeting held on the day `on`, or the latest one. Raise Mistake if none was held."""
    if on is not None:
        return work.session.get_one(Meeting, held_on(work, standing, on))
    meeting = last_closed_meeting(work, standing.panel_id)
    if meeting is None:
        raise Mistake(f"{standing.panel.title} has not closed a meeting yet. `/meeting close` ends an open meeting.")
    return meeting


def _closed(work: Work, actor: Actor, meeting_id: int) -> tuple[Standing, Meeting]:
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.READ_MINUTES)
    if meeting.state is not MeetingState.CLOSED:
        raise NotForYou("that meeting")
    return standing, meeting


def summary_document(work: Work, actor: Actor, meeting_id: int) -> File:
    """Return the decisions and actions that this reader may see, as a Word file.

    Raise NotForYou if the reader may not have the summary of this meeting.
    """
    standing, meeting = _closed(work, actor, meeting_id)
    approved = work.find(Minutes, col(Minutes.meeting_id) == meeting_id, IS_APPROVED, by=[col(Minutes.version).desc()])
    facts, case_ids = (
        _as_recorded(work, standing, meeting) if approved is None else _as_approved(work, standing, approved)
    )
    day = local_time(work, standing.panel, meeting.starts_at).date()
    return File(
        name=f"{standing.panel.key}-{day.isoformat()}-decisions-and-actions.docx",
        title=f"Decisions and actions, {standing.panel.title}, {day:%-d %B %Y}",
        write=partial(render_summary, facts, work.templates),
        panel_id=standing.panel_id,
        meeting_id=meeting_id,
        case_ids=case_ids,
    )


def _as_approved(work: Work, standing: Standing, minutes: Minutes) -> tuple[SummaryFacts, frozenset[int]]:
    said, case_ids = version_facts(work, standing, minutes)
    items = tuple(
        SummaryItem(
            number=item.number,
            key=item.key,
            section=item.section,
            title=item.title,
            is_case=item.case is not None or bool(item.outcome) or item.removed_on is not None,
            is_closed_item=item.is_closed_item,
            is_reached=was_heard(item),
            note=missing_words(item),
            decisions=item.decisions,
            actions=item.actions,
            amendments=item.amendments,
        )
        for item in said.items
    )
    facts = SummaryFacts(
        **{name: getattr(said, name) for name in ("panel", "when", "venue", "chair", "confidentiality", "marking")},
        made_on=said.approved_on or said.made_on,
        minutes_version=said.version,
        items=_told(items),
        actions=said.actions or (),
        next_meeting=said.next_meeting,
        digest=said.digest,
        amendments=tuple(one for one in said.amendments if not one.item),
    )
    return facts, case_ids


def _as_recorded(work: Work, standing: Standing, meeting: Meeting) -> tuple[SummaryFacts, frozenset[int]]:
    panel, reader_id = standing.panel, standing.actor.person_id
    lines = lines_for(work, reader_id, meeting)
    items = view_items(work, reader_id, panel, meeting, lines=lines, with_words=False)
    under = {id_of(line): line for line in lines}
    decided, heard = standing_decisions(work, list(under)), heard_among(work, list(under))
    at_meeting = col(Action.meeting_id) == id_of(meeting)
    given = view_actions(work, reader_id, at_meeting, most_pressing=AS_GIVEN)
    numbers = {action.id for action in given}
    item_of = {id_of(row): row.item_id for row in work.find_all(Action, at_meeting) if row.id in numbers}
    actions = {action.id: action_facts(action) for action in given}
    sections = {section.key: section.title for section in work.definition(panel.definition).agenda}
    said = tuple(
        SummaryItem(
            number=item.number,
            key=item.section if item.kind is None else "",
            section=title_in_minutes(item) if item.kind else sections.get(item.section, item.title),
            title=title_in_minutes(item),
            is_case=item.flag is not None,
            is_closed_item=item.flag is not None and item.flag.is_closed_item,
            is_reached=item.id in heard,
            decisions=tuple(
                DecisionFacts(**{name: getattr(one, name) for name in DecisionFacts.model_fields})
                for one in decided.get(item.id, ())
            ),
            actions=tuple(actions[action.id] for action in given if item_of[action.id] == item.id),
        )
        for item in items
    )
    starts, ends = (local_time(work, panel, moment) for moment in (meeting.starts_at, meeting.ends_at))
    facts = SummaryFacts(
        panel=panel.title,
        when=f"{starts:%A %-d %B %Y, %H:%M} to {ends:%H:%M}",
        venue=meeting.venue,
        chair=who_chaired(work, standing, room_of(work, standing, meeting).attendees),
        confidentiality=work.definition(panel.definition).printed_statement,
        marking=work.definition(panel.definition).marking,
        made_on=local_time(work, panel, work.now).date(),
        items=_told(said),
        actions=tuple(actions.values()),
        next_meeting=next_meeting_words(work, panel, meeting),
    )
    cases = {item.flag.case_id for item in items if item.flag is not None}
    return facts, frozenset(cases | {action.case_id for action in given if action.case_id is not None})


def _told(items: tuple[SummaryItem, ...]) -> tuple[SummaryItem, ...]:
    """Return the items, leaving out headings without a decision, an action or an amendment."""
    return tuple(item for item in items if item.is_case or item.decisions or item.actions or item.amendments)
