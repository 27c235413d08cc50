"""Whole cycles of a panel in which each piece of narrative is a word that nobody forgets, and the table of who sees it.

The table is `canaries.md`. A word is `Canary` and a name; the names of a closed item's begin with "Closed".
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlmodel import col

from bot.models.actions import Action, ActionEvent
from bot.models.cases import Case, Flag
from bot.models.meetings import Meeting
from bot.models.minutes import AmendmentSlip, Minutes
from bot.models.vocabulary import ActionEventKind, MeetingState
from bot.store.rows import id_of
from tests.county import WEST_SITS, user_id
from tests.proof.life import PERSONAS, Life

TABLE: Final = Path(__file__).with_name("canaries.md")
_FLAG: Final[Mapping[str, Any]] = {
    "urgency": "urgent",
    "age_band": "14_to_15",
    "legal_status": "child_in_need",
    "themes": ["missing"],
    "risk_level": "ceraf:high",
    "assessed_on": "2026-02-20",
}
_APRIL: Final = 2  # the number of West's second meeting


def flag(life: Life, who: str, reference: str, name: str, **more: Any) -> int:
    """Let a persona flag a case through the form, with a canary of this name in each text. Return the flag's number."""
    form = life.types(who, f"/case flag {reference} west-met").view
    words = {each: f"Seen: Canary{name}{each.replace('_', '')}." for each in _SAID}
    life.fills(who, form, {**_FLAG, **words, **more})
    with life.scene.store.reading() as work:
        rows = work.find_all(Flag, by=[col(Flag.id)])
        return id_of(rows[-1])


_SAID: Final = ("lead_professional", "judgement", "childs_voice", "asked_of_panel", "optional_agencies_involved")


def number_of(life: Life, model: Any, *conditions: Any) -> int:
    """Return the number of the newest row of its kind."""
    with life.scene.store.reading() as work:
        return id_of(work.find_all(model, *conditions, by=[col(model.id)])[-1])


def _flagged(life: Life) -> None:
    """Flag a case of the social worker's and a closed one, with actions on both and one of the panel's.

    The matron steps back.
    """
    flag(life, "socialworker", "WEST-0001", "")
    flag(life, "socialworker", "WEST-0666", "closed", closed=["closed"])
    flag(life, "nurse", "WEST-0666", "own")
    flag(life, "constable", "WEST-0003", "later")
    flag(life, "constable", "WEST-0004", "elsewhere")
    flag(life, "socialworker", "WEST-0005", "county")
    life.types("matron", "/meeting interest WEST-0001 west-met")
    life.types("chair", "/meeting interest WEST-0001 <@UCONSTABLE> west-met")
    life.types("chair", "/meeting no-interest WEST-0001 <@UCONSTABLE> west-met because CanaryNotInterested is so")
    life.types("chair", "/case add-reader WEST-0666 <@UMATRON> west-met because CanaryClosedReader is so")
    life.types("chair", "/case add-reader WEST-0666 <@UMIDWIFE> west-met because CanaryClosedPassing is so")
    life.types("chair", "/case end-reader WEST-0666 <@UMIDWIFE> west-met because CanaryClosedEnding is so")
    flag(life, "constable", "WEST-0007", "gone")
    form = life.types("constable", "/case edit WEST-0007 west-met").view
    life.fills("constable", form, {"judgement": "Put right."})
    life.types("constable", "/case withdraw WEST-0007 west-met because CanaryWithdrawn is so")
    flag(life, "constable", "WEST-0008", "gone")
    form = life.types("coordinator", "/case withdraw WEST-0008 west-met").view
    life.fills("coordinator", form, {"reason": "Because CanaryTakenBack."})
    life.types("chair", "/case close-item WEST-0005 west-met because CanaryClosing is so")
    life.types("chair", "/case open-item WEST-0005 west-met because CanaryOpening is so")


