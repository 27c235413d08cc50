"""Case references: the shape that an agency gives them, how they are found in text, and checks of new ones.

In a shape, `#` stands for a digit, `A` for a letter, and any other character for itself, such as `WEST-####`. An
existing reference is accepted in any shape, because other agencies know the case by it.
"""

import re
from collections.abc import Callable, Collection
from datetime import date
from typing import Final

from bot.domain.language.common_names import has_common_name
from bot.domain.language.day_words import MONTHS, day_in
from bot.domain.language.identifiers import check_reference
from bot.errors import Mistake

EXAMPLE: Final = "SAMPLE-0012"  #: for an agency without a shape of references
DIGIT: Final = "#"
LETTER: Final = "A"
_SHAPE: Final = re.compile(r"[A-Z0-9#/-]{3,20}")
_YEAR: Final = r"(?P<year>(?:19|20)?[0-9]{2})"
_FULL_YEAR: Final = r"(?P<year>(?:19|20)[0-9]{2})"
_MONTH: Final = rf"(?P<month>{'|'.join(month[:3].upper() for month in MONTHS)})"
_NAMED: Final = re.compile(r"(?<![\w./:-])(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]+(?:[-/][A-Za-z0-9]+)+(?![\w/-])")
#: How people write a birthday into a reference, between letters or alone.
_BIRTHDAYS: Final = tuple(
    re.compile(rf"(?<![0-9]){shape}(?![0-9])")
    for shape in (
        rf"(?P<day>[0-9]{{2}})(?P<month>[0-9]{{2}}){_FULL_YEAR}",
        rf"{_FULL_YEAR}(?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}})",
        rf"(?P<day>[0-9]{{1,2}})(?P<mark>[-/])(?P<month>[0-9]{{1,2}})(?P=mark){_YEAR}",
        rf"{_FULL_YEAR}(?P<mark>[-/])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}})",
        rf"(?P<day>[0-9]{{1,2}})[-/]?{_MONTH}[A-Z]*[-/]?{_YEAR}",
        rf"DOB[-/]?(?P<day>[0-9]{{2}})(?P<month>[0-9]{{2}}){_YEAR}",
    )
)
_MONTH_NAMES: Final = frozenset(name for month in MONTHS for name in (month.lower(), month[:3].lower()))
_EARLIEST: Final = 1990  #: year of birth of a person in a reference
_DIGITS_OF_YEAR: Final = 4
_AGES: Final = range(3, 31)  # in years, of people who are flagged now or were flagged before


def check_shape(shape: str) -> str:
    """Return an agency's shape of references unchanged. Raise Mistake if no valid reference can have this shape."""
    if not _SHAPE.fullmatch(shape) or DIGIT not in shape:
        raise Mistake(
            "a reference's shape has 3 to 20 signs: # for a digit, at least one, A for a letter, and capital letters, "
            "digits, hyphens and slashes for themselves, such as WEST-####"
        )
    check_reference(example_of(shape))
    return shape


def example_of(shape: str) -> str:
    """Return an example of a reference with this shape, such as WEST-0012 for `WEST-####`."""
    count = shape.count(DIGIT)
    digits = iter(("12" if count > 1 else "1").zfill(count))
    return "".join(next(digits) if sign == DIGIT else sign for sign in shape)


def named_in(message: str) -> str:
    """Return the first reference in a message, in capitals, or an empty string if the message has none.

    Only words with letters, digits and a hyphen or slash count, because other words with digits are often no
    references.
    """
    for word in _NAMED.findall(message):
        try:
            return check_reference(word)
        except Mistake:
            continue
    return ""


_THIS_ITEM: Final = re.compile(r"\s*this\s+item\s*[:\u2013\u2014-]\s*(?=\S)", re.IGNORECASE)
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")


