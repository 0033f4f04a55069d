import assert from "node:assert/strict";
import { test } from "node:test";

import { crc32, safeName } from "../../public/assets/scripts/zip.js";

test("a sum is that of CRC-32", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
  assert.equal(crc32(new Uint8Array()), 0);
});

test("no name of a file leads out of its folder or looks like another", () => {
  for (const [name, safe] of [
    ["lake at dawn.jpg", "lake at dawn.jpg"], ["../../etc/x", "_.._etc_x"], ["C:\\x.png", "C__x.png"], ["\u202egnp.exe", "gnp.exe"],
    ["...", ""], [" a\n\tb .png ", "a b .png"], ["湖".repeat(200) + ".png", "湖".repeat(60) + ".png"], ["a%2Fb#c?.png", "a_2Fb_c_.png"],
  ]) {
    assert.equal(safeName(name), safe);
  }
});
