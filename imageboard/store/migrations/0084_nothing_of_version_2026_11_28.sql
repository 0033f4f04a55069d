-- What only version 2026-11-28, and states between it and 2026-11-29, used. The version before uses none of it.
DROP TABLE site_moment;
DROP INDEX threads_aside;
DROP FUNCTION add_post(text, bigint, text, text, text, text, boolean, text, text, bytea, bytea, bytea, jsonb, jsonb,
    text, integer, integer, boolean, timestamptz, inet);
DROP FUNCTION prune(text, boolean);
DROP FUNCTION hide_files(text, bigint, boolean);
DROP FUNCTION remove_files(text, bigint);
DROP FUNCTION mark_thread(text, bigint, boolean, boolean);
-- Who comes from 2026-11-28 at once has attempts in it.
DELETE FROM login_attempts;
