"""The store: engine, unit of work, sealed narrative, audit, outbox, answered requests and migrations."""
