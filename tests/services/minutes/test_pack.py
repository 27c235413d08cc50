"""An agency's pack and a closed annex: which readers they are made for, and what each reader finds in theirs."""

import pytest

from bot.domain.language.day_words import YearDay
from bot.models.minutes import Minutes
from bot.services.cases import closed_items
from bot.services.minutes import annex, approving, pack, papers
from tests.county import WEST
from tests.documents.word_files import texts
from tests.services.conftest import NO_PANEL, Play
from tests.services.minutes.heard import CLOSED, SAID, hear
from tests.services.minutes.test_extract import number_of
from tests.services.minutes.test_summary import file_for

pytestmark = pytest.mark.slow  # papers are written by a process of their own

NOTHING = "The minutes of West Operational MET have no closed item that you may read."


@pytest.fixture
def drafted(play: Play) -> Play:
    hear(play)
    play.does("coordinator", papers.draft_minutes, WEST)
    return play


@pytest.fixture
def approved(drafted: Play) -> Play:
    drafted.does("chair", approving.approve_minutes, WEST)
    return drafted


def minutes_of(play: Play) -> int:
    with play.store.reading() as work:
        found = work.find(Minutes)
        assert found is not None
        assert found.id is not None
        return found.id


def packed(play: Play, who: str, agency: str) -> list[str]:
    return texts(file_for(play, who, pack.pack_document, minutes_of(play), play.county.agency[agency]).write())


def items_in(lines: list[str]) -> list[str]:
    """Return the cases under whose heading something stands."""
    return [line.rpartition(" ")[2] for line in lines if line.startswith("Item ") and "WEST" in line]


def test_representatives_get_their_own_agencys_actions_and_the_items_they_may_see(approved: Play) -> None:
    nurse, matron = packed(approved, "nurse", "health"), packed(approved, "matron", "health")
    assert [line for line in nurse if line.startswith("| 1 ") or line.startswith("| 2 ")] == [
        "| 1 | WEST-0001: Look at Alderaction. | Health, Nurse | 2 Apr 2026 | Open |",
        "| 2 | WEST-0002: Look at Birchaction. | Health, Nurse | 2 Apr 2026 | Open |",
    ]
    assert (items_in(nurse), items_in(matron)) == (["WEST-0001", "WEST-0002"], ["WEST-0002"])
    assert not any(SAID[CLOSED] in line for line in nurse)
    assert nurse[5] == "Your actions\t2 actions from this meeting, no actions from before it."
    assert matron[5] == "Your actions\t1 action from this meeting, no actions from before it."
    worker = packed(approved, "socialworker", "social-care")
    assert [line for line in worker if line.startswith("| 3 ")] == [
        "| 3 | WEST-0666: Look at Cedaraction. | Social Care, Socialworker | 2 Apr 2026 | Open |"
    ]


def test_what_an_agency_owes_from_before_is_on_the_pack_of_the_next_meeting(approved: Play) -> None:
    approved.at(4, 21, 14)
    approved.holds({})
    approved.does("coordinator", papers.draft_minutes, WEST)
    approved.does("chair", approving.approve_minutes, WEST)
    with approved.store.reading() as work:
        april = max(one.id for one in work.find_all(Minutes) if one.id)
    made = file_for(approved, "nurse", pack.pack_document, april, approved.county.agency["health"])
    assert made.name == "west-met-2026-04-21-pack-health-v1.docx"
    assert texts(made.write())[5] == "Your actions\tNo actions from this meeting, 2 actions from before it."


def test_the_office_has_it_sent_to_those_who_speak_for_the_agency(approved: Play) -> None:
    own = approved.does("nurse", pack.export_pack, WEST, request_key="a")
    assert (own.agency_name, own.people) == ("Health", ())
    sent = approved.does("coordinator", pack.export_pack, WEST, "nhs", request_key="b", on=YearDay(3, 24))
    assert (sent.agency_name, sent.people) == ("Health", ("Matron", "Midwife", "Nurse"))
    assert sorted(approved.sent("pack_file")) == sorted(
        ("pack_file", who) for who in ("nurse", "nurse", "matron", "midwife")
    )
    assert approved.audited("export")[-1] == ("pack", minutes_of(approved), "coordinator")


