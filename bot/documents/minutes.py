"""The minutes of one meeting as a Word document, made from their facts and the panel's template."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import model_validator

from bot.documents.meeting_facts import (
    ActionFacts,
    MeetingFacts,
    PresentedCase,
    action_fields,
    case_fields,
    meeting_fields,
    render_meeting,
)
from bot.documents.word import Facts, counted, sentence
from bot.domain.decisions import decision_words
from bot.domain.language.day_words import date_words, listed
from bot.domain.quorum import QuorumView, sitting_words
from bot.domain.risk import Risk
from bot.models.vocabulary import AdultRoute, CloseReason, DecisionKind

ANNEX = "annex.docx"  #: prints closed items alone


class Attendee(Facts):
    """One person who was at the meeting or sent apologies, with any information that this person sent."""

    name: str
    agency: str  #: that they spoke for that day
    job_title: str = ""
    role: str = ""  #: "chair", "deputy", "presenter" …
    information_sent: str = ""
    sent_on: date | None = None
    arrived: str = ""  #: "10:25", of one who came after the meeting had begun
    left: str = ""  #: "11:10", of one who left before its end


class Said(Facts):
    """What one agency shared about an item, or why it dissents from a decision."""

    agency: str
    text: str


class DecisionFacts(Facts):
    """What the panel decided about one item, and why."""

    kind: DecisionKind
    rationale: str
    review_on: date | None = None  #: the day by which it is reviewed or done
    close_reason: CloseReason | None = None
    adult_route: AdultRoute | None = None
    area: str = ""  #: the area to which the case is transferred
    risk_before: Risk | None = None
    risk_after: Risk | None = None
    risk_assessed_on: date | None = None
    risk_judgement: str = ""


class Amendment(Facts):
    """An approved correction of minutes that were approved already."""

    number: str  #: among those of its item: "6-1"; "1" where it is of no item
    item: str = ""  #: the number and title of its item; empty where it is of none
    text: str
    reason: str
    by: str = ""  #: who wrote it and who approved it
    made_on: date


class ItemFacts(Facts):
    """One item of the minutes. A standing heading has no `case`."""

    number: str  #: such as "6", or "6a" for an item added after item 6 of a published agenda
    key: str = ""  #: of its section in the panel's definition, for templates that give a section a place of its own
    section: str  #: the heading that it is under
    title: str  #: the heading again, or the case reference
    case: PresentedCase | None = None
    is_closed_item: bool = False  #: only its named readers see it
    is_reached: bool = True
    is_called: bool = False  #: the meeting came to it, if only for a moment
    is_above: bool = False  #: what is said under its heading is printed earlier, as of the last minutes
    outcome: str = ""  #: of a case that left the published agenda: a key of `_OUTCOMES`
    removed_on: date | None = None  #: its case was erased under retention: nothing else is said of it
    approval: str = ""  #: who approved it, where that is another person than the one who approved the minutes
    withdrew: tuple[str, ...] = ()  #: names of those recused
    tabled: tuple[
        str, ...
    ] = ()  #: under matters arising, a sentence on each case heard urgently since the last meeting
    lists_sent_up: bool = False  #: its heading names the cases that the meeting escalated
    sent_up: tuple[str, ...] = ()  #: under that heading, those cases with their items
    shared: tuple[Said, ...] = ()
    discussion: tuple[str, ...] = ()
    may_happen: tuple[str, ...] = ()  #: of the risk summary
    raises_risk: tuple[str, ...] = ()
    protects: tuple[str, ...] = ()
    childs_view: tuple[str, ...] = ()
    decisions: tuple[DecisionFacts, ...] = ()  #: in the order in which they were made
    dissent: tuple[Said, ...] = ()
    actions: tuple[ActionFacts, ...] = ()
    amendments: tuple[Amendment, ...] = ()  #: approved slips to this item

    @model_validator(mode="before")
    @classmethod
    def _of_earlier_versions(cls, facts: Any) -> Any:
        """Return the facts of an item in the present form, converted from the form of earlier versions of panelbot.

        In the earlier form, numbers were integers and an item had one decision.
        """
        if not isinstance(facts, dict):
            return facts
        facts = dict(facts) | {"number": str(facts.get("number", ""))}
        if "decision" not in facts:
            return facts
        if (decision := facts.pop("decision")) is not None:
            decision = dict(decision)
            facts["dissent"] = decision.pop("dissent", ())
            facts["decisions"] = (decision,)
        return facts


class MinutesFacts(MeetingFacts):
    """Everything that one version of the minutes says to one reader."""

    version: int = 1
    is_draft: bool = True
    approved_on: date | None = None
    approved_by: str = ""
    digest: str = ""  #: SHA-256 of the list of its parts' digests; empty: a draft, or approved before this was kept
    present: tuple[Attendee, ...] = ()
    apologies: tuple[Attendee, ...] = ()
    absent: tuple[Attendee, ...] = ()  #: without apologies
    in_attendance: tuple[Attendee, ...] = ()
    observers: tuple[Attendee, ...] = ()
    opened: str = ""  #: the time at which it was actually opened: "14:02"; none in versions from before this was kept
    closed: str = ""
    acknowledged: tuple[str, ...] = ()  #: names of people who were there and accepted the statement
    unacknowledged: tuple[str, ...] = ()  #: names of people who were there and did not
    circulation: tuple[Attendee, ...] = ()  #: people who may have these minutes once they are approved
    is_quorate: bool = True
    quorum_missing: tuple[str, ...] = ()  #: "police", as the quorum rules word it
    is_interim: bool = False  #: held without a quorum, as an interim discussion
    postponed: str = ""  #: the sentence about the sitting that was postponed to this one
    last_minutes: str = ""  #: accuracy of the last minutes, in words
    outstanding: tuple[ActionFacts, ...] = ()  #: matters arising, and what ended since the last meeting
    items: tuple[ItemFacts, ...] = ()
    actions: tuple[ActionFacts, ...] | None = None  #: the whole table; the items' actions in order when None
    next_meeting: str = ""
    amendments: tuple[Amendment, ...] = ()


def render_minutes(facts: MinutesFacts, template_dir: Path | None = None, template_name: str = "minutes.docx") -> bytes:
    """Return the minutes as a Word document. The same facts always give the same bytes.

    Raise Misconfigured if the template is missing or faulty.
    """
    title = "Closed annex" if template_name == ANNEX else "Minutes"
    return render_meeting(title, facts, minutes_fields(facts), template_dir, template_name)


def minutes_fields(facts: MinutesFacts) -> dict[str, Any]:
    """Return the fields of the minutes' template, as `minutes_templates/README.md` describes them."""
    actions = facts.actions
    if actions is None:
        actions = tuple(action for item in facts.items for action in item.actions)
    items = [item_fields(item) for item in facts.items]
    # Most actions are printed twice, under their item and in the table, from the same fields.
    said = {id(one): row for item, fields in zip(facts.items, items, strict=True) for one, row in _rows(item, fields)}
    section = None
    for item, fields in zip(facts.items, items, strict=True):
        fields["opens_section"] = item.section not in (section, item.title)
        section = item.section
    return meeting_fields(facts) | {
        "minutes": {
            "draft": "DRAFT" if facts.is_draft else "",
            "version": facts.version,
            "status": _status(facts),
            "digest": digest_words(facts.digest),
            "held": f"Opened at {facts.opened}, closed at {facts.closed}." if facts.opened and facts.closed else "",
            "acknowledged": _acknowledged(facts),
            "quorum": sitting_words(
                QuorumView(facts.is_quorate, facts.quorum_missing),
                is_interim=facts.is_interim,
                has_decisions=any(item.decisions for item in facts.items),
                postponed=facts.postponed,
            ),
            "accuracy": sentence(facts.last_minutes) or "The minutes of the last meeting were not discussed.",
            "next_meeting": sentence(facts.next_meeting) or "No date has been set.",
            "action_count": sentence(f"{counted(len(actions), 'action')} agreed"),
        },
        "present": by_agency(facts.present),
        "apologies": by_agency(facts.apologies),
        "absent": by_agency(facts.absent),
        "in_attendance": by_agency(facts.in_attendance),
        "observers": by_agency(facts.observers),
        "circulation": by_agency(facts.circulation),
        "withdrawals": _withdrawals(facts),
        "outstanding": [action_fields(action) for action in facts.outstanding],
        "items": items,
        "actions": [said.get(id(action)) or action_fields(action) for action in actions],
        "amendments": [amendment_fields(amendment) for amendment in facts.amendments],
    }