def _circulated(life: Life) -> None:
    """Let the chair triage, send the agenda out, and let agencies answer."""
    life.at(3, 12)
    life.types("chair", "/agenda defer WEST-0003 west-met because CanaryDefer is so")
    view = life.types("chair", "/agenda triage west-met").view
    assert view is not None
    form = life.scene.person("UCHAIR").clicks(view, "agenda.signpost:5").view
    life.fills("chair", form, {"reason": "Because CanarySignpost."})
    for number in (1, 2, 6):
        view = life.types("chair", "/agenda triage west-met").view
        assert view is not None
        life.scene.person("UCHAIR").clicks(view, f"agenda.accept:{number}")
    life.at(3, 17)
    form = life.types("coordinator", "/agenda item west-met").view
    item = {"kind": "paper", "title": "About CanaryItemTitle", "presenter": "CanaryItemPresenter"}
    life.fills("coordinator", form, {**item, "minutes": "5", "section": "close"})
    life.types("coordinator", "/agenda item presentation 10 CanaryTypedItem west-met")
    life.types("coordinator", "/agenda publish west-met")
    for who, number, name in (("nurse", 1, "Return"), ("matron", 2, "ClosedReturn")):
        view = life.presses(who, "returns.mine", "1").view
        assert view is not None
        form = life.scene.person(user_id(who)).clicks(view, f"returns.answer:{number}").view
        own = f"canary{name.removesuffix('Return')}ownref-1"
        life.fills(who, form, {"knowledge": "known", "text": f"Police: Canary{name}.", "reference": own})
    at = int(WEST_SITS[0].timestamp())
    form = life.presses("vicechair", "invitation.apologies", f"1:{at}").view
    life.fills("vicechair", form, {"information": "A letter: CanaryApologies."})
    life.types("constable", "/meeting reply apologies CanaryReply is sent west-met")


def _goes_to(life: Life, title: str, who: str = "chair", panel: str = "west-met") -> None:
    for _ in range(30):
        answer = life.types(who, f"/meeting next {panel}")
        if f". {title}" in answer.replies[0].words or title in answer.replies[0].words.partition("\n")[0]:
            return
    raise AssertionError(f"{title} never came up")


def _recorded(
    life: Life, name: str, decision: Mapping[str, Any], holder: str, who: str = "chair", panel: str = "west-met"
) -> None:
    """Write down by command and by form what is recorded of the current case."""
    life.types(who, f"/meeting note Police: Canary{name}Shared. {panel}")
    life.types(who, f"/meeting note Canary{name}Discussed. {panel}")
    life.types(who, f"/meeting dissent Health: Canary{name}Dissent. {panel}")
    sheet = life.types(who, f"/meeting record {panel}").view
    life.fills(who, sheet, {"may_happen~0": f"Canary{name}Risk.", "childs_view~0": f"Canary{name}View."})
    view = life.types(who, f"/meeting decide {panel}").view
    life.fills(
        who, view, {"rationale": f"Canary{name}Rationale.", "risk_judgement": f"Canary{name}Judged.", **decision}
    )
    due = "2 April" if panel == "west-met" else "7 May"
    life.types(who, f"/action add <@{user_id(holder)}> look at Canary{name}Action by {due} {panel}")


