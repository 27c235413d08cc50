"""Runs the command line, so that `python -m bot` does the same as the command `panelbot`."""

from bot.cli import main

if __name__ == "__main__":
    main()
