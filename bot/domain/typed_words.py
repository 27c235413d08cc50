"""Words made plain for reading, each letter of which knows where it was typed, so that a refusal can point there."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

#: What keyboards and word processors make of plain characters; a letter without a place on the page is left out.
_TYPOGRAPHY: Final = {
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
    "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u200b": "", "\u00ad": "", "\ufeff": "",
}  # fmt: skip
_AROUND: Final = " \t.!;\"'\u2018\u2019\u201c\u201d\u200b\ufeff"


@dataclass(frozen=True, slots=True)
class TypedWords:
    """What somebody typed, and the same in plain words."""

    said: str  #: as typed, with single spaces
    plain: str  #: in small letters
    places: tuple[tuple[int, int], ...]  #: for each letter of `plain`, from where to where it stands in `said`

    @classmethod
    def of(cls, text: str) -> "TypedWords":
        """The words of a text, without the quotation marks or full stop around them."""
        said = " ".join(text.split()).strip(_AROUND)
        letters = [
            (letter, (at, at + 1))
            for at, typed in enumerate(said)
            for letter in _TYPOGRAPHY.get(typed, typed).casefold()
        ]
        return cls(said, "".join(letter for letter, _ in letters), tuple(place for _, place in letters))

    def replaced(self, pattern: re.Pattern[str], by: str) -> "TypedWords":
        """With other words in the place of each match; all of them stand where the match was typed."""
        plain, places, done = "", list[tuple[int, int]](), 0
        for found in pattern.finditer(self.plain):
            other = found.expand(by)
            plain += self.plain[done : found.start()] + other
            places += [*self.places[done : found.start()], *([self.place(*found.span())] * len(other))]
            done = found.end()
        return TypedWords(self.said, plain + self.plain[done:], (*places, *self.places[done:]))

    def without(self, start: int, end: int) -> "TypedWords":
        """Without some of the plain words and the space after them."""
        while self.plain[end : end + 1] == " ":
            end += 1
        return TypedWords(self.said, self.plain[:start] + self.plain[end:], self.places[:start] + self.places[end:])

    def place(self, start: int, end: int) -> tuple[int, int]:
        """From where to where in `said` some of the plain words were typed."""
        places = self.places[start:end]
        return min(begin for begin, _ in places), max(finish for _, finish in places)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of the words that has one of the known shapes."""

    words: TypedWords
    found: re.Match[str]

    def __getitem__(self, part: str) -> str:
        """A named part in plain words; empty where the shape has none, or it was not typed."""
        return self.found.groupdict().get(part) or ""

    def typed(self, part: str | int = 0) -> str:
        """A part, or the whole, as it was typed."""
        begin, end = self.words.place(*self.found.span(part))
        return self.words.said[begin:end]

    def reworded(self, part: str | int, *others: str) -> tuple[str, ...]:
        """All that was typed, with other words in the place of a part."""
        begin, end = self.words.place(*self.found.span(part))
        said = self.words.said
        return tuple(f"{said[:begin]}{other}{said[end:]}" for other in others)


class Unreadable(Exception):
    """Words that cannot be, with why.

    `meant` is all that may have been meant, each as the whole of what could be typed; `otherwise` are guesses, of which
    the first that can be read is offered; `word` is the place of a word that no rule has.
    """

    def __init__(
        self,
        sentence: str,
        meant: Sequence[str] = (),
        *,
        otherwise: Sequence[str] = (),
        word: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.meant = meant
        self.otherwise = otherwise
        self.word = word


def alternatives(offers: Iterable[str]) -> str:
    """What could be typed instead, each in quotation marks."""
    return " or ".join(f'"{offer}"' for offer in offers)
