"""Calls to Slack, one class for each kind, with the person or channel they go to, and helpers that make renderers.

A call is `repeatable` if sending it twice shows the same as sending it once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import wraps
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from bot.documents.papers import File
from bot.domain.notices import Notice
from bot.domain.permissions import Actor
from bot.records.access.queries import actor_of
from bot.records.actions.queries import ActionView
from bot.records.diary.queries import is_shared
from bot.slack.blocks import day
from bot.slack.request import Block, Said, View
from bot.store.slack_files import FileRecord, slack_file_days
from bot.store.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class Post:
    """A new message in a channel."""

    repeatable: ClassVar[bool] = False
    channel_id: str
    text: str
    blocks: tuple[Block, ...] = ()
    is_for_panel: bool = False  #: not posted if another workspace sees the channel, which Slack is asked just before
    was_shared: bool = False  #: whether another workspace last saw it, which counts if Slack does not say
    board_of: int | None = None  #: the meeting whose board it is


@dataclass(frozen=True, slots=True)
class PostToPerson:
    """A new direct message to a person."""

    repeatable: ClassVar[bool] = False
    team_id: str
    user_id: str
    text: str
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Whisper:
    """A message in a channel that only one person sees, and only until they restart Slack."""

    repeatable: ClassVar[bool] = False
    channel_id: str
    user_id: str
    text: str
    blocks: tuple[Block, ...] = ()
    thread_ts: str = ""  #: the thread in which it is shown; empty for none


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A new text for one of the bot's own messages. Repeatable."""

    repeatable: ClassVar[bool] = True
    channel_id: str
    ts: str
    text: str
    blocks: tuple[Block, ...] = ()
    is_for_panel: bool = False  #: as in `Post`
    was_shared: bool = False  #: as in `Post`
    board_of: int | None = None  #: the meeting whose board it is: if this message is gone, a new board is posted


@dataclass(frozen=True, slots=True)
class Delete:
    """The removal of one of the bot's own messages. Repeatable."""

    repeatable: ClassVar[bool] = True
    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class PublishHome:
    """A new Home tab for one person. Repeatable."""

    repeatable: ClassVar[bool] = True
    user_id: str
    view: View


@dataclass(frozen=True, slots=True)
class Respond:
    """An answer through the `response_url` of a click. It is repeatable if it replaces the clicked message."""

    url: str
    body: Mapping[str, Any]

    @property
    def repeatable(self) -> bool:
        """Return whether sending the answer twice shows the same as sending it once."""
        return bool(self.body.get("replace_original"))


@dataclass(frozen=True, slots=True)
class Upload:
    """A file sent in a direct message. The bot makes the file's `name`, which contains no typed text."""

    repeatable: ClassVar[bool] = False
    team_id: str
    user_id: str
    name: str
    title: str
    write: Callable[[], bytes] = field(repr=False)  #: makes the content; raises PanelbotError
    comment: str  #: the message shown with the file
    record: FileRecord


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """The removal of a file from Slack. Repeatable."""

    repeatable: ClassVar[bool] = True
    file_id: str  #: the file's id in Slack


@dataclass(frozen=True, slots=True)
class LookAtMembers:
    """A call that reads which accounts are in a panel's channel. Repeatable."""

    repeatable: ClassVar[bool] = True
    panel_id: int
    channel_id: str
    expected: frozenset[str]  #: accounts of the people on the panel
    known: frozenset[str]  #: accounts of which Slack need not be asked whether they are apps


