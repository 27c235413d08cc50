"""The agenda as a Word file and the grid of returns as a spreadsheet, each for one reader."""

from collections.abc import Iterable
from functools import partial

from sqlmodel import col

from bot.documents.agenda import AgendaFacts, AgendaItemFacts, render_agenda
from bot.documents.papers import File, action_facts, presented
from bot.documents.returns_grid import render_grid
from bot.domain.notices import Notice
from bot.domain.panel_definition import MARKING
from bot.domain.permissions import Actor, Verb
from bot.domain.states import UNCONFIRMED_STATES
from bot.models.actions import Action
from bot.models.meetings import Meeting
from bot.models.panels import Panel
from bot.records.access.queries import local_time, require_meeting, today_at
from bot.records.actions.queries import ActionView, view_actions
from bot.records.agenda.published import version_for
from bot.records.agenda.queries import lines_for, overrun_at, unlisted_cases, view_items
from bot.records.agenda.returns import asked_at, returns_due
from bot.records.cases.queries import hearings_of_each
from bot.records.people.queries import presiding
from bot.services.agenda.returns import ReturnGrid, grid_of_meeting
from bot.store.rows import id_of
from bot.store.unit_of_work import Work


def export_grid(work: Work, actor: Actor, meeting_id: int, *, request_key: str) -> ReturnGrid:
    """Send the asker the grid of returns as a spreadsheet. `request_key` identifies this request."""
    found = grid_of_meeting(work, actor, meeting_id)
    work.audit("export", "return", meeting_id, actor_id=actor.person_id)
    work.tell(actor.person_id, Notice.GRID_FILE, once=request_key, meeting_id=meeting_id)
    return found


def grid_document(work: Work, actor: Actor, meeting_id: int) -> File:
    """Return the grid of returns as a spreadsheet. Raise NotForYou if the reader may not see it."""
    found = grid_of_meeting(work, actor, meeting_id)
    panel = work.session.get_one(Panel, work.session.get_one(Meeting, meeting_id).panel_id)
    title = f"Returns to {found.panel_title}, {found.starts_at:%-d %B %Y}"
    made_on = today_at(work, panel)
    return File(
        name=f"{found.panel_key}-{found.starts_at:%Y-%m-%d}-returns.xlsx",
        title=title,
        write=partial(render_grid, found.agencies, found.rows, title=title, marking=MARKING, made_on=made_on),
        panel_id=id_of(panel),
        meeting_id=meeting_id,
        case_ids=found.case_ids,
    )


def agenda_document(work: Work, actor: Actor, meeting_id: int) -> File:
    """Return the agenda as a Word file for this reader. Raise NotForYou if the reader may not see the agenda."""
    standing, meeting = require_meeting(work, actor, meeting_id, Verb.SEE_AGENDA, noun="that agenda")
    panel = standing.panel
    definition = work.definition(panel.definition)
    starts_at = local_time(work, panel, meeting.starts_at)
    ends_at = local_time(work, panel, meeting.ends_at)
    arising = view_actions(
        work,
        actor.person_id,
        col(Action.panel_id) == id_of(panel),
        col(Action.state).in_(sorted(UNCONFIRMED_STATES)),
        col(Action.created_at) < (meeting.opened_at or work.now),
    )
    lines = lines_for(work, actor.person_id, meeting)
    items = view_items(work, actor.person_id, panel, meeting, lines=lines)
    overrun = overrun_at(work, panel, meeting, items)
    version = version_for(work, actor.person_id, panel, meeting, lines)
    work.saw(actor.person_id, unlisted_cases(version, items, id_of(panel)))
    made_on = local_time(work, panel, version.published_at or work.now).date()
    heard = hearings_of_each(
        work, [item.flag.case_id for item in items if item.flag is not None], before=meeting, with_words=False
    )
    returns_on = returns_due(work, panel, meeting)
    # A deadline that is over, or is on the day of the meeting, is left out.
    asks = definition.hears_cases and made_on <= returns_on and made_on < starts_at.date()
    titles = {section.key: section.title for section in definition.agenda}
    chairs = presiding(work, id_of(panel))
    facts = AgendaFacts(
        panel=panel.title,
        when=f"{starts_at:%A %-d %B %Y, %H:%M} to {ends_at:%H:%M}",
        venue=meeting.venue,
        chair=chairs[0].name if chairs else "To be confirmed",
        confidentiality=definition.printed_statement,
        marking=definition.marking,
        made_on=made_on,
        version=max(1, version.number),
        is_draft=version.number == 0,
        changes=version.words,
        returns_by=f"{returns_on:%A %-d %B %Y}" if asks else "",
        returned=_returned(work, actor, meeting),
        items=tuple(
            AgendaItemFacts(
                number=item.number,
                key=item.section if item.kind is None else "",
                section=item.heading or titles.get(item.section, item.title),
                title=item.title,
                presenter=item.presenter,
                minutes=item.minutes,
                starts=f"{item.starts_at:%H:%M}",
                prompt=item.prompt if item.flag is None else "",
                tabled=tuple(one.words for one in item.tabled),
                case=presented(item.flag, heard.get(item.flag.case_id, ())) if item.flag is not None else None,
            )
            for item in items
        ),
        overrun=overrun.words if overrun else "",
        outstanding=tuple(action_facts(action) for action in arising),
    )
    return File(
        name=f"{panel.key}-{starts_at:%Y-%m-%d}-agenda-v{facts.version}.docx",
        title=f"Agenda, {panel.title}, {starts_at:%-d %B %Y}",
        write=partial(render_agenda, facts, work.templates, definition.agenda_template),
        panel_id=id_of(panel),
        meeting_id=meeting_id,
        case_ids=_cases_of(arising)
        | {item.flag.case_id for item in items if item.flag is not None}
        | {one.case_id for item in items for one in item.tabled},
    )


def _cases_of(actions: Iterable[ActionView]) -> frozenset[int]:
    return frozenset(action.case_id for action in actions if action.case_id is not None)


def _returned(work: Work, actor: Actor, meeting: Meeting) -> str:
    """Return a sentence saying which agencies have sent returns on the cases that the reader sees.

    Return an empty string if no agency has sent one yet.
    """
    asked = asked_at(work, [meeting], actor.person_id).get(id_of(meeting), [])
    if not any(one.answer for one in asked):
        return ""
    owed: dict[str, int] = {}
    for one in asked:
        owed[one.agency_name] = owed.get(one.agency_name, 0) + (one.answer is None)
    done = [name for name, count in owed.items() if not count]
    waiting = [f"{name} ({count} to come)" for name, count in owed.items() if count]
    said = [f"Returned: {', '.join(done)}."] if done else []
    return " ".join([*said, *([f"Not yet complete: {', '.join(waiting)}."] if waiting else [])])
