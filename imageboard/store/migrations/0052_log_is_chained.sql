-- From here on each entry is chained as it is committed. The lock lets nobody add one in between.
LOCK TABLE moderation_log IN SHARE ROW EXCLUSIVE MODE;
DO $$
DECLARE
    v_entry moderation_log;
BEGIN
    FOR v_entry IN
        SELECT * FROM moderation_log m WHERE NOT EXISTS (SELECT FROM log_chain WHERE entry = m.id) ORDER BY id
    LOOP
        PERFORM chain_entry(v_entry);
    END LOOP;
END $$;

-- What a new entry of the log leads to.
CREATE FUNCTION chain_new_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM chain_entry(NEW);
    RETURN NULL;
END $$;
-- At the commit: so whoever does something lengthy keeps nobody else waiting, and holds no board meanwhile
-- that somebody in the chain waits for.
CREATE CONSTRAINT TRIGGER chained AFTER INSERT ON moderation_log DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION chain_new_entry();

-- What was done stays written down, whoever asks.
CREATE OR REPLACE FUNCTION moderation_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE OR REPLACE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON moderation_log
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_log_is_append_only();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON log_chain
    FOR EACH STATEMENT EXECUTE FUNCTION moderation_log_is_append_only();

-- Names alone may be forgotten, of entries older than a month.
CREATE FUNCTION log_forgets_names_alone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_forgotten moderation_log := OLD;
BEGIN
    IF OLD.staff IS NOT NULL THEN v_forgotten.staff := ''; END IF;
    v_forgotten.detail := OLD.detail - 'account';
    IF NEW IS DISTINCT FROM v_forgotten OR OLD.happened_at > now() - interval '30 days' THEN
        RAISE EXCEPTION 'moderation_log is append-only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER names_alone BEFORE UPDATE ON moderation_log
    FOR EACH ROW EXECUTE FUNCTION log_forgets_names_alone();

-- And with them the salt, by which they could be proven.
CREATE FUNCTION chain_forgets_salt_alone() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_forgotten log_chain := OLD;
BEGIN
    v_forgotten.salt := NULL;
    IF NEW IS DISTINCT FROM v_forgotten
        OR (SELECT happened_at FROM moderation_log WHERE id = OLD.entry) > now() - interval '30 days'
    THEN
        RAISE EXCEPTION 'log_chain is append-only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER salt_alone BEFORE UPDATE ON log_chain
    FOR EACH ROW EXECUTE FUNCTION chain_forgets_salt_alone();

-- Entries of a board by days (UTC), for its public log; those of the whole site.
CREATE INDEX moderation_log_by_day ON moderation_log (((happened_at AT TIME ZONE 'UTC')::date), board);
-- The entry that a ban was written down with.
CREATE INDEX moderation_log_of_ban ON moderation_log ((detail->'ban')) WHERE action = 'ban';
