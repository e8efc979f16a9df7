"""An adapter for each agent's command-line tool: how it is asked, and how what it prints is read."""
