/**
 * Runs cdn/edge/worker.mjs in workerd until standard input ends.
 *
 * Usage: node serve.mjs WORKER OUTSIDE [CAPTCHA [RENAMED_BOARDS]], where OUTSIDE (host:port) is all that the Worker can reach,
 * whatever it asks for. Prints the address it listens on. `CF-Options` tells OUTSIDE which of
 * Cloudflare's options a request was made with.
 */

import { createRequire } from "node:module";

const [worker, outside, captcha = "", renamed = ""] = process.argv.slice(2);
const { Miniflare } = createRequire(worker)("miniflare");

const edge = new Miniflare({
  host: "127.0.0.1",
  port: 0,
  modules: true,
  scriptPath: worker,
  compatibilityDate: "2025-06-01",
  bindings: {
    SITE_URL: "http://board.example",
    FILES_URL: "http://files.board.example",
    CAPTCHA: captcha,
    RENAMED_BOARDS: renamed,
  },
  outboundService: { external: { address: outside, http: { cfBlobHeader: "CF-Options" } } },
});
console.log((await edge.ready).host);
process.stdin.resume();
process.stdin.on("end", () => edge.dispose());
