"""The audit as an officer asks it: by case, by person, by days; and what is refused."""

from datetime import date

import pytest
from sqlmodel import col

from bot.documents.audit_report import ReportRow
from bot.errors import Misconfigured
from bot.models.bookkeeping import AuditEntry
from bot.services.actions.changes import add_action
from bot.services.cases import lists
from bot.services.county.audit_report import AuditQuestion, AuditReport, report_audit
from bot.services.people.deputies import name_deputy
from bot.store.audit_check import check_audit
from bot.store.unit_of_work import Store
from tests.county import TEAM, WEST, user_id
from tests.services.conftest import Play


def _reported(play: Play, **asked: str | date) -> AuditReport:
    with play.store.work() as work:
        return report_audit(work, AuditQuestion(**asked))  # type: ignore[arg-type]


def _said(rows: tuple[ReportRow, ...]) -> list[str]:
    return [f"{row.person} {row.verb} {row.noun} {row.case} {row.outcome}" for row in rows]


@pytest.fixture
def _done(play: Play) -> None:
    """On 2 March a case is flagged and on an action; on 29 March, after the clocks went forward, it is read."""
    play.flags("WEST-0001")
    play.flags("WEST-0002")
    given = {"holder_user_id": user_id("nurse"), "text": "ring", "due": "Friday", "case_reference": "WEST-0001"}
    play.does("coordinator", add_action, WEST, **given)
    play.at(3, 29, 23, 30)  # 22:30 UTC
    play.does("constable", lists.case_history, "WEST-0001")


@pytest.mark.usefixtures("_done")
def test_all_that_was_done_to_or_read_of_a_case(play: Play) -> None:
    found = _reported(play, case="west-0001")
    assert found.title == "Audit: case WEST-0001"
    assert _said(found.rows) == [
        "Socialworker flag case WEST-0001 done",
        "Coordinator add action WEST-0001 done",
        "Constable read case WEST-0001 done",
    ]
    last = found.rows[-1]
    assert (f"{last.at:%d %B %H:%M}", last.at.tzinfo, last.agency) == ("29 March 23:30", None, "Police")
    assert found.rows[0].panel == "West Operational MET"


@pytest.mark.usefixtures("_done")
def test_what_a_person_did_and_what_was_refused_to_their_account(play: Play) -> None:
    with play.store.work() as work:
        work.audit("history", "case", 12, outcome="refused", account=f"{TEAM}.{user_id('constable')}")
        work.audit("history", "case", outcome="refused", account=f"{TEAM}.UNOBODY")
    found = _reported(play, person="constable")
    assert found.title == "Audit: Constable"
    assert _said(found.rows) == ["Constable read case WEST-0001 done", "Not enrolled history case  refused"]
    assert found.rows[-1].account == f"{TEAM}.UCONSTABLE"


@pytest.mark.usefixtures("_done")
@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(date(2026, 3, 29), date(2026, 3, 29), 1), (date(2026, 3, 30), None, 0), (None, date(2026, 3, 28), 3)],
)
def test_the_days_are_the_countys_own_and_both_are_included(
    play: Play, first: date | None, last: date | None, expected: int
) -> None:
    with play.store.work() as work:
        found = report_audit(work, AuditQuestion(first=first, last=last))
    assert len([row for row in found.rows if row.noun in ("case", "action")]) == expected


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("_done")
def test_that_it_was_made_is_audited_with_the_case_and_not_in_it(play: Play) -> None:
    assert "report" not in {row.verb for row in _reported(play, case="WEST-0001").rows}
    again = _reported(play, case="WEST-0001").rows[-1]
    assert (again.person, again.verb, again.case) == ("panelbot", "report", "WEST-0001")
    _reported(play, person="nurse")
    _reported(play, first=date(2026, 3, 1))
    with play.store.reading() as work:
        found = work.find_all(AuditEntry, col(AuditEntry.verb) == "report", by=[col(AuditEntry.id)])
        nouns = [(entry.noun, entry.noun_id) for entry in found]
        assert check_audit(work.session.connection(), work.keys).fault is None
    assert nouns == [("case", 1), ("case", 1), ("person", play.county.person["nurse"]), ("audit", None)]


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("_done")
def test_the_person_concerned_is_named_but_not_by_the_number_of_a_place(play: Play) -> None:
    play.does("nurse", name_deputy, user_id("outsider"), user_id("nurse"), how="standing")
    with play.store.work() as work:
        work.audit("leave", "person", play.county.person["matron"])
    about = {row.verb: row.about for row in _reported(play, first=date(2026, 3, 1)).rows}
    assert (about["leave"], about["deputise"]) == ("Matron", "")


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("_done")
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (AuditQuestion(), "Say what the report is about: --case, --person, or --from and --to."),
        (
            AuditQuestion(case="WEST-0404"),
            "--case: there is no case WEST-0404. Give its reference as it is on the agenda.",
        ),
        (
            AuditQuestion(person="sam"),
            "--person: nobody has the key sam. Give the key that the county file has for them.",
        ),
        (
            AuditQuestion(first=date(2026, 3, 2), last=date(2026, 3, 1)),
            "--to: 2026-03-01 is before --from, 2026-03-02.",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused_and_leaves_no_entry(play: Play, asked: AuditQuestion, said: str) -> None:
    with pytest.raises(Misconfigured) as refused, play.store.work() as work:
        report_audit(work, asked)
    assert str(refused.value) == said
    assert play.audited("report") == []


@pytest.mark.databases("sqlite")
def test_an_empty_audit_may_be_the_wrong_database(store: Store) -> None:
    with pytest.raises(Misconfigured, match=r"^The audit of this database is empty\."), store.work() as work:
        report_audit(work, AuditQuestion(first=date(2026, 3, 1)))
