"""How agencies attended, in chat."""

from collections.abc import Sequence

from bot.services.people.directory import AgencyRecord, Came, PanelRecord
from bot.slack.reply import Block, View
from bot.slack.views.blocks import button, context, escape, header, modal, section
from bot.slack.views.days import day
from bot.slack.views.people import packed, turner


def attendance(records: Sequence[PanelRecord], sought: str, number: int = 0) -> View:
    """One panel a page: who came for each agency, and what its absence cost."""
    if not records:
        return modal("notice", "Attendance", [section("There is no panel to show yet.")], submit=None)
    number = min(number, len(records) - 1)
    record = records[number]
    blocks: list[Block] = [header(record.panel_title)]
    if not record.meetings:
        blocks.append(section("No meeting has been held yet. Attendance shows here once one is closed."))
    elif not record.agencies:
        blocks.append(section("Nothing is known of this agency at the meetings held."))
    else:
        many = "The last meeting" if record.meetings == 1 else f"The last {record.meetings} meetings"
        blocks.append(context(f"{many}. Attended: somebody was there for the agency, deputies included."))
        blocks += packed(_agency(each) for each in record.agencies)
    before = button("Previous panel", "people.attendance", f"{number - 1}|{sought}")
    after = button("Next panel", "people.attendance", f"{number + 1}|{sought}")
    blocks += turner(number, len(records), "a panel each", before, after)
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
