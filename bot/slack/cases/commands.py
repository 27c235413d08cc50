"""`/case` and declared interests: flag a case, take it back, look at its history; by reference only."""

import re
from collections.abc import Iterable

from bot.domain.case_facts import ASSESSMENT, CaseFacts
from bot.domain.permissions import Verb as May
from bot.errors import Mistake
from bot.services.cases import assessments, casebook, flags, interests
from bot.slack import pages
from bot.slack.cases import views
from bot.slack.registry import Command, Noun, Verb
from bot.slack.request import Reply, Request, for_number, plain, take_mention, take_panel


def _flag(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.FLAG)
    panel = request.do(flags.panel_to_hear, where).panel
    is_county = request.work.definition(panel.definition).level == "county"
    districts = flags.districts(request.work) if is_county else []
    return Reply(modal=views.flag_form(plain(text)[:20], panel.title, districts, {"panel": panel.key}))


def _flagged(request: Request) -> Reply:
    form = flags.FlagForm(
        reference=request.field("reference"),
        given=_given(request, CaseFacts.model_fields),
        district_key=request.field("district") or None,
        closed="closed" in request.choices("closed"),
    )
    return Reply(text=views.flagged(request.do(flags.flag_case, request.panel(), form), closed=form.closed))


def _assess(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.FLAG)
    reference = _reference(text, "assess")
    return Reply(modal=views.assessment_form(request.do(assessments.flag_to_assess, where, reference)))


def _assessed(request: Request) -> Reply:
    flag = request.do(assessments.add_assessment, request.metadata.number("flag"), _given(request, ASSESSMENT))
    return Reply(text=views.assessed(flag))


def _given(request: Request, names: Iterable[str]) -> dict[str, object]:
    """The facts that were put into a form; what was left empty is not among them."""
    given = {name: request.choices(name) or request.field(name) for name in names}
    return {name: value for name, value in given.items() if value}


def _withdraw(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.FLAG)
    reference = _reference(text, "withdraw")
    return Reply(text=views.withdrawn(request.do(flags.withdraw_flag, where, reference)))


def _list(request: Request) -> Reply:
    """What is flagged; another page of it takes the place of the one before."""
    where, starts = pages.meant(request)
    found = request.do(casebook.list_flags, where, starts.page(pages.LINES))
    return request.shown(views.listed(found, starts), replaces=request.clicked is not None)


def _history(request: Request) -> Reply:
    """The hearings of a case; another page of them takes the place of the one before."""
    typed = request.clicked is None
    reference, starts = (_reference(request.text, "history"), pages.FIRST) if typed else pages.taken(request.value)
    found = request.do(casebook.case_history, reference, starts.page(pages.HEARINGS))
    return request.shown(views.history(found, starts))


def _reference(text: str, verb: str) -> str:
    reference = plain(text)
    if not reference:
        raise Mistake(f"Which case? {COMMAND.usage(verb)}")
    return reference


COMMAND = Command(
    "/case",
    "Flag cases to a panel, by reference only",
    (
        Verb(
            "flag", "[REFERENCE] [panel]", "ask a panel to hear a case; opens a form", "SAMPLE-0012", _flag, reads=True
        ),
        Verb(
            "assess",
            "REFERENCE [panel]",
            "add the assessment of a case; opens a form",
            "SAMPLE-0012",
            _assess,
            reads=True,
        ),
        Verb("withdraw", "REFERENCE [panel]", "take a flag back", "SAMPLE-0012", _withdraw),
        Verb("list", "[panel]", "what is flagged to the next meeting", "", _list, reads=True),
        Verb(
            "history", "REFERENCE", "every hearing of a case, and what came of it", "SAMPLE-0012", _history, reads=True
        ),
    ),
)

NOUN = Noun(
    command=COMMAND,
    clicks={
        "case.page": _list,
        "case.history": _history,
        "case.assess": for_number(assessments.assessment_to_add, views.assessment_form),
    },
    submissions={"case.flag": _flagged, "case.assess": _assessed},
    reads=frozenset({"case.page", "case.history"}),
)

_BECAUSE = re.compile(r"\s+because\b[\s:]*", re.IGNORECASE)


def _interest(request: Request) -> Reply:
    where, text = take_panel(request, request.text, May.READ_CASES)
    who, text = take_mention(text)
    reference = plain(text)
    if not reference:
        raise Mistake(f"In which case? {_INTEREST.how_to('/meeting')}")
    found = request.do(interests.declare_interest, where, reference, who)
    return Reply(text=views.stepped_back(found))


def _no_interest(request: Request) -> Reply:
    head, *reason = _BECAUSE.split(request.text, maxsplit=1)
    where, text = take_panel(request, head, May.READ_CASES)
    who, text = take_mention(text)
    reference = plain(text)
    if not reference or " " in reference:
        raise Mistake(f"In which case? {_NO_INTEREST.how_to('/meeting')}")
    why = plain(reason[0]) if reason else ""
    return Reply(text=views.taken_back(request.do(interests.withdraw_interest, where, reference, who, why)))


_INTEREST = Verb(
    "interest", "REFERENCE [@name]", "declare an interest: step back from a case", "SAMPLE-0012", _interest
)
_NO_INTEREST = Verb(
    "no-interest",
    "REFERENCE [@name because REASON]",
    "take a declared interest back",
    "SAMPLE-0012 @sam because it was declared for the wrong case",
    _no_interest,
)
INTEREST_VERBS = (_INTEREST, _NO_INTEREST)
