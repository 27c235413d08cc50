"""Two who change the same people at once: the second hears what it would have heard a moment later."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import col, select

from bot.models.cases import Case, Flag
from bot.models.panels import Membership, ReadingAsked
from bot.models.people import Person
from bot.models.vocabulary import Reply, Role
from bot.records.access.queries import identify, readable_cases
from bot.records.people.queries import BACK_AGAIN
from bot.services.cases import flags as cases_flags
from bot.services.county.application import apply_county
from bot.services.invitations import answering
from bot.services.leaving import departure, places
from bot.services.people import changing, deputies, enrolment
from bot.store.rows import id_of
from bot.store.unit_of_work import Store, Work
from tests.county import TEAM, WEST, WEST_SITS, County, actor, flag_form, user_id
from tests.services.county.test_application import NORTH, county_file, without
from tests.services.leaving.meanwhile import Task, asks, meanwhile, said_by

#: SQLite admits one writer at a time, so that there one follows the other anyway.
pytestmark = pytest.mark.databases("postgresql")

NURSE, MIDWIFE, OUTSIDER = user_id("nurse"), user_id("midwife"), user_id("outsider")  # all of health
ONLY = "This person is the only administrator. First make another person administrator: `/people change @name`."


def demotes(county: County, who: str, other: str) -> Task:
    """Return a task in which an administrator takes the office from another."""
    agency = county.agency["council" if other == "administrator" else "health"]
    change = changing.Change(other.title(), agency, "Europe/London", False, False)
    return asks(who, changing.change_person, user_id(other), change)


def administrators(store: Store) -> list[str]:
    with store.reading() as work:
        query = select(Person.key).where(col(Person.is_administrator), col(Person.left_at).is_(None))
        return list(work.session.exec(query.order_by(col(Person.id))))


@pytest.fixture
def two_administrators(store: Store, county: County) -> County:
    """Make the outsider an administrator too."""
    with store.work() as work:
        person = work.session.get_one(Person, county.person["outsider"])
        person.is_administrator = True
        work.session.add(person)
    return county


def test_two_administrators_do_not_say_of_each_other_that_they_left(store: Store, two_administrators: County) -> None:
    leaves = asks("administrator", departure.leave, user_id("outsider"))
    says_the_same = asks("outsider", departure.leave, user_id("administrator"))
    assert meanwhile(store, leaves, says_the_same) == ["", ONLY]
    assert administrators(store) == ["administrator"]


def test_two_administrators_do_not_take_the_office_from_each_other(store: Store, two_administrators: County) -> None:
    one, other = "administrator", "outsider"
    said = meanwhile(store, demotes(two_administrators, other, one), demotes(two_administrators, one, other))
    assert said == ["", ONLY]
    assert administrators(store) == ["outsider"]


def test_an_administrator_does_not_leave_while_the_other_is_switched_off(
    store: Store, two_administrators: County
) -> None:
    said = meanwhile(
        store,
        lambda work: departure.account_switched_off(work, TEAM, user_id("administrator")),
        asks("administrator", departure.leave, user_id("outsider")),
    )
    assert said == ["", ONLY]
    assert administrators(store) == ["outsider"]


def account(user: str) -> enrolment.Account:
    """Return what Slack says of a person."""
    return enrolment.Account(user, TEAM, user.title(), "Europe/London", False, False, False)


def enrols(county: County, user: str, role: Role, **form: Any) -> Task:
    """Return a task in which the co-ordinator gives a person a place on West, and enrols them if need be."""
    asked = {"name": user.title(), "timezone": "Europe/London", "agency_id": county.agency["health"], **form}
    place = (county.west_id, role)
    return asks("coordinator", enrolment.enrol, account(user), places=[place], **asked)


GIVES_PLACES = {"name": "", "timezone": "", "agency_id": 0}  # a form for who is enrolled asks for nothing else


def sits(store: Store, user: str) -> list[tuple[Role, str | None]]:
    """Return a person's places that go on, and the members they stand in for."""
    with store.reading() as work:
        name = {person.id: person.key for person in work.session.exec(select(Person))}
        rows = work.session.exec(
            select(Membership)
            .join(Person, col(Person.id) == col(Membership.person_id))
            .where(col(Person.user_id) == user, col(Membership.ended_at).is_(None))
            .order_by(col(Membership.id))
        )
        return [(row.role, name[row.deputy_for_id] if row.deputy_for_id else None) for row in rows]


def is_vacant(store: Store, county: County) -> None:
    """Nobody chairs West."""
    with store.work() as work:
        departure.leave(work, actor(work, "administrator"), user_id("chair"))


