"""``double = "cassette:FILE"``: answers recorded once from a real or sandbox server, given again."""
