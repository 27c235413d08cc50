"""What a person sees: copies of messages and views that don't change, and the outcome of the person's acts."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.practice.workspace import block_kit
from bot.practice.workspace.records import Json, Message, View


@dataclass(frozen=True, slots=True)
class _Seen:
    """A message or view that a person can read and operate. `words` is all its text in reading order."""

    blocks: tuple[Json, ...]
    words: str

    @property
    def actions(self) -> tuple[str, ...]:
        """Return the action_ids of all elements that can be operated."""
        return tuple(element["action_id"] for _, element in block_kit.interactive(list(self.blocks)))


@dataclass(frozen=True, slots=True)
class SeenMessage(_Seen):
    """A message as it was when the person looked. `author` is a user's id."""

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
    """A modal or Home tab as it was when the person looked. `values` are the values of its fields (`state.values`)."""

    id: str
    kind: str
    title: str
    callback_id: str
    values: Json
    hash: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a command, click or submission, as the person sees it.

    `replies` are messages in the acknowledgement itself. `view` is the modal now on top of the screen. `error` is what
    Slack's client says if the act failed. `errors` are the sentences under a modal's fields, by block_id.
    """

    replies: tuple[SeenMessage, ...] = ()
    view: SeenView | None = None
    error: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the words of the first reply, or "" if there is none."""
        if not self.replies:
            return ""
        return self.replies[0].text or self.replies[0].words


def message(shown: Message) -> SeenMessage:
    """Return a message as a person sees it now."""
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
    """Return a view as a person sees it now."""
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
