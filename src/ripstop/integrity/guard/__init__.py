"""What a difference of tests takes away: sources of two revisions in, weakenings out. No git, no files."""
