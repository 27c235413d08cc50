"""Narrative through whole cycles: nowhere that lasts; in each window, reply and file for exactly who the table says.

The table is `canaries.md`, written apart from the rules of the bot.
"""

import ast
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from sqlalchemy import LargeBinary, select

import bot.slack
from bot.errors import PanelbotError
from bot.export import Asked, plan_export, write_export
from bot.services.minutes.exports import Period
from bot.slack.tables import build_registry
from bot.store.schema import METADATA
from tests.county import user_id
from tests.proof.canaries import ACTS, Door, fields, table
from tests.proof.life import PERSONAS, Life, labels_of, living, text_of, words_in
from tests.slack.diary.test_calendars import PUBLIC, fetch

pytestmark = pytest.mark.slow

#: Sealed, and no narrative of its own: a key, what was answered, and a paper until its zip is sent.
_NO_NARRATIVE: Final = {"data_key.wrapped", "answered_request.answer", "paper_export_file.content"}
_SLACK: Final = Path(bot.slack.__file__).parent
#: What a usage says where a person's own words go.
_FREE: Final = re.compile("REASON|WORDS|what is")
_FEED: Final = re.compile(re.escape(PUBLIC) + r"(/calendar/[\w-]{43}\.ics)")


class Logs(logging.Handler):
    """Keeps each line with a canary, of everything that is logged at whatever level, with its exception.

    What Slack's side of the play says of itself is left out: it is no log of the bot's.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.names: Counter[str] = Counter()  #: how many lines each logger wrote
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one."""
        self.names[record.name] += 1
        line = self.format(record)
        if words_in(line):
            self.found.append(f"{record.name}: {line[:300]}")


@contextmanager
def logging_everything(*more: str) -> Iterator[Logs]:
    """Yield what reads every line that is logged meanwhile: the root logger at DEBUG, and those that set a level."""
    logs, loggers = Logs(), [logging.getLogger(name) for name in ("", *more)]
    levels = [each.level for each in loggers]
    loggers[0].addHandler(logs)
    for each in loggers:
        each.setLevel(logging.DEBUG)
    try:
        yield logs
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)
        loggers[0].removeHandler(logs)


#: Kinds of door that bring a file.
_FILES: Final = ("Received", "Collected")
_REFERENCE: Final = re.compile(r"WEST-\d{4}", re.IGNORECASE)


def files_of(life: Life, who: str) -> list[tuple[str, bytes]]:
    """Return the files that a persona has in Slack, the oldest first."""
    return [file for message in life.scene.person(user_id(who)).dm() for file in message.files]


def seen_at(life: Life, door: Door, who: str) -> set[str]:
    """Let a persona go to a door, and return the words that they see there."""
    if door.kind == "Sent":
        return {
            word for name, content in files_of(life, who) if door.done in name for word in words_in(text_of(content))
        }
    if door.kind == "Exported":
        return words_in(exported(life, door, who))
    name, _, value = door.done.partition(" ")
    if door.kind == "Clicked":
        return words_in(life.seen(who, life.presses(who, name, value)))
    before = len(files_of(life, who)) if door.kind in _FILES else 0
    found = words_in(life.seen(who, life.types(who, door.done)))
    if door.kind in _FILES:
        life.quiet()
        for _ in range(2 if door.kind == "Collected" else 0):  # made by a job of the ticks, and then forgotten
            life.scene.bot.ticks.run_all()
            life.quiet()
        for _, content in files_of(life, who)[before:]:
            found |= words_in(text_of(content))
    return found


def exported(life: Life, door: Door, who: str) -> str:
    """Return all that a persona may read of what is exported in the terminal, or why nothing is."""
    of_panel = Asked("west-met", period=Period(date(2026, 3, 1), date(2026, 4, 30)), is_inspection=True)
    asked = {"children heard": of_panel, "a trail of WEST-0666": replace(of_panel, trails=("WEST-0666",))}[door.done]
    with TemporaryDirectory() as folder:
        out = Path(folder) / "export.zip"
        try:
            write_export(life.scene.store, plan_export(life.scene.store, who, asked), out, lambda _title: None)
        except PanelbotError as refused:
            return str(refused)
        content = out.read_bytes()
    life.exported.append(("export.zip", content))
    return text_of(content)


def unopened(life: Life) -> list[str]:
    """Return each name or property of a file, or of one in a zip, that has a canary or a child's reference."""
    with life.scene.workspace.state.lock:
        files = [(file.name, file.content or b"") for file in life.scene.workspace.state.files.values()]
    labels = {label for name, content in (*files, *life.exported) for label in labels_of(name, content)}
    assert len(labels) > 30
    return [f"shown unopened: {label}" for label in sorted(labels) if words_in(label) or _REFERENCE.search(label)]


def wrong_doors(life: Life, act: str, tries: Iterator[bool]) -> list[str]:
    """Let personas go to the doors of an act, and return where they see something else than the table says."""
    wrong = []
    for door, expected in table().items():
        for who in PERSONAS if door.act == act else ():
            if next(tries) and (found := seen_at(life, door, who)) != expected[who]:
                more, less = sorted(found - expected[who]), sorted(expected[who] - found)
                wrong.append(f"{act}: {who}: {door.done}: sees {more}, not {less}")
    return wrong


def lasting(life: Life) -> list[str]:
    """Return each place with a canary of what Slack keeps, or shows to others than a person who asked."""
    state = life.scene.workspace.state
    places = [(f"message to {one.channel}", one.payload("")) for all_ in state.messages.values() for one in all_]
    # What was changed or taken out later was there too.
    sent = {"chat.postMessage", "chat.update", "views.publish", "files.completeUploadExternal"}
    places += [(call.method, call.args) for call in life.scene.workspace.calls if call.method in sent]
    places += [("file name", (file.name, file.title)) for file in state.files.values()]
    places += [(f"Home of {who}", state.views[shown].payload()) for who, shown in state.homes.items()]
    return [f"{place}: {found}" for place, facts in places if (found := words_in(json.dumps(facts)))]