def naming(reference: str) -> re.Pattern[str]:
    """Return the pattern that finds a reference as a separate word: "WEST-0041", "west 0041" or "WEST0041".

    The pattern also finds the digits alone ("0041"), at the beginning of a text or after "for", "case" and the like. It
    finds bare digits only if `bare_digits` says that they can't be another number.
    """
    written = "".join(f"{_BETWEEN}?" if sign in "-/" else re.escape(sign) for sign in reference)
    digits = bare_digits(reference)
    alone = rf"|{_LEADS_TO_BARE}{digits}{_BEHIND_BARE}" if digits else ""
    return re.compile(rf"(?:(?<![\w/\u2010-\u2015-]){written}(?![\w/]){alone})", re.IGNORECASE)


_BARE: Final = re.compile(r"(?<=[A-Z/-])(?:0[0-9]{3,}|[0-9]{5,})$")


def bare_digits(reference: str) -> str:
    """Return the digits at the end of a reference if people may type them alone, such as "0041" for WEST-0041.

    There must be at least five digits, or four if the first is a nought. Otherwise the digits could be a number, a year
    or an hour, and an empty string is returned.
    """
    found = _BARE.search(reference.upper())
    return found[0] if found else ""


#: What may stand before digits alone: a word in small letters, a mark, or further digits ("0041 / 0016"). After
#: capitals the digits may be another agency's ("MET 0041"), and after "at" or "by" an hour.
_LEADS_TO_BARE: Final = (
    r"(?:^|(?<=(?-i:[a-z])\s)(?<!\bat\s)(?<!\bby\s)(?<!\bfrom\s)(?<!\bbefore\s)(?<!\bafter\s)(?<!\buntil\s)"
    r"(?<!\baction\s)(?<!\bactions\s)(?<!\bitem\s)(?<!\bno\s)(?<!\bnumber\s)(?<!\broom\s)(?<!\bext\s)(?<!\bseen\s)"
    r"|(?<=\bfor\s)|(?<=\babout\s)|(?<=\bcase\s)|(?<=\bref\s)|(?<=\bre\s)|(?<=\bon\s)|(?<=\bof\s)|(?<=\bcase:)"
    r"|(?<=[(,;:/&+\u2013\u2014-]\s)|(?<=\()|(?<=[0-9]{4}[/,&+]))"
)
#: What can't follow these digits: the rest of a word, the minutes of an hour, or the rest of a date.
_BEHIND_BARE: Final = r"(?![\w\u2010-\u2015-]|/(?!0[0-9]{3})|[.:][0-9])"
_MAY_BE_BARE: Final = re.compile(rf"{_LEADS_TO_BARE}(?P<digits>0[0-9]{{3,}}|[0-9]{{5,}}){_BEHIND_BARE}", re.IGNORECASE)


_DIGITS_ENOUGH: Final = re.compile("0[0-9]{3}|[0-9]{5}")  # most texts have none, and are not searched any further


def words_like_bare_digits(text: str) -> list[str]:
    """Return the numbers in a text that may be the digits of a reference without its letters, such as "0041"."""
    return [found["digits"] for found in _MAY_BE_BARE.finditer(text)] if _DIGITS_ENOUGH.search(text) else []


def is_named_in(reference: str, text: str) -> bool:
    """Return whether the text contains this reference as a separate word."""
    return naming(reference).search(text) is not None


_LIKE_ONE: Final = re.compile(
    r"(?<![\w/\u2010-\u2015-])(?=[\w/\u2010-\u2015 -]{0,19}[0-9])"
    r"[A-Za-z0-9]+(?:[/\u2010-\u2015-][A-Za-z0-9]+)*(?: (?=[0-9/\u2010-\u2015-]+\b)[0-9]+(?:[/\u2010-\u2015-][0-9]+)*)?"
)


_WITH_SPACE: Final = re.compile(r"(?<![\w/-])(?P<letters>[A-Za-z]{2,10}) (?P<figures>[0-9]{3,8})(?![\w/-])")
_NOT_LETTERS: Final = frozenset(
    """
    case cases item no number ref reference for of in and the about accept action add agenda assess at by can child
    close closed defer edit end extract flag flagged from go has history in interest into is know known list me merge
    new next not note on open read readers refer remove see seen show take that this to until urgent what who with
    withdraw year about re
    """.split()  # noqa: SIM905 - words to be read and added to
)


