"""Closed items: nobody hides, opens or reads another panel's case, and nothing owed on one falls silent."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select

from bot.errors import NotForYou
from bot.models.cases import Case, CaseReader
from bot.models.outbox import OutboxRow
from bot.models.vocabulary import ActionKind, ActionState, AgeBand, DecisionKind
from bot.records.meeting.deciding import DecisionForm
from bot.services.actions import accepting, changes, chasing, tracker
from bot.services.agenda import triage
from bot.services.agenda.owed import GATHERINGS
from bot.services.cases import assessments, closed_items, editing, flags, interests, lists, readings, withdrawing
from bot.services.home import overview
from bot.slack.cases import closed_views, views
from tests.county import SHIRE, WEST, flag_form, user_id
from tests.services.conftest import Play

pytestmark = pytest.mark.databases("sqlite")


def _case(play: Play, reference: str = "WEST-0001") -> tuple[Any, ...]:
    """Return whether it is a closed item, its district, and its named readers."""
    with play.store.reading() as work:
        case = work.session.exec(select(Case).where(col(Case.reference) == reference)).one()
        by_number = {number: key for key, number in play.county.person.items()}
        readers = work.session.exec(select(CaseReader.person_id).where(col(CaseReader.case_id) == case.id))
        return case.is_closed, case.area_id, sorted(by_number[number] for number in readers)


@pytest.mark.databases("sqlite", "postgresql")
def test_a_tick_at_another_panel_joins_the_case_and_changes_nothing_of_it(play: Play) -> None:
    play.accepted("WEST-0001")
    before = _case(play)
    play.does("matron", flags.flag_case, SHIRE, flag_form("WEST-0001", closed=True, age_band=AgeBand.UNDER_11))
    assert _case(play) == before
    history = play.does("nurse", lists.case_history, "WEST-0001")
    assert [one.flag.facts.age_band for one in history.hearings] == [AgeBand.FROM_14_TO_15]


def test_a_tick_by_another_agency_of_the_panel_is_refused_and_the_chair_named(play: Play) -> None:
    play.flags("WEST-0001")
    before = _case(play)
    for who in ("nurse", "socialworker"):
        assert play.refused(who, flags.flag_case, WEST, flag_form("WEST-0001", closed=True)) == (
            "WEST-0001 is already on West Operational MET, so a flag can't make it a closed item. "
            "Leave the tick out, or ask the chair to make it a closed item first: "
            "`/case close-item WEST-0001 west-met because REASON`."
        )
    assert _case(play) == before


def test_a_new_reference_is_closed_at_once(play: Play) -> None:
    play.flags("WEST-0001", closed=True)
    is_closed, _, readers = _case(play)
    assert (is_closed, readers) == (True, ["chair", "socialworker", "vicechair"])


def test_a_ticked_reference_is_answered_alike_new_held_elsewhere_or_kept_from_them(play: Play) -> None:
    play.flags("WEST-0001")
    play.flags("WEST-0002", closed=True)
    told = []
    for reference in ("WEST-0001", "WEST-0002", "WEST-0003"):
        view = play.does("matron", flags.flag_case, SHIRE, flag_form(reference, closed=True))
        history = play.does("matron", lists.case_history, reference)
        shown = (views.flagged(view, closed=True), history.hearings[0].flag.is_closed_item, len(history.hearings))
        told.append(str(shown).replace(reference, "REFERENCE"))
    listed = play.does("matron", lists.list_flags, SHIRE).flags
    told += [views.marks(flag) for flag in listed]
    # On West too the matron reads the open case, as every representative there does: one hearing more.
    assert told[0].replace(", 2)", ", 1)") == told[1] == told[2]
    assert told[3] == told[4] == told[5]
    assert (
        "If it was flagged before, a chair decides who can see it. Your flag doesn't change who can see it." in told[0]
    )


WHY = "A colleague is named."


def _told(play: Play) -> list[tuple[str, str]]:
    """Return who is told of each change of who sees a case, with the words, without those who may not know."""
    with play.store.reading() as work:
        rows = work.session.exec(select(OutboxRow).order_by(col(OutboxRow.id))).all()
        payloads = [row.payload for row in rows if row.kind == "access_changed"]
    by_number = {number: key for key, number in play.county.person.items()}
    found = []
    for payload in payloads:
        who = by_number[payload["person_id"]]
        try:
            notice = play.does(who, closed_items.change_for_notice, payload["event_id"])
        except NotForYou:
            continue
        if notice is not None:
            found.append((who, closed_views.told(notice)))
    return found


def _heard_by_both(play: Play) -> None:
    play.accepted("WEST-0001")
    play.flags("WEST-0001", "matron", SHIRE)


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize(("who", "where", "panel"), [("chair", WEST, "West"), ("countychair", SHIRE, "Shire")])
def test_the_chair_of_either_panel_closes_a_case_and_the_other_is_a_reader_and_told(
    play: Play, who: str, where: Any, panel: str
) -> None:
    _heard_by_both(play)
    play.does(who, closed_items.close_item, where, "west-0001", WHY)
    is_closed, _, readers = _case(play)
    assert (is_closed, readers) == (True, ["chair", "countychair", "matron", "socialworker", "vicechair"])
    told = dict(_told(play))
    assert sorted(told) == sorted(set(readers) - {who})
    other = "countychair" if who == "chair" else "chair"
    said = (
        f"*WEST-0001* is now a closed item: {who.title()} closed it for {panel} Operational MET. You can still see it."
    )
    key = "west-met" if other == "chair" else "shire-met"
    assert told[other] == f"{said} `/case readers WEST-0001 {key}` shows why."
    assert told["socialworker"] == said
    assert WHY not in str(told)
    assert play.refused("nurse", lists.case_history, "WEST-0001").startswith("I can't find case WEST-0001")
    assert play.audited("access_closed") == [("case", 1, who)]
    other_where = SHIRE if where is WEST else WEST
    play.does(other, closed_items.open_item, other_where, "WEST-0001", "It was another family.")
    assert _case(play)[::2] == (False, [])
    assert play.does("nurse", lists.case_history, "WEST-0001").reference == "WEST-0001"
    assert f"opened it for {'Shire' if other_where is SHIRE else 'West'}" in dict(_told(play))[who]
    history = play.does(who, closed_items.show_readers, where, "WEST-0001").history
    assert [(line.kind.value, line.by_name, line.reason) for line in history] == [
        ("closed", who.title(), WHY),
        ("opened", other.title(), "It was another family."),
    ]


@pytest.mark.parametrize("who", ["socialworker", "nurse", "coordinator", "minutetaker"])
def test_nobody_but_a_chair_decides_who_sees_a_case_and_each_reference_is_refused_alike(play: Play, who: str) -> None:
    play.flags("WEST-0001")
    play.flags("WEST-0666", closed=True)
    refused = {
        play.refused(who, change, WEST, reference, *person, *reason)
        for reference in ("WEST-0001", "WEST-0666", "WEST-0777")
        for change, person, reason in (
            (closed_items.close_item, (), (WHY,)),
            (closed_items.open_item, (), (WHY,)),
            (closed_items.name_reader, (user_id("nurse"),), (WHY,)),
            (closed_items.end_reader, (user_id("nurse"),), (WHY,)),
            (closed_items.show_readers, (), ()),
        )
    }
    assert len(refused) == 1
    assert refused.pop().startswith("Only the chair or the vice-chair of a panel that hears a case decides who can see")


@pytest.mark.databases("sqlite", "postgresql")
def test_a_chair_changes_nothing_of_a_case_that_their_panel_does_not_hear(play: Play) -> None:
    play.flags("WEST-0001")
    play.flags("WEST-0666", closed=True)
    before = [_case(play, reference) for reference in ("WEST-0001", "WEST-0666")]
    for how in ("never flagged there", "flagged by one who is no reader", "withdrawn"):
        if how == "flagged by one who is no reader":
            play.flags("WEST-0666", "matron", SHIRE)
        if how == "withdrawn":
            play.flags("WEST-0001", "matron", SHIRE)
            play.does("matron", withdrawing.withdraw_flag, SHIRE, "WEST-0001", "They moved.")
        for change in (closed_items.close_item, closed_items.open_item):
            for reference in ("WEST-0001", "WEST-0666", "WEST-0777"):
                said = play.refused("countychair", change, SHIRE, reference, WHY)
                assert said.startswith(f"I can't find case {reference}, or it isn't for you."), how
    assert [_case(play, reference) for reference in ("WEST-0001", "WEST-0666")] == before


def test_a_reader_is_named_and_ended_by_the_chair_with_a_reason_and_told(play: Play) -> None:
    play.accepted("WEST-0666", closed=True)
    named = play.does("chair", closed_items.name_reader, WEST, "WEST-0666", user_id("nurse"), WHY)
    assert [(one.name, one.office) for one in named.readers] == [
        ("Chair", "chair"),
        ("Nurse", None),
        ("Socialworker", None),
        ("Vicechair", "vice_chair"),
    ]
    assert play.does("nurse", lists.case_history, "WEST-0666").reference == "WEST-0666"
    assert dict(_told(play))["nurse"] == (
        "*WEST-0666*, a closed item of West Operational MET: Chair named you as a reader."
    )
    play.does("vicechair", closed_items.end_reader, WEST, "WEST-0666", user_id("nurse"), "Her part is done.")
    assert play.refused("nurse", lists.case_history, "WEST-0666").startswith("I can't find case WEST-0666")
    assert dict(_told(play))["nurse"] == (
        "You are no longer a reader of a closed item of West Operational MET. "
        "If you think that is wrong, ask Vicechair."
    )
    shown = str(closed_views.shown(play.does("chair", closed_items.show_readers, WEST, "WEST-0666")))
    assert WHY in shown
    assert "Her part is done." in shown
    assert play.audited("access_named") == [("case", 1, "chair"), ("person", play.county.person["nurse"], "chair")]


@pytest.mark.parametrize(
    ("change", "given", "sentence"),
    [
        (
            closed_items.close_item,
            (WHY,),
            "WEST-0666 is a closed item already: `/case readers WEST-0666 west-met` shows who",
        ),
        (closed_items.open_item, (" ",), "Please say why, after the word because."),
        (closed_items.open_item, ("Call 07700 900123.",), "phone number"),
        (
            closed_items.name_reader,
            (user_id("outsider"), WHY),
            "Outsider can't read cases on any panel that hears WEST-0666.",
        ),
        (
            closed_items.name_reader,
            (user_id("observer"), WHY),
            "Observer can't read cases on any panel that hears WEST-0666.",
        ),
        (closed_items.name_reader, ("UNOBODY", WHY), "<@UNOBODY> is not enrolled."),
        (closed_items.name_reader, (user_id("socialworker"), WHY), "Socialworker is a reader of WEST-0666 already."),
        (closed_items.name_reader, (user_id("constable"), WHY), "Constable has declared an interest in WEST-0666"),
        (closed_items.end_reader, (user_id("nurse"), WHY), "Nurse is not a reader of WEST-0666."),
        (closed_items.end_reader, (user_id("vicechair"), WHY), "Vicechair reads WEST-0666 as a chair"),
    ],
)
def test_what_cannot_be_changed_is_said_and_nothing_is_kept(
    play: Play, change: Any, given: tuple[str, ...], sentence: str
) -> None:
    play.accepted("WEST-0666", closed=True)
    play.does("chair", interests.declare_interest, WEST, "WEST-0666", user_id("constable"))
    before = _case(play, "WEST-0666")
    assert sentence in play.refused("chair", change, WEST, "WEST-0666", *given)
    assert _case(play, "WEST-0666") == before
    assert play.does("chair", closed_items.show_readers, WEST, "WEST-0666").history == ()


def test_an_open_case_has_no_readers_to_change(play: Play) -> None:
    play.flags("WEST-0001")
    for change, given in (
        (closed_items.open_item, (WHY,)),
        (closed_items.name_reader, (user_id("nurse"), WHY)),
        (closed_items.end_reader, (user_id("nurse"), WHY)),
    ):
        assert play.refused("chair", change, WEST, "WEST-0001", *given) == (
            "WEST-0001 is not a closed item: everyone who reads cases on its panels sees it."
        )


def test_a_chair_who_stepped_back_neither_closes_nor_hears_of_it(play: Play) -> None:
    _heard_by_both(play)
    play.does("countychair", interests.declare_interest, SHIRE, "WEST-0001")
    assert play.refused("countychair", closed_items.close_item, SHIRE, "WEST-0001", WHY).startswith("I can't find")
    play.does("chair", closed_items.close_item, WEST, "WEST-0001", WHY)
    assert "countychair" not in dict(_told(play))


def test_what_waited_beside_a_closed_item_is_heard_with_it_once_it_is_opened(play: Play) -> None:
    first = play.flags("WEST-0666", closed=True)
    play.flags("WEST-0666", "nurse")
    play.does("chair", closed_items.open_item, WEST, "WEST-0666", WHY)
    play.does("chair", triage.triage_flag, first, triage.Verdict.ACCEPT)
    assert play.compiles() == ["WEST-0666"]
    assert len(play.does("nurse", lists.case_history, "WEST-0666").hearings) == 2


def _given_to_nurse_then_closed(play: Play) -> int:
    play.accepted("WEST-0001")
    given = {"text": "See the family", "due": "2026-03-09", "case_reference": "WEST-0001", "kind": ActionKind.VISIT}
    action = play.does("chair", changes.add_action, WEST, holder_user_id=user_id("nurse"), **given)
    play.does("chair", closed_items.close_item, WEST, "WEST-0001", WHY)
    return action.id


@pytest.mark.databases("sqlite", "postgresql")
def test_what_is_owed_on_a_case_that_is_closed_stays_with_its_holder_without_its_words(play: Play) -> None:
    number = _given_to_nurse_then_closed(play)
    assert "nurse" not in _case(play)[2]
    assert "nurse" not in dict(_told(play))
    (kept,) = play.does("nurse", tracker.list_actions, WEST, "mine").actions
    assert (kept.id, kept.kind, kept.case_reference, kept.is_kept) == (number, ActionKind.VISIT, None, True)
    assert kept.text == "(this action's case is closed: a chair of the panel can tell you what it says)"
    assert play.does("nurse", tracker.show_action, number).action == kept
    assert play.does("nurse", overview.home_of).actions == (kept,)
    assert play.does("nurse", tracker.list_actions, WEST, "all").actions == (kept,)
    assert play.does("matron", tracker.list_actions, WEST, "all").actions == ()  # their agency's colleague
    assert play.refused("nurse", lists.case_history, "WEST-0001").startswith("I can't find")
    play.at(3, 9)
    assert play.ticks(chasing.DIGESTS) == 1
    assert [one.action.id for one in play.does("nurse", chasing.compose_digest, date(2026, 3, 9)).lines] == [number]


def test_the_holder_answers_for_an_action_whose_words_are_kept_from_them(play: Play) -> None:
    number = _given_to_nurse_then_closed(play)
    longer = play.does("nurse", changes.extend_action, number, due="2026-03-16", reason="Nobody was in.")
    assert (longer.granted, longer.action.due_on, longer.action.is_kept) == (True, date(2026, 3, 16), True)
    assert [one.reason for one in play.does("nurse", tracker.show_action, number).history] == [None, None]
    assert [one.reason for one in play.does("chair", tracker.show_action, number).history] == [None, "Nobody was in."]
    assert play.refused("nurse", changes.reassign_action, number, holder_user_id=user_id("matron")) == (
        "The case of this action is closed: only a chair of the panel can pass the action on."
    )
    assert play.does("nurse", changes.complete_action, number).state is ActionState.DONE
    assert play.does("chair", accepting.accept_action, number).state is ActionState.CONFIRMED


def test_no_read_of_a_closed_item_is_noted_for_a_holder_who_sees_only_the_number(play: Play) -> None:
    _given_to_nurse_then_closed(play)
    before = play.does("chair", readings.who_has_read, WEST, "WEST-0001").people
    play.does("nurse", tracker.list_actions, WEST, "mine")
    play.does("nurse", overview.home_of)
    after = play.does("chair", readings.who_has_read, WEST, "WEST-0001").people
    assert [(one.name, one.times) for one in after] == [(one.name, one.times) for one in before]


def test_an_interest_keeps_even_ones_own_action_away(play: Play) -> None:
    number = _given_to_nurse_then_closed(play)
    play.does("chair", interests.declare_interest, WEST, "WEST-0001", user_id=user_id("nurse"))
    assert play.does("nurse", tracker.list_actions, WEST, "mine").actions == ()
    assert play.refused("nurse", changes.complete_action, number) == str(NotForYou(f"action {number}"))


def test_the_chair_sees_who_keeps_an_action_and_passes_it_on(play: Play) -> None:
    number = _given_to_nurse_then_closed(play)
    shown = play.does("chair", closed_items.show_readers, WEST, "WEST-0001")
    assert shown.keepers == (closed_items.Keeper("Nurse", (number,)),)
    assert (
        f"These people keep their actions on the case, but no longer see the words or the reference: Nurse: {number}. "
        f"To pass an action on: `/action reassign {number} @name`. "
        "To let a person see the case: `/case add-reader WEST-0001 @name west-met because REASON`."
    ) in str(closed_views.shown(shown))
    assert play.refused("chair", changes.reassign_action, number, holder_user_id=user_id("matron")) == (
        "<@UMATRON> cannot be given this action. If they should hold it, a chair must first let them see the case: "
        "`/case add-reader WEST-0001 @name west-met because REASON`."
    )
    play.does("chair", changes.reassign_action, number, holder_user_id=user_id("socialworker"))
    assert play.does("nurse", tracker.list_actions, WEST, "mine").actions == ()
    assert [one.id for one in play.does("socialworker", tracker.list_actions, WEST, "mine").actions] == [number]
    assert play.does("chair", closed_items.show_readers, WEST, "WEST-0001").keepers == ()


def test_a_reader_who_is_ended_keeps_the_action_they_hold(play: Play) -> None:
    number = _given_to_nurse_then_closed(play)
    play.does("chair", closed_items.name_reader, WEST, "WEST-0001", user_id("nurse"), WHY)
    assert [one.is_kept for one in play.does("nurse", tracker.list_actions, WEST, "mine").actions] == [False]
    ended = play.does("chair", closed_items.end_reader, WEST, "WEST-0001", user_id("nurse"), "No longer needed.")
    assert ended.keepers == (closed_items.Keeper("Nurse", (number,)),)
    assert [one.is_kept for one in play.does("nurse", tracker.list_actions, WEST, "mine").actions] == [True]


def test_a_chair_decides_about_a_closed_item_without_a_flag_while_an_action_on_it_is_owed(play: Play) -> None:
    play.accepted("WEST-0001", "nurse", closed=True)
    given = {"text": "See the family", "due": "2026-03-09", "case_reference": "WEST-0001"}
    action = play.does("chair", changes.add_action, WEST, holder_user_id=user_id("nurse"), **given)
    play.does("nurse", withdrawing.withdraw_flag, WEST, "WEST-0001", "They moved.")
    assert play.does("chair", closed_items.show_readers, WEST, "WEST-0001").is_closed
    named = play.does("chair", closed_items.name_reader, WEST, "WEST-0001", user_id("matron"), WHY)
    assert "Matron" in [one.name for one in named.readers]
    assert "matron" in dict(_told(play))
    play.does("chair", changes.reassign_action, action.id, holder_user_id=user_id("matron"))
    play.does("chair", closed_items.open_item, WEST, "WEST-0001", "It is over.")
    assert not _case(play)[0]


def test_who_stepped_back_or_lost_their_place_is_shown_apart_from_who_can_read(play: Play) -> None:
    play.accepted("WEST-0001", "nurse", closed=True)
    play.does("chair", closed_items.name_reader, WEST, "WEST-0001", user_id("constable"), WHY)
    play.does("vicechair", interests.declare_interest, WEST, "WEST-0001")
    play.loses_place("constable")
    shown = play.does("chair", closed_items.show_readers, WEST, "WEST-0001")
    assert [one.name for one in shown.readers] == ["Chair", "Nurse"]
    assert [one.name for one in shown.stepped_back] == ["Constable", "Vicechair"]
    said = str(closed_views.shown(shown))
    assert "Only these people see the case: Chair (Police, chair), Nurse (Health)." in said
    assert "Named as readers, but stepped back: Constable (Police), Vicechair (Social Care, vice-chair)." in said


def test_each_hint_names_the_panel_so_that_it_can_be_typed_anywhere(play: Play) -> None:
    play.accepted("WEST-0001")
    said = str(closed_views.shown(play.does("chair", closed_items.show_readers, WEST, "WEST-0001")))
    assert "`/case close-item WEST-0001 west-met because REASON`" in said
    closed = play.does("chair", closed_items.close_item, WEST, "WEST-0001", WHY)
    assert "`/case open-item WEST-0001 west-met because REASON`" in closed_views.closed(closed)
    opened = play.does("chair", closed_items.open_item, WEST, "WEST-0001", WHY)
    assert "`/case close-item WEST-0001 west-met because REASON`" in closed_views.opened(opened)


def _closes_without_the_matron(play: Play) -> None:
    play.does("chair", closed_items.close_item, WEST, "WEST-0001", WHY)
    play.does("chair", closed_items.end_reader, WEST, "WEST-0001", user_id("matron"), WHY)


def _sent_without_the_matron(play: Play) -> int:
    """Let West send up a case that was closed since the matron flagged it. Return the county's flag."""
    play.accepted("WEST-0001", "matron")
    _closes_without_the_matron(play)
    play.at(3, 24, 14)
    play.holds({"WEST-0001": DecisionForm(DecisionKind.ESCALATE, "Three districts are touched.")})
    play.ticks(GATHERINGS)
    (flag,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    assert (flag.reference, flag.presenter_name) == ("WEST-0001", "Matron")
    return flag.id


@pytest.mark.databases("sqlite", "postgresql")
def test_what_is_sent_up_of_a_closed_item_is_kept_from_the_flagger_who_is_no_reader(play: Play) -> None:
    flag_id = _sent_without_the_matron(play)
    assert play.does("matron", lists.list_flags, SHIRE).flags == ()
    unknown = [
        play.refused("matron", lists.case_history, "WEST-0001"),
        play.refused("matron", editing.flag_to_edit, SHIRE, "WEST-0001"),
        play.refused("matron", withdrawing.flag_to_withdraw, SHIRE, "WEST-0001"),
        play.refused("matron", assessments.flag_to_assess, SHIRE, "WEST-0001"),
        play.refused("matron", assessments.assessment_to_add, flag_id),
    ]
    assert [said for said in unknown if not said.startswith("I can't find")] == []
    assert play.does("matron", overview.home_of).flags == ()
    play.does("countychair", triage.triage_flag, flag_id, triage.Verdict.DEFER, "Not now.")
    assert play.refused("matron", triage.triaged_flag_for_notice, flag_id).startswith("I can't find that flag")
    assert play.does("matron", lists.list_flags, SHIRE).flags == ()
    play.at(4, 7)
    play.does("countychair", withdrawing.withdraw_flag, SHIRE, "WEST-0001", "They moved.")
    with play.store.reading() as work:
        rows = work.session.exec(select(OutboxRow).where(col(OutboxRow.kind) == "flag_withdrawn")).all()
        (again,) = {row.payload["flag_id"] for row in rows}
    assert play.refused("matron", withdrawing.withdrawal_for_notice, again).startswith("I can't find that flag")


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("is_newer", [False, True], ids=["flagged to West first", "flagged to West later"])
def test_what_they_flag_to_the_county_themselves_stays_theirs_when_the_case_is_sent_there(
    play: Play, is_newer: bool
) -> None:
    if not is_newer:
        play.flags("WEST-0001", "matron")
        _closes_without_the_matron(play)
    play.flags("WEST-0001", "matron", SHIRE, risk_level="standard")
    if is_newer:
        play.at(3, 2, 11)
        play.flags("WEST-0001", "matron", risk_level="high", judgement="Worse than anybody says.")
        _closes_without_the_matron(play)

    def theirs() -> list[object]:
        return [
            play.does("matron", lists.list_flags, SHIRE),
            play.does("matron", editing.flag_to_edit, SHIRE, "WEST-0001"),
            play.does("matron", withdrawing.flag_to_withdraw, SHIRE, "WEST-0001"),
            [one for one in play.does("matron", overview.home_of).flags if one.panel_key == "shire-met"],
        ]

    before = theirs()
    (flag,) = play.does("chair", triage.flags_to_triage, WEST).waiting
    play.does("chair", triage.change_panel, flag.id, "shire-met", "It is the county's.")
    (sent,) = play.does("countychair", triage.flags_to_triage, SHIRE).waiting
    assert sent.origin.words == ("sent on by West Operational MET on 2 March 2026",)
    assert theirs() == before


def test_a_chair_who_may_not_read_the_case_is_not_told_who_becomes_a_reader(play: Play) -> None:
    play.accepted("WEST-0666", closed=True)
    play.flags("WEST-0666", "matron", SHIRE)  # she is no reader, and neither is the chair of that panel
    play.does("chair", closed_items.name_reader, WEST, "WEST-0666", user_id("nurse"), WHY)
    assert play.sent("access_changed") == [("access_changed", "vicechair"), ("access_changed", "nurse")]
