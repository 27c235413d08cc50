"""Several decisions on a case: beside each other, in each other's place, taken back, and where each brings the case."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest

from bot.errors import Mistake
from bot.models.meetings import Decision, Meeting
from bot.models.minutes import Minutes
from bot.models.vocabulary import AdultRoute, CloseReason, DecisionKind, Purpose
from bot.records.cases.decisions import DecisionView
from bot.records.meeting.deciding import DecisionForm
from bot.services.agenda import triage
from bot.services.cases import lists
from bot.services.meeting import discussion, opening, undoing
from bot.services.minutes import papers
from bot.services.minutes.record import facts_for
from bot.slack.cases.views import history
from bot.slack.meeting import closing_views, undo_views, views
from bot.store.unit_of_work import Work
from tests.county import WEST, actor
from tests.risks import level
from tests.services.conftest import Play

RETAIN = DecisionForm(DecisionKind.RETAIN, "Risk is not falling.", review=date(2026, 4, 21))
NRM = DecisionForm(DecisionKind.NRM, "He was moved to sell drugs.", review=date(2026, 5, 5))
STEP_DOWN = DecisionForm(DecisionKind.STEP_DOWN, "Settled at home.")
CLOSE = DecisionForm(DecisionKind.CLOSE, "Moved to the coast.", close_reason=CloseReason.MOVED)
TRANSFER = DecisionForm(DecisionKind.TRANSFER, "The family has moved.", area="Northshire")
ACCEPTED = DecisionForm(DecisionKind.CLOSE, "Northshire wrote.", close_reason=CloseReason.TRANSFERRED)


def with_(form: DecisionForm, **changes: object) -> DecisionForm:
    """Return the form with some of it changed."""
    facts = {name: getattr(form, name) for name in DecisionForm.__dataclass_fields__}
    return DecisionForm(**facts | changes)


@pytest.fixture
def sitting(play: Play) -> Play:
    """West's meeting, at WEST-0001; WEST-0666 is a closed item that comes after it."""
    play.accepted("WEST-0001")
    play.accepted("WEST-0666", closed=True)
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    return play


def decides(play: Play, *forms: DecisionForm, who: str = "chair") -> tuple[DecisionView, ...]:
    """Record these decisions one after the other, and return those in force afterwards."""
    for form in forms:
        found = play.does(who, discussion.decide, WEST, form)
    return found.decisions


def add_june(play: Play) -> None:
    """West meets on 16 June too."""
    at = datetime(2026, 6, 16, 13, tzinfo=UTC)
    with play.store.work() as work:
        work.session.add(Meeting(panel_id=play.county.west_id, starts_at=at, ends_at=at.replace(hour=15)))


def kinds(decisions: Sequence[DecisionView]) -> list[DecisionKind]:
    return [one.kind for one in decisions]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_second_decision_of_another_kind_is_added_and_all_see_both(sitting: Play) -> None:
    made = decides(sitting, RETAIN, NRM)
    assert [(one.kind, one.rationale, one.review_on) for one in made] == [
        (DecisionKind.RETAIN, "Risk is not falling.", date(2026, 4, 21)),
        (DecisionKind.NRM, "He was moved to sell drugs.", date(2026, 5, 5)),
    ]
    both = ("retain and review by Tue 21 Apr 2026", "NRM referral, due Tue 5 May 2026")
    _, card = views.current(sitting.does("nurse", discussion.current_item, WEST))
    assert [f"*Decided:* {words}" in str(card) for words in both] == [True, True]
    closing = sitting.does("chair", opening.close_meeting, WEST)
    assert closing.decisions == 2
    assert f"• WEST-0001: {'; '.join(both)}" in closing_views.closed(closing).splitlines()
    found = sitting.does("nurse", lists.case_history, "WEST-0001")
    # The review that is to come stands first, with nothing decided yet.
    assert [kinds(one.decisions) for one in found.hearings] == [[], [DecisionKind.RETAIN, DecisionKind.NRM]]
    assert [f"*Decision:* {words}" in str(history(found)) for words in both] == [True, True]
    draft = sitting.does("minutetaker", papers.draft_minutes, WEST)
    with sitting.store.work() as work:
        facts, _ = facts_for(work, actor(work, "nurse"), work.session.get_one(Minutes, draft.id))
    (item,) = [one for one in facts.items if one.title == "WEST-0001"]
    assert [(one.kind, one.rationale) for one in item.decisions] == [
        (DecisionKind.RETAIN, "Risk is not falling."),
        (DecisionKind.NRM, "He was moved to sell drugs."),
    ]
    # What the next meeting sees: on the card, and on the agenda that is printed.
    sitting.at(4, 21, 14)
    sitting.opens()
    _, card = views.current(sitting.goes_to("WEST-0001"))
    assert f"West Operational MET: {'; '.join(both)}" in str(card)


