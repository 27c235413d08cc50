"""Patterns of numbers, addresses and dates that identify a person, for text in lower case with plain punctuation.

A pattern may come with a further check, such as that of a check digit. Depending on the kind, a space, dash, dot,
slash, underscore or bracket may stand between the digits.
"""

import re
from collections.abc import Callable
from typing import Final

from bot.domain.language.day_words import ANY_MONTH, DAY, FIGURE, FULL_YEAR, MONTH, TH, YEAR, any_of

PHONE: Final = "phone number"
POSTCODE: Final = "postcode"
DATE_OF_BIRTH: Final = "date of birth"

_GAP: Final = r"[ ./_()-]{0,2}"  # between the digits of a number whose form no other text has
_SMALL_GAP: Final = r"[ -]?"
_NUMBER: Final = r"(?:number|no\.?|num\.?|nu?m?br\.?|nr\.?|id)"
_LABELLED: Final = rf"(?:[ -]?{_NUMBER})?\W{{0,3}}(?:is|was)?\W{{0,3}}"
_AREAS: Final = (
    "AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN "
    "EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE "
    "NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR "
    "TS TW UB W WA WC WD WF WN WR WS WV YO ZE ZZ"
)
#: People often type a nought for the letter O.
_POSTCODE_AREA: Final = any_of([*_AREAS.split(), *(area.replace("O", "0") for area in _AREAS.split() if "O" in area)])
# After a section of the Children Act these are words ("S20 1st review"), not the second half of a postcode.
_SECTIONS: Final = ("s17", "s20", "s31", "s47")
_NOT_INWARD: Final = frozenset({"1st", "2nd", "3rd", *(f"{n}th" for n in "0456789"), *(f"{n}hr" for n in range(10))})
_UPN_LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"  # I, O and S are left out; the position is the value

#: Dates in the ways people write them, day first, ISO, or with the month in words.
DATES: Final = tuple(
    re.compile(rf"(?<![\w/.-]){shape}(?![\w/]|[.-]\w)", re.IGNORECASE)
    for shape in (
        rf"{DAY}(?P<mark>[/-]){FIGURE}(?P=mark){YEAR}",
        r"(?P<day>[0-9]{2})\.(?P<month>[0-9]{2})\.(?P<year>[0-9]{2})",
        rf"{DAY}\.{FIGURE}\.{FULL_YEAR}",
        rf"(?P<day>[0-9]{{2}}) (?P<month>[0-9]{{2}}) {FULL_YEAR}",
        f"{FULL_YEAR}[-/]{FIGURE}[-/]{DAY}",
        f"{DAY}{TH}?[ /-]?(?:of )?{MONTH}[ ,/-]*{FULL_YEAR}",
        f"{DAY}{TH}?[ /-]?(?:of )?{MONTH}[ /-]'?(?P<year>[0-9]{{2}})(?! ?(?:h|hr|hrs|hours|days|x|%|episodes))",
        f"{MONTH} {DAY}{TH}?,? {FULL_YEAR}",
    )
)
_FIGURES: Final = r"[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}"
_SAID_OF_BIRTH: Final = (
    r"\b(?:d\W?o\W?b\b\.?|date of birth|birth ?date)\W{0,4}(?:is|was)?\W{0,3}"
    rf"(?:{_FIGURES}|{ANY_MONTH} [0-9]{{4}}"
    rf"|(?:the )?[0-9]{{1,2}}{TH}?[ /-]?(?:of )?{ANY_MONTH}(?:[ ,/-]+'?[0-9]{{2,4}})?)"
    rf"|\bborn\s+(?:on |in )?(?:the )?(?:[0-9]{{1,2}}{TH}?(?: of)? )?{ANY_MONTH}\b(?:,? [0-9]{{4}})?"
    r"|\bborn\s+(?:on |in )?(?:[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2,4}|(?:19|20)[0-9]{2})\b"
    r"|\bd\W?o\W?b\b\W{0,4}[0-9]{6}(?:[0-9]{2})?\b"
    r"|\b(?:turn(?:s|ed|ing)?|be|becomes|reaches) [0-9]{1,2} on (?:the )?"
    rf"(?:[0-9]{{1,2}}[-/.][0-9]{{1,2}}\b|[0-9]{{1,2}}{TH}?(?: of)? {ANY_MONTH}\b)"
    rf"|\bbirthday(?:'?s)?\W{{1,3}}(?:(?:is|was|on)\W{{1,3}})?(?:on )?(?:the )?(?:[0-9]{{1,2}}[-/.][0-9]{{1,2}}\b"
    rf"|[0-9]{{1,2}}{TH}?(?: of)? {ANY_MONTH}\b)"
    r"|\b(?:year of birth|yob)\W{1,3}(?:is |was )?(?:19|20)[0-9]{2}\b"
)
#: A word before an old date that says what the date is of, so that it is no date of birth.
NOT_OF_BIRTH: Final = re.compile(
    r"\b(?:since|dated|policy|exclusion|excluded|order|granted|convicted|arrested|placed|moved|adopted|inspected"
    r"|published|issued|framework|guidance|protocol|until|from|reviewed|heard|agreement|version|act|made|served|given"
    r"|started|began|opened|closed|ended|signed|joined|registered|assessed|completed|held|reported|known|services|panel|minutes|meeting|married|died"
    r"|separated|arrived|released|sentenced|charged|bailed)"
    r"(?: (?:of|on|dated|in|from|the|to|services))*\W*$",
    re.IGNORECASE,
)

