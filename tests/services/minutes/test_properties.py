"""Whatever is drafted, corrected, approved, amended and erased: approved facts stay, slips show, digests hold."""

from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import col

from bot.documents.minutes import MinutesFacts
from bot.domain.minutes import APPROVED_STATES
from bot.errors import PanelbotError
from bot.models.cases import Case
from bot.models.minutes import AmendmentSlip, Minutes, MinutesPart
from bot.models.vocabulary import CloseReason, DecisionKind
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import triage
from bot.services.cases import closed_items
from bot.services.meeting import discussion, opening
from bot.services.minutes import amending, approving, correcting, looking, papers
from bot.services.minutes.correcting_decisions import offer_decision, save_decision
from bot.services.minutes.correcting_times import TimesChanged
from bot.services.minutes.looking import Changed, DraftPage
from bot.services.minutes.proof import verify
from bot.store.key_ring import Erased
from bot.store.rows import id_of
from tests.county import WEST
from tests.services.conftest import Play, Stage

pytestmark = pytest.mark.slow

CASES = ("WEST-0001", "WEST-0002", "WEST-0666")  # the last is a closed item, which the nurse does not read
WRITERS = ("minutetaker", "coordinator", "chair")
APPROVERS = ("chair", "vicechair")
READERS = ("nurse", "chair", "vicechair")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("draft"), st.sampled_from(WRITERS), st.just(0)),
        st.tuples(st.just("send_back"), st.sampled_from(APPROVERS), st.just(0)),
        st.tuples(st.just("correct"), st.sampled_from(WRITERS), st.integers(0, 2)),
        st.tuples(st.just("redecide"), st.sampled_from(WRITERS), st.integers(0, 2)),
        st.tuples(st.just("times"), st.sampled_from(WRITERS), st.just(0)),
        st.tuples(st.just("approve"), st.sampled_from(APPROVERS), st.just(0)),
        st.tuples(st.just("annex"), st.sampled_from(READERS), st.just(0)),
        st.tuples(st.just("slip"), st.sampled_from((*READERS, "minutetaker")), st.integers(0, 3)),
        st.tuples(st.just("decide"), st.sampled_from(APPROVERS), st.integers(0, 3)),
        st.tuples(st.just("erase"), st.just(""), st.integers(0, 2)),
    ),
    min_size=5,
    max_size=16,
)


