-- Words of many posts are sorted into the index at once: see schema.sql. The keeper of the version before
-- adds posts by the same statement.
ALTER INDEX searchable_by_words SET (fastupdate = on, gin_pending_list_limit = 128);
