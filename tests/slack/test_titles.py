"""A panel, agency, area, person or venue may be called what looks like Slack's marks: everywhere it is only text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
import vobject
from openpyxl import load_workbook
from sqlmodel import select

from bot.models.meetings import Meeting
from bot.models.panels import CountySettings, Panel
from bot.models.people import Agency, Area
from bot.models.people import Person as Enrolled
from bot.practice.workspace.sights import Outcome, SeenMessage
from bot.slack.tables import build_registry
from tests.documents.word_files import texts
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.test_cycle import flag, go_to_case, open_quorate, opened

TITLE = "<!channel> & *Bold* <@U0TITLE>"
#: What Slack would take as marks, if the title went into its own text as it is.
MARKS = ("<!channel>", "<@U0TITLE>", "& *Bold*")
#: What people would read, if it were escaped where Slack shows plain text, or twice.
ENTITIES = ("&lt;", "&gt;", "&amp;")
CHAIR, NURSE, COORDINATOR, MIDWIFE = "U1", "U2", "U3", "U4"


@dataclass
class Walk:
    """All that Slack was given: marked text, and plain text, each with where it came from."""

    scene: Scene
    answers: list[tuple[str, Any]] = field(default_factory=list)

    def does(self, what: str, outcome: Outcome) -> Outcome:
        """Keep what an act was answered with."""
        self.answers += [(what, {"text": reply.text, "blocks": list(reply.blocks)}) for reply in outcome.replies]
        return outcome

    def looks(self) -> None:
        """Let three people type everything that only looks or opens a form, and open their Home."""
        for user_id in (CHAIR, NURSE, COORDINATOR):
            person = self.scene.person(user_id)
            for command in build_registry().commands.values():
                for verb in command.verbs:
                    if verb.reads or command.name == "/panel":
                        line = f"{command.name} {verb.name} {verb.example}".strip()
                        self.does(line, person.types(CHANNEL, line))
                        if person.view is not None:
                            person.closes(person.view, whole_stack=True)
            person.opens_home()
        self.scene.bot.ticks.run_all()
        self.scene.settled()

    def texts(self) -> Iterator[tuple[str, str, str]]:
        """Yield kind, source and text of everything that Slack was given."""
        for what, given in self.answers:
            yield from _texts(given, what)
        for call in self.scene.workspace.calls:
            given = {name: _loaded(value) for name, value in call.args.items()}
            yield from _texts(given, call.method)
        for user_id in (CHAIR, NURSE, COORDINATOR, MIDWIFE):
            for message in (*self.scene.person(user_id).dm(), *self.scene.person(user_id).messages(CHANNEL)):
                yield from _texts({"text": message.text, "blocks": list(message.blocks)}, "seen")

    def files(self) -> dict[str, bytes]:
        """Return the files that people were sent, by name."""
        people = [self.scene.person(user_id) for user_id in (CHAIR, NURSE, COORDINATOR, MIDWIFE)]
        return dict(file for person in people for message in person.dm() for file in message.files)


def _loaded(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value
    except ValueError:
        return value


def _texts(given: Any, what: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(given, list):
        for one in given:
            yield from _texts(one, what)
    elif isinstance(given, dict):
        kind = given.get("type", "mrkdwn")
        for name, value in given.items():
            if name == "text" and isinstance(value, str):
                yield ("plain" if kind == "plain_text" else "marked"), what, value
            elif name not in ("private_metadata", "value"):
                yield from _texts(value, what)


def rename(scene: Scene) -> None:
    """Give everything in the county that has a name the name of this test."""
    with scene.store.work() as work:
        for row in work.session.exec(select(Panel)):
            row.title, row.venue = TITLE, TITLE
        for kind in (Agency, Area, Enrolled):
            for named in work.session.exec(select(kind)):
                named.name = TITLE if kind is not Agency else f"{TITLE} {named.id}"
        for meeting in work.session.exec(select(Meeting)):
            meeting.venue = TITLE
        work.session.add(CountySettings(slack_files_days=365))  # what was sent is looked at in the end


def button(message: SeenMessage, name: str) -> str:
    """Return the action of a button by the beginning of its name."""
    return next(action for action in message.actions if action.startswith(name))


def act(scene: Scene, walk: Walk) -> None:
    """Live through a cycle, looking at everything at each stage of it."""
    alex, sam, kim = (scene.person(user_id) for user_id in (CHAIR, NURSE, COORDINATOR))

    def types(person: Any, line: str) -> Outcome:
        return walk.does(line, person.types(CHANNEL, line))

    flag(scene)
    walk.looks()
    triage = opened(types(alex, "/agenda triage").view)
    alex.clicks(triage, next(action for action in triage.actions if action.startswith("agenda.accept:")))
    types(kim, "/agenda compile")
    types(kim, "/agenda publish")
    types(sam, "/meeting reply coming")
    types(alex, "/meeting reply coming")
    walk.looks()
    scene.clock.move_to(datetime(2026, 12, 8, 10, 0, tzinfo=UTC))
    walk.looks()
    scene.clock.move_to(datetime(2026, 12, 10, 13, 55, tzinfo=UTC))
    open_quorate(scene)
    walk.answers.append(("/meeting next", {"text": go_to_case(scene).text}))
    types(kim, f"/meeting note {TITLE} 2: seen twice")
    types(kim, "/meeting undo")
    types(kim, "/meeting note seen twice")
    types(kim, "/action add @sam ring the school nurse by Friday 18 December")
    types(kim, "/action add @alex visit the place by Friday 18 December")
    types(kim, "/action reassign 2 @kim")
    walk.looks()
    types(kim, "/meeting close now")
    types(kim, "/minutes draft")
    types(alex, "/minutes approve")
    types(kim, "/minutes export")
    types(kim, "/action tracker")
    walk.looks()
    invited = kim.waits_for(lambda: [one for one in kim.dm() if any("calendar.file" in name for name in one.actions)])
    kim.clicks(invited[0], button(invited[0], "calendar.file"))
    for day in (21, 22, 30):
        scene.clock.move_to(datetime(2026, 12, day, 10, 0, tzinfo=UTC))
        walk.looks()
    types(sam, "/action done 1")
    walk.looks()


@pytest.mark.slow
def test_a_title_is_text_wherever_it_goes(scene: Scene) -> None:
    rename(scene)
    walk = Walk(scene)
    act(scene, walk)
    given = list(walk.texts())
    assert [(what, text) for kind, what, text in given if kind == "marked" and any(m in text for m in MARKS)] == []
    assert [(what, text) for kind, what, text in given if kind == "plain" and any(e in text for e in ENTITIES)] == []
    assert [(what, text) for _, what, text in given if any(f"&amp;{e[1:]}" in text for e in ENTITIES)] == []
    files = walk.files()
    assert {name for name in files if not name.replace("-", "").replace(".", "").isalnum()} == set()
    assert {name.rpartition(".")[2] for name in files} == {"docx", "xlsx", "ics"}
    for name, content in files.items():
        if name.endswith(".ics"):
            event = vobject.readOne(content.decode()).vevent
            assert (event.summary.value, event.location.value) == (TITLE, TITLE)
        elif name.endswith(".docx"):
            assert any(TITLE in text for text in texts(content)), name
        else:
            sheet = load_workbook(BytesIO(content)).active
            assert any(TITLE in str(cell.value) for row in sheet.iter_rows() for cell in row)