@dataclass
class Life:
    """What is done to the minutes of one meeting, and what was seen of them before."""

    play: Play
    frozen: dict[int, str] = field(default_factory=dict)  #: what each part said when the version was approved
    digest: str | None = None
    slips: list[int] = field(default_factory=list)  #: approved, in order
    written: int = 0
    decided: dict[str, DecisionKind] = field(default_factory=dict)  #: by reference, what was added or put right last

    def is_held(self) -> None:
        """Hold the meeting with three cases, the last of them a closed item, and a note on each.

        A fourth was on the published agenda and was deferred.
        """
        for reference in (*CASES, "WEST-0004"):
            self.play.accepted(reference)
        self.play.does("chair", closed_items.close_item, WEST, CASES[-1], "A professional is a suspect.")
        self.play.at(3, 17)
        self.play.does("coordinator", triage.publish_agenda, WEST)
        self.play.does("chair", triage.defer_case, WEST, "WEST-0004", "The assessment is under way.")
        self.play.at(3, 24, 14)
        self.play.opens()
        for reference in CASES:
            self.play.goes_to(reference)
            self.play.does("chair", discussion.add_note, WEST, f"Said of {reference}.")
        self.play.does("chair", opening.close_meeting, WEST)

    def does(self, step: tuple[str, str, int]) -> None:
        kind, who, number = step
        with suppress(PanelbotError):  # refused with a sentence: nothing may have changed
            getattr(self, f"_{kind}")(who, number)
        self.check()

    def _draft(self, who: str, _: int) -> None:
        self.play.does(who, papers.draft_minutes, WEST)

    def _send_back(self, who: str, _: int) -> None:
        self.play.does(who, approving.send_back, WEST, "More was said.")

    def _correct(self, who: str, number: int) -> None:
        page = self.page_of(who, number)
        self.written += 1
        changed = [Changed(one.key, f"Corrected {self.written}.", one.mark, one.review_on) for one in page.entries[:1]]
        self.play.does(who, correcting.correct_item, page.minutes_id, page.item_id, changed, reason="It was misheard.")

    def page_of(self, who: str, number: int) -> DraftPage:
        page = self.play.does(who, looking.look_through_newest, WEST)
        while page.title != CASES[number] and page.page + 1 < page.pages:
            page = self.play.does(who, looking.look_through, page.minutes_id, page.page + 1)
        return page

    def _redecide(self, who: str, number: int) -> None:
        """Add a decision that was forgotten, or put right what was decided."""
        page = self.page_of(who, number)
        now = next((int(one.key.partition(".")[2]) for one in page.entries if one.decision), None)
        drawn = self.play.does(who, offer_decision, page.minutes_id, page.page, page.item_id, now)
        self.written += 1
        kind = (DecisionKind.CLOSE, DecisionKind.STEP_DOWN, DecisionKind.NRM)[self.written % 3]
        why = CloseReason.RISK_REDUCED if kind is DecisionKind.CLOSE else None
        form = DecisionForm(
            kind, f"Decided {self.written}.", close_reason=why, risk_judgement=f"Judged {self.written}."
        )
        of_draft = (page.minutes_id, page.item_id, now, form)
        self.play.does(who, save_decision, *of_draft, mark=drawn.mark, reason="It was forgotten.", page=page.page)
        self.decided[page.title] = kind

    def _times(self, who: str, _: int) -> None:
        page = self.play.does(who, looking.look_through_newest, WEST)
        nurse = next(one for one in page.attendance if one.name == "Nurse")
        other = TimesChanged(nurse.key, "" if nurse.arrived else "14:00", "", nurse.times)
        of_draft = (page.minutes_id, {}, {})
        self.play.does(who, correcting.correct_attendance, *of_draft, times=other, reason="The bus was late.")

    def _approve(self, who: str, _: int) -> None:
        self.play.does(who, approving.approve_minutes, WEST)

    def _annex(self, who: str, _: int) -> None:
        self.play.does(who, approving.approve_annex, self.newest())

    def _slip(self, who: str, number: int) -> None:
        form = self.play.does(who, amending.offer_slip, WEST)
        of_case = [item for item, label in form.items if number < len(CASES) and label.endswith(CASES[number])]
        self.written += 1
        item_id = of_case[0] if of_case else None
        self.play.does(who, amending.write_slip, form.minutes_id, item_id, f"Slip {self.written}.", "It was misheard.")

    def _decide(self, who: str, number: int) -> None:
        with self.play.store.reading() as work:
            slips = [id_of(slip) for slip in work.find_all(AmendmentSlip, col(AmendmentSlip.decided_at).is_(None))]
        if slips:
            slip_id = slips[number % len(slips)]
            self.play.does(who, amending.decide_slip, slip_id, approved=number != 3, refusal="It is right.")
            if number != 3:
                self.slips.append(slip_id)

    def _erase(self, _: str, number: int) -> None:
        with self.play.store.work() as work:
            (case,) = work.find_all(Case, col(Case.reference) == CASES[number])
            work.keys.destroy(work.session, case.data_key_id, work.now)

    def newest(self) -> int:
        with self.play.store.reading() as work:
            found = work.find_all(Minutes, by=[col(Minutes.id).desc()])
            return id_of(found[0]) if found else 0

    def check(self) -> None:
        """Raise AssertionError where a promise does not hold."""
        with self.play.store.reading() as work:
            versions = work.find_all(Minutes, by=[col(Minutes.version)])
            assert [one.version for one in versions] == list(range(1, len(versions) + 1))
            approved = [one for one in versions if one.state in APPROVED_STATES]
            assert approved in ([], versions[-1:])
            if not approved:
                assert self.digest is None
                return
            proof = verify(work, approved[0])
            assert proof.is_proved, proof.faults
            said = {}
            for part in work.find_all(MinutesPart, col(MinutesPart.minutes_id) == approved[0].id):
                with suppress(Erased):
                    said[part.position] = work.open(part.facts)
            is_approved = col(AmendmentSlip.number).is_not(None)
            slips = {id_of(one): one.case_id for one in work.find_all(AmendmentSlip, is_approved)}
            closed = {case.id for case in work.find_all(Case, col(Case.is_closed))}
            minutes_id = id_of(approved[0])
        if self.digest is None:
            self.frozen, self.digest = said, proof.digest
        assert proof.digest == self.digest
        assert said.items() <= self.frozen.items()
        assert sorted(slips) == sorted(self.slips)
        for who in READERS:
            theirs = [slips[number] for number in self.slips if who != "nurse" or slips[number] not in closed]
            self.check_paper(who, minutes_id, len(theirs))

    def check_paper(self, who: str, minutes_id: int, slips: int) -> None:
        """Look at the paper that this reader would be sent now."""
        file = self.play.does(who, papers.minutes_document, minutes_id)
        facts = file.write.args[0]  # type: ignore[attr-defined]
        assert isinstance(facts, MinutesFacts)
        assert (facts.is_draft, facts.digest) == (False, self.digest)
        numbers = [one.number for one in facts.amendments]
        assert len(numbers) == len(set(numbers)) == slips
        under_items = [one.number for item in facts.items for one in item.amendments]
        assert sorted(under_items) == sorted(one.number for one in facts.amendments if one.item)
        by_item: dict[str, list[int]] = {}
        for number in numbers:
            item, _, last = number.rpartition("-")
            by_item.setdefault(item, []).append(int(last))
        # None that is kept from this reader leaves a gap.
        assert all(sorted(found) == list(range(1, len(found) + 1)) for found in by_item.values())
        kinds = {item.title: [one.kind for one in item.decisions] for item in facts.items if item.title in CASES}
        assert kinds == {title: [self.decided[title]] if title in self.decided else [] for title in kinds}
        assert who != "nurse" or "WEST-0666" not in facts.model_dump_json()


