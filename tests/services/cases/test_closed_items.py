"""Closed items: nobody hides, opens or reads another panel's case, and nothing owed on one falls silent."""

from typing import Any

import pytest
from sqlmodel import col, select

from bot.models.cases import Case, CaseReader
from bot.models.vocabulary import AgeBand
from bot.services.cases import casebook, flags
from bot.slack.cases import views
from tests.county import SHIRE, WEST, flag_form
from tests.services.conftest import Play

pytestmark = pytest.mark.databases("sqlite")


def _case(play: Play, reference: str = "WEST-0001") -> tuple[Any, ...]:
    """Whether it is a closed item, its district, and its named readers."""
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
    history = play.does("nurse", casebook.case_history, "WEST-0001")
    assert [one.flag.facts.age_band for one in history.hearings] == [AgeBand.FROM_14_TO_15]


def test_a_tick_by_another_agency_of_the_panel_is_refused_and_the_chair_named(play: Play) -> None:
    play.flags("WEST-0001")
    before = _case(play)
    for who in ("nurse", "socialworker"):
        assert play.refused(who, flags.flag_case, WEST, flag_form("WEST-0001", closed=True)) == (
            "WEST-0001 is before West Operational MET already, so a flag can't make it a closed item. "
            "Leave the tick out, or ask the chair to close it first."
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
        history = play.does("matron", casebook.case_history, reference)
        shown = (views.flagged(view, closed=True), history.hearings[0].flag.is_closed_item, len(history.hearings))
        told.append(str(shown).replace(reference, "REFERENCE"))
    listed = play.does("matron", casebook.list_flags, SHIRE).flags
    told += [views.marks(flag) for flag in listed]
    # On West too the matron reads the open case, as every representative there does: one hearing more.
    assert told[0].replace(", 2)", ", 1)") == told[1] == told[2]
    assert told[3] == told[4] == told[5]
    assert "If someone has, a chair decides who can see it, and your flag doesn't change that." in told[0]