def test_of_two_who_are_enrolled_as_chair_one_chairs_and_the_other_is_told_who(store: Store, county: County) -> None:
    is_vacant(store, county)
    said = meanwhile(store, enrols(county, "UONE", Role.CHAIR), enrols(county, "UTWO", Role.CHAIR))
    assert said == [
        "",
        "Uone chairs West Operational MET. A panel has one chair: `/people end` ends their place first.",
    ]
    assert (sits(store, "UONE"), sits(store, "UTWO")) == ([(Role.CHAIR, None)], [])


def test_a_chair_enrolled_while_a_closed_item_is_flagged_reads_it_or_is_asked_for(store: Store, county: County) -> None:
    is_vacant(store, county)
    flags = asks("socialworker", cases_flags.flag_case, WEST, flag_form("WEST-0001", closed=True))
    assert meanwhile(store, enrols(county, "UNEW", Role.CHAIR), flags) == ["", ""]
    again = asks("socialworker", cases_flags.flag_case, WEST, flag_form("WEST-0002", closed=True))
    with store.work() as work:
        (number,) = work.session.exec(select(Person.id).where(col(Person.user_id) == "UNEW"))
        assert number is not None
        (first,) = [id_of(case) for case in work.find_all(Case)]
        assert readable_cases(work, number, [first]) == {first}
        places.end_places(work, actor(work, "coordinator"), "UNEW", [_place_id(work, "UNEW")])
    assert meanwhile(store, again, enrols(county, "UNEW", Role.CHAIR, **GIVES_PLACES)) == ["", ""]
    with store.reading() as work:
        first, second = [id_of(case) for case in work.find_all(Case, by=[col(Case.id)])]
        assert readable_cases(work, number, [first, second]) == set()
        assert [one.case_id for one in work.find_all(ReadingAsked)] == [first, second]


def _place_id(work: Work, user: str) -> int:
    (place,) = places.propose_end(work, actor(work, "coordinator"), user).places
    return place.id


HAS_LEFT = "Nurse was here before and has left. To bring them back: `/people return`."


@pytest.mark.parametrize("form", [{}, GIVES_PLACES], ids=["with a name", "of places"])
def test_who_is_just_leaving_is_given_no_place(store: Store, county: County, form: dict[str, Any]) -> None:
    leaves = asks("administrator", departure.leave, NURSE)
    assert meanwhile(store, leaves, enrols(county, NURSE, Role.OBSERVER, **form)) == ["", HAS_LEFT]
    assert sits(store, NURSE) == []


def test_who_leaves_takes_along_a_place_that_they_are_just_given(store: Store, county: County) -> None:
    gives = enrols(county, NURSE, Role.OBSERVER, **GIVES_PLACES)
    assert meanwhile(store, gives, asks("administrator", departure.leave, NURSE)) == ["", ""]
    assert sits(store, NURSE) == []


def test_nobody_stands_in_for_who_is_just_leaving(store: Store, county: County) -> None:
    leaves = asks("administrator", departure.leave, NURSE)
    names = asks("matron", deputies.name_deputy, OUTSIDER, NURSE, how="standing")
    assert meanwhile(store, leaves, names) == ["", f"Nurse has left. {BACK_AGAIN}"]
    assert sits(store, OUTSIDER) == []


def test_nobody_is_sent_to_a_meeting_for_who_is_just_leaving(store: Store, county: County) -> None:
    first, at = county.west_meetings[0], int(WEST_SITS[0].timestamp())
    sends = asks("nurse", answering.reply_to, first, at, Reply.DEPUTY, deputy=OUTSIDER)
    assert meanwhile(store, asks("administrator", departure.leave, NURSE), sends) == [
        "",
        "I can't find that person's invitation, or it isn't for you. "
        "If you expected to see it, ask your panel's co-ordinator.",
    ]
    assert sits(store, OUTSIDER) == []


def test_a_deputy_named_for_who_leaves_meanwhile_stands_in_for_nobody(store: Store, county: County) -> None:
    names = asks("matron", deputies.name_deputy, OUTSIDER, NURSE, how="standing")
    assert meanwhile(store, names, asks("administrator", departure.leave, NURSE)) == ["", ""]
    assert sits(store, OUTSIDER) == [(Role.DEPUTY, None)]


def gives_up(county: County, to: str) -> Task:
    """End the midwife's place on West."""

    def ends(work: Work) -> object:
        coordinator = actor(work, "coordinator")
        numbers = [place.id for place in places.propose_end(work, coordinator, MIDWIFE).places]
        return places.end_places(work, coordinator, MIDWIFE, numbers, successor_user_id=to)

    return ends


def moves(county: County, to: str) -> Task:
    """Let the midwife work for the council."""
    change = changing.Change("Midwife", county.agency["council"], "Europe/London", False, False, successor_user_id=to)
    return asks("coordinator", changing.change_person, MIDWIFE, change)


