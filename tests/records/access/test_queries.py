"""Need to know: what is not allowed by a row of a table is refused, and the refusal gives nothing away."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from bot.domain.permissions import Verb
from bot.errors import Mistake, NotForYou, Stranger
from bot.models.cases import Case, Recusal
from bot.models.people import Person
from bot.records.access.queries import (
    Where,
    actor_of,
    allowed_here,
    find_panel,
    identify,
    panels_where,
    readable_cases,
    require,
)
from bot.services.actions import changes, tracker
from bot.services.agenda import triage
from bot.services.cases import flags, lists, withdrawing
from bot.services.home import overview
from bot.store.rows import id_of
from bot.store.unit_of_work import Store, Work
from tests.county import SHIRE, TEAM, WEST, County, actor, flag_form, user_id

#: Who may do what on West, written out by hand: chair, vice-chair, co-ordinator, minute-taker, representative,
#: deputy, observer, administrator (of no panel), a person enrolled who is on no panel.
_TABLE = """
                 chair vicechair coordinator minutetaker socialworker midwife observer administrator outsider
see_diary         yes     yes        yes         yes         yes        yes      yes         yes        -
schedule          yes     yes        yes          -           -          -        -          yes        -
flag              yes     yes        yes          -          yes        yes       -           -         -
read_cases        yes     yes        yes         yes         yes        yes       -           -         -
triage            yes     yes         -           -           -          -        -           -         -
close_items       yes     yes         -           -           -          -        -           -         -
compile           yes     yes        yes          -           -          -        -           -         -
see_agenda        yes     yes        yes         yes         yes        yes       -           -         -
return             -       -          -           -          yes        yes       -           -         -
see_returns       yes     yes        yes          -           -          -        -           -         -
read_returns      yes     yes         -           -           -          -        -           -         -
run_meeting       yes     yes        yes          -           -          -        -           -         -
take_attendance   yes     yes        yes         yes          -          -        -           -         -
note              yes     yes        yes         yes          -          -        -           -         -
decide            yes     yes        yes         yes          -          -        -           -         -
add_action        yes     yes        yes         yes         yes        yes       -           -         -
see_actions       yes     yes        yes         yes         yes        yes       -           -         -
hold_actions      yes     yes        yes         yes         yes        yes       -           -         -
steer_actions     yes     yes        yes          -           -          -        -           -         -
confirm_actions   yes     yes         -           -           -          -        -           -         -
draft_minutes     yes     yes        yes         yes          -          -        -           -         -
approve_minutes   yes     yes         -           -           -          -        -           -         -
read_minutes      yes     yes        yes         yes         yes        yes       -           -         -
manage_people      -       -         yes          -           -          -        -          yes        -
name_deputies     yes     yes        yes          -           -          -        -          yes        -
see_attendance    yes     yes        yes          -           -          -        -          yes        -
"""


def _may(work: Work, who: str, verb: Verb) -> bool:
    try:
        find_panel(work, actor(work, who), WEST, verb)
    except NotForYou:
        return False
    return True


@pytest.mark.databases("sqlite")
def test_each_role_may_do_what_the_table_says_and_nothing_else(store: Store, county: County) -> None:
    people, *lines = [line.split() for line in _TABLE.strip().splitlines()]
    expected = {line[0]: dict(zip(people, [word == "yes" for word in line[1:]], strict=True)) for line in lines}
    with store.reading() as work:
        found = {verb.value: {who: _may(work, who, verb) for who in people} for verb in Verb}
    assert found == expected


@pytest.mark.databases("sqlite")
def test_what_a_person_is_offered_is_what_they_may_do_on_the_panel_that_is_meant(store: Store, county: County) -> None:
    """The chair of West is a representative at Shire."""
    in_west = Where(channel_id="CWEST")
    with store.reading() as work:
        chair = actor(work, "chair")
        west, shire = (find_panel(work, chair, where, Verb.SEE_DIARY) for where in (WEST, SHIRE))
        of_west, of_shire = (frozenset(v for v in Verb if standing.may(v)) for standing in (west, shire))
        assert Verb.TRIAGE in of_west - of_shire
        assert allowed_here(work, chair, in_west, "triag") == of_west
        assert allowed_here(work, chair, in_west, "triag SHIRE-MET") == of_shire
        assert allowed_here(work, chair, SHIRE, "") == of_shire
        assert allowed_here(work, chair, Where(channel_id="CELSEWHERE"), "triag") == of_west | of_shire
        # Where a person has no place, what they may do on their own panels is what helps.
        countychair = actor(work, "countychair")
        assert Verb.TRIAGE in allowed_here(work, countychair, in_west, "triag")


@pytest.mark.databases("sqlite")
def test_a_role_on_one_panel_is_worth_nothing_on_another(store: Store, county: County) -> None:
    with store.reading() as work:
        for verb in Verb:
            with pytest.raises(NotForYou):
                find_panel(work, actor(work, "nurse"), SHIRE, verb)
        # The county's chair chairs there, and here is nobody.
        assert find_panel(work, actor(work, "countychair"), SHIRE, Verb.TRIAGE).panel_id == county.shire_id
        assert not _may(work, "countychair", Verb.SEE_DIARY)


def _leaves(work: Work, person_id: int) -> None:
    work.session.execute(text("UPDATE person SET left_at = enrolled_at WHERE id = :id"), {"id": person_id})


def _agency_ends(work: Work, person_id: int) -> None:
    work.session.execute(
        text("UPDATE agency SET is_active = false WHERE id = (SELECT agency_id FROM person WHERE id = :id)"),
        {"id": person_id},
    )


@pytest.mark.parametrize("change", [_leaves, _agency_ends])
def test_access_ends_with_the_next_request(store: Store, county: County, change: Callable[[Work, int], None]) -> None:
    nurse = county.person["nurse"]
    with store.work() as work:
        assert actor(work, "nurse").person_id == nurse
        change(work, nurse)
    with store.reading() as work:
        with pytest.raises(Stranger):
            actor(work, "nurse")
        assert actor_of(work, nurse) is None


@pytest.mark.parametrize(
    ("team", "user"), [(TEAM, "UNOBODY"), ("T0ELSEWHERE", "UCHAIR"), ("", "UCHAIR"), (TEAM, ""), (TEAM, "uchair")]
)
def test_a_person_nobody_enrolled_here_is_a_stranger(store: Store, county: County, team: str, user: str) -> None:
    with store.reading() as work, pytest.raises(Stranger) as refused:
        identify(work, team, user)
    assert str(refused.value) == str(Stranger())


def test_access_ends_when_the_place_on_the_panel_ends(store: Store, county: County) -> None:
    with store.work() as work:
        work.session.execute(
            text("UPDATE membership SET ended_at = began_at WHERE person_id = :id"), {"id": county.person["nurse"]}
        )
    with store.reading() as work:
        assert not any(_may(work, "nurse", verb) for verb in Verb)


def test_a_panel_that_has_ended_is_not_there_any_more(store: Store, county: County) -> None:
    with store.work() as work:
        work.session.execute(text("UPDATE panel SET is_active = false WHERE key = 'west-met'"))
    with store.reading() as work:
        for who in ("chair", "administrator"):
            with pytest.raises(NotForYou):
                find_panel(work, actor(work, who), WEST, Verb.SEE_DIARY)
            assert "west-met" not in {panel.key for panel in panels_where(work, actor(work, who), Verb.SEE_DIARY)}


def test_a_panel_is_found_by_its_key_its_channel_or_because_it_is_the_only_one(store: Store, county: County) -> None:
    with store.reading() as work:
        nurse = actor(work, "nurse")
        for where in (WEST, Where(panel_key="WEST-MET"), Where(channel_id="CWEST"), Where(), Where(channel_id="CX")):
            assert find_panel(work, nurse, where, Verb.FLAG).panel_id == county.west_id


def test_a_person_on_several_panels_is_asked_which(store: Store, county: County) -> None:
    with store.reading() as work, pytest.raises(Mistake, match=r"one of these at the end: `shire-met`, `west-met`"):
        find_panel(work, actor(work, "coordinator"), Where(), Verb.SCHEDULE)


@pytest.mark.databases("sqlite")
def test_what_is_not_there_and_what_is_not_yours_are_refused_in_the_same_words(store: Store, county: County) -> None:
    with store.work() as work:
        case = flags.flag_case(work, actor(work, "socialworker"), WEST, flag_form("WEST-0001"))
        closed = flags.flag_case(work, actor(work, "socialworker"), WEST, flag_form("WEST-0002", closed=True))
        given = changes.add_action(
            work,
            actor(work, "coordinator"),
            WEST,
            holder_user_id=user_id("socialworker"),
            text="Ring the school",
            due="2026-03-09",
            case_reference="WEST-0001",
        )
        work.session.add(Recusal(case_id=case.case_id, person_id=county.person["matron"], declared_at=work.now))
    pairs: list[tuple[str, Callable[[Work, str], object], Callable[[Work, str], object]]] = [
        (
            "outsider",
            lambda work, who: find_panel(work, actor(work, who), WEST, Verb.FLAG),
            lambda work, who: find_panel(work, actor(work, who), Where(panel_key="no-such"), Verb.FLAG),
        ),
        (
            "outsider",
            lambda work, who: require(work, actor(work, who), county.west_id, Verb.FLAG),
            lambda work, who: require(work, actor(work, who), 999, Verb.FLAG),
        ),
        (
            "matron",
            lambda work, who: tracker.show_action(work, actor(work, who), given.id),
            lambda work, who: tracker.show_action(work, actor(work, who), 999),
        ),
        (
            "outsider",
            lambda work, who: changes.complete_action(work, actor(work, who), given.id),
            lambda work, who: changes.complete_action(work, actor(work, who), 999),
        ),
        (
            "matron",
            lambda work, who: lists.case_history(work, actor(work, who), "WEST-0001"),
            lambda work, who: lists.case_history(work, actor(work, who), "WEST-9999"),
        ),
        (
            "constable",
            lambda work, who: lists.case_history(work, actor(work, who), "WEST-0002"),
            lambda work, who: lists.case_history(work, actor(work, who), "WEST-9999"),
        ),
        (
            "constable",
            lambda work, who: withdrawing.withdraw_flag(work, actor(work, who), WEST, "WEST-0002", "They moved."),
            lambda work, who: withdrawing.withdraw_flag(work, actor(work, who), WEST, "WEST-9999", "They moved."),
        ),
        (
            "socialworker",
            lambda work, who: triage.triage_flag(work, actor(work, who), closed.id, triage.Verdict.ACCEPT),
            lambda work, who: triage.triage_flag(work, actor(work, who), 999, triage.Verdict.ACCEPT),
        ),
        (
            "outsider",
            lambda work, who: triage.agenda_of_meeting(work, actor(work, who), county.west_meetings[0]),
            lambda work, who: triage.agenda_of_meeting(work, actor(work, who), 999),
        ),
    ]
    for who, not_yours, not_there in pairs:
        sentences = []
        for attempt in (not_yours, not_there):
            with pytest.raises(NotForYou) as refused, store.work() as work:
                attempt(work, who)
            sentences.append(_without_numbers(str(refused.value)))
        assert sentences[0] == sentences[1]


def _without_numbers(sentence: str) -> str:
    """Return the sentence without what the person typed, which is repeated to them and is all that may differ."""
    return "".join("#" if letter.isdigit() else letter for letter in sentence).replace("###", "#")


def test_a_closed_item_is_there_for_its_named_readers_only(store: Store, county: County) -> None:
    with store.work() as work:
        closed = flags.flag_case(work, actor(work, "socialworker"), WEST, flag_form("WEST-0002", closed=True))
    with store.reading() as work:
        seen_by = {who for who in county.person if readable_cases(work, county.person[who], [closed.case_id])}
    assert seen_by == {"socialworker", "chair", "vicechair"}


def test_a_person_recused_sees_no_trace_even_as_a_named_reader(store: Store, county: County) -> None:
    with store.work() as work:
        view = flags.flag_case(work, actor(work, "socialworker"), WEST, flag_form("WEST-0002", closed=True))
        work.session.add(Recusal(case_id=view.case_id, person_id=county.person["chair"], declared_at=work.now))
    with store.work() as work:
        chair = actor(work, "chair")
        assert readable_cases(work, chair.person_id, [view.case_id]) == set()
        assert triage.flags_to_triage(work, chair, WEST).waiting == ()
        assert lists.list_flags(work, chair, WEST).flags == ()
        assert [card.waiting for card in overview.home_of(work, chair).chairing] == [0]


def test_the_cases_asked_for_are_all_that_is_answered(store: Store, county: County) -> None:
    with store.work() as work:
        one = flags.flag_case(work, actor(work, "socialworker"), WEST, flag_form("WEST-0001"))
        flags.flag_case(work, actor(work, "socialworker"), WEST, flag_form("WEST-0003"))
    with store.reading() as work:
        assert readable_cases(work, county.person["nurse"], [one.case_id, 999]) == {one.case_id}
        assert readable_cases(work, county.person["nurse"], []) == set()
        every = {id_of(case) for case in work.session.exec(select(Case))}
        assert len(every) == 2
        assert work.session.exec(select(Person).where(col(Person.key) == "nurse")).one().left_at is None


@pytest.mark.databases("sqlite")
def test_a_member_without_the_role_reads_who_may_and_others_what_they_read_of_no_panel(
    store: Store, county: County
) -> None:
    def refused(who: str, where: Where, verb: Verb) -> str:
        """Return the sentence with which a person is refused."""
        with store.reading() as work, pytest.raises(NotForYou) as refusal:
            find_panel(work, actor(work, who), where, verb)
        return str(refusal.value)

    west, none = Where(panel_key="west-met"), Where(panel_key="nowhere")
    assert refused("nurse", west, Verb.TRIAGE) == (
        "On West Operational MET, only the chair and vice-chair can triage flags."
    )
    assert refused("observer", west, Verb.FLAG) == (
        "On West Operational MET, minute-takers and observers can't flag cases."
    )
    assert refused("minutetaker", west, Verb.RETURN) == (
        "On West Operational MET, only an agency's representative or deputy can answer returns."
    )
    assert refused("nurse", Where(), Verb.TRIAGE) == "On your panels, only the chair and vice-chair can triage flags."
    for who in ("outsider", "administrator"):
        assert refused(who, west, Verb.TRIAGE) == refused(who, none, Verb.TRIAGE)


@pytest.mark.databases("sqlite")
def test_a_slip_in_a_panels_key_is_answered_with_ones_own_nearest_only(store: Store, county: County) -> None:
    said = {}
    with store.reading() as work:
        for who, key in (("nurse", "wst-met"), ("nurse", "shire-mett"), ("outsider", "west-mett"), ("nurse", "qqqqq")):
            with pytest.raises(NotForYou) as refused:
                find_panel(work, actor(work, who), Where(panel_key=key), Verb.SEE_AGENDA)
            said[who, key] = str(refused.value)
    nothing = "I can't find that panel, or it isn't for you. If you expected to see it, ask your panel's co-ordinator."
    own = "I can't find that panel, or it isn't for you. Did you mean `west-met`?"
    assert said == {
        ("nurse", "wst-met"): own,
        ("nurse", "shire-mett"): nothing,
        ("outsider", "west-mett"): nothing,
        ("nurse", "qqqqq"): nothing,
    }