@pytest.mark.parametrize(
    ("first", "second"),
    [(RETAIN, with_(RETAIN, review=date(2026, 5, 19))), (RETAIN, CLOSE), (CLOSE, RETAIN), (TRANSFER, STEP_DOWN)],
)
def test_what_excludes_a_decision_in_force_must_say_that_it_takes_its_place(
    sitting: Play, first: DecisionForm, second: DecisionForm
) -> None:
    before = decides(sitting, first)
    said = sitting.refused("chair", discussion.decide, WEST, second)
    assert said.startswith(f"Already decided here: {first.kind.label.partition(' ')[0]}")
    assert said.endswith(
        "choose the earlier one under “Replaces”. If you don't see that field, type `/meeting decide` again."
    )
    assert sitting.does("chair", discussion.current_item, WEST).decisions == before
    assert kinds(decides(sitting, with_(second, replaces=(before[0].id,)))) == [second.kind]


@pytest.mark.databases("sqlite", "postgresql")
def test_undo_restores_what_the_decision_had_replaced_and_names_both(sitting: Play) -> None:
    retain, nrm = decides(sitting, RETAIN, NRM)
    later = with_(RETAIN, review=date(2026, 5, 19), rationale="Later.", replaces=(retain.id,))
    assert [one.review_on for one in decides(sitting, later)] == [date(2026, 5, 5), date(2026, 5, 19)]
    again = sitting.does("chair", discussion.current_item, WEST).decisions[-1]
    (closed,) = decides(sitting, with_(CLOSE, replaces=(again.id,)), who="coordinator")[1:]
    with sitting.store.reading() as work:
        kept = {one.id: one.superseded_by_id for one in work.find_all(Decision)}
    assert kept == {retain.id: again.id, nrm.id: None, again.id: closed.id, closed.id: None}

    undone = sitting.does("coordinator", undoing.undo_last, WEST)
    assert undone.decisions == (nrm, again)
    assert undo_views.undone(undone) == (
        "You have taken back your decision on WEST-0001 (close (moved)). "
        "The record keeps the entry, marked as taken back.\n"
        ">Moved to the coast.\n"
        "In force again: retain and review by Tue 19 May 2026."
    )
    assert sitting.does("chair", undoing.undo_last, WEST).decisions == (retain, nrm)
    assert sitting.does("chair", undoing.undo_last, WEST).decisions == (retain,)
    assert sitting.does("chair", undoing.undo_last, WEST).decisions == ()
    assert sitting.refused("chair", undoing.undo_last, WEST) == (
        "You have recorded nothing in this meeting that you can take back."
    )


@pytest.mark.databases("sqlite", "postgresql")
def test_who_made_a_decision_is_told_when_another_persons_takes_its_place(sitting: Play) -> None:
    retain, nrm = (*decides(sitting, RETAIN), *decides(sitting, NRM, who="minutetaker")[1:])
    decides(sitting, with_(CLOSE, replaces=(retain.id,)))
    assert sitting.sent("entry_changed") == [], "one's own is no news"
    close = sitting.does("chair", discussion.current_item, WEST).decisions[-1]
    decides(sitting, with_(RETAIN, replaces=(close.id,)), who="coordinator")
    decides(sitting, with_(NRM, replaces=(nrm.id,)), who="coordinator")
    assert sitting.sent("entry_changed") == [("entry_changed", "chair"), ("entry_changed", "minutetaker")]


