"""A person leaves: their access ends at once, and nothing that they held is left behind."""

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from bot.errors import NotAllowed, NotForYou, Stranger
from bot.models.actions import Action
from bot.models.cases import Case, CaseReader, Flag, Recusal
from bot.models.outbox import OutboxRow
from bot.models.panels import Membership
from bot.models.people import CalendarFeed, Person
from bot.models.vocabulary import Departure, Reply, Role
from bot.records.leaving.queries import NewHolder
from bot.services.actions.changes import add_action, complete_action
from bot.services.actions.tracker import list_actions
from bot.services.cases import interests
from bot.services.invitations import answering, asking
from bot.services.leaving import departure, places
from bot.services.people import deputies, enrolment
from bot.slack.notices import given, handed_over
from bot.slack.outgoing import PostToPerson
from bot.slack.people.views import handover_lines
from bot.store.rows import id_of
from bot.store.unit_of_work import Store
from tests.county import TEAM, WEST, WEST_SITS, actor, user_id
from tests.services.conftest import Play

pytestmark = pytest.mark.databases("sqlite")

NURSE, MIDWIFE, MATRON = user_id("nurse"), user_id("midwife"), user_id("matron")


def gives(play: Play, to: str, case: str | None = None) -> int:
    """Let the chair give a person an action. Return its number."""
    return play.does(
        "chair",
        add_action,
        WEST,
        holder_user_id=user_id(to),
        text="Ring the school",
        due="2026-03-09",
        case_reference=case,
    ).id


def holder(play: Play, number: int) -> tuple[str, str]:
    """Return who holds an action, and which agency owns it."""
    with play.store.reading() as work:
        action = work.session.get_one(Action, number)
        agencies = {number: key for key, number in play.county.agency.items()}
        return work.session.get_one(Person, action.holder_id).key, agencies[action.agency_id]


def presenter(play: Play, flag_id: int) -> str:
    """Return who presents a flag."""
    with play.store.reading() as work:
        return work.session.get_one(Person, work.session.get_one(Flag, flag_id).person_id).key


def person(play: Play, key: str) -> Person:
    """Return a person as stored."""
    with play.store.reading() as work:
        row = work.session.get_one(Person, play.county.person[key])
        work.session.expunge(row)
        return row


def declares_interest(play: Play, who: str, reference: str) -> None:
    """Give a person a conflict of interest in a case."""
    with play.store.work() as work:
        case = work.session.exec(select(Case).where(col(Case.reference) == reference)).one()
        work.session.add(Recusal(case_id=id_of(case), person_id=play.county.person[who], declared_at=work.now))


@pytest.mark.databases("sqlite", "postgresql")
def test_what_they_hold_is_shown_before_they_leave(play: Play) -> None:
    gives(play, "nurse")
    gives(play, "nurse")
    play.flags("WEST-0001", "nurse")
    with play.store.work() as work:
        work.session.add(CalendarFeed(person_id=play.county.person["nurse"], secret_digest="d", made_at=work.now))
    found = play.does("coordinator", departure.show_holdings, NURSE)
    assert (found.actions, found.flags, found.deputies, found.has_feed) == (2, 1, ("Midwife",), True)
    assert found.successor == (MIDWIFE, "Midwife")
    assert [place.role for place in found.person.places] == [Role.REPRESENTATIVE]
    assert not found.needs_lead


@pytest.mark.databases("sqlite", "postgresql")
def test_everything_is_handed_over_in_one_step_and_told_in_one_message(play: Play) -> None:
    numbers = [gives(play, "nurse"), gives(play, "nurse")]
    flag_id = play.flags("WEST-0001", "nurse")
    with play.store.work() as work:
        work.session.add(CalendarFeed(person_id=play.county.person["nurse"], secret_digest="d", made_at=work.now))
    left = play.does("coordinator", departure.leave, NURSE, successor_user_id=MATRON)
    assert left.handover.new_holders == (NewHolder(MATRON, "Matron", tuple(numbers), 1),)
    assert left.handover.places == (("West Operational MET", Role.REPRESENTATIVE),)
    assert left.handover.deputies == (("Midwife", "West Operational MET", "Matron"),)
    assert left.handover.had_feed
    assert [holder(play, number) for number in numbers] == [("matron", "health"), ("matron", "health")]
    assert presenter(play, flag_id) == "matron"
    assert play.sent("handed_over") == [("handed_over", "matron")]
    gone = person(play, "nurse")
    assert (gone.left_at is not None, gone.departure) == (True, Departure.SAID)
    with play.store.reading() as work:
        assert work.session.exec(select(CalendarFeed.revoked_at)).one() == gone.left_at
        assert work.session.exec(
            select(Membership.ended_at).where(col(Membership.person_id) == play.county.person["nurse"])
        ).all() == [gone.left_at]
    assert play.audited("leave") == [("person", play.county.person["nurse"], "coordinator")]
    assert len(play.audited("reassign")) == 3


