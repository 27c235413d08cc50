"""The small county grown to any size: so many panels, people, cases, meetings, actions and returns of each sort."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from bot.models.actions import Action, ActionEvent
from bot.models.cases import Case, Flag
from bot.models.meetings import AgencyReturn, AgendaItem, Attendance, Decision, Meeting, Note, Rsvp
from bot.models.minutes import Minutes
from bot.models.panels import Membership, Panel
from bot.models.people import Agency, Person
from bot.models.vocabulary import (
    ActionEventKind,
    ActionState,
    AgeBand,
    AgencyKind,
    AttendanceStatus,
    DecisionKind,
    FlagState,
    ItemState,
    LegalStatus,
    MeetingState,
    NoteKind,
    Reply,
    ReturnKnowledge,
    Role,
    Urgency,
)
from bot.store.rows import id_of
from bot.store.unit_of_work import Store, Work
from tests.county import TEAM, County

#: A case that was heard as often as the county is large.
HEARD_OFTEN = "OFTEN-0001"
_LONG_AGO = datetime(2025, 12, 2, 14, 0, tzinfo=UTC)
_AGENCIES = 10  # one more for so many of everything else


@dataclass(slots=True)
class Grown:
    """What was made so far."""

    county: County
    size: int = 0
    panel_ids: list[int] = field(default_factory=list)
    case_ids: dict[str, int] = field(default_factory=dict)
    key_ids: dict[int, int] = field(default_factory=dict)
    held_id: int = 0  #: the West meeting held last, of which there are no minutes yet
    west_key_id: int = 0
    flag_ids: list[int] = field(default_factory=list)  #: accepted, and on the agenda of West's next meeting
    secret: str = ""  #: of the nurse's calendar feed


def grow(store: Store, grown: Grown, size: int) -> None:
    """Make the county so large."""
    with store.work() as work:
        if not grown.size:
            _begin(work, grown)
        numbers = range(grown.size, size)
        for number in numbers:
            if number % _AGENCIES == 0:
                _stored(work, Agency(key=f"agency-{number}", name=f"Agency {number:03}", kind=AgencyKind.EDUCATION))
        _panels(work, grown, numbers)
        _people(work, grown, numbers)
        _waiting(work, grown, numbers)
        _owed(work, grown, numbers)
        _hearings(work, grown, numbers)
    grown.size = size


def _begin(work: Work, grown: Grown) -> None:
    west = work.session.get_one(Panel, grown.county.west_id)
    grown.west_key_id = west.data_key_id
    grown.held_id = _meeting(work, id_of(west), work.now - timedelta(days=5), held=True)
    _case(work, grown, HEARD_OFTEN)


def _panels(work: Work, grown: Grown, numbers: range) -> None:
    """Let each panel meet next week, after sending a case up to the county last month."""
    county = grown.county
    area_id = work.session.get_one(Panel, county.west_id).area_id
    for number in numbers:
        panel_id = _stored(
            work,
            Panel(
                key=f"panel-{number:03}",
                title=f"Panel {number:03}",
                definition="district-operational-met",
                area_id=area_id,
                channel_id=f"CPANEL{number}",
                data_key_id=work.keys.new_key(work.session, "panel", work.now),
            ),
        )
        grown.panel_ids.append(panel_id)
        for who, role in (
            ("coordinator", Role.COORDINATOR),
            ("chair", Role.CHAIR),
            ("nurse", Role.REPRESENTATIVE),
            ("matron", Role.REPRESENTATIVE),
        ):
            work.session.add(Membership(panel_id=panel_id, person_id=county.person[who], role=role, began_at=work.now))
        coming = _meeting(work, panel_id, work.now + timedelta(days=8, minutes=number))
        work.session.get_one(Meeting, coming).agenda_published_at = work.now
        held = _meeting(work, panel_id, work.now - timedelta(days=30, minutes=number), held=True)
        work.session.add(
            Minutes(meeting_id=held, version=1, drafted_by_id=county.person["coordinator"], drafted_at=work.now)
        )
        work.session.add(
            Attendance(
                meeting_id=held,
                person_id=county.person["nurse"],
                agency_id=county.agency["health"],
                status=AttendanceStatus.PRESENT,
            )
        )
        case_id = _case(work, grown, f"SENT-{number:04}")
        flag_id = _flag(work, grown, case_id, panel_id, held, FlagState.ACCEPTED, number)
        item_id = _item(work, held, 1, flag_id, f"SENT-{number:04}", ItemState.DISCUSSED)
        _decision(work, grown, item_id, case_id, DecisionKind.ESCALATE)
        waiting = _case(work, grown, f"THERE-{number:04}")
        _flag(work, grown, waiting, panel_id, coming, FlagState.ACCEPTED, number)
        _flag(work, grown, case_id, panel_id, coming, FlagState.OPEN, number)
        _action(work, grown, panel_id, case_id, None, "nurse", number)


def _people(work: Work, grown: Grown, numbers: range) -> None:
    """Let each represent health on West, stand in for the nurse there, and answer for the next meeting."""
    county = grown.county
    meeting = work.session.get_one(Meeting, county.west_meetings[0])
    agencies = [county.agency["health"], *(row for row in _agency_ids(work))]
    for number in numbers:
        agency_id = agencies[number % len(agencies)]
        person_id = _stored(
            work,
            Person(
                key=f"person-{number}",
                name=f"Person {number:03}",
                team_id=TEAM,
                user_id=f"UPERSON{number}",
                agency_id=agency_id,
                enrolled_at=work.now,
            ),
        )
        place: dict[str, Any] = {"panel_id": county.west_id, "person_id": person_id, "began_at": work.now}
        work.session.add(Membership(role=Role.REPRESENTATIVE, **place))
        work.session.add(Membership(role=Role.DEPUTY, deputy_for_id=county.person["nurse"], **place))
        is_sorry = number % 2 == 1
        work.session.add(
            Rsvp(
                meeting_id=id_of(meeting),
                person_id=person_id,
                agency_id=agency_id,
                reply=Reply.APOLOGIES if is_sorry else Reply.COMING,
                information=work.seal(grown.west_key_id, "A letter.") if is_sorry else None,
                starts_at=meeting.starts_at,
                replied_at=work.now,
            )
        )
        work.session.add(
            Attendance(
                meeting_id=grown.held_id,
                person_id=person_id,
                agency_id=agency_id,
                status=AttendanceStatus.APOLOGIES,
                information_sent=work.seal(grown.west_key_id, "A letter."),
            )
        )


def _waiting(work: Work, grown: Grown, numbers: range) -> None:
    """Cases flagged to West's next meeting: one accepted and answered by an agency, one for the chair to rule on."""
    county = grown.county
    meeting_id = county.west_meetings[0]
    work.session.get_one(Meeting, meeting_id).agenda_published_at = work.now
    for number in numbers:
        case_id = _case(work, grown, f"READY-{number:04}")
        flag_id = _flag(work, grown, case_id, county.west_id, meeting_id, FlagState.ACCEPTED, number)
        grown.flag_ids.append(flag_id)
        _item(work, meeting_id, number + 1, flag_id, f"READY-{number:04}", ItemState.PENDING)
        work.session.add(
            AgencyReturn(
                flag_id=flag_id,
                agency_id=county.agency["health"],
                person_id=county.person["nurse"],
                knowledge=ReturnKnowledge.KNOWN,
                text=work.seal(grown.key_ids[case_id], "Seen twice."),
                returned_at=work.now,
            )
        )
        open_id = _case(work, grown, f"OPEN-{number:04}")
        _flag(work, grown, open_id, county.west_id, meeting_id, FlagState.OPEN, number)
        _action(work, grown, county.west_id, case_id, None, "nurse", number)


