"""The sentence that stands wherever people first meet the bot."""

NOT_FOR_EMERGENCIES = "Not for emergencies: if a child is in danger call 999; for a concern contact your local MASH."
