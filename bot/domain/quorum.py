"""The quorum: which kinds of agency must be present at a meeting, and whether they are present or expected."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from bot.domain.language.day_words import listed
from bot.domain.panel_definition import Quorum
from bot.models.vocabulary import AgencyKind


@dataclass(frozen=True, slots=True)
class QuorumView:
    """Whether a meeting is quorate and, if not, which agencies are missing, in words to print."""

    met: bool
    missing: tuple[str, ...]  #: such as "police", "one of health or education", "2 more agencies"


def assess_quorum(quorum: Quorum, present: Collection[AgencyKind]) -> QuorumView:
    """Return whether the agencies present meet the quorum rule, and which are missing.

    Each kind of agency counts once. The missing agencies are the smallest number that would make the meeting quorate.
    For `at_least`, the agencies already named as missing count as if they were present.
    """
    here = set(present)
    required = tuple(dict.fromkeys(kind for kind in quorum.all_of if kind not in here))
    missing = [kind.label for kind in required]
    expected = here | set(required)

    someone_of = bool(quorum.any_of) and expected.isdisjoint(quorum.any_of)
    if someone_of:
        prefix = "one of " if len(quorum.any_of) > 1 else ""
        missing.append(prefix + listed((kind.label for kind in quorum.any_of), "or"))

    counted = set(quorum.of) or set(AgencyKind)
    further = quorum.at_least - len(expected & counted)
    if someone_of and counted.issuperset(quorum.any_of):
        further -= 1
    if further > 0:
        if quorum.of:
            absent = [kind for kind in quorum.of if kind not in expected]
            missing.append(f"{further} more of {listed((kind.label for kind in absent or quorum.of), 'or')}")
        else:
            missing.append(f"{further} more {'agency' if further == 1 else 'agencies'}")
    return QuorumView(met=not missing, missing=tuple(missing))


_PLURAL = ("police", "services", "homes", "agencies")


def not_here(missing: Sequence[str]) -> str:
    """Return a phrase for an open meeting, such as "police and health are not here"."""
    named = missing or ("enough agencies",)
    return f"{listed(named)} {'are' if _are_several(named) else 'is'} not here"


def not_there(missing: Sequence[str]) -> str:
    """Return a phrase for the minutes, such as "police and health were not there"."""
    named = missing or ("enough agencies",)
    return f"{listed(named)} {'were' if _are_several(named) else 'was'} not there"


def _are_several(named: Sequence[str]) -> bool:
    return len(named) > 1 or named[-1].endswith(_PLURAL)


def sitting_words(quorum: QuorumView, *, is_interim: bool, has_decisions: bool, postponed: str = "") -> str:
    """Return the sentences in the minutes that say whether the meeting was quorate or an interim discussion.

    `postponed` is a sentence about an earlier, postponed sitting of the meeting, if any.
    """
    if is_interim:
        why = f"Not quorate ({not_there(quorum.missing)}). " if not quorum.met else ""
        decisions = "no further decisions were taken" if has_decisions else "no decisions were taken"
        said = f"{why}Held as an interim discussion; {decisions}."
    elif quorum.met:
        said = "The meeting was quorate."
    else:
        said = f"Not quorate ({not_there(quorum.missing)})."
    return f"{said} {postponed}".strip()


class Outlook(Enum):
    """The possible results of a quorum forecast."""

    QUORATE = "quorate"  # as answered
    OPEN = "open"  # it depends on people who have not answered
    INQUORATE = "inquorate"  # whatever they answer


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast of the quorum, with a sentence for people to read."""

    outlook: Outlook
    missing: tuple[str, ...]  #: as the quorum rule names it; none when quorate
    words: str

    @property
    def is_certain(self) -> bool:
        """Return whether the meeting is certain to be quorate, so that nobody needs to act."""
        return self.outlook is Outlook.QUORATE


def forecast_quorum(
    quorum: Quorum,
    *,
    coming: Collection[AgencyKind],
    unanswered: Collection[AgencyKind],
    apologies: Collection[AgencyKind],
) -> Forecast:
    """Return whether a meeting will be quorate, from the agencies that come, have not answered, or sent apologies."""
    sure = assess_quorum(quorum, coming)
    if sure.met:
        return Forecast(Outlook.QUORATE, (), "Quorate as answered.")
    possible = assess_quorum(quorum, {*coming, *unanswered})
    if possible.met:
        return Forecast(Outlook.OPEN, sure.missing, f"Not quorate yet: no answer from {listed(sure.missing)}.")
    away = {kind.label for kind in apologies}
    named = {kind.label for kind in AgencyKind}
    sent = [one for one in possible.missing if one in away]
    nobody = [one for one in possible.missing if one in named - away]
    others = [one for one in possible.missing if one not in named]
    reasons = (("{} sent apologies", sent), ("nobody represents {}", nobody), ("it needs {}", others))
    why = "; ".join(sentence.format(listed(agencies)) for sentence, agencies in reasons if agencies)
    return Forecast(Outlook.INQUORATE, possible.missing, f"The meeting won't be quorate: {why}.")
