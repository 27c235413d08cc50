"""Quorum is composition, not a head count: which agencies must be in the room."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.domain.panel_definition import Quorum
from bot.models.vocabulary import AgencyKind


@dataclass(frozen=True, slots=True)
class QuorumView:
    """Whether a panel is quorate and, if not, who is missing in words to print."""

    met: bool
    missing: tuple[str, ...]  #: such as "police", "one of health or education", "2 more agencies"


def _either(kinds: Sequence[AgencyKind]) -> str:
    labels = [kind.label for kind in kinds]
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} or {labels[-1]}"


def assess_quorum(quorum: Quorum, present: Collection[AgencyKind]) -> QuorumView:
    """Hold those present against the rule; two people of one kind of agency count once.

    What is missing is the least that would do: an agency named as missing is counted on when the number of
    further agencies is worked out.
    """
    here = set(present)
    required = tuple(dict.fromkeys(kind for kind in quorum.all_of if kind not in here))
    missing = [kind.label for kind in required]
    expected = here | set(required)

    someone_of = bool(quorum.any_of) and expected.isdisjoint(quorum.any_of)
    if someone_of:
        prefix = "one of " if len(quorum.any_of) > 1 else ""
        missing.append(prefix + _either(quorum.any_of))

    counted = set(quorum.of) or set(AgencyKind)
    further = quorum.at_least - len(expected & counted)
    if someone_of and counted.issuperset(quorum.any_of):
        further -= 1
    if further > 0:
        if quorum.of:
            absent = [kind for kind in quorum.of if kind not in expected]
            missing.append(f"{further} more of {_either(absent or quorum.of)}")
        else:
            missing.append(f"{further} more {'agency' if further == 1 else 'agencies'}")
    return QuorumView(met=not missing, missing=tuple(missing))


_PLURAL = ("police", "services", "homes", "agencies")


def not_there(missing: Sequence[str]) -> str:
    """Those missing in words to print, such as "police and health were not there"."""
    *first, last = missing or ("enough agencies",)
    words = f"{', '.join(first)} and {last}" if first else last
    return f"{words} {'were' if first or last.endswith(_PLURAL) else 'was'} not there"


def sitting_words(quorum: QuorumView, *, is_interim: bool, has_decisions: bool, postponed: str = "") -> str:
    """How a meeting was held, for its minutes; `postponed` is the sentence about the sitting before it, if any."""
    if is_interim:
        why = f"Not quorate ({not_there(quorum.missing)}). " if not quorum.met else ""
        decisions = "no further decisions were taken" if has_decisions else "no decisions were taken"
        said = f"{why}Held as an interim discussion; {decisions}."
    elif quorum.met:
        said = "The meeting was quorate."
    else:
        said = f"Not quorate ({not_there(quorum.missing)})."
    return f"{said} {postponed}".strip()