def _rows(item: ItemFacts, fields: dict[str, Any]) -> Iterable[tuple[ActionFacts, dict[str, Any]]]:
    return zip(item.actions, fields["actions"], strict=True)


def amendment_fields(amendment: Amendment) -> dict[str, Any]:
    """Return the fields of one slip, as an entry of the list `amendments` in Word templates."""
    return {
        "number": amendment.number,
        "text": sentence(f"{amendment.item}: {amendment.text}" if amendment.item else amendment.text),
        "says": sentence(amendment.text),
        "reason": sentence(amendment.reason),
        "by": amendment.by,
        "date": date_words(amendment.made_on),
    }


def digest_words(digest: str) -> str:
    """Return the line that a paper prints with the checksum of its version, or an empty string without a checksum."""
    return f"Digest of the approved facts (SHA-256): {digest}" if digest else ""


def item_fields(item: ItemFacts) -> dict[str, Any]:
    """Return the fields of one item, as an entry of the list `items` in Word templates.

    The caller sets the field `opens_section`.
    """
    before = item.decisions[0].risk_before if item.decisions else None
    after = item.decisions[-1].risk_after if item.decisions else None
    headed = [
        {"heading": heading, "text": " ".join(map(sentence, said))}
        for heading, said in (
            ("What may happen", item.may_happen),
            ("What raises the risk", item.raises_risk),
            ("What protects", item.protects),
            ("The child's view", item.childs_view),
            ("The risk after the discussion", _judged(item.decisions)),
        )
        if said
    ]
    talked = bool(_talked(item) or headed)
    silent = not (item.case or talked or item.sent_up or item.decisions or item.dissent)
    escalated = [f"Escalated at this meeting: {'; '.join(item.sent_up)}"] if item.sent_up else []
    decisions = [
        {"made": sentence(decision_words(one, date_words)), "rationale": sentence(one.rationale)}
        for one in item.decisions
    ]
    dissent = [{"agency": said.agency, "text": sentence(said.text)} for said in item.dissent]
    note = _note(item, is_silent=silent, has_words=talked)
    return {
        "number": item.number,
        "key": item.key,
        "section": item.section,
        "title": f"{item.title} (closed item)" if item.is_closed_item else item.title,
        "opens_section": False,
        "case": case_fields(item.case, risk_before=before, risk_after=after) if item.case else None,
        "note": " ".join(filter(None, (note, item.approval))),
        "withdrew": f"{listed(item.withdrew)} stepped back from this item." if item.withdrew else "",
        "shared": [{"agency": said.agency, "text": sentence(said.text)} for said in item.shared],
        "discussion": [sentence(words) for words in (*item.tabled, *escalated, *item.discussion)],
        "headed": headed,
        "decisions": decisions,
        "dissent": dissent,
        # Templates from before an item could have several decisions print them all as one.
        "decision": {name: " ".join(one[name] for one in decisions) for name in decisions[0]} | {"dissent": dissent}
        if decisions
        else None,
        "actions": [action_fields(action) for action in item.actions],
        "amendments": [amendment_fields(amendment) for amendment in item.amendments],
    }