def in_calendars(life: Life) -> set[str]:
    """Return the canaries in each persona's feed and calendar file, as programs get them."""
    found: set[str] = set()
    feeds = 0
    for who in PERSONAS:
        shown = life.presses(who, "calendar.make", "").view
        address = _FEED.search(shown.words) if shown is not None else None
        if address is not None:
            status, _, feed = fetch(life.scene, address[1])
            assert status == 200
            found |= words_in(feed.decode())
            feeds += 1
        life.presses(who, "calendar.diary", "")
    life.quiet()
    files = [one for one in life.scene.workspace.state.files.values() if one.name.endswith(".ics")]
    assert feeds > 10
    assert len(files) > 5
    return found.union(*(words_in(text_of(file.content or b"")) for file in files))


def in_rows(life: Life) -> list[str]:
    """Return each table of the database that has a canary in the bytes of its rows, the outbox among them."""
    found = []
    with life.scene.store.reading() as work:
        for one in METADATA.sorted_tables:
            rows = work.session.execute(select(one)).all()
            if words := words_in(repr([tuple(row) for row in rows])):
                found.append(f"{one.name}: {words}")
    return found


def in_files(folder: Path) -> list[str]:
    """Return each file that has a canary in its bytes: the database, its log, the checkpoints, whatever is written."""
    written = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in written if words_in(path.read_bytes().decode("latin-1"))]


def sealed_words(life: Life) -> dict[str, set[str]]:
    """Return the canaries in each sealed column, opened."""
    found: dict[str, set[str]] = {}
    with life.scene.store.reading() as work:
        for one in METADATA.sorted_tables:
            for column in one.columns:
                if isinstance(column.type, LargeBinary) and f"{one.name}.{column.name}" not in _NO_NARRATIVE:
                    values = work.session.execute(select(column).where(column.is_not(None))).scalars()
                    found[f"{one.name}.{column.name}"] = words_in(" ".join(work.open(value) for value in values))
    return found


def faults(folder: Path, step: int, *loggers: str, **more: str) -> list[str]:
    """Play whole cycles, and return all that is wrong; each so many-th persona goes to a door."""
    with logging_everything(*loggers) as logs, living(folder, panelbot_public_url=PUBLIC, **more) as life:
        wrong, tries = [], (number % step == 0 for number in count())
        for act, happens in ACTS.items():
            happens(life)
            life.quiet()
            wrong += wrong_doors(life, act, tries)
        for who in PERSONAS:
            life.person(who).opens_home()
        life.quiet()
        wrong += [
            *lasting(life),
            *unopened(life),
            *(f"calendar: {word}" for word in in_calendars(life)),
            *in_rows(life),
        ]
        wrong += in_files(folder)
        wrong += [
            f"{column}: nothing unforgettable is put there" for column, words in sealed_words(life).items() if not words
        ]
        wrong += [f"{where}: not put there" for where, words in fields().items() if not words <= _put_at(life, where)]
    assert logs.names.total() > 0
    return [*wrong, *in_files(folder), *logs.found]


def _put_at(life: Life, where: str) -> set[str]:
    """Return the words that were put into a field of whichever form, or typed after a command."""
    _, _, block = where.partition(" ")
    return {
        word
        for place, words in life.planted.items()
        if place == where or (not where.startswith("/") and fnmatchcase(place, f"* {block}"))
        for word in words
    }


@pytest.mark.databases("sqlite")
def test_a_share_of_the_doors(tmp_path: Path) -> None:
    # Not a divisor of the number of personas, so that each of them has its turn.
    assert faults(tmp_path, step=5) == []


@pytest.mark.proof
def test_every_door(database_url: str, tmp_path: Path) -> None:
    # The database's own log is long, but an operator may switch it on.
    assert faults(tmp_path, 1, "sqlalchemy", panelbot_database_url=database_url) == []


def text_inputs() -> set[str]:
    """Return every field of every form into which people type text, as its file below `bot/slack` and its name."""
    found = set()
    for path in _SLACK.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                named = {
                    node.targets[0].id
                    for node in ast.walk(function)
                    if isinstance(node, ast.Assign)
                    and isinstance(node.targets[0], ast.Name)
                    and _is_call(node.value, "text_input")
                }
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and _is_call(node, "field"):
                        inputs = [each for each in node.args if _is_call(each, "text_input")]
                        inputs += [each for each in node.args if isinstance(each, ast.Name) and each.id in named]
                        if inputs:
                            found.add(f"{path.relative_to(_SLACK)} {_block_of(node.args[0])}")
    return found


def _block_of(named: ast.expr) -> str:
    """Return the name of a field; those of optional facts, which a definition names, are one.

    Those of the places of a record are any: there is one for each agency.
    """
    if isinstance(named, ast.Attribute):
        return "*"
    return "optional_*" if _is_call(named, "field_of") else str(ast.literal_eval(named))


def _is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def test_the_table_has_each_text_that_people_type() -> None:
    inputs = sum(path.read_text(encoding="utf-8").count("text_input(") for path in _SLACK.rglob("*views.py"))
    assert inputs >= len(text_inputs()) > 20
    commands = build_registry().commands.values()
    typed = {f"{one.name} {verb.name}" for one in commands for verb in one.verbs if _FREE.search(verb.usage)}
    assert text_inputs() | typed == set(fields())
