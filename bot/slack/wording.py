"""Hints about typed words that may blame a child. The words are recorded as they were typed."""

from bot.documents.wording import shipped_wordings
from bot.domain.language.wording import find_blame
from bot.slack.blocks import escape

_MOST = 3  # hints at once; people would not read more


def hint_about(*texts: str) -> str:
    """Return up to three hints, a line each, about words in these texts that may blame the child, or "" if none do."""
    found = find_blame("\n".join(texts), shipped_wordings())[:_MOST]
    hints = [f"“{escape(one.words)}” may read as blaming the child: {escape(one.instead)}." for one in found]
    return "".join(f"\n:speech_balloon: _{hint}_" for hint in hints)
