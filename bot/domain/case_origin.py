"""The reasons why a case comes to a meeting: an earlier decision, or an earlier meeting that made none."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.domain.decisions import until_word
from bot.domain.language.day_words import date_words
from bot.models.vocabulary import DecisionKind, ReviewAnswer

#: Words for a decision that sent a case to the panel that has it now.
_SENT: Final[Mapping[DecisionKind, str]] = MappingProxyType(
    {
        DecisionKind.ESCALATE: "escalated",
        DecisionKind.MASE: "escalated",
        DecisionKind.RETURN: "returned",
        DecisionKind.TRANSFER: "transferred",
    }
)


@dataclass(frozen=True, slots=True)
class Decided:
    """The decisions of an earlier meeting that bring a case to a later meeting."""

    #: each with its date: another panel's decisions that send the case on, or the panel's own that bring it back
    made: tuple[tuple[DecisionKind, date | None], ...]
    panel_title: str
    on: date  #: when that meeting was, by its panel's clocks
    is_own: bool  #: the panel that hears it now made these decisions

    @property
    def words(self) -> str:
        """Return the origin in a few words: "escalated by West Operational MET on 7 April 2026"."""
        on = date_words(self.on)
        if not self.is_own:
            done = next((_SENT[kind] for kind, _ in self.made if kind in _SENT), "sent")
            return f"{done} by {self.panel_title} on {on}"
        return ", ".join([*(_owed(kind, by) for kind, by in self.made), f"decided on {on}"])


def _owed(kind: DecisionKind, by: date | None) -> str:
    if kind is DecisionKind.RETAIN:
        return "for review"
    return kind.label if by is None else f"{kind.label}{until_word(kind)} {date_words(by)}"


@dataclass(frozen=True, slots=True)
class SentOn:
    """A case that another panel's chair sent to this panel at triage, before that panel heard the case."""

    panel_title: str
    on: date  #: by that panel's clocks

    @property
    def words(self) -> str:
        """Return the origin in a few words: "sent on by West Operational MET on 3 March 2026"."""
        return f"sent on by {self.panel_title} on {date_words(self.on)}"


class Passed(StrEnum):
    """The reasons why a case that was planned for a meeting got no decision there."""

    DEFERRED = "deferred from {on}"
    NOT_TRIAGED = "not triaged for {on}"
    NOT_REACHED = "not reached on {on}"
    UNDECIDED = "heard on {on} without a decision"
    NOT_HELD = "the meeting of {on} was not held"

    @property
    def label(self) -> str:
        """Return what became of the case, in a few words, for a line that already gives the meeting's date."""
        return _AT_MEETING[self]


_AT_MEETING: Final[Mapping[Passed, str]] = MappingProxyType(
    {
        Passed.DEFERRED: "deferred",
        Passed.NOT_TRIAGED: "not triaged in time",
        Passed.NOT_REACHED: "not reached",
        Passed.UNDECIDED: "heard without a decision",
        Passed.NOT_HELD: "the meeting was not held",
    }
)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A meeting that did not decide about a case, although the case was planned for this meeting."""

    how: Passed
    on: date  #: of that meeting, by its panel's clocks

    @property
    def words(self) -> str:
        """Return the origin in a few words: "not reached on 24 March 2026"."""
        return self.how.value.format(on=date_words(self.on))


@dataclass(frozen=True, slots=True)
class CaseOrigin:
    """The reasons why a case comes to a meeting: earlier decisions, meetings without a decision, or a sending panel.

    An agency's own flag to this meeting is not among them.
    """

    decided: tuple[Decided, ...] = ()  #: the newest meeting first
    #: since the last decision: the first and the last of them, so that it shows since when the case is owed
    passed_over: tuple[PassedOver, ...] = ()
    sent_on: SentOn | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Return each reason why the case comes to the meeting, in a few words.

        Earlier decisions come first, then the panel that sent the case, then meetings without a decision.
        """
        return tuple(one.words for one in (*self.decided, self.sent_on, *self.passed_over) if one is not None)


@dataclass(frozen=True, slots=True)
class Review:
    """The flagging agency's answer on what has changed since the panel decided to hear the case again."""

    answer: ReviewAnswer
    agency_name: str
    by_name: str  #: empty while the answer is awaited
    on: date | None  #: when it was given, by the panel's clocks

    @property
    def is_awaited(self) -> bool:
        """Return whether the agency has not answered yet.

        Until the agency answers, the child's figures since the last hearing are unknown.
        """
        return self.answer is ReviewAnswer.AWAITED

    @property
    def words(self) -> str:
        """Return the answer in a few words: "nothing has changed, Social Care said on 8 April 2026"."""
        if self.on is None:
            return f"{self.agency_name} has not said what changed"
        on = date_words(self.on)
        if self.answer is ReviewAnswer.UNCHANGED:
            return f"nothing has changed, {self.agency_name} said on {on}"
        return f"{self.agency_name} said on {on} what changed"


#: The origin of a case that only an agency's own flag brings to this meeting.
FLAGGED_HERE: Final = CaseOrigin()
