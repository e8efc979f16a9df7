"""Other tools on the same services: each with its best settings, side by side with the zoo's own run."""
