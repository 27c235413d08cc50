"""A meeting without a quorum, as the chair lives through it: asked before the first case, postponed or interim."""

from datetime import UTC, datetime

import pytest

from bot.practice.workspace.sights import SeenMessage
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import flag, opened

NOT_QUORATE = "West Operational MET is not quorate: children's social care and health are not here."


@pytest.fixture
def thin(scene: Scene) -> Scene:
    """Open the meeting with a case on it, and only the chair of the police there."""
    flag(scene)
    alex = scene.person("U1")
    triage = opened(alex.types(CHANNEL, "/agenda triage").view)
    alex.closes(
        opened(alex.clicks(triage, next(one for one in triage.actions if one.startswith("agenda.accept:"))).view)
    )
    scene.clock.move_to(datetime(2026, 12, 10, 13, 55, tzinfo=UTC))
    alex.types(CHANNEL, "/meeting open")
    return scene


def asked(scene: Scene) -> SeenMessage:
    """Go on until the meeting asks what becomes of it."""
    alex = scene.person("U1")
    for _ in range(12):
        answer = alex.types(CHANNEL, "/meeting next").replies[0]
        if NOT_QUORATE in answer.words:
            return answer
    raise AssertionError("the meeting never asked")


def action(message: SeenMessage, name: str) -> str:
    return next(one for one in message.actions if one.startswith(name))


def test_before_the_first_case_the_chair_chooses_and_may_wait(thin: Scene) -> None:
    alex = thin.person("U1")
    choice = asked(thin)
    assert [one.partition(":")[0] for one in choice.actions] == ["meeting.wait", "meeting.postpone", "meeting.interim"]
    room = alex.types(CHANNEL, "/meeting room").replies[0]
    assert [one.partition(":")[0] for one in room.actions] == ["meeting.wait", "meeting.postpone", "meeting.interim"]
    assert thin.person("U2").types(CHANNEL, "/meeting room").replies[0].actions == ()
    alex.clicks(choice, action(choice, "meeting.wait"))
    alex.waits_for(lambda: [m for m in alex.messages(CHANNEL) if m.text.startswith("The meeting waits.")])
    thin.person("U2")
    form = opened(alex.types(CHANNEL, "/meeting attendance").view)
    alex.submits(form, {"present": ["U1", "U2", "U3"]})
    assert "SAMPLE-0012" in alex.types(CHANNEL, "/meeting next").replies[0].text


def test_postponed_members_are_told_and_the_draft_says_so(thin: Scene) -> None:
    alex, sam = thin.person("U1"), thin.person("U2")
    choice = asked(thin)
    form = opened(alex.clicks(choice, action(choice, "meeting.postpone")).view)
    assert "Fri 11 Dec 2026, 14:00" in form.words
    wrong = alex.submits(form, {"when": "other"})
    assert wrong.errors == {"date": "Choose the new date here."}
    done = opened(alex.submits(opened(wrong.view), {"when": "2026-12-14T14:00"}).view)
    assert "is postponed from Thu 10 Dec 2026, 14:00 to *Mon 14 Dec 2026, 14:00*. 1 case moved with it." in done.words
    alex.closes(done)
    told = sam.waits_for(lambda: [m for m in sam.dm() if "is now on Mon 14 Dec 2026" in m.words])[0]
    why = opened(sam.clicks(told, action(told, "panel.reason")).view)
    assert "Not quorate (children's social care and health)" in why.words

    thin.clock.move_to(datetime(2026, 12, 14, 13, 55, tzinfo=UTC))
    alex.types(CHANNEL, "/meeting open")
    alex.submits(opened(alex.types(CHANNEL, "/meeting attendance").view), {"present": ["U1", "U2", "U3"]})
    alex.types(CHANNEL, "/meeting close now")
    draft = alex.types(CHANNEL, "/minutes draft").text
    assert "Postponed from Thu 10 December 2026: not quorate (children's social care and health)." in draft


def test_an_interim_discussion_asks_for_its_new_date_at_once(thin: Scene) -> None:
    alex = thin.person("U1")
    choice = asked(thin)
    form = opened(alex.clicks(choice, action(choice, "meeting.interim")).view)
    assert "must meet with a quorum by *Thu 24 Dec 2026*" in form.words
    wrong = alex.submits(form, {"when": "none"})
    assert wrong.errors == {"reason": "Please say why there is no new date. The minutes record your reason."}
    done = opened(alex.submits(opened(wrong.view), {"when": "2026-12-15T14:00"}).view)
    assert "The panel will decide on *Tue 15 Dec 2026, 14:00*." in done.words
    alex.closes(done)
    item = next(
        answer
        for answer in (alex.types(CHANNEL, "/meeting next").replies[0] for _ in range(12))
        if "SAMPLE-0012" in answer.text
    )
    assert "The panel will decide at the quorate meeting on Tuesday 15 December 2026 at 14:00." in item.words
    assert [one for one in item.actions if one.startswith("meeting.decide")] == []
    assert alex.types(CHANNEL, "/meeting decide").text.startswith("This is an interim discussion")
    closed = alex.types(CHANNEL, "/meeting close now").text
    assert "The meeting was an interim discussion, so nothing was decided." in closed
    assert "Held as an interim discussion; no decisions were taken." in alex.types(CHANNEL, "/minutes draft").text
