"""Runs the named scripts, or all scripts, and prints their tables.

With `--json` it prints one JSON object in a line for each figure.
"""

import sys
from importlib import import_module

from bench.tables import begin, missed

#: Loaded when it is run, so that one script's libraries are not in another's figures.
SCRIPTS = {
    "slash": "bench.slash_command",
    "start": "bench.startup",
    "minutes": "bench.minutes",
    "bundle": "bench.bundle",
    "diary": "bench.diary",
    "home": "bench.home",
    "agenda": "bench.agenda",
    "ticks": "bench.ticks",
    "delivery": "bench.delivery",
    "late": "bench.late",
    "outages": "bench.outages",
    "audit": "bench.audit",
}


def main() -> None:
    """Run the scripts one after the other, so that none slows another down.

    At the end, print the figures that missed their goals.
    """
    as_json = "--json" in sys.argv
    names = [name for name in sys.argv[1:] if name != "--json"] or list(SCRIPTS)
    unknown = [name for name in names if name not in SCRIPTS]
    if unknown:
        sys.exit(f"no script {unknown[0]}; there are {', '.join(SCRIPTS)}")
    for name in names:
        begin(name, as_json=as_json)
        import_module(SCRIPTS[name]).main()
    for line in missed():
        print(f"missed: {line}", file=sys.stderr)


if __name__ == "__main__":
    main()
