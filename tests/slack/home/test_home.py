"""App Home as people use it: everything on it can be answered there, and it shows at once what became of it."""

from datetime import UTC, datetime

from bot.practice.workspace.sights import SeenView
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import CASE, flag, opened

ADD = "/action add @sam ring the school nurse by Friday 27 November"


def home_of(scene: Scene, user_id: str, words: str = "") -> SeenView:
    """Return what they see, once it holds these words."""
    person = scene.person(user_id)
    person.opens_home()
    scene.settled()
    return shown(scene, user_id, words)


def shown(scene: Scene, user_id: str, words: str) -> SeenView:
    person = scene.person(user_id)

    def found() -> SeenView | None:
        home = person.home
        return home if home is not None and words in home.words else None

    seen = person.waits_for(found)
    assert seen is not None
    return seen


def action(home: SeenView, name: str) -> str:
    return next(one for one in home.actions if one.startswith(name))


def test_more_time_from_home_shows_there_at_once(scene: Scene) -> None:
    scene.person("U3").types(CHANNEL, ADD)
    sam = scene.person("U2")
    home = home_of(scene, "U2", "Your open actions (1)")
    form = opened(sam.clicks(home, action(home, "action.more_time")).view)
    sam.submits(form, {"due": "2026-12-04", "reason": "The clinic is shut."})
    shown(scene, "U2", "Fri 4 Dec 2026 (in 11 days)")


def test_parts_are_turned_over_and_stay_so(scene: Scene) -> None:
    kim, sam = scene.person("U3"), scene.person("U2")
    for number in range(10):
        kim.types(CHANNEL, f"/action add @sam ring school {number} by Friday 27 November")
    home = home_of(scene, "U2", "1 to 8 of 10")
    sam.clicks(home, action(home, "home.turn:actions:1"))
    home = shown(scene, "U2", "9 to 10 of 10")
    assert [line for line in home.words.splitlines() if "*Action" in line] == [
        f"*Action {number}* · other" for number in (9, 10)
    ]
    sam.clicks(home, "action.done:9")
    home = shown(scene, "U2", "*reported done* on Mon 23 Nov 2026 by Sam")
    assert "9 to 10 of 10" in home.words
    sam.clicks(home, action(home, "home.turn:actions:0"))
    shown(scene, "U2", "1 to 8 of 10")
    scene.person("U1").types(CHANNEL, "/action accept 9")
    assert "1 to 8 of 9" in home_of(scene, "U2", "Your open actions (9)").words


def test_an_invitation_is_answered_and_returns_are_made_from_home(scene: Scene) -> None:
    kim, alex, sam = scene.person("U3"), scene.person("U1"), scene.person("U2")
    flag(scene, "U3")
    home = home_of(scene, "U1", "1 case needs triage")
    triage = opened(alex.clicks(home, action(home, "home.triage")).view)
    triage = opened(alex.clicks(triage, action(triage, "agenda.accept:")).view)
    alex.closes(triage)
    shown(scene, "U1", "Nothing to do.")

    # The co-ordinator's diary says what is late, with the button that mends it.
    scene.clock.move_to(datetime(2026, 12, 3, 10, 0, tzinfo=UTC))
    home = home_of(scene, "U3", "the agenda is not published, due Thu 3 Dec 2026")
    done = opened(kim.clicks(home, action(home, "home.publish")).view)
    assert "Published. I'm telling members" in done.words
    kim.closes(done)
    kim.waits_for(lambda: kim.home is not None and "not published" not in kim.home.words)

    home = home_of(scene, "U2", "Waiting for your answer: 1 invitation, 1 return.")
    sam.clicks(home, action(home, "invitation.coming"))
    home = shown(scene, "U2", "you are coming")
    listed = opened(sam.clicks(home, action(home, "returns.mine")).view)
    form = opened(sam.clicks(listed, action(listed, "returns.answer")).view)
    sam.submits(form, {"knowledge": "not_known"})
    scene.settled()
    home = shown(scene, "U2", "you are coming")
    sam.waits_for(lambda: sam.home is not None and "return" not in sam.home.words)


