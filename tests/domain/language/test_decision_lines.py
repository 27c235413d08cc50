"""A decision as people type it."""

import pytest

from bot.domain.language.decision_lines import SaidDecision, read_decision
from bot.models.vocabulary import CloseReason
from bot.models.vocabulary import DecisionKind as Kind

KINDS = (
    *(Kind.RETAIN, Kind.ESCALATE, Kind.MASE, Kind.TRANSFER),
    *(Kind.STRATEGY, Kind.NRM, Kind.STEP_DOWN, Kind.CLOSE),
)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "retain and review at the next meeting because the plan is new",
            SaidDecision(Kind.RETAIN, "at the next meeting", rationale="the plan is new"),
        ),
        ("Retain, review in 3 months", SaidDecision(Kind.RETAIN, "in 3 months")),
        (
            "retain til next meeting, plan only just started",
            SaidDecision(Kind.RETAIN, "next meeting", rationale="plan only just started"),
        ),
        (
            "close or retain, chair to confirm",
            SaidDecision(Kind.CLOSE, rationale="chair to confirm", others=(Kind.RETAIN,), is_either=True),
        ),
        ("review 5 May", SaidDecision(Kind.RETAIN, "5 May")),
        ("retain, plan is new", SaidDecision(Kind.RETAIN, rationale="plan is new")),
        ("retain, review 5/5/26. plan is new", SaidDecision(Kind.RETAIN, "5/5/26", rationale="plan is new")),
        *(
            (f"retain {now} because the plan is new", SaidDecision(Kind.RETAIN, rationale="the plan is new"))
            for now in (
                "now",
                "for now",
                "right now",
                "for the time being",
                "at present",
                "for the moment",
                "currently",
            )
        ),
        (
            "retain for now, review 5 May because the plan is new",
            SaidDecision(Kind.RETAIN, "5 May", rationale="the plan is new"),
        ),
        ("retain bc the plan is new", SaidDecision(Kind.RETAIN, rationale="the plan is new")),
        ("NRM, review in May", SaidDecision(Kind.NRM, "in May")),
        ("refer to MASE since peers are involved", SaidDecision(Kind.MASE, rationale="peers are involved")),
        ("escalate to county: three districts", SaidDecision(Kind.ESCALATE, rationale="three districts")),
        ("s47 tomorrow", SaidDecision(Kind.STRATEGY, "tomorrow")),
        ("step down to early help", SaidDecision(Kind.STEP_DOWN, rationale="to early help")),
        (
            "close as risk reduced",
            SaidDecision(Kind.CLOSE, close_reason=CloseReason.RISK_REDUCED, rationale="risk reduced"),
        ),
        # The reason for closing has a field of its own, and stays as the rationale only if nothing else is said.
        *(
            (typed, SaidDecision(Kind.CLOSE, close_reason=CloseReason.RISK_REDUCED, rationale="contact is rebuilt"))
            for typed in (
                "close: risk reduced because contact is rebuilt",
                "close, risk has reduced, contact is rebuilt",
                "close (risk reduced) as contact is rebuilt",
                "close: risk reduced; and contact is rebuilt",
            )
        ),
        (
            "close because risk reduced at school and home",
            SaidDecision(
                Kind.CLOSE, close_reason=CloseReason.RISK_REDUCED, rationale="risk reduced at school and home"
            ),
        ),
        ("close: moved away", SaidDecision(Kind.CLOSE, close_reason=CloseReason.MOVED, rationale="moved away")),
        ("NFA", SaidDecision(Kind.CLOSE)),
        ("", SaidDecision()),
        ("escalate to MACE due to peer group harm", SaidDecision(Kind.MASE, rationale="peer group harm")),
        ("MASE panel owing to harm by peers", SaidDecision(Kind.MASE, rationale="harm by peers")),
        ("step down given that the plan works", SaidDecision(Kind.STEP_DOWN, rationale="the plan works")),
        ("retian til June because of exams", SaidDecision(Kind.RETAIN, "June", rationale="exams")),
        ("keep on for next time because it is new", SaidDecision(Kind.RETAIN, "next meeting", rationale="it is new")),
        (
            "Retain – review 5/5/26 – new placement needs time",
            SaidDecision(Kind.RETAIN, "5/5/26", rationale="new placement needs time"),
        ),
        ("not close, retain as risk is high", SaidDecision(Kind.RETAIN, rationale="risk is high")),
        ("retain and NRM because of both", SaidDecision(Kind.RETAIN, rationale="both", others=(Kind.NRM,))),
    ],
)
def test_a_line_says_what_was_decided_by_when_and_why(typed: str, said: SaidDecision) -> None:
    assert read_decision(typed, KINDS) == said


@pytest.mark.parametrize(
    "typed", ["closer monitoring", "we should talk again", "the school sends a closing report on Friday"]
)
def test_what_is_no_decision_is_kept_as_typed(typed: str) -> None:
    said = read_decision(typed, KINDS)
    assert (said.kind, said.rationale) == (None, typed)


