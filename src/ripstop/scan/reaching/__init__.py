"""What a call reaches outside the process: a file a family of libraries, listed in `families`."""
