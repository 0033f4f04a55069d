-- version --
-- What changes with the rules; with bans of files, which come with ever higher numbers and go.
SELECT coalesce((SELECT version FROM spam_rules_version), 0), coalesce(max(id), 0), count(*) FROM file_bans

-- all_of --
-- Every rule, by number; of these boards only, which those of all boards are not.
SELECT r.id, r.board, r.is_on, r.place, r.way, r.what, r.kind, r.poster, r.pace, r.countries, r.action,
    r.sentence, r.ban_s, r.replacement, r.created_by,
    floor(extract(epoch FROM r.created_at))::bigint AS created_s,
    coalesce(h.hits, 0) AS hits, floor(extract(epoch FROM h.last_at))::bigint AS last_hit_s
FROM spam_rules r LEFT JOIN spam_rule_hits h ON h.rule = r.id
WHERE %(on)s::text[] IS NULL OR r.board = ANY (%(on)s)
ORDER BY r.id

-- one --
-- One rule.
SELECT r.id, r.board, r.is_on, r.place, r.way, r.what, r.kind, r.poster, r.pace, r.countries, r.action,
    r.sentence, r.ban_s, r.replacement, r.created_by,
    floor(extract(epoch FROM r.created_at))::bigint AS created_s,
    coalesce(h.hits, 0) AS hits, floor(extract(epoch FROM h.last_at))::bigint AS last_hit_s
FROM spam_rules r LEFT JOIN spam_rule_hits h ON h.rule = r.id
WHERE r.id = %(id)s

-- add --
-- A new rule, unless there are too many.
INSERT INTO spam_rules (board, is_on, place, way, what, kind, poster, pace, countries, action, sentence,
    ban_s, replacement, created_by)
SELECT %(board)s, %(is_on)s, %(place)s, %(way)s, %(what)s, %(kind)s, %(poster)s, %(pace)s,
    %(countries)s::text[], %(action)s, %(sentence)s, %(ban_s)s, %(replacement)s, %(created_by)s
WHERE (SELECT count(*) FROM spam_rules) < %(rules_max)s
RETURNING id

-- change --
-- What a rule is from now on.
UPDATE spam_rules SET board = %(board)s, is_on = %(is_on)s, place = %(place)s, way = %(way)s,
    what = %(what)s, kind = %(kind)s, poster = %(poster)s, pace = %(pace)s,
    countries = %(countries)s::text[], action = %(action)s, sentence = %(sentence)s, ban_s = %(ban_s)s,
    replacement = %(replacement)s
WHERE id = %(id)s

-- switch --
-- Whether it is in force.
UPDATE spam_rules SET is_on = %(is_on)s WHERE id = %(id)s AND is_on <> %(is_on)s

-- remove --
-- A rule that is to go.
DELETE FROM spam_rules WHERE id = %(id)s

-- count_hits --
-- One post more that each of these rules hit.
INSERT INTO spam_rule_hits AS h (rule, hits, last_at)
SELECT id, 1, now() FROM spam_rules WHERE id = ANY (%(rules)s) ORDER BY id
ON CONFLICT (rule) DO UPDATE SET hits = h.hits + 1, last_at = now()

-- is_known --
-- Whether a post from this address has stood for a day: a thread that waits for staff, or that they removed, does not.
SELECT 1 FROM posts p
WHERE p.address_hash = %(address_hash)s AND p.created_at < now() - interval '1 day'
    AND EXISTS (SELECT FROM all_threads t WHERE t.board = p.board AND t.no = p.thread_no
        AND t.aside_since IS DISTINCT FROM '-infinity' OFFSET 0)
LIMIT 1

-- of_last_day --
-- Posts of the last day that readers see, as rules look at them, the newest first.
SELECT p.board, p.no, p.thread_no AS thread, coalesce(p.name, '') AS name, p.tripcode,
    coalesce(p.email, '') AS email, coalesce(p.subject, '') AS subject, p.body, p.country,
    coalesce(f.file_names, '{}') AS file_names, coalesce(f.sha256, '{}') AS sha256,
    coalesce(f.md5, '{}') AS md5, coalesce(f.likeness, '{}') AS likeness
FROM posts p LEFT JOIN LATERAL (
    SELECT array_agg(original_name || extension) AS file_names, array_agg(encode(md5, 'hex')) AS md5,
        array_agg(likeness) FILTER (WHERE likeness IS NOT NULL) AS likeness,
        array_agg(encode(sha256, 'hex'))
            || array_agg(encode(sent_sha256, 'hex')) FILTER (WHERE sent_sha256 IS NOT NULL) AS sha256
    FROM files f WHERE f.board = p.board AND f.post_no = p.no
) f ON true
WHERE p.created_at > now() - interval '1 day' AND (%(on)s::text[] IS NULL OR p.board = ANY (%(on)s))
    AND EXISTS (SELECT FROM shown_threads t WHERE t.board = p.board AND t.no = p.thread_no)
ORDER BY p.created_at DESC, p.board, p.no
LIMIT %(limit)s
