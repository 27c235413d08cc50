"""Two references of one child become one case: nothing is lost, nobody reads more, the old reference leads there."""

import dataclasses
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col

from bot.models.actions import Action
from bot.models.cases import AgencyReference, Case, CaseReader, Flag, NrmReferral, Recusal
from bot.models.meetings import AgencyReturn
from bot.models.people import Agency, Person
from bot.models.vocabulary import (
    DecisionKind,
    FirstResponder,
    FlagState,
    NrmOutcome,
    NrmRoute,
    ReturnKnowledge,
)
from bot.records.cases.nrm import ReferralFacts
from bot.records.cases.queries import FlagView, view_flag
from bot.records.cases.references import references_ending, references_now
from bot.records.meeting.deciding import DecisionForm
from bot.services.actions.changes import add_action
from bot.services.agenda import returns, triage
from bot.services.cases import (
    assessments,
    closed_items,
    flags,
    interests,
    lists,
    merging,
    nrm,
    readings,
    withdrawing,
)
from bot.services.meeting import discussion
from bot.slack.cases import merge_views, views
from bot.store.rows import id_of
from tests.county import SHIRE, WEST, flag_form, user_id
from tests.services.conftest import Play, Stage
from tests.statements import counting

pytestmark = pytest.mark.databases("sqlite")
SAME = "The health number is the same."


def merges(play: Play, who: str = "chair", old: str = "WEST-0007", kept: str = "WEST-0001") -> merging.Merge:
    """Let a chair merge two references."""
    return play.does(who, merging.merge_references, WEST, old, kept, SAME)


def case_id(play: Play, reference: str) -> int:
    """Return the number of the row of a reference."""
    with play.store.reading() as work:
        return id_of(work.find_all(Case, col(Case.reference) == reference)[0])


def seen(play: Play, flag_id: int) -> FlagView:
    """Return a flag as it is shown, with what was written of it."""
    with play.store.reading() as work:
        return view_flag(work, work.session.get_one(Flag, flag_id))


def acts(play: Play, reference: str, text: str) -> None:
    """Give the nurse an action on a case."""
    given = {"holder_user_id": user_id("nurse"), "text": text, "due": "Friday", "case_reference": reference}
    play.does("coordinator", add_action, WEST, **given)


@pytest.mark.databases("sqlite", "postgresql")
def test_everything_of_both_is_one_cases_and_what_was_sealed_is_read(play: Play) -> None:
    play.accepted("WEST-0001", judgement="Seen in a car at night.")
    play.accepted("WEST-0007", "nurse", judgement="Three visits to the clinic.")
    acts(play, "WEST-0007", "ring the clinic")
    play.does("matron", interests.declare_interest, WEST, "WEST-0007")
    old, kept = case_id(play, "WEST-0007"), case_id(play, "WEST-0001")
    done = merges(play)
    assert (done.old.reference, done.kept.reference, done.old.flags, done.old.actions) == (
        "WEST-0007",
        "WEST-0001",
        1,
        1,
    )
    with play.store.reading() as work:
        for model in (Flag, Action, Recusal):
            assert {row.case_id for row in work.find_all(model)} == {kept}
        row = work.session.get_one(Case, old)
        assert (row.merged_into_id, row.merged_by_id) == (kept, play.county.person["chair"])
        assert row.merged_because is not None
        assert SAME.encode() not in row.merged_because
        assert work.open(row.merged_because) == SAME
    found = play.does("chair", lists.case_history, "WEST-0007")
    assert found == play.does("chair", lists.case_history, "WEST-0001")
    assert (found.reference, [action.text for action in found.actions]) == ("WEST-0001", ["ring the clinic"])
    said = {one.flag.facts.judgement: one.flag.flagged_as for one in found.hearings}
    assert said == {"Seen in a car at night.": "", "Three visits to the clinic.": "WEST-0007"}
    (merged,) = found.merged
    assert (merged.reference, merged.by_name, merged.on, merged.reason) == (
        "WEST-0007",
        "Chair",
        date(2026, 3, 2),
        SAME,
    )
    assert play.audited("merge") == [("case", old, "chair"), ("case", kept, "chair")]


