-- Keys that a device or a browser keeps, by which somebody logs in without a password.
CREATE TABLE passkeys (
    no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- As the key calls itself.
    id bytea NOT NULL UNIQUE CHECK (octet_length(id) BETWEEN 1 AND 1023),
    staff text NOT NULL REFERENCES staff ON DELETE CASCADE,
    -- As its holder calls it.
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    -- Its public half, as it was attested.
    credential bytea NOT NULL CHECK (octet_length(credential) <= 4096),
    -- How often it has signed, where it counts; 0: it does not.
    sign_count bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now()
);
-- Those of an account.
CREATE INDEX passkeys_by_staff ON passkeys (staff);
