"""Flags of one case by several agencies for one meeting: one hearing serves them all, and none is lost with another's.

One of them is live. The others are folded into it: deferred at the same meeting, without a reason from the chair."""