def test_at_a_meeting_that_hears_both_they_are_one_item_with_what_either_agency_said(play: Play) -> None:
    kept = play.accepted("WEST-0001", judgement="Seen in a car at night.")
    play.accepted("WEST-0002")
    play.accepted("WEST-0007", "nurse", judgement="Three visits to the clinic.")
    assert play.compiles() == ["WEST-0001", "WEST-0002", "WEST-0007"]
    shared = play.does("chair", merging.preview_merge, WEST, "WEST-0007", "WEST-0001").shared
    assert [(title, f"{at:%d %B}") for title, at in shared] == [("West Operational MET", "24 March")]
    merges(play)
    view = play.does("chair", triage.show_agenda, WEST)
    items = [item for item in view.items if item.flag is not None]
    assert [item.title for item in items] == ["WEST-0001", "WEST-0002"]
    flag = seen(play, kept)
    assert (flag.id, flag.also, flag.facts.judgement) == (kept, ("WEST-0007",), "Seen in a car at night.")
    assert [(one.agency_name, one.flagged_as, one.facts.judgement) for one in flag.concerns] == [
        ("Health", "WEST-0007", "Three visits to the clinic.")
    ]
    assert "also WEST-0007" in views.marks(flag)


def test_what_one_agency_flagged_by_two_references_is_shown_beside_each_other(play: Play) -> None:
    kept = play.accepted("WEST-0001", judgement="Seen in a car at night.")
    play.at(3, 3)
    play.accepted("WEST-0007", judgement="A second phone.")
    merges(play)
    flag = seen(play, kept)
    assert flag.facts.judgement == "Seen in a car at night."
    assert [(one.agency_name, one.flagged_as, one.facts.judgement) for one in flag.concerns] == [
        ("Social Care", "WEST-0007", "A second phone.")
    ]


def test_numbers_that_members_hold_stay_and_the_other_items_number_is_nobodys(play: Play) -> None:
    for reference in ("WEST-0001", "WEST-0002", "WEST-0007"):
        play.accepted(reference)
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)

    def numbers() -> dict[str, str]:
        view = play.does("nurse", triage.show_agenda, WEST)
        return {item.title: item.number for item in view.items if item.flag is not None}

    before = numbers()
    merges(play, old="WEST-0001", kept="WEST-0007")
    assert numbers() == {one: before[one] for one in ("WEST-0002", "WEST-0007")}


def test_of_a_meeting_that_hears_the_old_one_only_the_item_has_the_kept_reference(play: Play) -> None:
    play.accepted("WEST-0007")
    play.compiles()
    play.at(3, 24, 14)
    play.opens()
    play.flags("WEST-0001", "nurse")
    merges(play)
    assert play.agenda() == ["WEST-0001"]
    play.goes_to("WEST-0001")
    play.does("chair", discussion.decide, WEST, DecisionForm(DecisionKind.RETAIN, "Still missing.", review="4 weeks"))
    heard = play.does("nurse", lists.case_history, "WEST-0007").hearings
    assert [[decision.rationale for decision in one.decisions] for one in heard] == [[], ["Still missing."]]


