"""An invitation as people live through it: asked, answered by a click, changed, moved, and counted by the chair."""

from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from bot.errors import NotForYou
from bot.models.meetings import Attendance, Meeting
from bot.models.panels import Membership
from bot.models.vocabulary import AttendanceStatus, Role
from bot.practice.workspace.person import Person
from bot.practice.workspace.sights import SeenMessage
from bot.records.access.queries import identify
from bot.slack.request import Request
from tests.county import TEAM
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL, OTHER_CHANNEL
from tests.slack.test_cycle import JUDGEMENT, flag, opened

QUESTION = "West Operational MET meets on Thu 10 Dec 2026, 14:00 to 16:00, Civic Centre."


def invited(scene: Scene, user_id: str = "U2") -> SeenMessage:
    """Return the addressees of messages of a kind about a West meeting, by name."""
    scene.bot.ticks.run_all()
    person = scene.person(user_id)
    found = person.waits_for(lambda: [one for one in person.dm() if QUESTION in one.words])[0]
    scene.settled()  # nobody answers sooner than it is written down where their message stands
    return found


def button(message: SeenMessage, name: str) -> str:
    """Return the action of the button that is named so."""
    return next(action for action in message.actions if action.startswith(name))


def now(person: Person, message: SeenMessage) -> SeenMessage:
    """Return the message as it is now."""
    return next(one for one in person.dm() if one.ts == message.ts)


def becomes(person: Person, message: SeenMessage, words: str) -> SeenMessage:
    """Return the message once it says this."""
    return person.waits_for(lambda: words in now(person, message).words and now(person, message))  # type: ignore[return-value]


def rearranged(scene: Scene, verb: str, **values: str) -> None:
    """Move or cancel the next meeting as co-ordinator."""
    kim = scene.person("U3")
    shown = opened(kim.submits(opened(kim.types(CHANNEL, f"/panel {verb}").view), values).view)
    kim.closes(opened(kim.submits(shown, {"reason": "The room is taken."}).view))
    scene.settled()


def test_one_click_answers_and_the_message_says_so(either: Scene) -> None:
    scene = either
    sam = scene.person("U2")
    asked = invited(scene)
    assert asked.words.splitlines() == [
        QUESTION,
        "Flags by Thu 26 Nov 2026 · agenda on Thu 3 Dec 2026 · returns by Tue 8 Dec 2026",
        "You can flag cases from now on.",
        "Flag a case",
        "I am coming",
        "A deputy comes",
        "Apologies",
        "Calendar file",
    ]
    sam.clicks(asked, button(asked, "invitation.coming"))
    answered = becomes(sam, asked, "You are coming.")
    assert [action.partition(":")[0] for action in answered.actions] == ["invitation.change", "calendar.file"]
    sam.clicks(answered, button(answered, "invitation.change"))
    changing = becomes(sam, asked, "Leave it")
    sam.clicks(changing, button(changing, "invitation.leave"))
    becomes(sam, asked, "Change")
    scene.bot.ticks.run_all()
    scene.settled()
    assert len(sam.dm()) == 1
    assert ("reply", "meeting", "done") in scene.audit()


def test_an_observer_is_asked_for_nothing_but_themselves(scene: Scene) -> None:
    asked = invited(scene, "U5")
    assert asked.words.splitlines() == [QUESTION, "I am coming", "Apologies", "Calendar file"]


def test_a_deputy_is_named_in_a_form_that_suggests_the_usual_one(scene: Scene) -> None:
    with scene.store.work() as work:
        place = work.session.exec(select(Membership).where(col(Membership.role) == Role.DEPUTY)).one()
        place.deputy_for_id = scene.county.person["nurse"]
        work.session.add(place)
    sam, jo, alex = (scene.person(user_id) for user_id in ("U2", "U4", "U1"))
    asked = invited(scene)
    form = opened(sam.clicks(asked, button(asked, "invitation.deputy")).view)
    assert form.values["deputy"]["deputy"]["selected_user"] == "U4"
    wrong = sam.submits(form, {"deputy": "U6"})
    assert wrong.errors == {
        "deputy": "Max doesn't work for Health. Choose a colleague, or ask the co-ordinator to name another person."
    }
    done = opened(sam.submits(opened(sam.view), {"deputy": "U4"}).view)
    assert done.words.startswith("*Jo is coming in your place.* West Operational MET, Thu 10 Dec 2026, 14:00.")
    becomes(sam, asked, "Jo is coming in your place.")
    told = jo.waits_for(lambda: [one for one in jo.dm() if "Sam has named you as deputy" in one.words])[0]
    assert "You are coming." in told.words
    shown = opened(alex.types(CHANNEL, "/meeting replies").view).words
    assert "*Health*: coming" in shown
    assert "• Sam: sends Jo" in shown


