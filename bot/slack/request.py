"""What a handler is given, an act of one enrolled person, and the reply that it returns.

What people type after a command is read here too: who they mention, what they mean, which panel.
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
from bot.errors import Mistake, NotAllowed, NotForYou, OutOfDate, WhichItem
from bot.records.access.queries import Standing, Where, panels_of_member
from bot.slack.typed import only_key, plain, plain_dashes, without_lead
from bot.store.unit_of_work import Work

Block = dict[str, Any]
View = dict[str, Any]
Said = tuple[str, tuple[Block, ...]]  #: a message in plain text, for notifications, and in blocks

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")
_Option = TypeVar("_Option", bound=str)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer to one person, which only they see.

    For a command it goes back in the acknowledgement. For a click on a message, `text` and `blocks` replace that
    message when `replaces` is set, and are a message to that person alone otherwise. `modal` is opened (or pushed
    on the one that was clicked) after the commit. `next_view` takes the place of the modal that was submitted or
    clicked. A submission answered with `text` alone shows it in the modal's place: it travels in the
    acknowledgement and cannot get lost, as a message of its own could.
    """

    text: str = ""
    blocks: tuple[Block, ...] = ()
    replaces: bool = False
    modal: View | None = None
    next_view: View | None = None
    unless_changed: bool = False  #: `next_view` stays away where the modal was drawn again since the click
    shown_once: bool = False  #: holds a secret: it is not kept, so a delivery that is repeated shows nothing
    places: Mapping[str, int] = field(default_factory=dict)  #: how far parts of Home are turned over from now on


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
    """Where a clicked button was."""

    place: Literal["message", "modal", "home"]
    block_id: str = ""
    blocks: tuple[Block, ...] = ()  #: of its message; Slack does not send those of an ephemeral one
    ts: str = ""  #: of its message, where everyone in the channel sees it


LARGEST: Final = 2**31 - 1  #: that a row may be called by: PostgreSQL's `integer`
LATEST: Final = 253_402_300_799  #: seconds from 1970 to the end of the calendar, for a moment that is carried


def number_of(carried: str, *, most: int = LARGEST) -> int:
    """Return the number that a button, option or form carries. Raise OutOfDate for anything else."""
    if not (carried.isascii() and carried.isdecimal() and len(carried) <= _MOST_DIGITS):
        raise OutOfDate
    number = int(carried)
    if number > most:
        raise OutOfDate
    return number


def moment_of(carried: str) -> datetime:
    """Return the moment on the panel's clocks that is carried. Raise OutOfDate for anything else."""
    try:
        moment = datetime.fromisoformat(carried)
    except ValueError:
        raise OutOfDate from None
    if moment.tzinfo is not None or moment.year not in _YEARS:
        raise OutOfDate
    return moment


def day_of(carried: str) -> date:
    """Return the day that is carried. Raise OutOfDate for anything else."""
    return moment_of(carried).date()


def reference_of(carried: str) -> str:
    """Return the reference of a case that is carried. Raise OutOfDate for anything else."""
    try:
        return check_reference(carried)
    except Mistake:
        raise OutOfDate from None


def option_of(kind: Iterable[_Option], carried: str) -> _Option:
    """Return which of these options is carried. Raise OutOfDate for anything else."""
    for option in kind:
        if option == carried:
            return option
    raise OutOfDate


_MOST_DIGITS = 18
_YEARS = range(1900, 3000)  # far enough from where the calendar ends to count days and change zones