def _sitting(life: Life) -> None:
    """Open the meeting and go to the first case."""
    life.at(3, 24, 14)
    life.types("chair", "/meeting open west-met")
    form = life.types("chair", "/meeting attendance west-met").view
    given = {"present": ["UCHAIR", "USOCIALWORKER", "UNURSE"], "apologies": ["UOBSERVER"], "accepted": ["accepted"]}
    life.fills("chair", form, {**given, "information": "A letter: CanaryInformation."})
    form = life.types("chair", "/meeting attendance west-met").view  # put right, and what it said before is kept
    life.fills("chair", form, {"apologies": ["UOBSERVER"], "information": "A letter: CanaryInformation, and a list."})
    guest = {"name": "CanaryGuest", "part": "in_attendance", "other": "CanaryGuestAgency"}
    life.fills("chair", life.types("chair", "/meeting guest west-met").view, guest)
    for member in ("matron", "midwife"):  # the constable sent apologies, and sees no item
        life.presses(member, "meeting.acknowledge", "1")
    _goes_to(life, "Matters arising")
    item = life.types("chair", "/meeting now west-met")
    note = next(action for action in item.replies[0].actions if action.startswith("meeting.note"))
    life.scene.person("UCHAIR").clicks(item.replies[0], note)
    life.fills("chair", life.scene.person("UCHAIR").view, {"text": "CanaryHeadingNote."})
    life.types("chair", "/action add <@UCONSTABLE> ask about CanaryPanelAction by 2 April west-met")
    _goes_to(life, "WEST-0005")
    _recorded(life, "County", {"kind": "escalate"}, "constable")
    _goes_to(life, "WEST-0001")
    _recorded(life, "Case", {"kind": "retain", "review": "next meeting"}, "nurse")
    # Another writes into the same field, of which the chair is told; and a note is taken back: nobody reads it again.
    sheet = life.types("coordinator", "/meeting record west-met").view
    life.fills("coordinator", sheet, {"childs_view~0": "Again: CanaryCaseView."})
    life.types("chair", "/meeting note CanaryTakenBackNote. west-met")
    assert "have taken back" in life.types("chair", "/meeting undo west-met").text
    view = life.types("chair", "/meeting decide west-met").view
    life.fills(
        "chair", view, {"kind": "transfer", "rationale": "CanaryCaseRationale too.", "area": "CanaryTransferArea"}
    )


def _closed_item(life: Life) -> None:
    """Go to the closed item."""
    _goes_to(life, "WEST-0666")
    _recorded(life, "Closed", {"kind": "retain", "review": "next meeting"}, "socialworker")


def _drafted(life: Life) -> None:
    """Close the meeting and draft its minutes."""
    life.types("chair", "/meeting close now west-met")
    life.at(3, 26)
    life.types("minutetaker", "/minutes draft west-met")


def _put_right(life: Life) -> None:
    """Send the draft back twice, and correct what was recorded of two cases."""
    life.types("chair", "/minutes send-back west-met because CanaryRemarksTyped is missing")
    life.types("minutetaker", "/minutes draft west-met")
    form = life.presses("chair", "minutes.send_back", str(number_of(life, Minutes))).view
    life.fills("chair", form, {"remarks": "CanaryRemarks is missing too."})
    life.types("minutetaker", "/minutes draft west-met")
    for who, reference, name in (("minutetaker", "WEST-0001", ""), ("chair", "WEST-0666", "Closed")):
        person, page = life.scene.person(user_id(who)), life.presses(who, "minutes.look", "3").view
        while page is not None and not any(
            block["type"] == "header" and block["text"]["text"].endswith(reference) for block in page.blocks
        ):
            page = person.clicks(page, [one for one in page.actions if one.startswith("minutes.page:")][-1]).view
        assert page is not None
        names = [str(block.get("block_id")) for block in page.blocks if block["type"] == "input"]
        turn = names[-1].partition("~")[2]
        said = f"Canary{name or 'Case'}Discussed, Canary{name}PutRight."
        life.fills(
            who,
            page,
            {
                f"discussion~{turn}": said,
                f"forgotten~{turn}": f"Canary{name}Forgotten.",
                f"forgotten_kind~{turn}": "discussion",
                f"reason~{turn}": f"Canary{name}Why.",
            },
        )
        if reference == "WEST-0001":
            _decided_right(life, who)


def _decided_right(life: Life, who: str) -> None:
    """Put a decision right from the page of its case, which is on the screen."""
    person = life.scene.person(user_id(who))
    page = person.view
    assert page is not None
    button = next(one for one in page.actions if one.startswith("minutes.decision:") and not one.endswith(":0"))
    form = person.clicks(page, button).view
    life.fills(who, form, {"rationale": "CanaryCaseRationale, put right.", "reason": "CanaryDecidedWhy."})


