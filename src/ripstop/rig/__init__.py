"""One running set-up: service, seams, doubles and state together."""
