"""Runs the command line, so that `python -m bot` is the same as `panelbot`."""

from bot.cli import main

if __name__ == "__main__":
    main()