def _judged(decisions: Iterable[DecisionFacts]) -> list[str]:
    """Return phrases that give the day and the judgement of each risk assessment that the panel itself made.

    The level is left out, since it is printed with the case.
    """
    found = []
    for one in decisions:
        found += [f"Assessed on {date_words(one.risk_assessed_on)}"] if one.risk_assessed_on else []
        found += [one.risk_judgement] if one.risk_judgement else []
    return found


def _talked(item: ItemFacts) -> bool:
    said = (item.shared, item.discussion, item.may_happen, item.raises_risk, item.protects, item.childs_view)
    return bool(any(said) or item.actions)


def was_heard(item: ItemFacts) -> bool:
    """Return whether the meeting discussed an item.

    An item counts as discussed if it is marked as reached, if the meeting came to it, or if its record has words or an
    action.
    """
    return item.is_reached or item.is_called or _talked(item)


def missing_words(item: ItemFacts) -> str:
    """Return a sentence saying why an item has no record in these minutes, or an empty string if it has a record."""
    if item.removed_on is not None:
        return f"Removed under retention on {date_words(item.removed_on)}."
    return _OUTCOMES[item.outcome] if item.outcome else ""


def _note(item: ItemFacts, *, is_silent: bool, has_words: bool) -> str:
    """Return a sentence about what is missing in an item's record, or an empty string if nothing is missing."""
    if missing := missing_words(item):
        return missing
    if not item.is_reached:
        if has_words:
            return "No decision was reached."
        return "Heard; nothing was noted." if item.is_called else "This item was not reached."
    if is_silent:
        return "See above." if item.is_above else "Heard; nothing was noted."
    return ""