def test_a_kind_that_the_panel_does_not_take_is_not_chosen() -> None:
    assert read_decision("escalate because of three districts", (Kind.RETAIN, Kind.CLOSE)) == SaidDecision(
        rationale="escalate because of three districts"
    )


@pytest.mark.parametrize(
    ("typed", "kind", "review", "rationale"),
    [
        ("escalate to mase high risk, repeat", Kind.MASE, "", "high risk, repeat"),
        ("close it, turned 18 last month", Kind.CLOSE, "", "turned 18 last month"),
        ("close turned 18 last month", Kind.CLOSE, "", "turned 18 last month"),
        ("retain until next meeting", Kind.RETAIN, "next meeting", ""),
        ("close, he moved two weeks ago", Kind.CLOSE, "", "he moved two weeks ago"),
    ],
)
def test_words_behind_a_decision_tell_why_and_a_past_day_is_no_review(
    typed: str, kind: Kind, review: str, rationale: str
) -> None:
    said = read_decision(typed, KINDS)
    assert (said.kind, said.review, said.rationale) == (kind, review, rationale)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        *(("retain", Kind.RETAIN), ("keep open", Kind.RETAIN), ("escalate to county", Kind.ESCALATE)),
        *(("refer to MASE", Kind.MASE), ("transfer", Kind.TRANSFER), ("strategy discussion", Kind.STRATEGY)),
        *(("NRM referral", Kind.NRM), ("step down", Kind.STEP_DOWN), ("close", Kind.CLOSE), ("retian", Kind.RETAIN)),
    ],
)
@pytest.mark.parametrize(
    "mark",
    [", ", " - ", " \u2013 ", "\u2014", ": ", "; ", ". ", "\n", " because ", ", because ", " as ", " since ", " "],
)
@pytest.mark.parametrize(
    "why",
    [
        "family moved 30 March",
        "court hearing is 28 April",
        "review of plan was on 10 April",
        "missing 3, 4 and 5 April",
        "awaiting CLA review on 5 May",
        "next meeting is too soon to tell",
        "sister moved \u2013 back since 2 April",
    ],
)
def test_a_day_in_the_reason_stays_in_it_with_all_of_its_words(typed: str, kind: Kind, mark: str, why: str) -> None:
    said = read_decision(f"{typed}{mark}{why}", KINDS)
    if mark == " " and why.startswith("next meeting"):  # right after the decision, this is its day
        assert (said.kind, said.review, said.rationale) == (kind, "next meeting", "is too soon to tell")
    else:
        assert (said.kind, said.review, said.rationale) == (kind, "", why)


@pytest.mark.parametrize(
    ("typed", "review", "rationale"),
    [
        ("retain until 5 May, court hearing 28 April", "5 May", "court hearing 28 April"),
        ("retain, court hearing 28 April, review 5 May", "5 May", "court hearing 28 April"),
        ("retain because of court on 28 April, review on 5 May", "5 May", "court on 28 April"),
        ("retain, back on 5 May, plan is new", "on 5 May", "plan is new"),
        ("retain for 4 weeks plan is new", "for 4 weeks", "plan is new"),
        ("retain, 5 May", "5 May", ""),
        ("retain until Tuesday, 5 May, plan is new", "Tuesday, 5 May", "plan is new"),
        ("risk is high so retain until May", "May", "risk is high"),
        ("retain because plan is new and review 5 May", "5 May", "plan is new and review 5 May"),
        ("step down to early help because plan ended 3 April", "", "to early help because plan ended 3 April"),
        ("close, moved 30 March", "", "moved 30 March"),
        ("strategy discussion within 5 working days, injury on 5 April", "within 5 working days", "injury on 5 April"),
    ],
)
def test_a_day_is_a_review_where_the_line_says_so(typed: str, review: str, rationale: str) -> None:
    said = read_decision(typed, KINDS)
    assert (said.review, said.rationale) == (review, rationale)


@pytest.mark.parametrize(
    ("typed", "area", "rationale"),
    [
        ("transfer to Southampton, family moved 30 March", "Southampton", "family moved 30 March"),
        ("transfer the case to Isle of Wight since they moved", "Isle of Wight", "they moved"),
        ("transfer to Southampton family moved 30 March", "Southampton", "family moved 30 March"),
        ("transfer to tower hamlets", "tower hamlets", ""),
        ("transfer to southampton family moved 30 March", "", "to southampton family moved 30 March"),
        ("transfer, family moved to Kent on 30 March", "", "family moved to Kent on 30 March"),
    ],
)
def test_the_area_of_a_transfer_has_its_own_part(typed: str, area: str, rationale: str) -> None:
    said = read_decision(typed, KINDS)
    assert (said.kind, said.review, said.area, said.rationale) == (Kind.TRANSFER, "", area, rationale)
