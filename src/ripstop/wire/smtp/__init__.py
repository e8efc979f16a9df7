"""SMTP (RFC 5321) sans-I/O: a client's bytes to commands and messages, a server's bytes to replies."""
