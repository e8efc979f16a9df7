"""A depot: orders come in, parcels go out."""
