"""Applying a county file: what it declares becomes so; applying it twice changes nothing."""

from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Any, TypeVar

from sqlmodel import col, select

from bot.documents.county_file import Case as DeclaredCase
from bot.documents.county_file import CountyFile
from bot.documents.county_file import Panel as DeclaredPanel
from bot.documents.county_file import Person as DeclaredPerson
from bot.domain.action_state import UNCONFIRMED_STATES
from bot.domain.permissions import Verb
from bot.domain.recurrence import occurrences, parse_rule
from bot.errors import Misconfigured
from bot.models.actions import Action, ActionEvent
from bot.models.cases import Case, CaseReader, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel, Series
from bot.models.people import Agency, Area, Person
from bot.models.vocabulary import ActionEventKind, FlagState
from bot.store.diary import next_meeting, today_at
from bot.store.people import is_member_who_may
from bot.store.rows import id_of
from bot.store.unit_of_work import Work

DEFAULT_MEETINGS = 12
RowT = TypeVar("RowT", Area, Agency, Person, Panel)  # what a file declares by key


def apply_county(work: Work, file: CountyFile) -> tuple[str, ...]:
    """Make the database say what the file says; the changes, a line each, none when all was so already.

    Somebody who is no longer in the file has left: their open actions pass to their agency's lead. Meetings and cases
    are added where there are none, never changed. Raises Misconfigured when an action would be left without a holder.
    """
    return _Application(work, file).run()


