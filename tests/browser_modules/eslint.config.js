import js from "@eslint/js";
import globals from "globals";

/** What reads text as HTML or as a program: SECURITY: `safe_html.js` alone may do the first. */
const SINKS = ["innerHTML", "outerHTML", "srcdoc"].map((name) => ({
  selector: `AssignmentExpression > MemberExpression[property.name='${name}']`,
  message: `Text becomes HTML in safe_html.js alone.`,
}));
const CALLS = ["insertAdjacentHTML", "parseFromString", "createContextualFragment", "setHTMLUnsafe"].map((name) => ({
  selector: `CallExpression > MemberExpression[property.name='${name}']`,
  message: `Text becomes HTML in safe_html.js alone.`,
}));
/** Of documents alone: what is kept is written too. */
const WRITES = ["write", "writeln"].map((name) => ({
  selector: `CallExpression > MemberExpression[object.name=/[dD]ocument$/][property.name='${name}']`,
  message: `Text becomes HTML in safe_html.js alone.`,
}));

/** The configuration's own folder is the base of its patterns, and the scripts lie outside of it. */
export default [
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, sourceType: "module", globals: globals.browser },
    rules: {
      "no-restricted-syntax": ["error", ...SINKS, ...CALLS, ...WRITES],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      curly: "error",
      "no-console": ["error", { allow: ["error"] }],
    },
  },
  { files: ["**/safe_html.js"], rules: { "no-restricted-syntax": "off" } },
];

