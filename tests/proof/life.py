"""A county at its Slack, everyone at their client: what the proofs let people do, and all that they then see.

Everything is real: signed requests through the listener, the courier, the local workspace, a database.
"""

import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select, update

from bot.clock import MovedClock
from bot.models.outbox import OutboxLane, OutboxMethod
from bot.practice.workspace.person import Person
from bot.practice.workspace.sights import Outcome, SeenView
from bot.practice.workspace.workspace import Workspace
from bot.slack.blocks import button, buttons
from bot.store.outbox import count_unfinished
from bot.store.rows import table_of
from tests.conftest import NOW
from tests.county import PEOPLE, USUAL, user_id
from tests.services.conftest import Play
from tests.slack.conftest import Scene, comes_true, playing

CHANNEL: Final = "CWEST"
#: Everyone of `tests/county.py`, and an account that nobody enrolled.
PERSONAS: Final = (*PEOPLE, "stranger")
#: A word that is put where narrative goes: unforgettable, and in no other text.
WORD: Final = re.compile("canary([a-z]+)", re.IGNORECASE)
_MARKUP: Final = re.compile("<[^>]*>")


def words_in(text: str) -> set[str]:
    """Return the names of the canaries in a text, in small letters."""
    return {found.lower() for found in WORD.findall(text)}


def text_of(file: bytes) -> str:
    """Return all the text of a file: of a Word or Excel file its parts, of a zip its files and their names."""
    if not file.startswith(b"PK"):
        text = file.decode()
        return _MARKUP.sub("\n", text) if text.startswith("<?xml") else text
    with zipfile.ZipFile(BytesIO(file)) as parts:
        return "\n".join([*parts.namelist(), *(text_of(parts.read(name)) for name in parts.namelist())])


def labels_of(name: str, file: bytes) -> list[str]:
    """Return what a file shows unopened: its name and properties, and those of the files in it."""
    found = [name]
    if file.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(file)) as parts:
            for part in parts.namelist():
                if part.startswith("docProps/"):
                    found.append(_MARKUP.sub(" ", parts.read(part).decode()))
                elif not name.endswith((".docx", ".xlsx")):
                    found += labels_of(part, parts.read(part))
    return found


@dataclass(frozen=True, slots=True)
class Life:
    """The county and its people; what they do, and what they then see."""

    scene: Scene
    play: Play
    planted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  #: by command or field, its words
    exported: list[tuple[str, bytes]] = field(default_factory=list)  #: files that were made outside Slack

    def at(self, month: int, day: int, hour: int = 10, minute: int = 0) -> None:
        """Move to this time of 2026 in London, and let what falls due happen and be sent."""
        self.quiet()
        self.play.at(month, day, hour, minute)
        self.scene.bot.ticks.run_all()
        self.quiet()

    def quiet(self) -> None:
        """Let all that was promised be sent, at once: Slack's pace is no matter here."""

        def is_sent() -> bool:
            with self.scene.store.work() as work:
                if not count_unfinished(work.session):
                    return True
                for table in (table_of(OutboxLane), table_of(OutboxMethod)):
                    # Those that the courier holds are passed over: waiting for each other ends in a deadlock.
                    free = select(table.c.name).where(table.c.next_at > 0.0).with_for_update(skip_locked=True)
                    names = work.session.execute(free).scalars().all()
                    work.session.execute(update(table).where(table.c.name.in_(names)).values(next_at=0.0))
            self.scene.bot.courier.wake()
            return False

        comes_true(lambda: is_sent() or None, lambda: f"effects under way: {self.scene.effects()}")

    def person(self, who: str) -> Person:
        """Return a persona at their Slack, without what was on their screen."""
        person = self.scene.person(user_id(who))
        person.reloads()
        return person

    def types(self, who: str, line: str) -> Outcome:
        """Let a persona type a command in their direct message with the bot."""
        verb = " ".join(line.split()[:2])
        self.planted[verb] |= words_in(line)
        person = self.person(who)
        return _done(person.types(person.direct, line))

    def presses(self, who: str, action: str, value: str) -> Outcome:
        """Let a persona press a button of the bot's, wherever they have it from."""
        person = self.person(who)
        state = self.scene.workspace.state
        with state.lock:
            place = state.channels[person.direct]
            made = state.say(
                place, text="A button", blocks=[{**buttons(button("It", action, value)), "block_id": "it"}]
            )
        shown = next(one for one in person.dm() if one.ts == made.ts)
        outcome = _done(person.clicks(shown, shown.actions[0]))
        with state.lock:
            state.remove(made)
        return outcome

    def fills(self, who: str, form: SeenView | None, values: Mapping[str, Any]) -> Outcome:
        """Let a persona fill in the form on their screen and send it. It must be taken."""
        assert form is not None
        for name, value in values.items():
            self.planted[f"{form.callback_id} {name.partition('~')[0]}"] |= words_in(str(value))
        outcome = _done(self.scene.person(user_id(who)).submits(form, values))
        assert not outcome.errors, outcome.errors
        return outcome

    def seen(self, who: str, outcome: Outcome) -> str:
        """Return all that an answer shows to a persona: replies, the window on top, what only that persona sees."""
        with self.scene.workspace.state.lock:
            own = self.scene.workspace.state.ephemerals.get(user_id(who), [])
            shown = [json.dumps([one.text, one.blocks, one.attachments], ensure_ascii=False) for one in own]
        for reply in outcome.replies:
            shown.append(json.dumps([reply.text, reply.blocks], ensure_ascii=False))
        if outcome.view is not None:
            view = self.scene.workspace.state.views[outcome.view.id]
            shown.append(json.dumps([view.definition, view.values], ensure_ascii=False))
        return "\n".join(shown)


def _done(outcome: Outcome) -> Outcome:
    assert outcome.error is None, outcome.error
    return outcome


def _populate(workspace: Workspace) -> None:
    for key in PERSONAS:
        workspace.add_user(key, id=user_id(key))
    on_west = [user_id(key) for key, one in PEOPLE.items() if one.west]
    workspace.add_channel("west", on_west, id=CHANNEL, private=True)


@contextmanager
def living(folder: Path, clock: MovedClock | None = None, **more: str) -> Iterator[Life]:
    """Yield the county of `tests/county.py` from its first day on, with everyone at their Slack."""
    with playing(
        folder, over="http", setting=USUAL, populates=_populate, clock=clock or MovedClock(NOW), **more
    ) as scene:
        yield Life(scene, Play(scene.store, scene.county, scene.clock))
