"""What a handler is given, one thing that one enrolled person did, and the reply that it returns.

What people type after a command is read here too: whom they mention, what they mean, which panel.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from html import unescape
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from bot.domain.language.day_words import MONTH_OF, NUMBER_OF, WEEKDAY_OF
from bot.domain.permissions import Actor, Verb
from bot.errors import Mistake, NotForYou
from bot.records.access.queries import Standing, Where, panels_to_name
from bot.store.unit_of_work import Work

Block = dict[str, Any]
View = dict[str, Any]
Said = tuple[str, tuple[Block, ...]]  #: a message in plain text, for notifications, and in blocks

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


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
    shown_once: bool = False  #: holds a secret: it is not kept, so a delivery that is repeated shows nothing
    places: Mapping[str, int] = field(default_factory=dict)  #: how far parts of Home are turned over from now on


Value = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Message:
    """The message that a shortcut was used on."""

    channel_id: str
    ts: str
    text: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Clicked:
    """Where a button was."""

    place: Literal["message", "modal", "home"]
    block_id: str = ""
    blocks: tuple[Block, ...] = ()  #: of its message; Slack does not send those of an ephemeral one


class Carried(dict[str, Any]):
    """What a form was opened with. A fact that it should carry and does not is refused, as one that is not theirs."""

    def __missing__(self, name: str) -> Any:
        raise NotForYou("that form")

    def number(self, name: str) -> int:
        """Return a number that the form carries. Raises NotForYou for anything else."""
        return number_of(str(self[name]))


def number_of(carried: str) -> int:
    """Return the number that a button, an option or a form carries. Raises NotForYou for what none of ours carries."""
    if not (carried.isascii() and carried.isdecimal() and len(carried) <= _MOST_DIGITS):
        raise NotForYou("that")
    return int(carried)


_MOST_DIGITS = 18  # what fits the databases' whole numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What one person did, as far as what answers it needs to know."""

    channel_id: str | None = None
    text: str = ""  #: what follows a command, or its verb, as Slack wrote it
    value: str = ""  #: of the button that was clicked or the option that was chosen
    values: Mapping[str, Value] = field(default_factory=dict)  #: block id of a modal to what was put in
    metadata: Carried = field(default_factory=Carried)  #: what the modal was opened with
    message: Message | None = None
    clicked: Clicked | None = None
    key: str = ""  #: names this delivery, the same when Slack delivers it again


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Deed):
    """One command, click, submission or shortcut of one person; `work` commits when the handler returns."""

    work: Work
    actor: Actor
    here: Standing | None = None  #: theirs on the panel whose channel it is
    account: Mapping[str, Any] | None = None  #: what Slack says of the person mentioned, where a verb needs it

    def do(
        self, use_case: Callable[Concatenate[Work, Actor, _Given], _Found], *given: _Given.args, **named: _Given.kwargs
    ) -> _Found:
        """Do a use case for this person in this request's transaction. Return what it returns."""
        return use_case(self.work, self.actor, *given, **named)

    def is_from(self, place: Literal["message", "modal", "home"]) -> bool:
        """Whether what was clicked stood there."""
        return self.clicked is not None and self.clicked.place == place

    def shown(self, found: str | Said | View, *, replaces: bool = False) -> Reply:
        """Return a sentence, a message or a view as a reply; `replaces` is as in `Reply`.

        A view takes the place of the modal that was clicked, and is a modal of its own elsewhere.
        """
        if isinstance(found, dict):
            return Reply(next_view=found) if self.is_from("modal") else Reply(modal=found)
        text, blocks = (found, ()) if isinstance(found, str) else found
        return Reply(text=text, blocks=blocks, replaces=replaces)

    def where(self, panel_key: str | None = None) -> Where:
        """The panel meant: by key, else by the channel in which the person was."""
        channel = self.channel_id or self.metadata.get("channel")
        here = self.here if channel == self.channel_id else None
        return Where(panel_key=panel_key or self.metadata.get("panel"), channel_id=channel, here=here)

    def number(self) -> int:
        """Return the number that the button carries. Raises NotForYou for what no button of ours carries."""
        return number_of(self.value)

    def two_numbers(self) -> tuple[int, int]:
        """Return the two numbers that the button carries, such as a meeting and a page."""
        first, _, second = self.value.partition(":")
        return number_of(first), number_of(second)

    def panel_and_number(self) -> tuple[Where, int]:
        """The panel and the number that a button carries; 0, which nothing has, on one from before it carried any."""
        panel_key, _, number = self.value.partition(":")
        return Where(panel_key=panel_key), number_of(number or "0")

    def field(self, block_id: str) -> str:
        """What was put into a modal's field; empty when nothing was."""
        value = self.values.get(block_id)
        return value if isinstance(value, str) else ""

    def day(self, block_id: str) -> date | None:
        """The day chosen in a modal's field; None when none was."""
        chosen = self.field(block_id)
        return date.fromisoformat(chosen) if chosen else None

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
        """Return the number of the option that was chosen in a modal's field. Raises NotForYou for anything else."""
        return number_of(self.field(block_id))

    def choices(self, block_id: str) -> tuple[str, ...]:
        """The options chosen in a modal's field."""
        value = self.values.get(block_id)
        return value if isinstance(value, tuple) else ()