def _amended(life: Life) -> None:
    """Put two slips to the approved minutes, and a third that is refused."""
    for who, reference, name in (("nurse", "WEST-0001", ""), ("socialworker", "WEST-0666", "Closed")):
        form = life.types(who, "/minutes amend west-met").view
        assert form is not None
        options = next(block for block in form.blocks if block.get("block_id") == "item")["element"]["options"]
        item = next(one["value"] for one in options if one["text"]["text"].endswith(reference))
        life.fills(who, form, {"item": item, "says": f"Canary{name}Slip.", "reason": f"Canary{name}SlipWhy."})
        life.presses("chair", "minutes.slip_approve", str(number_of(life, AmendmentSlip)))
    form = life.types("nurse", "/minutes amend west-met").view
    assert form is not None
    options = next(block for block in form.blocks if block.get("block_id") == "item")["element"]["options"]
    item = next(one["value"] for one in options if one["text"]["text"].endswith("WEST-0001"))
    life.fills("nurse", form, {"item": item, "says": "CanarySlip again.", "reason": "CanarySlipWhy again."})
    form = life.presses("chair", "minutes.slip_refuse", str(number_of(life, AmendmentSlip))).view
    life.fills("chair", form, {"refusal": "CanaryRefusal is so."})


def _over(life: Life) -> None:
    """Correct, approve and amend the minutes, and answer actions."""
    _put_right(life)
    for _ in range(2):  # what was corrected is in a version that is read first
        life.types("chair", "/minutes approve west-met")
    _amended(life)
    case, closed, panel = (
        number_of(life, Action, col(Action.case_id) == number_of(life, Case, col(Case.reference) == reference))
        for reference in ("WEST-0001", "WEST-0666", "WEST-0005")
    )
    life.types("nurse", f"/action done {case}: CanaryWasDone")
    life.types("coordinator", f"/action reopen {case} because CanaryReopened")
    form = life.presses("nurse", "action.answer", str(case)).view
    life.fills("nurse", form, {"answer": "not_ours", "reason": "CanaryAnswered."})
    form = life.presses("chair", "action.send_back", str(case)).view
    life.fills("chair", form, {"reason": "CanarySentBack."})
    life.types("coordinator", f"/action withdraw {case} because CanaryMistaken")
    life.types("coordinator", f"/action put-back {case}")
    for text, reason in (("wait for CanaryMeantime", "CanaryCorrected"), ("look at CanaryCaseAction", "It was right.")):
        form = life.types("coordinator", f"/action edit {case}").view
        given = {"holder": "UNURSE", "due": "2026-04-02", "kind": "other", "case": "WEST-0001", "text": text}
        life.fills("coordinator", form, given | {"reason": reason})
    life.types("socialworker", f"/action not-ours {closed} because CanaryClosedNotOurs")
    life.types("chair", f"/action reopen {closed} because CanaryClosedReopened")
    life.types("nurse", f"/action extend {case} 9 April because CanaryExtension is so")
    life.types("socialworker", f"/action extend {closed} 9 April because CanaryClosedExtension is so")
    form = life.presses("nurse", "action.more_time", str(case)).view
    life.fills("nurse", form, {"due": "2026-04-14", "reason": "CanaryMoreTime."})
    asked = number_of(life, ActionEvent, col(ActionEvent.kind) == ActionEventKind.EXTENSION_ASKED)
    life.presses("chair", "action.grant", str(asked))
    life.types("constable", f"/action not-possible {panel} because CanaryNotPossible is so")
    loose = number_of(life, Action, col(Action.case_id).is_(None))
    life.types("constable", f"/action not-done {loose} because CanaryNotDone is so")
    form = life.types("coordinator", "/action add").view
    given = {"holder": "UNURSE", "text": "Ask about CanaryFormAction.", "due": "14 April", "case": "WEST-0001"}
    if any(block.get("block_id") == "panel" for block in (form.blocks if form else ())):
        given["panel"] = "west-met"
    life.fills("coordinator", form, given)
    life.at(4, 15, 9, 5)  # a day after actions were due: the digests
    for who in PERSONAS:
        life.person(who).opens_home()


