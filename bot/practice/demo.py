"""The demo: one whole cycle of a panel in the sample county, on a moved clock and through Slack's real protocol."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.clock import MovedClock
from bot.errors import Misconfigured
from bot.practice.mode import PracticeMode
from bot.practice.page.guide import CHAIR, COORDINATOR, HEALTH, MINUTE_TAKER, POLICE, SOCIAL_CARE
from bot.practice.stage import Stage, Stuck
from bot.practice.workspace.sights import Outcome
from bot.settings import Settings

_STARTS = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)  # so that the next meeting is just after Easter Monday
_CHANNEL = "C0HARROWMERE"
#: The panel of the demo and those that get cases from it. With more panels, readers would wait for their messages.
_PANELS = ("harrowmere", "county", "mase")
_HEARD = 6  # cases, as many as two hours allow
EDUCATION, VOLUNTARY = "U0ZARA", "U0GWEN"

_FLAG: dict[str, Any] = {
    "reference": "SAMPLE-0101",
    "urgency": "urgent",
    "age_band": "14_to_15",
    "legal_status": "child_in_need",
    "lead_professional": "Children's Social Care, social worker",
    "themes": ["county_lines", "missing"],
    "risk_level": "ceraf:high",
    "assessed_on": "2026-03-09",
    "judgement": "Found twice at one address far from home, with a new phone. Afraid, and will not say who of.",
    "childs_voice": "Told the worker on the return interview: I can't say no to them.",
    "asked_of_panel": "Agree who speaks with the child, and what is done about the address.",
    "missing_episodes": "5",
    "interviews_offered": "4",
    "interviews_within_72h": "2",
}
_SLIP = "The mother can be reached on 07700 900123. Health has seen the child twice for injuries."
_REPHRASED = "Health has seen the child twice for injuries. The account given of them has changed."


def play(settings: Settings, folder: Path, console: Console) -> None:
    """Play one whole cycle of a panel and print it. Write agenda.docx, minutes.docx and actions.xlsx into the folder.

    Raise Misconfigured if the folder can't be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise Misconfigured(f"{folder}: cannot be made ({refused.strerror}).") from None
    console.print("[bold]panelbot[/] plays one cycle of a panel in Wendleshire, a county that does not exist.")
    console.print("[dim]The clock is moved; every command, click and message goes through Slack's own protocol.[/]")
    with PracticeMode(settings, clock=MovedClock(_STARTS), panels=_PANELS, patient=True) as practice:
        practice.start(ticking=False)
        stage = Stage(practice, console, _CHANNEL)
        _flagging(stage)
        agenda = _agenda(stage)
        _meeting(stage)
        minutes = _minutes(stage)
        tracker = _chasing(stage)
    console.print()
    console.rule("[bold]The papers of this cycle[/]", align="left")
    for name, content in (("agenda.docx", agenda), ("minutes.docx", minutes), ("actions.xlsx", tracker)):
        (folder / name).write_bytes(content)
        console.print(f"  {folder / name}", soft_wrap=True)


def _flagging(stage: Stage) -> None:
    stage.says("The co-ordinator looks at what is next.")
    stage.types(COORDINATOR, "/panel next")
    stage.on("2026-03-13 09:05", "flags are open")
    asked = stage.latest(POLICE, "flag")
    stage.clicks(POLICE, asked, "I am coming", "invitation.coming")
    form = stage.opens(POLICE, "/case flag SAMPLE-0101")
    stage.submits(POLICE, form, _FLAG, "SAMPLE-0101, high risk, county lines and missing")
    form = stage.opens(HEALTH, "/case flag SAMPLE-0102")
    second = _FLAG | {"reference": "SAMPLE-0102", "risk_level": "ceraf:medium", "themes": ["youth_violence"]}
    stage.submits(HEALTH, form, second | {"judgement": _SLIP}, "SAMPLE-0102, with a telephone number in the judgement")
    stage.submits(HEALTH, form, {"judgement": _REPHRASED}, "the same, rephrased")