@dataclass(frozen=True, slots=True)
class Carried:
    """What a form carries, read by kind. Raise OutOfDate for a fact that is missing or of another kind."""

    facts: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return words or a key that the form carries."""
        return self._of(name, str)

    def panel(self) -> Where:
        """Return the panel that the form was opened for."""
        key = self.text("panel")
        if not key:
            raise OutOfDate
        return Where(panel_key=key)

    def number(self, name: str, *, most: int = LARGEST) -> int:
        """Return a number that the form carries."""
        return number_of(str(self.facts.get(name, "")), most=most)

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return the numbers that the form carries."""
        return tuple(number_of(str(each)) for each in self._of(name, list))

    def truth(self, name: str) -> bool:
        """Return a truth value that the form carries."""
        return self._of(name, bool)

    def moment(self, name: str) -> datetime:
        """Return a moment on the panel's clocks that the form carries."""
        return moment_of(self.text(name))

    def day(self, name: str) -> date:
        """Return a day that the form carries."""
        return day_of(self.text(name))

    def option(self, name: str, kind: Iterable[_Option]) -> _Option:
        """Return an option that the form carries."""
        return option_of(kind, self.text(name))

    def record(self, name: str, kind: type[_Found]) -> _Found:
        """Return the facts that the form carries under one name, as a record of this type."""
        try:
            # As JSON, which a record may be strictly read from.
            return TypeAdapter(kind).validate_json(json.dumps(self._of(name, dict)), strict=True)
        except ValidationError:
            raise OutOfDate from None

    def if_any(self, read: Callable[[str], _Found], name: str) -> _Found | None:
        """Return what `read` makes of an optional fact, or None if the form does not carry it."""
        return None if self.facts.get(name) is None else read(name)

    def _of(self, name: str, kind: type[_Found]) -> _Found:
        found = self.facts.get(name)
        if not isinstance(found, kind):
            raise OutOfDate
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """The facts about one act of a person that a handler needs."""

    channel_id: str | None = None
    text: str = ""  #: what follows a command, or its verb, as Slack wrote it
    value: str = ""  #: of the button that was clicked or the option that was chosen
    values: Mapping[str, Value] = field(default_factory=dict)  #: block id of a modal to what was put in
    metadata: Carried = field(default_factory=Carried)  #: what the modal was opened with
    message: Message | None = None
    clicked: Clicked | None = None
    key: str = ""  #: names this delivery, the same when Slack delivers it again

    def check_characters(self) -> None:
        """Raise OutOfDate for characters that no keyboard types and no database takes."""
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
    """One command, click, submission or shortcut of one person. `work` commits when the handler returns."""

    work: Work
    actor: Actor
    here: Standing | None = None  #: theirs on the panel whose channel it is
    account: Mapping[str, Any] | None = None  #: what Slack says of the person mentioned, where a verb needs it

    def do(
        self, use_case: Callable[Concatenate[Work, Actor, _Given], _Found], *given: _Given.args, **named: _Given.kwargs
    ) -> _Found:
        """Carry out a use case for this person in this request's transaction. Return its result."""
        return use_case(self.work, self.actor, *given, **named)

    def is_from(self, place: Literal["message", "modal", "home"]) -> bool:
        """Return whether the click was in this place."""
        return self.clicked is not None and self.clicked.place == place

    def shown(self, found: str | Said | View, *, replaces: bool = False) -> Reply:
        """Return a sentence, message or view as a reply. `replaces` is as in `Reply`.

        A view takes the place of the modal that was clicked, and is a modal of its own elsewhere.
        """
        if isinstance(found, dict):
            return Reply(next_view=found) if self.is_from("modal") else Reply(modal=found)
        text, blocks = (found, ()) if isinstance(found, str) else found
        return Reply(text=text, blocks=blocks, replaces=replaces)

    def where(self, panel_key: str | None = None) -> Where:
        """Return the panel that is meant: by key, or by the channel where the person was."""
        carried = self.metadata
        channel = self.channel_id or carried.if_any(carried.text, "channel")
        here = self.here if channel == self.channel_id else None
        key = panel_key or carried.if_any(carried.text, "panel")
        return Where(panel_key=key, channel_id=channel, here=here)

    def panel(self) -> Where:
        """Return the panel that the form was opened for."""
        return self.metadata.panel()

    def number(self) -> int:
        """Return the number that the button carries. Raise OutOfDate for anything else."""
        return number_of(self.value)

    def two_numbers(self) -> tuple[int, int]:
        """Return the two numbers that the button carries, such as a meeting and a page."""
        first, _, second = self.value.partition(":")
        return number_of(first), number_of(second, most=LATEST)

    def panel_and(self, mark: str = "") -> tuple[Where, str]:
        """Return the panel that the button carries, and what follows the mark. Raise OutOfDate without a panel."""
        key, _, rest = self.value.partition(mark) if mark else (self.value, "", "")
        if not key:
            raise OutOfDate
        return Where(panel_key=key), rest

    def panel_and_number(self) -> tuple[Where, int]:
        """Return the panel and number that a button carries. Buttons from before numbers give 0."""
        where, number = self.panel_and(":")
        return where, number_of(number or "0")

    def seconds(self) -> float:
        """Return the seconds since 1970 that the button carries. Raise OutOfDate for anything else."""
        if not _SECONDS.fullmatch(self.value):
            raise OutOfDate
        return float(self.value)

    def field(self, block_id: str) -> str:
        """Return the text in a modal's field, or an empty string."""
        value = self.values.get(block_id)
        return value if isinstance(value, str) else ""

    def day(self, block_id: str) -> date | None:
        """Return the day chosen in a modal's field, or None. Raise OutOfDate for anything else."""
        chosen = self.field(block_id)
        return day_of(chosen) if chosen else None

    def wall_clock(self, without_date: str) -> datetime:
        """Return the fields `date` and `time` as one moment on the panel's clocks.

        Raises Mistake on the field that is wrong; for a date that is missing it says `without_date`.
        """
        on, time = self.day("date"), _TIME.fullmatch(self.field("time").strip())
        if on is None:
            raise Mistake(without_date, field="date")
        if time is None:
            raise Mistake("Write the time as hours and minutes, such as 14:00.", field="time")
        return datetime(on.year, on.month, on.day, int(time[1]), int(time[2]))  # noqa: DTZ001 - the panel knows its zone

    def chosen(self, block_id: str) -> int:
        """Return the number of the option chosen in a modal's field. Raise OutOfDate for anything else."""
        return number_of(self.field(block_id))

    def option(self, block_id: str, kind: Iterable[_Option]) -> _Option:
        """Return the option that was chosen in a modal's field. Raises OutOfDate for anything else."""
        return option_of(kind, self.field(block_id))

    def if_any(self, read: Callable[[str], _Found], block_id: str) -> _Found | None:
        """Return what `read` makes of an optional field of the modal, or None if it is empty."""
        return read(block_id) if self.field(block_id) else None

    def numbers(self, block_id: str) -> tuple[int, ...]:
        """Return the numbers of the options chosen in a modal's field. Raises OutOfDate for anything else."""
        return tuple(map(number_of, self.choices(block_id)))

    def choices(self, block_id: str) -> tuple[str, ...]:
        """Return the options chosen in a modal's field."""
        value = self.values.get(block_id)
        return value if isinstance(value, tuple) else ()


