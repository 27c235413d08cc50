"""What a handler answers, before it is put into Slack's own forms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Block = dict[str, Any]
View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer to one person: only they see it, unless it says `in_channel`.

    For a command it goes back in the acknowledgement. For a click on a message, `text` and `blocks` replace that
    message when `replaces` is set, and are a message to that person alone otherwise. `modal` is opened (or pushed
    on the one that was clicked) after the commit. `next_view` takes the place of the modal that was submitted or
    clicked. A submission answered with `text` alone shows it in the modal's place: it travels in the
    acknowledgement and cannot get lost, as a message of its own could.
    """

    text: str = ""
    blocks: tuple[Block, ...] = ()
    in_channel: bool = False
    replaces: bool = False
    modal: View | None = None
    next_view: View | None = None
    shown_once: bool = False  #: holds a secret: it is not kept, so a delivery that is repeated shows nothing
    places: Mapping[str, int] = field(default_factory=dict)  #: how far parts of Home are turned over from now on
    errors: Mapping[str, str] = field(default_factory=dict)  #: block id to sentence: the modal stays, with its text
