"""Telling somebody that actions are theirs: one with all its words, several in one message."""

from collections.abc import Sequence
from itertools import chain

from bot.domain.due_dates import describe_due
from bot.models.vocabulary import Priority
from bot.records.actions.queries import ActionView
from bot.slack.reply import Block
from bot.slack.views.actions import answers
from bot.slack.views.blocks import MESSAGE_BLOCKS, escape, how_many_fit, section, spoken
from bot.slack.views.days import day


def given(actions: Sequence[ActionView]) -> tuple[str, tuple[Block, ...], int]:
    """A message about as many of the actions as it holds, in words and in blocks, and how many those are."""
    titles = sorted({escape(action.panel_title) for action in actions})
    groups = [[section(_line(action, with_panel=len(titles) > 1)), answers(action.id)] for action in actions]
    shown = how_many_fit(groups, most_blocks=MESSAGE_BLOCKS - 1)
    if shown == 1:
        return (*_one(actions[0]), 1)
    source = f", from {titles[0]}" if len(titles) == 1 else ""
    heading = section(f"*{shown} actions* are yours now{source}:")
    return f"{shown} actions are yours now{source}.", (heading, *chain.from_iterable(groups[:shown])), shown


def _line(action: ActionView, *, with_panel: bool) -> str:
    panel = f" · {escape(action.panel_title)}" if with_panel else ""
    high = " · *high priority*" if action.priority is Priority.HIGH else ""
    return (
        f"*Action {action.id}*: {escape(action.text)}\n"
        f"Due *{describe_due(action.due_on, action.today)}*{_about(action)}{high}{panel}"
    )


def _one(action: ActionView) -> tuple[str, tuple[Block, ...]]:
    text = f"Action {action.id} is yours, due {day(action.due_on)}."
    return text, (
        section(f"*Action {action.id}* is yours, from {escape(action.panel_title)}:"),
        spoken(action.text),
        section(f"Due *{describe_due(action.due_on, action.today)}*{_about(action)}"),
        answers(action.id),
    )


def _about(action: ActionView) -> str:
    return f" · {escape(action.case_reference)}" if action.case_reference else ""
