"""What the diary asks of people around a meeting."""

from bot.models.vocabulary import PromptKind
from bot.services.diary.prompts import PromptView
from bot.slack.reply import Block
from bot.slack.views.blocks import escape, section
from bot.slack.views.days import day, moment


def prompt(found: PromptView) -> tuple[str, tuple[Block, ...]]:
    """One prompt: what is due and what to type."""
    title, when, key = escape(found.panel_title), moment(found.meeting_at), found.panel_key
    waits = f"{found.waiting} flagged to {title} on {when} {'waits' if found.waiting == 1 else 'wait'}"
    text = {
        PromptKind.FLAGS_OPEN: f"{title} meets on {when}. Flag cases from now on with `/case flag {key}`.",
        PromptKind.FLAGS_CLOSE: (
            f"Today is the last day to flag cases to {title} on {when}: `/case flag {key}`. "
            "Later ones need the chair's yes."
        ),
        PromptKind.TRIAGE: (
            f"{waits} for you: `/agenda triage {key}`."
            if found.may_triage
            else f"{waits} for a chair, and the panel has neither chair nor vice-chair. `/people enrol` makes "
            "somebody one."
        ),
        PromptKind.SUMMARY: (
            f"The minutes of {title}, held on {day(found.meeting_at.date())}, can be drafted: `/minutes draft {key}`."
        ),
    }.get(found.kind, f"{title} meets on {when}.")
    return text, (section(text),)