def lives(stage: Stage, steps: list[tuple[str, str, int]]) -> None:
    """Do these steps one after the other, and look after each."""
    with stage() as play:
        life = Life(play)
        life.is_held()
        for step in steps:
            life.does(step)


#: Each thing once, in an order in which all of it is allowed.
WHOLE = [
    ("draft", "minutetaker", 0),
    ("correct", "chair", 0),
    ("send_back", "chair", 0),
    ("draft", "minutetaker", 0),
    ("correct", "chair", 2),
    ("redecide", "minutetaker", 0),
    ("redecide", "chair", 2),
    ("redecide", "minutetaker", 0),
    ("times", "coordinator", 0),
    ("approve", "chair", 0),
    ("approve", "chair", 0),
    ("annex", "vicechair", 0),
    ("slip", "nurse", 0),
    ("slip", "vicechair", 2),
    ("slip", "nurse", 3),
    ("decide", "chair", 0),
    ("decide", "chair", 0),
    ("decide", "chair", 0),
    ("erase", "", 0),
    ("slip", "nurse", 1),
    ("decide", "vicechair", 0),
    ("erase", "", 2),
]
_COSTLY = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
_PHASES = [Phase.explicit, Phase.reuse, Phase.generate]  # making a failure smaller takes minutes on a real database


def test_a_life_with_each_thing_once(stage: Stage) -> None:
    with stage() as play:
        life = Life(play)
        life.is_held()
        for kind, who, number in WHOLE:  # none of it is refused
            getattr(life, f"_{kind}")(who, number)
            life.check()
        assert len(life.slips) == 4


@pytest.mark.databases("sqlite")
@settings(max_examples=4, deadline=None, phases=_PHASES, suppress_health_check=_COSTLY, derandomize=True)
@given(steps=STEPS)
def test_a_share_of_lives_keeps_every_promise(stage: Stage, steps: list[tuple[str, str, int]]) -> None:
    lives(stage, steps)


@pytest.mark.proof
@settings(max_examples=200, deadline=None, phases=_PHASES, suppress_health_check=_COSTLY)
@given(steps=STEPS)
def test_every_life_keeps_every_promise(stage: Stage, steps: list[tuple[str, str, int]]) -> None:
    lives(stage, steps)
