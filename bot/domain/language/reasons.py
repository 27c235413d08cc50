"""The words with which people begin a reason: "because", "bc", "since", "due to", "as", or a dash.

All modules that look for a reason use this list.
"""

from typing import Final

#: Words that mean "because" and nothing else.
BECAUSE: Final = r"(?:because(?:\s+of)?|becuase|becos|b/c|bc|cos|coz|cuz)"
#: Words that are nearly always followed by a reason.
SURE_WORD: Final = (
    rf"(?:{BECAUSE}|since|(?:due|owing)\s+to(?!\s+(?:be\b|[0-9]))"
    r"|(?<!\bno\s)(?<!\bthe\s)(?<!\bthis\s)(?<!\bthat\s)reason(?:\s+is)?)"
)
#: The same with "as", which has other uses too.
WORD: Final = rf"(?:{SURE_WORD}|as)"
#: A dash between words: with spaces, or the long one that telephones make of two. In "6 - 8 weeks" the dash is part of
#: the phrase.
DASH: Final = r"(?:\s+(?!(?<=[0-9]\s)[\u2013\u2014-]\s+[0-9])[\u2013\u2014-]\s+|(?<=\w)\u2014(?=[^\W\d]))"
