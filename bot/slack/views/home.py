"""App Home by role: each part under a heading of its own, every part turned over by itself, never over 100 blocks."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.records.actions.queries import ActionView
from bot.services.actions.tracker import ActionList
from bot.services.home.overview import ACTIONS_SHOWN, HomeView
from bot.services.home.undelivered import HeldBack, Stranded
from bot.slack.actions.views import line
from bot.slack.emergencies import NOT_FOR_EMERGENCIES
from bot.slack.reply import Block, View
from bot.slack.views import home_office, home_panels, pages
from bot.slack.views.blocks import (
    VIEW_BLOCKS,
    button,
    buttons,
    context,
    cut,
    divider,
    escape,
    header,
    how_many_fit,
    modal,
    section,
)
from bot.slack.views.home_turning import Places, turning

_HELP = (
    "`/action help` · `/case help` · `/agenda help` · `/meeting help` · `/minutes help` · `/panel help` · "
    "`/people help`"
)


def home(
    view: HomeView,
    undelivered: Stranded | None = None,
    places: Mapping[str, int] | None = None,
    alarms: Sequence[HeldBack] = (),
) -> View:
    """One person's Home: their own part, what they chair, the diary they keep, the county."""
    turned = Places(places or {})
    parts: list[list[Block]] = []
    if alarms:
        parts.append(home_office.held_back(alarms))
    if view.holds_actions:
        parts.append(_own(view))
    if view.panels:
        parts.append(home_panels.panels(view.panels, turned))
    if view.chairing:
        parts.append(home_panels.chairing(view.chairing, turned))
    if view.keeps_diary and view.glance is None:
        parts.append(home_office.late_in_diary(view.late, turned))
    if view.glance is not None:
        parts.append(home_office.glance(view.glance))
        parts.append(home_office.late_in_diary(view.late, turned))
    if undelivered is not None and undelivered.total:
        parts.append(home_office.stranded(undelivered))
    if view.diary:
        parts.append(home_panels.diary(view.diary, turned))
    if not (view.panels or view.chairing or view.diary or view.glance):
        parts.append([header("Your panels"), section("You are on no panel yet. Your administrator can add you.")])
    blocks: list[Block] = []
    for part in parts:
        blocks += [*part, divider()]
    blocks += [context(_HELP), context(NOT_FOR_EMERGENCIES)]
    made: View = {"type": "home", "blocks": blocks}
    if turned.given:
        made["private_metadata"] = turned.metadata()
    return made


def _own(view: HomeView) -> list[Block]:
    count = view.actions_count
    blocks: list[Block] = [header(f"Your open actions ({count})" if count else "Your open actions")]
    if not count:
        return [*blocks, section("Nothing is open. Thank you.")]
    for action in view.actions:
        blocks += [section(cut(line(action), 1200)), _answers(action)]
    return [*blocks, *turning("actions", count, view.actions_from, ACTIONS_SHOWN)]


def _answers(action: ActionView) -> Block:
    return buttons(
        button("Done", "action.done", action.id, style="primary"),
        button("More time", "action.more_time", action.id),
        button("Show", "action.show", action.id),
    )


def to_confirm(title: str, found: ActionList, metadata: Mapping[str, Any], starts: pages.Starts = pages.FIRST) -> View:
    """One page of the actions that holders say are done, each with the chair's answer."""
    blocks: list[Block] = [section(f"*{escape(title)}*: done, awaiting your confirmation")]
    groups = [
        [
            section(cut(line(action), 1200)),
            buttons(
                button("Confirm", "action.confirm", action.id, style="primary"),
                button("Show", "action.show", action.id),
            ),
        ]
        for action in found.actions
    ]
    fit = how_many_fit(groups, most_blocks=VIEW_BLOCKS - 3)
    blocks += [block for group in groups[:fit] for block in group]
    if not groups:
        blocks.append(section("Nothing waits."))
    blocks += pages.turning("home.confirm_page", found.panel_key, starts.at(found.first), fit, found.count)
    return modal("notice", "Actions to confirm", blocks, submit=None, metadata=metadata)


def refused(sentence: str) -> View:
    """The Home of somebody whom nobody enrolled."""
    return {"type": "home", "blocks": [section(sentence)]}
