"""The vocabulary of child exploitation panels, which tables, rules and people share.

The value of a member is what is stored, and `label` is what people read. All lists come from the domain sheets of the
panels modelled here (Hampshire MET subgroups, Hillingdon MASE, SafeLives, CERAF, SERAF).
"""

from enum import StrEnum


class Word(StrEnum):
    """The base class of vocabularies. A label comes from LABELS, or is the stored value with spaces for underscores."""

    @property
    def label(self) -> str:
        """Return the words that people read for this stored value."""
        return LABELS.get((type(self), self.value), self.value.replace("_", " "))


class AreaKind(Word):
    """The two kinds of areas that have panels: a county and its districts."""

    COUNTY = "county"  # receives what districts escalate
    DISTRICT = "district"  # where most children are discussed


class AgencyKind(Word):
    """The kinds of agency. The rules for a quorum name agencies by kind."""

    CHILDRENS_SOCIAL_CARE = "childrens_social_care"  # the local authority's social work service
    POLICE = "police"  # including the missing and exploitation teams
    HEALTH = "health"  # integrated care board, trusts, school nursing, sexual health
    EDUCATION = "education"  # schools, attendance, inclusion
    YOUTH_JUSTICE = "youth_justice"  # the youth offending service
    EARLY_HELP = "early_help"  # family support below the statutory threshold
    YOUTH_SERVICE = "youth_service"  # youth work
    DISTRICT_COUNCIL = "district_council"  # community safety, licensing
    HOUSING = "housing"  # council or association
    SUBSTANCE_MISUSE = "substance_misuse"  # young people's drug and alcohol service
    ADULT_SERVICES = "adult_services"  # transitions at eighteen
    PROBATION = "probation"  # adults of concern
    VOLUNTARY_SECTOR = "voluntary_sector"  # return interviews, advocacy
    CHILDRENS_HOMES = "childrens_homes"  # residential providers
    TRANSPORT_POLICE = "transport_police"  # British Transport Police


class Role(Word):
    """The roles that a person may have on one panel. A person may have several."""

    CHAIR = "chair"  # decides which cases are heard and who gets which action
    VICE_CHAIR = "vice_chair"  # the chair when the chair is away
    COORDINATOR = "coordinator"  # diary, agenda, papers, minutes, chasing
    MINUTE_TAKER = "minute_taker"  # records; holds no case
    REPRESENTATIVE = "representative"  # speaks and acts for an agency
    DEPUTY = "deputy"  # stands in for a representative of the same agency
    OBSERVER = "observer"  # listens, signs confidentiality, takes no action


class Departure(Word):
    """How the bot learned that a person left. A person with FILE comes back if the county file names them again."""

    FILE = "file"  # the county file no longer has them
    SAID = "said"  # a person who manages people said so
    DEACTIVATED = "deactivated"  # their Slack account is switched off
    REACTIVATED = "reactivated"  # their account is on again, but they still lack access


class MeetingState(Word):
    """The states of one meeting."""

    SCHEDULED = "scheduled"  # in the diary
    OPEN = "open"  # being held now
    CLOSED = "closed"  # held
    CANCELLED = "cancelled"  # will not be held


class MeetingChange(Word):
    """The kinds of change to one meeting that members are told of."""

    MOVED = "rescheduled"
    CANCELLED = "cancelled"
    ADDED = "added"
    REINSTATED = "reinstated"
    ELSEWHERE = "elsewhere"  # in another room
    LENGTHENED = "lengthened"  # it begins as before and ends later


class Reply(Word):
    """How a member answered the invitation to a meeting."""

    COMING = "coming"
    DEPUTY = "deputy"  # another person comes for the agency
    APOLOGIES = "apologies"  # with what the agency sends instead


class BankHolidays(Word):
    """The ways to treat a meeting of a series that falls on a bank holiday."""

    NEXT = "next"  # it moves to the next working day
    PREVIOUS = "previous"  # to the last working day before
    SKIP = "skip"  # it is left out
    KEEP = "keep"  # it stays