def _owed(work: Work, grown: Grown, numbers: range) -> None:
    """Cases of the meeting held last: one retained for review by the next, one that it did not come to."""
    county = grown.county
    for number in numbers:
        kept_id = _case(work, grown, f"KEPT-{number:04}")
        flag_id = _flag(work, grown, kept_id, county.west_id, grown.held_id, FlagState.ACCEPTED, number)
        item_id = _item(work, grown.held_id, 2 * number + 1, flag_id, f"KEPT-{number:04}", ItemState.DISCUSSED)
        _decision(work, grown, item_id, kept_id, DecisionKind.RETAIN)
        work.session.add(
            Note(
                item_id=item_id,
                kind=NoteKind.SHARED,
                agency_id=county.agency["police"],
                text=work.seal(grown.key_ids[kept_id], "Seen at the bus station."),
                written_by_id=county.person["chair"],
                written_at=work.now,
            )
        )
        _action(work, grown, county.west_id, kept_id, item_id, "nurse", number)
        left_id = _case(work, grown, f"LEFT-{number:04}")
        state = FlagState.OPEN if number % 2 else FlagState.ACCEPTED
        flag_id = _flag(work, grown, left_id, county.west_id, grown.held_id, state, number)
        _item(work, grown.held_id, 2 * number + 2, flag_id, f"LEFT-{number:04}", ItemState.NOT_REACHED)


def _hearings(work: Work, grown: Grown, numbers: range) -> None:
    """Add a meeting of West long ago, a hearing of one case, and a coming meeting."""
    county = grown.county
    case_id = grown.case_ids[HEARD_OFTEN]
    for number in numbers:
        at = _LONG_AGO - timedelta(days=number)
        held = _meeting(work, county.west_id, at, held=True)
        flag_id = _flag(work, grown, case_id, county.west_id, held, FlagState.ACCEPTED, number)
        item_id = _item(work, held, 1, flag_id, HEARD_OFTEN, ItemState.DISCUSSED)
        _decision(work, grown, item_id, case_id, DecisionKind.STEP_DOWN)
        _action(work, grown, county.west_id, case_id, item_id, "nurse", number)
        work.session.add(
            Minutes(
                meeting_id=held,
                version=1,
                state="approved",
                drafted_by_id=county.person["coordinator"],
                drafted_at=at,
                approved_by_id=county.person["chair"],
                approved_at=at,
            )
        )
        for who in ("chair", "nurse"):
            agency = "police" if who == "chair" else "health"
            work.session.add(
                Attendance(
                    meeting_id=held,
                    person_id=county.person[who],
                    agency_id=county.agency[agency],
                    status=AttendanceStatus.PRESENT,
                )
            )
        _meeting(work, county.west_id, work.now + timedelta(days=100 + number))


