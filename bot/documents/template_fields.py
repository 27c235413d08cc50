"""Facts as the fields a Word template names: records become groups of fields, dates and words become text."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum

from pydantic import BaseModel, ConfigDict

from bot.models.vocabulary import Word

# XML 1.0 allows tab and line feed of the control characters, no surrogates, and neither U+FFFE nor U+FFFF.
_UNPRINTABLE = dict.fromkeys(
    [
        *(code for code in range(0x20) if code not in (0x09, 0x0A)),
        *range(0x7F, 0xA0),
        *range(0xD800, 0xE000),
        0xFFFE,
        0xFFFF,
    ]
)


class Facts(BaseModel):
    """A frozen record of what a document says; JSON in and out, so that it can be stored as it was approved."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def printable(text: str) -> str:
    """The text without characters that Word and spreadsheets refuse; every line end becomes one line feed."""
    if text.isascii() and text.isprintable():
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").translate(_UNPRINTABLE)


def plain(value: object) -> object:
    """The value as JSON knows it: dates as "8 December 2026", words as their label, nothing as None."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Enum):
        return value.label if isinstance(value, Word) else str(value.value)
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, Iterable):
        return [plain(inner) for inner in value]
    raise TypeError(f"a template has no field for a {type(value).__name__}")


def day(value: date) -> str:
    """A date as people write it: 8 December 2026."""
    return f"{value.day} {value:%B %Y}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """As "1 action", "2 actions", "no actions": `many` is given where the plural takes more than an s."""
    noun = one if number == 1 else many or f"{one}s"
    return f"{number or 'no'} {noun}"


def listed(words: Iterable[str]) -> str:
    """As "a", "a and b", "a, b and c"."""
    *front, last = list(words) or [""]
    return f"{', '.join(front)} and {last}" if front else last


def sentence(words: str) -> str:
    """The words beginning with a capital letter and ending with a full stop; other letters stay as they are."""
    words = words.strip()
    if not words:
        return ""
    return words[0].upper() + words[1:] + ("" if words[-1] in ".!?…" else ".")
