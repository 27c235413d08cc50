"""Meetings in people's own calendars: files by direct message, and feeds over the bot's own door."""

import http.client
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import vobject
from sqlalchemy import text
from sqlmodel import col, select

from bot.models.bookkeeping import AnsweredRequest
from bot.models.meetings import Meeting
from bot.models.panels import Membership
from bot.models.people import CalendarFeed
from bot.models.people import Person as Enrolled
from bot.practice.stopwatch import GIVE_UP_SECONDS
from bot.practice.workspace.faults import Fault
from bot.practice.workspace.person import Person
from bot.slack.listener import SAVED_UNSEEN
from tests.documents.test_calendar import CalendarClient
from tests.slack.conftest import Scene, playing
from tests.slack.county import CHANNEL
from tests.slack.invitations.test_invitations import button, invited, rearranged
from tests.slack.test_cycle import JUDGEMENT, flag, opened

PUBLIC = "https://bot.example.org/panels"


def files(scene: Scene, user_id: str = "U2") -> list[tuple[str, bytes]]:
    """Return every file that a person was sent, oldest first."""
    scene.settled()
    return [file for message in scene.person(user_id).dm() for file in message.files]


def asks_for_file(scene: Scene, words: str, user_id: str = "U2") -> bytes:
    """Press [Calendar file] as a person, under the message that says this. Return the file."""
    person = scene.person(user_id)
    before = len(files(scene, user_id))
    message = person.waits_for(lambda: [one for one in person.dm() if words in one.words])[0]
    person.clicks(message, button(message, "calendar.file"))
    return person.waits_for(lambda: files(scene, user_id)[before:])[0][1]


def has_a_later_meeting(scene: Scene) -> None:
    """Add a meeting, since the last one of a diary is never cancelled alone."""
    with scene.store.work() as work:
        work.session.add(
            Meeting(
                panel_id=scene.county.west_id,
                starts_at=datetime(2027, 1, 14, 14, 0, tzinfo=UTC),
                ends_at=datetime(2027, 1, 14, 16, 0, tzinfo=UTC),
            )
        )


def test_the_file_of_a_meeting_follows_it_through_a_move_and_a_cancellation(scene: Scene) -> None:
    flag(scene)
    invited(scene)
    client = CalendarClient()
    first = asks_for_file(scene, "meets on Thu 10 Dec 2026")
    client.receives(first)
    assert client.shows() == [("West Operational MET", datetime(2026, 12, 10, 14, 0, tzinfo=UTC))]
    rearranged(scene, "reschedule", date="2026-12-17", time="14:30")
    second = asks_for_file(scene, "is now on Thu 17 Dec 2026")
    client.receives(second)
    assert client.shows() == [("West Operational MET", datetime(2026, 12, 17, 14, 30, tzinfo=UTC))]
    has_a_later_meeting(scene)
    rearranged(scene, "cancel")
    third = asks_for_file(scene, "is cancelled")
    client.receives(third)
    assert client.shows() == []
    read = [vobject.readOne(file.decode()) for file in (first, second, third)]
    assert [one.method.value for one in read] == ["PUBLISH", "PUBLISH", "CANCEL"]
    assert [one.vevent.sequence.value for one in read] == ["0", "1", "2"]
    assert len({one.vevent.uid.value for one in read}) == 1
    assert getattr(read[0].vevent, "class").value == "PRIVATE"
    assert read[0].vevent.location.value == "Civic Centre"
    assert read[0].vevent.description.value == (
        "Flag cases by Thursday 26 November 2026.\n"
        "Agenda on Thursday 3 December 2026.\n"
        "Returns by Tuesday 8 December 2026."
    )
    for file in (first, second, third):
        assert b"SAMPLE" not in file
        assert JUDGEMENT.encode() not in file
    assert [name for name, _ in files(scene)] == [
        "west-met-2026-12-10.ics",
        "west-met-2026-12-17.ics",
        "west-met-2026-12-17.ics",
    ]
    assert ("disclose", "calendar", "done") in scene.audit()


