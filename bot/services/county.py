"""Applying a county file: what it declares becomes so; applying it twice changes nothing."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from sqlmodel import col, select

from bot.documents.county_file import Case as DeclaredCase
from bot.documents.county_file import CountyFile
from bot.documents.county_file import Panel as DeclaredPanel
from bot.documents.county_file import Person as DeclaredPerson
from bot.domain.recurrence import parse_rule
from bot.errors import Misconfigured
from bot.models.cases import Case, CaseReader, Flag
from bot.models.meetings import Meeting
from bot.models.panels import Membership, Panel, Series
from bot.models.people import Agency, Area, Person
from bot.models.vocabulary import FlagState
from bot.store.diary import next_meeting, today_at
from bot.store.endings import end_panel, hand_over
from bot.store.places import is_to_hold
from bot.store.rows import id_of
from bot.store.series import begin_series, dates_for
from bot.store.unit_of_work import Work

_BACK = {"is_active", "left_at"}  # of what is in the file these change in one direction only
RowT = TypeVar("RowT", Area, Agency, Person, Panel)  # what a file declares by key


def apply_county(work: Work, file: CountyFile) -> tuple[str, ...]:
    """Make the database say what the file says; the changes, a line each, none when all was so already.

    Somebody who is no longer in the file has left; their open actions, and those of who is no longer on the panel,
    pass on. Panels and agencies that are no longer in it end, and begin again once they are back. Meetings and cases
    are added where there are none, never changed. Raises Misconfigured when an action would be left without a holder
    or without its panel.
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
        self.teams = {file.county.team} | {person.team for person in file.people}
        self.gone: set[int] = set()
        self.deputies: dict[tuple[int, int], list[int]] = {}  # by panel and whom they stood in for before this file

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
        self._make_room_for_accounts()
        for person in self.file.people:
            self.people[person.key] = self._person(person, leads)
        self._make_room_for_channels()
        for panel in self.file.panels:
            self.panels[panel.key] = self._panel(panel)
        self._those_who_left()
        self._panels_that_ended()
        self._agencies_that_ended()
        for panel in self.file.panels:
            self._members(panel)
        panels = [id_of(panel) for panel in self.panels.values()]
        self.changes += hand_over(self.work, panels, self.gone, self.deputies)
        for panel in self.file.panels:
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
                    if field in _BACK:
                        self.changes.append(f"+ {noun} {key} is back")
                        continue
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

    def _make_room_for_accounts(self) -> None:
        """Slack accounts that change hands are let go first; one whose old key is gone is a person under a new key."""
        session = self.work.session
        owner = {(person.team, person.user): person.key for person in self.file.people}
        declared = set(owner.values())
        rows = session.exec(select(Person).order_by(col(Person.id))).all()
        known = {row.key for row in rows}
        for row in rows:
            key = owner.get((row.team_id, row.user_id), row.key)
            if key == row.key:
                continue
            if key not in known and row.key not in declared:
                self.changes.append(f"~ person {row.key}: key changed to {key}")
                row.key = key
            else:
                if row.key not in declared:
                    self.changes.append(f"~ person {row.key}: their Slack account is {key}'s now")
                row.user_id = f"-{row.id}"
            session.add(row)
        session.flush()

    def _make_room_for_channels(self) -> None:
        """The same for the channels of panels: a panel under a new key keeps its channel, area and kind."""
        session = self.work.session
        owner = {panel.channel: panel for panel in self.file.panels if panel.channel}
        declared = {panel.key for panel in self.file.panels}
        rows = session.exec(select(Panel).where(col(Panel.channel_id).is_not(None)).order_by(col(Panel.id))).all()
        known = set(session.exec(select(Panel.key)))
        for row in rows:
            panel = owner.get(row.channel_id or "")
            if panel is None or panel.key == row.key:
                continue
            is_same = (row.definition, row.area_id) == (panel.definition, self.areas[panel.area].id)
            if row.is_active and is_same and panel.key not in known and row.key not in declared:
                self.changes.append(f"~ panel {row.key}: key changed to {panel.key}")
                row.key = panel.key
            else:
                if row.key not in declared:
                    self.changes.append(f"~ panel {row.key}: its channel is {panel.key}'s now")
                row.channel_id = None
            session.add(row)
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
                # Unless the file says, what the co-ordinator chose in Slack stands.
                **({"bank_holidays": declared.bank_holidays} if declared.bank_holidays else {}),
            },
            lambda: {"data_key_id": self.work.keys.new_key(self.work.session, "panel", self.work.now)},
        )

    def _those_who_left(self) -> None:
        gone = self.work.session.exec(
            select(Person).where(
                col(Person.left_at).is_(None),
                col(Person.team_id).in_(self.teams),
                col(Person.key).not_in(list(self.people)),
            )
        ).all()
        for person in gone:
            person.left_at = self.work.now
            person.leads_agency = False
            self.work.session.add(person)
            self.gone.add(id_of(person))
            self.changes.append(f"- person {person.key} left")
        self.work.session.flush()

    def _panels_that_ended(self) -> None:
        """A panel of this county that the file no longer has: nobody gets in, and it meets no more."""
        ours = {id_of(area) for area in self.areas.values()}
        for area in self.work.session.exec(select(Area).order_by(col(Area.id))):
            if area.parent_id in ours:
                ours.add(id_of(area))
        ended = self.work.session.exec(
            select(Panel)
            .where(col(Panel.is_active), col(Panel.area_id).in_(ours), col(Panel.key).not_in(list(self.panels)))
            .order_by(col(Panel.key))
        ).all()
        for panel in ended:
            self.changes += end_panel(self.work, panel)
        self.work.session.flush()

    def _agencies_that_ended(self) -> None:
        """An agency that the file no longer has, unless it is another county's."""
        session = self.work.session
        for agency in session.exec(select(Agency).where(col(Agency.is_active)).order_by(col(Agency.key))).all():
            if agency.key in self.agencies:
                continue
            people = session.exec(
                select(Person).where(col(Person.agency_id) == id_of(agency)).order_by(col(Person.key))
            ).all()
            if people and not any(person.team_id in self.teams for person in people):
                continue
            remaining = [person.key for person in people if person.left_at is None]
            if remaining:
                raise Misconfigured(
                    f"agencies: {agency.key} is gone from the file but still has people: {', '.join(remaining)}."
                )
            agency.is_active = False
            session.add(agency)
            self.changes.append(f"- agency {agency.key} ended")
        session.flush()

    def _members(self, declared: DeclaredPanel) -> None:
        session = self.work.session
        panel = self.panels[declared.key]
        wanted = {(id_of(self.people[member.person]), member.role): member.deputy_for for member in declared.members}
        names = {id_of(person): key for key, person in self.people.items()}
        current = session.exec(
            select(Membership).where(col(Membership.panel_id) == id_of(panel), is_to_hold(self.work.now))
        ).all()
        kept = set()
        for membership in current:
            if membership.deputy_for_id is not None:
                self.deputies.setdefault((id_of(panel), membership.deputy_for_id), []).append(membership.person_id)
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
        if session.exec(
            select(Series.id).where(col(Series.panel_id) == id_of(panel), col(Series.ended_at).is_(None))
        ).first():
            return
        rule = parse_rule(declared.rule)
        start = declared.starts_on or today_at(self.work, panel)
        given = dates_for(self.work, panel, rule, start=start, count=declared.count).new
        begin_series(self.work, panel, rule, given, starts_on=start, count=declared.count)
        self.changes.append(f"+ {declared.key}: {len(given)} meetings, {rule.describe()}")

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
