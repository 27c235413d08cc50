"""Code that several use cases share, a folder for each noun: `queries` modules only read, `changes` modules write."""
