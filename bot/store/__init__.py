"""The store: database engine, transactions, sealed narrative, audit, outbox, answered requests and migrations."""