def test_a_deputy_is_not_handed_to_a_successor_of_another_agency(play: Play) -> None:
    first = play.county.west_meetings[0]
    named = {"how": "meeting", "meeting_id": first}
    play.does("coordinator", deputies.name_deputy, user_id("administrator"), NURSE, **named)  # type: ignore[arg-type]
    left = play.does("coordinator", departure.leave, NURSE, successor_user_id=user_id("socialworker"))
    west = "West Operational MET"
    assert left.handover.deputies == (("Midwife", west, None), ("Administrator", west, None))


def test_who_was_sent_to_one_meeting_from_elsewhere_comes_for_the_successor_of_the_same_agency(play: Play) -> None:
    first = play.county.west_meetings[0]
    named = {"how": "meeting", "meeting_id": first}
    play.does("coordinator", deputies.name_deputy, user_id("administrator"), NURSE, **named)  # type: ignore[arg-type]
    left = play.does("coordinator", departure.leave, NURSE, successor_user_id=MATRON)
    west = "West Operational MET"
    assert left.handover.deputies == (("Midwife", west, "Matron"), ("Administrator", west, "Matron"))


@pytest.mark.databases("sqlite", "postgresql")
def test_access_ends_with_the_next_request(play: Play) -> None:
    number = gives(play, "nurse")
    play.does("nurse", list_actions, WEST)
    play.does("coordinator", departure.leave, NURSE)
    with pytest.raises(Stranger), play.store.work() as work:
        complete_action(work, actor(work, "nurse"), number)


@pytest.mark.databases("sqlite", "postgresql")
def test_what_was_queued_is_not_delivered_to_who_left(play: Play) -> None:
    number = gives(play, "nurse")
    payload = {"person_id": play.county.person["nurse"], "action_id": number}
    with play.store.reading(may_audit=True) as work:
        assert given(work, [payload]) is not None
    play.does("coordinator", departure.leave, NURSE)
    with play.store.reading() as work:
        assert given(work, [payload]) is None


def test_the_new_holder_is_told_of_what_is_still_theirs(play: Play) -> None:
    first, second = gives(play, "nurse"), gives(play, "nurse")
    play.does("coordinator", departure.leave, NURSE, successor_user_id=MATRON)
    play.does("matron", complete_action, first)
    people_ids = play.county.person
    payload = {
        "person_id": people_ids["matron"],
        "from_id": people_ids["nurse"],
        "actions": [first, second],
        "flags": [],
    }
    with play.store.reading(may_audit=True) as work:
        outgoing = handed_over(work, payload)
        assert outgoing is not None
        assert isinstance(outgoing.call, PostToPerson)
        assert (outgoing.call.user_id, outgoing.call.text) == (MATRON, "You are taking over 2 actions from Nurse.")
    play.does("administrator", departure.leave, MATRON, lead_user_id=MIDWIFE)
    with play.store.reading() as work:
        assert handed_over(work, payload) is None


@pytest.mark.parametrize("kept_by", ["recusal", "closed"])
def test_a_case_that_the_successor_may_not_read_goes_to_the_next_who_may(play: Play, kept_by: str) -> None:
    play.accepted("WEST-0001", "nurse")
    number, plain = gives(play, "nurse", "WEST-0001"), gives(play, "nurse")
    if kept_by == "recusal":
        for who in ("midwife", "matron"):
            declares_interest(play, who, "WEST-0001")
    else:
        with play.store.work() as work:
            case = work.session.exec(select(Case)).one()
            case.is_closed = True
            work.session.add_all([case, CaseReader(case_id=id_of(case), person_id=play.county.person["coordinator"])])
    left = play.does("coordinator", departure.leave, NURSE, successor_user_id=MIDWIFE)
    assert holder(play, number) == ("coordinator", "health")  # the agency goes on owning it
    assert holder(play, plain) == ("midwife", "health")
    sees = [(one.name, one.actions, one.flags) for one in left.handover.new_holders]
    assert sees == [("Coordinator", (number,), 1), ("Midwife", (plain,), 0)]
    assert "WEST-0001" not in str(left)


