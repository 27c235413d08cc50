"""The store: database engine, transactions, encryption, audit, outbox, answered requests and migrations."""
