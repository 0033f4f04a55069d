-- Links by which somebody makes an account of their own, with a password that nobody else has known: each once.
CREATE TABLE invitations (
    no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- SHA-256 of the link's code: who reads the table can't use it.
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    name text NOT NULL CHECK (name ~ '^[a-z0-9_-]{1,32}$'),
    role text NOT NULL,
    -- NULL: on all boards.
    board text REFERENCES boards,
    -- NULL: by the command.
    invited_by text REFERENCES staff ON DELETE CASCADE,
    expires_at timestamptz NOT NULL
);