def test_without_an_address_there_is_a_file_and_a_sentence_why(scene: Scene) -> None:
    said = scene.person("U2").types(CHANNEL, "/meeting calendar").text
    assert said == (
        "A calendar file with your next meeting is on its way to you by "
        "direct message. "
        "I'm not on the web here, so your calendar can't update itself. "
        "The file won't update. If dates change, ask for a new file."
    )
    name, content = scene.person("U2").waits_for(lambda: files(scene))[0]
    assert name == "panel-meetings-2026-11-23.ics"
    client = CalendarClient()
    client.receives(content)
    assert client.shows() == [("West Operational MET", datetime(2026, 12, 10, 14, 0, tzinfo=UTC))]


def test_who_is_on_no_panel_gets_no_file(scene: Scene) -> None:
    assert scene.person("U6").types(CHANNEL, "/meeting calendar").text == "You have no meeting in the diary yet."


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Scene]:
    """Yield the county over HTTP, with an address that calendars reach."""
    with playing(tmp_path, over="http", panelbot_public_url=PUBLIC) as playing_now:
        yield playing_now


def makes(person: Person) -> str:
    """Ask for an address as a person. Return the path under which the door serves it."""
    shown = person.types(CHANNEL, "/meeting calendar").replies[0]
    modal = opened(person.clicks(shown, button(shown, "calendar.make")).view)
    found = re.search(re.escape(PUBLIC) + r"(/calendar/[\w-]{43}\.ics)", modal.words)
    assert found is not None
    assert "only once" in modal.words
    person.closes(modal)
    return found[1]


