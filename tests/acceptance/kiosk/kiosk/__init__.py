"""A kiosk that takes orders twice: once as it should, once with planted defects."""
