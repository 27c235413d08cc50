"""The forms that enrol people, change their details, name deputies, end places, and record that a person has left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from html import unescape
from typing import Any

from bot.models.vocabulary import Role
from bot.records.people.changes import NOT_TO_ONESELF
from bot.services.leaving.departure import Holdings
from bot.services.leaving.places import EndForm
from bot.services.people.changing import ChangeForm
from bot.services.people.deputies import DeputyForm
from bot.services.people.enrolment import MAX_JOB_TITLE, ROLES_TO_GIVE, EnrolmentForm
from bot.slack.blocks import (
    capital,
    choices,
    context,
    counted,
    cut,
    day,
    day_input,
    escape,
    field,
    grouped_select,
    modal,
    paragraphs,
    person_input,
    section,
    select,
    text_input,
    tick_boxes,
)
from bot.slack.people.views import place_words
from bot.slack.request import Block, View

#: The option for all panels of a person, used in place of a panel's number.
ALL_PANELS = "all"
_WHY_SURE = {
    "guest": "This person is a guest in this workspace.",
    "foreign": "This person belongs to another workspace.",
}


def enrolment(form: EnrolmentForm, metadata: Mapping[str, Any]) -> View:
    """Return the form that enrols a person, gives an enrolled person other places, or brings back a person who left."""
    title = {"enrol": "Enrol a person", "add": "Give places", "return": "Bring a person back"}[form.purpose]
    blocks: list[Block] = []
    if form.purpose == "add":
        blocks.append(section(f"*{escape(form.name)}* is enrolled. Which other panels should they join?"))
    else:
        if form.purpose == "return":
            blocks.append(
                section("They don't get back their earlier places on panels. Choose the places that they need now.")
            )
        agencies = [(str(number), name) for number, name in form.agencies]
        agency = None if form.agency_id is None else str(form.agency_id)
        blocks += [
            field("name", "Name", text_input(initial=form.name, most=120)),
            _job_title(form.job_title),
            field("agency", "Agency", select(agencies, initial=agency)),
            field("timezone", "Time zone", text_input(initial=form.timezone, most=60), hint="Such as Europe/London."),
        ]
    places = _places(form)
    if places is not None:
        hint = "To name a deputy, type /people deputise."
        blocks.append(field("places", "Panels and roles", places, hint=hint, optional=form.purpose != "add"))
    else:
        blocks.append(context("There is no other place that you can give."))
    if form.roles != ROLES_TO_GIVE:
        blocks.append(context(NOT_TO_ONESELF))
    if form.confirm is not None:
        sure = tick_boxes(("yes", "Enrol them anyway"))
        blocks.append(field("sure", _WHY_SURE[form.confirm], sure, optional=True))
    return modal("people.enrol", title, blocks, submit="Save", metadata=metadata)


def _job_title(initial: str) -> Block:
    hint = "The minutes print the job title after the name, such as Detective inspector."
    return field("job_title", "Job title", text_input(initial=initial, most=MAX_JOB_TITLE), optional=True, hint=hint)


def _places(form: EnrolmentForm) -> Block | None:
    places = {
        title: [
            (f"{panel_id}:{role}", f"{capital(role.label)}, {title}")
            for role in form.roles
            if (panel_id, role) not in form.has_places
        ]
        for panel_id, title in form.panels
    }
    return grouped_select(places.items(), many=True) if any(places.values()) else None


@dataclass(frozen=True, slots=True)
class When:
    """When a deputy stands in, as it was typed: for one meeting, for a period of days, or until further notice."""

    meeting_id: int | None = None
    begins: date | None = None
    ends: date | None = None
    is_standing: bool = False  #: until further notice

    @property
    def is_period(self) -> bool:
        """Return whether the time was typed as a period of days, and not as a meeting."""
        return self.meeting_id is None and (self.begins is not None or self.ends is not None)


def deputising(form: DeputyForm, metadata: Mapping[str, Any], when: When | None = None) -> View:
    """Return the form that names a deputy. The typed time, or else the next meeting, is already chosen."""
    when = when or When()
    how = "period" if when.is_period else "standing" if when.is_standing else ("meeting" if form.meetings else "period")
    member = "you" if form.is_oneself else f"*{escape(form.person_name)}*"
    meetings = [(str(number), f"{day(at.date())}, {title}") for number, title, at in form.meetings]
    ways = [("period", "For a period"), ("standing", "Until further notice")]
    if meetings:
        ways.insert(0, ("meeting", "For one meeting"))
    blocks = [
        section(f"*{escape(form.deputy_name)}* stands in for {member}."),
        field("how", "For how long", select(ways, initial=how)),
    ]
    if meetings:
        chosen = meetings[0][0] if when.meeting_id is None else str(when.meeting_id)
        blocks.append(field("meeting", "Meeting", select(meetings, initial=chosen), optional=True))
    panels = [(str(number), title) for number, title in form.panels]
    if len(panels) > 1:
        every = select([(ALL_PANELS, "All their panels"), *panels], initial=ALL_PANELS)
        blocks.append(field("panel", "Panel", every, hint="Choose this only for a period, or until further notice."))
    blocks += [
        field(
            "from",
            "First day",
            _day_typed(when.begins if when.is_period else None),
            optional=True,
            hint="If you leave this empty, I'll use today.",
        ),
        field(
            "until", "Last day", _day_typed(when.ends if when.is_period else None), optional=True, hint="For a period."
        ),
        context(
            "During that time, the deputy sees the panel's agenda and actions. Choose someone senior enough to decide."
        ),
    ]
    return modal("people.deputise", "Name a deputy", blocks, submit="Name them", metadata=metadata)


def _day_typed(on: date | None) -> Block:
    return day_input(initial=on.isoformat() if on else "")


def ending(form: EndForm, metadata: Mapping[str, Any]) -> View:
    """Return the form that asks which of a person's places end, and who takes over what they hold there."""
    options = [(str(place.id), unescape(place_words(place))) for place in form.places]
    chosen = [options[0][0]] if len(options) == 1 else []
    holds = any(place.role is not Role.DEPUTY for place in form.places)
    blocks = [
        section(f"Which of *{escape(form.name)}*'s places should end?"),
        field("places", "Places", choices(options, initial=chosen)),
    ]
    if holds:
        hint = "If you choose no one, their deputy, their agency's lead or the co-ordinator takes over."
        blocks.append(field("successor", "Who takes over", person_input(), optional=True, hint=hint))
    blocks.append(context("Their access to the panel ends at once. I'll hand over their actions and flags there."))
    return modal("people.end", "End a place", blocks, submit="End", metadata=metadata)


