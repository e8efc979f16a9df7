"""The zoo: services with one planted seam bug each, their corrected twins, and who finds what."""
