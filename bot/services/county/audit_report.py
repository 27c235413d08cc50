"""The audit report: entries about one case, about one person, or from a period."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import col, select

from bot.documents.audit_report import ReportRow
from bot.errors import Misconfigured
from bot.models.bookkeeping import AuditEntry
from bot.models.cases import Case
from bot.models.panels import Panel
from bot.models.people import Agency, Person
from bot.records.access.queries import is_about_case, is_running, zone_of
from bot.records.cases.references import is_meant, numbers_of_child
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

MOST_ROWS = 1_000_000  # a spreadsheet has room for 1,048,576
_UNENROLLED, _BOT = "Not enrolled", "panelbot"


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """What an audit report is to contain. An entry must meet all the conditions that are given."""

    case: str | None = None  #: reference
    person: str | None = None  #: key, as in the county file, of a person who did it, or who it was done to
    first: date | None = None  #: the county's days, both included
    last: date | None = None


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The entries of an audit report, the oldest first."""

    title: str
    made_on: date
    rows: tuple[ReportRow, ...]


def report_audit(work: Work, asked: AuditQuestion) -> AuditReport:
    """Return the audit entries that were asked for, and record this request in the audit.

    Raise Misconfigured if the question names an unknown case or person, or its period is wrong.
    """
    if asked.first and asked.last and asked.last < asked.first:
        raise Misconfigured(f"--to: {asked.last} is before --from, {asked.first}.")
    require_used(work)
    zone = _zone(work)
    conditions, titles = list[ColumnElement[bool]](), list[str]()
    case_id = person_id = None
    if asked.case is not None:
        case_id = _case(work, asked.case)
        conditions.append(or_(*map(is_about_case, numbers_of_child(work, case_id))))
        titles.append(f"case {asked.case.upper()}")
    if asked.person is not None:
        person = _person(work, asked.person)
        person_id = id_of(person)
        account = f"{person.team_id}.{person.user_id}"
        did = or_(col(AuditEntry.actor_id) == person_id, col(AuditEntry.account) == account)
        conditions.append(or_(did, _concerns(person_id)))
        titles.append(person.name)
    if asked.first is not None:
        conditions.append(col(AuditEntry.at) >= _begins(asked.first, zone))
        titles.append(f"from {asked.first:%-d %B %Y}")
    if asked.last is not None:
        conditions.append(col(AuditEntry.at) < _begins(asked.last + timedelta(days=1), zone))
        titles.append(f"to {asked.last:%-d %B %Y}")
    if not conditions:
        raise Misconfigured("Say what the report is about: --case, --person, or --from and --to.")
    rows = _rows(work, zone, conditions)
    noun, number = ("case", case_id) if case_id else ("person", person_id) if person_id else ("audit", None)
    work.audit("report", noun, number)
    return AuditReport(f"Audit: {', '.join(titles)}", work.now.astimezone(zone).date(), rows)


def require_used(work: Work) -> None:
    """Raise Misconfigured if the audit is empty, since the database is then probably the wrong one."""
    if work.session.exec(select(func.count()).select_from(AuditEntry)).one() == 0:
        raise Misconfigured("The audit of this database is empty. Is it the right database? `panelbot check` names it.")


def _zone(work: Work) -> ZoneInfo:
    """Return the county's time zone: that of its first running panel."""
    panel = work.find(Panel, is_running(work), by=[col(Panel.id)])
    return ZoneInfo("Europe/London") if panel is None else zone_of(work, panel)


def _begins(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, time.min, tzinfo=zone)


def _case(work: Work, reference: str) -> int:
    case = work.find(Case, is_meant(reference.strip().upper()))
    if case is None:
        raise Misconfigured(f"--case: there is no case {reference}. Give its reference as it is on the agenda.")
    return id_of(case)


def _person(work: Work, key: str) -> Person:
    person = work.find(Person, col(Person.key) == key.strip().lower())
    if person is None:
        raise Misconfigured(f"--person: nobody has the key {key}. Give the key that the county file has for them.")
    return person


def _concerns(person_id: int | Mapped[int | None]) -> ColumnElement[bool]:
    """Return the SQL condition on AuditEntry, true if the entry is about a change to this person or their places."""
    # An entry on a deputy's place has the place's id, and one on any other place has the person's id.
    is_place = and_(col(AuditEntry.noun) == "membership", col(AuditEntry.verb) != "deputise")
    return and_(col(AuditEntry.noun_id) == person_id, or_(col(AuditEntry.noun) == "person", is_place))


def _rows(work: Work, zone: ZoneInfo, conditions: list[ColumnElement[bool]]) -> tuple[ReportRow, ...]:
    concerned = aliased(Person)
    query = (
        select(AuditEntry, Person.name, Agency.name)
        .add_columns(col(concerned.name), col(Case.reference), col(Panel.title))
        .join(Person, col(Person.id) == col(AuditEntry.actor_id), isouter=True)
        .join(Agency, col(Agency.id) == col(Person.agency_id), isouter=True)
        .join(concerned, _concerns(col(concerned.id)), isouter=True)
        .join(Case, is_about_case(col(Case.id)), isouter=True)
        .join(Panel, col(Panel.id) == col(AuditEntry.panel_id), isouter=True)
        .where(*conditions)
        .order_by(col(AuditEntry.id))
        .limit(MOST_ROWS + 1)
    )
    found = work.session.execute(query).all()
    if len(found) > MOST_ROWS:
        raise Misconfigured(f"That is more than {MOST_ROWS:,} entries. Ask for fewer days with --from and --to.")
    return tuple(
        ReportRow(
            number=entry.id,
            at=entry.at.astimezone(zone).replace(tzinfo=None, microsecond=0),
            person=name or (_UNENROLLED if entry.account else _BOT),
            agency=agency or "",
            account=entry.account or "",
            verb=entry.verb,
            noun=entry.noun,
            noun_id=entry.noun_id,
            about=about or "",
            case=reference or "",
            panel=panel or "",
            outcome=entry.outcome,
            sha256=entry.sha256 or "",
        )
        for entry, name, agency, about, reference, panel in found
    )