def test_a_colleague_who_is_not_on_the_panel_gets_in_for_that_meeting(scene: Scene) -> None:
    max_, kim = scene.person("U6"), scene.person("U3")
    assert "it isn't for you" in max_.types(OTHER_CHANNEL, "/panel next west-met").text
    said = kim.types(CHANNEL, "/meeting reply deputy @max for @alex").text
    assert said.startswith("*Max is coming in place of Alex.* West Operational MET, Thu 10 Dec 2026, 14:00.")
    max_.waits_for(lambda: [one for one in max_.dm() if "Alex has named you" in one.words])
    assert "Thu 10 Dec 2026" in max_.types(OTHER_CHANNEL, "/panel next west-met").text
    kim.types(CHANNEL, "/meeting reply coming for @alex")
    max_.waits_for(lambda: [one for one in max_.dm() if "You are no longer needed at" in one.words])
    assert "it isn't for you" in max_.types(OTHER_CHANNEL, "/panel next west-met").text


def test_apologies_carry_what_the_agency_sends_to_the_record(scene: Scene) -> None:
    sam, alex, kim = (scene.person(user_id) for user_id in ("U2", "U1", "U3"))
    asked = invited(scene)
    form = opened(sam.clicks(asked, button(asked, "invitation.apologies")).view)
    wrong = sam.submits(form, {"information": "Ring 07700 900123 for the clinic."})
    assert list(wrong.errors) == ["information"]
    assert opened(sam.view).values["information"]["information"]["value"] == "Ring 07700 900123 for the clinic."
    done = opened(sam.submits(opened(sam.view), {"information": "The clinic was visited twice."}).view)
    assert done.words.startswith("*You have sent apologies.* The chair and co-ordinator have what your agency sent")
    becomes(sam, asked, "You have sent apologies.")
    shown = opened(alex.types(CHANNEL, "/meeting replies").view).words
    assert "• Sam: apologies, with information" in shown
    assert "The clinic was visited twice." in shown
    assert ("read", "replies", "done") in scene.audit()
    assert "only the chair, vice-chair and co-ordinator can" in sam.types(CHANNEL, "/meeting replies").text
    # Nobody types it again when the meeting opens.
    scene.clock.move_to(datetime(2026, 12, 10, 13, 55, tzinfo=UTC))
    kim.types(CHANNEL, "/meeting open")
    with scene.store.reading() as work:
        row = work.session.exec(select(Attendance).where(Attendance.person_id == scene.county.person["nurse"])).one()
        assert row.status is AttendanceStatus.APOLOGIES
        assert row.information_sent is not None
        assert work.open(row.information_sent) == "The clinic was visited twice."
    answered = now(sam, asked)
    late = sam.clicks(answered, button(answered, "invitation.change"))
    assert "has begun. In the panel's channel, say that you're here." in opened(late.view).words


def test_an_answer_may_be_typed(scene: Scene) -> None:
    sam = scene.person("U2")
    asked = invited(scene)
    assert sam.types(CHANNEL, "/meeting reply coming").text.startswith("*You are coming.*")
    becomes(sam, asked, "You are coming.")
    said = sam.types(OTHER_CHANNEL, "/meeting reply apologies We will send a note. west-met").text
    assert said.startswith("*You have sent apologies.* The chair and co-ordinator have what your agency sent.")
    assert sam.types(CHANNEL, "/meeting reply perhaps").text.startswith(
        "Are you coming, sending a deputy, or sending apologies?"
    )
    assert sam.types(CHANNEL, "/meeting reply deputy").text == "Who comes instead? Type `/meeting reply deputy @name`."
    refused = sam.types(CHANNEL, "/meeting reply coming for @alex").text
    assert refused == "Only the chair and the co-ordinator can answer for another member."