def leaving(holdings: Holdings, metadata: Mapping[str, Any]) -> View:
    """Return the form that records that a person has left. The form lists everything that this person holds."""
    person = holdings.person
    held = [
        f"• {counted(holdings.actions, 'action')} to answer for",
        f"• {counted(holdings.flags, 'flag')} waiting",
        *(f"• {place_words(place)}" for place in person.places),
        *(f"• {escape(name)} stands in for them" for name in holdings.deputies),
    ]
    if holdings.has_feed:
        held.append("• A calendar address")
    if person.leads_agency:
        held.append(f"• They lead {escape(person.agency_name)}")
    successor = holdings.successor[0] if holdings.successor else ""
    hint = "If you choose no one, their agency or the co-ordinator takes over. People only get cases they can read."
    blocks = [
        section(f"*{escape(person.name)}*, {escape(person.agency_name)}, has:"),
        *paragraphs(held),
        field("successor", "Who takes over", person_input(initial=successor), optional=True, hint=hint),
    ]
    if holdings.needs_lead:
        blocks.append(field("lead", f"Who leads {cut(person.agency_name, 100)} now", person_input()))
    undo = "You can't undo this. `/people return` brings the person back."
    uncounted = (
        "I'll also hand over their actions and flags on cases you can't read, but this list doesn't count those."
    )
    blocks.append(context(f"Their access ends at once, everywhere. {uncounted} {undo}"))
    return modal("people.leave", "Has left", blocks, submit="They have left", metadata=metadata)


def changing(form: ChangeForm, metadata: Mapping[str, Any]) -> View:
    """Return the form that changes a person's details, filled in with the present details."""
    person = form.person
    agencies = [(str(number), name) for number, name in form.agencies]
    blocks = [
        field("name", "Name", text_input(initial=person.name, most=120)),
        _job_title(person.job_title),
        field("agency", "Agency", select(agencies, initial=str(person.agency_id))),
        field("timezone", "Time zone", text_input(initial=person.timezone, most=60), hint="Such as Europe/London."),
    ]
    if form.is_administrators:
        held = {"lead": person.leads_agency, "administrator": person.is_administrator}
        offices = tick_boxes(
            ("lead", "Leads the agency"),
            ("administrator", "Administers panelbot"),
            initial=[office for office, has in held.items() if has],
        )
        blocks.append(field("offices", "Offices", offices, optional=True))
    blocks.append(context("If you change the agency, their actions and flags go to a colleague at the old agency."))
    if form.has_agency_places:
        keep = tick_boxes(("yes", "Keep them, for the new agency"))
        blocks.append(field("keep", "Places as representative or deputy", keep, optional=True))
    hint = (
        "Choose a colleague from the agency that this person is leaving. "
        "If you choose no one, the agency's lead takes over."
    )
    blocks.append(field("successor", "Who takes over", person_input(), optional=True, hint=hint))
    return modal("people.change", cut(person.name, 24), blocks, submit="Save", metadata=metadata)
