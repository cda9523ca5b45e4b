/**
 * Opens a presigned link. The store answers with an attachment, which the browser saves; should
 * it answer with an error instead, that shows in a tab of its own and this page stays.
 */
export function download(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  link.click();
}