def test_one_decision_takes_the_place_of_several(sitting: Play) -> None:
    retain, transfer, nrm = decides(sitting, RETAIN, TRANSFER, NRM)
    assert "retain and review by Tue 21 Apr 2026; transfer to Northshire." in sitting.refused(
        "chair", discussion.decide, WEST, CLOSE
    )
    assert "Already decided here: transfer to Northshire." in sitting.refused(
        "chair", discussion.decide, WEST, with_(CLOSE, replaces=(retain.id,))
    )
    both = with_(CLOSE, replaces=(retain.id, transfer.id))
    assert kinds(decides(sitting, both)) == [DecisionKind.NRM, DecisionKind.CLOSE]
    assert sitting.does("chair", undoing.undo_last, WEST).decisions == (retain, transfer, nrm)


def test_what_is_no_longer_in_force_or_of_another_case_is_not_replaced(sitting: Play) -> None:
    (retain,) = decides(sitting, RETAIN)
    sitting.does("chair", undoing.undo_last, WEST)
    for number in (retain.id, 4711):
        assert sitting.refused("chair", discussion.decide, WEST, with_(CLOSE, replaces=(number,))) == (
            "A decision that you chose no longer applies. `/meeting now` shows the decisions that do."
        )
    sitting.goes_to("WEST-0666")
    (other,) = decides(sitting, RETAIN)
    sitting.goes_to("WEST-0001", "coordinator")
    assert "no longer applies" in sitting.refused("chair", discussion.decide, WEST, with_(CLOSE, replaces=(other.id,)))


@pytest.mark.databases("sqlite", "postgresql")
def test_of_two_at_once_who_exclude_each_other_one_is_recorded(sitting: Play) -> None:
    ready = Barrier(2)

    def records(who: str, form: DecisionForm) -> str:
        def decide(work: Work) -> None:
            discussion.decide(work, actor(work, who), WEST, form)

        ready.wait()
        try:
            with sitting.store.work() as work:
                decide(work)
        except Mistake as refused:
            return str(refused)
        return ""

    with ThreadPoolExecutor(2) as people:
        said = list(people.map(records, ("chair", "coordinator"), (RETAIN, CLOSE)))
    assert sorted(one.partition(":")[0] for one in said) == ["", "Already decided here"]
    assert len(sitting.does("chair", discussion.current_item, WEST).decisions) == 1


def test_a_level_of_risk_holds_for_what_is_decided_beside_it(sitting: Play) -> None:
    decides(sitting, with_(RETAIN, risk_after=("ceraf", "high")), NRM)
    assert [
        (one.risk_before, one.risk_after) for one in decides(sitting, DecisionForm(DecisionKind.STRATEGY, "Now."))
    ] == [(level("ceraf", "medium"), level("ceraf", "high"))] * 3
    sitting.does("chair", opening.close_meeting, WEST)
    assert sitting.compiles() == ["WEST-0001"]
    (item,) = [one for one in sitting.does("chair", triage.show_agenda, WEST).items if one.title == "WEST-0001"]
    assert item.flag is not None
    assert (item.flag.facts.risk_level, item.flag.facts.purpose) == ("high", Purpose.REVIEW)


def test_a_risk_that_the_panel_assessed_brings_its_day_and_judgement_to_the_next_meeting(sitting: Play) -> None:
    assessed = {"risk_after": ("ceraf", "high"), "risk_assessed_on": date(2026, 3, 23), "risk_judgement": "It grows."}
    (retained,) = decides(sitting, with_(RETAIN, **assessed))
    assert (retained.risk_after, retained.risk_assessed_on, retained.risk_judgement) == (
        level("ceraf", "high"),
        date(2026, 3, 23),
        "It grows.",
    )
    sitting.does("chair", opening.close_meeting, WEST)
    assert sitting.compiles() == ["WEST-0001"]
    (item,) = [one for one in sitting.does("chair", triage.show_agenda, WEST).items if one.title == "WEST-0001"]
    assert item.flag is not None
    facts = item.flag.facts
    assert (facts.risk_level, facts.assessed_on, facts.score, item.flag.is_stale) == (
        "high",
        date(2026, 3, 23),
        None,
        False,
    )


