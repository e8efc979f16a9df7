"""What is known of each workflow: its numbers, its steps, what breaks it, which tests watch it; and its page."""