def test_a_co_ordinator_reads_no_count_of_what_is_kept_from_them(play: Play) -> None:
    play.accepted("WEST-0001", "nurse")
    play.accepted("WEST-0002", "nurse")
    kept, plain = gives(play, "nurse", "WEST-0001"), gives(play, "nurse")
    declares_interest(play, "coordinator", "WEST-0001")
    declares_interest(play, "midwife", "WEST-0001")
    found = play.does("coordinator", departure.show_holdings, NURSE)
    assert (found.actions, found.flags) == (1, 1)
    left = play.does("coordinator", departure.leave, NURSE, successor_user_id=MIDWIFE)
    assert left.handover.new_holders == (
        NewHolder(MIDWIFE, "Midwife", (plain,), 1),
    )  # not a word of whose the other is
    assert handover_lines(left.handover)[1:2] == [f"• Midwife has action {plain} and 1 waiting flag"]
    assert "Matron" not in str(handover_lines(left.handover))
    assert holder(play, kept) == ("matron", "health")


def test_an_administrator_who_reads_no_cases_counts_only_what_is_about_none(play: Play) -> None:
    play.accepted("WEST-0001", "nurse")
    gives(play, "nurse", "WEST-0001")
    plain = gives(play, "nurse")
    found = play.does("administrator", departure.show_holdings, NURSE)
    assert (found.actions, found.flags) == (1, 0)
    left = play.does("administrator", departure.leave, NURSE, successor_user_id=MIDWIFE)
    assert left.handover.new_holders == (NewHolder(MIDWIFE, "Midwife", (plain,), 0),)


def test_a_notice_counts_nothing_of_a_case_that_its_reader_may_not_read(play: Play) -> None:
    play.accepted("WEST-0001", "nurse")
    gives(play, "nurse", "WEST-0001")
    declares_interest(play, "coordinator", "WEST-0001")
    with play.store.work() as work:
        departure.account_switched_off(work, TEAM, NURSE)
    with play.store.work() as work:
        row = work.session.exec(select(OutboxRow).where(col(OutboxRow.kind) == "person_left")).one()
        left = departure.left_for_notice(work, actor(work, "coordinator"), row.payload)
    assert left is not None
    assert (left.handover.new_holders, left.handover.unassigned) == ((), 0)


def test_who_ends_a_deputys_place_reads_no_count_of_closed_items(play: Play) -> None:
    play.accepted("WEST-0001", "nurse")
    number = gives(play, "midwife", "WEST-0001")
    with play.store.work() as work:
        case = work.session.exec(select(Case)).one()
        case.is_closed = True
        work.session.add_all([case, CaseReader(case_id=id_of(case), person_id=play.county.person["coordinator"])])
    (place,) = play.does("nurse", places.propose_end, MIDWIFE).places
    ended = play.does("nurse", places.end_places, MIDWIFE, [place.id])
    assert (ended.handover.new_holders, ended.handover.unassigned) == ((), 0)
    assert handover_lines(ended.handover)[1:] == ["• They had no actions or flags there that you can see."]
    assert holder(play, number) == ("coordinator", "health")


def test_who_ends_a_place_names_a_successor_of_that_panel(play: Play) -> None:
    (place,) = play.does("coordinator", places.propose_end, MIDWIFE).places
    assert play.refused(
        "coordinator", places.end_places, MIDWIFE, [place.id], successor_user_id=user_id("countychair")
    ) == ("Countychair has no place on West Operational MET. Choose a member.")


def test_a_closed_item_goes_to_the_vice_chair_where_there_is_no_chair(play: Play) -> None:
    flag_id = play.flags("WEST-0009", "constable", closed=True)
    play.loses_place("chair")
    play.does("coordinator", departure.leave, user_id("constable"))
    assert presenter(play, flag_id) == "vicechair"


def test_what_a_deputy_flagged_is_presented_by_a_person_who_sits_there(play: Play) -> None:
    play.does(
        "nurse",
        deputies.name_deputy,
        user_id("outsider"),
        user_id("nurse"),
        how="period",
        begins_on=date(2026, 3, 2),
        until=date(2026, 3, 3),
    )
    flag_id = play.flags("WEST-0001", "outsider")
    play.at(3, 4)
    play.ticks(places.PLACES)
    assert presenter(play, flag_id) == "nurse"


