"""How much a chair presses from closing a meeting to a whole set of approved papers that everyone has."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from bot.models.minutes import MinutesCopy
from bot.models.people import Person
from bot.practice.workspace.person import Person as AtSlack
from bot.practice.workspace.sights import Outcome, SeenMessage, SeenView
from tests.slack.agenda.test_nothing_waits import accepts_what_waits, pressed, said_to
from tests.slack.conftest import Scene
from tests.slack.county import CHANNEL
from tests.slack.minutes.test_paper_commands import carried
from tests.slack.test_cycle import flag, go_to_case, open_quorate, opened

pytestmark = pytest.mark.slow  # papers are written by a process of their own

GOAL = 12


@dataclass
class Counted:
    """A person at their Slack, each of whose lines, presses, confirmations and forms sent counts as a press."""

    person: AtSlack
    presses: list[str] = field(default_factory=list)

    def types(self, line: str) -> Outcome:
        """Type a command: one press."""
        self.presses.append(line)
        return self.person.types(CHANNEL, line)

    def clicks(self, shown: SeenMessage | SeenView, name: str) -> Outcome:
        """Press a button: one press, and another where it asks whether they are sure."""
        action = pressed(shown, name)
        self.presses.append(name)
        buttons = [one for block in shown.blocks for one in (*block.get("elements", ()), block.get("accessory", {}))]
        if any(one.get("action_id") == action and "confirm" in one for one in buttons):
            self.presses.append(f"{name} sure")
        return self.person.clicks(shown, action)

    def submits(self, form: SeenView, values: dict[str, str]) -> Outcome:
        """Send a form: one press, and one for each of its fields that they fill in."""
        self.presses += [*values, form.callback_id]
        return self.person.submits(form, values)

    def opens_file(self, name: str) -> None:
        """Open a paper that came in a direct message: one press."""
        self.person.waits_for(lambda: carried(self.person, name))
        self.presses.append(name)


def test_the_chair_presses_at_most_twelve_times_when_nothing_needs_correcting(scene: Scene) -> None:
    alex, kim = Counted(scene.person("U1")), Counted(scene.person("U3"))
    sam, jo = Counted(scene.person("U2")), Counted(scene.person("U4"))
    flag(scene)
    accepts_what_waits(alex.person, CHANNEL, "/agenda triage")
    scene.clock.move_to(datetime(2026, 12, 10, 14, 0, tzinfo=UTC))
    open_quorate(scene)
    go_to_case(scene)
    decided = opened(kim.person.types(CHANNEL, "/meeting decide").view)
    said = {"kind": "retain", "rationale": "Contact is rebuilding.", "review": "in 3 months"}
    kim.person.closes(opened(kim.person.submits(decided, said).view))
    kim.person.types(CHANNEL, "/action add @sam ring the school nurse by Friday 18 December")

    # From closing.
    closing = alex.types("/meeting close").replies[0]
    if any(action.startswith("meeting.close") for action in closing.actions):
        alex.clicks(closing, "meeting.close")
    alex.person.waits_for(lambda: [one for one in alex.person.messages(CHANNEL) if "is closed" in one.words])

    # The minute-taker drafts, the chair reads and approves.
    kim.types("/minutes draft")
    draft = said_to(alex.person, "version 1, drafted by Kim.")
    alex.opens_file("west-met-2026-12-10-minutes-draft-v1.docx")
    alex.clicks(draft, "minutes.approve:")
    said_to(alex.person, "are approved, so nobody can change them now. I'm telling members.")

    # What else the chair sends from the approved version: each agency's pack, and the extract for the child's file.
    assert "I'm sending Health's pack" in alex.types("/minutes pack Health").text
    assert "is on its way to" in alex.types("/minutes extract SAMPLE-0012").text
    alex.opens_file("west-met-2026-12-10-extract")

    # The summary goes out by itself, and everyone who was told says that they have the minutes.
    scene.clock.move_to(datetime(2026, 12, 11, 10, 0, tzinfo=UTC))
    scene.bot.ticks.run_all()
    for person in (sam, jo, kim):
        told = said_to(person.person, "are approved. `/minutes export west-met` sends you the Word file")
        person.clicks(told, "minutes.got:")
        said_to(person.person, "Noted: you have the minutes of West Operational MET")
        person.clicks(said_to(person.person, "The decisions and actions of West Operational MET"), "minutes.summary:")
        person.types("/minutes export")
        person.opens_file("west-met-2026-12-10-minutes-approved-v1.docx")
        person.opens_file("west-met-2026-12-10-decisions-and-actions.docx")
    sam.opens_file("west-met-2026-12-10-pack-health-v1.docx")

    # Nobody who was told is without them.
    with scene.store.reading() as work:
        names = {person.id: person.name for person in work.find_all(Person)}
        has_them = {names[copy.person_id]: copy.acknowledged_at is not None for copy in work.find_all(MinutesCopy)}
    assert has_them == {"Alex": True, "Kim": True, "Sam": True, "Jo": True}
    others = {name: len(one.presses) for name, one in (("minute-taker", kim), ("health", sam), ("midwife", jo))}
    print(f"\nchair: {len(alex.presses)} presses ({', '.join(alex.presses)}); others: {others}")
    assert len(alex.presses) <= GOAL
