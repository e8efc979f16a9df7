"""The catalogue of faults: a file a fault; a fault answers each hook with commands as data."""
