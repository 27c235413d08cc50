"""The agenda in Slack: triage, cases that can't wait for their meeting, the Word paper, and agencies' returns."""
