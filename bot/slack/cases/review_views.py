"""Reviews in chat: the bot asks the flagging agency what has changed about a case, with two buttons for the answer."""

from collections.abc import Sequence
from typing import Final

from bot.models.vocabulary import Purpose
from bot.records.cases.queries import FlagView
from bot.records.cases.reviews import ReviewAsked
from bot.services.cases.reviews import ReviewPrompt, ReviewToChange
from bot.slack.blocks import MESSAGE_BLOCKS, button, buttons, counted, escape, header, moment, page, section
from bot.slack.cases.flag_views import flag_form
from bot.slack.request import Block, Said, View

ON_HOME: Final = 5  # questions on Home, each with its buttons; the rest are shown when these are answered


def asked(prompt: ReviewPrompt) -> Said:
    """Return a message asking an agency what has changed about its cases that come back to one meeting."""
    count = counted(len(prompt.asked), "case comes", "cases come")
    text = (
        f"{count} back to {escape(prompt.panel_title)} on {moment(prompt.starts_at)} for review. "
        "What has changed since the panel last discussed the case?"
    )
    groups = [[section(f"*{escape(one.reference)}*"), _answers(one)] for one in prompt.asked]
    more = "You'll find the rest on Home."
    return text, (section(text), *page(groups, most_blocks=MESSAGE_BLOCKS - 1, more=more))


def on_home(found: Sequence[ReviewAsked]) -> list[Block]:
    """Return the part of Home that asks a person what has changed about cases under review, on all their panels."""
    blocks = [header(f"Has anything changed? ({len(found)})")]
    for one in found[:ON_HOME]:
        at = f"{escape(one.panel_title)} on {moment(one.meeting_at)}"
        blocks.append(section(f"*{escape(one.reference)}* comes back to {at} for review."))
        blocks.append(_answers(one))
    left = len(found) - ON_HOME
    return [*blocks, section(f"{left} more, once these are answered.")] if left > 0 else blocks


def _answers(one: ReviewAsked) -> Block:
    return buttons(
        button("Nothing has changed", "case.unchanged", one.flag_id),
        button("Say what changed", "case.changed", one.flag_id),
    )


def unchanged(flag: FlagView) -> str:
    """Return a sentence saying that the bot recorded "no change" about a case, and how to report a later change."""
    return (
        f"Thank you. {escape(flag.panel_title)} will see at its meeting on {moment(flag.meeting_at)} that nothing "
        f"has changed for *{escape(flag.reference)}*. If something changes: `/case flag {escape(flag.reference)}`."
    )


def changed_form(found: ReviewToChange) -> View:
    """Return the form that reports what has changed about a case, filled in from the last flag.

    Numbers such as missing episodes start at 0 again, since the form asks for the numbers since the last flag.
    """
    flag = found.flag
    since = {"missing_episodes": 0, "interviews_offered": 0, "interviews_within_72h": 0}
    facts = flag.facts.model_copy(update={"purpose": Purpose.REVIEW, **since})
    return flag_form(
        flag.reference, "", flag.panel_title, (), (found.tools, found.asked), {"panel": flag.panel_key}, facts
    )
