"""Requests, which handlers get when an enrolled person acts, and replies, which handlers return.

The module also reads typed text: mentions, references, numbers, and the panel that is meant.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Concatenate, Final, Literal, ParamSpec, TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.domain.language.day_words import MONTH_OF, NUMBER_OF, WEEKDAY_OF
from bot.domain.language.identifiers import check_reference
from bot.domain.language.pictures import without_last_pictures
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotAllowed, NotForYou, OutOfDate
from bot.records.access.queries import Standing, Where, panels_of_member
from bot.slack.typed import may_end_in_panel, only_key, plain, plain_dashes, without_lead
from bot.store.unit_of_work import Work

Block = dict[str, Any]
View = dict[str, Any]
Said = tuple[str, tuple[Block, ...]]  #: a message in plain text, for notifications, and in blocks

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")
_Option = TypeVar("_Option", bound=str)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one person, shown only to them.

    A command's reply is returned in the acknowledgement. After a click in a message, `text` and `blocks` replace the
    message if `replaces` is set. Without `replaces` they are a new message that only this person sees. `modal` is
    opened after the commit, on top of the clicked modal if there is one. `next_view` replaces the submitted or clicked
    modal. After a submission, `text` alone is shown in place of the modal. This text is part of the acknowledgement, so
    it can't get lost as a message can.
    """

    text: str = ""
    blocks: tuple[Block, ...] = ()
    replaces: bool = False
    modal: View | None = None
    next_view: View | None = None
    unless_changed: bool = False  #: don't show `next_view` if the modal was drawn again after the click
    shown_once: bool = False  #: the reply has a secret, so it is not stored, and a repeated delivery shows nothing
    places: Mapping[str, int] = field(default_factory=dict)  #: the pages of Home's parts that are shown from now on


Value = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Message:
    """The message on which a shortcut was used."""

    channel_id: str
    ts: str
    text: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Clicked:
    """Where a person clicked a button: in a message, a modal or Home, and which blocks were around the button."""

    place: Literal["message", "modal", "home"]
    block_id: str = ""
    blocks: tuple[Block, ...] = ()  #: of the message; empty if only one person sees it, since Slack sends none then
    ts: str = ""  #: time stamp of the message, if everyone in the channel sees it


LARGEST: Final = 2**31 - 1  #: the largest number of a row in PostgreSQL's `integer`
LATEST: Final = 253_402_300_799  #: the last second of the year 9999, since 1970, for moments in a button's value


def number_of(carried: str, *, most: int = LARGEST) -> int:
    """Return the number in a button's, option's or form's value. Raise OutOfDate if the value is anything else."""
    if not (carried.isascii() and carried.isdecimal() and len(carried) <= _MOST_DIGITS):
        raise OutOfDate
    number = int(carried)
    if number > most:
        raise OutOfDate
    return number


def moment_of(carried: str) -> datetime:
    """Return the moment in a button's or form's value, in the panel's local time. Raise OutOfDate for other values."""
    try:
        moment = datetime.fromisoformat(carried)
    except ValueError:
        raise OutOfDate from None
    if moment.tzinfo is not None or moment.year not in _YEARS:
        raise OutOfDate
    return moment


def day_of(carried: str) -> date:
    """Return the date in a button's or form's value. Raise OutOfDate for other values."""
    return moment_of(carried).date()


def reference_of(carried: str) -> str:
    """Return the case reference in a button's or form's value. Raise OutOfDate for other values."""
    try:
        return check_reference(carried)
    except Mistake:
        raise OutOfDate from None


def option_of(kind: Iterable[_Option], carried: str) -> _Option:
    """Return the option of `kind` that equals the value of a button or form. Raise OutOfDate if none does."""
    for option in kind:
        if option == carried:
            return option
    raise OutOfDate


_MOST_DIGITS = 18
_YEARS = range(1900, 3000)  # far enough from the calendar's limits to count days and change time zones


