-- The second stage: what of each file is in the bucket and at the CDN; and takedowns.

ALTER TABLE publications
    -- NULL: gone from the web root; the row stays until it is gone from the cloud too.
    ALTER COLUMN sha256 DROP NOT NULL,
    -- Media before the pages that show them, threads before the rest.
    ADD COLUMN service_order smallint NOT NULL DEFAULT 2,
    -- A takedown waits for it.
    ADD COLUMN is_urgent boolean NOT NULL DEFAULT false,
    -- What the bucket holds: hash, ETag, and the board's change that it shows. NULL: nothing.
    ADD COLUMN cloud_sha256 bytea CHECK (octet_length(cloud_sha256) = 32),
    ADD COLUMN cloud_etag text,
    ADD COLUMN cloud_change_no bigint,
    -- Set before the first put: from then on a deletion in the bucket is owed.
    ADD COLUMN may_be_in_cloud boolean NOT NULL DEFAULT false,
    -- The bucket changed and the CDN has not been told.
    ADD COLUMN purge_due boolean NOT NULL DEFAULT false,
    -- Not to be touched before: the pace of one write a second, a lease, or a wait after failures.
    ADD COLUMN not_before timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN is_behind boolean NOT NULL GENERATED ALWAYS AS (
        purge_due OR sha256 IS DISTINCT FROM cloud_sha256 OR (sha256 IS NULL AND may_be_in_cloud)
    ) STORED;

-- Files that the second stage has work with, in the order in which it takes them.
CREATE INDEX publications_behind ON publications (is_urgent DESC, service_order, not_before)
    WHERE is_behind;

-- What was removed on someone's word, and when it was gone.
CREATE TABLE takedowns (
    board text NOT NULL,
    change_no bigint NOT NULL,
    post_no bigint NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The files that showed it; known once the pages are rendered.
    paths text[],
    origin_gone_at timestamptz,
    -- Set once it is gone from the bucket and the CDN was told: when the CDN is told again, and
    -- looked at.
    edge_due_at timestamptz,
    edge_gone_at timestamptz,
    PRIMARY KEY (board, change_no)
);
-- Takedowns that are not finished.
CREATE INDEX takedowns_open ON takedowns (asked_at) WHERE edge_gone_at IS NULL;
