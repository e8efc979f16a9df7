"""PostgreSQL's protocol, version 3: framing, start-up, error fields, and one session's state."""
