"""Ways in: a file a framework, by syntax; what the running application tells; and both together."""
