"""One whole cycle of a panel as people live through it, over both of Slack's doors."""

from datetime import UTC, datetime

from bot.practice.workspace.sights import SeenMessage, SeenView
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL

JUDGEMENT = "Seen with older peers; plays down what happens online."
CASE = {
    "reference": "SAMPLE-0012",
    "urgency": "urgent",
    "age_band": "14_to_15",
    "legal_status": "child_in_need",
    "themes": ["missing", "online_grooming"],
    "risk_level": "ceraf:medium",
    "assessed_on": "2026-10-30",
    "judgement": JUDGEMENT,
    "asked_of_panel": "Agree who speaks with the school.",
    "missing_episodes": "2",
    "interviews_offered": "2",
    "interviews_within_72h": "1",
}


def opened(view: SeenView | None) -> SeenView:
    """Return a modal that must be on the screen."""
    assert view is not None
    return view


def flag(scene: Scene, user_id: str = "U2", **more: str) -> str:
    """Flag a case through the form and return what it says in the end."""
    reference = more.get("reference", "sample-0012")
    form = opened(scene.person(user_id).types(CHANNEL, f"/case flag {reference}").view)
    outcome = scene.person(user_id).submits(form, {**CASE, **more})
    assert outcome.errors == {}
    said = opened(outcome.view)
    scene.person(user_id).closes(said)
    return said.words


def open_quorate(scene: Scene) -> None:
    """Open today's meeting as chair with police, health and social care in the room."""
    alex = scene.person("U1")
    alex.types(CHANNEL, "/meeting open")
    alex.submits(opened(alex.types(CHANNEL, "/meeting attendance").view), {"present": ["U1", "U2", "U3"]})