Match = re.Match[str]
Valid = Callable[[Match], bool]


def digits_of(text: str) -> str:
    """Return the digits in a text. The letter "o" counts as a nought."""
    return "".join(
        "0" if character == "o" else character for character in text if character.isdigit() or character == "o"
    )


def _nhs_valid(found: Match) -> bool:
    """Return whether ten digits are a valid NHS number.

    The digits count if they are labelled as one, or if their check digit is valid (NHS Data Dictionary).
    """
    if found["label"]:
        return True
    digits = [int(digit) for digit in digits_of(found["number"])]
    check = 11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return any(digits) and check % 11 == digits[9]  # a remainder of ten is no digit, so such a number is never valid


def _luhn_valid(found: Match) -> bool:
    """Return whether the check digit of a bank card or device number is valid (ISO/IEC 7812, annex B)."""
    digits = [int(digit) for digit in digits_of(found["number"])][::-1]
    doubled = (2 * digit - 9 * (digit > 4) for digit in digits[1::2])
    return any(digits) and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _postcode_valid(found: Match) -> bool:
    return found["inward"] not in _NOT_INWARD or not (
        found[0].startswith(_SECTIONS) or len(found["outward"]) < 3 or " " in found["outward"]
    )


def _pupil_number_valid(found: Match) -> bool:
    """Return whether a pupil number's check letter is valid.

    Weights are 2 to 13, the modulus is 23 (Department for Education, UPN guide).
    """
    letter, rest = found[0][0].upper(), found[0][1:].upper()
    values = [int(sign) if sign.isdigit() else _UPN_LETTERS.index(sign) for sign in rest]
    total = sum(value * weight for value, weight in zip(values, range(2, 14), strict=True))
    return letter == _UPN_LETTERS[total % 23]


def _landline_valid(found: Match) -> bool:
    # A few old numbers have ten digits; unspaced, ten digits are more often a case number.
    return len(digits_of(found[0])) == 11 or (len(digits_of(found[0])) == 10 and not found[0].isdigit())


def _landline_abroad_valid(found: Match) -> bool:
    national = digits_of(found[0].replace("(0)", "")).removeprefix("00").removeprefix("44")
    return 9 <= len(national) <= 10


def _has_letter_and_more(found: Match) -> bool:
    """Return whether the match is a social-media handle.

    A handle has a letter, and also an "@" or a character that is no letter.
    """
    handle = found["handle"]
    return any(map(str.isalpha, handle)) and (not handle.isalpha() or found["at"] == "@")