class FlagState(Word):
    """The states of a flag."""

    OPEN = "open"  # waiting for the chair
    ACCEPTED = "accepted"  # on the agenda
    DEFERRED = "deferred"  # moved to a later meeting
    SIGNPOSTED = "signposted"  # belongs elsewhere
    WITHDRAWN = "withdrawn"  # taken back by the agency


class ReviewAnswer(Word):
    """How the flagging agency answered when asked what has changed in a case that comes back for review."""

    AWAITED = "awaited"  # it was asked, and has not answered
    UNCHANGED = "unchanged"
    CHANGED = "changed"  # it flagged the case again, with the present facts


class ReturnKnowledge(Word):
    """What an agency says in its return about whether it knows the case."""

    KNOWN = "known"  # and what it will bring
    NOT_KNOWN = "not_known"
    NOTHING_TO_ADD = "nothing_to_add"


class AccessChange(Word):
    """The kinds of event that change who may see a case."""

    CLOSED = "closed"  # it became a closed item
    OPENED = "opened"  # it no longer is one
    NAMED = "named"  # a reader was named
    ENDED = "ended"  # a reader no longer is one


class Purpose(Word):
    """The purposes for which an agency flags a case."""

    NEW = "new"  # for the first time
    REVIEW = "review"  # as the panel decided
    CLOSURE = "closure"  # the agency thinks that the panel is done


class Urgency(Word):
    """How soon the flagging agency needs the panel to hear the case. Cases under a heading are ordered by urgency."""

    STATUTORY = "statutory"  # a statutory step depends on it
    URGENT = "urgent"  # at this meeting
    ROUTINE = "routine"  # when there is time


class AgeBand(Word):
    """The bands of a child's age. A date of birth is never stored."""

    UNDER_11 = "under_11"
    FROM_11_TO_13 = "11_to_13"
    FROM_14_TO_15 = "14_to_15"
    FROM_16_TO_17 = "16_to_17"
    OVER_18 = "18_and_over"


class LegalStatus(Word):
    """The child's legal status with the local authority."""

    NOT_OPEN = "not_open"
    CIN = "child_in_need"
    CP = "child_protection"
    S20 = "looked_after_s20"
    S31 = "looked_after_s31"


class Theme(Word):
    """A kind of harm that a case is about. A case may have several."""

    CSE = "child_sexual_exploitation"
    CCE = "child_criminal_exploitation"  # including local peer drug networks
    COUNTY_LINES = "county_lines"  # drug harm across boundaries
    YOUTH_VIOLENCE = "youth_violence"
    CUCKOOING = "cuckooing"
    TRAFFICKING_INTERNAL = "trafficking_internal"
    TRAFFICKING_SEPARATED = "trafficking_separated"  # unaccompanied, separated, National Transfer Scheme
    MISSING = "missing"
    ONLINE_GROOMING = "online_grooming"
    MODERN_SLAVERY = "modern_slavery"
    RADICALISATION = "radicalisation"
    EMERGING = "emerging"


class DecisionKind(Word):
    """The kinds of decision that a panel may take on a case. No such decision replaces a statutory meeting."""

    RETAIN = "retain"  # and review by a date
    ESCALATE = "escalate"  # to the county panel
    RETURN = "return"  # to the district
    MASE = "mase"  # escalate to MASE
    TRANSFER = "transfer"  # to another area
    STRATEGY = "strategy"  # strategy discussion requested
    NRM = "nrm"  # National Referral Mechanism referral
    STEP_DOWN = "step_down"
    CLOSE = "close"  # with a reason


class CloseReason(Word):
    """Why a panel closes a case, so that it is no longer heard."""

    RISK_REDUCED = "risk_reduced"
    MOVED = "moved"
    TURNED_18 = "turned_18"  # with the adult route
    TRANSFERRED = "transferred"  # the other area accepted it
    OTHER = "other"


class AdultRoute(Word):
    """Which service takes over a young person whose case is closed at eighteen (London protocol 2021)."""

    ADULT_SERVICES = "adult_services"
    PROBATION = "probation"
    MARAC = "marac"  # the domestic abuse conference
    NONE = "none"  # the rationale says why


