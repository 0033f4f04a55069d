-- The chain of the log: the hash of each entry covers that of the one before, so none is altered, put in or taken
-- out unseen. docs/audit.md has the bytes; imageboard/log_chain.py makes the same ones.
CREATE TABLE log_chain (
    -- Counts without gaps, in the order of commits.
    place bigint PRIMARY KEY CHECK (place > 0),
    entry bigint NOT NULL UNIQUE,
    -- Random, and hashed with the names, which could be guessed from a bare hash. NULL: they are forgotten.
    salt bytea CHECK (octet_length(salt) = 16),
    names_hash bytea NOT NULL CHECK (octet_length(names_hash) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
-- Entries whose names are due to be forgotten.
CREATE INDEX log_chain_with_names ON log_chain (place) WHERE salt IS NOT NULL;

-- Who did it and to whom, as it is hashed: what may be forgotten without breaking the chain.
CREATE FUNCTION log_names(p_entry moderation_log) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT 'staff ' || coalesce(to_json(p_entry.staff)::text, 'null') || E'\n'
        || coalesce('account ' || (p_entry.detail->'account')::text || E'\n', '')
$$;

-- The bytes of an entry that are hashed.
CREATE FUNCTION log_bytes(p_entry moderation_log, p_place bigint, p_before bytea, p_names_hash bytea)
RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT convert_to(
        E'stillboard log 1\nplace ' || p_place
        || E'\nbefore ' || encode(p_before, 'hex')
        || E'\nat ' || to_char(p_entry.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || E'\nby ' || CASE WHEN p_entry.staff IS NULL THEN 'poster' ELSE 'staff' END
        || E'\naction ' || to_json(p_entry.action)::text
        || E'\nboard ' || coalesce(to_json(p_entry.board)::text, 'null')
        || E'\npost ' || coalesce(p_entry.post_no::text, 'null') || E'\n'
        || coalesce((
            SELECT string_agg('detail.' || key || ' ' || value || E'\n', '' ORDER BY key COLLATE "C")
            FROM jsonb_each(p_entry.detail - 'account')), '')
        || 'names ' || encode(p_names_hash, 'hex') || E'\n', 'UTF8')
$$;

-- Chains an entry to the last one. Others who commit entries wait until the transaction ends.
CREATE FUNCTION chain_entry(p_entry moderation_log) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_last log_chain;
    v_salt bytea := uuid_send(gen_random_uuid());
    v_names_hash bytea := sha256(v_salt || convert_to(log_names(p_entry), 'UTF8'));
BEGIN
    PERFORM pg_advisory_xact_lock(7264002);
    SELECT * INTO v_last FROM log_chain ORDER BY place DESC LIMIT 1;
    INSERT INTO log_chain (place, entry, salt, names_hash, hash)
    SELECT place, p_entry.id, v_salt, v_names_hash, sha256(log_bytes(p_entry, place, before, v_names_hash))
    FROM (SELECT coalesce(v_last.place, 0) + 1 AS place,
        coalesce(v_last.hash, decode(repeat('00', 32), 'hex')) AS before) AS next
    ON CONFLICT (entry) DO NOTHING;
END $$;

-- Entries of before, while staff go on: those that come meanwhile are chained by the next step.
DO $$
DECLARE
    v_entry moderation_log;
BEGIN
    FOR v_entry IN SELECT * FROM moderation_log ORDER BY id LOOP
        PERFORM chain_entry(v_entry);
    END LOOP;
END $$;

-- Up to which place of the chain a kind of the site's own pages shows the log.
ALTER TABLE site_pages_shown ADD COLUMN log_no bigint NOT NULL DEFAULT 0;
