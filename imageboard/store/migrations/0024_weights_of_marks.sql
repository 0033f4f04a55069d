-- Marks that a board may allow beside vichan's weigh too.

-- How many bytes of its thread's page a post takes at most: what was typed, with what escaping, line ends,
-- marks and links add to it, and what stands around. A test draws the worst of each.
CREATE OR REPLACE FUNCTION page_weight(p_post posts, p_file_names text[]) RETURNS integer
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    v_typed text := coalesce(p_post.name, '') || coalesce(p_post.email, '')
        || coalesce(p_post.subject, '') || p_post.body;
    v_chars integer := length(v_typed);
BEGIN
    RETURN 800
        -- Each file has its name in four places.
        + 700 * cardinality(p_file_names) + 20 * octet_length(array_to_string(p_file_names, ''))
        -- A link has its address twice.
        + octet_length(v_typed) * CASE WHEN position('://' IN v_typed) > 0 THEN 2 ELSE 1 END
        + 8 * (v_chars - length(translate(v_typed, '&"', '')))
        + 2 * (v_chars - length(translate(v_typed, '_~', '')))
        + 10 * (v_chars - length(translate(v_typed, E'*=[|`\n''', '')))
        -- It may begin a line of its own colour.
        + 34 * (v_chars - length(translate(v_typed, '<', '')))
        -- Each line of a spoiler is one.
        + CASE WHEN v_typed ~* '\[spoiler]|\|\|'
            THEN 29 * (v_chars - length(translate(v_typed, E'\n', ''))) ELSE 0 END
        + 40 * (v_chars - length(translate(v_typed, ':', '')))
        -- Two of them quote, which also shows below the quoted post.
        + 53 * (v_chars - length(translate(v_typed, '>', '')));
END $$;
