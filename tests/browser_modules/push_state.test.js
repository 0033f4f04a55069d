import assert from "node:assert/strict";
import { test } from "node:test";

import { keyBytes, threadsIn } from "../../public/assets/scripts/push_state.js";

test("what is kept of threads is taken as far as it is whole", () => {
  const whole = { every: true, own: [1, 2], at: 5, endpoint: "https://push.example/x" };
  assert.deepEqual(threadsIn({ "b/1": whole, "b/2": { every: true }, nonsense: whole, "b/3": null }), { "b/1": whole });
  for (const other of [null, 1, "x", undefined]) {
    assert.deepEqual(threadsIn(other), {});
  }
});

test("the board's key is read as addresses write it", () => {
  assert.deepEqual([...keyBytes("-_8A")], [251, 255, 0]);
});
