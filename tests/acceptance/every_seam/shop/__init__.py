"""A ticket shop: one order charges a card, keeps a row, and sends the tickets by mail."""
