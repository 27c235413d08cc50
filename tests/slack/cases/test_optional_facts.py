"""What a definition asks of a case beside what all ask: in the form, at triage, in the meeting, on paper, and later."""

import io
from datetime import UTC, datetime

import pytest
from docx import Document

from tests.slack.agenda.test_nothing_waits import accepts_what_waits, pressed
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import CASE, go_to_case, open_quorate, opened

pytestmark = pytest.mark.databases("sqlite")
ANSWERS = {
    "optional_exploitation_form": ["online", "gang"],
    "optional_education": "part_time",
    "optional_agencies_involved": "Youth justice and CAMHS",
}
SHOWN = (
    "Form of exploitation: online, by a gang or group",
    "Education: on a part-time timetable",
    "Agencies already involved: Youth justice and CAMHS",
)


def test_the_answers_go_from_the_form_to_triage_meeting_and_paper(scene: Scene) -> None:
    alex, sam, kim = (scene.person(user_id) for user_id in ("U1", "U2", "U3"))
    form = opened(sam.types(CHANNEL, "/case flag sample-0012").view)
    asked = [block["label"]["text"] for block in form.blocks if str(block.get("block_id")).startswith("optional_")]
    assert asked == [
        "Form of exploitation",
        "Education",
        "Agencies already involved",
        "Does the child, parent or carer agree?",
    ]
    said = opened(sam.submits(form, {**CASE, **ANSWERS}).view)
    edit = opened(sam.clicks(said, pressed(said, "case.edit")).view)
    assert "You haven't changed anything yet." in sam.submits(edit, {}).errors["purpose"]
    sam.closes(opened(sam.submits(edit, {"optional_agrees": "not_asked"}).view))
    triage = opened(alex.types(CHANNEL, "/agenda triage").view)
    for words in (*SHOWN, "Does the child, parent or carer agree?: not asked"):
        assert words in triage.words
    alex.closes(triage)
    assert "Youth justice" not in alex.types(CHANNEL, "/case list").text
    history = opened(sam.types(CHANNEL, "/case history SAMPLE-0012").view)
    assert "Further facts: Form of exploitation: online, by a gang or group, Education" in history.words
    sam.closes(history)
    accepts_what_waits(alex, CHANNEL, "/agenda triage")
    kim.types(CHANNEL, "/agenda publish")
    paper = kim.waits_for(lambda: [message for message in kim.dm() if message.files])[-1]
    printed = "".join(Document(io.BytesIO(paper.files[0][1])).element.body.itertext())
    assert "Agencies already involved: Youth justice and CAMHS." in printed
    scene.clock.move_to(datetime(2026, 12, 10, 13, 55, tzinfo=UTC))
    open_quorate(scene)
    shown = go_to_case(scene).words
    assert [words for words in SHOWN if words not in shown] == []
