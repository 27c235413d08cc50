"""What came after approval reaches every paper that is made of the minutes, for those who may see it."""

import pytest

from bot.models.minutes import Minutes
from bot.services.minutes import amending, annex, approving, extract, pack, papers, summary
from tests.county import WEST
from tests.documents.word_files import opened, texts
from tests.services.conftest import Play
from tests.services.minutes.heard import CLOSED, approve_with_two_not_heard, hear
from tests.services.minutes.test_extract import number_of
from tests.services.minutes.test_proof import erase
from tests.services.minutes.test_summary import file_for

pytestmark = pytest.mark.slow  # papers are written by a process of their own


@pytest.fixture
def amended(play: Play) -> Play:
    """Approve the minutes of three children, and a slip to each of two items and one to the minutes as a whole."""
    hear(play)
    play.does("coordinator", papers.draft_minutes, WEST)
    play.does("chair", approving.approve_minutes, WEST)
    slips = (
        ("nurse", "WEST-0001", "Alderslip."),
        ("socialworker", CLOSED, "Cedarslip."),
        ("nurse", None, "Wholeslip."),
    )
    for who, reference, says in slips:
        offered = play.does(who, amending.offer_slip, WEST).items
        item_id = next((number for number, title in offered if reference and title.endswith(reference)), None)
        slip = play.does(who, amending.write_slip, 1, item_id, says, "Misheard.")
        play.does("chair", amending.decide_slip, slip.id, approved=True)
    return play


def paper_for(play: Play, who: str, which: str) -> bytes:
    """Return the paper that this person is sent."""
    county = play.county
    agency = {"chair": "police", "nurse": "health", "matron": "health", "socialworker": "social-care"}[who]
    made = {
        "extract": (extract.extract_document, number_of(play, "WEST-0001"), county.west_id, None),
        "closed extract": (extract.extract_document, number_of(play, CLOSED), county.west_id, None),
        "annex": (annex.annex_document, 1),
        "pack": (pack.pack_document, 1, county.agency[agency]),
        "summary": (summary.summary_document, county.west_meetings[0]),
    }
    return file_for(play, who, *made[which]).write()


@pytest.mark.parametrize(
    ("which", "who", "slips"),
    [
        ("extract", "chair", ["Alderslip."]),
        ("closed extract", "socialworker", ["Cedarslip."]),
        ("annex", "chair", ["Cedarslip."]),
        ("pack", "chair", ["Wholeslip.", "Alderslip.", "Cedarslip."]),
        ("pack", "nurse", ["Wholeslip.", "Alderslip."]),
        ("pack", "matron", ["Wholeslip."]),
        ("summary", "chair", ["Wholeslip.", "Alderslip.", "Cedarslip."]),
        ("summary", "nurse", ["Wholeslip.", "Alderslip."]),
    ],
)
def test_a_slip_is_printed_with_its_item_for_those_who_may_see_it(
    amended: Play, which: str, who: str, slips: list[str]
) -> None:
    lines = texts(paper_for(amended, who, which))
    assert [line.split(". ", 1)[1] for line in lines if line.startswith("Amendment ")] == [
        f"{says} Reason: Misheard." for says in slips
    ]


def test_it_follows_what_the_minutes_say_of_the_item(amended: Play) -> None:
    lines = texts(paper_for(amended, "nurse", "summary"))
    here = next(at for at, line in enumerate(lines) if "Alderslip." in line)
    assert lines[here - 4].startswith("Item 5: WEST-0001")
    assert lines[here].startswith("Amendment 5-1, 24 March 2026, written by Nurse, approved by Chair.")


@pytest.mark.parametrize("which", ["annex", "pack", "summary"])
def test_the_digest_of_the_minutes_is_in_the_footer(amended: Play, which: str) -> None:
    foot = [one.text for one in opened(paper_for(amended, "chair", which)).sections[0].footer.paragraphs]
    assert foot[-1] == f"Digest of the approved facts (SHA-256): {digest(amended)}"


def test_an_extract_gives_the_digest_of_each_meetings_minutes(amended: Play) -> None:
    lines = texts(paper_for(amended, "nurse", "extract"))
    assert f"Proof\tDigest of the approved facts (SHA-256): {digest(amended)}" in lines


def digest(play: Play) -> str:
    """Return the digest of the approved minutes."""
    with play.store.reading() as work:
        found = work.session.get_one(Minutes, 1).digest
    assert found
    return found


@pytest.mark.parametrize("which", ["pack", "summary"])
def test_a_case_removed_under_retention_leaves_its_number_and_the_day(amended: Play, which: str) -> None:
    amended.at(3, 25)
    erase(amended, "WEST-0002")
    lines = texts(paper_for(amended, "nurse", which))
    at = lines.index("Item 6: Removed case")
    assert lines[at + 1] == "Removed under retention on 25 March 2026."
    assert not any("Birch" in line for line in lines)
    assert any("Alder" in line for line in lines)


def test_the_summary_of_minutes_says_which_cases_were_deferred_or_withdrawn(play: Play) -> None:
    approve_with_two_not_heard(play)
    lines = texts(file_for(play, "chair", summary.summary_document, play.county.west_meetings[0]).write())
    here = next(at for at, line in enumerate(lines) if line.endswith(": WEST-0001"))
    assert [lines[at].rpartition(": ")[2] for at in range(here, here + 6)] == [
        "WEST-0001",
        "This item was not reached.",
        "WEST-0002",
        "Deferred to a later meeting before it was heard.",
        "WEST-0003",
        "Withdrawn before it was heard.",
    ]
    assert "In short\tNo cases heard, no decisions and no actions." in lines
