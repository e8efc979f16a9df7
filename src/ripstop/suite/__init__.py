"""Everything that knows pytest: workflows, fixtures, and running an item in three steps."""
