"""Use cases of the diary: panels, their series and their meetings."""
