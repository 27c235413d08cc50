"""Word documents filled from templates. A separate process fills them, with limits on time and memory.

A template names fields, and the facts fill these fields. Dates become text.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict

import bot
from bot.domain.language.day_words import date_words
from bot.errors import Misconfigured

# Of the control characters XML 1.0 allows tab and line feed. It allows no surrogates, and neither U+FFFE nor U+FFFF.
# Marks that reverse the direction of text are left out too, since they would change how it reads.
_TURNING = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_UNPRINTABLE = dict.fromkeys(
    [*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF, *_TURNING]
)

_MOST_OF_PROPERTY = 255  # characters; python-docx ends with an error for a longer one


class Facts(BaseModel):
    """The base class of the facts that a document prints.

    Facts are frozen, and can be stored as JSON just as they were approved.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


def printable(text: str) -> str:
    """Return the text without characters that Word refuses or that reverse text. All line ends become line feeds."""
    if text.isascii() and text.isprintable():
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").translate(_UNPRINTABLE)


def plain(value: object) -> object:
    """Return a value converted to JSON's types. Dates become text such as "8 December 2026"."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, date):
        return date_words(value)
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, Iterable):
        return [plain(inner) for inner in value]
    raise TypeError(f"a template has no field for a {type(value).__name__}")


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun, such as "1 action", "2 actions" or "no actions". `many` is an irregular plural."""
    noun = one if number == 1 else many or f"{one}s"
    return f"{number or 'no'} {noun}"


def capital(words: str) -> str:
    """Return the words with a capital first letter. All other letters stay as they are."""
    return words[:1].upper() + words[1:]


def sentence(words: str) -> str:
    """Return the words with a capital first letter, and with a full stop unless they end with a punctuation mark."""
    words = capital(words.strip())
    return words if not words or words[-1] in ".!?…" else f"{words}."


Fault = tuple[str, str]  # place such as "paragraph 12", and a sentence


@dataclass(frozen=True, slots=True)
class DocumentProperties:
    """The properties that Word shows under File, Info. The language is British English, and the author is panelbot."""

    title: str
    subject: str = ""
    made_on: date = date(2000, 1, 1)  # the day of the facts; never the clock's, or no two files would be alike


class WordWorker:
    """A worker process that fills templates. It is started when first needed, and again after it had to be stopped.

    For each document, `seconds` limits the computing time and `megabytes` the memory. `waiting` limits the whole time,
    and is twice `seconds` if left out.
    """

    def __init__(self, *, seconds: int = 30, megabytes: int = 1024, waiting: float | None = None) -> None:
        self.seconds, self.megabytes = seconds, megabytes
        self.waiting = seconds * 2.0 if waiting is None else waiting
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0  # the process that started the worker; a forked child of a web server starts its own

    def ask(self, request: Mapping[str, object], template: bytes) -> tuple[list[Fault], bytes]:
        """Send a request to the worker process. Return the template's faults and the filled document.

        The worker makes one document at a time, so other calls wait.
        """
        line = json.dumps({**request, "template": b64encode(template).decode()}).encode() + b"\n"
        with self._lock:
            process = self._running()
            late = threading.Event()
            timer = threading.Timer(self.waiting, self._too_late, (process, late))
            timer.start()
            try:
                answer = _exchange(process, line)
            finally:
                timer.cancel()
            if answer is not None:
                return answer
            self._stop()
            return [("", self._why(process, late.is_set()))], b""

    def close(self) -> None:
        """End the worker process. The next document starts a new one."""
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
                with suppress(BrokenPipeError):  # nobody reads what is still to be written
                    pipe.close()

    def _why(self, process: subprocess.Popen[bytes], late: bool) -> str:
        computing = process.returncode in (128 + signal.SIGXCPU, 128 + signal.SIGKILL)
        if late or computing:
            return f"took more than {self.seconds} seconds; look for a loop that does not end"
        return "could not be rendered: the process stopped unexpectedly"


def _exchange(process: subprocess.Popen[bytes], line: bytes) -> tuple[list[Fault], bytes] | None:
    """Send the worker a line of JSON and return its answer, or None if the worker ended before it answered."""
    if process.stdin is None or process.stdout is None:
        return None
    try:
        process.stdin.write(line)
        process.stdin.flush()
    except BrokenPipeError:
        return None
    answer = process.stdout.readline()
    if not answer.endswith(b"\n"):
        return None
    told = json.loads(answer)
    return [(place, said) for place, said in told["faults"]], b64decode(told["document"])


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


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
    """Return the template filled with the facts. The same template, facts and properties give the same bytes.

    `name` is how faults name the template. Raise `Misconfigured`, with file and paragraph, if a field does not exist, a
    tag can't be read, or the template has something that is not allowed.
    """
    request = {
        "operation": "render",
        "facts": plain(facts),
        "properties": {
            "title": printable(properties.title)[:_MOST_OF_PROPERTY],
            "subject": printable(properties.subject)[:_MOST_OF_PROPERTY],
            "made_at": f"{properties.made_on.isoformat()}T12:00:00",
        },
    }
    faults, document = worker.ask(request, template)
    if faults:
        raise Misconfigured(*(worded(name, fault) for fault in faults))
    return document


def worded(name: str, fault: Fault) -> str:
    """Return a fault as one line, such as `minutes.docx, paragraph 12: …`."""
    place, said = fault
    return f"{name}, {place}: {said}" if place else f"{name}: {said}"


def find_template(folder: Path | None, name: str) -> bytes:
    """Return the template with this name from the folder, or else the shipped one.

    Raise Misconfigured if there is neither.
    """
    if folder is not None and (folder / name).is_file():
        try:
            return (folder / name).read_bytes()
        except OSError as error:
            raise Misconfigured(f"{name}: the file cannot be read") from error
    shipped = files("minutes_templates") / name
    if not shipped.is_file():
        raise Misconfigured(f"{name}: there is no such template, neither in your folder of templates nor shipped")
    return shipped.read_bytes()