class FirstResponder(Word):
    """The organisations that may refer a child to the National Referral Mechanism (gov.uk guidance 2024)."""

    LOCAL_AUTHORITY = "local_authority"
    POLICE = "police"
    CRIME_AGENCY = "national_crime_agency"
    BORDER_FORCE = "border_force"
    IMMIGRATION_ENFORCEMENT = "immigration_enforcement"
    VISAS_AND_IMMIGRATION = "visas_and_immigration"
    LABOUR_ABUSE = "labour_abuse"
    BARNARDOS = "barnardos"
    NSPCC = "nspcc"
    SALVATION_ARMY = "salvation_army"
    OTHER = "other"  # another of the organisations that the guidance names


class NrmRoute(Word):
    """Which body decides on a referral to the National Referral Mechanism."""

    AUTHORITY = "authority"
    PILOT_PANEL = "pilot_panel"


class NrmOutcome(Word):
    """What was decided on the reasonable or the conclusive grounds of a referral to the National Referral Mechanism."""

    AWAITED = "awaited"
    POSITIVE = "positive"
    NEGATIVE = "negative"


class GuardianOffer(Word):
    """Whether the child was offered an independent guardian."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"


class ActionState(Word):
    """The states of an action. Minutes distinguish `not_possible` from `not_done` (source: SafeLives).

    A holder's report does not end an action: it stays on every list until the panel accepts the report.
    """

    OPEN = "open"  # given
    IN_PROGRESS = "in_progress"  # begun
    DONE = "done"  # its holder reports so
    REPORTED_NOT_POSSIBLE = "reported_not_possible"
    REPORTED_NOT_DONE = "reported_not_done"
    REPORTED_NOT_OURS = "reported_not_ours"  # it is another agency's
    CONFIRMED = "confirmed"  # the panel accepts that it was done
    NOT_POSSIBLE = "not_possible"  # the panel accepts that circumstances changed
    NOT_DONE = "not_done"  # the panel accepts that the agency has not acted
    TRANSFERRED = "transferred"  # another panel's action replaces it
    WITHDRAWN = "withdrawn"  # it was given by mistake: no outcome, on no list


class ActionEventKind(Word):
    """The kinds of line in an action's history."""

    ADDED = "added"
    STARTED = "started"
    DONE = "done"  # reported, as are the last three
    REOPENED = "reopened"  # undone, or the panel did not accept it
    CONFIRMED = "confirmed"  # the panel accepts what was reported
    EXTENSION_ASKED = "extension_asked"  # past the first, the chair decides
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension_refused"
    REASSIGNED = "reassigned"
    EDITED = "edited"  # its words, kind, case, holder or day put right
    WITHDRAWN = "withdrawn"  # it was given by mistake
    PUT_BACK = "put_back"  # it was no mistake after all
    NOT_POSSIBLE = "not_possible"
    NOT_DONE = "not_done"
    NOT_OURS = "not_ours"
    NOT_YET = "not_yet"  # under matters arising, the panel heard that it is not done yet


class ActionKind(Word):
    """The kinds of thing that an action asks for. A message that may not show an action's text names its kind."""

    VISIT = "visit"
    REFERRAL = "referral"
    NRM = "nrm"  # National Referral Mechanism
    INTELLIGENCE = "intelligence_submission"  # to the police
    RETURN_INTERVIEW = "return_interview"  # after a child was missing
    ASSESSMENT = "assessment"
    STRATEGY = "strategy_discussion"
    DISRUPTION = "disruption"  # of the people or places that do harm
    CRIME_REPORT = "crime_report"  # to the police, of what was disclosed
    OTHER = "other"


class Priority(Word):
    """How urgent an action is compared with its holder's other actions."""

    HIGH = "high"
    NORMAL = "normal"


