"""Whether a meeting to come will be quorate, from how its agencies answered the invitation."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from bot.domain.panel_definition import Quorum
from bot.domain.quorum import assess_quorum
from bot.models.vocabulary import AgencyKind


class Outlook(Enum):
    """What the answers so far allow."""

    QUORATE = "quorate"  # as answered
    OPEN = "open"  # it hangs on those who have not answered
    INQUORATE = "inquorate"  # whatever they answer


@dataclass(frozen=True, slots=True)
class Forecast:
    """The quorum to be expected, with the sentence that says so."""

    outlook: Outlook
    missing: tuple[str, ...]  #: as the quorum rule names it; none when quorate
    words: str

    @property
    def is_certain(self) -> bool:
        """Whether nobody need do anything about it."""
        return self.outlook is Outlook.QUORATE


def forecast_quorum(
    quorum: Quorum,
    *,
    coming: Collection[AgencyKind],
    unanswered: Collection[AgencyKind],
    apologies: Collection[AgencyKind],
) -> Forecast:
    """Hold the answers against the rule: by who comes, and by who still might."""
    sure = assess_quorum(quorum, coming)
    if sure.met:
        return Forecast(Outlook.QUORATE, (), "Quorate as answered.")
    possible = assess_quorum(quorum, {*coming, *unanswered})
    if possible.met:
        return Forecast(Outlook.OPEN, sure.missing, f"Not yet: no answer from {_and(sure.missing)}.")
    away = {kind.label for kind in apologies}
    named = {kind.label for kind in AgencyKind}
    sent = [one for one in possible.missing if one in away]
    nobody = [one for one in possible.missing if one in named - away]
    others = [one for one in possible.missing if one not in named]
    why = []
    if sent:
        why.append(f"{_and(sent)} sent apologies")
    if nobody:
        why.append(f"nobody sits for {_and(nobody)}")
    if others:
        why.append(f"it needs {_and(others)}")
    return Forecast(Outlook.INQUORATE, possible.missing, f"Will not be quorate: {'; '.join(why)}.")


def _and(words: Collection[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
