"""Members, places, handovers and attendance as they are shown in chat."""

from collections.abc import Iterable, Sequence

from bot.records.leaving.queries import HandoverView, Left, NewHolder
from bot.records.people.views import PersonView, PlaceView
from bot.services.county.agreements import AgreementView
from bot.services.leaving.departure import HandedToYou
from bot.services.leaving.places import Ended
from bot.services.people.changing import Changed
from bot.services.people.deputies import Named
from bot.services.people.directory import AgencyRecord, Came, Directory, PanelRecord
from bot.services.people.enrolment import Enrolled
from bot.services.people.readings import GivenPlace, PlacesGiven
from bot.services.people.welcome import Welcome, WelcomedTo
from bot.slack.actions.views import open_button, told
from bot.slack.blocks import (
    MESSAGE_BLOCKS,
    NOT_FOR_EMERGENCIES,
    button,
    buttons,
    context,
    counted,
    day,
    divider,
    escape,
    header,
    modal,
    moment,
    page,
    paragraphs,
    section,
)
from bot.slack.cases.flag_views import ANY_PANEL, flag_button
from bot.slack.pages import page_of
from bot.slack.request import Block, Said, View

LINES_ON_PAGE = 40
NOTHING_TO_DECIDE = "You have nothing to decide about new chairs and older closed items."


def directory(found: Directory, sought: str, number: int = 0) -> View:
    """Return one page of members, grouped by panel or agency, with their places.

    The last page also names the groups without members.
    """
    lines = [(group.title, _listed(person)) for group in found.groups for person in group.people]
    empty = [group.title for group in found.groups if not group.people]
    pages = -(-len(lines) // LINES_ON_PAGE) or 1
    first, shown = page_of(lines, number, LINES_ON_PAGE)  # places end while a person turns the pages
    number = first // LINES_ON_PAGE
    blocks: list[Block] = []
    for title in dict.fromkeys(title for title, _ in shown):
        count = sum(each == title for each, _ in lines)
        blocks.append(header(f"{title} ({count})"))
        blocks += paragraphs(text for each, text in shown if each == title)
    if number == pages - 1:
        if not lines:
            blocks.append(section("Nobody has a place yet. The co-ordinator can give one: `/people enrol @name`."))
        elif empty:
            blocks.append(context(f"Nobody: {escape(', '.join(empty))}."))
        if found.leads:
            blocks.append(divider())
            leads = [f"{escape(agency)}: {escape(lead) if lead else '*nobody*'}" for agency, lead in found.leads]
            blocks += paragraphs(["*Who leads each agency*", *leads])
    blocks += _turner("people.page", "page", sought, number, pages, counted(len(lines), "place"))
    return modal("notice", "Who sits where", blocks, submit=None)


def _turner(action: str, unit: str, sought: str, number: int, pages: int, what: str) -> list[Block]:
    """Return a line with the page number, followed by `what`, and buttons to the pages before and after.

    Return nothing if there is only one page.
    """
    if pages <= 1:
        return []
    ways = (("Previous", number - 1), ("Next", number + 1))
    turn = [button(f"{way} {unit}", action, f"{to}|{sought}") for way, to in ways if 0 <= to < pages]
    return [context(f"Page {number + 1} of {pages}, {what}."), buttons(*turn)]


def _listed(person: PersonView) -> str:
    marks = [
        mark for mark, holds in (("lead", person.leads_agency), ("administrator", person.is_administrator)) if holds
    ]
    office = f" ({', '.join(marks)})" if marks else ""
    panels = {place.panel_title for place in person.places}
    places = "; ".join(place_words(place, with_panel=len(panels) > 1) for place in person.places) or "no place"
    return f"*{escape(person.name)}*, {escape(person.agency_name)}{office}: {places}"


def place_words(place: PlaceView, *, with_panel: bool = True) -> str:
    """Return a place in words, such as `deputy for Sam Jones until Fri 27 Nov 2026 on West MET`."""
    words = place.role.label
    if place.deputy_for_name:
        words += f" for {escape(place.deputy_for_name)}"
    if place.meeting_at is not None:
        words += f" at the meeting of {moment(place.meeting_at)}"
    else:
        words += f" from {day(place.begins_on)}" if place.begins_on else ""
        words += f" until {day(place.until)}" if place.until else ""
    return f"{words} on {escape(place.panel_title)}" if with_panel else words


def done(title: str, lines: Iterable[str]) -> View:
    """Return a modal with these lines, which say what a form has done."""
    return modal("notice", title, paragraphs(lines), submit=None)


def enrolled(view: Enrolled) -> View:
    """Return a modal with the places of a person just enrolled, and the channels that they must be invited to."""
    name = escape(view.person.name)
    said = {
        "enrol": f"*{name}* is enrolled for {escape(view.person.agency_name)}.",
        "return": (
            f"*{name}* is back at {escape(view.person.agency_name)}. "
            "They don't get back their earlier places and actions."
        ),
        "add": f"*{name}* has been given {counted(view.added, 'more place')}."
        if view.added
        else f"*{name}* already has all the places that you chose.",
    }[view.purpose]
    places = [f"• {place_words(place)}" for place in view.person.places]
    lines = [said, *(places or ["This person has no place on a panel yet."])]
    if view.to_join:
        where = ", ".join(f"<#{channel_id}>" for channel_id in view.to_join)
        lines.append(f"*Next, invite <@{view.user_id}> to {where}*. The panel meets there, and I can't invite people.")
    return done("Done", lines)


def welcome(found: Welcome) -> Said:
    """Return the welcome to a new representative: the panels they joined, and what to do first."""
    text = f"Welcome to {escape(' and '.join(one.panel_title for one in found.panels))}."
    lines = [f"You represent {escape(found.agency_name)} here."]
    lines += [_joined(one) for one in found.panels]
    flags_to = [one.panel_key for one in found.panels if one.hears_cases and one.begins_on is None]
    todo = [
        "*Say who comes.* Answer the invitation to the next meeting, or type `/meeting reply coming`. "
        "If you can't come, name your deputy.",
        "*Open the Home tab*, beside this one, to see your actions, invitations and returns.",
    ]
    if any(one.hears_cases for one in found.panels):
        lines[0] += (
            " At the meetings, agencies share what they know about children at risk, and agree who does what and when."
        )
        todo.append("*Flag a case* when you have a concern about a child. Give the case reference only, never a name.")
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(todo, start=1))
    many = {2: "Two", 3: "Three"}[len(todo)]
    blocks = [section(f"*{text}*"), *paragraphs(lines), section(f"{many} things to do:\n{steps}")]
    if flags_to:
        blocks.append(buttons(flag_button(flags_to[0] if len(flags_to) == 1 else ANY_PANEL)))
    return text, (*blocks, context(NOT_FOR_EMERGENCIES))


