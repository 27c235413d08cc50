"""`panelbot due` and `panelbot identifiers`: what people type, tried without a Slack."""

import json
import os
from pathlib import Path

import pytest

from tests.documents.test_county_file import COUNTY as SMALL_COUNTY
from tests.processes import run_panelbot
from tests.test_command_line import a_county

pytestmark = pytest.mark.slow  # each starts a process of its own

SAID = ("--on", "2026-01-06", "--next-meeting", "2026-02-03")


def panelbot(*words: str, folder: Path | None = None, given: str = "") -> tuple[int, str]:
    """Run a command. Return its exit status and all that it printed."""
    data = {} if folder is None else {"PANELBOT_DATA_DIR": str(folder)}
    return run_panelbot(words, {"PATH": os.environ["PATH"], **data}, given)


def test_a_due_phrase_is_shown_with_the_day_that_it_means() -> None:
    assert panelbot("due", "COB Friday", *SAID) == (0, "COB Friday: Friday 9 January 2026\n")


def test_a_due_phrase_that_is_refused_is_shown_with_why_and_with_what_would_do() -> None:
    assert panelbot("due", "next Mon", *SAID) == (
        0,
        'next Mon: two readings. People read "next Mon" in two ways. '
        'Try "Monday 12 January 2026" or "Monday 19 January 2026".\n',
    )


def test_due_phrases_are_read_from_each_line_for_programs() -> None:
    status, said = panelbot("due", "-", *SAID, "--json", given="the next meeting\n5/1/26\n")
    assert status == 0
    assert [json.loads(line) for line in said.splitlines()] == [
        {"phrase": "the next meeting", "kind": "one day", "days": ["2026-02-03"], "offers": []},
        {"phrase": "5/1/26", "kind": "past", "days": [], "offers": ["2027-01-05", "2026-01-09"]},
    ]


def test_a_day_that_is_none_is_refused_by_its_option() -> None:
    status, said = panelbot("due", "Friday", "--on", "6 January")
    assert (status, said) == (1, "✗ --on: 6 January is not a day. Write it as 2027-01-31.\n")


def test_due_phrases_are_read_as_a_panel_would(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert panelbot("apply", a_county(tmp_path, SMALL_COUNTY.encode()), folder=data)[0] == 0
    status, said = panelbot("due", "Friday", "--panel", "nowhere", folder=data)
    assert (status, said) == (1, "✗ --panel: there is no panel nowhere.\n")
    status, said = panelbot("due", "Friday", "--panel", "west", "--on", "2026-01-06", folder=data)
    assert status == 1
    assert said.startswith("✗ --panel: takes the day and the next meeting from the diary.")


def test_the_lines_that_the_guard_stops_are_shown_with_what_it_found(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Ring the school.\nHer number is 07700 900123.\n", encoding="utf-8")
    assert panelbot("identifiers", str(file)) == (0, "2: phone number: 07700 900123\n1 line would be stopped.\n")


def test_identifiers_are_shown_for_each_line_for_programs() -> None:
    status, said = panelbot("identifiers", "-", "--json", given="Ring 07700 900123\nRing the school\n")
    assert status == 0
    assert [json.loads(line) for line in said.splitlines()] == [
        {"line": 1, "found": [{"kind": "phone number", "excerpt": "07700 900123"}]},
        {"line": 2, "found": []},
    ]
