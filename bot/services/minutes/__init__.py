"""Use cases of the minutes: drafting, correcting, approving, circulating, amending and exporting."""