def midwife_leaves(_: County, to: str) -> Task:
    """Record that the midwife has left."""
    return asks("coordinator", departure.leave, MIDWIFE, successor_user_id=to)


@pytest.mark.parametrize("hand_over", [midwife_leaves, gives_up, moves])
def test_who_is_just_leaving_takes_nothing_over(
    store: Store, county: County, hand_over: Callable[[County, str], Task]
) -> None:
    leaves, hands_over = asks("administrator", departure.leave, NURSE), hand_over(county, NURSE)
    assert meanwhile(store, leaves, hands_over) == ["", f"Nurse has left. {BACK_AGAIN}"]


FLAGS = asks("midwife", cases_flags.flag_case, WEST, flag_form("WEST-0001"))
STRANGER = (
    "I can only talk to people an administrator has enrolled. "
    "If a child is in danger call 999; for a concern contact your local MASH."
)
NOT_THEIRS = "I can't find that panel, or it isn't for you. If you expected to see it, ask your panel's co-ordinator."


def presents(store: Store) -> list[tuple[str, int]]:
    """Return who presents each flag, and for which agency."""
    with store.reading() as work:
        return [
            (work.session.get_one(Person, one.person_id).key, one.agency_id) for one in work.session.exec(select(Flag))
        ]


@pytest.mark.parametrize(
    ("ends", "sentence"),
    [(midwife_leaves, STRANGER), (gives_up, NOT_THEIRS), (moves, NOT_THEIRS)],
    ids=["left", "gave up", "moved"],
)
def test_who_just_leaves_a_panel_flags_nothing_to_it(
    store: Store, county: County, ends: Callable[[County, str], Task], sentence: str
) -> None:
    assert meanwhile(store, ends(county, NURSE), FLAGS) == ["", sentence]
    assert presents(store) == []


@pytest.mark.parametrize("ends", [midwife_leaves, gives_up, moves])
def test_what_a_person_flags_as_they_leave_the_panel_passes_on(
    store: Store, county: County, ends: Callable[[County, str], Task]
) -> None:
    assert meanwhile(store, FLAGS, ends(county, NURSE)) == ["", ""]
    assert presents(store) == [("nurse", county.agency["health"])]


def test_who_just_keeps_their_place_for_another_agency_flags_for_that_one(store: Store, county: County) -> None:
    change = changing.Change("Midwife", county.agency["council"], "Europe/London", False, False, keeps_places=True)
    assert meanwhile(store, asks("coordinator", changing.change_person, MIDWIFE, change), FLAGS) == ["", ""]
    assert presents(store) == [("midwife", county.agency["council"])]


def applies(store: Store, **given: Any) -> Task:
    """Return a task that applies a county file."""
    file = county_file(store, **given)
    return lambda work: apply_county(work, file)


def in_demo(user: str, use_case: Callable[..., object], *given: Any, **named: Any) -> Task:
    """Return a task in which a person of the county file does something."""
    return lambda work: use_case(work, identify(work, "T0DEMO", user), *given, **named)


def test_a_file_gives_no_place_to_who_leaves_meanwhile(store: Store) -> None:
    assert said_by(store, applies(store, administrators=["kim"])) == ""
    with_hal = applies(store, administrators=["kim"], members=NORTH | {"hal": "representative"})
    leaves = in_demo("U0KIM", departure.leave, "U0HAL")
    assert meanwhile(store, leaves, with_hal) == ["", ""]
    assert sits(store, "U0HAL") == []


def test_who_leaves_takes_along_a_place_that_a_file_just_gives(store: Store) -> None:
    assert said_by(store, applies(store, administrators=["kim"])) == ""
    with_hal = applies(store, administrators=["kim"], members=NORTH | {"hal": "representative"})
    assert meanwhile(store, with_hal, in_demo("U0KIM", departure.leave, "U0HAL")) == ["", ""]
    assert sits(store, "U0HAL") == []


def test_a_chair_is_enrolled_while_a_file_names_another(store: Store) -> None:
    vacant = without(NORTH, "kim")
    assert said_by(store, applies(store, members=vacant)) == ""
    new = enrolment.Account("U0NEW", "T0DEMO", "New", "Europe/London", False, False, False)
    asked = {"name": "New", "timezone": "Europe/London", "agency_id": 1, "places": [(1, Role.CHAIR)]}
    enrols_one = in_demo("U0NED", enrolment.enrol, new, **asked)
    chairs = "kim chairs North. A panel has one chair: `/people end` ends their place first."
    assert meanwhile(store, applies(store), enrols_one) == ["", chairs]
    assert said_by(store, applies(store, members=vacant)) == ""
    assert meanwhile(store, enrols_one, applies(store)) == ["", ""]
    assert (sits(store, "U0NEW"), sits(store, "U0KIM")) == ([(Role.CHAIR, None)], [])
