CREATE TABLE shipments (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    order_no text NOT NULL UNIQUE,
    address text NOT NULL,
    label_id text NOT NULL,
    tracking text NOT NULL
);
