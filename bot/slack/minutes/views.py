"""Minutes in chat: where they stand; the words are in the Word file."""

from bot.models.vocabulary import MinutesState
from bot.services.minutes.papers import MinutesView
from bot.slack.blocks import counted, escape, moment


def _which(minutes: MinutesView) -> str:
    return f"{escape(minutes.panel_title)}, {moment(minutes.meeting_at)}, version {minutes.version}"


def drafted(minutes: MinutesView) -> str:
    """That a draft is written and on its way."""
    return (
        f"Draft minutes of {_which(minutes)}: {counted(minutes.items, 'item')}, {counted(minutes.actions, 'action')}. "
        f"{escape(minutes.sitting)}{' ' if minutes.sitting else ''}"
        "The Word file is on its way to you and the chair. "
        f"The chair approves with `/minutes approve {minutes.panel_key}`."
    )


def approved(minutes: MinutesView) -> str:
    """That they are approved."""
    return f"The minutes of {_which(minutes)} are approved and do not change any more. Members are being told."


def exported(minutes: MinutesView) -> str:
    """That the file is on its way."""
    mark = "draft" if minutes.state is MinutesState.DRAFT else "approved"
    return f"The minutes of {_which(minutes)} ({mark}) are on their way to your direct messages."


def told(minutes: MinutesView) -> str:
    """Telling a member where to get them."""
    return (
        f"The minutes of {_which(minutes)} are approved. "
        f"`/minutes export {minutes.panel_key}` sends you the Word file, as you may see it."
    )