Handler = Callable[[Request], Reply]


def for_panel(use_case: Callable[[Work, Actor, Where], _Found], show: Callable[[_Found], str | Said | View]) -> Handler:
    """Return a handler of a command that takes only a panel: it carries out the use case and shows the result."""
    return lambda request: request.shown(show(request.do(use_case, the_panel(request))))


def for_number(use_case: Callable[[Work, Actor, int], _Found], show: Callable[[_Found], str | Said | View]) -> Handler:
    """Return a handler of a button with a number: it carries out the use case and shows the result."""
    return lambda request: request.shown(show(request.do(use_case, request.number())))


_KEY = re.compile(r"[a-z][a-z0-9_-]{1,39}")
_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?", re.ASCII)
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)

# The last word of a due phrase is never looked up as the key of a panel.
_DAY_WORDS = frozenset(
    {*WEEKDAY_OF, *MONTH_OF, *NUMBER_OF, "today", "tomorrow", "day", "days", "week", "weeks", "fortnight", "month"}
    | {"months", "year", "time", "meeting", "panel", "please", "noon", "end"}
)


class TypedAgain(Mistake):
    """A command that can't be done as typed, with commands that can, each offered as a button.

    `commands` are what the button says and the whole command that it types.
    """

    def __init__(self, sentence: str, commands: Sequence[tuple[str, str]]) -> None:
        super().__init__(sentence)
        self.commands = tuple(commands)


