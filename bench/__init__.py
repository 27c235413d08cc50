"""What the README claims about speed, each claim one script: `python -m bench [name …]`."""