TURNED_18 = DecisionForm(DecisionKind.CLOSE, "Eighteen in May.", close_reason=CloseReason.TURNED_18)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (with_(STEP_DOWN, rationale=" "), "Every decision needs its rationale."),
        (with_(RETAIN, review=None), "When should the panel review the case? Give a date."),
        (with_(CLOSE, close_reason=None), "Why is the case closed? Choose a reason."),
        (
            with_(STEP_DOWN, close_reason=CloseReason.MOVED),
            "Only a decision to close needs a reason for closing. Leave it empty.",
        ),
        (
            TURNED_18,
            "Who works with the young person next? Choose the adult route. If there is none, say why in the rationale.",
        ),
        (
            with_(CLOSE, adult_route=AdultRoute.MARAC),
            "Only a case closed at eighteen needs an adult route. Leave it empty.",
        ),
        (
            with_(RETAIN, adult_route=AdultRoute.MARAC),
            "Only a case closed at eighteen needs an adult route. Leave it empty.",
        ),
        (
            with_(CLOSE, review="next meeting"),
            "A closed case doesn't come back. Leave the date empty, or retain the case.",
        ),
        (with_(TRANSFER, area=" "), "To which area is the case transferred?"),
        (with_(RETAIN, area="Northshire"), "Only a decision to transfer needs an area. Leave it empty."),
        (with_(RETAIN, risk_assessed_on=date(2026, 3, 25)), "The assessment cannot be dated in the future."),
        (DecisionForm(DecisionKind.RETURN, "Back."), "West Operational MET cannot decide to return to district."),
    ],
)
def test_a_decision_that_says_too_little_or_too_much_is_refused(
    sitting: Play, form: DecisionForm, sentence: str
) -> None:
    assert sitting.refused("chair", discussion.decide, WEST, form) == sentence
    assert sitting.does("chair", discussion.current_item, WEST).decisions == ()


def test_an_area_that_looks_like_a_person_is_not_taken(sitting: Play) -> None:
    assert "phone" in sitting.refused("chair", discussion.decide, WEST, with_(TRANSFER, area="ring 07700 900123"))


def test_closing_at_eighteen_names_the_adult_route_wherever_it_is_read(sitting: Play) -> None:
    decides(sitting, with_(TURNED_18, adult_route=AdultRoute.ADULT_SERVICES))
    words = "close (turned 18, adult services)"
    assert words in str(views.current(sitting.does("nurse", discussion.current_item, WEST)))
    assert f"• WEST-0001: {words}" in closing_views.closed(sitting.does("chair", opening.close_meeting, WEST))
    draft = sitting.does("minutetaker", papers.draft_minutes, WEST)
    with sitting.store.work() as work:
        facts, _ = facts_for(work, actor(work, "nurse"), work.session.get_one(Minutes, draft.id))
    (item,) = [one for one in facts.items if one.title == "WEST-0001"]
    assert item.decisions[0].adult_route is AdultRoute.ADULT_SERVICES


@pytest.mark.databases("sqlite", "postgresql")
def test_every_decision_with_a_date_brings_the_case_to_the_first_meeting_on_or_after_it(play: Play) -> None:
    """A referral by 5 May comes back on 19 May, though the case was reviewed on 21 April."""
    add_june(play)
    play.accepted("WEST-0001")
    play.accepted("WEST-0002")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    decides(play, RETAIN, NRM)
    play.goes_to("WEST-0002")
    decides(play, DecisionForm(DecisionKind.STRATEGY, "It cannot wait.", review=date(2026, 4, 21)))
    play.does("chair", opening.close_meeting, WEST)
    assert play.compiles() == ["WEST-0001", "WEST-0002"]
    play.at(4, 21, 14)
    play.holds({"WEST-0001": STEP_DOWN, "WEST-0002": STEP_DOWN})
    assert play.compiles() == ["WEST-0001"]
    assert play.compiles() == ["WEST-0001"]
    play.at(5, 19, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.STRATEGY, "Referred.")})
    assert play.compiles() == []