def with_hyphen(text: str) -> str:
    """Return the text with a hyphen in each reference typed with a space, such as "WEST-0001" for "WEST 0001".

    If the text already has a reference with a hyphen, nothing is changed.
    """
    if _NAMED.search(text):
        return text

    def joined(found: re.Match[str]) -> str:
        is_other = found["letters"].lower() in _NOT_LETTERS | _MONTH_NAMES
        return found[0] if is_other else f"{found['letters']}-{found['figures']}"

    return _WITH_SPACE.sub(joined, text)


_DASH_OPEN: Final = re.compile(
    r"(?P<lead>(?:(?:for|about|case|ref(?:erence)?)\s+)*)(?P<letters>[A-Za-z]{2,10})\s*[\u2010-\u2015-]\s*(?P<figures>[0-9]{3,8})(?![\w/-])"
)


_WITH_UNDERSCORE: Final = re.compile(r"(?<![\w/-])(?P<letters>[A-Za-z]{2,10})_(?P<figures>[0-9]{3,8})(?![\w/-])")


def with_dash_closed(text: str) -> str:
    """Return the text with "WEST-0001" for "WEST_0001" or, at its beginning, for "WEST - 0001".

    Other texts are returned unchanged.
    """
    text = _WITH_UNDERSCORE.sub(r"\g<letters>-\g<figures>", text)
    found = _DASH_OPEN.match(text)
    if found is None or found["letters"].lower() in _NOT_LETTERS | _MONTH_NAMES:
        return text
    return f"{found['lead']}{found['letters']}-{found['figures']}{text[found.end() :]}"


_WITH_NOTHING: Final = re.compile(r"(?<![\w/@-])(?P<letters>[A-Za-z]{3,10})(?P<figures>[0-9]{3,8})(?![\w/-])")


def with_hyphen_in_word(text: str) -> str:
    """Return the text with a hyphen in each reference typed as one word, such as "WEST-0001" for "WEST0001".

    If the text already has a reference with a hyphen, nothing is changed.
    """
    return text if _NAMED.search(text) else _WITH_NOTHING.sub(r"\g<letters>-\g<figures>", text)


def hyphenated_like(reference: str, example: str) -> str:
    """Return a reference typed as "west0041" or "west_0041" in the form "WEST-0041", if `example` has a hyphen.

    `example` is an example of the agency's references. If it has no hyphen, the reference is returned unchanged. A
    reference that was not typed as one word is returned unchanged too.
    """
    made = with_hyphen_in_word(_WITH_UNDERSCORE.sub(r"\g<letters>-\g<figures>", reference))
    return made.upper() if made != reference and "-" in example else reference


def words_like_references(text: str) -> list[str]:
    """Return the words that may be references, including pairs of words such as "WEST 0001"."""
    found = []
    for word in _LIKE_ONE.findall(text):
        parts = [word, *(word.split(" ") if " " in word else [])]
        found += [one for one in parts if len(squeezed(one)) >= _SHORTEST_SHAPE - 1 and re.search(r"[0-9]", one)]
    return [one for one in dict.fromkeys(found) if re.search(r"[A-Za-z/-]", one)]


def without_numbers(reference: str) -> str:
    """Return the letters of a reference with `#` for each digit, without hyphens and slashes, such as `WEST####`."""
    return re.sub("[0-9]", DIGIT, squeezed(reference))


def shape_of(reference: str) -> str:
    """Return the shape of a reference, with `A` for each letter and `#` for each digit: `AAAA-####` for WEST-0012."""
    return re.sub("[A-Z]", LETTER, re.sub("[0-9]", DIGIT, reference))


def is_shaped(word: str, shapes: Collection[str]) -> bool:
    """Return whether a word looks like a case reference of one of these shapes. "May-2027" does not."""
    return re.split("[-/]", word)[0].lower() not in _MONTH_NAMES and shape_of(word.upper()) in shapes


