-- Boards of several old sites come into one, and each site has a ban 1: what came is known by what it says, too.
ALTER TABLE imported_others
    ADD COLUMN digest bytea NOT NULL DEFAULT '' CHECK (octet_length(digest) IN (0, 16)),
    DROP CONSTRAINT imported_others_pkey,
    ADD PRIMARY KEY (kind, name, digest);

-- Of boards that came before this, and of those that the version before brings.
ALTER TABLE imports ADD COLUMN without_digests boolean NOT NULL DEFAULT true;
