"""What `docs/speed.md` claims, each claim one script: `python -m bench [name …]`."""
