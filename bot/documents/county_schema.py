"""The shape of a county file, table by table: everything that `panelbot apply` can set up."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from bot.domain.case_facts import CaseFacts, accept_facts
from bot.domain.language.identifiers import MAX_TEXT, accept_venue, check_reference
from bot.domain.language.references import check_shape
from bot.domain.language.rhythm_words import parse_rule
from bot.domain.panel_definition import Chosen, Key, Strict
from bot.errors import Mistake
from bot.models.panels import SLACK_FILES_DAYS
from bot.models.vocabulary import AgencyKind, AreaKind, BankHolidays, Role, Theme


def _as_people_type_it(rule: Callable[[str], object]) -> Callable[[str], str]:
    """Return a check for text in a county file. The check applies `rule`, which is made for text typed in Slack.

    The check returns the text as tidied by the rule.
    """

    def check(text: str) -> str:
        try:
            kept = rule(text)
        except Mistake as mistake:
            raise ValueError(str(mistake)) from mistake
        return kept if isinstance(kept, str) else text

    return check


Name = Annotated[str, Field(min_length=1, max_length=120)]
_SHORT_NAME = r"^[^\W\d_][\w&'\u2019/ -]*$"
ShortName = Annotated[str, Field(pattern=_SHORT_NAME, max_length=40)]
TEAM_ID = r"^[TE][A-Z0-9]{2,}$"
_USER_ID = r"^[UW][A-Z0-9]{2,}$"
_CHANNEL_ID = r"^[CG][A-Z0-9]{2,}$"
_REFERENCE = r"^[A-Z0-9][A-Z0-9/-]{2,19}$"
TeamId = Annotated[str, Field(pattern=TEAM_ID, max_length=40)]
UserId = Annotated[str, Field(pattern=_USER_ID, max_length=40)]
ChannelId = Annotated[str, Field(pattern=_CHANNEL_ID, max_length=40)]
Reference = Annotated[str, Field(pattern=_REFERENCE), AfterValidator(_as_people_type_it(check_reference))]
Shape = Annotated[str, AfterValidator(_as_people_type_it(check_shape))]
Narrative = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Rule = Annotated[str, AfterValidator(_as_people_type_it(parse_rule))]
Venue = Annotated[str, AfterValidator(_as_people_type_it(partial(accept_venue, field="venue")))]
Days = Annotated[int, Field(ge=0, le=3660)]
_ANY_DAY = date(2000, 1, 1)

PATTERN_WORDS = {
    TEAM_ID: "a Slack workspace id: T or E, then capital letters and digits",
    _USER_ID: "a Slack user id: U or W, then capital letters and digits",
    _CHANNEL_ID: "a Slack channel id: C or G, then capital letters and digits",
    _SHORT_NAME: "a letter first, then letters, digits, spaces, hyphens, apostrophes, & and /, as before a colon",
    _REFERENCE: "the agency's own case number: 3 to 20 capital letters, digits, hyphens and strokes",
}


class County(Strict):
    """The county, with settings for people and panels that give none of their own."""

    key: Key
    title: Name
    timezone: str = "Europe/London"
    team: TeamId
    slack_files_days: Annotated[int, Field(ge=1, le=365)] = SLACK_FILES_DAYS  # then files are removed from Slack
    action_text_in_messages: bool = False
    action_text_agreed_by: Name | None = None
    action_text_agreed_on: date | None = None

    @model_validator(mode="after")
    def action_text_was_agreed(self) -> Self:
        """Refuse a file that lets Slack messages carry actions' words, unless it says who agreed to that, and when."""
        agreed = (self.action_text_agreed_by, self.action_text_agreed_on)
        if self.action_text_in_messages and None in agreed:
            raise ValueError("action_text_in_messages = true needs action_text_agreed_by and action_text_agreed_on")
        return self


class Area(Strict):
    """A county or one of its districts."""

    key: Key
    name: Name
    kind: Chosen[AreaKind]
    parent: Key | None = None

    @model_validator(mode="after")
    def districts_have_a_county(self) -> Self:
        """Refuse a district without a county, and a county with a parent."""
        if self.kind is AreaKind.DISTRICT and self.parent is None:
            raise ValueError("a district needs the key of its county as parent")
        if self.kind is AreaKind.COUNTY and self.parent is not None:
            raise ValueError("a county has no parent")
        return self


class Agency(Strict):
    """An organisation that sends people to panels. Its `lead` is told when its actions are overdue."""

    key: Key
    name: Name
    kind: Chosen[AgencyKind]
    lead: Key | None = None
    reference_pattern: Shape | None = None  # of its references: # is a digit, A a letter, the rest stands for itself
    short_names: Annotated[tuple[ShortName, ...], Field(max_length=12, strict=False)] = ()  # beside its name
    sharing_agreement_signed: date | None = None
    sharing_agreement_review: date | None = None  # co-ordinators are reminded 30 days before

    @model_validator(mode="after")
    def reviews_come_after_signing(self) -> Self:
        """Refuse a sharing agreement whose review date is not after the date of signing."""
        signed, review = self.sharing_agreement_signed, self.sharing_agreement_review
        if signed is not None and review is not None and review <= signed:
            raise ValueError(f"sharing_agreement_review ({review}) is not after sharing_agreement_signed ({signed})")
        return self