def _agenda(stage: Stage) -> bytes:
    stage.on("2026-03-24 10:00", "the chair triages")
    view = stage.opens(CHAIR, "/agenda triage")
    chair = stage.person(CHAIR)
    stage.clicks(CHAIR, view, "Defer", "agenda.defer")
    reason = stage.form(CHAIR)
    stage.submits(
        CHAIR,
        reason,
        {"reason": "A strategy meeting hears this child first."},
        "A strategy meeting hears this child first.",
    )
    for _ in range(_HEARD):
        view = stage.form(CHAIR)
        chair.clicks(view, next(action for action in view.actions if action.startswith("agenda.accept:")))
    stage.says(f"… and presses [Accept] for the {_HEARD} most pressing; the rest can wait for May.")
    chair.closes(stage.form(CHAIR), whole_stack=True)
    stage.on("2026-03-27 10:00", "the agenda goes out")
    stage.types(COORDINATOR, "/agenda publish")
    stage.latest(SOCIAL_CARE, "is out")
    agenda = stage.file(COORDINATOR, "agenda-v1.docx")[1]
    sent = "Attendance of the four pupils discussed; no other concern since January."
    stage.types(EDUCATION, f"/meeting reply apologies {sent}")
    stage.types(COORDINATOR, "/meeting replies")
    stage.person(COORDINATOR).closes(stage.form(COORDINATOR))
    return agenda


def _meeting(stage: Stage) -> None:
    stage.on("2026-04-07 13:58", "the meeting")
    stage.types(COORDINATOR, "/meeting open")
    opening = stage.posted(CHAIR, "is open")
    for user_id in (CHAIR, POLICE, SOCIAL_CARE, HEALTH, VOLUNTARY):
        stage.clicks(user_id, opening, "I'm here", "meeting.acknowledge")
    form = stage.opens(MINUTE_TAKER, "/meeting attendance")
    stage.submits(MINUTE_TAKER, form, {}, "as it is now: education's apologies are in it already")
    _discuss(stage)
    asked = stage.types(COORDINATOR, "/meeting close").replies[0]
    stage.clicks(COORDINATOR, asked, "Close the meeting", "meeting.close")
    stage.latest(POLICE, "action")


def _discuss(stage: Stage) -> None:
    told = False
    for _ in range(40):
        outcome = stage.aside(COORDINATOR, "/meeting next")
        words = outcome.replies[0].words if outcome.replies else ""
        heading = words.partition("\n")[0]
        reference = re.search(r"SAMPLE-\d+", heading)
        if reference is not None and not told:
            told = True
            _first_case(stage, words)
        elif reference is not None:
            _other_case(stage, reference[0], _item(heading))
        elif not heading.startswith("Item"):
            return
        else:
            for heading_words, note in _HEADINGS.items():
                if heading_words in heading:
                    stage.aside(MINUTE_TAKER, f"/meeting note {_item(heading)}: {note}")
    raise Stuck("The agenda has no end.")


def _first_case(stage: Stage, words: str) -> None:
    stage.says("From item to item with /meeting next. The first child:")
    stage.says("\n".join(words.splitlines()[:9]))
    asked = stage.types(
        MINUTE_TAKER, "/meeting note Education: the route to school has changed twice, and lateness with it."
    )
    _answers(stage, MINUTE_TAKER, asked)
    stage.types(MINUTE_TAKER, "/meeting note The child keeps contact with one trusted adult, the return interviewer.")
    asked = stage.types(
        COORDINATOR, f"/action add <@{POLICE}> step up patrols at the bus station at school times by next friday"
    )
    _answers(stage, COORDINATOR, asked)
    stage.types(
        COORDINATOR, f"/action add <@{POLICE}> step up patrols at the bus station at school times by Friday 17 April"
    )
    stage.types(COORDINATOR, f"/action add <@{SOCIAL_CARE}> update the safety plan with the child by 17 April")
    form = stage.opens(COORDINATOR, "/meeting decide")
    decision = {
        "kind": "retain",
        "rationale": "Risk is high and the work has only begun; the child is to be heard before the next meeting.",
        "review": "next meeting",
    }
    stage.submits(COORDINATOR, form, decision, "retain and review at the next meeting, with the rationale")
    stage.shows_board(COORDINATOR, "Retain and review")


def _answers(stage: Stage, user_id: str, asked: Outcome) -> None:
    """Choose the current item if the bot asks which item a typed line is about.

    The bot asks this if the meeting has moved on since the person's last entry.
    """
    reply = asked.replies[0]
    buttons = [one for block in reply.blocks if block["type"] == "actions" for one in block["elements"]]
    if "Which of the two is this about?" in reply.words:
        stage.clicks(user_id, reply, buttons[-1]["text"]["text"], buttons[-1]["action_id"])


def _item(heading: str) -> str:
    """Return words such as "item 6" from an item's heading. A typed line that begins with these words is about this
    item.
    """
    return " ".join(heading.split()[:2]).lower()


