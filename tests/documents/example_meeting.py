"""An invented meeting that uses every field, and an empty one: what templates are checked against."""

from datetime import date

from bot.documents.agency_pack import PackFacts
from bot.documents.agenda import AgendaFacts, AgendaItemFacts
from bot.documents.extract import ExtractFacts, HearingFacts
from bot.documents.meeting_facts import ActionFacts, PresentedCase
from bot.documents.minutes import Amendment, Attendee, DecisionFacts, ItemFacts, MinutesFacts, Said
from bot.documents.summary import SummaryFacts, SummaryItem
from bot.domain.optional_facts import Answer
from bot.models.vocabulary import (
    ActionKind,
    ActionState,
    AgeBand,
    CloseReason,
    DecisionKind,
    LegalStatus,
    Purpose,
    Theme,
    Urgency,
)
from tests.risks import level

CONFIDENTIALITY = "What is shared here is shared to protect children.\n\nBy staying you agree to keep it safe."

OUTSTANDING = (
    ActionFacts(
        number=7,
        text="offer a return interview at a place that the child chooses",
        agency="Example Voluntary Service",
        holder="Robin Sample",
        due=date(2026, 12, 1),
        state=ActionState.IN_PROGRESS,
        case="SAMPLE-0001",
    ),
)

CASE = PresentedCase(
    agency="Example Children's Social Care",
    presenter="Alex Sample",
    purpose=Purpose.REVIEW,
    lead_professional="Example Children's Social Care, social worker",
    urgency=Urgency.URGENT,
    age_band=AgeBand.FROM_14_TO_15,
    legal_status=LegalStatus.CIN,
    risk_level="medium",
    risk_tool="ceraf",
    risk=level("ceraf", "medium"),
    score=12,
    assessed_on=date(2026, 8, 20),
    is_stale=True,
    themes=(Theme.MISSING, Theme.COUNTY_LINES),
    missing_episodes=3,
    interviews_offered=2,
    interviews_within_72h=1,
    judgement="Adults are using the child's need for money; the score does not show how fast this is moving",
    childs_voice="The child told a youth worker that the older boys are the only ones who listen",
    asked_of_panel="Agree one disruption plan for the railway station",
    is_late=True,
    answers=(Answer(key="education", title="Education", chosen=("part_time",), said="on a part-time timetable"),),
    earlier=("8 September 2026: retain and review",),
)

MINUTES = MinutesFacts(
    panel="Example District Operational MET",
    when="Tuesday 8 December 2026, 14:00 to 16:00",
    venue="Example House, room 2",
    chair="Sam Sample",
    confidentiality=CONFIDENTIALITY,
    made_on=date(2026, 12, 10),
    version=2,
    approved_on=date(2026, 12, 16),
    approved_by="Sam Sample",
    present=(Attendee(name="Sam Sample", agency="Example Police", role="chair"),),
    apologies=(
        Attendee(
            name="Jo Sample",
            agency="Example Health Trust",
            role="representative",
            information_sent="school nursing has no new information",
            sent_on=date(2026, 12, 7),
        ),
    ),
    absent=(Attendee(name="Pat Sample", agency="Example School", role="representative"),),
    in_attendance=(Attendee(name="Alex Sample", agency="Example Children's Social Care", role="presenter"),),
    observers=(Attendee(name="Kim Sample", agency="Example Council", role="observer"),),
    opened="14:02",
    closed="15:47",
    acknowledged=("Alex Sample", "Sam Sample"),
    unacknowledged=("Kim Sample",),
    circulation=(
        Attendee(name="Sam Sample", agency="Example Police", role="chair"),
        Attendee(name="Jo Sample", agency="Example Health Trust"),
    ),
    is_quorate=False,
    quorum_missing=("health",),
    last_minutes="The minutes of 10 November 2026 were agreed as accurate",
    outstanding=OUTSTANDING,
    items=(
        ItemFacts(number="1", section="Welcome", title="Welcome", discussion=("The statement was read",)),
        ItemFacts(
            number="2",
            section="Reviews",
            title="SAMPLE-0001",
            case=CASE,
            withdrew=("Kim Sample",),
            shared=(Said(agency="Example Police", text="two reports near the railway station"),),
            discussion=("Agencies agreed that the pattern has changed since the summer",),
            may_happen=("the child may be moved to another town again",),
            raises_risk=("older peers who wait at the station",),
            protects=("an aunt the child trusts",),
            childs_view=("the child says that the group are friends", "and wants to stay at the same school"),
            decisions=(
                DecisionFacts(
                    kind=DecisionKind.RETAIN,
                    rationale="the pattern is new and no agency sees all of it",
                    review_on=date(2027, 1, 12),
                    risk_before=level("ceraf", "medium"),
                    risk_after=level("ceraf", "high"),
                    risk_assessed_on=date(2026, 11, 20),
                    risk_judgement="the pattern grows faster than the score shows",
                ),
                DecisionFacts(
                    kind=DecisionKind.NRM,
                    rationale="the child was moved to sell drugs",
                    review_on=date(2026, 12, 22),
                    risk_before=level("ceraf", "medium"),
                    risk_after=level("ceraf", "high"),
                ),
            ),
            dissent=(Said(agency="Example School", text="would have closed the case"),),
            actions=(
                ActionFacts(
                    number=8,
                    kind=ActionKind.DISRUPTION,
                    text="share the station plan with every agency",
                    agency="Example Police",
                    holder="Sam Sample",
                    due=date(2026, 12, 22),
                    case="SAMPLE-0001",
                ),
            ),
        ),
        ItemFacts(number="3", section="Close", title="Close", is_reached=False),
    ),
    next_meeting="Tuesday 12 January 2027, 14:00, Example House",
    amendments=(
        Amendment(
            number="2-1",
            item="Item 2, SAMPLE-0001",
            text="the police report was of 3 December",
            reason="the date was misheard",
            by="written by Esme Fairbrother, approved by Rhys Calloway",
            made_on=date(2026, 12, 18),
        ),
    ),
)

