"""The pure rules, told in the words of the panels."""
