// Pictures for the editor: small enough that typing beside them stays quick.
import { dataUrl } from './upload';

const SMALL_BYTES = 300_000;
const LONGEST_EDGE = 1200;
/** As wide as a column of text is in most mail programs. */
const WIDEST = 600;

export interface Preview {
  readonly src: string;
  /** In CSS pixels, as it is to be shown to the recipient. */
  readonly width: number;
}

/** The image for the screen; what is sent is the file itself. Rejects when it is no image. */
export async function preview(file: Blob): Promise<Preview> {
  const bitmap = await createImageBitmap(file);
  const width = Math.min(bitmap.width, WIDEST);
  if (file.size <= SMALL_BYTES) return { src: await dataUrl(file), width };
  const scale = Math.min(1, LONGEST_EDGE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const type = file.type === 'image/jpeg' ? 'image/jpeg' : 'image/webp';
  return { src: canvas.toDataURL(type, 0.85), width };
}