class ChaseStep(Word):
    """The steps of the reminder ladder, in their order."""

    BEFORE = "before"  # three working days before: the holder
    DUE = "due"  # the day itself: the holder
    OVERDUE = "overdue"  # one working day after: the holder
    DEPUTY = "deputy"  # three after: holder, and deputy or agency lead
    CHAIR = "chair"  # five after: the chair, and the next agenda


class AttendanceStatus(Word):
    """How a person took part in one meeting."""

    PRESENT = "present"
    APOLOGIES = "apologies"  # with what the agency sent instead
    ABSENT = "absent"
    IN_ATTENDANCE = "in_attendance"  # a presenter or guest of the chair
    OBSERVER = "observer"


class ItemKind(Word):
    """The kinds of item that people add to an agenda. Cases and standing headings are not among them."""

    PRESENTATION = "presentation"
    PAPER = "paper"
    OTHER_BUSINESS = "other_business"  # any other business


class ItemState(Word):
    """The states of an agenda item."""

    PENDING = "pending"
    CURRENT = "current"  # being discussed now
    DISCUSSED = "discussed"
    NOT_REACHED = "not_reached"


class NoteKind(Word):
    """The kinds of line that people write while an item is discussed."""

    SHARED = "shared"  # what an agency brought
    DISCUSSION = "discussion"  # in summary, not verbatim
    MAY_HAPPEN = "may_happen"  # the risk summary: what may happen to the child
    RAISES_RISK = "raises_risk"  # the risk summary: what makes that likelier
    PROTECTS = "protects"  # the risk summary: what protects the child
    CHILDS_VIEW = "childs_view"  # what the child says and wants
    DISSENT = "dissent"  # by agency


class MinutesState(Word):
    """The states of a version of the minutes."""

    DRAFT = "draft"  # written, and not before a person who may approve it
    WITH_CHAIR = "with_chair"  # to be approved or sent back
    SENT_BACK = "sent_back"  # with remarks, to be written again
    REPLACED = "replaced"  # a later version was written
    APPROVED = "approved"  # its facts never change again
    CIRCULATED = "circulated"  # members were told


class MinutesStep(Word):
    """The steps that a version of the minutes may take."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"  # put before the chair
    SENT_BACK = "sent_back"
    REPLACED = "replaced"
    APPROVED = "approved"
    ANNEX_APPROVED = "annex_approved"  # closed items that the approver had recorded, by another of their readers
    CIRCULATED = "circulated"


class CorrectionKind(Word):
    """The parts of a meeting's record that can be corrected after the meeting has closed."""

    NOTE = "note"
    FORGOTTEN = "forgotten"  # a line that nobody had written
    DECISION = "decision"
    ATTENDANCE = "attendance"
    ACTION = "action"  # its words, holder, day, kind or case, or that it was given by mistake


class Accuracy(Word):
    """What a meeting can answer when asked whether the previous meeting's minutes are accurate."""

    ACCURATE = "accurate"
    WITH_CORRECTIONS = "with_corrections"


class PromptKind(Word):
    """The kinds of message about a meeting's deadlines. Each is sent once for each person and deadline."""

    FLAGS_OPEN = "flags_open"  # working day -15
    FLAGS_CLOSE = "flags_close"  # -10
    TRIAGE = "triage"  # -8, to the chair
    AGENDA = "agenda"  # -5, or when published
    SUMMARY = "summary"  # +1
    MINUTES = "minutes"  # when circulated
    CANCELLED = "cancelled"
    RESCHEDULED = "rescheduled"
    INVITATION = "invitation"  # with the flags-open prompt, or when the meeting is put into the diary later than that
    REPLY_REMINDER = "reply_reminder"  # once more, to who has not answered
    RETURNS = "returns"  # -2, to who still owes some
    QUORUM = "quorum"  # -2, to the chair: gaps, and who is expected
    REVIEWS = "reviews"  # -15, to the agency whose case comes back: what has changed
    ASSESSMENTS = "assessments"  # the day by which a risk assessment was to be made, to who presents the case


