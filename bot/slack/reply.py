"""What a listener answers, before it is put into Slack's own forms."""

from dataclasses import dataclass, field
from typing import Any

Block = dict[str, Any]
View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer to one person: only they see it, unless it says `in_channel`.

    For a command it goes back in the acknowledgement. For a click, `text` and `blocks` replace the message that
    was clicked when `replaces` is set, and are a message to that person alone otherwise. `modal` is opened (or
    pushed on the one that was clicked) after the commit. For a submission, `next_view` replaces the modal, and
    with nothing but `text` the modal closes and the text is sent to the person.
    """

    text: str = ""
    blocks: tuple[Block, ...] = ()
    in_channel: bool = False
    replaces: bool = False
    modal: View | None = None
    next_view: View | None = None
    errors: dict[str, str] = field(default_factory=dict)  #: block id to sentence: the modal stays, with its text
