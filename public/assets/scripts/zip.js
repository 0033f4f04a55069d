/**
 * A ZIP archive, made in the browser: files one after the other, as they are. Pictures and films are
 * compressed already.
 *
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (6.3.10, read 2026-11-29)
 */

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
/** Names are UTF-8. */
const FLAGS = 0x0800;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;

/** Of each byte, what it adds to a sum (CRC-32, ISO 3309). */
const SUMS = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) {
    sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return sum;
});

/** @param {Uint8Array} bytes */
export function crc32(bytes) {
  let sum = -1;
  for (const byte of bytes) {
    sum = SUMS[(sum ^ byte) & 0xff] ^ (sum >>> 8);
  }
  return (sum ^ -1) >>> 0;
}

/** An archive that grows file by file; what was added is handed to the browser, which may put it on disk. */
export class Zip {
  /** @param {Date} now the time of all its files */
  constructor(now) {
    /** @type {BlobPart[]} */
    this.parts = [];
    /** @type {BlobPart[]} */
    this.directory = [];
    this.directoryBytes = 0;
    this.bytes = 0;
    this.files = 0;
    this.time = (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1);
    this.date = ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate();
  }

  /**
   * @param {string} name 'files/1795500950388 lake.jpg'
   * @param {Uint8Array<ArrayBuffer>} body
   */
  add(name, body) {
    const named = new TextEncoder().encode(name);
    const sum = crc32(body);
    const local = new DataView(new ArrayBuffer(LOCAL_BYTES));
    local.setUint32(0, LOCAL, true);
    this.describe(local, 4, sum, body.length, named.length);
    const central = new DataView(new ArrayBuffer(CENTRAL_BYTES));
    central.setUint32(0, CENTRAL, true);
    central.setUint16(4, VERSION, true);
    this.describe(central, 6, sum, body.length, named.length);
    central.setUint32(42, this.bytes, true);
    this.parts.push(local, named, new Blob([body]));
    this.directory.push(central, named);
    this.bytes += LOCAL_BYTES + named.length + body.length;
    this.directoryBytes += CENTRAL_BYTES + named.length;
    this.files += 1;
  }

  /**
   * What both headers of a file say.
   *
   * @param {DataView} header
   * @param {number} at
   * @param {number} sum
   * @param {number} bytes
   * @param {number} nameBytes
   */
  describe(header, at, sum, bytes, nameBytes) {
    header.setUint16(at, VERSION, true);
    header.setUint16(at + 2, FLAGS, true);
    // 0 at at + 4: stored as it is.
    header.setUint16(at + 6, this.time, true);
    header.setUint16(at + 8, this.date, true);
    header.setUint32(at + 10, sum, true);
    header.setUint32(at + 14, bytes, true);
    header.setUint32(at + 18, bytes, true);
    header.setUint16(at + 22, nameBytes, true);
  }

  /** @returns {Blob} */
  whole() {
    const end = new DataView(new ArrayBuffer(END_BYTES));
    end.setUint32(0, END, true);
    end.setUint16(8, this.files, true);
    end.setUint16(10, this.files, true);
    end.setUint32(12, this.directoryBytes, true);
    end.setUint32(16, this.bytes, true);
    return new Blob([...this.parts, ...this.directory, end], { type: "application/zip" });
  }
}

/**
 * A name that is safe in a folder of any system, whatever a poster called the file.
 *
 * SECURITY: no path, no drive, nothing hidden, no letters that turn the writing's direction (an
 * ".exe" could look like a ".jpg"), no device of Windows.
 *
 * @param {string} name
 * @returns {string} '' when nothing is left of it
 */
export function safeName(name) {
  const cleaned = name
    .normalize("NFC")
    .replace(/\s+/g, " ")
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, "")
    .replace(/[\\/:*?"<>|%#]/g, "_")
    .replace(/^[. ]+|[. ]+$/g, "");
  const dot = cleaned.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [cleaned.slice(0, dot), cleaned.slice(dot)] : [cleaned, ""];
  return [...stem].slice(0, 60).join("") + [...ending].slice(0, 10).join("");
}
