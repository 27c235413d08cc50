"""The numbers that readers see beside an agenda's lines. Once the agenda is published, a line keeps its number.

A line's key is a pair. For a line of the first published version, the pair is its number and 0. For a line added later,
the pair is the number of the line before, and a count that grows with each added line. Each reader's numbers are worked
out from the keys of the lines that this reader may see, so a case that was always kept from a reader leaves no gap.
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final, TypeVar

Key = tuple[int, int]
Line = TypeVar("Line", bound=Hashable)

_NOT_YET: Final = 1_000_000  # sorts lines that are not published yet after all versions


def label_lines(first: Mapping[Key, int], seen: Mapping[Key, int], live: Sequence[Key]) -> dict[Key, str]:
    """Return the number that a reader sees beside each line: "6", or "6a" for the first later line after item 6.

    `first` maps each key to the first version that had the line. `seen` maps each key to the first version in which
    this reader saw the line. `live` are the lines that the reader sees now, in order. The number of a removed line is
    not used again.
    """
    if not first:
        return {key: str(number) for number, key in enumerate(live, start=1)}
    own = sorted(key for key, version in seen.items() if not key[1] and version == first[key])
    labels = {key: str(rank) for rank, key in enumerate(own, start=1)}
    numbers = [number for number, _ in own]
    later = {*seen, *live} - labels.keys()
    counts: dict[int, int] = {}
    for key in sorted(later, key=lambda one: (seen.get(one, _NOT_YET), one[1], one[0])):
        rank = bisect_right(numbers, key[0])
        counts[rank] = counts.get(rank, 0) + 1
        labels[key] = f"{rank}{_letters(counts[rank])}"
    return labels


def _letters(count: int) -> str:
    """Return a count as letters: `1` as "a", `26` as "z", `27` as "aa"."""
    said = ""
    while count:
        count, rest = divmod(count - 1, 26)
        said = chr(ord("a") + rest) + said
    return said


def is_unbroken(labels: Sequence[str]) -> bool:
    """Return whether the labels are the numbers 1, 2, 3 and so on without a gap.

    If so, the last label is also the number of labels.
    """
    return list(labels) == [str(number) for number in range(1, len(labels) + 1)]


def keep_places(planned: Sequence[Line], standing: Sequence[Line], pinned: Iterable[Line]) -> list[Line]:
    """Order the lines as planned, but leave each pinned line after the line that it follows now.

    Return the new order. `standing` is the present order.
    """
    fixed = set(pinned) & set(planned) & set(standing)
    order = [line for line in planned if line not in fixed]
    before: list[Line] = []
    for line in standing:
        if line in fixed:
            after = next((one for one in reversed(before) if one in order), None)
            order.insert(0 if after is None else order.index(after) + 1, line)
        before.append(line)
    return order


def insert_late(planned: Sequence[Line], standing: Sequence[Line], keys: Mapping[Line, Key]) -> list[Line]:
    """Insert the planned lines that the published order (`standing`) lacks. Return the new order.

    Published lines that are no longer planned are left out. A planned line with a key goes back to its own number. A
    line without a key goes after the line before it in the plan. If late lines follow there already, it goes after
    these.
    """
    there = set(planned)
    order = [line for line in standing if line in there]
    for index, line in enumerate(planned):
        if line in order:
            continue
        if line in keys:
            lower = [one for one in order if one in keys and keys[one] < keys[line]]
            at = order.index(max(lower, key=lambda one: keys[one])) + 1 if lower else 0
        else:
            after = next((one for one in reversed(planned[:index]) if one in order), None)
            at = 0 if after is None else order.index(after) + 1
            number = next((keys[one][0] for one in reversed(order[:at]) if one in keys), 0)
            while at < len(order) and order[at] in keys and keys[order[at]][0] == number and keys[order[at]][1]:
                at += 1
        order.insert(at, line)
    return order


def give_keys(order: Sequence[Line], keys: Mapping[Line, Key], given: Iterable[Key]) -> dict[Line, Key]:
    """Return a dict from each line of a published agenda to its key. A line without a key gets a new one.

    A new key is a pair: the number of the preceding line, and one more than the highest late count ever used. `given`
    are all keys ever published, since a key is never used twice.
    """
    last = max((late for _, late in given), default=0)
    found: dict[Line, Key] = {}
    number = 0
    for line in order:
        if line not in keys:
            last += 1
        found[line] = keys.get(line, (number, last))
        number = found[line][0]
    return found


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a published version of an agenda, as one reader sees it."""

    key: Key
    label: str
    title: str
    minutes: int
    facts: str | None = None  #: a hash of the facts of its case; None: no case, or no hash stored in that version
    was: str = ""  #: the earlier title of a renamed line

    @property
    def words(self) -> str:
        """Return the line's number and title."""
        return f"{self.label} {self.title}"


