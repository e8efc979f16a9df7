"""The recipe of one route, filled in: what is known of it, the cases asked for, and the page made of both."""
