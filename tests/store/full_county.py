"""A county with one row in every table, for tests of what the database itself refuses."""

from datetime import date, timedelta

from bot.models.actions import Action, ActionEvent, Chase
from bot.models.bookkeeping import AuditCheckpoint
from bot.models.cases import AccessEvent, AgencyReference, Case, CaseReader, Flag, FlagEdit, NrmReferral, Recusal
from bot.models.exports import PaperExport, PaperExportFile
from bot.models.meetings import (
    AgencyReturn,
    AgendaItem,
    Attendance,
    AttendanceEntry,
    Board,
    Decision,
    Guest,
    Meeting,
    Note,
    Prompt,
    PublishedAgenda,
    PublishedLine,
    Rsvp,
)
from bot.models.minutes import (
    AmendmentSlip,
    Correction,
    Minutes,
    MinutesAccuracy,
    MinutesCopy,
    MinutesEvent,
    MinutesPart,
)
from bot.models.outbox import DirectChannel, OutboxMethod, SlackFile, SlackFileCase
from bot.models.panels import ChannelGuest, CountySettings, ReadingAsked, Series, SharedChannel
from bot.models.people import CalendarFeed
from bot.models.vocabulary import (
    AccessChange,
    Accuracy,
    ActionEventKind,
    AgeBand,
    AttendanceStatus,
    ChaseStep,
    CloseReason,
    CorrectionKind,
    DecisionKind,
    FirstResponder,
    FlagState,
    LegalStatus,
    MeetingState,
    MinutesState,
    MinutesStep,
    NoteKind,
    NrmRoute,
    PromptKind,
    Reply,
    ReturnKnowledge,
    Urgency,
)
from bot.store.outbox import Effect
from bot.store.requests import remember_answer
from bot.store.rows import id_of
from bot.store.unit_of_work import Store
from tests.county import County, furnish


