"""Lines that put themselves right: what a person meant, and what is no correction."""

import pytest

from bot.domain.language.corrections import corrected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Dan to visit by Friday, sorry I meant Thursday", "Dan to visit by Thursday"),
        ("Dan to visit by 27 March (no, sorry, 28 March)", "Dan to visit by 28 March"),
        ("Sam to ring mum by Fri. Make that Mon please", "Sam to ring mum by Mon please"),
        ("ring mum by Friday sorry Thursday", "ring mum by Thursday"),
        ("Sam ring mum Friday not Thursday", "Sam ring mum Friday"),
        ("Dan, no sorry Sam, to ring school by Friday", "Sam to ring school by Friday"),
        ("<@U1> oops <@U2> to ring by Friday", "<@U2> to ring by Friday"),
        ("3 sorry I meant 4", "4"),
        ("3 and 4 sorry 5", "3 and 5"),
        ("3, oops 4", "4"),
        ("WEST-0301 no wait WEST-0302", "WEST-0302"),
        ("0301 sorry 0302", "0302"),
        ("coming, no sorry apologies", "apologies"),
        ("close sorry I meant retain", "retain"),
        ("sorry I meant coming", "coming"),
        ("Police seen at 3pm, correction 4pm", "Police seen at 4pm"),
    ],
)
def test_the_new_word_replaces_the_last_of_its_kind(typed: str, meant: str) -> None:
    assert corrected(typed) == meant


@pytest.mark.parametrize("typed", ["retain until May, scrap that, close", "Health: mum said I mean well"])
def test_what_a_correction_replaces_may_be_unclear(typed: str) -> None:
    assert corrected(typed) == ""


@pytest.mark.parametrize(
    "typed",
    [
        "ring the school by Friday",
        "ring the school by Friday, sorry for the delay",
        "3 sorry 4 days late",
        "3 sorry Sam is off",
        "3 til Friday, sorry Monday is a bank holiday",
        "not before Friday",
        "share with police not health",
        "sorry I can't come",
        "Police: mum said \u201csorry I meant it\u201d",
    ],
)
def test_courtesy_quotes_and_plain_words_correct_nothing(typed: str) -> None:
    assert corrected(typed) is None