Found = TypeVar("Found")
Call = Post | PostToPerson | Whisper | Rewrite | Delete | PublishHome | Respond | Upload | RemoveFile | LookAtMembers


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A rendered effect, ready to be sent. Audit entries made by its renderer are written only when it is sent."""

    call: Call
    dropped: tuple[int, ...] = ()  #: positions of gathered effects that are no longer meant for their addressee
    waiting: tuple[int, ...] = ()  #: positions of gathered effects that go into the next message


#: Turns the ids of one effect into a call after a new access check. Returns None if its addressee should no longer get
#: it.
RenderOne = Callable[[Work, Mapping[str, Any]], Outgoing | None]


@dataclass(frozen=True, slots=True)
class Gathering:
    """A renderer that turns several effects of one kind and lane into one message. People then get fewer messages."""

    render: Callable[[Work, Sequence[Mapping[str, Any]]], Outgoing | None]  #: None if no effect should be sent
    most: int  #: effects in one message
    rest: float | None = None  #: seconds after a message in which more effects are gathered; None: the courier's own


Renderer = RenderOne | Gathering


def for_person(render: Callable[[Work, Actor, Mapping[str, Any]], Outgoing | None]) -> RenderOne:
    """Return a renderer for notices to one person, whose id is `person_id` in the payload.

    Notices to people who left are dropped.
    """

    @wraps(render)
    def rendered(work: Work, payload: Mapping[str, Any]) -> Outgoing | None:
        actor = actor_of(work, payload["person_id"])
        return None if actor is None else render(work, actor, payload)

    return rendered


def to_them(actor: Actor, text: str, blocks: tuple[Block, ...] = ()) -> Outgoing:
    """Return a direct message to the actor."""
    return Outgoing(PostToPerson(actor.team_id, actor.user_id, text, blocks))


def to_panel(
    work: Work, channel_id: str, text: str, blocks: tuple[Block, ...] = (), *, board_of: int | None = None
) -> Outgoing:
    """Return a post in a panel's channel. If people of another workspace would see the post, the sender drops it.

    `board_of` is the number of a meeting if the post is that meeting's board.
    """
    was_shared = is_shared(work, channel_id)
    return Outgoing(Post(channel_id, text, blocks, is_for_panel=True, was_shared=was_shared, board_of=board_of))


def message(
    compose: Callable[..., Found | None],
    show: Callable[[Found], str | Said],
    *names: str,
    sends: Callable[[Found], Iterable[ActionView]] = lambda _: (),
) -> RenderOne:
    """Return a renderer that sends a person a message. `show` makes the message from what `compose` returns.

    If `compose` returns None, nothing is sent. `names` are the facts of the notice that are passed to `compose`.
    Without names, `compose` gets the whole payload. `sends` returns the actions in the message, which are audited.
    """

    @for_person
    def render(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing | None:
        found = compose(work, actor, *([payload[name] for name in names] or [payload]))
        if found is None:
            return None
        note_sent(work, actor, sends(found))
        shown = show(found)
        return to_them(actor, shown) if isinstance(shown, str) else to_them(actor, *shown)

    return render


def paper(notice: Notice, write: Callable[..., File], noun: str, *names: str) -> RenderOne:
    """Return a renderer that sends a person a file.

    `write` makes the file from the notice's facts `names`. The audit entry about sending the file has `noun`, and the
    first of these facts as its id. The message with the file says on which day Slack removes the file, in the person's
    own time zone.
    """

    @for_person
    def render(work: Work, actor: Actor, payload: Mapping[str, Any]) -> Outgoing:
        work.is_message = False  # a file has the narrative, so sending it counts as reading its cases
        file = write(work, actor, *(payload.get(name) for name in names))
        work.audit("disclose", noun, payload.get(names[0]), actor_id=actor.person_id)
        remove_after = work.now + timedelta(days=slack_file_days(work.session))
        comment = f"Slack removes this file on {day(remove_after.astimezone(ZoneInfo(actor.timezone)))}."
        about = FileRecord(notice, actor.person_id, file.panel_id, file.meeting_id, file.case_ids, remove_after)
        return Outgoing(Upload(actor.team_id, actor.user_id, file.name, file.title, file.write, comment, about))

    return render


def note_sent(work: Work, actor: Actor, actions: Iterable[ActionView]) -> None:
    """Add audit entries saying that actions are sent to a person. Sending counts as reading the actions' cases."""
    for one in actions:
        work.audit("send", "action", one.id, panel_id=one.panel_id, actor_id=actor.person_id)
        work.saw(actor.person_id, [(one.case_id, one.panel_id)])