def hider_of_references(known: Collection[str], own: Collection[str]) -> Callable[[str], str]:
    """Return a function that hides the references of other children in a text, and leaves the `own` references.

    The function replaces every word that has the shape of a `known` reference, even if no such case exists, so that
    readers can't tell which cases exist. For instance, `west 0777` is replaced if WEST-0012 is known.
    """
    kept = {squeezed(reference) for reference in own}
    wanted = {re.escape(reference) for reference in known}
    for reference in known:
        if len(reference) >= _SHORTEST_SHAPE:  # legal statuses look like a short shape
            wanted.add(_as_shaped(shape_of(reference)))
            wanted |= {_as_written(reference)} if re.search("[A-Z]", reference) else set()
    if not wanted:
        return lambda text: text
    words = re.compile(rf"(?<![\w/-])(?:{'|'.join(sorted(wanted, key=len, reverse=True))})(?!\w)", re.IGNORECASE)

    def hidden(found: re.Match[str]) -> str:
        return found[0] if squeezed(found[0]) in kept else ANOTHER_CHILD

    return lambda text: words.sub(hidden, text)


ANOTHER_CHILD: Final = "[another child]"
_SHORTEST_SHAPE: Final = 5
_BETWEEN: Final = "[-/\\s\u2010-\u2015\u2212]"


def squeezed(reference: str) -> str:
    """Return the letters and digits of a reference, in capitals, without hyphens and slashes."""
    return re.sub("[^A-Z0-9]", "", reference.upper())


def _as_written(reference: str) -> str:
    """Return a pattern for references with the same letters and any digits, with a hyphen, space or nothing between."""
    signs = dict.fromkeys("-/", f"{_BETWEEN}?") | dict.fromkeys("0123456789", "[0-9]")
    return "".join(signs.get(sign, sign) for sign in reference)


def _as_shaped(shape: str) -> str:
    signs = {"-": "[-\u2010-\u2015\u2212]", DIGIT: "[0-9]", LETTER: "[A-Z]"}
    return "".join(signs.get(sign, sign) for sign in shape)


def take_this_item(text: str) -> tuple[bool, str]:
    """Return whether a note begins with "this item:", and the note without these words."""
    found = _THIS_ITEM.match(text)
    return found is not None, text[found.end() :] if found else text


#: Words before the item that a line is for: "at item 7", "under agenda item 7".
_FOR_ITEM: Final = r"(?:(?:for|on|about|under|at|re|regarding)\s+)?(?:the\s+)?(?:agenda\s+)?"
#: A comma follows the item of a line, but not the first item of several: "items 7, 8 and 9".
_ITEM: Final = re.compile(
    rf"\s*{_FOR_ITEM}item\s*(?:(?:no|number)\.?\s*)?#?(?P<number>[0-9]{{1,3}}[a-z]{{0,2}})"
    r"(?:\s*[:\u2013\u2014-]\s*(?=\S)|\s*,\s+(?=[^\W\d])(?!(?:and|or|items?)\b))",
    re.IGNORECASE,
)


def take_item(text: str) -> tuple[str | None, str]:
    """Return the item number at the beginning of a line ("item 6a: …"), or None, and the rest of the line."""
    found = _ITEM.match(text)
    return (found["number"].lower(), text[found.end() :]) if found else (None, text)


_ITEM_NUMBER: Final = re.compile(
    rf"[\s(]*(?:{_FOR_ITEM}(?=item)|(?:(?:for|on|about|under)\s+)?)"
    r"(?:items?\s*(?:(?:no|number)\.?\s*)?#?(?P<number>[0-9]{1,3}[a-z]{0,2})|#?(?P<bare>[0-9]{1,3}[a-z]?))"
    r"\b\)?(?![.)/%-]|\s*(?:am|pm|st|nd|rd|th|x|times|weeks?|days?|months?|hours?|years?)\b)[\s:,\u2013\u2014-]*(?:$|(?=\S))",
    re.IGNORECASE,
)
_LEAD_TO_ITEM: Final = re.compile(r"^(?:[\s,:;\u2013\u2014-]|\b(?:for|about|on|re|case|of|to|the)\b)+", re.IGNORECASE)


