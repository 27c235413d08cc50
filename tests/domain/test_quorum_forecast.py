"""Whether a meeting will be quorate, as answered."""

from bot.domain.panel_definition import Quorum
from bot.domain.quorum import Forecast, Outlook, forecast_quorum
from bot.models.vocabulary import AgencyKind

CARE, POLICE, HEALTH = AgencyKind.CHILDRENS_SOCIAL_CARE, AgencyKind.POLICE, AgencyKind.HEALTH
EDUCATION, HOUSING = AgencyKind.EDUCATION, AgencyKind.HOUSING
ALL_THREE = Quorum(all_of=(CARE, POLICE, HEALTH))


def test_it_is_quorate_once_every_agency_that_must_be_there_comes() -> None:
    found = forecast_quorum(ALL_THREE, coming={CARE, POLICE, HEALTH}, unanswered={HOUSING}, apologies={EDUCATION})
    assert found == Forecast(Outlook.QUORATE, (), "Quorate as answered.")
    assert found.is_certain


def test_it_hangs_on_those_who_have_not_answered() -> None:
    found = forecast_quorum(ALL_THREE, coming={CARE}, unanswered={POLICE, HEALTH, HOUSING}, apologies=set())
    assert found == Forecast(Outlook.OPEN, ("police", "health"), "Not quorate yet: no answer from police and health.")


def test_apologies_of_an_agency_that_must_be_there_end_the_hope() -> None:
    found = forecast_quorum(ALL_THREE, coming={CARE}, unanswered={POLICE}, apologies={HEALTH})
    assert found == Forecast(Outlook.INQUORATE, ("health",), "The meeting won't be quorate: health sent apologies.")


def test_an_agency_that_nobody_sits_for_is_named_apart() -> None:
    found = forecast_quorum(ALL_THREE, coming={CARE}, unanswered=set(), apologies={HEALTH})
    assert found.words == "The meeting won't be quorate: health sent apologies; nobody represents police."


def test_one_of_several_and_a_number_of_agencies_are_told_as_such() -> None:
    either = Quorum(all_of=(), any_of=(HEALTH, EDUCATION), at_least=3)
    found = forecast_quorum(either, coming={CARE}, unanswered={HEALTH, POLICE}, apologies=set())
    assert found.words == "Not quorate yet: no answer from one of health or education and 1 more agency."
    found = forecast_quorum(either, coming={CARE, POLICE}, unanswered=set(), apologies={HEALTH, EDUCATION})
    assert found.words == "The meeting won't be quorate: it needs one of health or education."
