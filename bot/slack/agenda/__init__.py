"""The agenda in Slack: triage, cases that the agenda must hear, its Word paper, and agencies' returns."""