@dataclass(frozen=True, slots=True)
class AgendaChanges:
    """The differences between two versions of an agenda, as one reader sees them."""

    since: int  #: the version before, as this reader counts them
    added: tuple[ShownLine, ...] = ()
    gone: tuple[ShownLine, ...] = ()
    moved: tuple[ShownLine, ...] = ()
    timed: tuple[ShownLine, ...] = ()  #: lines with a different number of minutes
    renamed: tuple[ShownLine, ...] = ()  #: lines with another title, such as the reference that a case was merged into
    restated: tuple[ShownLine, ...] = ()  #: lines on which the facts of the case have changed
    sitting: str = ""  #: when and where the meeting is now, if that changed

    @property
    def lines(self) -> tuple[ShownLine, ...]:
        """Return all lines that were added, removed, moved, retimed or renamed, or whose facts have changed."""
        return (*self.added, *self.gone, *self.moved, *self.timed, *self.renamed, *self.restated)

    @property
    def is_any(self) -> bool:
        """Return whether the two versions differ for this reader."""
        return bool(self.lines or self.sitting)

    @property
    def words(self) -> str:
        """Return the changes as sentences for Slack and Word, or an empty string if nothing changed."""
        said = [
            f"{what}: {', '.join(line.words for line in lines)}."
            for what, lines in (("Added", self.added), ("No longer on the agenda", self.gone), ("Moved", self.moved))
            if lines
        ]
        if self.timed:
            said.append(f"New length: {', '.join(f'{line.words} ({line.minutes} min)' for line in self.timed)}.")
        if self.renamed:
            said.append(f"Renamed: {', '.join(f'{line.words} (was {line.was})' for line in self.renamed)}.")
        if self.restated:
            cases = ", ".join(f"{line.title} (item {line.label})" for line in self.restated)
            said.append(f"The facts changed for {cases}.")
        if self.sitting:
            said.append(f"The meeting is now {self.sitting}.")
        return " ".join(said)


def compare(since: int, before: Sequence[ShownLine], after: Sequence[ShownLine], sitting: str = "") -> AgendaChanges:
    """Return what changed on an agenda from one version to the next, as one reader sees it.

    A line counts as moved only if it changed places with another line, not if it shifted because a line was added or
    removed.
    """
    old, new = {line.key: line for line in before}, {line.key: line for line in after}
    was, now = [line.key for line in before if line.key in new], [line.key for line in after if line.key in old]
    blocks = SequenceMatcher(None, was, now, autojunk=False).get_matching_blocks()
    stayed = {key for block in blocks for key in now[block.b : block.b + block.size]}
    both = [(old[line.key], line) for line in after if line.key in old]
    return AgendaChanges(
        since,
        added=tuple(line for line in after if line.key not in old),
        gone=tuple(line for line in before if line.key not in new),
        moved=tuple(line for line in after if line.key in old and line.key not in stayed),
        timed=tuple(line for earlier, line in both if earlier.minutes != line.minutes),
        renamed=tuple(replace(line, was=earlier.title) for earlier, line in both if earlier.title != line.title),
        restated=tuple(line for earlier, line in both if _is_restated(earlier, line)),
        sitting=sitting,
    )


def _is_restated(before: ShownLine, after: ShownLine) -> bool:
    return before.facts is not None and after.facts is not None and before.facts != after.facts
