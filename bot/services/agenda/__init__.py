"""Use cases of the agenda: triage, compiling and publishing, cases that are due, papers, returns."""