def _joined(one: WelcomedTo) -> str:
    where = f" in <#{one.channel_id}>" if one.channel_id else ""
    said = f"• *{escape(one.panel_title)}* ({escape(one.kind)}){where}: "
    if one.begins_on is not None:
        return f"{said}your place begins on {day(one.begins_on)}."
    if one.next_at is None:
        return f"{said}no meeting is in the diary yet."
    return f"{said}next on {moment(one.next_at)}{', ' + escape(one.venue) if one.venue else ''}."


def named(view: Named) -> View:
    """Return a modal that says who is now a member's deputy, and for which of the member's places."""
    said = f"*{escape(view.deputy_name)}* stands in for *{escape(view.person_name)}*."
    return done("Done", [said, *(f"• {place_words(place)}" for place in view.places)])


def deputy_named(view: Named, *, is_deputy: bool) -> Said:
    """Return a message about a deputy's new places, to the deputy or to the member they stand in for."""
    who = "You stand" if is_deputy else f"{escape(view.deputy_name)} stands"
    text = f"{who} in for {escape(view.person_name) if is_deputy else 'you'}."
    places = paragraphs(f"• {place_words(place)}" for place in view.places)
    more = "While you stand in, you see the panel's agenda and actions." if is_deputy else "To end this: `/people end`."
    return text, (section(text), *places, context(more))


