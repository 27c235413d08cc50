"""A year's papers, an agency's and a child's asked for in Slack: shown how far they are, cancelled, sent as a zip."""

import zipfile
from datetime import UTC, datetime
from io import BytesIO

import pytest

from bot.practice.workspace.person import Person
from tests.slack.agenda.test_nothing_waits import pressed, said_to
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.minutes.test_life import hold
from tests.slack.minutes.test_paper_commands import carried

pytestmark = pytest.mark.slow  # papers are written by a process of their own

TITLE = "West Operational MET, 1 January 2026 to 31 December 2026"


def shown(person: Person, words: str) -> list[str]:
    """Return the messages that say how far the papers are, once one of them says this."""
    person.waits_for(lambda: [one for one in person.dm() if words in one.words])
    lines = [one.words.splitlines()[0] for one in person.dm()]
    return [line for line in lines if "papers" in line or "cancelled" in line]


def test_a_year_is_shown_as_it_is_made_and_comes_as_one_zip(scene: Scene) -> None:
    hold(scene)
    alex, sam = scene.person("U1"), scene.person("U2")
    alex.types(CHANNEL, "/minutes approve")
    said = sam.types(CHANNEL, "/minutes export 2026 west-met").text
    assert said == f"{TITLE}: I'm making the papers. I'll show you in a direct message how many are ready."
    begun = said_to(sam, f"{TITLE}: I'm gathering the papers.")
    assert pressed(begun, "minutes.export_cancel:")
    assert "I'm still making" in sam.types(CHANNEL, "/minutes export Q4 2026").text
    scene.bot.ticks.run_all()
    assert shown(sam, f"{TITLE}: 5 papers, sent to you as one zip. Keep it safe.") == [
        f"{TITLE}: 5 papers, sent to you as one zip. Keep it safe."
    ]
    (message,) = sam.waits_for(lambda: carried(sam, "papers-2026-12-10-1.zip"))
    with zipfile.ZipFile(BytesIO(message.files[0][1])) as package:
        assert [name.rpartition("/")[2] for name in package.namelist()] == [
            "about.txt",
            "west-met-2026-12-10-minutes-approved-v1.docx",
            "west-met-2026-12-10-decisions-and-actions.docx",
            "west-met-2026-12-10-pack-health-v1.docx",
            "west-met-2026-12-10-extract.docx",
            "west-met-2026-12-10-actions.xlsx",
            "manifest.sha256",
        ]


def test_cancel_leaves_nothing_and_the_next_is_asked_for(scene: Scene) -> None:
    hold(scene)
    sam, lee = scene.person("U2"), scene.person("U5")
    sam.types(CHANNEL, "/minutes export case sample-0012")
    begun = said_to(sam, "SAMPLE-0012 on all panels: I'm gathering the papers.")
    sam.clicks(begun, pressed(begun, "minutes.export_cancel:"))
    assert shown(sam, "stopped") == ["SAMPLE-0012 on all panels: I've stopped making the papers. You get none."]
    scene.bot.ticks.run_all()
    assert "All actions of Health, on all panels" in sam.types(CHANNEL, "/minutes export agency health").text
    scene.bot.ticks.run_all()
    sam.waits_for(lambda: carried(sam, "papers-2026-12-10-2.zip"))
    assert lee.types(CHANNEL, "/minutes export 2026").text == "On West Operational MET, observers can't read minutes."
    assert lee.types(CHANNEL, "/minutes export case SAMPLE-0012").text.startswith("I can't find case SAMPLE-0012")


@pytest.mark.parametrize(
    ("typed", "of"),
    [
        ("agency Health west-met", "All actions of Health,"),
        ("agency health", "All actions of Health,"),
        ("case SAMPLE-0012 west-met.", "SAMPLE-0012"),
        ("case west-met sample-0012", "SAMPLE-0012"),
    ],
)
def test_a_panel_typed_with_an_agency_or_a_case_changes_nothing(scene: Scene, typed: str, of: str) -> None:
    hold(scene)
    said = scene.person("U2").types(CHANNEL, f"/minutes export {typed}").text
    assert said.startswith(f"{of} on all panels: I'm making the papers.")


@pytest.mark.parametrize(
    ("typed", "period"),
    [
        ("Q1 2026", "1 January 2026 to 31 March 2026"),
        ("2026 q4", "1 October 2026 to 31 December 2026"),
        ("quarter 2 of 2026", "1 April 2026 to 30 June 2026"),
    ],
)
def test_a_quarter_is_said_back_by_its_days(scene: Scene, typed: str, period: str) -> None:
    scene.clock.move_to(datetime(2027, 1, 5, 10, 0, tzinfo=UTC))
    said = scene.person("U2").types(CHANNEL, f"/minutes export {typed}").text
    assert said == f"West Operational MET held no meeting from {period}."
