-- Codes of six digits that an app shows, of which each is good once.
CREATE TABLE totp (
    staff text PRIMARY KEY REFERENCES staff ON DELETE CASCADE,
    -- Sealed with STILLBOARD_ADDRESS_KEY, for this account alone.
    secret_sealed bytea NOT NULL CHECK (octet_length(secret_sealed) BETWEEN 29 AND 200),
    -- NULL: nobody has shown yet that an app knows it, and no log-in asks for it.
    enrolled_at timestamptz,
    -- Half minute of the newest code that was used: none of it or before it is taken.
    step bigint NOT NULL DEFAULT 0
);

-- What stands in for an app or a key that was lost; each goes when it is used.
CREATE TABLE recovery_codes (
    staff text NOT NULL REFERENCES staff ON DELETE CASCADE,
    code_hash bytea NOT NULL CHECK (octet_length(code_hash) = 32),
    PRIMARY KEY (staff, code_hash)
);