def test_an_observer_takes_nothing_over(play: Play) -> None:
    assert play.refused("coordinator", departure.leave, NURSE, successor_user_id=user_id("observer")) == (
        "Observer is an observer there, and observers hold nothing. Choose another member."
    )


def test_who_comes_back_has_not_answered_and_is_asked_again(play: Play) -> None:
    first, at = play.county.west_meetings[0], int(WEST_SITS[0].timestamp())
    play.at(3, 3)
    play.ticks(asking.INVITATIONS)
    play.does("nurse", answering.reply_to, first, at, Reply.COMING)
    play.does("coordinator", departure.leave, NURSE)
    account = enrolment.Account(NURSE, TEAM, "Nurse", "Europe/London", False, False, False)
    named = {"name": "Nurse", "timezone": "Europe/London", "agency_id": play.county.agency["health"]}
    place = (play.county.west_id, Role.REPRESENTATIVE)
    play.does("coordinator", enrolment.enrol, account, places=[place], **named)  # type: ignore[arg-type]
    assert play.does("nurse", answering.invitation_of, first, at).reply is None
    play.clock.move_to(play.store.clock.now() + timedelta(minutes=5))
    play.ticks(asking.INVITATIONS)
    assert play.sent("invitation").count(("invitation", "nurse")) == 2
    play.at(3, 17)
    play.ticks(asking.INVITATIONS)
    assert play.sent("reply_reminder").count(("reply_reminder", "nurse")) == 1


def test_a_lead_does_not_leave_their_agency_without_one(play: Play) -> None:
    assert play.does("administrator", departure.show_holdings, MATRON).needs_lead
    assert (
        play.refused("administrator", departure.leave, MATRON) == "This person leads their agency. "
        "Choose who leads the agency now."
    )
    assert "Choose a person of that agency" in play.refused(
        "administrator", departure.leave, MATRON, lead_user_id=user_id("constable")
    )
    left = play.does("administrator", departure.leave, MATRON, lead_user_id=NURSE)
    assert (left.new_lead, person(play, "nurse").leads_agency, person(play, "matron").leads_agency) == (
        "Nurse",
        True,
        False,
    )


def test_what_nobody_may_take_keeps_them_here(play: Play) -> None:
    play.accepted("WEST-0001", "nurse")
    gives(play, "nurse", "WEST-0001")
    with play.store.work() as work:
        for key in ("chair", "vicechair", "coordinator", "midwife", "matron"):
            case_id = id_of(work.session.exec(select(Case)).one())
            work.session.add(Recusal(case_id=case_id, person_id=play.county.person[key], declared_at=work.now))
    sentence = play.refused("administrator", departure.leave, NURSE)
    assert sentence == "That person can't take this over. Choose another person, or ask the chair."
    assert person(play, "nurse").left_at is None


def test_only_who_looks_after_all_their_panels_may_say_so(play: Play) -> None:
    assert play.refused("nurse", departure.leave, MIDWIFE).startswith("Only a panel's co-ordinator or an administrator")
    assert play.refused("chair", departure.leave, NURSE).startswith("Only a panel's co-ordinator or an administrator")
    with play.store.work() as work:  # the chair of West also sits on Shire, whose co-ordinator is the same
        work.session.add(
            Membership(
                panel_id=play.county.shire_id,
                person_id=play.county.person["outsider"],
                role=Role.COORDINATOR,
                began_at=work.now,
            )
        )
    assert play.refused("outsider", departure.leave, user_id("chair")).startswith("Only an administrator can do this")
    play.does("coordinator", departure.leave, user_id("chair"))
    assert play.refused("coordinator", departure.leave, user_id("administrator")).startswith("Only an administrator")


@pytest.mark.parametrize(
    ("who", "leaver", "named", "sentence"),
    [
        ("coordinator", "nurse", {"successor_user_id": NURSE}, "Choose another person to take over."),
        ("coordinator", "nurse", {"successor_user_id": "UNOBODY"}, "<@UNOBODY> is not enrolled."),
        (
            "coordinator",
            "nurse",
            {"successor_user_id": user_id("countychair")},
            "Countychair has no place on West Operational MET. Choose a member.",
        ),
        (
            "coordinator",
            "chair",
            {"successor_user_id": user_id("outsider")},
            "Outsider has no place on any of their panels. Choose a member.",
        ),
        ("coordinator", "coordinator", {}, "You can't do this for yourself"),
    ],
)
def test_mistakes_are_named(play: Play, who: str, leaver: str, named: dict[str, str], sentence: str) -> None:
    assert play.refused(who, departure.leave, user_id(leaver), **named).startswith(sentence)


