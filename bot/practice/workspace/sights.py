"""What a person sees: frozen messages and views, and the result of something they did."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.practice.workspace import block_kit
from bot.practice.workspace.records import Json, Message, View


@dataclass(frozen=True, slots=True)
class _Seen:
    """Something that can be read and operated. `words` is all its text in reading order."""

    blocks: tuple[Json, ...]
    words: str

    @property
    def actions(self) -> tuple[str, ...]:
        """Return the action_ids of everything that can be operated."""
        return tuple(element["action_id"] for _, element in block_kit.interactive(list(self.blocks)))


@dataclass(frozen=True, slots=True)
class SeenMessage(_Seen):
    """A message at the moment of looking. `author` is a user id."""

    channel: str
    ts: str
    author: str
    text: str
    ephemeral: bool
    thread_ts: str | None
    edited: bool
    files: tuple[tuple[str, bytes], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SeenView(_Seen):
    """A modal or Home tab at the moment of looking. `values` is what its fields hold (`state.values`)."""

    id: str
    kind: str
    title: str
    callback_id: str
    values: Json
    hash: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a command, click or submission.

    `replies`: messages the acknowledgement itself brought. `view`: the modal now on top of the screen. `error`: what
    Slack's client says when it went wrong. `errors`: sentences under the fields of a modal, by block_id.
    """

    replies: tuple[SeenMessage, ...] = ()
    view: SeenView | None = None
    error: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return all the words of the first reply, "" when there is none."""
        if not self.replies:
            return ""
        return self.replies[0].text or self.replies[0].words


def message(shown: Message) -> SeenMessage:
    """Return the picture of a message."""
    words = list(block_kit.texts(shown.blocks)) or ([shown.text] if shown.text else [])
    words += [str(text) for part in shown.attachments for text in _attachment(part)]
    return SeenMessage(
        channel=shown.channel,
        ts=shown.ts,
        author=shown.user,
        text=shown.text,
        blocks=tuple(shown.blocks),
        words="\n".join(words),
        ephemeral=shown.ephemeral_to is not None,
        thread_ts=shown.thread_ts,
        edited=shown.edited_ts is not None,
        files=tuple((file.name, file.content or b"") for file in shown.files),
    )


def _attachment(part: Any) -> list[str]:
    if not isinstance(part, dict):
        return []
    plain = [part[key] for key in ("pretext", "title", "text") if isinstance(part.get(key), str)]
    return plain + list(block_kit.texts(part.get("blocks", [])))


def view(shown: View) -> SeenView:
    """Return the picture of a view."""
    title = shown.definition.get("title") or {"text": ""}
    return SeenView(
        id=shown.id,
        kind=shown.kind,
        title=title["text"],
        callback_id=shown.definition.get("callback_id", ""),
        blocks=tuple(shown.blocks),
        words="\n".join(block_kit.texts(shown.blocks)),
        values=copy.deepcopy(shown.values),
        hash=shown.hash,
    )