def test_a_cycle_from_flag_to_minutes(either: Scene) -> None:
    scene = either
    alex, sam, kim, jo = (scene.person(user_id) for user_id in ("U1", "U2", "U3", "U4"))

    # The case is flagged, and the chair accepts it.
    assert "*SAMPLE-0012* is flagged to West Operational MET on Thu 10 Dec 2026, 14:00" in flag(scene)
    assert "1 flagged" in sam.types(CHANNEL, "/case list").text
    triage = opened(alex.types(CHANNEL, "/agenda triage").view)
    assert JUDGEMENT in triage.words
    accept = next(action for action in triage.actions if action.startswith("agenda.accept:"))
    left = opened(alex.clicks(triage, accept).view)
    assert "SAMPLE-0012 is accepted." in left.words
    assert "No case needs triage." in left.words

    # The agenda is laid out and circulated.
    assert "Compiled." in kim.types(CHANNEL, "/agenda compile").replies[0].words
    published = kim.types(CHANNEL, "/agenda publish").replies[0].words
    assert "SAMPLE-0012" in published
    assert JUDGEMENT not in published
    sam.waits_for(lambda: [message for message in sam.dm() if "is out" in message.words])
    kim.waits_for(lambda: [message for message in kim.dm() if message.files])

    # The meeting is held.
    scene.clock.move_to(datetime(2026, 12, 10, 13, 55, tzinfo=UTC))
    assert "Not quorate yet" in kim.types(CHANNEL, "/meeting open").text
    statement = sam.waits_for(lambda: [m for m in sam.messages(CHANNEL) if "is open" in m.words])[0]
    button = next(one for one in statement.actions if one.startswith("meeting.acknowledge:"))
    for person in (alex, sam, kim):
        person.clicks(statement, button)
    seen = sam.waits_for(lambda: [m for m in sam.messages(CHANNEL) if m.text.startswith("Thank you.")])[0]
    assert seen.ephemeral
    form = opened(kim.types(CHANNEL, "/meeting attendance").view)
    recorded = kim.submits(form, {"present": ["U3"], "apologies": ["U4"], "information": "No new contact."})
    assert "Apologies: Jo (Health)" in opened(recorded.view).words
    item = go_to_case(scene)
    assert JUDGEMENT in item.words
    assert "Noted under item" in kim.types(CHANNEL, "/meeting note Health: attended the clinic twice").text
    form = opened(kim.types(CHANNEL, "/meeting decide").view)
    wrong = kim.submits(form, {"kind": "retain", "rationale": "Contact is rebuilding."})
    assert wrong.errors == {"review": "When should the panel review the case? Give a date."}
    done = kim.submits(opened(wrong.view), {"review": "in 3 months"})
    assert "retain and review by Wed 10 Mar 2027" in opened(done.view).words
    taken_back = kim.types(CHANNEL, "/meeting undo").text
    assert taken_back.startswith(
        "You have taken back your decision on SAMPLE-0012 (retain and review by Wed 10 Mar 2027). "
    )
    assert ">Contact is rebuilding." in taken_back
    given = kim.types(CHANNEL, "/action add @sam ring the school nurse by Friday 18 December")
    assert given.text.startswith("*Action 1* recorded about SAMPLE-0012 for <@U2> (Health):")
    # An action is an entry like any other: taken back it is withdrawn, and may be put back.
    assert kim.types(CHANNEL, "/meeting undo").text.startswith("*Action 1* is withdrawn: it was given by mistake.")
    assert "is back on the lists" in kim.types(CHANNEL, "/action put-back 1").text

    # A case without a decision is not closed over by the way: the button asks.
    asked = kim.types(CHANNEL, "/meeting close").replies[0]
    assert (
        "1 case has no decision yet: SAMPLE-0012. If you close the meeting now, the case goes to the next meeting."
        in asked.words
    )
    kim.clicks(asked, next(action for action in asked.actions if action.startswith("meeting.close")))
    closed = kim.waits_for(lambda: [m for m in kim.messages(CHANNEL) if "0 decisions, 1 action." in m.words])[0]
    assert "is closed" in closed.words
    assert "Carried to the next meeting without a decision: SAMPLE-0012." in closed.words
    sam.waits_for(lambda: [m for m in sam.dm() if "the meeting gave you 1 action" in m.words])

    # Minutes, approved and fetched.
    assert "Draft minutes" in kim.types(CHANNEL, "/minutes draft").text
    alex.waits_for(lambda: [m for m in alex.dm() if m.files])
    for person in (alex, kim):
        person.waits_for(lambda who=person: [m for m in who.dm() if "Draft minutes of" in m.words])
    assert "approved" in alex.types(CHANNEL, "/minutes approve").text
    assert "(approved)" in jo.types(CHANNEL, "/minutes export").text
    paper = jo.waits_for(lambda: [m for m in jo.dm() if m.files])[0]
    name, content = paper.files[0]
    assert name == "west-met-2026-12-10-minutes-approved-v1.docx"
    assert content.startswith(b"PK")

    # What is not done is chased, and answered with a click.
    scene.clock.move_to(datetime(2026, 12, 21, 10, 0, tzinfo=UTC))
    scene.bot.ticks.run_all()
    digest = sam.waits_for(lambda: [m for m in sam.dm() if "needs you" in m.words])[0]
    answer = next(action for action in digest.actions if action.startswith("action.done"))
    sam.clicks(digest, answer)
    reported = sam.waits_for(lambda: [m for m in sam.dm() if "is reported done." in m.words])[0]
    assert "`/action reopen 1`" in reported.words
    # A change of the board is dropped where the board is about to be posted at the bottom with it.
    ended = {(kind, state) for kind, state in scene.settled() if kind not in ("board_changed", "board_posted")}
    assert ended == {(kind, "done") for kind, _ in ended}


def go_to_case(scene: Scene) -> SeenMessage:
    """Click through the agenda until the case is up."""
    kim = scene.person("U3")
    for _ in range(12):
        answer = kim.types(CHANNEL, "/meeting next")
        assert answer.replies, answer
        if "SAMPLE-0012" in answer.replies[0].text:
            return answer.replies[0]
    raise AssertionError("the case never came up")