@dataclass(frozen=True, slots=True)
class Carried:
    """The facts that a form carries in its metadata. Each method raises OutOfDate for a missing or malformed fact."""

    facts: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return the words or key that the form carries under `name`."""
        return self._of(name, str)

    def panel(self) -> Where:
        """Return the panel for which the form was opened."""
        key = self.text("panel")
        if not key:
            raise OutOfDate
        return Where(panel_key=key)

    def number(self, name: str, *, most: int = LARGEST) -> int:
        """Return the number that the form carries under `name`."""
        return number_of(str(self.facts.get(name, "")), most=most)

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return the list of numbers that the form carries under `name`."""
        return tuple(number_of(str(each)) for each in self._of(name, list))

    def truth(self, name: str) -> bool:
        """Return the boolean that the form carries under `name`."""
        return self._of(name, bool)

    def moment(self, name: str) -> datetime:
        """Return the moment, in the panel's local time, that the form carries under `name`."""
        return moment_of(self.text(name))

    def day(self, name: str) -> date:
        """Return the date that the form carries under `name`."""
        return day_of(self.text(name))

    def option(self, name: str, kind: Iterable[_Option]) -> _Option:
        """Return the option of `kind` that the form carries under `name`."""
        return option_of(kind, self.text(name))

    def record(self, name: str, kind: type[_Found]) -> _Found:
        """Return the facts that the form carries under `name`, as a record of the type `kind`."""
        try:
            # Read from JSON, since strict mode then still accepts dates and enums written as text.
            return TypeAdapter(kind).validate_json(json.dumps(self._of(name, dict)), strict=True)
        except ValidationError:
            raise OutOfDate from None

    def if_any(self, read: Callable[[str], _Found], name: str) -> _Found | None:
        """Return `read(name)`, or None if the form carries nothing under `name`."""
        return None if self.facts.get(name) is None else read(name)

    def _of(self, name: str, kind: type[_Found]) -> _Found:
        found = self.facts.get(name)
        if not isinstance(found, kind):
            raise OutOfDate
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One act of a person, with all that handlers need: its text, its values, where it happened, and its key."""

    channel_id: str | None = None
    text: str = ""  #: after a command or its verb, as Slack wrote it
    value: str = ""  #: of the clicked button or the chosen option
    values: Mapping[str, Value] = field(default_factory=dict)  #: by the block id of a modal's field
    metadata: Carried = field(default_factory=Carried)  #: with which the modal was opened
    message: Message | None = None
    clicked: Clicked | None = None
    key: str = ""  #: of this delivery, the same if Slack delivers it again

    def check_characters(self) -> None:
        """Raise OutOfDate if the request has characters that no keyboard types and that databases refuse."""
        if not _is_text((self.text, self.value, self.values, self.metadata.facts)):
            raise OutOfDate


def _is_text(found: Any) -> bool:
    if isinstance(found, str):
        return not _UNTYPED.search(found)
    if isinstance(found, Mapping):
        return all(map(_is_text, (*found.keys(), *found.values())))
    return all(map(_is_text, found)) if isinstance(found, list | tuple) else True


_UNTYPED = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Deed):
    """One command, click, submission or shortcut of one person. The unit of work commits after the handler returns."""

    work: Work
    actor: Actor
    here: Standing | None = None  #: the person's standing on the channel's panel
    account: Mapping[str, Any] | None = None  #: Slack's facts about the mentioned person, for verbs that ask Slack

    def do(
        self, use_case: Callable[Concatenate[Work, Actor, _Given], _Found], *given: _Given.args, **named: _Given.kwargs
    ) -> _Found:
        """Carry out a use case for this person in the request's transaction. Return its result."""
        return use_case(self.work, self.actor, *given, **named)

    def is_from(self, place: Literal["message", "modal", "home"]) -> bool:
        """Return whether the clicked button was in `place`: a message, a modal or Home."""
        return self.clicked is not None and self.clicked.place == place

    def shown(self, found: str | Said | View, *, replaces: bool = False) -> Reply:
        """Return a reply that shows a sentence, message or view. `replaces` means the same as in `Reply`.

        A view replaces the clicked modal. After a click elsewhere, the view opens as a new modal.
        """
        if isinstance(found, dict):
            return Reply(next_view=found) if self.is_from("modal") else Reply(modal=found)
        text, blocks = (found, ()) if isinstance(found, str) else found
        return Reply(text=text, blocks=blocks, replaces=replaces)

    def where(self, panel_key: str | None = None) -> Where:
        """Return the panel with the given key. Without a key, return the panel of the form or else of the channel."""
        carried = self.metadata
        channel = self.channel_id or carried.if_any(carried.text, "channel")
        here = self.here if channel == self.channel_id else None
        key = panel_key or carried.if_any(carried.text, "panel")
        return Where(panel_key=key, channel_id=channel, here=here)

    def panel(self) -> Where:
        """Return the panel for which the form was opened."""
        return self.metadata.panel()

    def number(self) -> int:
        """Return the number in the button's value. Raise OutOfDate if the value is anything else."""
        return number_of(self.value)

    def two_numbers(self) -> tuple[int, int]:
        """Return the two numbers in the button's value, such as a meeting and a page."""
        first, _, second = self.value.partition(":")
        return number_of(first), number_of(second, most=LATEST)

    def panel_and(self, mark: str = "") -> tuple[Where, str]:
        """Return the button's value split at `mark` into a panel and text. Raise OutOfDate if it has no panel."""
        key, _, rest = self.value.partition(mark) if mark else (self.value, "", "")
        if not key:
            raise OutOfDate
        return Where(panel_key=key), rest

    def panel_and_number(self) -> tuple[Where, int]:
        """Return the panel and the number in the button's value. The number is 0 if an older button has none."""
        where, number = self.panel_and(":")
        return where, number_of(number or "0")

    def seconds(self) -> float:
        """Return the seconds since 1970 in the button's value. Raise OutOfDate if the value is anything else."""
        if not _SECONDS.fullmatch(self.value):
            raise OutOfDate
        return float(self.value)

    def field(self, block_id: str) -> str:
        """Return the text in a modal's field, or an empty string if the modal has no such text."""
        value = self.values.get(block_id)
        return value if isinstance(value, str) else ""

    def day(self, block_id: str) -> date | None:
        """Return the date chosen in a modal's field, or None if the field is empty.

        Raise OutOfDate for other values.
        """
        chosen = self.field(block_id)
        return day_of(chosen) if chosen else None

    def wall_clock(self, without_date: str) -> datetime:
        """Return the fields `date` and `time` as one moment in the panel's local time.

        Raise Mistake, attached to the field at fault, if either is missing or wrong. `without_date` is the message if
        the date is missing.
        """
        on, time = self.day("date"), _TIME.fullmatch(self.field("time").strip())
        if on is None:
            raise Mistake(without_date, field="date")
        if time is None:
            raise Mistake("Write the time as hours and minutes, such as 14:00.", field="time")
        return datetime(on.year, on.month, on.day, int(time[1]), int(time[2]))  # noqa: DTZ001 - the panel knows its zone

    def chosen(self, block_id: str) -> int:
        """Return the number of the option chosen in a modal's field. Raise OutOfDate for other values."""
        return number_of(self.field(block_id))

    def option(self, block_id: str, kind: Iterable[_Option]) -> _Option:
        """Return the option of `kind` chosen in a modal's field. Raise OutOfDate for other values."""
        return option_of(kind, self.field(block_id))

    def if_any(self, read: Callable[[str], _Found], block_id: str) -> _Found | None:
        """Return `read(block_id)`, or None if that field of the modal is empty."""
        return read(block_id) if self.field(block_id) else None

    def numbers(self, block_id: str) -> tuple[int, ...]:
        """Return the numbers of the options chosen in a modal's field. Raise OutOfDate for other values."""
        return tuple(map(number_of, self.choices(block_id)))

    def choices(self, block_id: str) -> tuple[str, ...]:
        """Return the values of the options chosen in a modal's field."""
        value = self.values.get(block_id)
        return value if isinstance(value, tuple) else ()


