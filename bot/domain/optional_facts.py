"""Optional facts: questions that only some panels ask about a case, and the answers to them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict

from bot.domain.language.identifiers import accept_line
from bot.domain.panel_definition import Chosen, FactKind, OptionalFact
from bot.errors import Mistake


class Answer(BaseModel):
    """An agency's answer to one optional fact, with the wording that the question had at that time.

    The wording is kept with the answer, because other panels read the answer too and the definition may change.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str  #: of the optional fact
    title: str
    chosen: Chosen[tuple[str, ...]] = ()  #: keys of the chosen choices; none if the fact asks for words
    said: str  #: the titles of what was chosen, or the agency's words

    @property
    def words(self) -> str:
        """Return the title of the fact and its answer, as lists and papers show them."""
        return f"{self.title}: {self.said}"


def accept_answers(
    asked: Sequence[OptionalFact], given: object, before: Iterable[Answer] = (), *, today: date
) -> tuple[Answer, ...]:
    """Return the answers to the panel's questions, in the order of `asked`, without empty answers.

    `given` maps the key of a fact to the key of a choice, to several such keys, or to words. `before` are earlier
    answers. Those to questions that this panel doesn't ask are kept at the end. Raise Mistake, attached to the field at
    fault, if an answer is wrong.
    """
    said: Mapping[str, object] = given if isinstance(given, Mapping) else {}
    answers = [answer for fact in asked if (answer := _answer(fact, said.get(fact.key), today)) is not None]
    keys = {fact.key for fact in asked}
    return (*answers, *(answer for answer in before if answer.key not in keys))


def field_of(key: str) -> str:
    """Return the name of the form's field for an optional fact. The names of other fields begin differently."""
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
