-- What staff note on posters, and reports that were dismissed by mistake.
-- What staff write down about whoever has this address, for each other; as long as something else tells of it.
CREATE TABLE poster_notes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address_hash bytea NOT NULL CHECK (octet_length(address_hash) = 16),
    staff text NOT NULL,
    note text NOT NULL CHECK (char_length(note) BETWEEN 1 AND 500),
    written_at timestamptz NOT NULL DEFAULT now()
);
-- Those on one poster.
CREATE INDEX poster_notes_of_address ON poster_notes (address_hash, id);

-- Reports that were just dismissed, and may be opened again.
CREATE INDEX reports_dismissed ON reports (dismissed_at) WHERE dismissed_at IS NOT NULL;
