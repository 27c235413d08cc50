"""Minutes in Slack: drafting, correcting, approving, amending and exporting them."""