@contextmanager
def offering(*commands: str) -> Iterator[None]:
    """Offer whole commands as buttons with whatever is refused, where that offers none of its own."""
    try:
        yield
    except (Mistake, NotForYou) as refused:
        refused.commands = refused.commands or tuple((command, command) for command in commands)
        raise


class Offering(NotAllowed):
    """A refusal with the buttons of what this person may do instead."""

    def __init__(self, sentence: str, offered: Sequence[Block]) -> None:
        super().__init__(sentence)
        self.offered = tuple(offered)


def which_item(unsure: WhichItem, command: str, text: str) -> TypedAgain:
    """Return the question about which item a typed line is, with the command for each answer."""
    return TypedAgain(
        str(unsure),
        [(f"{title}, item {number}", f"{command} item {number}: {text.strip()}") for title, number in unsure.answers],
    )


@contextmanager
def blaming(block_id: str, kind: type[Mistake | NotForYou] = Mistake) -> Iterator[None]:
    """Point an error without a field at this field rather than the form's first one."""
    try:
        yield
    except kind as mistake:
        mistake.field = mistake.field or block_id  # the same exception: one of another kind may be a refusal
        raise


def fingerprint(view: object) -> str:
    """Return a short digest of what a preview shows, to see before saving whether it is still the same."""
    return hashlib.sha256(repr(view).encode()).hexdigest()[:16]


def the_panel(request: Request) -> Where:
    """Return the panel meant by a command that takes nothing else: the named one, in any spelling, or the channel's.

    Raise Mistake for more words than a key: they are not ignored.
    """
    typed = only_key(request.text)
    if " " in typed:
        raise Mistake(
            f"Only a panel's key goes here, and I can't tell what to do with “{plain(request.text)}”. "
            "Type the command with the key alone, or in the panel's channel without it; I ask for the rest."
        )
    return request.where(typed or None)


def take_panel(request: Request, text: str, verb: Verb, *, is_title: bool = False) -> tuple[Where, str]:
    """Return the panel meant and the text without its key, if the first or last word is the key of the person's panel.

    What only leads to the key goes with it: "for west-met". `is_title` says that the text is words, in which a
    key without a hyphen may be one of them: "County lines briefing".
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
    """Return whether a key with which a text begins may be its first word: no hyphen, no colon, and words after it."""
    is_word = words[0].isalpha() and len(words) > 1
    return is_word and (request.here is not None or words[1].lower().strip(".,;:") == "lines")


def _ends_title(request: Request, last: str, words: Sequence[str]) -> bool:
    """Return whether a key with which a text ends may be its last word: "escalate to county" in a district."""
    here = request.here
    return len(words) > 1 and last.isalpha() and here is not None and here.panel.key != last


_LEADS_TO_KEY = re.compile(r"(?:^|(?<=\s))(?:(?:for|to|of|in|at|on|on the|in the|panel)\s*)+$", re.IGNORECASE)


def refuse_panel(text: str, said: str) -> None:
    """Raise NotForYou if the last unread word after `take_panel` may be a panel's key.

    A panel that isn't there and one that isn't theirs get the same answer, which is audited; `said` is how to say it
    right.
    """
    if _is_key(text.rpartition(" ")[2].lower()):
        raise NotForYou("that panel", said)


def unread(text: str, said: str) -> Mistake:
    """Return the mistake about unread words after `take_panel`. Raises what `refuse_panel` does."""
    refuse_panel(text, said)
    return Mistake(said)


def only_reference(text: str, usage: str) -> str:
    """Return the one case reference that makes up the text. Raise Mistake with the usage for anything else."""
    reference = without_lead(text)
    if not reference or " " in reference:
        raise unread(reference.partition(" ")[2], f"Which case? {usage}")
    return reference


@contextmanager
def reading_what_is_left(text: str) -> Iterator[None]:
    """Turn a mistake about words after `take_panel` into the refusal of `refuse_panel`, if that raises."""
    try:
        yield
    except Mistake as mistake:
        refuse_panel(text, str(mistake))
        raise


def _is_key(word: str) -> bool:
    return _KEY.fullmatch(word) is not None and word not in _DAY_WORDS
