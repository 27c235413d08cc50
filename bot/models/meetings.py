"""The tables of meetings: their agenda, who attended, and what was said and decided."""

from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.models.columns import one_of, partial_index, sealed, word
from bot.models.vocabulary import (
    AdultRoute,
    AttendanceStatus,
    CloseReason,
    DecisionKind,
    ItemKind,
    ItemState,
    MeetingState,
    NoteKind,
    PromptKind,
    Reply,
    ReturnKnowledge,
)


class Meeting(SQLModel, table=True):
    """One meeting of a panel: when and where, its state, and what became of it."""

    __tablename__ = "meeting"
    __table_args__ = (
        one_of("state", MeetingState),
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        CheckConstraint("state NOT IN ('open', 'closed') OR opened_at IS NOT NULL", name="held_after_opening"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_its_time"),
        partial_index("one_meeting_at_a_time", "panel_id", "starts_at", where="state <> 'cancelled'", unique=True),
        partial_index("one_open_meeting_per_panel", "panel_id", where="state = 'open'", unique=True),
        CheckConstraint("sequence >= 0", name="sequence_not_negative"),
        # A cancelled meeting keeps its date of the rule, so that filling the diary doesn't add it again.
        UniqueConstraint("series_id", "rule_on"),
        Index("meetings_by_state_and_time", "state", "starts_at"),
        Index("meetings_by_panel_state_and_time", "panel_id", "state", "starts_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    panel_id: int = Field(foreign_key="panel.id", index=True)
    series_id: int | None = Field(default=None, foreign_key="series.id", index=True)
    rule_on: date | None = None  #: the day the series gave it, before any move
    starts_at: datetime
    ends_at: datetime
    venue: str = Field(default="", max_length=200)
    state: MeetingState = word(MeetingState, default=MeetingState.SCHEDULED)
    reason: bytes | None = sealed(default=None)  #: why it was moved, added or cancelled, or not opened
    uid: str = Field(default_factory=lambda: uuid4().hex, unique=True, max_length=40)  #: in calendars, for ever
    sequence: int = 0  #: rises with each change that a calendar must learn of
    is_interim: bool = False  #: held without a quorum, as an interim discussion
    is_extraordinary: bool = False  #: arranged for one case that can't wait, so it takes no other
    postponed_from: datetime | None = None  #: the time from which it was postponed, since it was not quorate
    postponed_because: bytes | None = sealed(default=None)  #: who was missing, and why it could not be sooner
    elsewhere_at: datetime | None = None  #: when its panel recorded that it was held without being opened
    cancelled_at: datetime | None = None  #: none: it is in the diary, or was held
    agenda_version: int = 0  #: rises each time the agenda is published
    agenda_published_at: datetime | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    gathered_at: datetime | None = None  #: when cases owed a hearing were last added to it; None: not yet
    #: When its chair and co-ordinator were last asked whether it is over, and holders were told of their actions so
    #: far.
    asked_open_at: datetime | None = None


class AgendaItem(SQLModel, table=True):
    """One line of a meeting's agenda: a standing heading, a case under a heading, or an item that a person added."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        one_of("state", ItemState),
        one_of("kind", ItemKind),
        CheckConstraint("(kind IS NULL) = (words IS NULL)", name="an_added_item_has_its_title"),
        CheckConstraint("kind IS NULL OR flag_id IS NULL", name="an_added_item_is_no_case"),
        CheckConstraint("number >= 0 AND late >= 0", name="item_numbers_not_negative"),
        UniqueConstraint("meeting_id", "position"),
        UniqueConstraint("meeting_id", "flag_id"),
        partial_index("one_current_item_per_meeting", "meeting_id", where="state = 'current'", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id")
    position: int  #: from 1
    #: Its own number from the first publication on. For a line added later, the number of the line before it.
    number: int
    late: int = 0  #: the order in which lines came after the first publication; 0: it has a number of its own
    section: str = Field(max_length=40)  #: key of the definition's section
    title: str = Field(max_length=120)  #: the heading, the case reference, or what kind of item a person added
    minutes: int  #: allotted
    is_timed: bool = False  #: its minutes were set by hand, and compiling keeps them
    is_pinned: bool = False  #: compiling keeps its place
    flag_id: int | None = Field(default=None, foreign_key="flag.id", index=True)
    kind: ItemKind | None = word(ItemKind, default=None)  #: of an item that a person added
    words: bytes | None = sealed(default=None)  #: its title, under the panel's key
    presenter: bytes | None = sealed(default=None)  #: the agency or person who brings it, under the panel's key
    state: ItemState = word(ItemState, default=ItemState.PENDING)
    #: When its meeting first came to it. None: not yet, or before this was kept.
    reached_at: datetime | None = None
    #: Its order among the items that were put off and are heard after all others. None: it is heard in its place.
    put_off: int | None = None


class Board(SQLModel, table=True):
    """The one message in a panel's channel that shows what its open meeting discusses, and later how it ended."""

    __tablename__ = "board"
    __table_args__ = (
        CheckConstraint("(item_id IS NULL) = (item_since IS NULL)", name="an_item_has_its_time"),
        CheckConstraint("(ts IS NULL) = (channel_id IS NULL)", name="a_place_is_whole"),
    )

    meeting_id: int = Field(primary_key=True, foreign_key="meeting.id")
    #: The last item discussed that every member may see. It stays shown while an item kept from anyone is discussed.
    item_id: int | None = Field(default=None, foreign_key="agenda_item.id", index=True)
    item_since: datetime | None = None
    posts: int = 0  #: how often it was put at the bottom of the channel
    channel_id: str | None = Field(default=None, max_length=40)  #: where Slack shows it; None: not posted yet
    ts: str | None = Field(default=None, max_length=40)


class PublishedAgenda(SQLModel, table=True):
    """One published version of an agenda, with the time and venue that it said."""

    __tablename__ = "published_agenda"
    __table_args__ = (UniqueConstraint("meeting_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id")
    version: int  #: from 1
    published_at: datetime
    starts_at: datetime  #: of the meeting, as that version said
    ends_at: datetime
    venue: str = Field(default="", max_length=200)


class PublishedLine(SQLModel, table=True):
    """One line of a published agenda: its number on that agenda, and the people who could see it then."""

    __tablename__ = "published_line"
    __table_args__ = (
        one_of("kind", ItemKind),
        UniqueConstraint("agenda_id", "position"),
        UniqueConstraint("agenda_id", "number", "late"),
    )

    id: int | None = Field(default=None, primary_key=True)
    agenda_id: int = Field(foreign_key="published_agenda.id")
    position: int
    number: int  #: as on the line
    late: int
    section: str = Field(max_length=40)
    title: str = Field(max_length=120)
    minutes: int
    flag_id: int | None = Field(default=None, foreign_key="flag.id", index=True)
    kind: ItemKind | None = word(ItemKind, default=None)
    is_closed: bool = False  #: its case was a closed item then
    readers: list[int] = Field(default_factory=list, sa_type=JSON)  #: of a closed item, the named readers then
    stepped_back: list[int] = Field(default_factory=list, sa_type=JSON)  #: who had an interest in the case then
    #: Keyed digest of what was said of the case then, to notice changes. None: no case, or published before it was
    #: kept.
    facts_digest: str | None = Field(default=None, max_length=64)


class Attendance(SQLModel, table=True):
    """How one person took part in one meeting, and for which agency."""

    __tablename__ = "attendance"
    __table_args__ = (one_of("status", AttendanceStatus), UniqueConstraint("meeting_id", "person_id"))

    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    agency_id: int = Field(foreign_key="agency.id", index=True)  #: they spoke for it that day
    status: AttendanceStatus = word(AttendanceStatus)
    information_sent: bytes | None = sealed(default=None)  #: what an absent agency sent
    information_sent_at: datetime | None = None
    acknowledged_at: datetime | None = None  #: the confidentiality statement
    arrived_at: datetime | None = None  #: of a person who came after the meeting had begun
    left_at: datetime | None = None  #: of a person who left before its end
    #: The item of the bot's last answer to them. If the meeting has moved on, they are asked which item they mean.
    answered_item_id: int | None = Field(default=None, foreign_key="agenda_item.id", index=True)


class Guest(SQLModel, table=True):
    """A person who attends one meeting without Slack, recorded by name and agency.

    A guest recorded by mistake is marked as taken back. Only guests who speak for an agency on the panel are recorded
    as present, and count for the quorum.
    """

    __tablename__ = "guest"
    __table_args__ = (
        one_of("status", AttendanceStatus),
        CheckConstraint("(agency_id IS NULL) <> (agency_name IS NULL)", name="a_guest_has_one_agency"),
        CheckConstraint("status <> 'present' OR agency_id IS NOT NULL", name="who_is_present_speaks_for_an_agency"),
    )

    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    name: bytes = sealed()  #: under the panel's key, as is the next
    agency_id: int | None = Field(default=None, foreign_key="agency.id", index=True)
    agency_name: bytes | None = sealed(default=None)  #: of an agency that sits on no panel
    status: AttendanceStatus = word(AttendanceStatus)
    acknowledged_at: datetime | None = None  #: the confidentiality statement, to the person who read it out
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    undone_at: datetime | None = None


class AttendanceEntry(SQLModel, table=True):
    """One change to a person's recorded attendance, with its author and what was recorded before, to undo it."""

    __tablename__ = "attendance_entry"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (guest_id IS NULL)", name="an_entry_is_about_one_person"),
        CheckConstraint("guest_id IS NOT NULL OR is_first = (status_before IS NULL)", name="the_first_has_none_before"),
        one_of("status_before", AttendanceStatus),
        one_of("status", AttendanceStatus),
    )

    id: int | None = Field(default=None, primary_key=True)
    act: str = Field(max_length=32)  #: the same for all that was recorded at once
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    guest_id: int | None = Field(default=None, foreign_key="guest.id", index=True)
    recorded_by_id: int = Field(foreign_key="person.id", index=True)
    recorded_at: datetime
    status: AttendanceStatus = word(AttendanceStatus)  #: what was recorded, with the next three
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    acknowledged_at: datetime | None = None
    is_first: bool  #: nothing was recorded about the person before
    status_before: AttendanceStatus | None = word(AttendanceStatus, default=None)  #: of a person; a guest keeps theirs
    arrived_before: datetime | None = None
    left_before: datetime | None = None
    acknowledged_before: datetime | None = None
    information_before: bytes | None = sealed(default=None)  #: what an absent agency had sent, where that changed
    information_sent_before: datetime | None = None
    undone_at: datetime | None = None


class Rsvp(SQLModel, table=True):
    """One person's answer to the invitation to a meeting, and the meeting's planned time when the person answered."""

    __tablename__ = "rsvp"
    __table_args__ = (
        one_of("reply", Reply),
        UniqueConstraint("meeting_id", "person_id"),
        CheckConstraint("(reply = 'deputy') = (deputy_id IS NOT NULL)", name="a_deputy_has_a_name"),
    )

    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    agency_id: int = Field(foreign_key="agency.id", index=True)
    reply: Reply = word(Reply)
    deputy_id: int | None = Field(default=None, foreign_key="person.id", index=True)  #: who comes instead
    information: bytes | None = sealed(default=None)  #: what the agency sends instead
    starts_at: datetime  #: the meeting's time that the answer is for; if the time changes, the person is asked again
    replied_at: datetime


class AgencyReturn(SQLModel, table=True):
    """One agency's return: whether it knows a case on the agenda, and what it will bring to the meeting."""

    __tablename__ = "agency_return"
    __table_args__ = (one_of("knowledge", ReturnKnowledge), UniqueConstraint("flag_id", "agency_id"))

    id: int | None = Field(default=None, primary_key=True)
    flag_id: int = Field(foreign_key="flag.id")
    agency_id: int = Field(foreign_key="agency.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)  #: who answered for it
    knowledge: ReturnKnowledge = word(ReturnKnowledge)
    text: bytes | None = sealed(default=None)  #: under the case's key
    returned_at: datetime


class Note(SQLModel, table=True):
    """A line written while an item was discussed. It may be taken back or replaced, but is never deleted."""

    __tablename__ = "note"
    __table_args__ = (one_of("kind", NoteKind),)

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="agenda_item.id", index=True)
    kind: NoteKind = word(NoteKind)
    #: The agency that shared it or dissented.
    agency_id: int | None = Field(default=None, foreign_key="agency.id", index=True)
    text: bytes = sealed()
    written_by_id: int = Field(foreign_key="person.id", index=True)
    written_at: datetime
    undone_at: datetime | None = None
    #: The line under the same item that replaced it.
    superseded_by_id: int | None = Field(default=None, foreign_key="note.id", index=True)


class Decision(SQLModel, table=True):
    """What the panel decided about one item, and why. An item may have several decisions, one of each kind.

    A decision that was replaced refers to the newer one, and is in force again if the newer one is undone.
    """

    __tablename__ = "decision"
    __table_args__ = (
        one_of("kind", DecisionKind),
        one_of("close_reason", CloseReason),
        one_of("adult_route", AdultRoute),
        CheckConstraint("(kind = 'close') = (close_reason IS NOT NULL)", name="closing_has_a_reason"),
        CheckConstraint("kind <> 'retain' OR review_on IS NOT NULL", name="retaining_has_a_review_date"),
        CheckConstraint("(risk_before IS NULL) = (risk_tool_before IS NULL)", name="level_before_has_its_tool"),
        CheckConstraint("(risk_after IS NULL) = (risk_tool_after IS NULL)", name="level_after_has_its_tool"),
        CheckConstraint(
            "risk_after IS NOT NULL OR (risk_assessed_on IS NULL AND risk_judgement IS NULL)",
            name="judgement_has_its_level",
        ),
        CheckConstraint("adult_route IS NULL OR close_reason = 'turned_18'", name="adult_route_at_eighteen"),
        CheckConstraint("area IS NULL OR kind = 'transfer'", name="only_a_transfer_has_an_area"),
        partial_index(
            "one_standing_decision_of_a_kind",
            "item_id",
            "kind",
            where="undone_at IS NULL AND superseded_by_id IS NULL",
            unique=True,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="agenda_item.id", index=True)
    kind: DecisionKind = word(DecisionKind)
    rationale: bytes = sealed()
    review_on: date | None = None  #: to be reviewed or done by then; the case comes back on that day's agenda
    close_reason: CloseReason | None = word(CloseReason, default=None)
    adult_route: AdultRoute | None = word(AdultRoute, default=None)  #: none, at eighteen: before this was asked
    area: bytes | None = sealed(default=None)  #: where the case is transferred to; none: before this was asked
    risk_tool_before: str | None = Field(default=None, max_length=40)  #: keys, as on the flag
    risk_before: str | None = Field(default=None, max_length=40)
    risk_tool_after: str | None = Field(default=None, max_length=40)
    risk_after: str | None = Field(default=None, max_length=40)
    risk_assessed_on: date | None = None  #: when the level after was assessed; none: not assessed at the meeting
    risk_judgement: bytes | None = sealed(default=None)  #: the panel's, of the level after
    decided_by_id: int = Field(foreign_key="person.id", index=True)
    decided_at: datetime
    undone_at: datetime | None = None
    #: The decision on the same item that replaced it.
    superseded_by_id: int | None = Field(default=None, foreign_key="decision.id", index=True)


class Prompt(SQLModel, table=True):
    """A record that a person was sent a message about a meeting's deadline. A unique key prevents sending it twice."""

    __tablename__ = "prompt"
    __table_args__ = (
        one_of("kind", PromptKind),
        UniqueConstraint("meeting_id", "kind", "person_id", "deadline_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id")
    kind: PromptKind = word(PromptKind)
    person_id: int = Field(foreign_key="person.id", index=True)
    deadline_on: date
    queued_at: datetime
