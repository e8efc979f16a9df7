"""What is known of each workflow: steps, what breaks it, which tests watch it, its cost; and its page."""
