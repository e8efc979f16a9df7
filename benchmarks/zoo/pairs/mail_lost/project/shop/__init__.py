"""A shop that confirms each order by mail."""
