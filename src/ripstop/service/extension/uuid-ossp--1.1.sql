-- The functions of uuid-ossp 1.1 (PostgreSQL 18, F.50), in SQL, for a server built without it.
-- Layouts are RFC 9562's: 5.1 (time), 5.3 and 5.5 (names), 6.6 (namespaces), 6.10 (made-up nodes).

CREATE FUNCTION uuid_nil() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN '00000000-0000-0000-0000-000000000000'::uuid;

CREATE FUNCTION uuid_ns_dns() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_ns_url() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN '6ba7b811-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_ns_oid() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN '6ba7b812-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_ns_x500() RETURNS uuid IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN '6ba7b814-9dad-11d1-80b4-00c04fd430c8'::uuid;

CREATE FUNCTION uuid_generate_v4() RETURNS uuid VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
RETURN gen_random_uuid();

-- Node and clock sequence are random each time: two calls of one microsecond must not agree.
CREATE FUNCTION uuid_generate_v1mc() RETURNS uuid VOLATILE STRICT PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    ticks text := lpad(to_hex(122192928000000000
        + (extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 10), 16, '0');
    tail bytea := substr(uuid_send(gen_random_uuid()), 9, 8);
BEGIN
    tail := set_byte(tail, 2, get_byte(tail, 2) | 1);
    RETURN (substr(ticks, 9, 8) || substr(ticks, 5, 4) || '1' || substr(ticks, 2, 3)
        || encode(tail, 'hex'))::uuid;
END $$;

CREATE FUNCTION uuid_generate_v1() RETURNS uuid VOLATILE STRICT PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    ticks text := lpad(to_hex(122192928000000000
        + (extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 10), 16, '0');
    tail bytea := substr(uuid_send(gen_random_uuid()), 9, 8);
BEGIN
    tail := set_byte(tail, 2, get_byte(tail, 2) | 1);
    RETURN (substr(ticks, 9, 8) || substr(ticks, 5, 4) || '1' || substr(ticks, 2, 3)
        || encode(tail, 'hex'))::uuid;
END $$;

CREATE FUNCTION uuid_generate_v3(namespace uuid, name text) RETURNS uuid
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    digest text := md5(uuid_send(namespace) || convert_to(name, getdatabaseencoding()));
BEGIN
    digest := overlay(digest PLACING '3' FROM 13);
    RETURN overlay(digest PLACING to_hex((('x' || substr(digest, 17, 1))::bit(4)::int & 3) | 8) FROM 17)::uuid;
END $$;

-- SHA-1 (RFC 3174, 6.1), which the server itself has not: on 32-bit words held in bigint.
CREATE FUNCTION uuid_generate_v5(namespace uuid, name text) RETURNS uuid
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    mask CONSTANT bigint := 4294967295;
    message bytea := uuid_send(namespace) || convert_to(name, getdatabaseencoding());
    bits bigint := length(message) * 8;
    state bigint[] := ARRAY[1732584193, 4023233417, 2562383102, 271733878, 3285377520];
    words bigint[];
    a bigint; b bigint; c bigint; d bigint; e bigint; f bigint; k bigint; turn bigint;
    digest text;
BEGIN
    message := message || '\x80'::bytea
        || decode(repeat('00', 63 - (length(message) + 8) % 64), 'hex') || int8send(bits);
    FOR block IN 0 .. length(message) / 64 - 1 LOOP
        FOR i IN 0 .. 79 LOOP
            IF i < 16 THEN
                words[i] := ('x' || encode(substr(message, block * 64 + i * 4 + 1, 4), 'hex'))::bit(32)::bigint & mask;
            ELSE
                turn := words[i - 3] # words[i - 8] # words[i - 14] # words[i - 16];
                words[i] := ((turn << 1) | (turn >> 31)) & mask;
            END IF;
        END LOOP;
        a := state[1]; b := state[2]; c := state[3]; d := state[4]; e := state[5];
        FOR i IN 0 .. 79 LOOP
            CASE i / 20
                WHEN 0 THEN f := (b & c) | ((b # mask) & d); k := 1518500249;
                WHEN 1 THEN f := b # c # d; k := 1859775393;
                WHEN 2 THEN f := (b & c) | (b & d) | (c & d); k := 2400959708;
                ELSE f := b # c # d; k := 3395469782;
            END CASE;
            turn := ((((a << 5) | (a >> 27)) & mask) + f + e + k + words[i]) & mask;
            e := d; d := c; c := ((b << 30) | (b >> 2)) & mask; b := a; a := turn;
        END LOOP;
        state := ARRAY[(state[1] + a) & mask, (state[2] + b) & mask, (state[3] + c) & mask,
            (state[4] + d) & mask, (state[5] + e) & mask];
    END LOOP;
    digest := lpad(to_hex(state[1]), 8, '0') || lpad(to_hex(state[2]), 8, '0')
        || lpad(to_hex(state[3]), 8, '0') || lpad(to_hex(state[4]), 8, '0');
    digest := overlay(digest PLACING '5' FROM 13);
    RETURN overlay(digest PLACING to_hex((('x' || substr(digest, 17, 1))::bit(4)::int & 3) | 8) FROM 17)::uuid;
END $$;