EMPTY_MINUTES = MinutesFacts(
    panel="Example District Operational MET",
    when="Tuesday 8 December 2026, 14:00 to 16:00",
    chair="Sam Sample",
    confidentiality=CONFIDENTIALITY,
    made_on=date(2026, 12, 10),
    is_draft=False,
    items=(
        ItemFacts(number="1", section="Close", title="Close"),
        ItemFacts(
            number="2",
            section="Reviews",
            title="SAMPLE-0002",
            case=PresentedCase(
                agency="Example Police",
                age_band=AgeBand.UNDER_11,
                legal_status=LegalStatus.NOT_OPEN,
                assessment_due_on=date(2026, 12, 22),
            ),
            decisions=(
                DecisionFacts(kind=DecisionKind.CLOSE, rationale="the family moved", close_reason=CloseReason.MOVED),
            ),
        ),
    ),
)

AGENDA = AgendaFacts(
    panel=MINUTES.panel,
    when=MINUTES.when,
    venue=MINUTES.venue,
    chair=MINUTES.chair,
    confidentiality=CONFIDENTIALITY,
    made_on=date(2026, 12, 1),
    is_draft=True,
    returns_by="Friday 4 December 2026",
    outstanding=OUTSTANDING,
    items=(
        AgendaItemFacts(
            number="1",
            section="Welcome",
            title="Welcome",
            minutes=5,
            starts="14:00",
            prompt="Read the confidentiality statement",
        ),
        AgendaItemFacts(number="2", section="Reviews", title="SAMPLE-0001", minutes=5, starts="14:05", case=CASE),
    ),
)

EMPTY_AGENDA = AgendaFacts(
    panel=MINUTES.panel,
    when=MINUTES.when,
    chair=MINUTES.chair,
    confidentiality=CONFIDENTIALITY,
    made_on=date(2026, 12, 1),
)

SUMMARY = SummaryFacts(
    panel=MINUTES.panel,
    when=MINUTES.when,
    venue=MINUTES.venue,
    chair=MINUTES.chair,
    confidentiality=CONFIDENTIALITY,
    made_on=date(2026, 12, 9),
    items=(
        SummaryItem(
            number="2",
            section="Reviews",
            title="SAMPLE-0001",
            is_case=True,
            decisions=MINUTES.items[1].decisions,
            actions=MINUTES.items[1].actions,
        ),
        SummaryItem(number="3", section="Reviews", title="SAMPLE-0002", is_case=True),
        SummaryItem(number="4", section="Reviews", title="SAMPLE-0003", is_case=True, is_reached=False),
    ),
    actions=MINUTES.items[1].actions,
    next_meeting=MINUTES.next_meeting,
)

EMPTY_SUMMARY = SummaryFacts(
    panel=MINUTES.panel,
    when=MINUTES.when,
    chair=MINUTES.chair,
    confidentiality=CONFIDENTIALITY,
    made_on=date(2026, 12, 9),
    minutes_version=2,
)

EXTRACT = ExtractFacts(
    panel=MINUTES.panel,
    reference="SAMPLE-0001",
    confidentiality=CONFIDENTIALITY,
    made_on=date(2027, 1, 14),
    made_for="Alex Sample, Example Children's Social Care",
    hearings=(
        HearingFacts(
            on=date(2026, 12, 8),
            when=MINUTES.when,
            venue=MINUTES.venue,
            chair=MINUTES.chair,
            agencies=("Example Police", "Example School"),
            version=2,
            approved_on=date(2026, 12, 16),
            item=MINUTES.items[1].model_copy(update={"withdrew": ()}),
            outstanding=OUTSTANDING,
        ),
        HearingFacts(
            on=date(2027, 1, 12),
            when="Tuesday 12 January 2027, 14:00 to 16:00",
            chair="Kim Sample (vice-chair)",
            item=EMPTY_MINUTES.items[1].model_copy(update={"title": "SAMPLE-0001"}),
        ),
    ),
)

PACK = PackFacts(
    **dict(MINUTES)
    | {
        "agency": "Example Police",
        "is_draft": False,
        "actions": MINUTES.items[1].actions,
        "earlier": tuple(action.model_copy(update={"agency": "Example Police"}) for action in OUTSTANDING),
    }
)
