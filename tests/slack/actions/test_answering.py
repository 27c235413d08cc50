"""A holder answers by button, the chair accepts or sends back, and until then the action is on the list."""

from datetime import UTC, datetime

from bot.practice.workspace.person import Person
from bot.practice.workspace.sights import SeenMessage, SeenView
from tests.documents.word_files import texts
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.home.test_home import home_of
from tests.slack.test_cycle import open_quorate, opened

CANARY = "zanzibar"


def given(scene: Scene, user_id: str = "U2", name: str = "sam") -> SeenMessage:
    """Give a person something to do and return the message with which they hear of it."""
    person = scene.person(user_id)
    before = len(person.dm())
    scene.person("U3").types(CHANNEL, f"/action add @{name} ring the {CANARY} school by Friday")
    return person.waits_for(lambda: person.dm()[before:])[0]


def pressed(shown: SeenMessage | SeenView, name: str) -> str:
    """Return the button whose name begins so."""
    return next(action for action in shown.actions if action.startswith(name))


def answers(person: Person, message: SeenMessage, **facts: str) -> SeenView:
    """Answer an action with the form behind *Another answer*, and return what is said of that."""
    form = opened(person.clicks(message, pressed(message, "action.answer:")).view)
    outcome = person.submits(form, facts)
    assert outcome.errors == {}
    return opened(outcome.view)


def test_done_by_button_stays_on_the_list_until_the_chair_accepts_all_that_is_shown(either: Scene) -> None:
    alex, sam = either.person("U1"), either.person("U2")
    for _ in range(2):
        sam.clicks(given(either), pressed(sam.dm()[-1], "action.done:"))
    either.settled()
    sam.types(CHANNEL, "/action reopen 2")
    sam.types(CHANNEL, "/action done 2: rang on Monday, she calls back")
    listed = alex.types(CHANNEL, "/action list").replies[0]
    assert "*reported done* on Mon 23 Nov 2026 by Sam" in listed.words
    assert "rang on Monday, she calls back" in listed.words
    accepted = alex.clicks(listed, pressed(listed, "action.accept_all:"))
    assert accepted.error is None
    seen = alex.waits_for(lambda: [m for m in alex.messages(CHANNEL) if "accepted for the panel." in m.words])
    assert seen[-1].text == "Actions 1 and 2 are accepted for the panel."
    assert alex.types(CHANNEL, "/action list").text == "Open actions of West Operational MET: none."
    assert "is accepted" not in sam.types(CHANNEL, "/action list all").text


def test_each_other_answer_is_given_in_one_form_and_said_to_the_chair(scene: Scene) -> None:
    alex, sam = scene.person("U1"), scene.person("U2")
    said = {
        "not_possible": "*Action 1* is reported not possible.",
        "not_done": "*Action 2* is reported not done.",
        "not_ours": "*Action 3* is reported not ours: it belongs to Police.",
    }
    for kind, sentence in said.items():
        message = given(scene)
        more = {"whose": str(scene.county.agency["police"])} if kind == "not_ours" else {}
        shown = answers(sam, message, answer=kind, reason=f"Because of the {CANARY}.", **more)
        assert shown.words.startswith(f"{sentence} It stays on the lists until the panel accepts your report.")
        sam.closes(shown)
    home = home_of(scene, "U1", "3 reported actions to answer")
    reported = opened(alex.clicks(home, pressed(home, "home.confirm")).view)
    assert "*reported not ours*, but Police's on Mon 23 Nov 2026 by Sam" in reported.words
    assert reported.words.count(f"Because of the {CANARY}.") == 3
    form = opened(alex.clicks(reported, pressed(reported, "action.give:3")).view)
    held = {name: next(iter(field.values())) for name, field in form.values.items()}
    assert held["holder"]["selected_user"] == "U1"
    assert "now with" in opened(alex.submits(form, {"holder": "U1"}).view).words.lower()
    assert sam.waits_for(lambda: [m for m in sam.dm() if "no longer yours" in m.words])[0].words == (
        "Alex gave action 3 to Police. The action is no longer yours."
    )


def test_an_answer_without_its_reason_or_its_colleague_is_refused_in_the_form(scene: Scene) -> None:
    sam = scene.person("U2")
    message = given(scene)
    form = opened(sam.clicks(message, pressed(message, "action.answer:")).view)
    assert list(sam.submits(form, {"answer": "not_done"}).errors) == ["reason"]
    assert sam.submits(form, {"answer": "not_ours"}).errors == {
        "reason": "Whose action is it, and why? The chair reads your answer and decides."
    }
    assert sam.submits(form, {"answer": "hand_over"}).errors == {
        "holder": "Choose the colleague who takes the action over."
    }
    done = opened(sam.submits(form, {"answer": "hand_over", "holder": "U4"}).view)
    assert "<@U4>" in done.words


def test_the_chair_sends_a_report_back_and_its_holder_reads_why_behind_open(scene: Scene) -> None:
    alex, sam = scene.person("U1"), scene.person("U2")
    message = given(scene)
    sam.clicks(message, pressed(message, "action.done:"))
    story = opened(alex.types(CHANNEL, "/action show 1").view)
    assert [name.partition(":")[0] for name in story.actions] == [
        "action.accept",
        "action.send_back",
        "action.edit",
        "action.withdraw",
    ]
    form = opened(alex.clicks(story, pressed(story, "action.send_back:")).view)
    sent = opened(alex.submits(form, {"reason": f"The {CANARY} is not signed."}).view)
    assert sent.words == "*Action 1* is open again. I'm telling Sam why."
    told = sam.waits_for(lambda: [m for m in sam.dm() if "sent action 1 back to you" in m.words])[0]
    assert CANARY not in told.words
    assert f"The {CANARY} is not signed." in opened(sam.clicks(told, pressed(told, "action.show:")).view).words
    assert pressed(told, "action.done:") == "action.done:1"


