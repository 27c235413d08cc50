"""The dates that a rhythm gives, beside the pickers in which it is chosen, before anything is submitted."""

from datetime import UTC, datetime

from sqlmodel import col, select

from bot.models.meetings import Meeting
from bot.models.vocabulary import MeetingState
from bot.practice.workspace.person import Person
from bot.practice.workspace.sights import SeenView
from bot.records.diary.queries import Clash
from bot.services.diary.series import SeriesView
from bot.slack.rescheduling.rhythm_views import dates_beside, rule_form
from bot.slack.screens import Screens
from bot.slack.sender import web_client
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import opened


def chooses(kim: Person, form: SeenView, name: str, value: str) -> SeenView:
    """Choose something in one field. Return the form as it is drawn then."""
    action = next(one for block in form.values.values() for one in block if one.endswith(f":{name}"))
    return opened(kim.clicks(form, action, value).view)


def beside(form: SeenView) -> list[str]:
    """Return the lines that stand beside the pickers."""
    shown = next(block for block in form.blocks if block.get("block_id") == "beside")
    lines: list[str] = shown["text"]["text"].splitlines()
    return lines


def scheduled(scene: Scene) -> int:
    with scene.store.reading() as work:
        query = select(Meeting).where(col(Meeting.state) == MeetingState.SCHEDULED)
        return len(work.session.exec(query).all())


def test_the_first_six_dates_of_a_new_series_show_as_it_is_chosen(scene: Scene) -> None:
    kim = scene.person("U3")
    form = opened(kim.types(CHANNEL, "/panel create").view)
    assert beside(form) == [":calendar: Choose how often and on which day. You'll then see the first dates here."]
    form = chooses(kim, form, "weekday", "4")
    assert beside(form) == [":calendar: Choose which one in the month, such as the second."]
    form = chooses(kim, form, "which", "-1")
    form = chooses(kim, form, "clock", "10:00")
    assert beside(form) == [
        ":calendar: *last Friday of the month at 10:00*",
        "• Fri 27 Nov 2026, 10:00",
        "• Tue 29 Dec 2026, 10:00 (instead of Fri 25 Dec 2026: bank holiday)",
        "• Fri 29 Jan 2027, 10:00",
        "• Fri 26 Feb 2027, 10:00",
        "• Tue 30 Mar 2027, 10:00 (instead of Fri 26 Mar 2027: bank holiday)",
        "• Fri 30 Apr 2027, 10:00",
        "… and 6 more, the last on Fri 29 Oct 2027, 10:00",
    ]
    form = chooses(kim, form, "bank_holidays", "previous")
    assert beside(form)[2] == "• Thu 24 Dec 2026, 10:00 (instead of Fri 25 Dec 2026: bank holiday)"
    form = chooses(kim, form, "starts_on", "2027-01-01")
    assert beside(form)[1] == "• Fri 29 Jan 2027, 10:00"
    assert scheduled(scene) == 1
    shown = opened(kim.submits(form).view)
    assert shown.title == "Create these meetings?"
    assert shown.words.startswith("*West Operational MET*: last Friday of the month at 10:00.")


def test_words_take_the_place_of_the_pickers_and_are_refused_beside_them(scene: Scene) -> None:
    kim = scene.person("U3")
    form = chooses(kim, opened(kim.types(CHANNEL, "/panel create").view), "rule", "every second Tuesday")
    assert beside(form) == [
        ':calendar: People read "every second Tuesday" in two ways; '
        'try "every other Tuesday" or "second Tuesday of the month".'
    ]
    form = chooses(kim, form, "rule", "every other Tuesday at 9:30")
    assert beside(form)[:2] == [":calendar: *every other Tuesday at 09:30*", "• Tue 24 Nov 2026, 09:30"]


def test_dates_that_clash_are_counted_beside_the_pickers() -> None:
    at = (datetime(2027, 1, 5, 10, tzinfo=UTC), datetime(2027, 1, 12, 10, tzinfo=UTC))
    clashes = tuple(Clash(moment, ("Civic Centre",), ()) for moment in at)
    series = SeriesView("west-met", "West Operational MET", "every Tuesday at 10:00", at, (), clashes=clashes)
    assert dates_beside(series)["text"]["text"].splitlines() == [
        ":calendar: *every Tuesday at 10:00*",
        "• Tue 5 Jan 2027, 10:00",
        "• Tue 12 Jan 2027, 10:00",
        ":warning: 2 dates with a clash: Tue 5 Jan 2027, Tue 12 Jan 2027",
    ]


def test_what_a_new_rule_moves_shows_as_it_is_chosen(scene: Scene) -> None:
    kim = scene.person("U3")
    kim.closes(opened(kim.submits(opened(kim.types(CHANNEL, "/panel create every Friday at 9:00").view)).view))
    before = scheduled(scene)
    form = opened(kim.types(CHANNEL, "/panel change").view)
    assert beside(form) == [":calendar: Choose how often the panel should meet. You'll then see the changes here."]
    form = chooses(kim, form, "weekday", "3")
    assert beside(form)[:3] == [
        ":calendar: *every Thursday at 09:00*",
        "• Fri 27 Nov 2026, 09:00 → *Thu 26 Nov 2026, 09:00*",
        "• Fri 4 Dec 2026, 09:00 → *Thu 3 Dec 2026, 09:00*",
    ]
    assert beside(form)[7] == "… and 6 more"
    form = chooses(kim, form, "weekday", "4")
    assert beside(form) == [":calendar: The meetings are at these times already, so nothing would change."]
    assert scheduled(scene) == before


def test_an_older_choice_is_not_drawn_over_a_newer_one(scene: Scene) -> None:
    kim = scene.person("U3")
    first = opened(kim.types(CHANNEL, "/panel create").view)
    newer = chooses(kim, first, "rule", "every Tuesday at 10:00")
    client = web_client(scene.workspace.bot_token, scene.workspace.api_url)
    older = rule_form("West Operational MET", None, {"panel": "west-met"})
    assert Screens(client, client).update(newer.id, older, over=first.hash) is False
    assert beside(opened(kim.view)) == beside(newer)