#: Labels that differ from the value, by class and value: a decision and an action may have the same value.
LABELS: dict[tuple[type[Word], str], str] = {
    (type(word), word.value): label
    for word, label in (
        (AgencyKind.CHILDRENS_SOCIAL_CARE, "children's social care"),
        (AgencyKind.CHILDRENS_HOMES, "children's homes"),
        (Role.COORDINATOR, "co-ordinator"),
        (Role.VICE_CHAIR, "vice-chair"),
        (Role.MINUTE_TAKER, "minute-taker"),
        (ItemKind.OTHER_BUSINESS, "any other business"),
        (LegalStatus.NOT_OPEN, "not open to social care"),
        (LegalStatus.S20, "looked after (S20)"),
        (LegalStatus.S31, "looked after (S31)"),
        (Theme.TRAFFICKING_INTERNAL, "trafficking (internal)"),
        (Theme.TRAFFICKING_SEPARATED, "trafficking (unaccompanied or separated)"),
        (DecisionKind.RETAIN, "retain and review"),
        (DecisionKind.ESCALATE, "escalate to county"),
        (DecisionKind.RETURN, "return to district"),
        (DecisionKind.MASE, "escalate to MASE"),
        (DecisionKind.TRANSFER, "transfer to another area"),
        (DecisionKind.STRATEGY, "strategy discussion requested"),
        (DecisionKind.NRM, "NRM referral"),
        (CloseReason.TRANSFERRED, "the other area has accepted it"),
        (AdultRoute.MARAC, "MARAC"),
        (FirstResponder.CRIME_AGENCY, "National Crime Agency"),
        (FirstResponder.BORDER_FORCE, "Border Force"),
        (FirstResponder.IMMIGRATION_ENFORCEMENT, "Immigration Enforcement"),
        (FirstResponder.VISAS_AND_IMMIGRATION, "UK Visas and Immigration"),
        (FirstResponder.LABOUR_ABUSE, "Gangmasters and Labour Abuse Authority"),
        (FirstResponder.BARNARDOS, "Barnardo's"),
        (FirstResponder.NSPCC, "NSPCC"),
        (FirstResponder.SALVATION_ARMY, "Salvation Army"),
        (FirstResponder.OTHER, "another first responder"),
        (NrmRoute.AUTHORITY, "Single Competent Authority"),
        (NrmRoute.PILOT_PANEL, "local pilot panel"),
        (AdultRoute.NONE, "no adult route"),
        (CorrectionKind.NOTE, "words"),
        (CorrectionKind.FORGOTTEN, "what was forgotten"),
        (MinutesState.WITH_CHAIR, "with the chair"),
        (NoteKind.RAISES_RISK, "what raises the risk"),
        (NoteKind.MAY_HAPPEN, "what may happen"),
        (NoteKind.PROTECTS, "what protects"),
        (NoteKind.CHILDS_VIEW, "the child's view"),
        (ActionKind.NRM, "NRM"),
        (ActionState.DONE, "reported done"),
        (ActionState.CONFIRMED, "done and accepted"),
        (ActionState.NOT_POSSIBLE, "no longer possible (circumstances changed)"),
        (ActionState.NOT_DONE, "not done (agency has not acted)"),
        (ActionEventKind.ADDED, "given"),
        (ActionEventKind.STARTED, "begun"),
        (ActionEventKind.DONE, "reported done"),
        (ActionEventKind.CONFIRMED, "accepted for the panel"),
        (ActionEventKind.EXTENSION_ASKED, "more time asked for"),
        (ActionEventKind.EXTENDED, "given more time"),
        (ActionEventKind.EXTENSION_REFUSED, "more time refused"),
        (ActionEventKind.REASSIGNED, "passed on"),
        (ActionEventKind.EDITED, "corrected"),
        (ActionEventKind.WITHDRAWN, "withdrawn as a mistake"),
        (ActionEventKind.NOT_POSSIBLE, "reported not possible"),
        (ActionEventKind.NOT_DONE, "reported not done"),
        (ActionEventKind.NOT_OURS, "reported not ours"),
        (ActionEventKind.NOT_YET, "not done yet"),
    )
}
