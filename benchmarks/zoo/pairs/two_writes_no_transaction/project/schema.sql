CREATE TABLE orders (
    order_no text PRIMARY KEY
);

CREATE TABLE order_lines (
    order_no text NOT NULL REFERENCES orders,
    position integer NOT NULL,
    sku text NOT NULL,
    quantity integer NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_no, position)
);