def test_the_old_reference_means_the_kept_case_wherever_it_is_typed(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted(
        "WEST-0007", "nurse", risk_tool=None, risk_level=None, assessed_on=None, assessment_due_on=date(2026, 3, 9)
    )
    merges(play)
    acts(play, "WEST-0007", "ring the clinic")
    kept = case_id(play, "WEST-0001")
    assert play.does("chair", readings.who_has_read, WEST, "WEST-0007").reference == "WEST-0001"
    assert play.does("nurse", withdrawing.flag_to_withdraw, WEST, "WEST-0007").case_id == kept
    assert play.does("chair", triage.defer_case, WEST, "WEST-0007", "It can wait.").case_id == kept
    assert play.does("constable", flags.flag_case, WEST, flag_form("WEST-0007")).case_id == kept
    assert play.does("chair", interests.declare_interest, WEST, "WEST-0007").reference == "WEST-0001"
    with play.store.reading() as work:
        assert {action.case_id for action in work.find_all(Action)} == {kept}
    assert play.refused("chair", lists.case_history, "WEST-0007").startswith("I can't find case WEST-0007")


def test_who_read_the_old_one_before_has_read_the_case(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0007")
    play.does("nurse", lists.case_history, "WEST-0007")
    merges(play)
    assert "Nurse" in {one.name for one in play.does("chair", readings.who_has_read, WEST, "WEST-0001").people}


def test_returns_of_both_are_brought_to_the_one_item(play: Play) -> None:
    first, second = play.accepted("WEST-0001"), play.accepted("WEST-0007")
    play.at(3, 17)
    play.does("coordinator", triage.publish_agenda, WEST)
    known, unknown = ReturnKnowledge.KNOWN, ReturnKnowledge.NOT_KNOWN
    play.does("nurse", returns.make_return, first, unknown, "", "HEALTH-0001")
    play.does("nurse", returns.make_return, second, known, "Seen in March.", "HEALTH-0007")
    play.does("constable", returns.make_return, first, unknown, "", "MET-0003")
    play.does("constable", returns.make_return, second, known, "One crime report.")
    merges(play)
    with play.store.reading() as work:
        rows = work.find_all(AgencyReturn, by=[col(AgencyReturn.agency_id)])
        said = sorted((row.flag_id, row.knowledge, work.open(row.text)) for row in rows if row.text)
        own = sorted(work.open(row.reference) for row in work.find_all(AgencyReference))
    assert own == ["HEALTH-0001", "MET-0003"]
    assert said == [(first, known, "One crime report."), (first, known, "Seen in March.")]


def test_an_interest_in_either_keeps_the_person_from_both(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0007")
    play.does("nurse", interests.declare_interest, WEST, "WEST-0007")
    play.does("constable", interests.declare_interest, WEST, "WEST-0001")
    for reference in ("WEST-0001", "WEST-0007"):
        play.does("matron", interests.declare_interest, WEST, reference)
    merges(play)
    for who in ("nurse", "constable", "matron"):
        assert play.agenda(who) == []
        for reference in ("WEST-0001", "WEST-0007"):
            assert play.refused(who, lists.case_history, reference).startswith(f"I can't find case {reference}")
    with play.store.reading() as work:
        standing = [one.person_id for one in work.find_all(Recusal, col(Recusal.withdrawn_at).is_(None))]
    assert sorted(standing) == sorted(play.county.person[who] for who in ("nurse", "constable", "matron"))


def test_a_closed_item_and_an_open_one_are_not_merged_and_it_is_said_what_to_do(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0666", closed=True)
    for pair in (("WEST-0666", "WEST-0001"), ("WEST-0001", "WEST-0666")):
        assert play.refused("chair", merging.merge_references, WEST, *pair, SAME) == (
            "WEST-0666 is a closed item and WEST-0001 isn't, so merging them would let more people read it. First "
            "close WEST-0001 as well (`/case close-item WEST-0001 because REASON`) or open WEST-0666 "
            "(`/case open-item WEST-0666 because REASON`)."
        )


def test_closed_items_are_merged_only_when_the_same_people_read_both(play: Play) -> None:
    play.accepted("WEST-0666", closed=True)
    play.flags("WEST-0667", closed=True)
    why = "She visits the family."
    play.does("chair", closed_items.name_reader, WEST, "WEST-0667", user_id("nurse"), why)
    pair = ("WEST-0667", "WEST-0666")
    assert play.refused("chair", merging.preview_merge, WEST, *pair).startswith(
        "WEST-0667 and WEST-0666 are closed items with different readers"
    )
    play.does("chair", closed_items.end_reader, WEST, "WEST-0667", user_id("nurse"), "It is over.")
    play.does("chair", merging.merge_references, WEST, *pair, SAME)
    kept = case_id(play, "WEST-0666")
    with play.store.reading() as work:
        assert {one.case_id for one in work.find_all(CaseReader)} == {kept}
        assert work.session.get_one(Case, kept).is_closed
    play.compiles()
    for who, sees in {"socialworker": True, "vicechair": True, "nurse": False, "coordinator": False}.items():
        assert bool(play.agenda(who)) is sees


def test_who_may_not_read_a_closed_item_learns_no_other_reference_from_their_own_flag(play: Play) -> None:
    play.accepted("WEST-0666", closed=True)
    play.flags("WEST-0667", closed=True)
    theirs = play.does("nurse", flags.flag_case, WEST, flag_form("WEST-0667"))
    play.does("chair", merging.merge_references, WEST, "WEST-0667", "WEST-0666", SAME)
    assert [flag.reference for flag in play.does("nurse", lists.list_flags, WEST).flags] == ["WEST-0667"]
    found = play.does("nurse", lists.case_history, "WEST-0667")
    assert (found.reference, found.merged, [one.flag.reference for one in found.hearings]) == (
        "WEST-0667",
        (),
        ["WEST-0667"],
    )
    assert play.refused("nurse", lists.case_history, "WEST-0666").startswith("I can't find case WEST-0666")
    assert play.does("nurse", withdrawing.flag_to_withdraw, WEST, "WEST-0667").reference == "WEST-0667"
    assert play.refused("nurse", withdrawing.flag_to_withdraw, WEST, "WEST-0666").startswith("I can't find a flag")
    # Flagged by the other reference as well, it is as new as any.
    again = play.does("nurse", flags.flag_case, WEST, flag_form("WEST-0666"))
    assert (again.reference, theirs.reference) == ("WEST-0666", "WEST-0667")


def test_only_a_chair_who_reads_both_merges_them(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0007")
    play.flags("WEST-0666", closed=True)
    only_a_chair = (
        "Only the chair or the vice-chair of a panel that hears both references can merge them. Ask your chair."
    )
    for who in ("coordinator", "socialworker", "nurse"):
        assert play.refused(who, merging.preview_merge, WEST, "WEST-0007", "WEST-0001") == only_a_chair
    play.does("vicechair", interests.declare_interest, WEST, "WEST-0007")
    for pair in (("WEST-0007", "WEST-0001"), ("WEST-0001", "WEST-0007")):
        assert play.refused("vicechair", merging.preview_merge, WEST, *pair).startswith("I can't find case WEST-0007")
    play.flags("SHIRE-0001", "matron", SHIRE)
    assert play.refused("chair", merging.preview_merge, WEST, "SHIRE-0001", "WEST-0001").startswith(
        "I can't find case SHIRE-0001"
    )


def test_one_reference_twice_and_one_that_is_merged_already_are_refused(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0007")
    pair = (WEST, "WEST-0001", "west-0001", SAME)
    assert play.refused("chair", merging.merge_references, *pair) == (
        "Those are the same reference. Name the reference to merge, and the one to keep."
    )
    assert play.refused("chair", merging.merge_references, WEST, "WEST-0007", "WEST-0001", " ") == (
        "How do you know that both are one child? Please give the reason. The case history keeps it."
    )
    merges(play)
    for one, other in (("WEST-0007", "WEST-0001"), ("WEST-0001", "WEST-0007")):
        assert play.refused("chair", merging.merge_references, WEST, one, other, SAME) == (
            f"{one} and {other} are one case already."
        )


def test_heard_apart_at_one_meeting_both_keep_their_decisions_and_come_back_as_one(play: Play) -> None:
    play.accepted("WEST-0001", judgement="Seen in a car at night.")
    play.accepted("WEST-0007", "nurse", judgement="Three visits to the clinic.")
    play.at(3, 24, 14)
    retain = DecisionForm(DecisionKind.RETAIN, "Still missing.", review="4 weeks")
    play.holds({"WEST-0001": retain, "WEST-0007": retain})
    play.at(3, 25)
    merges(play)
    found = play.does("chair", lists.case_history, "WEST-0001").hearings
    heard = [(one.flag.flagged_as, len(one.decisions)) for one in found if one.flag.meeting_at.month == 3]
    assert sorted(heard) == [("", 1), ("WEST-0007", 1)]
    assert play.compiles() == ["WEST-0001"]


def test_a_chain_of_merged_references_leads_to_the_last(play: Play) -> None:
    for reference in ("WEST-0001", "WEST-0002", "WEST-0007"):
        play.accepted(reference)
    merges(play, old="WEST-0007", kept="WEST-0002")
    merges(play, old="WEST-0007", kept="WEST-0001")  # which means WEST-0002 by now
    found = play.does("chair", lists.case_history, "WEST-0007")
    assert (found.reference, [one.reference for one in found.merged]) == ("WEST-0001", ["WEST-0007", "WEST-0002"])
    assert {one.flag.flagged_as for one in found.hearings} == {"", "WEST-0002", "WEST-0007"}


def test_a_merged_reference_leads_only_those_to_its_case_who_may_read_it(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0007")
    merges(play)
    readers = ("chair", "nurse", "countychair", "observer")
    assert [play.does(who, references_now, ["west-0007"]) for who in readers] == [
        {"WEST-0007": "WEST-0001"},
        {"WEST-0007": "WEST-0001"},
        {},
        {},
    ]
    play.does("chair", closed_items.close_item, WEST, "WEST-0001", "A sibling sits near.")
    assert [play.does(who, references_now, ["west-0007"]) for who in readers] == [
        {"WEST-0007": "WEST-0001"},
        {},
        {},
        {},
    ]


def test_digits_alone_mean_only_cases_that_the_person_may_read(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0666", closed=True)
    readers = ("chair", "nurse", "countychair", "observer")
    assert [play.does(who, references_ending, "0001") for who in readers] == [["WEST-0001"], ["WEST-0001"], [], []]
    assert [play.does(who, references_ending, "666") for who in readers] == [["WEST-0666"], [], [], []]


def test_while_a_meeting_that_hears_both_is_held_they_wait_until_it_has_closed(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0007")
    play.at(3, 24, 14)
    play.opens()
    assert play.refused("chair", merging.preview_merge, WEST, "WEST-0007", "WEST-0001") == (
        "A meeting that hears both cases is open. Merge them once it has closed."
    )


def test_referrals_that_contradict_each_other_are_made_alike_first(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0007")
    play.at(3, 24, 14)
    to_nrm = DecisionForm(DecisionKind.NRM, "Trafficked.", review="1 week")
    play.holds({"WEST-0001": to_nrm, "WEST-0007": to_nrm})
    facts = ReferralFacts(date(2026, 3, 24), FirstResponder.POLICE, NrmRoute.AUTHORITY)
    decided = ReferralFacts(
        date(2026, 3, 24), FirstResponder.POLICE, NrmRoute.AUTHORITY, NrmOutcome.POSITIVE, date(2026, 3, 24)
    )
    for reference, said in (("WEST-0001", facts), ("WEST-0007", decided)):
        play.does("chair", nrm.record_referral, WEST, case_id(play, reference), said)
    assert play.refused("chair", merging.merge_references, WEST, "WEST-0007", "WEST-0001", SAME) == (
        "Both have an NRM referral of 24 March 2026, with different answers. Make them the same first: "
        "`/case nrm WEST-0007` and `/case nrm WEST-0001`."
    )
    with play.store.reading() as work:
        first = id_of(work.find_all(NrmReferral, col(NrmReferral.case_id) == case_id(play, "WEST-0001"))[0])
    play.does("chair", nrm.record_referral, WEST, case_id(play, "WEST-0001"), decided, first)
    merges(play)
    found = play.does("chair", lists.case_history, "WEST-0001")
    assert [one.facts for one in found.referrals] == [decided]
    assert [one.flag.flagged_as for one in found.hearings if one.decisions] == ["WEST-0007", ""]


def test_an_assessment_promised_by_either_is_owed_once_for_the_case(play: Play) -> None:
    missing = {"risk_tool": None, "risk_level": None, "assessed_on": None, "assessment_due_on": date(2026, 3, 9)}
    play.accepted("WEST-0001", **missing)
    play.accepted("WEST-0007", **missing)
    merges(play)
    waiting = play.does("socialworker", assessments.flag_to_assess, WEST, "WEST-0007").flag
    given = {"risk_tool": "ceraf", "risk_level": "high", "assessed_on": date(2026, 3, 2)}
    play.does("socialworker", assessments.add_assessment, waiting.id, given)
    with play.store.reading() as work:
        live = [flag.risk_level for flag in work.find_all(Flag, col(Flag.state) == FlagState.ACCEPTED)]
    assert live == ["high"]


def test_chairs_co_ordinators_and_everyone_who_flagged_either_are_told_once_without_the_reason(play: Play) -> None:
    play.accepted("WEST-0001")
    play.accepted("WEST-0007", "nurse")
    play.flags("WEST-0007", "matron", SHIRE)
    play.flags("WEST-0001", "constable")
    play.does("constable", withdrawing.withdraw_flag, WEST, "WEST-0001", "It was another child.")
    merges(play, "vicechair")
    told = ["chair", "coordinator", "countychair", "matron", "nurse", "socialworker"]
    assert sorted(who for _, who in play.sent("references_merged")) == told
    assert play.does("nurse", merging.merge_for_notice, case_id(play, "WEST-0007")).reference == "WEST-0001"
    notice = play.does("countychair", merging.merge_for_notice, case_id(play, "WEST-0007"))
    text, blocks = merge_views.told(notice)
    assert text == (
        "*WEST-0007* and *WEST-0001* are the same child, and now one case: Vicechair merged them for West "
        "Operational MET. Use *WEST-0001* from now on. If you type the old reference, you get this one."
    )
    assert SAME not in str(blocks)
    # What the chair of another panel gave as the reason stays with the panel.
    (seen,) = play.does("countychair", lists.case_history, "WEST-0007").merged
    assert (seen.panel_title, seen.reason) == ("West Operational MET", "")
    play.does("countychair", interests.declare_interest, SHIRE, "WEST-0007")
    assert play.refused("countychair", merging.merge_for_notice, case_id(play, "WEST-0007")).startswith("I can't find")
    assert play.refused("nurse", merging.merge_for_notice, 999).startswith("I can't find")


def grown(play: Play, count: int) -> None:
    """Give both cases as many flags of one moment, returns, interests, NRM referrals and agencies' references."""
    with play.store.work() as work:
        old, kept = (work.find_all(Case, col(Case.reference) == name)[0] for name in ("WEST-0007", "WEST-0001"))
        flags_of = [work.find_all(Flag, col(Flag.case_id) == case.id)[0] for case in (old, kept)]
        person, agency = work.session.get_one(Person, 1), work.session.get_one(Agency, 1)
        for number in range(count):
            key = f"more-{number}"
            there = Agency(**agency.model_dump(exclude={"id", "key"}), key=key)
            work.session.add(there)
            work.session.flush()
            usual = person.model_dump(exclude={"id", "key", "user_id", "agency_id", "leads_agency"})
            one = Person(**usual, key=key, user_id=f"U{number:05}", agency_id=id_of(there))
            work.session.add(one)
            work.session.flush()
            who = {"person_id": id_of(one)}
            at = work.now - timedelta(days=number + 1)
            for case, flag in zip((old, kept), flags_of, strict=True):
                facts = flag.model_dump(exclude={"id", "flagged_at", "state", "triage_reason"})
                sealed = work.seal(case.data_key_id, f"Elsewhere, said {key}.")
                signposted = {"state": FlagState.SIGNPOSTED, "triage_reason": sealed, "flagged_at": at}
                is_of_case = {"case_id": id_of(case)}
                returned = {"text": sealed, "knowledge": ReturnKnowledge.NOT_KNOWN, "returned_at": work.now}
                referred = ReferralFacts(date(2026, 1, number + 1), FirstResponder.POLICE, NrmRoute.AUTHORITY)
                work.session.add_all(
                    [
                        Flag(**facts, **signposted),
                        AgencyReturn(flag_id=id_of(flag), agency_id=id_of(there), **who, **returned),
                        Recusal(**is_of_case, **who, declared_at=at),
                        AgencyReference(
                            **is_of_case, **who, agency_id=id_of(there), reference=sealed, written_at=work.now
                        ),
                        NrmReferral(
                            **is_of_case,
                            **dataclasses.asdict(referred),
                            panel_id=play.county.west_id,
                            written_by_id=id_of(one),
                            written_at=work.now,
                        ),
                    ]
                )
        work.session.flush()


def test_references_with_many_rows_are_merged_in_as_many_statements(stage: Stage) -> None:
    def asked(count: int) -> tuple[int, list[int]]:
        with stage() as play:
            play.accepted("WEST-0001")
            play.accepted("WEST-0007", "nurse")
            grown(play, count)
            with counting(play.store.engine) as statements:
                merges(play)
            rows = []
            with play.store.reading() as work:
                kept = case_id(play, "WEST-0001")
                for model in (Flag, Recusal, AgencyReference, NrmReferral):
                    of_kept: Any = model
                    rows.append(len(work.find_all(model, of_kept.case_id == kept)))
                rows.append(len(work.find_all(AgencyReturn)))
                ended = work.find_all(Recusal, col(Recusal.withdrawn_at).is_not(None))
                rows.append(len(ended))
        return len(statements), rows

    few, many = asked(2), asked(20)
    assert few[1] == [2 * 2 + 2, 2 * 2, 2, 2, 2, 2]
    assert many[1] == [2 * 20 + 2, 2 * 20, 20, 20, 20, 20]
    assert few[0] == many[0]


def test_what_became_of_a_flag_never_tells_who_may_not_read_it_the_other_reference(play: Play) -> None:
    play.accepted("WEST-0666", closed=True)
    play.flags("WEST-0667", closed=True)
    theirs = play.does("nurse", flags.flag_case, WEST, flag_form("WEST-0667"))
    play.does("chair", merging.merge_references, WEST, "WEST-0667", "WEST-0666", SAME)
    seen = {
        who: play.does(who, triage.triaged_flag_for_notice, theirs.id)[0].reference for who in ("nurse", "socialworker")
    }
    assert seen == {"nurse": "WEST-0667", "socialworker": "WEST-0666"}
