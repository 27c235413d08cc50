"""Word documents from templates, rendered in another process that limits hold.

Facts become the fields that a template names: records become groups of fields, dates and words become text.
"""

import atexit
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from importlib.resources import files
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict

import bot
from bot.errors import Misconfigured
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


Fault = tuple[str, str]  # place such as "paragraph 12", and a sentence

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


@dataclass(frozen=True, slots=True)
class DocumentProperties:
    """What Word shows under File, Info; the language is always British English, the author panelbot."""

    title: str
    subject: str = ""
    made_on: date = date(2000, 1, 1)  # the day of the facts; never the clock's, or no two files would be alike


class WordWorker:
    """A worker process, started when first needed and again after it had to be stopped.

    `seconds` limits computing per document, `waiting` how long it may take in all (twice as long when left out), and
    `megabytes` its address space.
    """

    def __init__(self, *, seconds: int = 30, megabytes: int = 1024, waiting: float | None = None) -> None:
        self.seconds, self.megabytes = seconds, megabytes
        self.waiting = seconds * 2.0 if waiting is None else waiting
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0  # the process that started it: after a fork, a web server's child takes its own

    def ask(self, request: Mapping[str, object], template: bytes) -> tuple[list[Fault], bytes]:
        """The worker's faults and document; one document at a time, others wait their turn."""
        body = json.dumps(request).encode()
        with self._lock:
            process = self._running()
            late = threading.Event()
            timer = threading.Timer(self.waiting, self._too_late, (process, late))
            timer.start()
            try:
                answer = _exchange(process, body, template)
            finally:
                timer.cancel()
            if answer is not None:
                return answer
            self._stop()
            return [("", self._why(process, late.is_set()))], b""

    def start(self) -> None:
        """Start the process ahead of the first document, which then need not wait for it."""
        with self._lock:
            self._running()

    def close(self) -> None:
        """End the process; the next document starts another."""
        with self._lock:
            self._stop()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():
            self._process, self._owner = None, os.getpid()
        if self._process is None or self._process.poll() is not None:
            self._stop()
            here = str(Path(bot.__file__).parent.parent)
            command = [sys.executable, "-P", "-s", "-m", "bot.documents.word_worker"]
            self._process = subprocess.Popen(  # noqa: S603 - our own module, by our own interpreter
                [*command, str(self.seconds), str(self.megabytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={"PYTHONPATH": here, "LANG": "C.UTF-8"},  # no secret, no proxy
                start_new_session=True,
            )
        return self._process

    @staticmethod
    def _too_late(process: subprocess.Popen[bytes], late: threading.Event) -> None:
        late.set()
        _kill(process)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        _kill(process)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:  # what was still to be written has nobody to read it
                    continue

    def _why(self, process: subprocess.Popen[bytes], late: bool) -> str:
        computing = process.returncode in (128 + signal.SIGXCPU, 128 + signal.SIGKILL)
        if late or computing:
            return f"took more than {self.seconds} seconds; look for a loop that does not end"
        return "could not be rendered: the process stopped unexpectedly"


def _exchange(process: subprocess.Popen[bytes], body: bytes, template: bytes) -> tuple[list[Fault], bytes] | None:
    if process.stdin is None or process.stdout is None:
        return None
    try:
        write_frame(process.stdin, body)
        write_frame(process.stdin, template)
        process.stdin.flush()
    except BrokenPipeError:
        return None
    faults, document = read_frame(process.stdout), read_frame(process.stdout)
    if faults is None or document is None:
        return None
    return [(place, said) for place, said in json.loads(faults)], document


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


WORKER = WordWorker()  # starts no process before the first document
atexit.register(WORKER.close)


def render_word(
    template: bytes,
    facts: Mapping[str, object],
    *,
    properties: DocumentProperties,
    name: str = "template.docx",
    worker: WordWorker = WORKER,
) -> bytes:
    """The template filled with the facts; the same facts give the same bytes.

    `name` is what faults call the template. Raises `Misconfigured`, naming the file and the paragraph,
    when a field does not exist, a tag cannot be read, or the template asks for what no template may have.
    """
    request = {
        "operation": "render",
        "facts": plain(facts),
        "properties": {
            "title": printable(properties.title),
            "subject": printable(properties.subject),
            "made_at": f"{properties.made_on.isoformat()}T12:00:00",
        },
    }
    faults, document = worker.ask(request, template)
    if faults:
        raise Misconfigured(*(worded(name, fault) for fault in faults))
    return document


def worded(name: str, fault: Fault) -> str:
    """The fault as one line: `minutes.docx, paragraph 12: …`."""
    place, said = fault
    return f"{name}, {place}: {said}" if place else f"{name}: {said}"


def find_template(folder: Path | None, name: str) -> bytes:
    """The template of that name: from the folder if it has one, else as shipped; raises `Misconfigured`."""
    if folder is not None and (folder / name).is_file():
        return _read(folder / name)
    shipped = files("minutes_templates") / name
    if not shipped.is_file():
        raise Misconfigured(f"{name}: there is no such template, neither in your folder of templates nor shipped")
    return shipped.read_bytes()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{path.name}: the file cannot be read") from error
