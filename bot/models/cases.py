"""The tables of cases, known by reference only, and of the flags that ask a panel to hear them."""

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bot.models.columns import one_of, partial_index, sealed, word
from bot.models.vocabulary import (
    AccessChange,
    AgeBand,
    FirstResponder,
    FlagState,
    GuardianOffer,
    LegalStatus,
    NrmOutcome,
    NrmRoute,
    Purpose,
    ReviewAnswer,
    Urgency,
)


class Case(SQLModel, table=True):
    """A child before a panel, known by an agency's reference and never by name."""

    __tablename__ = "cases"  # CASE is a word of SQL
    __table_args__ = (
        CheckConstraint("(merged_into_id IS NULL) = (merged_at IS NULL)", name="merged_has_its_time"),
        CheckConstraint("(merged_into_id IS NULL) = (merged_by_id IS NULL)", name="merged_by_a_person"),
        CheckConstraint("(merged_into_id IS NULL) = (merged_at_id IS NULL)", name="merged_at_a_panel"),
        CheckConstraint("(merged_into_id IS NULL) = (merged_because IS NULL)", name="merged_has_its_reason"),
        partial_index("merged_references", "merged_into_id", where="merged_into_id IS NOT NULL"),
    )

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True, max_length=20)
    area_id: int = Field(foreign_key="area.id", index=True)  #: responsible district
    is_closed: bool = False  #: a closed item: named readers only
    data_key_id: int = Field(foreign_key="data_key.id", unique=True)
    created_at: datetime
    #: The case into which this reference was merged, since both are one child's. This row then has nothing else of its
    #: own. Its key opens what was written under it before, so erasing that case means destroying this key too.
    merged_into_id: int | None = Field(default=None, foreign_key="cases.id")
    merged_by_id: int | None = Field(default=None, foreign_key="person.id")
    merged_at_id: int | None = Field(default=None, foreign_key="panel.id")  #: where its chair spoke
    merged_at: datetime | None = None
    merged_because: bytes | None = sealed(default=None)  #: under the key of the case that it leads to


