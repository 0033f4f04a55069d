import assert from "node:assert/strict";
import { test } from "node:test";

import { aPage } from "./page_twin.js";

const { localStorage, document } = aPage(
  '<form><input name="board" value="b"><div class="h-captcha"></div></form>',
);
const { isSpared, note } = await import("../../public/assets/scripts/captcha_pass.js");
const { resetForeign } = await import("../../public/assets/scripts/captcha_widgets.js");

const tomorrow = Date.now() / 1000 + 86_400;
const stored = { id: "1", thread: "1", redirect: "/b/", noko: true, html: "" };
const captcha = { provider: "altcha", site_key: "" };

/** @param {import("../../public/assets/scripts/delivering.js").Pass} [pass] */
const posted = (pass) => note("b", { kind: "stored", stored: pass ? { ...stored, captcha_pass: pass } : stored });

test("a pass spares so many posts of its board, for as long as it is good", () => {
  assert.equal(isSpared("b"), false);
  posted();
  assert.equal(isSpared("b"), false);
  posted({ posts: 2, expires: tomorrow });
  assert.equal(isSpared("tea"), false);
  posted();
  assert.equal(isSpared("b"), true);
  posted();
  assert.equal(isSpared("b"), false);
  posted({ posts: 2, expires: Date.now() / 1000 - 1 });
  assert.equal(isSpared("b"), false);
});

test("a post that was asked for a captcha all the same ends it, any other refusal does not", () => {
  posted({ posts: 2, expires: tomorrow });
  note("b", { kind: "refused", refusal: { error: "Too long." } });
  assert.equal(isSpared("b"), true);
  note("b", { kind: "refused", refusal: { error: "Not solved.", captcha } });
  assert.equal(isSpared("b"), false);
});

test("what another program left in its place counts as none", () => {
  for (const wrong of ["3", "null", '"all"', '{"posts": "many", "expires": []}']) {
    localStorage.setItem("stillboard:captcha-pass-b", wrong);
    assert.equal(isSpared("b"), false);
  }
});

test("somebody else's widget is out of the way while a pass spares it, and new with each form", () => {
  const form = /** @type {HTMLFormElement} */ (document.querySelector("form"));
  const widget = /** @type {HTMLElement} */ (document.querySelector(".h-captcha"));
  let resets = 0;
  Object.assign(globalThis, { hcaptcha: { reset: () => resets++ } });
  posted({ posts: 1, expires: tomorrow });
  resetForeign(form);
  assert.equal(widget.hidden, true);
  posted();
  resetForeign(form);
  assert.equal(widget.hidden, false);
  assert.equal(resets, 2);
});
