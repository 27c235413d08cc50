"""The words that lead to a reason, which every command reads alike."""

import pytest

from bot.domain.language.decision_lines import split_rationale
from bot.slack.actions.drafts import when_and_why
from bot.slack.meant import filled_in
from bot.slack.typed import take_reason

LEADS = (
    "because",
    "because of",
    "becuase",
    "bc",
    "b/c",
    "cos",
    "coz",
    "since",
    "due to",
    "owing to",
    "as",
    "\u2013",
    "-",
)


@pytest.mark.parametrize("lead", LEADS)
def test_each_of_them_leads_to_a_reason_wherever_one_is_read(lead: str) -> None:
    assert take_reason(f"WEST-0001 {lead} the move") == ("WEST-0001", "the move")
    assert when_and_why(f"to 1 May {lead} the move") == ("1 May", "the move")
    head, why = split_rationale(f"retain {lead} the plan is new")
    assert (head, why.endswith("the plan is new")) == ("retain", True)


@pytest.mark.parametrize("lead", [one for one in LEADS if one not in ("\u2013", "-")])
def test_the_command_filled_in_says_because(lead: str) -> None:
    assert filled_in("REFERENCE because REASON", f"about WEST-0001 {lead} mum moved") == "WEST-0001 because mum moved"


@pytest.mark.parametrize(
    ("typed", "head", "reason"),
    [
        ("WEST-0001\u2014family moved", "WEST-0001", "family moved"),  # a telephone made it of two hyphens
        ("WEST\u20130001 because moved", "WEST\u20130001", "moved"),
        (" \u2013 item 6 is wrong", "", "item 6 is wrong"),
        ("no reason given", "no reason given", ""),
        ("WEST-0001, due to be 18", "WEST-0001, due to be 18", ""),
        ("6 - 8 weeks", "6 - 8 weeks", ""),
    ],
)
def test_what_looks_like_one(typed: str, head: str, reason: str) -> None:
    assert take_reason(typed) == (head, reason)