def test_nobody_leaves_twice(play: Play) -> None:
    play.does("coordinator", departure.leave, NURSE)
    assert play.refused("coordinator", departure.leave, NURSE).startswith("Nurse has left.")


@pytest.mark.databases("sqlite", "postgresql")
def test_who_comes_back_has_nothing_of_what_they_had(play: Play) -> None:
    play.does("coordinator", departure.leave, NURSE)
    account = enrolment.Account(NURSE, "T0PRACTICE", "Nurse", "Europe/London", False, False, False)
    form = play.does("coordinator", enrolment.propose_return, account)
    assert (form.purpose, form.name, form.has_places) == ("return", "Nurse", frozenset())
    back = play.does(
        "coordinator",
        enrolment.enrol,
        account,
        name="Nurse",
        timezone="Europe/London",
        agency_id=play.county.agency["health"],
        places=(),
    )
    assert (back.purpose, back.person.places) == ("return", ())
    with play.store.work() as work, pytest.raises(NotForYou):
        list_actions(work, actor(work, "nurse"), WEST)
    place = (play.county.west_id, Role.REPRESENTATIVE)
    more = play.does("coordinator", enrolment.enrol, account, name="", timezone="", agency_id=0, places=[place])
    assert (more.purpose, more.added) == ("add", 1)
    play.does("nurse", list_actions, WEST)


@pytest.mark.databases("sqlite", "postgresql")
def test_an_action_given_at_the_same_moment_is_not_left_behind(play: Play, open_store: Callable[[], Store]) -> None:
    """Whichever of two processes comes first: the action is refused, or is handed over with the others."""
    for round_ in range(4):
        place = (play.county.west_id, Role.REPRESENTATIVE)
        account = enrolment.Account(NURSE, "T0PRACTICE", "Nurse", "Europe/London", False, False, False)
        if round_:
            play.does(
                "coordinator",
                enrolment.enrol,
                account,
                name="Nurse",
                timezone="Europe/London",
                agency_id=play.county.agency["health"],
                places=[place],
            )
        begin = threading.Barrier(2)
        given_numbers: list[int] = []

        def give(store: Store, begin: threading.Barrier = begin, to: list[int] = given_numbers) -> None:
            begin.wait()
            for _ in range(3):
                with store.work() as work:
                    try:
                        action = add_action(
                            work, actor(work, "chair"), WEST, holder_user_id=NURSE, text="Ring", due="2026-03-09"
                        )
                    except Exception:  # noqa: BLE001 - refused since they have left: as it should be
                        return
                to.append(action.id)

        thread = threading.Thread(target=give, args=(open_store(),))
        thread.start()
        begin.wait()
        play.does("coordinator", departure.leave, NURSE, successor_user_id=MATRON)
        thread.join()
        assert [holder(play, number)[0] for number in given_numbers] == ["matron"] * len(given_numbers)


@pytest.mark.databases("sqlite")
def test_what_was_handed_over_is_never_named_to_who_may_not_read_it(play: Play) -> None:
    flag_id = play.flags("WEST-0001")
    payload = {"actions": [], "flags": [flag_id], "from_id": play.county.person["vicechair"]}
    before = play.does("socialworker", departure.handover_for_notice, payload)
    assert before == departure.HandedToYou("Vicechair", (), (("WEST-0001", "West Operational MET"),))
    play.does("socialworker", interests.declare_interest, WEST, "WEST-0001")
    assert play.does("socialworker", departure.handover_for_notice, payload) is None


@pytest.mark.databases("sqlite")
def test_a_place_is_ended_only_by_who_manages_people_or_names_deputies(play: Play) -> None:
    def ends(who: str, whose: str) -> str:
        try:
            return play.does(who, places.propose_end, user_id(whose)).name
        except NotAllowed as refusal:
            return str(refusal)

    refused = "{} has no place that you can end."
    assert [ends(who, "constable") for who in ("coordinator", "chair", "nurse")] == [
        "Constable",
        refused.format("Constable"),
        refused.format("Constable"),
    ]
    assert [ends(who, "midwife") for who in ("coordinator", "chair", "nurse", "matron", "midwife", "constable")] == [
        *["Midwife"] * 5,
        refused.format("Midwife"),
    ]