_LANDLINE_GAP: Final = r"[ .-]?"
_PLATFORMS: Final = (
    r"insta(?:gram)?|ig|snap(?:chat)?|tik ?tok|telegram|discord|facebook|fb|twitter|whatsapp|kik|roblox|xbox|psn"
    r"|gamer ?tag|steam|reddit|handle|user ?name|log ?in"
)
_VEHICLES: Final = (
    "car|van|moped|motorbike|scooter|taxi|vehicle|bmw|audi|mercedes|merc|vauxhall|corsa|astra|ford|fiesta|focus|vw"
    "|volkswagen|golf|polo|seat|skoda|toyota|nissan|honda|kia|peugeot|renault|citroen|mini|tesla|range rover"
)
#: The name that people use, the pattern, and a further check.
SHAPES: Final[tuple[tuple[str, re.Pattern[str], Valid | None], ...]] = tuple(
    (kind, re.compile(shape), valid)
    for kind, shape, valid in (
        (
            "e-mail address",
            r"(?<![\w.+'-])[\w.+'-]+(?: ?@ ?| ?[\[(]at[\])] ?)[\w-]+(?:(?:\.| ?[\[(]dot[\])] ?)[\w-]+)+"
            r"|(?<![\w.+'-])[\w.+'-]+@(?:gmail|hotmail|outlook|yahoo|icloud|live|proton(?:mail)?|aol)\b"
            r"|(?<![\w.+'-])[\w.+'-]+ ?@ ?[\w-]+(?: ?\. ?[\w-]+)? ?\. ?(?:com|org|net|uk)\b"
            r"|\b[\w.+'-]+(?: [\w.+'-]+){0,2} at [\w-]+ dot (?:com|org|net|co dot uk|co|uk)\b",
            None,
        ),
        (DATE_OF_BIRTH, _SAID_OF_BIRTH, None),
        (
            "NHS number",
            rf"(?P<label>\bn\.?h\.?s\b\.?{_LABELLED})?(?<![0-9+])"
            rf"(?P<number>[0-9]{{3}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}})(?![0-9])",
            _nhs_valid,
        ),
        # For mobiles: +44 or 0, then ten digits with any spacing. For landlines, an area code of at least three digits
        # comes first, so that a date and a time side by side don't look like a phone number.
        (
            PHONE,
            rf"(?<![0-9])(?:\(?(?:\+|00)?44\)?{_GAP}(?:\(0\))?{_GAP}|\(?[0o]{_GAP})7(?:{_GAP}[0-9]){{9}}(?![0-9])",
            None,
        ),
        (PHONE, r"(?<![0-9/.-])7[0-9]{3} [0-9]{3} ?[0-9]{3}(?![0-9])", None),
        (
            PHONE,
            rf"(?<![0-9])(?:\+|00)44{_GAP}(?:\(0\))?{_GAP}\(?[123][0-9]{{1,4}}\)?(?:{_LANDLINE_GAP}[0-9]){{5,8}}(?![0-9])",
            _landline_abroad_valid,
        ),
        (PHONE, rf"(?<![0-9])\(?0[123][0-9]{{1,4}}\)?(?:{_LANDLINE_GAP}[0-9]){{5,8}}(?![0-9])", _landline_valid),
        (
            "National Insurance number",
            r"(?<![a-z0-9])(?!bg|gb|kn|nk|nt|tn|zz)(?:qq|[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z])"
            rf"(?:{_SMALL_GAP}[0-9]){{6}}{_SMALL_GAP}[a-d](?![a-z0-9])",
            None,
        ),
        (
            "pupil number (UPN)",
            r"(?<![a-z0-9])[a-hj-np-rt-z][0-9]{11}(?:[0-9]|[a-hj-np-rt-z])(?![a-z0-9])",
            _pupil_number_valid,
        ),
        (
            "pupil number (UPN)",
            rf"\b(?:upn|(?:unique )?pupil (?:number|no\.?))\b{_LABELLED}"
            rf"[a-z](?:{_SMALL_GAP}[0-9]){{11}}{_SMALL_GAP}[0-9a-z](?![a-z0-9])",
            None,
        ),
        (
            POSTCODE,
            rf"(?<![a-z0-9])(?P<outward>(?:{_POSTCODE_AREA.lower()}) ?[0-9][a-z0-9]?)[ .-]{{0,2}}"
            r"(?P<inward>[0-9][abd-hjlnp-uw-z]{2})(?![a-z0-9])",
            _postcode_valid,
        ),
        (
            "passport number",
            rf"\b(?:passport|travel document)\b{_LABELLED}(?:[a-z]{{2,3}} )?"
            rf"(?:[a-z]{{0,2}}[0-9]{{7,9}}|[0-9](?:{_SMALL_GAP}[0-9]){{8}})\b",
            None,
        ),
        (
            "driving licence number",
            rf"(?<![a-z0-9])[a-z][a-z9]{{4}}{_SMALL_GAP}[0-9]{{6}}{_SMALL_GAP}"
            r"[a-z9]{2}[0-9a-z] ?[a-z]{2}(?![a-z0-9])",
            None,
        ),
        (
            "vehicle registration",
            r"\b(?:reg(?:istration)?|vrm|index|(?:number ?)?plate|vrn)\b(?: ?(?:number|no\.?|mark))?\W{0,3}"
            r"(?:[a-z]{2}[0-9]{2}[ -]?[a-z]{3}|[a-z] ?[0-9]{1,3}[ -]?[a-z]{3}|[a-z]{2} [0-9]{2} [a-z]{3})(?![a-z0-9])"
            r"|(?<![a-z0-9])[a-z]{2}[0-9]{2}[a-z]{3}(?![a-z0-9])"
            rf"|\b(?:{_VEHICLES})\W{{1,3}}"
            r"[a-z]{2}[0-9]{2} (?!and|the|for|was|has|but|bus|car)[a-z]{3}(?![a-z0-9])",
            None,
        ),
        (
            "device number",
            rf"(?:\bimei\b{_LABELLED})(?P<number>[0-9](?:{_GAP}[0-9]){{14}})(?![0-9])",
            None,
        ),
        # In the groups in which settings and receipts print it.
        (
            "device number",
            r"(?<![0-9])(?P<number>[0-9]{6}[ -][0-9]{8}[ -][0-9]|[0-9]{8}[ -][0-9]{6}[ -][0-9])(?![0-9])",
            _luhn_valid,
        ),
        (
            "device number",
            r"\b(?:handset|phone|mobile|device|serial(?: no\.?| number)?)\b\W{1,3}"
            rf"(?P<number>[0-9](?:{_SMALL_GAP}[0-9]){{14}})(?![0-9])",
            None,
        ),
        (
            "device number",
            rf"(?<![0-9])(?P<number>[0-9]{{2}}(?:{_SMALL_GAP}[0-9]{{6}}){{2}}{_SMALL_GAP}[0-9])(?![0-9])",
            _luhn_valid,
        ),
        ("device number", r"\biccid\b\W{0,4}89(?:[ -]?[0-9]){17,18}(?![0-9])", None),
        ("device number", r"(?<![0-9a-f])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![0-9a-f])", None),
        (
            "bank card number",
            rf"(?<![0-9])(?P<number>[0-9]{{4}}(?:{_SMALL_GAP}[0-9]{{4}}){{3}})(?![0-9])",
            _luhn_valid,
        ),
        (
            "bank account",
            r"\b(?:s/?c|sort(?: ?code)?)\W{0,3}[0-9]{2}[- ]?[0-9]{2}[- ]?[0-9]{2}(?![0-9])"
            rf"|\b(?:a/c|acc(?:oun)?t?)\b{_LABELLED}[0-9]{{7,8}}(?![0-9])"
            r"(?:\W{1,3}(?:s/?c|sort(?: ?code)?)\W{0,3}[0-9]{2}[- ]?[0-9]{2}[- ]?[0-9]{2}(?![0-9]))?"
            # Both together need no label.
            r"|(?<![0-9/-])[0-9]{2}([- ])[0-9]{2}\1[0-9]{2}(?: ?[/,;-] ?| )(?:a/?c\W{0,3})?[0-9]{8}(?![0-9])"
            r"|(?<![0-9])[0-9]{8} ?[/,;-] ?[0-9]{2}-[0-9]{2}-[0-9]{2}(?![0-9])",
            None,
        ),
        (
            "social media name",
            rf"\b(?:{_PLATFORMS})\b"
            r"(?: (?:handle|name|user(?: ?name)?|account|profile|page|id|is|was|as|under|called))*"
            r"\W{0,3}?(?P<at>@?)"
            r"(?P<handle>[\w][\w.#]{3,29})",
            _has_letter_and_more,
        ),
        (
            "social media name",
            r"\b(?:facebook|fb|instagram|snapchat|tiktok|twitter|x|youtube|linktr|threads|twitch|steamcommunity|roblox)"
            r"\.(?:com|ee|net|tv)/(?:add/|@|u/|user/|users/|id/|profile\.php\?id=)?(?!groups?\b|pages?\b|watch\b|help\b)"
            r"[\w.-]{3,40}",
            None,
        ),
        ("social media name", r"(?<![\w.@<])@(?=[\w.]*[0-9_.]\w)[a-z_][\w.]{2,29}", None),
    )
)
