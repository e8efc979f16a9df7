CREATE TABLE donations (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    key text NOT NULL UNIQUE,
    donor text NOT NULL,
    amount_cents integer NOT NULL CHECK (amount_cents > 0)
);

CREATE TABLE entries (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    donation_id bigint NOT NULL REFERENCES donations,
    amount_cents integer NOT NULL
);
