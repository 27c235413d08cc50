"""How the bot and its Word worker talk: frames of bytes, each after its length."""

import struct
from typing import IO

LENGTH = struct.Struct(">Q")


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next frame, or nothing when the stream has ended."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = stream.read(length)
    return body if len(body) == length else None


def write_frame(stream: IO[bytes], body: bytes) -> None:
    """One frame: its length in eight bytes, then itself."""
    stream.write(LENGTH.pack(len(body)))
    stream.write(body)