def test_a_date_that_the_panel_replaced_or_took_back_brings_nothing(play: Play) -> None:
    for number in (1, 2, 3):
        play.accepted(f"WEST-000{number}")
    play.at(3, 24, 14)
    play.opens()
    play.goes_to("WEST-0001")
    (retain,) = decides(play, RETAIN)
    decides(play, with_(CLOSE, replaces=(retain.id,)))
    play.goes_to("WEST-0002")
    decides(play, STEP_DOWN, NRM)
    play.does("chair", undoing.undo_last, WEST)
    play.goes_to("WEST-0003")
    decides(play, with_(RETAIN, review=date(2026, 5, 19)))
    play.does("chair", opening.close_meeting, WEST)
    assert play.compiles() == []
    # Closed a month before its review was due: what was to be reviewed is over.
    play.accepted("WEST-0003")
    play.at(4, 21, 14)
    play.holds({"WEST-0003": CLOSE})
    assert play.compiles() == []


def test_a_review_whose_case_was_only_referred_meanwhile_still_comes(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": with_(RETAIN, review=date(2026, 5, 19))})
    play.accepted("WEST-0001")
    play.at(4, 21, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.STRATEGY, "Now.")})
    assert play.compiles() == ["WEST-0001"]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_transfer_is_asked_about_at_each_meeting_until_the_other_area_has_accepted(play: Play) -> None:
    add_june(play)
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": TRANSFER})
    asked = "Has Northshire accepted the transfer of this case?"
    for month, day in ((4, 21), (5, 19)):
        assert play.compiles() == ["WEST-0001"]
        play.at(month, day, 14)
        play.opens()
        reached = play.goes_to("WEST-0001")
        assert reached.item is not None
        assert reached.item.flag is not None
        facts = reached.item.flag.facts
        assert (facts.asked_of_panel, facts.purpose) == (asked, Purpose.REVIEW)
        _, card = views.current(reached)
        assert f"*{asked}* If they have accepted it, decide to close the case" in str(card)
        if month == 4:
            # Something else is decided: the panel keeps the case, and asks again.
            found = play.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.STRATEGY, "Now."))
            assert f"*{asked}*" in str(views.current(found))
        else:
            found = play.does("chair", discussion.decide, WEST, ACCEPTED)
            assert f"*{asked}*" not in str(views.current(found))
            assert "close (the other area has accepted it)" in str(views.current(found))
        play.does("chair", opening.close_meeting, WEST)
    assert play.compiles() == []


def test_once_the_other_area_has_accepted_a_case_that_comes_back_asks_what_it_asked_before(play: Play) -> None:
    play.accepted("WEST-0001")
    asked = []
    for month, day, forms in ((3, 24, [TRANSFER]), (4, 21, [ACCEPTED, NRM]), (5, 19, [])):
        play.at(month, day, 14)
        play.opens()
        reached = play.goes_to("WEST-0001")
        assert reached.item is not None
        assert reached.item.flag is not None
        asked.append(reached.item.flag.facts.asked_of_panel)
        if forms:
            decides(play, *forms)
        play.does("chair", opening.close_meeting, WEST)
    assert asked[1] == "Has Northshire accepted the transfer of this case?"
    assert asked[0] == asked[2] != asked[1]


def test_a_transfer_decided_on_with_another_date_is_asked_about_at_the_next_meeting_all_the_same(play: Play) -> None:
    play.accepted("WEST-0001")
    play.at(3, 24, 14)
    play.holds({"WEST-0001": with_(TRANSFER, review=date(2026, 5, 19))})
    assert play.compiles() == ["WEST-0001"]


def test_a_closed_items_decisions_are_told_to_its_readers_only(sitting: Play) -> None:
    sitting.goes_to("WEST-0666")
    decides(sitting, RETAIN, TRANSFER)
    hidden = sitting.does("coordinator", discussion.current_item, WEST)
    assert (hidden.item, hidden.decisions, hidden.asked) == (None, (), None)
    closing = sitting.does("coordinator", opening.close_meeting, WEST)
    assert (closing.decisions, closing.decided) == (0, ())
    assert "Northshire" not in closing_views.closed(closing)
    sitting.at(4, 21, 14)
    sitting.opens()
    assert sitting.goes_to("WEST-0666").asked is not None
    assert sitting.does("nurse", discussion.current_item, WEST).asked is None


def test_who_closes_the_meeting_is_noted_as_a_reader_of_what_was_decided(sitting: Play) -> None:
    decides(sitting, RETAIN, NRM)
    sitting.does("coordinator", opening.close_meeting, WEST)
    assert sitting.audited("read")[-1] == ("case", 1, "coordinator")