def test_what_others_wait_for_comes_before_the_chair_s_own_invitation(scene: Scene) -> None:
    flag(scene, "U3")
    home = home_of(scene, "U1", "1 case needs triage")
    lines = home.words.splitlines()
    waits, quorum = (next(at for at, line in enumerate(lines) if words in line) for words in ("triage", "quorate"))
    assert waits < quorum
    of_card = [one.partition(":")[0] for one in home.actions]
    assert of_card[of_card.index("home.triage") :][:2] == ["home.triage", "invitation.coming"]


def test_what_is_on_home_is_for_that_person_alone(scene: Scene) -> None:
    flag(scene)
    for user_id in ("U4", "U5"):
        words = home_of(scene, user_id).words
        assert "triage" not in words
        assert "SAMPLE-0012" not in words
    assert "You aren't on a panel yet." in home_of(scene, "U6").words


def test_an_answer_is_changed_from_home(scene: Scene) -> None:
    sam = scene.person("U2")
    home = home_of(scene, "U2", "please answer the invitation")
    sam.clicks(home, action(home, "invitation.coming"))
    home = shown(scene, "U2", "you are coming")
    form = opened(sam.clicks(home, action(home, "invitation.change")).view)
    assert "You are coming." in form.words
    form = opened(sam.clicks(form, action(form, "invitation.apologies")).view)
    done = opened(sam.submits(form, {"information": "Two visits were made."}).view)
    assert "You have sent apologies." in done.words
    home = shown(scene, "U2", "you sent apologies")
    form = opened(sam.clicks(home, action(home, "invitation.change")).view)
    done = opened(sam.clicks(form, action(form, "invitation.coming")).view)
    assert "You are coming." in done.words
    shown(scene, "U2", "you are coming")


def test_a_case_is_flagged_and_an_action_given_from_home(scene: Scene) -> None:
    alex, sam = scene.person("U1"), scene.person("U2")
    home = home_of(scene, "U1", "Nothing to do.")
    form = opened(alex.clicks(home, "case.flag:west-met").view)
    assert (form.title, "For West Operational MET." in form.words) == ("Flag a case", True)
    said = opened(alex.submits(form, {**CASE, "reference": "SAMPLE-0012"}).view)
    assert "*SAMPLE-0012* is flagged to West Operational MET" in said.words
    alex.closes(said)
    home = shown(scene, "U1", "1 case needs triage")
    form = opened(alex.clicks(home, "action.new:form").view)
    assert form.title == "Record as action"
    alex.submits(form, {"holder": "U1", "text": "Ring the school nurse", "due": "Friday 27 November"})
    shown(scene, "U1", "Your open actions (1)")
    # An observer has none of these buttons, and may do none of it.
    assert not [one for one in home_of(scene, "U5").actions if one.startswith(("case.", "action."))]
    assert sam.home is None


def test_a_meeting_is_opened_from_home_within_the_hour_before_it(scene: Scene) -> None:
    kim = scene.person("U3")
    assert "meeting.open:west-met" not in home_of(scene, "U3").actions
    scene.clock.move_to(datetime(2026, 12, 10, 13, 0, tzinfo=UTC))
    home = home_of(scene, "U3", "Open meeting")
    done = opened(kim.clicks(home, "meeting.open:west-met").view)
    assert "*West Operational MET* is open." in done.words
    assert "Not quorate yet" in done.words
    home = shown(scene, "U3", "The meeting is being held now.")
    assert "meeting.open:west-met" not in home.actions
    scene.person("U2").waits_for(lambda: [m for m in scene.person("U2").messages(CHANNEL) if "is open" in m.words])


