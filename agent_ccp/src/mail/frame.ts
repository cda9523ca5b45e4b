// The document an e-mail's HTML is shown in. It goes into <iframe sandbox="" srcdoc>: no scripts,
// no forms, no origin; the policy below also stops every request, so that opening a mail tells
// its sender nothing until the agent asks for the images.

export const FRAME_POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'";

// Only https: can be asked for: over http: anybody on the way could read along.
const WITH_IMAGES = FRAME_POLICY.replace('img-src data:', 'img-src https: data:');

// A mail is drawn on white paper in both modes: its colours were chosen for that.
const PAPER =
  ':root{color-scheme:light}' +
  'html{background:#fff}' +
  'body{margin:12px 16px;font:14px/1.5 "Open Sans","Helvetica Neue",Roboto,Arial,sans-serif;' +
  'color:#0f141a;overflow-wrap:anywhere}' +
  'img,table{max-width:100%}img{height:auto}pre{white-space:pre-wrap}' +
  'blockquote{margin:0 0 0 8px;padding-left:12px;border-left:3px solid #c6c6cd}';

/** Links open nowhere: the sandbox has no pop-ups and the base target keeps the frame in place. */
export function frameDocument(html: string, remoteImages = false): string {
  return (
    '<!doctype html><html dir="auto"><head><meta charset="utf-8">' +
    `<meta http-equiv="Content-Security-Policy" content="${remoteImages ? WITH_IMAGES : FRAME_POLICY}">` +
    `<meta name="referrer" content="no-referrer"><base target="_blank"><style>${PAPER}</style>` +
    `</head><body>${html}</body></html>`
  );
}

/** A first guess in pixels at the height a mail needs; the frame cannot be measured from outside. */
export function likelyHeight(text: string, html: string): number {
  const lines = text.split('\n').reduce((sum, line) => sum + 1 + Math.floor(line.length / 90), 0);
  const blocks = (html.match(/<(?:img|tr|h[1-3]|li)\b/gi) ?? []).length;
  return Math.min(640, Math.max(140, 40 + lines * 21 + blocks * 12));
}
