"""What a coding agent may ask of Ripstop, as a Model Context Protocol server. Read only."""
