// Thumbnails, by codecs in plain JavaScript: some hundred milliseconds of one processor for a photo.

import { respond } from 'isthmus/fastify';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';

class UnreadableImage extends Error {
  statusCode = 415;
}

const PNG_SIGNATURE = 0x89504e47;

function decode(bytes) {
  try {
    const isPng = bytes.readUInt32BE(0) === PNG_SIGNATURE;
    return isPng
      ? PNG.sync.read(bytes)
      : jpeg.decode(bytes, { maxResolutionInMP: 50, maxMemoryUsageInMB: 512 });
  } catch (cause) {
    throw new UnreadableImage('That is no PNG and no JPEG that can be read.', { cause });
  }
}

/** Each pixel is the mean of those that it stands for; `newWidth` is no more than the width. */
function resize({ width, height, data }, newWidth) {
  const scale = width / newWidth;
  const newHeight = Math.max(1, Math.round(height / scale));
  const small = Buffer.alloc(newWidth * newHeight * 4);
  for (let y = 0; y < newHeight; y++) {
    const [top, bottom] = [Math.floor(y * scale), Math.min(height, Math.floor((y + 1) * scale))];
    for (let x = 0; x < newWidth; x++) {
      const [left, right] = [Math.floor(x * scale), Math.floor((x + 1) * scale)];
      const sums = [0, 0, 0, 0];
      let count = 0;
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++, count++) {
          for (let c = 0; c < 4; c++) sums[c] += data[(row * width + column) * 4 + c];
        }
      }
      for (let c = 0; c < 4; c++) small[(y * newWidth + x) * 4 + c] = sums[c] / count;
    }
  }
  return { width: newWidth, height: newHeight, data: small };
}

/** A PNG or a JPEG in, a JPEG out, no wider than was asked for. */
export function thumbnail({ params, body }) {
  const image = decode(body);
  const width = Math.max(1, Math.min(Math.trunc(params.width) || 100, image.width));
  const { data } = jpeg.encode(resize(image, width), 90);
  return respond({ headers: { 'content-type': 'image/jpeg' }, body: data });
}
