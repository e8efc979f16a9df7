"""The Redis protocol, RESP2 and RESP3, as bytes and messages: no socket, no clock."""
