"""What use cases share of cases: flags, declared interests, and what was heard of a case."""