def fetch(scene: Scene, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Look as a calendar program."""
    assert scene.workspace.http is not None
    port = urlsplit(scene.workspace.http.request_url).port or 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_SECONDS)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        kept = {name: value for name, value in answer.getheaders() if name not in ("Date", "Server")}
        return answer.status, kept, answer.read()
    finally:
        connection.close()


WRONG = "/calendar/" + "x" * 43 + ".ics"


def test_a_feed_is_served_as_a_calendar_and_only_sent_again_when_it_changed(public: Scene) -> None:
    path = makes(public.person("U2"))
    status, headers, content = fetch(public, path)
    assert status == 200
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert headers["Cache-Control"] == "private, no-cache"
    client = CalendarClient()
    client.receives(content)
    assert client.shows() == [("West Operational MET", datetime(2026, 12, 10, 14, 0, tzinfo=UTC))]
    tag = {"If-None-Match": headers["ETag"]}
    assert fetch(public, path, **tag)[::2] == (304, b"")
    head = fetch(public, path, "HEAD")
    assert (head[0], head[2]) == (200, b"")
    assert fetch(public, path, "POST")[0] == 405
    rearranged(public, "reschedule", date="2026-12-17", time="14:30")
    status, _, content = fetch(public, path, **tag)
    assert status == 200
    client.receives(content)
    assert client.shows() == [("West Operational MET", datetime(2026, 12, 17, 14, 30, tzinfo=UTC))]
    has_a_later_meeting(public)
    rearranged(public, "cancel")
    events = vobject.readOne(fetch(public, path)[2].decode()).vevent_list
    assert [event.status.value for event in events] == ["CANCELLED", "CONFIRMED"]


def test_an_address_is_kept_nowhere_and_shown_once(public: Scene) -> None:
    path = makes(public.person("U2"))
    secret = path.removeprefix("/calendar/").removesuffix(".ics")
    with public.store.reading() as work:
        digest = work.session.exec(select(CalendarFeed)).one().secret_digest
        assert secret not in digest
        assert not [row for row in work.session.exec(select(AnsweredRequest)) if secret in work.open(row.answer)]
    assert (
        public.person("U2")
        .types(CHANNEL, "/meeting calendar")
        .replies[0]
        .words.startswith("You made your calendar feed's address on Mon 23 Nov 2026. I show an address only once.")
    )


def test_wrong_revoked_and_left_are_answered_alike(public: Scene) -> None:
    sam = public.person("U2")
    wrong = fetch(public, WRONG)
    assert wrong[0] == 404
    old = makes(sam)
    new = makes(sam)
    assert fetch(public, old) == wrong
    assert fetch(public, new)[0] == 200
    shown = sam.types(CHANNEL, "/meeting calendar").replies[0]
    sam.clicks(shown, button(shown, "calendar.off"))
    sam.waits_for(lambda: [m for m in sam.messages(CHANNEL) if m.text == "Your calendar feed is switched off."])
    assert fetch(public, new) == wrong
    last = makes(sam)
    with public.store.work() as work:
        person = work.session.get_one(Enrolled, public.county.person["nurse"])
        person.left_at = work.now
        work.session.add(person)
    assert fetch(public, last) == wrong
    assert [fetch(public, path) for path in ("/calendar/", "/calendar/short.ics", WRONG + "/more")] == [wrong] * 3
    said = {(verb, noun) for verb, noun, _ in public.audit()}
    assert {("make", "calendar_feed"), ("revoke", "calendar_feed")} <= said


def test_access_is_that_of_the_moment_of_each_look(public: Scene) -> None:
    path = makes(public.person("U2"))
    with public.store.work() as work:
        places = work.session.exec(select(Membership).where(col(Membership.person_id) == public.county.person["nurse"]))
        for place in places:
            place.ended_at = work.now
            work.session.add(place)
    status, _, content = fetch(public, path)
    assert (status, b"VEVENT" in content) == (200, False)


def test_a_feed_names_no_case_and_reaches_three_months_back(public: Scene) -> None:
    flag(public)
    path = makes(public.person("U2"))
    with public.store.work() as work:
        for day in (datetime(2026, 8, 13, 13, 0, tzinfo=UTC), datetime(2026, 9, 10, 13, 0, tzinfo=UTC)):
            work.session.add(
                Meeting(
                    panel_id=public.county.west_id, starts_at=day, ends_at=day.replace(hour=15), venue="Civic Centre"
                )
            )
    content = fetch(public, path)[2]
    days = [
        event.dtstart.value.astimezone(UTC).date().isoformat()
        for event in vobject.readOne(content.decode()).vevent_list
    ]
    assert days == ["2026-09-10", "2026-12-10"]
    assert b"SAMPLE" not in content
    assert JUDGEMENT.encode() not in content


def test_no_log_learns_an_address_even_when_something_breaks(public: Scene, caplog: pytest.LogCaptureFixture) -> None:
    path = makes(public.person("U2"))
    with public.store.work() as work:
        work.session.execute(text("DROP TABLE calendar_feed"))
    assert fetch(public, path)[0] == 503
    secret = path.removeprefix("/calendar/").removesuffix(".ics")
    assert [record.getMessage().partition(":")[0][:8] for record in caplog.records if record.levelname == "ERROR"] == [
        "incident"
    ]
    assert not [record for record in caplog.records if secret in record.getMessage() or secret in str(record.exc_text)]


def test_where_the_window_with_an_address_is_not_opened_it_is_said_to_be_made(public: Scene) -> None:
    old = makes(public.person("U2"))
    shown = public.person("U2").types(CHANNEL, "/meeting calendar").replies[0]
    public.workspace.faults.next("views.open", Fault.api_error("expired_trigger_id"))
    sam = public.person("U2")
    sam.clicks(shown, button(shown, "calendar.make"))
    assert sam.waits_for(lambda: [one for one in sam.messages(CHANNEL) if one.text == SAVED_UNSEEN])
    assert fetch(public, old)[0] == 404  # the new one took its place
