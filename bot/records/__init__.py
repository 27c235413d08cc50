"""What several use cases share, by noun: `queries` modules only read, `changes` modules write."""
