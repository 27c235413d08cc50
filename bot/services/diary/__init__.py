"""Use cases of the diary: panels, series and meetings, prompts, channels and calendars."""
