"""The guide knows from the bot's own rows how far a person has come."""

from sqlmodel import col

from bot.models.cases import Flag
from bot.models.meetings import Meeting
from bot.practice.mode import PracticeMode
from bot.practice.page import guide
from tests.practice.page.test_travel import LONDON

FLAG = {
    "urgency": "urgent",
    "age_band": "14_to_15",
    "legal_status": "child_in_need",
    "themes": ["missing"],
    "risk_level": "ceraf:high",
    "assessed_on": "2026-03-09",
    "judgement": "Found twice at one address far from home.",
    "asked_of_panel": "Agree who speaks with the child.",
}


def done(practice: PracticeMode, before: int) -> list[str]:
    """Return the steps that are ticked off."""
    with practice.store.reading() as work:
        return [step["key"] for step in guide.told(guide.read_progress(work, LONDON, before)) if step["done"]]


def test_the_flags_that_the_county_came_with_tick_nothing_off(practice: PracticeMode) -> None:
    with practice.store.reading() as work:
        before = guide.newest_flag(work)
    assert before > 0
    assert done(practice, before) == []
    farah, rhys = practice.workspace.person("U0FARAH"), practice.workspace.person("U0RHYS")
    form = farah.types("C0HARROWMERE", f"/case flag {guide.REFERENCE}").view
    assert form is not None
    assert farah.submits(form, FLAG).errors == {}
    assert done(practice, before) == ["flag"]
    triage = rhys.types("C0HARROWMERE", "/agenda triage").view
    assert triage is not None
    rhys.clicks(triage, f"agenda.accept:{before + 1}")
    assert done(practice, before) == ["flag", "triage"]
    practice.workspace.person("U0MORGAN").types("C0HARROWMERE", "/agenda publish")
    assert done(practice, before) == ["flag", "triage", "publish"]


def test_a_case_that_an_earlier_meeting_left_unheard_ticks_nothing_off(practice: PracticeMode) -> None:
    with practice.store.work() as work:
        before = guide.newest_flag(work)
        left = work.session.get_one(Flag, before)
        later = work.find(Meeting, col(Meeting.panel_id) == left.panel_id, col(Meeting.id) > left.meeting_id)
        assert later is not None
        copied = left.model_dump(exclude={"id", "merged_into_id"})
        work.session.add(Flag(**{**copied, "meeting_id": later.id, "carried_from_id": left.id, "flagged_at": work.now}))
        work.session.flush()
        assert guide.newest_flag(work) > before
    assert done(practice, before) == []


def test_every_step_names_a_person_of_the_county_and_a_command_that_there_is(practice: PracticeMode) -> None:
    people = {person.user for person in practice.county.people}
    with practice.store.reading() as work:
        steps = guide.told(guide.read_progress(work, LONDON, 0))
    assert {who for step in steps for who in step["who"]} <= people
    named = {step["command"].partition(" ")[0] for step in steps} - {""}
    assert named <= set(practice.workspace.manifest.commands)
    assert len(steps) == 12
