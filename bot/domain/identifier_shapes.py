"""What identifiers look like; `identifiers` is the way in.

Every shape has a check digit, a known alphabet, or words that announce it.
"""

import re
from collections.abc import Callable
from typing import Final

from bot.domain.day_words import MONTH_OF, any_of

NHS_NUMBER: Final = "NHS number"
PHONE: Final = "phone number"
POSTCODE: Final = "postcode"
DATE_OF_BIRTH: Final = "date of birth"
EMAIL: Final = "e-mail address"
NATIONAL_INSURANCE: Final = "National Insurance number"
PUPIL_NUMBER: Final = "pupil number (UPN)"

_GAP: Final = r"[ \u00a0\u2010-\u2013-]?"
_AREAS: Final = (
    "AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN "
    "EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE "
    "NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR "
    "TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)
# After a section of the Children Act these are words ("S20 1st review"), not the second half of a postcode.
_SECTIONS: Final = ("s17", "s20", "s31", "s47")
_NOT_INWARD: Final = frozenset({"1st", "2nd", "3rd", *(f"{n}th" for n in "0456789"), *(f"{n}hr" for n in range(10))})
_UPN_LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"  # I, O and S are left out; the position is the value

_MONTH: Final = f"(?P<month>{any_of(MONTH_OF)})"
_DAY: Final = "(?P<day>[0-9]{1,2})"
#: Dates in the ways people write them, day first, ISO, or with the month in words.
DATES: Final = tuple(
    re.compile(rf"(?<![\w/.-]){shape}(?![\w/]|[.-]\w)", re.IGNORECASE)
    for shape in (
        rf"{_DAY}(?P<mark>[/-])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<year>[0-9]{{4}}|[0-9]{{2}})",
        r"(?P<day>[0-9]{2})\.(?P<month>[0-9]{2})\.(?P<year>[0-9]{2})",
        rf"{_DAY}\.(?P<month>[0-9]{{1,2}})\.(?P<year>[0-9]{{4}})",
        r"(?P<year>[0-9]{4})[-/](?P<month>[0-9]{1,2})[-/](?P<day>[0-9]{1,2})",
        rf"{_DAY}(?:st|nd|rd|th)?[ -]?(?:of )?{_MONTH}[ ,-]+(?P<year>[0-9]{{4}}|[0-9]{{2}})",
        rf"{_MONTH} {_DAY}(?:st|nd|rd|th)?,? (?P<year>[0-9]{{4}})",
    )
)
_ANNOUNCED_BIRTH: Final = re.compile(
    r"\b(?:d\.?o\.?b\b\.?|date of birth|birth ?date)"
    r"(?:\W{0,4}(?:is|was)?\W{0,3}(?:[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{any_of(MONTH_OF)})(?:,? [0-9]{{4}})?))?"
    r"|\bborn\s+(?:on |in )?(?:the )?(?:[0-9]{1,2}(?:st|nd|rd|th)?(?: of)? )?"
    rf"(?:{any_of(MONTH_OF)})\b(?:,? [0-9]{{4}})?"
    r"|\bborn\s+(?:on |in )?(?:[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}|(?:19|20)[0-9]{2})\b",
    re.IGNORECASE,
)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _nhs_valid(found: re.Match[str]) -> bool:
    """Modulus 11 over ten digits (NHS Data Dictionary); a number that says it is one needs no proof."""
    if found["label"]:
        return True
    digits = [int(digit) for digit in _digits(found["number"])]
    check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return any(digits) and check % 11 == digits[9]  # a check of ten is no digit, so it never agrees


def _postcode_valid(found: re.Match[str]) -> bool:
    return found["inward"] not in _NOT_INWARD or not found[0].lower().startswith(_SECTIONS)


def _pupil_number_valid(found: re.Match[str]) -> bool:
    """Check letter from weights 2 to 13, modulus 23 (Department for Education, UPN guide)."""
    letter, rest = found[0][0].upper(), found[0][1:].upper()
    values = [int(sign) if sign.isdigit() else _UPN_LETTERS.index(sign) for sign in rest]
    total = sum(value * weight for value, weight in zip(values, range(2, 14), strict=True))
    return letter == _UPN_LETTERS[total % 23]


def _landline_valid(found: re.Match[str]) -> bool:
    # A few old numbers have ten digits; unspaced, ten digits are more often a case number.
    return len(_digits(found[0])) == 11 or (len(_digits(found[0])) == 10 and not found[0].isdigit())


def _landline_abroad_valid(found: re.Match[str]) -> bool:
    national = _digits(found[0].replace("(0)", "")).removeprefix("00").removeprefix("44")
    return 9 <= len(national) <= 10


def _always(_: re.Match[str]) -> bool:
    return True


#: What people call it, how it looks, and what else must hold.
SHAPES: Final[tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool]], ...]] = tuple(
    (kind, re.compile(shape, re.IGNORECASE), valid)
    for kind, shape, valid in (
        (EMAIL, r"(?<![\w.+'-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+", _always),
        (DATE_OF_BIRTH, _ANNOUNCED_BIRTH.pattern, _always),
        (
            NHS_NUMBER,
            rf"(?P<label>\bNHS(?: (?:number|no\.?|num))?[ :#.]{{0,3}})?(?<![0-9+])"
            rf"(?P<number>[0-9]{{3}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}})(?![0-9])",
            _nhs_valid,
        ),
        # +44 or 0, then ten digits however they are spaced, for mobiles; for landlines an area code of at least
        # three digits comes first, so that a date and a time side by side are not taken for one.
        (PHONE, rf"(?<![0-9])(?:(?:\+|00)44{_GAP}(?:\(0\))?{_GAP}|0{_GAP})7(?:{_GAP}[0-9]){{9}}(?![0-9])", _always),
        (
            PHONE,
            rf"(?<![0-9])(?:\+|00)44{_GAP}(?:\(0\))?{_GAP}\(?[123][0-9]{{1,4}}\)?(?:{_GAP}[0-9]){{5,8}}(?![0-9])",
            _landline_abroad_valid,
        ),
        (
            PHONE,
            rf"(?<![0-9])\(?0[123][0-9]{{1,4}}\)?(?:{_GAP}[0-9]){{5,8}}(?![0-9])",
            _landline_valid,
        ),
        (
            NATIONAL_INSURANCE,
            r"(?<![a-z0-9])(?!bg|gb|kn|nk|nt|tn|zz)(?:qq|[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z])"
            rf"(?:{_GAP}[0-9]{{2}}){{3}}{_GAP}[a-d](?![a-z0-9])",
            _always,
        ),
        (
            PUPIL_NUMBER,
            r"(?<![a-z0-9])[a-hj-np-rt-z][0-9]{11}(?:[0-9]|[a-hj-np-rt-z])(?![a-z0-9])",
            _pupil_number_valid,
        ),
        (
            POSTCODE,
            rf"(?<![a-z0-9])(?:{'|'.join(sorted(_AREAS.split(), key=len, reverse=True))})[0-9][a-z0-9]?[ \u00a0]?"
            r"(?P<inward>[0-9][abd-hjlnp-uw-z]{2})(?![a-z0-9])",
            _postcode_valid,
        ),
    )
)
