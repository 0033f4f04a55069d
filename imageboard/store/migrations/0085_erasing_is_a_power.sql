-- Who deletes no longer erases for good by it. Of the roles that staff made, those that also ban go on doing both, as
-- moderators do.
UPDATE made_roles SET powers = powers || 'erase'::text
WHERE powers @> '{delete,ban}' AND NOT powers @> '{erase}' AND cardinality(powers) < 100;