_OUTCOMES = {
    "deferred": "Deferred to a later meeting before it was heard.",
    "withdrawn": "Withdrawn before it was heard.",
    "signposted": "Sent elsewhere by the chair before it was heard.",
    "moved": "Moved to another meeting before it was heard.",
}


def by_agency(people: tuple[Attendee, ...]) -> list[dict[str, Any]]:
    """Return the rows of a table of people as template fields, with one row for each agency.

    Agencies are in the order in which they first appear.
    """
    groups: dict[str, list[Attendee]] = {}
    for person in people:
        groups.setdefault(person.agency, []).append(person)
    return [
        {
            "agency": agency,
            "people": "; ".join(map(_named, group)),
            "information": " ".join(filter(None, map(_information, group))) or "Nothing sent.",
        }
        for agency, group in groups.items()
    ]


def _named(person: Attendee) -> str:
    # A "Panel Co-ordinator" need not be called co-ordinator again.
    is_said = f" {person.job_title}".lower().endswith(f" {person.role}".lower())
    said = [one for one in (person.job_title, "" if is_said else person.role) if one]
    said += [f"arrived {person.arrived}"] if person.arrived else []
    said += [f"left {person.left}"] if person.left else []
    return f"{person.name} ({', '.join(said)})" if said else person.name


def _information(person: Attendee) -> str:
    if not person.information_sent:
        return ""
    sent = f"Sent {date_words(person.sent_on)}: " if person.sent_on else "Sent: "
    return sent + sentence(person.information_sent)


def _status(facts: MinutesFacts) -> str:
    if facts.is_draft:
        return f"Draft, version {facts.version}. Not yet approved by the chair."
    by = f" by {facts.approved_by}" if facts.approved_by else ""
    on = f" on {date_words(facts.approved_on)}" if facts.approved_on else ""
    return f"Approved{by}{on}, version {facts.version}."


def _acknowledged(facts: MinutesFacts) -> str:
    if not facts.unacknowledged:
        return "Everyone who was there acknowledged this statement." if facts.acknowledged else ""
    missing = f"It is not recorded that {listed(facts.unacknowledged)} did."
    if not facts.acknowledged:
        return f"It is not recorded that {listed(facts.unacknowledged, 'or')} acknowledged this statement."
    return f"{listed(facts.acknowledged)} acknowledged this statement. {missing}"


def _withdrawals(facts: MinutesFacts) -> list[str]:
    items: dict[str, list[str]] = {}
    for item in facts.items:
        for name in item.withdrew:
            items.setdefault(name, []).append(item.number)
    return [
        f"{name} stepped back from {'item' if len(numbers) == 1 else 'items'} {listed(numbers)}."
        for name, numbers in items.items()
    ]
