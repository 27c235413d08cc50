"""Where a panel meets, in chat: the form, what another venue changes, and what it changed."""

from collections.abc import Sequence
from typing import Any

from bot.records.diary.queries import MeetingChoice
from bot.services.rescheduling.venues import VenueChange
from bot.slack.reply import Block, View
from bot.slack.views.blocks import context, counted, escape, field, modal, paragraphs, section, select, text_input
from bot.slack.views.days import moment
from bot.slack.views.series import SHOWN, clashes, reason_field

_REACHES = (("this", "This meeting only"), ("later", "This and all that follow, also those not yet in the diary"))


def venue_form(meetings: Sequence[MeetingChoice], *, panel_title: str, venue: str, metadata: dict[str, Any]) -> View:
    """Asking where, and from which meeting on."""
    options = [(str(one.id), f"{moment(one.starts_at)}{' (the next one)' if one.is_next else ''}") for one in meetings]
    return modal(
        "panel.venue_asked",
        "Another venue",
        [
            context(f"For {escape(panel_title)}. Nothing is saved before you have seen what changes."),
            field("meeting", "Which meeting", select(options, initial=options[0][0])),
            field("reach", "How far", select(_REACHES, initial=_REACHES[0][0])),
            field(
                "venue", "Where", text_input(initial=venue, most=200), hint="A place, such as: Council offices, room 2."
            ),
        ],
        submit="Show what changes",
        metadata=metadata,
    )


def venue_preview(change: VenueChange, metadata: dict[str, Any], *, reason: str = "", again: bool = False) -> View:
    """What another venue changes."""
    places = {before for _, before in change.moves}
    instead = f" instead of {_place(*places)}" if len(places) == 1 else ""
    lines = [
        f"• {moment(at)}" + ("" if instead else f", until now {_place(before)}") for at, before in change.moves[:SHOWN]
    ]
    if len(change.moves) > SHOWN:
        lines.append(f"… and {len(change.moves) - SHOWN} more.")
    head = f"*{escape(change.panel_title)}* meets at *{_place(change.venue)}*{instead}:"
    blocks: list[Block] = [section(head), *paragraphs(lines)]
    if change.and_later:
        blocks.append(context("Meetings that are put into the diary later are held there too."))
    if change.agenda_is_out:
        blocks.append(section(":warning: An agenda is out already, with the venue it has now."))
    blocks += clashes(change.clashes)
    if again:
        blocks.insert(0, section(":warning: The diary has changed while you looked. Please look again."))
    return modal("panel.venue", "Meet there?", [*blocks, reason_field(reason)], submit="Save", metadata=metadata)


def venue_changed(change: VenueChange) -> str:
    """What was changed, and how to put it back."""
    count, title, place = len(change.moves), escape(change.panel_title), _place(change.venue)
    if count == 1:
        said = f"{title} meets at *{place}* on {moment(change.moves[0][0])}."
    else:
        said = f"{counted(count, 'coming meeting')} of {title}: *{place}* from now on."
    before = next((venue for _, venue in change.moves), "")
    back = f" To put it back: `/panel venue {change.panel_key}`, {escape(before)}." if before else ""
    return f"{said}{' Members are being told.' if count else ''}{back}"


def _place(venue: str) -> str:
    return escape(venue) or "no named place"