class Person(Strict):
    """A person to enrol. Without `team` or `timezone`, the county's Slack workspace and time zone apply."""

    key: Key
    name: Name
    user: UserId
    team: TeamId
    agency: Key
    #: Minutes print it after the name. None keeps a title that was given in Slack.
    job_title: Annotated[str, Field(max_length=120)] | None = None
    administrator: bool = False
    timezone: str


class Member(Strict):
    """One person's place on a panel, listed under the panel."""

    person: Key
    role: Chosen[Role]
    deputy_for: Key | None = None
    begins_on: Annotated[date | None, Field(alias="from")] = None
    until: date | None = None  # the last day

    @model_validator(mode="after")
    def only_deputies_stand_in(self) -> Self:
        """Refuse `deputy_for` or a period if the member is not a deputy. Refuse a period that ends before it begins."""
        for key, given in (("deputy_for", self.deputy_for), ("from", self.begins_on), ("until", self.until)):
            if given is not None and self.role is not Role.DEPUTY:
                raise ValueError(f'{key} belongs to the role "deputy" only')
        if self.begins_on is not None and self.until is not None and self.until < self.begins_on:
            raise ValueError(f"until ({self.until}) is before from ({self.begins_on})")
        return self


class Panel(Strict):
    """A panel, and its series of meetings if `rule` says how often it meets."""

    key: Key
    title: Name
    definition: Key
    area: Key
    channel: ChannelId | None = None
    venue: Venue = ""
    rule: Rule | None = None
    starts_on: date | None = None
    count: Annotated[int, Field(ge=1, le=120)] | None = None  # without it the diary is kept filled ahead
    bank_holidays: Chosen[BankHolidays] | None = None  # as the definition says unless given
    escalates_to: Key | None = None
    members: Chosen[tuple[Member, ...]] = ()

    @model_validator(mode="after")
    def diary_needs_a_rule(self) -> Self:
        """Refuse a panel that gives the start or number of its meetings but no rule."""
        if self.rule is None and (self.starts_on is not None or self.count is not None):
            raise ValueError('starts_on and count need a rule, such as "second Tuesday of the month at 14:00"')
        return self


class Case(CaseFacts, Strict):
    """A case, known by its reference, with a flag that asks one panel to hear the case."""

    reference: Reference
    district: Key
    agency: Key
    flagged_by: Key
    panel: Key
    assessed_days_ago: Days | None = None  # counted back from the day the file is applied
    assessment_due_in_days: Days | None = None  # counted on from that day
    judgement: Narrative
    asked_of_panel: Narrative
    themes: Annotated[Chosen[tuple[Chosen[Theme], ...]], Field(min_length=1)]
    closed: bool = False
    readers: Chosen[tuple[Key, ...]] = ()

    @model_validator(mode="after")
    def holds_together(self) -> Self:
        """Refuse a case unless it has exactly one date of assessment, valid facts, and readers only if it is closed."""
        faults = []
        if self.answers:
            faults.append("answers to optional facts are given in the form: leave them out")
        days = (self.assessed_on, self.assessed_days_ago, self.assessment_due_on, self.assessment_due_in_days)
        if sum(day is not None for day in days) != 1:
            faults.append(
                "give exactly one of assessed_on and assessed_days_ago, or of assessment_due_on and "
                "assessment_due_in_days"
            )
        if len(set(self.themes)) != len(self.themes):
            faults.append("a theme is named twice")
        if self.closed != bool(self.readers):
            faults.append(
                "a closed case needs its readers" if self.closed else "readers are named for closed cases only"
            )
        if faults:
            raise ValueError("; ".join(faults))
        try:
            # A date in the file is compared with today only when the file is applied, since reading doesn't know today.
            self.facts(self.assessed_on or self.assessment_due_on or _ANY_DAY)
        except Mistake as mistake:
            told = {"sentence": str(mistake), "place": (mistake.field,)}
            raise PydanticCustomError("placed", "{sentence}", told) from mistake
        return self

    def facts(self, today: date) -> CaseFacts:
        """Return the facts of the case. Dates given as a number of days are counted from `today`.

        Raise Mistake, naming the key, if a fact is wrong.
        """
        given = {name: getattr(self, name) for name in CaseFacts.model_fields}
        counted = {}
        if self.assessed_days_ago is not None:
            given["assessed_on"] = today - timedelta(days=self.assessed_days_ago)
            counted["assessed_on"] = "assessed_days_ago"
        if self.assessment_due_in_days is not None:
            given["assessment_due_on"] = today + timedelta(days=self.assessment_due_in_days)
            counted["assessment_due_on"] = "assessment_due_in_days"
        try:
            return accept_facts(given, today)
        except Mistake as mistake:
            key = mistake.field or ""
            raise Mistake(str(mistake), field=counted.get(key, key)) from mistake


class CountyFile(Strict):
    """A whole county file. Every key that an entry refers to is defined in the file."""

    county: County
    areas: Chosen[tuple[Area, ...]] = ()
    agencies: Chosen[tuple[Agency, ...]] = ()
    people: Chosen[tuple[Person, ...]] = ()
    panels: Chosen[tuple[Panel, ...]] = ()
    cases: Chosen[tuple[Case, ...]] = ()
