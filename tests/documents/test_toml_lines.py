"""The line of every key, whatever stands between them."""

from bot.documents.toml_lines import TomlLines

TEXT = '''# a remark
[county]
key = "a"  # not = here
title.long = "b"

[[people]]
name = """
[[people]]
user = "not this one \\""" = "
"""
user = "U1"

[[people]]
teams = [
  "x", # ]
  "[",
]
"user" = 'U2'

[[panels]]
key = "p"
[[panels.members]]
role = "chair"
[[panels.members]]
role = "deputy"
[panels.members.more]
deep = 1
'''


def test_each_key_stands_at_its_own_line() -> None:
    lines = TomlLines(TEXT)
    places = [
        ("county",),
        ("county", "key"),
        ("county", "title", "long"),
        ("people", 0),
        ("people", 0, "user"),
        ("people", 1),
        ("people", 1, "user"),
        ("panels", 0, "members", 0, "role"),
        ("panels", 0, "members", 1),
        ("panels", 0, "members", 1, "more", "deep"),
    ]
    assert [lines.line(place) for place in places] == [2, 3, 4, 6, 11, 13, 18, 23, 24, 27]


def test_what_is_not_written_stands_where_the_thing_around_it_does() -> None:
    lines = TomlLines(TEXT)
    assert [lines.line(("people", 1, "agency")), lines.line(("people", 1, "teams", 1)), lines.line(("x",))] == [
        13,
        14,
        None,
    ]
