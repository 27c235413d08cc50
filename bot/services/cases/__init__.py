"""Use cases about cases: flags, assessments, declared interests, closed items and histories."""