Handler = Callable[[Request], Reply]


def for_panel(use_case: Callable[[Work, Actor, Where], _Found], show: Callable[[_Found], str | Said | View]) -> Handler:
    """Return a handler for a command that takes only a panel. It shows the result of `use_case` for the panel."""
    return lambda request: request.shown(show(request.do(use_case, the_panel(request))))


def for_number(use_case: Callable[[Work, Actor, int], _Found], show: Callable[[_Found], str | Said | View]) -> Handler:
    """Return a handler for a button whose value is a number. It shows the result of `use_case` for the number."""
    return lambda request: request.shown(show(request.do(use_case, request.number())))


_KEY = re.compile(r"[a-z][a-z0-9_-]{1,39}")
_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?", re.ASCII)
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)

# The last word of a due phrase never counts as a panel's key.
_DAY_WORDS = frozenset(
    {*WEEKDAY_OF, *MONTH_OF, *NUMBER_OF, "today", "tomorrow", "day", "days", "week", "weeks", "fortnight", "month"}
    | {"months", "year", "time", "meeting", "panel", "please", "noon", "end"}
)


class TypedAgain(Mistake):
    """A refusal of a typed command. It offers other commands as buttons, so that a person need not type them.

    `commands` are pairs of a button's label and the whole command that the button types.
    """

    def __init__(self, sentence: str, commands: Sequence[tuple[str, str]], *, said: str = "") -> None:
        super().__init__(sentence)
        self.commands, self.said = tuple(commands), said


@contextmanager
def offering(*commands: str) -> Iterator[None]:
    """Add these commands as buttons to a refusal raised in the `with` block, unless the refusal offers others."""
    try:
        yield
    except (Mistake, NotForYou) as refused:
        refused.commands = refused.commands or tuple((command, command) for command in commands)
        raise