class CaseReader(SQLModel, table=True):
    """A person who may read one closed item."""

    __tablename__ = "case_reader"

    case_id: int = Field(foreign_key="cases.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)


class AgencyReference(SQLModel, table=True):
    """One agency's own reference for a child that another agency flagged.

    Only the agency's people see this reference.
    """

    __tablename__ = "agency_reference"

    case_id: int = Field(foreign_key="cases.id", primary_key=True)
    agency_id: int = Field(foreign_key="agency.id", primary_key=True, index=True)
    reference: bytes = sealed()  #: under the case's key
    person_id: int = Field(foreign_key="person.id", index=True)  #: who wrote it last
    written_at: datetime


class AccessEvent(SQLModel, table=True):
    """One line of the history of who may see a case, with the chair who decided it and why."""

    __tablename__ = "access_event"
    __table_args__ = (one_of("kind", AccessChange),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    panel_id: int = Field(foreign_key="panel.id")  #: where its chair spoke
    kind: AccessChange = word(AccessChange)
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)  #: the reader concerned
    by_id: int = Field(foreign_key="person.id")
    at: datetime
    reason: bytes = sealed()  #: under the case's key


class Recusal(SQLModel, table=True):
    """A person's declared interest in a case. While it is in force, the person neither sees nor receives the case."""

    __tablename__ = "recusal"
    __table_args__ = (
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= declared_at", name="withdrawn_after_declared"),
        partial_index("one_standing_recusal", "case_id", "person_id", where="withdrawn_at IS NULL", unique=True),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    declared_at: datetime
    #: The person themselves, or the person who runs the meeting. None: declared before this was kept.
    declared_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    withdrawn_at: datetime | None = None  #: declared by mistake, or no longer true
    withdrawn_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    withdrawn_reason: bytes | None = sealed(default=None)  #: under the case's key


class Flag(SQLModel, table=True):
    """One agency's request that a panel hear a case at a meeting, with what the agency said of the case."""

    __tablename__ = "flag"
    __table_args__ = (
        one_of("state", FlagState),
        one_of("age_band", AgeBand),
        one_of("legal_status", LegalStatus),
        one_of("urgency", Urgency),
        one_of("purpose", Purpose),
        one_of("review_answer", ReviewAnswer),
        UniqueConstraint("case_id", "panel_id", "flagged_at"),
        Index("flags_by_meeting_and_state", "meeting_id", "state"),
        Index("flags_by_panel_and_state", "panel_id", "state"),
        partial_index(
            "one_live_flag_per_case_and_meeting",
            "case_id",
            "meeting_id",
            where="state IN ('open', 'accepted') AND NOT is_apart",
            unique=True,
        ),
        CheckConstraint(
            "CASE WHEN assessed_on IS NULL THEN assessment_due_on IS NOT NULL"
            " ELSE assessment_due_on IS NULL AND risk_tool IS NOT NULL AND risk_level IS NOT NULL END",
            name="assessed_or_due",
        ),
        partial_index("assessments_to_make", "assessment_due_on", where="assessment_due_on IS NOT NULL"),
        CheckConstraint("missing_episodes >= 0", name="missing_episodes_not_negative"),
        CheckConstraint(
            "interviews_within_72h >= 0 AND interviews_within_72h <= interviews_offered",
            name="interviews_done_were_offered",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id", index=True)
    panel_id: int = Field(foreign_key="panel.id")
    meeting_id: int = Field(foreign_key="meeting.id")
    agency_id: int = Field(foreign_key="agency.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)  #: who flagged and presents the case
    state: FlagState = word(FlagState, default=FlagState.OPEN)
    age_band: AgeBand = word(AgeBand)
    legal_status: LegalStatus = word(LegalStatus)
    urgency: Urgency = word(Urgency)
    is_late: bool = False  #: after the cut-off: needs the chair's yes
    is_escalated: bool = False  #: sent up by a district panel
    #: The earlier flag whose hearing decided that the case comes here: for review, escalated or returned.
    origin_id: int | None = Field(default=None, foreign_key="flag.id", index=True)
    #: The flag at an earlier meeting that did not hear the case, or for which the chair deferred it.
    carried_from_id: int | None = Field(default=None, foreign_key="flag.id", index=True)
    purpose: Purpose | None = word(Purpose, default=None)  #: none: flagged before this was asked
    lead_professional: bytes | None = sealed(default=None)  #: agency and role
    risk_tool: str | None = Field(default=None, max_length=40)  #: key of a tool of the definitions
    risk_level: str | None = Field(default=None, max_length=40)  #: key of one of its levels
    score: int | None = None
    assessed_on: date | None = None
    assessment_due_on: date | None = None  #: instead of tool, level and day while there is no assessment
    judgement: bytes = sealed()  #: professional judgement in words
    childs_voice: bytes | None = sealed(default=None)  #: what the child says
    asked_of_panel: bytes = sealed()
    themes: list[str] = Field(default_factory=list, sa_type=JSON)  #: values of Theme
    missing_episodes: int = 0  #: since last time
    interviews_offered: int = 0  #: return interviews
    interviews_within_72h: int = 0
    #: Answers to the panel's optional facts, as JSON with the words of each question. None: nothing was answered.
    answers: bytes | None = sealed(default=None)
    flagged_at: datetime
    triaged_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    triaged_at: datetime | None = None
    triage_reason: bytes | None = sealed(default=None)
    #: What the agency says has changed since the panel decided to hear the case again. None: no review, or not asked.
    review_answer: ReviewAnswer | None = word(ReviewAnswer, default=None)
    reviewed_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    reviewed_at: datetime | None = None
    withdrawn_by_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    withdrawn_at: datetime | None = None
    withdrawn_reason: bytes | None = sealed(default=None)  #: none: withdrawn before this was asked
    urgent_because: bytes | None = sealed(default=None)  #: why it can't wait for its meeting, by who flagged it
    sooner_because: bytes | None = sealed(default=None)  #: why the chair hears it before its meeting
    #: The merged reference by which the case was flagged. None: it was flagged by the case's own reference.
    named_id: int | None = Field(default=None, foreign_key="cases.id", index=True)
    #: True if its meeting heard both references as cases of their own, before they were merged.
    is_apart: bool = False


class FlagEdit(SQLModel, table=True):
    """One change that an agency made to its flag before the chair triaged the flag, with the facts from before."""

    __tablename__ = "flag_edit"

    id: int | None = Field(default=None, primary_key=True)
    flag_id: int = Field(foreign_key="flag.id", index=True)
    by_id: int = Field(foreign_key="person.id", index=True)
    at: datetime
    before: bytes = sealed()  #: the facts that were changed, as they were, as JSON; under the case's key


class NrmReferral(SQLModel, table=True):
    """One referral of a child to the National Referral Mechanism, and its results so far."""

    __tablename__ = "nrm_referral"
    __table_args__ = (
        one_of("organisation", FirstResponder),
        one_of("route", NrmRoute),
        one_of("reasonable", NrmOutcome),
        one_of("conclusive", NrmOutcome),
        one_of("guardian", GuardianOffer),
        UniqueConstraint("case_id", "referred_on"),
        CheckConstraint("(reasonable = 'awaited') = (reasonable_on IS NULL)", name="reasonable_grounds_have_their_day"),
        CheckConstraint("(conclusive = 'awaited') = (conclusive_on IS NULL)", name="conclusive_grounds_have_their_day"),
        CheckConstraint("conclusive = 'awaited' OR reasonable = 'positive'", name="conclusive_after_reasonable"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="cases.id")
    panel_id: int = Field(foreign_key="panel.id")  #: the panel that decided on it
    referred_on: date
    organisation: FirstResponder = word(FirstResponder)
    route: NrmRoute = word(NrmRoute)
    reasonable: NrmOutcome = word(NrmOutcome, default=NrmOutcome.AWAITED)
    reasonable_on: date | None = None
    conclusive: NrmOutcome = word(NrmOutcome, default=NrmOutcome.AWAITED)
    conclusive_on: date | None = None
    guardian: GuardianOffer | None = word(GuardianOffer, default=None)  #: none: not recorded yet
    written_by_id: int = Field(foreign_key="person.id")  #: who wrote last
    written_at: datetime
