/** Under which name this browser keeps a reader's filters: known without what they are made of. */

export const RULES_KEPT = "filters";