class Offering(NotAllowed):
    """A refusal with buttons for what the refused person may do instead."""

    def __init__(self, sentence: str, offered: Sequence[Block]) -> None:
        super().__init__(sentence)
        self.offered = tuple(offered)


@contextmanager
def blaming(block_id: str, kind: type[Mistake | NotForYou] = Mistake) -> Iterator[None]:
    """Attach an error raised in the `with` block to the field `block_id`, unless the error names a field already."""
    try:
        yield
    except kind as mistake:
        mistake.field = mistake.field or block_id  # the same exception: one of another kind may be a refusal
        raise


def fingerprint(view: object) -> str:
    """Return a short checksum of a preview. If it has changed by the time of saving, the preview is out of date."""
    return hashlib.sha256(repr(view).encode()).hexdigest()[:16]


def the_panel(request: Request) -> Where:
    """Return the panel typed after a command that takes nothing else or, if none is typed, the channel's panel.

    Raise Mistake if more than a panel's key is typed, so that no word is ignored.
    """
    typed = only_key(request.text)
    if " " in typed or (typed and not _is_key(typed)):
        raise Mistake(
            f"Only a panel's short name goes here. I can't tell what to do with “{plain(request.text)}”. "
            "Type the command with the short name alone. In the panel's channel, you can leave it out. I'll ask for "
            "the rest."
        )
    return request.where(typed or None)


def take_panel(request: Request, text: str, verb: Verb, *, is_title: bool = False) -> tuple[Where, str]:
    """Return the panel that a text names, and the text without the panel's key.

    The key is the first or last word of the text if one of the person's panels has it. Words before the key, as in "for
    west-met", are removed too. With `is_title` the text is a title, in which a key without a hyphen may be a word, as
    in "County lines briefing". Without a key, return the panel of the form or the channel.
    """
    plainly = without_last_pictures(text)
    words = plainly.split()
    last, first = (plain_dashes(words[place]).lower().strip(".,;") if words else "" for place in (-1, 0))
    asked = [word for word in dict.fromkeys((last, first)) if _is_key(word)]
    theirs = {panel.key for panel in request.do(panels_of_member, verb)} if asked else set()
    if last in theirs and not (is_title and _ends_title(request, last, words)):
        return request.where(last), _LEADS_TO_KEY.sub("", plainly.strip()[: -len(words[-1])].rstrip())
    if first in theirs and not (is_title and _may_be_title(request, words)):
        return request.where(first), text.strip()[len(words[0]) :].lstrip(" ,:")
    return request.where(), text.strip()


def _may_be_title(request: Request, words: Sequence[str]) -> bool:
    """Return whether a panel's key at the beginning may be the title's first word, as in "County lines briefing"."""
    is_word = words[0].isalpha() and len(words) > 1
    return is_word and (request.here is not None or words[1].lower().strip(".,;:") == "lines")


def _ends_title(request: Request, last: str, words: Sequence[str]) -> bool:
    """Return whether a panel's key at the end of a title may belong to the title, as in "escalate to county"."""
    here = request.here
    return len(words) > 1 and last.isalpha() and here is not None and here.panel.key != last


_LEADS_TO_KEY = re.compile(r"(?:^|(?<=\s))(?:(?:for|to|of|in|at|on|on the|in the|panel)\s*)+$", re.IGNORECASE)


def refuse_panel(text: str, said: str) -> None:
    """Raise NotForYou if the last word of `text` looks like a panel's key.

    Call this if `take_panel` found no panel. A person gets the same refusal for a panel that does not exist and for one
    that is not theirs. The refusal is audited. `said` tells the person what to type instead.
    """
    if _is_key(text.rpartition(" ")[2].lower()):
        raise NotForYou("that panel", said)


def unread(text: str, said: str) -> Mistake:
    """Return a Mistake with the sentence `said`, for the words left over by `take_panel`.

    If these words may be a panel's key, raise NotForYou instead.
    """
    if may_end_in_panel(text):
        refuse_panel(text, said)
    return Mistake(said)


def only_reference(text: str, usage: str) -> str:
    """Return the case reference if the text is nothing else. Raise Mistake with the usage for any other text."""
    reference = without_lead(text)
    if not reference or " " in reference:
        raise unread(reference.partition(" ")[2], f"Which case? {usage}")
    return reference


@contextmanager
def reading_what_is_left(text: str) -> Iterator[None]:
    """Raise NotForYou in place of the `with` block's Mistake if the last word of `text` looks like a panel's key."""
    try:
        yield
    except Mistake as mistake:
        if may_end_in_panel(text):
            refuse_panel(text, str(mistake))
        raise


def _is_key(word: str) -> bool:
    return _KEY.fullmatch(word) is not None and word not in _DAY_WORDS
