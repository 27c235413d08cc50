"""Facts that only some panels ask of a case: what is asked, and what was answered."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict

from bot.domain.language.identifiers import accept_line
from bot.domain.panel_definition import Chosen, FactKind, OptionalFact
from bot.errors import Mistake


class Answer(BaseModel):
    """What an agency answered to one optional fact, in the words in which it was asked.

    The words stay with it: it is read on every panel to which the case goes, and after a definition has changed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str  #: of the optional fact
    title: str
    chosen: Chosen[tuple[str, ...]] = ()  #: keys of its choices; none where it asks for words
    said: str  #: the titles of what was chosen, or the agency's words

    @property
    def words(self) -> str:
        """Return the fact and its answer, as lists and papers show it."""
        return f"{self.title}: {self.said}"


def accept_answers(
    asked: Sequence[OptionalFact], given: object, before: Iterable[Answer] = (), *, today: date
) -> tuple[Answer, ...]:
    """Return the answers to the panel's questions in their order, without empty ones.

    `given` has, by the key of a fact, the key of its choice, several of them, or words. Answers of before that this
    panel does not ask for stay, after its own. Raises Mistake on the field that is wrong.
    """
    said: Mapping[str, object] = given if isinstance(given, Mapping) else {}
    answers = [answer for fact in asked if (answer := _answer(fact, said.get(fact.key), today)) is not None]
    keys = {fact.key for fact in asked}
    return (*answers, *(answer for answer in before if answer.key not in keys))


def field_of(key: str) -> str:
    """Return the name of the form's field for an optional fact. No other field's name begins like it."""
    return f"{FIELD}{key}"


FIELD = "optional_"


def _answer(fact: OptionalFact, given: object, today: date) -> Answer | None:
    if not given:
        return None
    if fact.kind is FactKind.WORDS:
        said = ""
        if str(given).strip():
            said = accept_line(str(given), field=field_of(fact.key), missing="", today=today)
        return Answer(key=fact.key, title=fact.title, said=said) if said else None
    chosen = tuple(map(str, given)) if isinstance(given, list | tuple) else (str(given),)
    titles = {choice.key: choice.title for choice in fact.choices}
    if set(chosen) - titles.keys() or (fact.kind is FactKind.ONE and len(chosen) > 1):
        raise Mistake("Choose one of the answers.", field=field_of(fact.key))
    ordered = tuple(key for key in titles if key in chosen)
    return Answer(key=fact.key, title=fact.title, chosen=ordered, said=", ".join(titles[key] for key in ordered))
