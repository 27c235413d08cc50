"""Files read and documents made: every fault told, every page as a clerk would have it."""
