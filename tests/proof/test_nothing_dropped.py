"""Words that a command has no use for are refused, said in its answer, or kept: they are never dropped in silence."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot.clock import MovedClock
from bot.domain.panel_definition import PanelDefinition
from bot.practice.workspace.workspace import Workspace
from bot.slack.fallback import TYPE_AGAIN
from bot.slack.registry import Verb
from bot.slack.tables import build_registry
from tests.proof import desk
from tests.proof.desk import Desk
from tests.proof.test_one_liners import BEFORE_IT, _county, _store

pytestmark = pytest.mark.slow

REST = "last day 30/4 zzz"
#: What stands before these words, where the verb's example names what isn't there.
GIVEN = {
    "add": "<@UNURSE> ring the school by Friday",
    "merge": "WEST-0001 into WEST-0002",
    "deputise": "<@UNURSE>",
    "end": "<@UNURSE>",
    "guest": "Jo Hart",
}
#: They record the rest as it was typed: in a note, a reason, a message to the chair.
KEPT = {"send-back", "done", "reopen", "not-possible", "not-done", "not-ours", "withdraw"}
#: How a refusal says that nothing was done.
REFUSES = (
    "can't",
    "Only ",
    "isn't",
    "There is no",
    "has no place that you can end",
    "does not",
    "Another agency flagged",
    "only the chair and vice-chair can",
    "A deputy must work for the same agency",
)


def lines() -> Iterator[tuple[str, str, str]]:
    """Yield for each verb its command, its name and a line with words that it has no use for."""
    for command in build_registry().commands.values():
        for verb in command.verbs:
            yield command.name, verb.name, f"{command.name} {verb.name} {given(command.name, verb)} {REST}"


def given(command: str, verb: Verb) -> str:
    if verb.name in GIVEN:
        return GIVEN[verb.name]
    mention = " <@UNURSE>" if "@name" in verb.usage and "[@" not in verb.usage else ""
    if verb.usage.startswith(("REFERENCE", "[REFERENCE")):
        return f"WEST-0001{mention}"
    if command == "/action" and verb.usage.startswith("NUMBER"):
        return f"4{mention}"
    return "<@UNURSE>" if command == "/people" and "@" in verb.usage else verb.example


@pytest.mark.parametrize("who", ["chair", "coordinator"])
def test_words_without_use_are_refused_said_or_kept(
    who: str,
    sqlite_template: Path,
    tmp_path: Path,
    panel_definitions: Mapping[str, PanelDefinition],
    workspace: Workspace,
) -> None:
    states = {
        is_open: _county(sqlite_template, tmp_path / f"{is_open}.db", panel_definitions, is_open=is_open)
        for is_open in (False, True)
    }
    dropped = []
    for command, verb, line in lines():
        file, now = states[command == "/meeting" and verb not in BEFORE_IT]
        store = _store(Path(shutil.copy(file, tmp_path / "county.db")), MovedClock(now), panel_definitions)
        name, _, text = line.partition(" ")
        status, answer, *shown = Desk(store, workspace).says_apart(
            desk.command(who, f"{name} {text}") | {"channel_id": "CWEST"}
        )
        store.close()
        for left in tmp_path.glob("county.db*"):
            left.unlink()
        assert status == "200 OK"
        says_it = "zzz" in " ".join((answer, *shown))
        if not (says_it or verb in KEPT or is_plain_refusal(answer, shown)):
            dropped.append(f"{line}: {answer}")
    assert dropped == []


def is_plain_refusal(answer: str, shown: list[str]) -> bool:
    """Return whether an answer refuses the line and offers nothing in its place."""
    if shown or not answer.strip():
        return False
    message = json.loads(answer)
    return TYPE_AGAIN not in answer and any(sign in message["text"] for sign in REFUSES)
