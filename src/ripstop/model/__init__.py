"""The nouns of Ripstop: frozen data and protocols. No I/O, no clock, no framework."""
