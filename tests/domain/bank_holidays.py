"""Bank holidays of England and Wales that fall on Monday to Friday, 2024 to 2036: the tests' own table.

Worked out from the Banking and Financial Dealings Act 1971: Easter, the first and last Mondays, substitute days.
"""

from datetime import date

_TABLE = """
2024 01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26
2025 01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26
2026 01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28
2027 01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28
2028 01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26
2029 01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26
2030 01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26
2031 01-01 04-11 04-14 05-05 05-26 08-25 12-25 12-26
2032 01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28
2033 01-03 04-15 04-18 05-02 05-30 08-29 12-26 12-27
2034 01-02 04-07 04-10 05-01 05-29 08-28 12-25 12-26
2035 01-01 03-23 03-26 05-07 05-28 08-27 12-25 12-26
2036 01-01 04-11 04-14 05-05 05-26 08-25 12-25 12-26
"""

ENGLAND_AND_WALES = frozenset(
    date.fromisoformat(f"{year}-{day}")
    for year, *days in (line.split() for line in _TABLE.strip().splitlines())
    for day in days
)