def test_it_is_said_on_home_what_became_of_a_meeting_that_nobody_opened(scene: Scene) -> None:
    kim = scene.person("U3")
    flag(scene)
    scene.clock.move_to(datetime(2026, 12, 10, 16, 0, tzinfo=UTC))
    home = home_of(scene, "U3", "*not held*, nobody opened it")
    assert "*not held*: Thu 10 Dec 2026, 14:00" in kim.types(CHANNEL, "/panel list").text
    assert "\nMeeting *not held*: Thu 10 Dec 2026, 14:00." in kim.types(CHANNEL, "/panel dates").text
    asked = opened(kim.clicks(home, action(home, "panel.not_held")).view)
    assert "1 case to be heard. What happened?" in asked.words
    moving = opened(kim.clicks(asked, "panel.became:1:postponed").view)
    shows = opened(kim.submits(moving, {"date": "2026-12-17"}).view)
    assert "*Thu 17 Dec 2026, 14:00" in shows.words
    done = opened(kim.submits(shows, {"reason": "Snow."}).view)
    assert "To put it back" not in done.words
    kim.closes(done)
    kim.waits_for(lambda: kim.home is not None and "not held" not in kim.home.words)

    scene.clock.move_to(datetime(2026, 12, 17, 16, 0, tzinfo=UTC))
    home = home_of(scene, "U3", "*not held*, nobody opened it")
    asked = opened(kim.clicks(home, action(home, "panel.not_held")).view)
    shows = opened(kim.clicks(asked, "panel.became:1:elsewhere").view)
    said = opened(kim.submits(shows, {"reason": "Held at the station."}).view)
    assert "was held elsewhere. The cases go to the next meeting." in said.words
    kim.closes(said)
    kim.waits_for(lambda: kim.home is not None and "not held" not in kim.home.words)

    # Said by mistake, it is taken back where the meetings are listed; a member has no such button.
    dates = kim.types(CHANNEL, "/panel dates").replies[0]
    assert "Thu 17 Dec 2026, 14:00: held elsewhere" in dates.words
    assert "held elsewhere" not in scene.person("U2").types(CHANNEL, "/panel dates").text
    kim.clicks(dates, action(dates, "panel.not_elsewhere"))
    home_of(scene, "U3", "*not held*, nobody opened it")


def test_a_meeting_that_is_being_held_is_entered_from_home(scene: Scene) -> None:
    sam, kim = scene.person("U2"), scene.person("U3")
    scene.clock.move_to(datetime(2026, 12, 10, 13, 55, tzinfo=UTC))
    kim.types(CHANNEL, "/meeting open")
    for person, user_id in ((kim, "U3"), (sam, "U2")):
        home = home_of(scene, user_id, "The meeting is being held now.")
        assert [one.partition(":")[0] for one in home.actions[:3]] == [
            "meeting.here",
            "meeting.item",
            "meeting.agenda",
        ]
        # Its items need the statement first, except for those who read it out. It has the button that accepts it.
        asked = opened(person.clicks(home, action(home, "meeting.item")).view)
        offered = "meeting.next" if person is kim else "meeting.acknowledge"
        assert [one.partition(":")[0] for one in asked.actions] == [offered]
        person.closes(asked)
        person.submits(opened(person.clicks(home, action(home, "meeting.here")).view), {})
        person.waits_for(
            lambda who=person: (
                who.home is not None and not [one for one in who.home.actions if one.startswith("meeting.here")]
            )
        )
    # The co-ordinator goes on from Home, and everyone opens the item and the agenda.
    home = home_of(scene, "U3", "The meeting is being held now.")
    shown_there = opened(kim.clicks(home, action(home, "meeting.item")).view)
    for title in ("Welcome, quorum, confidentiality and interests", "Minutes of the last meeting"):
        shown_there = opened(kim.clicks(shown_there, action(shown_there, "meeting.next")).view)
        assert title in shown_there.words
    home = home_of(scene, "U2", "The meeting is being held now.")
    item = opened(sam.clicks(home, action(home, "meeting.item")).view)
    assert "Minutes of the last meeting" in item.words
    assert "meeting.next" not in " ".join(item.actions)
    sam.closes(item)
    agenda = opened(sam.clicks(home, action(home, "meeting.agenda")).view)
    assert "Minutes of the last meeting" in agenda.words
