"""What use cases share of the diary: panels, their series and their meetings."""