def fill(store: Store) -> County:
    """Return the small county, and one of everything that may happen in it, at its first meeting."""
    county = furnish(store)
    chair, nurse, health = county.person["chair"], county.person["nurse"], county.agency["health"]
    with store.work() as work:
        session, now, today = work.session, work.now, work.now.date()
        meeting = session.get_one(Meeting, county.west_meetings[0])
        meeting.state, meeting.opened_at = MeetingState.OPEN, now
        case = Case(
            reference="WEST-0001",
            area_id=1,
            data_key_id=work.keys.new_key(session, "case", now),
            created_at=now,
        )
        session.add_all([case, Series(panel_id=county.west_id, rule="monthly", starts_on=today, created_at=now)])
        session.flush()
        case_id = id_of(case)
        words = work.seal(case.data_key_id, "words")
        flag = Flag(
            case_id=case_id,
            panel_id=county.west_id,
            meeting_id=id_of(meeting),
            agency_id=health,
            person_id=nurse,
            state=FlagState.ACCEPTED,
            age_band=AgeBand.FROM_14_TO_15,
            legal_status=LegalStatus.CIN,
            urgency=Urgency.ROUTINE,
            risk_tool="ceraf",
            risk_level="high",
            assessed_on=date(2026, 2, 2),
            judgement=words,
            asked_of_panel=words,
            flagged_at=now,
        )
        session.add_all(
            [
                flag,
                CaseReader(case_id=case_id, person_id=chair),
                AgencyReference(
                    case_id=case_id,
                    agency_id=county.agency["police"],
                    reference=words,
                    person_id=chair,
                    written_at=now,
                ),
                AccessEvent(
                    case_id=case_id,
                    panel_id=county.west_id,
                    kind=AccessChange.NAMED,
                    person_id=nurse,
                    by_id=chair,
                    at=now,
                    reason=work.seal(case.data_key_id, "She visits the family."),
                ),
                ReadingAsked(place_id=1, case_id=case_id, given_by_id=nurse),
                Recusal(case_id=case_id, person_id=nurse, declared_at=now),
            ]
        )
        session.flush()
        item = AgendaItem(
            meeting_id=id_of(meeting),
            position=1,
            number=1,
            section="reviews",
            title="WEST-0001",
            minutes=5,
            flag_id=flag.id,
        )
        action = Action(
            panel_id=county.west_id,
            case_id=case_id,
            text=words,
            agency_id=health,
            holder_id=nurse,
            due_on=today + timedelta(days=7),
            created_by_id=chair,
            created_at=now,
        )
        minutes = Minutes(meeting_id=county.west_meetings[1], version=1, drafted_by_id=chair, drafted_at=now)
        minutes.state, minutes.approved_at = MinutesState.APPROVED, now
        agenda = PublishedAgenda(
            meeting_id=id_of(meeting), version=1, published_at=now, starts_at=now, ends_at=now + timedelta(hours=2)
        )
        session.add_all([item, action, minutes, agenda])
        session.flush()
        session.add(
            PublishedLine(
                agenda_id=id_of(agenda),
                **{
                    name: getattr(item, name)
                    for name in ("position", "number", "section", "title", "minutes", "flag_id")
                },
                late=0,
            )
        )
        action_id, item_id = id_of(action), id_of(item)
        session.add_all(
            [
                Attendance(
                    meeting_id=id_of(meeting), person_id=nurse, agency_id=health, status=AttendanceStatus.PRESENT
                ),
                Note(item_id=item_id, kind=NoteKind.SHARED, text=words, written_by_id=chair, written_at=now),
                Decision(
                    item_id=item_id,
                    kind=DecisionKind.CLOSE,
                    rationale=words,
                    close_reason=CloseReason.MOVED,
                    risk_tool_before="ceraf",
                    risk_before="high",
                    risk_tool_after="ceraf",
                    risk_after="medium",
                    risk_assessed_on=today,
                    risk_judgement=words,
                    decided_by_id=chair,
                    decided_at=now,
                ),
                Prompt(
                    meeting_id=id_of(meeting),
                    kind=PromptKind.TRIAGE,
                    person_id=chair,
                    deadline_on=today,
                    queued_at=now,
                ),
                ActionEvent(action_id=action_id, kind=ActionEventKind.ADDED, person_id=chair, at=now),
                Chase(
                    action_id=action_id,
                    due_on=action.due_on,
                    step=ChaseStep.DUE,
                    recipient_id=nurse,
                    queued_at=now,
                    told_on=now.date(),
                ),
                MinutesPart(minutes_id=id_of(minutes), position=0, facts=words),
                MinutesEvent(minutes_id=id_of(minutes), step=MinutesStep.APPROVED, by_id=chair, at=now),
                Correction(
                    minutes_id=id_of(minutes),
                    item_id=item_id,
                    case_id=case_id,
                    kind=CorrectionKind.NOTE,
                    after=words,
                    reason=words,
                    by_id=chair,
                    at=now,
                ),
                MinutesCopy(minutes_id=id_of(minutes), person_id=nurse, told_at=now),
                AmendmentSlip(
                    minutes_id=id_of(minutes),
                    item_id=item_id,
                    case_id=case_id,
                    says=words,
                    reason=words,
                    written_by_id=nurse,
                    written_at=now,
                ),
                MinutesAccuracy(
                    meeting_id=id_of(meeting),
                    minutes_id=id_of(minutes),
                    answer=Accuracy.ACCURATE,
                    by_id=chair,
                    at=now,
                ),
                PaperExport(
                    id=1,
                    person_id=nurse,
                    panel_id=county.west_id,
                    asked={"case": "WEST-0001"},
                    title="WEST-0001 on all panels",
                    asked_at=now,
                ),
                PaperExportFile(export_id=1, position=0, name="about.txt", content=words),
                Board(meeting_id=id_of(meeting)),
                Guest(
                    meeting_id=id_of(meeting),
                    name=words,
                    agency_name=words,
                    status=AttendanceStatus.IN_ATTENDANCE,
                ),
                AttendanceEntry(
                    act="a",
                    meeting_id=id_of(meeting),
                    person_id=nurse,
                    recorded_by_id=chair,
                    recorded_at=now,
                    status=AttendanceStatus.PRESENT,
                    is_first=True,
                ),
                Rsvp(
                    meeting_id=id_of(meeting),
                    person_id=nurse,
                    agency_id=health,
                    reply=Reply.COMING,
                    starts_at=meeting.starts_at,
                    replied_at=now,
                ),
                AgencyReturn(
                    flag_id=id_of(flag),
                    agency_id=health,
                    person_id=nurse,
                    knowledge=ReturnKnowledge.NOT_KNOWN,
                    returned_at=now,
                ),
                OutboxMethod(name="chat.postMessage"),
                DirectChannel(team_id="T1", user_id="U1", channel_id="D1"),
                SlackFile(
                    slack_id="F1",
                    kind="agenda_file",
                    person_id=nurse,
                    channel_id="D1",
                    panel_id=county.west_id,
                    meeting_id=id_of(meeting),
                    sent_at=now,
                    remove_after=now + timedelta(days=14),
                ),
                CountySettings(),
                FlagEdit(flag_id=id_of(flag), by_id=nurse, at=now, before=words),
                NrmReferral(
                    case_id=case_id,
                    panel_id=county.west_id,
                    referred_on=today,
                    organisation=FirstResponder.POLICE,
                    route=NrmRoute.AUTHORITY,
                    written_by_id=chair,
                    written_at=now,
                ),
                SharedChannel(channel_id="C7", since=now),
                ChannelGuest(panel_id=county.west_id, user_id="U99", since=now),
                CalendarFeed(person_id=nurse, secret_digest="0" * 64, made_at=now),
                AuditCheckpoint(at=now, entry_id=1, digest="0" * 64, signature="0" * 64),
            ]
        )
        session.flush()
        session.add(SlackFileCase(file_id=1, case_id=case_id))
        remember_answer(work, "a request", {"ack": None})
        work.send(Effect(key="an effect", lane="person:1", kind="digest"))
        work.audit("add", "action", action_id, panel_id=county.west_id, actor_id=chair)
    return county