def take_item_number(text: str) -> tuple[str | None, str]:
    """Return the item number at the beginning of a line ("item 7 …" or "7 …"), or None, and the rest of the line."""
    found = _ITEM_NUMBER.match(text)
    if found is None:
        return None, text
    return (found["number"] or found["bare"]).lower(), text[found.end() :]


_AN_ITEM: Final = re.compile(
    rf"(?:^|\()\s*{_FOR_ITEM}item\s*(?:(?:no|number)\.?\s*)?#?(?P<number>[0-9]{{1,3}}[a-z]{{0,2}})\b", re.IGNORECASE
)


def item_said_in(text: str) -> str | None:
    """Return the number of the item that a line may be for, or None if the line names no item.

    Examples are "at item 7 seen twice" and "Police (item 7): seen". The line may also be about the current item, and
    only mention the other one.
    """
    found = _AN_ITEM.search(text)
    return found["number"].lower() if found else None


_AT_CASE: Final = re.compile(r"^(?P<lead>\s*)(?:at|under)(?=\s+(?:[a-z]{2,10}[ /-]?)?[0-9]{4})", re.IGNORECASE)


def with_case_led(text: str) -> str:
    """Return a line with "on" in place of "at" or "under", if a case follows that word at the beginning of the line.

    An example is "at 0041 – Police: seen". Elsewhere in a line, digits after "at" are an hour.
    """
    return _AT_CASE.sub(r"\g<lead>on", text)


def without_lead_to_item(text: str) -> str:
    """Return the words without "about", "for case" and the like at their beginning.

    Such words are left over when a reference has been taken out of a line.
    """
    return " ".join(_LEAD_TO_ITEM.sub("", text).split())


def fits(reference: str, shape: str) -> bool:
    """Return whether a reference in capitals has this shape."""
    return len(reference) == len(shape) and all(
        ("0" <= given <= "9") if sign == DIGIT else ("A" <= given <= "Z") if sign == LETTER else given == sign
        for given, sign in zip(reference, shape, strict=True)
    )


def check_new_reference(reference: str, *, shape: str | None, agency: str, today: date) -> None:
    """Raise Mistake, with an example, if a new reference in capitals looks wrong.

    The reference must have its agency's shape. If the agency has no shape, the reference must not contain a birthday,
    or a name with a year since 1990.
    """
    if shape is not None:
        if not fits(reference, shape):
            raise Mistake(
                f"References of {agency} look like {example_of(shape)}, and {reference} doesn't. "
                "Check it in your agency's case system.",
                field="reference",
            )
    elif any(_is_birthday(found, today) for dated in _BIRTHDAYS for found in dated.finditer(reference)):
        raise Mistake(
            f"That looks as if it contains a date of birth. Use the agency's own case number, such as {EXAMPLE}.",
            field="reference",
        )
    elif _is_name_with_year(reference, today):
        raise Mistake(
            f"That looks like a name with a year. Use the agency's own case number, such as {EXAMPLE}.",
            field="reference",
        )


def _is_name_with_year(reference: str, today: date) -> bool:
    """Return whether a reference is a common name with a year since 1990 and at most two other digits.

    More digits number the cases of a year, as in MET-2026-014.
    """
    numbers = re.findall("[0-9]+", reference)
    years = [number for number in numbers if len(number) == _DIGITS_OF_YEAR and _EARLIEST <= int(number) <= today.year]
    is_alone = len("".join(numbers)) <= _DIGITS_OF_YEAR + 2
    return bool(years) and is_alone and has_common_name(reference)


def _is_birthday(found: re.Match[str], today: date) -> bool:
    year, month = int(found["year"]), found["month"]
    if len(found["year"]) == 2:
        year += 2000 if 2000 + year <= today.year else 1900
    number = int(month) if month.isdigit() else [name[:3].upper() for name in MONTHS].index(month) + 1
    return today.year - year in _AGES and day_in(year, number, int(found["day"])) is not None
