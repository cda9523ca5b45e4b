// Puts a file into the store. XMLHttpRequest, since fetch tells nothing of an upload's progress.

/** The browser sets these itself and refuses to be told. */
const FORBIDDEN = new Set(['content-length', 'host']);

export interface Running {
  readonly done: Promise<void>;
  readonly stop: () => void;
}

export function putFile(
  url: string,
  headers: Readonly<Record<string, string>>,
  file: Blob,
  onProgress: (share: number) => void,
): Running {
  const request = new XMLHttpRequest();
  const done = new Promise<void>((resolve, reject) => {
    request.open('PUT', url);
    for (const [name, value] of Object.entries(headers)) {
      if (!FORBIDDEN.has(name.toLowerCase())) request.setRequestHeader(name, value);
    }
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new Error(`The store answered ${request.status}.`));
    };
    request.onerror = () => reject(new Error('The connection broke.'));
    request.onabort = () => reject(new Error('Stopped.'));
    request.send(file);
  });
  return { done, stop: () => request.abort() };
}

/** A file's bytes as a data: URL; the page's policy has no blob:. */
export function dataUrl(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error('The file cannot be read.'));
    reader.readAsDataURL(file);
  });
}

/** The file in a data: URL, or null when it is none. */
export function fileOfDataUrl(url: string): File | null {
  const [, type = '', base64, data = ''] = /^data:([\w.+-]+\/[\w.+-]+)?(;base64)?,(.*)$/s.exec(url) ?? [];
  if (!type || !base64) return null;
  try {
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    return new File([bytes], `image.${type.split('/')[1] ?? 'png'}`, { type });
  } catch {
    return null;
  }
}
