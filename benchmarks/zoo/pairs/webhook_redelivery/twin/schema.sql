CREATE TABLE credits (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    event_id text NOT NULL UNIQUE,
    charge_id text NOT NULL,
    account_id text NOT NULL,
    amount_cents integer NOT NULL CHECK (amount_cents > 0)
);
