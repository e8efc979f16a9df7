"""A dock for boats."""
