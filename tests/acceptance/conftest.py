"""The projects explored here bring tests of their own, which only ripstop runs, in copies of them."""

collect_ignore_glob = ["*/tests"]
