import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { WORDS } from '../../compose/words';

export function CopyText({ text }: { readonly text: string }) {
  const [done, setDone] = useState<'' | 'copied' | 'refused'>('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setDone('copied');
    } catch {
      setDone('refused');
    }
  };
  return (
    <>
      <Button onClick={() => void copy()}>{WORDS.over.copy}</Button>
      <span role="status">{done && (done === 'copied' ? WORDS.over.copied : WORDS.over.notCopied)}</span>
    </>
  );
}
