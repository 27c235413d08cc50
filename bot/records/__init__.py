"""What use cases share, by noun: `queries` are read, `changes` are the steps of several use cases."""