def places_given(view: PlacesGiven) -> Said:
    """Return a message to a chair or named reader about new places on a panel, with buttons about closed items."""
    by = escape(view.by_name) if view.by_name else "the county file"
    panel = escape(view.panel_title)
    lines = [f"{_who(one)} is now {place_words(one.place, with_panel=False)}." for one in view.places]
    text = f"New places on {panel}, given by {by}."
    blocks: list[Block] = [section(f"*New on {panel}*, given by {by}:"), *paragraphs(f"• {line}" for line in lines)]
    for one in view.places:
        blocks += _to_decide(one)
    wrong = "If this is wrong, ask the panel's co-ordinator or an administrator to end the place."
    return text, (*blocks, context(wrong))


def undecided(found: Sequence[PlacesGiven]) -> Said:
    """Return a message listing new chairs and vice-chairs. The reader must decide if they may read closed items."""
    text = (
        f"{counted(len(found), 'new chair or vice-chair needs', 'new chairs or vice-chairs need')} "
        "your decision: may they read older closed items?"
        if found
        else NOTHING_TO_DECIDE
    )
    groups = [list(places_given(one)[1]) for one in found]
    return text, (section(text), *page(groups, most_blocks=MESSAGE_BLOCKS - 1, more="Answer these to see the others."))


def _who(one: GivenPlace) -> str:
    return f"*{escape(one.name)}* ({escape(one.agency_name)})"


def _to_decide(one: GivenPlace) -> list[Block]:
    """Return blocks that ask whether a new chair or vice-chair may read older closed items, or that show the answer."""
    name, place_id = escape(one.name), one.place.id
    if not one.items:
        return [context(f"{name} can read earlier closed items only if the chair agrees.")] if one.presides else []
    items = counted(one.items, "older closed item")
    yes = button("Yes", "people.open_closed", place_id, style="primary")
    no = button("No", "people.keep_closed", place_id)
    if one.answer is None:
        them = "it" if one.items == 1 else "them"
        asked = f"This panel has {items}. {name} can't read {them} unless you say yes. May {name} read {them}?"
        return [section(asked), buttons(yes, no)]
    if one.answer:
        return [
            section(f"You said yes: {name} can read {items}."),
            buttons(button("Take back", "people.keep_closed", place_id)),
        ]
    return [section(f"You said no: {name} can't read {items}."), buttons(yes)]


def ended(view: Ended) -> View:
    """Return a modal that says which places of a person ended and who took over."""
    return done("Done", [f"*{escape(view.name)}*:", *handover_lines(view.handover)])


def changed(view: Changed) -> View:
    """Return a modal with a person's new details."""
    person = view.person
    title = f", {escape(person.job_title)}," if person.job_title else ""
    works = f"works for {escape(person.agency_name)}, time zone {escape(person.timezone)}."
    lines = [f"*{escape(person.name)}*{title} {works}"]
    if person.leads_agency:
        before = f", instead of {escape(view.lead_before)}" if view.lead_before else ""
        lines.append(f"They are their agency's lead{before}.")
    if person.is_administrator:
        lines.append("They administer panelbot.")
    if view.from_agency:
        lines.append(f"What they held for {escape(view.from_agency)} stays with that agency:")
        lines += handover_lines(view.handover)
    return done("Changed", lines)


def left(view: Left) -> View:
    """Return a modal that says that a person has left, and who took over their actions and flags."""
    new_lead = [f"{escape(view.new_lead)} leads the agency now."] if view.new_lead else []
    said = f"*{escape(view.name)}* has left. They no longer have access."
    return done("They have left", [said, *handover_lines(view.handover, led=not view.new_lead), *new_lead])


def account_off(view: Left) -> Said:
    """Return a message telling a co-ordinator that an account was switched off, and who now holds its owner's work."""
    text = f"{escape(view.name)}'s Slack account was switched off, so they have left."
    return text, (
        section(text),
        *paragraphs(handover_lines(view.handover)),
        context("`/people return` brings the person back."),
    )


def account_on(name: str) -> Said:
    """Return a message telling a co-ordinator that a Slack account is active again, but its owner has no access yet."""
    text = f"{escape(name)}'s Slack account is on again. They still have no access. To give it back: `/people return`."
    return text, (section(text),)