def test_an_old_button_says_what_happened_since(scene: Scene) -> None:
    alex, sam = scene.person("U1"), scene.person("U2")
    message = given(scene)
    sam.types(CHANNEL, "/action done 1")
    home = home_of(scene, "U1", "1 reported action to answer")
    reported = opened(alex.clicks(home, pressed(home, "home.confirm")).view)
    scene.person("U3").types(CHANNEL, "/action reopen 1 because the form is missing")
    refused = alex.clicks(reported, pressed(reported, "action.accept:"))
    assert "The action was reopened by Kim on Mon 23 Nov 2026 at 09:00." in opened(refused.view).words
    sam.clicks(message, pressed(message, "action.done:"))
    scene.settled()
    twice = sam.types(CHANNEL, "/action done 1").text
    assert twice.startswith("Action 1 is already reported done")
    assert twice.endswith("The action was reported done by Sam on Mon 23 Nov 2026 at 09:00.")


def test_the_chairs_own_is_not_theirs_to_accept(scene: Scene) -> None:
    alex = scene.person("U1")
    message = given(scene, "U1", "alex")
    alex.clicks(message, pressed(message, "action.done:"))
    listed = alex.types(CHANNEL, "/action list reported").replies[0]
    assert [name for name in listed.actions if name.startswith("action.accept")] == []
    assert alex.types(CHANNEL, "/action accept 1").text == (
        "Action 1 is yours, so you can't accept it. At its next meeting, the panel can accept it. "
        "In the meeting, the co-ordinator or the minute-taker records that."
    )


def test_how_an_action_ended_is_in_the_minutes_of_the_next_meeting(scene: Scene) -> None:
    alex, kim, sam = (scene.person(user_id) for user_id in ("U1", "U3", "U2"))
    answers(sam, given(scene), answer="not_possible", reason="the school has shut")
    alex.types(CHANNEL, "/action accept 1")
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    open_quorate(scene)
    alex.types(CHANNEL, "/meeting close now")
    kim.types(CHANNEL, "/minutes draft")
    (file,) = alex.waits_for(lambda: [m for m in alex.dm() if m.files])[-1].files
    words = " ".join(texts(file[1]))
    assert "No longer possible (circumstances changed) on 23 November 2026: The school has shut." in words


def test_what_was_done_is_typed_after_one_number_and_more_numbers_are_no_words(scene: Scene) -> None:
    sam = scene.person("U2")
    for _ in range(5):
        given(scene)
    for number, typed in enumerate(("1: rang on Monday", "2 because she rang", "3 rang twice", "4, 5"), start=1):
        assert f"*Action {number}* is reported done." in sam.types(CHANNEL, f"/action done {typed}").text
    listed = sam.types(CHANNEL, "/action list reported").replies[0].words
    assert [line for line in listed.splitlines() if "rang" in line] == [">rang on Monday", ">she rang", ">rang twice"]
    assert "Only whole numbers" in sam.types(CHANNEL, "/action done 4, 5 and 6b").text


def test_one_given_by_mistake_is_withdrawn_by_button_and_put_back_by_command(scene: Scene) -> None:
    kim, sam = scene.person("U3"), scene.person("U2")
    given(scene)
    story = opened(kim.types(CHANNEL, "/action show 1").view)
    form = opened(kim.clicks(story, pressed(story, "action.withdraw:")).view)
    done = opened(kim.submits(form, {"reason": f"The {CANARY} was meant."}).view)
    assert done.words == (
        "*Action 1* is withdrawn: it was given by mistake.\n>ring the zanzibar school\nTo undo this: "
        "`/action put-back 1`."
    )
    told = sam.waits_for(lambda: [m for m in sam.dm() if "Kim withdrew action 1" in m.words])[0]
    assert CANARY not in told.words
    assert f"The {CANARY} was meant." in opened(sam.clicks(told, pressed(told, "action.show:")).view).words
    assert sam.types(CHANNEL, "/action list mine").text == "Your open actions: none."
    assert kim.types(CHANNEL, "/action put-back 1").text.startswith("*Action 1* is back on the lists, due Fri 27 Nov")
    assert sam.types(CHANNEL, "/action withdraw 1 because it is theirs").text.startswith(
        "Only the person who gave an action,"
    )
    assert "is withdrawn" in kim.types(CHANNEL, "/action withdraw 1 because it was given twice").text


def test_the_history_of_an_action_is_shown_on_the_panels_clock(scene: Scene) -> None:
    scene.clock.move_to(datetime(2027, 6, 1, 12, 58, tzinfo=UTC))  # summer time
    given(scene)
    sam = scene.person("U2")
    assert "Tue 1 Jun 2027, 13:58: given by Kim" in opened(sam.types(CHANNEL, "/action show 1").view).words
    sam.types(CHANNEL, "/action done 1")
    refused = sam.types(CHANNEL, "/action done 1").text
    assert refused.endswith("The action was reported done by Sam on Tue 1 Jun 2027 at 13:58.")


def test_the_words_that_people_knew_still_work(scene: Scene) -> None:
    alex, sam = scene.person("U1"), scene.person("U2")
    given(scene)
    assert "is reported not done" in sam.types(CHANNEL, "/action not-acted 1 because the post is vacant").text
    assert "*reported not done*" in alex.types(CHANNEL, "/action list done").replies[0].words
    assert alex.types(CHANNEL, "/action confirm 1").text == (
        "*Action 1* is accepted as not done (agency has not acted)."
    )