def _county(life: Life) -> None:
    """Let the county triage what the district sent up, and change and end one of its series."""
    life.at(4, 16)
    view = life.types("countychair", "/agenda triage shire-met").view
    accept = next(action for action in view.actions if action.startswith("agenda.accept:")) if view else ""
    assert view is not None
    life.scene.person("UCOUNTYCHAIR").clicks(view, accept)
    life.types("countychair", "/panel create every Friday at 9:00 shire-met")
    life.fills("countychair", life.scene.person("UCOUNTYCHAIR").view, {})
    view = life.types("countychair", "/panel change every Thursday at 9:00 shire-met").view
    life.fills("countychair", view, {"reason": "CanaryRule."})
    form = life.types("countychair", "/panel cancel shire-met").view
    newest = str(number_of(life, Meeting, col(Meeting.state) == MeetingState.SCHEDULED))
    view = life.fills("countychair", form, {"meeting": newest, "scope": "all"}).view
    life.fills("countychair", view, {"reason": "CanaryEnd."})
    life.quiet()


def _moved(life: Life) -> None:
    """Move, add, cancel and put back meetings, change and end a series, and let the nurse leave."""
    form = life.types("coordinator", "/panel reschedule west-met").view
    view = life.fills("coordinator", form, {"meeting": str(_APRIL), "date": "2026-04-22", "time": "14:00"}).view
    life.fills("coordinator", view, {"reason": "CanaryMove."})
    form = life.types("coordinator", "/panel add west-met").view
    view = life.fills("coordinator", form, {"date": "2026-06-16", "time": "14:00"}).view
    life.fills("coordinator", view, {"reason": "CanaryAdd."})
    form = life.types("coordinator", "/panel cancel west-met").view
    view = life.fills("coordinator", form, {"meeting": "3"}).view
    life.fills("coordinator", view, {"reason": "CanaryCancel."})
    life.quiet()
    form = life.types("coordinator", "/panel reinstate west-met").view
    view = life.fills("coordinator", form, {}).view
    life.fills("coordinator", view, {"reason": "CanaryReinstate."})
    form = life.types("coordinator", "/panel venue west-met").view
    view = life.fills("coordinator", form, {"meeting": "3", "venue": "Town Hall"}).view
    life.fills("coordinator", view, {"reason": "CanaryVenue."})
    life.quiet()
    form = life.types("coordinator", "/people leave <@UNURSE>").view
    life.fills("coordinator", form, {"successor": "UMATRON"})
    life.quiet()


def _inquorate(life: Life) -> None:
    """Postpone a meeting that is not quorate, and hold the next as an interim discussion without a new date."""
    life.at(4, 22, 14)
    life.types("coordinator", "/meeting open west-met")
    form = life.types("coordinator", "/meeting postpone west-met").view
    choice = {"when": "other", "date": "2026-04-29", "time": "14:00"}
    life.fills("coordinator", form, {**choice, "reason": "CanaryPostpone."})
    life.at(4, 28, 10)  # meanwhile the county meets
    life.types("countychair", "/meeting open shire-met")
    form = life.types("countychair", "/meeting attendance shire-met").view
    life.fills("countychair", form, {"present": ["UCOUNTYCHAIR", "UCOORDINATOR", "UMATRON"]})
    _goes_to(life, "WEST-0005", "countychair", "shire-met")
    _recorded(life, "Shire", {"kind": "retain", "review": "in 3 months"}, "matron", "countychair", "shire-met")
    life.types("countychair", "/meeting close now shire-met")
    life.types("coordinator", "/minutes draft shire-met")
    life.types("countychair", "/minutes approve shire-met")
    life.at(4, 29, 14)
    life.types("coordinator", "/meeting open west-met")
    life.types("coordinator", "/meeting interim west-met")
    form = life.presses("coordinator", "meeting.date", str(number_of(life, Meeting, col(Meeting.is_interim)))).view
    life.fills("coordinator", form, {"when": "none", "reason": "CanaryNoDate."})
    _goes_to(life, "Themes", "coordinator")
    life.types("coordinator", "/meeting note CanaryInterim was said.")
    life.types("coordinator", "/meeting close now west-met")
    life.types("minutetaker", "/minutes draft west-met")
    life.types("chair", "/minutes approve west-met")
    life.quiet()


