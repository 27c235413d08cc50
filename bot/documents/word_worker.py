"""The worker process that fills Word templates. It has no access to files, the network or secrets.

It is run as `python -m bot.documents.word_worker SECONDS MEGABYTES`. It loads its modules, then forks one child process
for each document. The child sets limits that it can't lift, reads one request from standard input, writes one answer to
standard output and ends, so that no document can see or spoil another. If a child dies, the worker ends with status 128
+ signal. When its input ends, the worker ends with status 0.
"""

import contextlib
import gc
import io
import json
import os
import resource
import signal
import sys
from base64 import b64decode, b64encode
from typing import Any, NoReturn

from docx import Document

from bot.documents.word import Fault
from bot.documents.word_template import TemplateRefused, check_fields, remark_on, render

INPUT_ENDED = 3  # the child's status when there is nothing left to do


def _answer(request: dict[str, Any], megabytes: int) -> tuple[list[Fault], bytes]:
    template = b64decode(request["template"])
    try:
        if request["operation"] == "check":
            return check_fields(template, request["facts"]), b""
        if request["operation"] == "remark":
            return remark_on(template, [(names, said) for names, said in request["needs"]]), b""
        return [], render(template, request["facts"], request["properties"])
    except TemplateRefused as refusal:
        return [refusal.fault], b""
    except MemoryError:
        return [("", f"needs more than {megabytes} MB of memory; look for text that is repeated without end")], b""


def _serve_one(seconds: int, megabytes: int) -> NoReturn:
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))  # the three it has: no file and no socket can be opened
    line = sys.stdin.buffer.readline()
    if not line.endswith(b"\n"):
        os._exit(INPUT_ENDED)
    faults, document = _answer(json.loads(line), megabytes)
    answer = {"faults": faults, "document": b64encode(document).decode()}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()
    os._exit(0)


def warm_up() -> None:
    """Fill and check sample templates once, to load all modules before the process loses access to files.

    jinja2 loads its modules for explaining errors only at the first error, and Python loads a codec only at its first
    use.
    """
    properties = {"title": "", "subject": "", "made_at": "2000-01-01T12:00:00"}
    facts = {"a": "é", "c": ["<"]}
    for text in (
        "{{ a }}{% for b in c %}{{ 'é' ~ b | title | tojson }}{% endfor %}",
        "{{ a.b }}",
        "{{ a",
        "{{ ''.__class__ }}",
        "{{ 1 / 0 }}",
    ):
        document, written = Document(), io.BytesIO()
        document.add_paragraph(text)
        document.save(written)
        check_fields(written.getvalue(), facts)
        remark_on(written.getvalue(), ())
        with contextlib.suppress(TemplateRefused):
            render(written.getvalue(), facts, properties)
    with contextlib.suppress(TemplateRefused):
        render(b"", facts, properties)


def main(seconds: int, megabytes: int) -> NoReturn:
    """Fork one child process after another, each for one document, until the input ends."""
    warm_up()
    gc.freeze()  # loaded modules stay shared with the children
    gc.disable()  # a child ends with its document, so collecting garbage is useless
    while True:
        child = os.fork()
        if child == 0:
            try:
                _serve_one(seconds, megabytes)
            finally:
                os._exit(1)  # after any exception: the child must not return to the parent's loop
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code == INPUT_ENDED:
            os._exit(0)
        if code != 0:
            os._exit(128 - code if code < 0 else code)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the bot, which then closes our input
    main(int(sys.argv[1]), int(sys.argv[2]))
