"""Run the scripts named, or all of them, and print their tables."""

import sys

from bench import delivery, diary, home, late, minutes, slash_command, startup, ticks

SCRIPTS = {
    "slash": slash_command.main,
    "start": startup.main,
    "minutes": minutes.main,
    "diary": diary.main,
    "home": home.main,
    "ticks": ticks.main,
    "delivery": delivery.main,
    "late": late.main,
}


def main() -> None:
    """Run them one after the other, so that none disturbs another."""
    names = sys.argv[1:] or list(SCRIPTS)
    unknown = [name for name in names if name not in SCRIPTS]
    if unknown:
        sys.exit(f"no script {unknown[0]}; there are {', '.join(SCRIPTS)}")
    for name in names:
        SCRIPTS[name]()


if __name__ == "__main__":
    main()
