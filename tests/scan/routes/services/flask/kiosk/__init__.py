"""A newspaper kiosk."""