def _agency_ids(work: Work) -> list[int]:
    return [id_of(row) for row in work.session.exec(select(Agency).where(col(Agency.key).like("agency-%")))]


def _stored(work: Work, row: Any) -> int:
    work.session.add(row)
    work.session.flush()
    return id_of(row)


def _meeting(work: Work, panel_id: int, starts_at: datetime, *, held: bool = False) -> int:
    ends_at = starts_at + timedelta(hours=2)
    meeting = Meeting(panel_id=panel_id, starts_at=starts_at, ends_at=ends_at)
    if held:
        meeting.state, meeting.opened_at, meeting.closed_at = MeetingState.CLOSED, starts_at, ends_at
    return _stored(work, meeting)


def _case(work: Work, grown: Grown, reference: str) -> int:
    key_id = work.keys.new_key(work.session, "case", work.now)
    case_id = _stored(
        work,
        Case(
            reference=reference,
            area_id=work.session.get_one(Panel, grown.county.west_id).area_id,
            data_key_id=key_id,
            created_at=work.now,
        ),
    )
    grown.case_ids[reference] = case_id
    grown.key_ids[case_id] = key_id
    return case_id


def _flag(work: Work, grown: Grown, case_id: int, panel_id: int, meeting_id: int, state: FlagState, number: int) -> int:
    """Flagged by another person and another agency each time, under the case's own key."""
    people = sorted(one for key, one in grown.county.person.items() if key in ("constable", "socialworker", "nurse"))
    key_id = grown.key_ids[case_id]
    meeting = work.session.get_one(Meeting, meeting_id)
    return _stored(
        work,
        Flag(
            case_id=case_id,
            panel_id=panel_id,
            meeting_id=meeting_id,
            agency_id=list(grown.county.agency.values())[number % 3],
            person_id=people[number % 3],
            state=state,
            age_band=AgeBand.FROM_14_TO_15,
            legal_status=LegalStatus.CIN,
            urgency=list(Urgency)[number % 3],
            risk_tool="ceraf",
            risk_level=("standard", "medium", "high")[number % 3],
            assessed_on=date(2026, 2, 1),
            judgement=work.seal(key_id, "More worried than the score says."),
            asked_of_panel=work.seal(key_id, "A shared plan."),
            flagged_at=meeting.starts_at - timedelta(days=20),
        ),
    )


def _item(work: Work, meeting_id: int, position: int, flag_id: int, title: str, state: ItemState) -> int:
    return _stored(
        work,
        AgendaItem(
            meeting_id=meeting_id,
            position=position,
            number=position,
            section="new-children",
            title=title,
            minutes=1,
            flag_id=flag_id,
            state=state,
        ),
    )


def _decision(work: Work, grown: Grown, item_id: int, case_id: int, kind: DecisionKind) -> None:
    work.session.add(
        Decision(
            item_id=item_id,
            kind=kind,
            rationale=work.seal(grown.key_ids[case_id], "As was said."),
            review_on=date(2026, 3, 20) if kind is DecisionKind.RETAIN else None,
            decided_by_id=grown.county.person["chair"],
            decided_at=work.now - timedelta(days=4),
        )
    )


def _action(
    work: Work, grown: Grown, panel_id: int, case_id: int, item_id: int | None, holder: str, number: int
) -> None:
    county = grown.county
    item = work.session.get_one(AgendaItem, item_id) if item_id else None
    action_id = _stored(
        work,
        Action(
            panel_id=panel_id,
            meeting_id=item.meeting_id if item else None,
            item_id=item_id,
            case_id=case_id,
            text=work.seal(grown.key_ids[case_id], "Ring the school nurse."),
            agency_id=list(county.agency.values())[number % 3],
            holder_id=county.person[holder],
            due_on=date(2026, 2, 1) + timedelta(days=number % 60),
            state=ActionState.DONE if number % 4 == 3 else ActionState.OPEN,
            created_by_id=county.person["chair"],
            created_at=work.now - timedelta(days=20),
        ),
    )
    work.session.add(
        ActionEvent(
            action_id=action_id,
            kind=ActionEventKind.EXTENDED,
            person_id=county.person[holder],
            at=work.now - timedelta(days=2),
            due_on=date(2026, 3, 1),
            reason=work.seal(grown.key_ids[case_id], "The clinic is shut."),
        )
    )