def test_a_moved_meeting_asks_again_with_its_notice(scene: Scene) -> None:
    sam = scene.person("U2")
    asked = invited(scene)
    sam.clicks(asked, button(asked, "invitation.coming"))
    answered = becomes(sam, asked, "You are coming.")
    rearranged(scene, "reschedule", date="2026-12-17", time="14:30")
    notice = sam.waits_for(lambda: [one for one in sam.dm() if "is now on Thu 17 Dec 2026" in one.words])[0]
    assert becomes(sam, answered, "moved to Thu 17 Dec 2026").actions == ()
    sam.clicks(notice, button(notice, "invitation.coming"))
    becomes(sam, notice, "You are coming.")
    scene.bot.ticks.run_all()
    scene.settled()
    assert len(sam.dm()) == 2


def test_who_has_not_answered_is_asked_once_more_by_day_and_by_button_only_once(scene: Scene) -> None:
    sam, kim = scene.person("U2"), scene.person("U3")
    invited(scene)
    shown = opened(kim.types(CHANNEL, "/meeting replies").view)
    assert "*The meeting won't be quorate: nobody represents children's social care.*" in shown.words
    asked = opened(kim.clicks(shown, "invitation.remind:1").view)
    assert "I'm asking 5 people once more." in asked.words
    assert not [action for action in asked.actions if action.startswith("invitation.remind")]
    again = sam.waits_for(lambda: [one for one in sam.dm() if "Please answer: " in one.words])[0]
    sam.clicks(again, button(again, "invitation.coming"))
    for message in sam.dm():  # both messages say so
        becomes(sam, message, "You are coming.")
    for day in (3, 4, 7):
        scene.clock.move_to(datetime(2026, 12, day, 10, 0, tzinfo=UTC))
        scene.bot.ticks.run_all()
    scene.settled()
    assert len([one for one in scene.person("U1").dm() if "Please answer: " in one.words]) == 1


def test_the_chair_hears_before_the_day_that_the_quorum_is_in_doubt(scene: Scene) -> None:
    alex = scene.person("U1")
    invited(scene)
    scene.person("U2").types(CHANNEL, "/meeting reply apologies")
    scene.person("U4").types(CHANNEL, "/meeting reply apologies")
    scene.clock.move_to(datetime(2026, 12, 8, 10, 0, tzinfo=UTC))
    scene.bot.ticks.run_all()
    warning = alex.waits_for(lambda: [one for one in alex.dm() if "The meeting won't be quorate" in one.words])[0]
    assert warning.words.splitlines()[1] == (
        "The meeting won't be quorate: health sent apologies; nobody represents children's social care."
    )
    seen = opened(alex.clicks(warning, button(warning, "invitation.replies")).view)
    assert "*Health*: apologies" in seen.words
    assert "*Social Care*: no answer yet (not counted for the quorum)" in seen.words
    alex.closes(seen)
    form = opened(alex.clicks(warning, button(warning, "invitation.move")).view)
    assert form.title == "Move a meeting"
    assert "Thu 10 Dec 2026, 14:00" in form.words


def test_a_message_about_a_meeting_holds_nothing_of_its_cases(scene: Scene) -> None:
    flag(scene)
    scene.bot.ticks.run_all()
    rearranged(scene, "reschedule", date="2026-12-17", time="14:30")
    scene.settled()
    for user_id in ("U1", "U2", "U4", "U5"):
        asked = [one for one in scene.person(user_id).dm() if "meets on" in one.words or "is now on" in one.words]
        assert asked
        assert not [one for one in asked if "SAMPLE-0012" in one.words or JUDGEMENT in one.words]


@pytest.mark.parametrize("what", ["coming", "change", "deputy", "apologies", "replies", "remind", "move"])
def test_the_buttons_of_others_say_nothing_to_an_outsider(scene: Scene, what: str) -> None:
    """A person who is on no panel presses a button that was made up for them."""
    with scene.store.work() as work:
        meeting = work.session.get_one(Meeting, scene.county.west_meetings[0])
        at = int(meeting.starts_at.timestamp())
    value = f"{scene.county.west_meetings[0]}:{at}" if what in ("coming", "change", "deputy", "apologies") else "1"
    handler = scene.bot.registry.clicks[f"invitation.{what}"]

    with pytest.raises(NotForYou), scene.store.work() as work:
        handler(Request(work=work, actor=identify(work, TEAM, "U6"), value=value))