def handover_lines(handover: HandoverView, *, led: bool = True) -> list[str]:
    """Return lines saying who now holds a person's work, and which places ended. No line has details of a case."""
    lines = [f"• {escape(panel)}: no longer {role.label}" for panel, role in handover.places]
    lines += [f"• {_got(one)}" for one in handover.new_holders]
    if not handover.new_holders and not handover.unassigned:
        lines.append("• They had no actions or flags there that you can see.")
    if handover.unassigned:
        what = counted(handover.unassigned, "thing is", "things are")
        lines.append(
            f"• :warning: {what} still theirs, because no other member may read the case. Add a member who may read it."
        )
    for deputy, panel, person in handover.deputies:
        now = f"stands in for {escape(person)} now" if person else "is no longer anyone's deputy"
        lines.append(f"• {escape(deputy)} {now} on {escape(panel)}")
    if handover.had_feed:
        lines.append("• Their calendar address no longer works.")
    if led and handover.leaderless_agency:
        lines.append(
            f"• :warning: {escape(handover.leaderless_agency)} has no lead now. "
            "An administrator can choose one with `/people change`."
        )
    lines += [
        f"• :warning: {escape(panel)} has no chair now: nobody can triage its flags. To add one: `/people enrol @name`."
        for panel in handover.chairless_panels
    ]
    if handover.no_administrator:
        lines.append("• :warning: Nobody administers panelbot now. The county file names administrators.")
    return lines


def _got(one: NewHolder) -> str:
    things = []
    if one.actions:
        numbers = ", ".join(str(number) for number in one.actions)
        things.append(f"action{'' if len(one.actions) == 1 else 's'} {numbers}")
    if one.flags:
        things.append(counted(one.flags, "waiting flag"))
    return f"{escape(one.name)} has {' and '.join(things)}"


def handed_over(view: HandedToYou) -> Said:
    """Return one message to a person about all actions and cases that were handed to them."""
    held = ((len(view.actions), "action"), (len(view.flags), "case"))
    counts = [counted(count, noun) for count, noun in held if count]
    text = f"You are taking over {' and '.join(counts)} from {escape(view.from_name)}."
    groups: list[list[Block]] = [[section(told(action), open_button(action))] for action in view.actions]
    groups += [[section(f"{escape(reference)}: you present it to {escape(panel)}")] for reference, panel in view.flags]
    more = "`/action list mine` and `/case list` show all of them."
    return text, (section(text), divider(), *page(groups, most_blocks=MESSAGE_BLOCKS - 2, more=more))


def attendance(records: Sequence[PanelRecord], sought: str, number: int = 0) -> View:
    """Return a modal with attendance at one panel, and the meetings that an agency's absence left without a quorum."""
    if not records:
        return modal("notice", "Attendance", [section("There is no panel to show yet.")], submit=None)
    number = max(0, min(number, len(records) - 1))
    record = records[number]
    blocks: list[Block] = [header(record.panel_title)]
    if not record.meetings:
        blocks.append(section("No meeting has been held yet. Attendance shows here once a meeting is closed."))
    elif not record.agencies:
        blocks.append(section("There is no attendance of this agency yet."))
    else:
        many = "The last meeting" if record.meetings == 1 else f"The last {record.meetings} meetings"
        blocks.append(context(f"{many}. If an agency's deputy came, the agency counts as present."))
        blocks += paragraphs(_agency(each) for each in record.agencies)
    blocks += _turner("people.attendance", "panel", sought, number, len(records), "a panel each")
    return modal("notice", "Attendance", blocks, submit=None)


def _agency(record: AgencyRecord) -> str:
    parts = []
    for how in Came:
        days = [on for on, came in record.came if came is how]
        if not days:
            continue
        when = "" if how is Came.PRESENT else f" ({'; '.join(day(on) for on in days)})"
        parts.append(f"{how.value} {len(days)}{when}")
    lines = [f"*{escape(record.agency_name)}*: {record.percentage}% of {len(record.came)}", "    " + " · ".join(parts)]
    if record.inquorate_on:
        lines.append(f"    :warning: not quorate without them: {'; '.join(day(on) for on in record.inquorate_on)}")
    return "\n".join(lines)


def agreement_review(found: AgreementView) -> str:
    """Return a message to a co-ordinator with the day by which an agency's sharing agreement must be reviewed."""
    signed = f", signed on {day(found.signed_on)}," if found.signed_on else ""
    return (
        f"The sharing agreement of {escape(found.agency_name)}{signed} is to be reviewed by {day(found.review_on)}. "
        "After the review, an administrator puts the new dates into the county file."
    )
