"""The database: engine, unit of work, sealed narrative, audit, outbox and named queries."""
