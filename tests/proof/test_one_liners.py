"""Lines as people type them on telephones and paste them from Word and Outlook, each with its answer.

The lines were written from the help texts alone. Behind each stands how its answer begins: understood, or refused
with what to type instead, filled in where all of it was said.
"""

import json
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest

from bot.clock import MovedClock
from bot.domain.panel_definition import PanelDefinition
from bot.practice.workspace.workspace import Workspace
from bot.services.actions import changes
from bot.services.agenda import triage
from bot.slack.fallback import TYPE_AGAIN
from bot.store.engine import create_store_engine
from bot.store.key_ring import KeyRing
from bot.store.unit_of_work import Store
from tests.conftest import MASTER_KEY, NOW, compiling_once, counted
from tests.county import WEST, furnish, user_id
from tests.proof import desk
from tests.proof.desk import Desk
from tests.services.conftest import Play

pytestmark = pytest.mark.slow

LINES = [
    line.split("\t")
    for line in (Path(__file__).parent / "one_liners.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
#: What is typed while the meeting is open; all else before it.
IN_THE_MEETING = ("/meeting", "/action add")
BEFORE_IT = ("reply", "replies", "calendar", "open", "postpone")


def test_each_line_is_understood_or_refused_with_what_to_type(
    sqlite_template: Path, tmp_path: Path, panel_definitions: Mapping[str, PanelDefinition], workspace: Workspace
) -> None:
    states = {
        is_open: _county(sqlite_template, tmp_path / f"{is_open}.db", panel_definitions, is_open=is_open)
        for is_open in (False, True)
    }
    answers = []
    for typed, _ in LINES:
        file, now = states[_is_in_the_meeting(typed)]
        copy = Path(shutil.copy(file, tmp_path / "county.db"))
        store = _store(copy, MovedClock(now), panel_definitions)
        answers.append(_answer(Desk(store, workspace), typed))
        store.close()
        for left in tmp_path.glob("county.db*"):
            left.unlink()
    wrong = [
        f"{typed}: {answer}"
        for (typed, expected), answer in zip(LINES, answers, strict=True)
        if not any(said.startswith(expected) for said in answer)
    ]
    assert len(LINES) == 995
    assert wrong == []


def _is_in_the_meeting(typed: str) -> bool:
    words = typed.lower().split()
    return typed.lower().startswith(IN_THE_MEETING) and not any(word in BEFORE_IT for word in words[1:3])


def _store(file: Path, clock: MovedClock, definitions: Mapping[str, PanelDefinition]) -> Store:
    store = Store(compiling_once(create_store_engine(f"sqlite:///{file}")), KeyRing(MASTER_KEY), clock, definitions)
    store.draw = counted(100)
    return store


def _county(
    template: Path, file: Path, definitions: Mapping[str, PanelDefinition], *, is_open: bool
) -> tuple[Path, datetime]:
    """West a week before its meeting, or in it: nine cases accepted, the last a closed item, fourteen open actions."""
    shutil.copy(template, file)
    clock = MovedClock(NOW)
    store = _store(file, clock, definitions)
    store.draw = counted()
    play = Play(store, furnish(store), clock)
    for number in range(1, 10):
        play.accepted(f"WEST-000{number}", "constable", closed=number == 9)
    play.at(3, 17)
    play.does("chair", triage.publish_agenda, WEST)
    for number in range(14):
        words = {"holder_user_id": user_id("chair"), "text": f"step {number}", "due": "next meeting"}
        play.does("chair", changes.add_action, WEST, **words)
    if is_open:
        play.at(3, 24, 14)
        play.opens()
        play.goes_to("WEST-0001")
    store.close()
    return file, clock.now()


def _answer(at: Desk, typed: str) -> tuple[str, ...]:
    """Return how the chair who types a line in West's channel is answered: the title of a form, the command that is
    offered first, or the words of a message.
    """
    name, _, text = typed.partition(" ")
    body = desk.command("chair", f"{name.lower()} {text}") | {"channel_id": "CWEST"}
    body["text"] = body["text"].replace("& ", "&amp; ")  # as Slack writes it
    status, answer, *shown = at.says_apart(body)
    assert status == "200 OK"
    if shown:
        return (f"[{json.loads(shown[0])['title']['text']}]",)
    message = json.loads(answer)
    rows = [block["elements"] for block in message.get("blocks", ()) if block["type"] == "actions"]
    again = [one["value"] for row in rows for one in row if one["action_id"].startswith(TYPE_AGAIN)]
    return str(message["text"]).replace("\n", " / "), *(f"\u2192 {command}" for command in again[:1])