class _Application:
    """One run over one file; rows by key, changes as they are made."""

    def __init__(self, work: Work, file: CountyFile) -> None:
        self.work = work
        self.file = file
        self.changes: list[str] = []
        self.areas: dict[str, Area] = {}
        self.agencies: dict[str, Agency] = {}
        self.people: dict[str, Person] = {}
        self.panels: dict[str, Panel] = {}

    def run(self) -> tuple[str, ...]:
        for area in sorted(self.file.areas, key=lambda one: one.parent is not None):
            parent = id_of(self.areas[area.parent]) if area.parent else None
            self.areas[area.key] = self._declare(
                "area", Area, area.key, {"name": area.name, "kind": area.kind, "parent_id": parent}
            )
        for agency in self.file.agencies:
            self.agencies[agency.key] = self._declare(
                "agency", Agency, agency.key, {"name": agency.name, "kind": agency.kind, "is_active": True}
            )
        leads = {agency.lead for agency in self.file.agencies}
        self._make_room_for_leads(leads)
        for person in self.file.people:
            self.people[person.key] = self._person(person, leads)
        for panel in self.file.panels:
            self.panels[panel.key] = self._panel(panel)
        self._those_who_left()
        for panel in self.file.panels:
            self._members(panel)
            self._diary(panel)
        for case in self.file.cases:
            self._case(case)
        if self.changes:
            self.work.audit("apply", "county")
        return tuple(self.changes)

    def _declare(
        self,
        noun: str,
        table: type[RowT],
        key: str,
        facts: dict[str, Any],
        only_when_new: Callable[[], dict[str, Any]] = dict,
    ) -> RowT:
        session = self.work.session
        row = session.exec(select(table).where(table.key == key)).first()
        if row is None:
            row = table(key=key, **facts, **only_when_new())
            self.changes.append(f"+ {noun} {key}")
        else:
            for field, value in facts.items():
                if getattr(row, field) != value:
                    setattr(row, field, value)
                    self.changes.append(f"~ {noun} {key}: {field.removesuffix('_id').replace('_', ' ')} changed")
        session.add(row)
        session.flush()
        return row

    def _make_room_for_leads(self, leads: set[str | None]) -> None:
        """Somebody who leads no longer stops first: an agency has one lead at a time."""
        for person in self.work.session.exec(select(Person).where(col(Person.leads_agency))):
            if person.key not in leads:
                person.leads_agency = False
                self.work.session.add(person)
        self.work.session.flush()

    def _person(self, declared: DeclaredPerson, leads: set[str | None]) -> Person:
        self._same_account(declared)
        return self._declare(
            "person",
            Person,
            declared.key,
            {
                "name": declared.name,
                "team_id": declared.team,
                "user_id": declared.user,
                "agency_id": id_of(self.agencies[declared.agency]),
                "leads_agency": declared.key in leads,
                "is_administrator": declared.administrator,
                "timezone": declared.timezone,
                "left_at": None,
            },
            lambda: {"enrolled_at": self.work.now},
        )

    def _same_account(self, declared: DeclaredPerson) -> None:
        """An account that had another key before is the same person under a new key."""
        session = self.work.session
        before = session.exec(
            select(Person).where(col(Person.team_id) == declared.team, col(Person.user_id) == declared.user)
        ).first()
        known = session.exec(select(Person.id).where(col(Person.key) == declared.key)).first()
        if before is not None and before.key != declared.key and known is None:
            self.changes.append(f"~ person {before.key}: key changed to {declared.key}")
            before.key = declared.key
            session.add(before)
            session.flush()

    def _panel(self, declared: DeclaredPanel) -> Panel:
        return self._declare(
            "panel",
            Panel,
            declared.key,
            {
                "title": declared.title,
                "definition": declared.definition,
                "area_id": id_of(self.areas[declared.area]),
                "channel_id": declared.channel,
                "venue": declared.venue,
                "is_active": True,
            },
            lambda: {"data_key_id": self.work.keys.new_key(self.work.session, "panel", self.work.now)},
        )

    def _those_who_left(self) -> None:
        teams = {self.file.county.team} | {person.team for person in self.file.people}
        gone = self.work.session.exec(
            select(Person).where(
                col(Person.left_at).is_(None),
                col(Person.team_id).in_(teams),
                col(Person.key).not_in(list(self.people)),
            )
        ).all()
        for person in gone:
            self._hand_over(person)
            person.left_at = self.work.now
            person.leads_agency = False
            self.work.session.add(person)
            self.changes.append(f"- person {person.key} left")
        self.work.session.flush()

    def _hand_over(self, person: Person) -> None:
        actions = self.work.session.exec(
            select(Action).where(
                col(Action.holder_id) == id_of(person), col(Action.state).in_(sorted(UNCONFIRMED_STATES))
            )
        ).all()
        if not actions:
            return
        lead = self.work.session.exec(
            select(Person).where(
                col(Person.agency_id) == person.agency_id,
                col(Person.leads_agency),
                col(Person.left_at).is_(None),
                col(Person.id) != id_of(person),
            )
        ).first()
        for action in actions:
            if lead is None or not is_member_who_may(self.work, action.panel_id, id_of(lead), Verb.HOLD_ACTIONS):
                raise Misconfigured(
                    f"people: {person.key} is gone from the file but holds action {action.id}, and their agency has "
                    "no lead on that panel to take it. Give the agency a lead there, or reassign the action first."
                )
            action.holder_id = id_of(lead)
            self.work.session.add(action)
            self.work.session.add(
                ActionEvent(
                    action_id=id_of(action),
                    kind=ActionEventKind.REASSIGNED,
                    at=self.work.now,
                    holder_id=id_of(lead),
                )
            )
            self.changes.append(f"~ action {action.id}: passed from {person.key} to {lead.key}")

    def _members(self, declared: DeclaredPanel) -> None:
        session = self.work.session
        panel = self.panels[declared.key]
        wanted = {(id_of(self.people[member.person]), member.role): member.deputy_for for member in declared.members}
        names = {id_of(person): key for key, person in self.people.items()}
        current = session.exec(
            select(Membership).where(col(Membership.panel_id) == id_of(panel), col(Membership.ended_at).is_(None))
        ).all()
        kept = set()
        for membership in current:
            place = (membership.person_id, membership.role)
            deputy_for = wanted.get(place)
            stands_in_for = id_of(self.people[deputy_for]) if deputy_for else None
            if place in wanted and membership.deputy_for_id == stands_in_for:
                kept.add(place)
                continue
            membership.ended_at = self.work.now
            session.add(membership)
            name = names.get(membership.person_id) or session.get_one(Person, membership.person_id).key
            self.changes.append(f"- {declared.key}: {name} is no longer {membership.role.label}")
        session.flush()
        for place, deputy_for in wanted.items():
            if place in kept:
                continue
            person_id, role = place
            session.add(
                Membership(
                    panel_id=id_of(panel),
                    person_id=person_id,
                    role=role,
                    deputy_for_id=id_of(self.people[deputy_for]) if deputy_for else None,
                    began_at=self.work.now,
                )
            )
            self.changes.append(f"+ {declared.key}: {names[person_id]} is {role.label}")
        session.flush()

    def _diary(self, declared: DeclaredPanel) -> None:
        session = self.work.session
        panel = self.panels[declared.key]
        if declared.rule is None:
            return
        if session.exec(select(Series.id).where(col(Series.panel_id) == id_of(panel))).first() is not None:
            return
        rule = parse_rule(declared.rule)
        definition = self.work.definition(declared.definition)
        start = declared.starts_on or today_at(self.work, panel)
        given = occurrences(
            rule, start=start, count=declared.count or DEFAULT_MEETINGS, until=None, definition=definition
        )
        coming = [one for one in given if one.starts_at > self.work.now]
        # Anchored to its first day, so that a later extension of the series keeps its rhythm.
        words = rule.anchored(given[0].rule_on).describe() if given else rule.describe()
        series = Series(panel_id=id_of(panel), rule=words, starts_on=start, created_at=self.work.now)
        session.add(series)
        session.flush()
        for one in coming:
            begins = one.starts_at.astimezone(UTC)
            session.add(
                Meeting(
                    panel_id=id_of(panel),
                    series_id=series.id,
                    rule_on=one.rule_on,
                    starts_at=begins,
                    ends_at=begins + timedelta(minutes=definition.duration),
                    venue=declared.venue,
                )
            )
        session.flush()
        self.changes.append(f"+ {declared.key}: {len(coming)} meetings, {rule.describe()}")

    def _case(self, declared: DeclaredCase) -> None:
        session = self.work.session
        if session.exec(select(Case.id).where(col(Case.reference) == declared.reference)).first() is not None:
            return
        panel = self.panels[declared.panel]
        meeting = next_meeting(self.work, id_of(panel))
        if meeting is None:
            raise Misconfigured(
                f"cases: {declared.reference} is flagged to {declared.panel}, which has no meeting in its diary."
            )
        case = Case(
            reference=declared.reference,
            area_id=id_of(self.areas[declared.district]),
            age_band=declared.age_band,
            legal_status=declared.legal_status,
            is_closed=declared.closed,
            data_key_id=self.work.keys.new_key(session, "case", self.work.now),
            created_at=self.work.now,
        )
        session.add(case)
        session.flush()
        for reader in declared.readers:
            session.add(CaseReader(case_id=id_of(case), person_id=id_of(self.people[reader])))
        session.add(self._flag(declared, case, panel, meeting))
        self.changes.append(f"+ case {declared.reference}, flagged to {declared.panel}")

    def _flag(self, declared: DeclaredCase, case: Case, panel: Panel, meeting: Meeting) -> Flag:
        today: date = today_at(self.work, panel)
        return Flag(
            case_id=id_of(case),
            panel_id=id_of(panel),
            meeting_id=id_of(meeting),
            agency_id=id_of(self.agencies[declared.agency]),
            person_id=id_of(self.people[declared.flagged_by]),
            state=FlagState.OPEN,
            urgency=declared.urgency,
            risk_tool=declared.risk_tool,
            risk_level=declared.risk_level,
            score=declared.score,
            assessed_on=declared.assessed(today),
            judgement=self.work.seal(case.data_key_id, declared.judgement),
            asked_of_panel=self.work.seal(case.data_key_id, declared.asked_of_panel),
            themes=[theme.value for theme in declared.themes],
            missing_episodes=declared.missing_episodes,
            interviews_offered=declared.interviews_offered,
            interviews_within_72h=declared.interviews_within_72h,
            flagged_at=self.work.now,
        )
