"""The kiosk's workflows, and its till."""
