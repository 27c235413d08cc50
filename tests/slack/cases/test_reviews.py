"""A case comes back in Slack: its agency is asked in a message and on Home, and answers by a button or the form."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.slack.agenda.test_nothing_waits import accepts_what_waits, decides, pressed, said_to
from tests.slack.conftest import Scene, playing
from tests.slack.county import CHANNEL, SETTING
from tests.slack.home.test_home import home_of
from tests.slack.test_cycle import JUDGEMENT, flag, open_quorate, opened

TWICE = replace(
    SETTING,
    west_sits=(datetime(2026, 12, 10, 14, 0, tzinfo=UTC), datetime(2027, 1, 14, 14, 0, tzinfo=UTC)),
)


@contextmanager
def comes_back(folder: Path) -> Iterator[Scene]:
    """Let West hear cases on 24 March, to be reviewed on 21 April.

    Return the numbers of their flags there, on 1 April.
    """
    with playing(folder, over="http", setting=TWICE) as scene:
        alex = scene.person("U1")
        flag(scene)
        accepts_what_waits(alex, CHANNEL, "/agenda triage")
        scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
        open_quorate(scene)
        decides(alex, CHANNEL, "retain", review="14 January 2027")
        scene.bot.ticks.run_all()
        scene.clock.move_to(datetime(2026, 12, 23, 10, 0, tzinfo=UTC))
        scene.bot.ticks.run_all()
        yield scene


def test_one_click_says_that_nothing_has_changed(tmp_path: Path) -> None:
    with comes_back(tmp_path) as scene:
        alex, sam = scene.person("U1"), scene.person("U2")
        asked = said_to(sam, "What has changed since the panel last discussed the case?")
        assert JUDGEMENT not in asked.words
        assert "Health has not said what changed" in alex.types(CHANNEL, "/case list").text
        sam.clicks(asked, pressed(asked, "case.unchanged"))
        said_to(sam, "that nothing has changed for *SAMPLE-0012*")
        assert "nothing has changed, Health said on 23 December 2026" in alex.types(CHANNEL, "/case list").text


def test_home_opens_the_form_filled_in_and_what_is_said_joins_the_hearing(tmp_path: Path) -> None:
    with comes_back(tmp_path) as scene:
        alex, sam = scene.person("U1"), scene.person("U2")
        home = home_of(scene, "U2", "Has anything changed?")
        assert "*SAMPLE-0012* comes back to West Operational MET on Thu 14 Jan 2027, 14:00 for review." in home.words
        form = opened(sam.clicks(home, pressed(home, "case.changed")).view)
        outcome = sam.submits(form, {"judgement": "Calmer since the move.", "missing_episodes": "1"})
        assert outcome.errors == {}
        assert "*SAMPLE-0012* is flagged to West Operational MET" in opened(outcome.view).words
        assert "Health said on 23 December 2026 what changed" in alex.types(CHANNEL, "/case list").text
        assert "Calmer since the move." in opened(alex.types(CHANNEL, "/case history SAMPLE-0012").view).words