def _urgent(life: Life) -> None:
    """Ask for two cases to be heard sooner, one of them at an extraordinary meeting."""
    number = flag(life, "constable", "WEST-0007", "hurried", cannot_wait="Because CanaryCannotWait.")
    flag(life, "constable", "WEST-0008", "pressing")
    life.types("constable", "/case urgent WEST-0008 west-met because CanaryUrgent is so")
    form = life.presses("chair", "agenda.now", str(number)).view
    life.fills("chair", form, {"date": "2026-05-06", "time": "10:00", "reason": "Because CanarySooner."})
    life.quiet()


def _merged(life: Life) -> None:
    """Merge the two references, which are of one child."""
    form = life.types("chair", "/case merge WEST-0008 into WEST-0007 west-met because CanaryMergeTyped is so").view
    life.fills("chair", form, {"reason": "Because CanaryMerged."})
    life.quiet()


#: What has happened, each after the one before it.
ACTS: Final[Mapping[str, Callable[[Life], None]]] = {
    "flagged": _flagged,
    "circulated": _circulated,
    "sitting": _sitting,
    "closed item": _closed_item,
    "drafted": _drafted,
    "over": _over,
    "county": _county,
    "moved": _moved,
    "inquorate": _inquorate,
    "urgent": _urgent,
    "merged": _merged,
}


@dataclass(frozen=True, slots=True)
class Door:
    """Where words are opened: what is done, and after which act."""

    kind: str  #: Typed, Clicked, or how a file comes
    done: str
    act: str


Table = Mapping[Door, Mapping[str, frozenset[str]]]


@cache
def table() -> Table:
    """Return the doors of the table, each with the words that each persona sees there."""
    found: dict[Door, dict[str, set[str]]] = {}
    kind, personas = "", list[str]()
    for cells in _rows("## Doors"):
        if not cells[0].startswith("`"):
            kind, _, _, *personas = cells
            continue
        done, act, words, *marks = cells
        seen = found.setdefault(Door(kind, done.strip("`").replace(r"\|", "|"), act), {who: set() for who in personas})
        for who, mark in zip(personas, marks, strict=True):
            seen[who] |= _named(words) if mark == "●" else set()
    return {door: {who: frozenset(words) for who, words in seen.items()} for door, seen in found.items()}


@cache
def fields() -> Mapping[str, frozenset[str]]:
    """Return each text that people type, with the words that are put there, or none where no narrative goes."""
    return {
        where.strip("`"): _named(words) if words != "–" else frozenset()
        for where, words, _ in _rows("## Fields")
        if where.startswith("`")
    }


def _named(words: str) -> frozenset[str]:
    found: set[str] = set()
    for word in words.split():
        found |= _groups()[word] if word.isupper() else {word}
    return frozenset(found)


@cache
def _groups() -> Mapping[str, frozenset[str]]:
    return {name: frozenset(words.split()) for name, words in _rows("## Words") if name.isupper()}


_BAR: Final = re.compile(r"(?<!\\)\|")


def _rows(heading: str) -> Iterator[list[str]]:
    part = TABLE.read_text(encoding="utf-8").partition(f"{heading}\n")[2].partition("\n## ")[0]
    for line in part.splitlines():
        if line.startswith("|") and not line.startswith(("|--", "| --")):
            yield [cell.strip() for cell in _BAR.split(line.strip("|"))]
