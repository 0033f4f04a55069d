/** Pictures that a board would not take, made smaller or of another kind until it does. */

const TRIES = [
  { scale: 1, quality: 0.9 },
  { scale: 1, quality: 0.75 },
  { scale: 0.7, quality: 0.8 },
  { scale: 0.5, quality: 0.8 },
  { scale: 0.3, quality: 0.7 },
];
const TYPE = "image/jpeg";
/** Beyond it phones end the page. */
const SIDE_PX_MAX = 8192;

/**
 * @param {File} file
 * @param {number} bytesMax
 * @returns {Promise<File | null>} null: it is no picture that this browser reads, one that moves, or it stays too
 *   large
 */
export async function smaller(file, bytesMax) {
  if (!file.type.startsWith("image/") || file.type === "image/gif" || file.type === "image/svg+xml") {
    return null;
  }
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (bitmap === null) {
    return null;
  }
  try {
    for (const { scale, quality } of TRIES) {
      const made = await drawn(bitmap, scale, quality);
      if (made && made.size <= bytesMax) {
        const name = file.name.replace(/\.[^.]*$/, "");
        return new File([made], `${name}.jpg`, { type: TYPE, lastModified: file.lastModified });
      }
    }
    return null;
  } finally {
    bitmap.close();
  }
}

/**
 * @param {ImageBitmap} bitmap
 * @param {number} scale
 * @param {number} quality
 * @returns {Promise<Blob | null>}
 */
function drawn(bitmap, scale, quality) {
  const fit = Math.min(scale, SIDE_PX_MAX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * fit));
  canvas.height = Math.max(1, Math.round(bitmap.height * fit));
  const brush = canvas.getContext("2d");
  if (!brush) {
    return Promise.resolve(null);
  }
  // What lets the ground shine through has none in a JPEG.
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, TYPE, quality));
}