def _other_case(stage: Stage, reference: str, item: str) -> None:
    note, decision, action = _SAID.get(reference, _SAID[""])
    stage.aside(MINUTE_TAKER, f"/meeting note {item}: {note}")
    stage.aside(MINUTE_TAKER, f"/action add {item}: {action}")
    stage.aside(MINUTE_TAKER, "/meeting decide")
    stage.after(stage.person(MINUTE_TAKER).submits(stage.form(MINUTE_TAKER), decision), shown=False)


_HEADINGS = {
    "Welcome": "The chair read the confidentiality statement. No conflict of interest was declared.",
    "Missing": "Nineteen episodes in the month, three children account for twelve; interviews are offered in time.",
    "People of concern": "One alias, HM-4, was named by police and by the district; it goes to the county meeting.",
    "Locations": "The bus station was named for the third month running.",
    "Themes": "County lines adults offer e-scooters on credit and call in the debt within days.",
    "For the county": "The alias HM-4, and the child escalated today.",
    "Any other": "The next meeting is on Tuesday 5 May at 14:00.",
}

#: For each child after the first, the note, decision and action. The last row is used for any other child.
_SAID: dict[str, tuple[str, dict[str, Any], str]] = {
    "SAMPLE-0041": (
        "Police: two adults have been charged and are kept from the address.",
        {"kind": "retain", "rationale": "The tenancy is safe; the contact is not.", "review": "5 May"},
        f"<@{SOCIAL_CARE}> visit the family with housing by 21 April",
    ),
    "SAMPLE-0101": (
        "Police: the address is known in two districts, and so is the vehicle outside it.",
        {"kind": "escalate", "rationale": "The network crosses district lines.", "risk_after": "ceraf:high"},
        f"<@{POLICE}> share the vehicle's movements with the county analyst by 14 April",
    ),
    "SAMPLE-0102": (
        "Health: the account given of the injuries has changed twice.",
        {
            "kind": "strategy",
            "rationale": "The threshold for a strategy discussion is met today.",
            "risk_after": "ceraf:high",
        },
        f"<@{SOCIAL_CARE}> convene the strategy discussion by 8 April",
    ),
    "SAMPLE-0031": (
        "Children's social care: the guardian is confirmed and has met the child.",
        {"kind": "nrm", "rationale": "The indicators of trafficking are strong, and a referral protects."},
        f"<@{SOCIAL_CARE}> send the National Referral Mechanism form by 10 April",
    ),
    "SAMPLE-0046": (
        "Health: the child took up the health assessment.",
        {"kind": "step_down", "rationale": "Risk has fallen over three months.", "risk_after": "ceraf:standard"},
        f"<@{HEALTH}> share the health plan with the placement by 21 April",
    ),
    "": (
        "Children's social care: the plan holds, and the family works with it.",
        {"kind": "retain", "rationale": "Progress is recent; the panel wants to see it last.", "review": "5 May"},
        f"<@{HEALTH}> offer the child an appointment with the school nurse by 21 April",
    ),
}


def _minutes(stage: Stage) -> bytes:
    stage.on("2026-04-08 09:30", "the minutes")
    stage.types(MINUTE_TAKER, "/minutes draft")
    stage.file(CHAIR, ".docx")
    stage.on("2026-04-09 11:00", "the chair approves")
    stage.types(CHAIR, "/minutes approve")
    stage.latest(HEALTH, "approved")
    stage.types(COORDINATOR, "/minutes export")
    return stage.file(COORDINATOR, "approved-v1.docx")[1]


def _chasing(stage: Stage) -> bytes:
    stage.on("2026-04-14 09:01", "three working days before the due date")
    digest = stage.latest(POLICE, "due")
    stage.clicks(POLICE, digest, "Done", "action.done")
    stage.quiet()
    stage.on("2026-04-20 09:01", "one working day after it")
    digest = stage.latest(SOCIAL_CARE, "due")
    stage.clicks(SOCIAL_CARE, digest, "More time", "action.more_time")
    form = stage.form(SOCIAL_CARE)
    more = {"due": "2026-04-28", "reason": "The child was away last week and wants to take part."}
    stage.submits(SOCIAL_CARE, form, more, "until 28 April, because the child was away")
    stage.quiet()
    stage.types(COORDINATOR, "/action list all")
    stage.types(COORDINATOR, "/action tracker")
    tracker = stage.file(COORDINATOR, ".xlsx")[1]
    stage.quiet()
    return tracker
