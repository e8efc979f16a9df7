CREATE TABLE bookings (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    key text NOT NULL UNIQUE,
    email text NOT NULL,
    seats integer NOT NULL CHECK (seats > 0)
);
