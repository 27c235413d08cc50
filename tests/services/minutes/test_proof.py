"""Approved minutes are proved by their digest, also after a case was erased; what was altered is found."""

import json
from collections.abc import Callable
from hashlib import sha256

import pytest
from sqlmodel import col

from bot.models.cases import Case
from bot.models.minutes import Minutes, MinutesPart
from bot.models.panels import Panel
from bot.models.vocabulary import DecisionKind
from bot.records.meeting.deciding import DecisionForm
from bot.services.minutes import approving, papers
from bot.services.minutes.proof import Proof, verify
from bot.services.minutes.record import facts_for
from bot.store.unit_of_work import Work
from tests.county import WEST, actor
from tests.services.conftest import Play


@pytest.fixture
def approved(play: Play) -> Play:
    """Minutes of 24 March with a decision on each of two cases, which the chair has approved."""
    for reference in ("WEST-0001", "WEST-0002"):
        play.accepted(reference)
    play.at(3, 24, 14)
    form = DecisionForm(DecisionKind.STEP_DOWN, "Settled.")
    play.holds({"WEST-0001": form, "WEST-0002": form})
    play.does("minutetaker", papers.draft_minutes, WEST)
    play.does("chair", approving.approve_minutes, WEST)
    return play


def proof(play: Play) -> Proof:
    """Prove the minutes."""
    with play.store.reading() as work:
        return verify(work, work.find_all(Minutes)[0])


def erase(play: Play, reference: str) -> None:
    """Destroy the key of a case."""
    with play.store.work() as work:
        (case,) = work.find_all(Case, col(Case.reference) == reference)
        work.keys.destroy(work.session, case.data_key_id, work.now)


def test_what_was_approved_is_proved_and_an_erased_case_reads_as_removed(approved: Play) -> None:
    before = proof(approved)
    assert (before.is_proved, before.erased, len(before.digest or "")) == (True, 0, 64)
    approved.at(3, 25)
    erase(approved, "WEST-0002")
    assert proof(approved) == Proof(before.digest, 1, (), before.parts)
    with approved.store.work() as work:
        facts, _ = facts_for(work, actor(work, "nurse"), work.find_all(Minutes)[0])
    removed = [(one.title, one.removed_on.isoformat()) for one in facts.items if one.removed_on]
    assert removed == [("Removed case", "2026-03-25")]
    assert "WEST-0002" not in facts.model_dump_json()
    assert "WEST-0001" in [one.title for one in facts.items]
    assert [one.number for one in facts.items] == [str(number + 1) for number in range(len(facts.items))]


def test_the_digest_can_be_proved_by_hand_from_facts_and_salts(approved: Play) -> None:
    with approved.store.reading() as work:
        parts = work.find_all(MinutesPart, by=[col(MinutesPart.position)])
        texts = [work.open(part.facts) for part in parts]
        digests = [sha256(text.encode()).hexdigest() for text in texts]
        assert [part.digest for part in parts] == digests
        salts = [json.loads(text)["salt"] for text in texts]
        assert len(set(salts)) == len(salts) > 5
        assert {len(salt) for salt in salts} == {64}


def _alter(work: Work) -> None:
    part = work.find_all(MinutesPart, col(MinutesPart.position) == 0)[0]
    panel = work.find_all(Panel, col(Panel.key) == "west-met")[0]
    text = work.open(part.facts).replace("24 March 2026", "25 March 2026")
    part.facts = work.seal(panel.data_key_id, text)


def _alter_and_digest(work: Work) -> None:
    _alter(work)
    part = work.find_all(MinutesPart, col(MinutesPart.position) == 0)[0]
    part.digest = sha256(work.open(part.facts).encode()).hexdigest()


def _take_out(work: Work) -> None:
    work.session.delete(work.find_all(MinutesPart, by=[col(MinutesPart.position).desc()])[0])


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(
    ("done", "said"),
    [
        (_alter, "Part 0 is not what was approved."),
        (_alter_and_digest, "The list of parts is not what was approved."),
        (_take_out, "The list of parts is not what was approved."),
    ],
)
def test_anything_else_than_was_approved_is_found(approved: Play, done: Callable[[Work], None], said: str) -> None:
    with approved.store.work() as work:
        done(work)
    assert proof(approved).faults == (said,)


@pytest.mark.databases("sqlite")
def test_a_draft_from_before_salts_were_kept_gets_them_when_it_is_approved(play: Play) -> None:
    play.at(3, 24, 14)
    play.holds({})
    play.does("minutetaker", papers.draft_minutes, WEST)
    with play.store.work() as work:
        panel = work.find_all(Panel, col(Panel.key) == "west-met")[0]
        for part in work.find_all(MinutesPart):
            facts = json.loads(work.open(part.facts))
            del facts["salt"]
            part.digest, part.facts = None, work.seal(panel.data_key_id, json.dumps(facts))
    play.does("chair", approving.approve_minutes, WEST)
    assert proof(play).is_proved
