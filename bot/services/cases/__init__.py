"""Use cases of cases: flags, assessments, declared interests, closed items and histories."""
