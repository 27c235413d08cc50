"""Scripts that measure what `docs/speed.md` claims, one for each claim. `python -m bench [NAME …]` runs them."""