Handler = Callable[[Request], Reply]


def for_panel(use_case: Callable[[Work, Actor, Where], _Found], show: Callable[[_Found], str | Said | View]) -> Handler:
    """Return a handler of a command that names at most a panel: it does the use case there and shows what it found."""
    return lambda request: request.shown(show(request.do(use_case, the_panel(request))))


def for_number(use_case: Callable[[Work, Actor, int], _Found], show: Callable[[_Found], str | Said | View]) -> Handler:
    """Return a handler of a button that carries a number: it does the use case with it and shows what it found."""
    return lambda request: request.shown(show(request.do(use_case, request.number())))


_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_KEY = re.compile(r"[a-z][a-z0-9_-]{1,39}")
_NUMBER = re.compile(r"#?([0-9]{1,9})(?:[,:]?\s+|$)")
_NUMBERS = re.compile(r"#?[0-9]{1,9}(?:(?:\s*[,&]\s*(?:and\s+)?|\s+and\s+|\s+)#?[0-9]{1,9})*")
_TIME = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)
_LINK = re.compile(r"<(?:[#!@])?[^>|]*\|([^>]*)>|<([^>]*)>")

# The last word of a due phrase is never looked up as the key of a panel.
_DAY_WORDS = frozenset(
    {*WEEKDAY_OF, *MONTH_OF, *NUMBER_OF, "today", "tomorrow", "day", "days", "week", "weeks", "fortnight", "month"}
    | {"months", "year", "time", "meeting", "panel", "please", "noon", "end"}
)


@contextmanager
def blaming(block_id: str) -> Iterator[None]:
    """A Mistake that names no field is about this one: put its sentence there, not under the first of the form."""
    try:
        yield
    except Mistake as mistake:
        raise Mistake(str(mistake), field=mistake.field or block_id) from None


def plain(text: str) -> str:
    """The text as the person typed it: Slack escapes three characters and wraps links and names."""
    return unescape(_LINK.sub(lambda found: found[1] or found[2] or "", text)).strip()


def take_mention(text: str) -> tuple[str | None, str]:
    """The first person mentioned and the text without them; None when nobody is."""
    found = _MENTION.search(text)
    if found is None:
        return None, text.strip()
    rest = text[: found.start()] + " " + text[found.end() :]
    return found[1], " ".join(rest.split())


def take_number(text: str, usage: str) -> tuple[int, str]:
    """The whole number the text begins with, and what follows. Raises Mistake with the usage when there is none."""
    found = _NUMBER.match(text.strip())
    if found is None:
        raise Mistake(f"Which one? {usage}")
    return int(found[1]), text.strip()[found.end() :].strip()


def only_number(text: str, usage: str) -> int:
    """The number that is all of the text. Raises Mistake with the usage for anything else."""
    number, rest = take_number(text, usage)
    if rest:
        raise Mistake(f"One number and nothing after it, please. {usage}")
    return number


def only_numbers(text: str, usage: str) -> list[int]:
    """The numbers that are all of the text ("2 3", "2, 3 and 5"), each once. Raises Mistake for anything else."""
    if not _NUMBERS.fullmatch(unescape(text).strip()):
        take_number(text, usage)
        raise Mistake(f"Only whole numbers, please: I can't tell what to do with the rest of “{plain(text)}”. {usage}")
    return list(dict.fromkeys(int(each) for each in re.findall(r"[0-9]+", unescape(text))))


def the_panel(request: Request) -> Where:
    """The panel meant by a command that takes nothing else: the one named, however it is spelt, else the channel's."""
    return request.where(request.text.strip().lower() or None)


def take_panel(request: Request, text: str, verb: Verb) -> tuple[Where, str]:
    """The panel meant and the text without its key, when the last word is the key of one of the person's panels."""
    head, _, last = text.rstrip().rpartition(" ")
    word = last.lower()
    if _KEY.fullmatch(word) and word not in _DAY_WORDS:
        keys = {panel.key for panel in request.do(panels_to_name, verb)}
        if word in keys:
            return request.where(word), head.strip()
    return request.where(), text.strip()