def test_an_agency_gets_no_other_agencys_pack(approved: Play) -> None:
    said = "Only the chair or the co-ordinator can send other agencies' packs. `/minutes pack` sends you your own."
    assert approved.refused("nurse", pack.export_pack, WEST, "police", request_key="a") == said
    assert approved.does("nurse", pack.export_pack, WEST, "Health", request_key="a").people == ()
    other = (minutes_of(approved), approved.county.agency["police"])
    assert "isn't for you" in approved.refused("nurse", pack.pack_document, *other)
    assert approved.refused("observer", pack.export_pack, WEST, request_key="a") == (
        "On West Operational MET, observers can't read minutes."
    )
    assert "which agency" in approved.refused("chair", pack.export_pack, WEST, "nowhere", request_key="a")
    assert approved.refused("chair", pack.export_pack, WEST, "council", request_key="a") == (
        "Nobody speaks for Council on West Operational MET now. To give a person a place: `/people enrol`."
    )


def test_a_pack_waits_for_approval(drafted: Play) -> None:
    assert drafted.refused("chair", pack.export_pack, WEST, request_key="a") == (
        "West Operational MET has no approved minutes yet, so there is no pack."
    )
    own = (minutes_of(drafted), drafted.county.agency["police"])
    assert "isn't for you" in drafted.refused("chair", pack.pack_document, *own)


@pytest.mark.parametrize("who", ["chair", "vicechair", "socialworker"])
def test_readers_of_a_closed_item_get_it_apart(approved: Play, who: str) -> None:
    assert approved.does(who, annex.export_annex, WEST, request_key="a").panel_title == "West Operational MET"
    made = file_for(approved, who, annex.annex_document, minutes_of(approved))
    lines = texts(made.write())
    assert (made.name, made.case_ids) == ("west-met-2026-03-24-annex-approved-v1.docx", {number_of(approved, CLOSED)})
    # Its discussion names another child, as people do: the reader may read that case too.
    assert not any(
        f"{word}{said}" in " ".join(lines) for word in ("Alder", "Birch") for said in ("judgement", "action")
    )
    assert f"{SAID[CLOSED]}rationale" in " ".join(lines)


@pytest.mark.parametrize("who", ["coordinator", "minutetaker", "nurse", "matron"])
def test_to_others_there_is_no_annex_whether_or_not_there_is_one(approved: Play, who: str) -> None:
    assert approved.refused(who, annex.export_annex, WEST, request_key="a") == NOTHING
    assert "isn't for you" in approved.refused(who, annex.annex_document, minutes_of(approved))
    approved.does("chair", closed_items.open_item, WEST, CLOSED, "It is no longer needed.")
    assert approved.refused("chair", annex.export_annex, WEST, request_key="a") == NOTHING


def test_a_draft_of_it_is_for_those_who_record(drafted: Play) -> None:
    assert drafted.refused("socialworker", annex.export_annex, WEST, request_key="a") == NOTHING
    assert drafted.does("chair", annex.export_annex, WEST, request_key="a").meeting_id == 1
    assert drafted.sent("annex_file") == [("annex_file", "chair")]


@pytest.mark.databases("sqlite")
def test_only_who_reads_minutes_asks_for_a_pack_or_an_annex(approved: Play) -> None:
    for use_case in (pack.export_pack, annex.export_annex):
        assert approved.refused("outsider", use_case, WEST, request_key="a") == NO_PANEL
        assert approved.refused("observer", use_case, WEST, request_key="a") == (
            "On West Operational MET, observers can't read minutes."
        )


@pytest.mark.databases("sqlite")
def test_only_the_office_sends_a_pack_to_others(approved: Play) -> None:
    assert approved.refused("nurse", pack.export_pack, WEST, "police", request_key="a") == (
        "Only the chair or the co-ordinator can send other agencies' packs. `/minutes pack` sends you your own."
    )
    assert approved.does("nurse", pack.export_pack, WEST, "health", request_key="b").people == ()
    assert approved.sent("pack_file") == [("pack_file", "nurse")]
